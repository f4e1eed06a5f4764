//! What a bucket holds: versions of every kind, uploads nobody finished, keys of every form, and what
//! nobody may delete.

use aws_sdk_s3::types::{
    BucketVersioningStatus, ObjectLockLegalHold, ObjectLockLegalHoldStatus, VersioningConfiguration,
};

use super::{BUCKET, DIRECTORY_BUCKET, Scene, receipt};
use crate::support::Clients;

/// Keys as nobody would choose them.
fn keys() -> Vec<String> {
    let mut keys: Vec<String> = [
        "with spaces  two",
        "ends in/",
        "a//b",
        "plus+and%2Bmore",
        "ä ü ç 漢字 🦀",
        "line\nbreak",
        "tab\t",
        "no XML holds \u{1b} this",
        "<xml>&amp;\"'",
        "../up",
        ".",
        "?query=1&x=2#part",
        "x y+z/ä%20",
        "*",
        "\\",
        "{\"json\": 1}",
    ]
    .map(String::from)
    .into();
    keys.push("long/".repeat(204) + "end");
    keys
}

pub(super) async fn versioning(clients: &Clients, bucket: &str, status: BucketVersioningStatus) {
    let to = VersioningConfiguration::builder().status(status).build();
    let call = clients.s3.put_bucket_versioning().bucket(bucket);
    call.versioning_configuration(to).send().await.unwrap();
}

/// Null versions, versions, markers of both, and uploads with parts.
async fn filled(clients: &Clients, bucket: &str) {
    let delete = async |key: &str| {
        let call = clients.s3.delete_object().bucket(bucket).key(key);
        call.send().await.unwrap();
    };
    clients.put(bucket, "before", b"null").await;
    versioning(clients, bucket, BucketVersioningStatus::Enabled).await;
    for key in keys() {
        clients.put(bucket, &key, b"one").await;
    }
    clients.put(bucket, "before", b"two").await;
    delete("before").await;
    delete("ends in/").await;
    versioning(clients, bucket, BucketVersioningStatus::Suspended).await;
    clients.put(bucket, "after", b"null").await;
    delete("after").await;
    clients.put(bucket, "ends in/", b"null").await;
    for key in ["large", "with spaces  two", "ä"] {
        let call = clients.s3.create_multipart_upload().bucket(bucket).key(key);
        let upload = call.send().await.unwrap().upload_id.unwrap();
        let call = clients
            .s3
            .upload_part()
            .bucket(bucket)
            .key(key)
            .part_number(1);
        let part = aws_sdk_s3::primitives::ByteStream::from_static(b"part");
        call.upload_id(upload).body(part).send().await.unwrap();
    }
}

#[tokio::test]
async fn whatever_a_bucket_was_filled_with_goes() {
    let test = "whatever_a_bucket_was_filled_with_goes";
    let scene = Scene::of(test, &[BUCKET, DIRECTORY_BUCKET]).await;
    filled(&scene.clients, &scene.bucket("b")).await;
    let everything = scene.clients.everything().await;
    let directory = everything
        .iter()
        .find_map(|one| one.strip_prefix("directory bucket "));
    for key in keys() {
        let call = scene
            .clients
            .s3
            .put_object()
            .bucket(directory.unwrap())
            .key(key);
        call.send().await.unwrap();
    }

    receipt(&scene.destroy().ends(0));

    scene.is_empty().await;
    assert_eq!(scene.proxy.count("s3:AbortMultipartUpload"), 3);
}

/// Cuts out every element of this name.
fn cut(body: &str, element: &str) -> String {
    let (open, close) = (format!("<{element}>"), format!("</{element}>"));
    let mut body = body.to_owned();
    while let (Some(from), Some(to)) = (body.find(&open), body.find(&close)) {
        body.replace_range(from..to + close.len(), "");
    }
    body
}

#[tokio::test]
async fn versions_that_a_list_leaves_out_are_met_again() {
    let test = "versions_that_a_list_leaves_out_are_met_again";
    let scene = Scene::of(test, &[BUCKET]).await;
    filled(&scene.clients, &scene.bucket("b")).await;
    // Versions are seen at last, markers later still, and uploads once both are gone.
    let lists = |name: &str, times: usize| scene.proxy.on(name).first(times);
    lists("s3:ListObjectVersions", 1).rewrite(|_, body| cut(body, "Version"));
    lists("s3:ListObjectVersions", 2).rewrite(|_, body| cut(body, "DeleteMarker"));
    lists("s3:ListMultipartUploads", 3).rewrite(|_, body| cut(body, "Upload"));
    // Not empty, while it shows nothing any longer.
    let message = "The bucket you tried to delete is not empty";
    let early = scene.proxy.on("s3:DeleteBucket").first(4);
    early.refuse(409, "BucketNotEmpty", message);

    receipt(&scene.destroy().ends(0));

    scene.is_empty().await;
    assert_eq!(scene.proxy.count("s3:AbortMultipartUpload"), 3);
}

/// A list of versions that begins again and again.
#[tokio::test]
async fn versions_that_do_not_end_are_no_list() {
    let test = "versions_that_do_not_end_are_no_list";
    let scene = Scene::of(test, &[BUCKET]).await;
    scene.clients.put(&scene.bucket("b"), "one", b"x").await;
    for (more, says) in [
        (
            "<NextKeyMarker>a</NextKeyMarker><NextVersionIdMarker>1</NextVersionIdMarker>",
            "leads back to a page",
        ),
        ("", "does not say where"),
    ] {
        scene
            .proxy
            .on("s3:DeleteObjects")
            .fail_inside("InternalError", "later");
        let page = format!("<IsTruncated>true</IsTruncated>{more}");
        scene
            .proxy
            .on("s3:ListObjectVersions")
            .replace("<IsTruncated>false</IsTruncated>", &page);
        scene
            .destroy()
            .ends(1)
            .says("ListObjectVersions")
            .says(says);
        scene.proxy.forget();
    }
    scene.ends_empty().await;
}

#[tokio::test]
async fn an_object_under_legal_hold_is_left_and_said() {
    let test = "an_object_under_legal_hold_is_left_and_said";
    let scene = Scene::of(test, &[BUCKET]).await;
    let bucket = scene.bucket("b");
    versioning(&scene.clients, &bucket, BucketVersioningStatus::Enabled).await;
    scene.clients.put(&bucket, "evidence.txt", b"x").await;
    scene.clients.put(&bucket, "other.txt", b"x").await;
    let lock = aws_sdk_s3::types::ObjectLockConfiguration::builder();
    let lock = lock.object_lock_enabled(aws_sdk_s3::types::ObjectLockEnabled::Enabled);
    let call = scene
        .clients
        .s3
        .put_object_lock_configuration()
        .bucket(&bucket);
    call.object_lock_configuration(lock.build())
        .send()
        .await
        .unwrap();
    let hold = |status: ObjectLockLegalHoldStatus| {
        let hold = ObjectLockLegalHold::builder().status(status).build();
        let call = scene.clients.s3.put_object_legal_hold().bucket(&bucket);
        call.key("evidence.txt").legal_hold(hold).send()
    };
    hold(ObjectLockLegalHoldStatus::On).await.unwrap();

    let destroyed = scene
        .destroy()
        .ends(1)
        .says("evidence.txt")
        .says("a legal hold keeps it")
        .says("--legal-hold Status=OFF");

    assert!(!destroyed.err.contains("verified:"));
    assert_eq!(
        scene.clients.everything().await,
        [format!("bucket {bucket}")]
    );
    let left = scene
        .clients
        .s3
        .list_object_versions()
        .bucket(&bucket)
        .send()
        .await
        .unwrap();
    let left: Vec<_> = left
        .versions()
        .iter()
        .map(|version| version.key.clone().unwrap())
        .collect();
    assert_eq!(left, ["evidence.txt"]);
    hold(ObjectLockLegalHoldStatus::Off).await.unwrap();
    scene.ends_empty().await;
}

#[tokio::test]
async fn a_bucket_whose_policy_forbids_it_is_left_and_said() {
    let test = "a_bucket_whose_policy_forbids_it_is_left_and_said";
    let scene = Scene::of(test, &[BUCKET]).await;
    let denied = "User: arn:aws:iam::123456789012:user/sam is not authorized to perform: s3:DeleteBucket on resource: \
        \"arn:aws:s3:::lab-b\" with an explicit deny in a resource-based policy";
    scene
        .proxy
        .on("s3:DeleteBucket")
        .refuse(403, "AccessDenied", denied);

    let destroyed = scene.destroy().ends(1);

    destroyed
        .says("explicit deny")
        .says("a policy forbids these credentials `s3:DeleteBucket`");
    assert_eq!(scene.clients.everything().await.len(), 1);
    scene.ends_empty().await;
}
