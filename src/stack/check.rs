//! The stack file against its schema: every unknown key and wrong type at once, at its place.

use std::sync::Arc;

use serde_json::Value as Json;

use crate::source::{Node, Problem, Problems, Source, Value};

/// Checks a tree against the schema of the stack file.
pub fn check(source: &Arc<Source>, root: &Node, schema: &Json, problems: &mut Problems) {
    let checker = Checker { source, schema };
    checker.node(root, schema, "the stack file", problems);
}

struct Checker<'a> {
    source: &'a Arc<Source>,
    schema: &'a Json,
}

impl Checker<'_> {
    fn node(&self, node: &Node, schema: &Json, what: &str, problems: &mut Problems) {
        let schema = self.followed(schema);
        if let Some(choices) = schema
            .get("anyOf")
            .or_else(|| schema.get("oneOf"))
            .and_then(Json::as_array)
        {
            self.choice(node, choices, what, problems);
            return;
        }
        if let Some(words) = words(schema) {
            self.word(node, &words, what, problems);
            return;
        }
        let types = types(schema);
        if types.is_empty() {
            return;
        }
        // Nothing written under a key means its defaults.
        let nothing =
            node.value == Value::Null && types.iter().any(|t| matches!(*t, "object" | "null"));
        if nothing {
            self.required(node, schema, what, problems);
            return;
        }
        if !types.iter().any(|wanted| is(node, wanted)) {
            problems.push(self.wrong_type(node, &types, what));
            return;
        }
        self.limits(node, schema, what, problems);
        match &node.value {
            Value::Map(_) => self.map(node, schema, what, problems),
            Value::List(items) => {
                if let Some(schema) = schema.get("items") {
                    for item in items {
                        self.node(item, schema, what, problems);
                    }
                }
            }
            _ => {}
        }
    }

    fn followed<'b>(&'b self, schema: &'b Json) -> &'b Json {
        let Some(reference) = schema.get("$ref").and_then(Json::as_str) else {
            return schema;
        };
        reference
            .strip_prefix('#')
            .and_then(|pointer| self.schema.pointer(pointer))
            .unwrap_or(schema)
    }

    /// `Option<T>` and enums of documented words are the only choices the types make.
    fn choice(&self, node: &Node, choices: &[Json], what: &str, problems: &mut Problems) {
        let real: Vec<&Json> = choices
            .iter()
            .map(|choice| self.followed(choice))
            .filter(|choice| choice.get("type") != Some(&Json::from("null")))
            .collect();
        if node.value == Value::Null && real.len() < choices.len() {
            return;
        }
        if let [only] = real.as_slice() {
            self.node(node, only, what, problems);
            return;
        }
        let words: Vec<String> = real
            .iter()
            .filter_map(|choice| words(choice))
            .flatten()
            .collect();
        self.word(node, &words, what, problems);
    }

    fn word(&self, node: &Node, words: &[String], what: &str, problems: &mut Problems) {
        let text = match &node.value {
            Value::String(text) => text.clone(),
            other => {
                return problems.push(
                    Problem::error(format!(
                        "`{what}` is {}",
                        Node {
                            value: other.clone(),
                            span: node.span
                        }
                        .describe()
                    ))
                    .at(self.source, node.span)
                    .label("not one of its words")
                    .help(format!("write one of {}", words.join(", "))),
                );
            }
        };
        if !words.contains(&text) {
            problems.push(
                Problem::error(format!("`{what}` cannot be `{text}`"))
                    .at(self.source, node.span)
                    .label("not one of its words")
                    .help(format!("write one of {}", words.join(", "))),
            );
        }
    }

    fn map(&self, node: &Node, schema: &Json, what: &str, problems: &mut Problems) {
        let empty = serde_json::Map::new();
        let properties = schema
            .get("properties")
            .and_then(Json::as_object)
            .unwrap_or(&empty);
        let additional = schema.get("additionalProperties");
        for entry in node.entries() {
            if let Some(schema) = properties.get(&entry.key) {
                self.node(&entry.value, schema, &entry.key, problems);
            } else if additional == Some(&Json::Bool(false)) {
                let known: Vec<&str> = properties.keys().map(String::as_str).collect();
                problems.push(
                    Problem::error(format!("{what} has no key `{}`", entry.key))
                        .at(self.source, entry.key_span)
                        .label("unknown key")
                        .help(did_you_mean(&entry.key, &known)),
                );
            } else if let Some(schema) = additional {
                self.node(&entry.value, schema, &entry.key, problems);
            }
        }
        self.required(node, schema, what, problems);
    }

    fn required(&self, node: &Node, schema: &Json, what: &str, problems: &mut Problems) {
        let required = schema.get("required").and_then(Json::as_array);
        for key in required.into_iter().flatten().filter_map(Json::as_str) {
            if node.get(key).is_none() {
                let about = schema.pointer(&format!("/properties/{key}/description"));
                let about = about.and_then(Json::as_str).unwrap_or_default();
                problems.push(
                    Problem::error(format!("{what} lacks the key `{key}`"))
                        .at(self.source, node.span)
                        .help(format!("add `{key}:` - {}", about.replace('\n', " "))),
                );
            }
        }
    }

    fn limits(&self, node: &Node, schema: &Json, what: &str, problems: &mut Problems) {
        let bound = |name: &str| schema.get(name).and_then(Json::as_f64);
        let mut wrong = |message: String, help: String| {
            problems.push(
                Problem::error(message)
                    .at(self.source, node.span)
                    .help(help),
            );
        };
        match &node.value {
            Value::Number(number) => {
                let value = number.as_f64().unwrap_or(0.0);
                let low = bound("minimum").filter(|low| value < *low);
                let high = bound("maximum").filter(|high| value > *high);
                if low.is_some() || high.is_some() {
                    let range = match (bound("minimum"), bound("maximum")) {
                        (Some(low), Some(high)) => format!("from {low} to {high}"),
                        (Some(low), None) => format!("of at least {low}"),
                        (_, high) => format!("of at most {}", high.unwrap_or_default()),
                    };
                    wrong(
                        format!("`{what}` cannot be {number}"),
                        format!("write a number {range}"),
                    );
                }
            }
            Value::String(text) if text.is_empty() && bound("minLength").is_some() => {
                wrong(format!("`{what}` is empty"), "write a value".into());
            }
            Value::List(items) if items.is_empty() && bound("minItems").is_some() => {
                wrong(
                    format!("`{what}` is an empty list"),
                    "give it at least one item".into(),
                );
            }
            _ => {}
        }
    }

    fn wrong_type(&self, node: &Node, types: &[&str], what: &str) -> Problem {
        let wanted: Vec<&str> = types
            .iter()
            .filter(|t| **t != "null")
            .map(|t| in_words(t))
            .collect();
        let help = match &node.value {
            Value::Number(_) | Value::Bool(_) if types.contains(&"string") => {
                format!("write it in quotes: \"{}\"", node.to_json())
            }
            Value::String(text) if types.contains(&"integer") && text.parse::<i64>().is_ok() => {
                format!("write it without quotes: {text}")
            }
            Value::String(_) if types.contains(&"array") => "write it as a list: [ ... ]".into(),
            _ => format!("write {} here", wanted.join(" or ")),
        };
        Problem::error(format!(
            "`{what}` is {}, not {}",
            node.describe(),
            wanted.join(" or ")
        ))
        .at(self.source, node.span)
        .label(format!("should be {}", wanted.join(" or ")))
        .help(help)
    }
}

fn words(schema: &Json) -> Option<Vec<String>> {
    let text = |value: &Json| value.as_str().map(String::from);
    if let Some(values) = schema.get("enum").and_then(Json::as_array) {
        return Some(values.iter().filter_map(text).collect());
    }
    schema.get("const").and_then(text).map(|word| vec![word])
}

fn types(schema: &Json) -> Vec<&str> {
    match schema.get("type") {
        Some(Json::String(one)) => vec![one],
        Some(Json::Array(several)) => several.iter().filter_map(Json::as_str).collect(),
        _ => Vec::new(),
    }
}

fn is(node: &Node, wanted: &str) -> bool {
    match &node.value {
        Value::Null => wanted == "null",
        Value::Bool(_) => wanted == "boolean",
        Value::Number(number) => wanted == "number" || (wanted == "integer" && !number.is_f64()),
        Value::String(_) => wanted == "string",
        Value::List(_) => wanted == "array",
        Value::Map(_) => wanted == "object",
    }
}

fn in_words(json_type: &str) -> &'static str {
    match json_type {
        "boolean" => "true or false",
        "integer" => "a whole number",
        "number" => "a number",
        "string" => "text",
        "array" => "a list",
        _ => "a mapping",
    }
}

/// "did you mean" the nearest known word, else all of them.
#[must_use]
pub fn did_you_mean(word: &str, known: &[&str]) -> String {
    let near = known
        .iter()
        .map(|candidate| (strsim::damerau_levenshtein(word, candidate), candidate))
        .filter(|(distance, candidate)| *distance <= 1 + candidate.len().min(word.len()) / 3)
        .min();
    match near {
        Some((_, candidate)) => format!("did you mean `{candidate}`?"),
        None if known.is_empty() => "there is none to choose from".into(),
        None => format!("known here: {}", known.join(", ")),
    }
}
