//! The local AWS of this test process, a second one that enforces IAM policies, and a third with injected
//! failures.
//!
//! It is installed and started by the code that users run. It reads a pipe that this process holds open, so
//! that it ends with the process, even if that panics or is killed. `cargo test` runs all tests in one
//! process, with one local AWS; `cargo nextest` starts one for each test.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::{LazyLock, Mutex};

use serde_json::Value;
use treino::local::{Folders, Options, Running, UpGuard, up_guarded};

/// A local AWS and the folder of its state.
pub struct Emulator {
    pub running: Running,
    pub state: PathBuf,
    /// The secret access key of each account's root there.
    pub secret: String,
    _guard: UpGuard,
    /// Locked while this process runs, so that others see that the folder is in use.
    _alive: File,
}

static EMULATOR: LazyLock<Emulator> = LazyLock::new(|| started(Options::default(), ""));

static ENFORCING: LazyLock<Emulator> = LazyLock::new(|| {
    let options = Options {
        enforce: true,
        ..Options::default()
    };
    started(options, "-enforcing")
});

static FAILING: LazyLock<Emulator> = LazyLock::new(|| started(Options::default(), "-failing"));

/// The secrets by endpoint, proxies included.
static SECRETS: Mutex<BTreeMap<String, String>> = Mutex::new(BTreeMap::new());

/// The secret access key for an endpoint; any text where signatures are not checked.
pub fn secret_at(endpoint: &str) -> String {
    let secrets = SECRETS.lock().unwrap();
    let found = secrets.get(endpoint.trim_end_matches('/'));
    found.cloned().unwrap_or_else(|| "local".to_owned())
}

/// Registers the secret that an endpoint checks.
pub fn signs_with(endpoint: &str, secret: &str) {
    let mut secrets = SECRETS.lock().unwrap();
    secrets.insert(endpoint.to_owned(), secret.to_owned());
}

impl Emulator {
    /// Records it in a folder as if it were at another endpoint, such as that of a proxy.
    pub fn recorded_at(&self, endpoint: &str, folder: &Path) {
        let mut record: Value =
            serde_json::from_slice(&fs::read(self.state.join("local.json")).unwrap()).unwrap();
        record["endpoint"] = endpoint.into();
        fs::write(folder.join("local.json"), record.to_string()).unwrap();
        fs::write(folder.join("secret"), &self.secret).unwrap();
    }
}

/// The local AWS, started by the first test that needs it.
pub fn emulator() -> &'static Emulator {
    &EMULATOR
}

/// The one that verifies signatures and enforces IAM policies.
pub fn enforcing() -> &'static Emulator {
    &ENFORCING
}

/// The one with injected failures, locked for one test at a time.
pub fn failing() -> &'static Emulator {
    &FAILING
}

fn started(options: Options, suffix: &'static str) -> Emulator {
    // Each test has its own runtime, which must not block on another.
    let started = std::thread::spawn(move || start(options, suffix)).join();
    started.expect("the local AWS starts")
}

fn start(options: Options, suffix: &str) -> Emulator {
    // Tests make again what they have just deleted.
    let options = Options {
        free_queue_names: true,
        ..options
    };
    let (state, alive) = own_folder(Path::new(env!("CARGO_TARGET_TMPDIR")), suffix);
    let cache = Folders::of_user().expect("a home directory").cache;
    let folders = Folders {
        cache,
        state: state.clone(),
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let say = |text: &str| eprintln!("{text}");
    let started = runtime.block_on(up_guarded(&folders, options, &say));
    let (running, guard) = started.unwrap_or_else(|failure| {
        panic!("{failure}\n{}", failure.help.clone().unwrap_or_default())
    });
    let secret = treino::local::secret(&folders).expect("the secret");
    signs_with(&running.endpoint, &secret);
    Emulator {
        running,
        state,
        secret,
        _guard: guard,
        _alive: alive,
    }
}

/// A new folder. Folders of processes that have ended are deleted first, as a `static` is never dropped.
fn own_folder(parent: &Path, suffix: &str) -> (PathBuf, File) {
    let sweeping = File::create(parent.join("local.lock")).expect("the target folder is writable");
    sweeping.lock().expect("a lock");
    for entry in fs::read_dir(parent).expect("the target folder").flatten() {
        let folder = entry.path();
        let alive = File::open(folder.join("alive"));
        if alive.is_ok_and(|alive| alive.try_lock().is_ok()) {
            // A leftover is deleted by the next process.
            let _ = fs::remove_dir_all(&folder);
        }
    }
    let folder = parent.join(format!("local-{}{suffix}", std::process::id()));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir(&folder).expect("a folder for the local AWS");
    let alive = File::create(folder.join("alive")).expect("a file in it");
    alive.lock().expect("a lock");
    (folder, alive)
}
