//! Where a run can be killed, and which of these points a test tries.

use std::fmt;

use super::trial::Trial;
use crate::support::proxy::When;

/// What the sample of `cargo test` begins from; another sample by `TREINO_KILL_SEED`.
const SEED: u64 = 4;

/// How many points of a lab the sample has, of each sort.
const OF_EACH: usize = 1;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    Deploy,
    Destroy,
}

/// Where a run is killed, and what is run next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Point {
    pub killed: Verb,
    /// At which request that changes something, from 1.
    pub nth: usize,
    pub when: When,
    pub then: Verb,
}

impl fmt::Display for Point {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            killed,
            nth,
            when,
            then,
        } = self;
        write!(f, "{killed:?} killed {when:?} {nth}, then {then:?}")
    }
}

/// Each sort of point: what is killed, when, and what comes next.
const SORTS: [(Verb, When, Verb); 8] = [
    (Verb::Deploy, When::Before, Verb::Deploy),
    (Verb::Deploy, When::After, Verb::Deploy),
    (Verb::Deploy, When::Before, Verb::Destroy),
    (Verb::Deploy, When::After, Verb::Destroy),
    (Verb::Destroy, When::Before, Verb::Destroy),
    (Verb::Destroy, When::After, Verb::Destroy),
    (Verb::Destroy, When::Before, Verb::Deploy),
    (Verb::Destroy, When::After, Verb::Deploy),
];

/// Every point of a lab.
pub fn every(trial: &Trial) -> Vec<Point> {
    let of = |(killed, when, then)| {
        let requests = trial.changes(killed);
        (1..=requests).map(move |nth| Point {
            killed,
            nth,
            when,
            then,
        })
    };
    SORTS.into_iter().flat_map(of).collect()
}

/// Some of every sort, the same on every machine and day.
pub fn sample(trial: &Trial) -> Vec<Point> {
    let seed = std::env::var("TREINO_KILL_SEED").ok();
    let mut seed = seed.map_or(SEED, |seed| seed.parse().expect("a number"));
    let all = every(trial);
    let mut chosen = Vec::new();
    for sort in SORTS {
        let of_sort = all
            .iter()
            .filter(|point| (point.killed, point.when, point.then) == sort);
        let of_sort: Vec<&Point> = of_sort.collect();
        for _ in 0..OF_EACH {
            // Knuth's MMIX generator; its upper bits are the good ones.
            seed = seed
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            let drawn = usize::try_from(seed >> 33).expect("31 bits");
            chosen.push(*of_sort[drawn % of_sort.len()]);
        }
    }
    chosen.dedup();
    chosen
}
