//! What is wrong with a run before anything is begun.

use std::path::Path;

use super::select::{self, no_machine, only};
use super::{RunAction, RunOptions, checked_input};
use crate::ops::Error;
use crate::ops::session::Session;
use crate::plan::Owned;
use crate::stack::Kind;

/// Whether the file or the input of a run can be used.
///
/// # Errors
/// There is no such file, or the input is not JSON.
pub fn check_run(action: &RunAction) -> Result<(), Error> {
    checked_input(action).map(drop)
}

/// Whether a stack with these resources has what a run needs, without a call.
///
/// # Errors
/// It has no state machine, or not the one that is named, or several and none is named; to put a file: it has no bucket, or
/// no rule.
pub fn check_run_of(
    session: &Session,
    options: &RunOptions,
    resources: &[Owned],
) -> Result<(), Error> {
    let (_, possible) = options.stack.name_and_kinds(session)?;
    let in_file = |kind| options.stack.is_file() && possible.is_declared(kind);
    let commands = session.commands().about(&options.stack);
    if let Some(why) = no_machine(resources, in_file(Kind::StateMachine), &commands) {
        return Err(Error::Usage(why));
    }
    only(resources, Kind::StateMachine, options.machine.as_deref())?;
    let RunAction::Put { file, bucket, .. } = &options.action else {
        return Ok(());
    };
    let has = |kind| resources.iter().any(|one| one.kind == kind);
    for kind in [Kind::Bucket, Kind::Rule] {
        if !has(kind) && in_file(kind) {
            let deploy = commands.write("deploy", &[]);
            return Err(Error::Usage(format!(
                "the stack has no {kind} that is deployed, though its file has one; `{deploy}` deploys what is missing"
            )));
        }
    }
    select::bucket(resources, bucket.as_deref(), || input_of(file))?;
    if !has(Kind::Rule) {
        return Err(Error::Usage(format!(
            "the stack has no rule that starts its state machine for a file; to start it with the file's content as its \
             input: {}",
            input_of(file)
        )));
    }
    Ok(())
}

fn input_of(file: &Path) -> String {
    format!("--input @{}", file.display())
}
