//! What can be told of a function's code without running it: whether it has the handler, and whether what it
//! imports is there. Only Python and Node.js; where the text does not tell, nothing is said.

mod contents;
mod handler;
mod imports;
mod node;
mod python;
mod runtime_packages;
mod syntax;
mod syntax_errors;

pub use runtime_packages::package_of_module;

use std::path::PathBuf;

use super::code::Package;
use super::dependencies::BuildMode;
use crate::source::{Diagnostic, Span};
use contents::PackageContents;
use handler::HandlerFile;
use imports::ModuleCheck;

/// A function whose code is checked.
#[derive(Clone, Copy)]
pub(super) struct FunctionCode<'a> {
    /// The runtime's identifier.
    pub(super) runtime: &'a str,
    /// What Lambda calls.
    pub(super) handler: &'a str,
    /// The code's path as the stack file has it.
    pub(super) code: &'a str,
    /// What is put beside the code, as the stack file has it.
    pub(super) include: &'a [String],
    /// Whether the packages that the code names are installed.
    pub(super) build: BuildMode,
    /// The folder of the stack file.
    pub(super) folder: &'a std::path::Path,
    /// Its package.
    pub(super) package: &'a Package,
    /// Whether its environment has other folders searched for modules.
    pub(super) has_search_path: bool,
    /// Whether its environment has options of Node.js.
    pub(super) has_node_options: bool,
}

impl FunctionCode<'_> {
    /// Where a file of the package can be read: in the folder of the code, or in one that is put beside it.
    fn path_of(&self, file: &str) -> PathBuf {
        let own = self.folder.join(self.code).join(file);
        let beside = self.include.iter().map(|path| self.folder.join(path));
        let beside = beside.filter_map(|path| Some(path.parent()?.join(file)));
        let mut found = std::iter::once(own.clone())
            .chain(beside)
            .filter(|path| path.exists());
        found.next().unwrap_or(own)
    }

    /// The sentence about a package that is to be named in `file`, so that it is installed.
    fn name_in(&self, package: &str, file: &str) -> String {
        let code = self.code.trim_end_matches('/');
        if self.is_zip() || self.build == BuildMode::None {
            return self.put(&format!("`{package}`"));
        }
        format!("name `{package}` in `{code}/{file}`")
    }

    /// The same for the package of a module that may have another name.
    fn name_package_of(&self, module: &str, file: &str) -> String {
        let package = format!("the package that provides `{module}`");
        let code = self.code.trim_end_matches('/');
        if self.is_zip() || self.build == BuildMode::None {
            return self.put(&package);
        }
        format!("add {package} to `{code}/{file}`")
    }

    fn put(&self, package: &str) -> String {
        let code = self.code.trim_end_matches('/');
        if self.is_zip() {
            return format!("make {code} again with {package} in it");
        }
        format!("put {package} into `{code}`, as `build: none` installs nothing")
    }

    fn is_zip(&self) -> bool {
        self.folder.join(self.code).is_file()
    }
}

/// What is wrong with a function's code.
#[derive(Debug, Default)]
pub(super) struct CodeFindings {
    /// Message and help about the handler.
    pub(super) handler: Option<(String, String)>,
    /// Warnings about syntax and imports, at their places.
    pub(super) modules: Vec<Diagnostic>,
}

/// The languages whose code is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum CodeLanguage {
    /// Python `3.N`.
    Python(u32),
    /// Node.js, by its major version.
    Node(u32),
}

impl CodeLanguage {
    fn of(runtime: &str) -> Option<Self> {
        if let Some(minor) = runtime.strip_prefix("python3.") {
            return Some(Self::Python(minor.parse().ok()?));
        }
        let version = runtime.strip_prefix("nodejs")?;
        let major = version.split('.').next()?;
        Some(Self::Node(major.parse().ok()?))
    }
}

/// An import of a module: `import a.b`, `require("a/b")`.
#[derive(Debug, Clone, PartialEq, Eq)]
struct ImportedPackage {
    /// The package of it; empty if it is one of the module's own.
    name: String,
    /// The modules that it may be, as written.
    paths: Vec<String>,
    /// Where the module is named.
    span: Span,
    /// Whether it is loaded by `import` of Node.js, which takes a path only as a whole.
    is_whole: bool,
    /// Whether the function can work without it.
    is_guarded: bool,
}

/// Checks the handler and the imports of a function.
pub(super) fn check(function: &FunctionCode<'_>) -> CodeFindings {
    let mut findings = CodeFindings::default();
    let Some(language) = CodeLanguage::of(function.runtime) else {
        return findings;
    };
    // Lambda's own limits of a handler report it.
    if function.handler.contains(char::is_whitespace) {
        return findings;
    }
    let contents = PackageContents::of(function.package);
    let file = match handler::find(language, function, &contents) {
        Ok(HandlerFile::Text(file)) => file,
        Ok(HandlerFile::Other) => return findings,
        Err(wrong) => {
            findings.handler = Some(wrong);
            return findings;
        }
    };
    findings.handler = handler::check(language, function, &contents, &file);
    findings.modules = ModuleCheck::new(language, function, &contents).run(&file);
    findings
}

#[cfg(test)]
mod tests;
