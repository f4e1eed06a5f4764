//! The possible targets of a rule, and the permissions they need.

use serde_json::{Value, json};

use super::{Rule, TargetSpec};
use crate::stack::expand::Expansion;
use crate::stack::kinds::{PermissionSpec, role};
use crate::stack::{Address, Grant, Kind, StackFile, policy};

/// EventBridge, as policies name it.
const EVENTS: &str = "events.amazonaws.com";

/// What a rule may start.
const STARTED: [Kind; 4] = [Kind::StateMachine, Kind::Function, Kind::Queue, Kind::Topic];

impl Rule {
    /// What the rule starts. A machine is started with a role; what else there is lets EventBridge call
    /// it by a policy of its own.
    pub(super) fn target(&self, key: &str, address: &Address, out: &mut Expansion) -> TargetSpec {
        let kind = out.key_of_any(&STARTED, &self.start, &["rules", key, "start"]);
        let role = match kind {
            Some(Kind::StateMachine) | None => Some(self.role_arn(address, out)),
            Some(kind) => {
                self.check_role(key, kind, out);
                None
            }
        };
        self.check_fifo(key, out);
        let queue = out.file.queues.get(&self.start);
        TargetSpec {
            id: self.start.clone(),
            arn: format!("${{{}.arn}}", self.start),
            role,
            input: self.input.clone(),
            // All of a rule's messages are of one group.
            message_group: queue.filter(|queue| queue.fifo).map(|_| key.to_owned()),
            other: None,
        }
    }

    /// The role a machine is started with.
    fn role_arn(&self, address: &Address, out: &mut Expansion) -> String {
        if let Some(arn) = self.role.as_ref().or(out.file.defaults.role.as_ref()) {
            return arn.clone();
        }
        let start = json!({
            "Effect": "Allow",
            "Action": "states:StartExecution",
            "Resource": format!("${{{}.arn}}", self.start),
        });
        let trust = policy::trust(&[EVENTS], Some(&out.target.account));
        let why = format!("starting {}", self.start);
        role::add_generated_role(out, address, trust, vec![Grant::new(start, why)])
    }

    fn check_role(&self, key: &str, kind: Kind, out: &mut Expansion) {
        if self.role.is_some() {
            out.problem_at(
                &["rules", key, "role"],
                format!("a {kind} is not started with a role"),
                "leave it out: treino lets the rule call it",
            );
        }
    }

    /// <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-targets.html>
    fn check_fifo(&self, key: &str, out: &mut Expansion) {
        let file = out.file;
        let at = ["rules", key, "start"];
        if file.topics.get(&self.start).is_some_and(|topic| topic.fifo) {
            out.problem_at(
                &at,
                format!(
                    "`{}` is a FIFO topic, to which no rule publishes",
                    self.start
                ),
                "start a queue, or a topic without `fifo`",
            );
        }
        let queue = file.queues.get(&self.start);
        if queue.is_some_and(|queue| queue.fifo && !queue.content_based_deduplication) {
            out.problem_at(
                &at,
                format!(
                    "`{}` would refuse what the rule sends: EventBridge gives no deduplication id",
                    self.start
                ),
                "add `content_based_deduplication: true` to the queue",
            );
        }
    }
}

/// The rules of a stack that start a resource.
fn starting<'f>(key: &'f str, file: &'f StackFile) -> impl Iterator<Item = &'f str> {
    let rules = file.rules.iter().filter(move |(_, rule)| rule.start == key);
    rules.map(|(rule, _)| rule.as_str())
}

/// The statement that lets the stack's rules send to a queue.
pub(in crate::stack::kinds) fn may_send(queue: &str, file: &StackFile) -> Option<Value> {
    let sources: Vec<String> = starting(queue, file).map(arn_reference).collect();
    let statement = || {
        let queue = arn_reference(queue);
        policy::for_service((EVENTS, "sqs:SendMessage"), &queue, &sources)
    };
    (!sources.is_empty()).then(statement)
}

/// The statement that lets the stack's rules publish to a topic. EventBridge does not say there for
/// which rule it publishes
/// (<https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html>).
pub(in crate::stack::kinds) fn may_publish(topic: &str, file: &StackFile) -> Option<Value> {
    let statement = |_| policy::for_service((EVENTS, "sns:Publish"), &arn_reference(topic), &[]);
    starting(topic, file).next().map(statement)
}

/// A reference to the ARN of a resource of the stack.
pub(in crate::stack::kinds) fn arn_reference(key: &str) -> String {
    format!("${{{key}.arn}}")
}

/// The permissions that let the stack's rules call a function, by their ids.
pub(in crate::stack::kinds) fn may_invoke(
    function: &str,
    file: &StackFile,
) -> Vec<(String, PermissionSpec)> {
    let permission = |rule: &str| {
        let source = format!("${{{rule}.arn}}");
        (format!("rule-{rule}"), PermissionSpec::of(EVENTS, source))
    };
    starting(function, file).map(permission).collect()
}
