//! One mistake is reported once: its consequences are not reported as well.

use super::{expect, findings, of_state};

/// The findings of two states, of which the first has these fields and leads to the second.
fn of_first(fields: &str) -> String {
    findings(&format!(
        "{{\"StartAt\": \"A\", \"States\": {{\n\"A\": {{{fields}}},\n\"B\": {{\"Type\": \"Succeed\"}}\n}}}}"
    ))
}

#[test]
fn a_misspelt_field_is_not_missing_as_well() {
    let pass = |field: &str| of_first(&format!(r#""Type": "Pass", "{field}": "B""#));
    expect(
        &pass("next"),
        &["error 2:23 `next` is not a field of a Pass state | did you mean `Next`?"],
    );
    expect(
        &of_first(r#""type": "Pass", "Next": "B""#),
        &["error 2:7 `type` is not a field of a state | did you mean `Type`?"],
    );
    expect(
        &of_first(
            r#""Type": "Task", "Resource": "${f.arn}", "End": true, "Catch": [{"ErrorEqual": ["X"], "Next": "B"}]"#,
        ),
        &["error 2:71 `ErrorEqual` is not a field of a catcher | did you mean `ErrorEquals`?"],
    );
    expect(
        &of_first(r#""Type": "Map", "ItemProcesor": {}, "Next": "B""#),
        &[
            "error 2:22 `ItemProcesor` is not a field of a Map state | did you mean `ItemProcessor`?",
        ],
    );
    expect(
        &of_first(r#""Type": "Choice", "Choice": [], "Default": "B""#),
        &["error 2:25 `Choice` is not a field of a Choice state | did you mean `Choices`?"],
    );
}

#[test]
fn nothing_is_concluded_from_a_state_that_leads_one_cannot_tell_where() {
    for (fields, line) in [
        (
            r#""Type": "Pass""#,
            r#"error 2:1 the state `A` has neither `Next` nor `End` | write "Next": "...", or "End": true"#,
        ),
        (
            r#""Type": "Pass", "Next": 5"#,
            "error 2:31 `Next` must be a text, not the number 5 | put it in double quotes",
        ),
        (
            r#""Type": "Task", "Resource": "${f.arn}", "End": true, "Catch": {}"#,
            "error 2:69 `Catch` must be a list, not an object | write it as [...]",
        ),
        (
            r#""Type": "Choice", "Choices": [], "Default": "A""#,
            "error 2:36 `Choices` is an empty list | give it at least one item",
        ),
    ] {
        expect(&of_first(fields), &[line]);
    }
}

#[test]
fn a_state_that_is_missing_is_said_once() {
    let text = r#"{"StartAt": "A", "States": {
"A": {"Type": "Choice", "Default": "Bulk", "Choices": [
{"Variable": "$.a", "IsNull": true, "Next": "Ship"},
{"Variable": "$.b", "IsNull": true, "Next": "Ship"}]},
"Bulk": {"Type": "Pass", "Next": "Ship"}}}"#;
    expect(
        &findings(text),
        &[
            "error 3:45 state `A` leads to `Ship`, and there is no such state beside it | the states here are `A` and `Bulk`; the same is on line 4, 5",
        ],
    );
}

#[test]
fn a_definition_in_jsonata_that_does_not_say_so_has_one_fault() {
    let state = r#""Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Arguments": {"FunctionName": "f", "Payload": "{% $states.input %}"}, "Output": "{% $states.result %}""#;
    expect(
        &of_first(&format!(r#"{state}, "Next": "B""#)),
        &[
            r#"error 2:69 `Arguments` is a JSONata field, but the query language here is JSONPath | begin the definition with "QueryLanguage": "JSONata""#,
        ],
    );
    let text = format!(
        "{{\"StartAt\": \"P\", \"States\": {{\n\"P\": {{\"Type\": \"Pass\", \"ResultPath\": \"$.p\", \"Next\": \"A\"}},\n\"A\": {{{state}, \"End\": true}}}}}}"
    );
    expect(
        &findings(&text),
        &[
            r#"error 3:69 `Arguments` and `Output` are JSONata fields, but the query language here is JSONPath | give the state "QueryLanguage": "JSONata", or write JSONPath fields"#,
        ],
    );
}

#[test]
fn a_variable_nobody_assigns_is_said_once_and_only_for_sure() {
    let reads = r#""Parameters": {"a.$": "$x", "b.$": "$x"}"#;
    expect(
        &of_state(&format!(r#"{{"Type": "Pass", {reads}, "End": true}}"#)),
        &[
            r#"warning 2:46 no state assigns the variable `$x` | give it a value before, in "Assign": {"x": ...}"#,
        ],
    );
    expect(
        &of_state(&format!(
            r#"{{"Type": "Pass", {reads}, "assign": {{"x": 1}}, "End": true}}"#
        )),
        &["error 2:65 `assign` is not a field of a Pass state | did you mean `Assign`?"],
    );
}

#[test]
fn a_map_whose_mode_cannot_be_read_is_not_taken_for_inline() {
    expect(
        &of_state(
            r#"{"Type": "Map", "Label": "l", "ItemProcessor": {"ProcessorConfig": {"mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, "StartAt": "B", "States": {"B": {"Type": "Succeed"}}}, "End": true}"#,
        ),
        &["error 2:74 `mode` is not a field of `ProcessorConfig` | did you mean `Mode`?"],
    );
}

#[test]
fn parameters_with_a_small_letter_are_not_missing_as_well() {
    expect(
        &of_state(
            r#"{"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Parameters": {"functionName": "f"}, "End": true}"#,
        ),
        &[
            "error 2:84 the parameter `functionName` begins with a lowercase letter | write `FunctionName`: Step Functions takes every name with an uppercase letter first",
        ],
    );
}

#[test]
fn integrations_have_no_region() {
    expect(
        &of_state(
            r#"{"Type": "Task", "Resource": "arn:aws:states:eu-west-1:123456789012:lambda:invoke", "Parameters": {"FunctionName": "f"}, "End": true}"#,
        ),
        &[
            "warning 2:35 the ARN of an integration has neither region nor account | write arn:aws:states:::lambda:invoke",
        ],
    );
}
