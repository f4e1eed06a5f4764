//! The packages of functions.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::Expansion;
use crate::source::Diagnostic;
use crate::stack::code::{Package, PackagePart, PackageSource};
use crate::stack::{Address, Artifact};

impl<'a> Expansion<'a> {
    /// A function's package, if its code can be read; a diagnostic at `place` if not. What is wrong with the files
    /// that say what is installed is said once, however many functions share them.
    pub fn package(&mut self, source: &PackageSource, place: &[&str]) -> Option<&'a Package> {
        let files = self.files;
        match files.package(source)? {
            Ok(package) => {
                for (message, help) in package.secrets_warnings(source) {
                    self.warning_at(place, message, &help);
                }
                for problem in package.problems.0.clone() {
                    if problem.place.is_none() {
                        self.diagnostic_at(place, problem);
                    } else {
                        self.diagnostics_once(vec![problem]);
                    }
                }
                Some(package)
            }
            Err(wrong) => {
                let function = place.split_last().map_or(place, |(_, function)| function);
                let mut at = function.to_vec();
                let index;
                match wrong.part {
                    PackagePart::Code => at = place.to_vec(),
                    PackagePart::Include(None) => at.push("include"),
                    PackagePart::Include(Some(item)) => {
                        index = item.to_string();
                        at.extend(["include", &index]);
                    }
                }
                self.problem_at(&at, wrong.message.clone(), &wrong.help);
                None
            }
        }
    }

    /// Reports what was found in other files, each once, however many resources use them.
    pub fn diagnostics_once(&mut self, found: Vec<Diagnostic>) {
        for diagnostic in found {
            let place = diagnostic.place.as_ref();
            let place = place.map(|place| (&place.source.name, place.span));
            let key = format!("{place:?} {}", diagnostic.message);
            if self.told.insert(key) {
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

    /// Keeps the package of a function for the upload, through a bucket if it is too large for Lambda itself; answers
    /// its hash.
    pub fn artifact(
        &mut self,
        (address, function): (&Address, String),
        package: &Package,
        bucket: Option<String>,
    ) -> String {
        if let Some(built) = &package.built {
            self.built.insert(address.clone(), built.clone());
        }
        let artifact = self
            .artifacts
            .entry(package.sha256.clone())
            .or_insert_with(|| Artifact {
                zip: Arc::clone(&package.zip),
                buckets: BTreeMap::new(),
            });
        artifact
            .buckets
            .extend(bucket.map(|bucket| (function, bucket)));
        package.sha256.clone()
    }

    /// Makes a resource that was added wait for another one.
    pub fn wait_for(&mut self, address: &Address, other: Address) {
        if let Some(resource) = self.resources.get_mut(address) {
            resource.after.insert(other);
        }
    }
}
