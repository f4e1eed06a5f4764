//! Whether what a function imports is in its runtime or its package.

mod node;
mod python;

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

use super::contents::PackageContents;
use super::{CodeLanguage, FunctionCode, ImportedPackage};
use crate::source::{Diagnostic, Source};

/// So many modules of a function are looked at.
const MAX_MODULES: usize = 200;

/// What would change where modules are looked for, in either language.
const SEARCH_CHANGES: [&str; 7] = [
    "sys.path",
    "sys.meta_path",
    "sys.modules",
    "addsitedir",
    "path_hooks",
    "module.paths",
    "Module._",
];

/// The check of the modules that a handler's file imports, and of those that these import.
pub(super) struct ImportCheck<'a, 'p> {
    language: CodeLanguage,
    function: &'a FunctionCode<'p>,
    contents: &'a PackageContents<'p>,
    found: Vec<Diagnostic>,
    /// Packages that were reported: the first place is enough.
    said: BTreeSet<String>,
}

/// Message and help for a package that is missing.
type MissingImport = (String, String);

impl<'a, 'p> ImportCheck<'a, 'p> {
    pub(super) fn new(
        language: CodeLanguage,
        function: &'a FunctionCode<'p>,
        contents: &'a PackageContents<'p>,
    ) -> Self {
        Self {
            language,
            function,
            contents,
            found: Vec::new(),
            said: BTreeSet::new(),
        }
    }

    /// The warnings about the handler's file and the modules of the package that it imports.
    pub(super) fn run(mut self, file: &str) -> Vec<Diagnostic> {
        let others = python::installed(self.contents);
        let mut seen = BTreeSet::from([file.to_owned()]);
        let mut waiting = VecDeque::from([file.to_owned()]);
        let name = self.function.handler.rsplit('.').next();
        while let Some(module) = waiting.pop_front() {
            let Some(text) = self.contents.text(&module) else {
                continue;
            };
            if SEARCH_CHANGES.iter().any(|change| text.contains(change)) {
                return Vec::new();
            }
            let called = name.filter(|_| module == file);
            let imports = match self.language {
                CodeLanguage::Python(_) => python::imports(&text, called),
                CodeLanguage::Node(_) => node::imports(&text, called),
            };
            self.report(&module, &text, &imports);
            for import in imports.iter().filter(|one| !one.is_guarded) {
                let own = match self.language {
                    CodeLanguage::Python(_) => python::own(&module, import, self.contents),
                    CodeLanguage::Node(_) => node::own(&module, import, self.contents),
                };
                for next in own {
                    let top = next.split('/').next().unwrap_or_default();
                    if seen.len() < MAX_MODULES
                        && !others.contains(top)
                        && seen.insert(next.clone())
                    {
                        waiting.push_back(next);
                    }
                }
            }
        }
        self.found
    }

    fn report(&mut self, module: &str, text: &str, imports: &[ImportedPackage]) {
        let mut source = None;
        for import in imports
            .iter()
            .filter(|one| !one.is_guarded && !one.name.is_empty())
        {
            let missing = match self.language {
                CodeLanguage::Python(minor) => {
                    python::missing(minor, import, self.function, self.contents)
                }
                CodeLanguage::Node(major) => {
                    node::missing(major, module, import, self.function, self.contents)
                }
            };
            let Some((message, help)) = missing else {
                continue;
            };
            if !self.said.insert(import.name.clone()) {
                continue;
            }
            let source = source.get_or_insert_with(|| {
                let path = self.function.path_of(module);
                Source::new(path.display().to_string(), text)
            });
            let warning = Diagnostic::warning(message).at(&Arc::clone(source), import.span);
            self.found.push(warning.help(help));
        }
    }
}
