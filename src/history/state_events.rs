//! What happens inside a state: attempts, branches, iterations, map runs.

use super::tree::Failure;
use super::{Place, Told, Trace, Went, What, rounded};

impl Trace {
    /// Where an event inside a state belongs, and what is told of it.
    pub(super) fn inside(&mut self, what: &What, before: Place, at: f64) -> (Place, Option<Told>) {
        match what {
            What::IterationStarted { map, index } => {
                self.iteration_started(before, map, *index, at)
            }
            What::IterationEnded {
                map,
                index,
                outcome,
            } => self.iteration_ended(before, map, *index, *outcome, at),
            What::GroupEnded { kind, outcome } => (self.group_ended(before, kind, *outcome), None),
            What::Aborted { kind } => match self.tree.open_at(before, kind) {
                Some(place) => (place, self.at_state(what, place, at)),
                None => (before, None),
            },
            other => match self.tree.state_at(before) {
                Some(place) => (place, self.at_state(other, place, at)),
                None => (before, None),
            },
        }
    }

    fn at_state(&mut self, what: &What, place: Place, at: f64) -> Option<Told> {
        let path = self.tree.path(place);
        let visit = self.tree.visit_mut(place)?;
        let state = visit.state.clone();
        match what {
            What::Scheduled => {
                visit.attempts += 1;
                self.tree.fail(place, None);
                None
            }
            What::GroupStarted { items } => {
                visit.attempts += 1;
                visit.group_open = true;
                self.tree.fail(place, None);
                items.map(|items| Told::MapStarted { state, path, items })
            }
            What::AttemptFailed { error, cause } => {
                let attempt = visit.attempts.max(1);
                let (error, cause) = (error.clone(), cause.clone());
                let failure = Failure {
                    error: error.clone(),
                    cause: cause.clone(),
                };
                self.tree.fail(place, Some(failure));
                Some(Told::AttemptFailed {
                    state,
                    path,
                    attempt,
                    error,
                    cause,
                })
            }
            What::Aborted { .. } => {
                let retries = visit.retries();
                self.tree.close(place, retries);
                Some(Told::StateAborted {
                    state,
                    path,
                    seconds: rounded(at - self.tree.began(place)),
                })
            }
            What::RunStarted { arn } => {
                self.tree.fail(place, None);
                Some(Told::MapRunStarted {
                    state,
                    path,
                    arn: arn.clone(),
                })
            }
            What::RunEnded {
                outcome,
                error,
                cause,
            } => {
                if let Some(error) = error.clone() {
                    let cause = cause.clone().unwrap_or_default();
                    self.tree.fail(place, Some(Failure { error, cause }));
                }
                Some(Told::MapRunEnded {
                    state,
                    path,
                    outcome: *outcome,
                    error: error.clone(),
                    cause: cause.clone(),
                })
            }
            _ => None,
        }
    }

    /// The state goes on after its branches or iterations, or ends with what one of them failed with.
    fn group_ended(&mut self, before: Place, kind: &str, outcome: Went) -> Place {
        let Some(place) = self.tree.group_at(before, kind) else {
            return before;
        };
        if outcome == Went::Failed {
            let failure = self.tree.failure_up_to(before, place);
            self.tree.fail(place, failure);
        }
        if let Some(visit) = self.tree.visit_mut(place) {
            visit.group_open = false;
        }
        place
    }

    fn iteration_started(
        &mut self,
        before: Place,
        map: &str,
        index: u64,
        at: f64,
    ) -> (Place, Option<Told>) {
        let Some(visit) = self.tree.state_named(before, map) else {
            return (before, None);
        };
        let told = Told::IterationStarted {
            state: map.to_owned(),
            path: self.tree.path(visit),
            index,
        };
        (self.tree.iteration(visit, index, at), Some(told))
    }

    fn iteration_ended(
        &mut self,
        before: Place,
        map: &str,
        index: u64,
        outcome: Went,
        at: f64,
    ) -> (Place, Option<Told>) {
        let Some(place) = self.tree.iteration_at(before, map, index) else {
            return (before, None);
        };
        let visit = self.tree.parent(place);
        let failed = outcome == Went::Failed;
        let failure = self.tree.failure_up_to(before, visit).filter(|_| failed);
        // What of it had failed before its state was interrupted counts as well.
        let own = self.tree.state_at(before).filter(|state| *state != visit);
        let own = own.and_then(|state| self.tree.visit(state));
        let unfinished = own.filter(|_| outcome != Went::Succeeded);
        let unfinished = unfinished.map_or(0, super::tree::Visit::retries);
        self.tree.close(place, 0);
        let told = Told::IterationEnded {
            state: map.to_owned(),
            path: self.tree.path(visit),
            index,
            outcome,
            seconds: rounded(at - self.tree.began(place)),
            retries: self.tree.retries(place) + unfinished,
            error: failure.as_ref().map(|failure| failure.error.clone()),
            cause: failure.map(|failure| failure.cause),
        };
        if failed {
            let failure = self.tree.failure_up_to(before, visit);
            self.tree.fail(place, failure);
        }
        // So that the failure of the whole state finds it; what follows belongs to the Map state.
        (if failed { place } else { visit }, Some(told))
    }
}
