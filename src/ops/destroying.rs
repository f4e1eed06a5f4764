//! A deploy beside a destroy: the journal of the destroy tells of it.

use std::collections::BTreeSet;
use std::time::Duration;

use super::Error;
use super::frontend::Reporter;
use crate::engine::{Leftover, ProviderError, is_journal_name};
use crate::plan::ActualState;
use crate::stack::Kind;

/// The pause between two surveys, in which a destroy that is under way deletes something more.
pub(super) fn pause(is_local: bool) -> Duration {
    Duration::from_millis(if is_local { 500 } else { 3_000 })
}

/// What there is of a stack, by kind and name; nothing where no destroy has left its journal.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Destroying {
    /// Kind and name of all that exists, journals included.
    exists: BTreeSet<(Kind, String)>,
}

impl Destroying {
    /// What exists beside the journal of a destroy, if there is one.
    pub(super) fn of(actual: &ActualState) -> Option<Self> {
        let has_journal = actual
            .orphans
            .iter()
            .any(|one| is_journal_name(one.kind, &one.name));
        has_journal.then(|| Self::begun(actual))
    }

    /// What exists, where a destroy is known to have begun.
    pub(super) fn begun(actual: &ActualState) -> Self {
        // AWS may go on to delete what a destroy was killed at: that tells nothing.
        let live = actual.live.values().filter(|one| one.unready.is_none());
        let live = live.map(|one| (one.kind, one.name.clone()));
        let orphans = actual
            .orphans
            .iter()
            .map(|one| (one.kind, one.name.clone()));
        Self {
            exists: live.chain(orphans).collect(),
        }
    }

    /// Says what is known of the destroy, by what exists a moment later: if something has vanished, it is under way;
    /// else it was killed, or waits for AWS.
    ///
    /// # Errors
    /// It is under way: a deploy beside it would not last.
    pub(super) fn compare(
        &self,
        stack: &str,
        later: &ActualState,
        out: &Reporter<'_>,
    ) -> Result<(), Error> {
        let live = later.live.values().map(|one| (one.kind, &one.name));
        let orphans = later.orphans.iter().map(|one| (one.kind, &one.name));
        let still: BTreeSet<(Kind, &String)> = live.chain(orphans).collect();
        let vanished = self.exists.iter();
        let vanished = vanished.filter(|(kind, name)| !still.contains(&(*kind, name)));
        let vanished: Vec<String> = vanished
            .map(|(kind, name)| format!("{kind} {name}"))
            .collect();
        if let Some(first) = vanished.first() {
            let deleted = match vanished.len() {
                1 => "was deleted".to_owned(),
                count => format!("and {} more were deleted", count - 1),
            };
            let error = ProviderError::new(format!(
                "a destroy of {stack} is under way: {first} {deleted} while this command looked"
            ));
            let help = "wait until it has ended, then run the same command again";
            return Err(error.help(help).with_leftover(Leftover::Nothing).into());
        }
        out.warn(format!(
            "a destroy of {stack} has begun and not ended: it was stopped half-way, or another treino is still at it. If \
             it goes on, it deletes what is deployed now: wait for it, or stop it"
        ));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::command::Commands;
    use crate::ops::{Event, Frontend, FrontendFuture, Masker, Question};
    use crate::plan::Orphan;
    use crate::stack::Address;

    struct Heard(std::sync::Mutex<Vec<String>>);

    impl Frontend for Heard {
        fn event(&self, event: &Event) {
            if let Event::Warning { message } = event {
                self.0.lock().unwrap().push(message.clone());
            }
        }

        fn confirm<'a>(&'a self, _: &'a Question) -> FrontendFuture<'a, Result<bool, Error>> {
            Box::pin(async { Ok(false) })
        }
    }

    fn state(names: &[(Kind, &str)]) -> ActualState {
        let orphans = names.iter().map(|(kind, name)| Orphan {
            address: Address::new(*kind, name),
            kind: *kind,
            name: (*name).to_owned(),
            spec: None,
        });
        ActualState {
            orphans: orphans.collect(),
            ..ActualState::default()
        }
    }

    const JOURNAL: (Kind, &str) = (Kind::LogGroup, "/treino/destroying/lab/1");
    const TABLE: (Kind, &str) = (Kind::Table, "lab-t");
    const QUEUE: (Kind, &str) = (Kind::Queue, "lab-q");

    #[test]
    fn a_destroy_is_under_way_if_something_vanishes() {
        assert!(Destroying::of(&state(&[TABLE, QUEUE])).is_none());
        let first = Destroying::of(&state(&[JOURNAL, TABLE, QUEUE])).unwrap();
        let (heard, masker) = (Heard(std::sync::Mutex::default()), Masker::default());
        let out = Reporter::new(&heard, &masker, Commands::default());
        let later = state(&[JOURNAL, TABLE]);
        let error = first.compare("lab", &later, &out).unwrap_err();
        assert_eq!(
            error.to_string(),
            "a destroy of lab is under way: queue lab-q was deleted while this command looked"
        );
        let ended = first.compare("lab", &state(&[]), &out).unwrap_err();
        assert!(
            ended.to_string().contains(" and 2 more were deleted"),
            "{ended}"
        );
        assert!(heard.0.lock().unwrap().is_empty());
        first
            .compare("lab", &state(&[JOURNAL, TABLE, QUEUE]), &out)
            .unwrap();
        let heard = heard.0.lock().unwrap();
        assert!(
            heard[0].starts_with("a destroy of lab has begun and not ended"),
            "{heard:?}"
        );
    }
}
