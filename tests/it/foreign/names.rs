//! Names that somebody has whom treino cannot see.

use super::{NOBODYS, Scene, in_the_way};

const BUCKETS: &str = "\
buckets: { b: {} }
directory_buckets: { d: { zone: use1-az4 } }
tables: { t: { partition_key: id } }
";

/// Bucket names are one space for all accounts: AWS says of another's only that it may not be read.
#[tokio::test]
async fn a_bucket_of_another_account_is_named_with_all_that_is_in_the_way() {
    let test = "a_bucket_of_another_account_is_named_with_all_that_is_in_the_way";
    let scene = Scene::of(test, BUCKETS).await;
    scene.holds(&["table.t"], NOBODYS).await;
    for (status, code) in [(403, "AccessDenied"), (301, "PermanentRedirect")] {
        let general = scene.proxy.on("s3:*").with(&scene.names["bucket.b"]);
        general.refuse(status, code, "Not for you");
        let directory = scene
            .proxy
            .on("s3:*")
            .with(&scene.names["directory_bucket.d"]);
        directory.refuse(403, "AccessDenied", "Not for you");
        let adopt = ["--adopt", "bucket.b", "--adopt", "directory_bucket.d"];
        for ran in [scene.plan(&[]), scene.deploy(&[]), scene.deploy(&adopt)] {
            let foreign = in_the_way(&ran.ends(1));
            let addresses: Vec<_> = foreign.keys().collect();
            assert_eq!(addresses, ["bucket.b", "directory_bucket.d", "table.t"]);
            let elsewhere = "it is in another account or region, or may not be read (S3 Get";
            assert!(foreign["bucket.b"].starts_with(elsewhere), "{foreign:?}");
            assert!(foreign["bucket.b"].contains(code), "{foreign:?}");
            assert!(
                foreign["directory_bucket.d"].starts_with(elsewhere),
                "{foreign:?}"
            );
        }
        let ran = scene.plan(&[]).ends(1);
        ran.says("it cannot be taken over: choose another name");
        scene.proxy.forget();
    }
    scene.changed_nothing();
}

/// A right that is lacking is something else, and AWS names it.
#[tokio::test]
async fn a_bucket_one_may_not_read_is_not_said_to_be_anothers() {
    let test = "a_bucket_one_may_not_read_is_not_said_to_be_anothers";
    let scene = Scene::of(test, "buckets: { b: {} }\n").await;
    let lacking = "User: arn:aws:iam::123456789012:user/ada is not authorized to perform: s3:GetBucketVersioning on \
                   resource: \"arn:aws:s3:::lab\" because no identity-based policy allows the action";
    let look = scene.proxy.on("s3:*").with(&scene.names["bucket.b"]);
    look.refuse(403, "AccessDenied", lacking);
    scene
        .deploy(&[])
        .ends(1)
        .says("allow these credentials `s3:GetBucketVersioning`");
    scene.changed_nothing();
}

/// One that AWS hides until it is to be made.
#[tokio::test]
async fn a_bucket_name_that_is_taken_is_said_to_be() {
    let test = "a_bucket_name_that_is_taken_is_said_to_be";
    let scene = Scene::of(test, "buckets: { b: {} }\n").await;
    let taken = "The requested bucket name is not available.";
    let make = scene.proxy.on("s3:CreateBucket");
    make.refuse(409, "BucketAlreadyExists", taken);
    scene
        .deploy(&[])
        .ends(1)
        .says("bucket.b: S3 CreateBucket: BucketAlreadyExists")
        .says("nothing of it was created")
        .says("another account has a bucket of this name");
    assert_eq!(scene.clients.everything().await, Vec::<String>::new());
}

/// IAM takes `Lab-r` for `lab-r`, and shows it under its own name only.
#[tokio::test]
async fn a_role_whose_name_differs_in_capitals_is_said_to_be_there() {
    let test = "a_role_whose_name_differs_in_capitals_is_said_to_be_there";
    let scene = Scene::of(
        test,
        "roles: { r: { assumed_by: [lambda.amazonaws.com] } }\n",
    )
    .await;
    let make = scene.proxy.on("iam:CreateRole");
    let taken = "Role with name LAB-R-US-EAST-1 already exists.";
    make.refuse(409, "EntityAlreadyExists", taken);
    scene
        .deploy(&[])
        .ends(1)
        .says("role.r: IAM CreateRole: EntityAlreadyExists: Role with name LAB-R-US-EAST-1")
        .says("nothing of it was created")
        .says("give it another key or `name:`");
    assert_eq!(scene.proxy.changes(), ["iam:CreateRole"]);
}

/// Within a stack that is seen before anything is done.
#[tokio::test]
async fn two_roles_whose_names_differ_in_capitals_are_one_too_many() {
    let test = "two_roles_whose_names_differ_in_capitals_are_one_too_many";
    let scene = Scene::of(test, "tables: { f: { partition_key: id } }\n").await;
    let function = "{ code: code, handler: app.handler, runtime: python3.13 }";
    scene.has(&format!("functions:\n  f: {function}\n  F: {function}\n"));
    scene
        .deploy(&[])
        .ends(2)
        .says(
            "function.F.role and function.f.role would both be named `lab-f-role-us-east-1` in AWS",
        )
        .says("IAM takes for the other's");
    scene.changed_nothing();
}
