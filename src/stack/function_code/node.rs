//! What a Node.js module exports, and what it loads.

mod exports;
mod values;

use std::collections::{BTreeMap, BTreeSet};

use tree_sitter::Node;

use super::ImportedPackage;
use super::syntax::{children, span, text_of, tree};
use crate::source::Span;

/// A module of Node.js, as far as its text tells.
#[derive(Debug, Default)]
pub(super) struct NodeModule {
    /// What `export` exports; `None` if there may be more.
    pub(super) esm: Option<BTreeSet<String>>,
    /// What `exports` and `module.exports` have; `None` if there may be more.
    pub(super) common: Option<BTreeSet<String>>,
    /// Whether it has `import` or `export` statements.
    pub(super) is_esm: bool,
    /// The first of these.
    pub(super) esm_at: Option<Span>,
    /// Whether it uses `exports` or `module`.
    pub(super) uses_exports: bool,
    /// What the exported names are, where it is known that Lambda cannot call it.
    pub(super) values: BTreeMap<String, Option<&'static str>>,
    /// The functions and variables at its top level.
    pub(super) declared: BTreeSet<String>,
    /// What is loaded while the module is, or while the handler runs, in the order of the text.
    pub(super) imports: Vec<ImportedPackage>,
}

/// What runs only under a condition, later, or where a failure may be handled.
const GUARDS: [&str; 14] = [
    "assignment_pattern",
    "augmented_assignment_expression",
    "binary_expression",
    "do_statement",
    "field_definition",
    "for_in_statement",
    "for_statement",
    "if_statement",
    "object_assignment_pattern",
    "optional_chain",
    "switch_statement",
    "ternary_expression",
    "try_statement",
    "while_statement",
];

/// Where a node is.
#[derive(Debug, Clone, Copy, Default)]
struct NodeScope {
    /// Whether it is in a function other than the handler: that may never run.
    is_in_function: bool,
    is_in_handler: bool,
    /// The end of the first statement that may leave the handler.
    left_at: Option<usize>,
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
                self.esm_at = self.esm_at.into_iter().chain([keyword(node)]).min();
                if let Some(source) = node.child_by_field_name("source") {
                    self.import(source, scope, text, true);
                }
            }
            "call_expression" => {
                let function = node.child_by_field_name("function");
                let arguments = node.child_by_field_name("arguments").map(children);
                let is_required = function.is_some_and(|one| text_of(one, text) == "require");
                let is_awaited = function.is_some_and(|one| one.kind() == "import")
                    && node
                        .parent()
                        .is_some_and(|parent| parent.kind() == "await_expression");
                if (is_required || is_awaited)
                    && let Some([source]) = arguments.as_deref()
                    && !scope.is_in_function
                {
                    self.import(*source, scope, text, is_awaited);
                }
                let is_optional = |one: &Node<'_>| one.kind() == "optional_chain";
                scope.is_guarded |= children(node).iter().any(is_optional);
            }
            kind if is_function(kind) => {
                let is_handler = handler.is_some_and(|name| is_called(node, name, text));
                if is_handler && !scope.is_in_handler && !scope.is_in_function {
                    scope.is_in_handler = true;
                    scope.left_at = first_end(node);
                } else {
                    scope.is_in_function = true;
                }
            }
            kind if GUARDS.contains(&kind) => scope.is_guarded = true,
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
            is_guarded: scope.is_guarded
                || scope.left_at.is_some_and(|at| at < source.start_byte()),
        });
    }
}

/// The place of a statement's first word.
fn keyword(statement: Node<'_>) -> Span {
    statement.child(0).map_or_else(|| span(statement), span)
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

fn is_function(kind: &str) -> bool {
    matches!(
        kind,
        "function_declaration"
            | "function_expression"
            | "generator_function"
            | "generator_function_declaration"
            | "arrow_function"
            | "method_definition"
    )
}

/// The end of the first statement by which a function may be left, apart from those of functions within it.
fn first_end(function: Node<'_>) -> Option<usize> {
    let mut waiting = children(function);
    let mut ends = Vec::new();
    while let Some(node) = waiting.pop() {
        if matches!(node.kind(), "return_statement" | "throw_statement") {
            ends.push(node.end_byte());
        } else if !is_function(node.kind()) {
            waiting.extend(children(node));
        }
    }
    ends.into_iter().min()
}

/// Whether a function has this name at the top level of the module, or is exported under it, directly or as the argument
/// of a wrapper. A generator does not run when it is called.
fn is_called(function: Node<'_>, name: &str, text: &str) -> bool {
    let is_name = |node: Option<Node<'_>>| node.is_some_and(|one| text_of(one, text) == name);
    let is_exports = |node: Option<Node<'_>>| {
        node.is_some_and(|one| ["exports", "module.exports"].contains(&text_of(one, text)))
    };
    match function.kind() {
        "function_declaration" => return is_name(function.child_by_field_name("name")),
        "generator_function" | "generator_function_declaration" => return false,
        "method_definition" if !is_name(function.child_by_field_name("name")) => return false,
        _ => {}
    }
    let mut is_named = function.kind() == "method_definition";
    let mut around = function.parent();
    while let Some(node) = around {
        match node.kind() {
            "variable_declarator" => {
                return !is_named && is_name(node.child_by_field_name("name"));
            }
            "pair" if !is_named && is_name(node.child_by_field_name("key")) => is_named = true,
            "object" if is_named => {}
            "assignment_expression" => {
                let left = node.child_by_field_name("left");
                if is_named {
                    return is_exports(left);
                }
                return left.is_some_and(|left| {
                    is_exports(left.child_by_field_name("object"))
                        && is_name(left.child_by_field_name("property"))
                });
            }
            "arguments" | "call_expression" | "parenthesized_expression" if !is_named => {}
            _ => return false,
        }
        around = node.parent();
    }
    false
}

#[cfg(test)]
mod tests;
