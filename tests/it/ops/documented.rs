//! `docs/events.md` against the type: every event, and every field of it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use treino::ops::event;

use crate::support::repository;

/// The fields of each event and of each other type they hold, by its name.
fn fields() -> BTreeMap<String, BTreeSet<String>> {
    let schema = event::schema();
    let mut found = BTreeMap::new();
    let parts = schema["$defs"].as_object().unwrap();
    for (name, part) in parts {
        collect(part, Some(name), &mut found);
    }
    collect(&schema, None, &mut found);
    found
}

/// Adds the fields of a schema under the name of its event, else under that of its type.
fn collect(schema: &Value, of: Option<&str>, found: &mut BTreeMap<String, BTreeSet<String>>) {
    let properties = schema["properties"].as_object();
    let event = schema["properties"]["event"]["const"].as_str();
    let of = event.or(of);
    if let (Some(of), Some(properties)) = (of, properties) {
        let names = properties.keys().filter(|name| *name != "event");
        found
            .entry(of.to_owned())
            .or_default()
            .extend(names.cloned());
    }
    for key in ["oneOf", "anyOf", "allOf"] {
        for part in schema[key].as_array().into_iter().flatten() {
            collect(part, of, found);
        }
    }
    // A flattened part of an event.
    if let (Some(event), Some(part)) = (event, schema["$ref"].as_str()) {
        let whole = event::schema();
        let name = part.trim_start_matches("#/$defs/");
        collect(&whole["$defs"][name], Some(event), found);
    }
}

/// The part of the page under each heading of the third level, by the name in it.
fn sections(page: &str) -> BTreeMap<String, String> {
    let sections = page.split("\n### `").skip(1);
    let sections = sections.filter_map(|section| section.split_once('`'));
    sections
        .map(|(name, text)| {
            let end = text.find("\n## ").unwrap_or(text.len());
            (name.to_owned(), text[..end].to_owned())
        })
        .collect()
}

#[test]
fn every_event_and_field_is_documented() {
    let page = std::fs::read_to_string(repository("docs/events.md")).unwrap();
    let sections = sections(&page);
    let mut missing = Vec::new();
    let fields = fields();
    assert!(fields.len() > 50, "the type is read: {fields:?}");
    for (name, fields) in &fields {
        let Some(section) = sections.get(name) else {
            missing.push(format!("{name}: no section"));
            continue;
        };
        let fields = fields.iter();
        let unnamed = fields.filter(|field| !section.contains(&format!("| `{field}` |")));
        missing.extend(unnamed.map(|field| format!("{name}: {field}")));
    }
    assert!(
        missing.is_empty(),
        "not in docs/events.md:\n{}",
        missing.join("\n")
    );
    let unknown = sections.keys().filter(|name| !fields.contains_key(*name));
    assert_eq!(
        unknown.collect::<Vec<_>>(),
        Vec::<&String>::new(),
        "no such event or type"
    );
}

/// The example of an event is one line of JSON that has its name.
#[test]
fn examples_are_events() {
    let page = std::fs::read_to_string(repository("docs/events.md")).unwrap();
    let mut examples = 0;
    for (name, section) in sections(&page) {
        let Some((_, rest)) = section.split_once("```json\n") else {
            continue;
        };
        let line = rest.lines().next().unwrap();
        let event: Value =
            serde_json::from_str(line).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(event["event"], Value::from(name.as_str()), "{line}");
        let known = &fields()[&name];
        let fields = event.as_object().unwrap().keys();
        let unknown: Vec<_> = fields
            .filter(|field| *field != "event" && !known.contains(*field))
            .collect();
        assert!(unknown.is_empty(), "{name}: {unknown:?}");
        examples += 1;
    }
    assert!(examples > 40, "{examples} examples");
}
