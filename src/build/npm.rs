//! Packages of npm: those of the lock where there is one, without scripts, for the function's machine.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use super::tree::{files, output};
use super::{BuildTarget, npm_failure, without_credentials};
use crate::local::{InstallStep, ProgramOutput, file_error};
use crate::source::Diagnostic;
use crate::stack::kinds::Architecture;
use crate::stack::{BuildTool, DependencyBuild, foreign_programs};

/// Settings of the user that lead to the registry. Others in the environment could change what is installed or where.
const SETTINGS: [&str; 17] = [
    "registry",
    "proxy",
    "https_proxy",
    "http_proxy",
    "noproxy",
    "ca",
    "cafile",
    "cert",
    "key",
    "strict_ssl",
    "cache",
    "userconfig",
    "globalconfig",
    "fetch_timeout",
    "fetch_retries",
    "offline",
    "prefer_offline",
];

/// Installs the packages; answers each as `name version`.
pub(super) fn install(
    step: &mut InstallStep,
    request: &DependencyBuild,
    target: &BuildTarget,
) -> Result<Vec<String>, Diagnostic> {
    find(step)?;
    let has_lock = ["package-lock.json", "npm-shrinkwrap.json"]
        .iter()
        .any(|name| request.inputs.contains_key(*name));
    let verb = if has_lock { "ci" } else { "install" };
    let mut command = npm(step.folder());
    command
        .arg(verb)
        .args([
            "--omit=dev",
            "--ignore-scripts",
            "--no-audit",
            "--no-fund",
            "--no-update-notifier",
        ])
        // Overrides settings in the user's files that would change what is installed or where.
        .args([
            "--include=optional",
            "--include=peer",
            "--no-dry-run",
            "--no-global",
            "--location=project",
        ])
        .args([
            "--no-package-lock-only",
            "--install-strategy=hoisted",
            "--no-bin-links",
            "--loglevel=error",
        ])
        // npm's own pauses before it asks a registry again are 10 and 60 seconds.
        .args([
            "--fetch-retry-mintimeout=1000",
            "--fetch-retry-maxtimeout=5000",
        ]);
    if std::env::var_os("npm_config_fetch_timeout").is_none() {
        command.arg("--fetch-timeout=60000");
    }
    if *target == BuildTarget::Lambda {
        let cpu = match request.architecture {
            Architecture::X86 => "x64",
            Architecture::Arm => "arm64",
        };
        command.args(["--os=linux", "--libc=glibc", &format!("--cpu={cpu}")]);
    }
    step.now("downloading");
    let ran = step.run(&format!("npm {verb}"), &mut command)?;
    if !ran.is_success() {
        return Err(failure(&ran, request));
    }
    let modules = output(step.folder(), BuildTool::Npm);
    if !modules.is_dir() {
        return Err(Diagnostic::error_with_help(
            format!("npm installed nothing for {}", request.manifest),
            "name the packages under `dependencies`",
        ));
    }
    if *target == BuildTarget::Lambda {
        check_machine(step.folder(), request)?;
    }
    installed(&modules)
}

fn npm(folder: &Path) -> Command {
    let mut command = Command::new(if cfg!(windows) { "npm.cmd" } else { "npm" });
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy().to_ascii_lowercase();
        let Some(setting) = text.strip_prefix("npm_config_") else {
            continue;
        };
        // `//registry/:_authToken` is a setting too.
        if !SETTINGS.contains(&setting.replace('-', "_").as_str()) && !setting.starts_with("//") {
            command.env_remove(&name);
        }
    }
    command.env_remove("NODE_OPTIONS").current_dir(folder);
    command
}

fn find(step: &InstallStep) -> Result<(), Diagnostic> {
    let why = match step.run("npm", npm(step.folder()).arg("--version")) {
        Ok(ran) if ran.is_success() => return Ok(()),
        Ok(ran) => ran.last(),
        Err(failure) => failure.message,
    };
    Err(Diagnostic::error_with_help(
        format!("package.json needs npm on the PATH: {why}"),
        "install Node.js with npm; or install the packages into the code folder yourself and write `build: none`",
    ))
}

/// npm before 10.4 installs programs for its own machine whatever it is asked for.
fn check_machine(folder: &Path, request: &DependencyBuild) -> Result<(), Diagnostic> {
    let files = files(folder, BuildTool::Npm)?;
    let Some(found) = foreign_programs(&files, &request.runtime, request.architecture) else {
        return Ok(());
    };
    Err(Diagnostic::error_with_help(
        format!("npm installed what Lambda cannot load: {}", found.message),
        "update npm to 10.4 or newer (npm install -g npm), and make package-lock.json again: rm package-lock.json; \
         npm install --package-lock-only",
    ))
}

/// What npm says, in words of package.json.
fn failure(ran: &ProgramOutput, request: &DependencyBuild) -> Diagnostic {
    let said = without_credentials(&ran.output);
    npm_failure::explain(&said, request).unwrap_or_else(|| {
        let told = npm_failure::told(&said);
        let first = told.first().copied().unwrap_or("it gave no reason");
        ran.failure_of("npm failed", first, &[])
    })
}

/// Each installed package as `name version`, sorted.
fn installed(modules: &Path) -> Result<Vec<String>, Diagnostic> {
    let path = modules.join(".package-lock.json");
    let text = std::fs::read(&path).map_err(|error| file_error(&path, &error))?;
    let lock: Value = serde_json::from_slice(&text).unwrap_or_default();
    let packages = lock["packages"].as_object().into_iter().flatten();
    let mut found: Vec<String> = packages
        .filter_map(|(at, package)| {
            let name = at.rsplit("node_modules/").next()?;
            Some(format!("{name} {}", package["version"].as_str()?))
        })
        .collect();
    found.sort();
    found.dedup();
    Ok(found)
}
