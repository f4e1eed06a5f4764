//! Which step may begin: a pure state machine over a plan's graph.

/// The state of one step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Waiting,
    Running,
    Done,
    Failed,
    Skipped,
}

/// Hands out steps whose prerequisites are done, and skips those whose prerequisites are not to be.
#[derive(Debug)]
pub struct Schedule {
    after: Vec<Vec<usize>>,
    states: Vec<State>,
}

impl Schedule {
    /// A schedule over steps given by the indices of what each comes after.
    #[must_use]
    pub fn new(after: Vec<Vec<usize>>) -> Self {
        let states = vec![State::Waiting; after.len()];
        Self { after, states }
    }

    /// The steps that may begin now, marked as begun.
    pub fn ready(&mut self) -> Vec<usize> {
        let ready: Vec<usize> = (0..self.states.len())
            .filter(|&step| self.states[step] == State::Waiting)
            .filter(|&step| {
                self.after[step]
                    .iter()
                    .all(|&needed| self.states[needed] == State::Done)
            })
            .collect();
        for &step in &ready {
            self.states[step] = State::Running;
        }
        ready
    }

    /// Says that a step that had begun is done.
    pub fn done(&mut self, step: usize) {
        self.states[step] = State::Done;
    }

    /// Says that a step failed; answers every step that can no longer begin, each with the one it
    /// needed.
    pub fn failed(&mut self, step: usize) -> Vec<(usize, usize)> {
        self.states[step] = State::Failed;
        let mut skipped = Vec::new();
        loop {
            let next = (0..self.states.len()).find_map(|step| {
                if self.states[step] != State::Waiting {
                    return None;
                }
                let needed = self.after[step].iter().find(|&&needed| {
                    matches!(self.states[needed], State::Failed | State::Skipped)
                })?;
                Some((step, *needed))
            });
            let Some((step, needed)) = next else {
                return skipped;
            };
            self.states[step] = State::Skipped;
            skipped.push((step, needed));
        }
    }

    /// The steps that have not begun and now never will.
    pub fn stop(&mut self) -> Vec<usize> {
        let waiting: Vec<usize> = (0..self.states.len())
            .filter(|&step| self.states[step] == State::Waiting)
            .collect();
        for &step in &waiting {
            self.states[step] = State::Skipped;
        }
        waiting
    }

    /// The steps under way.
    #[must_use]
    pub fn running(&self) -> Vec<usize> {
        (0..self.states.len())
            .filter(|&step| self.states[step] == State::Running)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_waits_for_all_it_needs() {
        let mut schedule = Schedule::new(vec![vec![], vec![0], vec![0, 1], vec![]]);
        assert_eq!(schedule.ready(), [0, 3]);
        assert_eq!(schedule.ready(), Vec::<usize>::new());
        schedule.done(0);
        assert_eq!(schedule.ready(), [1]);
        schedule.done(1);
        assert_eq!(schedule.ready(), [2]);
        assert_eq!(schedule.running(), [2, 3]);
    }

    #[test]
    fn a_failure_stops_only_what_needs_it() {
        let mut schedule = Schedule::new(vec![vec![], vec![0], vec![1], vec![]]);
        assert_eq!(schedule.ready(), [0, 3]);
        assert_eq!(schedule.failed(0), [(1, 0), (2, 1)]);
        schedule.done(3);
        assert!(schedule.ready().is_empty() && schedule.running().is_empty());
    }
}
