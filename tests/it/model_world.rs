//! The engine against an in-memory model of AWS, with a paused clock.

mod late;
pub mod world;

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;
use treino::engine::{self, DeletedResource, Events, Outcome, Provider, Receipt, Stop, Summary};
use treino::plan::{self, Orphan, Plan};
use treino::source::Source;
use treino::stack::{self, DesiredState, Kind, PossibleKinds, Target};

use world::{Ghost, When, World};

const LATENCY: Duration = Duration::from_millis(50);

pub fn target() -> Target {
    Target {
        partition: "aws".into(),
        region: "eu-west-1".into(),
        account: "123456789012".into(),
        stack: "lab".into(),
        owner: None,
    }
}

/// A stack of `cases/plan`, or of a text.
pub fn expand(text: &str, target: &Target) -> DesiredState {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/cases/plan/create_all");
    let source = Source::new("stack.yaml", text);
    let (loaded, _) = stack::read(source, &folder, target.owner.as_deref())
        .unwrap_or_else(|diagnostics| panic!("{}", treino::report::diagnostics(&diagnostics)));
    loaded.expand(target).expect("it was right a moment ago").0
}

const LAB: &str = include_str!("cases/plan/create_all/stack.yaml");

fn lab() -> DesiredState {
    expand(LAB, &target())
}

/// The lab with resources renamed, replaced, removed and added.
fn later() -> DesiredState {
    let text = LAB
        .replace("metadata:", "records:")
        .replace("metadata.", "records.")
        .replace(
            "  extract:\n",
            "  extract:\n    name: photo-metadata\n    reserved_concurrency: 2\n",
        )
        .replace(
            "pipeline.asl.json }",
            "pipeline.asl.json, type: express, logging: error }",
        )
        .replace("images: {}", "images: { versioning: true }\n  more: {}");
    expand(&text, &target())
}

pub async fn planned(world: &World, desired: &DesiredState) -> Plan {
    let snapshot = engine::survey(world, desired).await.expect("a survey");
    plan::deploy(desired, &snapshot, &BTreeSet::new())
}

pub async fn carry_out(world: &World, plan: &Plan) -> Summary {
    let (_sender, stop) = watch::channel(Stop::No);
    engine::apply(world, plan, &Events::none(), stop).await
}

pub async fn deploy(world: &World, desired: &DesiredState) -> Summary {
    carry_out(world, &planned(world, desired).await).await
}

pub async fn destruction(world: &World, target: &Target) -> Plan {
    let owned = engine::list_owned(world, target, &PossibleKinds::all())
        .await
        .expect("a listing")
        .owned;
    let orphans: Vec<Orphan> = owned
        .into_iter()
        .map(|owned| Orphan {
            address: owned.address,
            kind: owned.kind,
            name: owned.name,
            spec: None,
        })
        .collect();
    plan::destroy(target, &orphans)
}

pub async fn destroy(world: &World, target: &Target) -> Summary {
    carry_out(world, &destruction(world, target).await).await
}

/// The proof that what was deleted of a stack known by its name is gone.
pub async fn verified(
    provider: &dyn Provider,
    target: &Target,
    deleted: &[DeletedResource],
) -> Receipt {
    let kinds = (&PossibleKinds::all(), [].as_slice(), [].as_slice());
    let (began, events) = (engine::now(), Events::none());
    engine::verify_destroyed(provider, target, deleted, kinds, began, &events).await
}

/// A world with a successful deploy of this.
async fn deployed(desired: &DesiredState) -> World {
    let world = World::new(&desired.target);
    let summary = deploy(&world, desired).await;
    assert!(summary.is_complete(), "{summary:?}");
    assert_eq!(world.wrong(), Vec::<String>::new());
    world
}

/// Every single error in one run of `work` from `start`, and what follows.
async fn each_fault<F>(start: &World, calls: usize, mut check: F)
where
    F: AsyncFnMut(World, &str),
{
    assert!(calls > 5, "there is something to disturb");
    for number in 0..calls {
        for when in [When::Before, When::After] {
            let world = start.copy();
            world.fail(number, when);
            check(world, &format!("call {number} fails {when:?}")).await;
        }
    }
}

/// The number of calls of a deploy of this from here.
async fn calls_of_deploy(start: &World, desired: &DesiredState) -> usize {
    let world = start.copy();
    deploy(&world, desired).await;
    world.calls().len()
}

/// The same with an inventory, as `ops::deploy` does: of names of its own that the file has no more, nothing else tells.
async fn deploy_written_down(world: &World, desired: &DesiredState) -> Summary {
    let plan = planned(world, desired).await;
    world.write_down(&plan);
    carry_out(world, &plan).await
}

async fn heals(start: World, desired: &DesiredState) {
    let undisturbed = start.copy();
    assert!(deploy(&undisturbed, desired).await.is_complete());
    let calls = calls_of_deploy(&start, desired).await;
    each_fault(&start, calls, async |world, what| {
        let first = deploy_written_down(&world, desired).await;
        assert!(!first.is_complete(), "{what}: it is said");
        assert_eq!(first.failures().count(), 1, "{what}: once");
        let second = deploy(&world, desired).await;
        assert!(second.is_complete(), "{what}: {second:?}");
        assert_eq!(world.resources(), undisturbed.resources(), "{what}");
        assert!(planned(&world, desired).await.is_empty(), "{what}");
        assert_eq!(world.wrong(), Vec::<String>::new(), "{what}");
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_first_deploy_recovers_from_any_error() {
    heals(World::new(&target()), &lab()).await;
}

#[tokio::test(start_paused = true)]
async fn a_change_of_everything_recovers_from_any_error() {
    heals(deployed(&lab()).await, &later()).await;
    heals(deployed(&later()).await, &lab()).await;
}

#[tokio::test(start_paused = true)]
async fn a_destroy_leaves_nothing_after_any_error() {
    let full = deployed(&later()).await;
    let world = full.copy();
    destroy(&world, &target()).await;
    assert_eq!(world.resources(), world::Resources::new());
    each_fault(&full, world.calls().len(), async |world, what| {
        let first = destroy(&world, &target()).await;
        assert!(!first.is_complete(), "{what}");
        assert!(destroy(&world, &target()).await.is_complete(), "{what}");
        assert_eq!(world.resources(), world::Resources::new(), "{what}");
        assert_eq!(world.wrong(), Vec::<String>::new(), "{what}");
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_deploy_that_failed_anywhere_can_be_destroyed() {
    let empty = World::new(&target());
    let calls = calls_of_deploy(&empty, &lab()).await;
    each_fault(&empty, calls, async |world, what| {
        deploy(&world, &lab()).await;
        assert!(destroy(&world, &target()).await.is_complete(), "{what}");
        assert_eq!(world.resources(), world::Resources::new(), "{what}");
        assert_eq!(world.wrong(), Vec::<String>::new(), "{what}");
    })
    .await;
}

fn outcome<'a>(summary: &'a Summary, address: &str) -> &'a Outcome {
    let found = summary
        .outcomes
        .iter()
        .find(|(known, _)| known.as_str() == address);
    &found.expect("an outcome").1
}

fn skipped(because: &str) -> Outcome {
    Outcome::Skipped {
        because: because.to_owned(),
    }
}

#[tokio::test(start_paused = true)]
async fn a_failure_stops_only_what_needs_it() {
    let world = World::new(&target());
    world.refuse("lab-extract-role-eu-west-1");
    let summary = deploy(&world, &lab()).await;
    let of = |address| outcome(&summary, address);
    assert!(matches!(
        of("function.extract.role"),
        Outcome::Failed { .. }
    ));
    assert_eq!(
        of("function.extract"),
        &skipped("it needs function.extract.role")
    );
    assert!(matches!(of("rule.photo"), Outcome::Skipped { .. }));
    let done = summary
        .outcomes
        .iter()
        .filter(|(_, outcome)| *outcome == Outcome::Done)
        .count();
    assert_eq!(done, summary.outcomes.len() - 3);
    assert!(!summary.stopped);
}

/// A world that is stopped in this way during its first calls.
async fn stopped(stops: &[Stop]) -> (Summary, World) {
    let world = World::new(&target()).slow(LATENCY);
    let plan = planned(&world, &lab()).await;
    let (sender, stop) = watch::channel(Stop::No);
    let events = Events::none();
    let work = engine::apply(&world, &plan, &events, stop);
    let signals = async {
        for stop in stops {
            tokio::time::sleep(LATENCY / 4).await;
            sender.send(*stop).expect("it is heard");
        }
        // The signal task outlives the work, as in the program.
        std::future::pending::<()>().await;
    };
    let summary = tokio::select! {
        summary = work => summary,
        () = signals => unreachable!("signals never end"),
    };
    (summary, world)
}

#[tokio::test(start_paused = true)]
async fn a_gentle_stop_finishes_running_steps() {
    let (summary, world) = stopped(&[Stop::Gently]).await;
    assert!(summary.stopped);
    let of = |address| outcome(&summary, address);
    assert_eq!(of("bucket.images"), &Outcome::Done);
    assert_eq!(of("trail.uploads.bucket"), &Outcome::Done);
    assert_eq!(of("function.extract"), &skipped("treino was stopped"));
    assert_eq!(of("rule.photo"), &skipped("treino was stopped"));
    assert!(
        summary
            .outcomes
            .iter()
            .all(|(_, outcome)| *outcome != Outcome::Unknown)
    );
    assert!(deploy(&world, &lab()).await.is_complete());
    assert!(planned(&world, &lab()).await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn an_immediate_stop_reports_unknown_steps() {
    for stops in [&[Stop::Gently, Stop::Now][..], &[Stop::Now]] {
        let began = Instant::now();
        let (summary, world) = stopped(stops).await;
        assert!(began.elapsed() < LATENCY * 3, "{stops:?}: at once");
        let of = |address| outcome(&summary, address);
        assert_eq!(of("bucket.images"), &Outcome::Unknown, "{stops:?}");
        assert_eq!(
            of("rule.photo"),
            &skipped("treino was stopped"),
            "{stops:?}"
        );
        assert!(deploy(&world, &lab()).await.is_complete());
    }
}

/// The length of the longest dependency chain of a plan.
fn longest(plan: &Plan) -> u32 {
    fn depth(plan: &Plan, index: usize) -> u32 {
        let before = plan.steps[index]
            .after
            .iter()
            .map(|&i| depth(plan, i))
            .max();
        before.unwrap_or(0) + u32::from(plan.steps[index].is_change())
    }
    (0..plan.steps.len())
        .map(|index| depth(plan, index))
        .max()
        .unwrap_or(0)
}

#[tokio::test(start_paused = true)]
async fn an_apply_takes_as_long_as_its_longest_chain() {
    let world = World::new(&target()).slow(LATENCY);
    let began = Instant::now();
    let plan = planned(&world, &lab()).await;
    assert_eq!(
        began.elapsed(),
        LATENCY,
        "a survey reads everything at once"
    );
    assert_eq!(longest(&plan), 3);
    let began = Instant::now();
    assert!(carry_out(&world, &plan).await.is_complete());
    // Creating a bucket, a trail and a rule takes two calls each; then all are verified.
    assert_eq!(began.elapsed(), LATENCY * 7);
    let gone = destruction(&world, &target()).await;
    assert_eq!(longest(&gone), 4);
    let began = Instant::now();
    assert!(carry_out(&world, &gone).await.is_complete());
    assert_eq!(
        began.elapsed(),
        LATENCY * 7,
        "only a function goes in one call"
    );
}

/// A thousand independent resources take as long as one.
#[tokio::test(start_paused = true)]
async fn independent_steps_run_together() {
    let tables: Vec<String> = (0..1000)
        .map(|n| format!("  t{n}: {{ partition_key: id }}\n"))
        .collect();
    let tables = tables.concat();
    let desired = expand(&format!("stack: lab\ntables:\n{tables}"), &target());
    let world = World::new(&target()).slow(LATENCY);
    let plan = planned(&world, &desired).await;
    let began = Instant::now();
    assert!(carry_out(&world, &plan).await.is_complete());
    assert_eq!(began.elapsed(), LATENCY * 3);
}

/// Destroys the lab in a prepared world, and checks whether it is gone.
async fn proof(prepare: impl FnOnce(&World)) -> (Receipt, World) {
    let world = deployed(&lab()).await;
    prepare(&world);
    let plan = destruction(&world, &target()).await;
    assert!(carry_out(&world, &plan).await.is_complete());
    let deleted: Vec<_> = plan
        .steps
        .iter()
        .map(|step| (step.address.clone(), step.kind, step.name.clone()))
        .collect();
    let receipt = verified(&world, &target(), &deleted).await;
    (receipt, world)
}

const GROUP: &str = "/aws/lambda/lab-extract";

#[tokio::test(start_paused = true)]
async fn a_complete_destroy_is_proved() {
    let (receipt, world) = proof(|_| {}).await;
    assert!(receipt.is_proved(), "{receipt:?}");
    assert_eq!(receipt.resources.len(), lab().resources.len());
    assert_eq!(world.wrong(), Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn reappearing_resources_are_deleted_again() {
    for times in [1, 2] {
        let (receipt, world) = proof(|world| world.haunt(GROUP, Ghost::ComesBack(times))).await;
        assert!(receipt.is_proved(), "{receipt:?}");
        assert_eq!(world.resources(), world::Resources::new());
        let again = format!("delete log group {GROUP}");
        let deletions = world.calls().iter().filter(|call| **call == again).count();
        assert_eq!(deletions, 1 + times as usize);
    }
}

/// A resource that disappears just before the last check is not confirmed.
#[tokio::test(start_paused = true)]
async fn one_empty_check_is_no_proof() {
    let (receipt, world) = proof(|world| world.haunt(GROUP, Ghost::ComesBack(4))).await;
    assert_eq!(world.resources(), world::Resources::new());
    assert!(!receipt.is_proved(), "{receipt:?}");
    assert!(receipt.remains[0].contains("only once"), "{receipt:?}");
}

#[tokio::test(start_paused = true)]
async fn remaining_resources_are_no_proof() {
    for (name, ghost) in [
        (GROUP, Ghost::Stays),
        (GROUP, Ghost::ComesBack(99)),
        ("lab-images-123456789012-eu-west-1", Ghost::Stays),
    ] {
        let (receipt, _) = proof(|world| world.haunt(name, ghost)).await;
        assert!(!receipt.is_proved(), "{name} {ghost:?}");
        assert!(
            receipt.remains.iter().any(|line| line.contains(name)),
            "{receipt:?}"
        );
        let claimed = receipt.resources.iter().any(|absence| absence.name == name);
        assert!(!claimed, "{receipt:?}");
        assert_eq!(
            receipt.resources.len(),
            lab().resources.len() - 1,
            "only it is left out"
        );
    }
}

/// A name that is a prefix of another is not confused with it.
#[tokio::test(start_paused = true)]
async fn only_remaining_resources_are_reported() {
    let text = "stack: lab\ntables:\n  a: { partition_key: id }\n  ab: { partition_key: id }\n";
    let desired = expand(text, &target());
    let world = deployed(&desired).await;
    world.haunt("lab-ab", Ghost::Stays);
    let plan = destruction(&world, &target()).await;
    carry_out(&world, &plan).await;
    let deleted: Vec<_> = plan
        .steps
        .iter()
        .map(|step| (step.address.clone(), step.kind, step.name.clone()))
        .collect();
    let receipt = verified(&world, &target(), &deleted).await;
    let names: Vec<_> = receipt
        .resources
        .iter()
        .map(|absence| absence.name.as_str())
        .collect();
    assert_eq!(names, ["lab-a"]);
}

#[tokio::test(start_paused = true)]
async fn a_failed_list_call_proves_nothing() {
    let (receipt, _) = proof(|world| world.blind(1000)).await;
    assert!(!receipt.is_proved());
    assert_eq!(
        receipt.resources,
        [],
        "nothing was seen to be gone: {receipt:?}"
    );
    // Once it works again, two checks prove it, as usual.
    let (receipt, world) = proof(|world| {
        world.blind(1);
        world.haunt(GROUP, Ghost::ComesBack(1));
    })
    .await;
    assert!(receipt.is_proved(), "{receipt:?}");
    assert_eq!(world.resources(), world::Resources::new());
}

/// A resource of the stack that its destroy did not know of.
#[tokio::test(start_paused = true)]
async fn a_tagged_resource_that_appears_late_is_found() {
    let (receipt, world) = proof(|_| {}).await;
    assert!(receipt.is_proved());
    let other = deployed(&lab()).await;
    let late = other
        .resources()
        .remove(&(Kind::Table, "lab-metadata".into()))
        .expect("a table");
    world.put(late);
    let receipt = verified(&world, &target(), &[]).await;
    assert!(receipt.is_proved(), "{receipt:?}");
    assert_eq!(world.resources(), world::Resources::new());
}

/// Manual changes between two deploys.
#[tokio::test(start_paused = true)]
async fn drift_is_corrected_and_foreign_resources_are_kept() {
    let world = deployed(&lab()).await;
    let before = world.resources();
    world.meddle(Kind::Function, "lab-extract", |live| {
        live.spec["memory"] = 1024.into();
    });
    world.meddle(Kind::Rule, "lab-photo", |live| {
        live.spec["targets"] = serde_json::json!([]);
    });
    assert_eq!(planned(&world, &lab()).await.count("update"), 2);
    assert!(deploy(&world, &lab()).await.is_complete());
    assert_eq!(world.resources(), before);
    world.meddle(Kind::Table, "lab-metadata", |live| live.tags.clear());
    let plan = planned(&world, &lab()).await;
    assert_eq!(plan.foreign.len(), 1);
    assert!(destroy(&world, &target()).await.is_complete());
    let left: Vec<_> = world.resources().into_keys().collect();
    assert_eq!(left, [(Kind::Table, "lab-metadata".to_owned())]);
}

/// No world has inventories: what had a name of its own is found all the same, where the file tells that there may be some.
#[tokio::test(start_paused = true)]
async fn what_had_a_name_of_its_own_is_found_without_an_inventory() {
    let stack = |tables: &str| {
        let tables = tables.replace("KEY", "partition_key: id");
        expand(&format!("stack: lab\ntables: {tables}\n"), &target())
    };
    let before = stack("{ a: { name: photos, KEY }, b: { KEY } }");
    for after in [
        "{ a: { name: others, KEY }, b: { KEY } }",
        "{ a: { KEY }, b: { KEY } }",
        "{ b: { name: others, KEY } }",
        "{ c: { KEY } }",
    ] {
        let world = deployed(&before).await;
        let desired = stack(after);
        let plan = planned(&world, &desired).await;
        let deleted = plan.steps.iter().any(|step| step.name == "photos");
        assert!(deleted, "{after}: {:?}", plan.steps);
        assert!(deploy(&world, &desired).await.is_complete());
        assert!(planned(&world, &desired).await.is_empty(), "{after}");
        assert_eq!(world.resources().len(), desired.resources.len(), "{after}");
    }
}

/// An account with few more permissions than its lab needs.
#[tokio::test(start_paused = true)]
async fn a_kind_that_may_not_be_listed_blocks_no_other() {
    let world = World::new(&target());
    world.deny(Kind::Connection);
    let without = expand("stack: lab\nbuckets: { images: {} }\n", &target());
    let snapshot = engine::survey(&world, &without).await.expect("a survey");
    let unseen: Vec<Kind> = snapshot.unseen.iter().map(|unseen| unseen.kind).collect();
    assert_eq!(unseen, [Kind::Connection]);
    assert!(deploy(&world, &without).await.is_complete());
    // A desired resource is still read by its name.
    assert!(deploy(&world, &lab()).await.is_complete());
    assert!(planned(&world, &lab()).await.is_empty());

    let receipt = verified(&world, &target(), &[]).await;
    assert!(!receipt.is_proved());
    assert!(
        receipt.remains[0].starts_with("connections could not be looked for"),
        "{receipt:?}"
    );
}
