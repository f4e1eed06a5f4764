//! Amazon S3: buckets, objects, directory buckets.

use super::arguments::Arguments;
use super::call;
use super::collect::Collector;

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
        for (plain, versioned) in [
            ("s3:GetObject", "s3:GetObjectVersion"),
            ("s3:GetObjectAttributes", "s3:GetObjectVersionAttributes"),
            ("s3:DeleteObject", "s3:DeleteObjectVersion"),
        ] {
            if actions.contains(&plain) {
                actions.push(versioned);
            }
        }
    }
    if given("Tagging") && actions.contains(&"s3:PutObject") {
        actions.push("s3:PutObjectTagging");
    }
    let resource = if on_objects(actions[0]) {
        let key = call::optional_text(arguments, "Key").unwrap_or_else(|| "*".to_owned());
        object_arn(collector, &bucket, &key)
    } else {
        bucket_arn(collector, &bucket)
    };
    collector.allow(&actions, [resource]);
    if let Some(source) = call::name(collector, arguments, "CopySource", "object") {
        let (bucket, key) = source
            .trim_start_matches('/')
            .split_once('/')
            .unwrap_or(("*", "*"));
        let source = object_arn(collector, bucket, key);
        collector.allow(&["s3:GetObject"], [source]);
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
