//! A receiver keeps letting a sender deliver until the sender sends no more.
//!
//! The permissions of queues, topics and functions name the rules and topics that deliver to them. AWS drops what
//! the permissions do not allow, so a deploy adds permissions before their sender sends, and takes them away in a
//! step of its own after the sender was changed or deleted. Between the two, the receiver allows both.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{Action, ActualResource, Step};
use crate::stack::{Kind, Resource, Target, arn, policy};

/// The reason of a step that only takes permissions away.
const NARROWED: &str = "no longer lets those deliver that have stopped by then";

/// The senders that still deliver when the other steps begin, by their ARNs. Rules that are deleted do not: they
/// are deleted first.
struct Senders {
    arns: BTreeSet<String>,
    has_rule: bool,
}

impl Senders {
    fn of(target: &Target, steps: &[Step]) -> Self {
        let pending = steps.iter().filter(|step| delivers_meanwhile(step));
        let pending: Vec<&Step> = pending
            .filter(|step| step.kind != Kind::Rule || step.action != Action::Delete)
            .collect();
        Self {
            has_rule: pending.iter().any(|step| step.kind == Kind::Rule),
            arns: pending
                .iter()
                .map(|step| arn(target, step.kind, &step.name))
                .collect(),
        }
    }
}

/// Whether the step changes or deletes a sender that exists.
pub(super) fn delivers_meanwhile(step: &Step) -> bool {
    let changes = matches!(
        step.action,
        Action::Update { .. } | Action::Replace { .. } | Action::Delete
    );
    matches!(step.kind, Kind::Rule | Kind::Topic) && changes && !step.narrows
}

/// The steps, each update that takes permissions of pending senders away split in two. `compare` makes the step
/// from an actual to a desired resource.
pub(super) fn split(
    target: &Target,
    steps: Vec<Step>,
    compare: impl Fn(&Resource, &ActualResource) -> Step,
) -> Vec<Step> {
    let senders = Senders::of(target, &steps);
    let mut out = Vec::with_capacity(steps.len());
    for step in steps {
        let (Action::Update { .. }, Some(want), Some(live), None) =
            (&step.action, &step.want, &step.live, &step.adopted_from)
        else {
            out.push(step);
            continue;
        };
        let Some(spec) = with_pending(want.kind, &live.spec, &want.spec, &senders) else {
            out.push(step);
            continue;
        };
        let meanwhile = Resource {
            spec,
            ..want.clone()
        };
        let first = compare(&meanwhile, live);
        let live = ActualResource {
            spec: meanwhile.spec,
            tags: want.tags.clone(),
            unready: None,
            outdated: Vec::new(),
            ..live.clone()
        };
        let second = Step {
            why: NARROWED.to_owned(),
            narrows: true,
            ..compare(want, &live)
        };
        if first.is_change() {
            out.push(first);
            out.push(second);
        } else {
            out.push(Step {
                live: step.live,
                ..second
            });
        }
    }
    out
}

/// The desired spec with the permissions that pending senders have; `None` if it takes none of theirs away.
fn with_pending(kind: Kind, live: &Value, want: &Value, senders: &Senders) -> Option<Value> {
    let field = match kind {
        Kind::Queue | Kind::Topic => "policy",
        Kind::Function => "permissions",
        _ => return None,
    };
    let mut spec = want.clone();
    spec[field] = match kind {
        Kind::Function => with_pending_permissions(&live[field], &want[field], senders)?,
        _ => with_pending_statements(&live[field], &want[field], senders)?,
    };
    Some(spec)
}

/// The same of a function: its permissions by their ids.
fn with_pending_permissions(live: &Value, want: &Value, senders: &Senders) -> Option<Value> {
    /// The longest id that Lambda takes is 100 characters.
    const LONGEST: usize = 90;
    let mut out = want.as_object().cloned().unwrap_or_default();
    let mut kept = false;
    for (id, permission) in live.as_object().into_iter().flatten() {
        let source = permission["source"].as_str().unwrap_or_default();
        if !senders.arns.contains(source) || out.values().any(|wanted| wanted == permission) {
            continue;
        }
        let mut id = id.clone();
        while out.contains_key(&id) {
            id = id.chars().take(LONGEST).chain("-old".chars()).collect();
            if id.chars().count() > LONGEST && out.contains_key(&id) {
                return None;
            }
        }
        out.insert(id, permission.clone());
        kept = true;
    }
    kept.then_some(Value::Object(out))
}

/// The same of a policy.
fn with_pending_statements(live: &Value, want: &Value, senders: &Senders) -> Option<Value> {
    let mut out = match want {
        Value::Null => policy::document(&[]),
        want => want.clone(),
    };
    let mut kept = false;
    for statement in live["Statement"].as_array().into_iter().flatten() {
        let Some(permission) = Permission::of(statement) else {
            continue;
        };
        let statements = out["Statement"].as_array_mut()?;
        let wanted: Vec<Permission> = statements.iter().filter_map(Permission::of).collect();
        let is_allowed =
            |source: Option<&str>| wanted.iter().any(|one| one.allows(&permission, source));
        match &permission.sources {
            None if senders.has_rule && !is_allowed(None) => statements.push(statement.clone()),
            None => continue,
            Some(sources) => {
                let is_lost =
                    |one: &&String| senders.arns.contains(*one) && !is_allowed(Some(one.as_str()));
                let lost: Vec<String> = sources.iter().filter(is_lost).cloned().collect();
                if lost.is_empty() {
                    continue;
                }
                add_sources(statements, &permission, lost);
            }
        }
        kept = true;
    }
    kept.then(|| policy::normal(&out))
}

/// Adds them to the statement that differs only in its sources. A queue's policy takes few conditions.
fn add_sources(statements: &mut Vec<Value>, permission: &Permission, lost: Vec<String>) {
    let same = statements.iter_mut().find_map(|statement| {
        let known = Permission::of(statement).filter(|known| known.is_alike(permission))?;
        Some((known.sources?, statement))
    });
    let (sources, statement) = match same {
        Some((mut sources, statement)) => {
            sources.extend(lost);
            (sources, statement)
        }
        None => {
            statements.push(permission.rest.clone());
            match statements.last_mut() {
                Some(statement) => (lost, statement),
                None => return,
            }
        }
    };
    statement["Condition"] = json!({ "ArnEquals": { "aws:SourceArn": sources } });
}

/// A statement that lets a service deliver.
struct Permission {
    /// The statement without its condition.
    rest: Value,
    /// On behalf of what it may deliver; anything without a condition.
    sources: Option<Vec<String>>,
}

impl Permission {
    /// `None` for a statement of another form, which the stack file gives by hand.
    fn of(statement: &Value) -> Option<Self> {
        let mut rest = statement.clone();
        let condition = rest.as_object_mut()?.shift_remove("Condition");
        let of_service = rest["Principal"].as_object()?.keys().eq(["Service"]);
        if rest["Effect"] != "Allow" || !of_service {
            return None;
        }
        let sources = match condition {
            None => None,
            Some(condition) => {
                let mut operators = condition.as_object()?.iter();
                let (operator, keys) = operators.next()?;
                let mut keys = keys.as_object()?.iter();
                let (key, sources) = keys.next()?;
                let is_source =
                    operator.starts_with("Arn") && key.eq_ignore_ascii_case("aws:SourceArn");
                if !is_source || operators.next().is_some() || keys.next().is_some() {
                    return None;
                }
                let sources = match sources {
                    Value::Array(sources) => sources.iter().filter_map(Value::as_str).collect(),
                    one => vec![one.as_str()?],
                };
                Some(sources.into_iter().map(str::to_owned).collect())
            }
        };
        Some(Self { rest, sources })
    }

    fn is_alike(&self, other: &Self) -> bool {
        let alone = |one: &Self| json!({ "Statement": [one.rest] });
        policy::is_same(&alone(self), &alone(other))
    }

    /// Whether it allows what the other does on behalf of this source; without one, of anything.
    fn allows(&self, other: &Self, source: Option<&str>) -> bool {
        let reaches = match (&self.sources, source) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some(sources), Some(source)) => sources.iter().any(|one| one == source),
        };
        reaches && self.is_alike(other)
    }
}
