//! The limits of a stack in the input of its reaper, and what an execution that waits says of them.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::input::{ReaperInput, ReaperStep};
use crate::aws::Aws;
use crate::aws::executions;
use crate::aws::reaper::WaitingReaper;
use crate::engine::ProviderError;
use crate::ops::LimitStatus;
use crate::stack::usage::{Quantity, price};
use crate::stack::{AfterLimit, Doomed, Kind, ReaperCall, StackLimits, Target};

/// How often executions are counted, in seconds: on AWS each time is some state transitions; the local AWS counts
/// whenever it may.
const EVERY: u32 = 300;
const EVERY_LOCAL: u32 = 1;

/// The most executions of a machine that are counted for a status.
const MOST_COUNTED: usize = 10_000;

/// The limits of a stack, as the reaper's definition reads them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(in crate::ops) struct InputLimits {
    runs: u64,
    machines: Vec<String>,
    /// Executions that began earlier are not counted.
    since: String,
    every: u32,
    then: AfterLimit,
    stop: Vec<StopStep>,
}

impl InputLimits {
    /// Whether the stack is deleted when a limit is passed.
    pub(super) fn is_end(&self) -> bool {
        self.then == AfterLimit::End
    }
}

/// What stops one resource.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct StopStep {
    address: String,
    kind: Kind,
    name: String,
    arn: String,
    mark: ReaperCall,
    calls: Vec<ReaperCall>,
}

/// From when on executions are counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::ops) enum Counting {
    /// From now on.
    Anew,
    /// As by the execution that waits; anew after a limit was passed.
    #[default]
    On,
    /// By the limits of the execution that waits, which has all that is known of them.
    AsBefore,
}

impl ReaperInput {
    /// The same with limits, by which executions are counted from now on.
    pub(in crate::ops) fn limited(
        mut self,
        target: &Target,
        (limits, now): (&StackLimits, String),
        is_aws: bool,
    ) -> Self {
        self.limits = Some(InputLimits {
            runs: limits.runs,
            machines: limits.machines.clone(),
            since: now,
            every: every(is_aws),
            then: limits.then,
            stop: stop(target, &self.steps),
        });
        self
    }

    /// Takes over from the executions that wait for the stack what is to go on.
    pub(in crate::ops) fn take_over(&mut self, waiting: &[WaitingReaper]) {
        let before = waiting.iter().find_map(|one| limits(&one.input));
        match self.counting {
            Counting::Anew => {}
            Counting::On => {
                if let (Some(own), Some(before)) = (&mut self.limits, before) {
                    own.since = before.since;
                }
            }
            Counting::AsBefore => {
                self.limits = before;
                let states = waiting.iter().map(|one| &one.input["state"]);
                let waits =
                    |state: &&Value| matches!(state["phase"].as_str(), Some("wait" | "watch"));
                self.state = states.into_iter().find(waits).cloned();
            }
        }
    }
}

/// What a plan says of limits: `limits: 500 runs, or 2.00 USD = about 1,340 runs; checked every 5 minutes ...`.
/// On AWS, in a region, counting is billed as state transitions, too.
pub(in crate::ops) fn in_words(limits: &StackLimits, region: Option<&String>) -> String {
    let runs = |count: u64| {
        let noun = if count == 1 { "run" } else { "runs" };
        format!("{} {noun}", Quantity::of(count.into(), 1).in_words())
    };
    let written = limits.written.map(|count| runs(count.into()));
    let cost = limits
        .cost
        .map(|(most, count)| format!("{} USD = about {}", most.in_cents(), runs(count)));
    let both: Vec<String> = written.into_iter().chain(cost).collect();
    let often = match region {
        None => "every second".to_owned(),
        Some(region) => format!(
            "every {} minutes{}",
            EVERY / 60,
            counting_cost(limits, region)
        ),
    };
    let then = match limits.then {
        AfterLimit::End => "after more of them AWS stops and deletes the stack",
        AfterLimit::Stop => "after more of them AWS stops the stack, and deletes nothing",
    };
    format!("limits: {}; checked {often}: {then}", both.join(", or "))
}

/// What counting costs: on each wake a state pauses, one sees that all machines are counted, and one that the limit is
/// kept; eight count a machine.
fn counting_cost(limits: &StackLimits, region: &str) -> String {
    let machines = u128::try_from(limits.machines.len()).unwrap_or_default();
    let a_day = u128::from(86_400 / EVERY) * (3 + 8 * machines);
    let price = price("states.transitions", region);
    let cost = price.map(|price| Quantity::of(a_day, 1).times(price.usd).in_cents());
    cost.map_or_else(String::new, |cost| format!(", for about {cost} USD a day"))
}

/// How often executions are counted, in seconds.
fn every(is_aws: bool) -> u32 {
    if is_aws { EVERY } else { EVERY_LOCAL }
}

/// What switches off and stops, events first. Machines come twice: one that starts another may have done so in between.
fn stop(target: &Target, steps: &[ReaperStep]) -> Vec<StopStep> {
    let of = |step: &ReaperStep| {
        let doomed = Doomed {
            target,
            kind: step.kind,
            name: &step.name,
            arn: &step.arn,
        };
        let calls = step.kind.resource_type().stopping(&doomed);
        (!calls.is_empty()).then(|| StopStep {
            address: step.address.clone(),
            kind: step.kind,
            name: step.name.clone(),
            arn: step.arn.clone(),
            mark: step.teardown.mark.clone(),
            calls,
        })
    };
    let all: Vec<StopStep> = steps.iter().filter_map(of).collect();
    let (sources, others): (Vec<_>, Vec<_>) = all
        .into_iter()
        .partition(|step| step.kind.facts().event_source);
    let mut ordered = sources;
    ordered.extend(others.clone());
    ordered.extend(others);
    ordered
}

/// The limits by which an execution with this input counts; nothing where one was passed.
pub(super) fn limits(waiting: &Value) -> Option<InputLimits> {
    serde_json::from_value(waiting["limits"].clone()).ok()
}

/// Whether an execution has to wait even for a stack without an end: it counts, or tells that a limit was passed.
pub(super) fn is_limited(waiting: &Value) -> bool {
    waiting["limits"].is_object() || !stopped(waiting).is_null()
}

/// Whether an execution of this input deletes the stack when a limit is passed.
pub(super) fn is_ended(waiting: &Value) -> bool {
    limits(waiting).is_some_and(|limits| limits.is_end())
}

fn stopped(waiting: &Value) -> &Value {
    &waiting["state"]["stopped"]["runs"]
}

/// What an execution says of limits, and how many executions there were.
///
/// # Errors
/// What Step Functions answers.
pub(super) async fn limit_status(
    aws: &Aws,
    waiting: &Value,
) -> Result<Option<LimitStatus>, ProviderError> {
    if let Some(runs) = stopped(waiting).as_u64() {
        let of = &waiting["state"]["stopped"];
        return Ok(Some(LimitStatus {
            limit: of["limit"].as_u64(),
            runs: Some(runs),
            more: false,
            since: None,
            every: None,
            then: AfterLimit::Stop,
            stopped: of["at"].as_str().map(String::from),
        }));
    }
    let Some(limits) = limits(waiting) else {
        return Ok(None);
    };
    let since = humantime::parse_rfc3339(&limits.since).ok();
    let (mut runs, mut more) = (0, false);
    for machine in &limits.machines {
        let counted = executions::count_since(aws, machine, since, MOST_COUNTED).await?;
        runs += counted.0;
        more |= counted.1;
    }
    Ok(Some(LimitStatus {
        limit: Some(limits.runs),
        runs: Some(runs),
        more,
        since: Some(limits.since),
        every: Some(limits.every),
        then: limits.then,
        stopped: None,
    }))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::stack::usage::Usd;

    fn input(limit: Option<u64>, counting: Counting) -> ReaperInput {
        let target = Target {
            partition: "aws".into(),
            region: "us-east-1".into(),
            account: "111122223333".into(),
            stack: "lab".into(),
            owner: None,
        };
        let mut input = ReaperInput::new(&target, &[], None, 1);
        if let Some(runs) = limit {
            let limits = StackLimits {
                runs,
                written: None,
                cost: None,
                then: AfterLimit::End,
                machines: vec!["m".into()],
            };
            input = input.limited(&target, (&limits, "2026-11-28T10:00:00Z".into()), true);
        }
        input.counting = counting;
        input
    }

    fn waiting(of: &ReaperInput) -> [WaitingReaper; 1] {
        [WaitingReaper {
            arn: String::new(),
            input: serde_json::to_value(of).unwrap(),
        }]
    }

    #[test]
    fn counting_goes_on_until_it_is_renewed() {
        let mut first = input(Some(5), Counting::Anew);
        first.limits.as_mut().unwrap().since = "2026-11-28T09:00:00Z".into();
        let since = |mut input: ReaperInput| {
            input.take_over(&waiting(&first));
            input
                .limits
                .map(|limits| (limits.runs, limits.since[11..13].to_owned()))
        };
        assert_eq!(since(input(Some(7), Counting::On)), Some((7, "09".into())));
        assert_eq!(
            since(input(Some(7), Counting::Anew)),
            Some((7, "10".into()))
        );
        assert_eq!(since(input(None, Counting::On)), None);
        assert_eq!(
            since(input(None, Counting::AsBefore)),
            Some((5, "09".into()))
        );
    }

    #[test]
    fn a_limit_that_was_passed_is_told_of_until_the_next_deploy() {
        let mut waiting = waiting(&input(None, Counting::On));
        waiting[0].input["state"] =
            json!({ "phase": "wait", "stopped": { "runs": 612, "limit": 500, "at": "t" } });
        assert!(is_limited(&waiting[0].input));
        let mut extended = input(None, Counting::AsBefore);
        extended.take_over(&waiting);
        assert_eq!(extended.state.as_ref(), Some(&waiting[0].input["state"]));
        let mut deployed = input(Some(5), Counting::On);
        deployed.take_over(&waiting);
        assert!(deployed.state.is_none());
        assert_eq!(
            deployed.limits.as_ref().unwrap().since,
            "2026-11-28T10:00:00Z"
        );
        // One that deletes already is not taken over.
        waiting[0].input["state"]["phase"] = "end".into();
        let mut extended = input(None, Counting::AsBefore);
        extended.take_over(&waiting);
        assert!(extended.state.is_none());
    }

    #[test]
    fn limits_are_said_in_a_line() {
        let limits = |written, cost: Option<(&str, u64)>, then| StackLimits {
            runs: 1,
            written,
            cost: cost.map(|(usd, runs)| (Usd::parse(usd).unwrap(), runs)),
            then,
            machines: vec!["m".into()],
        };
        // 288 times 11 states.
        let here = Some("us-east-1".to_owned());
        assert_eq!(
            in_words(
                &limits(Some(500), Some(("2", 1_340)), AfterLimit::End),
                here.as_ref()
            ),
            "limits: 500 runs, or 2.00 USD = about 1,340 runs; checked every 5 minutes, for about 0.08 USD a day: after more \
             of them AWS stops and deletes the stack"
        );
        let elsewhere = Some("eu-central-1".to_owned());
        assert_eq!(
            in_words(&limits(Some(7), None, AfterLimit::End), elsewhere.as_ref()),
            "limits: 7 runs; checked every 5 minutes: after more of them AWS stops and deletes the stack"
        );
        assert_eq!(
            in_words(&limits(Some(1), None, AfterLimit::Stop), None),
            "limits: 1 run; checked every second: after more of them AWS stops the stack, and deletes nothing"
        );
    }
}
