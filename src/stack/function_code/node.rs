//! What a Node.js module exports, and what it loads.

mod exports;
mod values;

use std::collections::{BTreeMap, BTreeSet};

use tree_sitter::Node;

use super::ImportedPackage;
use super::syntax::{children, span, text_of, tree};

/// A module of Node.js, as far as its text tells.
#[derive(Debug, Default)]
pub(super) struct NodeModule {
    /// What `export` exports; `None` if there may be more.
    pub(super) esm: Option<BTreeSet<String>>,
    /// What `exports` and `module.exports` have; `None` if there may be more.
    pub(super) common: Option<BTreeSet<String>>,
    /// Whether it has `import` or `export` statements.
    pub(super) is_esm: bool,
    /// Whether it uses `exports` or `module`.
    pub(super) uses_exports: bool,
    /// What the exported names are, where it is known that Lambda cannot call it.
    pub(super) values: BTreeMap<String, Option<&'static str>>,
    /// The functions and variables at its top level.
    pub(super) declared: BTreeSet<String>,
    /// What is loaded while the module is, or while the handler runs, in the order of the text.
    pub(super) imports: Vec<ImportedPackage>,
}

/// Where a node stands.
#[derive(Debug, Clone, Copy, Default)]
struct NodeScope {
    /// Whether it is in a function other than the handler: that may never run.
    is_in_function: bool,
    is_in_handler: bool,
    /// Whether loading may fail here, or may never happen.
    is_guarded: bool,
}

impl NodeModule {
    /// Reads a module; `handler` is the name of the function that Lambda calls, if this module has it.
    pub(super) fn parse(text: &str, handler: Option<&str>) -> Self {
        let Some(tree) = tree(text, &tree_sitter_javascript::LANGUAGE.into()) else {
            return Self::default();
        };
        let root = tree.root_node();
        let mut module = Self {
            esm: Some(BTreeSet::new()),
            common: Some(BTreeSet::new()),
            ..Self::default()
        };
        for statement in children(root) {
            module.declared.extend(exports::declared(statement, text));
        }
        let mut waiting = vec![(root, NodeScope::default())];
        while let Some((node, scope)) = waiting.pop() {
            module.export(node, text);
            let scope = module.visit(node, scope, text, handler);
            waiting.extend(children(node).into_iter().map(|one| (one, scope)));
        }
        module.values = values::exported(root, text);
        module.imports.sort_by_key(|one| one.span);
        module
    }

    fn visit(
        &mut self,
        node: Node<'_>,
        mut scope: NodeScope,
        text: &str,
        handler: Option<&str>,
    ) -> NodeScope {
        match node.kind() {
            "import_statement" | "export_statement" => {
                self.is_esm = true;
                if let Some(source) = node.child_by_field_name("source") {
                    self.import(source, scope, text, true);
                }
            }
            "call_expression" => {
                let function = node.child_by_field_name("function");
                let arguments = node.child_by_field_name("arguments").map(children);
                if function.is_some_and(|one| text_of(one, text) == "require")
                    && let Some([source]) = arguments.as_deref()
                    && !scope.is_in_function
                {
                    self.import(*source, scope, text, false);
                }
            }
            "function_declaration"
            | "function_expression"
            | "generator_function"
            | "generator_function_declaration"
            | "arrow_function"
            | "method_definition" => {
                let is_handler = handler.is_some_and(|name| is_called(node, name, text));
                scope.is_in_handler |= is_handler && !scope.is_in_function;
                scope.is_in_function |= !scope.is_in_handler;
            }
            "if_statement" | "switch_statement" | "ternary_expression" | "binary_expression" => {
                scope.is_guarded = true;
            }
            "try_statement" if node.child_by_field_name("handler").is_some() => {
                scope.is_guarded = true;
            }
            _ => {}
        }
        scope
    }

    fn import(&mut self, source: Node<'_>, scope: NodeScope, text: &str, is_whole: bool) {
        let Some(path) = exports::string(source, text) else {
            return;
        };
        self.imports.push(ImportedPackage {
            name: package_of(path).unwrap_or_default().to_owned(),
            paths: vec![path.to_owned()],
            span: span(source),
            is_whole,
            is_guarded: scope.is_guarded,
        });
    }
}

/// The package of `name`, `name/part`, `@scope/name` and `@scope/name/part`; `None` if a path names none.
fn package_of(path: &str) -> Option<&str> {
    let is_other = path.starts_with(['.', '/', '#']) || path.contains([':', '!', '\\', ' ', '?']);
    if is_other || path.is_empty() {
        return None;
    }
    let parts = if path.starts_with('@') { 2 } else { 1 };
    let end = path
        .match_indices('/')
        .nth(parts - 1)
        .map_or(path.len(), |(at, _)| at);
    path.get(..end)
}

/// Whether a function has this name, or is assigned to it, directly or as the argument of a wrapper.
fn is_called(function: Node<'_>, name: &str, text: &str) -> bool {
    let is_name = |node: Option<Node<'_>>| node.is_some_and(|one| text_of(one, text) == name);
    if is_name(function.child_by_field_name("name")) {
        return true;
    }
    let mut around = function.parent();
    while let Some(node) = around {
        match node.kind() {
            "variable_declarator" => return is_name(node.child_by_field_name("name")),
            "pair" => return is_name(node.child_by_field_name("key")),
            "assignment_expression" => {
                let left = node.child_by_field_name("left");
                return is_name(left.and_then(|left| left.child_by_field_name("property")));
            }
            "arguments" | "call_expression" | "parenthesized_expression" => around = node.parent(),
            _ => return false,
        }
    }
    false
}

#[cfg(test)]
mod tests;
