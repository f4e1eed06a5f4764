//! One program is held at a request while the other runs whole.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use serde_json::Value;

use super::{Scene, Verb, blocking, hold, same, side_by_side, undisturbed};
use crate::support::CommandResult;
use crate::support::proxy::{Proxy, When};

/// Where a program is held: at its so-and-so-manieth request of a name.
#[derive(Debug, Clone, Copy)]
struct Point {
    /// `*`: of those that change something.
    name: &'static str,
    nth: usize,
    when: When,
}

const fn before(name: &'static str, nth: usize) -> Point {
    let when = When::Before;
    Point { name, nth, when }
}

const fn after(name: &'static str, nth: usize) -> Point {
    let when = When::After;
    Point { name, nth, when }
}

/// What a run said, and what stood at its end.
struct FinishedRun {
    ran: CommandResult,
    stood: BTreeMap<String, Value>,
}

/// Holds the first program there, runs the second meanwhile, and asserts that what both said was true
/// and that all can be settled. Answers how both ended; nothing if the first never came there.
async fn held(
    scene: Scene,
    undisturbed: &BTreeMap<String, Value>,
    (first, second): (Verb, Verb),
    point: Point,
) -> Option<(CommandResult, CommandResult)> {
    let what = format!("{second:?} while {first:?} is held {point:?}");
    if first == Verb::Destroy {
        scene.runs(Verb::Deploy).ends(0);
    }
    let proxy = Proxy::before(&scene.world.endpoint);
    let scene = Arc::new(scene);
    let ended: Arc<Mutex<Option<FinishedRun>>> = Arc::default();
    let (within, noted) = (Arc::clone(&scene), Arc::clone(&ended));
    let meant = proxy
        .on(point.name)
        .when(move |call| point.name != "*" || call.mutating)
        .nth(point.nth);
    hold(&proxy, meant, point.when, move || {
        let ran = within.runs(second);
        let stood = blocking(within.dump());
        *noted.lock().unwrap() = Some(FinishedRun { ran, stood });
    });

    let ran = scene
        .world
        .treino_at(&proxy.endpoint, &scene.arguments(first));

    let inner = ended.lock().unwrap().take()?;
    let outer = FinishedRun {
        ran,
        stood: scene.dump().await,
    };
    is_true(second, &inner, undisturbed, &format!("{what}, inside"));
    is_true(first, &outer, undisturbed, &what);
    scene.settles(undisturbed, &what).await;
    Some((outer.ran, inner.ran))
}

/// Asserts that a run that says done is right, and that one that is not done says why.
fn is_true(verb: Verb, ended: &FinishedRun, undisturbed: &BTreeMap<String, Value>, what: &str) {
    let FinishedRun { ran, stood } = ended;
    let summary = ran.events("summary");
    let complete = summary.first().is_some_and(|end| end["complete"] == true);
    match (verb, ran.code) {
        (Verb::Deploy, 0) => {
            assert!(complete || ran.changes().is_empty(), "{what}: {ran:#?}");
            same(stood, undisturbed, what);
        }
        (Verb::Destroy, 0) => {
            assert_eq!(stood.len(), 1, "{what}: {:?}", stood.keys());
            assert_eq!(stood["secrets"], Value::Array(Vec::new()), "{what}");
        }
        (_, 1 | 3) => {
            assert!(!complete || verb == Verb::Destroy, "{what}: {ran:#?}");
            assert!(!ran.err.is_empty(), "{what}: {ran:#?}");
        }
        _ => panic!("{what}: {ran:#?}"),
    }
}

/// Every point on the small stack, side by side.
fn each(
    verbs: (Verb, Verb),
    points: &[Point],
    also: impl Fn(&Point, &CommandResult, &CommandResult) + Send + Sync,
) {
    let wanted = blocking(undisturbed());
    side_by_side(points, |point| {
        let ended = blocking(async {
            let scene = Scene::new(&format!("races_held_{verbs:?}_{point:?}")).await;
            held(scene, wanted, verbs, *point).await
        });
        let (outer, inner) = ended.unwrap_or_else(|| panic!("{verbs:?} never came to {point:?}"));
        also(point, &outer, &inner);
    });
}

#[test]
fn a_deploy_within_a_deploy_is_one_deploy() {
    let points = [
        before("iam:CreateRole", 1),
        after("s3:CreateBucket", 1),
        before("lambda:CreateFunction", 1),
        before("events:PutRule", 1),
        after("events:PutTargets", 1),
    ];
    each(
        (Verb::Deploy, Verb::Deploy),
        &points,
        |point, outer, inner| {
            assert_eq!((outer.code, inner.code), (0, 0), "{point:?}: {outer:#?}");
        },
    );
}

#[test]
fn a_deploy_whose_work_is_destroyed_does_not_say_done() {
    let points = [
        before("lambda:CreateFunction", 1),
        after("lambda:CreateFunction", 1),
        before("events:PutRule", 1),
        before("events:PutTargets", 1),
        after("events:PutTargets", 1),
    ];
    each(
        (Verb::Deploy, Verb::Destroy),
        &points,
        |point, outer, inner| {
            assert_eq!(inner.code, 0, "{point:?}: {inner:#?}");
            assert_eq!(outer.code, 1, "{point:?}: {outer:#?}");
        },
    );
}

#[test]
fn a_destroy_takes_what_is_deployed_meanwhile() {
    let points = [
        before("events:RemoveTargets", 1),
        after("lambda:DeleteFunction", 1),
        after("iam:DeleteRole", 3),
    ];
    each(
        (Verb::Destroy, Verb::Deploy),
        &points,
        |point, outer, inner| {
            assert_eq!(
                (outer.code, inner.code),
                (0, 0),
                "{point:?}: {outer:#?} {inner:#?}"
            );
        },
    );
}

#[test]
fn a_destroy_within_a_destroy_is_one_destroy() {
    let points = [
        before("events:RemoveTargets", 1),
        before("cloudtrail:DeleteTrail", 1),
        before("iam:DeleteRole", 1),
    ];
    each(
        (Verb::Destroy, Verb::Destroy),
        &points,
        |point, outer, inner| {
            assert_eq!((outer.code, inner.code), (0, 0), "{point:?}: {outer:#?}");
        },
    );
}

/// How many points are tried at once.
const AT_ONCE: usize = 6;

/// Every request that changes something, before and after it, with every pair of verbs.
fn every(
    test: &str,
    scene: impl AsyncFn(&str) -> Scene + Send + Sync,
    wanted: &BTreeMap<String, Value>,
) {
    let verbs = [Verb::Deploy, Verb::Destroy];
    let pairs = verbs.iter().flat_map(|a| verbs.map(|b| (*a, b)));
    for pair in pairs {
        let tried = Mutex::new(BTreeMap::<(i32, i32), usize>::new());
        let mut from = 1;
        loop {
            let points: Vec<Point> = (from..from + AT_ONCE / 2)
                .flat_map(|nth| [before("*", nth), after("*", nth)])
                .collect();
            let missed = Mutex::new(0);
            side_by_side(&points, |point| {
                let ended = blocking(async {
                    let scene = scene(&format!("{test}_{pair:?}_{point:?}")).await;
                    held(scene, wanted, pair, *point).await
                });
                match ended {
                    Some((outer, inner)) => {
                        let ends = (outer.code, inner.code);
                        *tried.lock().unwrap().entry(ends).or_default() += 1;
                    }
                    None => *missed.lock().unwrap() += 1,
                }
            });
            if *missed.lock().unwrap() > 0 {
                break;
            }
            from += AT_ONCE / 2;
        }
        let tried = tried.into_inner().unwrap();
        let points: usize = tried.values().sum();
        println!("{test}: {pair:?}: {points} points; by how both ended: {tried:?}");
        assert!(points > 10, "{pair:?}: {points}");
    }
}

#[test]
#[ignore = "takes minutes"]
fn every_point_of_the_small_stack() {
    let wanted = blocking(undisturbed());
    every(
        "races_every_small",
        async |test| Scene::new(test).await,
        wanted,
    );
}

#[test]
#[ignore = "takes minutes"]
fn every_point_of_image_metadata() {
    let wanted = blocking(async {
        let scene = Scene::lab("races_undisturbed_lab").await;
        scene.runs(Verb::Deploy).ends(0);
        scene.dump().await
    });
    every(
        "races_every_lab",
        async |test| Scene::lab(test).await,
        &wanted,
    );
}
