//! `package.json` and its lock.
//!
//! <https://docs.npmjs.com/cli/configuring-npm/package-json>

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use serde_json::Value;

use super::{BuildTool, Dependencies, DependencyBuild, MAX_MANIFEST_BYTES, readable};
use crate::source::{Diagnostic, Diagnostics, Place, Source, Span};
use crate::stack::boundary::Boundary;
use crate::stack::kinds::Architecture;

const FILE: &str = "package.json";
/// npm takes the first that exists.
const LOCKS: [&str; 2] = ["npm-shrinkwrap.json", "package-lock.json"];
/// The locks of others, which npm does not read.
const OTHER_LOCKS: [&str; 4] = ["yarn.lock", "pnpm-lock.yaml", "bun.lock", "bun.lockb"];
const OWN_FOLDER: &str = "publish it and name its version; or install it into the folder yourself and write `build: none`";

/// Reads the folder's packages; `None` if there are none.
pub(super) fn find(folder: &Path, boundary: &Boundary) -> Result<Option<Dependencies>, Diagnostic> {
    let Some((source, package)) = read_json(&folder.join(FILE), boundary)? else {
        return Ok(None);
    };
    let mut problems = Diagnostics::default();
    let mut named = BTreeMap::new();
    let mut unpinned = Vec::new();
    for section in ["dependencies", "optionalDependencies"] {
        if !package[section].is_object() && !package[section].is_null() {
            let message = format!("`{section}` is not a JSON object, so it names no packages");
            let help = format!("write `\"{section}\": {{ \"NAME\": \"VERSION\" }}`");
            let problem = Diagnostic::error(message).at(&source, span_of(&source, section));
            problems.push(problem.help(help));
        }
        for (name, wanted) in package[section].as_object().into_iter().flatten() {
            let wanted = wanted.as_str().unwrap_or_default();
            let span = span_of(&source, name);
            if let Some(what) = refused(wanted) {
                let message =
                    format!("`{name}` is {what} (`{wanted}`), which treino does not install");
                problems.push(
                    Diagnostic::error(message)
                        .at(&source, span)
                        .help(OWN_FOLDER),
                );
            }
            if !wanted.starts_with(|c: char| c.is_ascii_digit() || c == '=') {
                unpinned.push(name.clone());
            }
            let place = Place {
                source: Arc::clone(&source),
                span,
            };
            named.insert(name.to_lowercase(), place);
        }
    }
    if named.is_empty() {
        let build = None;
        return Ok((!problems.0.is_empty()).then_some(Dependencies { build, problems }));
    }
    let mut inputs = BTreeMap::from([(FILE.to_owned(), bytes(&source))]);
    let mut lock = None;
    for name in LOCKS {
        if lock.is_none()
            && let Some((text, json)) = read_json(&folder.join(name), boundary)?
        {
            check_lock(&text, &json, &mut problems);
            inputs.insert(name.to_owned(), bytes(&text));
            lock = Some(name);
        }
    }
    if lock.is_some() {
        unpinned.clear();
    } else if let Some(other) = OTHER_LOCKS.iter().find(|name| folder.join(name).exists()) {
        let message = format!(
            "npm does not read `{other}`: it installs the newest versions that package.json allows"
        );
        let help = "make a lock for npm beside it: npm install --package-lock-only";
        problems.push(
            Diagnostic::warning(message)
                .at(&source, Span::default())
                .help(help),
        );
    }
    unpinned.sort();
    Ok(Some(Dependencies {
        build: Some(DependencyBuild {
            tool: BuildTool::Npm,
            runtime: String::new(),
            architecture: Architecture::default(),
            manifest: folder.join(FILE).display().to_string(),
            inputs,
            named,
            unpinned,
        }),
        problems,
    }))
}

fn bytes(source: &Source) -> Arc<[u8]> {
    source.text.as_bytes().into()
}

fn read_json(path: &Path, boundary: &Boundary) -> Result<Option<(Arc<Source>, Value)>, Diagnostic> {
    let Some(resolved) = readable(path, boundary)? else {
        return Ok(None);
    };
    let read = Source::read(&resolved, MAX_MANIFEST_BYTES * 8)?;
    let source = Source::new(path.display().to_string(), read.text.as_str());
    if source.text.trim().is_empty() {
        return Err(Diagnostic::error("this file is empty")
            .at(&source, Span::default())
            .help("write `{ \"dependencies\": { ... } }`, or delete the file"));
    }
    match serde_json::from_str::<Value>(&source.text) {
        Ok(json) if json.is_object() => Ok(Some((source, json))),
        Ok(_) => Err(Diagnostic::error("this is not a JSON object")
            .at(&source, Span::default())
            .help("write `{ \"dependencies\": { ... } }`, or delete the file")),
        Err(error) => {
            let before = source
                .text
                .split_inclusive('\n')
                .take(error.line().saturating_sub(1));
            let line: usize = before.map(str::len).sum();
            let at = (line + error.column().saturating_sub(1)).min(source.text.len());
            let span = Span { start: at, end: at };
            let text = error.to_string();
            let what = text.split(" at line ").next().unwrap_or_default();
            Err(Diagnostic::error(format!("this is not valid JSON: {what}"))
                .at(&source, span)
                .help("correct it; npm reads the file as JSON"))
        }
    }
}

/// Where a package is named among the dependencies.
fn span_of(source: &Source, name: &str) -> Span {
    let quoted = Value::from(name).to_string();
    let is_section = name.ends_with("ependencies");
    let from = source.text.find("ependencies\"").filter(|_| !is_section);
    let from = from.unwrap_or(0);
    let found = source.text.get(from..).and_then(|rest| rest.find(&quoted));
    found.map_or_else(Span::default, |at| Span {
        start: from + at,
        end: from + at + quoted.len(),
    })
}

/// What a version is that comes from no registry: such packages run programs of their own to be installed.
fn refused(wanted: &str) -> Option<&'static str> {
    let begins = |with: &[&str]| with.iter().any(|one| wanted.starts_with(one));
    if begins(&["file:", "link:", "portal:", "./", "../", "/", "~/"]) {
        Some("a folder or file of yours")
    } else if wanted.starts_with("workspace:") {
        Some("a part of a workspace")
    } else if begins(&["git", "github:", "gitlab:", "bitbucket:", "gist:"])
        || wanted.contains('/') && !begins(&["http://", "https://", "npm:"])
        || wanted
            .split('#')
            .next()
            .is_some_and(|at| at.ends_with(".git"))
    {
        Some("a Git repository")
    } else {
        None
    }
}

fn check_lock(source: &Arc<Source>, lock: &Value, problems: &mut Diagnostics) {
    let packages = lock["packages"].as_object().into_iter().flatten();
    for (path, entry) in packages {
        let resolved = entry["resolved"].as_str().unwrap_or_default();
        let what = if entry["link"].as_bool() == Some(true) {
            "a link to a folder"
        } else if resolved.starts_with("git") {
            "a Git repository"
        } else if resolved.starts_with("file:") {
            "a file of yours"
        } else {
            continue;
        };
        let name = path.rsplit("node_modules/").next().unwrap_or(path);
        let quoted = Value::from(path.as_str()).to_string();
        let at = source.text.find(&quoted).unwrap_or(0);
        let span = Span {
            start: at,
            end: (at + quoted.len()).min(source.text.len()),
        };
        let message = format!("`{name}` is {what}, which treino does not install");
        problems.push(Diagnostic::error(message).at(source, span).help(OWN_FOLDER));
    }
}
