//! Two owners' copies of one stack. Their names differ by the owner, which names end in; but a key that
//! ends like an owner makes one name of both: `x-b` of `c` and `x` of `b-c`.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use serde_json::Value;
use treino::stack::Kind;

use super::{Scene, blocking, hold, side_by_side};
use crate::kinds;
use crate::support::CommandResult;
use crate::support::proxy::{Proxy, When};

/// The owner whose `x-b` is the other's `x`.
const FIRST: &str = "c";
/// The owner whose `x` is the other's `x-b`.
const SECOND: &str = "b-c";
/// The name both want.
const CONTESTED: &str = "lab-x-b-c";

type Dump = BTreeMap<String, Value>;

async fn scene(test: &str, stack: &str) -> Scene {
    Scene::of(test, &format!("stack: lab\nexpires: 4h\n{stack}")).await
}

impl Scene {
    fn deploys(&self, endpoint: &str, owner: &str) -> CommandResult {
        let arguments = ["deploy", &self.file, "--yes", "--owner", owner];
        self.world.treino_at(endpoint, &arguments)
    }

    fn destroys(&self, owner: &str) -> CommandResult {
        let arguments = ["destroy", "lab", "--yes", "--owner", owner];
        self.world.treino_at(&self.world.endpoint, &arguments)
    }

    /// What an owner's mark stands on.
    pub(super) async fn of_owner(&self, owner: &str) -> BTreeMap<String, Value> {
        let all = self.dump().await.into_iter();
        all.filter(|(_, detail)| detail["tags"]["treino:owner"] == owner)
            .collect()
    }
}

/// Holds the first owner's deploy at its request of this name for the contested name while the second
/// deploys whole. Answers how the first ended, and what the second's then was.
fn contested(scene: &Arc<Scene>, (name, nth): (&str, usize)) -> (CommandResult, Dump) {
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
async fn first_lost(scene: &Scene, ran: &CommandResult, theirs: &Dump, what: &str) {
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
    side_by_side(kinds::ALL, |kind| {
        let Some(rivals) = kind.rivals() else {
            return;
        };
        let kind = kind.kind();
        let test = format!("races_contest_{kind}");
        blocking(async {
            let scene = Arc::new(scene(&test, rivals.sections).await);
            let (ran, theirs) = contested(&scene, rivals.at);
            first_lost(&scene, &ran, &theirs, &kind.to_string()).await;
        });
    });
}

/// Made after that look: `PutRule` changes whatever is there, and only then it can be seen whose it was.
#[tokio::test]
async fn a_rule_that_was_overwritten_in_the_same_moment_is_said_to_be() {
    let rivals = kinds::of(Kind::Rule).rivals().unwrap();
    let scene = Arc::new(scene("races_contest_put_rule", rivals.sections).await);
    let (ran, theirs) = contested(&scene, ("events:PutRule", 1));
    assert_eq!(ran.code, 1, "{ran:#?}");
    for text in [
        "it belongs to the stack lab of b-c",
        "what it matches was replaced in that moment",
    ] {
        assert!(ran.err.contains(text), "{ran:#?}");
    }
    let rule = format!("rule {CONTESTED}");
    let (seen, wanted) = (&scene.dump().await[&rule], &theirs[&rule]);
    assert!(
        seen["answers"][0]
            .as_str()
            .unwrap()
            .contains("rate(2 hours)")
    );
    // Its targets and tags.
    for at in [1, 2] {
        assert_eq!(seen["answers"][at], wanted["answers"][at]);
    }
    assert_eq!(seen["tags"], wanted["tags"]);

    let mended = scene.deploys(&scene.world.endpoint, SECOND).ends(0);
    let (action, fields) = &mended.changes()["rule.x"];
    assert_eq!(
        (action.as_str(), fields.as_slice()),
        ("update", &["schedule".to_owned()][..])
    );
    assert_eq!(scene.of_owner(SECOND).await, theirs);
    taken_down(&scene, &theirs, "rule").await;
}
