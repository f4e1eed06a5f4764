//! Where a stack's functions and state machines log.

use super::LogsOptions;
use crate::ops::{Error, LogSource};
use crate::plan::Owned;
use crate::stack::Kind;

/// The log groups that are meant, by the keys of what logs there.
pub(super) fn sources(options: &LogsOptions, resources: &[Owned]) -> Result<Vec<LogSource>, Error> {
    let mut sources: Vec<LogSource> = Vec::new();
    for owned in resources {
        let key = owned.address.key().to_owned();
        let (group, kind) = match owned.kind {
            // Lambda creates the log group if the stack does not.
            Kind::Function => (format!("/aws/lambda/{}", owned.name), Kind::Function),
            Kind::LogGroup => {
                let noun = owned.address.as_str().split('.').next().unwrap_or_default();
                let kind = Kind::of_noun(noun).unwrap_or(Kind::LogGroup);
                (owned.name.clone(), kind)
            }
            _ => continue,
        };
        if !sources.iter().any(|source| source.group == group) {
            sources.push(LogSource { group, kind, key });
        }
    }
    let keys = |kind: Kind| {
        let of_kind = sources.iter().filter(move |source| source.kind == kind);
        of_kind
            .map(|source| source.key.as_str())
            .collect::<Vec<_>>()
    };
    for key in &options.functions {
        if !keys(Kind::Function).contains(&key.as_str()) {
            return Err(unknown("function", key, &keys(Kind::Function)));
        }
    }
    let machine = options.machine.as_deref();
    if let Some(key) = machine.filter(|_| options.execution.is_none()) {
        let machines = resources.iter();
        let machines = machines.filter(|owned| owned.kind == Kind::StateMachine);
        let machines: Vec<&str> = machines.map(|owned| owned.address.key()).collect();
        if !machines.contains(&key) {
            return Err(unknown("state machine", key, &machines));
        }
        if !keys(Kind::StateMachine).contains(&key) {
            return Err(Error::Usage(format!(
                "the state machine `{key}` does not log: with `logging: all` in the stack file it does, from the next \
                 deploy on; the history of its executions is there without: `treino run --list --machine={key}`"
            )));
        }
        sources.retain(|source| source.kind == Kind::StateMachine && source.key == key);
    }
    if !options.functions.is_empty() {
        sources.retain(|source| {
            source.kind == Kind::Function && options.functions.contains(&source.key)
        });
    }
    sources.sort_by(|a, b| a.key.cmp(&b.key));
    Ok(sources)
}

fn unknown(what: &str, key: &str, has: &[&str]) -> Error {
    let has = match has {
        [] => "it has none".to_owned(),
        has => format!("it has {}", has.join(", ")),
    };
    Error::Usage(format!("the stack has no {what} `{key}`; {has}"))
}
