//! Row 27: one clear sentence about credentials, and every incomplete change is reported.

use super::{FUNCTION, Scene, TABLE};

#[tokio::test]
async fn row_52_an_opt_in_region_is_named_where_no_key_is_known() {
    let test = "row_52_an_opt_in_region_is_named_where_no_key_is_known";
    let scene = Scene::of(test, &[TABLE]).await;
    let message = "The security token included in the request is invalid.";
    let rule = scene.proxy.on("sts:GetCallerIdentity");
    rule.refuse(403, "InvalidClientTokenId", message);
    let deploy = ["deploy", &scene.file(), "--yes", "--region", "af-south-1"];
    let deployed = scene
        .treino(&deploy)
        .ends(1)
        .says("Cape Town")
        .says("enable-region");
    assert_eq!(deployed.err.matches("help:").count(), 1, "{}", deployed.err);
}

/// `(name of the call, status, code, message, what treino says)`
const REFUSALS: &[(&str, u16, &str, &str, &str)] = &[
    (
        "sts:GetCallerIdentity",
        403,
        "ExpiredToken",
        "The security token included in the request is expired",
        "your credentials have expired",
    ),
    (
        "sts:GetCallerIdentity",
        403,
        "InvalidClientTokenId",
        "The security token included in the request is invalid.",
        "AWS does not know these credentials",
    ),
    (
        "sts:GetCallerIdentity",
        403,
        "SignatureDoesNotMatch",
        "Signature expired: 20260101T000000Z is now earlier than 20260101T010000Z (20260101T011500Z - 15 min.)",
        "this machine's clock is wrong",
    ),
    (
        "dynamodb:ListTables",
        400,
        "InvalidSignatureException",
        "Signature not yet current: 20260101T010000Z is still later than 20260101T000000Z (20260101T000000Z + 5 min.)",
        "this machine's clock is wrong",
    ),
    (
        "s3:ListBuckets",
        403,
        "RequestTimeTooSkewed",
        "The difference between the request time and the current time is too large.",
        "this machine's clock is wrong",
    ),
    (
        "lambda:ListFunctions",
        403,
        "ExpiredTokenException",
        "The security token included in the request is expired",
        "your credentials have expired",
    ),
];

#[tokio::test]
async fn row_27_credentials_are_spoken_of_clearly() {
    let test = "row_27_credentials_are_spoken_of_clearly";
    let scene = Scene::of(test, &[TABLE]).await;
    for (call, status, code, message, says) in REFUSALS {
        scene.proxy.on(call).refuse(*status, code, message);
        let deployed = scene.deploy().ends(1).says(says);
        let helps = deployed.err.matches("help:").count();
        assert_eq!(helps, 1, "{}", deployed.err);
        scene.proxy.forget();
    }
    assert_eq!(scene.proxy.changes(), Vec::<String>::new());
}

#[tokio::test]
async fn row_27_without_credentials_nothing_is_asked() {
    let test = "row_27_without_credentials_nothing_is_asked";
    let scene = Scene::of(test, &[TABLE]).await;
    let file = scene.file();
    let asked = [
        "deploy",
        &file,
        "--yes",
        "--endpoint-url",
        &scene.proxy.endpoint,
    ];
    let ran = scene
        .world
        .as_written(&[&asked[..], &["--region", "us-east-1"]].concat());
    ran.ends(1)
        .says("no AWS credentials were found")
        .says("aws configure");
    assert_eq!(scene.proxy.take(), []);
}

#[tokio::test]
async fn row_27_a_plan_says_whose_account_it_is() {
    let test = "row_27_a_plan_says_whose_account_it_is";
    let scene = Scene::of(test, &[TABLE]).await;
    let planned = scene.plan().ends(2);
    assert!(
        planned.err.contains(&scene.world.account),
        "{}",
        planned.err
    );
    assert!(planned.err.contains("us-east-1"), "{}", planned.err);
}

#[tokio::test]
async fn row_27_a_quarantined_key_is_named() {
    let test = "row_27_a_quarantined_key_is_named";
    let scene = Scene::of(test, &[FUNCTION]).await;
    let denied = "User: arn:aws:iam::123456789012:user/sam is not authorized to perform: iam:CreateRole on \
        resource: arn:aws:iam::123456789012:role/lab with an explicit deny in an identity-based policy: \
        arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantineV3";
    scene
        .proxy
        .on("iam:CreateRole")
        .refuse(403, "AccessDenied", denied);
    scene
        .deploy()
        .ends(1)
        .says("AWS has locked this access key, as it was seen in public");
}

#[tokio::test]
async fn row_27_credentials_that_expire_on_the_way_leave_nothing_unsaid() {
    let test = "row_27_credentials_that_expire_on_the_way_leave_nothing_unsaid";
    let scene = Scene::of(test, &[FUNCTION, TABLE]).await;
    let rule = scene.proxy.on("*:*").after("iam:CreateRole");
    let message = "The security token included in the request is expired";
    rule.refuse(403, "ExpiredToken", message);

    let deployed = scene.deploy().ends(1).says("your credentials have expired");

    let summary = deployed.event("summary");
    assert_eq!(summary["complete"], false);
    let outcome = |address: &str| {
        let outcomes = summary["outcomes"].as_array().unwrap();
        let of = outcomes.iter().find(|one| one["address"] == address);
        of.unwrap().clone()
    };
    // The role exists without its policy, and this is reported; the function was not started.
    assert_eq!(outcome("function.f.role")["outcome"], "failed");
    assert_eq!(outcome("function.f.role")["error"]["leftover"], "partial");
    assert_eq!(outcome("function.f")["outcome"], "skipped");

    // With new credentials the same command continues from there.
    scene.proxy.forget();
    scene.deploy().ends(0);
    scene.is_whole().await;
}
