//! For whom packages are installed: a runtime of Lambda, or this machine, whose Python and Node.js the local AWS
//! runs functions with.

use std::path::PathBuf;

use crate::stack::kinds::Architecture;
use crate::stack::{BuildTool, DependencyBuild};

/// The last minor version of Python whose runtime is on Amazon Linux 2, and of Node.js the last major version. Later
/// ones are on Amazon Linux 2023.
///
/// <https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html>
const LAST_PYTHON_ON_AL2: u32 = 11;
/// The minor version of glibc of Amazon Linux 2, and of Amazon Linux 2023.
///
/// <https://docs.aws.amazon.com/linux/al2023/ug/compare-with-al2.html>
const GLIBC_AL2: u32 = 26;
const GLIBC_AL2023: u32 = 34;
/// The oldest glibc for which there are wheels by its number; older ones have names of their own.
///
/// <https://peps.python.org/pep-0600/>
const GLIBC_MANYLINUX2014: u32 = 17;

/// Where the packages are used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BuildTarget {
    /// Lambda.
    Lambda,
    /// This machine: the Python of functions on the local AWS, and its version.
    Machine {
        /// The program.
        python: PathBuf,
        /// Such as `3.11`.
        version: String,
    },
}

impl BuildTarget {
    /// For whom a request is installed, in words.
    pub(super) fn describe(&self, request: &DependencyBuild) -> String {
        match (self, request.tool) {
            (Self::Lambda, _) => format!("{} {}", request.runtime, request.architecture.name()),
            (Self::Machine { version, .. }, BuildTool::Pip) => {
                format!("Python {version} of this machine")
            }
            (Self::Machine { .. }, BuildTool::Npm) => "Node.js of this machine".to_owned(),
        }
    }

    /// What tells the results for one target from those for another.
    pub(super) fn key(&self) -> String {
        match self {
            Self::Lambda => "lambda".to_owned(),
            Self::Machine { version, .. } => {
                let (os, machine) = (std::env::consts::OS, std::env::consts::ARCH);
                format!("{os} {machine} {version}")
            }
        }
    }
}

/// The minor version of Python in a runtime's name: 13 of `python3.13`.
pub(super) fn python_minor(runtime: &str) -> Option<u32> {
    runtime.strip_prefix("python3.")?.parse().ok()
}

/// A patch version: packages exclude some of the first ones (`!=3.9.1`), which Lambda has no longer.
pub(super) fn python_patch(minor: u32) -> u32 {
    if minor <= 13 { 10 } else { 2 }
}

/// The platforms of wheels that a runtime can load, those for the newest glibc first.
pub(super) fn platforms(minor: u32, architecture: Architecture) -> Vec<String> {
    let machine = match architecture {
        Architecture::X86 => "x86_64",
        Architecture::Arm => "aarch64",
    };
    let newest = if minor <= LAST_PYTHON_ON_AL2 {
        GLIBC_AL2
    } else {
        GLIBC_AL2023
    };
    let numbers = (GLIBC_MANYLINUX2014..=newest).rev();
    let by_number = numbers.map(|glibc| format!("manylinux_2_{glibc}_{machine}"));
    let older: &[&str] = match architecture {
        Architecture::X86 => &["manylinux2014", "manylinux2010", "manylinux1"],
        Architecture::Arm => &["manylinux2014"],
    };
    let by_name = older.iter().map(|name| format!("{name}_{machine}"));
    by_number
        .chain(by_name)
        .chain([format!("linux_{machine}")])
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wheels_fit_the_glibc_of_the_runtime() {
        let of =
            |runtime: &str, architecture| platforms(python_minor(runtime).unwrap(), architecture);
        let old = of("python3.11", Architecture::X86);
        assert_eq!(old.first().unwrap(), "manylinux_2_26_x86_64");
        assert!(old.contains(&"manylinux2014_x86_64".to_owned()));
        assert!(old.contains(&"manylinux1_x86_64".to_owned()));
        let new = of("python3.13", Architecture::Arm);
        assert_eq!(new.first().unwrap(), "manylinux_2_34_aarch64");
        assert!(new.contains(&"manylinux_2_28_aarch64".to_owned()));
        assert!(
            !new.iter()
                .any(|name| name.contains("manylinux1") || name.contains("x86"))
        );
    }
}
