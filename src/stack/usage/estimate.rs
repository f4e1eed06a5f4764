//! What the resources of a stack cost.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::Serialize;

use super::acts::{Act, Activity, Metered};
use super::assumed::{Assumed, Happening};
use super::flow::Flow;
use super::free::{FreeUse, without_free};
use super::roots::Roots;
use crate::asl::model::Machine;
use crate::asl::ways::{Choose, way};
use crate::data::prices::{self, Quantity, Usd};
use crate::stack::{Address, DesiredState, Kind, Resource};

/// What a stack costs, before tax.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct CostEstimate {
    /// The stack.
    pub stack: String,
    /// The region's code.
    pub region: String,
    /// The day that the prices are of.
    pub prices_of: String,
    /// How often the stack is used.
    pub runs: u64,
    /// In how many days.
    pub days: u64,
    /// What a run is: each of these once.
    pub run: Vec<String>,
    /// What each resource costs.
    pub resources: Vec<ResourceCost>,
    /// The transitions of each state machine.
    pub machines: Vec<MachineTransitions>,
    /// What the stack costs a day while nobody uses it, in USD.
    pub idle_a_day: Usd,
    /// What the runs and days cost in all, in USD, without anything that is free each month.
    pub in_use: Usd,
    /// The same where what is free each month for everybody is not used by anything else.
    pub without_free: Usd,
    /// The same as `in_use` where all that can fail does, and is retried as often as the definitions say.
    pub worst: Usd,
    /// What is free each month for everybody.
    pub free: Vec<FreeUse>,
    /// What has no known price, and is in no sum.
    pub unknown: Vec<String>,
    /// What is assumed.
    pub assumed: Vec<String>,
    /// What is not counted, or may be otherwise.
    pub notes: Vec<String>,
    /// What new accounts are given.
    pub credit: String,
}

/// What a resource costs.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct ResourceCost {
    /// The resource.
    pub address: Address,
    /// Its kind.
    pub kind: Kind,
    /// What it costs a day while nobody uses the stack, in USD.
    pub idle_a_day: Usd,
    /// What the runs and days cost, in USD.
    pub in_use: Usd,
    /// What that is made of.
    pub lines: Vec<CostLine>,
}

/// An item that is billed: `quantity * price = cost`.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct CostLine {
    /// The item of the price list.
    pub item: String,
    /// How much of it is used.
    pub quantity: Quantity,
    /// Its unit.
    pub unit: String,
    /// The price of one, in USD; null where it is not known.
    pub price: Option<Usd>,
    /// The cost, in USD; null where the price is not known.
    pub cost: Option<Usd>,
}

/// How many state transitions an execution has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct MachineTransitions {
    /// The state machine.
    pub address: Address,
    /// On the shortest way.
    pub fewest: u64,
    /// On the way that is counted.
    pub counted: u64,
    /// On the longest way, with all that can fail and be retried.
    pub most: u64,
    /// The machine's own states on the way that is counted.
    pub way: Vec<String>,
}

/// What a stack costs in its region, by the price list and what is assumed.
#[must_use]
pub fn estimate(desired: &DesiredState, assumed: &Assumed) -> CostEstimate {
    let roots = Roots::of(desired, assumed);
    let usual = Happened::of(desired, &roots, assumed, Choose::Usual);
    let worst = Happened::of(desired, &roots, assumed, Choose::Worst);
    let resources: Vec<ResourceCost> = desired
        .resources
        .values()
        .map(|one| {
            let idle = usual.lines(
                one,
                &Assumed {
                    runs: 0,
                    days: 1,
                    ..*assumed
                },
                desired,
            );
            let lines = usual.lines(one, assumed, desired);
            ResourceCost {
                address: one.address.clone(),
                kind: one.kind,
                idle_a_day: sum(&idle),
                in_use: sum(&lines),
                lines,
            }
        })
        .collect();
    let all: Vec<&CostLine> = resources.iter().flat_map(|one| &one.lines).collect();
    let total =
        |of: fn(&ResourceCost) -> Usd| resources.iter().map(of).fold(Usd::default(), Usd::plus);
    let of_worst = desired
        .resources
        .values()
        .map(|one| sum(&worst.lines(one, assumed, desired)));
    let unknown = all
        .iter()
        .filter(|line| line.price.is_none())
        .map(|line| line.item.clone());
    let (without_free, free) = without_free(&all, assumed.days);
    let mut notes: Vec<String> = usual.notes.iter().chain(&roots.notes).cloned().collect();
    notes.extend(second_hand(&all, &desired.target.region));
    CostEstimate {
        stack: desired.target.stack.clone(),
        region: desired.target.region.clone(),
        prices_of: prices::as_of().to_owned(),
        runs: assumed.runs,
        days: assumed.days,
        run: roots.sentences(),
        machines: machines(desired, assumed),
        idle_a_day: total(|one| one.idle_a_day),
        in_use: total(|one| one.in_use),
        without_free,
        worst: of_worst.fold(Usd::default(), Usd::plus),
        free,
        unknown: unknown.collect::<BTreeSet<String>>().into_iter().collect(),
        assumed: assumed.sentences(usual.happening(desired)),
        notes,
        credit: credit(),
        resources,
    }
}

/// What happens in a run, and in a day without one.
pub(super) struct Happened<'d> {
    run: BTreeMap<&'d Address, Activity>,
    day: BTreeMap<&'d Address, Activity>,
    notes: BTreeSet<String>,
    has_map: bool,
}

impl<'d> Happened<'d> {
    pub(super) fn of(
        desired: &'d DesiredState,
        roots: &Roots<'d>,
        assumed: &Assumed,
        choose: Choose,
    ) -> Self {
        let (mut run, mut day) = (
            Flow::new(desired, assumed, choose),
            Flow::new(desired, assumed, choose),
        );
        for (of, act) in &roots.run {
            run.happens(of, act, 1);
        }
        for (of, act, times) in &roots.daily {
            day.happens(of, act, *times);
        }
        let notes = run.notes.into_iter().chain(day.notes);
        Self {
            notes: notes.collect(),
            has_map: run.has_map || day.has_map,
            run: run.activity,
            day: day.activity,
        }
    }

    /// How often something happens to a resource in a run, and in a day without one.
    pub(super) fn count(&self, of: &Address, act: &Act) -> (u64, u64) {
        let count =
            |part: &BTreeMap<&Address, Activity>| part.get(of).map_or(0, |all| all.count(act));
        (count(&self.run), count(&self.day))
    }

    /// What all resources cost for all that happens, and what of it has no known price.
    pub(super) fn in_use(&self, assumed: &Assumed, desired: &DesiredState) -> (Usd, Vec<String>) {
        let all = desired.resources.values();
        let lines: Vec<CostLine> = all
            .flat_map(|one| self.lines(one, assumed, desired))
            .collect();
        let unknown = lines.iter().filter(|line| line.price.is_none());
        let unknown: BTreeSet<String> = unknown.map(|line| line.item.clone()).collect();
        (sum(&lines), unknown.into_iter().collect())
    }

    /// What a resource costs for all that happens.
    fn lines(&self, of: &Resource, assumed: &Assumed, desired: &DesiredState) -> Vec<CostLine> {
        let mut activity = Activity::default();
        for (part, times) in [(&self.run, assumed.runs), (&self.day, assumed.days)] {
            if let Some(happened) = part.get(&of.address) {
                activity.add_all(happened, times);
            }
        }
        let mut used = of.kind.resource_type().usage(of, &activity, assumed);
        used.extend(
            activity
                .items()
                .map(|(item, times)| Metered::count(item, times)),
        );
        let used = used.into_iter().filter(|one| one.amount > 0);
        used.map(|one| CostLine::of(one, &desired.target.region))
            .collect()
    }

    /// What happens at all, so that what is assumed of it is said.
    fn happening(&self, desired: &DesiredState) -> Happening {
        let does = |kind: Kind, acts: &[Act]| {
            let of_kind = desired.resources.values().filter(|one| one.kind == kind);
            of_kind.into_iter().any(|one| {
                let parts = [&self.run, &self.day].into_iter();
                let mut parts = parts.filter_map(|part| part.get(&one.address));
                parts.any(|activity| activity.sum(acts) > 0)
            })
        };
        Happening {
            calls: does(Kind::Function, &[Act::Invoke]),
            express: does(Kind::StateMachine, &[Act::Millisecond]),
            maps: self.has_map,
            objects: does(Kind::Bucket, &[Act::Write]),
            table_items: does(Kind::Table, &[Act::Write]),
            trails: does(Kind::Trail, &[Act::Record]),
            queues: does(Kind::Queue, &[Act::Send]),
            billed_events: does(Kind::Rule, &[Act::MatchBilled])
                && desired.resources.values().any(|one| {
                    one.kind == Kind::Rule && one.spec["pattern"].to_string().contains("CloudTrail")
                }),
        }
    }
}

impl CostLine {
    pub(super) fn of(used: Metered, region: &str) -> Self {
        let quantity = Quantity::of(used.amount, used.per);
        let price = prices::price(&used.item, region).map(|price| price.usd);
        Self {
            unit: prices::unit(&used.item).unwrap_or("call").to_owned(),
            cost: price.map(|price| quantity.times(price)),
            item: used.item,
            quantity,
            price,
        }
    }
}

fn sum(lines: &[CostLine]) -> Usd {
    lines
        .iter()
        .filter_map(|line| line.cost)
        .fold(Usd::default(), Usd::plus)
}

fn machines(desired: &DesiredState, assumed: &Assumed) -> Vec<MachineTransitions> {
    let machines = desired
        .resources
        .values()
        .filter(|one| one.kind == Kind::StateMachine);
    let standard = machines.filter(|one| one.spec["type"] == "standard");
    let counted = standard.map(|one| {
        let model = Machine::of(&one.spec["definition"]);
        let usual = way(&model, Choose::Usual, assumed.items);
        let own = usual.visits.iter().filter(|visit| visit.is_top);
        MachineTransitions {
            address: one.address.clone(),
            fewest: way(&model, Choose::Fewest, assumed.items).transitions(),
            counted: usual.transitions(),
            most: way(&model, Choose::Worst, assumed.items).transitions(),
            way: own.map(|visit| visit.state.name.text.to_owned()).collect(),
        }
    });
    counted.collect()
}

/// Prices that are not read from a list or page of AWS, and those of which more than the first step is used.
fn second_hand(lines: &[&CostLine], region: &str) -> BTreeSet<String> {
    let mut notes = BTreeSet::new();
    for line in lines {
        let Some(price) = prices::price(&line.item, region) else {
            continue;
        };
        let source = prices::price_sources().get(&price.source);
        if source.is_some_and(|source| source.kind == "second hand") {
            notes.insert(format!(
                "The price of `{}` in {region} is second hand.",
                line.item
            ));
        }
        if price
            .up_to
            .is_some_and(|most| line.quantity > Quantity::of(most.into(), 1))
        {
            notes.insert(format!(
                "So much of `{}` may cost less: only the price of the first step is known.",
                line.item
            ));
        }
    }
    notes
}

fn credit() -> String {
    let credit = prices::credit();
    format!(
        "An account made since {} is given {} USD, and up to {} USD in all, for {} months: that pays first.",
        credit.since, credit.at_sign_up, credit.up_to, credit.months
    )
}
