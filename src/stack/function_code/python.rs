//! What a Python module defines at its top level, and what it imports.

mod definitions;

use std::collections::{BTreeMap, BTreeSet};

use tree_sitter::Node;

use super::ImportedPackage;
use super::syntax::{children, span, text_of, tree};
pub(super) use definitions::PythonDefinition;

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

/// A Python module, as far as its text tells.
#[derive(Debug, Default)]
pub(super) struct PythonModule {
    /// The names at its top level; `None` if there may be others.
    pub(super) names: Option<BTreeMap<String, PythonDefinition>>,
    /// What is imported while the module is.
    imports: Vec<ImportedPackage>,
    /// The functions and methods, each with what it uses and imports.
    functions: Vec<PythonFunction>,
    /// The identifiers outside of functions.
    uses: BTreeSet<String>,
}

#[derive(Debug, Default)]
struct PythonFunction {
    name: String,
    uses: BTreeSet<String>,
    imports: Vec<ImportedPackage>,
}

/// Where a node stands.
#[derive(Debug, Clone, Copy, Default)]
struct PythonScope {
    /// The outermost function around it.
    function: Option<usize>,
    is_in_class: bool,
    /// Whether an import here may fail, or may never run.
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

    /// What is imported while the module is imported, and while a function of it runs, in the order of the text.
    pub(super) fn imports(&self, called: Option<&str>) -> Vec<ImportedPackage> {
        let mut found = self.imports.clone();
        if let Some(called) = called {
            let mut used = self.uses.clone();
            used.insert(called.to_owned());
            let mut waiting: Vec<&PythonFunction> = self.functions.iter().collect();
            loop {
                let (run, rest): (Vec<_>, Vec<_>) = waiting
                    .into_iter()
                    .partition(|one| used.contains(&one.name));
                if run.is_empty() {
                    break;
                }
                for function in run {
                    used.extend(function.uses.iter().cloned());
                    found.extend(function.imports.iter().cloned());
                }
                waiting = rest;
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
                if scope.function.is_none() {
                    scope.function = Some(self.functions.len());
                    self.functions.push(PythonFunction {
                        name: name.to_owned(),
                        ..PythonFunction::default()
                    });
                }
                // Its name alone does not call it.
                let inner = children(node).into_iter();
                let inner = inner.filter(|one| Some(*one) != node.child_by_field_name("name"));
                waiting.extend(inner.map(|one| (one, scope)));
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
            "assignment" | "augmented_assignment" | "for_statement" | "type_alias_statement" => {
                self.define_targets(node.child_by_field_name("left"), scope, text);
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
                let function = scope.function.and_then(|at| self.functions.get_mut(at));
                function
                    .map_or(&mut self.uses, |function| &mut function.uses)
                    .insert(name.to_owned());
            }
            "if_statement" | "with_statement" | "match_statement" | "conditional_expression" => {
                scope.is_guarded = true;
            }
            "try_statement"
                if children(node)
                    .iter()
                    .any(|one| one.kind().starts_with("except")) =>
            {
                scope.is_guarded = true;
            }
            _ => {}
        }
        waiting.extend(children(node).into_iter().map(|one| (one, scope)));
    }

    fn define(&mut self, name: &str, scope: PythonScope, definition: PythonDefinition) {
        if scope.function.is_some() || scope.is_in_class {
            return;
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
            let function = scope.function.and_then(|at| self.functions.get_mut(at));
            function
                .map_or(&mut self.imports, |function| &mut function.imports)
                .push(import);
        }
    }
}

#[cfg(test)]
mod tests;
