//! SQS queues.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::rule::targets;
use super::topic;
use crate::data::partitions;
use crate::stack::expand::Expansion;
use crate::stack::name::RefusedName;
use crate::stack::policy::{self, DocumentRules, PolicyDocument};
use crate::stack::usage::{Act, Activity, Assumed, Metered};
use crate::stack::{
    Address, Doomed, Facts, Kind, NameRule, ReaperCall, Resource, ResourceType, TagRule, Target,
    Teardown,
};

/// What the name of a FIFO queue or topic ends in.
pub(super) const FIFO: &str = ".fifo";

/// How often a message is received before it goes to the dead-letter queue, where the stack does not say.
const MAX_RECEIVES: i32 = 5;

/// A queue. Who in the stack sends to it is allowed to.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Queue {
    /// Its name in SQS; by default stack and key. A FIFO queue's ends in `.fifo`, which is added.
    #[serde(default)]
    pub name: Option<String>,
    /// Whether messages keep their order and come once. AWS cannot change it.
    #[serde(default)]
    pub fifo: bool,
    /// Whether SQS takes two messages of the same body for one, in a FIFO queue.
    #[serde(default)]
    pub content_based_deduplication: bool,
    /// Seconds that a received message is hidden from others.
    #[serde(default = "default_visibility_timeout")]
    #[schemars(range(min = 0, max = 43200))]
    pub visibility_timeout: i32,
    /// Seconds that a message is kept.
    #[serde(default = "default_retention")]
    #[schemars(range(min = 60, max = 1_209_600))]
    pub retention: i32,
    /// Seconds until a new message can be received.
    #[serde(default)]
    #[schemars(range(min = 0, max = 900))]
    pub delay: i32,
    /// Seconds that a receiver waits for a message.
    #[serde(default)]
    #[schemars(range(min = 0, max = 20))]
    pub receive_wait: i32,
    /// The key of the queue that gets what was received too often.
    #[serde(default)]
    pub dead_letter: Option<String>,
    /// How often a message is received before it goes to the dead-letter queue; by default 5.
    #[serde(default)]
    #[schemars(range(min = 1, max = 1000))]
    pub max_receives: Option<i32>,
    /// A queue policy document. What lets the stack send is added.
    #[serde(default)]
    #[schemars(with = "Option<serde_json::Map<String, Value>>")]
    pub policy: Option<Value>,
}

/// What a queue is in SQS. Whether it is FIFO stands in its name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QueueSpec {
    /// Whether messages of the same body count as one.
    pub content_based_deduplication: bool,
    /// Seconds that a received message is hidden from others.
    pub visibility_timeout: i32,
    /// Seconds that a message is kept.
    pub retention: i32,
    /// Seconds until a new message can be received.
    pub delay: i32,
    /// Seconds that a receiver waits for a message.
    pub receive_wait: i32,
    /// Where messages go that were received too often.
    pub dead_letter: Option<DeadLetterSpec>,
    /// The policy document, in normal form.
    pub policy: Option<PolicyDocument>,
}

/// A dead-letter queue.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeadLetterSpec {
    /// Its ARN.
    pub queue: String,
    /// How often a message is received before it goes there.
    pub max_receives: i32,
}

fn default_visibility_timeout() -> i32 {
    30
}

fn default_retention() -> i32 {
    345_600
}

/// What is known of queues without a call.
pub struct QueueType;

static FACTS: Facts = Facts {
    noun: "queue",
    services: &["sqs"],
    deleted_after: &[Kind::Rule, Kind::Topic, Kind::Function, Kind::StateMachine],
    is_dated: true,
    holds: Some("its messages"),
    recognised_by: &["visibility_timeout", "retention", "delay", "receive_wait"],
    policies: &["policy"],
    document: Some(&DocumentRules::SQS),
    tags: TagRule::SQS,
    name: NameRule {
        min: 1,
        max: 80,
        punctuation: "-_.",
        lower_case: false,
        page: "AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html",
    },
    ..Facts::DEFAULT
};

impl ResourceType for QueueType {
    fn facts(&self) -> &'static Facts {
        &FACTS
    }

    fn expand(&self, out: &mut Expansion<'_>) {
        let file = out.file;
        file.queues
            .iter()
            .for_each(|(key, one)| one.expand(key, out));
    }

    /// The senders in its policy are sorted by their ARNs, which are known by now.
    fn complete(&self, out: &mut Expansion<'_>) {
        for key in out.file.queues.keys() {
            let address = Address::new(Kind::Queue, key);
            let spec = out.resource(&address).map(|queue| queue.spec.clone());
            if let Some(mut spec) = spec
                && !spec["policy"].is_null()
            {
                spec["policy"] = policy::normal(&spec["policy"]);
                out.set_spec(&address, &spec);
            }
        }
    }

    fn keeps_role_ids(&self, _: &Value) -> &'static [&'static str] {
        &["policy"]
    }

    fn arn(&self, target: &Target, name: &str) -> String {
        target.arn("sqs", name)
    }

    fn teardown(&self, of: &Doomed<'_>) -> Teardown {
        let queue = json!({ "QueueUrl": url(of.target, of.name) });
        let look = json!({ "QueueNamePrefix": of.name, "MaxResults": 1000 });
        Teardown::new(
            ReaperCall::new("sqs:listQueueTags", queue.clone()),
            vec![ReaperCall::new("sqs:deleteQueue", queue)],
            ReaperCall::new("sqs:listQueues", look),
        )
    }

    /// <https://aws.amazon.com/sqs/pricing/>: every action is a request.
    fn usage(&self, resource: &Resource, happened: &Activity, _: &Assumed) -> Vec<Metered> {
        let of = if is_fifo(&resource.name) {
            "fifo"
        } else {
            "standard"
        };
        let acts = [
            Act::Send,
            Act::Receive,
            Act::Delete,
            Act::Read,
            Act::Change,
            Act::List,
        ];
        vec![Metered::count(
            &format!("sqs.requests.{of}"),
            happened.sum(&acts),
        )]
    }

    fn attributes(&self, target: &Target, resource: &Resource) -> Vec<(&'static str, String)> {
        vec![
            ("name", resource.name.clone()),
            ("arn", resource.arn.clone()),
            ("url", url(target, &resource.name)),
        ]
    }

    fn longest_generated_name(&self) -> usize {
        FACTS.name.max - FIFO.len()
    }

    fn refused_name(&self, name: &str) -> Option<RefusedName> {
        refused_fifo(name)
    }

    /// The policy may name a role.
    fn waits_for(&self, kind: Kind, _: &str) -> bool {
        kind == Kind::Role || kind.facts().arn_is_made
    }

    /// SQS requires an existing dead-letter queue.
    fn waits_for_named(&self, spec: &Value) -> Vec<(Kind, String)> {
        let arn = spec["dead_letter"]["queue"].as_str();
        let name = arn.and_then(|arn| arn.rsplit(':').next());
        name.map(|name| (Kind::Queue, name.to_owned()))
            .into_iter()
            .collect()
    }
}

/// A queue's URL, which every call of SQS but three names it by.
///
/// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-queue-message-identifiers.html>
fn url(target: &Target, name: &str) -> String {
    let (region, account) = (&target.region, &target.account);
    let suffix = partitions::suffix(&target.partition);
    format!("https://sqs.{region}.{suffix}/{account}/{name}")
}

/// Whether a queue or topic of this name is FIFO.
#[must_use]
pub fn is_fifo(name: &str) -> bool {
    name.ends_with(FIFO)
}

/// Why a name with a full stop is not valid.
pub(super) fn refused_fifo(name: &str) -> Option<RefusedName> {
    let base = name.strip_suffix(FIFO).unwrap_or(name);
    if base.contains('.') {
        return Some(RefusedName::new(
            "it contains a full stop",
            "use letters, digits, - and _; `fifo: true` adds `.fifo`",
        ));
    }
    if base.is_empty() {
        return Some(RefusedName::new(
            "nothing comes before `.fifo`",
            "write a name",
        ));
    }
    None
}

/// The physical name of a queue or topic, by the name the stack file gives it.
pub(super) fn fifo_name(
    out: &Expansion,
    kind: Kind,
    address: &Address,
    given: Option<&str>,
    fifo: bool,
) -> String {
    let given = given.map(|name| {
        let base = name.strip_suffix(FIFO).filter(|_| fifo);
        base.unwrap_or(name)
    });
    let base = out.name_of(kind, address, given);
    if fifo { base + FIFO } else { base }
}

impl Queue {
    pub(in crate::stack) fn expand(&self, key: &str, out: &mut Expansion) {
        let address = Address::new(Kind::Queue, key);
        self.check(key, out);
        let dead_letter = self.dead_letter.as_ref().map(|queue| DeadLetterSpec {
            queue: format!("${{{queue}.arn}}"),
            max_receives: self.max_receives.unwrap_or(MAX_RECEIVES),
        });
        let senders = [
            targets::may_send(key, out.file),
            topic::may_send(key, out.file),
        ];
        let senders: Vec<Value> = senders.into_iter().flatten().collect();
        let spec = QueueSpec {
            content_based_deduplication: self.content_based_deduplication,
            visibility_timeout: self.visibility_timeout,
            retention: self.retention,
            delay: self.delay,
            receive_wait: self.receive_wait,
            dead_letter,
            policy: policy::extended(self.policy.as_ref(), &senders).map(PolicyDocument),
        };
        let name = self.name.as_deref();
        let name = fifo_name(out, Kind::Queue, &address, name, self.fifo);
        out.add_named(Kind::Queue, address, &name, &spec);
    }

    fn check(&self, key: &str, out: &mut Expansion) {
        let at = |field: &'static str| ["queues", key, field];
        if let Some(name) = &self.name
            && is_fifo(name)
            && !self.fifo
        {
            out.problem_at(
                &at("name"),
                format!("`{name}` is the name of a FIFO queue"),
                "add `fifo: true`, or choose another name",
            );
        }
        if self.content_based_deduplication && !self.fifo {
            out.problem_at(
                &at("content_based_deduplication"),
                "only a FIFO queue tells messages that it has already".to_owned(),
                "add `fifo: true`, or leave it out",
            );
        }
        if self.max_receives.is_some() && self.dead_letter.is_none() {
            out.problem_at(
                &at("max_receives"),
                "there is no dead-letter queue to send a message to".to_owned(),
                "add `dead_letter: QUEUE`, or leave it out",
            );
        }
        let Some(dead_letter) = &self.dead_letter else {
            return;
        };
        if !out.key_of(Kind::Queue, dead_letter, &at("dead_letter")) {
            return;
        }
        let file = out.file;
        if leads_back(key, &file.queues) {
            out.problem_at(
                &at("dead_letter"),
                "the dead-letter queues lead in a circle".to_owned(),
                "end them with a queue that has no `dead_letter`",
            );
        } else if let Some(other) = file.queues.get(dead_letter)
            && other.fifo != self.fifo
        {
            let kind = if self.fifo { "a FIFO" } else { "a standard" };
            out.problem_at(
                &at("dead_letter"),
                format!("the dead-letter queue of {kind} queue has to be {kind} queue too"),
                "let both have the same `fifo`",
            );
        }
    }
}

/// Whether a queue is reached again from its own dead-letter queue.
fn leads_back(key: &str, queues: &std::collections::BTreeMap<String, Queue>) -> bool {
    let next = |key: &str| queues.get(key)?.dead_letter.as_deref();
    let mut at = next(key);
    for _ in 0..queues.len() {
        match at {
            Some(found) if found == key => return true,
            Some(found) => at = next(found),
            None => return false,
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_names_region_account_and_queue() {
        let mut target = Target {
            partition: "aws".into(),
            region: "eu-west-1".into(),
            account: "123456789012".into(),
            stack: "lab".into(),
            owner: None,
        };
        let in_ireland = "https://sqs.eu-west-1.amazonaws.com/123456789012/lab-q.fifo";
        assert_eq!(url(&target, "lab-q.fifo"), in_ireland);
        target.partition = "aws-cn".into();
        target.region = "cn-north-1".into();
        let in_china = "https://sqs.cn-north-1.amazonaws.com.cn/123456789012/q";
        assert_eq!(url(&target, "q"), in_china);
    }
}
