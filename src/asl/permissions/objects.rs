//! Objects of Amazon S3 that another service reads or writes with the permissions of the caller.

use super::arguments::{Arguments, ParameterValue};
use super::call;
use super::collect::Collector;
use super::s3::object_arn;

/// What is done with an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    Read,
    Write,
}

impl Access {
    fn action(self) -> &'static str {
        match self {
            Self::Read => "s3:GetObject",
            Self::Write => "s3:PutObject",
        }
    }
}

/// How parameters name an object.
#[derive(Debug, Clone, Copy)]
enum Location {
    /// A parameter is its URI: `s3://bucket/key`.
    Uri(&'static str),
    /// Parameters are its bucket, and its key.
    Parts(&'static str, &'static str),
    /// Parameters are its bucket, and the beginning of its key.
    Below(&'static str, &'static str),
}

/// IAM prefix, beginning of a call, path of the object that holds the parameters, these, and what is done.
///
/// From the guides of the services:
/// - <https://docs.aws.amazon.com/transcribe/latest/dg/security_iam_id-based-policy-examples.html>
/// - <https://docs.aws.amazon.com/polly/latest/dg/asynchronous-iam.html>
/// - <https://docs.aws.amazon.com/textract/latest/dg/async-notification-payload.html> (`OutputConfig`)
/// - <https://docs.aws.amazon.com/rekognition/latest/dg/security_iam_id-based-policy-examples.html>
/// - <https://docs.aws.amazon.com/lambda/latest/api/API_FunctionCode.html>
/// - <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataExport_Requesting.html>
#[rustfmt::skip]
const LOCATIONS: &[(&str, &str, &str, Location, Access)] = &[
    ("dynamodb", "exportTable", "", Location::Below("S3Bucket", "S3Prefix"), Access::Write),
    ("dynamodb", "importTable", "S3BucketSource", Location::Below("S3Bucket", "S3KeyPrefix"), Access::Read),
    ("lambda", "createFunction", "Code", Location::Parts("S3Bucket", "S3Key"), Access::Read),
    ("lambda", "publishLayerVersion", "Content", Location::Parts("S3Bucket", "S3Key"), Access::Read),
    ("lambda", "updateFunctionCode", "", Location::Parts("S3Bucket", "S3Key"), Access::Read),
    ("polly", "startSpeechSynthesisTask", "", Location::Below("OutputS3BucketName", "OutputS3KeyPrefix"), Access::Write),
    ("rekognition", "", "Image.S3Object", Location::Parts("Bucket", "Name"), Access::Read),
    ("rekognition", "", "SourceImage.S3Object", Location::Parts("Bucket", "Name"), Access::Read),
    ("rekognition", "", "TargetImage.S3Object", Location::Parts("Bucket", "Name"), Access::Read),
    ("rekognition", "", "Video.S3Object", Location::Parts("Bucket", "Name"), Access::Read),
    ("rekognition", "", "OutputConfig", Location::Below("S3Bucket", "S3KeyPrefix"), Access::Write),
    ("textract", "", "Document.S3Object", Location::Parts("Bucket", "Name"), Access::Read),
    ("textract", "", "DocumentPages.S3Object", Location::Parts("Bucket", "Name"), Access::Read),
    ("textract", "", "DocumentLocation.S3Object", Location::Parts("Bucket", "Name"), Access::Read),
    ("textract", "", "OutputConfig", Location::Below("S3Bucket", "S3Prefix"), Access::Write),
    ("transcribe", "start", "Media", Location::Uri("MediaFileUri"), Access::Read),
    ("transcribe", "start", "Media", Location::Uri("RedactedMediaFileUri"), Access::Read),
    ("transcribe", "start", "", Location::Below("OutputBucketName", "OutputKey"), Access::Write),
    ("transcribe", "start", "", Location::Uri("OutputLocation"), Access::Write),
];

/// Collects the objects that a call names.
pub(super) fn collect(collector: &mut Collector, prefix: &str, call: &str, arguments: &Arguments) {
    for (service, start, path, location, access) in LOCATIONS {
        if *service != prefix || !call.starts_with(start) {
            continue;
        }
        for holder in holders(*arguments, path) {
            match location {
                Location::Uri(parameter) => uri(collector, &holder, parameter, *access),
                Location::Parts(bucket, key) => {
                    parts(collector, &holder, (bucket, key, ""), *access);
                }
                Location::Below(bucket, key) => {
                    parts(collector, &holder, (bucket, key, "*"), *access);
                }
            }
        }
    }
    // A task of Amazon Polly says to a topic that it has ended, as its caller.
    if prefix == "polly" && matches!(arguments, Arguments::Object(..)) {
        let pattern = "sns:{region}:{account}:{}";
        if let Some(topic) = call::arn(collector, arguments, "SnsTopicArn", "topic", pattern) {
            collector.allow(&["sns:Publish"], [topic]);
        }
    }
}

/// The objects at a path, through lists. What is computed may be missing, so it is left out.
fn holders<'a>(arguments: Arguments<'a>, path: &str) -> Vec<Arguments<'a>> {
    let mut found = vec![arguments];
    for name in path.split('.').filter(|name| !name.is_empty()) {
        found = found
            .iter()
            .flat_map(|holder| match holder {
                Arguments::Object(..) => match holder.items(name) {
                    Some(items) if !items.is_empty() => items,
                    _ => vec![holder.object(name)],
                },
                other => vec![*other],
            })
            .collect();
    }
    found
}

/// The object whose `s3://bucket/key` a parameter is, or those under it if it is a folder.
pub(super) fn uri(collector: &mut Collector, holder: &Arguments, parameter: &str, access: Access) {
    let Some(uri) = call::name(collector, holder, parameter, "object of S3") else {
        return;
    };
    if let Some((bucket, key)) = split(&uri) {
        let key = if access == Access::Write && !key.ends_with('*') {
            format!("{key}*")
        } else {
            key.to_owned()
        };
        let object = object_arn(collector, bucket, &key);
        collector.allow(&[access.action()], [object]);
    }
}

/// Bucket and key of `s3://bucket/key`, or of the same object's URL
/// (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html>).
pub(super) fn split(uri: &str) -> Option<(&str, &str)> {
    if uri == "*" {
        return Some(("*", "*"));
    }
    if let Some(rest) = uri.strip_prefix("s3://") {
        return Some(rest.split_once('/').unwrap_or((rest, "*")));
    }
    let rest = uri.strip_prefix("https://")?;
    let (host, path) = rest.split_once('/')?;
    match host.split_once(".s3") {
        Some((bucket, _)) => Some((bucket, path)),
        None if host.starts_with("s3") => path.split_once('/'),
        None => None,
    }
}

fn parts(collector: &mut Collector, holder: &Arguments, names: (&str, &str, &str), access: Access) {
    let (bucket, key, rest) = names;
    if matches!(holder, Arguments::Nothing) {
        return;
    }
    let Some(bucket) = call::name(collector, holder, bucket, "bucket") else {
        return;
    };
    let key = match holder.get(key) {
        ParameterValue::Missing => "*".to_owned(),
        _ => call::optional_text(holder, key).unwrap_or_default() + rest,
    };
    let object = object_arn(collector, &bucket, &key.replace("**", "*"));
    collector.allow(&[access.action()], [object]);
}
