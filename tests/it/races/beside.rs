//! Both programs at once, every request of each delayed at random from a seed.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Duration;

use super::{Scene, Verb, blocking, same, side_by_side, undisturbed};
use crate::support::CommandResult;
use crate::support::proxy::{Proxy, When};

/// The longest delay of a request, in milliseconds.
const LONGEST: u64 = 60;

/// A proxy of one program, by a seed of its own.
fn shaky(scene: &Scene, seed: u64) -> Proxy {
    let proxy = Proxy::before(&scene.world.endpoint);
    let state = Mutex::new(seed * 2 + 1);
    proxy.on("*").then(When::Before, move || {
        let mut state = state.lock().unwrap();
        // Xorshift: any will do that gives the same every time.
        *state ^= *state << 13;
        *state ^= *state >> 7;
        *state ^= *state << 17;
        let delay = *state % LONGEST;
        drop(state);
        pause(Duration::from_millis(delay));
    });
    proxy
}

#[allow(clippy::disallowed_methods, reason = "a thread of the proxy")]
fn pause(time: Duration) {
    std::thread::sleep(time);
}

/// Runs two invocations at once. Answers both, and whether the second ended last.
fn beside(scene: &Scene, seed: u64, invocations: [&[&str]; 2]) -> ([CommandResult; 2], bool) {
    let ended = Mutex::new(Vec::new());
    let run = |which: usize| {
        let proxy = shaky(scene, seed * 2 + which as u64);
        let ran = scene.world.treino_at(&proxy.endpoint, invocations[which]);
        ended.lock().unwrap().push(which);
        ran
    };
    let both = std::thread::scope(|scope| {
        let second = scope.spawn(|| run(1));
        [run(0), second.join().unwrap()]
    });
    (both, ended.lock().unwrap()[1] == 1)
}

/// One round of two verbs on one stack.
async fn round(verbs: (Verb, Verb), from: Option<Verb>, seed: u64) -> (i32, i32) {
    let what = format!("{verbs:?} from {from:?} by seed {seed}");
    let wanted = undisturbed().await;
    let scene = Scene::new(&format!("races_beside_{verbs:?}_{from:?}_{seed}")).await;
    if let Some(verb) = from {
        scene.runs(verb).ends(0);
    }
    let invocations = [scene.arguments(verbs.0), scene.arguments(verbs.1)];
    let ([first, second], second_last) = beside(&scene, seed, [&invocations[0], &invocations[1]]);
    let stands = scene.dump().await;
    let codes = (first.code, second.code);
    for ran in [&first, &second] {
        assert!([0, 1, 3].contains(&ran.code), "{what}: {ran:#?}");
    }
    let last = if second_last {
        (verbs.1, &second)
    } else {
        (verbs.0, &first)
    };
    match verbs {
        // Neither takes away what the other has made.
        (Verb::Deploy, Verb::Deploy) => {
            assert_eq!(codes, (0, 0), "{what}: {first:#?} {second:#?}");
            same(&stands, wanted, &what);
        }
        (Verb::Destroy, Verb::Destroy) => {
            assert_eq!(codes, (0, 0), "{what}: {first:#?} {second:#?}");
            assert!(scene.is_empty().await, "{what}");
        }
        _ if last.0 == Verb::Deploy && last.1.code == 0 => same(&stands, wanted, &what),
        _ => {}
    }
    // By turns: it is deployed to the end, or goes away from where it is.
    if seed.is_multiple_of(2) {
        scene.settles(wanted, &what).await;
    } else {
        scene.ends_empty(&what).await;
    }
    codes
}

/// Rounds of two verbs, side by side; says how they ended.
fn rounds(verbs: (Verb, Verb), from: Option<Verb>, seeds: &[u64]) {
    let ends = Mutex::new(BTreeMap::<(i32, i32), usize>::new());
    side_by_side(seeds, |seed| {
        let codes = blocking(round(verbs, from, *seed));
        *ends.lock().unwrap().entry(codes).or_default() += 1;
    });
    println!("{verbs:?} from {from:?}: {:?}", ends.lock().unwrap());
}

#[test]
fn two_deploys_at_once() {
    rounds((Verb::Deploy, Verb::Deploy), None, &[1, 2]);
}

#[test]
fn a_deploy_and_a_destroy_at_once() {
    rounds((Verb::Deploy, Verb::Destroy), Some(Verb::Deploy), &[3]);
    rounds((Verb::Deploy, Verb::Destroy), None, &[4]);
}

#[test]
fn two_destroys_at_once() {
    rounds((Verb::Destroy, Verb::Destroy), Some(Verb::Deploy), &[5]);
}

#[test]
#[ignore = "takes minutes"]
fn many_rounds() {
    let verbs = [Verb::Deploy, Verb::Destroy];
    let seeds: Vec<u64> = (100..124).collect();
    for seeds in seeds.chunks(4) {
        for (first, second) in verbs.iter().flat_map(|a| verbs.map(|b| (*a, b))) {
            rounds((first, second), Some(Verb::Deploy), seeds);
            rounds((first, second), None, seeds);
        }
    }
}

/// Copies of two owners who have nothing in common, at once: neither notices the other.
#[tokio::test]
async fn two_owners_copies_at_once() {
    let scene = Scene::new("races_two_copies").await;
    let deploy = |owner| ["deploy", &scene.file, "--yes", "--owner", owner];
    let destroy = |owner| ["destroy", "lab", "--yes", "--owner", owner];
    let ([ana, bia], _) = beside(&scene, 7, [&deploy("ana"), &deploy("bia")]);
    assert_eq!((ana.code, bia.code), (0, 0), "{ana:#?} {bia:#?}");
    let of_bia = scene.of_owner("bia").await;
    assert_eq!(of_bia.len(), scene.of_owner("ana").await.len());
    let ([ana, bia], _) = beside(&scene, 8, [&destroy("ana"), &deploy("bia")]);
    assert_eq!((ana.code, bia.code), (0, 0), "{ana:#?} {bia:#?}");
    assert_eq!(bia.changes(), BTreeMap::new());
    assert_eq!(scene.of_owner("bia").await, of_bia);
    assert_eq!(scene.of_owner("ana").await, BTreeMap::new());
    scene
        .world
        .treino_at(&scene.world.endpoint, &destroy("bia"))
        .ends(0);
    assert!(scene.is_empty().await);
}
