//! Selects the resources and executions of a stack that the options mean.

use super::RunContext;
use crate::aws::executions::{self, Execution, MachineDescription};
use crate::engine::{Leftover, ProviderError, is_journal_name};
use crate::ops::Error;
use crate::ops::command::Commands;
use crate::plan::Owned;
use crate::stack::Kind;

/// The resources of a kind that the stack file declares.
fn declared(resources: &[Owned], kind: Kind) -> Vec<&Owned> {
    resources
        .iter()
        .filter(|owned| owned.kind == kind && owned.address.of_owner().is_none())
        .collect()
}

fn keys(declared: &[&Owned]) -> String {
    let keys: Vec<&str> = declared.iter().map(|owned| owned.address.key()).collect();
    keys.join(", ")
}

/// The name of the one resource of a kind that the stack file declares, or of the one with this key.
pub(in crate::ops) fn only(
    resources: &[Owned],
    kind: Kind,
    key: Option<&str>,
) -> Result<String, Error> {
    let all = declared(resources, kind);
    match (key, all.as_slice()) {
        (None, [only]) => Ok(only.name.clone()),
        (None, []) => Err(Error::Usage(format!("the stack has no {kind}"))),
        (None, all) => Err(Error::Usage(format!(
            "the stack has several {kind}s: name one with {} (one of {})",
            option(kind),
            keys(all)
        ))),
        (Some(key), _) => keyed(&all, kind, key),
    }
}

/// The name of the bucket that a file is put into.
pub(super) fn bucket(
    resources: &[Owned],
    key: Option<&str>,
    start_with_file: impl FnOnce() -> String,
) -> Result<String, Error> {
    if declared(resources, Kind::Bucket).is_empty() {
        return Err(Error::Usage(format!(
            "the stack has no bucket to put the file into; to start the state machine with the file's content as its \
             input: `{}`",
            start_with_file()
        )));
    }
    only(resources, Kind::Bucket, key)
}

/// Why a stack has no state machine to run; `None` where it has one. `in_file` is whether its file declares one.
pub(super) fn no_machine(
    resources: &[Owned],
    in_file: bool,
    commands: &Commands,
) -> Option<String> {
    if !declared(resources, Kind::StateMachine).is_empty() {
        return None;
    }
    let none = "the stack has no state machine";
    let (deploy, destroy) = (
        commands.write("deploy", &[]),
        commands.write("destroy", &[]),
    );
    if resources
        .iter()
        .any(|owned| is_journal_name(owned.kind, &owned.name))
    {
        return Some(format!(
            "{none}: a destroy of it has begun and not ended; `{destroy}` finishes it, or then deploy it again: `{deploy}`"
        ));
    }
    Some(if in_file {
        format!(
            "{none} that is deployed, though its file has one; `{deploy}` deploys what is missing"
        )
    } else {
        none.to_owned()
    })
}

/// The names of the machines that are meant: the one with this key, or all.
pub(super) fn machines(resources: &[Owned], key: Option<&str>) -> Result<Vec<String>, Error> {
    let all = declared(resources, Kind::StateMachine);
    match key {
        Some(key) => Ok(vec![keyed(&all, Kind::StateMachine, key)?]),
        None if all.is_empty() => Err(Error::Usage("the stack has no state machine".to_owned())),
        None => Ok(all.iter().map(|owned| owned.name.clone()).collect()),
    }
}

fn keyed(all: &[&Owned], kind: Kind, key: &str) -> Result<String, Error> {
    if all.is_empty() {
        return Err(Error::Usage(format!("the stack has no {kind}")));
    }
    let found = all
        .iter()
        .find(|owned| owned.address.key() == key)
        .or_else(|| all.iter().find(|owned| owned.name == key));
    match found {
        Some(owned) => Ok(owned.name.clone()),
        None => Err(Error::Usage(format!(
            "the stack has no {kind} `{key}`; it has {}",
            keys(all)
        ))),
    }
}

fn option(kind: Kind) -> &'static str {
    match kind {
        Kind::Bucket => "--bucket",
        _ => "--machine",
    }
}

/// An execution's name, of its ARN.
pub(in crate::ops) fn name_of_execution(arn: &str) -> &str {
    let mut parts = arn.split(':').skip(5);
    match parts.next() {
        // arn:aws:states:REGION:ACCOUNT:express:MACHINE:NAME:ID
        Some("express") => parts.nth(1).unwrap_or(arn),
        _ => arn.rsplit(':').next().unwrap_or(arn),
    }
}

/// What an ARN says of an execution: its machine, and whether that is an express one.
fn of_arn(arn: &str) -> Option<(&str, bool)> {
    let mut parts = arn.split(':').skip(2);
    let (service, _, _) = (parts.next()?, parts.next()?, parts.next()?);
    let (what, machine) = (parts.next()?, parts.next()?);
    parts.next()?;
    match (service, what) {
        ("states", "execution") => Some((machine, false)),
        ("states", "express") => Some((machine, true)),
        _ => None,
    }
}

impl RunContext<'_> {
    /// The execution of this name or ARN.
    pub(in crate::ops) async fn execution(
        &self,
        machine: Option<&str>,
        execution: &str,
    ) -> Result<Execution, Error> {
        let machines = machines(self.resources, machine)?;
        if execution.starts_with("arn:") {
            let Some((of, express)) = of_arn(execution) else {
                return Err(Error::Usage(format!(
                    "`{execution}` is not an execution's ARN; they look like \
                     arn:aws:states:REGION:ACCOUNT:execution:MACHINE:NAME"
                )));
            };
            // A map run's executions are of `MACHINE/LABEL`.
            let of = of.split('/').next().unwrap_or(of);
            if !machines.iter().any(|name| name == of) {
                return Err(Error::Usage(format!(
                    "`{execution}` is an execution of {of}, and not of {}",
                    machines.join(" or ")
                )));
            }
            if express {
                return Err(no_history(of).into());
            }
            return match executions::describe(self.aws, execution).await? {
                Some(found) => Ok(found),
                None => Err(none(execution, &machines).into()),
            };
        }
        let known = self.describe_all(&machines).await?;
        for machine in known.iter().filter(|machine| !machine.express) {
            let arn = self.arn_of_execution(&machine.name, execution);
            if let Some(found) = executions::describe(self.aws, &arn).await? {
                return Ok(found);
            }
        }
        if known.iter().all(|machine| machine.express) {
            return Err(no_history(&machines.join(", ")).into());
        }
        Err(none(execution, &machines).into())
    }

    /// The ARN of a machine's execution.
    pub(super) fn arn_of_execution(&self, machine: &str, execution: &str) -> String {
        let arn = self.aws.arn(Kind::StateMachine, machine);
        let arn = arn.replacen(":stateMachine:", ":execution:", 1);
        format!("{arn}:{execution}")
    }

    /// What AWS says of these machines.
    pub(super) async fn describe_all(
        &self,
        machines: &[String],
    ) -> Result<Vec<MachineDescription>, ProviderError> {
        let looks = machines
            .iter()
            .map(|name| executions::describe_machine(self.aws, name));
        futures_util::future::try_join_all(looks).await
    }
}

/// The error for an express execution: AWS keeps no history of it.
pub(super) fn no_history(machine: &str) -> ProviderError {
    ProviderError::new(format!(
        "{machine} is an express machine: AWS keeps no history of its executions, and none can be listed, \
         followed or stopped"
    ))
    .help(
        "run it with --input, which shows its result; what it logged is shown by `treino logs` if the machine has \
         `logging`",
    )
    .with_leftover(Leftover::Nothing)
}

fn none(execution: &str, machines: &[String]) -> ProviderError {
    ProviderError::new(format!(
        "there is no execution `{execution}` of {}",
        machines.join(" or ")
    ))
    .help(
        "`treino run --list` shows what there is; AWS forgets an execution 90 days after its end, and names are \
         case-sensitive",
    )
    .with_leftover(Leftover::Nothing)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::StackRef;
    use crate::stack::{Address, DESTROYING};

    #[test]
    fn executions_are_known_by_their_arns() {
        let standard = "arn:aws:states:us-east-1:111122223333:execution:lab-main:first";
        assert_eq!(of_arn(standard), Some(("lab-main", false)));
        assert_eq!(name_of_execution(standard), "first");
        let express = "arn:aws:states:us-east-1:111122223333:express:lab-main:first:0-1";
        assert_eq!(of_arn(express), Some(("lab-main", true)));
        assert_eq!(name_of_execution(express), "first");
        assert_eq!(
            of_arn("arn:aws:states:us-east-1:1:stateMachine:lab-main"),
            None
        );
        assert_eq!(of_arn("arn:aws:s3:::bucket"), None);
    }

    #[test]
    fn a_stack_without_what_is_run_says_the_way_out() {
        let owned = |kind: Kind, name: &str| Owned {
            address: Address::new(kind, "main"),
            kind,
            name: name.to_owned(),
            tags: std::collections::BTreeMap::new(),
        };
        let commands = Commands::default().about(&StackRef::Name("lab".to_owned()));
        let table = owned(Kind::Table, "lab-main");
        let journal = owned(Kind::LogGroup, &format!("{DESTROYING}lab"));
        let machine = owned(Kind::StateMachine, "lab-main");
        let why = |resources: &[Owned], in_file| no_machine(resources, in_file, &commands);
        let none = Some("the stack has no state machine".to_owned());
        assert_eq!(why(std::slice::from_ref(&table), false), none);
        let half = why(&[table.clone(), journal], true).unwrap();
        assert!(
            half.contains("has begun and not ended; `treino destroy lab`"),
            "{half}"
        );
        let missing = why(std::slice::from_ref(&table), true).unwrap();
        assert!(missing.contains("`treino deploy"), "{missing}");
        assert_eq!(why(&[table.clone(), machine], true), None);
        let refused = bucket(&[table], None, || {
            "treino run lab --input @a.json".to_owned()
        });
        let refused = refused.unwrap_err().to_string();
        assert!(
            refused.ends_with("`treino run lab --input @a.json`"),
            "{refused}"
        );
    }
}
