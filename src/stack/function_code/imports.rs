//! Whether the modules of a function can be loaded: their syntax, and what they import.

mod node;
mod node_files;
mod python;
mod python_parts;

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

use super::contents::PackageContents;
use super::syntax_errors;
use super::{CodeLanguage, FunctionCode, ImportedPackage};
use crate::source::{Diagnostic, Source, Span};

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
pub(super) struct ModuleCheck<'a, 'p> {
    language: CodeLanguage,
    function: &'a FunctionCode<'p>,
    contents: &'a PackageContents<'p>,
    /// Imports of what is nowhere.
    missing: Vec<Diagnostic>,
    broken: Vec<Diagnostic>,
    /// Packages that were reported: the first place is enough.
    said: BTreeSet<String>,
}

/// Message and help for a package that is missing.
type MissingImport = (String, String);

impl<'a, 'p> ModuleCheck<'a, 'p> {
    pub(super) fn new(
        language: CodeLanguage,
        function: &'a FunctionCode<'p>,
        contents: &'a PackageContents<'p>,
    ) -> Self {
        Self {
            language,
            function,
            contents,
            missing: Vec::new(),
            broken: Vec::new(),
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
            self.check_syntax(&module, &text);
            let is_searched_elsewhere = self.function.has_search_path
                || SEARCH_CHANGES.iter().any(|change| text.contains(change));
            if is_searched_elsewhere {
                return self.broken;
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
        self.broken.append(&mut self.missing);
        self.broken
    }

    fn source(&self, module: &str, text: &str) -> Arc<Source> {
        let path = self.function.path_of(module);
        Source::new(path.display().to_string(), text)
    }

    fn check_syntax(&mut self, module: &str, text: &str) {
        let (name, how) = match self.language {
            CodeLanguage::Python(minor) => (format!("Python 3.{minor}"), "python3 -m py_compile"),
            CodeLanguage::Node(_) => ("JavaScript".to_owned(), "node --check"),
        };
        let is_python = matches!(self.language, CodeLanguage::Python(_));
        let (what, span, help) = if is_python && self.contents.has_unknown_encoding(module) {
            let at = text.find('\u{fffd}').unwrap_or_default();
            (
                "it is not UTF-8 text".to_owned(),
                Span { start: at, end: at },
                "save it as UTF-8; or name its encoding in the first line: `# -*- coding: latin-1 -*-`".to_owned(),
            )
        } else if let CodeLanguage::Node(major) = self.language
            && let Some((span, (message, help))) =
                node::not_detected(major, module, text, self.function, self.contents)
        {
            let source = self.source(module, text);
            let warning = Diagnostic::warning(message).at(&source, span);
            self.broken.push(warning.help(help));
            return;
        } else if let Some(found) = syntax_errors::find(text, self.language) {
            let path = self.function.path_of(module);
            let help = format!("correct it; `{how} {}` shows what is wrong", path.display());
            (found.what, found.span, help)
        } else {
            return;
        };
        let warning = Diagnostic::warning(format!("this is probably not valid {name}: {what}"));
        let source = self.source(module, text);
        self.broken.push(warning.at(&source, span).help(help));
    }

    fn report(&mut self, module: &str, text: &str, imports: &[ImportedPackage]) {
        let (function, contents) = (self.function, self.contents);
        let mut source = None;
        for import in imports.iter().filter(|one| !one.is_guarded) {
            let of_package = match self.language {
                _ if import.name.is_empty() => None,
                CodeLanguage::Python(minor) => {
                    python::missing(minor, module, import, function, contents)
                }
                CodeLanguage::Node(major) => {
                    node::missing(major, module, import, function, contents)
                }
            };
            let missing = of_package.or_else(|| match self.language {
                CodeLanguage::Python(_) => {
                    python_parts::missing(module, import, function, contents)
                }
                CodeLanguage::Node(_) => node_files::missing(module, text, import, contents),
            });
            let Some((message, help)) = missing else {
                continue;
            };
            if !self.said.insert(message.clone()) {
                continue;
            }
            let source = source.get_or_insert_with(|| self.source(module, text));
            let warning = Diagnostic::warning(message).at(source, import.span);
            self.missing.push(warning.help(help));
        }
    }
}
