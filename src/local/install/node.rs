//! Packages of npm: the AWS SDK for functions in Node.js, installed when the first one is deployed.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::super::files::{self, NODE_LOCK, NODE_PACKAGE};
use super::super::listener::on_a_thread;
use super::super::{Folders, Listener, os_errors, private_folder};
use super::step::{Counted, InstallStep, ProgramOutput};
use crate::source::Diagnostic;

/// Loads every dependency.
const CHECK_SCRIPT: &str =
    "for (const name of Object.keys(require('./package.json').dependencies)) require(name)";

/// Packages of npm, pinned by a lock file.
#[derive(Debug, Clone, Copy)]
pub struct NodePackages<'a> {
    /// What they are.
    pub what: &'a str,
    /// Their size on disk.
    pub megabytes: u32,
    /// Who needs them, as the subject of a sentence.
    pub who: &'a str,
    /// `package.json`
    pub package: &'a str,
    /// `package-lock.json`
    pub lock: &'a str,
}

const FOR_FUNCTIONS: NodePackages<'static> = NodePackages {
    what: "the AWS SDK for functions in Node.js",
    megabytes: 70,
    who: "functions in Node.js",
    package: NODE_PACKAGE,
    lock: NODE_LOCK,
};

impl NodePackages<'_> {
    /// Their folder, which may not exist yet.
    fn folder(&self, cache: &Path) -> PathBuf {
        cache.join(format!(
            "node-{}",
            files::fingerprint(&[self.package, self.lock])
        ))
    }
}

/// The folder of the AWS SDK, which may not exist yet.
pub(super) fn folder(cache: &Path) -> PathBuf {
    FOR_FUNCTIONS.folder(cache)
}

/// Installs the packages that AWS provides to functions in Node.js, on first use.
///
/// # Errors
/// No node, no npm, no network, no room: each in one sentence.
pub async fn node_modules(folders: &Folders, listener: &dyn Listener) -> Result<(), Diagnostic> {
    let cache = folders.cache.clone();
    let installed = on_a_thread(listener, move |listener| {
        node_packages(&cache, &FOR_FUNCTIONS, listener)
    });
    installed.await.map(drop)
}

/// Installs packages of npm into the cache, on first use; returns their folder.
///
/// # Errors
/// As of [`node_modules`].
pub fn node_packages(
    cache: &Path,
    packages: &NodePackages<'_>,
    listener: &dyn Listener,
) -> Result<PathBuf, Diagnostic> {
    let folder = packages.folder(cache);
    let done = folder.join("complete");
    let mut step = InstallStep::new(&folder, None, listener);
    let node = step.run("node", Command::new("node").arg("--version"));
    found(packages.who, "node", node)?;
    if done.exists() {
        return Ok(folder);
    }
    private_folder(cache)?;
    let lock = super::install_lock(cache, listener)?;
    step.lock = Some(&lock);
    if done.exists() {
        return Ok(folder);
    }
    let npm = if cfg!(windows) { "npm.cmd" } else { "npm" };
    let version = step.run("npm", Command::new(npm).arg("--version"));
    found(packages.who, "npm", version)?;
    let NodePackages {
        what, megabytes, ..
    } = packages;
    listener.say(&format!(
        "installing {what} (once; about {megabytes} MB on disk)"
    ));
    step.begins(what);
    step.count(counted, packages.lock.matches("\"resolved\":").count());
    let unreachable = format!("the npm registry cannot be reached to install {what}");
    let _ = std::fs::remove_dir_all(&folder);
    let installed = |step: &mut InstallStep| {
        private_folder(&folder)?;
        for (name, text) in [
            ("package.json", packages.package),
            ("package-lock.json", packages.lock),
        ] {
            let path = folder.join(name);
            std::fs::write(&path, text).map_err(|error| os_errors::file_error(&path, &error))?;
        }
        let mut command = Command::new(npm);
        command
            .args([
                "ci",
                "--ignore-scripts",
                "--no-audit",
                "--no-fund",
                "--omit=dev",
                // Each download is a line.
                "--loglevel=http",
            ])
            // Overrides user settings that would change the installation.
            .args([
                "--no-dry-run",
                "--no-global",
                "--location=project",
                "--no-package-lock-only",
            ])
            .current_dir(&folder);
        let ran = step.run("npm ci", &mut command)?;
        if !ran.is_success() {
            return Err(ran.failure("npm failed", &[
                (
                    &["EINTEGRITY"],
                    "a downloaded package is not the one treino was built with, so nothing was installed",
                    "try again on another network; if it stays so, report it",
                ),
                (
                    &["ENOTFOUND", "ECONNREFUSED", "ETIMEDOUT", "EAI_AGAIN", "ECONNRESET", "ENETUNREACH"],
                    &unreachable,
                    "connect to the network (or set npm_config_registry), then run the same command; it is needed once",
                ),
            ]));
        }
        step.now("trying it out");
        let mut try_out = Command::new("node");
        try_out
            .args(["-e", CHECK_SCRIPT])
            .env_remove("NODE_OPTIONS")
            .current_dir(&folder);
        let ran = step.run("node", &mut try_out)?;
        if !ran.is_success() {
            return Err(ran.failure("what npm installed cannot be used", &[]));
        }
        std::fs::write(&done, "").map_err(|error| os_errors::file_error(&done, &error))
    };
    installed(&mut step).inspect_err(|_| {
        let _ = std::fs::remove_dir_all(&folder);
    })?;
    step.say_installed();
    Ok(folder)
}

/// The packages that npm has downloaded, by what it has said.
///
/// npm says nothing of packages that it finds in its own cache.
fn counted(output: &str, packages: usize) -> Counted {
    let mut fetched = output
        .lines()
        .filter(|line| line.contains("http fetch GET 200") && line.contains(".tgz"));
    let done = fetched.clone().count().min(packages);
    let last = fetched.next_back().and_then(|line| line.rsplit_once("/-/"));
    let last = last.and_then(|(_, file)| file.split(".tgz").next());
    Counted {
        done,
        packages: if done == 0 { 0 } else { packages },
        step: last.map(str::to_owned),
        retrying: false,
    }
}

fn found(who: &str, name: &str, ran: Result<ProgramOutput, Diagnostic>) -> Result<(), Diagnostic> {
    let why = match ran {
        Ok(ran) if ran.is_success() => return Ok(()),
        Ok(ran) => ran.failure(&format!("{name} does not run"), &[]).message,
        Err(failure) => failure.message,
    };
    Err(Diagnostic::error_with_help(
        format!("{who} need node and npm on the PATH: {why}"),
        "install Node.js 18 or newer with npm, then run the same command",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn downloads_of_npm_are_counted() {
        assert_eq!(counted("npm warn old lockfile\n", 80), Counted::default());
        let said = "npm http fetch GET 200 https://registry.npmjs.org/@smithy%2ftypes 9ms (cache miss)\n\
            npm http fetch GET 200 https://registry.npmjs.org/@smithy/types/-/types-4.9.0.tgz 12ms (cache miss)\n\
            npm http fetch GET 200 https://registry.npmjs.org/tslib/-/tslib-2.8.1.tgz 12ms (cache miss)\n";
        let counted = counted(said, 80);
        assert_eq!((counted.done, counted.packages), (2, 80));
        assert_eq!(counted.step.as_deref(), Some("tslib-2.8.1"));
    }
}
