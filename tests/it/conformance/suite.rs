//! The suite.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use treino::aws::AwsProvider;
use treino::engine::{Events, Provider, ProviderError, Scope};
use treino::plan::{ActualResource, changes};
use treino::stack::{Address, Kind, Resource, Secrets, Tags, arn};

use super::place::Place;
use super::steps::{HOPELESS, Steps};
use crate::kinds::{Skips, TestKind};

/// Runs every step for a kind in a place.
pub async fn conforms(test: &dyn TestKind, place: &Place, skips: Skips) {
    let clients = &place.clients;
    test.prepare(clients).await;
    let subject = Subject::new(test, place);
    let title = format!("{} in {}", subject.kind, place.account);
    let mut steps = Steps::new(title, skips);
    let base = test.spec(clients, &subject.name);
    let variants = test.variants(clients, &subject.name);
    every_field_is_tried(test, &base, &variants);

    steps.step("read of nothing", subject.is_gone()).await;
    steps.step("delete of nothing", subject.delete()).await;
    steps.step("create", subject.create(&base)).await;
    steps.step("read", subject.is(&base)).await;
    steps
        .step("create again", subject.create_again(&base))
        .await;
    // From each variant straight to the next: what the one has set, the other takes back.
    let mut before = base.clone();
    for (word, spec) in &variants {
        let field = word.split(' ').next().unwrap_or(word);
        let name = format!("change of {word}");
        if subject.kind.facts().replace_on.contains(&field) {
            steps.step(&name, subject.replaced(spec, &base)).await;
        } else {
            let change = subject.changed(&before, spec);
            steps.step(&name, change).await;
            before = spec.clone();
        }
    }
    steps
        .step("change back", subject.changed(&before, &base))
        .await;
    steps.step("change of tags", subject.retagged(&base)).await;
    for (word, paths) in test.drifts() {
        subject.starts_as(&base).await;
        test.drift(clients, &subject.name, word).await;
        steps
            .step(&format!("drift of {word}"), subject.drifted(&base, paths))
            .await;
    }
    subject.starts_as(&base).await;
    steps.step("owned", subject.owned(place)).await;
    steps.step("listed", subject.listed(true)).await;
    steps.step("delete", subject.delete()).await;
    steps.step("read after delete", subject.is_gone()).await;
    steps
        .step("listed after delete", subject.listed(false))
        .await;
    steps.step("delete again", subject.delete()).await;
    let whole = everything_at_once(&base, &variants);
    steps
        .step("create with every field", subject.created_whole(&whole))
        .await;
    steps.step("last delete", subject.delete()).await;
    steps.end();
}

/// In a place that implements too little of a kind, none is made that reads back as its spec: where one
/// is, the suite can be run there.
pub async fn does_not_conform(test: &dyn TestKind, place: &Place, reason: &str) {
    let subject = Subject::new(test, place);
    let spec = test.spec(&place.clients, &subject.name);
    let made = async {
        subject.create(&spec).await?;
        subject.is(&spec).await
    };
    let made = tokio::time::timeout(HOPELESS, made).await;
    let why = match made {
        Ok(Ok(())) => panic!(
            "{}: it may be tried here now, though {reason}",
            subject.kind
        ),
        Ok(Err(why)) => why,
        Err(_) => "no end".to_owned(),
    };
    println!(
        "{}: not tried in {}, as {reason} ({why})",
        subject.kind, place.account
    );
}

/// Every field of the spec has a variant, or cannot have one.
fn every_field_is_tried(test: &dyn TestKind, base: &Value, variants: &[(&str, Value)]) {
    let mut tried: BTreeSet<String> = BTreeSet::new();
    for (_, spec) in variants {
        let differ = changes(base, spec);
        tried.extend(differ.iter().map(|change| change.field().to_owned()));
    }
    tried.extend(test.only_read().iter().map(|field| (*field).to_owned()));
    let fields = base.as_object().unwrap().keys();
    let untried: Vec<&String> = fields.filter(|field| !tried.contains(*field)).collect();
    let kind = test.kind();
    assert!(untried.is_empty(), "{kind}: no variant of {untried:?}");
}

/// The base with every variant on top of it that the others leave room for.
fn everything_at_once(base: &Value, variants: &[(&str, Value)]) -> Value {
    let mut whole = base.clone();
    for (_, spec) in variants {
        for change in changes(base, spec) {
            let field = change.field();
            if whole[field] == base[field] {
                whole[field] = spec[field].clone();
            }
        }
    }
    whole
}

/// The resource under test, through treino's provider.
struct Subject {
    kind: Kind,
    name: String,
    cloud: AwsProvider,
    others: AwsProvider,
    tags: Tags,
}

type Step = Result<(), String>;

#[allow(clippy::needless_pass_by_value, reason = "for map_err")]
fn describe(error: ProviderError) -> String {
    error.to_string()
}

impl Subject {
    fn new(test: &dyn TestKind, place: &Place) -> Self {
        let kind = test.kind();
        let stack = format!("conform-{}", kind.facts().noun.replace('_', "-"));
        let address = Address::new(kind, "subject");
        let mut tags = place.target(&stack).mark(&address);
        if kind.facts().taggable {
            tags.insert("course".into(), "cloud 101 / spring".into());
        }
        let name = test.name(&place.target(&stack));
        let mut secrets = Secrets::default();
        for (field, value) in test.secrets() {
            let value = (*value).to_owned();
            secrets.keep(kind, &name, field, value);
        }
        Self {
            kind,
            name,
            others: place.cloud("another-stack"),
            cloud: place.cloud_with(&stack, test.artifacts(), secrets),
            tags,
        }
    }

    fn want(&self, spec: &Value) -> Resource {
        Resource {
            address: Address::new(self.kind, "subject"),
            kind: self.kind,
            name: self.name.clone(),
            arn: arn(&self.cloud.0.target, self.kind, &self.name),
            spec: spec.clone(),
            tags: self.tags.clone(),
            after: BTreeSet::new(),
        }
    }

    async fn read(&self) -> Result<Option<ActualResource>, String> {
        let live = self
            .cloud
            .read(self.kind, &self.name)
            .await
            .map_err(describe)?;
        Ok(live.map(|mut live| {
            // Another one every time.
            if live
                .late_bound_arn()
                .is_some_and(|arn| arn.contains(&self.name))
            {
                live.spec["arn"] = json!("made");
            }
            live
        }))
    }

    async fn live(&self) -> Result<ActualResource, String> {
        let live = self.read().await?;
        live.ok_or_else(|| "it is not there".to_owned())
    }

    async fn create(&self, spec: &Value) -> Step {
        let want = self.want(spec);
        let created = self.cloud.create(&want, &Events::none()).await;
        created.map_err(describe)
    }

    async fn update(&self, spec: &Value) -> Step {
        let (want, live) = (self.want(spec), self.live().await?);
        let updated = self.cloud.update(&want, &live, &Events::none()).await;
        updated.map_err(describe)
    }

    async fn delete(&self) -> Step {
        let events = Events::none();
        let deleted = self.cloud.delete(self.kind, &self.name, &events).await;
        deleted.map_err(describe)
    }

    /// It reads back as this spec, with all tags, so that a plan has nothing to do.
    async fn is(&self, spec: &Value) -> Step {
        let live = self.live().await?;
        let differ = changes(&whole(&live.spec, &live.tags), &whole(spec, &self.tags));
        if !differ.is_empty() {
            return Err(format!("it differs: {differ:?}"));
        }
        if (live.kind, &live.name) != (self.kind, &self.name) {
            return Err(format!("it is {} {}", live.kind, live.name));
        }
        Ok(())
    }

    async fn is_gone(&self) -> Step {
        match self.read().await? {
            None => Ok(()),
            Some(live) => Err(format!("it is there: {live:?}")),
        }
    }

    /// A creation whose answer was lost is made again, and completes what is there.
    async fn create_again(&self, spec: &Value) -> Step {
        self.create(spec).await?;
        self.is(spec).await
    }

    async fn changed(&self, from: &Value, to: &Value) -> Step {
        self.starts_as(from).await;
        self.update(to).await?;
        self.is(to).await
    }

    /// Makes it anew if an earlier step has left it otherwise.
    async fn starts_as(&self, spec: &Value) {
        if self.is(spec).await.is_err() {
            // Whatever goes wrong here was, or is, a step's to tell.
            let _ = self.delete().await;
            let _ = self.create(spec).await;
            if self.is(spec).await.is_err() {
                let _ = self.update(spec).await;
            }
        }
    }

    async fn replaced(&self, spec: &Value, base: &Value) -> Step {
        for spec in [spec, base] {
            self.delete().await?;
            self.create(spec).await?;
            self.is(spec).await?;
        }
        Ok(())
    }

    async fn created_whole(&self, spec: &Value) -> Step {
        self.create(spec).await?;
        self.is(spec).await
    }

    async fn retagged(&self, spec: &Value) -> Step {
        self.starts_as(spec).await;
        let mut other = Self {
            name: self.name.clone(),
            cloud: self.cloud.clone(),
            others: self.others.clone(),
            tags: self.tags.clone(),
            ..*self
        };
        if self.kind.facts().taggable {
            other.tags.remove("course");
            other.tags.insert("room".into(), "B+12 = @home".into());
        }
        let changed = other
            .tags
            .insert("treino:expires".into(), "2030-01-01T00:00:00Z".into());
        assert_eq!(changed, None);
        other.update(spec).await?;
        other.is(spec).await?;
        self.update(spec).await?;
        self.is(spec).await
    }

    /// It is no longer what it should be, in just these paths; an update mends it.
    async fn drifted(&self, spec: &Value, paths: &[&str]) -> Step {
        let live = self.live().await?;
        let differ = changes(&whole(&live.spec, &live.tags), &whole(spec, &self.tags));
        let named: Vec<&str> = differ.iter().map(|change| change.path.as_str()).collect();
        if named != paths {
            return Err(format!("named are {named:?}, not {paths:?}: {differ:?}"));
        }
        self.update(spec).await?;
        self.is(spec).await
    }

    async fn owned(&self, place: &Place) -> Step {
        let of = |stack: Option<&str>, known: Vec<(Kind, String)>| Scope {
            known,
            ..Scope::of(stack)
        };
        let names = async |cloud: &AwsProvider, scope: Scope| {
            let owned = cloud.owned(self.kind, &scope).await.map_err(describe)?;
            let ours = owned.into_iter().filter(|owned| owned.name == self.name);
            Ok::<_, String>(ours.collect::<Vec<_>>())
        };
        let stack = self.cloud.0.target.stack.as_str();
        for scope in [of(Some(stack), Vec::new()), of(None, Vec::new())] {
            match names(&self.cloud, scope.clone()).await?.as_slice() {
                [owned] if owned.tags == self.tags && owned.address.key() == "subject" => {}
                other => return Err(format!("{scope:?} owns {other:?}")),
            }
        }
        let known = vec![(self.kind, self.name.clone())];
        let nothing = [
            (&self.cloud, of(Some(stack), known)),
            (&self.others, of(Some("another-stack"), Vec::new())),
            // A stack whose name begins like this one's.
            (
                &self.others,
                of(Some(&stack[..stack.len() - 1]), Vec::new()),
            ),
        ];
        for (cloud, scope) in nothing {
            let found = names(cloud, scope.clone()).await?;
            if !found.is_empty() {
                return Err(format!("{scope:?} owns {found:?} in {}", place.account));
            }
        }
        Ok(())
    }

    async fn listed(&self, is: bool) -> Step {
        let names = [self.name.clone(), format!("{}-not", self.name)];
        let listed = self
            .cloud
            .listed(self.kind, &names)
            .await
            .map_err(describe)?;
        let wanted: Vec<String> = names.into_iter().take(usize::from(is)).collect();
        if listed == wanted {
            Ok(())
        } else {
            Err(format!("listed are {listed:?}"))
        }
    }
}

/// Spec and tags as one value, as a plan compares them.
fn whole(spec: &Value, tags: &Tags) -> Value {
    let mut whole = spec.clone();
    whole["tags"] = json!(tags);
    whole
}
