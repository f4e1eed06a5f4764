//! Two runs at once, on one stack or on names that two owners want: nothing is doubled, lost or left
//! half-made that a further deploy or destroy does not settle, and what each run says is true.
//!
//! `held` stops one program at a request of its choice and runs the other whole in between, so that
//! every case can be run again; `beside` lets both run at once, each request delayed at random from a
//! seed; `owners` is about names that two owners want, `asked` about questions that stand meanwhile;
//! `model` goes through every point of a whole lab, without AWS and on paused time.
//!
//! The long forms, with the number of points tried:
//!
//! ```sh
//! cargo test --test it races -- --ignored --nocapture
//! ```

mod asked;
mod beside;
mod dump;
mod held;
mod model;
mod owners;
mod reaper;

use std::collections::BTreeMap;
use std::sync::{Arc, RwLock};

use serde_json::Value;
use tokio::sync::OnceCell;

use crate::support::proxy::{On, Proxy, When};
use crate::support::{Clients, CommandResult, World};

/// What a program is run for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verb {
    Deploy,
    Destroy,
}

/// A stack with the kinds of image-metadata, and a connection.
const SMALL: &str = r#"stack: lab
expires: 4h
buckets:
  b: {}
tables:
  t:
    partition_key: id
functions:
  f:
    code: code
    handler: app.handler
    runtime: python3.13
    allow:
      - actions: [dynamodb:PutItem]
        resources: ["${t.arn}"]
state_machines:
  m:
    definition: machine.asl.json
trails:
  r:
    objects_of: [b]
rules:
  e:
    put_object_in: b
    via: cloudtrail
    start: m
connections:
  c:
    api_key:
      header: x-key
      value: ${env:LAB_KEY}
"#;

/// Something that two programs run on, in a world of its own.
struct Scene {
    world: World,
    clients: Clients,
    file: String,
}

impl Scene {
    /// The small stack.
    async fn new(test: &str) -> Self {
        Self::of(test, SMALL).await
    }

    /// A stack `lab`.
    async fn of(test: &str, stack: &str) -> Self {
        let world = World::new(test);
        world.set("LAB_KEY", "any");
        let file = world.file("lab.yaml", stack.as_bytes());
        let code = b"def handler(event, context):\n    return event\n";
        world.file("code/app.py", code);
        let definition = br#"{"StartAt": "Done", "States": {"Done": {"Type": "Succeed"}}}"#;
        world.file("machine.asl.json", definition);
        Self::at(world, file.to_str().unwrap()).await
    }

    /// image-metadata itself.
    async fn lab(test: &str) -> Self {
        Self::at(World::new(test), "stacks/image-metadata.yaml").await
    }

    async fn at(world: World, file: &str) -> Self {
        Self {
            clients: world.clients().await,
            file: file.to_owned(),
            world,
        }
    }

    /// How a verb is called.
    fn arguments(&self, verb: Verb) -> [&str; 3] {
        match verb {
            Verb::Deploy => ["deploy", &self.file, "--yes"],
            Verb::Destroy => ["destroy", &self.file, "--yes"],
        }
    }

    /// Runs it to its end.
    fn runs(&self, verb: Verb) -> CommandResult {
        self.world
            .treino_at(&self.world.endpoint, &self.arguments(verb))
    }

    async fn dump(&self) -> BTreeMap<String, Value> {
        dump::dump(&self.clients).await
    }

    /// Asserts that one further deploy leaves what an undisturbed one does, and nothing to change; and
    /// that one further destroy leaves nothing.
    async fn settles(&self, undisturbed: &BTreeMap<String, Value>, what: &str) {
        let deployed = self.runs(Verb::Deploy);
        assert_eq!(deployed.code, 0, "{what}: {deployed:#?}");
        same(&self.dump().await, undisturbed, what);
        let plan = ["plan", &self.file, "--exit-code"];
        let plan = self.world.treino_at(&self.world.endpoint, &plan);
        assert_eq!(plan.code, 0, "{what}: {plan:#?}");
        self.ends_empty(what).await;
    }

    /// Asserts that one further destroy leaves nothing.
    async fn ends_empty(&self, what: &str) {
        let destroyed = self.runs(Verb::Destroy);
        assert_eq!(destroyed.code, 0, "{what}: {destroyed:#?}");
        assert!(
            self.is_empty().await,
            "{what}: {:?}",
            self.clients.everything().await
        );
    }

    /// Whether nothing stands, a connection's secret included.
    async fn is_empty(&self) -> bool {
        let dump = self.dump().await;
        dump.len() == 1 && dump["secrets"] == Value::Array(Vec::new())
    }
}

/// What an undisturbed deploy of the small stack leaves.
async fn undisturbed() -> &'static BTreeMap<String, Value> {
    static UNDISTURBED: OnceCell<BTreeMap<String, Value>> = OnceCell::const_new();
    let deployed = async || {
        let scene = Scene::new("races_undisturbed").await;
        scene.runs(Verb::Deploy).ends(0);
        scene.dump().await
    };
    UNDISTURBED.get_or_init(deployed).await
}

#[track_caller]
fn same(seen: &BTreeMap<String, Value>, wanted: &BTreeMap<String, Value>, what: &str) {
    let names = |of: &BTreeMap<String, Value>| of.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(seen), names(wanted), "{what}");
    for (name, detail) in wanted {
        assert_eq!(&seen[name], detail, "{what}: {name}");
    }
}

/// Holds the request that is meant, and every later one, until the deed is done.
fn hold(proxy: &Proxy, meant: On<'_>, when: When, deed: impl Fn() + Send + Sync + 'static) {
    let gate = Arc::new(RwLock::new(()));
    let open = Arc::clone(&gate);
    proxy.on("*").then(When::Before, move || drop(open.read()));
    meant.then(when, move || {
        let _closed = gate.write();
        deed();
    });
}

/// Runs each on a thread of its own, as waits take most of their time; fails with the first that fails.
fn side_by_side<T: Send + Sync>(cases: &[T], run: impl Fn(&T) + Send + Sync) {
    std::thread::scope(|scope| {
        for case in cases {
            scope.spawn(|| run(case));
        }
    });
}

/// Blocks on something asynchronous.
fn blocking<T>(what: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.unwrap().block_on(what)
}
