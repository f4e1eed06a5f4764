//! CloudWatch Logs log groups.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::stack::expand::Expansion;
use crate::stack::name::{RefusedName, reserved};
use crate::stack::usage::{Act, Activity, Assumed, Metered};
use crate::stack::{
    Address, Doomed, Facts, Kind, NameRule, ReaperCall, Resource, ResourceType, TagRule, Target,
    Teardown,
};

/// The days CloudWatch Logs accepts as a retention.
///
/// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html>
pub const RETENTIONS: &[u32] = &[
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922,
    3288, 3653,
];

/// How long logs are kept where the stack does not say, in days.
pub const DEFAULT_RETENTION: u32 = 7;

/// A log group of its own. Functions and state machines get theirs without being asked.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LogGroup {
    /// Its name; by default stack and key.
    #[serde(default)]
    pub name: Option<String>,
    /// Days that log events are kept.
    #[serde(default)]
    pub retention_days: Option<u32>,
}

/// What a log group is in CloudWatch Logs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogGroupSpec {
    /// Days that log events are kept; none means for ever.
    pub retention_days: Option<u32>,
}

/// What is known of log groups without a call.
pub struct LogGroupType;

static FACTS: Facts = Facts {
    noun: "log_group",
    services: &["logs"],
    // A group deleted before its writer comes back.
    deleted_after: &[Kind::Function, Kind::StateMachine],
    is_dated: true,
    holds: Some("its logs"),
    recognised_by: &["retention_days"],
    tags: TagRule::common("CloudWatch Logs"),
    name: NameRule {
        min: 1,
        max: 512,
        punctuation: "-._/#",
        lower_case: false,
        page: "AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html",
    },
    ..Facts::DEFAULT
};

impl ResourceType for LogGroupType {
    fn facts(&self) -> &'static Facts {
        &FACTS
    }

    fn expand(&self, out: &mut Expansion<'_>) {
        let file = out.file;
        file.log_groups
            .iter()
            .for_each(|(key, one)| one.expand(key, out));
    }

    fn arn(&self, target: &Target, name: &str) -> String {
        target.arn("logs", &format!("log-group:{name}"))
    }

    fn teardown(&self, of: &Doomed<'_>) -> Teardown {
        let group = of.name;
        let look = json!({ "LogGroupNamePrefix": group, "Limit": 50 });
        Teardown::new(
            ReaperCall::new(
                "cloudwatchlogs:listTagsForResource",
                json!({ "ResourceArn": of.arn }),
            ),
            vec![ReaperCall::new(
                "cloudwatchlogs:deleteLogGroup",
                json!({ "LogGroupName": group }),
            )],
            ReaperCall::new("cloudwatchlogs:describeLogGroups", look),
        )
    }

    /// <https://aws.amazon.com/cloudwatch/pricing/>. Stored logs are compressed: their bytes as they are written are the
    /// most that is billed.
    fn usage(&self, resource: &Resource, happened: &Activity, assumed: &Assumed) -> Vec<Metered> {
        let bytes = happened.count(&Act::LogByte);
        let kept = resource.spec["retention_days"]
            .as_u64()
            .unwrap_or(assumed.days);
        vec![
            Metered::bytes("logs.ingestion", bytes),
            Metered::kept("logs.storage", bytes, assumed.days.min(kept)),
        ]
    }

    fn refused_name(&self, name: &str) -> Option<RefusedName> {
        if !may_be_ours(name) {
            return Some(RefusedName::new(
                "names under `/aws/` are for AWS's own services",
                "choose another",
            ));
        }
        reserved(name, &["aws/"], &[])
    }

    fn is_ours_unmarked(&self, address: &Address, name: &str) -> bool {
        is_lambda_log_group(address, name)
    }
}

/// Whether a log group of this name can belong to a stack. Other AWS services create many log groups
/// under `/aws/`. A stack may not use such names, so that a survey can skip them.
#[must_use]
pub fn may_be_ours(group: &str) -> bool {
    let ours = ["/aws/lambda/", "/aws/vendedlogs/states/"];
    !group.starts_with("/aws/") || ours.iter().any(|begin| group.starts_with(begin))
}

/// Whether Lambda makes a log group of this address and name by itself: the group of a function of
/// the stack, when it logs before treino made it, or logs on after treino deleted it.
fn is_lambda_log_group(address: &Address, name: &str) -> bool {
    let of_function = address.as_str().split('.').next() == Some(Kind::Function.facts().noun);
    of_function && address.of_owner() == Some("logs") && name.starts_with("/aws/lambda/")
}

impl LogGroup {
    pub(in crate::stack) fn expand(&self, key: &str, out: &mut Expansion) {
        let spec = spec(
            out,
            self.retention_days,
            &["log_groups", key, "retention_days"],
        );
        out.add(
            Kind::LogGroup,
            Address::new(Kind::LogGroup, key),
            self.name.as_deref(),
            &spec,
        );
    }
}

/// The spec for a retention written at `place`, or the stack's default.
pub(super) fn spec(out: &mut Expansion, days: Option<u32>, place: &[&str]) -> LogGroupSpec {
    let default = out.file.defaults.log_retention_days;
    let place = if days.is_none() && default.is_some() {
        &["defaults", "log_retention_days"]
    } else {
        place
    };
    let days = days.or(default).unwrap_or(DEFAULT_RETENTION);
    if !RETENTIONS.contains(&days) {
        let nearest = RETENTIONS.iter().min_by_key(|known| known.abs_diff(days));
        out.problem_at(
            place,
            format!("CloudWatch Logs keeps no logs for {days} days"),
            &format!(
                "the nearest retention it offers is {} days",
                nearest.unwrap_or(&DEFAULT_RETENTION)
            ),
        );
    }
    LogGroupSpec {
        retention_days: Some(days),
    }
}
