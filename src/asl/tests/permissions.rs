//! The permissions that definitions need.

use serde_json::{Value, json};

use super::super::{StateMachineArn, permissions};

fn machine() -> StateMachineArn {
    StateMachineArn {
        partition: "aws".into(),
        region: "eu-west-1".into(),
        account: "111122223333".into(),
        name: "m".into(),
    }
}

/// One line for each permission: "actions on resources [if condition] for states", then the warnings.
pub(super) fn shown(definition: &Value) -> String {
    let required = permissions(definition, &machine());
    let mut lines: Vec<String> = required
        .permissions
        .iter()
        .map(|permission| {
            let condition = permission
                .condition
                .as_ref()
                .map(|c| format!(" if {c}"))
                .unwrap_or_default();
            format!(
                "{} on {}{condition} for {}",
                permission.actions.join(" "),
                permission.resources.join(" "),
                permission.states.join(", ")
            )
        })
        .collect();
    lines.extend(
        required
            .warnings
            .iter()
            .map(|warning| format!("! {warning}")),
    );
    lines.join("\n")
}

pub(super) fn task(resource: &str, parameters: &Value) -> String {
    shown(&json!({"StartAt": "A", "States": {
        "A": {"Type": "Task", "Resource": resource, "Parameters": parameters, "End": true}
    }}))
}

pub(super) fn jsonata(resource: &str, arguments: &Value) -> String {
    shown(
        &json!({"QueryLanguage": "JSONata", "StartAt": "A", "States": {
            "A": {"Type": "Task", "Resource": resource, "Arguments": arguments, "End": true}
        }}),
    )
}

#[test]
fn lambda_in_all_its_forms() {
    let own = "lambda:InvokeFunction on arn:aws:lambda:eu-west-1:111122223333:function:f";
    let invoke = "arn:aws:states:::lambda:invoke";
    // The permission is for the version or alias if the name has one.
    for (name, qualifier) in [
        ("f", ""),
        ("f:live", ":live"),
        ("111122223333:function:f", ""),
        ("arn:aws:lambda:eu-west-1:111122223333:function:f", ""),
        (
            "arn:aws:lambda:eu-west-1:111122223333:function:f:$LATEST",
            ":$LATEST",
        ),
    ] {
        let own = format!("{own}{qualifier} for A");
        assert_eq!(task(invoke, &json!({"FunctionName": name})), own, "{name}");
        assert_eq!(
            jsonata(invoke, &json!({"FunctionName": name})),
            own,
            "{name}"
        );
        let sdk = "arn:aws:states:::aws-sdk:lambda:invoke";
        assert_eq!(task(sdk, &json!({"FunctionName": name})), own, "{name}");
    }
    assert_eq!(
        task(invoke, &json!({"FunctionName": "f", "Qualifier": "7"})),
        format!("{own}:7 for A")
    );
    assert_eq!(
        task(invoke, &json!({"FunctionName": "f", "Qualifier.$": "$.q"})),
        format!("{own}:* for A")
    );
    assert_eq!(
        task(
            "arn:aws:lambda:us-east-1:999988887777:function:g:live",
            &json!({})
        ),
        "lambda:InvokeFunction on arn:aws:lambda:us-east-1:999988887777:function:g:live for A"
    );
    assert_eq!(
        task(invoke, &json!({"FunctionName": "999988887777:function:f"})),
        "lambda:InvokeFunction on arn:aws:lambda:eu-west-1:999988887777:function:f for A"
    );
    assert_eq!(
        task(invoke, &json!({"FunctionName.$": "$.name"})),
        "lambda:InvokeFunction on arn:aws:lambda:eu-west-1:111122223333:function:* for A\n\
         ! state `A`: `FunctionName` is only known at run time, so the role allows every function"
    );
    assert_eq!(
        jsonata(
            invoke,
            &json!({"FunctionName": "{% 'order-' & $states.input.kind %}"})
        ),
        "lambda:InvokeFunction on arn:aws:lambda:eu-west-1:111122223333:function:order-* for A\n\
         ! state `A`: `FunctionName` is only known at run time, so the role allows every function like `order-*`"
    );
    assert_eq!(
        jsonata(invoke, &json!({"FunctionName": "{% 'f' %}"})),
        format!("{own} for A")
    );
}

#[test]
fn the_same_resource_is_merged_and_states_are_united() {
    let definition = json!({"StartAt": "Get", "States": {
        "Get": {"Type": "Task", "Resource": "arn:aws:states:::dynamodb:getItem",
            "Parameters": {"TableName": "t", "Key": {}}, "Next": "P"},
        "P": {"Type": "Parallel", "Branches": [
            {"StartAt": "Put", "States": {"Put": {"Type": "Task", "Resource": "arn:aws:states:::dynamodb:putItem",
                "Parameters": {"TableName": "arn:aws:dynamodb:eu-west-1:111122223333:table/t"}, "End": true}}},
            {"StartAt": "Each", "States": {"Each": {"Type": "Map", "End": true, "ItemProcessor": {
                "StartAt": "Again", "States": {"Again": {"Type": "Task", "End": true,
                    "QueryLanguage": "JSONata", "Resource": "arn:aws:states:::dynamodb:getItem",
                    "Arguments": {"TableName": "t"}}}}}}}
        ], "End": true}
    }});
    assert_eq!(
        shown(&definition),
        "dynamodb:GetItem dynamodb:PutItem on arn:aws:dynamodb:eu-west-1:111122223333:table/t for Get, Put, Again"
    );
}

#[test]
fn dynamodb() {
    let table = "arn:aws:dynamodb:eu-west-1:111122223333:table/t";
    assert_eq!(
        task(
            "arn:aws:states:::aws-sdk:dynamodb:query",
            &json!({"TableName": "t", "IndexName": "i"})
        ),
        format!("dynamodb:Query on {table}/index/i for A")
    );
    assert_eq!(
        task(
            "arn:aws:states:::aws-sdk:dynamodb:transactWriteItems",
            &json!({"TransactItems": [
                {"Put": {"TableName": "t"}}, {"Delete": {"TableName": "u"}}, {"Update": {"TableName": "t"}}
            ]})
        ),
        format!(
            "dynamodb:PutItem dynamodb:UpdateItem on {table} for A\n\
             dynamodb:DeleteItem on arn:aws:dynamodb:eu-west-1:111122223333:table/u for A"
        )
    );
    assert_eq!(
        task(
            "arn:aws:states:::aws-sdk:dynamodb:batchGetItem",
            &json!({"RequestItems": {"t": {}, "u": {}}})
        ),
        format!(
            "dynamodb:BatchGetItem on {table} arn:aws:dynamodb:eu-west-1:111122223333:table/u for A"
        )
    );
}

#[test]
fn s3() {
    let call = |action: &str, parameters: Value| {
        task(
            &format!("arn:aws:states:::aws-sdk:s3:{action}"),
            &parameters,
        )
    };
    assert_eq!(
        call("getObject", json!({"Bucket": "b", "Key": "a/b.txt"})),
        "s3:GetObject on arn:aws:s3:::b/a/b.txt for A"
    );
    assert_eq!(
        call(
            "putObject",
            json!({"Bucket": "b", "Key.$": "States.Format('in/{}', $.k)", "Body": "x"})
        ),
        "s3:PutObject on arn:aws:s3:::b/in/* for A"
    );
    assert_eq!(
        call("listObjectsV2", json!({"Bucket": "b"})),
        "s3:ListBucket on arn:aws:s3:::b for A"
    );
    assert_eq!(
        call(
            "getObject",
            json!({"Bucket.$": "$.b", "Key": "k", "VersionId.$": "$.v"})
        ),
        "s3:GetObject s3:GetObjectVersion on arn:aws:s3:::*/k for A\n\
         ! state `A`: `Bucket` is only known at run time, so the role allows every bucket"
    );
    assert_eq!(
        call(
            "copyObject",
            json!({"Bucket": "b", "Key": "k", "CopySource": "from/there.txt"})
        ),
        "s3:PutObject on arn:aws:s3:::b/k for A\ns3:GetObject on arn:aws:s3:::from/there.txt for A"
    );
    for (action, line) in [
        (
            "listObjectVersions",
            "s3:ListBucketVersions on arn:aws:s3:::b for A",
        ),
        ("headBucket", "s3:ListBucket on arn:aws:s3:::b for A"),
        ("headObject", "s3:GetObject on arn:aws:s3:::b/k for A"),
        (
            "getObjectAttributes",
            "s3:GetObject s3:GetObjectAttributes on arn:aws:s3:::b/k for A",
        ),
        (
            "getBucketLifecycle",
            "s3:GetLifecycleConfiguration on arn:aws:s3:::b for A",
        ),
        (
            "deleteBucketOwnershipControls",
            "s3:PutBucketOwnershipControls on arn:aws:s3:::b for A",
        ),
    ] {
        assert_eq!(call(action, json!({"Bucket": "b", "Key": "k"})), line);
    }
    assert_eq!(
        call("listBuckets", json!({})),
        "s3:ListAllMyBuckets on * for A"
    );
    assert_eq!(
        call("createSession", json!({"Bucket": "d--euw1-az1--x-s3"})),
        "s3express:CreateSession on arn:aws:s3express:eu-west-1:111122223333:bucket/d--euw1-az1--x-s3 for A"
    );
}

#[test]
fn messages_and_events() {
    assert_eq!(
        task(
            "arn:aws:states:::sns:publish",
            &json!({"TopicArn": "arn:aws:sns:eu-west-1:111122223333:t", "Message": "x"})
        ),
        "sns:Publish on arn:aws:sns:eu-west-1:111122223333:t for A"
    );
    assert_eq!(
        task(
            "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
            &json!({
            "QueueUrl": "https://sqs.us-east-1.amazonaws.com/999988887777/q", "MessageBody": "x"})
        ),
        "sqs:SendMessage on arn:aws:sqs:us-east-1:999988887777:q for A"
    );
    assert_eq!(
        task(
            "arn:aws:states:::sqs:sendMessage",
            &json!({"QueueUrl.$": "$.q"})
        ),
        "sqs:SendMessage on arn:aws:sqs:eu-west-1:111122223333:* for A\n\
         ! state `A`: `QueueUrl` is only known at run time, so the role allows every queue"
    );
    assert_eq!(
        task(
            "arn:aws:states:::events:putEvents",
            &json!({"Entries": [
            {"Detail": {}, "DetailType": "d", "Source": "s"}, {"EventBusName": "bus"}]})
        ),
        "events:PutEvents on arn:aws:events:eu-west-1:111122223333:event-bus/bus \
         arn:aws:events:eu-west-1:111122223333:event-bus/default for A"
    );
}

#[test]
fn commands_and_keys() {
    assert_eq!(
        task(
            "arn:aws:states:::aws-sdk:ssm:sendCommand",
            &json!({"DocumentName": "AWS-RunShellScript", "InstanceIds": ["i-1"]})
        ),
        "ssm:SendCommand on arn:aws:ec2:eu-west-1:111122223333:instance/i-1 \
         arn:aws:ssm:eu-west-1::document/AWS-RunShellScript for A"
    );
    assert_eq!(
        task(
            "arn:aws:states:::aws-sdk:ssm:sendCommand",
            &json!({"DocumentName": "mine", "Targets": []})
        ),
        "ssm:SendCommand on arn:aws:ec2:eu-west-1:111122223333:instance/* \
         arn:aws:ssm:eu-west-1:111122223333:document/mine for A\n\
         ! state `A`: the instances are not named, so the role allows every instance"
    );
    let decrypt = "arn:aws:states:::aws-sdk:kms:decrypt";
    assert_eq!(
        task(decrypt, &json!({"KeyId": "0b1c"})),
        "kms:Decrypt on arn:aws:kms:eu-west-1:111122223333:key/0b1c for A"
    );
    for alias in ["alias/app", "arn:aws:kms:eu-west-1:111122223333:alias/app"] {
        assert_eq!(
            task(decrypt, &json!({"KeyId": alias})),
            "kms:Decrypt on arn:aws:kms:eu-west-1:111122223333:key/* for A\n\
             ! state `A`: IAM compares keys by id and not by alias, so the role allows every key: name the key by its id"
        );
    }
}

#[test]
fn any_sdk_call() {
    assert_eq!(
        task(
            "arn:aws:states:::aws-sdk:rekognition:detectLabels",
            &json!({
            "Image": {"S3Object": {"Bucket": "b", "Name.$": "$.key"}}})
        ),
        "rekognition:DetectLabels on * for A\ns3:GetObject on arn:aws:s3:::b/* for A"
    );
    assert_eq!(
        jsonata(
            "arn:aws:states:::aws-sdk:glacier:getVaultAccessPolicy",
            &json!({
            "AccountId": "-", "VaultName": "v"})
        ),
        "glacier:GetVaultAccessPolicy on arn:aws:glacier:eu-west-1:111122223333:vaults/v for A"
    );
    assert_eq!(
        task(
            "arn:aws:states:::aws-sdk:sfn:startSyncExecution",
            &json!({
            "StateMachineArn": "arn:aws:states:eu-west-1:111122223333:stateMachine:x"})
        ),
        "states:StartSyncExecution on arn:aws:states:eu-west-1:111122223333:stateMachine:x for A"
    );
    assert_eq!(
        task(
            "arn:aws:states:::aws-sdk:scheduler:createSchedule",
            &json!({
            "Name": "n", "Target": {"Arn": "arn:aws:sqs:eu-west-1:111122223333:q",
            "RoleArn": "arn:aws:iam::111122223333:role/r"}})
        ),
        "scheduler:CreateSchedule on arn:aws:scheduler:eu-west-1:111122223333:schedule/default/n for A\n\
         iam:PassRole on arn:aws:iam::111122223333:role/r if \
         {\"StringEquals\":{\"iam:PassedToService\":\"scheduler.amazonaws.com\"}} for A"
    );
    assert_eq!(
        task(
            "arn:aws:states:::aws-sdk:backup:startBackupJob",
            &json!({
            "ResourceArn": "arn:aws:backup:eu-west-1:111122223333:backup-vault:v"})
        ),
        "backup:StartBackupJob on arn:aws:backup:eu-west-1:111122223333:backup-vault:v for A"
    );
    assert_eq!(
        task(
            "arn:aws:states:::aws-sdk:ssm:getParameters",
            &json!({"Names": ["/app/a", "b"]})
        ),
        "ssm:GetParameters on arn:aws:ssm:eu-west-1:111122223333:parameter/app/a \
         arn:aws:ssm:eu-west-1:111122223333:parameter/b for A"
    );
    assert_eq!(
        task(
            "arn:aws:states:::aws-sdk:ec2:stopInstances",
            &json!({"InstanceIds": ["i-1"]})
        ),
        "ec2:StopInstances on arn:aws:ec2:eu-west-1:111122223333:instance/i-1 for A"
    );
    assert_eq!(
        task("arn:aws:states:::aws-sdk:ec2:describeInstances", &json!({})),
        "ec2:DescribeInstances on * for A"
    );
    assert_eq!(
        task(
            "arn:aws:states:::aws-sdk:sqs:receiveMessage",
            &json!({"QueueUrl.$": "States.Format('https://sqs.eu-west-1.amazonaws.com/1/q')"})
        ),
        "sqs:ReceiveMessage on arn:aws:sqs:eu-west-1:1:q for A"
    );
}
