//! Rows about roles and permissions.

use aws_sdk_eventbridge::types::Target;

use super::{BUCKET, FUNCTION, MACHINE, RULE, Scene, TRAIL, VAULT, noted};

const NOT_LAMBDA: &str = "The role defined for the function cannot be assumed by Lambda.";
const NOT_STATES: &str = "Neither the global service principal states.amazonaws.com, nor the regional one is \
    authorized to assume the provided role.";
const NOT_EVENTS: &str = "Provided role 'arn:aws:iam::123456789012:role/lab' cannot be assumed by principal \
    'events.amazonaws.com'.";
const INVALID: &str = "InvalidParameterValueException";

#[tokio::test]
async fn row_01_a_function_waits_for_its_fresh_role() {
    let scene = Scene::of("row_01_a_function_waits_for_its_fresh_role", &[FUNCTION]).await;
    let rule = scene.proxy.on("lambda:CreateFunction").first(2);
    rule.refuse(400, INVALID, NOT_LAMBDA);

    let deployed = scene.deploy().ends(0);

    noted(&deployed, "Lambda does not know the new role yet");
    assert_eq!(scene.proxy.count("lambda:CreateFunction"), 3);

    // The same for a function that gets another role.
    let other = "roles:\n  other:\n    assumed_by: [lambda.amazonaws.com]\n";
    scene.has(&[FUNCTION, "    role: ${other.arn}\n", other]);
    let rule = scene
        .proxy
        .on("lambda:UpdateFunctionConfiguration")
        .first(2);
    rule.refuse(400, INVALID, NOT_LAMBDA);
    scene.deploy().ends(0);
    let calls = scene.proxy.count("lambda:UpdateFunctionConfiguration");
    assert_eq!(calls, 3);
    scene.is_whole().await;
}

#[tokio::test]
async fn row_01_other_refusals_of_a_function_are_final() {
    let test = "row_01_other_refusals_of_a_function_are_final";
    let scene = Scene::of(test, &[FUNCTION]).await;
    let rule = scene.proxy.on("lambda:CreateFunction");
    rule.refuse(400, INVALID, "Uploaded file must be a non-empty zip");

    scene.deploy().ends(1).says("must be a non-empty zip");

    assert_eq!(scene.proxy.count("lambda:CreateFunction"), 1);
}

#[tokio::test]
async fn row_02_a_machine_waits_for_its_fresh_role() {
    let scene = Scene::of("row_02_a_machine_waits_for_its_fresh_role", &[MACHINE]).await;
    let rule = scene.proxy.on("states:CreateStateMachine").first(2);
    rule.refuse(400, "AccessDeniedException", NOT_STATES);

    let deployed = scene.deploy().ends(0);

    noted(&deployed, "does not know the new role yet");
    assert_eq!(scene.proxy.count("states:CreateStateMachine"), 3);
    scene.is_whole().await;
}

#[tokio::test]
async fn row_02_any_other_denial_of_a_machine_is_final() {
    let test = "row_02_any_other_denial_of_a_machine_is_final";
    let scene = Scene::of(test, &[MACHINE]).await;
    let denied = "User: arn:aws:iam::123456789012:user/sam is not authorized to perform: \
        states:CreateStateMachine on resource: arn:aws:states:us-east-1:123456789012:stateMachine:lab-m";
    let rule = scene.proxy.on("states:CreateStateMachine");
    rule.refuse(400, "AccessDeniedException", denied);

    scene.deploy().ends(1).says("states:CreateStateMachine");

    assert_eq!(scene.proxy.count("states:CreateStateMachine"), 1);
}

#[tokio::test]
async fn row_03_a_target_waits_for_its_fresh_role() {
    let scene = Scene::of("row_03_a_target_waits_for_its_fresh_role", &[MACHINE, RULE]).await;
    let rule = scene.proxy.on("events:PutTargets").first(2);
    rule.refuse(400, "ValidationException", NOT_EVENTS);

    let deployed = scene.deploy().ends(0);

    noted(&deployed, "EventBridge does not know the new role yet");
    assert_eq!(scene.proxy.count("events:PutTargets"), 3);
    scene.is_whole().await;
}

/// A vault's policy that names a role of the same stack.
const TRUSTING: &str = r#"roles:
  reader:
    assumed_by: [lambda.amazonaws.com]
vaults:
  v:
    policy:
      Version: "2012-10-17"
      Statement:
        - Effect: Allow
          Principal: { AWS: "${reader.arn}" }
          Action: "glacier:InitiateJob"
          Resource: "${v.arn}"
"#;

#[tokio::test]
async fn row_04_a_policy_waits_for_the_role_it_names() {
    let test = "row_04_a_policy_waits_for_the_role_it_names";
    let scene = Scene::of(test, &[TRUSTING]).await;
    for (call, code) in [
        ("glacier:SetVaultAccessPolicy", INVALID),
        ("iam:CreateRole", "MalformedPolicyDocument"),
    ] {
        let rule = scene.proxy.on(call).first(2);
        rule.refuse(
            400,
            code,
            "Invalid principal in policy: \"AWS\":\"arn:aws:iam::123456789012:role/lab\"",
        );
    }

    scene.deploy().ends(0);

    assert_eq!(scene.proxy.count("glacier:SetVaultAccessPolicy"), 3);
    assert_eq!(scene.proxy.count("iam:CreateRole"), 3);
    // It was not attempted before the role existed.
    let calls = scene.proxy.take();
    let last = |name: &str| calls.iter().rposition(|call| call.name() == name);
    let first = |name: &str| calls.iter().position(|call| call.name() == name);
    assert!(last("iam:CreateRole") < first("glacier:SetVaultAccessPolicy"));
    scene.is_whole().await;
}

#[tokio::test]
async fn row_04_a_principal_shown_by_its_id_is_no_drift() {
    let test = "row_04_a_principal_shown_by_its_id_is_no_drift";
    let scene = Scene::of(test, &[TRUSTING]).await;
    scene.deploy().ends(0);
    let call = scene
        .clients
        .iam
        .get_role()
        .role_name("lab-reader-us-east-1");
    let role = call.send().await.unwrap().role.unwrap();
    let shown = scene.proxy.on("glacier:GetVaultAccessPolicy");
    shown.replace(&role.arn, &role.role_id);

    scene.plan().ends(0);

    // The id of a deleted role is drift: the policy no longer equals the file.
    scene.proxy.forget();
    let shown = scene.proxy.on("glacier:GetVaultAccessPolicy");
    shown.replace(&role.arn, "AROAAAAAAAAAAAAAAAAAA");
    scene.plan().ends(2);
    scene.is_whole().await;
}

#[tokio::test]
async fn row_23_a_role_is_freed_before_it_is_deleted() {
    let test = "row_23_a_role_is_freed_before_it_is_deleted";
    let scene = Scene::of(test, &[FUNCTION]).await;
    scene.deployed();
    let role = "lab-f-role-us-east-1";
    let iam = &scene.clients.iam;
    for policy in ["by-hand", "by-hand-too"] {
        let document = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}"#;
        let call = iam.put_role_policy().role_name(role).policy_name(policy);
        call.policy_document(document).send().await.unwrap();
    }
    for policy in ["ReadOnlyAccess", "AmazonS3ReadOnlyAccess"] {
        let call = iam.attach_role_policy().role_name(role);
        let call = call.policy_arn(format!("arn:aws:iam::aws:policy/{policy}"));
        call.send().await.unwrap();
    }
    let profile = format!("profile-{}", scene.world.account);
    let call = iam
        .create_instance_profile()
        .instance_profile_name(&profile);
    call.send().await.unwrap();
    let call = iam.add_role_to_instance_profile().role_name(role);
    call.instance_profile_name(&profile).send().await.unwrap();
    scene.proxy.pages_of_one();
    // IAM takes a moment to see that nothing is attached any more.
    let early = scene.proxy.on("iam:DeleteRole").first(2);
    early.refuse(
        409,
        "DeleteConflict",
        "Cannot delete entity, must detach all policies first.",
    );

    scene.is_gone_after_destroy().await;

    let count = |call: &str| scene.proxy.count(&format!("iam:{call}"));
    assert_eq!(count("DeleteRolePolicy"), 3);
    assert_eq!(count("DetachRolePolicy"), 2);
    assert_eq!(count("RemoveRoleFromInstanceProfile"), 1);
    assert_eq!(count("DeleteRole"), 3);
    let call = iam.delete_instance_profile().instance_profile_name(profile);
    call.send().await.unwrap();
}

#[tokio::test]
async fn row_26_what_may_not_be_tagged_is_not_made() {
    let test = "row_26_what_may_not_be_tagged_is_not_made";
    let parts = [FUNCTION, MACHINE, BUCKET, TRAIL, RULE];
    let scene = Scene::of(test, &parts).await;
    for (call, status, code, action) in [
        (
            "lambda:CreateFunction",
            403,
            "AccessDeniedException",
            "lambda:TagResource",
        ),
        ("s3:CreateBucket", 403, "AccessDenied", "s3:TagResource"),
        (
            "logs:CreateLogGroup",
            400,
            "AccessDeniedException",
            "logs:TagResource",
        ),
    ] {
        let who = "arn:aws:iam::123456789012:user/sam";
        let denied =
            format!("User: {who} is not authorized to perform: {action} on resource: arn:aws:lab");
        scene.proxy.on(call).refuse(status, code, &denied);
    }

    let deployed = scene.deploy().ends(1);

    let said = format!("{}{}", deployed.out, deployed.err);
    // The function was not started: its log group could not be created.
    for action in ["s3:TagResource", "logs:TagResource"] {
        assert!(said.contains(action), "{said}");
        assert!(
            said.contains(&format!("allow these credentials `{action}`")),
            "{said}"
        );
    }
    // Each creating call carries the tags, and nothing was created by a call without them.
    for (call, _) in [("s3:CreateBucket", 1), ("logs:CreateLogGroup", 1)] {
        for call in scene.proxy.calls(call) {
            assert!(call.body.contains("treino:stack"), "{call:?}");
        }
    }
    let stands = scene.clients.everything().await;
    let kinds = ["bucket", "log group", "function", "trail"];
    let wrong = |one: &&String| kinds.iter().any(|kind| one.starts_with(kind));
    assert_eq!(stands.iter().find(wrong), None);
    scene.proxy.forget();
    scene.is_gone_after_destroy().await;
}

#[tokio::test]
async fn row_26_every_creation_carries_its_tags() {
    let test = "row_26_every_creation_carries_its_tags";
    let table = super::TABLE;
    let parts = [FUNCTION, MACHINE, BUCKET, TRAIL, RULE, table, VAULT];
    let scene = Scene::of(test, &parts).await;

    scene.deploy().ends(0);

    for name in [
        "lambda:CreateFunction",
        "states:CreateStateMachine",
        "s3:CreateBucket",
        "cloudtrail:CreateTrail",
        "events:PutRule",
        "dynamodb:CreateTable",
        "iam:CreateRole",
        "logs:CreateLogGroup",
    ] {
        let calls = scene.proxy.calls(name);
        assert!(!calls.is_empty(), "{name}");
        for call in calls {
            let says = call.body.contains("treino:stack") || call.body.contains("treino%3Astack");
            assert!(says, "{call:?}");
        }
    }
    scene.is_whole().await;
}

#[tokio::test]
async fn row_29_an_account_without_roles_of_its_own_is_helped() {
    let test = "row_29_an_account_without_roles_of_its_own_is_helped";
    let scene = Scene::of(test, &[FUNCTION, MACHINE, RULE]).await;
    let denied = "User: arn:aws:sts::123456789012:assumed-role/voclabs/user is not authorized to perform: \
        iam:CreateRole on resource: arn:aws:iam::123456789012:role/treino/lab/us-east-1/lab-f-role-us-east-1 \
        because no identity-based policy allows the iam:CreateRole action";
    scene
        .proxy
        .on("iam:CreateRole")
        .refuse(403, "AccessDenied", denied);

    let help = r#"`defaults: { role: "arn:${partition}:iam::${account}:role/LabRole" }`"#;
    scene.deploy().ends(1).says("`role:`").says(help);

    // The suggested fix works: the same stack with that role makes no call that creates one.
    let call = scene.clients.iam.create_role().role_name("LabRole");
    let call = call.assume_role_policy_document(r#"{"Version":"2012-10-17","Statement":[]}"#);
    call.send().await.unwrap();
    let role = format!("{}\n", help.trim_matches('`'));
    scene.has(&[&role, FUNCTION, MACHINE, RULE]);
    scene.deploy().ends(0);
    let call = scene.clients.events.list_targets_by_rule().rule("lab-e");
    let targets: Vec<Target> = call.send().await.unwrap().targets.unwrap();
    assert!(targets[0].role_arn().unwrap().ends_with(":role/LabRole"));
    scene.destroy().ends(0);
    assert_eq!(scene.clients.everything().await, ["role LabRole"]);
}
