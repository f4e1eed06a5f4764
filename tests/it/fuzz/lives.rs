//! Whole lives of stacks in the model world: deployed, changed, disturbed, deployed again, destroyed,
//! with others beside them that nobody touches.

use std::collections::BTreeSet;
use std::time::Duration;

use proptest::prelude::*;
use proptest::sample::Index;
use tokio::sync::watch;
use treino::engine::{self, Events, Stop, Summary};
use treino::plan::{self, ActualResource, Plan};
use treino::stack::{DesiredState, Kind, TAG_ADDRESS, TAG_OWNER, TAG_STACK, Tags, Target};

use super::stacks::{Lab, labs};
use super::tried;
use crate::model_world::world::{When, World};
use crate::model_world::{deploy, destruction, planned, target, verified};
use crate::properties::finish;

/// What befalls a stack.
#[derive(Debug, Clone)]
enum Act {
    /// It is deployed in one of its versions, with these changing calls failing, and stopped after a
    /// while if at all.
    Deploy(Index, Vec<(usize, bool)>, Option<(u64, bool)>),
    /// It is destroyed in the same way.
    Destroy(Vec<(usize, bool)>, Option<(u64, bool)>),
    /// Somebody changes a resource by hand.
    Meddle(Index, u8),
    /// Somebody deletes one by hand.
    Lose(Index),
    /// Something foreign takes the name a version wants; it is adopted, or taken away again.
    Foreign(Index, Index, u8, bool),
}

/// Calls that fail, before or after they took effect.
fn errors() -> impl Strategy<Value = Vec<(usize, bool)>> {
    prop::collection::vec((0..40_usize, any::<bool>()), 0..3)
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let at = any::<Index>;
    let stop = || prop::option::of((0..600_u64, any::<bool>()));
    let act = prop_oneof![
        5 => (at(), errors(), stop()).prop_map(|(version, errors, stop)| Act::Deploy(version, errors, stop)),
        1 => (errors(), stop()).prop_map(|(errors, stop)| Act::Destroy(errors, stop)),
        2 => (at(), any::<u8>()).prop_map(|(which, how)| Act::Meddle(which, how)),
        1 => at().prop_map(Act::Lose),
        1 => (at(), at(), any::<u8>(), any::<bool>())
            .prop_map(|(version, which, whose, adopt)| Act::Foreign(version, which, whose, adopt)),
    ];
    prop::collection::vec(act, 1..6)
}

fn owners() -> impl Strategy<Value = Target> {
    let owners = prop::option::of("[a-z][a-z0-9]{0,18}[a-z]");
    let regions = prop::sample::select(vec!["us-east-1", "ap-southeast-2", "us-gov-west-1"]);
    (owners, regions).prop_map(|(owner, region)| Target {
        owner: owner.filter(|owner| owner != "neighbour"),
        region: region.into(),
        partition: Target::partition_of(region).into(),
        ..target()
    })
}

async fn carried_out(world: &World, plan: &Plan, stop: Option<(u64, bool)>) -> Summary {
    let (sender, receiver) = watch::channel(Stop::No);
    let events = Events::none();
    let apply = engine::apply(world, plan, &events, receiver);
    let stopped = async {
        if let Some((after, gently)) = stop {
            tokio::time::sleep(Duration::from_millis(after)).await;
            let how = if gently { Stop::Gently } else { Stop::Now };
            let _ = sender.send(how);
        }
        // Held to the end.
        std::future::pending::<()>().await;
    };
    tokio::select! {
        summary = apply => summary,
        () = stopped => unreachable!("it never ends"),
    }
}

fn disturb(world: &World, errors: &[(usize, bool)]) {
    for (number, after) in errors {
        world.fail(*number, if *after { When::After } else { When::Before });
    }
}

/// A resource of another owner's copy of the stack, as it stands.
fn neighbours(lab: &Lab, of: &Target) -> Vec<ActualResource> {
    let target = Target {
        owner: Some("neighbour".to_owned()),
        ..of.clone()
    };
    let desired = lab.expand(&target);
    let live = |want: &treino::stack::Resource| ActualResource {
        kind: want.kind,
        name: want.name.clone(),
        spec: want.spec.clone(),
        tags: want.tags.clone(),
        created: None,
        unready: None,
        outdated: Vec::new(),
    };
    desired.resources.values().map(live).collect()
}

/// Tags of somebody else's.
fn foreign_tags(target: &Target, whose: u8) -> Tags {
    let tag = |key: &str, value: &str| (key.to_owned(), value.to_owned());
    match whose % 4 {
        0 => Tags::new(),
        1 => Tags::from([tag(TAG_STACK, "another"), tag(TAG_ADDRESS, "bucket.a")]),
        2 => Tags::from([
            tag(TAG_STACK, &target.stack),
            tag(TAG_OWNER, "ghost"),
            tag(TAG_ADDRESS, "bucket.a"),
        ]),
        _ => Tags::from([tag("team", "x")]),
    }
}

struct Life<'l> {
    world: World,
    target: Target,
    versions: Vec<DesiredState>,
    neighbours: &'l [ActualResource],
}

impl Life<'_> {
    fn owned(&self) -> Vec<(Kind, String)> {
        let resources = self.world.resources();
        let ours = resources
            .into_iter()
            .filter(|(_, live)| self.target.owns(&live.tags));
        ours.map(|(key, _)| key).collect()
    }

    async fn act(&self, act: &Act) {
        match act {
            Act::Deploy(version, errors, stop) => {
                let desired = &self.versions[version.index(self.versions.len())];
                let plan = planned(&self.world, desired).await;
                assert_eq!(
                    plan,
                    planned(&self.world, desired).await,
                    "planning changes nothing"
                );
                assert_eq!(plan.foreign, []);
                disturb(&self.world, errors);
                let summary = carried_out(&self.world, &plan, *stop).await;
                assert_eq!(summary.outcomes.len(), plan.steps.len());
                assert!(
                    summary.is_complete() || stop.is_some() || !errors.is_empty(),
                    "{summary:?}"
                );
            }
            Act::Destroy(errors, stop) => {
                let plan = destruction(&self.world, &self.target).await;
                disturb(&self.world, errors);
                carried_out(&self.world, &plan, *stop).await;
            }
            Act::Meddle(which, how) => {
                let owned = self.owned();
                if owned.is_empty() {
                    return;
                }
                let (kind, name) = &owned[which.index(owned.len())];
                self.world.meddle(*kind, name, |live| match how % 3 {
                    0 => drop(live.tags.insert("by-hand".into(), "1".into())),
                    1 => {
                        let fields = live.spec.as_object_mut().expect("a spec has fields");
                        // An ARN is AWS's own, and a role with another path is another role.
                        let changed = fields
                            .keys()
                            .filter(|key| !["arn", "path"].contains(&key.as_str()));
                        let changed: Vec<String> = changed.cloned().collect();
                        let field = changed[usize::from(how / 3) % changed.len()].clone();
                        fields.insert(field, serde_json::json!({ "by": ["hand"] }));
                    }
                    _ => drop(live.tags.remove("course")),
                });
            }
            Act::Lose(which) => {
                let owned = self.owned();
                if !owned.is_empty() {
                    let (kind, name) = &owned[which.index(owned.len())];
                    self.world.lose(*kind, name);
                }
            }
            Act::Foreign(version, which, whose, adopt) => {
                let desired = &self.versions[version.index(self.versions.len())];
                self.foreign(desired, *which, *whose, *adopt).await;
            }
        }
    }

    /// Nothing is done while it stands in the way; adopted, it becomes the stack's.
    async fn foreign(&self, desired: &DesiredState, which: Index, whose: u8, adopt: bool) {
        let standing = self.world.resources();
        let free = desired.resources.values().filter(|want| {
            // Groups and vaults without a mark are the stack's by their names.
            !matches!(want.kind, Kind::LogGroup | Kind::Vault)
                && !standing.contains_key(&(want.kind, want.name.clone()))
        });
        let free: Vec<_> = free.collect();
        if free.is_empty() {
            return;
        }
        let want = free[which.index(free.len())];
        let mut spec = want.spec.clone();
        if want.kind == Kind::Connection {
            spec["arn"] = want
                .arn
                .replace(treino::stack::ARN_PLACEHOLDER, "id-foreign")
                .into();
        }
        let tags = foreign_tags(&self.target, whose);
        self.world.put(ActualResource {
            kind: want.kind,
            name: want.name.clone(),
            spec,
            tags,
            created: None,
            unready: None,
            outdated: Vec::new(),
        });
        let plan = planned(&self.world, desired).await;
        let addresses: Vec<_> = plan
            .foreign
            .iter()
            .map(|foreign| &foreign.address)
            .collect();
        assert_eq!(addresses, [&want.address]);
        if adopt {
            let actual = engine::survey(&self.world, desired)
                .await
                .expect("a survey");
            let adopted = BTreeSet::from([want.address.clone()]);
            let plan = plan::deploy(desired, &actual, &adopted);
            assert_eq!(plan.foreign, []);
            let summary = carried_out(&self.world, &plan, None).await;
            assert!(summary.is_complete(), "{summary:?}");
            assert!(planned(&self.world, desired).await.is_empty());
        } else {
            self.world.lose(want.kind, &want.name);
        }
    }

    /// Whatever befell it, a deploy comes to what is written, a destroy to nothing.
    async fn ends(&self, desired: &DesiredState) {
        self.world.undisturbed();
        let summary = deploy(&self.world, desired).await;
        assert!(summary.is_complete(), "{summary:?}");
        assert!(planned(&self.world, desired).await.is_empty());
        let fresh = World::new(&self.target);
        assert!(deploy(&fresh, desired).await.is_complete());
        let mut wanted = fresh.resources();
        for neighbour in self.neighbours {
            let key = (neighbour.kind, neighbour.name.clone());
            wanted.insert(key, neighbour.clone());
        }
        assert_eq!(self.world.resources(), wanted);

        let plan = destruction(&self.world, &self.target).await;
        let summary = carried_out(&self.world, &plan, None).await;
        assert!(summary.is_complete(), "{summary:?}");
        let deleted: Vec<_> = plan
            .steps
            .iter()
            .map(|step| (step.address.clone(), step.kind, step.name.clone()))
            .collect();
        let receipt = verified(&self.world, &self.target, &deleted).await;
        assert!(receipt.is_proved(), "{receipt:?}");
        let left: Vec<_> = self.world.resources().into_values().collect();
        let mut others = self.neighbours.to_vec();
        others.sort_by(|a, b| (a.kind, &a.name).cmp(&(b.kind, &b.name)));
        assert_eq!(left, others, "the neighbours' are as they were");
        assert_eq!(self.world.wrong(), Vec::<String>::new());
    }
}

fn lived((versions, acts, target, last): (Vec<Lab>, Vec<Act>, Target, Index)) {
    finish(async {
        let neighbours = neighbours(&versions[0], &target);
        let life = Life {
            world: World::new(&target).slow(Duration::from_millis(20)),
            versions: versions.iter().map(|lab| lab.expand(&target)).collect(),
            neighbours: &neighbours,
            target,
        };
        for one in &neighbours {
            life.world.put(one.clone());
        }
        for act in &acts {
            life.act(act).await;
            life.world.undisturbed();
        }
        life.ends(&life.versions[last.index(life.versions.len())])
            .await;
    });
}

tried! {
    /// Any life ends well.
    lives, 40 of (prop::collection::vec(labs(), 1..4), acts(), owners(), any::<Index>()) => lived;
}
