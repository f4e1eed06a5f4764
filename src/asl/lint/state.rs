//! One state: its type, and what states of that type must have.

use super::paths::{self, PathKind};
use super::template;
use super::timestamp::{self, Timestamp};
use super::values::{self, MAX_SECONDS, Range, describe, text};
use super::{Lint, choice, fields, language, machine, map, retry, task};
use crate::asl::QueryLanguage;
use crate::asl::jsonata::Visible;
use crate::asl::model::{SpannedStr, State, StateType};
use crate::asl::text::{one_of, suggestion};
use crate::source::{Node, Value};

/// Checks a state; `top` is the whole definition's language.
pub(super) fn check(lint: &mut Lint, model: &State, top: QueryLanguage) {
    let (name, state) = (model.name, model.json);
    if !values::object(lint, state, &format!("the state `{}`", name.text)) {
        return;
    }
    let Some(state_type) = state_type(lint, model) else {
        return;
    };
    let kind = state_type.name();
    let language = language::of_state(lint, state, top);
    let excused = reverted(lint, state, language, top);
    fields::check_state(lint, state, kind, language, excused);
    text(lint, state, "Comment");
    if !matches!(
        state_type,
        StateType::Succeed | StateType::Choice | StateType::Fail
    ) {
        next_or_end(lint, model);
    }
    data(lint, state, state_type, language);
    match state_type {
        StateType::Task => task::check(lint, model, language),
        StateType::Choice => choice::check(lint, model, language),
        StateType::Wait => wait(lint, model, language),
        StateType::Fail => fail(lint, state, language),
        StateType::Parallel => parallel(lint, model, top),
        StateType::Map => map::check(lint, model, language, top),
        StateType::Pass | StateType::Succeed => {}
    }
    if calls(state_type) {
        retry::check(lint, state, language);
    }
}

/// Whether states of the type have a result of their own, and can fail and be retried.
fn calls(state_type: StateType) -> bool {
    matches!(
        state_type,
        StateType::Task | StateType::Parallel | StateType::Map
    )
}

fn state_type(lint: &mut Lint, model: &State) -> Option<StateType> {
    let (SpannedStr { text: name, span }, state) = (model.name, model.json);
    let types = StateType::ALL.map(StateType::name);
    let help = format!("write one of {}", one_of(types));
    let owner = format!("the state `{name}`");
    match state
        .entries()
        .iter()
        .find(|e| e.key.eq_ignore_ascii_case("type"))
    {
        // The other fields of a state without a type are not checked.
        Some(other) if other.key != "Type" && state.get("Type").is_none() => lint.error(
            other.key_span,
            format!("`{}` is not a field of a state", other.key),
            "did you mean `Type`?",
        ),
        Some(_) => {}
        None => lint.error(span, format!("{owner} has no `Type`"), help.clone()),
    }
    let (kind, span) = text(lint, state, "Type")?;
    if model.state_type.is_none() {
        let help = match suggestion(kind, types) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => help,
        };
        lint.error(span, format!("there is no state type `{kind}`"), help);
    }
    model.state_type
}

/// Reports a `JSONPath` state in a `JSONata` definition, and returns whether it is one.
fn reverted(lint: &mut Lint, state: &Node, language: QueryLanguage, top: QueryLanguage) -> bool {
    let entry = state.entry("QueryLanguage");
    match (language, top, entry) {
        (QueryLanguage::JsonPath, QueryLanguage::Jsonata, Some(entry)) => {
            lint.error(
                entry.value.span,
                "a JSONPath state is not allowed in a JSONata definition",
                "write the state in JSONata, or let each state name its language and the definition none",
            );
            true
        }
        _ => false,
    }
}

fn next_or_end(lint: &mut Lint, model: &State) {
    let (SpannedStr { text: name, span }, state) = (model.name, model.json);
    text(lint, state, "Next");
    match (state.entry("Next"), state.entry("End")) {
        (None, None)
            if ["Next", "End"]
                .iter()
                .any(|f| values::is_misspelt(state, f)) => {}
        (None, None) => lint.error(
            span,
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
            format!("`End` must be true, not {}", describe(&end.value)),
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

/// The fields by which any state selects and shapes data
/// (<https://docs.aws.amazon.com/step-functions/latest/dg/concepts-input-output-filtering.html>).
fn data(lint: &mut Lint, state: &Node, state_type: StateType, language: QueryLanguage) {
    let visible = Visible {
        result: calls(state_type),
        error: false,
    };
    if let Some(assign) = state.get("Assign")
        && values::object(lint, assign, "`Assign`")
    {
        template::template(lint, assign, language, visible);
    }
    match language {
        QueryLanguage::JsonPath => {
            paths::path_field(lint, state, "InputPath", PathKind::Path, true);
            paths::path_field(lint, state, "OutputPath", PathKind::Path, true);
            paths::path_field(lint, state, "ResultPath", PathKind::Result, true);
            template::field(lint, state, "ResultSelector", language, visible);
            if let Some(node) = state.get("Parameters")
                && !matches!(node.value, Value::Map(_))
            {
                lint.warning(
                    node.span,
                    format!(
                        "`Parameters` is {}, and should be an object",
                        describe(node)
                    ),
                    "write {\"name\": ...}, or leave it out to pass the input on",
                );
            }
            // The parameters of a Task are checked with its resource.
            if state_type != StateType::Task {
                template::field(lint, state, "Parameters", language, visible);
            }
        }
        QueryLanguage::Jsonata => {
            template::field(lint, state, "Output", language, visible);
            if state_type != StateType::Task {
                template::field(lint, state, "Arguments", language, Visible::default());
            }
        }
    }
}

/// <https://docs.aws.amazon.com/step-functions/latest/dg/state-wait.html>
fn wait(lint: &mut Lint, model: &State, language: QueryLanguage) {
    let (name, state) = (model.name, model.json);
    let ways = match language {
        QueryLanguage::JsonPath => &["Seconds", "SecondsPath", "Timestamp", "TimestampPath"][..],
        QueryLanguage::Jsonata => &["Seconds", "Timestamp"],
    };
    let mut there = state
        .entries()
        .iter()
        .filter(|e| ways.contains(&e.key.as_str()));
    match (there.next(), there.next()) {
        (None, _) => lint.error(
            name.span,
            format!("the Wait state `{}` does not say how long", name.text),
            format!("give it {}", one_of(ways.iter().copied())),
        ),
        (Some(one), Some(other)) => lint.error(
            other.key_span,
            format!("`{}` and `{}` exclude each other", one.key, other.key),
            "keep one of the two",
        ),
        _ => {}
    }
    let range = Range {
        least: 0.0,
        most: MAX_SECONDS,
    };
    values::integer(lint, state, "Seconds", range, language);
    paths::path_field(lint, state, "SecondsPath", PathKind::Reference, false);
    paths::path_field(lint, state, "TimestampPath", PathKind::Reference, false);
    if language == QueryLanguage::Jsonata {
        template::field(lint, state, "Seconds", language, Visible::default());
        template::field(lint, state, "Timestamp", language, Visible::default());
    }
    let Some((time, span)) = text(lint, state, "Timestamp") else {
        return;
    };
    let computed =
        language == QueryLanguage::Jsonata && (time.starts_with("{%") || time.ends_with("%}"));
    if !computed && timestamp::read(time) != Timestamp::Right {
        let message = format!("`{time}` is not a time");
        lint.error(span, message, timestamp::help(time));
    }
}

/// <https://docs.aws.amazon.com/step-functions/latest/dg/state-fail.html>
fn fail(lint: &mut Lint, state: &Node, language: QueryLanguage) {
    for field in ["Error", "Cause"] {
        let path = format!("{field}Path");
        text(lint, state, field);
        values::not_both(lint, state, field, &path);
        paths::path_field(lint, state, &path, PathKind::ReferenceOrText, false);
        template::field(lint, state, field, language, Visible::default());
    }
}

/// <https://docs.aws.amazon.com/step-functions/latest/dg/state-parallel.html>
fn parallel(lint: &mut Lint, model: &State, top: QueryLanguage) {
    let (SpannedStr { text: name, span }, state) = (model.name, model.json);
    let owner = format!("the Parallel state `{name}`");
    let help = "add \"Branches\": [{\"StartAt\": ..., \"States\": {...}}]";
    values::required(lint, state, Some(span), "Branches", &owner, help);
    let Some(branches) = state.get("Branches") else {
        return;
    };
    let inner = machine::ChildRules {
        name: "this branch",
        extra: &[],
        sees_out: true,
        express: false,
    };
    values::list(lint, branches, "Branches", false);
    for branch in model.branches() {
        machine::check_inner(lint, branch, inner, top);
    }
}
