//! What AWS shows late, and services that a stack has nothing of: with a paused clock.

use std::time::Duration;

use serde_json::json;

use tokio::sync::mpsc;
use tokio::time::Instant;
use treino::engine::{self, EngineEvent, Events, Outcome, ProviderError, Receipt};
use treino::plan::{ActualResource, Unseen};
use treino::stack::{Given, Kind, Missing, PossibleKinds};

use super::world::{Ghost, Resources, Show, World};
use super::{carry_out, deploy, deployed, destruction, expand, lab, planned, target};

/// Destroys the lab, whose kinds are known, in a prepared world. Returns what was noted meanwhile, too, and
/// how long the proof took.
async fn proof(prepare: impl FnOnce(&World)) -> (Receipt, Vec<String>, Duration) {
    let world = deployed(&lab()).await;
    let plan = destruction(&world, &target()).await;
    prepare(&world);
    assert!(carry_out(&world, &plan).await.is_complete());
    let steps = plan.steps.iter();
    let deleted: Vec<_> = steps
        .map(|step| (step.address.clone(), step.kind, step.name.clone()))
        .collect();
    let (sender, mut receiver) = mpsc::unbounded_channel();
    let began = Instant::now();
    let kinds = PossibleKinds::of(lab().resources.values().map(|one| one.kind));
    let receipt = engine::verify_destroyed(
        &world,
        &target(),
        &deleted,
        (&kinds, &[], &[]),
        engine::now(),
        &Events::to(sender),
    )
    .await;
    let mut notes = Vec::new();
    while let Ok(event) = receiver.try_recv() {
        if let EngineEvent::Note { name, text } = event {
            notes.push(format!("{name}: {text}"));
        }
    }
    (receipt, notes, began.elapsed())
}

const BUCKET: &str = "lab-images-123456789012-eu-west-1";

#[tokio::test(start_paused = true)]
async fn row_48_what_only_a_late_list_shows_is_waited_for() {
    let late = Duration::from_secs(90);
    for name in [BUCKET, "lab-pipeline", "lab-extract-role-eu-west-1"] {
        let (receipt, notes, took) = proof(|world| world.list_late(name, late)).await;
        assert!(receipt.is_proved(), "{receipt:?}");
        assert_eq!(receipt.resources.len(), lab().resources.len());
        assert!(took >= late && took < late * 2, "{took:?}");
        let notes: Vec<_> = notes.iter().filter(|note| note.contains(name)).collect();
        assert_eq!(notes.len(), 1, "{notes:?}");
        assert!(
            notes[0].contains("up to 2 minutes more (Ctrl-C stops)"),
            "{notes:?}"
        );
    }
}

/// It is not deleted again, and never said to be gone.
#[tokio::test(start_paused = true)]
async fn row_48_what_a_list_shows_for_good_is_still_listed() {
    let (receipt, _, took) = proof(|world| world.list_late(BUCKET, Duration::from_hours(1))).await;
    assert!(
        took > Duration::from_mins(1) && took < Duration::from_mins(4),
        "{took:?}"
    );
    let left = format!("bucket {BUCKET} is still listed, and by its name said not to be there");
    assert!(receipt.remains.contains(&left), "{receipt:?}");
    assert!(receipt.resources.iter().all(|gone| gone.name != BUCKET));
}

/// A resource that stands, while every read by its name says that it does not.
#[tokio::test(start_paused = true)]
async fn row_48_what_stands_and_is_not_found_by_name_is_not_gone() {
    let (receipt, _, took) = proof(|world| {
        world.haunt(BUCKET, Ghost::Stays);
        world.hide(BUCKET);
    })
    .await;
    assert!(took > Duration::from_mins(1), "{took:?}");
    assert!(!receipt.is_proved());
    assert!(
        receipt.resources.iter().all(|gone| gone.name != BUCKET),
        "{receipt:?}"
    );
}

/// Nor does waiting for one hide that another comes back.
#[tokio::test(start_paused = true)]
async fn what_comes_back_is_deleted_while_a_list_is_late() {
    let group = "/aws/lambda/lab-extract";
    let (receipt, _, _) = proof(|world| {
        world.list_late(BUCKET, Duration::from_mins(1));
        world.haunt(group, Ghost::ComesBack(2));
    })
    .await;
    assert!(receipt.is_proved(), "{receipt:?}");
    assert!(receipt.resources.iter().any(|gone| gone.name == group));
}

/// What a service answers that is not as it should be.
fn answers() -> [ProviderError; 5] {
    let error = |code: &str, message: &str| ProviderError {
        service: "Glacier".into(),
        operation: "ListVaults".into(),
        code: code.into(),
        ..ProviderError::new(message)
    };
    [
        error(
            "AccessDeniedException",
            "User: sam is not authorized to perform: glacier:ListVaults on it",
        ),
        error("InvalidParameterValueException", "an odd 400"),
        error("InternalServerError", "a 500"),
        error("ThrottlingException", "Rate exceeded"),
        error("", "no answer within 10 seconds"),
    ]
}

#[tokio::test(start_paused = true)]
async fn row_55_what_a_stack_has_no_kind_of_fails_no_plan_and_no_destroy() {
    let desired = lab();
    let kinds = PossibleKinds::of(desired.resources.values().map(|one| one.kind));
    assert!(!kinds.has(Kind::Vault) && !kinds.has(Kind::Topic));
    for error in answers() {
        let unlisted = |world: &World| {
            world.unlist(Kind::Vault, error.clone());
            world.unlist(Kind::Topic, error.clone());
        };
        let world = World::new(&target());
        unlisted(&world);
        let plan = planned(&world, &desired).await;
        assert!(carry_out(&world, &plan).await.is_complete());
        let seen = engine::survey(&world, &desired).await.unwrap();
        let unseen: Vec<&Unseen> = seen.unseen.iter().collect();
        let note = Unseen::note(&unseen);
        assert!(
            note.contains("topics (") && note.contains("vaults ("),
            "{note}"
        );
        let found = engine::list_owned(&world, &target(), &kinds).await.unwrap();
        assert_eq!(found.owned.len(), desired.resources.len());
        let (receipt, ..) = proof(unlisted).await;
        assert!(receipt.is_proved(), "{receipt:?}");
        assert_eq!(receipt.not_looked_for.len(), 2, "{receipt:?}");
    }
}

/// A kind that the file has is looked for as ever, and so is every kind where there is no file.
#[tokio::test(start_paused = true)]
async fn row_55_what_a_stack_may_have_is_not_passed_over() {
    for error in answers() {
        let (receipt, ..) = proof(|world| world.unlist(Kind::Table, error.clone())).await;
        assert!(!receipt.is_proved(), "{receipt:?}");

        let world = deployed(&lab()).await;
        world.unlist(Kind::Table, error.clone());
        let survey = engine::survey(&world, &lab()).await;
        assert_eq!(survey.is_ok(), error.is_denied(), "{error}");
        // By its name alone, a stack may have a table, and a vault.
        world.unlist(Kind::Vault, error.clone());
        let all = PossibleKinds::all();
        let found = engine::list_owned(&world, &target(), &all).await;
        assert_eq!(found.is_ok(), error.is_denied(), "{error}");
        let receipt = super::verified(&world, &target(), &[]).await;
        let left = receipt.remains.iter();
        assert_eq!(
            left.filter(|left| left.contains("could not be looked for"))
                .count(),
            2
        );
    }
    let world = deployed(&lab()).await;
    world.unlist(Kind::Vault, answers()[1].clone());
    let found = engine::list_owned(&world, &target(), &PossibleKinds::all()).await;
    assert_eq!(found.unwrap().unseen.len(), 1);
}

/// What an earlier version of the file had is seen where it can be listed.
#[tokio::test(start_paused = true)]
async fn what_the_file_no_longer_has_is_deleted_with_it() {
    let world = deployed(&lab()).await;
    let less = expand(
        "stack: lab\ntables: { metadata: { partition_key: filename } }\n",
        &target(),
    );
    assert!(deploy(&world, &less).await.is_complete());
    let left: Resources = world.resources();
    assert_eq!(left.len(), 1, "{left:?}");
}

/// Deploys the lab while reads show this of a resource for a time. Returns the outcome of that resource, and
/// how long all took.
async fn shown_late(name: &str, time: Duration, show: Show) -> (Outcome, Duration) {
    let world = World::new(&target());
    let plan = planned(&world, &lab()).await;
    world.read_late(name, time, show);
    let began = Instant::now();
    let summary = carry_out(&world, &plan).await;
    let step = plan.steps.iter().position(|step| step.name == name);
    (summary.outcomes[step.unwrap()].1.clone(), began.elapsed())
}

#[expect(clippy::unnecessary_wraps, reason = "it is a `Show`")]
fn unmarked(mut live: ActualResource) -> Option<ActualResource> {
    live.tags.clear();
    Some(live)
}

#[expect(clippy::unnecessary_wraps, reason = "it is a `Show`")]
fn anothers(mut live: ActualResource) -> Option<ActualResource> {
    live.tags
        .insert("treino:stack".to_owned(), "other".to_owned());
    Some(live)
}

#[expect(clippy::unnecessary_wraps, reason = "it is a `Show`")]
fn without_environment(mut live: ActualResource) -> Option<ActualResource> {
    live.spec["environment"] = json!({});
    Some(live)
}

#[expect(clippy::unnecessary_wraps, reason = "it is a `Show`")]
fn with_another_handler(mut live: ActualResource) -> Option<ActualResource> {
    live.spec["handler"] = "another.handler".into();
    Some(live)
}

#[tokio::test(start_paused = true)]
async fn row_49_what_is_read_late_after_a_deploy_is_waited_for() {
    let late = Duration::from_secs(70);
    let unversioned = |mut live: ActualResource| {
        live.spec["versioning"] = true.into();
        Some(live)
    };
    let shows: [(&str, Show); 7] = [
        ("lab-metadata", unmarked),
        ("lab-extract", unmarked),
        ("lab-extract", |_| None),
        ("lab-extract", without_environment),
        (BUCKET, unmarked),
        (BUCKET, unversioned),
        ("lab-extract-role-eu-west-1", |_| None),
    ];
    for (name, show) in shows {
        let (outcome, took) = shown_late(name, late, show).await;
        assert_eq!(outcome, Outcome::Done, "{name}");
        assert!(took >= late && took < late * 2, "{took:?}");
    }
}

/// What was never so is somebody else's doing, and is said within seconds.
#[tokio::test(start_paused = true)]
async fn row_49_what_somebody_else_does_is_not_waited_for() {
    let shows: [(&str, Show); 2] = [
        ("lab-metadata", anothers),
        // No late reads are documented of functions, and treino never wrote this.
        ("lab-extract", with_another_handler),
    ];
    for (name, show) in shows {
        let (outcome, took) = shown_late(name, Duration::from_hours(1), show).await;
        assert!(
            matches!(outcome, Outcome::Failed { .. } | Outcome::Unverified { .. }),
            "{outcome:?}"
        );
        assert!(took < Duration::from_secs(10), "{name}: {took:?}");
    }
    // What stays so is said at last.
    let (outcome, took) = shown_late("lab-metadata", Duration::from_hours(1), unmarked).await;
    assert!(matches!(outcome, Outcome::Failed { .. }), "{outcome:?}");
    assert!(
        took > Duration::from_mins(1) && took < Duration::from_mins(3),
        "{took:?}"
    );
}

/// After a change, the state before it may be read, and no other.
#[tokio::test(start_paused = true)]
async fn row_49_what_was_before_a_change_is_waited_for() {
    let late = Duration::from_secs(70);
    for is_before in [true, false] {
        let world = deployed(&lab()).await;
        let versioned = expand(
            &super::LAB.replace("images: {}", "images: { versioning: true }"),
            &target(),
        );
        let plan = planned(&world, &versioned).await;
        world.read_late(
            BUCKET,
            late,
            if is_before {
                |mut live| {
                    live.spec["versioning"] = false.into();
                    Some(live)
                }
            } else {
                |mut live| {
                    live.spec["events"] = true.into();
                    Some(live)
                }
            },
        );
        let began = Instant::now();
        let summary = carry_out(&world, &plan).await;
        let (_, outcome) = summary
            .outcomes
            .iter()
            .find(|(address, _)| address.as_str() == "bucket.images")
            .unwrap();
        if is_before {
            assert_eq!(*outcome, Outcome::Done);
            assert!(began.elapsed() >= late);
        } else {
            assert!(matches!(outcome, Outcome::Unverified { .. }), "{outcome:?}");
            assert!(began.elapsed() < Duration::from_secs(10));
        }
    }
}

/// Every kind that a file comes to is one that its sections may come to.
#[test]
fn the_kinds_of_a_file_are_those_of_its_sections() {
    let possible = |text: &str| {
        let source = treino::source::Source::new("stack.yaml", text);
        PossibleKinds::of_file(&treino::source::parse(&source).unwrap())
    };
    let mut files = vec![super::LAB.to_owned()];
    let stacks = std::fs::read_dir(crate::support::repository("stacks")).unwrap();
    files.extend(stacks.map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap()));
    assert!(files.len() > 4);
    let folder = crate::support::repository("stacks");
    let here = treino::stack::Target {
        region: "us-east-1".into(),
        ..target()
    };
    for text in files.iter().skip(1) {
        let source = treino::source::Source::new("stack.yaml", text.as_str());
        let url = ("api_url".to_owned(), "https://api.example/1".to_owned());
        let given = Given {
            set: text
                .contains("api_url:")
                .then_some(url)
                .into_iter()
                .collect(),
            missing: Missing::Later,
            ..Given::default()
        };
        let (loaded, _) = treino::stack::read(source, &folder, given).unwrap();
        let desired = loaded.expand(&here).unwrap().0;
        let kinds = possible(text);
        for one in desired.resources.values() {
            assert!(kinds.is_declared(one.kind), "{}: {text}", one.address);
        }
        for kind in [Kind::Vault, Kind::DirectoryBucket, Kind::Topic] {
            let any = desired.resources.values().any(|one| one.kind == kind);
            assert_eq!(kinds.has(kind), any, "{kind}: {text}");
        }
    }
    for one in lab().resources.values() {
        assert!(possible(&files[0]).is_declared(one.kind), "{}", one.address);
    }
    let function = |rest: &str| {
        possible(&format!(
            "stack: lab\nfunctions:\n  f: {{ code: . }}\n{rest}"
        ))
    };
    assert!(function("").has(Kind::Role) && function("").has(Kind::LogGroup));
    assert!(!function("defaults: { role: a }\n").has(Kind::Role));
    assert!(!function("vaults: {}\nqueues:\n").has(Kind::Vault));
    // A section that may be misspelt hides what is meant.
    assert!(function("vault: { v: {} }\n").has(Kind::Vault));
    assert!(function("vaults: [v]\n").has(Kind::Vault));
}
