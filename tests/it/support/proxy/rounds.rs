//! Answers in rounds: no request is answered before the program waits for answers alone.
//!
//! So the number of rounds is the longest chain of requests that wait for each other, whatever the speed of the machine.

use std::collections::BTreeSet;
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::Call;

/// How long nothing may come before a round is answered.
const QUIET: Duration = Duration::from_millis(40);
/// How often that is looked at.
const TICK: Duration = Duration::from_millis(5);

/// What a program has asked of a proxy that answers in rounds.
#[derive(Debug, PartialEq, Eq)]
pub struct Asked {
    pub requests: usize,
    /// The longest chain of requests that wait for each other.
    pub chain: usize,
}

impl Asked {
    pub fn of(calls: &[Call]) -> Self {
        let rounds: BTreeSet<usize> = calls.iter().map(|call| call.round).collect();
        Self {
            requests: calls.len(),
            chain: rounds.len(),
        }
    }
}

/// The rounds so far.
#[derive(Default)]
pub struct Rounds {
    state: Mutex<State>,
    answered: Condvar,
}

struct State {
    /// The number of the round whose requests are answered.
    number: usize,
    /// Requests of the next round.
    waiting: usize,
    /// Requests that are being answered.
    answering: usize,
    /// When something came or was answered.
    last: Instant,
}

impl Default for State {
    fn default() -> Self {
        Self {
            number: 0,
            waiting: 0,
            answering: 0,
            last: Instant::now(),
        }
    }
}

impl Rounds {
    /// Counts a request that has come; returns its round.
    pub fn joined(&self) -> usize {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.waiting += 1;
        state.last = Instant::now();
        state.number + 1
    }

    /// Waits until the round is answered. What is returned is dropped with the answer.
    pub fn wait(&self, round: usize) -> Answering<'_> {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self
            .answered
            .wait_while(state, |state| state.number < round);
        drop(waited.unwrap_or_else(PoisonError::into_inner));
        Answering(self)
    }

    /// Answers one round after the other, until the proxy is closed.
    pub fn run(&self, is_closed: impl Fn() -> bool, program: impl Fn() -> Option<u32>) {
        while !is_closed() {
            super::pause(TICK);
            let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            let is_quiet =
                state.waiting > 0 && state.answering == 0 && state.last.elapsed() > QUIET;
            if is_quiet && !program().is_some_and(works) {
                state.number += 1;
                state.answering = std::mem::take(&mut state.waiting);
                self.answered.notify_all();
            }
        }
    }
}

/// A request that is being answered.
pub struct Answering<'a>(&'a Rounds);

impl Drop for Answering<'_> {
    fn drop(&mut self) {
        let state = &self.0.state;
        let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
        state.answering -= 1;
        state.last = Instant::now();
    }
}

/// Whether a thread of the process runs, or would if there were a processor for it.
fn works(pid: u32) -> bool {
    let threads = std::fs::read_dir(format!("/proc/{pid}/task"));
    let mut threads = threads.into_iter().flatten().flatten();
    threads.any(|thread| {
        let stat = std::fs::read_to_string(thread.path().join("stat")).unwrap_or_default();
        let state = stat
            .rsplit(") ")
            .next()
            .and_then(|rest| rest.chars().next());
        matches!(state, Some('R' | 'D'))
    })
}
