//! Rows about buckets.

use aws_sdk_s3::types::{BucketVersioningStatus, VersioningConfiguration};

use super::{BUCKET, Scene, blocking, noted};
use crate::support::proxy::{Proxy, When};
use crate::support::{Clients, World};

const CONFLICT: &str = "A conflicting conditional operation is currently in progress against this resource. Please try again.";

#[tokio::test]
async fn row_13_a_name_just_freed_is_waited_for() {
    let test = "row_13_a_name_just_freed_is_waited_for";
    let scene = Scene::of(test, &[BUCKET]).await;
    let rule = scene.proxy.on("s3:CreateBucket").first(2);
    rule.refuse(409, "OperationAborted", CONFLICT);

    let deployed = scene.deploy().ends(0);

    noted(&deployed, "it can take an hour");
    assert_eq!(scene.proxy.count("s3:CreateBucket"), 3);
    scene.is_whole().await;
}

#[tokio::test]
async fn row_14_a_fresh_bucket_is_not_seen_everywhere() {
    let test = "row_14_a_fresh_bucket_is_not_seen_everywhere";
    let parts = [BUCKET.replace("{}", "{ versioning: true }")];
    let scene = Scene::of(test, &[&parts[0]]).await;
    for call in ["s3:PutPublicAccessBlock", "s3:PutBucketVersioning"] {
        scene.proxy.on(call).first(2).hide();
    }

    let deployed = scene.deploy().ends(0);

    noted(&deployed, "the fresh bucket is not seen everywhere yet");
    assert_eq!(scene.proxy.count("s3:PutPublicAccessBlock"), 3);
    assert_eq!(scene.proxy.count("s3:PutBucketVersioning"), 3);
    scene.is_whole().await;
}

/// Versions, delete markers, and parts of unfinished uploads.
async fn filled(clients: &Clients, bucket: &str, objects: usize) {
    let on = VersioningConfiguration::builder().status(BucketVersioningStatus::Enabled);
    let call = clients.s3.put_bucket_versioning().bucket(bucket);
    let call = call.versioning_configuration(on.build());
    call.send().await.unwrap();
    for number in 0..objects {
        let key = format!("key with & and ü {}", number / 2);
        clients.put(bucket, &key, b"x").await;
    }
    let call = clients
        .s3
        .delete_object()
        .bucket(bucket)
        .key("key with & and ü 0");
    call.send().await.unwrap();
    for key in ["large", "larger"] {
        let call = clients.s3.create_multipart_upload().bucket(bucket).key(key);
        call.send().await.unwrap();
    }
}

#[tokio::test]
async fn row_15_whatever_a_bucket_holds_goes() {
    let test = "row_15_whatever_a_bucket_holds_goes";
    let scene = Scene::of(test, &[BUCKET]).await;
    scene.deployed();
    let bucket = scene.bucket("b");
    filled(&scene.clients, &bucket, 6).await;
    // Page by page; one more object arrives while it is emptied.
    scene.proxy.pages_of_one();
    let clients = scene.world.clients().await;
    let late = scene.proxy.on("s3:ListMultipartUploads").nth(1);
    late.then(When::After, move || {
        blocking(clients.put(&bucket, "late", b"x"));
    });

    scene.is_gone_after_destroy().await;

    // Seven versions and markers, a page each, and the late one.
    assert!(scene.proxy.count("s3:ListObjectVersions") >= 8);
    assert_eq!(scene.proxy.count("s3:AbortMultipartUpload"), 2);
    assert_eq!(scene.proxy.count("s3:DeleteBucket"), 3);
}

/// S3 in this region, which must or must not be named.
fn placed(proxy: &Proxy, region: &str) {
    let region = region.to_owned();
    let named = format!("<LocationConstraint>{region}</LocationConstraint>");
    let rule = proxy.on("s3:CreateBucket").when(move |call| {
        let right = if region == "us-east-1" {
            !call.body.contains("LocationConstraint")
        } else {
            call.body.contains(&named)
        };
        !right
    });
    let message = "The specified location-constraint is not valid";
    rule.refuse(400, "InvalidLocationConstraint", message);
}

#[tokio::test]
async fn row_16_the_region_is_named_where_it_has_to_be() {
    let test = "row_16_the_region_is_named_where_it_has_to_be";
    let scene = Scene::of(test, &[BUCKET]).await;
    placed(&scene.proxy, "us-east-1");
    scene.deploy().ends(0);
    assert_eq!(scene.proxy.count("s3:CreateBucket"), 1);
    scene.is_whole().await;

    let file = scene.file();
    placed(&scene.proxy, "sa-east-1");
    let elsewhere = ["--region", "sa-east-1"];
    let deploy = ["deploy", &file, "--yes", elsewhere[0], elsewhere[1]];
    scene.treino(&deploy).ends(0);
    assert_eq!(scene.proxy.count("s3:CreateBucket"), 2);
    let destroy = ["destroy", "lab", "--yes", elsewhere[0], elsewhere[1]];
    scene.treino(&destroy).ends(0);
    let left = World::clients(&scene.world).await.everything().await;
    assert_eq!(left, Vec::<String>::new());
}

/// A bucket's policy that names an account and a role, and a rule with a pattern.
const ALIKE: &str = r#"roles: { reader: { assumed_by: [lambda.amazonaws.com] } }
buckets:
  b:
    policy:
      Version: "2012-10-17"
      Statement:
        - { Effect: Allow, Principal: { AWS: ["${account}"] }, Action: "s3:GetObject", Resource: "${b.arn}/*" }
        - { Effect: Allow, Principal: { AWS: ["${reader.arn}"] }, Action: "s3:PutObject", Resource: "${b.arn}/*" }
queues: { q: {} }
rules: { r: { pattern: { source: [lab, shop] }, start: q } }
"#;

#[tokio::test]
async fn row_53_an_account_is_shown_as_its_root() {
    let scene = Scene::of("row_53_an_account_is_shown_as_its_root", &[ALIKE]).await;
    scene.deploy().ends(0);
    let calls = scene.proxy.take();
    let last = |name: &str| calls.iter().rposition(|call| call.name() == name);
    let first = |name: &str| calls.iter().position(|call| call.name() == name);
    assert!(last("iam:CreateRole") < first("s3:PutBucketPolicy"));
    let (account, shown) = (&scene.clients.account, "s3:GetBucketPolicy");
    let root = format!("\"arn:aws:iam::{account}:root\"");
    scene
        .proxy
        .on(shown)
        .replace(&format!("\"{account}\""), &root);
    scene.plan().ends(0);

    scene.proxy.forget();
    let role = scene
        .clients
        .iam
        .get_role()
        .role_name("lab-reader-us-east-1");
    let role = role.send().await.unwrap().role.unwrap();
    scene.proxy.on(shown).replace(&role.arn, &role.role_id);
    scene.plan().ends(0);

    scene.proxy.forget();
    let another = root.replace(account, "210987654321");
    scene
        .proxy
        .on(shown)
        .replace(&format!("\"{account}\""), &another);
    scene.plan().ends(2);
    scene.is_whole().await;
}

#[tokio::test]
async fn row_54_an_order_without_meaning_is_no_drift() {
    let scene = Scene::of("row_54_an_order_without_meaning_is_no_drift", &[ALIKE]).await;
    scene.deploy().ends(0);
    let pattern = r#"[\"lab\",\"shop\"]"#;
    let rule = || scene.proxy.on("events:DescribeRule");
    rule().replace(pattern, r#"[\"shop\",\"lab\"]"#);
    let policy = scene.proxy.on("s3:GetBucketPolicy");
    policy.replace(r#"["s3:GetObject"]"#, r#""S3:getobject""#);
    scene.plan().ends(0);

    scene.proxy.forget();
    rule().replace(pattern, r#"[\"shop\",\"lub\"]"#);
    scene.plan().ends(2);
    scene.is_whole().await;
}
