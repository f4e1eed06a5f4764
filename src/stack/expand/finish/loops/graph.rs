//! Which resource leads to which: a rule to what it starts, that to what it calls, and to the rules that its events match.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde_json::Value;

use super::emitted::{Emitted, EventCause, READ};
use super::listening::Listening;
use super::permitted::Permitted;
use crate::asl::with_literal_arguments;
use crate::stack::expand::Expansion;
use crate::stack::text_pattern::TextPattern;
use crate::stack::{Address, Kind, Resource};

/// An action of a call in lower case, and what it calls.
const CALLS: [(&str, Kind); 4] = [
    ("lambda:invokefunction", Kind::Function),
    ("states:startexecution", Kind::StateMachine),
    ("states:startsyncexecution", Kind::StateMachine),
    ("sns:publish", Kind::Topic),
];

/// How one resource leads to another.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum LinkKind {
    /// It names what it calls or delivers to.
    Named,
    /// It may call anything of that kind.
    Any,
    /// An event of it matches the rule.
    Event(EventCause),
}

/// A way to another resource.
#[derive(Debug, Clone)]
pub(super) struct Link {
    pub kind: LinkKind,
    pub to: Address,
}

/// The ways from each resource.
pub(super) type Links = BTreeMap<Address, Vec<Link>>;

impl Expansion<'_> {
    /// The ways between the resources of the stack.
    pub(super) fn links(&self) -> Links {
        let actors = [Kind::StateMachine, Kind::Function];
        let rules = Listening::of(self);
        let links = self.resources.values().filter_map(|one| {
            let links = match one.kind {
                Kind::Rule if one.spec["enabled"] != false => {
                    self.named(&one.spec["targets"], "arn")
                }
                Kind::Topic => self.named(&one.spec["subscriptions"], "endpoint"),
                kind if actors.contains(&kind) => self.links_of_actor(one, &rules),
                _ => return None,
            };
            Some((one.address.clone(), links))
        });
        links.collect()
    }

    /// The resources whose ARNs are in a field of a list.
    fn named(&self, list: &Value, field: &str) -> Vec<Link> {
        let arns = list.as_array().into_iter().flatten();
        let arns: Vec<&str> = arns.filter_map(|one| one[field].as_str()).collect();
        let all = self.resources.values();
        let named = all.filter(|one| arns.contains(&one.arn.as_str()));
        named.map(|one| Link::new(LinkKind::Named, one)).collect()
    }

    fn links_of_actor(&self, of: &Resource, rules: &Listening) -> Vec<Link> {
        let permitted = self.permitted(of);
        let mut links = Vec::new();
        for (action, kind) in CALLS {
            let allowed: Vec<&str> = permitted
                .iter()
                .filter(|one| one.allows(action))
                .flat_map(Permitted::resources)
                .collect();
            let patterns: Vec<TextPattern> = allowed
                .iter()
                .filter(|one| one.contains(['*', '?']))
                .map(|one| TextPattern::of_iam(one))
                .collect();
            let others = self.resources.values().filter(|one| one.kind == kind);
            // The role lets every machine with a distributed Map start itself.
            let others =
                others.filter(|one| kind != Kind::StateMachine || one.address != of.address);
            links.extend(
                others.filter_map(|one| Some(Link::new(call(&allowed, &patterns, &one.arn)?, one))),
            );
        }
        if of.kind == Kind::StateMachine
            && starts_itself(
                &with_literal_arguments(&of.spec["definition"]),
                &of.arn,
                &of.name,
            )
        {
            links.push(Link::new(LinkKind::Named, of));
        }
        let mut heard: BTreeMap<&Address, Link> = BTreeMap::new();
        for one in self.emitted(of, &permitted, &rules.buckets) {
            for rule in rules.hearing(&one.cause) {
                let pattern = &rule.spec["pattern"];
                if !heard.contains_key(&rule.address)
                    && one.event.may_match(pattern)
                    && self.is_delivered(&one, pattern)
                {
                    let kind = LinkKind::Event(one.cause.clone());
                    heard.insert(&rule.address, Link::new(kind, rule));
                }
            }
        }
        links.extend(heard.into_values());
        links
    }

    /// Whether an event of CloudTrail comes at all: a trail of the stack records it, or the rule names the bucket and
    /// so relies on a trail.
    fn is_delivered(&self, emitted: &Emitted, pattern: &Value) -> bool {
        let EventCause::Object {
            verb,
            bucket,
            recorded: true,
            ..
        } = &emitted.cause
        else {
            return true;
        };
        let mut trails = self.file.trails.values();
        let is_recorded = trails.any(|trail| trail.records(bucket.key(), *verb != READ));
        is_recorded || pattern["detail"]["requestParameters"]["bucketName"].is_array()
    }
}

impl Link {
    fn new(kind: LinkKind, to: &Resource) -> Self {
        Self {
            kind,
            to: to.address.clone(),
        }
    }
}

/// How what is called is among what may be called, by itself or by a version or alias of it.
fn call(allowed: &[&str], patterns: &[TextPattern], arn: &str) -> Option<LinkKind> {
    if allowed.iter().any(|one| is_arn_of(one, arn)) {
        return Some(LinkKind::Named);
    }
    let version = TextPattern::beginning_with(&format!("{arn}:"));
    let arn = TextPattern::exactly(arn);
    let mut patterns = patterns.iter();
    let may = patterns.any(|one| one.overlaps(&arn) || one.overlaps(&version));
    may.then_some(LinkKind::Any)
}

/// Whether a text is the ARN, or that of a version or alias.
pub(super) fn is_arn_of(text: &str, arn: &str) -> bool {
    let rest = text.strip_prefix(arn);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(':'))
}

/// Whether a definition starts an execution of its own machine, which it may name by its context.
fn starts_itself(definition: &Value, arn: &str, name: &str) -> bool {
    let resource = definition["Resource"].as_str().unwrap_or_default();
    let resource = resource.to_lowercase();
    if resource.contains(":startexecution") || resource.contains(":startsyncexecution") {
        let given = [&definition["Parameters"], &definition["Arguments"]];
        let named = given.into_iter().filter_map(Value::as_object).flatten();
        let named = named.filter(|(key, _)| key.starts_with("StateMachineArn"));
        let mut named = named.filter_map(|(_, value)| value.as_str());
        if named
            .any(|text| is_arn_of(text, arn) || text == name || text.contains(".StateMachine.Id"))
        {
            return true;
        }
    }
    match definition {
        Value::Object(fields) => fields.values().any(|one| starts_itself(one, arn, name)),
        Value::Array(items) => items.iter().any(|one| starts_itself(one, arn, name)),
        _ => false,
    }
}

/// The shortest way from a resource back to itself, along the links that count.
pub(super) fn circle<'l>(
    links: &'l Links,
    from: &'l Address,
    counts: impl Fn(&Link) -> bool,
) -> Option<Vec<&'l Link>> {
    let mut before: BTreeMap<&Address, (&Address, &Link)> = BTreeMap::new();
    let mut next = VecDeque::from([from]);
    while let Some(at) = next.pop_front() {
        for link in links
            .get(at)
            .into_iter()
            .flatten()
            .filter(|one| counts(one))
        {
            if link.to == *from {
                let mut circle = vec![link];
                let mut at = at;
                while let Some((earlier, link)) = before.get(at) {
                    circle.push(*link);
                    at = *earlier;
                }
                circle.reverse();
                return Some(circle);
            }
            if !before.contains_key(&link.to) {
                before.insert(&link.to, (at, link));
                next.push_back(&link.to);
            }
        }
    }
    None
}

/// The resources of a circle, in no order.
pub(super) fn members(circle: &[&Link]) -> BTreeSet<Address> {
    circle.iter().map(|link| link.to.clone()).collect()
}
