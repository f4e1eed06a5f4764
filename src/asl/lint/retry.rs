//! Retry and Catch
//! (<https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html>).

use std::collections::HashSet;

use super::paths::{self, PathKind};
use super::template;
use super::values::{self, MAX_SECONDS, Range, describe, text};
use super::{Lint, fields};
use crate::asl::QueryLanguage;
use crate::asl::jsonata::Visible;
use crate::asl::model::{State, StateType};
use crate::asl::text::{has_reference, suggestion};
use crate::source::{Node, Value};

/// The errors Step Functions itself reports.
const ERRORS: &[&str] = &[
    "States.ALL",
    "States.BranchFailed",
    "States.DataLimitExceeded",
    "States.ExceedToleratedFailureThreshold",
    "States.HeartbeatTimeout",
    "States.Http.Socket",
    "States.IntrinsicFailure",
    "States.ItemReaderFailed",
    "States.NoChoiceMatched",
    "States.ParameterPathFailure",
    "States.Permissions",
    "States.QueryEvaluationError",
    "States.ResultPathMatchFailure",
    "States.ResultWriterFailed",
    "States.Runtime",
    "States.TaskFailed",
    "States.Timeout",
];

/// The largest `MaxDelaySeconds`: just under a year.
const MAX_DELAY: f64 = 31_622_399.0;

/// Checks `Retry` and `Catch` of a state.
pub(super) fn check(lint: &mut Lint, state: &Node, language: QueryLanguage) {
    if let Some(retry) = state.get("Retry") {
        let items = values::list(lint, retry, "Retry", true);
        for (index, retrier) in items.iter().enumerate() {
            if values::object(lint, retrier, "a retrier") {
                errors(lint, retrier, "this retrier", index + 1 == items.len());
                one_retrier(lint, retrier);
            }
        }
    }
    if let Some(catch) = state.get("Catch") {
        let items = values::list(lint, catch, "Catch", true);
        for (index, catcher) in items.iter().enumerate() {
            if values::object(lint, catcher, "a catcher") {
                errors(lint, catcher, "this catcher", index + 1 == items.len());
                one_catcher(lint, catcher, language);
            }
        }
    }
}

fn one_retrier(lint: &mut Lint, retrier: &Node) {
    let known = [
        "ErrorEquals",
        "IntervalSeconds",
        "MaxAttempts",
        "BackoffRate",
        "MaxDelaySeconds",
        "JitterStrategy",
        "Comment",
    ];
    fields::check_known(lint, retrier, "a retrier", &known);
    let fixed = QueryLanguage::JsonPath;
    let whole = |least, most| Range { least, most };
    values::integer(
        lint,
        retrier,
        "IntervalSeconds",
        whole(1.0, MAX_SECONDS),
        fixed,
    );
    values::integer(lint, retrier, "MaxAttempts", whole(0.0, MAX_SECONDS), fixed);
    values::integer(
        lint,
        retrier,
        "MaxDelaySeconds",
        whole(1.0, MAX_DELAY),
        fixed,
    );
    values::number(lint, retrier, "BackoffRate", whole(1.0, f64::MAX), fixed);
    let number = |field: &str| match retrier.get(field).map(|node| &node.value) {
        Some(Value::Number(number)) => number.as_f64(),
        _ => None,
    };
    // The default interval is one second.
    let interval = number("IntervalSeconds").unwrap_or(1.0);
    if let Some(node) = retrier.get("MaxDelaySeconds")
        && number("MaxDelaySeconds").is_some_and(|delay| delay >= 1.0 && delay <= interval)
    {
        lint.error(
            node.span,
            format!("`MaxDelaySeconds` is not above `IntervalSeconds`, which is {interval}"),
            "write more, or leave it out",
        );
    }
    values::one_word(lint, retrier, "JitterStrategy", &["FULL", "NONE"]);
}

fn one_catcher(lint: &mut Lint, catcher: &Node, language: QueryLanguage) {
    let mut known = vec!["ErrorEquals", "Next", "Assign", "Comment"];
    let (own, other) = match language {
        QueryLanguage::JsonPath => ("ResultPath", "Output"),
        QueryLanguage::Jsonata => ("Output", "ResultPath"),
    };
    known.push(own);
    if let Some(entry) = catcher.entry(other) {
        known.push(other);
        lint.error(
            entry.key_span,
            format!(
                "`{other}` is a field of the other query language: it is {} here",
                language.name()
            ),
            format!("write `{own}`"),
        );
    }
    fields::check_known(lint, catcher, "a catcher", &known);
    let help = "say what comes next after the error: \"Next\": \"...\"";
    values::required(lint, catcher, None, "Next", "this catcher", help);
    text(lint, catcher, "Next");
    let visible = Visible {
        result: false,
        error: true,
    };
    if let Some(assign) = catcher.get("Assign")
        && values::object(lint, assign, "`Assign`")
    {
        template::template(lint, assign, language, visible);
    }
    match language {
        QueryLanguage::JsonPath => {
            paths::path_field(lint, catcher, "ResultPath", PathKind::Result, true);
        }
        QueryLanguage::Jsonata => template::field(lint, catcher, "Output", language, visible),
    }
}

fn errors(lint: &mut Lint, holder: &Node, owner: &str, last: bool) {
    let help = "name the errors: \"ErrorEquals\": [\"States.ALL\"]";
    if !values::required(lint, holder, None, "ErrorEquals", owner, help) {
        return;
    }
    let Some(names) = holder.get("ErrorEquals") else {
        return;
    };
    let items = values::list(lint, names, "ErrorEquals", false);
    for item in items {
        let Some(name) = item.as_str() else {
            lint.error(
                item.span,
                format!("an error's name must be a text, not {}", describe(item)),
                "put it in double quotes",
            );
            continue;
        };
        match name {
            "States.ALL" if items.len() > 1 => lint.error(
                item.span,
                "`States.ALL` must be alone in its list",
                "it covers every other name: remove them, or it",
            ),
            "States.ALL" if !last => lint.error(
                item.span,
                format!("`States.ALL` must come last, and more follows {owner}"),
                "move it to the end: nothing after it could ever apply",
            ),
            "States.Runtime" => lint.warning(
                item.span,
                "`States.Runtime` can be neither retried nor caught",
                "such an error always ends the execution: remove it",
            ),
            _ if name.starts_with("States.") => known_error(lint, item, name),
            _ => {}
        }
    }
}

/// The errors that the Fail states of a definition raise: a catcher may name them, even with `States.`.
#[derive(Debug, Default)]
pub(super) struct RaisedErrors {
    names: HashSet<String>,
    /// Whether there is one whose name is computed.
    any: bool,
}

impl RaisedErrors {
    pub(super) fn of(states: &[&State]) -> Self {
        let mut raised = Self::default();
        for state in states {
            if state.state_type != Some(StateType::Fail) {
                continue;
            }
            raised.any |= state.json.get("ErrorPath").is_some();
            match state.json.get("Error").and_then(Node::as_str) {
                Some(text) if text.contains("{%") || has_reference(text) => raised.any = true,
                Some(name) => _ = raised.names.insert(name.to_owned()),
                None => {}
            }
        }
        raised
    }
}

fn known_error(lint: &mut Lint, item: &Node, name: &str) {
    let status = name.strip_prefix("States.Http.StatusCode.");
    let is_status = status.is_some_and(|code| code.len() == 3 && code.parse::<u16>().is_ok());
    if is_status || ERRORS.contains(&name) || lint.raised.names.contains(name) {
        return;
    }
    if lint.raised.any && suggestion(name, ERRORS.iter().copied()).is_none() {
        return;
    }
    let help = match suggestion(name, ERRORS.iter().copied()) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => "names that begin with `States.` are reserved for Step Functions".to_owned(),
    };
    lint.warning(
        item.span,
        format!("Step Functions reports no error `{name}`"),
        help,
    );
}
