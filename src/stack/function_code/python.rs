//! What a Python module defines at its top level, and what it imports.

mod definitions;
mod functions;

use std::collections::{BTreeMap, BTreeSet};

use tree_sitter::Node;

use super::ImportedPackage;
use super::syntax::{children, span, text_of, tree};
pub(super) use definitions::PythonDefinition;
use functions::PythonFunction;

/// Names whose use can define other names, which no reader of the text can know.
const DYNAMIC: [&str; 11] = [
    "__dict__",
    "__globals__",
    "exec",
    "f_globals",
    "globals",
    "import_module",
    "importlib",
    "locals",
    "modules",
    "setattr",
    "vars",
];

/// What is evaluated only under a condition, later, or where a failure may be handled.
const GUARDS: [&str; 15] = [
    "assert_statement",
    "boolean_operator",
    "comparison_operator",
    "conditional_expression",
    "dictionary_comprehension",
    "generator_expression",
    "if_statement",
    "lambda",
    "list_comprehension",
    "match_statement",
    "set_comprehension",
    "try_statement",
    // An annotation, which may not be evaluated.
    "type",
    "while_statement",
    "with_statement",
];

/// A Python module, as far as its text tells.
#[derive(Debug, Default)]
pub(super) struct PythonModule {
    /// The names at its top level; `None` if there may be others.
    pub(super) names: Option<BTreeMap<String, PythonDefinition>>,
    /// What is imported while the module is.
    imports: Vec<ImportedPackage>,
    /// The functions at its top level.
    functions: Vec<PythonFunction>,
    /// The functions of its own that are called while it is imported.
    calls: BTreeSet<String>,
    defined: BTreeSet<String>,
    /// The names that it defines more than once.
    redefined: BTreeSet<String>,
}

/// Where a node is.
#[derive(Debug, Clone, Copy, Default)]
struct PythonScope {
    /// The function at the module's top level whose own body this is.
    function: Option<usize>,
    is_in_function: bool,
    is_in_class: bool,
    /// Whether what is here may fail, or may never run.
    is_guarded: bool,
}

impl PythonModule {
    /// Reads a module.
    pub(super) fn parse(text: &str) -> Self {
        let mut module = Self {
            names: Some(BTreeMap::new()),
            ..Self::default()
        };
        let Some(tree) = tree(text, &tree_sitter_python::LANGUAGE.into()) else {
            return Self::default();
        };
        let mut waiting = vec![(tree.root_node(), PythonScope::default())];
        while let Some((node, scope)) = waiting.pop() {
            module.visit(node, scope, text, &mut waiting);
        }
        module
    }

    /// What is imported while the module is, and whenever `called` runs, in the order of the text. A function counts
    /// only if it is certainly called.
    pub(super) fn imports(&self, called: Option<&str>) -> Vec<ImportedPackage> {
        let mut found = self.imports.clone();
        let mut waiting: Vec<&str> = self
            .calls
            .iter()
            .map(String::as_str)
            .chain(called)
            .collect();
        let mut seen = BTreeSet::new();
        while let Some(name) = waiting.pop() {
            if self.redefined.contains(name) || !seen.insert(name) {
                continue;
            }
            let mut functions = self.functions.iter();
            let function = functions.find(|one| one.name == name);
            // What a decorator makes of another function is not known; Lambda calls the handler in any case.
            if let Some(function) = function.filter(|one| !one.is_decorated || called == Some(name))
            {
                found.extend(function.imports.iter().cloned());
                waiting.extend(function.calls());
            }
        }
        found.sort_by_key(|one| one.span);
        found
    }

    fn visit<'t>(
        &mut self,
        node: Node<'t>,
        mut scope: PythonScope,
        text: &str,
        waiting: &mut Vec<(Node<'t>, PythonScope)>,
    ) {
        match node.kind() {
            "function_definition" => {
                let name = node.child_by_field_name("name");
                let name = name.map_or("", |name| text_of(name, text));
                self.define(name, scope, PythonDefinition::of_function(node));
                let body = node.child_by_field_name("body");
                let mut inner = scope;
                inner.is_in_function = true;
                inner.function = None;
                if !scope.is_in_function && !scope.is_in_class {
                    let function = PythonFunction::of(name, node, text);
                    inner.is_guarded |= !function.is_run_when_called;
                    inner.function = Some(self.functions.len());
                    self.functions.push(function);
                }
                waiting.extend(body.map(|body| (body, inner)));
                let others = children(node).into_iter();
                let others = others.filter(|one| Some(*one) != body);
                waiting.extend(others.map(|one| (one, scope)));
                return;
            }
            "class_definition" => {
                let name = node.child_by_field_name("name");
                let class = PythonDefinition::of_class(node, text);
                self.define(name.map_or("", |name| text_of(name, text)), scope, class);
                scope.is_in_class = true;
            }
            "import_statement" | "import_from_statement" => {
                self.import(node, scope, text);
                return;
            }
            "wildcard_import" | "exec_statement" => self.names = None,
            "global_statement" => {
                for name in children(node) {
                    let unknown = PythonDefinition::unknown();
                    self.define(text_of(name, text), PythonScope::default(), unknown);
                }
            }
            "assignment" if node.child_by_field_name("right").is_none() => {}
            "assignment"
                if node
                    .child_by_field_name("left")
                    .is_some_and(|left| left.kind() == "identifier") =>
            {
                let left = node.child_by_field_name("left");
                let value = PythonDefinition::of_value(node.child_by_field_name("right"));
                self.define(left.map_or("", |left| text_of(left, text)), scope, value);
            }
            "assignment" | "augmented_assignment" => {
                self.define_targets(node.child_by_field_name("left"), scope, text);
            }
            "for_statement" | "type_alias_statement" => {
                self.define_targets(node.child_by_field_name("left"), scope, text);
                scope.is_guarded = true;
            }
            "named_expression" => {
                self.define_targets(node.child_by_field_name("name"), scope, text);
            }
            "as_pattern" => self.define_targets(node.child_by_field_name("alias"), scope, text),
            "case_pattern" => self.define_targets(Some(node), scope, text),
            "identifier" => {
                let name = text_of(node, text);
                if DYNAMIC.contains(&name) {
                    self.names = None;
                }
            }
            "call" if !scope.is_guarded && !scope.is_in_class => {
                let function = node.child_by_field_name("function");
                if let Some(function) = function.filter(|one| one.kind() == "identifier") {
                    let name = text_of(function, text);
                    match self.function_of(scope) {
                        Some(caller) => caller.call(name, node.start_byte()),
                        None if scope.is_in_function => {}
                        None => {
                            self.calls.insert(name.to_owned());
                        }
                    }
                }
            }
            kind if GUARDS.contains(&kind) => scope.is_guarded = true,
            _ => {}
        }
        waiting.extend(children(node).into_iter().map(|one| (one, scope)));
    }

    fn define(&mut self, name: &str, scope: PythonScope, definition: PythonDefinition) {
        if scope.is_in_function || scope.is_in_class {
            return;
        }
        if !self.defined.insert(name.to_owned()) {
            self.redefined.insert(name.to_owned());
        }
        // It answers for any other name.
        if name == "__getattr__" {
            self.names = None;
        }
        if let Some(names) = &mut self.names {
            let before = names.insert(name.to_owned(), definition);
            if let (Some(before), Some(both)) = (before, names.get_mut(name)) {
                both.is_own |= before.is_own;
                both.problem = None;
            }
        }
    }

    /// Defines every name that a target assigns to; `a.b` and `a[b]` define none.
    fn define_targets(&mut self, target: Option<Node<'_>>, scope: PythonScope, text: &str) {
        let mut waiting: Vec<Node<'_>> = target.into_iter().collect();
        while let Some(node) = waiting.pop() {
            match node.kind() {
                "identifier" => {
                    self.define(text_of(node, text), scope, PythonDefinition::unknown());
                }
                "attribute" | "subscript" => {}
                _ => waiting.extend(children(node)),
            }
        }
    }

    fn import(&mut self, node: Node<'_>, scope: PythonScope, text: &str) {
        let from = node.child_by_field_name("module_name");
        for name in node.children_by_field_name("name", &mut node.walk()) {
            let bound = match name.child_by_field_name("alias") {
                Some(alias) => text_of(alias, text),
                None => text_of(name, text).split('.').next().unwrap_or_default(),
            };
            self.define(bound, scope, PythonDefinition::imported());
        }
        if children(node)
            .iter()
            .any(|one| one.kind() == "wildcard_import")
        {
            self.names = None;
        }
        let modules = match from {
            Some(module) => vec![module],
            None => node
                .children_by_field_name("name", &mut node.walk())
                .collect(),
        };
        for module in modules {
            let module = module.child_by_field_name("name").unwrap_or(module);
            let dotted = text_of(module, text);
            let mut paths = vec![dotted.to_owned()];
            if from.is_some() {
                // `from a import b` may be of the module `a.b`.
                let dot = if dotted.ends_with('.') { "" } else { "." };
                let mut walk = node.walk();
                let of_it = node.children_by_field_name("name", &mut walk);
                let of_it: Vec<String> = of_it
                    .map(|name| name.child_by_field_name("name").unwrap_or(name))
                    .map(|name| format!("{dotted}{dot}{}", text_of(name, text)))
                    .collect();
                paths.extend(of_it);
            }
            let import = ImportedPackage {
                // Empty for a relative one.
                name: dotted
                    .split('.')
                    .next()
                    .unwrap_or_default()
                    .trim()
                    .to_owned(),
                paths,
                span: span(module),
                is_whole: false,
                is_guarded: scope.is_guarded,
            };
            match self.function_of(scope) {
                Some(function) => function.import(import),
                None if scope.is_in_function => {}
                None => self.imports.push(import),
            }
        }
    }

    fn function_of(&mut self, scope: PythonScope) -> Option<&mut PythonFunction> {
        scope.function.and_then(|at| self.functions.get_mut(at))
    }
}

#[cfg(test)]
mod tests;
