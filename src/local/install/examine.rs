//! Which programs of this machine the local AWS and packages of functions need, and whether they run. Nothing is
//! installed.

use std::path::Path;
use std::process::Command;

use super::step::{InstallStep, ProbeResult};
use super::{FOR_FUNCTIONS, complete_venv, python};
use crate::local::Listener;
use crate::local::files::{REQUIREMENTS, REQUIREMENTS_FACES, REQUIREMENTS_FUNCTIONS};
use crate::source::Diagnostic;

/// The programs of this machine: each with its version, or with what is wrong with it.
#[derive(Debug, Clone)]
pub struct ExaminedPrograms {
    /// Whether the local AWS is installed, so that it needs no Python of this machine any more.
    pub is_installed: bool,
    /// A Python that the local AWS can be installed with.
    pub python: Result<String, Diagnostic>,
    /// Its pip.
    pub pip: Result<String, Diagnostic>,
    /// Node.js, for functions in it.
    pub node: Result<String, Diagnostic>,
    /// npm, for packages of functions in Node.js.
    pub npm: Result<String, Diagnostic>,
}

/// Looks for them as an installation does.
pub fn examine(cache: &Path, listener: &dyn Listener) -> ExaminedPrograms {
    let lists = ["", REQUIREMENTS_FACES];
    let is_local = |faces| complete_venv(cache, &[("", REQUIREMENTS), ("", faces)], listener);
    let is_installed = lists.into_iter().any(|faces| is_local(faces).is_some())
        && complete_venv(cache, &[(FOR_FUNCTIONS, REQUIREMENTS_FUNCTIONS)], listener).is_some();
    let step = InstallStep::new(cache, None, listener);
    let found = python::find(&step);
    let pip = found.clone().and_then(|path| {
        let mut command = python::command(&path);
        let help = "install it (Debian, Ubuntu: apt install python3-pip)";
        version(
            &step,
            "pip",
            command.args(["-I", "-m", "pip", "--version"]),
            help,
        )
    });
    let npm = if cfg!(windows) { "npm.cmd" } else { "npm" };
    let of_node = "install Node.js 18 or newer with npm";
    ExaminedPrograms {
        is_installed,
        python: found.and_then(|path| python_version(&step, &path)),
        pip,
        node: version(
            &step,
            "node",
            Command::new("node").arg("--version"),
            of_node,
        ),
        npm: version(&step, "npm", Command::new(npm).arg("--version"), of_node),
    }
}

fn python_version(step: &InstallStep, path: &Path) -> Result<String, Diagnostic> {
    if let Some(why) = python::lacking(step, path)? {
        return Err(Diagnostic::error_with_help(
            format!("{} {why}", path.display()),
            "install it (Debian, Ubuntu: apt install python3-venv)",
        ));
    }
    let name = path.display().to_string();
    version(
        step,
        &name,
        python::command(path).args(["-I", "--version"]),
        "",
    )
}

/// The first number in what a program says of its version.
fn version(
    step: &InstallStep,
    name: &str,
    command: &mut Command,
    help: &str,
) -> Result<String, Diagnostic> {
    let why = match step.probe(name, command) {
        Ok(ProbeResult::Answered(ran)) if ran.is_success() => {
            return Ok(number(&ran.output).unwrap_or_default());
        }
        Ok(ProbeResult::Answered(ran)) => format!("{name} does not run: {}", ran.last()),
        Ok(ProbeResult::Silent) => format!("{name} does not answer"),
        Ok(ProbeResult::Refused(_)) | Err(_) => format!("there is no {name} on the PATH"),
    };
    Err(Diagnostic::error_with_help(why, help))
}

fn number(output: &str) -> Option<String> {
    let words = output.split_whitespace();
    let mut numbers = words.map(|word| word.trim_start_matches('v'));
    let found = numbers.find(|word| word.starts_with(|c: char| c.is_ascii_digit()))?;
    Some(found.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_a_number_in_the_output() {
        for (output, expected) in [
            ("Python 3.11.7\n", Some("3.11.7")),
            ("v22.11.0\n", Some("22.11.0")),
            (
                "pip 24.0 from /usr/lib/python3 (python 3.11)\n",
                Some("24.0"),
            ),
            ("none", None),
        ] {
            assert_eq!(number(output).as_deref(), expected, "{output}");
        }
    }
}
