//! Calls of the AWS SDK that do not exist or that Step Functions does not support, and services by all their names.

use serde_json::json;

use super::of_state;
use super::permissions::task;
use crate::data::integrations;

fn found(call: &str) -> String {
    of_state(&format!(
        r#"{{"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:{call}", "End": true}}"#
    ))
}

#[test]
fn calls_that_do_not_exist() {
    let newer = "correct it, or add its permission with `allow` if AWS has added it since";
    let date = integrations::date();
    for (call, message, help) in [
        ("foo:barBaz", "has no service `foo`", newer),
        ("xyz123:a", "has no service `xyz123`", newer),
        (
            "elbv2:describeLoadBalancers",
            "has no service `elbv2`",
            "did you mean `elasticloadbalancingv2`?",
        ),
        (
            "stepfunctions:startExecution",
            "has no service `stepfunctions`",
            "did you mean `sfn`?",
        ),
        (
            "cloudwatchevents:putEvents",
            "has no service `cloudwatchevents`",
            "did you mean `eventbridge`?",
        ),
        (
            "iotdata:publish",
            "has no service `iotdata`",
            "did you mean `iotdataplane`?",
        ),
        ("s3:fooBar", "has no action `fooBar` of `s3`", newer),
        (
            "s3:getobject",
            "has no action `getobject` of `s3`",
            "did you mean `getObject`?",
        ),
        (
            "s3:listObjectV2",
            "has no action `listObjectV2` of `s3`",
            "did you mean `listObjectsV2`?",
        ),
        (
            "lambda:invokeFunction",
            "has no action `invokeFunction` of `lambda`",
            "did you mean `invoke`?",
        ),
        (
            "ec2:describeInstance",
            "has no action `describeInstance` of `ec2`",
            "did you mean `describeInstances`?",
        ),
        (
            "kinesisvideo:getMedia",
            "has no action `getMedia` of `kinesisvideo`",
            newer,
        ),
    ] {
        assert_eq!(
            found(call),
            format!("warning 2:35 the AWS SDK integration {message} (as of {date}) | {help}")
        );
        assert_eq!(
            task(&format!("arn:aws:states:::aws-sdk:{call}"), &json!({})),
            format!(
                "! state `A`: nothing is known of `arn:aws:states:::aws-sdk:{call}`, so the role allows nothing for it: \
                 add it with `allow`"
            )
        );
    }
    assert_eq!(
        found("cognito-idp:listUsers"),
        "error 2:35 the service `cognito-idp` is written otherwise | write `cognitoidentityprovider`: lower case, \
         without hyphens"
    );
}

#[test]
fn calls_that_step_functions_does_not_support() {
    for (service, action, help) in [
        (
            "sts",
            "assumeRole",
            "to call with another role, give its ARN in `Credentials` of the state",
        ),
        ("lambda", "invokeAsync", "write `invoke`"),
        (
            "s3",
            "selectObjectContent",
            "call it from a Lambda function",
        ),
        (
            "bedrockagentruntime",
            "invokeAgent",
            "call it from a Lambda function",
        ),
        ("bedrockruntime", "converseStream", "write `converse`"),
        ("efs", "createTags", "write `tagResource`"),
        (
            "apigatewaymanagementapi",
            "postToConnection",
            "write arn:aws:states:::apigateway:invoke, with the `Path` /@connections/...",
        ),
    ] {
        assert_eq!(
            found(&format!("{service}:{action}")),
            format!(
                "warning 2:35 Step Functions does not support the action `{action}` of `{service}` | {help}"
            )
        );
        let arn = format!("arn:aws:states:::aws-sdk:{service}:{action}");
        assert!(task(&arn, &json!({})).starts_with("! state `A`: nothing is known of"));
    }
}

/// The help of an optimized integration names no call that does not exist either.
#[test]
fn no_advice_that_is_refused() {
    for (resource, help) in [
        ("lambda:invokeAsync", "it has `invoke`"),
        (
            "logs:putLogEvents",
            "write arn:aws:states:::aws-sdk:cloudwatchlogs:putLogEvents to call the AWS SDK",
        ),
        (
            "rekognition:detectAnything",
            "any call of the AWS SDK is arn:aws:states:::aws-sdk:service:action",
        ),
    ] {
        let found = of_state(&format!(
            r#"{{"Type": "Task", "Resource": "arn:aws:states:::{resource}", "End": true}}"#
        ));
        assert!(found.ends_with(&format!("| {help}")), "{found}");
    }
}

#[test]
fn prefixes_of_actions() {
    for (call, action) in [
        (
            "ec2instanceconnect:sendSSHPublicKey",
            "ec2-instance-connect:SendSSHPublicKey",
        ),
        (
            "mturk:getAccountBalance",
            "mechanicalturk:GetAccountBalance",
        ),
        ("iotsecuretunneling:listTunnels", "iot:ListTunnels"),
        (
            "chimesdkvoice:listVoiceConnectors",
            "chime:ListVoiceConnectors",
        ),
        (
            "pinpointemail:listEmailIdentities",
            "ses:ListEmailIdentities",
        ),
        (
            "marketplaceentitlement:getEntitlements",
            "aws-marketplace:GetEntitlements",
        ),
        ("qldb:listLedgers", "qldb:ListLedgers"),
        ("ioteventsdata:listDetectors", "iotevents:ListDetectors"),
    ] {
        let given = task(&format!("arn:aws:states:::aws-sdk:{call}"), &json!({}));
        assert!(given.starts_with(&format!("{action} on ")), "{given}");
    }
    // They are not signed, so IAM is not asked.
    for call in [
        "connectparticipant:sendMessage",
        "cognitoidentityprovider:signUp",
        "codecatalyst:listSpaces",
    ] {
        assert_eq!(
            task(&format!("arn:aws:states:::aws-sdk:{call}"), &json!({})),
            ""
        );
    }
}

/// Parameters in the spelling of Step Functions, and those whose names are shorter than the variable of the ARN.
#[test]
fn resources_that_parameters_name() {
    const ACCOUNT: &str = "eu-west-1:111122223333";
    for (call, given, resources) in [
        (
            "eventbridge:putTargets",
            json!({"Rule": "r", "Targets": []}),
            format!("arn:aws:events:{ACCOUNT}:rule/r"),
        ),
        (
            "eventbridge:removeTargets",
            json!({"Rule": "r", "EventBusName": "bus", "Ids": ["1"]}),
            format!("arn:aws:events:{ACCOUNT}:rule/bus/r"),
        ),
        (
            "iotdataplane:publish",
            json!({"Topic": "a/b/c"}),
            format!("arn:aws:iot:{ACCOUNT}:topic/a/b/c"),
        ),
        (
            "rds:startDBInstance",
            json!({"DbInstanceIdentifier": "db"}),
            format!("arn:aws:rds:{ACCOUNT}:db:db"),
        ),
        (
            "rds:createDBSnapshot",
            json!({"DbInstanceIdentifier": "db", "DbSnapshotIdentifier": "s"}),
            format!("arn:aws:rds:{ACCOUNT}:db:db arn:aws:rds:{ACCOUNT}:snapshot:s"),
        ),
        (
            "rds:stopDBInstance",
            json!({"DBInstanceIdentifier": "db"}),
            format!("arn:aws:rds:{ACCOUNT}:db:db"),
        ),
        (
            "transcribe:getTranscriptionJob",
            json!({"TranscriptionJobName": "t"}),
            format!("arn:aws:transcribe:{ACCOUNT}:transcription-job/t"),
        ),
        (
            "glue:getDataQualityRuleset",
            json!({"Name": "q"}),
            format!("arn:aws:glue:{ACCOUNT}:dataQualityRuleset/q"),
        ),
        (
            "cloudtrail:startLogging",
            json!({"Name": "t"}),
            format!("arn:aws:cloudtrail:{ACCOUNT}:trail/t"),
        ),
        (
            "batch:deleteJobQueue",
            json!({"JobQueue": format!("arn:aws:batch:{ACCOUNT}:job-queue/q")}),
            format!("arn:aws:batch:{ACCOUNT}:job-queue/q"),
        ),
    ] {
        let found = task(&format!("arn:aws:states:::aws-sdk:{call}"), &given);
        let line = found.lines().next().unwrap_or_default();
        assert!(line.ends_with(&format!(" on {resources} for A")), "{found}");
    }
    let given = json!({"DbInstanceIdentifier.$": "States.Format('lab-{}', $.n)"});
    assert_eq!(
        task("arn:aws:states:::aws-sdk:rds:startDBInstance", &given),
        format!(
            "rds:StartDBInstance on arn:aws:rds:{ACCOUNT}:db:lab-* for A\n\
             ! state `A`: `DbInstanceIdentifier` is only known at run time, so the role allows every db like `lab-*`"
        )
    );
}
