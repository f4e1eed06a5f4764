//! Finding what is wrong with stack files and definitions. Nothing is called, nothing is changed.

mod files;

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use self::files::{Checkable, files, real, suggestion};
use super::frontend::Frontend;
use super::session::Session;
use super::stack_file;
use super::{Error, Event, FileDiagnostic};
use crate::source::{Diagnostic, Diagnostics, FileFormat, Severity, Span};
use crate::stack::{Given, Guards, Loaded, Missing};
use crate::{asl, stack};

/// What a check found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Checked {
    /// How many files there are.
    pub files: usize,
    /// How many errors were found.
    pub errors: usize,
    /// How many warnings were found.
    pub warnings: usize,
}

/// Checks stack files and definitions, and those in folders; without a path, the stack file of this folder.
/// Parameters and environment variables need no value.
///
/// # Errors
/// No path is given, and this folder has no stack file. What is wrong with a file is an event.
pub fn check(
    session: &Session,
    paths: &[PathBuf],
    frontend: &dyn Frontend,
) -> Result<Checked, Error> {
    let here = match paths {
        [] => stack_file(None).map_err(|_| {
            let what = suggestion();
            Error::Usage(format!("name what to check: `treino check {what}`"))
        })?,
        _ => PathBuf::new(),
    };
    let paths = if paths.is_empty() {
        std::slice::from_ref(&here)
    } else {
        paths
    };
    let given = Given {
        owner: session.owner().map(String::from),
        missing: Missing::Later,
        today: Some(session.today()),
        any_expiry: session.takes_any_expiry(),
        ..Given::default()
    };
    let files = files(paths);
    let mut found = Vec::new();
    let mut of_stacks = Vec::new();
    for file in &files {
        let (path, diagnostics) = match file {
            Ok(path) => (path, check_file(path, &given, session.region())),
            Err((path, diagnostic)) => (path, diagnostic.clone().into()),
        };
        let shown = path.display().to_string();
        let problems = diagnostics.into_iter();
        let problems = problems.map(|diagnostic| FileDiagnostic::of(&shown, diagnostic));
        let is_stack = Checkable::of(path) == Some(Checkable::Stack);
        for problem in problems {
            of_stacks.extend(is_stack.then(|| problem.clone()));
            found.push(problem);
        }
    }
    // Of a definition that is named too, the stack knows better what to write.
    let of_stacks: HashMap<_, _> = of_stacks.iter().map(|one| (place_of(one), one)).collect();
    for problem in &mut found {
        if let Some(known) = of_stacks.get(&place_of(problem)) {
            problem.help.clone_from(&known.help);
            problem.diagnostic.help.clone_from(&known.help);
        }
    }
    let found = distinct(found);
    let count = |severity| found.iter().filter(|one| one.severity == severity).count();
    let checked = Checked {
        files: files.len(),
        errors: count(Severity::Error),
        warnings: count(Severity::Warning),
    };
    let out = session.reporter(frontend);
    for problem in found {
        out.send(Event::Problem(problem));
    }
    let Checked {
        files,
        errors,
        warnings,
    } = checked;
    out.send(Event::Checked {
        files,
        errors,
        warnings,
    });
    Ok(checked)
}

/// Everything that is wrong with a file and what it brings along.
fn check_file(path: &Path, given: &Given, region: Option<&str>) -> Diagnostics {
    match Checkable::of(path) {
        Some(Checkable::Definition) => {
            let read = asl::read(path).map_err(Diagnostics::from);
            warnings(read.and_then(|source| asl::load(&source)))
        }
        Some(Checkable::Guards) => stack::check_guards(path),
        Some(Checkable::Stack) => match stack::load(path, given.clone()) {
            Ok((loaded, mut found)) => {
                found.extend(cost_of(&loaded, region));
                found.extend(guarded(path, &loaded, region));
                found
            }
            Err(found) => found,
        },
        None => {
            let shown = path.display();
            let what = FileFormat::of_name(path).map_or_else(
                || format!("`{shown}` is not a file that treino can check"),
                |format| format!("`{shown}` is {format}, not a file that treino can check"),
            );
            Diagnostic::error(what)
                .help("name a stack file (.yaml, .yml) or a Step Functions definition (.json, .asl.yaml)")
                .into()
        }
    }
}

/// What the guards beside it refuse, and what is wrong with them.
fn guarded(path: &Path, loaded: &Loaded, region: Option<&str>) -> Diagnostics {
    let guards = match Guards::of_folder(path.parent().unwrap_or(Path::new(""))) {
        Ok(guards) => guards,
        Err(wrong) => return wrong,
    };
    let mut found = guards.check_stack(loaded, None);
    if let Some(region) = region.or_else(|| loaded.region()) {
        found.extend(guards.check_region(region));
    }
    found
}

/// What is wrong with its `max_cost` and `limits`, in the region that is given or its own.
fn cost_of(loaded: &Loaded, region: Option<&str>) -> Diagnostics {
    if loaded.file.max_cost.is_none() && loaded.file.limits.is_none() {
        return Diagnostics::default();
    }
    // What is wrong in that region is said where the stack is planned.
    let expanded = loaded.expand(&loaded.example_target(region));
    expanded.map_or_else(
        |_| Diagnostics::default(),
        |(desired, _)| {
            let mut found = loaded.check_cost(&desired);
            found.extend(warnings(loaded.limits(&desired)));
            found
        },
    )
}

fn warnings<T>(checked: Result<(T, Diagnostics), Diagnostics>) -> Diagnostics {
    checked.map_or_else(|diagnostics| diagnostics, |(_, warnings)| warnings)
}

/// Each problem once, though two stacks may share a definition, or it be named itself as well.
pub(super) fn distinct(found: Vec<FileDiagnostic>) -> Vec<FileDiagnostic> {
    let mut seen = HashSet::new();
    // Two names that are not UTF-8 may be shown alike.
    let is_another = |one: &FileDiagnostic| one.file.contains(char::REPLACEMENT_CHARACTER);
    let mut found = found;
    found.retain(|one| seen.insert(place_of(one)) || is_another(one));
    found
}

/// Where a problem is, and what.
fn place_of(one: &FileDiagnostic) -> (PathBuf, Option<Span>, String) {
    let span = one.diagnostic.place.as_ref().map(|place| place.span);
    (real(Path::new(&one.file)), span, one.message.clone())
}
