//! Warnings about what AWS takes, and those that were wrong.

use serde_json::json;

use super::{expect, findings, of_jsonata, of_state, permissions};

const FAILS: &str = "an execution fails here with States.IntrinsicFailure";

/// A call without `States.`, the column of the wrong argument, its number, what it must be, and the help.
#[rustfmt::skip]
const WRONG_KINDS: &[(&str, usize, usize, &str, &str)] = &[
    ("MathAdd('x', 1)", 61, 1, "a number, not the text `x`", FAILS),
    ("MathAdd(1, '2')", 64, 2, "a number, not the text `2`", "write it without quotes: 2"),
    ("MathAdd(true, $.n)", 61, 1, "a number, not `true`", FAILS),
    ("MathRandom(0, 9, 'seed')", 70, 3, "a number, not the text `seed`", FAILS),
    ("ArrayRange(1, 'a', 2)", 67, 2, "a number, not the text `a`", FAILS),
    ("ArrayPartition($.a, false)", 73, 2, "a number, not `false`", FAILS),
    ("ArrayPartition('a', 2)", 68, 1, "an array, not the text `a`", FAILS),
    ("ArrayGetItem($.a, 'x')", 71, 2, "a number, not the text `x`", FAILS),
    ("ArrayContains(3, 3)", 67, 1, "an array, not `3`", FAILS),
    ("ArrayLength('abc')", 65, 1, "an array, not the text `abc`", FAILS),
    ("ArrayUnique(States.UUID())", 65, 1, "an array, not a text", FAILS),
    ("Base64Encode(5)", 66, 1, "a text, not `5`", "write it in quotes: '5'"),
    ("Base64Decode(States.Array(1))", 66, 1, "a text, not an array", FAILS),
    ("Hash($.a, 256)", 63, 2, "a text, not `256`", "write it in quotes: '256'"),
    ("StringSplit($.a, 1)", 70, 2, "a text, not `1`", "write it in quotes: '1'"),
    ("StringToJson(1)", 66, 1, "a text, not `1`", "write it in quotes: '1'"),
    ("JsonMerge('{}', $.b, false)", 63, 1, "an object, not the text `{}`", FAILS),
    ("JsonMerge($.a, $.b, 'false')", 73, 3, "true or false, not the text `false`", FAILS),
    ("Format(1)", 60, 1, "a text, not `1`", "write it in quotes: '1'"),
    ("Array(States.MathAdd('x', 1))", 74, 1, "a number, not the text `x`", FAILS),
];

#[test]
fn arguments_of_the_wrong_kind() {
    let call = |call: &str| {
        of_state(&format!(
            r#"{{"Type": "Pass", "Parameters": {{"a.$": "{call}"}}, "End": true}}"#
        ))
    };
    for (text, at, number, what, help) in WRONG_KINDS {
        let (name, _) = text.split_once('(').unwrap();
        expect(
            &call(&format!("States.{text}")),
            &[&format!(
                "warning 2:{at} argument {number} of `States.{inner}` must be {what} | {help}",
                inner = if name == "Array" { "MathAdd" } else { name }
            )],
        );
    }
    for text in [
        "States.MathAdd(1.5, -2e3)",
        "States.MathAdd(States.ArrayLength($.a), States.ArrayGetItem($.b, 0))",
        "States.ArrayContains(States.ArrayRange(1, 9, 2), 'x')",
        "States.Format('{} {} {}', 1, true, null)",
        "States.Array('a', 1, null, false, States.UUID())",
        "States.StringToJson(States.Format('{}', $.a))",
        "States.JsonToString(5)",
        "States.JsonMerge($.a, States.StringToJson($.b), false)",
        "States.Hash(5, 'SHA-256')",
        "States.StringToJson(null)",
    ] {
        assert_eq!(call(text), "", "{text}");
    }
}

#[test]
fn tokens_of_states_that_wait_for_a_job() {
    let task = |resource: &str| {
        of_state(&format!(
            r#"{{"Type": "Task", "Resource": "{resource}", "Parameters": {{"StateMachineArn": "arn:aws:states:us-east-1:111122223333:stateMachine:x", "TaskDefinition": "t", "FunctionName": "f", "Input": {{"t.$": "$$.Task.Token"}}}}, "End": true}}"#
        ))
    };
    for resource in [
        "arn:aws:states:::states:startExecution.sync",
        "arn:aws:states:::states:startExecution.sync:2",
        "arn:aws:states:::ecs:runTask.sync",
        "${f.resource}",
    ] {
        assert_eq!(task(resource), "", "{resource}");
    }
    for resource in [
        "arn:aws:states:::states:startExecution",
        "arn:aws:states:::lambda:invoke",
        "arn:aws:states:::aws-sdk:sfn:startExecution",
    ] {
        let found = task(resource);
        assert!(
            found.contains("only a state that waits for it has a task token"),
            "{resource}: {found}"
        );
    }
    expect(
        &of_jsonata(
            r#"{"Type": "Task", "Resource": "arn:aws:states:::states:startExecution.sync:2", "Arguments": {"StateMachineArn": "m", "Input": "{% $states.context.Task.Token %}"}, "End": true}"#,
        ),
        &[],
    );
}

/// A Parallel with a catcher of `caught` around a Fail state with these fields.
fn failing(fail: &str, caught: &str) -> String {
    findings(&format!(
        r#"{{"StartAt": "P", "States": {{"P": {{"Type": "Parallel", "End": true, "Branches": [{{"StartAt": "F", "States": {{"F": {{"Type": "Fail"{fail}}}}}}}],
"Catch": [{{"ErrorEquals": ["{caught}"], "Next": "E"}}]}}, "E": {{"Type": "Succeed"}}}}}}"#
    ))
}

#[test]
fn errors_that_a_fail_state_raises() {
    let literal = r#", "Error": "States.QuorumMet""#;
    assert_eq!(failing(literal, "States.QuorumMet"), "");
    let unknown = "warning 2:28 Step Functions reports no error `States.QuorumLost` | names that begin with `States.` are reserved for Step Functions";
    expect(&failing(literal, "States.QuorumLost"), &[unknown]);
    expect(&failing("", "States.QuorumLost"), &[unknown]);
    // A computed name may be this one, and a misspelling is one all the same.
    for computed in [
        r#", "ErrorPath": "$.error""#,
        r#", "Error": "${param.error}""#,
        r#", "QueryLanguage": "JSONata", "Error": "{% $states.input.error %}""#,
    ] {
        assert_eq!(failing(computed, "States.QuorumLost"), "", "{computed}");
        expect(
            &failing(computed, "States.Timout"),
            &[
                "warning 2:28 Step Functions reports no error `States.Timout` | did you mean `States.Timeout`?",
            ],
        );
    }
}

#[test]
fn integrations_with_a_region_and_an_account() {
    let task = |resource: &str| {
        of_state(&format!(
            r#"{{"Type": "Task", "Resource": "{resource}", "Parameters": {{"Bucket": "b", "Key": "k"}}, "End": true}}"#
        ))
    };
    let doubt = |plain: &str| {
        format!(
            "warning 2:35 the ARN of an integration has neither region nor account | write {plain}"
        )
    };
    for (written, plain) in [
        (
            "arn:aws:states:us-east-1:111122223333:aws-sdk:s3:getObject",
            "arn:aws:states:::aws-sdk:s3:getObject",
        ),
        (
            "arn:aws:states:${region}:${account}:aws-sdk:s3:getObject",
            "arn:aws:states:::aws-sdk:s3:getObject",
        ),
        (
            "arn:aws:states:eu-west-1::aws-sdk:s3:getObject",
            "arn:aws:states:::aws-sdk:s3:getObject",
        ),
        (
            "arn:aws:states::111122223333:sns:publish",
            "arn:aws:states:::sns:publish",
        ),
    ] {
        let found = task(written);
        assert!(found.starts_with(&doubt(plain)), "{written}: {found}");
    }
    // What it names is checked as ever.
    expect(
        &task("arn:aws:states:us-east-1:111122223333:dynamodb:query"),
        &[
            "error 2:35 the integration `dynamodb` has no action `query` | it has `getItem`, `putItem`, `deleteItem` or `updateItem`; any other call is arn:aws:states:::aws-sdk:dynamodb:query",
        ],
    );
    assert_eq!(
        task("arn:aws:states:us-east-1:111122223333:activity:a")
            .lines()
            .count(),
        1
    );
}

#[test]
fn an_integration_with_a_region_is_allowed_to_the_role() {
    let parameters =
        json!({"Bucket": "b", "Key": "k", "TopicArn": "arn:aws:sns:eu-west-1:111122223333:t"});
    for plain in ["aws-sdk:s3:getObject", "sns:publish"] {
        let without = permissions::task(&format!("arn:aws:states:::{plain}"), &parameters);
        let with = format!("arn:aws:states:us-east-1:111122223333:{plain}");
        assert!(without.contains(" on arn:aws:"), "{without}");
        assert_eq!(permissions::task(&with, &parameters), without);
    }
}
