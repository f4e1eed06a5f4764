//! The events that follow from what a state machine or function does.

use serde_json::Value;

use super::permitted::Permitted;
use crate::asl::with_literal_arguments;
use crate::stack::event_pattern::PossibleEvent;
use crate::stack::expand::Expansion;
use crate::stack::text_pattern::TextPattern;
use crate::stack::{Address, Kind, Resource};

/// An action on objects.
struct ObjectAction {
    /// As a policy names it, in lower case.
    action: &'static str,
    /// The event that S3 sends of it, if any.
    sent: Option<&'static str>,
    /// The calls that CloudTrail records.
    recorded: &'static [&'static str],
    /// What it does with objects, in a word.
    verb: &'static str,
}

/// What reads and changes nothing.
pub(super) const READ: &str = "read";

/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/EventBridge.html>
#[rustfmt::skip]
const OBJECT_ACTIONS: [ObjectAction; 7] = [
    ObjectAction { action: "s3:putobject", sent: Some("Object Created"), verb: "write",
        recorded: &["PutObject", "CompleteMultipartUpload", "CopyObject", "CreateMultipartUpload", "UploadPart"] },
    ObjectAction { action: "s3:deleteobject", sent: Some("Object Deleted"), verb: "delete",
        recorded: &["DeleteObject", "DeleteObjects"] },
    ObjectAction { action: "s3:deleteobjectversion", sent: Some("Object Deleted"), verb: "delete",
        recorded: &["DeleteObject", "DeleteObjects"] },
    ObjectAction { action: "s3:putobjecttagging", sent: Some("Object Tags Added"), verb: "tag",
        recorded: &["PutObjectTagging"] },
    ObjectAction { action: "s3:deleteobjecttagging", sent: Some("Object Tags Deleted"), verb: "untag",
        recorded: &["DeleteObjectTagging"] },
    ObjectAction { action: "s3:putobjectacl", sent: Some("Object ACL Updated"), verb: "share",
        recorded: &["PutObjectAcl"] },
    ObjectAction { action: "s3:getobject", sent: None, verb: READ, recorded: &["GetObject", "HeadObject"] },
];

/// What makes an event.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum EventCause {
    /// Something is done with an object.
    Object {
        verb: &'static str,
        /// The address of the bucket.
        bucket: Address,
        /// The keys.
        key: TextPattern,
        /// Whether CloudTrail, not S3, sends the event.
        recorded: bool,
        /// Whether a definition says so, and not only a role.
        certain: bool,
    },
    /// It puts an event.
    Put {
        source: Option<String>,
        certain: bool,
    },
    /// The status of an execution of the machine changes.
    Status,
}

/// An event that may follow.
pub(super) struct Emitted {
    pub event: PossibleEvent,
    pub cause: EventCause,
}

impl Expansion<'_> {
    /// The events that may follow from what a machine or function does, to these buckets among others.
    pub(super) fn emitted(
        &self,
        of: &Resource,
        permitted: &[Permitted],
        buckets: &[&Resource],
    ) -> Vec<Emitted> {
        let mut all = Vec::new();
        for action in &OBJECT_ACTIONS {
            for one in permitted.iter().filter(|one| one.allows(action.action)) {
                for resource in one.resources().map(TextPattern::of_iam) {
                    for bucket in buckets {
                        for key in resource.after(&format!("{}/", bucket.arn)) {
                            all.extend(object_events(bucket, action, &key, one.by_definition));
                        }
                    }
                }
            }
        }
        if of.kind == Kind::StateMachine {
            let mut puts = Vec::new();
            put_events(&with_literal_arguments(&of.spec["definition"]), &mut puts);
            all.extend(puts);
            all.extend(status_event(of));
        } else {
            all.extend(permitted.iter().filter_map(|one| self.put_by_role(one)));
        }
        all
    }

    /// An event that a role allows to put on the bus of the rules.
    fn put_by_role(&self, permitted: &Permitted) -> Option<Emitted> {
        let bus = self.target.arn("events", "event-bus/default");
        let bus = TextPattern::exactly(&bus);
        let mut resources = permitted.resources().map(TextPattern::of_iam);
        let may_put =
            permitted.allows("events:putevents") && resources.any(|one| one.overlaps(&bus));
        if !may_put {
            return None;
        }
        let mut event = PossibleEvent::custom();
        for (key, field) in [
            ("events:source", "source"),
            ("events:detail-type", "detail-type"),
        ] {
            if let Some(values) = permitted.condition(key) {
                event = event.with(field, values);
            }
            event = event.without(field, permitted.excluded(key));
        }
        let cause = EventCause::Put {
            source: None,
            certain: false,
        };
        Some(Emitted { event, cause })
    }
}

/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html> and
/// <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail.html>
fn object_events(
    bucket: &Resource,
    action: &ObjectAction,
    key: &TextPattern,
    certain: bool,
) -> Vec<Emitted> {
    let cause = |recorded| EventCause::Object {
        verb: action.verb,
        bucket: bucket.address.clone(),
        key: key.clone(),
        recorded,
        certain,
    };
    let absent = &["detail.bucket", "detail.object", "detail.reason"];
    let recorded = PossibleEvent::new(absent)
        .with_text("source", "aws.s3")
        .with_text("detail-type", "AWS API Call via CloudTrail")
        .with_text("detail.eventSource", "s3.amazonaws.com")
        .with(
            "detail.eventName",
            action.recorded.iter().map(|one| TextPattern::exactly(one)),
        )
        .with_text("detail.requestParameters.bucketName", &bucket.name)
        .with("detail.requestParameters.key", [key.clone()]);
    let mut all = vec![Emitted {
        event: recorded,
        cause: cause(true),
    }];
    if let Some(detail_type) = action.sent.filter(|_| bucket.spec["events"] == true) {
        let absent = &[
            "detail.requestParameters",
            "detail.eventName",
            "detail.eventSource",
        ];
        let sent = PossibleEvent::new(absent)
            .with_text("source", "aws.s3")
            .with_text("detail-type", detail_type)
            .with_text("resources", &bucket.arn)
            .with_text("detail.bucket.name", &bucket.name)
            .with("detail.object.key", [key.clone()]);
        all.insert(
            0,
            Emitted {
                event: sent,
                cause: cause(false),
            },
        );
    }
    all
}

/// What a definition puts on the bus of the rules
/// (<https://docs.aws.amazon.com/step-functions/latest/dg/connect-eventbridge.html>).
fn put_events(definition: &Value, found: &mut Vec<Emitted>) {
    let resource = definition["Resource"].as_str().unwrap_or_default();
    if resource.to_lowercase().contains(":putevents") {
        let given = [&definition["Parameters"], &definition["Arguments"]];
        let mut entries = given
            .into_iter()
            .filter_map(|one| one["Entries"].as_array());
        match entries.next() {
            Some(entries) => found.extend(entries.iter().filter_map(put_event)),
            None => found.extend(put_event(&Value::Null)),
        }
    }
    match definition {
        Value::Object(fields) => fields.values().for_each(|one| put_events(one, found)),
        Value::Array(items) => items.iter().for_each(|one| put_events(one, found)),
        _ => {}
    }
}

/// The event of an entry. What is computed may be anything.
fn put_event(entry: &Value) -> Option<Emitted> {
    let literal = |value: &Value| {
        let text = value.as_str().filter(|text| !text.starts_with("{%"));
        text.map(str::to_owned)
    };
    let bus = literal(&entry["EventBusName"]);
    if bus.is_some_and(|bus| bus != "default" && !bus.ends_with("event-bus/default")) {
        return None;
    }
    let source = literal(&entry["Source"]);
    let mut event = PossibleEvent::custom();
    for (name, value) in [
        ("source", source.clone()),
        ("detail-type", literal(&entry["DetailType"])),
    ] {
        if let Some(value) = value {
            event = event.with_text(name, &value);
        }
    }
    event = event.with_constants("detail", &entry["Detail"]);
    let cause = EventCause::Put {
        source,
        certain: true,
    };
    Some(Emitted { event, cause })
}

/// Executions of express machines send no events
/// (<https://docs.aws.amazon.com/step-functions/latest/dg/eventbridge-integration.html>).
fn status_event(machine: &Resource) -> Option<Emitted> {
    let statuses = ["RUNNING", "SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED"];
    let execution = machine.arn.replacen(":stateMachine:", ":execution:", 1);
    let execution = TextPattern::beginning_with(&format!("{execution}:"));
    let event = PossibleEvent::new(&["detail.eventName", "detail.eventSource"])
        .with_text("source", "aws.states")
        .with_text("detail-type", "Step Functions Execution Status Change")
        .with("resources", [execution.clone()])
        .with("detail.executionArn", [execution])
        .with_text("detail.stateMachineArn", &machine.arn)
        .with("detail.status", statuses.map(TextPattern::exactly));
    (machine.spec["type"] == "standard").then_some(Emitted {
        event,
        cause: EventCause::Status,
    })
}
