//! EventBridge rules and their targets.

mod pattern;
mod schedule;
pub(super) mod targets;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::on;
use crate::source::{self, Node};
use crate::stack::event_pattern::{self, EventPattern};
use crate::stack::expand::Expansion;
use crate::stack::suggest::suggestion;
use crate::stack::usage::{Act, Activity, Assumed, Metered};
use crate::stack::{
    Address, Doomed, Facts, Kind, NameRule, Quota, ReaperCall, Resource, ResourceType, TagRule,
    Target, Teardown, object_keys,
};

/// What a rule may wait for: one of these.
const WAITED_FOR: [&str; 3] = ["put_object_in", "pattern", "schedule"];

/// A rule on the default event bus that starts a state machine, calls a function, or sends to a queue or
/// topic.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Its name in EventBridge; by default stack and key.
    #[serde(default)]
    pub name: Option<String>,
    /// What it is for.
    #[serde(default)]
    pub description: String,
    /// The key of a bucket: the rule matches when an object is put there.
    #[serde(default)]
    pub put_object_in: Option<String>,
    /// How `put_object_in` hears of it: `cloudtrail` (a trail records the bucket) or `s3`.
    #[serde(default)]
    pub via: Via,
    /// Only objects whose keys begin so match `put_object_in`, such as `incoming/`.
    #[serde(default)]
    #[schemars(length(min = 1))]
    pub prefix: Option<String>,
    /// Only objects whose keys end so match `put_object_in`, such as `.jpg`.
    #[serde(default)]
    #[schemars(length(min = 1))]
    pub suffix: Option<String>,
    /// An event pattern, instead of `put_object_in`.
    #[serde(default)]
    #[schemars(with = "Option<serde_json::Map<String, Value>>")]
    pub pattern: Option<Value>,
    /// A schedule, `rate(...)` or `cron(...)`, instead of a pattern.
    #[serde(default)]
    pub schedule: Option<String>,
    /// The key of what it starts: a state machine, function, queue or topic.
    pub start: String,
    /// The constant JSON that it gets instead of the event.
    #[serde(default)]
    pub input: Option<Value>,
    /// Whether it is switched on.
    #[serde(default = "on")]
    pub enabled: bool,
    /// The ARN of an existing role to start a machine with, instead of one of its own.
    #[serde(default)]
    pub role: Option<String>,
}

/// How EventBridge hears of an object.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Via {
    /// By the data event a trail records.
    #[default]
    Cloudtrail,
    /// By S3's own "Object Created" event, which costs nothing and needs no trail.
    S3,
}

/// What a rule is in EventBridge.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleSpec {
    /// What it is for.
    pub description: String,
    /// The event pattern.
    pub pattern: Option<EventPattern>,
    /// The schedule.
    pub schedule: Option<String>,
    /// Whether it is switched on.
    pub enabled: bool,
    /// What it starts, by id.
    pub targets: Vec<TargetSpec>,
}

/// One target of a rule.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TargetSpec {
    /// Unique within the rule.
    pub id: String,
    /// What is called.
    pub arn: String,
    /// The role EventBridge calls it with.
    pub role: Option<String>,
    /// The constant it gets instead of the event.
    pub input: Option<Value>,
    /// The message group, where it is a FIFO queue.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message_group: Option<String>,
    /// What someone added that treino does not write.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub other: Option<Value>,
}

/// What is known of rules without a call.
pub struct RuleType;

static FACTS: Facts = Facts {
    noun: "rule",
    services: &["events"],
    event_source: true,
    recognised_by: &["multi_region", "schedule", "description"],
    quota: Some(Quota {
        most: 300,
        adjustable: true,
        page: "eventbridge/latest/userguide/eb-quota.html",
    }),
    tags: TagRule::common("EventBridge"),
    name: NameRule {
        min: 1,
        max: 64,
        punctuation: "-._",
        lower_case: false,
        page: "eventbridge/latest/APIReference/API_PutRule.html",
    },
    ..Facts::DEFAULT
};

impl ResourceType for RuleType {
    fn facts(&self) -> &'static Facts {
        &FACTS
    }

    fn expand(&self, out: &mut Expansion<'_>) {
        let file = out.file;
        file.rules
            .iter()
            .for_each(|(key, one)| one.expand(key, out));
    }

    fn aligned(&self, live: &Value, want: &Value) -> Value {
        let mut out = live.clone();
        event_pattern::align(out.get_mut("pattern"), want.get("pattern"));
        out
    }

    fn arn(&self, target: &Target, name: &str) -> String {
        target.arn("events", &format!("rule/{name}"))
    }

    fn teardown(&self, of: &Doomed<'_>) -> Teardown {
        let (rule, bus) = (of.name, "default");
        Teardown::new(
            ReaperCall::new(
                "eventbridge:listTagsForResource",
                json!({ "ResourceARN": of.arn }),
            ),
            vec![
                ReaperCall::new(
                    "eventbridge:listTargetsByRule",
                    json!({ "Rule": rule, "EventBusName": bus }),
                ),
                ReaperCall::new(
                    "eventbridge:deleteRule",
                    json!({ "Name": rule, "EventBusName": bus }),
                ),
            ],
            ReaperCall::new(
                "eventbridge:listRules",
                json!({ "NamePrefix": rule, "EventBusName": bus }),
            ),
        )
    }

    fn stopping(&self, of: &Doomed<'_>) -> Vec<ReaperCall> {
        let input = json!({ "Name": of.name, "EventBusName": "default" });
        vec![ReaperCall::new("eventbridge:disableRule", input)]
    }

    /// <https://aws.amazon.com/eventbridge/pricing/>: what AWS's services send by themselves costs nothing.
    fn usage(&self, _: &Resource, happened: &Activity, _: &Assumed) -> Vec<Metered> {
        vec![Metered::count(
            "events.custom",
            happened.count(&Act::MatchBilled),
        )]
    }
}

impl Rule {
    pub(in crate::stack) fn expand(&self, key: &str, out: &mut Expansion) {
        let address = Address::new(Kind::Rule, key);
        self.check(key, out);
        let spec = RuleSpec {
            description: self.description.clone(),
            pattern: self.event_pattern().map(EventPattern),
            schedule: self.schedule.clone(),
            enabled: self.enabled,
            targets: vec![self.target(key, &address, out)],
        };
        out.add(Kind::Rule, address, self.name.as_deref(), &spec);
    }

    /// Whether S3 has to send its own events of this bucket.
    pub(in crate::stack) fn wants_s3_events(&self, bucket: &str) -> bool {
        self.via == Via::S3 && self.put_object_in.as_deref() == Some(bucket)
    }

    fn check(&self, key: &str, out: &mut Expansion) {
        // Counted as written: an invalid one counts too.
        let written = out.node(&["rules", key]).map(Node::entries);
        // A key that is misspelt is reported as such.
        let is_misspelt = written.unwrap_or_default().iter().any(|entry| {
            !WAITED_FOR.contains(&entry.key.as_str())
                && suggestion(&entry.key, &WAITED_FOR).is_some()
        });
        let given = WAITED_FOR
            .into_iter()
            .filter_map(|field| out.node(&["rules", key, field]))
            .filter(|node| node.value != source::Value::Null);
        let given_once = given.count() == 1;
        if !given_once && !is_misspelt {
            out.problem_at(
                &["rules", key],
                format!("the rule `{key}` needs exactly one of `put_object_in`, `pattern` and `schedule`"),
                "say what it waits for, once",
            );
        }
        for (field, text) in [("prefix", &self.prefix), ("suffix", &self.suffix)] {
            if given_once
                && self.put_object_in.is_none()
                && out.node(&["rules", key, field]).is_some()
            {
                out.problem_at_key(
                    &["rules", key, field],
                    format!("`{field}` is for keys of objects, and the rule `{key}` has no `put_object_in`"),
                    &self.filter_in_pattern(field, text.as_deref().unwrap_or("TEXT")),
                );
            }
        }
        self.check_schedule(key, out);
        if let Some(pattern) = out.node(&["rules", key, "pattern"]) {
            pattern::check(pattern, out);
        }
        if let Some(bucket) = &self.put_object_in
            && out.key_of(Kind::Bucket, bucket, &["rules", key, "put_object_in"])
            && given_once
            && self.via == Via::Cloudtrail
            && out
                .node(&["rules", key, "via"])
                .is_none_or(|via| via.as_str() == Some("cloudtrail"))
            && !out
                .file
                .trails
                .values()
                .any(|trail| trail.records_writes_to(bucket))
            && out.file.trails.len()
                == out
                    .node(&["trails"])
                    .map_or(0, |trails| trails.entries().len())
        {
            out.warning_at(
                &["rules", key, "put_object_in"],
                format!("no trail of this stack records writes to `{bucket}`, so the rule may never match"),
                "add a trail with `objects_of` and `record: write`, or say `via: s3`",
            );
        }
    }

    /// How a pattern says what `prefix` or `suffix` says beside `put_object_in`.
    fn filter_in_pattern(&self, field: &str, text: &str) -> String {
        let Some(pattern) = &self.pattern else {
            return "leave it out".to_owned();
        };
        let types = pattern["detail-type"].to_string();
        let holder = if types.contains("CloudTrail") {
            "requestParameters"
        } else {
            "object"
        };
        format!(
            "write it in the pattern: `detail: {{ {holder}: {{ key: [{{ {field}: {text} }}] }} }}`"
        )
    }

    /// A schedule is checked once its parameters are known.
    fn check_schedule(&self, key: &str, out: &mut Expansion) {
        let at = ["rules", key, "schedule"];
        let written = self.schedule.as_ref();
        let Some(schedule) = written.and_then(|text| out.resolved(text, &at)) else {
            return;
        };
        match schedule::refusal(&schedule) {
            Some(refusal) if refusal.is_certain => out.problem_at(&at, refusal.why, &refusal.help),
            Some(doubt) => out.warning_at(&at, doubt.why, &doubt.help),
            None => {}
        }
    }

    /// <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail.html> and
    /// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html>
    fn event_pattern(&self) -> Option<Value> {
        let Some(bucket) = &self.put_object_in else {
            return self.pattern.clone();
        };
        let name = format!("${{{bucket}.name}}");
        let (prefix, suffix) = (self.prefix.as_deref(), self.suffix.as_deref());
        let key = object_keys::matcher(prefix, suffix);
        let mut pattern = match self.via {
            Via::Cloudtrail => json!({
                "source": ["aws.s3"],
                "detail-type": ["AWS API Call via CloudTrail"],
                "detail": {
                    "eventSource": ["s3.amazonaws.com"],
                    // Clients put larger files, and copies, by these instead of PutObject.
                    "eventName": ["PutObject", "CompleteMultipartUpload", "CopyObject"],
                    "requestParameters": { "bucketName": [name] },
                },
            }),
            Via::S3 => json!({
                "source": ["aws.s3"],
                "detail-type": ["Object Created"],
                "detail": { "bucket": { "name": [name] } },
            }),
        };
        if let Some(key) = key {
            let holder = match self.via {
                Via::Cloudtrail => "requestParameters",
                Via::S3 => "object",
            };
            pattern["detail"][holder]["key"] = key;
        }
        Some(pattern)
    }
}
