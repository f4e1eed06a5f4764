//! Recovers misspelt or malformed sections, so that the error is reported once and not again at every
//! reference into the section.

use std::sync::Arc;

use serde_json::Value as Json;

use super::Kind;
use super::file::IGNORED_KEYS;
use super::suggest::{did_you_mean, suggestion};
use crate::source::{Diagnostic, Diagnostics, Entry, Node, Source, Value};

/// Reports misspelt sections and sections written as lists; returns the corrected tree, without the keys that are
/// ignored: what aliases bring from there is in its places already.
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
    let kept = |entry: &Entry| !entry.key.starts_with(IGNORED_KEYS);
    for mut entry in entries.into_iter().filter(kept) {
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
        if Kind::of_section(&entry.key).is_some() {
            rename_former_keys(source, &mut entry.value, diagnostics);
        }
        put_right.push(entry);
    }
    Node {
        value: Value::Map(put_right),
        span: root.span,
    }
}

/// `on:` in `allow` is the former name of `resources:`.
fn rename_former_keys(source: &Arc<Source>, section: &mut Node, diagnostics: &mut Diagnostics) {
    let Value::Map(resources) = &mut section.value else {
        return;
    };
    let fields = resources.iter_mut().flat_map(|one| one.value.entries_mut());
    let allows = fields.filter(|field| field.key == "allow");
    for statement in allows.flat_map(|allow| allow.value.items_mut()) {
        let has_both = statement.entry("resources").is_some();
        let Value::Map(keys) = &mut statement.value else {
            continue;
        };
        let Some(at) = keys.iter().position(|key| key.key == "on") else {
            continue;
        };
        if has_both {
            let former = keys.remove(at);
            diagnostics.push(
                Diagnostic::error("this item of `allow` has both `resources` and `on`")
                    .at(source, former.key_span)
                    .label("the former name of `resources`")
                    .help("keep `resources:`, with all the ARNs, and remove `on:`"),
            );
        } else {
            "resources".clone_into(&mut keys[at].key);
        }
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
