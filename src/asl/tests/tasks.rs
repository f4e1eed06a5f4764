//! Task states: resources, parameters, timeouts.

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
            "error 2:91 the parameter `bucket` begins with a lowercase letter | write `Bucket`: Step Functions takes every name with an uppercase letter first",
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
            "error 2:63 `roleArn` is not a field of `Credentials` | did you mean `RoleArn`?",
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
        &[r#"error 2:36 `tomorrow` is not a time | write a time such as "2026-01-31T12:00:00Z""#],
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

#[test]
#[expect(clippy::too_many_lines, reason = "it is a table")]
fn resources_of_tasks() {
    let cases = [
        ("arn:aws:states:::lambda:invoke", ""),
        ("arn:aws:states:::lambda:invoke.waitForTaskToken", ""),
        ("arn:${partition}:states:::lambda:invoke", ""),
        ("arn:aws:states:::states:startExecution.sync:2", ""),
        ("arn:aws:states:::aws-sdk:s3:listObjectsV2", ""),
        ("arn:aws:lambda:${region}:${account}:function:f", ""),
        ("arn:aws:lambda:us-east-1:123456789012:function:f:live", ""),
        ("arn:aws:states:us-east-1:123456789012:activity:a", ""),
        ("${f.arn}", ""),
        (
            "lambda:invoke",
            "error 2:35 `lambda:invoke` is not an ARN | did you mean `arn:aws:states:::lambda:invoke`?",
        ),
        (
            "arn:aws:states:::lambda:invok",
            "error 2:35 the integration `lambda` has no action `invok` | did you mean `invoke`?",
        ),
        (
            "arn:aws:states:::lamda:invoke",
            "error 2:35 there is no integration `lamda` | did you mean `lambda`?",
        ),
        (
            "arn:aws:states:::s3:getObject",
            "error 2:35 there is no integration `s3` | write arn:aws:states:::aws-sdk:s3:getObject to call the AWS SDK",
        ),
        (
            "arn:aws:states:::lambda:invoke.sync",
            "error 2:35 `lambda:invoke` cannot wait with `.sync` | remove it, or write .waitForTaskToken",
        ),
        (
            "arn:aws:states:::dynamodb:getItem.sync",
            "error 2:35 `dynamodb:getItem` cannot wait with `.sync` | it answers at once: remove it",
        ),
        (
            "arn:aws:states:::dynamodb:query",
            "error 2:35 the integration `dynamodb` has no action `query` | it has `getItem`, `putItem`, `deleteItem` or `updateItem`; any other call is arn:aws:states:::aws-sdk:dynamodb:query",
        ),
        (
            "arn:aws:states:::aws-sdk:s3:GetObject",
            "error 2:35 the action `GetObject` begins with an uppercase letter | write `getObject`",
        ),
        (
            "arn:aws:states:::aws-sdk:S3:getObject",
            "error 2:35 the service `S3` is written otherwise | write `s3`: lower case, without hyphens",
        ),
        (
            "arn:aws:states:::aws-sdk:s3",
            "error 2:35 `aws-sdk:s3` names no action | write arn:aws:states:::aws-sdk:service:action",
        ),
        (
            "arn:aws:states:::aws-sdk:logs:putLogEvents",
            "warning 2:35 the AWS SDK integration has no service `logs` (as of 2026-11-20) | did you mean `cloudwatchlogs`?",
        ),
        (
            "arn:aws:states:::aws-sdk:dynamobd:query",
            "warning 2:35 the AWS SDK integration has no service `dynamobd` (as of 2026-11-20) | did you mean `dynamodb`?",
        ),
        (
            "arn:aws:states:::aws-sdk:brandnewservice:doIt",
            "warning 2:35 the AWS SDK integration has no service `brandnewservice` (as of 2026-11-20) | correct it, or add its permission with `allow` if AWS has added it since",
        ),
        (
            "arn:aws:states:::aws-sdk:s3:getObject.sync",
            "error 2:35 calls of the AWS SDK cannot wait with `.sync` | remove it, or write .waitForTaskToken",
        ),
        (
            "arn:aws:lambda:us-east-1:1234:function:f",
            "error 2:35 `1234` is not an account id: it has 4 digits, not 12 | write \"arn:aws:lambda:us-east-1:${account}:function:f\"; or \"${key.arn}\" of a resource of the stack",
        ),
        (
            "arn:aws:lambda:::function:f",
            "error 2:35 the ARN of a Lambda function has its region and account | write arn:aws:lambda:region:account:function:name",
        ),
        (
            "arn:aws:lambda:us-east-1:123456789012:f",
            "error 2:35 `f` names no Lambda function | write arn:aws:lambda:region:account:function:name",
        ),
        (
            "arn:aws:states:us-east-1:123456789012:stateMachine:m",
            "error 2:35 a state machine cannot be a Task's resource by its ARN | write arn:aws:states:::states:startExecution and give its ARN as `StateMachineArn`",
        ),
        (
            "arn:aws:sqs:us-east-1:123456789012:q",
            "error 2:35 a Task cannot call `sqs` by such an ARN | write arn:aws:states:::aws-sdk:sqs:action, with the resource among its parameters",
        ),
        (
            "arn:aws:lambda",
            "error 2:35 `arn:aws:lambda` is not a complete ARN | an ARN is arn:partition:service:region:account:resource; an integration is arn:aws:states:::service:action",
        ),
        (
            "arn:amazon:lambda:r:a:function:f",
            "error 2:35 there is no AWS partition `amazon` | write arn:aws:..., arn:aws-cn:... or arn:aws-us-gov:...",
        ),
    ];
    for (resource, wanted) in cases {
        let found = of_state(&format!(
            r#"{{"Type": "Task", "Resource": "{resource}", "TimeoutSeconds": 9, "End": true}}"#
        ));
        assert_eq!(found, wanted, "{resource}");
    }
}
