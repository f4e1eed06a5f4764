//! The checks of one stack file for several owners' copies, as those of a class are.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Instant;

use super::chain::of_kind;
use super::running::{TestedCopy, run};
use super::{Tested, check_any_is_run, counts, file_of, loaded, not_run, send_last};
use crate::aws::{AwsConnection, AwsProvider};
use crate::engine::Provider;
use crate::ops::copies::answered;
use crate::ops::frontend::Frontend;
use crate::ops::session::Session;
use crate::ops::stack_ref::StackRef;
use crate::ops::{CheckOutcome, Error, TestEvent};
use crate::plan::Owned;
use crate::stack::{Kind, Loaded, Target, class_target, shared_trail_bucket, shared_trail_name};

/// A stack file with checks that was read, for any number of owners.
#[derive(Debug)]
pub struct LoadedTests {
    file: PathBuf,
    set: BTreeMap<String, String>,
    checks: Vec<String>,
    loaded: Loaded,
}

impl LoadedTests {
    /// Reads a stack file with these checks, or all; connects to nothing.
    ///
    /// # Errors
    /// Something is wrong with the file, it has no checks, or not one that is named.
    pub fn load(
        session: &Session,
        stack: &StackRef,
        set: &BTreeMap<String, String>,
        checks: &[String],
        frontend: &dyn Frontend,
    ) -> Result<Self, Error> {
        let file = file_of(stack)?;
        let out = session
            .reporter(frontend)
            .about(&StackRef::File(file.clone()));
        let loaded = loaded(session, (&file, None), set, checks).and_then(|loaded| {
            let way = "`treino class destroy` says what is left";
            check_any_is_run(&loaded, checks, way).map(|()| loaded)
        });
        let loaded = answered(&out, loaded)?;
        Ok(Self {
            file,
            set: set.clone(),
            checks: checks.to_vec(),
            loaded,
        })
    }

    /// The file.
    #[must_use]
    pub fn file(&self) -> &Path {
        &self.file
    }

    /// The stack's name.
    #[must_use]
    pub fn stack(&self) -> &str {
        &self.loaded.file.stack
    }

    /// Whether the stack has trails, one of which a class shares.
    #[must_use]
    pub fn has_trails(&self) -> bool {
        !self.loaded.file.trails.is_empty()
    }

    /// What the checks come to for an owner whose copy is not tested: those that would be run have this outcome, with the
    /// reason. What was not run was stopped.
    #[must_use]
    pub fn untested(&self, owner: &str, outcome: CheckOutcome, why: &str) -> Tested {
        let checks = self.loaded.checks().into_iter();
        let checks =
            checks.filter(|(name, _)| self.checks.is_empty() || self.checks.contains(name));
        let results = checks.map(|(name, check)| {
            let mut result = not_run(name, check, false);
            if !check.acts().is_empty() {
                result.outcome = outcome;
                result.message = Some(why.to_owned());
            }
            result
        });
        let results: Vec<_> = results.collect();
        Tested {
            stack: self.stack().to_owned(),
            owner: Some(owner.to_owned()),
            counts: counts(&results, outcome == CheckOutcome::NotRun, 0.0),
            results,
            stopped: outcome == CheckOutcome::NotRun,
        }
    }
}

/// Runs the checks for the session's copy, whose resources were listed already. `sharing` says that the trail of a class
/// is to record its objects.
///
/// # Errors
/// Something is wrong with the file for this owner, or AWS cannot be reached. A check that fails is no error.
pub async fn test_copy(
    session: &Session,
    tests: &LoadedTests,
    (resources, sharing): (&[Owned], bool),
    frontend: &dyn Frontend,
) -> Result<Tested, Error> {
    let stack = StackRef::File(tests.file.clone());
    let out = session.reporter(frontend).about(&stack);
    let out = out.with_set(tests.set.keys());
    let tested = async {
        let connection = session.connected(&out).await?;
        let target = session.target(connection, tests.stack());
        let provider = AwsProvider::for_name(connection, &target);
        let copy = TestedCopy {
            file: &tests.file,
            set: &tests.set,
            names: &tests.checks,
            loaded: &tests.loaded,
            resources,
            sharing: sharing && !has_trail(resources),
            destroy: false,
        };
        let began = Instant::now();
        let (mut tested, desired) = run(session, &copy, (&provider, &target), &out).await?;
        send_last(&mut tested, &desired.checks, false, &out);
        tested.counts = counts(
            &tested.results,
            tested.stopped,
            began.elapsed().as_secs_f64(),
        );
        out.send(TestEvent::TestsEnded(tested.counts));
        Ok(tested)
    };
    let tested = tested.await;
    out.answer(tested)
}

fn has_trail(resources: &[Owned]) -> bool {
    of_kind(resources, Kind::Trail).next().is_some()
}

/// Whether the trail of a class is to record the objects of a copy: the copy has none of its own, and there is something
/// of the class's. A trail that was deleted has left its log bucket.
pub(super) async fn is_recorded_by_class(
    connection: &AwsConnection,
    target: &Target,
    resources: &[Owned],
) -> bool {
    if target.owner.is_none() || has_trail(resources) {
        return false;
    }
    let class = class_target(target);
    let provider = AwsProvider::for_name(connection, &class);
    let names = [
        (Kind::Trail, shared_trail_name(target)),
        (Kind::Bucket, shared_trail_bucket(target)),
    ];
    for (kind, name) in names {
        // What may not be read is not known to be there.
        let read = provider.read(kind, &name).await.ok().flatten();
        if read.is_some_and(|live| class.owns(&live.tags)) {
            return true;
        }
    }
    false
}
