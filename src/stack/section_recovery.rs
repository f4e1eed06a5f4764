//! Recovers misspelt or malformed sections, so that the error is reported once and not again at every
//! reference into the section.

use std::sync::Arc;

use serde_json::Value as Json;

use super::Kind;
use super::suggest::{did_you_mean, suggestion};
use crate::source::{Diagnostic, Diagnostics, Entry, Node, Source, Value};

/// Reports misspelt sections and sections written as lists; returns the corrected tree.
pub fn recover_sections(
    source: &Arc<Source>,
    root: Node,
    schema: &Json,
    diagnostics: &mut Diagnostics,
) -> Node {
    let known: Vec<&str> = schema
        .get("properties")
        .and_then(Json::as_object)
        .into_iter()
        .flatten()
        .map(|(key, _)| key.as_str())
        .collect();
    let written: Vec<String> = root.entries().iter().map(|e| e.key.clone()).collect();
    let Value::Map(entries) = root.value else {
        return root;
    };
    let mut put_right = Vec::new();
    for mut entry in entries {
        if let Some(meant) = misspelt(&entry.key, &known, &written) {
            diagnostics.push(
                Diagnostic::error(format!("the stack file has no key `{}`", entry.key))
                    .at(source, entry.key_span)
                    .label("unknown key")
                    .help(did_you_mean(&entry.key, &known)),
            );
            meant.clone_into(&mut entry.key);
        }
        if Kind::of_section(&entry.key).is_some()
            && let Some(keys) = as_mapping(&entry.value)
        {
            let first = keys.first().map_or("key", |entry| entry.key.as_str());
            diagnostics.push(
                Diagnostic::error(format!("`{}` is a list, not a mapping", entry.key))
                    .at(source, entry.value.span)
                    .label("should be a mapping")
                    .help(format!("write `{first}:` here, without `-`")),
            );
            entry.value.value = Value::Map(keys);
        }
        put_right.push(entry);
    }
    Node {
        value: Value::Map(put_right),
        span: root.span,
    }
}

/// The section that a misspelt key probably means.
fn misspelt<'a>(key: &str, known: &[&'a str], written: &[String]) -> Option<&'a str> {
    if known.contains(&key) {
        return None;
    }
    let meant = suggestion(key, known)?;
    let is_free = !written.iter().any(|other| other == meant);
    (is_free && Kind::of_section(meant).is_some()).then_some(meant)
}

/// The entries of a list that holds only keys, or mappings of one key.
fn as_mapping(list: &Node) -> Option<Vec<Entry>> {
    if list.items().is_empty() {
        return None;
    }
    let entry = |item: &Node| match &item.value {
        Value::String(key) => Some(Entry {
            key: key.clone(),
            key_span: item.span,
            value: Node {
                value: Value::Null,
                span: item.span,
            },
        }),
        Value::Map(entries) => match entries.as_slice() {
            [only] => Some(only.clone()),
            _ => None,
        },
        _ => None,
    };
    list.items().iter().map(entry).collect()
}
