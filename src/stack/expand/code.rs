//! Functions' code in an expansion.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::Expansion;
use crate::source::Diagnostic;
use crate::stack::code::Package;

impl<'a> Expansion<'a> {
    /// Reports what was found in other files, each once, however many resources use them.
    pub fn diagnostics_once(&mut self, found: Vec<Diagnostic>) {
        for diagnostic in found {
            let place = diagnostic
                .place
                .as_ref()
                .map(|place| (&place.source.name, place.span));
            if self
                .told
                .insert(format!("{place:?} {}", diagnostic.message))
            {
                self.diagnostics.push(diagnostic);
            }
        }
    }

    /// The folder of the stack file, which its paths are relative to.
    #[must_use]
    pub fn folder(&self) -> PathBuf {
        let path = Path::new(&self.source.name);
        path.parent().map(Path::to_path_buf).unwrap_or_default()
    }

    /// A function's package, if its code can be read; a diagnostic at `place` if not.
    pub fn package(&mut self, path: &str, place: &[&str]) -> Option<&'a Package> {
        let files = self.files;
        match files.package(path)? {
            Ok(package) => {
                if let Some((message, help)) = package.secrets_warning(path) {
                    self.warning_at(place, message, &help);
                }
                Some(package)
            }
            Err(wrong) => {
                self.problem_at(place, wrong.message.clone(), &wrong.help);
                None
            }
        }
    }

    /// Keeps a package for the upload; answers its hash.
    pub fn artifact(&mut self, package: &Package) -> String {
        self.artifacts
            .insert(package.sha256.clone(), Arc::clone(&package.zip));
        package.sha256.clone()
    }
}
