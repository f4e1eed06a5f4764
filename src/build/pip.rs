//! Packages of pip: wheels only, for the Python of the function.

use std::path::Path;
use std::process::Command;

use serde_json::json;

use super::target::{platforms, python_minor, python_patch};
use super::tree::output;
use super::{BuildTarget, pip_failure, without_credentials};
use crate::local::{
    InstallStep, NO_SETTINGS, PYTHON_VARIABLE, PYTHONS, ProbeResult, ProgramOutput,
    forget_other_settings, pip_counted, pip_settings, python,
};
use crate::source::Diagnostic;
use crate::stack::kinds::Architecture;
use crate::stack::{BuildTool, DependencyBuild};

/// Runs pip with the conditions of another Python.
const FOR_LAMBDA: &str = include_str!("pip_for_lambda.py");
/// Earlier versions take one platform only.
const OLDEST_PIP: u32 = 21;

/// How often pip asks an index again that does not answer, and how many seconds it waits each time. pip's own numbers (5 and
/// 15) are minutes for each package.
const INDEX_LIMITS: [(&str, &str); 2] = [("PIP_RETRIES", "2"), ("PIP_TIMEOUT", "10")];

/// Installs the packages; answers each as `name version`.
pub(super) fn install(
    step: &mut InstallStep,
    request: &DependencyBuild,
    target: &BuildTarget,
) -> Result<Vec<String>, Diagnostic> {
    let program = match target {
        BuildTarget::Machine { python, .. } => python.clone(),
        BuildTarget::Lambda => find(step)?.into(),
    };
    let settings = pip_settings(step, pip(&program, step.folder(), &["-m", "pip"]))?;
    let minor = python_minor(&request.runtime).filter(|_| matches!(target, BuildTarget::Lambda));
    let mut command = if let Some(minor) = minor {
        for_lambda(&program, step.folder(), request, minor)
    } else {
        let mut command = pip(&program, step.folder(), &["-m", "pip"]);
        command.arg("install");
        command
    };
    command
        .env("PIP_CONFIG_FILE", NO_SETTINGS)
        .envs(
            INDEX_LIMITS
                .into_iter()
                .filter(|(name, _)| std::env::var_os(name).is_none()),
        )
        .envs(settings)
        .args([
            "--only-binary=:all:",
            "--no-compile",
            "--no-warn-script-location",
        ])
        .args([
            "--disable-pip-version-check",
            "--no-input",
            "--progress-bar=off",
            "--no-color",
        ])
        .arg("--target")
        .arg(output(step.folder(), BuildTool::Pip))
        .args(["--requirement", "requirements.txt"]);
    if request.inputs.contains_key("constraints.txt") {
        command.args(["--constraint", "constraints.txt"]);
    }
    step.count(pip_counted, 0);
    let ran = step.run("pip install", &mut command)?;
    if !ran.is_success() {
        return Err(failure(&ran, request, target));
    }
    installed(&output(step.folder(), BuildTool::Pip))
}

/// A Python without the user's settings, that finds the requirements in its folder.
fn pip(program: &Path, folder: &Path, arguments: &[&str]) -> Command {
    let mut command = python(program);
    forget_other_settings(&mut command);
    command
        .env("TMPDIR", folder.join("tmp"))
        .current_dir(folder)
        // -u: each line is seen when it is said.
        .args(["-I", "-u"])
        .args(arguments);
    command
}

/// pip for a runtime of Lambda.
fn for_lambda(program: &Path, folder: &Path, request: &DependencyBuild, minor: u32) -> Command {
    let version = format!("3.{minor}.{}", python_patch(minor));
    let machine = match request.architecture {
        Architecture::X86 => "x86_64",
        Architecture::Arm => "aarch64",
    };
    // <https://packaging.python.org/en/latest/specifications/dependency-specifiers/#environment-markers>
    let conditions = json!({
        "implementation_name": "cpython",
        "implementation_version": version,
        "os_name": "posix",
        "platform_machine": machine,
        "platform_python_implementation": "CPython",
        "platform_release": "",
        "platform_system": "Linux",
        "platform_version": "",
        "python_full_version": version,
        "python_version": format!("3.{minor}"),
        "sys_platform": "linux",
    });
    let mut command = pip(program, folder, &["-c", FOR_LAMBDA]);
    command
        .arg(conditions.to_string())
        .args([
            "install",
            "--implementation",
            "cp",
            "--python-version",
            &version,
        ])
        .args(["--abi", &format!("cp3{minor}")]);
    for platform in platforms(minor, request.architecture) {
        command.args(["--platform", &platform]);
    }
    command
}

/// The first Python that has pip.
fn find(step: &InstallStep) -> Result<String, Diagnostic> {
    let chosen = std::env::var(PYTHON_VARIABLE)
        .ok()
        .filter(|chosen| !chosen.is_empty());
    let names = match &chosen {
        Some(chosen) => vec![chosen.as_str()],
        None => PYTHONS.to_vec(),
    };
    let mut old = None;
    for name in names {
        let mut command = pip(Path::new(name), step.folder(), &["-m", "pip", "--version"]);
        let ProbeResult::Answered(ran) = step.probe(name, &mut command)? else {
            continue;
        };
        // `pip 23.2.1 from ...`
        let version = ran.output.split_whitespace().nth(1).unwrap_or_default();
        let major = version
            .split('.')
            .next()
            .and_then(|major| major.parse::<u32>().ok());
        match major.filter(|_| ran.is_success()) {
            Some(major) if major >= OLDEST_PIP => return Ok(name.to_owned()),
            Some(_) => old = old.or(Some(format!("the pip of {name} is too old ({version})"))),
            None => {}
        }
    }
    let why = old
        .or(chosen.map(|chosen| format!("{PYTHON_VARIABLE} names `{chosen}`, which has no pip")));
    let why = why.unwrap_or_else(|| "there is no Python with pip on the PATH".to_owned());
    Err(Diagnostic::error_with_help(
        format!("requirements.txt needs pip {OLDEST_PIP} or newer: {why}"),
        "install it (Debian, Ubuntu: apt install python3-pip); or install the packages into the code folder yourself \
         and write `build: none`",
    ))
}

/// What pip says, in words of the requirements.
fn failure(ran: &ProgramOutput, request: &DependencyBuild, target: &BuildTarget) -> Diagnostic {
    let said = without_credentials(&ran.output);
    let known = pip_failure::explain(&said, &target.describe(request), request);
    known.unwrap_or_else(|| ran.failure_of("pip failed", &pip_failure::last_lines(&said), &[]))
}

/// Each installed package as `name version`, sorted.
fn installed(folder: &Path) -> Result<Vec<String>, Diagnostic> {
    let entries =
        std::fs::read_dir(folder).map_err(|error| crate::local::file_error(folder, &error))?;
    let names = entries.flatten().map(|entry| entry.file_name());
    let mut found: Vec<String> = names
        .filter_map(|name| {
            let (name, version) = name
                .to_str()?
                .strip_suffix(".dist-info")?
                .rsplit_once('-')?;
            Some(format!("{} {version}", name.replace('_', "-")))
        })
        .collect();
    found.sort();
    Ok(found)
}
