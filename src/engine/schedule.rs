//! Which steps may start: a pure state machine over the plan's dependency graph.

/// The state of one step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum StepState {
    Waiting,
    Running,
    Done,
    Failed,
    Skipped,
}

/// Returns steps whose prerequisites are done, and skips steps whose prerequisites failed.
#[derive(Debug)]
pub struct Schedule {
    after: Vec<Vec<usize>>,
    states: Vec<StepState>,
}

impl Schedule {
    /// A schedule of steps; `after[i]` holds the indices of the prerequisites of step `i`.
    #[must_use]
    pub fn new(after: Vec<Vec<usize>>) -> Self {
        let states = vec![StepState::Waiting; after.len()];
        Self { after, states }
    }

    /// The steps that may start now. They are marked as running.
    pub fn ready(&mut self) -> Vec<usize> {
        let ready: Vec<usize> = (0..self.states.len())
            .filter(|&step| self.states[step] == StepState::Waiting)
            .filter(|&step| {
                self.after[step]
                    .iter()
                    .all(|&needed| self.states[needed] == StepState::Done)
            })
            .collect();
        for &step in &ready {
            self.states[step] = StepState::Running;
        }
        ready
    }

    /// Marks a running step as done.
    pub fn done(&mut self, step: usize) {
        self.states[step] = StepState::Done;
    }

    /// Marks a running step as failed. Returns every step that cannot start any more, with the prerequisite
    /// it lacks.
    pub fn failed(&mut self, step: usize) -> Vec<(usize, usize)> {
        self.states[step] = StepState::Failed;
        let mut skipped = Vec::new();
        loop {
            let next = (0..self.states.len()).find_map(|step| {
                if self.states[step] != StepState::Waiting {
                    return None;
                }
                let needed = self.after[step].iter().find(|&&needed| {
                    matches!(self.states[needed], StepState::Failed | StepState::Skipped)
                })?;
                Some((step, *needed))
            });
            let Some((step, needed)) = next else {
                return skipped;
            };
            self.states[step] = StepState::Skipped;
            skipped.push((step, needed));
        }
    }

    /// Skips every step that has not started, and returns them.
    pub fn stop(&mut self) -> Vec<usize> {
        let waiting: Vec<usize> = (0..self.states.len())
            .filter(|&step| self.states[step] == StepState::Waiting)
            .collect();
        for &step in &waiting {
            self.states[step] = StepState::Skipped;
        }
        waiting
    }

    #[must_use]
    pub fn running(&self) -> Vec<usize> {
        (0..self.states.len())
            .filter(|&step| self.states[step] == StepState::Running)
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
