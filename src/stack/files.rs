//! The files a stack file names: read once, whatever the number of sites it is expanded for.

use std::collections::BTreeMap;
use std::path::Path;

use super::boundary::Boundary;
use super::code::{self, Package, Wrong, inner};
use super::{Kind, StackFile};
use crate::asl;
use crate::source::{Diagnostic, Diagnostics};

/// A definition and its warnings; or what is wrong with it, without a place if it is the file.
pub type ReadDefinition = Result<(asl::Definition, Diagnostics), Diagnostics>;

/// Function packages and definitions, by the path the stack file gives.
#[derive(Debug)]
pub struct Files {
    packages: BTreeMap<String, Result<Package, Wrong>>,
    definitions: BTreeMap<String, ReadDefinition>,
    boundary: Boundary,
}

impl Files {
    /// Reads everything a stack file names, relative to its folder.
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

    /// What may be read.
    #[must_use]
    pub fn boundary(&self) -> &Boundary {
        &self.boundary
    }

    /// The package of a path.
    #[must_use]
    pub fn package(&self, path: &str) -> Option<&Result<Package, Wrong>> {
        self.packages.get(path)
    }

    /// What is packaged and usually holds secrets, by its path in the stack file's folder.
    #[must_use]
    pub fn packaged_secrets(&self) -> Vec<String> {
        let packages = self.packages.iter();
        let packages = packages.filter_map(|(path, read)| Some((path, read.as_ref().ok()?)));
        let secrets = packages.flat_map(|(path, package)| {
            let secrets = package.secrets.iter();
            secrets.map(move |name| inner(path, name))
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
    // Before it is read: diagnostics show its lines.
    let real = path.canonicalize().ok();
    if let Some(wrong) = real.and_then(|real| boundary.refusal(path, &real)) {
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
