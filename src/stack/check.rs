//! The stack file against its schema: every unknown key and wrong type at once, at its place.

mod field_units;
mod limits;
mod no_references;
mod nothing;
mod tagged;
mod wrong_type;

use std::collections::HashSet;
use std::sync::Arc;

use serde_json::{Map, Value as Json};

pub use self::no_references::TAKES_NONE;
pub use self::tagged::leave_out_tagged;
use super::Kind;
use super::suggest::{did_you_mean, meant};
use crate::source::{Diagnostic, Diagnostics, Entry, Node, Source, Span, Value};
use limits::{about, allowed_values, is, listed, out_of_limits, types};
use wrong_type::{WantedType, wrong_type};

/// Checks a tree against the schema of the stack file. Answers as much of it as is right: what is
/// wrong is left out, so that the rest can be looked at further.
pub fn check(
    source: &Arc<Source>,
    root: &Node,
    schema: &Json,
    diagnostics: &mut Diagnostics,
) -> Json {
    check_as(STACK_FILE, source, root, schema, diagnostics)
}

/// The stack file in messages.
const STACK_FILE: &str = "the stack file";

/// The same for another file that has a schema, named so in messages.
pub fn check_as(
    what: &str,
    source: &Arc<Source>,
    root: &Node,
    schema: &Json,
    diagnostics: &mut Diagnostics,
) -> Json {
    let mut checker = Checker {
        source,
        schema,
        diagnostics,
        said: HashSet::new(),
        tagged: HashSet::new(),
    };
    checker.tags(root);
    checker.no_references(root);
    let at = Where {
        what: what.to_owned(),
        place: head(root),
        section: None,
    };
    Json::Object(checker.fields(root, schema, &at).0)
}

/// What is being looked at, in words, and where it begins.
struct Where {
    what: String,
    place: Span,
    /// The kind whose section this is.
    section: Option<Kind>,
}

impl Where {
    fn of(entry: &Entry, within: &Where) -> Self {
        let what = match within.section {
            Some(kind) => format!("the {kind} `{}`", entry.key),
            None => format!("`{}`", entry.key),
        };
        let section = match within.section {
            None if within.what == STACK_FILE => Kind::of_section(&entry.key),
            _ => None,
        };
        Self {
            what,
            place: entry.key_span,
            section,
        }
    }

    /// The key, as the last word of what is looked at.
    fn field(&self) -> &str {
        self.what.split('`').nth_back(1).unwrap_or_default()
    }
}

struct Checker<'a> {
    source: &'a Arc<Source>,
    schema: &'a Json,
    diagnostics: &'a mut Diagnostics,
    /// Where something was wrong: an alias or merge brings the same text to several places.
    said: HashSet<Span>,
    /// Values behind tags, and references where none is taken: what they are is not known.
    tagged: HashSet<Span>,
}

impl<'a> Checker<'a> {
    /// What is right of a value; nothing where it cannot be used at all.
    fn node(&mut self, node: &Node, schema: &'a Json, at: &Where) -> Option<Json> {
        if self.tagged.contains(&node.span) {
            return None;
        }
        let schema = self.followed(schema);
        let choices = schema.get("anyOf").or_else(|| schema.get("oneOf"));
        if let Some(choices) = choices.and_then(Json::as_array) {
            return self.choice(node, choices, at);
        }
        if let Some(words) = allowed_values(schema) {
            return self.word(node, &words, at);
        }
        let types = types(schema);
        if types.is_empty() || (node.value == Value::Null && types.contains(&"null")) {
            return Some(node.to_json());
        }
        // Nothing written under a key means its defaults.
        let nothing = node.value == Value::Null && types.contains(&"object");
        if nothing || matches!(&node.value, Value::Map(_) if types.contains(&"object")) {
            let (fields, is_usable) = self.fields(node, schema, at);
            return is_usable.then_some(Json::Object(fields));
        }
        if !types.iter().any(|wanted| is(node, wanted)) {
            let wanted = WantedType {
                types,
                limits: schema,
                keys: self.required_keys(schema),
            };
            let diagnostic = wrong_type(self.source, node, &wanted, at);
            let span = match node.value {
                Value::Null => at.place,
                _ => node.span,
            };
            self.say(span, diagnostic);
            return None;
        }
        if let Some((message, help)) = out_of_limits(node, schema, &at.what) {
            self.wrong(node.span, message, help);
            return None;
        }
        let Value::List(items) = &node.value else {
            return Some(node.to_json());
        };
        let Some(schema) = schema.get("items") else {
            return Some(node.to_json());
        };
        let mut right = Vec::new();
        for item in items {
            let at = Where {
                what: format!("an item of {}", at.what),
                place: head(item),
                section: None,
            };
            right.extend(self.node(item, schema, &at));
        }
        (right.len() == items.len()).then_some(Json::Array(right))
    }

    fn wrong(&mut self, span: Span, message: String, help: impl Into<String>) {
        self.say(span, Diagnostic::error(message).help(help));
    }

    fn say(&mut self, span: Span, diagnostic: Diagnostic) {
        if self.said.insert(span) {
            self.diagnostics.push(diagnostic.at(self.source, span));
        }
    }

    fn followed(&self, schema: &'a Json) -> &'a Json {
        let Some(reference) = schema.get("$ref").and_then(Json::as_str) else {
            return schema;
        };
        reference
            .strip_prefix('#')
            .and_then(|pointer| self.schema.pointer(pointer))
            .unwrap_or(schema)
    }

    /// The required keys of a mapping, or of the mappings in a list.
    fn required_keys(&self, schema: &'a Json) -> Vec<&'a str> {
        let schema = schema.get("items").unwrap_or(schema);
        let required = self.followed(schema).get("required");
        let keys = required.and_then(Json::as_array).into_iter().flatten();
        keys.filter_map(Json::as_str).collect()
    }

    /// `Option<T>`, enums of documented words and values of several types are the choices that the types make.
    fn choice(&mut self, node: &Node, choices: &'a [Json], at: &Where) -> Option<Json> {
        let real: Vec<&Json> = choices
            .iter()
            .map(|choice| self.followed(choice))
            .filter(|choice| choice.get("type") != Some(&Json::from("null")))
            .collect();
        if node.value == Value::Null && real.len() < choices.len() {
            return Some(Json::Null);
        }
        if let [only] = real.as_slice() {
            return self.node(node, only, at);
        }
        let words: Vec<String> = real
            .iter()
            .filter_map(|choice| allowed_values(choice))
            .flatten()
            .collect();
        if words.is_empty() {
            return self.one_type(node, &real, at);
        }
        self.word(node, &words, at)
    }

    /// A value that may be of several types.
    fn one_type(&mut self, node: &Node, choices: &[&'a Json], at: &Where) -> Option<Json> {
        let fits = |choice: &&&Json| types(choice).iter().any(|wanted| is(node, wanted));
        if let Some(choice) = choices.iter().find(fits) {
            return self.node(node, choice, at);
        }
        let wanted = WantedType {
            types: choices.iter().flat_map(|choice| types(choice)).collect(),
            limits: &Json::Null,
            keys: Vec::new(),
        };
        let diagnostic = wrong_type(self.source, node, &wanted, at);
        let span = match node.value {
            Value::Null => at.place,
            _ => node.span,
        };
        self.say(span, diagnostic);
        None
    }

    fn word(&mut self, node: &Node, words: &[String], at: &Where) -> Option<Json> {
        let text = node.as_str().unwrap_or_default();
        if words.iter().any(|word| word == text) {
            return Some(node.to_json());
        }
        let message = match &node.value {
            Value::String(_) => format!("{} cannot be `{text}`", at.what),
            _ => format!("{} is {}", at.what, node.describe()),
        };
        let diagnostic = Diagnostic::error(message).label("not an allowed value");
        let help = format!("write one of {}", words.join(", "));
        self.say(node.span, diagnostic.help(help));
        None
    }

    /// The entries that are right, and whether nothing required is missing.
    fn fields(&mut self, node: &Node, schema: &'a Json, at: &Where) -> (Map<String, Json>, bool) {
        let properties = schema.get("properties").and_then(Json::as_object);
        let additional = schema.get("additionalProperties");
        let required: Vec<&str> = schema
            .get("required")
            .and_then(Json::as_array)
            .into_iter()
            .flatten()
            .filter_map(Json::as_str)
            .collect();
        let mut right = Map::new();
        let mut is_usable = true;
        let mut unknown = Vec::new();
        for entry in node.entries() {
            let property = properties.and_then(|known| known.get(&entry.key));
            let needed = required.contains(&entry.key.as_str());
            let Some(schema) = property.or(additional.filter(|schema| schema.is_object())) else {
                if additional == Some(&Json::Bool(false)) {
                    unknown.push(entry);
                } else {
                    right.insert(entry.key.clone(), entry.value.to_json());
                }
                continue;
            };
            if entry.value.value == Value::Null {
                let is_told = self.nothing(entry, schema);
                is_usable &= !(is_told && needed);
                if is_told || property.is_some() && !needed {
                    continue;
                }
            }
            if at.field() == "environment" && is_variables_of_sam(entry) {
                let message = "`environment` contains the variables themselves, not `Variables`";
                let help = "remove `Variables:`, and indent what is under it less";
                self.wrong(entry.key_span, message.to_owned(), help);
                continue;
            }
            match self.node(&entry.value, schema, &Where::of(entry, at)) {
                Some(value) => {
                    right.insert(entry.key.clone(), value);
                }
                None => is_usable &= !needed,
            }
        }
        let missing: Vec<&str> = required
            .into_iter()
            .filter(|key| node.get(key).is_none())
            .collect();
        // One key that is unknown and one that is missing are one mistake.
        if let ([entry], [key]) = (unknown.as_slice(), missing.as_slice()) {
            let known: Vec<&str> = properties
                .into_iter()
                .flatten()
                .map(|(key, _)| key.as_str())
                .collect();
            if meant(&entry.key, &known).is_none() {
                let diagnostic =
                    Diagnostic::error(format!("{} has no key `{}`", at.what, entry.key))
                        .label("unknown key")
                        .help(format!("write {} instead", about(key, properties)));
                self.say(entry.key_span, diagnostic);
                return (right, false);
            }
        }
        self.unknown(&unknown, properties, at);
        // A key written wrongly is said once, not as unknown and as missing.
        let unsaid: Vec<&str> = missing
            .iter()
            .copied()
            .filter(|key| {
                !unknown
                    .iter()
                    .any(|entry| meant(&entry.key, &[key]).is_some())
            })
            .collect();
        self.missing(&unsaid, properties, at);
        (right, is_usable && missing.is_empty())
    }

    /// Whether something is written where a value is nothing, which is reported.
    fn nothing(&mut self, entry: &Entry, schema: &'a Json) -> bool {
        if self.tagged.contains(&entry.value.span) {
            return false;
        }
        let takes_text = self.takes_text(schema);
        let found = nothing::in_place_of_value(self.source, entry, takes_text);
        let is_told = found.is_some();
        if let Some((span, diagnostic)) = found {
            self.say(span, diagnostic);
        }
        is_told
    }

    fn takes_text(&self, schema: &'a Json) -> bool {
        let schema = self.followed(schema);
        let choices = schema.get("anyOf").or_else(|| schema.get("oneOf"));
        let mut choices = choices.and_then(Json::as_array).into_iter().flatten();
        types(schema).contains(&"string")
            || allowed_values(schema).is_some()
            || choices.any(|choice| self.takes_text(choice))
    }

    fn unknown(&mut self, entries: &[&Entry], properties: Option<&Map<String, Json>>, at: &Where) {
        let known: Vec<&str> = properties
            .into_iter()
            .flatten()
            .map(|(key, _)| key.as_str())
            .collect();
        for entry in entries {
            let diagnostic = Diagnostic::error(format!("{} has no key `{}`", at.what, entry.key))
                .label("unknown key")
                .help(did_you_mean(&entry.key, &known));
            self.say(entry.key_span, diagnostic);
        }
    }

    fn missing(&mut self, keys: &[&str], properties: Option<&Map<String, Json>>, at: &Where) {
        if keys.is_empty() {
            return;
        }
        let names: Vec<String> = keys.iter().map(|key| format!("`{key}`")).collect();
        let what: Vec<String> = keys.iter().map(|key| about(key, properties)).collect();
        self.wrong(
            at.place,
            format!("{} lacks {}", at.what, listed(&names)),
            format!("add {}", what.join("\nand ")),
        );
    }
}

/// The level between the environment and its variables that `CloudFormation` has.
fn is_variables_of_sam(entry: &Entry) -> bool {
    entry.key == "Variables" && matches!(entry.value.value, Value::Map(_))
}

/// Where a value begins.
fn head(node: &Node) -> Span {
    Span {
        start: node.span.start,
        end: node.span.end.min(node.span.start + 1),
    }
}
