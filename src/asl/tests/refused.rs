//! What AWS refuses when a state machine is created.

use super::{expect, of_jsonata, of_state};

/// Times that have the right form and do not exist.
const NO_TIMES: [&str; 14] = [
    "2031-13-05T21:29:29Z",
    "2031-00-05T21:29:29Z",
    "2031-12-32T21:29:29Z",
    "2031-12-00T21:29:29Z",
    "2031-02-30T21:29:29Z",
    "2031-02-29T21:29:29Z",
    "2100-02-29T21:29:29Z",
    "2031-04-31T21:29:29.5Z",
    "2031-12-05T24:00:00Z",
    "2031-12-05T25:29:29Z",
    "2031-12-05T21:60:29Z",
    "2031-12-05T21:29:60Z",
    "2031-12-05T21:29:61Z",
    "2031-12-05T21:29:29+25:00",
];

const TIMES: [&str; 7] = [
    "2028-02-29T23:59:59Z",
    "2000-02-29T00:00:00Z",
    "1969-12-31T00:00:00-05:30",
    "2031-12-05T21:29:29.243167252Z",
    "2031-12-05T21:29:29+18:00",
    "0000-01-01T00:00:00Z",
    "9999-12-31T23:59:59Z",
];

const NO_SUCH_TIME: &str = "there is no such time: months are 01 to 12, days those of the month, hours 00 to 23, minutes and seconds 00 to 59";

#[test]
fn times_that_do_not_exist() {
    for time in NO_TIMES {
        let wait = format!(r#"{{"Type": "Wait", "Timestamp": "{time}", "End": true}}"#);
        let line = format!("error 2:36 `{time}` is not a time | {NO_SUCH_TIME}");
        expect(&of_state(&wait), &[&line]);
        expect(&of_jsonata(&wait), &[&line]);
        for operator in [
            "Equals",
            "LessThan",
            "LessThanEquals",
            "GreaterThan",
            "GreaterThanEquals",
        ] {
            let found = of_state(&choice(operator, time));
            let line = format!(
                "`Timestamp{operator}` needs a time, not the text `{time}` | {NO_SUCH_TIME}"
            );
            assert!(
                found.starts_with("error 2:") && found.ends_with(&line),
                "{found}"
            );
        }
    }
    for time in TIMES {
        let wait = format!(r#"{{"Type": "Wait", "Timestamp": "{time}", "End": true}}"#);
        assert_eq!(of_state(&wait), "", "{time}");
        assert_eq!(of_state(&choice("LessThan", time)), "", "{time}");
    }
    // A reference may become anything, also in a rule within another.
    expect(
        &of_state(&choice("Equals", "2031-13-05T${param.time}Z")),
        &[],
    );
    let within = r#"{"Type": "Choice", "Choices": [{"Not": {"Variable": "$.t", "TimestampEquals": "2031-13-05T21:29:29Z"}, "Next": "B"}], "Default": "B"}, "B": {"Type": "Succeed"}"#;
    assert!(of_state(within).contains("is no such time"), "{within}");
}

fn choice(operator: &str, time: &str) -> String {
    format!(
        r#"{{"Type": "Choice", "Choices": [{{"Variable": "$.t", "Timestamp{operator}": "{time}", "Next": "B"}}], "Default": "B"}}, "B": {{"Type": "Succeed"}}"#
    )
}

#[test]
fn actions_that_an_optimized_integration_lacks() {
    let task = |resource: &str| {
        of_state(&format!(
            r#"{{"Type": "Task", "Resource": "arn:aws:states:::{resource}", "End": true}}"#
        ))
    };
    for (resource, line) in [
        (
            "dynamodb:query",
            "`dynamodb` has no action `query` | it has `getItem`, `putItem`, `deleteItem` or `updateItem`; any other call is arn:aws:states:::aws-sdk:dynamodb:query",
        ),
        (
            "sqs:receiveMessage",
            "`sqs` has no action `receiveMessage` | it has `sendMessage`; any other call is arn:aws:states:::aws-sdk:sqs:receiveMessage",
        ),
        (
            "events:listRules",
            "`events` has no action `listRules` | it has `putEvents`; any other call is arn:aws:states:::aws-sdk:eventbridge:listRules",
        ),
        (
            "emr-containers:listJobRuns",
            "`emr-containers` has no action `listJobRuns` | it has `createVirtualCluster`, `deleteVirtualCluster` or `startJobRun`; any other call is arn:aws:states:::aws-sdk:emrcontainers:listJobRuns",
        ),
        (
            "lambda:invokeAsync.waitForTaskToken",
            "`lambda` has no action `invokeAsync` | it has `invoke`",
        ),
        (
            "states:describeExecution.sync:2",
            "`states` has no action `describeExecution` | it has `startExecution`; any other call is arn:aws:states:::aws-sdk:sfn:describeExecution",
        ),
    ] {
        expect(
            &task(resource),
            &[&format!("error 2:35 the integration {line}")],
        );
    }
}

#[test]
fn escapes_in_the_text_of_an_intrinsic_function() {
    const HELP: &str = r#"the escapes are \', \{, \} and \\; an escape of JSON, such as \n or \", has one backslash in the file"#;
    for escape in ["n", "t", r#"\""#, "u0041", " ", "á"] {
        let found = of_state(&format!(
            r#"{{"Type": "Pass", "Parameters": {{"a.$": "States.Format('x\\{escape}{{}}', $.n)"}}, "End": true}}"#
        ));
        let letter = escape.trim_start_matches('\\').chars().next().unwrap();
        let line = format!(
            "error 2:62 `\\{letter}` is not an escape in the text of an intrinsic function | {HELP}"
        );
        expect(&found, &[&line]);
    }
    // In a function within another, and in a Fail state.
    for state in [
        r#"{"Type": "Pass", "Parameters": {"a.$": "States.Array(States.StringToJson('{\"t\":\"\\\"\"}'))"}, "End": true}"#,
        r#"{"Type": "Fail", "CausePath": "States.Format('a\\b')"}"#,
    ] {
        assert!(of_state(state).contains("is not an escape"), "{state}");
    }
    expect(
        &of_state(
            r#"{"Type": "Pass", "Parameters": {"a.$": "States.Format('it\\'s \\{\\} \\\\ {}\n\t\"', $['a\\'b'])", "b.$": "States.StringSplit('a\nb', '\n')"}, "End": true}"#,
        ),
        &[],
    );
}
