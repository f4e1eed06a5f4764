//! The permissions for executions, jobs, HTTP tasks and distributed Maps.

use serde_json::json;

use super::permissions::{jsonata, shown, task};

const ACCOUNT: &str = "eu-west-1:111122223333";

#[test]
fn nested_executions() {
    let machine = format!("arn:aws:states:{ACCOUNT}:stateMachine:child");
    let plain = format!("states:StartExecution on {machine} for A");
    let parameters = json!({"StateMachineArn": machine, "Input": {}});
    assert_eq!(
        task("arn:aws:states:::states:startExecution", &parameters),
        plain
    );
    assert_eq!(
        task(
            "arn:aws:states:::states:startExecution.waitForTaskToken",
            &parameters
        ),
        plain
    );
    let waiting = format!(
        "{plain}\n\
         states:DescribeExecution states:StopExecution on arn:aws:states:{ACCOUNT}:execution:child:* for A\n\
         events:DescribeRule events:PutRule events:PutTargets on \
         arn:aws:events:{ACCOUNT}:rule/StepFunctionsGetEventsForStepFunctionsExecutionRule for A"
    );
    for sync in ["sync", "sync:2"] {
        let resource = format!("arn:aws:states:::states:startExecution.{sync}");
        assert_eq!(task(&resource, &parameters), waiting);
    }
    assert_eq!(
        task(
            "arn:aws:states:::states:startExecution",
            &json!({"StateMachineArn.$": "$.m"})
        ),
        format!(
            "states:StartExecution on arn:aws:states:{ACCOUNT}:stateMachine:* for A\n\
             ! state `A`: `StateMachineArn` is only known at run time, so the role allows every state machine"
        )
    );
}

#[test]
fn jobs() {
    assert_eq!(
        task(
            "arn:aws:states:::batch:submitJob.sync",
            &json!({
            "JobName": "n", "JobQueue": format!("arn:aws:batch:{ACCOUNT}:job-queue/q"), "JobDefinition": "d"})
        ),
        format!(
            "batch:SubmitJob on arn:aws:batch:{ACCOUNT}:job-definition/d arn:aws:batch:{ACCOUNT}:job-definition/d:* \
             arn:aws:batch:{ACCOUNT}:job-queue/q for A\n\
             batch:DescribeJobs batch:TerminateJob on * for A\n\
             events:DescribeRule events:PutRule events:PutTargets on \
             arn:aws:events:{ACCOUNT}:rule/StepFunctionsGetEventsForBatchJobsRule for A"
        )
    );
    let roles = ["task", "exec"].map(|role| format!("arn:aws:iam::111122223333:role/{role}"));
    assert_eq!(
        task(
            "arn:aws:states:::ecs:runTask.sync",
            &json!({
            "TaskDefinition": format!("arn:aws:ecs:{ACCOUNT}:task-definition/t:3"),
            "Overrides": {"TaskRoleArn": roles[0], "ExecutionRoleArn": roles[1]}})
        ),
        format!(
            "ecs:RunTask on arn:aws:ecs:{ACCOUNT}:task-definition/t:3 for A\n\
             ecs:DescribeTasks ecs:StopTask on * for A\n\
             events:DescribeRule events:PutRule events:PutTargets on \
             arn:aws:events:{ACCOUNT}:rule/StepFunctionsGetEventsForECSTaskRule for A\n\
             iam:PassRole on {} {} if {{\"StringEquals\":{{\"iam:PassedToService\":\"ecs-tasks.amazonaws.com\"}}}} for A",
            roles[1], roles[0]
        )
    );
    assert_eq!(
        task(
            "arn:aws:states:::ecs:runTask",
            &json!({"TaskDefinition": "t"})
        ),
        format!(
            "ecs:RunTask on arn:aws:ecs:{ACCOUNT}:task-definition/t arn:aws:ecs:{ACCOUNT}:task-definition/t:* for A\n\
             iam:PassRole on arn:aws:iam::111122223333:role/* if \
             {{\"StringEquals\":{{\"iam:PassedToService\":\"ecs-tasks.amazonaws.com\"}}}} for A\n\
             ! state `A`: the roles of the task definition are not known, so the role may pass any to ECS"
        )
    );
    assert_eq!(
        task(
            "arn:aws:states:::glue:startJobRun.sync",
            &json!({"JobName": "j"})
        ),
        format!(
            "glue:BatchStopJobRun glue:GetJobRun glue:GetJobRuns glue:StartJobRun on arn:aws:glue:{ACCOUNT}:job/j for A"
        )
    );
}

#[test]
fn http_tasks() {
    let connection = format!("arn:aws:events:{ACCOUNT}:connection/api/0b1c");
    let rest = format!(
        "events:RetrieveConnectionCredentials on arn:aws:events:{ACCOUNT}:connection/api/* for A\n\
         secretsmanager:DescribeSecret secretsmanager:GetSecretValue on \
         arn:aws:secretsmanager:{ACCOUNT}:secret:events!connection/api/* for A"
    );
    let machine = format!("arn:aws:states:{ACCOUNT}:stateMachine:m");
    assert_eq!(
        task(
            "arn:aws:states:::http:invoke",
            &json!({"ApiEndpoint": "https://api.example.com/users",
            "Method": "GET", "Authentication": {"ConnectionArn": connection}})
        ),
        format!(
            "states:InvokeHTTPEndpoint on {machine} if {{\"StringEquals\":{{\"states:HTTPMethod\":\"GET\",\
             \"states:HTTPEndpoint\":\"https://api.example.com/users\"}}}} for A\n{rest}"
        )
    );
    assert_eq!(
        jsonata(
            "arn:aws:states:::http:invoke",
            &json!({
            "ApiEndpoint": "{% 'https://api.example.com/users/' & $states.input.id %}",
            "Method": "{% $states.input.method %}", "InvocationConfig": {"ConnectionArn": connection}})
        ),
        format!(
            "states:InvokeHTTPEndpoint on {machine} if {{\"StringLike\":\
             {{\"states:HTTPEndpoint\":\"https://api.example.com/users/*\"}}}} for A\n{rest}\n\
             ! state `A`: `Method` is only known at run time, so the role allows every method\n\
             ! state `A`: `ApiEndpoint` is only known at run time, so the role allows every endpoint like `https://api.example.com/users/*`"
        )
    );
    assert_eq!(
        task(
            "arn:aws:states:::apigateway:invoke",
            &json!({
            "ApiEndpoint": "abc.execute-api.eu-west-1.amazonaws.com", "Method": "GET", "Stage": "prod", "Path": "/x"})
        ),
        format!("execute-api:Invoke on arn:aws:execute-api:{ACCOUNT}:abc/prod/GET/x for A")
    );
}

#[test]
fn a_connection_is_named_with_every_id() {
    let of = |connection: &str| {
        task(
            "arn:aws:states:::http:invoke",
            &json!({"ApiEndpoint.$": "$.url", "Method": "GET",
                "Authentication": {"ConnectionArn": connection}}),
        )
    };
    let machine = format!("arn:aws:states:{ACCOUNT}:stateMachine:m");
    // The method is still a condition, the endpoint cannot be.
    let call = format!(
        "states:InvokeHTTPEndpoint on {machine} if {{\"StringEquals\":{{\"states:HTTPMethod\":\"GET\"}}}} for A"
    );
    let warning =
        "! state `A`: `ApiEndpoint` is only known at run time, so the role allows every endpoint";
    for connection in ["api", "api/0b1c", "api/*"] {
        let named = of(&format!("arn:aws:events:{ACCOUNT}:connection/{connection}"));
        let expected = format!(
            "{call}\n\
             events:RetrieveConnectionCredentials on arn:aws:events:{ACCOUNT}:connection/api/* for A\n\
             secretsmanager:DescribeSecret secretsmanager:GetSecretValue on \
             arn:aws:secretsmanager:{ACCOUNT}:secret:events!connection/api/* for A\n{warning}"
        );
        assert_eq!(named, expected, "{connection}");
    }
    let computed = jsonata(
        "arn:aws:states:::http:invoke",
        &json!({"ApiEndpoint": "https://a.example", "Method": "GET",
            "Authentication": {"ConnectionArn": "{% $states.input.connection %}"}}),
    );
    for line in [
        format!(
            "events:RetrieveConnectionCredentials on arn:aws:events:{ACCOUNT}:connection/* for A"
        ),
        format!(
            "secretsmanager:DescribeSecret secretsmanager:GetSecretValue on \
             arn:aws:secretsmanager:{ACCOUNT}:secret:events!connection/* for A"
        ),
    ] {
        assert!(computed.lines().any(|found| found == line), "{computed}");
    }
}

#[test]
fn distributed_maps() {
    let definition = json!({"StartAt": "M", "States": {"M": {
        "Type": "Map", "Label": "each", "End": true,
        "ItemReader": {"Resource": "arn:aws:states:::s3:getObject", "ReaderConfig": {"InputType": "JSON"},
            "Parameters": {"Bucket": "in", "Key": "list.json"}},
        "ResultWriter": {"Resource": "arn:aws:states:::s3:putObject", "Parameters": {"Bucket": "out", "Prefix": "runs/"}},
        "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
            "StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "arn:aws:lambda:eu-west-1:111122223333:function:f", "End": true}}}
    }}});
    assert_eq!(
        shown(&definition),
        format!(
            "states:StartExecution on arn:aws:states:{ACCOUNT}:stateMachine:m for M\n\
             states:DescribeExecution states:StopExecution on arn:aws:states:{ACCOUNT}:execution:m/each:* \
             arn:aws:states:{ACCOUNT}:execution:m:* for M\n\
             states:RedriveExecution on arn:aws:states:{ACCOUNT}:execution:m/each:* for M\n\
             s3:GetObject on arn:aws:s3:::in/list.json for M\n\
             s3:AbortMultipartUpload s3:GetObject s3:ListMultipartUploadParts s3:PutObject on arn:aws:s3:::out/runs/* for M\n\
             lambda:InvokeFunction on arn:aws:lambda:{ACCOUNT}:function:f for T"
        )
    );
}

#[test]
fn express_children_are_started_again_and_not_redriven() {
    let definition = json!({"StartAt": "M", "States": {"M": {"Type": "Map", "Label": "each", "End": true,
        "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"},
            "StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}}}});
    assert_eq!(
        shown(&definition),
        format!(
            "states:StartExecution on arn:aws:states:{ACCOUNT}:stateMachine:m for M\n\
             states:DescribeExecution states:StopExecution on arn:aws:states:{ACCOUNT}:execution:m/each:* \
             arn:aws:states:{ACCOUNT}:execution:m:* for M"
        )
    );
}

#[test]
fn other_roles_and_unknown_resources() {
    let definition = json!({"StartAt": "A", "States": {
        "A": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke",
            "Parameters": {"FunctionName": "f"}, "Credentials": {"RoleArn": "arn:aws:iam::999988887777:role/r"}, "Next": "B"},
        "B": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke",
            "Parameters": {"FunctionName": "f"}, "Credentials": {"RoleArn.$": "$.r"}, "Next": "C"},
        "C": {"Type": "Task", "Resource": "arn:aws:states:eu-west-1:111122223333:activity:a", "Next": "D"},
        "D": {"Type": "Task", "Resource": "arn:aws:states:::sagemaker:createTrainingJob.sync", "Parameters": {"TrainingJobName": "j", "RoleArn": "arn:aws:iam::111122223333:role/s"}, "Next": "E"},
        "E": {"Type": "Task", "Resource": "arn:aws:states:::eks:call", "Parameters": {"ClusterName": "c"}, "End": true}
    }});
    assert_eq!(
        shown(&definition),
        "sts:AssumeRole on arn:aws:iam::999988887777:role/r for A\n\
         sts:AssumeRole on arn:aws:iam::*:role/* for B\n\
         sagemaker:CreateTrainingJob on arn:aws:sagemaker:eu-west-1:111122223333:reserved-capacity/* \
         arn:aws:sagemaker:eu-west-1:111122223333:training-job/j \
         arn:aws:sagemaker:eu-west-1:111122223333:training-plan/* for D\n\
         iam:PassRole on arn:aws:iam::111122223333:role/s if \
         {\"StringEquals\":{\"iam:PassedToService\":\"sagemaker.amazonaws.com\"}} for D\n\
         ! state `B`: the role in `Credentials` is only known at run time, so any may be assumed\n\
         ! state `D`: what `sagemaker:createTrainingJob.sync` needs to follow the job is not known: add it with `allow`\n\
         ! state `E`: the cluster itself decides who may do this: give the machine's role an access entry in it"
    );
}

#[test]
fn nothing_given_is_allowed_on_everything_and_said() {
    assert_eq!(
        task("arn:aws:states:::batch:submitJob", &json!({"JobName": "n"})),
        "batch:SubmitJob on * for A\n\
         ! state `A`: what `batch:SubmitJob` acts on is not given, so the role allows it on everything"
    );
    assert_eq!(
        task("arn:aws:states:::events:putEvents", &json!({"Entries": []})),
        "events:PutEvents on * for A\n\
         ! state `A`: what `events:PutEvents` acts on is not given, so the role allows it on everything"
    );
    assert_eq!(
        task("arn:aws:states:::lambda:invoke", &json!({})),
        "\n! state `A`: it does not say which function".trim_start()
    );
}

#[test]
fn a_queue_url_that_is_no_url_is_named() {
    let sent = json!({ "QueueUrl": "orders", "MessageBody": "x" });
    assert_eq!(
        task("arn:aws:states:::sqs:sendMessage", &sent),
        "sqs:SendMessage on arn:aws:sqs:eu-west-1:111122223333:* for A\n\
         ! state `A`: `QueueUrl` is not a URL: `orders`; the role allows every queue. Write `${QUEUE.url}`"
    );
}

#[test]
fn connections_of_a_web_socket_api() {
    let given = json!({"ApiEndpoint": "abc.execute-api.eu-west-1.amazonaws.com", "Method": "POST", "Stage": "prod",
        "Path.$": "States.Format('/@connections/{}', $.c)"});
    let expected = format!(
        "execute-api:ManageConnections on arn:aws:execute-api:{ACCOUNT}:abc/prod/POST/@connections/* for A"
    );
    assert_eq!(task("arn:aws:states:::apigateway:invoke", &given), expected);
    let given =
        json!({ "ApiEndpoint": "api.example.com", "Method": "GET", "Stage": "prod", "Path": "/x" });
    assert_eq!(
        task("arn:aws:states:::apigateway:invoke", &given),
        format!(
            "execute-api:Invoke on arn:aws:execute-api:{ACCOUNT}:*/prod/GET/x for A\n\
             ! state `A`: `api.example.com` does not have the id of the API, so the role allows every API"
        )
    );
}
