//! Every point of a whole lab, in a world in memory and on paused time: before and after each call that
//! changes something, another run from its survey to its end.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::Mutex;
use treino::engine::{
    self, Events, Outcome, Provider, ProviderError, Receipt, Scope, Summary, Task,
};
use treino::plan::{ActualResource, Owned};
use treino::stack::{DesiredState, Kind, Resource};

use crate::model_world::world::World;
use crate::model_world::{
    carry_out, deploy, destroy, destruction, expand, planned, target, verified,
};

use super::Verb;

const LAB: &str = include_str!("../cases/plan/create_all/stack.yaml");

/// How the other run ended.
#[derive(Debug)]
enum Other {
    Deploy(Summary),
    Destroy(Summary, Box<Receipt>),
}

impl Other {
    async fn run(verb: Verb, world: &World, desired: &DesiredState) -> Self {
        match verb {
            Verb::Deploy => Self::Deploy(deploy(world, desired).await),
            Verb::Destroy => {
                let (summary, receipt) = destroyed(world, world).await;
                Self::Destroy(summary, Box::new(receipt))
            }
        }
    }
}

/// A destroy to its proof.
async fn destroyed(world: &World, by: &dyn Provider) -> (Summary, Receipt) {
    let plan = destruction(world, &target()).await;
    let deleted: Vec<_> = plan
        .steps
        .iter()
        .map(|step| (step.address.clone(), step.kind, step.name.clone()))
        .collect();
    let (_sender, stop) = tokio::sync::watch::channel(engine::Stop::No);
    let summary = engine::apply(by, &plan, &Events::none(), stop).await;
    let receipt = verified(by, &target(), &deleted).await;
    (summary, receipt)
}

/// A world in which, at one changing call of one run, another run happens from its beginning to its end.
struct Interrupted<'w> {
    world: &'w World,
    desired: &'w DesiredState,
    /// The call, from 0, and whether the other run comes before it.
    at: (usize, bool),
    verb: Verb,
    calls: AtomicUsize,
    /// Held by every call; by the one that is interrupted, for as long as the other run takes.
    gate: Mutex<Option<Other>>,
}

impl Interrupted<'_> {
    async fn interrupt(&self) {
        let mut gate = self.gate.lock().await;
        *gate = Some(Other::run(self.verb, self.world, self.desired).await);
    }

    async fn call(&self, call: Task<'_, ()>) -> Result<(), ProviderError> {
        let number = self.calls.fetch_add(1, Ordering::SeqCst);
        drop(self.gate.lock().await);
        let here = self.at.0 == number;
        if here && self.at.1 {
            self.interrupt().await;
        }
        let answer = call.await;
        if here && !self.at.1 {
            self.interrupt().await;
        }
        answer
    }
}

impl Provider for Interrupted<'_> {
    fn read<'a>(&'a self, kind: Kind, name: &'a str) -> Task<'a, Option<ActualResource>> {
        Box::pin(async move {
            drop(self.gate.lock().await);
            self.world.read(kind, name).await
        })
    }

    fn create<'a>(&'a self, want: &'a Resource, events: &'a Events) -> Task<'a, ()> {
        Box::pin(self.call(self.world.create(want, events)))
    }

    fn update<'a>(
        &'a self,
        want: &'a Resource,
        live: &'a ActualResource,
        events: &'a Events,
    ) -> Task<'a, ()> {
        Box::pin(self.call(self.world.update(want, live, events)))
    }

    fn delete<'a>(&'a self, kind: Kind, name: &'a str, events: &'a Events) -> Task<'a, ()> {
        Box::pin(self.call(self.world.delete(kind, name, events)))
    }

    fn owned<'a>(&'a self, kind: Kind, scope: &'a Scope) -> Task<'a, Vec<Owned>> {
        self.world.owned(kind, scope)
    }

    fn listed<'a>(&'a self, kind: Kind, names: &'a [String]) -> Task<'a, Vec<String>> {
        self.world.listed(kind, names)
    }
}

fn lab() -> DesiredState {
    expand(LAB, &target())
}

async fn standing() -> World {
    let world = World::new(&target());
    assert!(deploy(&world, &lab()).await.is_complete());
    world
}

/// Interrupts one run at one call, asserts that both said the truth and that all is settled by a further
/// deploy and a further destroy. Answers whether the run came there, and whether it said done.
async fn interrupted(first: Verb, second: Verb, at: (usize, bool)) -> Option<bool> {
    let what = format!("{second:?} while {first:?} is at {at:?}");
    let wanted = standing().await.resources();
    let desired = lab();
    let world = match first {
        Verb::Deploy => World::new(&target()),
        Verb::Destroy => standing().await,
    };
    let run = Interrupted {
        world: &world,
        desired: &desired,
        at,
        verb: second,
        calls: AtomicUsize::new(0),
        gate: Mutex::new(None),
    };
    let done = match first {
        Verb::Deploy => {
            let plan = planned(&world, &desired).await;
            let (_sender, stop) = tokio::sync::watch::channel(engine::Stop::No);
            let summary = engine::apply(&run, &plan, &Events::none(), stop).await;
            if summary.is_complete() {
                assert_eq!(world.resources(), wanted, "{what}");
            }
            summary.is_complete()
        }
        Verb::Destroy => {
            let (summary, receipt) = destroyed(&world, &run).await;
            if receipt.is_proved() {
                assert!(world.resources().is_empty(), "{what}");
            }
            summary.is_complete() && receipt.is_proved()
        }
    };
    match run.gate.into_inner()? {
        Other::Deploy(summary) => assert!(summary.is_complete(), "{what}: {summary:?}"),
        Other::Destroy(summary, receipt) => {
            assert!(
                summary.is_complete() && receipt.is_proved(),
                "{what}: {receipt:?}"
            );
        }
    }

    assert!(deploy(&world, &desired).await.is_complete(), "{what}");
    assert_eq!(world.resources(), wanted, "{what}");
    assert!(planned(&world, &desired).await.is_empty(), "{what}");
    assert!(destroy(&world, &target()).await.is_complete(), "{what}");
    assert!(world.resources().is_empty(), "{what}");
    Some(done)
}

/// How many points a run has, and at how many of them it said done all the same.
async fn everywhere(first: Verb, second: Verb) -> (usize, usize) {
    let (mut points, mut done) = (0, 0);
    for number in 0.. {
        for before in [true, false] {
            let Some(said) = interrupted(first, second, (number, before)).await else {
                println!("{second:?} within {first:?}: {points} points, done at {done}");
                return (points, done);
            };
            points += 1;
            done += usize::from(said);
        }
    }
    unreachable!("a run has an end")
}

/// A call of each resource of the lab, before and after.
fn points() -> usize {
    lab().resources.len() * 2
}

#[tokio::test(start_paused = true)]
async fn a_deploy_anywhere_within_a_deploy_is_one_deploy() {
    let ended = everywhere(Verb::Deploy, Verb::Deploy).await;
    assert_eq!(ended, (points(), points()));
}

#[tokio::test(start_paused = true)]
async fn a_destroy_anywhere_within_a_deploy_is_never_overlooked() {
    let (tried, done) = everywhere(Verb::Deploy, Verb::Destroy).await;
    assert_eq!(tried, points());
    // Before its first calls there is nothing to destroy.
    assert!(done < 4, "{done} of {tried}");
}

#[tokio::test(start_paused = true)]
async fn a_deploy_anywhere_within_a_destroy_is_taken_along() {
    let ended = everywhere(Verb::Destroy, Verb::Deploy).await;
    assert_eq!(ended, (points(), points()));
}

#[tokio::test(start_paused = true)]
async fn a_destroy_anywhere_within_a_destroy_is_one_destroy() {
    let ended = everywhere(Verb::Destroy, Verb::Destroy).await;
    assert_eq!(ended, (points(), points()));
}

/// A world in which what was made is not seen at first.
struct Late<'w> {
    world: &'w World,
    /// So many reads of a table answer that there is none.
    unseen: AtomicUsize,
}

impl Provider for Late<'_> {
    fn read<'a>(&'a self, kind: Kind, name: &'a str) -> Task<'a, Option<ActualResource>> {
        Box::pin(async move {
            let one_less = |left: usize| left.checked_sub(1);
            let unseen = kind == Kind::Table
                && self
                    .unseen
                    .fetch_update(Ordering::SeqCst, Ordering::SeqCst, one_less)
                    .is_ok();
            if unseen {
                return Ok(None);
            }
            self.world.read(kind, name).await
        })
    }

    fn create<'a>(&'a self, want: &'a Resource, events: &'a Events) -> Task<'a, ()> {
        self.world.create(want, events)
    }

    fn update<'a>(
        &'a self,
        want: &'a Resource,
        live: &'a ActualResource,
        events: &'a Events,
    ) -> Task<'a, ()> {
        self.world.update(want, live, events)
    }

    fn delete<'a>(&'a self, kind: Kind, name: &'a str, events: &'a Events) -> Task<'a, ()> {
        self.world.delete(kind, name, events)
    }

    fn owned<'a>(&'a self, kind: Kind, scope: &'a Scope) -> Task<'a, Vec<Owned>> {
        self.world.owned(kind, scope)
    }

    fn listed<'a>(&'a self, kind: Kind, names: &'a [String]) -> Task<'a, Vec<String>> {
        self.world.listed(kind, names)
    }
}

/// A first deploy in a world that does not see its table for so many looks, stopped so after a while.
async fn seen_late(looks: usize, stop: Option<engine::Stop>) -> (Summary, Duration) {
    let world = World::new(&target());
    let plan = planned(&world, &lab()).await;
    let late = Late {
        world: &world,
        unseen: AtomicUsize::new(looks),
    };
    let began = tokio::time::Instant::now();
    let (sender, receiver) = tokio::sync::watch::channel(engine::Stop::No);
    let events = Events::none();
    let apply = engine::apply(&late, &plan, &events, receiver);
    let stops = async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        if let Some(stop) = stop {
            sender.send(stop).unwrap();
        }
        std::future::pending::<()>().await;
    };
    let summary = tokio::select! {
        summary = apply => summary,
        () = stops => unreachable!("it never ends"),
    };
    (summary, began.elapsed())
}

fn of<'a>(summary: &'a Summary, address: &str) -> &'a Outcome {
    let mut outcomes = summary.outcomes.iter();
    &outcomes.find(|(of, _)| of.as_str() == address).unwrap().1
}

#[tokio::test(start_paused = true)]
async fn what_is_seen_late_is_waited_for() {
    let (summary, _) = seen_late(3, None).await;
    assert!(summary.is_complete(), "{summary:?}");

    let (summary, took) = seen_late(usize::MAX, None).await;
    assert!(!summary.is_complete());
    let Outcome::Failed { error } = of(&summary, "table.metadata") else {
        panic!("{summary:?}")
    };
    assert!(error.message.contains("is not there any longer"), "{error}");
    assert_eq!(summary.failures().count(), 1);
    // It is listed all the same.
    assert_eq!(took, Duration::from_mins(2));
}

#[tokio::test(start_paused = true)]
async fn a_stop_ends_the_waiting_for_what_is_not_seen() {
    for stop in [engine::Stop::Gently, engine::Stop::Now] {
        let (summary, took) = seen_late(usize::MAX, Some(stop)).await;
        assert!(summary.stopped && !summary.is_complete(), "{summary:?}");
        assert_eq!(took, Duration::from_millis(100), "{stop:?}");
    }
}

/// Somebody else's changes during a deploy, of what it made and of what it relied on.
#[tokio::test(start_paused = true)]
async fn what_was_changed_meanwhile_is_said() {
    let world = standing().await;
    world.lose(Kind::Rule, "lab-photo");
    let plan = planned(&world, &lab()).await;
    assert_eq!(plan.count("create"), 1);
    world.meddle(Kind::Function, "lab-extract", |live| {
        live.spec["memory"] = 1024.into();
    });
    world.meddle(Kind::Table, "lab-metadata", |live| {
        let owner = treino::stack::TAG_OWNER.to_owned();
        live.tags.insert(owner, "bia".to_owned());
    });
    let summary = carry_out(&world, &plan).await;
    assert_eq!(of(&summary, "rule.photo"), &Outcome::Done);
    let Outcome::Unverified { error } = of(&summary, "function.extract") else {
        panic!("{summary:?}")
    };
    assert!(
        error.message.ends_with("differs by now in memory"),
        "{error}"
    );
    let Outcome::Failed { error } = of(&summary, "table.metadata") else {
        panic!("{summary:?}")
    };
    assert!(
        error
            .message
            .ends_with("it belongs to the stack lab of bia"),
        "{error}"
    );
}

/// What another owner made under a name that was freed is not taken for something that came back.
#[tokio::test(start_paused = true)]
async fn a_proof_leaves_alone_what_another_made_since() {
    let world = standing().await;
    let (kind, name) = (Kind::Table, "lab-metadata");
    let mut theirs = world.resources()[&(kind, name.to_owned())].clone();
    let owner = treino::stack::TAG_OWNER.to_owned();
    theirs.tags.insert(owner, "bia".to_owned());
    let plan = destruction(&world, &target()).await;
    assert!(carry_out(&world, &plan).await.is_complete());
    world.put(theirs.clone());
    let deleted = plan.steps.iter();
    let deleted: Vec<_> = deleted
        .map(|step| (step.address.clone(), step.kind, step.name.clone()))
        .collect();
    let receipt = verified(&world, &target(), &deleted).await;
    assert!(receipt.is_proved(), "{receipt:?}");
    assert_eq!(
        world.resources().into_values().collect::<Vec<_>>(),
        [theirs]
    );
    let table = receipt.resources.iter().find(|gone| gone.name == name);
    let seen = &table.unwrap().seen;
    assert!(
        seen.ends_with("it belongs to the stack lab of bia"),
        "{seen}"
    );
}
