//! Queries of Amazon Athena, which reads the data and its catalog, and writes the results, with the permissions of the
//! caller (<https://docs.aws.amazon.com/step-functions/latest/dg/connect-athena.html>,
//! <https://docs.aws.amazon.com/athena/latest/ug/s3-permissions.html>,
//! <https://docs.aws.amazon.com/athena/latest/ug/fine-grained-access-to-glue-resources.html>).

use super::arguments::{Arguments, ParameterValue};
use super::call;
use super::collect::Collector;
use super::objects;
use crate::asl::resource::IntegrationPattern;

const READS_CATALOG: &[&str] = &[
    "glue:BatchGetPartition",
    "glue:GetDatabase",
    "glue:GetDatabases",
    "glue:GetPartition",
    "glue:GetPartitions",
    "glue:GetTable",
    "glue:GetTables",
];

const WRITES_CATALOG: &[&str] = &[
    "glue:BatchCreatePartition",
    "glue:BatchDeletePartition",
    "glue:BatchDeleteTable",
    "glue:CreateDatabase",
    "glue:CreatePartition",
    "glue:CreateTable",
    "glue:DeleteDatabase",
    "glue:DeletePartition",
    "glue:DeleteTable",
    "glue:UpdateDatabase",
    "glue:UpdatePartition",
    "glue:UpdateTable",
];

/// What is written in S3 for the results of a query, and for tables that it makes.
const WRITES_OBJECTS: &[&str] = &[
    "s3:AbortMultipartUpload",
    "s3:GetObject",
    "s3:ListMultipartUploadParts",
    "s3:PutObject",
];
const WRITES_BUCKET: &[&str] = &[
    "s3:GetBucketLocation",
    "s3:ListBucket",
    "s3:ListBucketMultipartUploads",
];

/// Statements that change neither data nor catalog, by their first word.
const READING: &[&str] = &[
    "describe", "desc", "explain", "select", "show", "values", "with",
];

/// Collects the permissions of a call; `false` if it is none of these.
pub(super) fn collect(
    collector: &mut Collector,
    action: &str,
    pattern: IntegrationPattern,
    arguments: &Arguments,
) -> bool {
    match action {
        "startQueryExecution" => start(collector, pattern, arguments),
        // The query's id is all that the call has, and it says nothing of the workgroup.
        "getQueryExecution"
        | "stopQueryExecution"
        | "getQueryResults"
        | "getQueryRuntimeStatistics" => {
            let action = format!(
                "athena:{}{}",
                action[..1].to_ascii_uppercase(),
                &action[1..]
            );
            collector.warn(
                "the workgroup of the query is not known, so the role allows every workgroup",
            );
            let every = collector.machine.arn("athena", "workgroup/*");
            collector.allow(&[&action], [every]);
            if action == "athena:GetQueryResults" {
                collector
                    .warn("where the results are is not known, so the role may read every bucket");
                let every = call::arn_of(collector.machine, "*", "s3:::{}");
                collector.allow(&["s3:GetObject"], [every]);
            }
        }
        _ => return false,
    }
    true
}

fn start(collector: &mut Collector, pattern: IntegrationPattern, arguments: &Arguments) {
    let group = call::name(collector, arguments, "WorkGroup", "workgroup");
    let group = group.unwrap_or_else(|| "primary".to_owned());
    let group = collector
        .machine
        .arn("athena", &format!("workgroup/{group}"));
    collector.allow(&["athena:StartQueryExecution"], [group.clone()]);
    if pattern == IntegrationPattern::Sync {
        collector.allow(
            &["athena:GetQueryExecution", "athena:StopQueryExecution"],
            [group],
        );
    }
    let context = arguments.object("QueryExecutionContext");
    let catalog =
        call::optional_text(&context, "Catalog").unwrap_or_else(|| "AwsDataCatalog".to_owned());
    let catalog = collector
        .machine
        .arn("athena", &format!("datacatalog/{catalog}"));
    collector.allow(&["athena:GetDataCatalog"], [catalog]);
    let writes = !only_reads(arguments);
    catalog_of_glue(collector, writes);
    data(collector, writes);
    results(collector, arguments);
    collector.allow(&["lakeformation:GetDataAccess"], ["*".to_owned()]);
}

/// Whether the query is known to change nothing.
fn only_reads(arguments: &Arguments) -> bool {
    let text = match arguments.get("QueryString") {
        ParameterValue::Text(text) => text.to_owned(),
        ParameterValue::Pattern(text) => text,
        _ => return false,
    };
    let first = text
        .trim_start()
        .split(|c: char| !c.is_ascii_alphabetic())
        .next();
    let first = first.unwrap_or_default().to_ascii_lowercase();
    READING.contains(&first.as_str())
}

fn catalog_of_glue(collector: &mut Collector, writes: bool) {
    let mut actions = READS_CATALOG.to_vec();
    if writes {
        actions.extend(WRITES_CATALOG);
    }
    let arns = ["catalog", "database/*", "table/*"].map(|part| collector.machine.arn("glue", part));
    collector.allow(&actions, arns);
}

/// The catalog says where the data of a table is, so the definition does not.
fn data(collector: &mut Collector, writes: bool) {
    let may = if writes { "read and write" } else { "read" };
    collector.warn(format!(
        "which tables the query uses is not looked for, so the role may {may} every bucket, and every table of the catalog"
    ));
    let buckets = call::arn_of(collector.machine, "*", "s3:::{}");
    let mut actions = vec!["s3:GetBucketLocation", "s3:GetObject", "s3:ListBucket"];
    if writes {
        actions.extend(WRITES_OBJECTS);
        actions.extend(WRITES_BUCKET);
    }
    collector.allow(&actions, [buckets]);
}

fn results(collector: &mut Collector, arguments: &Arguments) {
    let configuration = arguments.object("ResultConfiguration");
    let location = match configuration {
        Arguments::Nothing => None,
        _ => call::name(collector, &configuration, "OutputLocation", "bucket"),
    };
    let location = location.unwrap_or_else(|| {
        collector.warn(
            "where the results are written is a setting of the workgroup, so the role may write to every bucket: \
             give `ResultConfiguration.OutputLocation`",
        );
        "*".to_owned()
    });
    let Some((bucket, key)) = objects::split(&location) else {
        return;
    };
    let arn = call::arn_of(collector.machine, bucket, "s3:::{}");
    let object = format!("{arn}/{}*", key.trim_end_matches('*'));
    collector.allow(WRITES_BUCKET, [arn]);
    collector.allow(WRITES_OBJECTS, [object]);
}
