//! The ways that an execution may take through a definition, and what each comes to.
//!
//! A standard workflow is billed by state transitions: each state that is entered is one, and each retry is one more
//! (<https://aws.amazon.com/step-functions/pricing/>).

use std::collections::{BTreeSet, HashMap};

use serde_json::Value as Json;

use super::model::{JsonValue, Machine, State, StateType, TransitionKind};

/// Which way is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choose {
    /// The one with the fewest transitions, whether or not something fails.
    Fewest,
    /// Of those on which nothing fails, the one with the most tasks, and of these the one with the most states.
    Usual,
    /// The one with the most transitions: what can fail does, and is retried as often as the definition says.
    Worst,
}

/// A way through a definition.
#[derive(Debug)]
pub struct ExecutionWay<'m, 'a> {
    /// The states on it, each with how often it is entered, retries included. A state of a Map's processor is there
    /// once for all items.
    pub visits: Vec<Visit<'m, 'a>>,
    /// The states that it leads back from, to one that was on it before. Such a round is counted once.
    pub loops: Vec<&'a str>,
    /// How many child workflows of the type Express it starts.
    pub express_children: u64,
}

/// A state on a way.
#[derive(Debug, Clone, Copy)]
pub struct Visit<'m, 'a> {
    /// The state.
    pub state: &'m State<'a, Json>,
    /// How often it is entered.
    pub times: u64,
    /// Whether entering it is a transition: not in an Express child workflow.
    pub is_transition: bool,
    /// Whether it is a state of the machine itself, not of a machine inside it.
    pub is_top: bool,
}

impl ExecutionWay<'_, '_> {
    /// How many state transitions it has.
    #[must_use]
    pub fn transitions(&self) -> u64 {
        let counted = self.visits.iter().filter(|visit| visit.is_transition);
        counted.fold(0, |sum, visit| sum.saturating_add(visit.times))
    }
}

/// The way through a machine, where a Map has so many items.
#[must_use]
pub fn way<'m, 'a>(
    machine: &'m Machine<'a, Json>,
    choose: Choose,
    items: u64,
) -> ExecutionWay<'m, 'a> {
    let mut way = ExecutionWay {
        visits: Vec::new(),
        loops: Vec::new(),
        express_children: 0,
    };
    let walk = Walk { choose, items };
    walk.add(machine, &mut way, 1, (true, true));
    way
}

struct Walk {
    choose: Choose,
    items: u64,
}

impl Walk {
    /// Adds the states of the way through a machine that runs so often.
    fn add<'m, 'a>(
        &self,
        machine: &'m Machine<'a, Json>,
        way: &mut ExecutionWay<'m, 'a>,
        times: u64,
        (is_transition, is_top): (bool, bool),
    ) {
        let best = self.best(machine);
        way.loops.extend(best.loops);
        for state in best.states {
            let entered = times.saturating_mul(self.attempts(state));
            way.visits.push(Visit {
                state,
                times: entered,
                is_transition,
                is_top,
            });
            for (child, runs) in self.children(state) {
                let is_express = is_express_child(child);
                let runs = entered.saturating_mul(runs);
                if is_express {
                    way.express_children = way.express_children.saturating_add(runs);
                }
                self.add(child, way, runs, (is_transition && !is_express, false));
            }
        }
    }

    /// The machines inside a state, each with how often it runs when the state is entered once.
    fn children<'m, 'a>(&self, state: &'m State<'a, Json>) -> Vec<(&'m Machine<'a, Json>, u64)> {
        match state.state_type {
            Some(StateType::Parallel) => state.branches().map(|branch| (branch, 1)).collect(),
            Some(StateType::Map) => {
                let batch = state.json.get("ItemBatcher");
                let batch = batch.and_then(|batch| batch.get("MaxItemsPerBatch")?.as_u64());
                let runs = self.items.div_ceil(batch.unwrap_or(1).max(1));
                let processor = state.item_processor();
                processor
                    .map(|child| (&child.machine, runs))
                    .into_iter()
                    .collect()
            }
            _ => Vec::new(),
        }
    }

    /// How often a state is entered on one visit.
    fn attempts(&self, state: &State<'_, Json>) -> u64 {
        if self.choose != Choose::Worst {
            return 1;
        }
        let retriers = state
            .json
            .get("Retry")
            .map(JsonValue::list)
            .unwrap_or_default();
        // Each retrier counts its own attempts; 3 are the default.
        let most = |one: &Json| {
            one.get("MaxAttempts")
                .map_or(Some(3), Json::as_u64)
                .unwrap_or(0)
        };
        retriers
            .iter()
            .fold(1, |sum, one| sum.saturating_add(most(one)))
    }

    /// What a state adds to a way: the greatest is taken, or of the fewest the least.
    fn weight(&self, state: &State<'_, Json>) -> u64 {
        let is_task = state.state_type == Some(StateType::Task);
        let own = if is_task && self.choose == Choose::Usual {
            1_000
        } else {
            1
        };
        let children = self.children(state).into_iter();
        let inside = children.map(|(child, runs)| {
            let best = self.best(child);
            best.weight.saturating_mul(runs)
        });
        let one = inside.fold(own, u64::saturating_add);
        one.saturating_mul(self.attempts(state))
    }

    /// The way through one machine, without those inside it.
    fn best<'m, 'a>(&self, machine: &'m Machine<'a, Json>) -> Best<'m, 'a> {
        let names = machine.states.iter().map(|state| state.name.text);
        let places: HashMap<&str, usize> = names.zip(0..).collect();
        let start = machine
            .start_at
            .and_then(|start| places.get(start.text).copied());
        let Some(start) = start else {
            return Best::default();
        };
        let next: Vec<Vec<usize>> = machine
            .states
            .iter()
            .map(|state| self.next(state, &places))
            .collect();
        let order = VisitOrder::of(&next, start);
        let mut best: Vec<Option<(u64, Option<usize>)>> = vec![None; machine.states.len()];
        for &index in &order.finished {
            let state = &machine.states[index];
            let onward = next[index]
                .iter()
                .filter(|to| !order.back.contains(&(index, **to)));
            // Of equal ways the first counts, as it is written: the last is taken.
            let onward = onward
                .rev()
                .filter_map(|to| Some((best[*to]?.0, Some(*to))));
            let end = (state.ends || next[index].is_empty()).then_some((0, None));
            let ways = end.into_iter().chain(onward);
            let taken = match self.choose {
                Choose::Fewest => ways.min_by_key(|(weight, _)| *weight),
                Choose::Usual | Choose::Worst => ways.max_by_key(|(weight, _)| *weight),
            };
            let (rest, to) = taken.unwrap_or((0, None));
            best[index] = Some((self.weight(state).saturating_add(rest), to));
        }
        let mut states = Vec::new();
        let mut here = Some(start);
        while let Some(index) = here {
            states.push(&machine.states[index]);
            here = best[index].and_then(|(_, to)| to);
        }
        let on_way: Vec<&str> = states.iter().map(|state| state.name.text).collect();
        let leads_back = order
            .back
            .iter()
            .map(|(from, _)| machine.states[*from].name.text);
        Best {
            weight: best[start].map_or(0, |(weight, _)| weight),
            loops: leads_back.filter(|name| on_way.contains(name)).collect(),
            states,
        }
    }

    /// The places of the states that one may lead to.
    fn next(&self, state: &State<'_, Json>, places: &HashMap<&str, usize>) -> Vec<usize> {
        let transitions = state.transitions.iter();
        let counts =
            |kind| self.choose != Choose::Usual || !matches!(kind, TransitionKind::Catch(_));
        let transitions = transitions.filter(|one| counts(one.kind));
        transitions
            .filter_map(|one| places.get(one.to.text).copied())
            .collect()
    }
}

/// The way through one machine.
#[derive(Default)]
struct Best<'m, 'a> {
    weight: u64,
    /// In order.
    states: Vec<&'m State<'a, Json>>,
    /// Those that lead back.
    loops: Vec<&'a str>,
}

/// The order in which states are done with, when each is left last: those that one leads to come before it, save
/// where it leads back.
struct VisitOrder {
    finished: Vec<usize>,
    back: BTreeSet<(usize, usize)>,
}

impl VisitOrder {
    /// Without recursion: a definition may have thousands of states in a row.
    fn of(next: &[Vec<usize>], start: usize) -> Self {
        let mut order = Self {
            finished: Vec::new(),
            back: BTreeSet::new(),
        };
        let mut seen = vec![false; next.len()];
        let mut open = vec![false; next.len()];
        let mut path = vec![(start, 0)];
        (seen[start], open[start]) = (true, true);
        while let Some((index, tried)) = path.last_mut() {
            let Some(&to) = next[*index].get(*tried) else {
                open[*index] = false;
                order.finished.push(*index);
                path.pop();
                continue;
            };
            *tried += 1;
            if open[to] {
                order.back.insert((*index, to));
            } else if !seen[to] {
                (seen[to], open[to]) = (true, true);
                path.push((to, 0));
            }
        }
        order
    }
}

fn is_express_child(machine: &Machine<'_, Json>) -> bool {
    machine.distributed().is_some() && machine.execution_type() == Some("EXPRESS")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// The transitions of the ways: fewest, usual, worst.
    fn counts(definition: &Json, items: u64) -> [u64; 3] {
        let machine = Machine::of(definition);
        [Choose::Fewest, Choose::Usual, Choose::Worst]
            .map(|choose| way(&machine, choose, items).transitions())
    }

    fn names(definition: &Json, choose: Choose) -> Vec<String> {
        let machine = Machine::of(definition);
        let way = way(&machine, choose, 1);
        way.visits
            .iter()
            .map(|visit| visit.state.name.text.to_owned())
            .collect()
    }

    #[test]
    fn retries_and_failures_are_the_worst() {
        let definition = json!({ "StartAt": "A", "States": {
            "A": { "Type": "Task", "Retry": [{ "MaxAttempts": 2 }, {}], "Catch": [{ "Next": "Bad" }], "Next": "B" },
            "B": { "Type": "Pass", "Next": "C" },
            "C": { "Type": "Succeed" },
            "Bad": { "Type": "Fail" },
        } });
        // A six times (2 and 3 retries), B and C.
        assert_eq!(counts(&definition, 1), [2, 3, 8]);
        assert_eq!(names(&definition, Choose::Fewest), ["A", "Bad"]);
        assert_eq!(names(&definition, Choose::Usual), ["A", "B", "C"]);
    }

    #[test]
    fn the_usual_way_has_the_most_tasks() {
        let definition = json!({ "StartAt": "Which", "States": {
            "Which": { "Type": "Choice", "Choices": [{ "Next": "Task" }], "Default": "P1" },
            "Task": { "Type": "Task", "End": true },
            "P1": { "Type": "Pass", "Next": "P2" },
            "P2": { "Type": "Pass", "Next": "P3" },
            "P3": { "Type": "Pass", "End": true },
        } });
        assert_eq!(names(&definition, Choose::Usual), ["Which", "Task"]);
        assert_eq!(counts(&definition, 1), [2, 2, 4]);
    }

    #[test]
    fn branches_all_run_and_a_map_runs_for_each_item() {
        let inner = |retry: Json| json!({ "StartAt": "T", "States": { "T": { "Type": "Task", "Retry": retry, "End": true } } });
        let parallel = json!({ "StartAt": "P", "States": { "P": {
            "Type": "Parallel", "Branches": [inner(json!([])), inner(json!([{ "MaxAttempts": 1 }]))], "End": true,
        } } });
        assert_eq!(counts(&parallel, 9), [3, 3, 4]);
        let map = |processor: Json| {
            json!({ "StartAt": "M", "States": { "M": {
            "Type": "Map", "ItemProcessor": processor, "Retry": [{ "MaxAttempts": 1 }], "End": true,
        } } })
        };
        // The Map and ten tasks, and all of it twice.
        assert_eq!(counts(&map(inner(json!([]))), 10), [11, 11, 22]);
        let mut express = inner(json!([]));
        express["ProcessorConfig"] = json!({ "Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS" });
        let express = map(express);
        assert_eq!(counts(&express, 10), [1, 1, 2]);
        let machine = Machine::of(&express);
        let usual = way(&machine, Choose::Usual, 10);
        assert_eq!((usual.express_children, usual.visits.len()), (10, 2));
        let mut batched = express.clone();
        batched["States"]["M"]["ItemBatcher"] = json!({ "MaxItemsPerBatch": 4 });
        let machine = Machine::of(&batched);
        assert_eq!(way(&machine, Choose::Usual, 10).express_children, 3);
    }

    #[test]
    fn a_round_is_counted_once_and_said() {
        let definition = json!({ "StartAt": "Wait", "States": {
            "Wait": { "Type": "Wait", "Seconds": 5, "Next": "Look" },
            "Look": { "Type": "Task", "Next": "Ready" },
            "Ready": { "Type": "Choice", "Choices": [{ "Next": "Done" }], "Default": "Wait" },
            "Done": { "Type": "Succeed" },
        } });
        assert_eq!(counts(&definition, 1), [4, 4, 4]);
        let machine = Machine::of(&definition);
        assert_eq!(way(&machine, Choose::Usual, 1).loops, ["Ready"]);
    }

    #[test]
    fn thousands_of_states_and_wrong_definitions_are_no_trouble() {
        let mut states = serde_json::Map::new();
        for index in 0..20_000 {
            states.insert(
                index.to_string(),
                json!({ "Type": "Pass", "Next": (index + 1).to_string() }),
            );
        }
        states.insert("20000".to_owned(), json!({ "Type": "Succeed" }));
        let long = json!({ "StartAt": "0", "States": states });
        assert_eq!(counts(&long, 1), [20_001; 3]);
        assert_eq!(
            counts(
                &json!({ "StartAt": "X", "States": { "A": { "Type": "Pass", "Next": "X" } } }),
                1
            ),
            [0; 3]
        );
        let huge = json!({ "StartAt": "A", "States": { "A": { "Type": "Task", "Retry": [
            { "MaxAttempts": u64::MAX }, { "MaxAttempts": 5 }], "End": true } } });
        assert_eq!(counts(&huge, 1)[2], u64::MAX);
    }
}
