//! What else parameters need: tags at creation, options of S3, documents of Systems Manager.

use serde_json::{Value, json};

use super::permissions::task;

const ACCOUNT: &str = "eu-west-1:111122223333";

fn sdk(call: &str, given: &Value) -> Vec<String> {
    let found = task(&format!("arn:aws:states:::aws-sdk:{call}"), given);
    found.lines().map(str::to_owned).collect()
}

/// Whether there is a line for these actions on these resources.
fn expect(found: &[String], actions: &str, resources: &str) {
    let line = format!("{actions} on {resources} for A");
    assert!(found.contains(&line), "{line}\n{}", found.join("\n"));
}

#[test]
fn tags_given_at_creation() {
    for (call, mut given, action, resources) in [
        (
            "sqs:createQueue",
            json!({"QueueName": "q"}),
            "sqs:TagQueue",
            format!("arn:aws:sqs:{ACCOUNT}:q"),
        ),
        (
            "sns:createTopic",
            json!({"Name": "t"}),
            "sns:TagResource",
            format!("arn:aws:sns:{ACCOUNT}:t"),
        ),
        (
            "lambda:createFunction",
            json!({"FunctionName": "f"}),
            "lambda:TagResource",
            format!("arn:aws:lambda:{ACCOUNT}:function:f"),
        ),
        (
            "dynamodb:createTable",
            json!({"TableName": "t"}),
            "dynamodb:TagResource",
            format!("arn:aws:dynamodb:{ACCOUNT}:table/t"),
        ),
        (
            "batch:submitJob",
            json!({"JobQueue": "q", "JobDefinition": "d:1"}),
            "batch:TagResource",
            format!("arn:aws:batch:{ACCOUNT}:job/*"),
        ),
        (
            "sagemaker:createModel",
            json!({"ModelName": "m"}),
            "sagemaker:AddTags",
            format!("arn:aws:sagemaker:{ACCOUNT}:model/m"),
        ),
        (
            "eventbridge:putRule",
            json!({"Name": "r"}),
            "events:TagResource",
            format!("arn:aws:events:{ACCOUNT}:rule/r"),
        ),
        (
            "eventbridge:putRule",
            json!({"Name": "r", "EventBusName": "b"}),
            "events:TagResource",
            format!("arn:aws:events:{ACCOUNT}:rule/b/r"),
        ),
        (
            "secretsmanager:createSecret",
            json!({"Name": "s"}),
            "secretsmanager:TagResource",
            format!("arn:aws:secretsmanager:{ACCOUNT}:secret:s-??????"),
        ),
        (
            "iam:createRole",
            json!({"RoleName": "r"}),
            "iam:TagRole",
            "arn:aws:iam::111122223333:role/*/r arn:aws:iam::111122223333:role/r".to_owned(),
        ),
    ] {
        let without = sdk(call, &given);
        assert!(!without.iter().any(|line| line.contains(action)), "{call}");
        given["Tags"] = json!([]);
        assert_eq!(sdk(call, &given), without, "{call}");
        given["Tags"] = json!([{"Key": "a", "Value": "b"}]);
        let found = sdk(call, &given);
        // Statements on the same resources are one.
        let line = found.iter().find(|line| line.contains(action));
        let line = line.unwrap_or_else(|| panic!("{call}: {found:?}"));
        assert!(line.ends_with(&format!(" on {resources} for A")), "{line}");
    }
    let mut given = json!({"TaskDefinition": "t:1", "Overrides": {"TaskRoleArn": "r", "ExecutionRoleArn": "e"}});
    given["Tags.$"] = json!("$.tags");
    expect(
        &sdk("ecs:runTask", &given),
        "ecs:TagResource",
        &format!(
            r#"arn:aws:ecs:{ACCOUNT}:* if {{"StringEquals":{{"ecs:CreateAction":"RunTask"}}}}"#
        ),
    );
    let optimized = task("arn:aws:states:::ecs:runTask.sync", &given);
    assert!(optimized.contains("ecs:TagResource on"), "{optimized}");
    let given = json!({"ImageId": "ami-1", "TagSpecifications": [{"ResourceType": "instance"}]});
    expect(
        &sdk("ec2:runInstances", &given),
        "ec2:CreateTags",
        &format!(
            r#"arn:aws:ec2:{ACCOUNT}:*/* arn:aws:ec2:eu-west-1::*/* if {{"StringEquals":{{"ec2:CreateAction":"RunInstances"}}}}"#
        ),
    );
}

#[test]
fn options_of_s3() {
    let put = |more: Value| {
        let mut given = json!({"Bucket": "b", "Key": "k", "Body": "x"});
        given
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        sdk("s3:putObject", &given)
    };
    for (more, actions) in [
        (json!({}), "s3:PutObject"),
        (
            json!({"Acl": "public-read"}),
            "s3:PutObject s3:PutObjectAcl",
        ),
        (
            json!({"ACL": "public-read"}),
            "s3:PutObject s3:PutObjectAcl",
        ),
        (
            json!({"ObjectLockMode": "GOVERNANCE", "ObjectLockRetainUntilDate": "2030-01-01T00:00:00Z"}),
            "s3:PutObject s3:PutObjectRetention",
        ),
        (
            json!({"ObjectLockLegalHoldStatus": "ON"}),
            "s3:PutObject s3:PutObjectLegalHold",
        ),
    ] {
        expect(&put(more), actions, "arn:aws:s3:::b/k");
    }
    let copied = sdk(
        "s3:copyObject",
        &json!({"Bucket": "b", "Key": "k", "CopySource": "from/a/b.txt?versionId=abc"}),
    );
    expect(
        &copied,
        "s3:GetObject s3:GetObjectVersion",
        "arn:aws:s3:::from/a/b.txt",
    );
    let tags = sdk(
        "s3:getObjectTagging",
        &json!({"Bucket": "b", "Key": "k", "VersionId": "v"}),
    );
    expect(
        &tags,
        "s3:GetObjectTagging s3:GetObjectVersionTagging",
        "arn:aws:s3:::b/k",
    );
    let deleted = json!({"Bucket": "b", "Delete": {"Objects": [{"Key": "k", "VersionId": "v"}]},
        "BypassGovernanceRetention": true});
    expect(
        &sdk("s3:deleteObjects", &deleted),
        "s3:BypassGovernanceRetention s3:DeleteObject s3:DeleteObjectVersion",
        "arn:aws:s3:::b/*",
    );
    let created = json!({"Bucket": "b", "ObjectLockEnabledForBucket": true});
    expect(
        &sdk("s3:createBucket", &created),
        "s3:CreateBucket s3:PutBucketObjectLockConfiguration s3:PutBucketVersioning",
        "arn:aws:s3:::b",
    );
}

#[test]
fn automations() {
    let action = "ssm:StartAutomationExecution";
    let executions = format!("arn:aws:ssm:{ACCOUNT}:automation-execution/*");
    for (name, document) in [
        (
            "AWS-StopEC2Instance",
            "arn:aws:ssm:eu-west-1::document/AWS-StopEC2Instance",
        ),
        (
            "AWSSupport-ResetAccess",
            "arn:aws:ssm:eu-west-1::document/AWSSupport-ResetAccess",
        ),
        (
            "AmazonInspector-Scan",
            "arn:aws:ssm:eu-west-1::document/AmazonInspector-Scan",
        ),
    ] {
        let found = sdk(
            "ssm:startAutomationExecution",
            &json!({"DocumentName": name}),
        );
        expect(&found, action, &format!("{executions} {document}"));
    }
    let found = sdk(
        "ssm:startAutomationExecution",
        &json!({"DocumentName": "mine"}),
    );
    let own = format!("arn:aws:ssm:{ACCOUNT}:document/mine");
    expect(&found, action, &format!("{executions} {own}"));
    let found = sdk(
        "ssm:sendCommand",
        &json!({"DocumentName": "AWSEC2-RunPowerShellScript", "InstanceIds": ["i-1", "mi-2"]}),
    );
    expect(
        &found,
        "ssm:SendCommand",
        &format!(
            "arn:aws:ec2:{ACCOUNT}:instance/i-1 arn:aws:ssm:{ACCOUNT}:managed-instance/mi-2 \
             arn:aws:ssm:eu-west-1::document/AWSEC2-RunPowerShellScript"
        ),
    );
}
