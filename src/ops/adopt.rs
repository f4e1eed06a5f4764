//! Adopting resources: which ones, and from which owner.

use std::collections::BTreeSet;

use super::frontend::Reporter;
use super::{Error, shell_word};
use crate::plan::{ActualState, Ownership, Plan, Step};
use crate::source::{Diagnostic, Diagnostics};
use crate::stack::{self, Address, DesiredState, ExternalInputs};

/// Which resources are taken over.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Adoption {
    /// Addresses (`table.metadata`): the resource that holds the address's name is taken over.
    pub adopt: Vec<String>,
    /// `STACK` or `STACK:OWNER`: whose resources may be taken over without asking, where they carry
    /// another's mark.
    pub take_from: Vec<String>,
}

impl Adoption {
    /// The addresses named, each of which the stack has.
    pub(super) fn addresses(&self, desired: &DesiredState) -> Result<BTreeSet<Address>, Error> {
        let known: Vec<&str> = desired.resources.keys().map(Address::as_str).collect();
        let unknown: Vec<Diagnostic> = self
            .adopt
            .iter()
            .filter(|name| !known.contains(&name.as_str()))
            .map(|name| {
                Diagnostic::error(format!("--adopt {name}: the stack has no such address"))
                    .help(stack::did_you_mean(name, &known))
            })
            .collect();
        if !unknown.is_empty() {
            return Err(Diagnostics(unknown).into());
        }
        Ok(self
            .adopt
            .iter()
            .map(|name| Address::from_tag(name))
            .collect())
    }

    /// Checks that a resource to adopt exists under the name of each address. A missing one is an error:
    /// the user expects it to exist, so treino does not create it.
    pub(super) fn check_present(
        &self,
        desired: &DesiredState,
        actual: &ActualState,
    ) -> Result<(), Error> {
        let target = &desired.target;
        let there = |address: &Address| {
            actual.live.contains_key(address) || actual.elsewhere.contains_key(address)
        };
        let named = desired.resources.values();
        let missing: Vec<Diagnostic> = named
            .filter(|want| self.adopt.iter().any(|name| name == want.address.as_str()))
            .filter(|want| !there(&want.address))
            .map(|want| {
                let (kind, name) = (want.kind, &want.name);
                let (region, account) = (&target.region, &target.account);
                let what = format!(
                    "--adopt {}: there is no {kind} {name} in {region}, account {account}",
                    want.address
                );
                Diagnostic::error(what).help(
                    "leave it out to have a new one made; or check region, profile, `--owner` and its `name:`",
                )
            })
            .collect();
        if missing.is_empty() {
            return Ok(());
        }
        Err(Diagnostics(missing).into())
    }

    /// Warns of options without effect. They are no error, as the same command may be run again.
    pub(super) fn warn_of_needless(&self, plan: &Plan, out: &Reporter<'_>) {
        let mut seen = BTreeSet::new();
        for name in &self.adopt {
            let step = plan.steps.iter().find(|step| step.address.as_str() == name);
            let ours = step.is_some_and(|step| step.want.is_some() && step.adopted_from.is_none());
            if !seen.insert(name) {
                out.warn(format!("--adopt {name} is given more than once"));
            } else if ours {
                out.warn(format!(
                    "--adopt {name} is not needed: it is this stack's already"
                ));
            }
        }
        let owners: BTreeSet<String> = adopted(plan)
            .filter_map(|(_, from)| from.take_from_argument())
            .collect();
        for from in self.take_from.iter().filter(|from| !owners.contains(*from)) {
            out.warn(format!("--take-from {from}: nothing of it is taken over"));
        }
    }

    /// Whether all that is taken from somebody may be taken without asking.
    pub(super) fn check_unasked(&self, plan: &Plan) -> Result<(), Error> {
        let mut missing = BTreeSet::new();
        let mut whose = Vec::new();
        for (step, from) in adopted(plan) {
            if let Some(others) = from.take_from_argument()
                && !self.take_from.contains(&others)
            {
                whose.push(format!(
                    "{} ({} {}): {from}",
                    step.address, step.kind, step.name
                ));
                missing.insert(others);
            }
        }
        if missing.is_empty() {
            return Ok(());
        }
        let flags = missing
            .iter()
            .map(|from| format!("--take-from {}", shell_word(from)));
        let flags: Vec<String> = flags.collect();
        Err(Error::Usage(format!(
            "what is somebody's is not taken over without asking, whatever `--yes` says: {}. If you mean it, add {}",
            whose.join("; "),
            flags.join(" ")
        )))
    }
}

/// The question before a deploy; what is taken from somebody is named in it, and from the user.
pub(super) fn question(plan: &Plan, reads: &ExternalInputs) -> String {
    let from = adopted(plan).filter(|(_, from)| from.take_from_argument().is_some());
    let mut more: Vec<String> = from
        .map(|(step, from)| format!("take {} {}", step.address, from.from()))
        .collect();
    if plan.another_file {
        more.push(format!(
            "delete all that was deployed as {} from another file",
            plan.target.stack
        ));
    }
    let variables = reads.environment.iter();
    let variables: BTreeSet<&str> = variables.map(|one| one.variable.as_str()).collect();
    if !variables.is_empty() {
        let variables: Vec<&str> = variables.into_iter().collect();
        more.push(format!("use {} of your environment", variables.join(", ")));
    }
    let outside = reads.outside.iter().map(|one| one.path.as_str());
    let files: Vec<&str> = outside
        .chain(reads.secrets.iter().map(String::as_str))
        .collect();
    if !files.is_empty() {
        more.push(format!("read {}", files.join(", ")));
    }
    if more.is_empty() {
        return "make these changes?".to_owned();
    }
    format!("make these changes, and {}?", more.join(", and "))
}

/// The steps that adopt a resource, each with its previous owner.
fn adopted(plan: &Plan) -> impl Iterator<Item = (&Step, &Ownership)> {
    let steps = plan.steps.iter();
    steps.filter_map(|step| Some((step, step.adopted_from.as_ref()?)))
}
