//! Two owners' copies of one stack. Their names differ by the owner, which names end in; but a key that
//! ends like an owner makes one name of both: `x-b` of `c` and `x` of `b-c`.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use serde_json::Value;

use super::{Scene, blocking, dump, hold, side_by_side};
use crate::support::Ran;
use crate::support::proxy::{Proxy, When};

/// Ownership `x-b` is the other's `x`.
const FIRST: &str = "c";
/// Ownership `x` is the other's `x-b`.
const SECOND: &str = "b-c";
/// The name both want.
const CONTESTED: &str = "lab-x-b-c";

/// A kind of which both owners want one, and the request of the first by which it is made.
struct Contest {
    kind: &'static str,
    stack: &'static str,
    makes: &'static str,
}

const CONTESTS: [Contest; 9] = [
    Contest {
        kind: "bucket",
        stack: "buckets:\n  x: {}\n  x-b: { versioning: true, events: true }\n",
        makes: "s3:CreateBucket",
    },
    Contest {
        kind: "table",
        stack: "tables:\n  x: { partition_key: id }\n  x-b: { partition_key: id, time_to_live: at }\n",
        makes: "dynamodb:CreateTable",
    },
    Contest {
        kind: "role",
        stack: "roles:\n  x: { assumed_by: [lambda.amazonaws.com] }\n  x-b:\n    assumed_by: [lambda.amazonaws.com]\n    allow:\n      - { actions: [s3:GetObject], on: [\"*\"] }\n",
        makes: "iam:CreateRole",
    },
    Contest {
        kind: "log group",
        stack: "log_groups:\n  x: { retention_days: 1 }\n  x-b: { retention_days: 30 }\n",
        makes: "logs:CreateLogGroup",
    },
    Contest {
        kind: "function",
        stack: "log_groups:\n  g: {}\nfunctions:\n  x: { code: code, handler: app.handler, runtime: python3.13, memory: 128 }\n  x-b: { code: code, handler: app.handler, runtime: python3.13, memory: 256 }\n",
        // Its log group comes first, and is contested as well.
        makes: "logs:CreateLogGroup",
    },
    // Of one definition: AWS answers the second creation with success.
    Contest {
        kind: "state machine",
        stack: "state_machines:\n  x: { definition: machine.asl.json }\n  x-b: { definition: machine.asl.json }\n",
        makes: "states:CreateStateMachine",
    },
    Contest {
        kind: "trail",
        stack: "buckets:\n  k: {}\ntrails:\n  x: { objects_of: [k] }\n  x-b: { objects_of: [k], record: all }\n",
        makes: "cloudtrail:CreateTrail",
    },
    Contest {
        kind: "connection",
        stack: "connections:\n  x: { basic: { username: ana, password: \"${env:LAB_KEY}\" } }\n  x-b: { basic: { username: bia, password: \"${env:LAB_KEY}\" } }\n",
        makes: "events:CreateConnection",
    },
    Contest {
        kind: "directory bucket",
        stack: "directory_buckets:\n  x: { zone: use1-az4 }\n  x-b: { zone: use1-az4 }\n",
        makes: "s3:CreateBucket",
    },
];

/// The rules of both start the same machine, at different times.
const RULES: &str = "state_machines:\n  m: { definition: machine.asl.json }\nrules:\n  x: { schedule: rate(1 hour), start: m }\n  x-b: { schedule: rate(2 hours), start: m }\n";

type Dump = BTreeMap<String, Value>;

async fn scene(test: &str, stack: &str) -> Scene {
    Scene::of(test, &format!("stack: lab\nexpires: 4h\n{stack}")).await
}

impl Scene {
    fn deploys(&self, endpoint: &str, owner: &str) -> Ran {
        let arguments = ["deploy", &self.file, "--yes", "--owner", owner];
        self.world.treino_at(endpoint, &arguments)
    }

    fn destroys(&self, owner: &str) -> Ran {
        let arguments = ["destroy", "lab", "--yes", "--owner", owner];
        self.world.treino_at(&self.world.endpoint, &arguments)
    }

    /// What an owner's mark stands on.
    pub(super) async fn of_owner(&self, owner: &str) -> BTreeMap<String, Value> {
        let marks = [json_tag(owner), format!("\"owner={owner}\"")];
        let all = self.dump().await.into_iter();
        let is_theirs = |detail: &Value| {
            let text = detail.to_string();
            marks.iter().any(|mark| text.contains(mark))
        };
        all.filter(|(_, detail)| is_theirs(detail)).collect()
    }
}

fn json_tag(owner: &str) -> String {
    format!("\"treino:owner\":\"{owner}\"")
}

/// Holds the first owner's deploy at its request of this name for the contested name while the second
/// deploys whole. Answers how the first ended, and what the second's then was.
fn contested(scene: &Arc<Scene>, name: &str, nth: usize) -> (Ran, Dump) {
    let proxy = Proxy::before(&scene.world.endpoint);
    let theirs: Arc<Mutex<Option<Dump>>> = Arc::default();
    let (within, noted) = (Arc::clone(scene), Arc::clone(&theirs));
    let meant = proxy.on(name).with(CONTESTED).nth(nth);
    hold(&proxy, meant, When::Before, move || {
        let ran = within.deploys(&within.world.endpoint, SECOND);
        assert_eq!(ran.code, 0, "{ran:#?}");
        *noted.lock().unwrap() = Some(blocking(within.of_owner(SECOND)));
    });
    let ran = scene.deploys(&proxy.endpoint, FIRST);
    let theirs = theirs.lock().unwrap().take();
    (ran, theirs.expect("the second deploy came in between"))
}

/// Asserts that the first lost and says to whom, that what the second made is as it was, and that each
/// destroy takes only its owner's.
async fn first_lost(scene: &Scene, ran: &Ran, theirs: &Dump, what: &str) {
    assert_eq!(ran.code, 1, "{what}: {ran:#?}");
    let whose = format!("it belongs to the stack lab of {SECOND}");
    assert!(ran.err.contains(&whose), "{what}: {ran:#?}");
    let has = |dump: &Dump| dump.keys().any(|name| name.contains(CONTESTED));
    assert!(has(theirs), "{what}: {theirs:#?}");
    assert_eq!(&scene.of_owner(SECOND).await, theirs, "{what}");
    assert!(!has(&scene.of_owner(FIRST).await), "{what}");

    // What the first could make of its own stays its own; the plan says what stands in its way.
    let again = scene.deploys(&scene.world.endpoint, FIRST);
    assert!(
        again.code == 1 && again.err.contains(&whose),
        "{what}: {again:#?}"
    );
    taken_down(scene, theirs, what).await;
}

/// Destroys the first owner's, then the second's.
async fn taken_down(scene: &Scene, theirs: &Dump, what: &str) {
    let destroyed = scene.destroys(FIRST);
    assert_eq!(destroyed.code, 0, "{what}: {destroyed:#?}");
    assert_eq!(scene.of_owner(FIRST).await, Dump::new(), "{what}");
    assert_eq!(&scene.of_owner(SECOND).await, theirs, "{what}");
    let plan = ["plan", &scene.file, "--exit-code", "--owner", SECOND];
    let plan = scene.world.treino_at(&scene.world.endpoint, &plan);
    assert_eq!(plan.code, 0, "{what}: {plan:#?}");
    let destroyed = scene.destroys(SECOND);
    assert_eq!(destroyed.code, 0, "{what}: {destroyed:#?}");
    assert!(scene.is_empty().await, "{what}");
}

#[test]
fn what_another_owner_made_in_between_is_left_as_it_is() {
    side_by_side(&CONTESTS, |contest| {
        let test = format!("races_contest_{}", contest.kind);
        blocking(async {
            let scene = Arc::new(scene(&test, contest.stack).await);
            let (ran, theirs) = contested(&scene, contest.makes, 1);
            first_lost(&scene, &ran, &theirs, contest.kind).await;
        });
    });
}

/// Made after the plan and before the look that comes before `PutRule`.
#[tokio::test]
async fn a_rule_another_owner_made_is_left_as_it_is() {
    let scene = Arc::new(scene("races_contest_rule", RULES).await);
    // The first look is the plan's.
    let (ran, theirs) = contested(&scene, "events:DescribeRule", 2);
    first_lost(&scene, &ran, &theirs, "rule").await;
}

/// Made after that look: `PutRule` changes whatever is there, and only then it can be seen whose it was.
#[tokio::test]
async fn a_rule_that_was_overwritten_in_the_same_moment_is_said_to_be() {
    let scene = Arc::new(scene("races_contest_put_rule", RULES).await);
    let (ran, theirs) = contested(&scene, "events:PutRule", 1);
    assert_eq!(ran.code, 1, "{ran:#?}");
    for text in [
        "it belongs to the stack lab of b-c",
        "what it matches was replaced in that moment",
    ] {
        assert!(ran.err.contains(text), "{ran:#?}");
    }
    let (rule, clients) = (format!("rule {CONTESTED}"), &scene.clients);
    let seen = dump::rule(clients, CONTESTED).await.to_string();
    let seen: Value = serde_json::from_str(&seen.replace(&clients.account, "{account}")).unwrap();
    assert_eq!(seen["schedule"], "rate(2 hours)");
    for field in ["targets", "tags"] {
        assert_eq!(seen[field], theirs[&rule][field]);
    }

    let mended = scene.deploys(&scene.world.endpoint, SECOND).ends(0);
    let (action, fields) = &mended.changes()["rule.x"];
    assert_eq!(
        (action.as_str(), fields.as_slice()),
        ("update", &["schedule".to_owned()][..])
    );
    assert_eq!(scene.of_owner(SECOND).await, theirs);
    taken_down(&scene, &theirs, "rule").await;
}
