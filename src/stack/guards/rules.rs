//! Stacks against guards.

use std::time::Duration;

use super::{Guards, GuardsFile};
use crate::source::{Diagnostic, Diagnostics, Node};
use crate::stack::in_days;
use crate::stack::{Loaded, SelfDestruct, StackLifetime};

/// The account of the local AWS where none is named: no account of AWS has this id.
const LOCAL_ACCOUNT: &str = "000000000000";

impl Guards {
    /// Whether a stack keeps to `require_expiry`. `command` is the lifetime that a command says in place of the file's.
    #[must_use]
    pub fn check_stack(&self, loaded: &Loaded, command: Option<StackLifetime>) -> Diagnostics {
        let mut found = Diagnostics::default();
        for path in &self.misnamed {
            let what = format!("`{}` is not read", path.display());
            found.push(Diagnostic::warning(what).help("rename it to `treino.yaml`"));
        }
        for (file, longest) in self.with_longest() {
            let by = file.named("require_expiry");
            let most = in_days(longest);
            let at = |key: &str, wrong: Diagnostic| {
                let node = loaded.root.get(key).or_else(|| loaded.root.get("stack"));
                let span = node.map_or(loaded.root.span, |node: &Node| node.span);
                wrong.at(&loaded.source, span)
            };
            let said = command.or_else(|| loaded.lifetime());
            let short = match said {
                Some(_) => format!("write `expires: {most}` or less"),
                None => {
                    format!("write `expires: {most}` or less, or say --expires {most} or less")
                }
            };
            let what = match said {
                Some(StackLifetime::For(time)) if time <= longest => None,
                Some(StackLifetime::For(time)) => Some(format!(
                    "{} is longer than {most}, the longest time that {by} allows",
                    in_days(time)
                )),
                Some(StackLifetime::Never) => Some(format!(
                    "a stack has to end here: {by} allows {most} at most"
                )),
                None => Some(format!(
                    "the stack has no `expires`: {by} requires one of {most} at most"
                )),
            };
            found.extend(what.map(|what| match command {
                Some(_) => {
                    Diagnostic::error_with_help(what, format!("say --expires {most} or less"))
                }
                None => at("expires", Diagnostic::error(what)).help(short),
            }));
            if loaded.file.self_destruct == SelfDestruct::Off {
                let what = format!(
                    "with `self_destruct: off` AWS does not delete the stack, as {by} requires"
                );
                let wrong = at("self_destruct", Diagnostic::error(what));
                found.push(wrong.help("remove `self_destruct: off`"));
            }
        }
        found
    }

    /// Whether a deployed stack may be given an end so long after now; without one, until it is destroyed.
    #[must_use]
    pub fn check_extension(&self, after: Option<Duration>) -> Diagnostics {
        let mut found = Diagnostics::default();
        for (file, longest) in self.with_longest() {
            let most = in_days(longest);
            let what = match after {
                Some(after) if after <= longest => continue,
                Some(after) => format!(
                    "the stack would end in {}, and {most} from now is allowed at most",
                    in_days(Duration::from_secs(after.as_secs().max(60) / 60 * 60))
                ),
                None => format!("the stack has to end: {most} from now is allowed at most"),
            };
            let wrong = Diagnostic::error(what).at(&file.source, file.place("require_expiry"));
            found.push(wrong.help(format!("extend it to {most} from now or less")));
        }
        found
    }

    /// Whether stacks may be deployed to a region.
    #[must_use]
    pub fn check_region(&self, region: &str) -> Diagnostics {
        let refused = self.files.iter().filter_map(|file| {
            let allowed = file.regions.as_ref()?;
            if allowed.iter().any(|one| one == region) {
                return None;
            }
            let what = format!("the region {region} is not allowed here");
            let wrong = Diagnostic::error(what).at(&file.source, file.place("regions"));
            let first = allowed.first().map_or("REGION", String::as_str);
            Some(wrong.help(format!("use one of these: --region {first}")))
        });
        refused.collect()
    }

    /// Whether stacks may be deployed to an account; the local AWS's own is always allowed.
    #[must_use]
    pub fn check_account(&self, account: &str) -> Diagnostics {
        let refused = self.files.iter().filter_map(|file| {
            let allowed = file.accounts.as_ref()?;
            if account == LOCAL_ACCOUNT || allowed.iter().any(|one| one == account) {
                return None;
            }
            let what = format!("the account {account} is not allowed here");
            let wrong = Diagnostic::error(what).at(&file.source, file.place("accounts"));
            Some(wrong.help("use credentials of one of these: --profile NAME, or AWS_PROFILE"))
        });
        refused.collect()
    }

    /// Whether stacks may be deployed to an account and a region.
    #[must_use]
    pub fn check_place(&self, account: &str, region: &str) -> Diagnostics {
        let mut found = self.check_account(account);
        found.extend(self.check_region(region));
        found
    }

    fn with_longest(&self) -> impl Iterator<Item = (&GuardsFile, Duration)> {
        let files = self.files.iter();
        files.filter_map(|file| Some((file, file.longest?)))
    }
}
