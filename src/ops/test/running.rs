//! Running the checks of one copy of a stack.

use std::collections::BTreeMap;
use std::path::Path;

use super::bench::Bench;
use super::{Tested, complete, not_run};
use crate::aws::AwsProvider;
use crate::ops::frontend::Reporter;
use crate::ops::run::RunContext;
use crate::ops::session::Session;
use crate::ops::stack_ref::StackRef;
use crate::ops::{CheckCounts, CheckResult, Error, TestEvent};
use crate::plan::Owned;
use crate::stack::{DesiredState, Loaded, StackCheck, Target};

/// A stack file with its checks, and what is deployed of it.
#[derive(Clone, Copy)]
pub(super) struct TestedCopy<'a> {
    pub(super) file: &'a Path,
    pub(super) set: &'a BTreeMap<String, String>,
    /// The checks that are meant; all without one.
    pub(super) names: &'a [String],
    pub(super) loaded: &'a Loaded,
    pub(super) resources: &'a [Owned],
    /// Whether the trail of a class is to record its objects.
    pub(super) sharing: bool,
    /// Whether it is destroyed afterwards.
    pub(super) destroy: bool,
}

/// Runs the checks one after the other. Returns what they came to, without the counts, and the stack as it is to be.
pub(super) async fn run(
    session: &Session,
    copy: &TestedCopy<'_>,
    (provider, target): (&AwsProvider, &Target),
    out: &Reporter<'_>,
) -> Result<(Tested, DesiredState), Error> {
    let (desired, _) = if copy.sharing {
        copy.loaded.expand_sharing_trail(target)?
    } else {
        copy.loaded.expand(target)?
    };
    session.masker().hide(desired.secrets.values());
    let is_chosen = |name: &String| copy.names.is_empty() || copy.names.contains(name);
    let checks = desired.checks.iter().filter(|(name, _)| is_chosen(name));
    let checks: Vec<&(String, StackCheck)> = checks.collect();
    out.send(TestEvent::TestsStarted {
        stack: target.stack.clone(),
        owner: target.owner.clone(),
        checks: checks.iter().map(|(name, _)| name.clone()).collect(),
    });
    let silent = out.silent();
    let run = RunContext {
        aws: &provider.0,
        out: &silent,
        is_local: session.is_local(),
        stack: &StackRef::File(copy.file.to_path_buf()).as_given(),
        resources: copy.resources,
        console: None,
        data: true,
    };
    let bench = Bench::new(session, &run, (copy, &desired));
    let mut tested = Tested {
        stack: target.stack.clone(),
        owner: target.owner.clone(),
        counts: CheckCounts::default(),
        results: Vec::new(),
        stopped: false,
    };
    for (name, check) in checks {
        if tested.stopped || check.acts().is_empty() {
            tested.results.push(not_run(name, check, copy.destroy));
            continue;
        }
        out.send(TestEvent::CheckStarted {
            check: name.clone(),
        });
        let result = tokio::select! {
            result = bench.result(name, check) => Some(result),
            () = out.stop() => None,
        };
        let Some(mut result) = result else {
            tested.stopped = true;
            tested.results.push(CheckResult {
                message: Some("it was stopped during this check".to_owned()),
                ..not_run(name, check, copy.destroy)
            });
            continue;
        };
        complete(&mut result, out);
        if !(copy.destroy && check.is_of_destroy()) {
            out.send(TestEvent::CheckEnded(Box::new(result.clone())));
        }
        tested.results.push(result);
    }
    drop(bench);
    Ok((tested, desired))
}
