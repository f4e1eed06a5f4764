//! The complete state of an account as AWS reports it, for comparing two moments.
//!
//! The raw answers are used, not the SDK's types: those hide sensitive fields, such as definitions and
//! environments.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use regex::Regex;
use serde_json::{Value, json};

use super::Clients;

/// By resource (`kind name`): each request and its answer.
pub type State = BTreeMap<String, Vec<String>>;

/// What differs between two states, a line each.
pub fn differences(wanted: &State, seen: &State) -> Vec<String> {
    let mut lines = Vec::new();
    for name in wanted.keys().chain(seen.keys()) {
        match (wanted.get(name), seen.get(name)) {
            (Some(_), None) => lines.push(format!("- {name}")),
            (None, Some(_)) => lines.push(format!("+ {name}")),
            (Some(wanted), Some(seen)) => {
                for (wanted, seen) in wanted.iter().zip(seen).filter(|(a, b)| a != b) {
                    lines.push(format!("{name}: {}", difference(wanted, seen)));
                }
            }
            (None, None) => {}
        }
    }
    lines.sort();
    lines.dedup();
    lines
}

/// From shortly before the first difference.
fn difference(wanted: &str, seen: &str) -> String {
    let same = wanted.chars().zip(seen.chars());
    let same = same.take_while(|(a, b)| a == b).count();
    let part = |text: &str| -> String {
        let text = text.chars().skip(same.saturating_sub(40));
        text.take(120).collect()
    };
    format!("`{}` instead of `{}`", part(seen), part(wanted))
}

/// As [`Clients::everything`] names them; none is a prefix of another.
const KINDS: [&str; 11] = [
    "directory bucket",
    "bucket",
    "table",
    "role",
    "log group",
    "function",
    "state machine",
    "trail",
    "rule",
    "connection",
    "vault",
];

/// The requests about a bucket.
const OF_BUCKETS: [&str; 8] = [
    "tagging",
    "versioning",
    "encryption",
    "publicAccessBlock",
    "policy",
    "notification",
    "lifecycle",
    "ownershipControls",
];

/// Sends requests about an account to an endpoint.
pub struct Asking<'a> {
    pub clients: &'a Clients,
}

impl Asking<'_> {
    /// Every resource with all its settings. Values that AWS generates anew each time (ids, times) are left
    /// out.
    pub async fn state(&self) -> State {
        let mut state = State::new();
        for name in self.clients.everything().await {
            let answers = self.of(&name);
            state.insert(name, answers);
        }
        state
    }

    fn of(&self, resource: &str) -> Vec<String> {
        let kind = KINDS.into_iter().find(|kind| resource.starts_with(kind));
        let kind = kind.unwrap_or_else(|| panic!("no such kind: {resource}"));
        let name = &resource[kind.len() + 1..];
        let arn = |service: &str, rest: &str| self.clients.arn(service, rest);
        match kind {
            "bucket" => {
                let ask = |asked: &&str| self.path("s3", &format!("/{name}?{asked}="));
                OF_BUCKETS.iter().map(ask).collect()
            }
            "directory bucket" => {
                let arn = arn("s3express", &format!("bucket/{name}"));
                let arn = arn.replace(':', "%3A").replace('/', "%2F");
                vec![self.path("s3express", &format!("/v20180820/tags/{arn}"))]
            }
            "table" => {
                let of = json!({ "TableName": name });
                let arn = json!({ "ResourceArn": arn("dynamodb", &format!("table/{name}")) });
                self.targets(
                    "dynamodb",
                    "DynamoDB_20120810",
                    "1.0",
                    &[
                        ("DescribeTable", &of),
                        ("DescribeTimeToLive", &of),
                        ("DescribeContinuousBackups", &of),
                        ("ListTagsOfResource", &arn),
                    ],
                )
            }
            "role" => self.role(name),
            "log group" => {
                let of = json!({ "logGroupNamePrefix": name });
                let arn = json!({ "resourceArn": arn("logs", &format!("log-group:{name}")) });
                let asked = [("DescribeLogGroups", &of), ("ListTagsForResource", &arn)];
                self.targets("logs", "Logs_20140328", "1.1", &asked)
            }
            "function" => {
                let at = format!("/2015-03-31/functions/{name}");
                let asked = ["", "/policy", "/concurrency", "/event-invoke-config"];
                let ask = |asked: &&str| self.path("lambda", &format!("{at}{asked}"));
                asked.iter().map(ask).collect()
            }
            "state machine" => {
                let arn = arn("states", &format!("stateMachine:{name}"));
                let asked = [
                    ("DescribeStateMachine", &json!({ "stateMachineArn": arn })),
                    ("ListTagsForResource", &json!({ "resourceArn": arn })),
                ];
                self.targets("states", "AWSStepFunctions", "1.0", &asked)
            }
            "trail" => {
                let target = "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101";
                let arn = arn("cloudtrail", &format!("trail/{name}"));
                let asked = [
                    ("GetTrail", &json!({ "Name": name })),
                    ("GetTrailStatus", &json!({ "Name": name })),
                    ("GetEventSelectors", &json!({ "TrailName": name })),
                    ("ListTags", &json!({ "ResourceIdList": [arn] })),
                ];
                self.targets("cloudtrail", target, "1.1", &asked)
            }
            "rule" => {
                let asked = [
                    ("DescribeRule", &json!({ "Name": name })),
                    ("ListTargetsByRule", &json!({ "Rule": name })),
                    (
                        "ListTagsForResource",
                        &json!({ "ResourceARN": arn("events", &format!("rule/{name}")) }),
                    ),
                ];
                self.targets("events", "AWSEvents", "1.1", &asked)
            }
            "connection" => {
                let of = json!({ "Name": name });
                let mut seen =
                    self.targets("events", "AWSEvents", "1.1", &[("DescribeConnection", &of)]);
                seen.extend(self.targets(
                    "secretsmanager",
                    "secretsmanager",
                    "1.1",
                    &[("ListSecrets", &json!({}))],
                ));
                seen
            }
            _ => {
                let at = format!("/-/vaults/{name}");
                let asked = ["", "/tags", "/access-policy", "/lock-policy"];
                let ask = |asked: &&str| self.path("glacier", &format!("{at}{asked}"));
                asked.iter().map(ask).collect()
            }
        }
    }

    fn role(&self, name: &str) -> Vec<String> {
        let ask = |action: &str| {
            let body = format!("Action={action}&Version=2010-05-08&RoleName={name}");
            let form = ("content-type", "application/x-www-form-urlencoded");
            self.ask("iam", "POST", "/", &[form], &body)
        };
        let mut seen = vec![
            ask("GetRole"),
            ask("ListAttachedRolePolicies"),
            ask("ListInstanceProfilesForRole"),
        ];
        let policies = ask("ListRolePolicies");
        let mut names: Vec<&str> = policies
            .split("<member>")
            .skip(1)
            .filter_map(|rest| rest.split('<').next())
            .collect();
        names.sort_unstable();
        for policy in names {
            seen.push(ask(&format!("GetRolePolicy&PolicyName={policy}")));
        }
        seen
    }

    fn targets(
        &self,
        service: &str,
        target: &str,
        version: &str,
        asked: &[(&str, &Value)],
    ) -> Vec<String> {
        let ask = |(operation, body): &(&str, &Value)| {
            let operation = format!("{target}.{operation}");
            let content = format!("application/x-amz-json-{version}");
            let headers = [("x-amz-target", &*operation), ("content-type", &*content)];
            self.ask(service, "POST", "/", &headers, &body.to_string())
        };
        asked.iter().map(ask).collect()
    }

    fn path(&self, service: &str, path: &str) -> String {
        self.ask(service, "GET", path, &[], "")
    }

    fn ask(
        &self,
        service: &str,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> String {
        let answer = self.clients.ask(service, (method, path), headers, body);
        let text = answer.text();
        let text = match serde_json::from_str::<Value>(&text) {
            Ok(mut value) => {
                sort(&mut value);
                value.to_string()
            }
            Err(_) => text,
        };
        let target = headers.iter().find(|(name, _)| *name == "x-amz-target");
        let asked = match (target, path) {
            (Some((_, target)), _) => target,
            (None, "/") => body,
            (None, path) => path,
        };
        format!("{asked}: {} {}", answer.status, timeless(&text))
    }
}

/// Sorted by key, and lists of tags by their text: AWS promises no order.
fn sort(value: &mut Value) {
    match value {
        Value::Object(entries) => {
            entries.sort_keys();
            entries.values_mut().for_each(sort);
        }
        Value::Array(elements) => {
            elements.iter_mut().for_each(sort);
            elements.sort_by_key(Value::to_string);
        }
        _ => {}
    }
}

/// The text without ids and times, and without the XML declaration, which the local AWS sends or not.
fn timeless(text: &str) -> String {
    static NEW: LazyLock<Vec<(Regex, &str)>> = LazyLock::new(|| {
        [
            (r"[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}(-\w{6})?", "ID"),
            (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[\d.:+Z-]*", "TIME"),
            (r"\b1[6-9]\d{8}(\.\d+|\d{3})?\b", "TIME"),
            (r"\bA(ROA|IPA)[0-9A-Z]+", "ID"),
            (r"<\?xml[^>]*>\s*", ""),
            // The time a trail was stopped is not part of its state.
            (r#""(Stop|TimeLogging)\w*":[^,}]*,?"#, ""),
            (r"<RequestId>[^<]*</RequestId>", ""),
            (r#""Location":"[^"]*""#, ""),
        ]
        .map(|(pattern, new)| (Regex::new(pattern).unwrap(), new))
        .into()
    });
    NEW.iter().fold(text.to_owned(), |text, (pattern, new)| {
        pattern.replace_all(&text, *new).into_owned()
    })
}
