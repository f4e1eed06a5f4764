//! The DynamoDB item of the file that an execution was started by.

use serde_json::{Map, Value};

use super::{cause, shortened};
use crate::ops::ItemChange;
use crate::report::style::{bold, dim, error, success, warning};
use crate::source::{counted, plural};

/// The most members of a list that are shown.
const MEMBERS: usize = 12;
/// The most characters of a value that is no longer there.
const LONGEST_BEFORE: usize = 60;

/// The lines of an item: one for each field; of a list its length and first members. Where the item was another
/// before, the fields that differ are marked.
#[must_use]
pub fn item(
    table: &str,
    item: &Value,
    change: Option<ItemChange>,
    before: Option<&Value>,
) -> String {
    let what = match change {
        None | Some(ItemChange::Created) => String::new(),
        Some(ItemChange::Changed) => ", changed by this run".to_owned(),
        Some(ItemChange::Unchanged) => {
            let note = ", unchanged by this run: it wrote the same, or nothing";
            warning(note)
        }
    };
    let mut lines = vec![format!("{} in {table}{what}", bold("item"))];
    let none = Map::new();
    let fields = item.as_object().unwrap_or(&none);
    let before = before.and_then(Value::as_object);
    let gone: Vec<_> = before
        .into_iter()
        .flatten()
        .filter(|(name, _)| !fields.contains_key(*name))
        .collect();
    let names = fields.keys().chain(gone.iter().map(|(name, _)| *name));
    let width = names.map(|name| name.chars().count()).max().unwrap_or(0);
    for (name, value) in fields {
        let text = shown(name, value);
        let Some(before) = before else {
            lines.push(format!("  {name:width$}  {text}"));
            continue;
        };
        lines.push(match before.get(name) {
            None => format!("  {} {name:width$}  {text}", success("+")),
            Some(was) if was == value => format!("    {name:width$}  {text}"),
            Some(was) => {
                let was = format!("(was {})", brief(name, was));
                format!("  {} {name:width$}  {text} {}", warning("~"), dim(&was))
            }
        });
    }
    for (name, was) in gone {
        let was = format!("(was {})", brief(name, was));
        lines.push(format!("  {} {name:width$}  {}", error("-"), dim(&was)));
    }
    lines.join("\n")
}

/// That an item was deleted.
#[must_use]
pub fn item_deleted(table: &str, before: &Value) -> String {
    let before = shortened(&before.to_string(), LONGEST_BEFORE).replace(" (-v shows all)", "");
    format!(
        "{} in {table}, deleted by this run {}",
        bold("item"),
        dim(&format!("(was {before})"))
    )
}

fn brief(name: &str, value: &Value) -> String {
    shortened(&shown(name, value), LONGEST_BEFORE).replace(" (-v shows all)", "")
}

fn shown(name: &str, value: &Value) -> String {
    match value {
        Value::String(text) if text.starts_with('{') => cause::parse(text).message,
        Value::String(text) => text.clone(),
        Value::Array(items) => list(name, items),
        other => other.to_string(),
    }
}

/// `2 labels: Person (99.8 %), Car (90 %)`, `1 face (96.84 %)`, `3: a, b, c`.
fn list(field: &str, items: &[Value]) -> String {
    let noun = noun(field);
    if items.is_empty() {
        return noun.map_or("none".to_owned(), |noun| format!("no {}", plural(&noun)));
    }
    let count = noun.map_or_else(
        || items.len().to_string(),
        |noun| counted(items.len(), &noun),
    );
    let more = if items.len() > MEMBERS { ", ..." } else { "" };
    let confidences: Option<Vec<String>> =
        items.iter().take(MEMBERS).map(only_confidence).collect();
    if let Some(confidences) = confidences {
        return format!("{count} ({}{more})", confidences.join(", "));
    }
    let members: Vec<String> = items.iter().take(MEMBERS).map(member).collect();
    format!("{count}: {}{more}", members.join(", "))
}

/// What a field such as `labelData` is a list of: `label`.
fn noun(field: &str) -> Option<String> {
    let stem = field.strip_suffix("Data").filter(|stem| !stem.is_empty())?;
    let mut words = String::new();
    for c in stem.chars() {
        if c.is_uppercase() && !words.is_empty() {
            words.push(' ');
        }
        words.extend(c.to_lowercase());
    }
    Some(words)
}

/// A member of a list by its name and confidence, as Rekognition's results have them.
fn member(value: &Value) -> String {
    let name = value.get("name").and_then(Value::as_str);
    let name = name.or(value.as_str());
    match (name, confidence(value)) {
        (Some(name), Some(confidence)) => format!("{name} ({confidence})"),
        (Some(name), None) => name.to_owned(),
        (None, _) => value.to_string(),
    }
}

/// The confidence of a member that has no name, such as a face.
fn only_confidence(value: &Value) -> Option<String> {
    let confidence = confidence(value);
    confidence.filter(|_| value.get("name").is_none())
}

fn confidence(value: &Value) -> Option<String> {
    let confidence = value.get("confidence").filter(|value| value.is_number())?;
    Some(format!("{confidence} %"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn plain(text: &str) -> String {
        anstream::adapter::strip_str(text).to_string()
    }

    #[test]
    fn lists_say_of_what_they_are() {
        let shown = |field: &str, value: Value| shown(field, &value);
        let face = json!({ "confidence": 96.84, "quality": {} });
        assert_eq!(shown("faceData", json!([face])), "1 face (96.84 %)");
        assert_eq!(
            shown("faceData", json!([face, face])),
            "2 faces (96.84 %, 96.84 %)"
        );
        assert_eq!(shown("faceData", json!([])), "no faces");
        let label = json!({ "name": "Person", "confidence": 99.8 });
        assert_eq!(
            shown("labelData", json!([label])),
            "1 label: Person (99.8 %)"
        );
        assert_eq!(shown("names", json!(["a", "b"])), "2: a, b");
        assert_eq!(shown("names", json!([])), "none");
        assert_eq!(shown("Data", json!([1, 2])), "2: 1, 2");
        let many: Vec<Value> = (0..13).map(Value::from).collect();
        assert!(shown("n", many.into()).ends_with("10, 11, ..."));
    }

    #[test]
    fn what_a_run_did_to_an_item_is_told() {
        let now = json!({ "file": "a", "error": "E", "size": 2 });
        let before =
            json!({ "file": "a", "size": 1, "labelData": [{ "name": "Cat", "confidence": 9 }] });
        assert_eq!(
            plain(&item("t", &now, Some(ItemChange::Changed), Some(&before))),
            "item in t, changed by this run\n    file       a\n  + error      E\n  ~ size       2 (was 1)\n  - \
             labelData  (was 1 label: Cat (9 %))"
        );
        assert_eq!(
            plain(&item(
                "t",
                &json!({ "file": "a" }),
                Some(ItemChange::Unchanged),
                None
            )),
            "item in t, unchanged by this run: it wrote the same, or nothing\n  file  a"
        );
        for change in [None, Some(ItemChange::Created)] {
            assert_eq!(
                plain(&item("t", &json!({ "file": "a" }), change, None)),
                "item in t\n  file  a"
            );
        }
        assert_eq!(
            plain(&item_deleted("t", &json!({ "file": "a" }))),
            "item in t, deleted by this run (was {\"file\":\"a\"})"
        );
    }
}
