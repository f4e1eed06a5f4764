//! Installing MiniStack into a virtual environment of its own.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use super::files::{self, REQUIREMENTS, REQUIREMENTS_FACES};
use super::{Failure, Folders, private_folder};

/// The oldest Python the pinned packages run on.
const OLDEST_PYTHON: (u32, u32) = (3, 10);

/// The environment's Python and the extension's folder, installed on first use.
///
/// # Errors
/// No python3, an old one, no venv module, no pip, no network, no room: each in one sentence.
pub fn environment(
    folders: &Folders,
    no_faces: bool,
    say: &dyn Fn(&str),
) -> Result<(PathBuf, PathBuf), Failure> {
    let (local, faces) = if no_faces {
        ("installing the local AWS (once; about 110 MB on disk)", "")
    } else {
        let local = "installing the local AWS (once; about 350 MB on disk, faces included; \
             `local up --no-faces` takes 110 MB)";
        (local, REQUIREMENTS_FACES)
    };
    let opencv = "installing OpenCV, for faces (a download of about 80 MB)";
    let lists = [(local, REQUIREMENTS), (opencv, faces)];
    let python = packages(&folders.cache, &lists, say)?;
    let _lock = lock(&folders.cache.join("install.lock"))?;
    let extension = folders
        .cache
        .join(format!("extension-{}", files::extension_fingerprint()));
    if !extension.join("complete").exists() {
        files::write_extension(&extension)
            .and_then(|()| std::fs::write(extension.join("complete"), ""))
            .map_err(|error| unwritable(&extension, &error))?;
    }
    Ok((python, extension))
}

/// The Python of a virtual environment that holds these packages, installed on first use. Each
/// list has a sentence that is said before it is installed, and pins versions and hashes.
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
    let _lock = lock(&cache.join("install.lock"))?;
    if !done.exists() {
        // Left by an installation that did not end.
        let _ = std::fs::remove_dir_all(&venv);
        install(&venv, lists, say).inspect_err(|_| {
            let _ = std::fs::remove_dir_all(&venv);
        })?;
        std::fs::write(&done, "").map_err(|error| unwritable(&done, &error))?;
    }
    Ok(python_of(&venv))
}

/// Held while the value lives; another treino waits for it. Given back by the system if we die.
pub(super) fn lock(path: &Path) -> Result<File, Failure> {
    let mut options = File::options();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options
        .open(path)
        .map_err(|error| unwritable(path, &error))?;
    file.lock().map_err(|error| unwritable(path, &error))?;
    Ok(file)
}

fn unwritable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::new(
        format!("{} cannot be written: {error}", path.display()),
        "make room and permission there, or set XDG_CACHE_HOME to another folder",
    )
}

fn python_of(venv: &Path) -> PathBuf {
    if cfg!(windows) {
        venv.join("Scripts/python.exe")
    } else {
        venv.join("bin/python")
    }
}

fn install(venv: &Path, lists: &[(&str, &str)], say: &dyn Fn(&str)) -> Result<(), Failure> {
    let wanted = lists.iter().filter(|(_, list)| !list.is_empty());
    for (index, (sentence, list)) in wanted.enumerate() {
        say(sentence);
        if index == 0 {
            empty(venv)?;
        }
        pip(venv, &venv.join(format!("requirements-{index}.txt")), list)?;
    }
    Ok(())
}

/// A virtual environment with nothing but pip.
fn empty(venv: &Path) -> Result<(), Failure> {
    let system = find_python()?;
    let made = run(Command::new(&system).args(["-m", "venv"]).arg(venv))?;
    if made.status.success() {
        return Ok(());
    }
    let said = tail(&made);
    Err(if said.contains("ensurepip") {
        Failure::new(
            "this Python cannot make virtual environments with pip",
            "install its venv package (Debian, Ubuntu: apt install python3-venv), then run the same command",
        )
    } else {
        Failure::new(
            format!("python3 -m venv failed: {said}"),
            "mend that, then run the same command",
        )
    })
}

fn find_python() -> Result<PathBuf, Failure> {
    let version = "import sys; print(*sys.version_info[:2])";
    let missing = || {
        Failure::new(
            "the local AWS needs python3, and there is none on the PATH",
            "install Python 3.10 or newer, then run the same command",
        )
    };
    for name in ["python3", "python"] {
        let Ok(output) = Command::new(name).args(["-c", version]).output() else {
            continue;
        };
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let mut numbers = text
            .split_whitespace()
            .filter_map(|number| number.parse::<u32>().ok());
        let (Some(major), Some(minor)) = (numbers.next(), numbers.next()) else {
            continue;
        };
        if (major, minor) < OLDEST_PYTHON {
            return Err(Failure::new(
                format!("the local AWS needs Python 3.10 or newer; {name} is {major}.{minor}"),
                "install a newer Python, then run the same command",
            ));
        }
        return Ok(PathBuf::from(name));
    }
    Err(missing())
}

fn pip(venv: &Path, list: &Path, requirements: &str) -> Result<(), Failure> {
    std::fs::write(list, requirements).map_err(|error| unwritable(list, &error))?;
    let output = run(Command::new(python_of(venv))
        .args([
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "--no-input",
        ])
        .args(["--require-hashes", "--requirement"])
        .arg(list))?;
    if output.status.success() {
        return Ok(());
    }
    let said = tail(&output);
    let whole = String::from_utf8_lossy(&output.stderr).into_owned();
    let offline = [
        "NewConnectionError",
        "Temporary failure",
        "ConnectTimeout",
        "Max retries",
        "ProxyError",
        "No matching distribution",
    ];
    Err(if whole.contains("No module named pip") {
        Failure::new(
            "this Python has no pip",
            "install it (Debian, Ubuntu: apt install python3-pip python3-venv), then run the same command",
        )
    } else if whole.contains("No space left") {
        Failure::new(
            "there is no room on the disk for the local AWS",
            "free 400 MB, then run the same command",
        )
    } else if whole.contains("DO NOT MATCH THE HASHES") {
        Failure::new(
            "a downloaded package is not the one treino was built with, so nothing was installed",
            "try again on another network; if it stays so, report it",
        )
    } else if offline.iter().any(|sign| whole.contains(sign)) {
        Failure::new(
            "the package index cannot be reached to install the local AWS",
            "connect to the network (or set PIP_INDEX_URL), then run the same command; it is needed once",
        )
    } else {
        Failure::new(
            format!("pip failed: {said}"),
            "mend that, then run the same command",
        )
    })
}

/// The user's own Python settings stay out of it.
fn run(command: &mut Command) -> Result<Output, Failure> {
    let named = command.get_program().to_string_lossy().into_owned();
    command
        .env_remove("PYTHONPATH")
        .env_remove("PYTHONHOME")
        .env_remove("VIRTUAL_ENV")
        .stdin(std::process::Stdio::null())
        .output()
        .map_err(|error| {
            Failure::new(
                format!("{named} cannot be run: {error}"),
                "check its installation",
            )
        })
}

/// The last line a program said.
fn tail(output: &Output) -> String {
    let text = [
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    ]
    .concat();
    text.lines()
        .rev()
        .find(|line| !line.trim().is_empty())
        .unwrap_or("it said nothing")
        .trim()
        .to_owned()
}
