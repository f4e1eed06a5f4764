//! What AWS does that an emulator does not (`docs/aws-behaviours.md`): one test a row, named after it.
//!
//! The proxy answers as AWS does, in between the binary and the local AWS; what stands afterwards is
//! seen by clients of the tests' own.
//!
//! Not produced here:
//! - minutes that pass. That a wait ends with its deadline, and with the last refusal, is seen in
//!   `deadlines`, on paused time; here the refusals end before it.
//! - row 21, `PutEvents`: treino puts no events.
//! - row 33 is that the tagging API is never asked, for any verb; nothing rests on it, so nothing
//!   it could say wrongly can be shown.
//! - row 37, what Rekognition answers: the functions ask it themselves, past the proxy. What treino
//!   has to do with it stands in the stack and the definition, and is looked at there.

mod answers;
mod buckets;
mod connections;
mod credentials;
mod deadlines;
mod functions;
mod losses;
mod machines;
mod roles;
mod rules;
mod table;
mod tables;
mod trails;
mod unready;

use crate::support::parts::{
    BUCKET, CONNECTION, FUNCTION, KEY, MACHINE, RULE, TABLE, TRAIL, VAULT, lab_of,
};
use crate::support::proxy::Proxy;
use crate::support::{Clients, Ran, World};

/// A world of its own with a proxy before it, and a stack `lab` in it.
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

    /// The same with a stack of these parts.
    async fn of(test: &str, parts: &[&str]) -> Self {
        let scene = Self::new(test).await;
        scene.has(parts);
        scene
    }

    /// Makes the stack one of these parts.
    fn has(&self, parts: &[&str]) {
        lab_of(&self.world, parts);
    }

    fn file(&self) -> String {
        let file = self.world.folder.path().join("lab.yaml");
        file.to_str().unwrap().to_owned()
    }

    /// Runs treino through the proxy.
    fn treino(&self, arguments: &[&str]) -> Ran {
        self.world.treino_at(&self.proxy.endpoint, arguments)
    }

    fn deploy(&self) -> Ran {
        self.treino(&["deploy", &self.file(), "--yes"])
    }

    fn plan(&self) -> Ran {
        self.treino(&["plan", &self.file(), "--exit-code"])
    }

    fn destroy(&self) -> Ran {
        self.treino(&["destroy", "lab", "--yes"])
    }

    /// Deploys past the proxy, to begin from.
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

    /// Destroys, through whatever rules there are.
    async fn is_gone_after_destroy(&self) {
        self.destroy().ends(0).says("seen empty");
        assert_eq!(self.clients.everything().await, Vec::<String>::new());
    }

    /// The bucket of a key of the stack.
    fn bucket(&self, key: &str) -> String {
        format!("lab-{key}-{}-us-east-1", self.world.account)
    }
}

/// What a run noted of a resource.
#[track_caller]
fn noted(ran: &Ran, text: &str) {
    let notes = ran.events("note");
    let said = |note: &serde_json::Value| note["text"].as_str().unwrap().contains(text);
    assert!(notes.iter().any(said), "`{text}` is not noted: {notes:?}");
}

/// Blocks on something asynchronous, in a thread of the proxy.
fn blocking<T>(what: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.unwrap().block_on(what)
}
