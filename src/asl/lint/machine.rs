//! A state machine, whole or part: the definition itself, a branch, an item processor.

use super::values::{self, MAX_SECONDS, Range};
use super::{Lint, fields, flow, head, state};
use crate::asl::Language;
use crate::asl::words::nearest;
use crate::source::{Entry, Node, Span, Value};

/// What a machine inside another is called in messages.
#[derive(Clone, Copy)]
pub(super) struct Inner {
    /// "this branch" or "`ItemProcessor`".
    pub name: &'static str,
    /// Fields it has beside `StartAt`, `States` and `Comment`.
    pub extra: &'static [&'static str],
}

/// Fields that only the whole definition has.
const TOP_ONLY: [&str; 3] = ["Version", "TimeoutSeconds", "QueryLanguage"];

/// Checks a whole definition.
pub(super) fn check_top(lint: &mut Lint, root: &Node) {
    if !matches!(root.value, Value::Map(_)) {
        return lint.error(
            root.span,
            format!("a definition must be an object, not {}", root.describe()),
            "write a state machine: {\"StartAt\": ..., \"States\": {...}}",
        );
    }
    let known = [
        "Comment",
        "StartAt",
        "States",
        "Version",
        "TimeoutSeconds",
        "QueryLanguage",
    ];
    fields::check_known(lint, root, "a state machine", &known);
    values::text(lint, root, "Comment");
    if let Some((version, span)) = values::text(lint, root, "Version")
        && version != "1.0"
    {
        lint.error(
            span,
            format!("there is no version `{version}` of the language"),
            "write \"1.0\", or leave it out",
        );
    }
    let seconds = Range {
        least: 1.0,
        most: MAX_SECONDS,
    };
    values::integer(lint, root, "TimeoutSeconds", seconds, Language::JsonPath);
    let language = language(lint, root).unwrap_or(Language::JsonPath);
    check(lint, root, "the definition", language);
}

/// Checks a branch or an item processor; `language` is the whole definition's.
pub(super) fn check_inner(lint: &mut Lint, node: &Node, inner: Inner, language: Language) {
    if !values::object(lint, node, inner.name) {
        return;
    }
    let mut known = vec!["StartAt", "States", "Comment"];
    known.extend(inner.extra);
    known.extend(TOP_ONLY);
    fields::check_known(lint, node, inner.name, &known);
    for entry in node.entries() {
        if TOP_ONLY.contains(&entry.key.as_str()) {
            lint.warning(
                entry.key_span,
                format!(
                    "`{}` belongs at the top of the definition, not in {}",
                    entry.key, inner.name
                ),
                "move it there, or remove it",
            );
        }
    }
    values::text(lint, node, "Comment");
    check(lint, node, inner.name, language);
}

/// The value of a `QueryLanguage` field, if there is a right one.
pub(super) fn language(lint: &mut Lint, object: &Node) -> Option<Language> {
    let (name, span) = values::text(lint, object, "QueryLanguage")?;
    let language = Language::named(name);
    if language.is_none() {
        let help = match nearest(name, ["JSONPath", "JSONata"]) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => "write `JSONPath` or `JSONata`".to_owned(),
        };
        lint.error(span, format!("there is no query language `{name}`"), help);
    }
    language
}

fn check(lint: &mut Lint, machine: &Node, owner: &str, language: Language) {
    values::required(
        lint,
        machine,
        None,
        "StartAt",
        owner,
        "name the state to begin with: \"StartAt\": \"...\"",
    );
    values::text(lint, machine, "StartAt");
    let help = "add \"States\": {...} with at least one state";
    if !values::required(lint, machine, None, "States", owner, help) {
        return;
    }
    let Some(states) = machine.entry("States") else {
        return;
    };
    if !values::object(lint, &states.value, "`States`") {
        return;
    }
    if states.value.entries().is_empty() {
        return lint.error(
            head(&states.value),
            "`States` is empty",
            "add at least one state",
        );
    }
    for entry in states.value.entries() {
        name(lint, entry);
        state::check(lint, entry, language);
    }
    flow::check(lint, machine, states);
}

fn name(lint: &mut Lint, entry: &Entry) {
    let length = entry.key.chars().count();
    if length == 0 {
        lint.error(
            entry.key_span,
            "a state has an empty name",
            "give it a name",
        );
    } else if length > 80 {
        lint.error(
            entry.key_span,
            format!("the state's name is {length} characters long"),
            "names have at most 80; say more in its `Comment`",
        );
    }
    let first: Option<Span> = lint.names.get(&entry.key).copied();
    match first {
        Some(span) => {
            let other = lint.line(span);
            lint.error(
                entry.key_span,
                format!("two states are named `{}`", entry.key),
                format!("the other stands on line {other}; names are unique across all branches: rename one"),
            );
        }
        None => {
            lint.names.insert(entry.key.clone(), entry.key_span);
        }
    }
}
