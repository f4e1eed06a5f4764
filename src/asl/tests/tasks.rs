//! What tasks are given, and how long they may take.

use super::{expect, of_jsonata, of_state};

#[test]
fn parameters_of_integrations() {
    expect(
        &of_state(
            r#"{"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Parameters": {"Functionname": "f"}, "End": true}"#,
        ),
        &[
            "error 2:83 `lambda:invoke` is given no `FunctionName` | `Functionname` is there: write `FunctionName`",
        ],
    );
    expect(
        &of_state(
            r#"{"Type": "Task", "Resource": "arn:aws:states:::dynamodb:putItem", "Parameters": {"TableName.$": "$.t"}, "End": true}"#,
        ),
        &[r#"error 2:86 `dynamodb:putItem` is given no `Item` | add "Item""#],
    );
    expect(
        &of_jsonata(
            r#"{"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage", "Arguments": {"QueueUrl": "u"}, "End": true}"#,
        ),
        &[r#"error 2:84 `sqs:sendMessage` is given no `MessageBody` | add "MessageBody""#],
    );
    expect(
        &of_state(r#"{"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "End": true}"#),
        &[],
    );
    expect(
        &of_state(
            r#"{"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:s3:getObject", "Parameters": {"bucket": "b", "Key": "k"}, "End": true}"#,
        ),
        &[
            "error 2:91 the parameter `bucket` begins with a small letter | write `Bucket`: Step Functions takes every name with a capital",
        ],
    );
}

#[test]
fn tokens_and_times() {
    expect(
        &of_state(
            r#"{"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken", "Parameters": {"QueueUrl": "u", "MessageBody": {"x": 1}}, "End": true}"#,
        ),
        &[
            r#"warning 2:35 this state may wait for a year if nobody answers | add "TimeoutSeconds" or "HeartbeatSeconds""#,
            r#"warning 2:35 this state waits for its token, and passes it to nobody | add "Token.$": "$$.Task.Token" to what it sends"#,
        ],
    );
    expect(
        &of_state(
            r#"{"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken", "Parameters": {"QueueUrl": "u", "MessageBody": {"t.$": "$$.Task.Token"}}, "HeartbeatSeconds": 9, "End": true}"#,
        ),
        &[],
    );
    expect(
        &of_jsonata(
            r#"{"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken", "Arguments": {"FunctionName": "f", "Payload": "{% {'t': $states.context.Task.Token} %}"}, "TimeoutSeconds": 9, "End": true}"#,
        ),
        &[],
    );
    expect(
        &of_state(
            r#"{"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Parameters": {"FunctionName": "f", "Payload": {"t.$": "$$.Task.Token"}}, "End": true}"#,
        ),
        &[
            "warning 2:83 only a state that waits for it has a task token | end the `Resource` in .waitForTaskToken",
        ],
    );
    expect(
        &of_state(
            r#"{"Type": "Task", "Resource": "arn:aws:states:eu-west-1:111122223333:activity:a", "End": true}"#,
        ),
        &[
            r#"warning 2:35 this state may wait for a year if nobody answers | add "TimeoutSeconds" or "HeartbeatSeconds""#,
        ],
    );
    expect(
        &of_state(
            r#"{"Type": "Task", "Resource": "${f.arn}", "TimeoutSeconds": 10, "HeartbeatSeconds": 10, "End": true}"#,
        ),
        &[
            "error 2:89 `HeartbeatSeconds` is not less than `TimeoutSeconds` | a heartbeat must be due before the whole state is",
        ],
    );
    expect(
        &of_state(
            r#"{"Type": "Task", "Resource": "${f.arn}", "Credentials": {"roleArn": "x"}, "End": true}"#,
        ),
        &[
            "error 2:62 `Credentials` has no `RoleArn` | name the role to call with",
            "error 2:63 `roleArn` is no field of `Credentials` | did you mean `RoleArn`?",
        ],
    );
    expect(
        &of_state(
            r#"{"Type": "Task", "Resource": "${f.arn}", "Credentials": {"RoleArn.$": "$.role"}, "End": true}"#,
        ),
        &[],
    );
    expect(
        &of_state(r#"{"Type": "Wait", "Timestamp": "tomorrow", "End": true}"#),
        &[r#"error 2:36 `tomorrow` is no time | write it as "2026-01-31T12:00:00Z""#],
    );
    expect(
        &of_state(r#"{"Type": "Wait", "Seconds": -1, "End": true}"#),
        &["error 2:34 `Seconds` is -1, less than 0 | write 0 or more"],
    );
    expect(
        &of_state(r#"{"Type": "Wait", "Seconds": "3", "End": true}"#),
        &[
            "error 2:34 `Seconds` must be a whole number, not the text `3` | write it without quotes",
        ],
    );
}
