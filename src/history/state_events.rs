//! Events inside a state: its attempts, branches, iterations and Map Runs.

use super::tree::{EnteredState, NodeId, StateError};
use super::{ExecutionEvent, ExecutionTracker, HistoryEventKind, StateOutcome, rounded};

impl ExecutionTracker {
    /// Adds an event inside a state to the tree. Returns the node that the events after it follow from,
    /// and the event to show.
    pub(super) fn add_state_event(
        &mut self,
        kind: &HistoryEventKind,
        before: NodeId,
        at: f64,
    ) -> (NodeId, Option<ExecutionEvent>) {
        let id = match kind {
            HistoryEventKind::IterationStarted { map, index } => {
                return self.start_iteration(before, map, *index, at);
            }
            HistoryEventKind::IterationEnded {
                map,
                index,
                outcome,
            } => return self.end_iteration(before, (map, *index), *outcome, at),
            HistoryEventKind::ChildrenEnded {
                state_type,
                outcome,
            } => return (self.end_children(before, state_type, *outcome), None),
            HistoryEventKind::StateAborted { state_type } => {
                self.tree.running_state(before, state_type)
            }
            _ => self.tree.state_around(before),
        };
        match id {
            Some(id) => (id, self.update_state(kind, id, at)),
            None => (before, None),
        }
    }

    fn update_state(
        &mut self,
        kind: &HistoryEventKind,
        id: NodeId,
        at: f64,
    ) -> Option<ExecutionEvent> {
        let path = self.tree.path(id);
        let entered = self.tree.state_mut(id)?;
        let state = entered.name.clone();
        match kind {
            HistoryEventKind::TaskScheduled => {
                entered.attempts += 1;
                self.tree.set_error(id, None);
                None
            }
            HistoryEventKind::ChildrenStarted { items } => {
                entered.attempts += 1;
                entered.children_running = true;
                self.tree.set_error(id, None);
                items.map(|items| ExecutionEvent::MapStarted { state, path, items })
            }
            HistoryEventKind::AttemptFailed { error, cause } => {
                let attempt = entered.attempts.max(1);
                let (error, cause) = (error.clone(), cause.clone());
                let state_error = StateError {
                    error: error.clone(),
                    cause: cause.clone(),
                };
                self.tree.set_error(id, Some(state_error));
                Some(ExecutionEvent::AttemptFailed {
                    state,
                    path,
                    attempt,
                    error,
                    cause,
                })
            }
            HistoryEventKind::StateAborted { .. } => {
                let retries = entered.retries();
                self.tree.end(id, retries);
                Some(ExecutionEvent::StateAborted {
                    state,
                    path,
                    seconds: rounded(at - self.tree.started(id)),
                })
            }
            HistoryEventKind::MapRunStarted { arn } => {
                self.tree.set_error(id, None);
                Some(ExecutionEvent::MapRunStarted {
                    state,
                    path,
                    arn: arn.clone(),
                })
            }
            HistoryEventKind::MapRunEnded {
                outcome,
                error,
                cause,
            } => {
                if let Some(error) = error.clone() {
                    let cause = cause.clone().unwrap_or_default();
                    self.tree.set_error(id, Some(StateError { error, cause }));
                }
                Some(ExecutionEvent::MapRunEnded {
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

    /// The state continues after its branches or iterations, or fails with the error of one of them.
    fn end_children(&mut self, before: NodeId, state_type: &str, outcome: StateOutcome) -> NodeId {
        let Some(id) = self.tree.parent_of_children(before, state_type) else {
            return before;
        };
        if outcome == StateOutcome::Failed {
            let error = self.tree.error_below(before, id);
            self.tree.set_error(id, error);
        }
        if let Some(state) = self.tree.state_mut(id) {
            state.children_running = false;
        }
        id
    }

    fn start_iteration(
        &mut self,
        before: NodeId,
        map: &str,
        index: u64,
        at: f64,
    ) -> (NodeId, Option<ExecutionEvent>) {
        let Some(id) = self.tree.state_named(before, map) else {
            return (before, None);
        };
        let event = ExecutionEvent::IterationStarted {
            state: map.to_owned(),
            path: self.tree.path(id),
            index,
        };
        (self.tree.add_iteration(id, index, at), Some(event))
    }

    fn end_iteration(
        &mut self,
        before: NodeId,
        (map, index): (&str, u64),
        outcome: StateOutcome,
        at: f64,
    ) -> (NodeId, Option<ExecutionEvent>) {
        let Some(id) = self.tree.iteration(before, map, index) else {
            return (before, None);
        };
        let map_id = self.tree.parent(id);
        let failed = outcome == StateOutcome::Failed;
        let error = self.tree.error_below(before, map_id).filter(|_| failed);
        // A state of the iteration that was interrupted has retries that are not counted yet.
        let last = self.tree.state_around(before).filter(|id| *id != map_id);
        let last = last.and_then(|id| self.tree.state(id));
        let unfinished = last.filter(|_| outcome != StateOutcome::Succeeded);
        let unfinished = unfinished.map_or(0, EnteredState::retries);
        self.tree.end(id, 0);
        let event = ExecutionEvent::IterationEnded {
            state: map.to_owned(),
            path: self.tree.path(map_id),
            index,
            outcome,
            seconds: rounded(at - self.tree.started(id)),
            retries: self.tree.retries(id) + unfinished,
            error: error.as_ref().map(|error| error.error.clone()),
            cause: error.map(|error| error.cause),
        };
        if failed {
            let error = self.tree.error_below(before, map_id);
            self.tree.set_error(id, error);
        }
        // After a failed iteration the Map state fails with its error, so that it has to be found from
        // here; otherwise what follows belongs to the Map state.
        (if failed { id } else { map_id }, Some(event))
    }
}
