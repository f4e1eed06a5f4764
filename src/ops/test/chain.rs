//! The way from a file or an event to the execution that it starts, link by link.

use std::time::Duration;

use serde_json::Value;
use tokio::time::sleep;

use super::bench::Bench;
use super::trigger::Trigger;
use crate::aws::resources;
use crate::ops::ChainLink;
use crate::plan::Owned;
use crate::stack::event_pattern::PossibleEvent;
use crate::stack::object_keys::{KeyFilter, buckets};
use crate::stack::{DesiredState, Kind, Resource, shared_trail_name};

/// Before this, an execution is worth waiting for in any case.
const FIRST_LOOK: Duration = Duration::from_secs(3);
/// What is missing twice, so much later, is missing.
const SECOND_LOOK: Duration = Duration::from_secs(2);
/// The pause after a look at a whole chain.
const LOOK_AGAIN: Duration = Duration::from_secs(30);

/// The way from what a check does to an execution.
pub(super) struct Chain<'a> {
    bench: &'a Bench<'a>,
    /// The bucket and the key of what is put.
    object: Option<(String, String)>,
    /// The event that is put.
    event: Option<PossibleEvent>,
    /// The ARN of the state machine.
    machine: Option<String>,
}

impl<'a> Chain<'a> {
    pub(super) fn of(bench: &'a Bench<'a>, act: &Trigger, machine: Option<String>) -> Self {
        let object = match act {
            Trigger::Put { bucket, key, .. } => Some((bucket.clone(), key.clone())),
            Trigger::Send { .. } | Trigger::Event { .. } => None,
        };
        let machine = machine.map(|name| bench.run.aws.arn(Kind::StateMachine, &name));
        let event = match act {
            Trigger::Event {
                source,
                detail_type,
                detail,
            } => {
                let event = PossibleEvent::custom();
                let event = event.with_text("source", source);
                let event = event.with_text("detail-type", detail_type);
                Some(event.with_constants("detail", detail))
            }
            Trigger::Put { .. } | Trigger::Send { .. } => None,
        };
        Self {
            bench,
            object,
            event,
            machine,
        }
    }

    /// Whether a rule of the file starts a machine, by its key, for what is put into a bucket.
    pub(super) fn starts(desired: &DesiredState, bucket: &str, machine: &str) -> bool {
        let of_kind = |kind: Kind| {
            desired
                .resources
                .values()
                .filter(move |one| one.kind == kind)
        };
        let mut machines = of_kind(Kind::StateMachine);
        let Some(machine) = machines.find(|one| one.address.key() == machine) else {
            return false;
        };
        of_kind(Kind::Rule).any(|rule| {
            buckets(&rule.spec["pattern"]).contains(&bucket)
                && targets(&rule.spec).any(|arn| arn == machine.arn)
        })
    }

    /// Waits until a link is seen to be missing, twice: then waiting for an execution is of no use.
    pub(super) async fn broken(&self) -> Vec<ChainLink> {
        let is_broken = |links: &[ChainLink]| links.iter().any(|link| !link.holds);
        sleep(FIRST_LOOK).await;
        loop {
            if is_broken(&self.links().await) {
                sleep(SECOND_LOOK).await;
                let again = self.links().await;
                if is_broken(&again) {
                    return again;
                }
            }
            sleep(LOOK_AGAIN).await;
        }
    }

    /// The links as they are now. What cannot be read is left out.
    pub(super) async fn links(&self) -> Vec<ChainLink> {
        let mut links = Vec::new();
        if let Some((bucket, key)) = &self.object {
            links.push(link(
                "object",
                true,
                format!("the object {key} is in {bucket}"),
            ));
        }
        let Some(machine) = &self.machine else {
            return links;
        };
        let rules = self.rules(machine).await;
        let hears = rules
            .iter()
            .any(|(_, spec)| by(spec.as_ref(), "AWS API Call via CloudTrail"));
        if let Some((bucket, _)) = &self.object {
            if hears {
                links.extend(self.trail(bucket).await);
            } else if !rules.is_empty() {
                links.extend(self.events(bucket).await);
            }
        }
        links.extend(self.of_rules(&rules, machine));
        links
    }

    /// The rules that are meant to start it: those of the file that do, as they are deployed, and those deployed that do.
    async fn rules(&self, machine: &str) -> Vec<(String, Option<Value>)> {
        let mut found = Vec::new();
        let wanted = self
            .bench
            .desired
            .resources
            .values()
            .filter(|one| one.kind == Kind::Rule);
        for rule in wanted.filter(|rule| self.is_meant(&rule.spec, machine)) {
            let live = resources::of(Kind::Rule)
                .read(self.bench.run.aws, &rule.name)
                .await;
            if let Ok(live) = live {
                found.push((rule.address.key().to_owned(), live.map(|live| live.spec)));
            }
        }
        found
    }

    fn is_meant(&self, spec: &Value, machine: &str) -> bool {
        let of_bucket = self
            .object
            .as_ref()
            .is_none_or(|(bucket, _)| buckets(&spec["pattern"]).contains(&bucket.as_str()));
        of_bucket && targets(spec).any(|arn| arn == machine)
    }

    fn of_rules(&self, rules: &[(String, Option<Value>)], machine: &str) -> Vec<ChainLink> {
        if rules.is_empty() {
            let text = "no rule of the stack file starts the state machine for it".to_owned();
            let help = "add a rule to the stack file, or start the machine by `input` in the check";
            return vec![ChainLink {
                help: Some(help.to_owned()),
                ..link("rule", false, text)
            }];
        }
        let mut links = Vec::new();
        for (key, spec) in rules {
            let Some(spec) = spec else {
                links.push(link(
                    "rule",
                    false,
                    format!("the rule `{key}` is not there: it was deleted"),
                ));
                continue;
            };
            if spec["enabled"] == false {
                links.push(link(
                    "rule",
                    false,
                    format!("the rule `{key}` is off (DISABLED)"),
                ));
                continue;
            }
            links.push(link("rule", true, format!("the rule `{key}` is on")));
            links.extend(self.pattern(key, spec));
            links.extend(self.event_pattern(key, spec));
            let starts = targets(spec).any(|arn| arn == machine);
            let text = match (starts, targets(spec).next()) {
                (true, _) => format!("the rule `{key}` starts the state machine"),
                (false, None) => format!("the rule `{key}` has no target"),
                (false, Some(other)) => {
                    format!("the rule `{key}` starts {other}, not the state machine")
                }
            };
            links.push(link("target", starts, text));
        }
        // One rule that starts it is enough.
        let whole = |links: &[ChainLink]| links.iter().all(|link| link.holds);
        if rules.len() > 1
            && links.iter().any(|link| link.link == "target" && link.holds)
            && !whole(&links)
        {
            links.retain(|link| link.holds);
        }
        links
    }

    fn pattern(&self, key: &str, spec: &Value) -> Option<ChainLink> {
        let (bucket, object) = self.object.as_ref()?;
        let pattern = &spec["pattern"];
        if !buckets(pattern).contains(&bucket.as_str()) {
            return Some(link(
                "pattern",
                false,
                format!("the rule `{key}` does not match objects of {bucket}"),
            ));
        }
        let filter = KeyFilter::of(pattern);
        let matches = filter.matches(object);
        let text = format!(
            "the rule `{key}` matches keys like {}, not {object}",
            filter.in_words()
        );
        (!matches).then(|| {
            let of_file = self
                .desired_rule(key)
                .map(|spec| KeyFilter::of(&spec["pattern"]));
            let is_of_file = of_file.is_some_and(|filter| !filter.matches(object));
            let help =
                "the stack file says so: give the check a `key` that matches, or change the rule";
            ChainLink {
                help: is_of_file.then(|| help.to_owned()),
                ..link("pattern", false, text)
            }
        })
    }

    /// Whether a rule matches the event that is put.
    fn event_pattern(&self, key: &str, spec: &Value) -> Option<ChainLink> {
        let event = self.event.as_ref()?;
        if event.may_match(&spec["pattern"]) {
            return None;
        }
        let of_file = self.desired_rule(key);
        let is_of_file = of_file.is_some_and(|spec| !event.may_match(&spec["pattern"]));
        let help =
            "the stack file says so: correct the `event` of the check, or the rule's `pattern`";
        Some(ChainLink {
            help: is_of_file.then(|| help.to_owned()),
            ..link(
                "pattern",
                false,
                format!("the rule `{key}` does not match the event"),
            )
        })
    }

    /// A rule of the stack file, by its key.
    fn desired_rule(&self, key: &str) -> Option<&Value> {
        let mut resources = self.bench.desired.resources.values();
        let rule = resources.find(|one| one.kind == Kind::Rule && one.address.key() == key);
        rule.map(|rule| &rule.spec)
    }

    /// The trails that are meant to record what is put: their names, and what they are called.
    fn trails(&self) -> Vec<(String, String)> {
        let desired = self.bench.desired;
        if self.bench.shares_trail() {
            let name = shared_trail_name(&desired.target);
            let said = format!("the trail `{name}` that the class shares");
            return vec![(name, said)];
        }
        let trails = desired.resources.values();
        let trails = trails.filter(|one| one.kind == Kind::Trail);
        let said = |one: &Resource| {
            (
                one.name.clone(),
                format!("the trail `{}`", one.address.key()),
            )
        };
        trails.map(said).collect()
    }

    async fn trail(&self, bucket: &str) -> Vec<ChainLink> {
        let mut links = Vec::new();
        for (name, trail) in self.trails() {
            let read = resources::of(Kind::Trail)
                .read(self.bench.run.aws, &name)
                .await;
            let Ok(live) = read else {
                continue;
            };
            let (records, text) = match live {
                None => (false, format!("{trail} is not there: it was deleted")),
                Some(live) if live.spec["logging"] == false => (
                    false,
                    format!("{trail} does not record: it is switched off"),
                ),
                Some(live) if selects(&live.spec, bucket) => {
                    (true, format!("{trail} records {bucket}"))
                }
                Some(_) => (
                    false,
                    format!("{trail} does not record what is put into {bucket}"),
                ),
            };
            links.push(link("trail", records, text));
        }
        if links.iter().any(|link| link.holds) {
            links.retain(|link| link.holds);
        }
        links
    }

    async fn events(&self, bucket: &str) -> Option<ChainLink> {
        let live = resources::of(Kind::Bucket)
            .read(self.bench.run.aws, bucket)
            .await
            .ok()??;
        let sends = live.spec["events"] == true;
        let not = if sends { "sends" } else { "does not send" };
        Some(link(
            "events",
            sends,
            format!("the bucket {bucket} {not} its events to EventBridge"),
        ))
    }
}

/// Whether a trail's selectors record what is written to a bucket.
fn selects(spec: &Value, bucket: &str) -> bool {
    let selectors = spec["selectors"].as_array().into_iter().flatten();
    let mut writes = selectors.filter(|selector| selector["record"] != "read");
    writes.any(|selector| {
        // What someone wrote by hand may record it in other ways.
        let by_hand = selector.get("other").is_some_and(|other| !other.is_null());
        let objects = selector["objects"].as_array().into_iter().flatten();
        let mut objects = objects.filter_map(Value::as_str);
        by_hand
            || objects.any(|prefix| {
                let of = prefix.split(":::").nth(1).unwrap_or_default();
                of.is_empty() || format!("{bucket}/").starts_with(of)
            })
    })
}

fn by(spec: Option<&Value>, detail_type: &str) -> bool {
    let pattern = spec.map(|spec| &spec["pattern"]["detail-type"]);
    let kinds = pattern.and_then(Value::as_array).into_iter().flatten();
    kinds
        .filter_map(Value::as_str)
        .any(|kind| kind == detail_type)
}

fn targets(spec: &Value) -> impl Iterator<Item = &str> {
    let targets = spec["targets"].as_array().into_iter().flatten();
    targets.filter_map(|target| target["arn"].as_str())
}

fn link(of: &str, holds: bool, text: String) -> ChainLink {
    ChainLink {
        link: of.to_owned(),
        holds,
        text,
        help: None,
    }
}

/// The resources of a kind that are deployed.
pub(super) fn of_kind(resources: &[Owned], kind: Kind) -> impl Iterator<Item = &Owned> {
    resources.iter().filter(move |owned| owned.kind == kind)
}
