//! The calls that definitions make and roles allow, and what each does.

use std::collections::BTreeSet;

use serde_json::Value;

use super::acts::Act;
use crate::asl::StateCall;
use crate::stack::Resource;

/// A call: an action of a service on resources.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct BilledCall {
    /// As policies name it: `dynamodb`.
    service: String,
    /// As policies name it, with `*` where that is allowed: `PutItem`.
    action: String,
    /// ARNs, or `*`.
    pub resources: BTreeSet<String>,
}

/// Services whose calls by themselves cost nothing here: what they start is counted where it happens.
const NOT_BILLED: [&str; 6] = ["iam", "sts", "logs", "http", "cloudtrail", "tag"];

/// Services of the stack's own resources.
const OF_KINDS: [&str; 9] = [
    "s3",
    "s3express",
    "dynamodb",
    "lambda",
    "states",
    "sns",
    "sqs",
    "glacier",
    "events",
];

/// What Amazon Rekognition bills as one image (<https://aws.amazon.com/rekognition/pricing/>).
const GROUP_1: [&str; 4] = [
    "comparefaces",
    "indexfaces",
    "searchfaces",
    "searchfacesbyimage",
];
const GROUP_2: [&str; 6] = [
    "detectlabels",
    "detectfaces",
    "detectmoderationlabels",
    "detecttext",
    "recognizecelebrities",
    "detectprotectiveequipment",
];

/// The call of a state.
pub(super) fn calls_of_state(call: StateCall) -> BilledCall {
    let is_session = call.service == "s3" && call.action.eq_ignore_ascii_case("createSession");
    let service = match call.service.as_str() {
        "sfn" => "states",
        "eventbridge" => "events",
        _ if is_session => "s3express",
        other => other,
    };
    BilledCall {
        service: service.to_owned(),
        action: call.action,
        resources: call.resources.into_iter().collect(),
    }
}

/// The calls that statements of policies allow: each action once, on all that it is allowed on.
pub(super) fn calls_of_statements<'v>(
    statements: impl Iterator<Item = &'v Value>,
) -> Vec<BilledCall> {
    let mut calls: Vec<BilledCall> = Vec::new();
    for statement in statements.filter(|one| one["Effect"] == "Allow") {
        let resources: BTreeSet<String> =
            texts(&statement["Resource"]).map(str::to_owned).collect();
        for action in texts(&statement["Action"]) {
            let (service, action) = action.split_once(':').unwrap_or((action, "*"));
            let found = calls
                .iter_mut()
                .find(|one| one.service == service && one.action == action);
            if let Some(call) = found {
                call.resources.extend(resources.iter().cloned());
            } else {
                let (service, action) = (service.to_lowercase(), action.to_owned());
                calls.push(BilledCall {
                    service,
                    action,
                    resources: resources.clone(),
                });
            }
        }
    }
    calls
}

fn texts(value: &Value) -> impl Iterator<Item = &str> {
    let all = match value {
        Value::Array(items) => items.as_slice(),
        one => std::slice::from_ref(one),
    };
    all.iter().filter_map(Value::as_str)
}

impl BilledCall {
    /// The action, as policies name it.
    pub fn name(&self) -> String {
        format!("{}:{}", self.service, self.action)
    }

    /// What is billed by itself for the call: an item of the price list, or a name without a price.
    pub fn item(&self) -> Option<String> {
        let action = self.action.to_lowercase();
        let is = |list: &[&str]| list.contains(&action.as_str());
        match self.service.as_str() {
            "rekognition" if is(&GROUP_1) => Some("rekognition.image.group1".to_owned()),
            "rekognition" if is(&GROUP_2) || action == "*" || action == "detect*" => {
                Some("rekognition.image.group2".to_owned())
            }
            "events" if action == "putevents" => Some("events.custom".to_owned()),
            service if OF_KINDS.contains(&service) || NOT_BILLED.contains(&service) => None,
            _ => Some(self.name()),
        }
    }

    /// Whether a resource of the stack is among what it is made on.
    pub fn is_for(&self, resource: &Resource) -> bool {
        let services = resource.kind.facts().services;
        let is_express = resource.arn.contains(":s3express:");
        let of_service = match self.service.as_str() {
            "s3express" => is_express,
            "s3" => services.contains(&"s3") && !is_express,
            other => services.contains(&other),
        };
        of_service && self.resources.iter().any(|arn| is_of(arn, &resource.arn))
    }

    /// What it does to a resource.
    pub fn acts(&self) -> Vec<Act> {
        let action = self.action.to_lowercase();
        if action == "*" {
            return vec![Act::Read, Act::Write];
        }
        let kept = [
            "putobject",
            "copyobject",
            "createmultipartupload",
            "putitem",
            "updateitem",
            "uploadarchive",
        ];
        let batches = ["batchwriteitem", "transactwriteitems", "putobject*", "put*"];
        if kept.contains(&action.as_str()) || batches.contains(&action.as_str()) {
            return vec![Act::Write];
        }
        let by_verb: [(&[&str], Act); 9] = [
            (&["getrecords", "describe"], Act::Change),
            (
                &[
                    "get",
                    "head",
                    "query",
                    "scan",
                    "batchget",
                    "transactget",
                    "select",
                    "createsession",
                    "initiatejob",
                ],
                Act::Read,
            ),
            (&["list"], Act::List),
            (&["delete", "abort"], Act::Delete),
            (&["invoke"], Act::Invoke),
            (&["start"], Act::Start),
            (&["send", "publish"], Act::Send),
            (&["receive", "change", "purge"], Act::Receive),
            (
                &["put", "copy", "complete", "upload", "restore", "update"],
                Act::Change,
            ),
        ];
        let found = by_verb
            .into_iter()
            .find(|(verbs, _)| verbs.iter().any(|verb| action.starts_with(verb)));
        found.map(|(_, act)| act).into_iter().collect()
    }
}

/// Whether an ARN of a policy is a resource's, or of something in it; up to its first `*` it has to agree.
fn is_of(arn: &str, resource: &str) -> bool {
    if let Some(rest) = arn.strip_prefix(resource) {
        return rest.is_empty() || rest.starts_with(['/', ':', '*']);
    }
    arn.split_once('*')
        .is_some_and(|(begin, _)| resource.starts_with(begin))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn call(action: &str, resource: &str) -> BilledCall {
        let statement = json!({ "Effect": "Allow", "Action": action, "Resource": resource });
        calls_of_statements([&statement].into_iter()).remove(0)
    }

    #[test]
    fn calls_are_billed_by_what_they_do() {
        for (action, acts) in [
            ("s3:GetObject", vec![Act::Read]),
            ("s3:PutObject", vec![Act::Write]),
            ("s3:PutObjectTagging", vec![Act::Change]),
            ("s3:ListBucket", vec![Act::List]),
            ("s3:*", vec![Act::Read, Act::Write]),
            ("dynamodb:Query", vec![Act::Read]),
            ("dynamodb:UpdateItem", vec![Act::Write]),
            ("dynamodb:DescribeTable", vec![Act::Change]),
            ("lambda:InvokeFunction", vec![Act::Invoke]),
            ("states:StartExecution", vec![Act::Start]),
            ("sns:Publish", vec![Act::Send]),
            ("sqs:ReceiveMessage", vec![Act::Receive]),
        ] {
            let call = call(action, "*");
            assert_eq!((call.acts(), call.item()), (acts, None), "{action}");
        }
        for (action, item) in [
            ("rekognition:DetectLabels", "rekognition.image.group2"),
            ("rekognition:*", "rekognition.image.group2"),
            ("rekognition:CompareFaces", "rekognition.image.group1"),
            (
                "rekognition:StartLabelDetection",
                "rekognition:StartLabelDetection",
            ),
            ("bedrock:InvokeModel", "bedrock:InvokeModel"),
            ("events:PutEvents", "events.custom"),
        ] {
            assert_eq!(call(action, "*").item().as_deref(), Some(item), "{action}");
        }
        assert_eq!(call("sts:GetCallerIdentity", "*").item(), None);
    }

    #[test]
    fn an_arn_names_a_resource_or_what_is_in_it() {
        let bucket = "arn:aws:s3:::lab-images";
        for arn in [
            bucket,
            "*",
            "arn:aws:s3:::lab-*",
            "arn:aws:s3:::lab-images/*",
            "arn:aws:s3:::lab-images*",
        ] {
            assert!(is_of(arn, bucket), "{arn}");
        }
        for arn in [
            "arn:aws:s3:::lab-images2",
            "arn:aws:s3:::lab",
            "arn:aws:s3:::other-*",
        ] {
            assert!(!is_of(arn, bucket), "{arn}");
        }
    }
}
