//! What pip or npm installs into a function's package: the packages that `requirements.txt` or `package.json` in
//! its code folder names. Here the files are only read; `build` runs the programs.

mod node;
mod other_files;
mod requirements;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::boundary::Boundary;
use super::kinds::Architecture;
use crate::source::{Diagnostic, Diagnostics, Place};

/// The maximum size of a file that names packages.
const MAX_MANIFEST_BYTES: u64 = 4 * 1024 * 1024;
/// Part of the hash: another number where the same files give another result.
const FORMAT: &str = "1";

/// Whether packages are installed into a function's package.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum BuildMode {
    /// Those that `requirements.txt` or `package.json` in the code folder names.
    #[default]
    Auto,
    /// None: the folder is packaged as it is.
    None,
}

/// The program that installs packages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum BuildTool {
    /// pip, for `requirements.txt`.
    Pip,
    /// npm, for `package.json`.
    Npm,
}

impl BuildTool {
    /// The program's name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Pip => "pip",
            Self::Npm => "npm",
        }
    }
}

/// What is installed for one function's package. Equal requests give equal packages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DependencyBuild {
    /// What installs it.
    pub tool: BuildTool,
    /// The runtime of the function: `python3.13`.
    pub runtime: String,
    /// The instruction set of the function.
    pub architecture: Architecture,
    /// The file that names the packages, as the user knows it.
    pub manifest: String,
    /// The files that the program reads, by their names in its folder.
    pub inputs: BTreeMap<String, Arc<[u8]>>,
    /// Where each package is named, by its name in lowercase letters.
    pub named: BTreeMap<String, Place>,
    /// Packages without an exact version, sorted: another day may give another one.
    pub unpinned: Vec<String>,
}

/// What pip or npm installed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BuiltDependencies {
    /// The files as a zip, the same on every machine.
    pub zip: Arc<[u8]>,
    /// Each package as `name version`, sorted.
    pub packages: Vec<String>,
    /// For whom it was built: `python3.13 x86_64`.
    pub built_for: String,
}

/// What was built for a function's package.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct PackagedDependencies {
    /// What installed it.
    pub tool: BuildTool,
    /// The file that names the packages.
    pub file: String,
    /// Each package as `name version`, sorted.
    pub packages: Vec<String>,
    /// For whom it was built: `python3.13 x86_64`.
    pub built_for: String,
    /// Packages without an exact version in the file: another day may give another one.
    pub unpinned: Vec<String>,
}

/// What is to be installed, and what is wrong with the files that say it.
#[derive(Debug, Default)]
pub(super) struct Dependencies {
    pub(super) build: Option<DependencyBuild>,
    pub(super) problems: Diagnostics,
}

impl DependencyBuild {
    /// The hash of everything that decides what is installed.
    #[must_use]
    pub fn digest(&self) -> String {
        let mut hash = Sha256::new();
        let architecture = self.architecture.name();
        for text in [FORMAT, self.tool.name(), &self.runtime, architecture] {
            hash.update(text.as_bytes());
            hash.update([0]);
        }
        for (name, bytes) in &self.inputs {
            hash.update(name.as_bytes());
            hash.update([0]);
            hash.update((bytes.len() as u64).to_le_bytes());
            hash.update(bytes);
        }
        crate::source::hexadecimal(&hash.finalize())
    }

    /// Places a finding about a package where the package is named.
    #[must_use]
    pub fn place(&self, diagnostic: Diagnostic, package: &str) -> Diagnostic {
        match self.named.get(&normal_name(package)) {
            Some(place) => diagnostic.at(&place.source, place.span),
            None => diagnostic,
        }
    }
}

/// A package's name in the form in which names are compared: `Foo.Bar` is `foo-bar`.
///
/// <https://packaging.python.org/en/latest/specifications/name-normalization/>
#[must_use]
pub fn normal_name(name: &str) -> String {
    let lower = name.to_lowercase();
    let parts = lower.split(['-', '_', '.']).filter(|part| !part.is_empty());
    parts.collect::<Vec<_>>().join("-")
}

/// What is to be installed for a function with its code in this folder.
pub(super) fn find(
    folder: &Path,
    runtime: &str,
    architecture: Architecture,
    boundary: &Boundary,
) -> Dependencies {
    let found = if runtime.starts_with("python") {
        requirements::find(folder, boundary)
    } else if runtime.starts_with("nodejs") {
        node::find(folder, boundary)
    } else {
        Ok(None)
    };
    match found {
        Ok(Some(mut found)) => {
            if let Some(build) = &mut found.build {
                runtime.clone_into(&mut build.runtime);
                build.architecture = architecture;
            }
            found
        }
        Ok(None) => Dependencies {
            build: None,
            problems: other_files::find(folder, runtime)
                .map(Diagnostics::from)
                .unwrap_or_default(),
        },
        Err(problem) => Dependencies {
            build: None,
            problems: problem.into(),
        },
    }
}

/// The canonical path of a file that the boundary lets be read; `None` if there is none.
fn readable(path: &Path, boundary: &Boundary) -> Result<Option<std::path::PathBuf>, Diagnostic> {
    let Ok(real) = path.canonicalize() else {
        return Ok(None);
    };
    match boundary.check(path, &real) {
        Some(refusal) => Err(Diagnostic::error(refusal.message).help(refusal.help)),
        None => Ok(Some(real)),
    }
}
