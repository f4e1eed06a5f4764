//! Installing MiniStack, and what functions get, into folders of their own.

mod node;
mod pip;
mod python;
mod step;

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::files::{self, REQUIREMENTS, REQUIREMENTS_FACES, REQUIREMENTS_FUNCTIONS};
use super::lock::lock;
use super::{Failure, Folders, causes, private_folder};
pub use node::node_modules;
use step::Step;

/// How long another treino may take to install.
const OTHERS: Duration = Duration::from_mins(30);

/// What the local AWS is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Programs {
    /// The Python that runs it.
    pub python: PathBuf,
    /// The folder of treino's extension.
    pub extension: PathBuf,
    /// The Python that runs functions.
    pub function_python: PathBuf,
    /// Where Node's modules are, once a function in Node.js was deployed.
    pub node_modules: PathBuf,
}

/// What the local AWS is made of, installed on first use.
///
/// # Errors
/// No python3, an old one, no venv module, no pip, no network, no room: each in one sentence.
pub fn environment(
    folders: &Folders,
    no_faces: bool,
    say: &dyn Fn(&str),
) -> Result<Programs, Failure> {
    let (local, faces) = if no_faces {
        ("installing the local AWS (once; about 175 MB on disk)", "")
    } else {
        let local = "installing the local AWS (once; about 410 MB on disk, faces included; \
             `local up --no-faces` takes 175 MB)";
        (local, REQUIREMENTS_FACES)
    };
    let opencv = "installing OpenCV, for faces (a download of about 80 MB)";
    let boto3 = "installing boto3, for functions in Python";
    let cache = &folders.cache;
    let python = packages(cache, &[(local, REQUIREMENTS), (opencv, faces)], say)?;
    let function_python = packages(cache, &[(boto3, REQUIREMENTS_FUNCTIONS)], say)?;
    let _lock = installing(cache, say)?;
    let extension = cache.join(format!("extension-{}", files::extension_fingerprint()));
    if !extension.join("complete").exists() {
        files::write_extension(&extension)
            .and_then(|()| std::fs::write(extension.join("complete"), ""))
            .map_err(|error| causes::of_file(&extension, &error))?;
    }
    Ok(Programs {
        python,
        extension,
        function_python,
        node_modules: node::folder(cache).join("node_modules"),
    })
}

/// The Python of a virtual environment that holds these packages, installed on first use, and again
/// where it is broken. Each list has a sentence that is said before it is installed, and pins versions
/// and hashes.
///
/// # Errors
/// Those of [`environment`].
pub fn packages(
    cache: &Path,
    lists: &[(&str, &str)],
    say: &dyn Fn(&str),
) -> Result<PathBuf, Failure> {
    private_folder(cache)?;
    let contents: Vec<&str> = lists.iter().map(|(_, list)| *list).collect();
    let venv = cache.join(format!("venv-{}", files::fingerprint(&contents)));
    let done = venv.join("complete");
    let lock = installing(cache, say)?;
    let step = Step {
        folder: &venv,
        lock: &lock,
        say,
    };
    let lists: Vec<_> = lists.iter().filter(|(_, list)| !list.is_empty()).collect();
    if done.exists() {
        match pip::look(&step, lists.len(), pip::Look::Quick) {
            Ok(()) => return Ok(python::of(&venv)),
            Err(failure) => say(&format!(
                "what was installed is broken ({}): it is installed again",
                failure.message
            )),
        }
    }
    // Left by an installation that did not end.
    let _ = std::fs::remove_dir_all(&venv);
    let installed = || {
        for (index, (sentence, list)) in lists.iter().enumerate() {
            say(sentence);
            if index == 0 {
                empty(&step)?;
            }
            pip::install(&step, index, list)?;
        }
        pip::look(&step, lists.len(), pip::Look::Whole)?;
        let _ = std::fs::remove_dir_all(venv.join("tmp"));
        std::fs::write(&done, "").map_err(|error| causes::of_file(&done, &error))
    };
    installed().inspect_err(|_| {
        let _ = std::fs::remove_dir_all(&venv);
    })?;
    Ok(python::of(&venv))
}

fn installing(cache: &Path, say: &dyn Fn(&str)) -> Result<std::fs::File, Failure> {
    lock(
        &cache.join("install.lock"),
        "installing the local AWS",
        OTHERS,
        say,
    )
}

/// A virtual environment with nothing but pip.
fn empty(step: &Step) -> Result<(), Failure> {
    let system = python::find(step)?;
    let venv = step.folder;
    // With pip at once, what goes wrong with it would not be said.
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
    let own = python::of(venv);
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
