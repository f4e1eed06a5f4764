//! The Python that treino's own are made from, and how each is run.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::step::{Asked, Step};
use crate::source::Diagnostic;

/// What the pinned packages run on.
const OLDEST: (u32, u32) = (3, 10);
const NEWEST: (u32, u32) = (3, 14);
/// The names it may have, the usual ones first.
const NAMES: [&str; 7] = [
    "python3",
    "python3.14",
    "python3.13",
    "python3.12",
    "python3.11",
    "python3.10",
    "python",
];
/// Names one, by its path or by its name on the PATH.
const VARIABLE: &str = "TREINO_PYTHON";
/// Its version, and whether it can make virtual environments with pip.
const LOOK: &str = "import importlib.util as u, sys
print(*sys.version_info[:2], *[name for name in ('venv', 'ensurepip') if u.find_spec(name) is None])";

/// The Python of a virtual environment.
pub(super) fn of(venv: &Path) -> PathBuf {
    if cfg!(windows) {
        venv.join("Scripts/python.exe")
    } else {
        venv.join("bin/python")
    }
}

/// A command without the user's own settings for Python.
pub(super) fn command(python: &Path) -> Command {
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

/// What a name on the PATH stands for.
enum Seen {
    Nothing,
    Fits,
    /// It could be used if it could make virtual environments.
    Lacks(String),
    Unfit(String),
}

/// The first Python that fits, or the one that is named.
pub(super) fn find(step: &Step) -> Result<PathBuf, Diagnostic> {
    let range = format!("{}.{} to {}.{}", OLDEST.0, OLDEST.1, NEWEST.0, NEWEST.1);
    if let Some(named) = std::env::var_os(VARIABLE).filter(|named| !named.is_empty()) {
        let path = PathBuf::from(named);
        let why = match look(step, &path)? {
            Seen::Fits => return Ok(path),
            Seen::Nothing => ": there is no such program".to_owned(),
            Seen::Lacks(why) | Seen::Unfit(why) => format!(", which {why}"),
        };
        return Err(Diagnostic::error_with_help(
            format!("{VARIABLE} names {}{why}", path.display()),
            format!("set it to a Python {range} with its venv module, or unset it"),
        ));
    }
    let (mut unfit, mut lacking) = (Vec::new(), None);
    for name in NAMES {
        match look(step, Path::new(name))? {
            Seen::Fits => return Ok(PathBuf::from(name)),
            Seen::Nothing => {}
            Seen::Lacks(_) => {
                lacking.get_or_insert_with(|| PathBuf::from(name));
            }
            Seen::Unfit(why) => {
                let at = found(Path::new(name)).unwrap_or_default();
                unfit.push(format!("{name} ({}) {why}", at.display()));
            }
        }
    }
    if let Some(lacking) = lacking {
        // It says by itself what is missing.
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

fn look(step: &Step, python: &Path) -> Result<Seen, Diagnostic> {
    if found(python).is_none() {
        return Ok(Seen::Nothing);
    }
    let name = python.display().to_string();
    let ran = match step.ask(&name, command(python).args(["-I", "-c", LOOK]))? {
        Asked::Answered(ran) => ran,
        Asked::Silent => return Ok(Seen::Unfit("does not answer".to_owned())),
        Asked::Refused(why) => return Ok(Seen::Unfit(format!("cannot be run: {why}"))),
    };
    let mut words = ran.said.split_whitespace();
    let mut number = || words.next().and_then(|word| word.parse::<u32>().ok());
    let version = number().zip(number()).filter(|_| ran.is_success());
    Ok(match version {
        None if ran.is_success() => Seen::Unfit("is no Python".to_owned()),
        None => Seen::Unfit(format!("fails: {}", ran.last())),
        Some((major, minor)) if !(OLDEST..=NEWEST).contains(&(major, minor)) => {
            Seen::Unfit(format!("is Python {major}.{minor}"))
        }
        Some(_) => match words.next() {
            None => Seen::Fits,
            Some(module) => Seen::Lacks(format!("has no module {module}")),
        },
    })
}

/// Where a program of this name is on the PATH, or at this path.
fn found(program: &Path) -> Option<PathBuf> {
    if program.components().count() > 1 {
        return program.is_file().then(|| program.to_path_buf());
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders = std::env::split_paths(&path).map(|folder| folder.join(program));
    folders.find(|at| at.is_file() || (cfg!(windows) && at.with_extension("exe").is_file()))
}
