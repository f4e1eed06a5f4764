//! `requirements.txt`: read as pip reads it, with the files that it names put in their place.
//!
//! What would run a program of the package while it is installed is refused: only wheels are installed.
//! <https://pip.pypa.io/en/stable/reference/requirements-file-format/>

mod lines;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use self::lines::{LogicalLine, logical_lines, options_and_rest};
use super::{BuildTool, Dependencies, DependencyBuild, MAX_MANIFEST_BYTES, normal_name, readable};
use crate::source::{Diagnostic, Diagnostics, Place, Source};
use crate::stack::boundary::Boundary;
use crate::stack::kinds::Architecture;

const FILE: &str = "requirements.txt";
const BUILD_NONE: &str =
    "install it into the folder yourself, remove the line, and write `build: none`";

/// The options of a requirements file that say where packages come from, with a value.
const PASSED: [&str; 8] = [
    "--index-url",
    "-i",
    "--extra-index-url",
    "--find-links",
    "-f",
    "--trusted-host",
    "--use-feature",
    "--only-binary",
];
/// The same without a value.
const PASSED_FLAGS: [&str; 4] = ["--no-index", "--pre", "--prefer-binary", "--require-hashes"];

/// The work of reading one requirements file and those that it names.
struct Reader<'b> {
    boundary: &'b Boundary,
    requirements: String,
    constraints: String,
    wheels: BTreeMap<String, Arc<[u8]>>,
    named: BTreeMap<String, Place>,
    unpinned: BTreeSet<String>,
    /// The packages to which a file of constraints gives an exact version.
    constrained: BTreeSet<String>,
    problems: Diagnostics,
    /// The files being read: one may name itself.
    open: Vec<PathBuf>,
}

/// Reads the folder's requirements; `None` if there are none.
pub(super) fn find(folder: &Path, boundary: &Boundary) -> Result<Option<Dependencies>, Diagnostic> {
    let path = folder.join(FILE);
    let Some(real) = readable(&path, boundary)? else {
        return Ok(None);
    };
    let mut reader = Reader {
        boundary,
        requirements: String::new(),
        constraints: String::new(),
        wheels: BTreeMap::new(),
        named: BTreeMap::new(),
        unpinned: BTreeSet::new(),
        constrained: BTreeSet::new(),
        problems: Diagnostics::default(),
        open: Vec::new(),
    };
    reader.read(&path, real, false)?;
    let constrained = std::mem::take(&mut reader.constrained);
    reader
        .unpinned
        .retain(|name| !constrained.contains(&normal_name(name)));
    let has_packages = !reader.named.is_empty() || !reader.wheels.is_empty();
    if !has_packages && !reader.problems.has_errors() {
        return Ok(None);
    }
    let mut inputs = reader.wheels;
    inputs.insert(FILE.to_owned(), reader.requirements.into_bytes().into());
    if !reader.constraints.is_empty() {
        let constraints = reader.constraints.into_bytes();
        inputs.insert("constraints.txt".to_owned(), constraints.into());
    }
    Ok(Some(Dependencies {
        build: Some(DependencyBuild {
            tool: BuildTool::Pip,
            runtime: String::new(),
            architecture: Architecture::default(),
            manifest: path.display().to_string(),
            inputs,
            named: reader.named,
            unpinned: reader.unpinned.into_iter().collect(),
        }),
        problems: reader.problems,
    }))
}

/// Reads a text file. PowerShell's `pip freeze > requirements.txt` writes UTF-16.
fn read_text(path: &Path) -> Result<Arc<Source>, Diagnostic> {
    let utf16 = || {
        let bytes = std::fs::read(path).ok()?;
        let is_little = match bytes.first_chunk()? {
            [0xff, 0xfe] => true,
            [0xfe, 0xff] => false,
            _ => return None,
        };
        let units = bytes.chunks_exact(2).skip(1).map(|pair| {
            let pair = [pair[0], pair[1]];
            if is_little {
                u16::from_le_bytes(pair)
            } else {
                u16::from_be_bytes(pair)
            }
        });
        String::from_utf16(&units.collect::<Vec<u16>>()).ok()
    };
    match Source::read(path, MAX_MANIFEST_BYTES) {
        Ok(source) => Ok(source),
        Err(diagnostic) => match utf16() {
            Some(text) if text.len() as u64 <= MAX_MANIFEST_BYTES => {
                Ok(Source::new(path.display().to_string(), text))
            }
            _ => Err(diagnostic),
        },
    }
}

impl Reader<'_> {
    fn read(&mut self, path: &Path, real: PathBuf, constrains: bool) -> Result<(), Diagnostic> {
        if self.open.contains(&real) {
            return Err(
                Diagnostic::error(format!("`{}` names itself", path.display()))
                    .help("remove the line `-r` or `-c` that leads back to it"),
            );
        }
        let source = read_text(&real)?;
        // The path as the user knows it, not where a link leads.
        let source = Source::new(path.display().to_string(), source.text.as_str());
        self.open.push(real);
        for line in logical_lines(&source.text) {
            if let Err(problem) = self.line(path, &source, &line, constrains) {
                self.problems.push(match problem.place {
                    Some(_) => problem,
                    None => problem.at(&source, line.span),
                });
            }
        }
        self.open.pop();
        Ok(())
    }

    fn line(
        &mut self,
        path: &Path,
        source: &Arc<Source>,
        line: &LogicalLine,
        constrains: bool,
    ) -> Result<(), Diagnostic> {
        if let Some(variable) = variable(&line.text) {
            return Err(Diagnostic::error(format!(
                "treino gives pip no variables of your environment, so `{variable}` has no value"
            ))
            .help("give pip the address itself, by its own variables (PIP_INDEX_URL, PIP_EXTRA_INDEX_URL) or settings"));
        }
        if line.text.starts_with('-') {
            return self.options(path, &line.text, constrains);
        }
        let (requirement, options) = options_and_rest(&line.text);
        if let Some(other) = options.iter().find(|one| !one.starts_with("--hash")) {
            return Err(Diagnostic::error(format!(
                "`{other}` is for packages that are built from their source, and treino installs only wheels"
            ))
            .help("remove it"));
        }
        let requirement = self.requirement(path, requirement)?;
        let mut words = vec![requirement.as_str()];
        words.extend(options.iter().map(|one| &**one));
        let out = if constrains {
            &mut self.constraints
        } else {
            &mut self.requirements
        };
        let _ = writeln!(out, "{}", words.join(" "));
        // Of the address of a wheel, the name is in its last part: `https://host/requests-2.31.0-py3-none-any.whl`.
        let named = if is_web(&requirement) {
            requirement.rsplit('/').next().unwrap_or_default()
        } else {
            requirement.as_str()
        };
        let is_name = |c: &char| {
            c.is_ascii_alphanumeric() || "_.".contains(*c) || *c == '-' && !is_web(&requirement)
        };
        let name: String = named.chars().take_while(is_name).collect();
        if constrains {
            if requirement.contains("==") {
                self.constrained.insert(normal_name(&name));
            }
            return Ok(());
        }
        if !name.is_empty() && !requirement.starts_with("./") {
            let is_exact =
                requirement.contains("==") || requirement.contains('@') || is_web(&requirement);
            if !is_exact {
                self.unpinned.insert(name.clone());
            }
            let place = Place {
                source: Arc::clone(source),
                span: line.span,
            };
            self.named.entry(normal_name(&name)).or_insert(place);
        }
        Ok(())
    }

    /// A line of options: where packages come from is passed on; other files are put in their place.
    fn options(&mut self, path: &Path, text: &str, constrains: bool) -> Result<(), Diagnostic> {
        let mut words = lines::words(text).into_iter();
        while let Some(word) = words.next() {
            let (name, given) = lines::option(&word);
            let mut value = || given.clone().or_else(|| words.next()).unwrap_or_default();
            match name.as_str() {
                "-r" | "--requirement" => self.named_file(path, &value(), constrains)?,
                "-c" | "--constraint" => self.named_file(path, &value(), true)?,
                "-e" | "--editable" => {
                    let what = value();
                    return Err(Diagnostic::error(format!("`{what}` is not a wheel: treino installs only wheels"))
                        .help("put a folder of your own beside the code by `include:`; else install it yourself and write `build: none`"));
                }
                "-f" | "--find-links" if !given.as_deref().is_some_and(is_web) => {
                    let value = value();
                    if !is_web(&value) {
                        return Err(Diagnostic::error(format!("`{value}` is not an address on the web"))
                            .help("name the wheel by its path: ./wheels/NAME.whl; or name the folder to pip by PIP_FIND_LINKS"));
                    }
                    let _ = writeln!(self.requirements, "{name} {value}");
                }
                name if PASSED.contains(&name) => {
                    let _ = writeln!(self.requirements, "{name} {}", value());
                }
                name if PASSED_FLAGS.contains(&name) => {
                    let _ = writeln!(self.requirements, "{name}");
                }
                "--no-binary" => {
                    return Err(Diagnostic::error(
                        "`--no-binary` asks for packages built from their source, and treino installs only wheels",
                    )
                    .help(BUILD_NONE));
                }
                other => {
                    return Err(Diagnostic::error(format!(
                        "treino does not know the option `{other}` of a requirements file"
                    ))
                    .help(BUILD_NONE));
                }
            }
        }
        Ok(())
    }

    fn named_file(&mut self, path: &Path, named: &str, constrains: bool) -> Result<(), Diagnostic> {
        if is_web(named) {
            return Err(
                Diagnostic::error(format!("`{named}` is not a file of the folder"))
                    .help("save it beside requirements.txt, and name that file"),
            );
        }
        let other = path.with_file_name("").join(named);
        match readable(&other, self.boundary)? {
            Some(real) => self.read(&other, real, constrains),
            None => Err(
                Diagnostic::error(format!("there is no file `{}`", other.display()))
                    .help("the path is relative to the file that names it"),
            ),
        }
    }

    /// A requirement as pip is given it: a wheel's path leads to the wheel beside the requirements.
    fn requirement(&mut self, path: &Path, text: &str) -> Result<String, Diagnostic> {
        let (body, marker) = match text.split_once(';') {
            Some((body, marker)) => (body.trim(), format!(" ; {}", marker.trim())),
            None => (text.trim(), String::new()),
        };
        let (name, target) = match body.split_once(" @ ") {
            Some((name, target)) => (Some(name.trim()), target.trim()),
            None => (None, body),
        };
        let is_file = target.starts_with("file:");
        let is_address = target.contains("://") || is_file;
        let ending = target
            .split(['#', '?'])
            .next()
            .unwrap_or_default()
            .to_lowercase();
        let is_path = !is_address
            && (name.is_some()
                || target.starts_with(['.', '/'])
                || target.contains(['/', '\\'])
                || [".whl", ".zip", ".tar.gz"]
                    .iter()
                    .any(|end| ending.ends_with(end)));
        if !is_address && !is_path {
            return Ok(text.to_owned());
        }
        if !ending.ends_with(".whl") || !is_path && !is_web(target) {
            let why = if is_file {
                "a file of one machine"
            } else {
                "not a wheel"
            };
            return Err(Diagnostic::error(format!(
                "`{target}` is {why}: treino installs wheels from an index, the web or the folder"
            ))
            .help("name the package and its version (`NAME==1.2.3`); put a folder of your own beside the code by \
                   `include:`; else install it yourself and write `build: none`"));
        }
        if is_address {
            return Ok(text.to_owned());
        }
        let wheel = path.with_file_name("").join(target);
        let Some(real) = readable(&wheel, self.boundary)? else {
            return Err(
                Diagnostic::error(format!("there is no file `{}`", wheel.display()))
                    .help("the path is relative to the file that names it"),
            );
        };
        let bytes = std::fs::read(&real).map_err(|error| {
            Diagnostic::error_with_help(
                format!("{}: {error}", wheel.display()),
                "check that the file can be read",
            )
        })?;
        let file = wheel.file_name().unwrap_or_default().to_string_lossy();
        self.wheels.insert(format!("wheels/{file}"), bytes.into());
        Ok(format!("./wheels/{file}{marker}"))
    }
}

fn is_web(text: &str) -> bool {
    text.starts_with("https://") || text.starts_with("http://")
}

/// The first variable that pip would replace: `${NAME}`.
fn variable(text: &str) -> Option<&str> {
    text.match_indices("${").find_map(|(at, _)| {
        let end = at + text.get(at..)?.find('}')?;
        let name = text.get(at + 2..end)?;
        let is_name = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
        (!name.is_empty() && name.chars().all(is_name)).then(|| text.get(at..=end))?
    })
}

#[cfg(test)]
mod tests;
