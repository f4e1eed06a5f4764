//! `limits`: how often a stack may run, and what that may cost, before AWS stops or deletes it.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::kinds::MachineType;
use super::max_cost::amount;
use super::usage::{Assumed, MAX_DAYS, NotWithin, Usd, executions_within, price_regions};
use super::{DesiredState, Kind, Loaded, SelfDestruct, StackFile};
use crate::source::{Diagnostic, Diagnostics, Node, Source, Span, Value};

/// What a stack may come to. AWS counts the executions of its standard state machines every five minutes.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// How many executions its standard state machines may have, counted from the deploy that sets a limit first.
    #[serde(default)]
    #[schemars(range(min = 1))]
    pub runs: Option<u32>,
    /// What these executions may cost, such as `2 USD`: as many as `treino cost` estimates to stay within it.
    #[serde(default)]
    pub cost: Option<String>,
    /// What follows when there are more.
    #[serde(default)]
    pub then: AfterLimit,
}

/// What follows when a limit is passed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum AfterLimit {
    /// The rules are disabled, what runs is stopped, and the stack is deleted.
    #[default]
    End,
    /// The rules are disabled and what runs is stopped. The stack stays; a deploy starts it again.
    Stop,
}

/// The limits of a stack in its region.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StackLimits {
    /// The most executions: the lower of the two limits.
    pub runs: u64,
    /// The limit of executions that the file has.
    pub written: Option<u32>,
    /// The limit of costs that the file has, and how many executions that is.
    pub cost: Option<(Usd, u64)>,
    /// What follows.
    pub then: AfterLimit,
    /// The ARNs of the state machines whose executions are counted.
    pub machines: Vec<String>,
}

/// Reports limits that say nothing, or cannot be kept.
pub fn check(source: &Arc<Source>, root: &Node, file: &StackFile, diagnostics: &mut Diagnostics) {
    let nothing = Limits::default();
    let written = root.get("limits").filter(|of| of.value == Value::Null);
    let Some(limits) = file.limits.as_ref().or(written.map(|_| &nothing)) else {
        return;
    };
    let mut wrong = |field: Option<&str>, message: String, help: &str| {
        let span = place(root, field);
        diagnostics.push(Diagnostic::error(message).at(source, span).help(help));
    };
    match limits.cost.as_deref().map(|text| (text, amount(text))) {
        Some((text, None)) => wrong(
            Some("cost"),
            format!("`{text}` is not an amount of US dollars"),
            "write it like 2 USD or 0.50 USD",
        ),
        Some((_, Some(none))) if none == Usd::default() => wrong(
            Some("cost"),
            "`cost` is nothing, and every run costs something".to_owned(),
            "write an amount like 0.50 USD, or limit `runs`",
        ),
        None if limits.runs.is_none() && root.get("limits").is_some_and(says_nothing) => wrong(
            None,
            "`limits` limits nothing".to_owned(),
            "write `runs: 500`, `cost: 2 USD`, or both",
        ),
        _ => {}
    }
    let mut machines = file.state_machines.values();
    let sections = root
        .get("state_machines")
        .map_or(0, |of| of.entries().len());
    if sections == file.state_machines.len()
        && !machines.any(|one| one.machine_type == MachineType::Standard)
    {
        wrong(
            None,
            "`limits` counts executions of standard state machines, and this stack has none"
                .to_owned(),
            "leave it out, or start what runs by a standard state machine",
        );
    }
    if file.self_destruct == SelfDestruct::Off && limits.then == AfterLimit::End {
        wrong(
            None,
            "with `self_destruct: off` nothing deletes the stack, and `limits` would".to_owned(),
            "write `then: stop` in it, or leave out `self_destruct`",
        );
    }
}

/// Whether neither limit is written: of one that is wrong, something else is said.
fn says_nothing(limits: &Node) -> bool {
    let is_known = |key: &str| limits.get(key).is_some();
    !is_known("runs") && !is_known("cost") && limits.entries().iter().all(|one| one.key == "then")
}

impl Loaded {
    /// The limits of a stack in its region, with warnings of what is not counted.
    ///
    /// `cost` becomes a number of executions: the most that are estimated to cost no more, within the time of `expires`
    /// or a day, and without anything that is free each month.
    ///
    /// # Errors
    /// A price is not known, or not even one execution costs so little.
    pub fn limits(
        &self,
        desired: &DesiredState,
    ) -> Result<(Option<StackLimits>, Diagnostics), Diagnostics> {
        let Some(limits) = &self.file.limits else {
            return Ok((None, Diagnostics::default()));
        };
        let cost = match limits.cost.as_deref().and_then(amount) {
            Some(most) => Some((most, self.within(most, desired)?)),
            None => None,
        };
        let both = [limits.runs.map(u64::from), cost.map(|(_, runs)| runs)];
        let Some(runs) = both.into_iter().flatten().min() else {
            return Ok((None, Diagnostics::default()));
        };
        let machines = desired.resources.values();
        let machines = machines
            .filter(|one| one.kind == Kind::StateMachine && one.spec["type"] == "standard")
            .map(|one| one.arn.clone());
        let limits = StackLimits {
            runs,
            written: limits.runs,
            cost,
            then: limits.then,
            machines: machines.collect(),
        };
        Ok((Some(limits), self.not_counted()))
    }

    /// How many executions cost no more.
    fn within(&self, most: Usd, desired: &DesiredState) -> Result<u64, Diagnostics> {
        let region = &desired.target.region;
        let wrong = |what: String, help: String| {
            let at = place(&self.root, Some("cost"));
            Diagnostics::from(Diagnostic::error(what).at(&self.source, at).help(help))
        };
        if !price_regions().contains(region) {
            return Err(wrong(
                format!("no prices of {region} are known, so `cost` cannot limit anything there"),
                format!(
                    "limit `runs` instead; prices of {} are known",
                    price_regions().join(", ")
                ),
            ));
        }
        let seconds = self.expires.map_or(1, |expires| expires.as_secs());
        let assumed = Assumed {
            days: seconds.div_ceil(86_400).clamp(1, MAX_DAYS),
            ..Assumed::default()
        };
        executions_within(desired, most, &assumed).map_err(|not| match not {
            NotWithin::Unknown(items) => wrong(
                format!(
                    "the price of {} in {region} is not known, so `cost` cannot be kept",
                    items.join(", ")
                ),
                "limit `runs` instead".to_owned(),
            ),
            NotWithin::One(cost) => wrong(
                format!(
                    "one run is estimated to cost {} USD, and `cost` is {} USD",
                    cost.in_cents(),
                    most.in_cents()
                ),
                "raise it: `treino cost --runs 1` shows what a run costs".to_owned(),
            ),
        })
    }

    /// What starts by itself and is not counted: functions that rules and topics call, and Express workflows.
    fn not_counted(&self) -> Diagnostics {
        let file = &self.file;
        let is_function = |key: &String| file.functions.contains_key(key);
        let is_express = |key: &String| {
            let machine = file.state_machines.get(key);
            machine.is_some_and(|one| one.machine_type == MachineType::Express)
        };
        let targets = file.rules.values().map(|rule| &rule.start);
        let topics = file.topics.values();
        let subscribed = topics.flat_map(|topic| topic.subscriptions.iter().map(|one| &one.to));
        let mut all: Vec<&String> = targets
            .filter(|key| is_function(key) || is_express(key))
            .chain(subscribed.filter(|key| is_function(key)))
            .collect();
        all.sort();
        all.dedup();
        let quoted: Vec<String> = all.iter().map(|key| format!("`{key}`")).collect();
        if quoted.is_empty() {
            return Diagnostics::default();
        }
        let what = format!(
            "`limits` counts executions of standard state machines, and not the runs of {}",
            quoted.join(", ")
        );
        let at = place(&self.root, None);
        let warning = Diagnostic::warning(what).at(&self.source, at);
        warning
            .help("start a standard state machine instead, or look at it yourself")
            .into()
    }
}

/// Where the limits are, or one of their fields.
fn place(root: &Node, field: Option<&str>) -> Span {
    let limits = root.get("limits");
    let field = field.and_then(|field| limits?.get(field));
    let entries = root.entries().iter();
    let key = entries.filter(|one| one.key == "limits");
    let key = key.map(|one| one.key_span).next();
    field.map(|node| node.span).or(key).unwrap_or_default()
}
