//! ARNs and URLs of queues that are written out in a definition, where the stack makes the resource that is meant.

use std::sync::Arc;

use crate::asl::placeholder::place_of;
use crate::source::{Diagnostic, Node, Source};
use crate::stack::expand::Expansion;
use crate::stack::expand::regions::is_of_another;
use crate::stack::{EXAMPLE_ACCOUNT, Kind, Missing, Resource, reference};

/// Kinds whose ARNs have a region and an account.
const WITH_PLACE: [Kind; 7] = [
    Kind::Function,
    Kind::StateMachine,
    Kind::Table,
    Kind::Queue,
    Kind::Topic,
    Kind::Connection,
    Kind::Rule,
];

impl Expansion<'_> {
    /// Warns of what another account or region has under the name of a resource of this stack, and of the account of
    /// AWS's examples.
    pub(super) fn check_literals(&mut self) {
        // The stack is expanded once more, when its account is known.
        if self.is_example() && self.given.missing != Missing::Later {
            return;
        }
        let mut found: Vec<Diagnostic> = Vec::new();
        for (_, definition) in self.definition_uses() {
            self.visit_literals(&definition.source, &definition.root, &mut found);
        }
        for diagnostic in found {
            if !self.diagnostics.0.contains(&diagnostic) {
                self.diagnostics.push(diagnostic);
            }
        }
    }

    /// Whether the account is not known yet.
    fn is_example(&self) -> bool {
        self.target.account == EXAMPLE_ACCOUNT
    }

    fn visit_literals(&self, source: &Arc<Source>, node: &Node, found: &mut Vec<Diagnostic>) {
        if let Some(text) = node.as_str()
            && reference::find(text).is_empty()
            && let Some((message, help)) = self.literal(text)
        {
            found.push(
                Diagnostic::warning(message)
                    .at(source, node.span)
                    .help(help),
            );
        }
        for item in node.items() {
            self.visit_literals(source, item, found);
        }
        for entry in node.entries() {
            if entry.key != "Comment" {
                self.visit_literals(source, &entry.value, found);
            }
        }
    }

    /// The resource of the stack that an ARN or URL has the name (`true`) or key (`false`) of, and what to write.
    pub(super) fn own(&self, text: &str) -> Option<(&Resource, bool, String)> {
        let mut resources = self.resources.values();
        let (resource, by_name) = resources.find_map(|one| Some((one, is_meant(one, text)?)))?;
        let attribute = if text.starts_with("https:") {
            "url"
        } else {
            "arn"
        };
        let help = format!("write \"${{{}.{attribute}}}\"", resource.address.key());
        Some((resource, by_name, help))
    }

    fn literal(&self, text: &str) -> Option<(String, String)> {
        let (region, account) = place_of(text)?;
        let target = self.target;
        if is_of_another(text, &target.partition) {
            return None;
        }
        let own = self.own(text);
        let help = own.as_ref().map(|(_, _, help)| help.clone());
        if account == EXAMPLE_ACCOUNT {
            let is_real = !self.is_example() && target.account == account;
            let help =
                help.unwrap_or_else(|| "write ${account}, or the account that is meant".to_owned());
            let message = format!("{EXAMPLE_ACCOUNT} is the account of AWS's examples");
            return (!is_real).then_some((message, help));
        }
        let (resource, by_name, _) = own?;
        let is_elsewhere = region != target.region || account != target.account;
        let is_another = if by_name {
            !self.is_example() && is_elsewhere
        } else {
            true
        };
        let kind = resource.kind;
        is_another.then(|| {
            let message = format!(
                "this is not the {kind} `{}` of the stack, but one of account {account} in {region}",
                resource.address.key()
            );
            (message, help.unwrap_or_default())
        })
    }
}

/// Whether an ARN or URL has the name of a resource of the stack (`true`), or its key alone (`false`); `None` if
/// neither.
fn is_meant(resource: &Resource, text: &str) -> Option<bool> {
    if !WITH_PLACE.contains(&resource.kind) || resource.address.of_owner().is_some() {
        return None;
    }
    let key = resource.address.key();
    let is = |name: &str| match () {
        () if name == resource.name => Some(true),
        () if name == key => Some(false),
        () => None,
    };
    if text.starts_with("https://sqs.") {
        return is(text.rsplit('/').next()?).filter(|_| resource.kind == Kind::Queue);
    }
    let service = |arn: &str| arn.split(':').nth(2).map(str::to_owned);
    if service(text) != service(&resource.arn) {
        return None;
    }
    let own = resource.arn.splitn(6, ':').nth(5)?;
    let before_name = own.split(resource.name.as_str()).next()?;
    let rest = text.splitn(6, ':').nth(5)?.strip_prefix(before_name)?;
    is(rest.split([':', '/']).next()?)
}
