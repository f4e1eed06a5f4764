//! What a distributed Map reads its items from, how it batches them, and where it writes results
//! (<https://docs.aws.amazon.com/step-functions/latest/dg/input-output-itemreader.html>,
//! `input-output-itembatcher.html` and `input-output-resultwriter.html`).

use super::{Lint, fields, head, map_numbers, template, values};
use crate::asl::QueryLanguage;
use crate::asl::jsonata::Visible;
use crate::asl::text::one_of;
use crate::source::Node;

/// Checks `ItemReader`, `ItemBatcher` and `ResultWriter`.
pub(super) fn check(lint: &mut Lint, state: &Node, language: QueryLanguage) {
    if let Some(node) = state.get("ItemReader")
        && values::object(lint, node, "`ItemReader`")
    {
        reader(lint, node, language);
    }
    if let Some(node) = state.get("ItemBatcher")
        && values::object(lint, node, "`ItemBatcher`")
    {
        batcher(lint, node, language);
    }
    if let Some(node) = state.get("ResultWriter")
        && values::object(lint, node, "`ResultWriter`")
    {
        writer(lint, node, language);
    }
}

/// The field that holds the parameters of a call in this query language, and in the other one.
fn parameters(language: QueryLanguage) -> (&'static str, &'static str) {
    match language {
        QueryLanguage::JsonPath => ("Parameters", "Arguments"),
        QueryLanguage::Jsonata => ("Arguments", "Parameters"),
    }
}

/// Checks fields and parameters of a reader or writer.
fn call(lint: &mut Lint, node: &Node, owner: &str, extra: &str, language: QueryLanguage) {
    let (own, other) = parameters(language);
    fields::check_known(lint, node, owner, &["Resource", own, other, extra]);
    if let Some(entry) = node.entry(other) {
        lint.error(
            entry.key_span,
            format!(
                "`{other}` is a field of the other query language: it is {} here",
                language.name()
            ),
            format!("write `{own}`"),
        );
    }
    template::field(lint, node, own, language, Visible::default());
}

fn resource<'a>(lint: &mut Lint, node: &'a Node, calls: &[&str]) -> Option<&'a str> {
    let (text, span) = values::text(lint, node, "Resource")?;
    let call = text.rsplit(":::").next().unwrap_or(text);
    if !text.starts_with("${") && (!calls.contains(&call) || !text.starts_with("arn:")) {
        let known: Vec<String> = calls
            .iter()
            .map(|call| format!("arn:aws:states:::{call}"))
            .collect();
        lint.error(
            span,
            format!("`{text}` is not allowed here"),
            format!("write {}", one_of(known.iter().map(String::as_str))),
        );
        return None;
    }
    Some(call)
}

fn reader(lint: &mut Lint, node: &Node, language: QueryLanguage) {
    let own = parameters(language).0;
    call(lint, node, "`ItemReader`", "ReaderConfig", language);
    let help = "add \"Resource\": \"arn:aws:states:::s3:getObject\" or ...:s3:listObjectsV2";
    values::required(lint, node, None, "Resource", "`ItemReader`", help);
    let which = resource(lint, node, &["s3:getObject", "s3:listObjectsV2"]);
    let help = format!("add \"{own}\": {{\"Bucket\": ...}}");
    values::required(lint, node, None, own, "`ItemReader`", &help);
    let Some(config) = node.get("ReaderConfig") else {
        if which == Some("s3:getObject") && !values::is_misspelt(node, "ReaderConfig") {
            lint.error(
                head(node),
                "`ItemReader` does not say what kind of file it reads",
                "add \"ReaderConfig\": {\"InputType\": \"JSON\"}",
            );
        }
        return;
    };
    if values::object(lint, config, "`ReaderConfig`") {
        reader_config(lint, config, which, language);
    }
}

fn reader_config(lint: &mut Lint, config: &Node, which: Option<&str>, language: QueryLanguage) {
    let known = [
        "InputType",
        "CSVDelimiter",
        "CSVHeaderLocation",
        "CSVHeaders",
        "ItemsPointer",
        "ManifestType",
        "MaxItems",
        "MaxItemsPath",
        "Transformation",
    ];
    fields::check_known(lint, config, "`ReaderConfig`", &known);
    let types = ["CSV", "JSON", "JSONL", "MANIFEST", "PARQUET"];
    let kind = values::one_word(lint, config, "InputType", &types);
    if which == Some("s3:getObject") {
        let help = format!("add \"InputType\", one of {}", one_of(types));
        values::required(lint, config, None, "InputType", "`ReaderConfig`", &help);
    }
    let delimiters = ["COMMA", "PIPE", "SEMICOLON", "SPACE", "TAB"];
    values::one_word(lint, config, "CSVDelimiter", &delimiters);
    let headers = values::one_word(lint, config, "CSVHeaderLocation", &["FIRST_ROW", "GIVEN"]);
    values::one_word(
        lint,
        config,
        "ManifestType",
        &["ATHENA_DATA", "S3_INVENTORY"],
    );
    values::one_word(
        lint,
        config,
        "Transformation",
        &["LOAD_AND_FLATTEN", "NONE"],
    );
    if headers == Some("GIVEN")
        && config.get("CSVHeaders").is_none()
        && !values::is_misspelt(config, "CSVHeaders")
    {
        let message = "`CSVHeaderLocation` is GIVEN, and no `CSVHeaders` are";
        lint.error(head(config), message, "add \"CSVHeaders\": [\"...\"]");
    }
    if kind == Some("CSV")
        && config.get("CSVHeaderLocation").is_none()
        && !values::is_misspelt(config, "CSVHeaderLocation")
    {
        lint.error(
            head(config),
            "the reader of a CSV file must say where its headers are",
            "add \"CSVHeaderLocation\": \"FIRST_ROW\", or \"GIVEN\" with `CSVHeaders`",
        );
    }
    map_numbers::check(lint, config, map_numbers::OF_READER, language);
}

fn batcher(lint: &mut Lint, node: &Node, language: QueryLanguage) {
    let known = [
        "BatchInput",
        "MaxItemsPerBatch",
        "MaxItemsPerBatchPath",
        "MaxInputBytesPerBatch",
        "MaxInputBytesPerBatchPath",
    ];
    fields::check_known(lint, node, "`ItemBatcher`", &known);
    map_numbers::check(lint, node, map_numbers::OF_BATCHER, language);
    if !node
        .entries()
        .iter()
        .any(|entry| entry.key.starts_with("Max"))
    {
        lint.error(
            head(node),
            "`ItemBatcher` does not say how large a batch is",
            "add \"MaxItemsPerBatch\" or \"MaxInputBytesPerBatch\"",
        );
    }
    template::field(lint, node, "BatchInput", language, Visible::default());
}

fn writer(lint: &mut Lint, node: &Node, language: QueryLanguage) {
    let own = parameters(language).0;
    call(lint, node, "`ResultWriter`", "WriterConfig", language);
    let lacks = |field: &str| node.get(field).is_none() && !values::is_misspelt(node, field);
    let (no_resource, no_parameters) = (lacks("Resource"), lacks(own));
    if no_resource && no_parameters && lacks("WriterConfig") {
        lint.error(
            head(node),
            "`ResultWriter` says neither where nor how to write",
            format!("add \"Resource\": \"arn:aws:states:::s3:putObject\" and \"{own}\": {{\"Bucket\": ...}}"),
        );
    }
    resource(lint, node, &["s3:putObject"]);
    match (no_resource, no_parameters) {
        (false, true) => lint.error(
            head(node),
            format!("`ResultWriter` has a `Resource` and no `{own}`"),
            format!("add \"{own}\": {{\"Bucket\": ...}}"),
        ),
        (true, false) => lint.error(
            head(node),
            format!("`ResultWriter` has `{own}` and no `Resource`"),
            "add \"Resource\": \"arn:aws:states:::s3:putObject\"",
        ),
        _ => {}
    }
    let Some(config) = node.get("WriterConfig") else {
        return;
    };
    if !values::object(lint, config, "`WriterConfig`") {
        return;
    }
    fields::check_known(
        lint,
        config,
        "`WriterConfig`",
        &["Transformation", "OutputType"],
    );
    let help = "`Transformation` and `OutputType` go together";
    for field in ["Transformation", "OutputType"] {
        values::required(lint, config, None, field, "`WriterConfig`", help);
    }
    values::one_word(
        lint,
        config,
        "Transformation",
        &["NONE", "COMPACT", "FLATTEN"],
    );
    values::one_word(lint, config, "OutputType", &["JSON", "JSONL"]);
}
