//! The history of an execution: from the events Step Functions records to the events of each state.
//!
//! A history is one list, in which the events of branches and iterations that run at the same time
//! are mixed. Each event names the one it follows from. By that chain it finds its place in the tree of
//! the execution. What the history does not say, such as the order of branches, is taken from the
//! definition ([`DefinitionFacts`]).

mod definition_facts;
mod execution_event;
mod history_event;
mod state_events;
mod tree;

use std::collections::BTreeMap;

pub use definition_facts::DefinitionFacts;
pub use execution_event::{
    ExecutionEvent, ExecutionResult, PathSegment, StateOutcome, StatePath, WaitTime,
};
pub use history_event::{HistoryEvent, HistoryEventKind};
use tree::{EnteredState, NodeId, StateError, Tree};

/// Reads a history in pieces, each event once. It keeps a few words of each event: AWS ends a
/// history at 25,000.
#[derive(Debug, Default)]
pub struct ExecutionTracker {
    facts: DefinitionFacts,
    started: Option<f64>,
    last_id: i64,
    tree: Tree,
    /// The node that each event belongs to.
    node_of: BTreeMap<i64, NodeId>,
    current: NodeId,
    /// The `StateExited` events of Choice states whose next state has not begun, by the id of the
    /// history event.
    pending_choices: BTreeMap<i64, ExecutionEvent>,
}

impl ExecutionTracker {
    /// A tracker of one execution; `facts` are of the definition it runs.
    #[must_use]
    pub fn of(facts: DefinitionFacts) -> Self {
        Self {
            facts,
            ..Self::default()
        }
    }

    /// The id of the last event read; 0 before the first.
    #[must_use]
    pub fn last_id(&self) -> i64 {
        self.last_id
    }

    /// Reads the history so far, or its next piece. Returns the events that are new in it.
    pub fn read(&mut self, history: &[HistoryEvent]) -> Vec<ExecutionEvent> {
        let mut new = Vec::new();
        for event in history {
            if event.id > self.last_id {
                self.last_id = event.id;
                self.read_one(event, &mut new);
            }
        }
        new
    }

    fn read_one(&mut self, event: &HistoryEvent, new: &mut Vec<ExecutionEvent>) {
        let started = *self.started.get_or_insert(event.at);
        // Some emulators name no predecessor; then it is the event before.
        let before = self.node_of.get(&event.previous).copied();
        let before = before.unwrap_or(self.current);
        let id = match &event.kind {
            HistoryEventKind::StateEntered {
                state,
                state_type,
                input,
            } => {
                new.extend(self.finish_choice(event, state));
                let id = self.enter(before, event.at, state, state_type);
                new.push(ExecutionEvent::StateEntered {
                    state: state.clone(),
                    kind: state_type.clone(),
                    path: self.tree.path(id),
                    at: rounded(event.at),
                    waits: self.facts.waits.get(state).cloned(),
                    branches: self.facts.branches.get(state).map(Vec::len),
                    input: input.clone(),
                });
                id
            }
            HistoryEventKind::StateExited { state, output } => {
                let (id, exited) = self.exit(event, before, state, output.clone());
                match &exited {
                    // The next event says which state a Choice chose.
                    ExecutionEvent::StateExited { kind, .. } if kind == "Choice" => {
                        self.pending_choices.insert(event.id, exited);
                    }
                    _ => new.push(exited),
                }
                id
            }
            HistoryEventKind::ExecutionEnded(result) => {
                let pending = std::mem::take(&mut self.pending_choices);
                new.extend(pending.into_values());
                let seconds = rounded(event.at - started);
                new.push(ExecutionEvent::ended(result.clone(), seconds));
                before
            }
            HistoryEventKind::ExecutionRedriven => {
                new.push(ExecutionEvent::ExecutionRedriven {
                    at: rounded(event.at),
                });
                before
            }
            HistoryEventKind::Other => before,
            kind => {
                let (id, shown) = self.add_state_event(kind, before, event.at);
                new.extend(shown);
                id
            }
        };
        self.node_of.insert(event.id, id);
        self.current = id;
    }

    /// The end of the Choice that this event follows from; `state` is the one it chose.
    fn finish_choice(&mut self, event: &HistoryEvent, state: &str) -> Option<ExecutionEvent> {
        let mut exited = self.pending_choices.remove(&event.previous);
        if exited.is_none() && event.previous == 0 {
            exited = self.pending_choices.pop_last().map(|(_, exited)| exited);
        }
        if let Some(ExecutionEvent::StateExited { next, .. }) = &mut exited {
            *next = Some(state.to_owned());
        }
        exited
    }

    fn enter(&mut self, before: NodeId, at: f64, state: &str, state_type: &str) -> NodeId {
        let mut parent = before;
        if let Some(around) = self.tree.state(before)
            && around.state_type == "Parallel"
            && around.children_running
        {
            let starts = self.facts.branches.get(&around.name);
            let number = starts.and_then(|starts| starts.iter().position(|start| start == state));
            parent = self.tree.add_branch(before, number, at);
        }
        let entered = EnteredState {
            name: state.to_owned(),
            state_type: state_type.to_owned(),
            ..EnteredState::default()
        };
        let id = self.tree.add_state(parent, entered, at);
        if let Some((error, cause)) = self.facts.fails.get(state) {
            let (error, cause) = (error.clone(), cause.clone());
            self.tree.set_error(id, Some(StateError { error, cause }));
        }
        id
    }

    /// The end of a state, and the node that the events after it follow from.
    fn exit(
        &mut self,
        event: &HistoryEvent,
        before: NodeId,
        state: &str,
        output: Option<serde_json::Value>,
    ) -> (NodeId, ExecutionEvent) {
        let exited = |kind, path, seconds, retries, caught| ExecutionEvent::StateExited {
            state: state.to_owned(),
            kind,
            path,
            seconds,
            retries,
            caught,
            next: None,
            output,
        };
        let Some(id) = self.tree.state_named(before, state) else {
            return (
                before,
                exited(String::new(), StatePath::new(), 0.0, 0, None),
            );
        };
        let entered = self.tree.state(id);
        let state_type = entered.map(|entered| entered.state_type.clone());
        let retries = entered.map_or(0, EnteredState::retries);
        let event = exited(
            state_type.unwrap_or_default(),
            self.tree.path(id),
            rounded(event.at - self.tree.started(id)),
            retries,
            self.tree.error(id).map(|error| error.error.clone()),
        );
        self.tree.end(id, retries);
        (self.tree.parent(id), event)
    }
}

/// To milliseconds, which is what AWS gives.
fn rounded(seconds: f64) -> f64 {
    (seconds * 1000.0).round() / 1000.0
}

#[cfg(test)]
mod tests;
