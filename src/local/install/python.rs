//! Finds the system's Python and runs it.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::step::{InstallStep, ProbeResult};
use crate::source::Diagnostic;

/// The versions supported by the pinned packages.
const OLDEST: (u32, u32) = (3, 10);
const NEWEST: (u32, u32) = (3, 14);
/// Names of Python programs, the usual ones first.
pub(crate) const NAMES: [&str; 7] = [
    "python3",
    "python3.14",
    "python3.13",
    "python3.12",
    "python3.11",
    "python3.10",
    "python",
];
/// Overrides the search: a path, or a name on the PATH.
pub(crate) const VARIABLE: &str = "TREINO_PYTHON";
/// Prints its version, and the modules for virtual environments it lacks.
const VERSION_SCRIPT: &str = "import importlib.util as u, sys
print(*sys.version_info[:2], *[name for name in ('venv', 'ensurepip') if u.find_spec(name) is None])";

/// The Python of a virtual environment.
pub(super) fn interpreter(venv: &Path) -> PathBuf {
    if cfg!(windows) {
        venv.join("Scripts/python.exe")
    } else {
        venv.join("bin/python")
    }
}

/// A command without the user's Python settings.
pub(crate) fn command(python: &Path) -> Command {
    let mut command = Command::new(python);
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy().to_ascii_uppercase();
        if text.starts_with("PYTHON")
            || ["VIRTUAL_ENV", "__PYVENV_LAUNCHER__"].contains(&text.as_str())
        {
            command.env_remove(&name);
        }
    }
    command
}

/// The result of checking a Python program.
enum Candidate {
    Nothing,
    Fits,
    /// The version fits, but a module for virtual environments is missing.
    Lacks(String),
    Unfit(String),
}

/// The Python of [`VARIABLE`], or the first one that fits.
pub(super) fn find(step: &InstallStep) -> Result<PathBuf, Diagnostic> {
    let range = format!("{}.{} to {}.{}", OLDEST.0, OLDEST.1, NEWEST.0, NEWEST.1);
    if let Some(named) = std::env::var_os(VARIABLE).filter(|named| !named.is_empty()) {
        let path = PathBuf::from(named);
        let why = match check(step, &path)? {
            Candidate::Fits => return Ok(path),
            Candidate::Nothing => ": there is no such program".to_owned(),
            Candidate::Lacks(why) | Candidate::Unfit(why) => format!(", which {why}"),
        };
        return Err(Diagnostic::error_with_help(
            format!("{VARIABLE} names {}{why}", path.display()),
            format!("set it to a Python {range} with its venv module, or unset it"),
        ));
    }
    let (mut unfit, mut lacking) = (Vec::new(), None);
    for name in NAMES {
        match check(step, Path::new(name))? {
            Candidate::Fits => return Ok(PathBuf::from(name)),
            Candidate::Nothing => {}
            Candidate::Lacks(_) => {
                lacking.get_or_insert_with(|| PathBuf::from(name));
            }
            Candidate::Unfit(why) => {
                let at = which(Path::new(name)).unwrap_or_default();
                unfit.push(format!("{name} ({}) {why}", at.display()));
            }
        }
    }
    if let Some(lacking) = lacking {
        // Creating the environment reports what is missing.
        return Ok(lacking);
    }
    let seen = if unfit.is_empty() {
        "there is none on the PATH".to_owned()
    } else {
        unfit.join(", ")
    };
    Err(Diagnostic::error_with_help(
        format!("the local AWS needs Python {range}: {seen}"),
        format!("install one, or name one with {VARIABLE}=PATH, then run the same command"),
    ))
}

/// What a Python lacks of what a virtual environment needs.
pub(super) fn lacking(step: &InstallStep, python: &Path) -> Result<Option<String>, Diagnostic> {
    Ok(match check(step, python)? {
        Candidate::Lacks(why) => Some(why),
        _ => None,
    })
}

fn check(step: &InstallStep, python: &Path) -> Result<Candidate, Diagnostic> {
    if which(python).is_none() {
        return Ok(Candidate::Nothing);
    }
    let name = python.display().to_string();
    let ran = match step.probe(&name, command(python).args(["-I", "-c", VERSION_SCRIPT]))? {
        ProbeResult::Answered(ran) => ran,
        ProbeResult::Silent => return Ok(Candidate::Unfit("does not answer".to_owned())),
        ProbeResult::Refused(why) => return Ok(Candidate::Unfit(format!("cannot be run: {why}"))),
    };
    let mut words = ran.output.split_whitespace();
    let mut number = || words.next().and_then(|word| word.parse::<u32>().ok());
    let version = number().zip(number()).filter(|_| ran.is_success());
    Ok(match version {
        None if ran.is_success() => Candidate::Unfit("is not Python".to_owned()),
        None => Candidate::Unfit(format!("fails: {}", ran.last())),
        Some((major, minor)) if !(OLDEST..=NEWEST).contains(&(major, minor)) => {
            Candidate::Unfit(format!("is Python {major}.{minor}"))
        }
        Some(_) => match words.next() {
            None => Candidate::Fits,
            Some(module) => Candidate::Lacks(format!("has no module {module}")),
        },
    })
}

/// The file of a program, by its name on the PATH or by its path.
fn which(program: &Path) -> Option<PathBuf> {
    if program.components().count() > 1 {
        return program.is_file().then(|| program.to_path_buf());
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders = std::env::split_paths(&path).map(|folder| folder.join(program));
    folders.find(|at| at.is_file() || (cfg!(windows) && at.with_extension("exe").is_file()))
}
