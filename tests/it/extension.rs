//! The local AWS's additions to `MiniStack`, in Python: their own tests, their types and their lints.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use treino::local::{Folders, packages};

const MINISTACK: &str = include_str!("../../src/local/requirements.txt");
const TOOLS: &str = include_str!("../extension/requirements.txt");
const CONFIGURATION: &str = "tests/extension/pyproject.toml";
const FOLDERS: [&str; 4] = [
    "src/local/extension",
    "tests/extension",
    "src/data",
    "tests/it/support/oracle/checker",
];

pub static PYTHON: LazyLock<PathBuf> = LazyLock::new(|| {
    let cache = Folders::of_user().expect("a home directory").cache;
    let lists = [
        (
            "installing MiniStack (once; about 110 MB on disk)",
            MINISTACK,
        ),
        (
            "installing pytest, mypy and ruff (once; about 100 MB on disk)",
            TOOLS,
        ),
    ];
    packages(&cache, &lists, &|text: &str| eprintln!("{text}")).unwrap_or_else(|failure| {
        panic!("{failure}\n{}", failure.help.as_deref().unwrap_or_default())
    })
});

/// Runs a module of Python in the repository; what it says is shown if it fails.
fn run(module: &str, arguments: &[&str]) {
    let output = Command::new(&*PYTHON)
        .args(["-m", module])
        .args(arguments)
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")))
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env_remove("PYTHONPATH")
        .env_remove("PYTHONHOME")
        .output()
        .expect("Python runs");
    assert!(
        output.status.success(),
        "{module} {}: {}\n{}{}",
        arguments.join(" "),
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
}

#[test]
fn its_own_tests_pass() {
    // Much of their time they wait: for processes to start, and for what takes its time.
    let arguments = ["--quiet", "-n", "4", "--maxschedchunk", "1"];
    run("pytest", &[&arguments[..], &["tests/extension"]].concat());
}

#[test]
fn it_is_typed() {
    run("mypy", &["--config-file", CONFIGURATION]);
}

#[test]
fn it_is_linted() {
    let arguments = ["check", "--no-cache", "--config", CONFIGURATION];
    run("ruff", &[&arguments[..], &FOLDERS].concat());
}

#[test]
fn it_is_formatted() {
    let arguments = ["format", "--check", "--no-cache", "--config", CONFIGURATION];
    run("ruff", &[&arguments[..], &FOLDERS].concat());
}
