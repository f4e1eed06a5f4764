//! A state machine, whole or part: the definition itself, a branch, an item processor.

use super::values::{self, MAX_SECONDS, Range, describe};
use super::{Lint, fields, flow, head, language, scope, state};
use crate::asl::Language;
use crate::source::{Entry, Node, Span, Value};

/// What a machine inside another is called in messages.
#[derive(Clone, Copy)]
pub(super) struct Inner {
    /// "this branch" or "`ItemProcessor`".
    pub name: &'static str,
    /// Fields it has beside `StartAt`, `States` and `Comment`.
    pub extra: &'static [&'static str],
    /// Whether its states see the variables around it.
    pub sees_out: bool,
    /// Whether its states run as Express executions.
    pub express: bool,
}

/// Fields that only the whole definition has.
const TOP_ONLY: [&str; 3] = ["Version", "TimeoutSeconds", "QueryLanguage"];

/// Checks a whole definition.
pub(super) fn check_top(lint: &mut Lint, root: &Node) {
    if !matches!(root.value, Value::Map(_)) {
        return lint.error(
            root.span,
            format!("a definition must be an object, not {}", describe(root)),
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
    let language = language::of_definition(lint, root);
    let part = Part {
        owner: "the definition",
        top: true,
        sees_out: false,
    };
    check(lint, root, &part, language);
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
            lint.error(
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
    let outer = lint.express;
    lint.express |= inner.express;
    check(
        lint,
        node,
        &Part {
            owner: inner.name,
            top: false,
            sees_out: inner.sees_out,
        },
        language,
    );
    lint.express = outer;
}

/// What is being checked.
struct Part<'a> {
    owner: &'a str,
    top: bool,
    sees_out: bool,
}

fn check(lint: &mut Lint, machine: &Node, part: &Part, language: Language) {
    let owner = part.owner;
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
    scope::open(lint, &states.value, language, part.sees_out);
    for entry in states.value.entries() {
        name(lint, entry);
        state::check(lint, entry, language);
    }
    scope::close(lint);
    flow::check(lint, machine, states, part.top);
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
