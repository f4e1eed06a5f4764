//! Amazon S3: buckets, objects, directory buckets.

use super::arguments::{Arguments, ParameterValue};
use super::call;
use super::collect::Collector;

/// Actions on an object, and those that a `VersionId` needs as well.
#[rustfmt::skip]
const VERSIONED: &[(&str, &str)] = &[
    ("s3:DeleteObject", "s3:DeleteObjectVersion"),
    ("s3:DeleteObjectTagging", "s3:DeleteObjectVersionTagging"),
    ("s3:GetObject", "s3:GetObjectVersion"),
    ("s3:GetObjectAcl", "s3:GetObjectVersionAcl"),
    ("s3:GetObjectAttributes", "s3:GetObjectVersionAttributes"),
    ("s3:GetObjectTagging", "s3:GetObjectVersionTagging"),
    ("s3:PutObjectAcl", "s3:PutObjectVersionAcl"),
    ("s3:PutObjectTagging", "s3:PutObjectVersionTagging"),
];

/// Parameters of a call, its action, and what they need as well
/// (<https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html>,
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html>).
#[rustfmt::skip]
const PARAMETERS: &[(&str, &str, &str)] = &[
    ("ACL", "s3:CreateBucket", "s3:PutBucketAcl"),
    ("GrantFullControl", "s3:CreateBucket", "s3:PutBucketAcl"),
    ("GrantRead", "s3:CreateBucket", "s3:PutBucketAcl"),
    ("GrantReadACP", "s3:CreateBucket", "s3:PutBucketAcl"),
    ("GrantWrite", "s3:CreateBucket", "s3:PutBucketAcl"),
    ("GrantWriteACP", "s3:CreateBucket", "s3:PutBucketAcl"),
    ("ObjectLockEnabledForBucket", "s3:CreateBucket", "s3:PutBucketObjectLockConfiguration"),
    ("ObjectLockEnabledForBucket", "s3:CreateBucket", "s3:PutBucketVersioning"),
    ("ObjectOwnership", "s3:CreateBucket", "s3:PutBucketOwnershipControls"),
    ("BypassGovernanceRetention", "s3:DeleteObject", "s3:BypassGovernanceRetention"),
    ("BypassGovernanceRetention", "s3:PutObjectRetention", "s3:BypassGovernanceRetention"),
    ("ACL", "s3:PutObject", "s3:PutObjectAcl"),
    ("GrantFullControl", "s3:PutObject", "s3:PutObjectAcl"),
    ("GrantRead", "s3:PutObject", "s3:PutObjectAcl"),
    ("GrantReadACP", "s3:PutObject", "s3:PutObjectAcl"),
    ("GrantWriteACP", "s3:PutObject", "s3:PutObjectAcl"),
    ("ObjectLockLegalHoldStatus", "s3:PutObject", "s3:PutObjectLegalHold"),
    ("ObjectLockMode", "s3:PutObject", "s3:PutObjectRetention"),
    ("ObjectLockRetainUntilDate", "s3:PutObject", "s3:PutObjectRetention"),
    ("Tagging", "s3:PutObject", "s3:PutObjectTagging"),
];

/// Collects the permissions of a call of S3
/// (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html>).
pub(super) fn collect(
    collector: &mut Collector,
    action: &str,
    actions: &[String],
    arguments: &Arguments,
) {
    let mut actions: Vec<&str> = actions.iter().map(String::as_str).collect();
    let Some(bucket) = call::name(collector, arguments, "Bucket", "bucket") else {
        if !matches!(action, "listBuckets" | "listDirectoryBuckets") {
            collector.warn("it does not say which bucket");
        }
        return collector.allow(&actions, ["*".to_owned()]);
    };
    if bucket.ends_with("--x-s3") || action == "createSession" {
        return directory(collector, action, &bucket);
    }
    let given = |parameter: &str| call::optional_text(arguments, parameter).is_some();
    if given("VersionId") {
        for (plain, versioned) in VERSIONED {
            if actions.contains(plain) {
                actions.push(versioned);
            }
        }
    }
    // Of parameters that are computed as a whole, each may be given.
    let is_object = matches!(arguments, Arguments::Object(..));
    for (parameter, of, needed) in PARAMETERS {
        let is_likely = is_object || *parameter == "Tagging";
        if is_likely && actions[0] == *of && given(parameter) && !actions.contains(needed) {
            actions.push(needed);
        }
    }
    let configuration = arguments.object("CreateBucketConfiguration");
    if action == "createBucket" && configuration.get("Tags") != ParameterValue::Missing {
        actions.push("s3:TagResource");
    }
    let deleted = arguments.object("Delete").items("Objects");
    if deleted.is_some_and(|objects| {
        objects
            .iter()
            .any(|object| object.get("VersionId") != ParameterValue::Missing)
    }) {
        actions.push("s3:DeleteObjectVersion");
    }
    let resource = if on_objects(actions[0]) {
        let key = call::optional_text(arguments, "Key").unwrap_or_else(|| "*".to_owned());
        object_arn(collector, &bucket, &key)
    } else {
        bucket_arn(collector, &bucket)
    };
    collector.allow(&actions, [resource]);
    if !matches!(action, "copyObject" | "uploadPartCopy") {
        return;
    }
    if let Some(source) = call::name(collector, arguments, "CopySource", "object") {
        let (bucket, key) = source
            .trim_start_matches('/')
            .split_once('/')
            .unwrap_or(("*", "*"));
        // `bucket/key?versionId=...`
        let (key, version) = match key.split_once("?versionId=") {
            Some((key, _)) => (key, &["s3:GetObject", "s3:GetObjectVersion"][..]),
            None => (key, &["s3:GetObject"][..]),
        };
        let source = object_arn(collector, bucket, key);
        collector.allow(version, [source]);
    }
}

fn on_objects(action: &str) -> bool {
    let name = action.trim_start_matches("s3:");
    (name.contains("Object") && !name.contains("Bucket"))
        || matches!(name, "AbortMultipartUpload" | "ListMultipartUploadParts")
}

fn bucket_arn(collector: &Collector, bucket: &str) -> String {
    call::arn_of(collector.machine, bucket, "s3:::{}")
}

pub(super) fn object_arn(collector: &Collector, bucket: &str, key: &str) -> String {
    let bucket = bucket_arn(collector, bucket);
    // The ARN of an object of an access point has `/object/`.
    let under = if bucket.contains(":accesspoint/") {
        "/object"
    } else {
        ""
    };
    format!("{bucket}{under}/{key}")
}

/// Directory buckets: `CreateSession` allows every call on objects
/// (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-express-security-iam.html>).
fn directory(collector: &mut Collector, action: &str, bucket: &str) {
    let pattern = "s3express:{region}:{account}:bucket/{}";
    let arn = call::arn_of(collector.machine, bucket, pattern);
    let action = match action {
        "createBucket" => "s3express:CreateBucket",
        "deleteBucket" => "s3express:DeleteBucket",
        "getBucketPolicy" => "s3express:GetBucketPolicy",
        "putBucketPolicy" => "s3express:PutBucketPolicy",
        "deleteBucketPolicy" => "s3express:DeleteBucketPolicy",
        _ => "s3express:CreateSession",
    };
    collector.allow(&[action], [arn]);
}
