//! The packages of functions.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Expansion;
use crate::stack::code::{Package, PackageSource};
use crate::stack::{Address, Artifact};

impl<'a> Expansion<'a> {
    /// A function's package, if its code can be read; a diagnostic at `place` if not. What is wrong with the files
    /// that say what is installed is said once, however many functions share them.
    pub fn package(&mut self, source: &PackageSource, place: &[&str]) -> Option<&'a Package> {
        let files = self.files;
        let path = &source.code;
        match files.package(source)? {
            Ok(package) => {
                if let Some((message, help)) = package.secrets_warning(path) {
                    self.warning_at(place, message, &help);
                }
                for problem in package.problems.0.clone() {
                    let key = format!("{} {:?}", problem.message, problem.place);
                    if problem.place.is_none() {
                        self.diagnostic_at(place, problem);
                    } else if self.told.insert(key) {
                        self.diagnostics.push(problem);
                    }
                }
                Some(package)
            }
            Err(wrong) => {
                self.problem_at(place, wrong.message.clone(), &wrong.help);
                None
            }
        }
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
