//! Installs what a function's `requirements.txt` or `package.json` names, by pip or npm, into a cache.
//!
//! Programs of packages are not run: pip installs wheels only, npm runs no scripts. Nothing is written into the
//! user's folder. An entry of the cache is a zip that is the same on every machine; it is named by a hash of
//! everything that decides what is in it.

mod cache;
mod npm;
mod npm_failure;
mod pip;
mod pip_failure;
mod target;
mod tree;

use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;

pub use target::BuildTarget;

use crate::local::{InstallStep, Listener, on_a_thread};
use crate::source::Diagnostic;
use crate::stack::{BuildTool, BuiltDependencies, DependencyBuild};
use cache::CacheEntry;

/// How much is installed before it is given up. What is downloaded counts too, and metadata that is left out of the
/// package; Lambda takes 250 MiB of the package unzipped.
const MAX_INSTALLED_BYTES: u64 = 1_000_000_000;
const TOO_LARGE: &str = "Lambda takes 250 MiB unzipped: name fewer or smaller packages, such as one without its optional \
     parts, and try again";

/// Installs what is asked for, or takes it from the cache; by the hashes of the requests. On a thread of its own, which
/// the listener may end.
///
/// # Errors
/// pip or npm is missing or fails: the first failure, placed where the package is named.
pub async fn build(
    cache: &Path,
    requests: BTreeMap<String, DependencyBuild>,
    target: BuildTarget,
    listener: &dyn Listener,
) -> Result<BTreeMap<String, BuiltDependencies>, Diagnostic> {
    let cache = cache.to_path_buf();
    let work = move |listener: &dyn Listener| {
        let mut built = BTreeMap::new();
        for (digest, request) in requests {
            let entry = CacheEntry::new(&cache, &digest, &target);
            let found = match entry.read() {
                Some(found) => found,
                None => install(&entry, &request, &target, listener)?,
            };
            built.insert(digest, found);
        }
        Ok(built)
    };
    on_a_thread(listener, work).await
}

/// Fills an entry of the cache. Two processes that want the same one wait for each other.
fn install(
    entry: &CacheEntry,
    request: &DependencyBuild,
    target: &BuildTarget,
    listener: &dyn Listener,
) -> Result<BuiltDependencies, Diagnostic> {
    let lock = entry.lock(listener)?;
    // Another process may have filled it meanwhile.
    if let Some(found) = entry.read() {
        return Ok(found);
    }
    let built = made(entry, request, target, &lock, listener);
    entry.clean_up();
    built
}

fn made(
    entry: &CacheEntry,
    request: &DependencyBuild,
    target: &BuildTarget,
    lock: &File,
    listener: &dyn Listener,
) -> Result<BuiltDependencies, Diagnostic> {
    let folder = entry.begin(&request.inputs)?;
    let mut step = InstallStep::new(&folder, Some(lock), listener);
    let built_for = target.describe(request);
    let tool = request.tool.name();
    let what = format!("the packages of {}", request.manifest);
    listener.say(&format!("installing {what} by {tool}, for {built_for}"));
    step.begins(&what);
    step.limit(MAX_INSTALLED_BYTES, TOO_LARGE);
    let packages = match request.tool {
        BuildTool::Pip => pip::install(&mut step, request, target)?,
        BuildTool::Npm => npm::install(&mut step, request, target)?,
    };
    step.check_size()?;
    let built = BuiltDependencies {
        zip: tree::zip_of(&folder, request.tool)?.into(),
        packages,
        built_for,
    };
    entry.write(&built)?;
    Ok(built)
}

/// A text without the user names and passwords of addresses: an index may need one.
fn without_credentials(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("://") {
        let (before, after) = rest.split_at(at + 3);
        out.push_str(before);
        let end = after
            .find(['/', ' ', '\'', '"', ')', '\n'])
            .unwrap_or(after.len());
        let host = after.get(..end).unwrap_or_default();
        rest = match host.rfind('@') {
            Some(at) => after.get(at + 1..).unwrap_or_default(),
            None => after,
        };
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_far_too_large_is_given_up() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("large"), vec![0; 3_000_000]).unwrap();
        let listener = |_: &str| {};
        let mut step = InstallStep::new(folder.path(), None, &listener);
        step.begins("the packages of requirements.txt");
        step.limit(4_000_000, TOO_LARGE);
        assert!(step.check_size().is_ok());
        step.limit(1_000_000, TOO_LARGE);
        let error = step.check_size().unwrap_err();
        assert_eq!(
            error.message,
            "the packages of requirements.txt have over 3 MB"
        );
    }

    #[test]
    fn credentials_of_an_index_are_not_shown() {
        for (said, shown) in [
            (
                "no 'https://me:word@host/simple' here",
                "no 'https://host/simple' here",
            ),
            (
                "https://token@host and https://b:c@d/e",
                "https://host and https://d/e",
            ),
            ("https://host/a@b and x@y", "https://host/a@b and x@y"),
        ] {
            assert_eq!(without_credentials(said), shown);
        }
    }
}
