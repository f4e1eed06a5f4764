//! Map states, inline and distributed
//! (<https://docs.aws.amazon.com/step-functions/latest/dg/state-map-inline.html>,
//! <https://docs.aws.amazon.com/step-functions/latest/dg/state-map-distributed.html>).

use super::paths::{self, PathKind};
use super::values::{self, describe};
use super::{Lint, head, machine, map_numbers, map_parts, template};
use crate::asl::QueryLanguage;
use crate::asl::jsonata::Visible;
use crate::asl::model::{ChildKind, SpannedStr, State};
use crate::asl::text::{all_of, has_reference};
use crate::source::{Entry, Node, Value};

/// Fields that only a distributed Map uses.
const DISTRIBUTED_ONLY: [&str; 8] = [
    "ItemReader",
    "ItemBatcher",
    "ResultWriter",
    "ToleratedFailureCount",
    "ToleratedFailureCountPath",
    "ToleratedFailurePercentage",
    "ToleratedFailurePercentagePath",
    "Label",
];

/// Checks a Map state. `top` is the query language of the definition: the states inside are in it, even
/// if the Map names another.
pub(super) fn check(lint: &mut Lint, model: &State, language: QueryLanguage, top: QueryLanguage) {
    let (SpannedStr { text: name, span }, state) = (model.name, model.json);
    values::not_both(lint, state, "ItemProcessor", "Iterator");
    items(lint, state, language);
    map_numbers::check(lint, state, map_numbers::OF_STATE, language);
    let Some(processor) = model.item_processor() else {
        label(lint, state, false);
        if ["ItemProcessor", "Iterator"]
            .iter()
            .any(|field| values::is_misspelt(state, field))
        {
            return;
        }
        return lint.error(
            span,
            format!("the Map state `{name}` has no `ItemProcessor`"),
            "add \"ItemProcessor\": {\"StartAt\": ..., \"States\": {...}} with the states each item goes through",
        );
    };
    let (field, processor) = (processor.kind, &processor.machine);
    let config = processor.json.get("ProcessorConfig");
    let mode = match config {
        Some(config) => processor_config(lint, config),
        None if !matches!(processor.json.value, Value::Map(_)) => None,
        None if values::is_misspelt(processor.json, "ProcessorConfig") => None,
        None => Some("INLINE"),
    };
    if mode == Some("INLINE") {
        inline(lint, state);
    }
    label(lint, state, mode == Some("DISTRIBUTED"));
    map_parts::check(lint, state, language);
    let inner = machine::ChildRules {
        name: match field {
            ChildKind::Iterator => "`Iterator`",
            _ => "`ItemProcessor`",
        },
        extra: &["ProcessorConfig"],
        sees_out: mode != Some("DISTRIBUTED"),
        express: mode == Some("DISTRIBUTED") && processor.execution_type() == Some("EXPRESS"),
    };
    machine::check_inner(lint, processor, inner, top);
}

/// The mode of a `ProcessorConfig`; none if it is wrong.
fn processor_config<'a>(lint: &mut Lint, config: &'a Node) -> Option<&'a str> {
    if !values::object(lint, config, "`ProcessorConfig`") {
        return None;
    }
    super::fields::check_known(
        lint,
        config,
        "`ProcessorConfig`",
        &["Mode", "ExecutionType"],
    );
    let mode = values::one_word(lint, config, "Mode", &["INLINE", "DISTRIBUTED"]);
    values::one_word(lint, config, "ExecutionType", &["STANDARD", "EXPRESS"]);
    let unnamed = config.get("Mode").is_none() && !values::is_misspelt(config, "Mode");
    let inline = mode == Some("INLINE") || unnamed;
    match config.entry("ExecutionType") {
        None if values::is_misspelt(config, "ExecutionType") => {}
        None if mode == Some("DISTRIBUTED") => lint.error(
            head(config),
            "a distributed Map must say how its children run",
            "add \"ExecutionType\": \"STANDARD\" or \"EXPRESS\"",
        ),
        Some(entry) if inline => {
            lint.warning(
                entry.key_span,
                "`ExecutionType` has no effect in an inline Map",
                "remove it, or write \"Mode\": \"DISTRIBUTED\"",
            );
            return None;
        }
        _ => {}
    }
    if unnamed { Some("INLINE") } else { mode }
}

fn inline(lint: &mut Lint, state: &Node) {
    let idle: Vec<&Entry> = state
        .entries()
        .iter()
        .filter(|entry| DISTRIBUTED_ONLY.contains(&entry.key.as_str()))
        .collect();
    if let Some(first) = idle.first() {
        let names = all_of(idle.iter().map(|entry| entry.key.as_str()));
        let have = if idle.len() == 1 { "has" } else { "have" };
        lint.warning(
            first.key_span,
            format!("{names} {have} no effect in an inline Map"),
            "give `ItemProcessor` \"ProcessorConfig\": {\"Mode\": \"DISTRIBUTED\", \"ExecutionType\": \"STANDARD\"}",
        );
    }
    if let Some(node) = state.get("MaxConcurrency")
        && let Value::Number(number) = &node.value
        && number.as_f64().is_some_and(|count| count > 40.0)
    {
        lint.warning(
            node.span,
            format!("an inline Map runs at most 40 items at once, not {number}"),
            "a distributed Map runs up to 10,000",
        );
    }
}

fn items(lint: &mut Lint, state: &Node, language: QueryLanguage) {
    paths::path_field(lint, state, "ItemsPath", PathKind::Reference, false);
    values::not_both(lint, state, "ItemSelector", "Parameters");
    template::field(lint, state, "ItemSelector", language, Visible::default());
    for items in ["Items", "ItemsPath"] {
        if let (Some(entry), Some(_)) = (state.entry(items), state.entry("ItemReader")) {
            lint.warning(
                entry.key_span,
                format!("`{items}` has no effect beside `ItemReader`"),
                "keep one of the two",
            );
        }
    }
    let Some(items) = state.get("Items") else {
        return;
    };
    match &items.value {
        Value::List(_) | Value::Map(_) => {
            template::template(lint, items, language, Visible::default());
        }
        Value::String(text) if text.starts_with("{%") || text.ends_with("%}") => {
            template::expression(lint, items, Visible::default());
        }
        Value::String(text) if text.starts_with("${") => {}
        _ => lint.error(
            items.span,
            format!(
                "`Items` must be a list, an object or an expression, not {}",
                describe(items)
            ),
            "write \"{% $states.input.items %}\"",
        ),
    }
}

/// The label that the ARNs of the Map's runs have
/// (<https://docs.aws.amazon.com/step-functions/latest/dg/state-map-distributed.html>): at most 40 characters,
/// some of them not allowed, and unique among the distributed Maps of a definition.
fn label(lint: &mut Lint, state: &Node, distributed: bool) {
    let Some((label, span)) = values::text(lint, state, "Label") else {
        return;
    };
    let refused =
        |c: char| c.is_whitespace() || c.is_control() || "?*<>{}[]:;,\\|^~$#%&`\"".contains(c);
    let length = label.chars().count();
    if has_reference(label) {
        // What it becomes is not known here.
    } else if length == 0 {
        let help = "write 1 to 40 characters, or leave it out: Step Functions then makes one";
        lint.error(span, "the label is empty", help);
    } else if length > 40 {
        let message = format!("the label is {length} characters long");
        lint.error(span, message, "labels have at most 40");
    } else if let Some(letter) = label.chars().find(|c| refused(*c)) {
        lint.error(
            span,
            format!("a label cannot have `{}`", letter.escape_debug()),
            "write letters, digits, hyphens and underscores",
        );
    }
    if !distributed || label.is_empty() {
        return;
    }
    if let Some(first) = lint.labels.get(label).copied() {
        let other = lint.line(first);
        lint.error(
            span,
            format!("two Maps have the label `{label}`"),
            format!("the other is on line {other}; labels are unique in a definition: change one, or leave it out"),
        );
    } else {
        lint.labels.insert(label.to_owned(), span);
    }
}
