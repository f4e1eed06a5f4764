//! Rows about resources that AWS does not know everywhere yet, and changes it is not ready for.

use super::{BUCKET, FUNCTION, MACHINE, RULE, Scene, TABLE, TRAIL, noted};

const NEW: &str = "AWS does not see it everywhere yet";
const GRANT: &str = "Lambda was unable to configure access to your environment variables because the KMS key is \
    invalid for CreateGrant. Please check your KMS key settings. KMS Exception: InvalidArnException KMS Message: ARN \
    does not refer to a valid principal: arn:aws:sts::123456789012:assumed-role/lab-f-role-us-east-1/lab-f";
const BLOCKED: &str = "User: arn:aws:iam::123456789012:user/sam is not authorized to perform: s3:PutBucketPolicy on \
    resource: \"arn:aws:s3:::lab\" because public policies are prevented by the BlockPublicPolicy setting in S3 \
    Block Public Access.";

/// A bucket whose policy names a role of the stack.
const NAMING: &str = r#"roles:
  reader:
    assumed_by: [lambda.amazonaws.com]
buckets:
  b:
    policy:
      Version: "2012-10-17"
      Statement:
        - Effect: Allow
          Principal: { AWS: "${reader.arn}" }
          Action: "s3:GetObject"
          Resource: "${b.arn}/*"
"#;

/// A bucket that everybody may read.
const PUBLIC: &str = r#"buckets:
  b:
    block_public_access: false
    policy:
      Version: "2012-10-17"
      Statement:
        - Effect: Allow
          Principal: "*"
          Action: "s3:GetObject"
          Resource: "${b.arn}/*"
"#;

#[tokio::test]
async fn row_39_a_bucket_policy_waits_for_the_role_it_names() {
    let test = "row_39_a_bucket_policy_waits_for_the_role_it_names";
    let scene = Scene::of(test, &[NAMING]).await;
    let fault = scene.proxy.on("s3:PutBucketPolicy").first(2);
    fault.refuse(400, "MalformedPolicy", "Invalid principal in policy");

    let deployed = scene.deploy().ends(0);

    noted(&deployed, "S3 does not know a principal of the policy yet");
    assert_eq!(scene.proxy.count("s3:PutBucketPolicy"), 3);
    scene.is_whole().await;
}

#[tokio::test]
async fn row_40_a_function_with_variables_waits_for_its_fresh_role() {
    let test = "row_40_a_function_with_variables_waits_for_its_fresh_role";
    let variables = "    environment: { KEY: b }\n";
    let scene = Scene::of(test, &[FUNCTION, variables]).await;
    let code = "InvalidParameterValueException";
    let fault = scene.proxy.on("lambda:CreateFunction").first(2);
    fault.refuse(400, code, GRANT);

    let deployed = scene.deploy().ends(0);

    noted(&deployed, "Lambda does not know the new role yet");
    assert_eq!(scene.proxy.count("lambda:CreateFunction"), 3);

    let other =
        "    role: ${other.arn}\nroles:\n  other:\n    assumed_by: [lambda.amazonaws.com]\n";
    scene.has(&[FUNCTION, variables, other]);
    let update = "lambda:UpdateFunctionConfiguration";
    scene.proxy.on(update).first(2).refuse(400, code, GRANT);
    scene.deploy().ends(0);
    assert_eq!(scene.proxy.count(update), 3);

    // A denial by KMS is one of the caller.
    scene.proxy.forget();
    scene.has(&[FUNCTION, "    environment: { KEY: c }\n", other]);
    let denied = GRANT.replace("InvalidArnException", "AccessDeniedException");
    scene.proxy.on(update).refuse(400, code, &denied);
    scene.deploy().ends(1).says("AccessDeniedException");
    assert_eq!(scene.proxy.count(update), 3 + 1);
    scene.proxy.forget();
    scene.is_gone_after_destroy().await;
}

#[tokio::test]
async fn row_41_a_machine_with_sync_tasks_waits_for_its_fresh_role() {
    let test = "row_41_a_machine_with_sync_tasks_waits_for_its_fresh_role";
    let scene = Scene::of(test, &[MACHINE]).await;
    let role = "arn:aws:iam::123456789012:role/lab-m-role-us-east-1";
    let message = format!("'{role}' is not authorized to create managed-rule.");
    let fault = scene.proxy.on("states:CreateStateMachine").first(2);
    fault.refuse(400, "AccessDeniedException", &message);

    let deployed = scene.deploy().ends(0);

    noted(&deployed, "does not know the new role yet");
    assert_eq!(scene.proxy.count("states:CreateStateMachine"), 3);

    scene.has(&[MACHINE, "    tracing: true\n"]);
    let update = "states:UpdateStateMachine";
    let fault = scene.proxy.on(update).first(2);
    fault.refuse(400, "AccessDeniedException", &message);
    scene.deploy().ends(0);
    assert_eq!(scene.proxy.count(update), 3);
    scene.is_whole().await;
}

#[tokio::test]
async fn row_42_a_fresh_role_gets_its_policies_when_iam_sees_it() {
    let test = "row_42_a_fresh_role_gets_its_policies_when_iam_sees_it";
    let role = r#"roles:
  r:
    assumed_by: [lambda.amazonaws.com]
    allow: [{ actions: ["s3:ListAllMyBuckets"], resources: ["*"] }]
    managed_policies: ["arn:aws:iam::aws:policy/ReadOnlyAccess"]
"#;
    let scene = Scene::of(test, &[role]).await;
    let missing = "The role with name lab-r-us-east-1 cannot be found.";
    let busy = "Rate of changes too high";
    for call in ["iam:PutRolePolicy", "iam:AttachRolePolicy"] {
        scene
            .proxy
            .on(call)
            .nth(1)
            .refuse(404, "NoSuchEntity", missing);
        scene
            .proxy
            .on(call)
            .nth(2)
            .refuse(409, "ConcurrentModification", busy);
    }
    let fault = scene.proxy.on("iam:CreateRole").first(1);
    fault.refuse(409, "ConcurrentModification", busy);

    let deployed = scene.deploy().ends(0);

    noted(&deployed, NEW);
    assert_eq!(scene.proxy.count("iam:CreateRole"), 2);
    assert_eq!(scene.proxy.count("iam:PutRolePolicy"), 3);
    assert_eq!(scene.proxy.count("iam:AttachRolePolicy"), 3);

    // A trust and tags written at the same time as something else.
    scene.proxy.forget();
    let changed = role.replace("lambda.", "states.");
    scene.has(&["tags: { course: a }\n", &changed]);
    for call in ["iam:TagRole", "iam:UpdateAssumeRolePolicy"] {
        let fault = scene.proxy.on(call).first(1);
        fault.refuse(409, "ConcurrentModification", busy);
    }
    scene.deploy().ends(0);
    assert_eq!(scene.proxy.count("iam:TagRole"), 2);
    assert_eq!(scene.proxy.count("iam:UpdateAssumeRolePolicy"), 2);
    scene.is_whole().await;
}

#[tokio::test]
async fn row_42_a_managed_policy_that_is_not_there_is_final() {
    let test = "row_42_a_managed_policy_that_is_not_there_is_final";
    let arn = "arn:aws:iam::aws:policy/ReadOnlyAccess";
    let role = format!(
        "roles:\n  r:\n    assumed_by: [lambda.amazonaws.com]\n    managed_policies: [\"{arn}\"]\n"
    );
    let scene = Scene::of(test, &[&role]).await;
    let missing = format!("Policy {arn} does not exist or is not attachable.");
    let fault = scene.proxy.on("iam:AttachRolePolicy");
    fault.refuse(404, "NoSuchEntity", &missing);

    scene.deploy().ends(1).says("is not attachable");

    assert_eq!(scene.proxy.count("iam:AttachRolePolicy"), 1);
}

#[tokio::test]
async fn row_43_a_fresh_log_group_gets_its_retention() {
    let test = "row_43_a_fresh_log_group_gets_its_retention";
    let scene = Scene::of(test, &["log_groups:\n  g: {}\n"]).await;
    let busy =
        "A conflicting operation is currently in progress against this resource. Please try again.";
    let retention = "logs:PutRetentionPolicy";
    scene.proxy.on(retention).nth(1).hide();
    let fault = scene.proxy.on(retention).nth(2);
    fault.refuse(400, "OperationAbortedException", busy);

    let deployed = scene.deploy().ends(0);

    noted(&deployed, NEW);
    assert_eq!(scene.proxy.count(retention), 3);

    scene.has(&["tags: { course: a }\nlog_groups:\n  g: { retention_days: 3 }\n"]);
    for call in [retention, "logs:TagResource"] {
        let fault = scene.proxy.on(call).first(2);
        fault.refuse(400, "OperationAbortedException", busy);
    }
    scene.deploy().ends(0);
    assert_eq!(scene.proxy.count("logs:TagResource"), 3);
    scene.is_whole().await;
}

#[tokio::test]
async fn row_44_a_fresh_trail_is_switched_on_when_cloudtrail_knows_it() {
    let test = "row_44_a_fresh_trail_is_switched_on_when_cloudtrail_knows_it";
    let scene = Scene::of(test, &[BUCKET, TRAIL]).await;
    let loading =
        "The trail lab-r is not ready for this operation. Wait a few minutes, and try again.";
    for call in ["cloudtrail:PutEventSelectors", "cloudtrail:StartLogging"] {
        scene.proxy.on(call).nth(1).hide();
        scene
            .proxy
            .on(call)
            .nth(2)
            .refuse(400, "ConflictException", loading);
    }

    let deployed = scene.deploy().ends(0);

    noted(&deployed, NEW);
    assert_eq!(scene.proxy.count("cloudtrail:PutEventSelectors"), 3);
    assert_eq!(scene.proxy.count("cloudtrail:StartLogging"), 3);

    for call in [
        "cloudtrail:AddTags",
        "cloudtrail:StopLogging",
        "cloudtrail:DeleteTrail",
    ] {
        let fault = scene.proxy.on(call).first(1);
        fault.refuse(400, "ConflictException", loading);
    }
    scene.has(&["tags: { course: a }\n", BUCKET, TRAIL]);
    scene.deploy().ends(0);
    assert_eq!(scene.proxy.count("cloudtrail:AddTags"), 2);
    scene.is_gone_after_destroy().await;
    assert_eq!(scene.proxy.count("cloudtrail:DeleteTrail"), 2);
}

#[tokio::test]
async fn row_45_a_public_policy_waits_until_the_bucket_takes_it() {
    let test = "row_45_a_public_policy_waits_until_the_bucket_takes_it";
    let scene = Scene::of(test, &[PUBLIC]).await;
    let put = "s3:PutBucketPolicy";
    let fault = scene.proxy.on(put).nth(1);
    fault.refuse(403, "AccessDenied", BLOCKED);
    let fault = scene.proxy.on(put).nth(2);
    fault.refuse(403, "AccessDenied", "Access Denied");

    let deployed = scene.deploy().ends(0);

    noted(&deployed, "S3 still blocks public policies of this bucket");
    assert_eq!(scene.proxy.count(put), 3);
    scene.is_gone_after_destroy().await;

    // A bucket that is to block them never takes it.
    scene.proxy.forget();
    scene.has(&[&PUBLIC.replace("    block_public_access: false\n", "")]);
    scene.proxy.on(put).refuse(403, "AccessDenied", BLOCKED);
    scene
        .deploy()
        .ends(1)
        .says("BlockPublicPolicy")
        .says("write `block_public_access: false` on the bucket");
    assert_eq!(scene.proxy.count(put), 3 + 1);
    scene.proxy.forget();
    scene.is_gone_after_destroy().await;
}

#[tokio::test]
async fn row_46_a_fresh_table_gets_what_it_has_beside_its_keys() {
    let test = "row_46_a_fresh_table_gets_what_it_has_beside_its_keys";
    let parts = [
        TABLE,
        "    time_to_live: until\n    point_in_time_recovery: true\n",
    ];
    let scene = Scene::of(test, &parts).await;
    let busy = "Attempt to change a resource which is still in use: Table is being updated: lab-t";
    let denied = "User: arn:aws:iam::123456789012:user/sam is not authorized to perform: dynamodb:UpdateTimeToLive on \
        resource: arn:aws:dynamodb:us-east-1:123456789012:table/lab-t because no identity-based policy allows the \
        dynamodb:UpdateTimeToLive action";
    let live = "dynamodb:UpdateTimeToLive";
    scene
        .proxy
        .on(live)
        .nth(1)
        .refuse(400, "ResourceInUseException", busy);
    scene
        .proxy
        .on(live)
        .nth(2)
        .refuse(400, "AccessDeniedException", denied);
    scene.proxy.on(live).nth(3).hide();
    let missing = "Table not found: lab-t";
    let backups = scene.proxy.on("dynamodb:UpdateContinuousBackups").first(1);
    backups.refuse(400, "TableNotFoundException", missing);

    let deployed = scene.deploy().ends(0);

    noted(&deployed, NEW);
    assert_eq!(scene.proxy.count(live), 4);
    assert_eq!(scene.proxy.count("dynamodb:UpdateContinuousBackups"), 2);

    scene.proxy.forget();
    scene.has(&["tags: { course: a }\n", parts[0], parts[1]]);
    let fault = scene.proxy.on("dynamodb:TagResource").first(1);
    fault.refuse(400, "ResourceInUseException", busy);
    scene.deploy().ends(0);
    assert_eq!(scene.proxy.count("dynamodb:TagResource"), 2);

    // A table that stood before has its tags seen: a denial is one of the caller.
    scene.proxy.forget();
    scene.has(&[TABLE, "    time_to_live: since\n"]);
    scene
        .proxy
        .on(live)
        .refuse(400, "AccessDeniedException", denied);
    scene.deploy().ends(1).says("allow these credentials");
    assert_eq!(scene.proxy.count(live), 4 + 1);
    scene.proxy.forget();
    scene.is_gone_after_destroy().await;
}

#[tokio::test]
async fn row_57_the_name_of_a_deleted_queue_is_waited_for() {
    let test = "row_57_the_name_of_a_deleted_queue_is_waited_for";
    let scene = Scene::of(test, &["queues:\n  q: {}\n"]).await;
    let blocked = "You must wait 60 seconds after deleting a queue before you can create another with the same name.";
    let fault = scene.proxy.on("sqs:CreateQueue").first(2);
    fault.refuse(400, "QueueDeletedRecently", blocked);

    let deployed = scene.deploy().ends(0);

    noted(&deployed, "is not free yet (it takes a minute)");
    assert_eq!(scene.proxy.count("sqs:CreateQueue"), 3);
    scene.is_whole().await;
}

#[tokio::test]
async fn what_is_new_is_completed_when_its_service_sees_it() {
    let test = "what_is_new_is_completed_when_its_service_sees_it";
    let parts = [
        FUNCTION,
        "    reserved_concurrency: 5\n",
        MACHINE,
        RULE,
        "  t:\n    schedule: rate(1 hour)\n    start: f\n",
        "queues:\n  q: { dead_letter: d }\n  d: {}\n",
        "topics:\n  n: { subscriptions: [{ to: q }] }\n",
    ];
    let scene = Scene::of(test, &parts).await;
    for call in [
        "lambda:PutFunctionConcurrency",
        "lambda:AddPermission",
        "events:PutTargets",
        "sns:Subscribe",
    ] {
        scene.proxy.on(call).first(1).hide();
    }
    let dead = "Value {\"deadLetterTargetArn\":\"arn:aws:sqs:us-east-1:123456789012:lab-d\"} for parameter \
        RedrivePolicy is invalid. Reason: Dead letter target does not exist.";
    let fault = scene.proxy.on("sqs:CreateQueue").with("RedrivePolicy");
    fault.first(1).refuse(400, "InvalidParameterValue", dead);

    scene.deploy().ends(0);

    assert_eq!(scene.proxy.count("lambda:PutFunctionConcurrency"), 2);
    assert_eq!(scene.proxy.count("sqs:CreateQueue"), 3);

    // Other changes at the same time.
    scene.proxy.forget();
    let tagged: Vec<&str> = std::iter::once("tags: { course: a }\n")
        .chain(parts)
        .collect();
    scene.has(&tagged);
    for (call, status, code) in [
        ("lambda:TagResource", 409, "ResourceConflictException"),
        ("events:TagResource", 400, "ConcurrentModificationException"),
        ("sns:TagResource", 400, "ConcurrentAccess"),
        ("states:TagResource", 400, "ConflictException"),
    ] {
        let fault = scene.proxy.on(call).first(1);
        fault.refuse(status, code, "Another change is in progress.");
    }
    scene.deploy().ends(0);
    assert_eq!(scene.proxy.count("lambda:TagResource"), 2);
    assert_eq!(scene.proxy.count("events:TagResource"), 3);

    let fault = scene.proxy.on("events:DeleteRule").first(1);
    let message = "Rule can't be deleted since it has targets.";
    fault.refuse(400, "ValidationException", message);
    scene.is_gone_after_destroy().await;
    assert_eq!(scene.proxy.count("events:DeleteRule"), 3);
}

#[tokio::test]
async fn row_47_a_function_is_written_again_for_its_new_role() {
    let test = "row_47_a_function_is_written_again_for_its_new_role";
    let scene = Scene::of(test, &[FUNCTION, "    environment: { KEY: b }\n"]).await;
    scene.deployed();
    let (iam, role) = (&scene.clients.iam, "lab-f-role-us-east-1");
    let call = iam.list_role_policies().role_name(role);
    for policy in call.send().await.unwrap().policy_names {
        let call = iam.delete_role_policy().role_name(role);
        call.policy_name(policy).send().await.unwrap();
    }
    iam.delete_role().role_name(role).send().await.unwrap();

    let planned = scene.plan().ends(2);
    let changes = planned.changes();
    let update = ("update".to_owned(), vec!["role".to_owned()]);
    assert_eq!(changes["function.f"], update);
    scene.deploy().ends(0);

    // The variables are taken out and set again: so Lambda asks KMS for the new role.
    let calls = scene.proxy.take();
    let made = calls
        .iter()
        .position(|call| call.name() == "iam:CreateRole");
    let update = "lambda:UpdateFunctionConfiguration";
    let writes: Vec<_> = calls.iter().filter(|call| call.name() == update).collect();
    assert!(made < calls.iter().position(|call| call.name() == update));
    let variables = |body: &str| {
        let body: serde_json::Value = serde_json::from_str(body).unwrap();
        body["Environment"]["Variables"].to_string()
    };
    let written: Vec<String> = writes.iter().map(|call| variables(&call.body)).collect();
    assert_eq!(written, ["{}", r#"{"KEY":"b"}"#]);
    scene.is_whole().await;
}
