//! A state machine: the definition itself, a branch or an item processor.

use super::values::{self, MAX_SECONDS, Range, describe};
use super::{Lint, fields, flow, head, language, scope, state};
use crate::asl::QueryLanguage;
use crate::asl::model::{Machine, SpannedStr};
use crate::asl::text::suggestion;
use crate::source::{Node, Span, Value};

/// How a branch or item processor is checked.
#[derive(Clone, Copy)]
pub(super) struct ChildRules {
    /// Its name in messages: "this branch" or "`ItemProcessor`".
    pub name: &'static str,
    /// Fields it has in addition to `StartAt`, `States` and `Comment`.
    pub extra: &'static [&'static str],
    /// Whether its states can read the variables of the states around it.
    pub sees_out: bool,
    /// Whether its states run as Express executions.
    pub express: bool,
}

/// Fields that only the whole definition has.
const TOP_ONLY: [&str; 3] = ["Version", "TimeoutSeconds", "QueryLanguage"];

/// The fields of the whole definition.
const TOP: [&str; 6] = [
    "Comment",
    "StartAt",
    "States",
    "Version",
    "TimeoutSeconds",
    "QueryLanguage",
];

/// Whether an object is something else by its fields: it has neither `StartAt` nor `States`, nor one that may be
/// meant for them, but others.
pub(in crate::asl) fn has_no_field_of_machine(root: &Node) -> bool {
    let keys = || root.entries().iter().map(|entry| entry.key.as_str());
    let is_meant = |key| suggestion(key, ["StartAt", "States"]).is_some();
    let is_empty = matches!(&root.value, Value::Map(fields) if fields.is_empty());
    is_empty || !keys().any(is_meant) && !keys().all(|key| TOP.contains(&key))
}

/// Checks a whole definition.
pub(super) fn check_top(lint: &mut Lint, model: &Machine) {
    let root = model.json;
    if !matches!(root.value, Value::Map(_)) {
        return lint.error(
            root.span,
            format!("a definition must be an object, not {}", describe(root)),
            "write a state machine: {\"StartAt\": ..., \"States\": {...}}",
        );
    }
    fields::check_known(lint, root, "a state machine", &TOP);
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
    values::integer(
        lint,
        root,
        "TimeoutSeconds",
        seconds,
        QueryLanguage::JsonPath,
    );
    let language = language::of_definition(lint, model);
    let part = MachineRules {
        owner: "the definition",
        top: true,
        sees_out: false,
    };
    check(lint, model, &part, language);
}

/// Checks a branch or an item processor; `language` is the whole definition's.
pub(super) fn check_inner(
    lint: &mut Lint,
    machine: &Machine,
    inner: ChildRules,
    language: QueryLanguage,
) {
    let node = machine.json;
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
        machine,
        &MachineRules {
            owner: inner.name,
            top: false,
            sees_out: inner.sees_out,
        },
        language,
    );
    lint.express = outer;
}

/// How a machine is checked.
struct MachineRules<'a> {
    owner: &'a str,
    top: bool,
    sees_out: bool,
}

fn check(lint: &mut Lint, machine: &Machine, part: &MachineRules, language: QueryLanguage) {
    let owner = part.owner;
    let node = machine.json;
    values::required(
        lint,
        node,
        None,
        "StartAt",
        owner,
        "name the state to begin with: \"StartAt\": \"...\"",
    );
    values::text(lint, node, "StartAt");
    let help = "add \"States\": {...} with at least one state";
    if !values::required(lint, node, None, "States", owner, help) {
        return;
    }
    let Some(states) = node.entry("States") else {
        return;
    };
    if !values::object(lint, &states.value, "`States`") {
        return;
    }
    if machine.states.is_empty() {
        return lint.error(
            head(&states.value),
            "`States` is empty",
            "add at least one state",
        );
    }
    scope::open(lint, &machine.states, language, part.sees_out);
    for state in &machine.states {
        name(lint, state.name);
        scope::enter(lint, state.name.text);
        state::check(lint, state, language);
    }
    scope::close(lint);
    flow::check(lint, machine, states.key_span, part.top);
}

fn name(lint: &mut Lint, name: SpannedStr) {
    let length = name.text.chars().count();
    if length == 0 {
        lint.error(name.span, "a state has an empty name", "give it a name");
    } else if length > 80 {
        lint.error(
            name.span,
            format!("the state's name is {length} characters long"),
            "names have at most 80; say more in its `Comment`",
        );
    }
    let first: Option<Span> = lint.names.get(name.text).copied();
    match first {
        Some(span) => {
            let other = lint.line(span);
            lint.error(
                name.span,
                format!("two states are named `{}`", name.text),
                format!(
                    "the other is on line {other}; names are unique across all branches: rename one"
                ),
            );
        }
        None => {
            lint.names.insert(name.text.to_owned(), name.span);
        }
    }
}
