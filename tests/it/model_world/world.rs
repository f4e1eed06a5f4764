//! A small in-memory model of AWS. It returns AWS's errors, takes time, fails on demand, and records
//! violations.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::time::Duration;

use crate::kinds;
use serde_json::Value;
use tokio::time::Instant;
use treino::engine::{Events, Leftover, Provider, ProviderError, Scope, Task};
use treino::plan::{ActualResource, Inventory, Owned, Plan};
use treino::stack::{
    ARN_PLACEHOLDER, Kind, LateBoundArns, Resource, Tags, Target, arn, substitute_arns,
};

/// Whether a failing call was executed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// AWS refused it.
    Before,
    /// AWS did it, and the answer was lost.
    After,
}

/// The behaviour of deleted resources.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Ghost {
    /// It is gone.
    #[default]
    Gone,
    /// It reappears so many times, without tags, as a log group does.
    ComesBack(u32),
    /// It stays, although AWS reports its deletion.
    Stays,
}

/// What a read shows in place of a resource.
pub type Show = fn(ActualResource) -> Option<ActualResource>;

pub type Resources = BTreeMap<(Kind, String), ActualResource>;

#[derive(Default)]
struct State {
    resources: Resources,
    calls: Vec<String>,
    wrong: Vec<String>,
    failing: Vec<(usize, When)>,
    refused: Vec<String>,
    ghosts: BTreeMap<String, Ghost>,
    /// The number of list calls that fail.
    blind: u32,
    /// The errors of kinds that cannot be listed.
    unlistable: BTreeMap<Kind, ProviderError>,
    /// How long lists show what is deleted, by name.
    late: BTreeMap<String, Duration>,
    /// What lists show though it is deleted, and until when.
    shown_until: BTreeMap<(Kind, String), Instant>,
    /// How reads show something else of a resource, by name, and until when.
    shown: BTreeMap<String, (Instant, Show)>,
    /// What no read by name finds.
    unfound: BTreeSet<String>,
    /// The names that deploys have written down, where they do.
    inventory: Option<Inventory>,
}

impl State {
    /// What lists show of a kind.
    fn listed(&self, kind: Kind) -> BTreeSet<String> {
        let stand = self.resources.keys();
        let late = self.shown_until.iter();
        let late = late.filter(|(_, until)| **until > Instant::now());
        let all = stand.chain(late.map(|(of, _)| of));
        let of_kind = all.filter(|(of, _)| *of == kind);
        of_kind.map(|(_, name)| name.clone()).collect()
    }

    /// Whether a read by name finds this.
    fn is_found(&self, kind: Kind, name: &str) -> bool {
        let stands = self.resources.contains_key(&(kind, name.to_owned()));
        stands && !self.unfound.contains(name)
    }
}

pub struct World {
    target: Target,
    latency: Duration,
    state: Mutex<State>,
}

fn refusal(code: &str, message: String) -> ProviderError {
    ProviderError {
        service: "Model".into(),
        operation: "Call".into(),
        code: code.into(),
        message,
        leftover: Leftover::Nothing,
        ..ProviderError::default()
    }
}

impl World {
    pub fn new(target: &Target) -> Self {
        Self {
            target: target.clone(),
            latency: Duration::ZERO,
            state: Mutex::default(),
        }
    }

    /// The duration of every call.
    pub fn slow(mut self, latency: Duration) -> Self {
        self.latency = latency;
        self
    }

    /// The same resources in a new world without failures.
    pub fn copy(&self) -> Self {
        let copy = Self::new(&self.target);
        copy.lock().resources = self.lock().resources.clone();
        copy
    }

    /// Writes down the names of a plan, as a deploy does before it makes anything.
    pub fn write_down(&self, plan: &Plan) {
        let names = plan.steps.iter();
        let names = names.map(|step| (step.kind, step.name.clone()));
        self.lock().inventory.get_or_insert_default().extend(names);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state
            .lock()
            .expect("no test panics while it holds this")
    }

    /// Every resource, with generated ids replaced by the placeholder.
    pub fn resources(&self) -> Resources {
        let state = self.lock();
        let arns = state
            .resources
            .values()
            .filter_map(ActualResource::late_bound_arn);
        let made: LateBoundArns = arns
            .filter_map(|arn| {
                Some((
                    arn.to_owned(),
                    format!("{}/{ARN_PLACEHOLDER}", arn.rsplit_once('/')?.0),
                ))
            })
            .collect();
        let shown = |(key, live): (&(Kind, String), &ActualResource)| {
            let text = substitute_arns(&live.spec.to_string(), &made);
            let spec = serde_json::from_str(&text).expect("it was JSON before");
            (
                key.clone(),
                ActualResource {
                    spec,
                    ..live.clone()
                },
            )
        };
        state.resources.iter().map(shown).collect()
    }

    /// The changing calls so far.
    pub fn calls(&self) -> Vec<String> {
        self.lock().calls.clone()
    }

    /// The recorded violations.
    pub fn wrong(&self) -> Vec<String> {
        self.lock().wrong.clone()
    }

    /// Fails the changing call of this number from now.
    pub fn fail(&self, number: usize, when: When) {
        let mut state = self.lock();
        let number = state.calls.len() + number;
        state.failing.push((number, when));
    }

    /// Every change of a resource of this name is refused.
    pub fn refuse(&self, name: &str) {
        self.lock().refused.push(name.to_owned());
    }

    pub fn haunt(&self, name: &str, ghost: Ghost) {
        self.lock().ghosts.insert(name.to_owned(), ghost);
    }

    pub fn blind(&self, listings: u32) {
        self.lock().blind = listings;
    }

    /// Refuses every listing of a kind.
    pub fn deny(&self, kind: Kind) {
        self.unlist(
            kind,
            refusal("AccessDeniedException", format!("no {kind}s")),
        );
    }

    /// Every listing of a kind fails so.
    pub fn unlist(&self, kind: Kind, error: ProviderError) {
        self.lock().unlistable.insert(kind, error);
    }

    /// Lists show this for so long after it is deleted.
    pub fn list_late(&self, name: &str, time: Duration) {
        self.lock().late.insert(name.to_owned(), time);
    }

    /// Reads show this in place of a resource for so long.
    pub fn read_late(&self, name: &str, time: Duration, show: Show) {
        let until = Instant::now() + time;
        self.lock().shown.insert(name.to_owned(), (until, show));
    }

    /// No read by name finds this, though it may stand.
    pub fn hide(&self, name: &str) {
        self.lock().unfound.insert(name.to_owned());
    }

    /// Another user changes a resource.
    pub fn meddle(&self, kind: Kind, name: &str, change: impl FnOnce(&mut ActualResource)) {
        let mut state = self.lock();
        change(
            state
                .resources
                .get_mut(&(kind, name.to_owned()))
                .expect("it stands"),
        );
    }

    /// Another user deletes a resource.
    pub fn lose(&self, kind: Kind, name: &str) {
        self.lock().resources.remove(&(kind, name.to_owned()));
    }

    /// No call fails any longer.
    pub fn undisturbed(&self) {
        self.lock().failing.clear();
    }

    pub fn put(&self, live: ActualResource) {
        self.lock()
            .resources
            .insert((live.kind, live.name.clone()), live);
    }

    /// One call that changes something.
    async fn call(
        &self,
        what: &str,
        kind: Kind,
        name: &str,
        effect: impl FnOnce(&mut State) -> Result<(), ProviderError>,
    ) -> Result<(), ProviderError> {
        tokio::time::sleep(self.latency).await;
        let mut state = self.lock();
        let number = state.calls.len();
        state.calls.push(format!("{what} {kind} {name}"));
        if state.refused.iter().any(|refused| refused == name) {
            return Err(refusal("AccessDenied", format!("not on {name}")));
        }
        let failing = state
            .failing
            .iter()
            .find(|(n, _)| *n == number)
            .map(|(_, when)| *when);
        if failing == Some(When::Before) {
            return Err(refusal("Throttled", "try later".into()));
        }
        effect(&mut state)?;
        if failing == Some(When::After) {
            return Err(ProviderError::new("the answer was lost").with_leftover(Leftover::Unknown));
        }
        Ok(())
    }

    /// What AWS requires to exist before it accepts this.
    fn prerequisites(&self, state: &State, want: &Resource) -> Result<(), ProviderError> {
        if want.kind != Kind::Connection && want.spec.to_string().contains(ARN_PLACEHOLDER) {
            return Err(refusal("ValidationException", "an ARN with no id".into()));
        }
        let role = |role: &Value| {
            let Some(role) = role.as_str() else {
                return Ok(());
            };
            let ours = format!("role{}", self.target.role_path());
            let Some((_, name)) = role.split_once(&ours) else {
                return Ok(());
            };
            match state.resources.get(&(Kind::Role, name.to_owned())) {
                Some(_) => Ok(()),
                None => Err(refusal(
                    "InvalidParameterValueException",
                    format!("no role {name}"),
                )),
            }
        };
        match want.kind {
            Kind::Function => role(&want.spec["role"]),
            Kind::StateMachine => {
                role(&want.spec["role"])?;
                let group = want.spec["logging"]["log_group"]
                    .as_str()
                    .unwrap_or_default();
                let name = group.trim_end_matches(":*").split(":log-group:").nth(1);
                match name {
                    Some(name)
                        if !state
                            .resources
                            .contains_key(&(Kind::LogGroup, name.to_owned())) =>
                    {
                        Err(refusal(
                            "InvalidLoggingConfiguration",
                            format!("no log group {name}"),
                        ))
                    }
                    _ => Ok(()),
                }
            }
            Kind::Trail => {
                let bucket = want.spec["bucket"].as_str().unwrap_or_default();
                let bucket = state.resources.get(&(Kind::Bucket, bucket.to_owned()));
                let policy = bucket
                    .map(|live| live.spec["policy"].to_string())
                    .unwrap_or_default();
                if policy.contains(&want.arn) {
                    Ok(())
                } else {
                    Err(refusal(
                        "InsufficientS3BucketPolicyException",
                        want.name.clone(),
                    ))
                }
            }
            Kind::Rule => want.spec["targets"]
                .as_array()
                .into_iter()
                .flatten()
                .try_for_each(|target| role(&target["role"])),
            _ => Ok(()),
        }
    }

    /// The resources that still need this one.
    fn dependents(&self, state: &State, kind: Kind, name: &str) -> Vec<String> {
        let arn = arn(&self.target, kind, name);
        state
            .resources
            .values()
            .filter(|other| match (kind, other.kind) {
                (Kind::Role, Kind::Function | Kind::StateMachine | Kind::Rule) => {
                    other.spec["role"] == arn.as_str()
                        || other.spec["targets"].to_string().contains(&arn)
                }
                (Kind::Bucket, Kind::Trail) => other.spec["bucket"] == name,
                (Kind::LogGroup, Kind::Function) => other.spec["log_group"] == name,
                _ => false,
            })
            .map(|other| format!("{} {}", other.kind, other.name))
            .collect()
    }
}

/// The fields of a spec that are set by a second call, with their values until then.
fn bare(kind: Kind, spec: &Value) -> Option<Value> {
    let (field, value) = kinds::of(kind).second_call()?;
    let mut spec = spec.clone();
    spec[field] = value;
    Some(spec)
}

fn live(want: &Resource, spec: Value) -> ActualResource {
    ActualResource {
        kind: want.kind,
        name: want.name.clone(),
        spec,
        tags: want.tags.clone(),
        created: None,
        unready: None,
        outdated: Vec::new(),
    }
}

impl Provider for World {
    fn inventory(&self, _unlikely: bool) -> Task<'_, Option<Inventory>> {
        Box::pin(async move { Ok(self.lock().inventory.clone()) })
    }

    fn read<'a>(&'a self, kind: Kind, name: &'a str) -> Task<'a, Option<ActualResource>> {
        Box::pin(async move {
            tokio::time::sleep(self.latency).await;
            let state = self.lock();
            let live = state.resources.get(&(kind, name.to_owned())).cloned();
            let live = live.filter(|_| state.is_found(kind, name));
            Ok(match state.shown.get(name) {
                Some((until, show)) if *until > Instant::now() => live.and_then(show),
                _ => live,
            })
        })
    }

    fn create<'a>(&'a self, want: &'a Resource, _: &'a Events) -> Task<'a, ()> {
        Box::pin(async move {
            let key = (want.kind, want.name.clone());
            let first = bare(want.kind, &want.spec);
            let is_whole = first.is_none();
            self.call("create", want.kind, &want.name, |state| {
                self.prerequisites(state, want)?;
                let spec = first.unwrap_or_else(|| want.spec.clone());
                match state.resources.get(&key) {
                    Some(other) if !self.target.owns(&other.tags) => {
                        return Err(refusal("AlreadyExists", want.name.clone()));
                    }
                    Some(_) => {}
                    None => {
                        let mut spec = spec;
                        if want.kind == Kind::Connection {
                            // A new one every time, whatever its name.
                            let id = format!("id-{}", state.calls.len());
                            spec["arn"] = want.arn.replace(ARN_PLACEHOLDER, &id).into();
                        }
                        state.resources.insert(key.clone(), live(want, spec));
                    }
                }
                Ok(())
            })
            .await?;
            if is_whole {
                return Ok(());
            }
            let completed = self.call("complete", want.kind, &want.name, |state| {
                state
                    .resources
                    .insert(key.clone(), live(want, want.spec.clone()));
                Ok(())
            });
            completed
                .await
                .map_err(|error| error.with_leftover(Leftover::Partial))
        })
    }

    fn update<'a>(
        &'a self,
        want: &'a Resource,
        _: &'a ActualResource,
        _: &'a Events,
    ) -> Task<'a, ()> {
        Box::pin(async move {
            let key = (want.kind, want.name.clone());
            self.call("update", want.kind, &want.name, |state| {
                self.prerequisites(state, want)?;
                if !state.resources.contains_key(&key) {
                    return Err(refusal("NotFound", want.name.clone()));
                }
                state.resources.insert(key, live(want, want.spec.clone()));
                Ok(())
            })
            .await
        })
    }

    fn delete<'a>(&'a self, kind: Kind, name: &'a str, _: &'a Events) -> Task<'a, ()> {
        Box::pin(async move {
            let key = (kind, name.to_owned());
            if !matches!(kind, Kind::Function | Kind::Table | Kind::LogGroup) {
                // Emptying it, removing its targets or policies, stopping its logging.
                self.call("empty", kind, name, |_| Ok(())).await?;
            }
            self.call("delete", kind, name, |state| {
                for other in self.dependents(state, kind, name) {
                    state
                        .wrong
                        .push(format!("{kind} {name} went before {other}"));
                }
                match state.ghosts.get(name).copied().unwrap_or_default() {
                    Ghost::Stays => {}
                    Ghost::ComesBack(times) if times > 0 => {
                        state
                            .ghosts
                            .insert(name.to_owned(), Ghost::ComesBack(times - 1));
                        if let Some(live) = state.resources.get_mut(&key) {
                            live.tags = Tags::new();
                        }
                    }
                    _ => {
                        state.resources.remove(&key);
                        if let Some(time) = state.late.get(name) {
                            let until = Instant::now() + *time;
                            state.shown_until.insert(key, until);
                        }
                    }
                }
                Ok(())
            })
            .await
        })
    }

    fn owned<'a>(&'a self, kind: Kind, scope: &'a Scope) -> Task<'a, Vec<Owned>> {
        Box::pin(async move {
            tokio::time::sleep(self.latency).await;
            let state = self.lock();
            if let Some(error) = state.unlistable.get(&kind) {
                return Err(error.clone());
            }
            let listed = state.listed(kind);
            let unfound = |name: &&String| !state.is_found(kind, name);
            if let Some(name) = listed.iter().find(unfound) {
                return Err(ProviderError::late_list(format!("{kind} {name}")));
            }
            let marked = state.resources.values().filter(|live| live.kind == kind);
            let marked = marked.filter_map(|live| {
                let address = live.tags.get(treino::stack::TAG_ADDRESS)?;
                Some(Owned {
                    address: treino::stack::Address::from_tag(address),
                    kind,
                    name: live.name.clone(),
                    tags: live.tags.clone(),
                })
            });
            let may_be = |owned: &Owned| {
                !scope.generated || treino::stack::may_be_generated(&super::target(), &owned.name)
            };
            Ok(marked
                .filter(may_be)
                .filter(|owned| {
                    let stack = owned.tags.get(treino::stack::TAG_STACK);
                    scope.stack.is_none() || scope.stack.as_ref() == stack
                })
                .collect())
        })
    }

    fn listed<'a>(&'a self, kind: Kind, names: &'a [String]) -> Task<'a, Vec<String>> {
        Box::pin(async move {
            tokio::time::sleep(self.latency).await;
            let mut state = self.lock();
            if state.blind > 0 {
                state.blind -= 1;
                return Err(refusal("AccessDenied", "no listing".into()));
            }
            if let Some(error) = state.unlistable.get(&kind) {
                return Err(error.clone());
            }
            let listed = state.listed(kind);
            Ok(names
                .iter()
                .filter(|name| listed.contains(*name))
                .cloned()
                .collect())
        })
    }

    fn exists<'a>(&'a self, kind: Kind, name: &'a str) -> Task<'a, bool> {
        Box::pin(async move {
            tokio::time::sleep(self.latency).await;
            Ok(self.lock().is_found(kind, name))
        })
    }
}
