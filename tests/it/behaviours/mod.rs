//! Behaviours of AWS that emulators lack (`docs/aws-behaviours.md`): each test is named after its row.
//!
//! The proxy between the binary and the local AWS answers as AWS does; separate clients check the result.
//!
//! Not tested here:
//! - long waits. `deadlines` tests with paused time that a wait ends with its deadline and the last error;
//!   here the errors end before.
//! - row 21, `PutEvents`: treino does not use it.
//! - row 33: the tagging API is never called, so its wrong answers cannot be tested.
//! - row 34: a unit test of the rate limiter.
//! - row 37, Rekognition's answers: the functions call it without the proxy. The test checks the stack and
//!   the definition.

mod answers;
mod buckets;
mod connections;
mod credential_chains;
mod credentials;
mod deadlines;
mod functions;
mod late_secrets;
mod losses;
mod machines;
mod not_ready;
mod profiles;
mod roles;
mod rules;
mod services;
mod table;
mod tables;
mod trails;
mod unready;

use crate::support::parts::{
    BUCKET, CONNECTION, FUNCTION, KEY, MACHINE, RULE, TABLE, TRAIL, VAULT, lab_of,
};
use crate::support::proxy::Proxy;
use crate::support::{Clients, CommandResult, World};

/// A world of its own behind a proxy, with a stack `lab`.
struct Scene {
    world: World,
    proxy: Proxy,
    clients: Clients,
}

impl Scene {
    async fn new(test: &str) -> Self {
        let world = World::new(test);
        let proxy = Proxy::before(&world.endpoint);
        let clients = world.clients().await;
        Self {
            world,
            proxy,
            clients,
        }
    }

    /// The same with these parts in the stack.
    async fn of(test: &str, parts: &[&str]) -> Self {
        let scene = Self::new(test).await;
        scene.has(parts);
        scene
    }

    /// Writes the stack with these parts.
    fn has(&self, parts: &[&str]) {
        lab_of(&self.world, parts);
    }

    fn file(&self) -> String {
        let file = self.world.folder.path().join("lab.yaml");
        file.to_str().unwrap().to_owned()
    }

    /// Runs treino through the proxy.
    fn treino(&self, arguments: &[&str]) -> CommandResult {
        self.world.treino_at(&self.proxy.endpoint, arguments)
    }

    fn deploy(&self) -> CommandResult {
        self.treino(&["deploy", &self.file(), "--yes"])
    }

    fn plan(&self) -> CommandResult {
        self.treino(&["plan", &self.file(), "--exit-code"])
    }

    fn destroy(&self) -> CommandResult {
        self.treino(&["destroy", "lab", "--yes"])
    }

    /// Deploys without the proxy, as the starting state.
    fn deployed(&self) {
        let file = self.file();
        self.world.treino(&["deploy", &file, "--yes"]).ends(0);
    }

    /// Asserts that a deploy would change nothing, and that a destroy leaves nothing.
    async fn is_whole(&self) {
        self.proxy.forget();
        self.plan().ends(0);
        self.is_gone_after_destroy().await;
    }

    /// Destroys, with the remaining rules of the proxy, and asserts that nothing is left.
    async fn is_gone_after_destroy(&self) {
        self.destroy().ends(0).says("verified:");
        assert_eq!(self.clients.everything().await, Vec::<String>::new());
    }

    /// The bucket of a key of the stack.
    fn bucket(&self, key: &str) -> String {
        format!("lab-{key}-{}-us-east-1", self.world.account)
    }
}

/// Asserts that a run reported a note with this text.
#[track_caller]
fn noted(ran: &CommandResult, text: &str) {
    let notes = ran.events("note");
    let said = |note: &serde_json::Value| note["text"].as_str().unwrap().contains(text);
    assert!(notes.iter().any(said), "`{text}` is not noted: {notes:?}");
}

/// Blocks on a future, in a thread of the proxy.
fn blocking<T>(what: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.unwrap().block_on(what)
}
