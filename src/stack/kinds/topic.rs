//! SNS topics and their subscriptions.

mod filter_policy;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::PermissionSpec;
use super::queue::{FIFO, fifo_name, is_fifo, refused_fifo};
use super::rule::targets::{self, arn_reference};
use crate::stack::event_pattern::{self, EventPattern};
use crate::stack::expand::Expansion;
use crate::stack::name::RefusedName;
use crate::stack::policy::{self, DocumentRules, PolicyDocument};
use crate::stack::usage::{Act, Activity, Assumed, Metered};
use crate::stack::{
    Address, Doomed, Facts, Kind, NameRule, ReaperCall, Resource, ResourceType, StackFile, TagRule,
    Target, Teardown,
};

/// A topic. What is published to it goes to its subscriptions.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Topic {
    /// Its name in SNS; by default stack and key. A FIFO topic's ends in `.fifo`, which is added.
    #[serde(default)]
    pub name: Option<String>,
    /// Whom messages by e-mail and SMS say they are from.
    #[serde(default)]
    pub display_name: String,
    /// Whether messages keep their order and come once. AWS cannot change it.
    #[serde(default)]
    pub fifo: bool,
    /// Whether SNS takes two messages of the same body for one, in a FIFO topic.
    #[serde(default)]
    pub content_based_deduplication: bool,
    /// The queues and functions that get its messages.
    #[serde(default)]
    pub subscriptions: Vec<Subscription>,
    /// A topic policy document. What lets the stack publish is added.
    #[serde(default)]
    #[schemars(with = "Option<serde_json::Map<String, Value>>")]
    pub policy: Option<Value>,
}

/// Who gets a topic's messages, and which.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Subscription {
    /// The key of the queue or function that gets them.
    pub to: String,
    /// Whether a queue gets the message alone, without what SNS says of it.
    #[serde(default)]
    pub raw_message_delivery: bool,
    /// A filter policy: only messages that match it are delivered.
    #[serde(default)]
    #[schemars(with = "Option<serde_json::Map<String, Value>>")]
    pub filter_policy: Option<Value>,
    /// What the filter policy looks at: `message_attributes` or `message_body`.
    #[serde(default)]
    pub filter_policy_scope: FilterScope,
}

/// What a filter policy looks at.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FilterScope {
    /// The attributes of the message.
    #[default]
    MessageAttributes,
    /// Its body, which is JSON.
    MessageBody,
}

/// What a topic is in SNS. Whether it is FIFO stands in its name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TopicSpec {
    /// Whom messages say they are from.
    pub display_name: String,
    /// Whether messages of the same body count as one.
    pub content_based_deduplication: bool,
    /// The policy document, in normal form; nothing where it is the one AWS gives every topic.
    pub policy: Option<PolicyDocument>,
    /// Those of queues and functions, by endpoint. Others, such as of e-mail addresses, are people's.
    pub subscriptions: Vec<SubscriptionSpec>,
}

/// A subscription of a queue or function.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SubscriptionSpec {
    /// The ARN of the queue or function.
    pub endpoint: String,
    /// Whether the message comes alone.
    pub raw_message_delivery: bool,
    /// Which messages come; all without one.
    pub filter_policy: Option<EventPattern>,
    /// What the filter policy looks at, where there is one.
    pub filter_policy_scope: Option<FilterScope>,
}

/// What is known of topics without a call.
pub struct TopicType;

static FACTS: Facts = Facts {
    noun: "topic",
    services: &["sns"],
    deleted_after: &[Kind::Rule, Kind::StateMachine],
    holds: Some("its subscriptions"),
    recognised_by: &["display_name", "content_based_deduplication"],
    policies: &["policy"],
    document: Some(&DocumentRules::SNS),
    tags: TagRule::common("SNS"),
    name: NameRule {
        min: 1,
        max: 256,
        punctuation: "-_.",
        lower_case: false,
        page: "sns/latest/api/API_CreateTopic.html",
    },
    ..Facts::DEFAULT
};

impl ResourceType for TopicType {
    fn facts(&self) -> &'static Facts {
        &FACTS
    }

    fn expand(&self, out: &mut Expansion<'_>) {
        let file = out.file;
        file.topics
            .iter()
            .for_each(|(key, one)| one.expand(key, out));
    }

    /// Subscriptions are read in the order of their endpoints, which are known by now.
    fn complete(&self, out: &mut Expansion<'_>) {
        for key in out.file.topics.keys() {
            let address = Address::new(Kind::Topic, key);
            let spec = out.resource(&address).map(|topic| topic.spec.clone());
            let spec = spec.and_then(|spec| serde_json::from_value::<TopicSpec>(spec).ok());
            if let Some(mut spec) = spec {
                spec.subscriptions
                    .sort_by(|a, b| a.endpoint.cmp(&b.endpoint));
                out.set_spec(&address, &spec);
            }
        }
    }

    fn aligned(&self, live: &Value, want: &Value) -> Value {
        let mut out = policy::aligned_fields_of(&FACTS, live, want);
        let wanted = want["subscriptions"].as_array();
        let wanted = wanted.map(Vec::as_slice).unwrap_or_default();
        let live = out.get_mut("subscriptions").and_then(Value::as_array_mut);
        for one in live.into_iter().flatten() {
            let wanted = wanted
                .iter()
                .find(|wanted| wanted["endpoint"] == one["endpoint"]);
            let wanted = wanted.and_then(|wanted| wanted.get("filter_policy"));
            event_pattern::align(one.get_mut("filter_policy"), wanted);
        }
        out
    }

    fn keeps_role_ids(&self, _: &Value) -> &'static [&'static str] {
        &["policy"]
    }

    fn arn(&self, target: &Target, name: &str) -> String {
        target.arn("sns", name)
    }

    fn teardown(&self, of: &Doomed<'_>) -> Teardown {
        Teardown::new(
            ReaperCall::new("sns:listTagsForResource", json!({ "ResourceArn": of.arn })),
            vec![ReaperCall::new(
                "sns:deleteTopic",
                json!({ "TopicArn": of.arn }),
            )],
            ReaperCall::new("sns:listTopics", json!({})),
        )
    }

    /// <https://aws.amazon.com/sns/pricing/>
    fn usage(&self, resource: &Resource, happened: &Activity, _: &Assumed) -> Vec<Metered> {
        let of = if is_fifo(&resource.name) {
            "sns.fifo"
        } else {
            "sns"
        };
        vec![
            Metered::count(&format!("{of}.requests"), happened.count(&Act::Send)),
            Metered::count(
                &format!("{of}.deliveries.sqs"),
                happened.count(&Act::DeliverToQueue),
            ),
            Metered::count(
                &format!("{of}.deliveries.lambda"),
                happened.count(&Act::DeliverToFunction),
            ),
        ]
    }

    fn longest_generated_name(&self) -> usize {
        FACTS.name.max - FIFO.len()
    }

    fn refused_name(&self, name: &str) -> Option<RefusedName> {
        refused_fifo(name)
    }

    /// The subscribed queues and functions exist first, so that no message is lost. The policy may name a
    /// role.
    fn waits_for(&self, kind: Kind, _: &str) -> bool {
        matches!(kind, Kind::Queue | Kind::Function | Kind::Role) || kind.facts().arn_is_made
    }
}

impl Topic {
    pub(in crate::stack) fn expand(&self, key: &str, out: &mut Expansion) {
        let address = Address::new(Kind::Topic, key);
        self.check(key, out);
        let subscriptions = self.subscriptions.iter().map(|one| {
            // SNS takes an empty filter policy for none.
            let filter = one
                .filter_policy
                .as_ref()
                .filter(|filter| !is_empty(filter));
            SubscriptionSpec {
                endpoint: arn_reference(&one.to),
                raw_message_delivery: one.raw_message_delivery,
                filter_policy: filter.cloned().map(EventPattern),
                filter_policy_scope: filter.map(|_| one.filter_policy_scope),
            }
        });
        let publishers = targets::may_publish(key, out.file);
        let spec = TopicSpec {
            display_name: self.display_name.clone(),
            content_based_deduplication: self.content_based_deduplication,
            policy: policy::extended(self.policy.as_ref(), publishers.as_slice())
                .map(PolicyDocument),
            subscriptions: subscriptions.collect(),
        };
        let name = self.name.as_deref();
        let name = fifo_name(out, Kind::Topic, &address, name, self.fifo);
        out.add_named(Kind::Topic, address, &name, &spec);
    }

    fn check(&self, key: &str, out: &mut Expansion) {
        let at = |field: &'static str| ["topics", key, field];
        if let Some(name) = &self.name
            && is_fifo(name)
            && !self.fifo
        {
            out.problem_at(
                &at("name"),
                format!("`{name}` is the name of a FIFO topic"),
                "add `fifo: true`, or choose another name",
            );
        }
        if self.content_based_deduplication && !self.fifo {
            out.problem_at(
                &at("content_based_deduplication"),
                "only a FIFO topic tells messages that it has already".to_owned(),
                "add `fifo: true`, or leave it out",
            );
        }
        for (index, one) in self.subscriptions.iter().enumerate() {
            self.check_subscription(key, index, one, out);
        }
    }

    fn check_subscription(&self, key: &str, index: usize, one: &Subscription, out: &mut Expansion) {
        let item = index.to_string();
        let at = |field: &'static str| ["topics", key, "subscriptions", item.as_str(), field];
        let kinds = [Kind::Queue, Kind::Function];
        let Some(kind) = out.key_of_any(&kinds, &one.to, &at("to")) else {
            return;
        };
        let earlier = self.subscriptions[..index].iter();
        if earlier.into_iter().any(|other| other.to == one.to) {
            out.problem_at(
                &at("to"),
                format!("`{}` is subscribed twice", one.to),
                "SNS takes one subscription of each: leave one out",
            );
        }
        let file = out.file;
        let to_fifo = file.queues.get(&one.to).is_some_and(|queue| queue.fifo);
        if kind == Kind::Function && self.fifo {
            out.problem_at(
                &at("to"),
                "a FIFO topic delivers to queues alone".to_owned(),
                "subscribe a queue, or leave out `fifo`",
            );
        } else if to_fifo && !self.fifo {
            out.problem_at(
                &at("to"),
                format!(
                    "`{}` is a FIFO queue, to which only a FIFO topic delivers",
                    one.to
                ),
                "let both have the same `fifo`",
            );
        }
        if kind == Kind::Function && one.raw_message_delivery {
            out.problem_at(
                &at("raw_message_delivery"),
                "a function gets what SNS says of a message in any case".to_owned(),
                "leave it out: it is for queues",
            );
        }
        if let Some(node) = out.node(&at("filter_policy")) {
            filter_policy::check(node, one.filter_policy_scope, out);
        }
        if one.filter_policy.is_none() && one.filter_policy_scope != FilterScope::default() {
            out.problem_at(
                &at("filter_policy_scope"),
                "there is no filter policy to look at it".to_owned(),
                "add `filter_policy`, or leave it out",
            );
        }
    }
}

fn is_empty(filter: &Value) -> bool {
    filter.as_object().is_some_and(serde_json::Map::is_empty)
}

/// The topics of a stack that deliver to a resource.
fn delivering<'f>(to: &'f str, file: &'f StackFile) -> impl Iterator<Item = &'f str> {
    let topics = file.topics.iter();
    let topics = topics.filter(move |(_, topic)| topic.subscriptions.iter().any(|s| s.to == to));
    topics.map(|(key, _)| key.as_str())
}

/// The statement that lets the stack's topics send to a queue.
pub(super) fn may_send(queue: &str, file: &StackFile) -> Option<Value> {
    let sources: Vec<String> = delivering(queue, file).map(arn_reference).collect();
    let statement = || {
        let call = ("sns.amazonaws.com", "sqs:SendMessage");
        policy::for_service(call, &arn_reference(queue), &sources)
    };
    (!sources.is_empty()).then(statement)
}

/// The permissions that let the stack's topics call a function, by their ids.
pub(super) fn may_invoke(function: &str, file: &StackFile) -> Vec<(String, PermissionSpec)> {
    let permission = |topic: &str| {
        let source = format!("${{{topic}.arn}}");
        let permission = PermissionSpec::of("sns.amazonaws.com", source);
        (format!("topic-{topic}"), permission)
    };
    delivering(function, file).map(permission).collect()
}
