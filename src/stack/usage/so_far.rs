//! What was counted of a deployed stack, and what that costs.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::acts::Metered;
use super::calls::{BilledCall, calls_of_state, calls_of_statements};
use super::estimate::CostLine;
use crate::asl::StateCall;
use crate::asl::model::Machine;
use crate::asl::ways::{Choose, way};
use crate::data::prices::{self, Quantity, Usd};
use crate::stack::{Address, Kind, Target};

/// What a deployed stack has cost so far, as far as it can be counted, before tax.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct CostSoFar {
    /// The stack.
    pub stack: String,
    /// Its owner.
    pub owner: Option<String>,
    /// The region's code.
    pub region: String,
    /// The day that the prices are of.
    pub prices_of: String,
    /// Since when it is deployed, as an RFC 3339 time, where a resource tells.
    pub since: Option<String>,
    /// What each resource has cost.
    pub resources: Vec<SpentResource>,
    /// The sum, in USD, without anything that is free each month: at least this.
    pub in_all: Usd,
    /// What has no known price, and is in no sum.
    pub unpriced: Vec<String>,
    /// What cannot be counted, and is in no sum.
    pub unknown: Vec<String>,
    /// What is to be known of the numbers.
    pub notes: Vec<String>,
}

/// What a resource has cost so far.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct SpentResource {
    /// The resource.
    pub address: Address,
    /// Its kind.
    pub kind: Kind,
    /// The sum of its lines, in USD.
    pub cost: Usd,
    /// What that is made of.
    pub lines: Vec<SpentLine>,
}

/// An item that is billed, and what was counted for it.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct SpentLine {
    /// What was counted.
    pub counted: String,
    /// The item.
    #[serde(flatten)]
    pub line: CostLine,
}

/// What was counted for an item of the price list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CountedUse {
    /// In words.
    pub what: String,
    /// What is used of the item.
    pub used: Metered,
}

/// What is said of every stack.
const NOTES: [&str; 4] = [
    "What AWS has measured counts; its bill shows a day about 24 hours later.",
    "Nothing of what is free each month is taken off.",
    "What was deleted since is not seen: objects, items, logs whose retention has ended, resources that were replaced.",
    "Requests that only read or list are not seen, nor data that leaves AWS.",
];

impl CostSoFar {
    /// What was counted of each resource, with its prices.
    #[must_use]
    pub fn of(
        target: &Target,
        since: Option<String>,
        counted: Vec<(Address, Kind, Vec<CountedUse>)>,
        unknown: Vec<String>,
    ) -> Self {
        let sum = |costs: &mut dyn Iterator<Item = Usd>| costs.fold(Usd::default(), Usd::plus);
        let priced = counted.into_iter().map(|(address, kind, counted)| {
            let used = counted.into_iter().filter(|one| one.used.amount > 0);
            let lines: Vec<SpentLine> = used
                .map(|one| SpentLine {
                    counted: one.what,
                    line: CostLine::of(one.used, &target.region),
                })
                .collect();
            SpentResource {
                address,
                kind,
                cost: sum(&mut lines.iter().filter_map(|one| one.line.cost)),
                lines,
            }
        });
        let resources: Vec<SpentResource> = priced.collect();
        let lines = resources.iter().flat_map(|one| &one.lines);
        let unpriced = lines.filter(|one| one.line.price.is_none());
        let unpriced: BTreeSet<String> = unpriced.map(|one| one.line.item.clone()).collect();
        Self {
            stack: target.stack.clone(),
            owner: target.owner.clone(),
            region: target.region.clone(),
            prices_of: prices::as_of().to_owned(),
            since,
            in_all: sum(&mut resources.iter().map(|one| one.cost)),
            resources,
            unpriced: unpriced.into_iter().collect(),
            unknown,
            notes: NOTES.map(String::from).to_vec(),
        }
    }
}

/// How many transitions an execution has along the definition's usual way.
#[must_use]
pub fn transitions_of(definition: &Value) -> u64 {
    way(&Machine::of(definition), Choose::Usual, 1).transitions()
}

/// What is billed by itself for a call that a definition makes: an item of the price list, or of what has no known price
/// a name. `service` is as the SDK for Java names it.
#[must_use]
pub fn billed_item(service: &str, action: &str) -> Option<String> {
    let service = if service == "cloudwatchlogs" {
        "logs"
    } else {
        service
    };
    let call = calls_of_state(StateCall {
        service: service.to_owned(),
        action: action.to_owned(),
        resources: Vec::new(),
    });
    call.item()
}

/// What a role allows that is billed by the call, each with what so many of them cost, where a price is known.
#[must_use]
pub fn billed_of_role(spec: &Value, times: u64, region: &str) -> Vec<(String, Option<Usd>)> {
    let policies = spec["policies"].as_object().into_iter().flatten();
    let statements =
        policies.flat_map(|(_, policy)| policy["Statement"].as_array().into_iter().flatten());
    let calls = calls_of_statements(statements);
    let billed = calls.iter().filter_map(|call| {
        let item = call.item()?;
        let price = prices::price(&item, region);
        let cost = price.map(|price| Quantity::of(times.into(), 1).times(price.usd));
        Some((call.name(), cost))
    });
    billed.collect()
}
