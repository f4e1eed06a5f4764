//! The files a stack file names: read once, for any number of expansions.

use std::collections::BTreeMap;
use std::path::Path;

use super::boundary::Boundary;
use super::code::{self, FileError, Package, PackageSource, StackFiles, path_in_package};
use super::{BuiltDependencies, DependencyBuild, Kind, ResourceType, StackFile};
use crate::asl;
use crate::source::{Diagnostic, Diagnostics};

/// A definition and its warnings, or its errors; without a place if the file itself is the problem.
pub type ReadDefinition = Result<(asl::Definition, Diagnostics), Diagnostics>;

/// Function packages by what they are made of, and definitions by their paths in the stack file.
#[derive(Debug)]
pub struct Files {
    packages: BTreeMap<PackageSource, Result<Package, FileError>>,
    definitions: BTreeMap<String, ReadDefinition>,
    boundary: Boundary,
}

impl Files {
    /// Reads every file that a stack file, `stack`, names, relative to its folder.
    #[must_use]
    pub fn read(file: &StackFile, stack: &Path, folder: &Path, boundary: Boundary) -> Self {
        let definitions_of = |of: &'static dyn ResourceType| of.definitions(file);
        let paths = Kind::ALL
            .map(Kind::resource_type)
            .into_iter()
            .flat_map(definitions_of);
        let paths = paths.map(|(_, path)| folder.join(path));
        let own = StackFiles::of(paths.chain([stack.to_path_buf()]));
        let mut packages = BTreeMap::new();
        let mut definitions = BTreeMap::new();
        for of in Kind::ALL.map(Kind::resource_type) {
            for source in of.packages(file) {
                packages
                    .entry(source.clone())
                    .or_insert_with(|| code::package(folder, &source, &boundary, &own));
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

    /// The package that is made of this.
    #[must_use]
    pub fn package(&self, source: &PackageSource) -> Option<&Result<Package, FileError>> {
        self.packages.get(source)
    }

    /// What is installed into packages, by its hash.
    #[must_use]
    pub fn builds(&self) -> BTreeMap<String, DependencyBuild> {
        let packages = self.packages.values().flatten();
        let builds = packages.filter_map(|package| package.build.as_ref());
        builds
            .map(|build| (build.digest(), build.clone()))
            .collect()
    }

    /// Puts what was installed into the packages, by the hash of the request.
    pub fn add_built(&mut self, built: &BTreeMap<String, BuiltDependencies>) {
        for (source, made) in &mut self.packages {
            let Ok(package) = made else { continue };
            let digest = package.build.as_ref().map(DependencyBuild::digest);
            let installed = digest.and_then(|digest| built.get(&digest));
            if let Some(installed) = installed {
                *made = package.with(&source.code, installed);
            }
        }
    }

    /// Packaged files that usually hold secrets, by their paths relative to the stack file.
    #[must_use]
    pub fn packaged_secrets(&self) -> Vec<String> {
        let packages = self.packages.iter();
        let packages = packages.filter_map(|(path, read)| Some((path, read.as_ref().ok()?)));
        let secrets = packages.flat_map(|(source, package)| {
            let secrets = package.secrets.iter();
            secrets.map(move |name| path_in_package(&source.code, name))
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
