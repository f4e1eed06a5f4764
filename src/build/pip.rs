//! Packages of pip: wheels only, for the Python of the function.

use std::path::Path;
use std::process::Command;

use serde_json::json;

use super::target::{platforms, python_minor, python_patch};
use super::tree::output;
use super::{BuildTarget, without_credentials};
use crate::local::{
    InstallStep, KnownFailure, NO_SETTINGS, PYTHON_VARIABLE, PYTHONS, ProbeResult, ProgramOutput,
    forget_other_settings, pip_counted, pip_settings, python,
};
use crate::source::Diagnostic;
use crate::stack::kinds::Architecture;
use crate::stack::{BuildTool, DependencyBuild};

/// Runs pip with the conditions of another Python.
const FOR_LAMBDA: &str = include_str!("pip_for_lambda.py");
/// Earlier versions take one platform only.
const OLDEST_PIP: u32 = 21;

/// What pip says if the index does not answer. It then goes on, and finds no package.
const UNREACHABLE: &[&str] = &[
    "NewConnectionError",
    "Temporary failure",
    "ConnectTimeout",
    "Max retries",
    "ProxyError",
    "ReadTimeout",
    "NameResolutionError",
    "connection broken by",
];

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
    let file = &request.manifest;
    let built_for = target.describe(request);
    let said = without_credentials(&ran.output);
    let unreachable = UNREACHABLE.iter().any(|sign| said.contains(sign));
    let of_no_match = "Could not find a version that satisfies the requirement ";
    if let Some((_, rest)) = said.split_once(of_no_match)
        && !unreachable
    {
        let wanted = rest.split(" (from").next().unwrap_or_default().trim();
        let name = name_of(wanted);
        let has_none = rest
            .lines()
            .next()
            .is_some_and(|line| line.contains("(from versions: none)"));
        let message = if has_none {
            format!("pip finds no wheel of `{name}` for {built_for}")
        } else {
            format!("pip finds no wheel of `{wanted}` for {built_for}; there are other versions")
        };
        let diagnostic = Diagnostic::error_with_help(
            message,
            "check the name and the version; what is published as source only is not installed: put it into the code \
             folder yourself and write `build: none`",
        );
        return request.place(diagnostic, &name);
    }
    let last = without_credentials(&ran.last());
    let conflict = said.lines().find(|line| line.contains("conflict"));
    let conflict = conflict
        .unwrap_or("versions exclude each other")
        .trim_start_matches("ERROR: ");
    let invalid = said
        .lines()
        .find(|line| line.contains("Invalid requirement"));
    let invalid = invalid
        .unwrap_or("a line is not valid")
        .trim_start_matches("ERROR: ");
    let known: &[KnownFailure] = &[
        (
            &["DO NOT MATCH THE HASHES"],
            &format!("a downloaded package is not the one that {file} names by its hash"),
            "make the hashes again, or try another network",
        ),
        (
            &["ResolutionImpossible", "conflicting dependencies"],
            &format!("pip cannot install {file}: {conflict}"),
            "name versions that go together",
        ),
        (
            &["Invalid requirement"],
            &format!("pip cannot read {file}: {invalid}"),
            "write `NAME==VERSION`, a package on each line",
        ),
        (
            UNREACHABLE,
            &format!(
                "the package index cannot be reached, and the packages of {file} are not in the cache"
            ),
            "connect to the network (or set PIP_INDEX_URL), then run the same command",
        ),
    ];
    let diagnostic = ran.failure_of("pip failed", &last, known);
    let quoted = invalid.split('\'').nth(1).unwrap_or_default();
    request.place(diagnostic, &name_of(quoted))
}

/// The name at the beginning of a requirement.
fn name_of(requirement: &str) -> String {
    let is_name = |c: &char| c.is_ascii_alphanumeric() || "-_.".contains(*c);
    requirement.chars().take_while(is_name).collect()
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
