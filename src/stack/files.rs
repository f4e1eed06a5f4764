//! The files a stack file names: read once, for any number of expansions.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::boundary::Boundary;
use super::code::{self, FileError, Package, PackageSource, StackFiles, path_in_package};
use super::guards::GUARDS_NAMES;
use super::{
    BuiltDependencies, DefinitionUse, DependencyBuild, Kind, MachineDefinition, StackFile,
};
use crate::asl;
use crate::source::{self, Diagnostic, Diagnostics, Node, Source};

/// A definition and its warnings, or its errors; without a place if the file itself is the problem.
pub type ReadDefinition = Result<(asl::Definition, Diagnostics), Diagnostics>;

/// Function packages by what they are made of, and definitions by their paths in the stack file.
#[derive(Debug)]
pub struct Files {
    packages: BTreeMap<PackageSource, Result<Package, FileError>>,
    definitions: BTreeMap<String, ReadDefinition>,
    /// Those that are a part of the stack file, by the key of their resource.
    inline: BTreeMap<String, ReadDefinition>,
    /// Files that checks put, by their paths in the stack file.
    samples: BTreeMap<String, Result<PathBuf, FileError>>,
    boundary: Boundary,
}

impl Files {
    /// Reads every file that a stack file names, relative to its folder.
    #[must_use]
    pub fn read(
        file: &StackFile,
        folder: &Path,
        boundary: Boundary,
        (source, root): (&Arc<Source>, &Node),
    ) -> Self {
        let own = StackFiles::of(own_paths(file, folder, source));
        let mut packages = BTreeMap::new();
        let mut definitions = BTreeMap::new();
        let mut inline = BTreeMap::new();
        for kind in Kind::ALL {
            let of = kind.resource_type();
            for code in of.packages(file) {
                packages
                    .entry(code.clone())
                    .or_insert_with(|| code::package(folder, &code, &boundary, &own));
            }
            for one in of.definitions(file) {
                match one.definition {
                    MachineDefinition::File(path) => {
                        definitions
                            .entry(path.to_owned())
                            .or_insert_with(|| definition(path, &folder.join(path), &boundary));
                    }
                    MachineDefinition::Inline(_) => {
                        let resource = root.get(kind.section()).and_then(|all| all.get(one.key));
                        let node = resource.and_then(|resource| resource.get("definition"));
                        let read = node.map(|node| asl::load_inline(source, node));
                        inline.extend(read.map(|read| (one.key.to_owned(), read)));
                    }
                }
            }
        }
        let samples = file.checks.values().filter_map(|check| check.put.as_ref());
        let samples =
            samples.map(|path| (path.clone(), code::sample(&folder.join(path), &boundary)));
        Self {
            packages,
            definitions,
            inline,
            samples: samples.collect(),
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

    /// The definition of a resource.
    #[must_use]
    pub fn definition(&self, of: DefinitionUse) -> Option<&ReadDefinition> {
        match of.definition {
            MachineDefinition::File(path) => self.definitions.get(path),
            MachineDefinition::Inline(_) => self.inline.get(of.key),
        }
    }

    /// The file that a check puts, or why it cannot.
    #[must_use]
    pub fn sample(&self, path: &str) -> Option<&Result<PathBuf, FileError>> {
        self.samples.get(path)
    }

    /// Every definition in a file of its own that could be read.
    pub fn definitions(&self) -> impl Iterator<Item = &asl::Definition> {
        self.definitions
            .values()
            .filter_map(|read| Some(&read.as_ref().ok()?.0))
    }
}

/// The stack file, its definitions and guards: a function's folder may have them.
fn own_paths<'f>(
    file: &'f StackFile,
    folder: &'f Path,
    source: &'f Source,
) -> impl Iterator<Item = PathBuf> + 'f {
    let definitions = Kind::ALL
        .into_iter()
        .flat_map(|kind| kind.resource_type().definitions(file));
    let paths = definitions.filter_map(|one| match one.definition {
        MachineDefinition::File(path) => Some(folder.join(path)),
        MachineDefinition::Inline(_) => None,
    });
    let guards = GUARDS_NAMES.map(|name| folder.join(name));
    paths.chain([PathBuf::from(&source.name)]).chain(guards)
}

fn definition(written: &str, path: &Path, boundary: &Boundary) -> ReadDefinition {
    let is_yaml = written.contains('\n') && written.contains(": ");
    if (is_yaml || written.trim_start().starts_with('{')) && !path.exists() {
        return Err(Diagnostic::error(
            "this is the text of a definition, not the path of its file",
        )
        .help("write it as a mapping: remove the `|` or the quotes; YAML takes JSON as it is")
        .into());
    }
    // Checked before the file is read, as diagnostics show its lines.
    let real = path.canonicalize().ok();
    if let Some(wrong) = real.and_then(|real| boundary.check(path, &real)) {
        return Err(Diagnostic::error(wrong.message).help(wrong.help).into());
    }
    let source = asl::read(path).map_err(|diagnostic| {
        let is_plain = diagnostic.help.as_deref() == Some("check the path");
        Diagnostics::from(
            if let Some(help) = source::slashes_help(written).filter(|_| !path.exists()) {
                diagnostic.help(help)
            } else if is_plain {
                diagnostic.help("the path is relative to the stack file")
            } else {
                diagnostic
            },
        )
    })?;
    asl::load(&source)
}
