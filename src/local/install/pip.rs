//! Runs pip without user settings that would change where or what it installs.

use std::path::Path;
use std::process::Command;

use super::super::os_errors;
use super::python;
use super::step::{Counted, InstallStep};
use crate::source::Diagnostic;

/// pip settings that users may make: access to the package index. All others in variables and files (target,
/// prefix, user, root, dry-run, no-deps ...) are ignored.
const SETTINGS: &[&str] = &[
    "index-url",
    "pypi-url",
    "extra-index-url",
    "no-index",
    "find-links",
    "proxy",
    "cert",
    "client-cert",
    "trusted-host",
    "timeout",
    "default-timeout",
    "retries",
    "resume-retries",
    "cache-dir",
    "no-cache-dir",
    "keyring-provider",
    "use-feature",
    "use-deprecated",
];

/// pip's message for a package that no index has.
const NO_MATCH: &str = "No matching distribution";

const CHECK_SCRIPT: &str = include_str!("look.py");

/// How thoroughly an installation is checked.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum CheckMode {
    /// The packages exist.
    Present,
    /// The packages can be imported.
    Importable,
}

/// The requirements file of a list in a virtual environment.
fn list(venv: &Path, index: usize) -> std::path::PathBuf {
    venv.join(format!("requirements-{index}.txt"))
}

/// pip of a virtual environment, without variables for other settings.
fn pip(venv: &Path) -> Command {
    let mut command = python::command(&python::interpreter(venv));
    forget_other_settings(&mut command);
    // Next to the packages: the same disk has room, and leftovers are deleted with the environment.
    command
        .env("TMPDIR", venv.join("tmp"))
        // -u: each line is seen when it is said.
        .args(["-I", "-u", "-m", "pip"]);
    command
}

/// Removes the variables for other settings from a command.
pub(crate) fn forget_other_settings(command: &mut Command) {
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy().to_ascii_lowercase();
        let Some(setting) = text.strip_prefix("pip_") else {
            continue;
        };
        if setting != "config_file" && !SETTINGS.contains(&setting.replace('_', "-").as_str()) {
            command.env_remove(&name);
        }
    }
}

/// The file that pip is given instead of the user's settings, which are not read again: the allowed ones are passed
/// as variables.
pub(crate) const NO_SETTINGS: &str = if cfg!(windows) { "nul" } else { "/dev/null" };

/// The allowed settings from the user's files, as variables that are not set yet.
pub(crate) fn settings(
    step: &InstallStep,
    mut pip: Command,
) -> Result<Vec<(String, String)>, Diagnostic> {
    let ran = step.run("pip config list", pip.args(["config", "list"]))?;
    if !ran.is_success() {
        let missing = "install it (Debian, Ubuntu: apt install python3-pip python3-venv), then run the same command";
        // The name of an invalid file is not on the last line.
        let lines: Vec<&str> = ran.output.lines().map(str::trim).collect();
        let broken = format!("pip's settings cannot be read: {}", lines.join(" "));
        return Err(ran.failure(
            "pip config list failed",
            &[
                (&["No module named pip"], "this Python has no pip", missing),
                (
                    &["Configuration file"],
                    &broken,
                    "correct that file, then run the same command",
                ),
            ],
        ));
    }
    let mut found = Vec::new();
    // Settings of `install` override those of `global`.
    for section in ["global.", "install."] {
        for line in ran.output.lines() {
            let Some((key, value)) = line
                .strip_prefix(section)
                .and_then(|line| line.split_once('='))
            else {
                continue;
            };
            let name = format!("PIP_{}", key.replace('-', "_").to_ascii_uppercase());
            if SETTINGS.contains(&key) && std::env::var_os(&name).is_none() {
                found.push((name, unquoted(value)));
            }
        }
    }
    Ok(found)
}

/// Parses a Python string literal.
fn unquoted(text: &str) -> String {
    let inner = text
        .get(1..text.len().saturating_sub(1))
        .unwrap_or_default();
    let mut out = String::new();
    let mut chars = inner.chars();
    while let Some(char) = chars.next() {
        match (char, char == '\\') {
            (_, true) => match chars.next() {
                Some('n') => out.push('\n'),
                Some('t') => out.push('\t'),
                Some(other) => out.push(other),
                None => {}
            },
            (char, false) => out.push(char),
        }
    }
    out
}

/// Whether a setting is true, as pip parses it.
fn is_on(value: Option<&str>) -> bool {
    value.is_some_and(|value| {
        let value = value.trim().to_ascii_lowercase();
        ["1", "y", "yes", "t", "true", "on"].contains(&value.as_str())
    })
}

/// Installs a list.
pub(super) fn install(
    step: &mut InstallStep,
    index: usize,
    requirements: &str,
) -> Result<(), Diagnostic> {
    let list = list(step.folder(), index);
    std::fs::write(&list, requirements).map_err(|error| os_errors::file_error(&list, &error))?;
    step.count(counted, packages(requirements));
    let settings = settings(step, pip(step.folder()))?;
    let variable = std::env::var("PIP_NO_INDEX").ok();
    let in_file = settings.iter().find(|(name, _)| name == "PIP_NO_INDEX");
    let no_index = is_on(
        variable
            .as_deref()
            .or(in_file.map(|(_, value)| value.as_str())),
    );
    let ran = step.run(
        "pip install",
        pip(step.folder())
            .env("PIP_CONFIG_FILE", NO_SETTINGS)
            .envs(settings)
            .args(["install", "--disable-pip-version-check", "--no-input"])
            // Each package is a line without colours, which its progress is read from.
            .args(["--progress-bar", "off", "--no-color"])
            .args(["--require-hashes", "--requirement"])
            .arg(&list),
    )?;
    if ran.is_success() {
        return Ok(());
    }
    if no_index && ran.output.contains(NO_MATCH) {
        let place = if variable.is_some() {
            "the variable PIP_NO_INDEX"
        } else {
            "no-index in pip's settings"
        };
        return Err(Diagnostic::error_with_help(
            format!("{place} keeps pip from the package index"),
            "unset it, or name a folder with the packages (PIP_FIND_LINKS), then run the same command",
        ));
    }
    Err(ran.failure("pip failed", &[
        (
            &["DO NOT MATCH THE HASHES"],
            "a downloaded package is not the one treino was built with, so nothing was installed",
            "try again on another network; if it stays so, report it",
        ),
        (
            &[
                "NewConnectionError", "Temporary failure", "ConnectTimeout", "Max retries", "ProxyError",
                "ReadTimeout",
            ],
            "the package index cannot be reached to install the local AWS",
            "connect to the network (or set PIP_INDEX_URL), then run the same command; it is needed once",
        ),
        (
            &[NO_MATCH],
            &format!("the package index has not what treino was built with: {}", ran.last()),
            "name an index that has it (PIP_INDEX_URL), then run the same command",
        ),
    ]))
}

/// How many packages a requirements file names.
fn packages(requirements: &str) -> usize {
    let names = |line: &&str| line.contains("==") && line.starts_with(char::is_alphanumeric);
    requirements.lines().filter(names).count()
}

/// How far pip is, by what it has said.
pub(crate) fn counted(output: &str, packages: usize) -> Counted {
    let (mut begun, mut left_out, mut step, mut retrying) = (0, 0, None, false);
    for line in output.lines() {
        let line = line.trim_start();
        retrying = line.starts_with("WARNING: Retrying");
        if let Some(rest) = line.strip_prefix("Collecting ") {
            begun += 1;
            let name = rest.split_whitespace().next().unwrap_or_default();
            step = Some(name.replacen("==", " ", 1));
        } else if line.starts_with("Requirement already satisfied") {
            begun += 1;
        } else if line.starts_with("Ignoring ") && line.contains("markers") {
            left_out += 1;
        } else if line.starts_with("Downloading ") && line.ends_with(')') {
            let size = line.rsplit_once(" (").map_or("", |(_, size)| size);
            step = step.map(|step| format!("{step} ({size}"));
        } else if line.starts_with("Installing collected packages") {
            step = Some("unpacking".to_owned());
            begun = packages + 1;
        }
    }
    let packages = packages.saturating_sub(left_out);
    Counted {
        // The last one that was begun is under way.
        done: usize::saturating_sub(begun, 1).min(packages),
        packages,
        step,
        retrying,
    }
}

/// Checks that the packages of the lists are installed.
pub(super) fn check(step: &InstallStep, lists: usize, how: CheckMode) -> Result<(), Diagnostic> {
    let python = python::interpreter(step.folder());
    let mut command = python::command(&python);
    command.args(["-I", "-c", CHECK_SCRIPT]);
    command.arg(if how == CheckMode::Importable {
        "import"
    } else {
        "find"
    });
    command.args((0..lists).map(|index| list(step.folder(), index)));
    let ran = step.run("python", &mut command)?;
    if ran.is_success() {
        return Ok(());
    }
    Err(ran.failure("what was installed cannot be used", &[]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_pip_says_is_its_progress() {
        let list =
            "# a comment\nboto3==1.40.1 \\\n    --hash=sha256:00==\nsix==1.17.0 --hash=sha256:01\n";
        assert_eq!(packages(list), 2);
        let mut said = String::new();
        let mut after = |more: &str| {
            said.push_str(more);
            let counted = counted(&said, 4);
            let again = if counted.retrying { ", again" } else { "" };
            let step = counted.step.unwrap_or_default();
            format!("{}/{} {step}{again}", counted.done, counted.packages)
        };
        assert_eq!(after("Looking in links: /x\n"), "0/4 ");
        assert_eq!(
            after(
                "Ignoring tomli: markers 'python_version < \"3.11\"' don't match your environment\n"
            ),
            "0/3 "
        );
        assert_eq!(
            after("Collecting boto3==1.40.1 (from -r /x/requirements-0.txt (line 1))\n"),
            "0/3 boto3 1.40.1"
        );
        assert_eq!(
            after("  Downloading boto3-1.40.1-py3-none-any.whl (139 kB)\n"),
            "0/3 boto3 1.40.1 (139 kB)"
        );
        assert_eq!(
            after(
                "WARNING: Retrying (Retry(total=4, connect=None)) after connection broken by 'X'\n"
            ),
            "0/3 boto3 1.40.1 (139 kB), again"
        );
        assert_eq!(
            after("Requirement already satisfied: six==1.17.0 in ./lib\nCollecting a==2\n"),
            "2/3 a 2"
        );
        assert_eq!(
            after("  Using cached a-2-py3-none-any.whl (1 kB)\n"),
            "2/3 a 2"
        );
        assert_eq!(
            after("Installing collected packages: boto3, a\n"),
            "3/3 unpacking"
        );
    }

    #[test]
    fn python_string_literals_are_parsed() {
        assert_eq!(unquoted("'https://a/simple'"), "https://a/simple");
        assert_eq!(
            unquoted(r"'\nhttps://a\nhttps://b'"),
            "\nhttps://a\nhttps://b"
        );
        assert_eq!(unquoted(r#""it's""#), "it's");
        assert_eq!(unquoted(r"'C:\\certs'"), r"C:\certs");
        assert_eq!(unquoted(""), "");
    }
}
