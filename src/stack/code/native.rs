//! Programs in a package that cannot run where the function does: those of macOS and Windows, of the other
//! instruction set, and Python's extension modules for another version.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};

use crate::source::Diagnostic;
use crate::stack::kinds::Architecture;

/// How many bytes of a file show what it is.
const HEAD: usize = 20;

/// The warning about programs among these files that a function cannot load, if there are any. Each file is its name
/// in the package and its path.
#[must_use]
pub fn foreign_programs(
    files: &[(String, PathBuf)],
    runtime: &str,
    architecture: Architecture,
) -> Option<Diagnostic> {
    // The variants of one module: one that can be loaded is enough.
    let mut modules: BTreeMap<&str, Vec<(&str, Option<String>)>> = BTreeMap::new();
    for (name, path) in files {
        let Some(module) = module(name, runtime) else {
            continue;
        };
        let why = why_not(name, path, runtime, architecture);
        modules.entry(module).or_default().push((name, why));
    }
    let unusable = modules
        .values()
        .filter(|of| of.iter().all(|(_, why)| why.is_some()));
    let mut unusable = unusable.filter_map(|of| {
        let (name, why) = of.first()?;
        Some((*name, why.as_deref()?))
    });
    let (name, why) = unusable.next()?;
    let more = match unusable.count() {
        0 => String::new(),
        1 => " (and 1 more file)".to_owned(),
        count => format!(" (and {count} more files)"),
    };
    let machine = architecture.name();
    let help = if runtime.starts_with("python") {
        "name the packages in requirements.txt and delete their folders: treino then installs them for Lambda"
    } else if runtime.starts_with("nodejs") {
        "name the packages in package.json (with package-lock.json): treino then installs them for Lambda"
    } else {
        "build it for Linux and the function's `architecture`"
    };
    let message =
        format!("`{name}` is {why}, and cannot be loaded by {runtime} on {machine}{more}");
    Some(Diagnostic::warning(message).help(help))
}

/// The module that a file is a variant of; `None` if it is no program that a function loads.
fn module<'n>(name: &'n str, runtime: &str) -> Option<&'n str> {
    let last = name.rsplit('/').next().unwrap_or(name);
    if runtime.starts_with("provided") {
        return (name == "bootstrap").then_some(name);
    }
    if runtime.starts_with("nodejs") {
        // All of one package or scope: each platform has a file or a package of its own.
        let from = name
            .rfind("node_modules/")
            .map_or(0, |at| at + "node_modules/".len());
        let end = name[from..].find('/').map_or(name.len(), |at| from + at);
        return last.ends_with(".node").then(|| &name[..end]);
    }
    let is_library = [".so", ".pyd", ".dylib"]
        .iter()
        .any(|end| last.ends_with(end));
    let dot = name.len() - last.len() + last.find('.')?;
    (runtime.starts_with("python") && is_library).then(|| &name[..dot])
}

/// Why a program cannot be loaded; `None` if it can, as far as its name and its first bytes show.
fn why_not(name: &str, path: &Path, runtime: &str, architecture: Architecture) -> Option<String> {
    let last = name.rsplit('/').next().unwrap_or(name);
    let python = python_of(last).filter(|_| runtime.starts_with("python"));
    let wanted = runtime.trim_start_matches("python");
    let of_python = python
        .filter(|version| version != wanted)
        .map(|version| format!(" for Python {version}"));
    match (platform(last, path, architecture), of_python) {
        (Some(platform), of_python) => Some(match of_python {
            Some(of_python) => format!("{platform} and{of_python}"),
            None => platform.to_owned(),
        }),
        (None, Some(of_python)) => Some(format!("built{of_python}")),
        (None, None) => None,
    }
}

/// The Python version in the name of an extension module: `x.cpython-311-darwin.so`, `x.cp311-win_amd64.pyd`.
fn python_of(name: &str) -> Option<String> {
    let tag = name.split('.').nth(1)?;
    let digits = tag.strip_prefix("cpython-").or(tag.strip_prefix("cp"))?;
    let digits: String = digits.chars().take_while(char::is_ascii_digit).collect();
    let (major, minor) = digits.split_at_checked(1)?;
    (!minor.is_empty()).then(|| format!("{major}.{minor}"))
}

/// The platform of a program, if it is not the function's.
fn platform(name: &str, path: &Path, architecture: Architecture) -> Option<&'static str> {
    let mut head = Vec::new();
    let file = std::fs::File::open(path).ok()?;
    file.take(HEAD as u64).read_to_end(&mut head).ok()?;
    match head[..] {
        // <https://refspecs.linuxfoundation.org/elf/gabi4+/ch4.eheader.html>: e_machine at 18, in the file's order.
        [0x7f, b'E', b'L', b'F', _, order, .., one, two] if head.len() == HEAD => {
            let machine = if order == 2 { [two, one] } else { [one, two] };
            match (u16::from_le_bytes(machine), architecture) {
                (62, Architecture::Arm) => return Some("for x86_64"),
                (183, Architecture::X86) => return Some("for arm64"),
                (62, Architecture::X86) | (183, Architecture::Arm) => return None,
                _ => return Some("for another machine"),
            }
        }
        [0xcf | 0xce, 0xfa, 0xed, 0xfe, ..] | [0xca, 0xfe, 0xba, 0xbe, ..] => {
            return Some("for macOS");
        }
        [b'M', b'Z', ..] => return Some("for Windows"),
        _ => {}
    }
    if name.ends_with("-darwin.so") || name.ends_with(".dylib") {
        return Some("for macOS");
    }
    name.ends_with(".pyd").then_some("for Windows")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn elf(machine: u8) -> Vec<u8> {
        let mut bytes = b"\x7fELF\x02\x01\x01".to_vec();
        bytes.resize(HEAD - 2, 0);
        bytes.extend([machine, 0]);
        bytes
    }

    /// What is said of a package with these files.
    fn said(runtime: &str, architecture: Architecture, files: &[(&str, &[u8])]) -> String {
        let folder = tempfile::tempdir().unwrap();
        let written = files.iter().enumerate().map(|(index, (name, bytes))| {
            let path = folder.path().join(index.to_string());
            std::fs::write(&path, bytes).unwrap();
            ((*name).to_owned(), path)
        });
        let found = foreign_programs(&written.collect::<Vec<_>>(), runtime, architecture);
        found.map(|one| one.message).unwrap_or_default()
    }

    #[test]
    fn wheels_of_another_machine_are_found() {
        use Architecture::{Arm, X86};
        let (x86, arm, mac) = (elf(62), elf(183), [0xcf, 0xfa, 0xed, 0xfe, 0, 0]);
        let python =
            |architecture, files: &[(&str, &[u8])]| said("python3.13", architecture, files);
        assert_eq!(
            python(
                Arm,
                &[
                    ("PIL/_imaging.cpython-311-darwin.so", &[]),
                    ("PIL/_webp.cp311-win_amd64.pyd", &[])
                ]
            ),
            "`PIL/_imaging.cpython-311-darwin.so` is for macOS and for Python 3.11, and cannot be loaded by python3.13 on \
             arm64 (and 1 more file)"
        );
        assert!(
            python(X86, &[("a/_b.cpython-312-x86_64-linux-gnu.so", &x86)])
                .contains("built for Python 3.12")
        );
        assert!(
            python(Arm, &[("a/_b.cpython-313-x86_64-linux-gnu.so", &x86)]).contains("for x86_64")
        );
        assert!(python(X86, &[("a/_b.abi3.so", &mac)]).contains("for macOS"));
        assert_eq!(
            python(X86, &[("a/_b.abi3.so", &x86), ("x.libs/libz-1.so", &x86)]),
            ""
        );
        let both: &[(&str, &[u8])] = &[
            ("a/_b.cpython-313-darwin.so", &mac),
            ("a/_b.cpython-313-x86_64-linux-gnu.so", &x86),
        ];
        assert_eq!(python(X86, both), "", "one of the variants can be loaded");
        assert_eq!(said("python3.13", Arm, &[("a.so", &arm)]), "");
        let prebuilt: &[(&str, &[u8])] = &[
            ("node_modules/x/prebuilds/darwin-x64/x.node", &mac),
            ("node_modules/x/prebuilds/linux-x64/x.node", &x86),
        ];
        assert_eq!(said("nodejs22.x", X86, prebuilt), "");
        let sharp: &[(&str, &[u8])] = &[("node_modules/@img/sharp-darwin-arm64/lib/s.node", &mac)];
        assert!(said("nodejs22.x", X86, sharp).contains("for macOS"));
        assert!(said("provided.al2023", Arm, &[("bootstrap", &x86)]).contains("for x86_64"));
        assert_eq!(
            said("provided.al2023", Arm, &[("bootstrap", b"#!/bin/sh")]),
            ""
        );
    }
}
