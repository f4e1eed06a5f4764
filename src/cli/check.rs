//! `treino check`

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;

use super::{Common, End, Error};
use crate::report::{self, Out};
use crate::source::{Diagnostic, Diagnostics, Severity, Span, open_files_help};
use crate::stack::{Given, Missing};
use crate::{asl, stack};

/// Find what is wrong with stack files and definitions; no AWS, no credentials, nothing is changed
///
/// A stack file is checked with its definitions and its functions' code, as `plan` and `deploy` do
/// it; parameters and environment variables need no value yet. A Step Functions definition is checked alone, so that what its references mean is not known.
/// Ends with 2 if there is an error. With --json, each diagnostic is an event with its file, its line
/// and column and those of its end (from 1, in characters, the end not included), severity, message
/// and help.
#[derive(Debug, Args)]
pub struct Check {
    /// Stack files (.yaml, .yml), Step Functions definitions (.json), or folders: all stack files
    /// and *.asl.json right in them
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
    /// End with 2 if there is a warning, too
    #[arg(long)]
    strict: bool,
}

/// A diagnostic, and the file it was found in.
struct Found {
    file: String,
    diagnostic: Diagnostic,
}

impl Check {
    pub(super) fn run(self, common: &Common, out: Out) -> Result<End, Error> {
        if self.files.is_empty() {
            return Err(Error::Usage(nothing_named()));
        }
        let given = Given {
            owner: common.owner.clone(),
            missing: Missing::Later,
            ..Given::default()
        };
        let files = files(&self.files);
        let mut found = Vec::new();
        for file in &files {
            let diagnostics = match file {
                Ok(path) => check(path, &given),
                Err((_, diagnostic)) => diagnostic.clone().into(),
            };
            let path = match file {
                Ok(path) | Err((path, _)) => path,
            };
            found.extend(diagnostics.into_iter().map(|diagnostic| Found {
                file: match &diagnostic.place {
                    Some(place) => place.source.name.clone(),
                    None => path.display().to_string(),
                },
                diagnostic,
            }));
        }
        let found = distinct(found);
        Ok(tell(files.len(), &found, self.strict, out))
    }
}

/// What to name, where nothing is: what a shell makes of the pattern, if there is anything.
fn nothing_named() -> String {
    let (folder, what) = ["stacks", "."]
        .into_iter()
        .find(|folder| within(Path::new(folder)).is_ok_and(|files| !files.is_empty()))
        .map_or(("", "STACK.yaml"), |folder| match folder {
            "." => ("", "."),
            folder => (folder, "/*.yaml"),
        });
    format!("name what to check: treino check {folder}{what}")
}

type Named = Result<PathBuf, (PathBuf, Diagnostic)>;

/// The files named, with those of folders; or why there are none.
fn files(named: &[PathBuf]) -> Vec<Named> {
    let mut files = Vec::new();
    for path in named {
        if !path.is_dir() {
            files.push(Ok(path.clone()));
            continue;
        }
        let wrong = |message: String, help: &str| {
            Err((path.clone(), Diagnostic::error(message).help(help)))
        };
        let shown = path.display();
        match within(path) {
            Ok(inner) if inner.is_empty() => files.push(wrong(
                format!("the folder `{shown}` has no stack file and no definition"),
                "folders within it are not searched: name them, or the files",
            )),
            Ok(inner) => files.extend(inner.into_iter().map(Ok)),
            Err(error) => files.push(wrong(
                format!("the folder `{shown}` cannot be read: {error}"),
                open_files_help(&error).unwrap_or("check who may read the folder"),
            )),
        }
    }
    let mut seen = HashSet::new();
    files.retain(|file| file.as_ref().map_or(true, |path| seen.insert(real(path))));
    files
}

/// The stack files and definitions right in a folder, sorted.
fn within(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let is_meant = is_stack(&path) && !name.starts_with('.') || name.ends_with(".asl.json");
        if is_meant && path.is_file() {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn is_stack(path: &Path) -> bool {
    path.extension()
        .is_some_and(|end| end == "yaml" || end == "yml")
}

/// Everything that is wrong with a file and what it brings along.
fn check(path: &Path, given: &Given) -> Diagnostics {
    let shown = path.display();
    if path.extension().is_some_and(|end| end == "json") {
        let read = asl::read(path).map_err(Diagnostics::from);
        return warnings(read.and_then(|source| asl::load(&source)));
    }
    let stem = path.file_stem().map(Path::new).and_then(Path::extension);
    if is_stack(path) && stem.is_some_and(|inner| inner == "asl") && path.exists() {
        return Diagnostic::error(format!("`{shown}` is a definition in YAML"))
            .help("write it in JSON, which is what Step Functions takes")
            .into();
    }
    if is_stack(path) || !path.exists() {
        return warnings(stack::load(path, given.clone()));
    }
    Diagnostic::error(format!("`{shown}` is no file treino can check"))
        .help("name a stack file (.yaml, .yml) or a Step Functions definition (.json)")
        .into()
}

fn warnings<T>(checked: Result<(T, Diagnostics), Diagnostics>) -> Diagnostics {
    checked.map_or_else(|diagnostics| diagnostics, |(_, warnings)| warnings)
}

/// Each diagnostic once, though two stacks may share a definition, or it be named itself as well.
fn distinct(found: Vec<Found>) -> Vec<Found> {
    let mut seen = HashSet::new();
    let key = |one: &Found| {
        let span = one.diagnostic.place.as_ref().map(|place| place.span);
        (
            real(Path::new(&one.file)),
            span,
            one.diagnostic.message.clone(),
        )
    };
    let all = found.into_iter();
    // Two names that are not UTF-8 may be shown alike.
    let is_another = |one: &Found| one.file.contains(char::REPLACEMENT_CHARACTER);
    all.filter(|one| seen.insert(key(one)) || is_another(one))
        .collect()
}

/// One name for one file, whatever way it is named.
fn real(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_path_buf())
}

fn tell(files: usize, found: &[Found], strict: bool, out: Out) -> End {
    for one in found {
        out.event(&event(one));
    }
    let all: Diagnostics = found.iter().map(|one| one.diagnostic.clone()).collect();
    if !found.is_empty() {
        out.say(report::every_problem(&all));
        out.say("");
    }
    let count = |severity| all.0.iter().filter(|one| one.severity == severity).count();
    let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
    let mut parts = vec![counted(files, "file")];
    parts.extend((errors > 0).then(|| counted(errors, "error")));
    parts.extend((warnings > 0).then(|| counted(warnings, "warning")));
    let line = match (errors, warnings) {
        (0, 0) => report::good(&format!("{}, nothing wrong", parts.join(", "))),
        (0, _) => report::warning(&parts.join(", ")),
        _ => report::error(&parts.join(", ")),
    };
    out.say(line);
    out.event(
        &json!({ "event": "checked", "files": files, "errors": errors, "warnings": warnings }),
    );
    if errors > 0 || strict && warnings > 0 {
        End::Wrong
    } else {
        End::Done
    }
}

fn counted(count: usize, noun: &str) -> String {
    let ending = if count == 1 { "" } else { "s" };
    format!("{count} {noun}{ending}")
}

/// A diagnostic as editors want it.
fn event(found: &Found) -> serde_json::Value {
    let diagnostic = &found.diagnostic;
    let mut event = json!({
        "event": "problem",
        "file": found.file,
        "severity": match diagnostic.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        },
        "message": diagnostic.message,
        "help": diagnostic.help,
    });
    if let (Some(place), Some(fields)) = (&diagnostic.place, event.as_object_mut()) {
        let (line, column) = place.span.line_column(&place.source);
        let end = Span {
            start: place.span.end,
            end: place.span.end,
        };
        let (end_line, end_column) = end.line_column(&place.source);
        fields.insert("line".into(), json!(line));
        fields.insert("column".into(), json!(column));
        fields.insert(
            "end".into(),
            json!({ "line": end_line, "column": end_column }),
        );
    }
    event
}
