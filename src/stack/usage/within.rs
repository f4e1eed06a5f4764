//! How many executions stay within an amount.

use super::Usd;
use super::acts::Act;
use super::assumed::{Assumed, MAX_RUNS};
use super::estimate::Happened;
use super::roots::Roots;
use crate::asl::ways::Choose;
use crate::stack::{DesiredState, Kind, Resource};

/// Why no number of executions stays within an amount.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotWithin {
    /// These have no known price.
    Unknown(Vec<String>),
    /// One run costs more: so much.
    One(Usd),
}

/// How many executions of standard state machines are estimated to cost no more than an amount, in the days that are
/// assumed. What a schedule starts is among them.
///
/// # Errors
/// The price of something that is used is not known, or one run costs more.
pub fn executions_within(
    desired: &DesiredState,
    most: Usd,
    assumed: &Assumed,
) -> Result<u64, NotWithin> {
    let is_standard =
        |one: &&Resource| one.kind == Kind::StateMachine && one.spec["type"] == "standard";
    let machines = || desired.resources.values().filter(is_standard);
    let mut roots = Roots::of(desired, assumed);
    let mut happened = Happened::of(desired, &roots, assumed, Choose::Usual);
    let started = |happened: &Happened<'_>| {
        let each = machines().map(|one| happened.count(&one.address, &Act::Start));
        each.fold((0_u64, 0_u64), |sum, (run, day)| (sum.0 + run, sum.1 + day))
    };
    if started(&happened).0 == 0 {
        // Executions come by a schedule, or by what is not seen: one of each machine is a run.
        roots.run = machines().map(|one| (one, Act::Start)).collect();
        roots.daily.clear();
        happened = Happened::of(desired, &roots, assumed, Choose::Usual);
    }
    let (a_run, a_day) = started(&happened);
    let cost = |runs: u64| {
        let assumed = Assumed { runs, ..*assumed };
        happened.in_use(&assumed, desired)
    };
    let (of_one, unknown) = cost(1);
    if !unknown.is_empty() {
        return Err(NotWithin::Unknown(unknown));
    }
    if of_one > most {
        return Err(NotWithin::One(of_one));
    }
    let (mut within, mut above) = (1, MAX_RUNS + 1);
    while above - within > 1 {
        let middle = within + (above - within) / 2;
        if cost(middle).0 > most {
            above = middle;
        } else {
            within = middle;
        }
    }
    let by_schedule = a_day.saturating_mul(assumed.days);
    Ok(within
        .saturating_mul(a_run.max(1))
        .saturating_add(by_schedule))
}
