//! Choice states and their rules
//! (<https://docs.aws.amazon.com/step-functions/latest/dg/state-choice.html>).

use serde_json::Value as Json;

use super::operators::{OPERATORS, Operand, operator};
use super::paths::{self, PathKind};
use super::template;
use super::timestamp::{self, Timestamp};
use super::values::{self, describe, text};
use super::{Lint, head};
use crate::asl::QueryLanguage;
use crate::asl::jsonata::Visible;
use crate::asl::model::{SpannedStr, State};
use crate::asl::text::{all_of, suggestion};
use crate::source::{Entry, Node, Value};

const JOINING: [&str; 3] = ["And", "Or", "Not"];

/// Checks a Choice state.
pub(super) fn check(lint: &mut Lint, model: &State, language: QueryLanguage) {
    let (SpannedStr { text: name, span }, state) = (model.name, model.json);
    let owner = format!("the Choice state `{name}`");
    let help = "add \"Choices\": [...] with at least one rule";
    values::required(lint, state, Some(span), "Choices", &owner, help);
    text(lint, state, "Default");
    if let Some(choices) = state.get("Choices") {
        for rule in values::list(lint, choices, "Choices", false) {
            top_rule(lint, rule, language);
        }
    }
    if state.get("Default").is_none() && !values::is_misspelt(state, "Default") {
        lint.warning(
            span,
            format!("the Choice state `{name}` has no `Default`"),
            "the execution fails with States.NoChoiceMatched when no rule holds: add a `Default`",
        );
    }
}

fn top_rule(lint: &mut Lint, rule: &Node, language: QueryLanguage) {
    if !values::object(lint, rule, "a rule") {
        return;
    }
    if rule.entry("End").is_none() {
        let help = "say what comes next when it is true: \"Next\": \"...\"";
        values::required(lint, rule, None, "Next", "this rule", help);
    }
    text(lint, rule, "Next");
    text(lint, rule, "Comment");
    if let Some(assign) = rule.get("Assign")
        && values::object(lint, assign, "`Assign`")
    {
        template::template(lint, assign, language, Visible::default());
    }
    match language {
        QueryLanguage::JsonPath => test(lint, rule, true),
        QueryLanguage::Jsonata => condition(lint, rule),
    }
}

/// A rule of a `JSONata` state.
fn condition(lint: &mut Lint, rule: &Node) {
    const KNOWN: [&str; 5] = ["Condition", "Next", "Assign", "Output", "Comment"];
    let is_path_field =
        |key: &str| key == "Variable" || JOINING.contains(&key) || operator(key).is_some();
    let (of_paths, others): (Vec<&Entry>, Vec<&Entry>) = rule
        .entries()
        .iter()
        .filter(|entry| !KNOWN.contains(&entry.key.as_str()))
        .partition(|entry| is_path_field(&entry.key));
    if let Some(first) = of_paths.first() {
        let (are, fields) = match of_paths.len() {
            1 => ("is", "a JSONPath field"),
            _ => ("are", "JSONPath fields"),
        };
        let names = all_of(of_paths.iter().map(|entry| entry.key.as_str()));
        lint.error(
            first.key_span,
            format!("{names} {are} {fields}, but the query language here is JSONata"),
            "write the test as \"Condition\": \"{% ... %}\", such as {% $states.input.size > 100 %}",
        );
    }
    for entry in others {
        unknown(lint, entry, &KNOWN);
    }
    template::field(
        lint,
        rule,
        "Output",
        QueryLanguage::Jsonata,
        Visible::default(),
    );
    let Some(condition) = rule.get("Condition") else {
        if of_paths.is_empty() && !values::is_misspelt(rule, "Condition") {
            lint.error(
                head(rule),
                "this rule has no `Condition`",
                "write \"Condition\": \"{% ... %}\"",
            );
        }
        return;
    };
    if matches!(condition.value, Value::Bool(_)) {
        // AWS takes a literal (LocalStack's recorded `choice_state_condition_constant_jsonata`).
    } else if values::is_expression(condition)
        || condition.as_str().is_some_and(|text| text.ends_with("%}"))
    {
        template::expression(lint, condition, Visible::default());
    } else if !condition
        .as_str()
        .is_some_and(|text| text.starts_with("${"))
    {
        lint.error(
            condition.span,
            format!(
                "`Condition` must be an expression, not {}",
                describe(condition)
            ),
            "write true, false, or \"{% ... %}\" with something that is one of them",
        );
    }
}

/// A test of a `JSONPath` state, at the top of a rule or within `And`, `Or`, `Not`.
fn test(lint: &mut Lint, rule: &Node, top: bool) {
    if let Some(entry) = rule.entry("Condition") {
        return lint.error(
            entry.key_span,
            "`Condition` is a JSONata field, but the query language here is JSONPath",
            "write `Variable` and an operator, or give the state \"QueryLanguage\": \"JSONata\"",
        );
    }
    let mut is_unknown = false;
    for entry in rule.entries() {
        let key = entry.key.as_str();
        let known = operator(key).is_some()
            || JOINING.contains(&key)
            || matches!(key, "Variable" | "Comment");
        if known || (top && matches!(key, "Next" | "Assign")) {
            continue;
        }
        if key == "Output" {
            lint.error(
                entry.key_span,
                "`Output` is a JSONata field, but the query language here is JSONPath",
                "remove it, or give the state \"QueryLanguage\": \"JSONata\"",
            );
        } else if matches!(key, "Next" | "Assign") {
            lint.error(
                entry.key_span,
                format!("`{key}` is not allowed in a rule within another"),
                "move it to the outermost rule",
            );
        } else {
            let names = OPERATORS.iter().map(|(name, _)| *name);
            let all: Vec<&str> = names
                .chain(JOINING)
                .chain(["Variable", "Next", "Assign", "Comment"])
                .collect();
            unknown(lint, entry, &all);
            is_unknown |= key != "End";
        }
    }
    let tests: Vec<&Entry> = rule
        .entries()
        .iter()
        .filter(|entry| operator(&entry.key).is_some() || JOINING.contains(&entry.key.as_str()))
        .collect();
    if let [_, second, ..] = tests[..] {
        let names = all_of(tests.iter().map(|entry| entry.key.as_str()));
        lint.error(
            second.key_span,
            format!("one rule has {names}"),
            "a rule makes one test: join several in `And` or `Or`",
        );
    }
    match tests.first() {
        // The unknown field is probably the misspelt test.
        None if is_unknown => {}
        None => lint.error(
            head(rule),
            "this rule tests nothing",
            "add an operator such as `StringEquals` or `IsPresent`, or `And`, `Or`, `Not`",
        ),
        Some(entry) if JOINING.contains(&entry.key.as_str()) => joined(lint, rule, entry),
        Some(entry) => compared(lint, rule, entry),
    }
}

fn joined(lint: &mut Lint, rule: &Node, entry: &Entry) {
    if let Some(variable) = rule.entry("Variable") {
        lint.error(
            variable.key_span,
            format!("`Variable` and `{}` exclude each other", entry.key),
            "move it into the rules inside",
        );
    }
    let inner: Vec<&Node> = match entry.key.as_str() {
        "Not" => vec![&entry.value],
        name => values::list(lint, &entry.value, name, false)
            .iter()
            .collect(),
    };
    for rule in inner {
        if values::object(lint, rule, "a rule") {
            test(lint, rule, false);
        }
    }
}

fn compared(lint: &mut Lint, rule: &Node, entry: &Entry) {
    let help = "say what is tested: \"Variable\": \"$.field\"";
    values::required(lint, rule, None, "Variable", "this rule", help);
    paths::path_field(lint, rule, "Variable", PathKind::Reference, false);
    let (name, node) = (entry.key.as_str(), &entry.value);
    let Some(operand) = operator(name) else {
        return;
    };
    let wanted = match (operand, &node.value) {
        (Operand::Path, _) => {
            return paths::path_field(lint, rule, name, PathKind::Reference, false);
        }
        (Operand::Text, Value::String(text)) => return plain_path(lint, name, node, text),
        (Operand::Number, Value::Number(_)) | (Operand::Truth, Value::Bool(_)) => return,
        (Operand::Time, Value::String(text)) if timestamp::read(text) == Timestamp::Right => return,
        (Operand::Text, _) => "a text",
        (Operand::Number, _) => "a number",
        (Operand::Truth, _) => "true or false",
        (Operand::Time, _) => "a time",
    };
    let parsed = node
        .as_str()
        .and_then(|text| serde_json::from_str(text).ok());
    let help = match (operand, parsed) {
        (Operand::Number, Some(Json::Number(number))) => {
            format!("write it without quotes: {number}")
        }
        (Operand::Truth, Some(Json::Bool(truth))) => format!("write it without quotes: {truth}"),
        (Operand::Time, _) => timestamp::help(node.as_str().unwrap_or_default()).to_owned(),
        _ if operator(&format!("{name}Path")).is_some() => {
            format!("`{name}Path` compares with another field")
        }
        _ => "look at the operator's name".to_owned(),
    };
    lint.error(
        node.span,
        format!("`{name}` needs {wanted}, not {}", describe(node)),
        help,
    );
}

fn plain_path(lint: &mut Lint, name: &str, node: &Node, text: &str) {
    if text.starts_with("$.") && operator(&format!("{name}Path")).is_some() {
        lint.warning(
            node.span,
            format!("`{text}` is taken as a text, not looked up"),
            format!("`{name}Path` compares with another field"),
        );
    }
}

fn unknown(lint: &mut Lint, entry: &Entry, known: &[&str]) {
    let help = match suggestion(&entry.key, known.iter().copied()) {
        _ if entry.key == "End" => "lead to a Succeed state instead: \"Next\": \"...\"".to_owned(),
        Some(meant) => format!("did you mean `{meant}`?"),
        None => "look at the list of operators in the Step Functions guide".to_owned(),
    };
    lint.error(
        entry.key_span,
        format!("`{}` is not a field of a rule", entry.key),
        help,
    );
}
