//! One test's environment: an account of the local AWS, a folder, the binary.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;
use std::sync::Mutex;

use serde_json::Value;
use sha2::{Digest, Sha256};
use tempfile::TempDir;

use super::emulator::{Emulator, emulator, enforcing, failing};
use super::proxy::Proxy;
use super::{Clients, CommandResult};

/// The region of every test.
pub const REGION: &str = "us-east-1";

/// An account of its own on the local AWS, empty at first, and a folder of its own.
pub struct World {
    pub account: String,
    pub folder: TempDir,
    pub endpoint: String,
    emulator: &'static Emulator,
    /// Where the binary finds the local AWS behind [`Self::checked`].
    state: TempDir,
    /// Stands before the local AWS and checks what the binary sends.
    checked: Proxy,
    variables: Mutex<Vec<(String, String)>>,
}

impl World {
    /// The world of the test of this name; no two tests may share one.
    pub fn new(test: &str) -> Self {
        Self::on(emulator(), test)
    }

    /// The same on a local AWS that enforces IAM policies: `--local` is the account's root there.
    pub fn enforced(test: &str) -> Self {
        Self::on(enforcing(), test)
    }

    /// The same on the local AWS with injected failures.
    pub fn failing(test: &str) -> Self {
        Self::on(failing(), test)
    }

    fn on(emulator: &'static Emulator, test: &str) -> Self {
        static TAKEN: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());
        let account = account(test);
        let fresh = TAKEN.lock().unwrap().insert(account.clone());
        assert!(fresh, "another test has the account {account} of {test}");
        let endpoint = emulator.running.endpoint.clone();
        let checked = Proxy::unnoticed(&endpoint);
        let state = tempfile::tempdir().unwrap();
        emulator.recorded_at(&checked.endpoint, state.path());
        Self {
            account,
            folder: tempfile::tempdir().unwrap(),
            endpoint,
            emulator,
            state,
            checked,
            variables: Mutex::default(),
        }
    }

    /// The account of the test of this name.
    pub fn account_of(test: &str) -> String {
        account(test)
    }

    /// The secret access key of the account's root.
    pub fn secret(&self) -> String {
        self.emulator.secret.clone()
    }

    /// Keeps the calls of the binary from now on: see [`Proxy::kept`].
    pub fn keep(&self) {
        self.checked.keep();
    }

    /// The calls since [`Self::keep`].
    pub fn kept(&self) -> Vec<Value> {
        self.checked.kept()
    }

    /// The folder in which the binary finds the local AWS.
    pub fn state(&self) -> &Path {
        self.state.path()
    }

    /// Sets a variable in the environment of every later run.
    pub fn set(&self, name: &str, value: &str) {
        let variable = (name.to_owned(), value.to_owned());
        self.variables.lock().unwrap().push(variable);
    }

    /// Clients of the account that share no code with treino.
    pub async fn clients(&self) -> Clients {
        Clients::new(&self.endpoint, &self.account, REGION).await
    }

    /// The same for another region.
    pub async fn clients_in(&self, region: &str) -> Clients {
        Clients::new(&self.endpoint, &self.account, region).await
    }

    /// Runs treino with only these arguments.
    pub fn as_written(&self, arguments: &[&str]) -> CommandResult {
        CommandResult::of(self.command().args(arguments))
    }

    /// Runs treino with `--local`.
    pub fn treino(&self, arguments: &[&str]) -> CommandResult {
        CommandResult::of(self.command().arg("--local").args(arguments))
    }

    /// Runs treino with `--local` and `--json`.
    pub fn treino_json(&self, arguments: &[&str]) -> CommandResult {
        CommandResult::of(self.command().args(["--local", "--json"]).args(arguments))
    }

    /// Runs treino with a custom endpoint and keys of the account.
    pub fn treino_at(&self, endpoint: &str, arguments: &[&str]) -> CommandResult {
        self.treino_with((&self.account, &self.secret()), endpoint, arguments)
    }

    /// Runs treino with other keys.
    pub fn treino_as(&self, keys: (&str, &str), arguments: &[&str]) -> CommandResult {
        self.treino_with(keys, &self.endpoint, arguments)
    }

    fn treino_with(&self, keys: (&str, &str), endpoint: &str, arguments: &[&str]) -> CommandResult {
        CommandResult::of(&mut self.command_with(keys, endpoint, arguments))
    }

    /// The binary with a custom endpoint and keys of the account.
    pub fn command_at(&self, endpoint: &str, arguments: &[&str]) -> Command {
        self.command_with((&self.account, &self.secret()), endpoint, arguments)
    }

    fn command_with(&self, keys: (&str, &str), endpoint: &str, arguments: &[&str]) -> Command {
        let endpoint = if endpoint == self.endpoint {
            &self.checked.endpoint
        } else {
            endpoint
        };
        let mut command = self.command();
        command
            .env("AWS_ACCESS_KEY_ID", keys.0)
            .env("AWS_SECRET_ACCESS_KEY", keys.1)
            .env("AWS_REGION", REGION)
            .args(["--json", "--endpoint-url", endpoint])
            .args(arguments);
        command
    }

    /// The binary, without the user's settings.
    pub fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_treino"));
        let theirs = ["AWS_", "TREINO_", "CLICOLOR"];
        for (name, _) in std::env::vars_os() {
            let text = name.to_string_lossy();
            if theirs.iter().any(|prefix| text.starts_with(prefix)) {
                command.env_remove(&name);
            }
        }
        let nowhere = self.folder.path().join("no-such-file");
        command
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .env("TREINO_LOCAL_DIR", self.state())
            .env("TREINO_LOCAL_ACCOUNT", &self.account)
            .env("AWS_CONFIG_FILE", &nowhere)
            .env("AWS_SHARED_CREDENTIALS_FILE", &nowhere)
            .env("AWS_EC2_METADATA_DISABLED", "true")
            // Tests of events read the text, too.
            .env("TREINO_TEXT", "1")
            .envs(self.variables.lock().unwrap().iter().cloned())
            .stdin(std::process::Stdio::null());
        command
    }

    /// What a shell is given, with treino on its PATH as a user has it.
    pub fn shell(&self, folder: &Path, script: &str) -> CommandResult {
        CommandResult::of(&mut self.shell_command(folder, script))
    }

    /// The same, to be changed before it is run.
    pub fn shell_command(&self, folder: &Path, script: &str) -> Command {
        let treino = self.command();
        let mut shell = Command::new("bash");
        shell.args(["-e", "-c", script]).current_dir(folder);
        for (name, value) in treino.get_envs() {
            match value {
                Some(value) => shell.env(name, value),
                None => shell.env_remove(name),
            };
        }
        let program = Path::new(treino.get_program()).parent().unwrap();
        let path = std::env::var("PATH").unwrap();
        shell.env("PATH", format!("{}:{path}", program.display()));
        shell.stdin(std::process::Stdio::null());
        shell
    }

    /// A file in the world's folder.
    pub fn file(&self, name: &str, contents: &[u8]) -> std::path::PathBuf {
        let path = self.folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap_or(Path::new("/"))).unwrap();
        std::fs::write(&path, contents).unwrap();
        path
    }
}

/// Twelve digits derived from the name of the test.
fn account(test: &str) -> String {
    let digest = Sha256::digest(test.as_bytes());
    let number = digest
        .iter()
        .take(8)
        .fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
    (number % 900_000_000_000 + 100_000_000_000).to_string()
}
