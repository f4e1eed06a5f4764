//! Distributed Map states: the executions they start, what they read and what they write
//! (<https://docs.aws.amazon.com/step-functions/latest/dg/iam-policies-eg-dist-map.html>).

use serde_json::Value as Json;

use super::arguments::{Arguments, ParameterValue};
use super::call;
use super::collect::Collector;
use super::s3::object_arn;
use crate::asl::QueryLanguage;
use crate::asl::model::{Machine, State};

/// Collects the permissions of a Map state itself, without those of the states in it.
pub(super) fn collect(collector: &mut Collector, state: &State<Json>, processor: &Machine<Json>) {
    if processor.distributed().is_none() {
        return;
    }
    let language = state.language;
    let state = state.json;
    let express = processor.execution_type() == Some("EXPRESS");
    children(collector, state, express);
    if let Some(reader) = state.get("ItemReader") {
        read(collector, reader, language);
    }
    if let Some(writer) = state
        .get("ResultWriter")
        .filter(|writer| writer.get("Resource").is_some())
    {
        write(collector, &Arguments::of(writer, language));
    }
}

/// The permissions for the child executions of a Map Run: executions of the same machine, with the label
/// of the Map in their ARN.
///
/// Executions of the express type cannot be redriven: they are started again
/// (<https://docs.aws.amazon.com/step-functions/latest/dg/redrive-map-run.html>).
fn children(collector: &mut Collector, state: &Json, express: bool) {
    let name = &collector.machine.name;
    let label = state.get("Label").and_then(Json::as_str).unwrap_or("*");
    let machine = collector
        .machine
        .arn("states", &format!("stateMachine:{name}"));
    let own = collector
        .machine
        .arn("states", &format!("execution:{name}:*"));
    let child = collector
        .machine
        .arn("states", &format!("execution:{name}/{label}:*"));
    collector.allow(&["states:StartExecution"], [machine]);
    collector.allow(
        &["states:DescribeExecution", "states:StopExecution"],
        [own, child.clone()],
    );
    if !express {
        collector.allow(&["states:RedriveExecution"], [child]);
    }
}

fn read(collector: &mut Collector, reader: &Json, language: QueryLanguage) {
    let arguments = Arguments::of(reader, language);
    let Some(bucket) = call::name(collector, &arguments, "Bucket", "bucket") else {
        return collector.warn("its `ItemReader` does not say which bucket");
    };
    let resource = reader.get("Resource").and_then(Json::as_str).unwrap_or("");
    let config = |field: &str| {
        let value = reader
            .get("ReaderConfig")
            .and_then(|config| config.get(field));
        value.and_then(Json::as_str)
    };
    if resource.ends_with(":listObjectsV2") {
        let list = call::arn_of(collector.machine, &bucket, "s3:::{}");
        collector.allow(&["s3:ListBucket"], [list]);
        if config("Transformation") == Some("LOAD_AND_FLATTEN") {
            let prefix = call::optional_text(&arguments, "Prefix").unwrap_or_default();
            let objects = object_arn(
                collector,
                &bucket,
                &format!("{}*", prefix.trim_end_matches('*')),
            );
            collector.allow(&["s3:GetObject"], [objects]);
        }
        return;
    }
    let mut actions = vec!["s3:GetObject"];
    if arguments.get("VersionId") != ParameterValue::Missing {
        actions.push("s3:GetObjectVersion");
    }
    let key = match config("InputType") {
        Some("MANIFEST") => {
            collector.warn(
                "the manifest may list files of other buckets: allow reading them with `allow`",
            );
            "*".to_owned()
        }
        _ => call::optional_text(&arguments, "Key").unwrap_or_else(|| "*".to_owned()),
    };
    let object = object_arn(collector, &bucket, &key);
    collector.allow(&actions, [object]);
}

fn write(collector: &mut Collector, arguments: &Arguments) {
    let Some(bucket) = call::name(collector, arguments, "Bucket", "bucket") else {
        return collector.warn("its `ResultWriter` does not say which bucket");
    };
    let key = match call::optional_text(arguments, "Prefix") {
        Some(prefix) => format!("{}/*", prefix.trim_end_matches('/')),
        None => "*".to_owned(),
    };
    let object = object_arn(collector, &bucket, &key);
    collector.allow(
        &[
            "s3:AbortMultipartUpload",
            "s3:GetObject",
            "s3:ListMultipartUploadParts",
            "s3:PutObject",
        ],
        [object],
    );
}
