//! What stands under a name the stack wants, and is not the stack's: nothing is done to it, it is
//! named with whose it is and the way out, and it is taken over only where that is said of it.
//!
//! One resource of every kind is made by SDK clients, with contents and other settings than the
//! stack wants, and asked about before and after: whatever AWS answers is compared.
//!
//! Of a vault: its name ends in a hash of whom it belongs to, so one without a mark is the stack's
//! own half-made one. Foreign is one that carries somebody else's.

mod adopted;
mod asked;
mod between;
mod half_marked;
mod in_the_way;
mod names;
mod other_file;

use std::collections::BTreeMap;

use crate::kinds::{self, Mark, Tags, TestKind};
use crate::support::parts::lab_of;
use crate::support::proxy::Proxy;
use crate::support::{Asking, Clients, CommandResult, World};

/// Of another stack.
const OTHER_STACK: Mark = &[("treino:stack", "other"), ("treino:address", "bucket.x")];

/// Of another owner's copy of the same stack.
const OTHER_OWNER: Mark = &[
    ("treino:stack", "lab"),
    ("treino:address", "table.x"),
    ("treino:owner", "bob"),
];

/// Of nobody's that treino knows.
const NOBODYS: Mark = &[("team", "blue")];

/// A world of its own with a proxy before it, a stack `lab` in it, and the names it wants.
struct Scene {
    world: World,
    proxy: Proxy,
    clients: Clients,
    names: BTreeMap<String, String>,
}

impl Scene {
    /// The stack of one resource of every kind.
    async fn new(test: &str) -> Self {
        Self::of(test, &kinds::sections().concat()).await
    }

    /// Another stack, of these sections.
    async fn of(test: &str, sections: &str) -> Self {
        let world = World::new(test);
        lab_of(&world, &[sections]);
        let mut scene = Self {
            proxy: Proxy::before(&world.endpoint),
            clients: world.clients().await,
            world,
            names: BTreeMap::new(),
        };
        // What the stack wants of names is for treino to say; all else is looked at without it.
        let plan = scene.treino(&["plan", &scene.file()]).ends(0).event("plan");
        let steps = plan["steps"].as_array().unwrap().iter();
        let said = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
        let names = steps.map(|step| (said(&step["address"]), said(&step["name"])));
        scene.names = names.collect();
        scene.proxy.take();
        scene
    }

    /// Makes the stack one of these sections.
    fn has(&self, sections: &str) {
        let text = format!("stack: lab\n{sections}");
        self.world.file("lab.yaml", text.as_bytes());
    }

    fn file(&self) -> String {
        let file = self.world.folder.path().join("lab.yaml");
        file.to_str().unwrap().to_owned()
    }

    /// Runs treino through the proxy, with `--json`.
    fn treino(&self, arguments: &[&str]) -> CommandResult {
        self.world.treino_at(&self.proxy.endpoint, arguments)
    }

    /// Plans or deploys, with more arguments.
    fn verb(&self, verb: &str, more: &[&str]) -> CommandResult {
        let file = self.file();
        let words = [verb, file.as_str()];
        let words: Vec<&str> = words.iter().chain(more).copied().collect();
        self.treino(&words)
    }

    fn deploy(&self, more: &[&str]) -> CommandResult {
        let more: Vec<&str> = ["--yes"].iter().chain(more).copied().collect();
        self.verb("deploy", &more)
    }

    fn plan(&self, more: &[&str]) -> CommandResult {
        self.verb("plan", more)
    }

    fn destroy(&self) -> CommandResult {
        self.treino(&["destroy", "lab", "--yes"])
    }

    /// The kind of an address and the name that the stack wants for it.
    fn wanted(&self, address: &str) -> (&'static dyn TestKind, &str) {
        (kinds::at(address), &self.names[address])
    }

    /// Makes what stands under the names of these addresses.
    async fn holds(&self, addresses: &[&str], mark: Mark) {
        for address in addresses {
            let (kind, name) = self.wanted(address);
            kind.make(&self.clients, name, mark).await;
        }
    }

    /// Everything AWS tells of what stands under the names of these addresses, its contents last.
    async fn seen(&self, addresses: &[&str]) -> BTreeMap<String, String> {
        let asking = Asking::exactly(&self.clients);
        let mut seen = self.held(addresses).await;
        for (address, held) in &mut seen {
            let (kind, name) = self.wanted(address);
            let mut answers = kind.answers(&asking, name);
            assert!(answers[0].contains(": 200 "), "{address}: {}", answers[0]);
            answers.push(std::mem::take(held));
            *held = answers.join("\n");
        }
        seen
    }

    /// What stands under these addresses holds.
    async fn held(&self, addresses: &[&str]) -> BTreeMap<String, String> {
        let mut held = BTreeMap::new();
        for address in addresses {
            let (kind, name) = self.wanted(address);
            let one = kind.contents(&self.clients, name).await;
            held.insert((*address).to_owned(), one);
        }
        held
    }

    /// The tags of what stands under the name of an address.
    async fn tags(&self, address: &str) -> Tags {
        let (kind, name) = self.wanted(address);
        kind.tags(&self.clients, name).await
    }

    /// Asserts that what stands there is what stood before.
    #[track_caller]
    fn same(before: &BTreeMap<String, String>, now: &BTreeMap<String, String>) {
        for (address, before) in before {
            assert_eq!(now[address], *before, "{address}");
        }
    }

    /// Asserts that what was done so far changed nothing in AWS; forgets it.
    #[track_caller]
    fn changed_nothing(&self) {
        assert_eq!(self.proxy.changes(), Vec::<String>::new());
        self.proxy.take();
    }
}

/// What a plan says stands in the way: address and whose it is.
#[track_caller]
fn in_the_way(ran: &CommandResult) -> BTreeMap<String, String> {
    let plan = ran.event("plan");
    let foreign = plan["foreign"].as_array().unwrap().iter();
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    foreign
        .map(|one| (text(&one["address"]), text(&one["whose"])))
        .collect()
}

/// `--adopt` for each of these addresses.
fn adopt<'a>(addresses: &[&'a str]) -> Vec<&'a str> {
    addresses
        .iter()
        .flat_map(|address| ["--adopt", address])
        .collect()
}
