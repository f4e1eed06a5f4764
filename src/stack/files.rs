//! The files a stack file names: read once, for any number of expansions.

use std::collections::BTreeMap;
use std::path::Path;

use super::boundary::Boundary;
use super::code::{self, FileError, Package, path_in_package};
use super::{Kind, StackFile};
use crate::asl;
use crate::source::{Diagnostic, Diagnostics};

/// A definition and its warnings, or its errors; without a place if the file itself is the problem.
pub type ReadDefinition = Result<(asl::Definition, Diagnostics), Diagnostics>;

/// Function packages and definitions, by their paths in the stack file.
#[derive(Debug)]
pub struct Files {
    packages: BTreeMap<String, Result<Package, FileError>>,
    definitions: BTreeMap<String, ReadDefinition>,
    boundary: Boundary,
}

impl Files {
    /// Reads every file a stack file names, relative to its folder.
    #[must_use]
    pub fn read(file: &StackFile, folder: &Path, boundary: Boundary) -> Self {
        let mut packages = BTreeMap::new();
        let mut definitions = BTreeMap::new();
        for of in Kind::ALL.map(Kind::resource_type) {
            for path in of.packages(file) {
                packages
                    .entry(path.to_owned())
                    .or_insert_with(|| code::package(&folder.join(path), &boundary));
            }
            for (_, path) in of.definitions(file) {
                definitions
                    .entry(path.to_owned())
                    .or_insert_with(|| definition(&folder.join(path), &boundary));
            }
        }
        Self {
            packages,
            definitions,
            boundary,
        }
    }

    /// The boundary of what may be read.
    #[must_use]
    pub fn boundary(&self) -> &Boundary {
        &self.boundary
    }

    /// The package of a path.
    #[must_use]
    pub fn package(&self, path: &str) -> Option<&Result<Package, FileError>> {
        self.packages.get(path)
    }

    /// Packaged files that usually hold secrets, by their paths relative to the stack file.
    #[must_use]
    pub fn packaged_secrets(&self) -> Vec<String> {
        let packages = self.packages.iter();
        let packages = packages.filter_map(|(path, read)| Some((path, read.as_ref().ok()?)));
        let secrets = packages.flat_map(|(path, package)| {
            let secrets = package.secrets.iter();
            secrets.map(move |name| path_in_package(path, name))
        });
        secrets.collect()
    }

    /// The definition of a path.
    #[must_use]
    pub fn definition(&self, path: &str) -> Option<&ReadDefinition> {
        self.definitions.get(path)
    }

    /// Every definition that could be read.
    pub fn definitions(&self) -> impl Iterator<Item = &asl::Definition> {
        self.definitions
            .values()
            .filter_map(|read| Some(&read.as_ref().ok()?.0))
    }
}

fn definition(path: &Path, boundary: &Boundary) -> ReadDefinition {
    // Checked before the file is read, as diagnostics show its lines.
    let real = path.canonicalize().ok();
    if let Some(wrong) = real.and_then(|real| boundary.check(path, &real)) {
        return Err(Diagnostic::error(wrong.message).help(wrong.help).into());
    }
    let source = asl::read(path).map_err(|diagnostic| {
        Diagnostics::from(if path.exists() {
            diagnostic
        } else {
            diagnostic.help("the path is relative to the stack file")
        })
    })?;
    asl::load(&source)
}
