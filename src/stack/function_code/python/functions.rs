//! What a function of a Python module certainly does whenever it is called.

use std::collections::BTreeSet;

use tree_sitter::Node;

use super::definitions::is_decorated;
use crate::stack::function_code::ImportedPackage;
use crate::stack::function_code::syntax::{children, text_of};

/// A function at the top level of a module.
#[derive(Debug, Default)]
pub(super) struct PythonFunction {
    pub(super) name: String,
    /// Whether a call runs its body: not that of a coroutine or a generator.
    pub(super) is_run_when_called: bool,
    pub(super) is_decorated: bool,
    /// What it imports.
    pub(super) imports: Vec<ImportedPackage>,
    /// The end of the first statement that may leave it; `usize::MAX` without one.
    end: usize,
    /// The names that it calls under no condition.
    calls: BTreeSet<String>,
    /// The names that it uses in other ways, which may be its own: parameters, variables.
    others: BTreeSet<String>,
}

impl PythonFunction {
    pub(super) fn of(name: &str, function: Node<'_>, text: &str) -> Self {
        let mut found = Self {
            name: name.to_owned(),
            is_run_when_called: function
                .child(0)
                .is_none_or(|first| first.kind() != "async"),
            is_decorated: is_decorated(function),
            end: usize::MAX,
            ..Self::default()
        };
        let body = function.child_by_field_name("body");
        let mut waiting = vec![(function, true)];
        while let Some((node, is_own)) = waiting.pop() {
            match node.kind() {
                "identifier" if !is_called(node) => {
                    found.others.insert(text_of(node, text).to_owned());
                }
                "yield" if is_own => found.is_run_when_called = false,
                "return_statement" if is_own => found.end = found.end.min(node.end_byte()),
                "raise_statement" if node.parent() == body => {
                    found.end = found.end.min(node.end_byte());
                }
                _ => {}
            }
            let is_other = matches!(node.kind(), "function_definition" | "lambda");
            let is_own = is_own && (node == function || !is_other);
            waiting.extend(children(node).into_iter().map(|one| (one, is_own)));
        }
        found
    }

    pub(super) fn import(&mut self, mut import: ImportedPackage) {
        import.is_guarded |= import.span.start > self.end;
        self.imports.push(import);
    }

    pub(super) fn call(&mut self, name: &str, at: usize) {
        if at < self.end {
            self.calls.insert(name.to_owned());
        }
    }

    /// The functions of the module that it certainly calls.
    pub(super) fn calls(&self) -> impl Iterator<Item = &str> {
        let calls = self.calls.difference(&self.others);
        calls.map(String::as_str)
    }
}

/// Whether an identifier is only the name of what is called.
fn is_called(node: Node<'_>) -> bool {
    node.parent().is_some_and(|parent| {
        parent.kind() == "call" && parent.child_by_field_name("function") == Some(node)
    })
}
