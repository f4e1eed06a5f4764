//! What a Node.js module exports under its names, where the text shows that it is no function.

use std::collections::BTreeMap;

use tree_sitter::Node;

use super::exports::string;
use crate::stack::function_code::syntax::{children, text_of};

/// The exported names with what they are; `None` for what may be a function.
type Values = BTreeMap<String, Option<&'static str>>;

/// What every exported name is. One with several values may be a function.
pub(super) fn exported(root: Node<'_>, text: &str) -> Values {
    let mut constants = Values::new();
    for statement in children(root) {
        let of = statement
            .child_by_field_name("declaration")
            .unwrap_or(statement);
        for (name, value) in declared(of, text) {
            put(&mut constants, name, value);
        }
    }
    let mut found = Values::new();
    let mut waiting = vec![root];
    while let Some(node) = waiting.pop() {
        match node.kind() {
            "export_statement" => {
                if let Some(of) = node.child_by_field_name("declaration") {
                    for (name, value) in declared(of, text) {
                        put(&mut found, name, value);
                    }
                }
            }
            "export_specifier" => {
                let name = node.child_by_field_name("name");
                let alias = node.child_by_field_name("alias").or(name);
                if let (Some(name), Some(alias)) = (name, alias) {
                    let value = constants.get(text_of(name, text)).copied().flatten();
                    put(&mut found, plain(alias, text), value);
                }
            }
            "assignment_expression" => assigned(node, text, &constants, &mut found),
            // `Object.defineProperty(exports, "handler", ...)`
            "string" => put(&mut found, plain(node, text), None),
            _ => {}
        }
        waiting.extend(children(node));
    }
    found
}

fn put(values: &mut Values, name: &str, value: Option<&'static str>) {
    values
        .entry(name.to_owned())
        .and_modify(|before| *before = None)
        .or_insert(value);
}

/// `exports.name = value`, `module.exports = { name: value }`.
fn assigned(node: Node<'_>, text: &str, constants: &Values, found: &mut Values) {
    let left = node.child_by_field_name("left");
    let right = node.child_by_field_name("right");
    let (Some(left), Some(right)) = (left, right) else {
        return;
    };
    if text_of(left, text) == "module.exports" {
        for inner in children(right) {
            match inner.kind() {
                "shorthand_property_identifier" => {
                    let name = text_of(inner, text);
                    put(found, name, constants.get(name).copied().flatten());
                }
                "pair" => {
                    let key = inner.child_by_field_name("key");
                    let value = inner.child_by_field_name("value");
                    if let (Some(key), Some(value)) = (key, value) {
                        put(found, plain(key, text), kind(value, text, constants));
                    }
                }
                "method_definition" => {
                    let name = inner.child_by_field_name("name");
                    put(found, name.map_or("", |name| plain(name, text)), None);
                }
                _ => {}
            }
        }
    } else if let Some(property) = left.child_by_field_name("property")
        && left
            .child_by_field_name("object")
            .is_some_and(|object| ["exports", "module.exports"].contains(&text_of(object, text)))
    {
        put(found, text_of(property, text), kind(right, text, constants));
    }
}

/// The names that a declaration gives plain values.
fn declared<'s>(of: Node<'_>, text: &'s str) -> Vec<(&'s str, Option<&'static str>)> {
    let name = |node: Node<'_>| Some(text_of(node.child_by_field_name("name")?, text));
    let is_constant = text_of(of, text).starts_with("const");
    match of.kind() {
        "class_declaration" => name(of)
            .map(|name| (name, Some("a class")))
            .into_iter()
            .collect(),
        "function_declaration" | "generator_function_declaration" => {
            name(of).map(|name| (name, None)).into_iter().collect()
        }
        "lexical_declaration" | "variable_declaration" => {
            let inner = children(of).into_iter();
            let named = inner.filter_map(|one| {
                let value = one.child_by_field_name("value").filter(|_| is_constant);
                let value = value.and_then(|value| kind(value, text, &Values::new()));
                Some((name(one)?, value))
            });
            named.collect()
        }
        _ => Vec::new(),
    }
}

/// What a value is, if it is no function.
fn kind(value: Node<'_>, text: &str, constants: &Values) -> Option<&'static str> {
    match value.kind() {
        "string" | "template_string" => Some("a string"),
        "number" => Some("a number"),
        "true" | "false" => Some("a boolean"),
        "null" => Some("`null`"),
        "undefined" => Some("`undefined`"),
        "object" => Some("an object"),
        "array" => Some("an array"),
        "regex" => Some("a regular expression"),
        "class" => Some("a class"),
        "identifier" => constants.get(text_of(value, text)).copied().flatten(),
        _ => None,
    }
}

fn plain<'s>(node: Node<'_>, text: &'s str) -> &'s str {
    string(node, text).unwrap_or_else(|| text_of(node, text))
}
