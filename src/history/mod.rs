//! Following one execution: from its history to what a person sees of each state.
//!
//! A history is one list, in which the events of branches and iterations that run at the same time
//! are mixed. Each event names the one it follows from; by that chain it finds its place in a tree.

mod definition_facts;
mod execution_event;
mod history_event;
mod state_events;
mod tree;

use std::collections::BTreeMap;

pub use definition_facts::DefinitionFacts;
pub use execution_event::{Ending, Path, Told, Waits, Went, Within};
pub use history_event::{Happening, What};
use tree::{Failure, Place, Tree, Visit};

/// Reads a history in pieces, each event once. It keeps a few words of each event: AWS ends a
/// history at 25,000.
#[derive(Debug, Default)]
pub struct Trace {
    facts: DefinitionFacts,
    began: Option<f64>,
    last: i64,
    tree: Tree,
    /// Where each event belongs.
    place_of: BTreeMap<i64, Place>,
    current: Place,
    /// Choices that have ended and whose next state has not begun, by the event they ended with.
    chosen: BTreeMap<i64, Told>,
}

impl Trace {
    /// A trace of an execution; `facts` are of its machine's definition.
    #[must_use]
    pub fn of(facts: DefinitionFacts) -> Self {
        Self {
            facts,
            ..Self::default()
        }
    }

    /// The number of the last event read; 0 before the first.
    #[must_use]
    pub fn last(&self) -> i64 {
        self.last
    }

    /// Takes the history so far, or its next piece; answers what is new in it.
    pub fn read(&mut self, history: &[Happening]) -> Vec<Told> {
        let mut told = Vec::new();
        for event in history {
            if event.id > self.last {
                self.last = event.id;
                self.one(event, &mut told);
            }
        }
        told
    }

    fn one(&mut self, event: &Happening, told: &mut Vec<Told>) {
        let began = *self.began.get_or_insert(event.at);
        // Some emulators name no predecessor; then it is the event before.
        let before = self.place_of.get(&event.previous).copied();
        let before = before.unwrap_or(self.current);
        let place = match &event.what {
            What::Entered { state, kind, input } => {
                told.extend(self.went_to(event, state));
                let visit = self.enter(before, event.at, state, kind);
                told.push(Told::StateEntered {
                    state: state.clone(),
                    kind: kind.clone(),
                    path: self.tree.path(visit),
                    at: rounded(event.at),
                    waits: self.facts.waits.get(state).cloned(),
                    branches: self.facts.branches.get(state).map(Vec::len),
                    input: input.clone(),
                });
                visit
            }
            What::Exited { state, output } => {
                let (place, exit) = self.exit(event, before, state);
                let is_choice = exit.kind == "Choice";
                let exited = Told::StateExited {
                    state: state.clone(),
                    kind: exit.kind,
                    path: exit.path,
                    seconds: exit.seconds,
                    retries: exit.retries,
                    caught: exit.caught,
                    next: None,
                    output: output.clone(),
                };
                // Of a Choice it is worth saying where it went, which the next event tells.
                if is_choice {
                    self.chosen.insert(event.id, exited);
                } else {
                    told.push(exited);
                }
                place
            }
            What::Ended(ending) => {
                let waiting = std::mem::take(&mut self.chosen);
                told.extend(waiting.into_values());
                told.push(Told::ended(ending.clone(), rounded(event.at - began)));
                before
            }
            What::Redriven => {
                told.push(Told::ExecutionRedriven {
                    at: rounded(event.at),
                });
                before
            }
            What::Other => before,
            inside => {
                let (place, said) = self.inside(inside, before, event.at);
                told.extend(said);
                place
            }
        };
        self.place_of.insert(event.id, place);
        self.current = place;
    }

    /// The end of the Choice that this event follows from.
    fn went_to(&mut self, event: &Happening, state: &str) -> Option<Told> {
        let mut exited = self.chosen.remove(&event.previous);
        if exited.is_none() && event.previous == 0 {
            exited = self.chosen.pop_last().map(|(_, exited)| exited);
        }
        if let Some(Told::StateExited { next, .. }) = &mut exited {
            *next = Some(state.to_owned());
        }
        exited
    }

    fn enter(&mut self, before: Place, at: f64, state: &str, kind: &str) -> Place {
        let mut container = before;
        if let Some(visit) = self.tree.visit(before)
            && visit.kind == "Parallel"
            && visit.group_open
        {
            let firsts = self.facts.branches.get(&visit.state);
            let index = firsts.and_then(|firsts| firsts.iter().position(|first| first == state));
            container = self.tree.branch(before, index, at);
        }
        let visit = Visit {
            state: state.to_owned(),
            kind: kind.to_owned(),
            ..Visit::default()
        };
        let place = self.tree.enter(container, visit, at);
        if let Some((error, cause)) = self.facts.fails.get(state) {
            let (error, cause) = (error.clone(), cause.clone());
            self.tree.fail(place, Some(Failure { error, cause }));
        }
        place
    }

    /// The end of a state, and where what follows belongs.
    fn exit(&mut self, event: &Happening, before: Place, state: &str) -> (Place, Exit) {
        let Some(place) = self.tree.state_named(before, state) else {
            return (before, Exit::default());
        };
        let visit = self.tree.visit(place);
        let exit = Exit {
            kind: visit.map(|visit| visit.kind.clone()).unwrap_or_default(),
            path: self.tree.path(place),
            seconds: rounded(event.at - self.tree.began(place)),
            retries: visit.map_or(0, Visit::retries),
            caught: self.tree.failure(place).map(|fault| fault.error.clone()),
        };
        self.tree.close(place, exit.retries);
        (self.tree.parent(place), exit)
    }
}

/// To milliseconds, which is what AWS gives.
fn rounded(seconds: f64) -> f64 {
    (seconds * 1000.0).round() / 1000.0
}

/// What is known of a state that ended.
#[derive(Default)]
struct Exit {
    kind: String,
    path: Path,
    seconds: f64,
    retries: u32,
    caught: Option<String>,
}

#[cfg(test)]
mod tests;
