//! One state: its type, and what states of that type must have.

use super::values::{self, MAX_SECONDS, Range, text};
use super::{Lint, choice, fields, head, machine, map, retry};
use crate::asl::Language;
use crate::asl::resource;
use crate::asl::words::{nearest, one_of};
use crate::source::{Entry, Node, Value};

/// Checks a state; `language` is the whole definition's.
pub(super) fn check(lint: &mut Lint, entry: &Entry, language: Language) {
    let (name, state) = (entry.key.as_str(), &entry.value);
    if !values::object(lint, state, &format!("the state `{name}`")) {
        return;
    }
    let Some(kind) = kind(lint, entry) else {
        return;
    };
    let top = language;
    let language = own_language(lint, state, top);
    fields::check_state(lint, state, kind, language);
    text(lint, state, "Comment");
    match kind {
        "Succeed" => {}
        "Choice" => choice::check(lint, entry, language),
        "Fail" => fail(lint, state, language),
        _ => next_or_end(lint, entry),
    }
    match kind {
        "Task" => task(lint, entry, language),
        "Wait" => wait(lint, entry, language),
        "Parallel" => parallel(lint, entry, top),
        "Map" => map::check(lint, entry, language, top),
        _ => {}
    }
    if matches!(kind, "Task" | "Parallel" | "Map") {
        retry::check(lint, state, language);
    }
}

fn kind(lint: &mut Lint, entry: &Entry) -> Option<&'static str> {
    let (name, state) = (&entry.key, &entry.value);
    let help = format!("write one of {}", one_of(fields::TYPES));
    values::required(
        lint,
        state,
        Some(entry.key_span),
        "Type",
        &format!("the state `{name}`"),
        &help,
    );
    let (kind, span) = text(lint, state, "Type")?;
    let known = fields::TYPES.into_iter().find(|known| *known == kind);
    if known.is_none() {
        let help = match nearest(kind, fields::TYPES) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => help,
        };
        lint.error(span, format!("there is no state type `{kind}`"), help);
    }
    known
}

fn own_language(lint: &mut Lint, state: &Node, top: Language) -> Language {
    let Some(own) = machine::language(lint, state) else {
        return top;
    };
    if (own, top) == (Language::JsonPath, Language::Jsonata)
        && let Some(entry) = state.entry("QueryLanguage")
    {
        lint.error(
            entry.value.span,
            "a JSONPath state cannot stand in a JSONata definition",
            "write the state in JSONata, or let each state name its language and the definition none",
        );
    }
    own
}

fn next_or_end(lint: &mut Lint, entry: &Entry) {
    let (name, state) = (&entry.key, &entry.value);
    text(lint, state, "Next");
    match (state.entry("Next"), state.entry("End")) {
        (None, None) => lint.error(
            entry.key_span,
            format!("the state `{name}` has neither `Next` nor `End`"),
            "write \"Next\": \"...\", or \"End\": true",
        ),
        (_, Some(end)) if end.value.value == Value::Bool(false) => lint.error(
            end.value.span,
            "`End` can only be true",
            match state.get("Next") {
                Some(_) => "remove it: `Next` says that this is not the end",
                None => "write \"Next\": \"...\" instead, or \"End\": true",
            },
        ),
        (_, Some(end)) if end.value.value != Value::Bool(true) => lint.error(
            end.value.span,
            format!("`End` must be true, not {}", end.value.describe()),
            "write \"End\": true",
        ),
        (Some(_), Some(end)) => lint.error(
            end.key_span,
            format!("the state `{name}` has both `Next` and `End`"),
            "keep one of the two",
        ),
        _ => {}
    }
}

/// <https://docs.aws.amazon.com/step-functions/latest/dg/state-task.html>
fn task(lint: &mut Lint, entry: &Entry, language: Language) {
    let (name, state) = (&entry.key, &entry.value);
    values::required(
        lint,
        state,
        Some(entry.key_span),
        "Resource",
        &format!("the Task state `{name}`"),
        "name what it calls, for example \"arn:aws:states:::lambda:invoke\"",
    );
    if let Some((arn, span)) = text(lint, state, "Resource")
        && let Err(fault) = resource::parse(arn)
    {
        if fault.certain {
            lint.error(span, fault.message, fault.help);
        } else {
            lint.warning(span, fault.message, fault.help);
        }
    }
    let seconds = Range {
        least: 1.0,
        most: MAX_SECONDS,
    };
    for field in ["TimeoutSeconds", "HeartbeatSeconds"] {
        values::integer(lint, state, field, seconds, language);
        values::not_both(lint, state, field, &format!("{field}Path"));
    }
    heartbeat(lint, state);
}

fn heartbeat(lint: &mut Lint, state: &Node) {
    let number = |field: &str| match state.get(field).map(|node| &node.value) {
        Some(Value::Number(number)) => number.as_f64(),
        _ => None,
    };
    let (Some(beat), Some(node)) = (number("HeartbeatSeconds"), state.get("HeartbeatSeconds"))
    else {
        return;
    };
    if number("TimeoutSeconds").is_some_and(|timeout| beat >= timeout) {
        lint.error(
            node.span,
            "`HeartbeatSeconds` is not less than `TimeoutSeconds`",
            "a heartbeat must be due before the whole state is",
        );
    }
}

/// <https://docs.aws.amazon.com/step-functions/latest/dg/state-wait.html>
fn wait(lint: &mut Lint, entry: &Entry, language: Language) {
    let state = &entry.value;
    let ways = match language {
        Language::JsonPath => &["Seconds", "SecondsPath", "Timestamp", "TimestampPath"][..],
        Language::Jsonata => &["Seconds", "Timestamp"],
    };
    let mut there = state
        .entries()
        .iter()
        .filter(|e| ways.contains(&e.key.as_str()));
    match (there.next(), there.next()) {
        (None, _) => lint.error(
            entry.key_span,
            format!("the Wait state `{}` does not say how long", entry.key),
            format!("give it {}", one_of(ways.iter().copied())),
        ),
        (Some(one), Some(other)) => lint.error(
            other.key_span,
            format!("`{}` and `{}` exclude each other", one.key, other.key),
            "keep one of the two",
        ),
        _ => {}
    }
    values::integer(
        lint,
        state,
        "Seconds",
        Range {
            least: 0.0,
            most: MAX_SECONDS,
        },
        language,
    );
    text(lint, state, "Timestamp");
}

/// <https://docs.aws.amazon.com/step-functions/latest/dg/state-fail.html>
fn fail(lint: &mut Lint, state: &Node, _language: Language) {
    for field in ["Error", "Cause"] {
        text(lint, state, field);
        values::not_both(lint, state, field, &format!("{field}Path"));
    }
}

/// <https://docs.aws.amazon.com/step-functions/latest/dg/state-parallel.html>
fn parallel(lint: &mut Lint, entry: &Entry, top: Language) {
    let (name, state) = (&entry.key, &entry.value);
    let owner = format!("the Parallel state `{name}`");
    let help = "add \"Branches\": [{\"StartAt\": ..., \"States\": {...}}]";
    values::required(lint, state, Some(entry.key_span), "Branches", &owner, help);
    let Some(branches) = state.get("Branches") else {
        return;
    };
    let inner = machine::Inner {
        name: "this branch",
        extra: &[],
    };
    for branch in values::list(lint, branches, "Branches", false) {
        machine::check_inner(lint, branch, inner, top);
    }
    if let [only] = branches.items() {
        lint.warning(
            head(only),
            "this Parallel state has only one branch",
            "its states could stand in the machine itself",
        );
    }
}
