//! Installs MiniStack and the packages of functions into folders of their own.

mod examine;
mod node;
mod pip;
mod python;
mod step;

use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::files::{self, REQUIREMENTS, REQUIREMENTS_FACES, REQUIREMENTS_FUNCTIONS};
use super::lock::lock;
use super::{Folders, Listener, os_errors, private_folder, wait};
use crate::source::Diagnostic;
pub use examine::{ExaminedPrograms, examine};
pub use node::{NodePackages, node_modules, node_packages};
pub(crate) use pip::{
    NO_SETTINGS, counted as pip_counted, forget_other_settings, settings as pip_settings,
};
pub(crate) use python::{NAMES as PYTHONS, VARIABLE as PYTHON_VARIABLE, command as python};
pub(crate) use step::{InstallStep, ProbeResult, ProgramOutput};

/// What is said before the packages of Python functions are installed.
const FOR_FUNCTIONS: &str = "installing boto3, for functions in Python";
/// How long another treino may take to install.
const LOCK_TIMEOUT: Duration = Duration::from_mins(30);

/// The programs and folders of the local AWS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Programs {
    /// The Python that runs it.
    pub python: PathBuf,
    /// The folder of treino's extension.
    pub extension: PathBuf,
    /// The Python that runs functions.
    pub function_python: PathBuf,
    /// The folder of Node.js packages; installed with the first function in Node.js.
    pub node_modules: PathBuf,
}

/// The programs of the local AWS, installed on first use.
///
/// # Errors
/// No python3, an old one, no venv module, no pip, no network, no room: each in one sentence.
pub fn environment(
    folders: &Folders,
    no_faces: bool,
    listener: &dyn Listener,
) -> Result<Programs, Diagnostic> {
    let (local, faces) = if no_faces {
        ("installing the local AWS (once; 175 MB on disk)", "")
    } else {
        let local = "installing the local AWS (once; 410 MB, or 175 MB by `local up --no-faces`)";
        (local, REQUIREMENTS_FACES)
    };
    let opencv = "installing OpenCV, for faces (a download of about 80 MB)";
    let cache = &folders.cache;
    let lists = [(local, REQUIREMENTS), (opencv, faces)];
    let of_functions = [(FOR_FUNCTIONS, REQUIREMENTS_FUNCTIONS)];
    let extension = cache.join(format!("extension-{}", files::extension_fingerprint()));
    let programs = |python, function_python| Programs {
        python,
        extension: extension.clone(),
        function_python,
        node_modules: node::folder(cache).join("node_modules"),
    };
    if files::is_extension(&extension)
        && let Some(python) = complete_venv(cache, &lists, listener)
        && let Some(function_python) = complete_venv(cache, &of_functions, listener)
    {
        if listener.is_stopped() {
            return Err(wait::stopped_before_start());
        }
        return Ok(programs(python, function_python));
    }
    private_folder(cache)?;
    let lock = install_lock(cache, listener)?;
    let python = install(cache, &lists, &lock, listener)?;
    let function_python = install(cache, &of_functions, &lock, listener)?;
    if !files::is_extension(&extension) {
        files::write_extension(&extension)
            .map_err(|error| os_errors::file_error(&extension, &error))?;
    }
    Ok(programs(python, function_python))
}

/// The Python of a virtual environment with these packages, installed on first use, and again if it is
/// broken. Each list has a message that is shown before it is installed, and pins versions and hashes.
///
/// # Errors
/// Those of [`environment`].
pub fn packages(
    cache: &Path,
    lists: &[(&str, &str)],
    listener: &dyn Listener,
) -> Result<PathBuf, Diagnostic> {
    if let Some(python) = complete_venv(cache, lists, listener) {
        return Ok(python);
    }
    private_folder(cache)?;
    let lock = install_lock(cache, listener)?;
    install(cache, lists, &lock, listener)
}

/// The Python that runs functions, installed on first use, and its version: `3.11`.
///
/// # Errors
/// Those of [`environment`].
pub fn function_python(
    folders: &Folders,
    listener: &dyn Listener,
) -> Result<(PathBuf, String), Diagnostic> {
    let lists = [(FOR_FUNCTIONS, REQUIREMENTS_FUNCTIONS)];
    let python = packages(&folders.cache, &lists, listener)?;
    let settings = venv_folder(&folders.cache, &lists).join("pyvenv.cfg");
    let text = std::fs::read_to_string(&settings)
        .map_err(|error| os_errors::file_error(&settings, &error))?;
    // `version = 3.11.7`, by venv; `version_info` by others.
    let version = text.lines().find_map(|line| {
        let (key, value) = line.split_once('=')?;
        let mut numbers = value.trim().split('.');
        let version = format!("{}.{}", numbers.next()?, numbers.next()?);
        key.trim().starts_with("version").then_some(version)
    });
    Ok((python, version.unwrap_or_default()))
}

/// The folder of the virtual environment for these lists.
fn venv_folder(cache: &Path, lists: &[(&str, &str)]) -> PathBuf {
    let contents: Vec<&str> = lists.iter().map(|(_, list)| *list).collect();
    cache.join(format!("venv-{}", files::fingerprint(&contents)))
}

fn not_empty<'l>(lists: &'l [(&'l str, &'l str)]) -> Vec<&'l (&'l str, &'l str)> {
    lists.iter().filter(|(_, list)| !list.is_empty()).collect()
}

/// The Python of a complete environment; no lock and no write is needed.
fn complete_venv(cache: &Path, lists: &[(&str, &str)], listener: &dyn Listener) -> Option<PathBuf> {
    let venv = venv_folder(cache, lists);
    let step = InstallStep::new(&venv, None, listener);
    let is_ready = venv.join("complete").exists()
        && pip::check(&step, not_empty(lists).len(), pip::CheckMode::Present).is_ok();
    is_ready.then(|| python::interpreter(&venv))
}

fn install(
    cache: &Path,
    lists: &[(&str, &str)],
    lock: &File,
    listener: &dyn Listener,
) -> Result<PathBuf, Diagnostic> {
    let venv = venv_folder(cache, lists);
    let done = venv.join("complete");
    let mut step = InstallStep::new(&venv, Some(lock), listener);
    let lists = not_empty(lists);
    if done.exists() {
        let check = || pip::check(&step, lists.len(), pip::CheckMode::Present);
        // A check that Ctrl-C ended shows nothing, and the request to stop may be heard a moment later.
        let again = |failure| {
            if listener.is_stopped() {
                Err(failure)
            } else {
                check()
            }
        };
        let checked = check().or_else(again);
        match checked {
            Ok(()) => return Ok(python::interpreter(&venv)),
            Err(_) if listener.is_stopped() => return Err(wait::stopped_checking()),
            Err(failure) => listener.say(&format!(
                "what was installed is broken ({}): it is installed again",
                failure.message
            )),
        }
    }
    // Left by an interrupted installation.
    let _ = std::fs::remove_dir_all(&venv);
    let installed = |step: &mut InstallStep| {
        for (index, (sentence, list)) in lists.iter().enumerate() {
            listener.say(sentence);
            step.begins(subject(sentence));
            if index == 0 {
                create_venv(step)?;
            }
            pip::install(step, index, list)?;
        }
        step.now("trying it out");
        pip::check(step, lists.len(), pip::CheckMode::Importable)?;
        let _ = std::fs::remove_dir_all(venv.join("tmp"));
        std::fs::write(&done, "").map_err(|error| os_errors::file_error(&done, &error))
    };
    installed(&mut step).inspect_err(|_| {
        let _ = std::fs::remove_dir_all(&venv);
    })?;
    step.say_installed();
    Ok(python::interpreter(&venv))
}

/// What is installed, by the sentence that says so: `installing boto3, for functions`.
fn subject(sentence: &str) -> &str {
    let subject = sentence.strip_prefix("installing ").unwrap_or(sentence);
    let end = subject.find([',', '(']).unwrap_or(subject.len());
    subject[..end].trim_end()
}

fn install_lock(cache: &Path, listener: &dyn Listener) -> Result<File, Diagnostic> {
    lock(
        &cache.join("install.lock"),
        ["installing the local AWS"; 2],
        LOCK_TIMEOUT,
        listener,
    )
}

/// Creates a virtual environment with only pip.
fn create_venv(step: &mut InstallStep) -> Result<(), Diagnostic> {
    step.now("a Python environment");
    let system = python::find(step)?;
    let venv = step.folder();
    // If venv installs pip itself, errors of ensurepip are not shown.
    let made = step.run(
        "python -m venv",
        python::command(&system)
            .args(["-I", "-m", "venv", "--without-pip"])
            .arg(venv),
    )?;
    if !made.is_success() {
        return Err(made.failure("python -m venv failed", &[]));
    }
    private_folder(&venv.join("tmp"))?;
    let own = python::interpreter(venv);
    let made = step.run(
        "python -m ensurepip",
        python::command(&own).args(["-I", "-m", "ensurepip", "--default-pip"]),
    )?;
    if made.is_success() {
        return Ok(());
    }
    let package = "install its venv package (Debian, Ubuntu: apt install python3-venv), then run the same command";
    Err(made.failure(
        "python -m ensurepip failed",
        &[(
            &[
                "No module named ensurepip",
                "ensurepip is not available",
                "ensurepip is disabled",
            ],
            "this Python cannot make virtual environments with pip",
            package,
        )],
    ))
}
