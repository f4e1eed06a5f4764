//! The complete state of an account as AWS reports it, for comparing two moments.
//!
//! The raw answers are used, not the SDK's types: those hide sensitive fields, such as definitions and
//! environments.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use regex::Regex;
use serde_json::{Value, json};

use super::Clients;
use crate::kinds;

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

/// Sends requests about an account to an endpoint.
pub struct Asking<'a> {
    pub clients: &'a Clients,
    /// Whether values that AWS generates anew each time (ids, times) are kept.
    exact: bool,
}

impl<'a> Asking<'a> {
    /// For comparing two deployments: values that AWS generates anew each time are left out.
    pub fn new(clients: &'a Clients) -> Self {
        let exact = false;
        Self { clients, exact }
    }

    /// For comparing one resource at two times.
    pub fn exactly(clients: &'a Clients) -> Self {
        let exact = true;
        Self { clients, exact }
    }

    /// Every resource with all its settings, and the secrets of connections.
    pub async fn state(&self) -> State {
        let mut state = State::new();
        for line in self.clients.everything().await {
            let (kind, name) = kinds::of_line(&line);
            let answers = kind.answers(self, name);
            state.insert(line, answers);
        }
        state.insert("secrets".to_owned(), self.secrets());
        state
    }

    /// Asks by operations in a header and bodies of JSON.
    pub fn targets(
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

    /// Asks by a form.
    pub fn form(&self, service: &str, body: &str) -> String {
        let form = ("content-type", "application/x-www-form-urlencoded");
        self.ask(service, "POST", "/", &[form], body)
    }

    /// Asks by a path.
    pub fn path(&self, service: &str, path: &str) -> String {
        self.ask(service, "GET", path, &[], "")
    }

    fn secrets(&self) -> Vec<String> {
        let asked = [("ListSecrets", &json!({}))];
        self.targets("secretsmanager", "secretsmanager", "1.1", &asked)
    }

    /// Asks by any request.
    pub fn ask(
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
        let parts = if self.exact { &VOLATILE } else { &NEW };
        format!("{asked}: {} {}", answer.status, without(&text, parts))
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

/// Parts of a text, and what stands for them.
type Parts = LazyLock<Vec<(Regex, &'static str)>>;

/// What differs in every answer; and the XML declaration, which the local AWS sends or not.
const ALWAYS: [(&str, &str); 3] = [
    (r"<\?xml[^>]*>\s*", ""),
    (r"<RequestId>[^<]*</RequestId>", ""),
    (r#""Location":"[^"]*""#, ""),
];

static VOLATILE: Parts = LazyLock::new(|| compiled(&ALWAYS));

/// That, and what differs in every resource: ids, times.
static NEW: Parts = LazyLock::new(|| {
    let made = [
        (r"[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}(-\w{6})?", "ID"),
        (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[\d.:+Z-]*", "TIME"),
        (r"\b1[6-9]\d{8}(\.\d+|\d{3})?\b", "0"),
        (r"\bA(ROA|IPA)[0-9A-Z]+", "ID"),
        // The time a trail was stopped is not part of its state.
        (r#""(Stop|TimeLogging)\w*":[^,}]*,?"#, ""),
    ];
    compiled(&[&made[..], &ALWAYS].concat())
});

fn compiled(parts: &[(&str, &'static str)]) -> Vec<(Regex, &'static str)> {
    let compile = |(pattern, new): &(&str, &'static str)| (Regex::new(pattern).unwrap(), *new);
    parts.iter().map(compile).collect()
}

fn without(text: &str, parts: &Parts) -> String {
    parts.iter().fold(text.to_owned(), |text, (pattern, new)| {
        pattern.replace_all(&text, *new).into_owned()
    })
}
