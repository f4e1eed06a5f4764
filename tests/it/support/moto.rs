//! moto, a second emulator, for the calls it implements.

use std::io::{BufRead, BufReader, Read, Seek};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::LazyLock;

use treino::local::{Folders, packages};

const REQUIREMENTS: &str = include_str!("requirements-moto.txt");
const SERVER: &str = include_str!("moto.py");

/// A running moto, of this test process alone.
pub struct Moto {
    pub endpoint: String,
    /// It reads its standard input, and ends when this process does.
    _child: Child,
}

static MOTO: LazyLock<Moto> = LazyLock::new(start);

/// moto's default account.
pub const MOTO_ACCOUNT: &str = "123456789012";

/// moto, started by the first test that needs it and installed by the first run.
pub fn moto() -> &'static Moto {
    &MOTO
}

/// The Python of moto's environment, which has botocore's models too.
pub fn python() -> PathBuf {
    let cache = Folders::of_user().expect("a home directory").cache;
    let say = |text: &str| eprintln!("{text}");
    let lists = [("installing moto (once; about 140 MB on disk)", REQUIREMENTS)];
    let python = packages(&cache, &lists, &say);
    python
        .unwrap_or_else(|failure| panic!("{failure}\n{}", failure.help.clone().unwrap_or_default()))
}

fn start() -> Moto {
    // Without a name, so that nobody has to delete it.
    let mut log = tempfile::tempfile().expect("a temporary file");
    let mut child = Command::new(python())
        .args(["-c", SERVER])
        .env("MOTO_IAM_LOAD_MANAGED_POLICIES", "true")
        .env_remove("PYTHONPATH")
        .env_remove("PYTHONHOME")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(log.try_clone().expect("one more handle"))
        .spawn()
        .expect("moto starts");
    let mut port = String::new();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    stdout.read_line(&mut port).unwrap();
    let port: u16 = port.trim().parse().unwrap_or_else(|_| {
        let mut said = String::new();
        log.rewind().unwrap();
        log.read_to_string(&mut said).unwrap();
        panic!("moto does not start: {said}")
    });
    Moto {
        endpoint: format!("http://127.0.0.1:{port}"),
        _child: child,
    }
}
