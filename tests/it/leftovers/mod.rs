//! Nothing is left behind, and nobody says so who has not seen it: what AWS hides, half answers, or
//! brings back while a stack is destroyed, and what a curious hand has added to it before.
//!
//! Not produced here:
//! - a vault's archives and its inventory: `conformance::vault`; a vault lock, which the local AWS lacks: on
//!   AWS its policy may deny the deletion, which is then refused and said like any other refusal.
//! - a bucket's policy that denies, which the local AWS does not enforce for the account's root: the
//!   refusal is the proxy's.
//! - a connection that API destinations use: EventBridge deletes it all the same.
//! - layers: they are nobody's part, and stay, as everything of somebody else's does.

mod by_hand;
mod contents;
mod destroy_journal;
mod hidden;
mod lists;
mod locked;
mod objects;

use serde_json::{Value, json};
use treino::stack::Kind;

use crate::kinds;
use crate::support::parts::{
    BUCKET, DIRECTORY_BUCKET, FUNCTION, MACHINE, RULE, TABLE, TRAIL, VAULT, lab_of,
};
use crate::support::proxy::{Answer, Call, Proxy};
use crate::support::{Clients, CommandResult, World};

/// A world of its own with a proxy before it, and a stack `lab` that stands in it.
struct Scene {
    world: World,
    proxy: Proxy,
    clients: Clients,
}

/// What a stack of one of every kind has: the kind, what its name begins with, and the call that deletes
/// it.
fn resources() -> Vec<(Kind, &'static str, &'static str)> {
    let of =
        |(kind, name): &(Kind, &'static str)| (*kind, *name, kinds::of(*kind).requests().delete);
    let samples = kinds::ALL.iter().map(|kind| kind.sample());
    samples
        .flat_map(|sample| sample.comes_to.iter().map(of))
        .collect()
}

impl Scene {
    /// A stack of these parts, deployed.
    async fn of(test: &str, parts: &[&str]) -> Self {
        let scene = Self::undeployed(test, parts).await;
        scene.deployed();
        scene
    }

    async fn undeployed(test: &str, parts: &[&str]) -> Self {
        let world = World::new(test);
        let proxy = Proxy::before(&world.endpoint);
        let clients = world.clients().await;
        lab_of(&world, parts);
        Self {
            world,
            proxy,
            clients,
        }
    }

    /// Deploys past the proxy.
    fn deployed(&self) {
        let file = self.world.folder.path().join("lab.yaml");
        let file = file.to_str().unwrap();
        self.world.treino(&["deploy", file, "--yes"]).ends(0);
    }

    fn destroy(&self) -> CommandResult {
        let words = ["destroy", "lab", "--yes"];
        self.world.treino_at(&self.proxy.endpoint, &words)
    }

    async fn is_empty(&self) {
        assert_eq!(self.clients.everything().await, Vec::<String>::new());
    }

    /// Once nobody meddles any longer, one more destroy leaves nothing.
    async fn ends_empty(&self) {
        self.proxy.forget();
        let again = self.destroy();
        // By a name that nothing has any longer, a destroy fails.
        let code = i32::from(!again.events("nothing_owned").is_empty());
        again.ends(code);
        self.is_empty().await;
    }

    fn bucket(&self, key: &str) -> String {
        format!("lab-{key}-{}-us-east-1", self.world.account)
    }
}

/// The receipt of a destroy; what it says to a person is the same.
#[track_caller]
fn receipt(ran: &CommandResult) -> Value {
    let receipt = ran.event("receipt")["receipt"].clone();
    for left in receipt["remains"].as_array().unwrap() {
        let left = left.as_str().unwrap();
        assert!(
            ran.err.contains(&format!("left: {left}")),
            "{left}: {}",
            ran.err
        );
    }
    let is_proved = receipt["remains"] == json!([]);
    assert_eq!(ran.err.contains("verified:"), is_proved, "{}", ran.err);
    receipt
}

/// Whether the receipt says that this is gone.
fn says_gone(receipt: &Value, kind: Kind, name: &str) -> bool {
    let resources = receipt["resources"].as_array().unwrap().iter();
    let kinds = resources.filter(|gone| gone["kind"] == kind.facts().noun);
    let names = kinds.map(|gone| gone["name"].as_str().unwrap());
    // A trail's name begins as its bucket's does, and is another kind's.
    names.into_iter().any(|gone| gone.starts_with(name))
}

/// Whether the receipt says of this that it may be there.
fn says_left(receipt: &Value, kind: Kind, name: &str) -> bool {
    let remains = receipt["remains"].as_array().unwrap().iter();
    let mut remains = remains.map(|left| left.as_str().unwrap());
    remains.any(|left| left.starts_with(&format!("{kind} {name}")))
}

/// What the service answers to a deletion that it takes.
fn taken(call: &Call) -> Answer {
    match call.service.as_str() {
        "s3" | "lambda" | "glacier" => Answer::made(204, "text/plain", ""),
        // A form.
        _ if call.body.starts_with("Action=") => {
            let name = &call.operation;
            let id = "<ResponseMetadata><RequestId>1</RequestId></ResponseMetadata>";
            Answer::made(
                200,
                "text/xml",
                format!("<{name}Response>{id}</{name}Response>"),
            )
        }
        _ => Answer::made(200, "application/x-amz-json-1.1", "{}"),
    }
}

/// A list with nothing in it, as its service gives it.
fn emptied(body: &str, list: &str) -> String {
    if let Ok(mut answer) = serde_json::from_str::<Value>(body) {
        answer[list] = json!([]);
        return answer.to_string();
    }
    let (open, close) = (format!("<{list}>"), format!("</{list}>"));
    match (body.find(&open), body.find(&close)) {
        (Some(from), Some(to)) => format!("{}{}", &body[..from + open.len()], &body[to..]),
        _ => body.to_owned(),
    }
}
