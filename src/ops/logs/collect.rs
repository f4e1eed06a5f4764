//! The lines of one execution, or since a time, as a list.

use std::time::SystemTime;

use super::sources::sources;
use super::{AFTER, Chosen, LogsOptions, at, millis};
use crate::aws::invocations::invocations;
use crate::aws::logs::Tail;
use crate::ops::run::RunContext;
use crate::ops::{CheckLogLine, Error, StackRef};

/// The most lines that are kept.
const MOST: usize = 2_000;

/// What the stack's functions and machines logged since a time; of an execution (its ARN, and when it ended) only what
/// belongs to it. What Lambda itself says of each call is left out, unless it is of a failure.
///
/// # Errors
/// A call fails.
pub(in crate::ops) async fn collected(
    run: &RunContext<'_>,
    since: SystemTime,
    of: Option<(&str, Option<f64>)>,
) -> Result<Vec<CheckLogLine>, Error> {
    let options = LogsOptions {
        stack: StackRef::Name(run.stack.to_owned()),
        follow: false,
        since: None,
        functions: Vec::new(),
        machine: None,
        execution: None,
    };
    let sources = sources(&options, run.resources)?;
    let (mut chosen, mut until) = (None, None);
    if let Some((execution, ended)) = of {
        until = ended.map(|ended| millis(at(ended + AFTER)));
        let invocations = invocations(run.aws, execution).await?;
        chosen = Some(Chosen::new(invocations, &sources, run.resources));
    }
    let groups: Vec<String> = sources.iter().map(|source| source.group.clone()).collect();
    let mut tail = Tail::of(&groups, millis(since), until);
    let mut lines = Vec::new();
    while let Some((number, line)) = tail.next(run.aws).await? {
        let belongs = chosen.as_mut().is_none_or(|one| one.has(number, &line));
        let Some(source) = sources
            .get(number)
            .filter(|_| belongs && !is_routine(&line.message))
        else {
            continue;
        };
        if lines.len() == MOST {
            lines.remove(0);
        }
        lines.push(CheckLogLine {
            key: source.key.clone(),
            message: line.message,
        });
    }
    Ok(lines)
}

/// What Lambda says of every call.
fn is_routine(message: &str) -> bool {
    let begins = [
        "START RequestId:",
        "END RequestId:",
        "INIT_START ",
        "XRAY TraceId:",
    ];
    begins.iter().any(|begin| message.starts_with(begin))
        || message.trim().is_empty()
        || (message.starts_with("REPORT RequestId:") && !message.contains("Status: "))
}
