//! The roles that a call passes to a service.

use serde_json::json;

use super::permissions::{jsonata, task};

fn sdk(call: &str, parameters: &serde_json::Value) -> String {
    task(&format!("arn:aws:states:::aws-sdk:{call}"), parameters)
}

/// The lines about passing a role.
fn passed(shown: &str) -> Vec<&str> {
    let lines = shown.lines();
    lines
        .filter(|line| line.starts_with("iam:PassRole") || line.contains("may pass"))
        .collect()
}

#[test]
fn a_computed_role_is_passed_to_its_service_and_said() {
    let any = "iam:PassRole on arn:aws:iam::111122223333:role/*";
    for (call, parameters, service, named) in [
        (
            "aws-sdk:scheduler:createSchedule",
            json!({"Name": "n", "Target": {"Arn": "a", "RoleArn.$": "$.r"}}),
            "scheduler",
            "`Target.RoleArn`",
        ),
        (
            "aws-sdk:scheduler:createSchedule",
            json!({"Name": "n", "Target.$": "$.t"}),
            "scheduler",
            "`Target.RoleArn`, a part of `Target`,",
        ),
        (
            "aws-sdk:lambda:createFunction",
            json!({"FunctionName": "f", "Role.$": "$.r"}),
            "lambda",
            "`Role`",
        ),
        (
            "sagemaker:createTrainingJob",
            json!({"TrainingJobName": "j", "RoleArn.$": "$.r"}),
            "sagemaker",
            "`RoleArn`",
        ),
        (
            "mediaconvert:createJob",
            json!({"Role.$": "$.r", "Settings": {}}),
            "mediaconvert",
            "`Role`",
        ),
        (
            "aws-sdk:eventbridge:putTargets",
            json!({"Rule": "r", "Targets": [{"Id": "1", "Arn": "a", "RoleArn.$": "$.r"}]}),
            "events",
            "`Targets.RoleArn`",
        ),
        (
            "aws-sdk:sfn:createStateMachine",
            json!({"Name": "n", "Definition": "{}", "RoleArn.$": "$.r"}),
            "states",
            "`RoleArn`",
        ),
    ] {
        let shown = task(&format!("arn:aws:states:::{call}"), &parameters);
        let condition =
            format!("{{\"StringEquals\":{{\"iam:PassedToService\":\"{service}.amazonaws.com\"}}}}");
        let warning = format!(
            "! state `A`: the role in {named} is only known at run time, so the role may pass any to the service (`iam:PassRole`)"
        );
        assert_eq!(
            passed(&shown),
            [format!("{any} if {condition} for A"), warning],
            "{call}"
        );
    }
    let resource = "arn:aws:states:::aws-sdk:lambda:createFunction";
    let shown = jsonata(
        resource,
        &json!({ "FunctionName": "f", "Role": "{% $role %}" }),
    );
    assert_eq!(passed(&shown).len(), 2, "{shown}");
    // A part that is known limits it.
    let shown = jsonata(
        resource,
        &json!({ "FunctionName": "f", "Role": "{% 'arn:aws:iam::111122223333:role/lab-' & $n %}" }),
    );
    let condition = "{\"StringEquals\":{\"iam:PassedToService\":\"lambda.amazonaws.com\"}}";
    assert_eq!(
        passed(&shown),
        [format!(
            "iam:PassRole on arn:aws:iam::111122223333:role/lab-* if {condition} for A"
        )]
    );
}

#[test]
fn a_role_whose_service_is_not_known_is_not_passed() {
    let shown = sdk(
        "comprehend:startSentimentDetectionJob",
        &json!({ "DataAccessRoleArn.$": "$.r" }),
    );
    assert_eq!(
        passed(&shown),
        [
            "! state `A`: the role in `DataAccessRoleArn` is only known at run time, so the role may pass none: add `iam:PassRole` on it with `allow`"
        ]
    );
    let role = "arn:aws:iam::111122223333:role/r";
    let shown = sdk(
        "comprehend:startSentimentDetectionJob",
        &json!({ "DataAccessRoleArn": role }),
    );
    assert_eq!(passed(&shown), [format!("iam:PassRole on {role} for A")]);
    // Reading passes none.
    assert_eq!(
        passed(&sdk("lambda:getFunction", &json!({ "FunctionName": "f" }))),
        [""; 0]
    );
}

#[test]
fn an_instance_profile_passes_its_role_to_ec2() {
    let condition = "{\"StringEquals\":{\"iam:PassedToService\":\"ec2.amazonaws.com\"}}";
    let any = format!("iam:PassRole on arn:aws:iam::111122223333:role/* if {condition} for A");
    let shown = sdk(
        "ec2:runInstances",
        &json!({ "ImageId": "ami-1", "IamInstanceProfile": { "Name": "p" } }),
    );
    let warning = "! state `A`: the role of the instance profile `p` is not known, so the role may pass any to EC2";
    assert_eq!(passed(&shown), [any.as_str(), warning]);
    let shown = sdk(
        "ec2:runInstances",
        &json!({ "ImageId": "ami-1", "IamInstanceProfile.$": "$.p" }),
    );
    assert_eq!(passed(&shown)[0], any);
    assert_eq!(
        passed(&sdk("ec2:runInstances", &json!({ "ImageId": "ami-1" }))),
        [""; 0]
    );
}
