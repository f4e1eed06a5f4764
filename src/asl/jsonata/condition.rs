//! Conditions of checks: `JSONata` over a few variables, evaluated here and not by Step Functions.

use jsonata_core::evaluator::{Context, Evaluator, EvaluatorOptions};
use jsonata_core::parser;
use jsonata_core::value::JValue;
use serde_json::Value as Json;

use super::{Visible, analyze, inner};
use crate::asl::text::{blanked, suggestion};

/// An expression is short work; one that never ends is stopped after so many milliseconds.
const MAX_MILLISECONDS: u64 = 2_000;
/// How deep functions may call each other.
const MAX_STACK_DEPTH: usize = 500;
/// How long a sequence may be.
const MAX_SEQUENCE: usize = 1_000_000;

/// What is wrong with a condition, and what to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConditionFault {
    /// One sentence.
    pub message: String,
    /// The way out.
    pub help: String,
}

/// Whether a text is an expression, `{% ... %}`.
#[must_use]
pub fn is_expression(text: &str) -> bool {
    inner(text.trim()).is_some()
}

/// Whether a condition, `{% ... %}`, is a single constant.
#[must_use]
pub fn is_constant(text: &str) -> bool {
    let Some(expression) = inner(text.trim()).map(str::trim) else {
        return false;
    };
    let quoted = expression.strip_prefix('\'');
    let quoted = quoted.and_then(|rest| rest.strip_suffix('\''));
    quoted.is_some_and(|text| !text.contains('\''))
        || serde_json::from_str::<serde_json::Value>(expression)
            .is_ok_and(|value| !value.is_object())
}

/// Everything that is wrong with a condition, `{% ... %}`, which may read these variables (`$` left out).
#[must_use]
pub fn condition_faults(text: &str, variables: &[&str]) -> Vec<ConditionFault> {
    let listed: Vec<String> = variables.iter().map(|name| format!("`${name}`")).collect();
    let listed = listed.join(", ");
    let fault = |message: String, help: String| ConditionFault { message, help };
    let Some(expression) = inner(text.trim()) else {
        return vec![fault(
            "a condition is JSONata between `{%` and `%}`".to_owned(),
            format!("write it like \"{{% {} %}}\"", text.trim()),
        )];
    };
    if expression.trim().is_empty() {
        return vec![fault(
            "the condition is empty".to_owned(),
            "write JSONata that gives true, like \"{% $output.status = 'DONE' %}\"".to_owned(),
        )];
    }
    let plain = blanked(expression);
    let analysis = analyze(&plain, Visible::default(), plain != expression);
    let of_states = |help: &str| help.contains("$states");
    let mut faults: Vec<ConditionFault> = analysis
        .findings
        .into_iter()
        // In a state machine a variable may hold a function; here none does.
        .filter(|finding| finding.certain || finding.message.starts_with("there is no function"))
        .map(|finding| {
            let help = if of_states(&finding.help) || of_states(&finding.message) {
                format!("a condition reads {listed}")
            } else {
                finding.help
            };
            fault(finding.message, help)
        })
        .collect();
    // What Step Functions reserves is none of these variables, and is found as such only where it is wrong.
    let reserved = reads_states(&plain) && faults.is_empty();
    let reserved = reserved.then(|| "states".to_owned());
    let read = analysis.variables.into_iter().map(|(name, ..)| name);
    let mut unknown: Vec<String> = Vec::new();
    for name in read.chain(reserved) {
        if variables.contains(&name.as_str()) || unknown.contains(&name) {
            continue;
        }
        let help = match suggestion(&name, variables.iter().copied()) {
            Some(meant) => format!("did you mean `${meant}`?"),
            None => format!("a condition reads {listed}"),
        };
        faults.push(fault(format!("there is no variable `${name}` here"), help));
        unknown.push(name);
    }
    faults
}

/// Whether an expression reads `$states`.
fn reads_states(expression: &str) -> bool {
    expression.split("$states").skip(1).any(|rest| {
        let next = rest.chars().next();
        !next.is_some_and(|c| c.is_alphanumeric() || c == '_')
    })
}

/// The value of a condition, `{% ... %}`, of these variables; null where it gives nothing.
///
/// # Errors
/// Why it has no value, in words.
pub fn evaluated(text: &str, variables: &[(&str, &Json)]) -> Result<Json, String> {
    let expression = inner(text.trim()).unwrap_or(text);
    let tree = parser::parse(expression).map_err(|error| error.to_string())?;
    let mut context = Context::new();
    for (name, value) in variables {
        context.bind((*name).to_owned(), JValue::from((*value).clone()));
    }
    let options = EvaluatorOptions {
        timeout_ms: Some(MAX_MILLISECONDS),
        max_stack_depth: Some(MAX_STACK_DEPTH),
        max_sequence_length: Some(MAX_SEQUENCE),
        ..EvaluatorOptions::default()
    };
    let value = Evaluator::with_options(context, options).evaluate(&tree, &JValue::Undefined);
    match value {
        Ok(value) => Ok(Json::from(&value)),
        Err(error) => Err(error.message().to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const NAMES: [&str; 3] = ["output", "item", "history"];

    fn faults(text: &str) -> Vec<String> {
        let faults = condition_faults(text, &NAMES).into_iter();
        faults
            .map(|one| format!("{}; {}", one.message, one.help))
            .collect()
    }

    #[test]
    fn what_is_wrong_with_a_condition_is_said_once() {
        let none: Vec<String> = Vec::new();
        assert_eq!(faults("{% $count($item.faceData) >= 1 %}"), none);
        assert_eq!(
            faults("{% ($n := $output.n; $n > 1 and $exists($history)) %}"),
            none
        );
        assert_eq!(
            faults("{% $outptu.n = 1 or $outptu.m = 2 %}"),
            ["there is no variable `$outptu` here; did you mean `$output`?"]
        );
        let unknown = faults("{% $states.input.n = 1 %}");
        assert_eq!(unknown.len(), 1, "{unknown:?}");
        assert!(
            unknown[0].contains("`$output`, `$item`, `$history`"),
            "{unknown:?}"
        );
        let bare = faults("{% faceData = 1 %}");
        assert_eq!(bare.len(), 1, "{bare:?}");
        assert!(
            bare[0].ends_with("a condition reads `$output`, `$item`, `$history`"),
            "{bare:?}"
        );
        assert!(faults("$output.n = 1")[0].contains("{% $output.n = 1 %}"));
        assert!(faults("{% %}")[0].starts_with("the condition is empty"));
        let broken = faults("{% $count($item.n %}");
        assert!(broken[0].contains("is not valid JSONata"), "{broken:?}");
        let called = faults("{% $cuont($item.n) = 1 %}");
        assert!(called[0].contains("count"), "{called:?}");
    }

    #[test]
    fn conditions_are_evaluated() {
        let (output, item) = (
            json!({ "n": 2, "all": [1, 2] }),
            json!({ "faceData": [{ "a": 1 }] }),
        );
        let value = |text: &str| evaluated(text, &[("output", &output), ("item", &item)]);
        assert_eq!(value("{% $count($item.faceData) >= 1 %}"), Ok(json!(true)));
        assert_eq!(value("{% $output.n = 3 %}"), Ok(json!(false)));
        assert_eq!(
            value("{% $sum($output.all) %}").unwrap().as_f64(),
            Some(3.0)
        );
        assert_eq!(value("{% $output.missing %}"), Ok(json!(null)));
        assert!(value("{% 'a' + 1 %}").is_err());
        // It ends, whatever is written.
        assert!(value("{% ($f := function($n) { $f($n + 1) + 1 }; $f(1)) %}").is_err());
        assert!(value("{% ($f := function($n) { $f($n + 1) }; $f(1)) %}").is_err());
    }
}
