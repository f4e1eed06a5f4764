//! Installations that fail: the cause is named, and an incomplete installation is never used.

use std::process::Command;

use treino::local::packages;

use super::fakes::Fakes;
use super::{Local, Watched, kill};
use crate::local_safety::wheel;
use crate::support::{CommandResult, repository};

#[test]
fn causes_are_reported_in_their_own_words() {
    let fakes = Fakes::new("causes_are_reported_in_their_own_words");
    for (words, way) in [
        (
            "OSError: [Errno 28] No space left on device: /x",
            "free 500 MB",
        ),
        (
            "OSError: [Errno 122] Disk quota exceeded: /x",
            "your disk quota is used up",
        ),
        ("OSError: [Errno 24] Too many open files", "ulimit -n"),
        (
            "PermissionError: [Errno 13] Permission denied: /x",
            "permission is missing there",
        ),
        (
            "OSError: [Errno 30] Read-only file system: /x",
            "cannot be written to",
        ),
        ("some other reason", "correct that"),
    ] {
        fakes.python(
            "python3",
            "3 12",
            &format!("echo '{words}' >&2; echo >&2; exit 1"),
        );
        let ran = fakes.up(&[]).ends(1).says(words).says(way);
        assert!(!ran.err.contains("python3-venv"), "{}", ran.err);
    }
    // An environment can be created, but without pip.
    let own = r#"mkdir -p "$5/bin"; printf '#!/bin/sh\necho No module named ensurepip\nexit 1\n' > "$5/bin/python"; chmod +x "$5/bin/python""#;
    fakes.python("python3", "3 12", &format!("PATH=/usr/bin:/bin; {own}"));
    fakes.up(&[]).ends(1).says("apt install python3-venv");
}

#[test]
fn unusable_folders_are_reported() {
    let local = Local::new("unusable_folders_are_reported");
    let file = local.world.file("a-file", b"");
    let mut command = local.command(&["local", "up"]);
    let ran = CommandResult::of(command.env("XDG_CACHE_HOME", &file)).ends(1);
    ran.says("a-file")
        .says("a file is where a folder has to be");
    let mut command = Command::new("sh");
    command
        .args([
            "-c",
            "ulimit -n 12; exec \"$@\"",
            "sh",
            env!("CARGO_BIN_EXE_treino"),
            "local",
            "up",
        ])
        .env("TREINO_LOCAL_DIR", &local.state)
        .env("XDG_CACHE_HOME", local.world.folder.path().join("cache"));
    CommandResult::of(&mut command).ends(1).says("ulimit -n");
}

#[test]
fn a_hanging_installation_is_killed() {
    let fakes = Fakes::new("a_hanging_installation_is_killed");
    let pid = fakes.local.world.folder.path().join("pid");
    let hang = format!("/bin/sleep 600 & echo $! > {}; wait", pid.display());
    fakes.python("python3", "3 12", &hang);
    let ran = fakes.up(&[("TREINO_LOCAL_TIMEOUT", "2")]).ends(1);
    ran.says("python -m venv has made no progress for 2 s and was ended");
    let pid = std::fs::read_to_string(pid).unwrap();
    assert!(!lives(pid.trim()));
}

/// A Python whose pip names two packages, and then hangs in the download of the second.
fn slow_pip(fakes: &Fakes, pid: &str) {
    let pip = format!(
        r#"#!/bin/sh
case "$*" in
    *"pip install"*)
        echo "Collecting aiofiles==1.0 (from -r requirements-0.txt (line 1))"
        echo "Collecting boto3==1.40.1 (from -r requirements-0.txt (line 2))"
        echo "  Downloading boto3-1.40.1-py3-none-any.whl (139 kB)"
        /bin/sleep 600 & echo $! > {pid}; wait;;
esac"#
    );
    let pip = fakes.local.world.file("pip.sh", pip.as_bytes());
    let make = format!(
        r#"/bin/mkdir -p "$5/bin"; /bin/cp {} "$5/bin/python"; /bin/chmod +x "$5/bin/python""#,
        pip.display()
    );
    fakes.python("python3", "3 12", &make);
}

#[test]
fn a_slow_installation_is_seen_and_a_stopped_one_leaves_nothing() {
    let fakes = Fakes::new("a_slow_installation_is_seen_and_a_stopped_one_leaves_nothing");
    let pid = fakes.local.world.folder.path().join("pid");
    slow_pip(&fakes, pid.to_str().unwrap());
    for signal in ["-INT", "-TERM"] {
        let mut up = Watched::of(fakes.up_command());
        up.says("1 of ");
        up.says("boto3 1.40.1 (139 kB)");
        kill(signal, &up.id());
        let said = up.ends_saying(130);
        assert!(
            said.contains("stopped: what was being installed is deleted again"),
            "{said}"
        );
        let left = std::fs::read_dir(fakes.cache().join("treino")).unwrap();
        let left: Vec<_> = left.map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(left, ["install.lock"]);
        let pid = std::fs::read_to_string(&pid).unwrap();
        assert!(!lives(pid.trim()), "the download goes on");
    }
}

/// Whether a process is alive, and no zombie.
fn lives(pid: &str) -> bool {
    let mut ps = Command::new("ps");
    let state = ps.args(["-o", "stat=", "-p", pid]).output().unwrap();
    let state = String::from_utf8(state.stdout).unwrap();
    !state.trim().is_empty() && !state.starts_with('Z')
}

#[test]
fn the_first_suitable_python_is_used() {
    let fakes = Fakes::new("the_first_suitable_python_is_used");
    fakes
        .up(&[])
        .ends(1)
        .says("needs Python 3.10 to 3.14: there is none on the PATH");
    fakes.python("python3", "3 8", "exit 1");
    fakes.program("python3.13", "echo not installed >&2; exit 127");
    let ran = fakes.up(&[]).ends(1);
    ran.says("/bin/python3) is Python 3.8, python3.13 (")
        .says("/bin/python3.13) fails: not installed")
        .says("TREINO_PYTHON=PATH");
    fakes.python("python3.11", "3 11", "echo this is 3.11; exit 1");
    fakes.up(&[]).ends(1).says("this is 3.11");
    // A Python that cannot create environments is skipped for one that can.
    fakes.python("python3.12", "3 12 ensurepip", "echo this is 3.12; exit 1");
    fakes.up(&[]).ends(1).says("this is 3.11");
    let named = fakes.python("mine", "3 14", "echo this is mine; exit 1");
    let named = named.to_str().unwrap();
    fakes
        .up(&[("TREINO_PYTHON", named)])
        .ends(1)
        .says("this is mine");
    fakes
        .up(&[("TREINO_PYTHON", "mine")])
        .ends(1)
        .says("this is mine");
    for (named, why) in [
        ("python3", ", which is Python 3.8"),
        ("/bin/true", ", which is not Python"),
        ("/no/such", ": there is no such program"),
    ] {
        let ran = fakes.up(&[("TREINO_PYTHON", named)]).ends(1);
        ran.says(&format!("TREINO_PYTHON names {named}{why}"));
    }
}

#[test]
fn a_python_that_does_not_answer_is_skipped() {
    let fakes = Fakes::new("a_python_that_does_not_answer_is_skipped");
    fakes.program("python3", "exec /bin/sleep 600");
    let short = [("TREINO_LOCAL_TIMEOUT", "2")];
    let ran = fakes.up(&short).ends(1);
    let ran = ran.says("/bin/python3) does not answer");
    assert!(!ran.err.contains("network"), "{}", ran.err);
    // Not an executable file for the system.
    let unusable = fakes.program("python3.14", "");
    std::fs::write(unusable, "\x7fELF").unwrap();
    fakes.python("python3.11", "3 11", "echo this is 3.11; exit 1");
    fakes.up(&short).ends(1).says("this is 3.11");
}

/// pip settings that would install elsewhere, or nothing.
#[test]
fn pip_settings_do_not_redirect_an_installation() {
    let folder = tempfile::tempdir().unwrap();
    let elsewhere = folder.path().join("elsewhere");
    let elsewhere = elsewhere.to_str().unwrap();
    let file = folder.path().join("pip.conf");
    let lines = format!(
        "[install]\ntarget = {elsewhere}\nuser = yes\n[global]\nprefix = {elsewhere}\ndry-run = yes\n"
    );
    std::fs::write(&file, lines).unwrap();
    let settings = [
        ("PIP_TARGET", elsewhere),
        ("PIP_PREFIX", elsewhere),
        ("PIP_ROOT", elsewhere),
        ("PIP_USER", "1"),
        ("PIP_DRY_RUN", "1"),
        ("PIP_CONFIG_FILE", file.to_str().unwrap()),
    ];
    // A test that installs a package, and uses it.
    let test = "local_safety::a_package_with_another_hash_is_not_installed";
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", test]).envs(settings);
    CommandResult::of(&mut command).ends(0).says("1 passed");
    assert!(!std::path::Path::new(elsewhere).exists());
}

#[test]
fn a_broken_installation_is_repeated() {
    let folder = tempfile::tempdir().unwrap();
    let (cache, wheels) = (folder.path().join("cache"), folder.path().join("wheels"));
    std::fs::create_dir(&wheels).unwrap();
    let hash = wheel(&wheels, "treinotiny");
    let wheels = wheels.display();
    let list = format!("--no-index\n--find-links {wheels}\ntreinotiny==1.0 --hash=sha256:{hash}\n");
    let said = std::sync::Mutex::new(String::new());
    let install = || {
        packages(&cache, &[("", &list)], &|text: &str| {
            said.lock().unwrap().push_str(text);
        })
    };
    let python = install().unwrap();
    let ask = "import treinotiny; print(treinotiny.__file__)";
    let file = || {
        CommandResult::of(Command::new(&python).args(["-c", ask]))
            .ends(0)
            .out
    };
    let module = file();
    std::fs::remove_file(module.trim()).unwrap();
    assert_eq!(install().unwrap(), python);
    assert_eq!(file(), module);
    let words = said.lock().unwrap().clone();
    assert!(
        words.contains("broken (") && words.contains("treinotiny"),
        "{words}"
    );
    // Its Python is gone, as after an upgrade of the system's.
    std::fs::remove_file(&python).unwrap();
    assert_eq!(install().unwrap(), python);
    assert_eq!(file(), module);
    // A complete installation needs no lock, as on a read-only file system.
    let lock = cache.join("install.lock");
    std::fs::remove_file(&lock).unwrap();
    std::fs::create_dir(&lock).unwrap();
    assert_eq!(install().unwrap(), python);
}

#[test]
fn a_disabled_package_index_is_reported() {
    let local = Local::new("a_disabled_package_index_is_reported");
    let cache = local.world.folder.path().join("cache");
    let file = local.world.file("pip.conf", b"[global]\nno-index = yes\n");
    let file = file.to_str().unwrap();
    for (name, value, says) in [
        ("PIP_NO_INDEX", "1", "the variable PIP_NO_INDEX keeps pip"),
        (
            "PIP_CONFIG_FILE",
            file,
            "no-index in pip's settings keeps pip",
        ),
    ] {
        let mut command = local.command(&["local", "up"]);
        command.env("XDG_CACHE_HOME", &cache).env(name, value);
        CommandResult::of(&mut command).ends(1).says(says);
    }
}

#[test]
fn functions_in_node_need_node() {
    let local = Local::new("functions_in_node_need_node");
    let world = &local.world;
    world.file("code/index.js", b"exports.handler = async () => 1;\n");
    let stack = "stack: noded\nfunctions:\n  f: { code: code, handler: index.handler, runtime: nodejs22.x }\n";
    let stack = world.file("noded.yaml", stack.as_bytes());
    let stack = stack.to_str().unwrap();
    world.treino(&["plan", stack]).ends(0);
    let mut command = world.command();
    command
        .args(["--local", "deploy", stack, "--yes"])
        .env("PATH", repository("docs"));
    CommandResult::of(&mut command)
        .ends(1)
        .says("functions in Node.js need node and npm on the PATH")
        .says("install Node.js 18 or newer");
    world
        .treino(&["status"])
        .ends(0)
        .says("no stack is deployed");
}
