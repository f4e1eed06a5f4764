//! What AWS takes: recorded answers and deployed definitions show it.

use super::{expect, findings, of_jsonata, of_state};

#[test]
fn a_dot_before_a_bracket() {
    for path in [
        "$.a.[0].b",
        "$.[0]",
        "$.[0].[1]",
        "$.[?(@.n > 0)]",
        "$.a.[?(@.n == 'x')].b",
        "$.[*].['x','y']",
        "$.a.[*]",
        "$.a.[1:]",
        "$.['two words']",
        "$..[0]",
        "$..['x']",
        "$$.Execution.Input.['a']",
        "$$.['Execution'].Id",
        "States.Array($.a.[0], $.[?(@.n > 0)], States.ArrayLength($.a.[*].['x','y']))",
    ] {
        let state =
            format!(r#"{{"Type": "Pass", "Parameters": {{"a.$": "{path}"}}, "End": true}}"#);
        assert_eq!(of_state(&state), "", "{path}");
        if !path.starts_with("States.") {
            let state = format!(r#"{{"Type": "Succeed", "InputPath": "{path}"}}"#);
            assert_eq!(of_state(&state), "", "{path}");
        }
    }
    // The names behind it are looked at as ever.
    expect(
        &of_state(
            r#"{"Type": "Pass", "Parameters": {"a.$": "$$.['Execution'].['Nam']", "b.$": "$.a.[0", "c.$": "$.a.", "d.$": "$...a"}, "End": true}"#,
        ),
        &[
            "warning 2:46 the context object has no field `Nam` there | did you mean `Name`?",
            "error 2:85 this `[` is never closed | add `]`",
            "error 2:101 the path goes on with no name after the dot | name the field, or remove the dot",
            "error 2:115 the path goes on with no name after the dot | name the field, or remove the dot",
        ],
    );
}

#[test]
fn a_dot_before_a_bracket_in_a_reference_path_is_doubtful() {
    expect(
        &of_state(r#"{"Type": "Wait", "SecondsPath": "$.waits.[0].seconds", "End": true}"#),
        &[
            "warning 2:46 a reference path may not take a dot before a bracket | remove the dot before the bracket",
        ],
    );
    expect(
        &of_state(r#"{"Type": "Wait", "SecondsPath": "$.waits.[*]", "End": true}"#),
        &[
            "warning 2:46 a reference path may not take a dot before a bracket | remove the dot before the bracket",
            "error 2:47 `[*]` selects every value, and one value is needed here | a reference path names one value, with .name, ['name'] and [0] only",
        ],
    );
}

#[test]
fn literal_conditions() {
    for truth in ["true", "false"] {
        let choice = format!(
            r#"{{"Type": "Choice", "Choices": [{{"Condition": {truth}, "Next": "B"}}], "Default": "B"}}, "B": {{"Type": "Succeed"}}"#
        );
        assert_eq!(of_jsonata(&choice), "", "{truth}");
    }
    expect(
        &of_jsonata(
            r#"{"Type": "Choice", "Choices": [{"Condition": "true", "Next": "B"}, {"Condition": 1, "Next": "B"}, {"Condition": null, "Next": "B"}], "Default": "B"}, "B": {"Type": "Succeed"}"#,
        ),
        &[
            r#"error 2:51 `Condition` must be an expression, not the text `true` | write true, false, or "{% ... %}" with something that is one of them"#,
            r#"error 2:87 `Condition` must be an expression, not the number 1 | write true, false, or "{% ... %}" with something that is one of them"#,
            r#"error 2:118 `Condition` must be an expression, not null | write true, false, or "{% ... %}" with something that is one of them"#,
        ],
    );
}

/// Fields of `JSONata` states that take a literal as well as an expression.
#[test]
fn literals_in_jsonata() {
    expect(
        &of_jsonata(
            r#"{"Type": "Wait", "Seconds": 0, "Output": [1, null], "Assign": {"a": true}, "Next": "B"},
"B": {"Type": "Wait", "Timestamp": "2031-12-05T21:29:29.5+01:00", "Output": 3, "Next": "C"},
"C": {"Type": "Task", "Resource": "${f.arn}", "Arguments": 3, "TimeoutSeconds": 9, "HeartbeatSeconds": 3, "Next": "D"},
"D": {"Type": "Map", "Items": [1, "a"], "ItemSelector": "{% $states.context.Map.Item.Value %}", "MaxConcurrency": 0, "ItemProcessor": {"StartAt": "I", "States": {"I": {"Type": "Pass", "Output": false, "End": true}}}, "Next": "E"},
"E": {"Type": "Map", "Items": {"k": 1}, "ItemProcessor": {"StartAt": "J", "States": {"J": {"Type": "Succeed"}}}, "Next": "F"},
"F": {"Type": "Fail", "Error": "E", "Cause": "C"}"#,
        ),
        &[],
    );
}

/// A Parallel or Map state that assigns `outer`, with `inner` assigned inside it.
fn nested(kind: &str, around: &str, inner: &str) -> String {
    let machine = format!(
        r#"{{"StartAt": "B", "States": {{"B": {{"Type": "Pass", "Assign": {{"{inner}": 1}}, "End": true}}}}}}"#
    );
    let machine = match kind {
        "Parallel" => format!(r#""Branches": [{machine}]"#),
        _ => format!(r#""ItemProcessor": {machine}"#),
    };
    findings(&format!(
        r#"{{"StartAt": "A", "States": {{
"A": {{"Type": "{kind}", {machine},
{around}, "Next": "E"}},
"E": {{"Type": "Pass", "Assign": {{"after": 1}}, "End": true}}}}}}"#
    ))
}

#[test]
fn a_variable_of_a_branch_and_of_the_state_around_it() {
    let catch = r#""Catch": [{"ErrorEquals": ["States.ALL"], "Assign": {"v": 1}, "Next": "E"}]"#;
    for kind in ["Parallel", "Map"] {
        assert_eq!(nested(kind, catch, "v"), "", "{kind}");
        assert_eq!(nested(kind, r#""Assign": {"v": 1}"#, "v"), "", "{kind}");
        // Another state around it assigns the name.
        expect(
            &nested(kind, catch, "after"),
            &[
                "error 2:INNER the variable `after` is assigned outside of this branch already | it is on line 4; a branch cannot change what is around it: take another name"
                    .replace("INNER", if kind == "Map" { "100" } else { "101" })
                    .as_str(),
            ],
        );
    }
}

#[test]
fn variables_around_a_distributed_map_are_others() {
    expect(
        &findings(
            r#"{"StartAt": "S", "States": {
"S": {"Type": "Pass", "Assign": {"v": 1}, "Next": "M"},
"M": {"Type": "Map", "End": true, "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"}, "StartAt": "P", "States": {
"P": {"Type": "Parallel", "End": true, "Branches": [{"StartAt": "B", "States": {"B": {"Type": "Pass", "Assign": {"v": 2}, "End": true}}}]}}}}}}"#,
        ),
        &[],
    );
}

#[test]
fn integrations_that_wait_for_a_token() {
    for resource in [
        "bedrock:invokeModel",
        "eks:runJob",
        "eks:call",
        "ecs:runTask",
        "apigateway:invoke",
    ] {
        let found = of_state(&format!(
            r#"{{"Type": "Task", "Resource": "arn:aws:states:::{resource}.waitForTaskToken", "TimeoutSeconds": 9, "Parameters": {{"T.$": "$$.Task.Token", "TaskDefinition": "t", "ApiEndpoint": "e", "Method": "GET"}}, "End": true}}"#
        ));
        assert_eq!(found, "", "{resource}");
    }
}
