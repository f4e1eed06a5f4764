//! The names that a Node.js module exports, in both module systems.

use tree_sitter::Node;

use super::NodeModule;
use crate::stack::function_code::syntax::{children, text_of};

impl NodeModule {
    /// Takes what a node exports.
    pub(super) fn export(&mut self, node: Node<'_>, text: &str) {
        match node.kind() {
            "export_statement" => self.export_statement(node, text),
            "identifier" if matches!(text_of(node, text), "exports" | "module") => {
                self.uses_exports = true;
                if is_declared(node) {
                    self.common = None;
                } else if text_of(node, text) == "exports" {
                    self.use_of_exports(node, text);
                } else {
                    self.use_of_module(node, text);
                }
            }
            // The parser takes an `export` with a line break after it for a variable; escapes are not resolved.
            "identifier" | "property_identifier"
                if text_of(node, text).contains('\\')
                    || node.kind() == "identifier" && text_of(node, text) == "export" =>
            {
                self.esm = None;
                self.common = None;
            }
            // They may write any name.
            "identifier" if matches!(text_of(node, text), "eval" | "arguments") => {
                self.common = None;
            }
            // An old bundle's `exports`, in an object pattern or literal.
            "shorthand_property_identifier" | "shorthand_property_identifier_pattern"
                if matches!(text_of(node, text), "exports" | "module") =>
            {
                self.common = None;
            }
            "member_expression" if node.child_by_field_name("object").is_some_and(is_this) => {
                self.assigned(node, text);
            }
            _ => {}
        }
    }

    fn export_statement(&mut self, node: Node<'_>, text: &str) {
        let Some(names) = &mut self.esm else {
            return;
        };
        let mut has_names = false;
        for inner in children(node) {
            match inner.kind() {
                "export_clause" => {
                    has_names = true;
                    for one in children(inner) {
                        let name = one.child_by_field_name("alias");
                        let name = name.or_else(|| one.child_by_field_name("name"));
                        names.extend(name.map(|name| plain(name, text).to_owned()));
                    }
                }
                "namespace_export" => {
                    has_names = true;
                    names.extend(
                        children(inner)
                            .iter()
                            .map(|one| plain(*one, text).to_owned()),
                    );
                }
                _ => {}
            }
        }
        let is_default = (0..node.child_count())
            .filter_map(|at| node.child(at))
            .any(|one| one.kind() == "default");
        if is_default {
            names.insert("default".to_owned());
        } else if node.child_by_field_name("declaration").is_some() {
            names.extend(declared(node, text));
        } else if !has_names {
            // `export * from` exports what the other module does.
            self.esm = None;
        }
    }

    /// `exports`: read or written by name, or handed to something that may write any name.
    fn use_of_exports(&mut self, node: Node<'_>, text: &str) {
        let Some(parent) = node.parent() else {
            return;
        };
        match parent.kind() {
            "member_expression" | "subscript_expression" if is_field(parent, "object", node) => {
                self.assigned(parent, text);
            }
            // Another object under this name exports nothing.
            "assignment_expression" if is_field(parent, "left", node) && is_statement(parent) => {}
            "arguments" => self.defined_property(parent, text),
            _ => self.common = None,
        }
    }

    fn use_of_module(&mut self, node: Node<'_>, text: &str) {
        let Some(parent) = node.parent() else {
            return;
        };
        match parent.kind() {
            "member_expression" if is_field(parent, "object", node) => {
                let property = parent.child_by_field_name("property");
                if property.is_some_and(|one| text_of(one, text) == "exports") {
                    self.use_of_module_exports(parent, text);
                }
            }
            // `require.main === module`
            "binary_expression" => {}
            _ => self.common = None,
        }
    }

    fn use_of_module_exports(&mut self, node: Node<'_>, text: &str) {
        let Some(parent) = node.parent() else {
            return;
        };
        match parent.kind() {
            "member_expression" | "subscript_expression" if is_field(parent, "object", node) => {
                self.assigned(parent, text);
            }
            // Else the object has a second name, by which it may get others.
            "assignment_expression" if is_field(parent, "left", node) && is_statement(parent) => {
                let right = parent.child_by_field_name("right");
                match right.map(|right| (right, right.kind())) {
                    Some((object, "object")) => self.properties(object, text),
                    Some((_, "arrow_function" | "function_expression")) => {}
                    _ => self.common = None,
                }
            }
            "arguments" => self.defined_property(parent, text),
            _ => self.common = None,
        }
    }

    /// Takes the name of a property that is assigned to, however deep: `exports.a.b = c` gives `a` what was there.
    fn assigned(&mut self, member: Node<'_>, text: &str) {
        let Some(names) = &mut self.common else {
            return;
        };
        let parent = member.parent();
        if parent.is_some_and(|parent| parent.kind().contains("pattern")) {
            self.common = None;
            return;
        }
        if let Some(property) = member.child_by_field_name("property") {
            if text_of(property, text) == "__proto__" {
                self.common = None;
                return;
            }
            if parent.is_some_and(|parent| is_field(parent, "left", member)) {
                names.insert(text_of(property, text).to_owned());
            }
            return;
        }
        let index = member.child_by_field_name("index");
        match index.and_then(|index| string(index, text)) {
            Some(name) => {
                names.insert(name.to_owned());
            }
            None => self.common = None,
        }
    }

    /// `Object.defineProperty(exports, "name", ...)`.
    fn defined_property(&mut self, arguments: Node<'_>, text: &str) {
        let function = arguments
            .parent()
            .and_then(|call| call.child_by_field_name("function"));
        let is_define = function.is_some_and(|one| text_of(one, text) == "Object.defineProperty");
        let name = children(arguments)
            .get(1)
            .and_then(|one| string(*one, text));
        match (name, &mut self.common) {
            (Some(name), Some(names)) if is_define => {
                names.insert(name.to_owned());
            }
            _ => self.common = None,
        }
    }

    fn properties(&mut self, object: Node<'_>, text: &str) {
        for inner in children(object) {
            let name = match inner.kind() {
                "comment" => continue,
                "shorthand_property_identifier" => Some(inner),
                "pair" => inner.child_by_field_name("key"),
                "method_definition" => inner.child_by_field_name("name"),
                _ => None,
            };
            let name = name.filter(|name| name.kind() != "computed_property_name");
            match (name, &mut self.common) {
                (Some(name), Some(names)) => {
                    names.insert(plain(name, text).to_owned());
                }
                _ => self.common = None,
            }
        }
    }
}

/// The names that a statement declares; an `export` before it does not matter.
pub(super) fn declared(statement: Node<'_>, text: &str) -> Vec<String> {
    let of = statement
        .child_by_field_name("declaration")
        .unwrap_or(statement);
    match of.kind() {
        "lexical_declaration" | "variable_declaration" => {
            let names = children(of)
                .into_iter()
                .filter_map(|one| one.child_by_field_name("name"));
            names.flat_map(|pattern| bound(pattern, text)).collect()
        }
        "function_declaration" | "generator_function_declaration" | "class_declaration" => {
            let name = of.child_by_field_name("name");
            name.map(|name| text_of(name, text).to_owned())
                .into_iter()
                .collect()
        }
        _ => Vec::new(),
    }
}

/// The names that a pattern binds.
fn bound(pattern: Node<'_>, text: &str) -> Vec<String> {
    let mut waiting = vec![pattern];
    let mut found = Vec::new();
    while let Some(node) = waiting.pop() {
        match node.kind() {
            "identifier" | "shorthand_property_identifier_pattern" => {
                found.push(text_of(node, text).to_owned());
            }
            _ => waiting.extend(children(node)),
        }
    }
    found
}

/// The text of a string without escapes; `None` for anything else.
pub(super) fn string<'s>(node: Node<'_>, text: &'s str) -> Option<&'s str> {
    let is_string = match node.kind() {
        "string" => true,
        "template_string" => !children(node)
            .iter()
            .any(|one| one.kind() == "template_substitution"),
        _ => false,
    };
    let inner = text_of(node, text);
    let plain = inner.get(1..inner.len().checked_sub(1)?)?;
    (is_string && !plain.contains('\\')).then_some(plain)
}

/// A name as it is written, or the text of a string.
fn plain<'s>(node: Node<'_>, text: &'s str) -> &'s str {
    string(node, text).unwrap_or_else(|| text_of(node, text))
}

fn is_field(parent: Node<'_>, field: &str, node: Node<'_>) -> bool {
    parent.child_by_field_name(field) == Some(node)
}

/// Whether the value of an expression is not used.
fn is_statement(expression: Node<'_>) -> bool {
    expression
        .parent()
        .is_some_and(|parent| parent.kind() == "expression_statement")
}

fn is_this(node: Node<'_>) -> bool {
    node.kind() == "this"
}

/// Whether an identifier is the name of a parameter or a variable, so that it is another `exports`.
fn is_declared(node: Node<'_>) -> bool {
    node.parent().is_some_and(|parent| match parent.kind() {
        "formal_parameters" | "rest_pattern" | "assignment_pattern" | "catch_clause" => true,
        "variable_declarator" | "function_declaration" | "class_declaration" => {
            is_field(parent, "name", node)
        }
        "arrow_function" => is_field(parent, "parameter", node),
        _ => false,
    })
}
