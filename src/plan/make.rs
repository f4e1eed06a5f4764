//! Makes the plan from the desired and the actual state.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::remade_roles;
use super::rename_detection::OrphanIndex;
use super::{
    Action, ActualResource, ActualState, Change, Foreign, Orphan, Ownership, Plan, Step, changes,
    narrowing,
};
use crate::stack::{
    Address, DESTROYING, DesiredState, Kind, LateBoundArns, Recognition, Resource, Target,
};

/// The reason of a creation that replaces nothing.
pub const NEW: &str = "does not exist yet";

/// The reason of a deletion by `destroy`.
pub const DESTROYED: &str = "the stack is destroyed";

/// The plan that turns the actual state into the desired state.
///
/// `adopt` lists addresses whose foreign resource is taken over. An adopted resource is never deleted: one
/// that AWS cannot update in place to the desired state stays foreign.
#[must_use]
pub fn deploy(desired: &DesiredState, actual: &ActualState, adopt: &BTreeSet<Address>) -> Plan {
    let mut steps = Vec::new();
    let mut foreign = Vec::new();
    let late_bound_arns = late_bound_arns(desired, actual);
    let index = OrphanIndex::of(actual);
    for want in desired.resources.values() {
        let want = &want.with_late_bound_arns(&late_bound_arns);
        if let Some(why) = actual.elsewhere.get(&want.address) {
            foreign.push(unreadable(want, why));
            continue;
        }
        let Some(live) = actual.live.get(&want.address) else {
            steps.push(creation_step(want, &index));
            continue;
        };
        let (kind, address, name) = (want.kind, &want.address, &want.name);
        let step = comparison_step(want, live);
        match Ownership::of(&desired.target, kind, address, name, &live.tags) {
            None => steps.push(step),
            Some(whose) => match not_adoptable(&desired.target, want, live, &step) {
                None if adopt.contains(&want.address) => steps.push(Step {
                    why: format!("taken over {}; {}", whose.from(), step.why),
                    adopted_from: Some(whose),
                    ..step
                }),
                not_adoptable => foreign.push(Foreign {
                    address: want.address.clone(),
                    kind: want.kind,
                    name: want.name.clone(),
                    whose,
                    not_adoptable,
                }),
            },
        }
    }
    remade_roles::write_again(&mut steps);
    let new = desired.resources.values();
    let new = new.filter(|want| !actual.live.contains_key(&want.address));
    let replacements = index.replacements(new);
    for (number, orphan) in actual.orphans.iter().enumerate() {
        let why = match desired.resources.get(&orphan.address) {
            Some(want) if want.kind == orphan.kind => match orphan.kind.facts().holds {
                Some(held) => format!("its name is now {}; {held} are not moved", want.name),
                None => format!("its name is now {}", want.name),
            },
            _ => match replacements.get(&number) {
                Some(to) => match orphan.kind.facts().holds {
                    Some(held) => format!("{to} takes its place; {held} are not moved"),
                    None => format!("{to} takes its place"),
                },
                None => "no longer in the stack file".to_owned(),
            },
        };
        steps.push(deletion_step(orphan, why));
    }
    let steps = narrowing::split(&desired.target, steps, comparison_step);
    Plan {
        late_bound_arns,
        another_file: is_another_file(desired, actual, &replacements),
        end: None,
        ..with_order(desired.target.clone(), steps, foreign)
    }
}

/// Whether the stack exists and none of its resources is in the stack file. The path of the file is not
/// recorded in AWS: it is private to the user, and a stack is deployed from several machines.
fn is_another_file(
    desired: &DesiredState,
    actual: &ActualState,
    replacements: &BTreeMap<usize, &Address>,
) -> bool {
    let mut live = actual.live.values();
    if live.any(|live| desired.target.owns(&live.tags)) {
        return false;
    }
    let orphans = actual.orphans.iter().enumerate();
    let orphans: Vec<(usize, &Orphan)> = orphans
        .filter(|(_, orphan)| !is_destroy_journal(orphan))
        .collect();
    let is_wanted = |orphan: &Orphan| {
        let wanted = desired.resources.get(&orphan.address);
        wanted.is_some_and(|want| want.kind == orphan.kind)
    };
    let is_known = |kind: Kind| {
        let mut of_kind = orphans.iter().filter(|(_, orphan)| orphan.kind == kind);
        of_kind.any(|(number, _)| replacements.contains_key(number))
    };
    let all_known = orphans
        .iter()
        .all(|(number, _)| replacements.contains_key(number));
    let is_renamed = Kind::ALL
        .into_iter()
        .any(|kind| match kind.facts().recognition {
            Recognition::None => false,
            Recognition::WithAllOthers => all_known && is_known(kind),
            Recognition::Alone => is_known(kind),
        });
    !orphans.is_empty() && !is_renamed && !orphans.iter().any(|(_, orphan)| is_wanted(orphan))
}

/// The destroy journal is in no stack file.
fn is_destroy_journal(orphan: &Orphan) -> bool {
    orphan.kind == Kind::LogGroup && orphan.name.starts_with(DESTROYING)
}

/// The ARNs that AWS generated for resources of the stack.
fn late_bound_arns(desired: &DesiredState, actual: &ActualState) -> LateBoundArns {
    let late_bound_arns = desired.resources.values().filter_map(|want| {
        let arn = actual.live.get(&want.address)?.late_bound_arn()?;
        Some((want.arn.clone(), arn.to_owned()))
    });
    late_bound_arns.collect()
}

/// The plan that deletes everything the stack owns.
#[must_use]
pub fn destroy(target: &Target, owned: &[Orphan]) -> Plan {
    let steps = owned
        .iter()
        .map(|orphan| deletion_step(orphan, DESTROYED.to_owned()))
        .collect();
    with_order(target.clone(), steps, Vec::new())
}

/// A name whose resource cannot be read.
fn unreadable(want: &Resource, why: &str) -> Foreign {
    Foreign {
        address: want.address.clone(),
        kind: want.kind,
        name: want.name.clone(),
        whose: Ownership::Elsewhere(why.to_owned()),
        not_adoptable: Some("choose another name".to_owned()),
    }
}

/// Why the actual resource cannot be updated to the desired one without a replacement, and what to do
/// instead.
fn not_adoptable(
    target: &Target,
    want: &Resource,
    live: &ActualResource,
    step: &Step,
) -> Option<String> {
    let Action::Replace { changes } = &step.action else {
        return None;
    };
    let mut fixed: Vec<&str> = changes.iter().map(Change::field).collect();
    fixed.retain(|field| want.kind.facts().replace_on.contains(field));
    fixed.dedup();
    let fixed = fixed.join(", ");
    let of = want.kind.resource_type();
    let way_out = of.not_adoptable(target, &want.name, &live.spec);
    Some(way_out.unwrap_or_else(|| {
        format!(
            "AWS cannot change its {fixed} in place, and to replace it would delete it; let the stack file say what it is"
        )
    }))
}

/// The path used for a resource that is not ready.
const STATE_PATH: &str = "state";

/// Shown instead of an actual value that may be secret.
pub const HIDDEN_VALUE: &str = "(not shown)";

fn creation_step(want: &Resource, index: &OrphanIndex) -> Step {
    let why = match index.of_same_address(want) {
        Some(old) => format!("replaces {}: AWS cannot rename a {}", old.name, want.kind),
        None => match index.predecessor(want) {
            Some(old) => format!(
                "replaces {} ({}): its key changed, and AWS cannot rename a {}",
                old.address, old.name, want.kind
            ),
            None => NEW.to_owned(),
        },
    };
    Step {
        address: want.address.clone(),
        kind: want.kind,
        name: want.name.clone(),
        action: Action::Create,
        why,
        want: Some(want.clone()),
        live: None,
        adopted_from: None,
        narrows: false,
        after: Vec::new(),
    }
}

fn comparison_step(want: &Resource, live: &ActualResource) -> Step {
    let mut changes = differences(want, live);
    let only_unready = changes.iter().all(|change| change.path == STATE_PATH);
    let of = want.kind.resource_type();
    for change in &mut changes {
        if of.may_hold_secrets(change.field()) && change.from.is_some() {
            change.from = Some(HIDDEN_VALUE.into());
        }
    }
    let fixed: BTreeSet<&str> = changes
        .iter()
        .map(Change::field)
        .filter(|field| want.kind.facts().replace_on.contains(field))
        .collect();
    let (action, why) = if changes.is_empty() {
        (Action::Keep, "as it should be".to_owned())
    } else if fixed.is_empty() {
        let fields: BTreeSet<&str> = changes.iter().map(Change::field).collect();
        let fields: Vec<&str> = fields.into_iter().collect();
        let why = if only_unready {
            "AWS has not made it ready yet".to_owned()
        } else {
            format!("differs in {}", fields.join(", "))
        };
        (
            Action::Update {
                changes: changes.clone(),
            },
            why,
        )
    } else {
        let lost = want.kind.facts().holds;
        let lost = lost.map_or_else(String::new, |held| format!("; {held} are lost"));
        let fixed: Vec<&str> = fixed.into_iter().collect();
        let why = format!("AWS cannot change {} in place{lost}", fixed.join(", "));
        (
            Action::Replace {
                changes: changes.clone(),
            },
            why,
        )
    };
    Step {
        address: want.address.clone(),
        kind: want.kind,
        name: want.name.clone(),
        action,
        why,
        want: Some(want.clone()),
        live: Some(live.clone()),
        adopted_from: None,
        narrows: false,
        after: Vec::new(),
    }
}

/// Spec and tags as one value, so that one diff covers both.
fn spec_with_tags(spec: &Value, tags: &BTreeMap<String, String>) -> Value {
    let mut fields = spec.clone();
    if let Some(map) = fields.as_object_mut() {
        map.insert("tags".into(), json!(tags));
    }
    fields
}

fn deletion_step(orphan: &Orphan, why: String) -> Step {
    Step {
        address: orphan.address.clone(),
        kind: orphan.kind,
        name: orphan.name.clone(),
        action: Action::Delete,
        why,
        want: None,
        live: None,
        adopted_from: None,
        narrows: false,
        after: Vec::new(),
    }
}

/// The differences between desired and actual: spec fields, tags, and readiness. Policies are compared by what
/// they mean to AWS.
#[must_use]
pub fn differences(want: &Resource, live: &ActualResource) -> Vec<Change> {
    let live_spec = want.kind.resource_type().aligned(&live.spec, &want.spec);
    let mut differences = changes(
        &spec_with_tags(&live_spec, &live.tags),
        &spec_with_tags(&want.spec, &want.tags),
    );
    differences.extend(live.unready.as_ref().map(|state| Change {
        path: STATE_PATH.to_owned(),
        from: Some(json!(state)),
        to: Some(json!("ready")),
    }));
    differences
}

fn with_order(target: Target, mut steps: Vec<Step>, foreign: Vec<Foreign>) -> Plan {
    steps.sort_by(|a, b| (&a.address, &a.name).cmp(&(&b.address, &b.name)));
    let order = Order::of(&steps);
    let after: Vec<Vec<usize>> = steps
        .iter()
        .enumerate()
        .map(|(index, step)| order.prerequisites(step, index))
        .collect();
    for (step, after) in steps.iter_mut().zip(after) {
        step.after = after;
    }
    Plan {
        target,
        steps,
        foreign,
        late_bound_arns: LateBoundArns::new(),
        another_file: false,
        end: None,
    }
}

/// The steps, indexed by what other steps may wait for.
#[derive(Default)]
struct Order {
    wanted: BTreeMap<Address, Vec<usize>>,
    /// Creations and changes among them.
    changed: Vec<usize>,
    deleted: BTreeMap<Kind, Vec<usize>>,
    /// Deletions of event sources.
    deleted_event_sources: Vec<usize>,
    /// Changes and deletions of what delivers to others.
    senders: Vec<usize>,
}

impl Order {
    fn of(steps: &[Step]) -> Self {
        let mut order = Self::default();
        for (index, step) in steps.iter().enumerate() {
            if narrowing::delivers_meanwhile(step) {
                order.senders.push(index);
            }
            // Nothing waits for permissions to be taken away.
            if step.narrows {
                continue;
            }
            if step.want.is_some() {
                let of = order.wanted.entry(step.address.clone()).or_default();
                of.push(index);
                order.changed.extend(step.is_change().then_some(index));
            } else {
                order.deleted.entry(step.kind).or_default().push(index);
                let deleted_event_sources = step.kind.facts().event_source;
                order
                    .deleted_event_sources
                    .extend(deleted_event_sources.then_some(index));
            }
        }
        order
    }

    fn prerequisites(&self, step: &Step, index: usize) -> Vec<usize> {
        let mut before: Vec<usize> = if step.narrows {
            let first = self.wanted.get(&step.address).into_iter().flatten();
            self.senders.iter().chain(first).copied().collect()
        } else if let Some(want) = &step.want {
            let wanted = want.after.iter().filter_map(|of| self.wanted.get(of));
            wanted
                .flatten()
                .chain(&self.deleted_event_sources)
                .copied()
                .collect()
        } else {
            let facts = step.kind.facts();
            let deleted = facts.deleted_after.iter();
            let deleted = deleted.filter_map(|kind| self.deleted.get(kind)).flatten();
            // A resource is deleted only after its replacement exists; an old event source is deleted first.
            let changed = self.changed.iter().filter(|_| !facts.event_source);
            deleted.chain(changed).copied().collect()
        };
        before.retain(|other| *other != index);
        before.sort_unstable();
        before.dedup();
        before
    }
}
