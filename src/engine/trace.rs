//! Following one execution: from its history to what a person sees of each state.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

/// One event of an execution's history, whatever its AWS type.
#[derive(Debug, Clone, PartialEq)]
pub struct Happening {
    /// Its number in the history, from 1.
    pub id: i64,
    /// The event it follows from; 0 for the first.
    pub previous: i64,
    /// When, in seconds since 1970.
    pub at: f64,
    /// What happened.
    pub what: What,
}

/// What happened.
#[derive(Debug, Clone, PartialEq)]
pub enum What {
    /// A state began.
    Entered(String),
    /// A state ended.
    Exited(String),
    /// A task was handed to its service: once, and once more for each retry.
    Scheduled,
    /// An attempt failed.
    AttemptFailed {
        /// The error's name.
        error: String,
        /// What the service or the function said.
        cause: String,
    },
    /// The execution ended.
    Ended(Ending),
    /// Anything else.
    Other,
}

/// How an execution ended.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Ending {
    /// `SUCCEEDED`, `FAILED`, `TIMED_OUT` or `ABORTED`.
    pub status: String,
    /// Its output, if it succeeded.
    pub output: Option<Value>,
    /// The error's name, if it did not.
    pub error: Option<String>,
    /// The cause, if it did not.
    pub cause: Option<String>,
}

/// What a person is told.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Told {
    /// A state began.
    StateEntered {
        /// Its name.
        state: String,
    },
    /// An attempt of a state failed; a retry or a catch may follow.
    AttemptFailed {
        /// Its name.
        state: String,
        /// The error's name.
        error: String,
        /// What the service or the function said.
        cause: String,
    },
    /// A state ended.
    StateExited {
        /// Its name.
        state: String,
        /// How long it took.
        seconds: f64,
        /// How many attempts were retried.
        retries: u32,
        /// The error that a Catch took on, if the last attempt failed.
        caught: Option<String>,
    },
    /// The execution ended.
    ExecutionEnded {
        /// How.
        #[serde(flatten)]
        ending: Ending,
        /// How long it took.
        seconds: f64,
    },
}

#[derive(Debug, Clone)]
struct Visit {
    state: String,
    entered: f64,
    scheduled: u32,
    failed: Option<String>,
}

/// Reads a history in pieces, each event once.
#[derive(Debug, Default)]
pub struct Trace {
    began: Option<f64>,
    last: i64,
    /// The visit each event belongs to, by the id of its entering event.
    visit_of: BTreeMap<i64, i64>,
    visits: BTreeMap<i64, Visit>,
    current: i64,
}

impl Trace {
    /// Takes the history so far, or its next piece; answers what is new in it.
    pub fn read(&mut self, history: &[Happening]) -> Vec<Told> {
        let mut told = Vec::new();
        for event in history {
            if event.id > self.last {
                self.last = event.id;
                told.extend(self.one(event));
            }
        }
        told
    }

    fn one(&mut self, event: &Happening) -> Option<Told> {
        let began = *self.began.get_or_insert(event.at);
        // Branches interleave: an event belongs to the state its predecessor belongs to.
        let inherited = self
            .visit_of
            .get(&event.previous)
            .copied()
            .unwrap_or(self.current);
        let visit = if let What::Entered(state) = &event.what {
            let state = state.clone();
            self.visits.insert(
                event.id,
                Visit {
                    state,
                    entered: event.at,
                    scheduled: 0,
                    failed: None,
                },
            );
            self.current = event.id;
            event.id
        } else {
            inherited
        };
        self.visit_of.insert(event.id, visit);
        match &event.what {
            What::Entered(state) => Some(Told::StateEntered {
                state: state.clone(),
            }),
            What::Scheduled => {
                if let Some(visit) = self.visits.get_mut(&visit) {
                    visit.scheduled += 1;
                    visit.failed = None;
                }
                None
            }
            What::AttemptFailed { error, cause } => {
                let mut state = String::new();
                if let Some(visit) = self.visits.get_mut(&visit) {
                    visit.failed = Some(error.clone());
                    state.clone_from(&visit.state);
                }
                Some(Told::AttemptFailed {
                    state,
                    error: error.clone(),
                    cause: cause.clone(),
                })
            }
            What::Exited(state) => {
                let known = self
                    .visits
                    .get(&visit)
                    .filter(|visit| visit.state == *state);
                // The end of a Parallel or Map state follows from a branch's last event, not from its own first.
                let known = known.or_else(|| {
                    self.visits
                        .values()
                        .rev()
                        .find(|visit| visit.state == *state)
                });
                Some(Told::StateExited {
                    state: state.clone(),
                    seconds: known.map_or(0.0, |visit| event.at - visit.entered),
                    retries: known.map_or(0, |visit| visit.scheduled.saturating_sub(1)),
                    caught: known.and_then(|visit| visit.failed.clone()),
                })
            }
            What::Ended(ending) => Some(Told::ExecutionEnded {
                ending: ending.clone(),
                seconds: event.at - began,
            }),
            What::Other => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn happening(id: i64, at: f64, what: What) -> Happening {
        Happening {
            id,
            previous: id - 1,
            at,
            what,
        }
    }

    #[test]
    fn retries_are_counted_and_nothing_is_told_twice() {
        let failed = What::AttemptFailed {
            error: "E".into(),
            cause: "c".into(),
        };
        let history = [
            happening(1, 0.0, What::Other),
            happening(2, 1.0, What::Entered("A".into())),
            happening(3, 1.0, What::Scheduled),
            happening(4, 2.0, failed),
            happening(5, 3.0, What::Scheduled),
            happening(6, 4.5, What::Exited("A".into())),
        ];
        let mut trace = Trace::default();
        assert_eq!(
            trace.read(&history[..3]),
            [Told::StateEntered { state: "A".into() }]
        );
        assert_eq!(
            trace.read(&history),
            [
                Told::AttemptFailed {
                    state: "A".into(),
                    error: "E".into(),
                    cause: "c".into()
                },
                Told::StateExited {
                    state: "A".into(),
                    seconds: 3.5,
                    retries: 1,
                    caught: None
                },
            ]
        );
    }
}
