//! How what is deployed differs from the stack file: what was changed or deleted by hand.

use serde_json::Value;

use super::compare::shown;
use super::merge::AS_THE_FILE_SAYS;
use super::other_resource::{KINDS, names_one};
use super::running::TestedCopy;
use crate::ops::adopt::Adoption;
use crate::ops::frontend::Reporter;
use crate::ops::loaded_stack::LoadedStack;
use crate::ops::plan::{PlanRequest, prepare_expanded};
use crate::ops::session::Session;
use crate::ops::{CauseKind, CheckCause};
use crate::plan::{Action, Change, HIDDEN_VALUE, Step};
use crate::stack::Kind;

/// How many changes of a resource are told.
const MOST: usize = 3;

/// The differences; none where they cannot be seen, as a parameter has no value here.
pub(super) async fn causes(
    session: &Session,
    copy: &TestedCopy<'_>,
    out: &Reporter<'_>,
) -> Vec<CheckCause> {
    let request = PlanRequest {
        file: copy.file,
        set: copy.set,
        adoption: &Adoption::default(),
        renew: false,
        is_deploy: false,
        lifetime: None,
    };
    let prepared = async {
        let of = (copy.file, session.owner(), None);
        let stack = LoadedStack::loaded(session, of, copy.set, out).await?;
        // Of a trail that a class shares, the chain tells: a copy has none of its own that could be missing.
        let expanded = stack.expanded(session, copy.sharing, out).await?;
        prepare_expanded(session, expanded, &request, out).await
    };
    let Ok(prepared) = prepared.await else {
        return Vec::new();
    };
    let steps = || prepared.plan.steps.iter();
    let missing_roles: Vec<&str> = steps()
        .filter(|step| step.kind == Kind::Role && step.action == Action::Create)
        .map(|step| step.address.key())
        .collect();
    // What has a role that is not there has another one, of course.
    let follows = |step: &&Step| {
        let (Action::Update { changes } | Action::Replace { changes }) = &step.action else {
            return false;
        };
        missing_roles.contains(&step.address.key())
            && changes.iter().all(|change| change.field() == "role")
    };
    let steps = steps().filter(|step| !follows(step));
    let mut causes: Vec<CheckCause> = steps.filter_map(of_step).collect();
    causes.sort_by_key(|cause| cause.cause);
    causes
}

/// What a step of a plan that would put it right says of what is wrong.
pub(super) fn of_step(step: &Step) -> Option<CheckCause> {
    let (kind, key) = (step.kind, step.address.key());
    let what = match step.address.of_owner() {
        Some(part) => format!("the {part} of `{key}`"),
        None => format!("the {kind} `{key}`"),
    };
    let help = Some(AS_THE_FILE_SAYS.to_owned());
    let changes = match &step.action {
        Action::Create => {
            return Some(CheckCause {
                cause: CauseKind::MissingResource,
                message: format!(
                    "{what} ({}) is not there: it was deleted, or is not deployed yet",
                    step.name
                ),
                help,
            });
        }
        Action::Update { changes } | Action::Replace { changes } => changes,
        Action::Keep | Action::Delete => return None,
    };
    let real: Vec<&Change> = changes
        .iter()
        .filter(|change| change.field() != "tags")
        .collect();
    if real.is_empty() {
        return None;
    }
    let said: Vec<String> = real
        .iter()
        .take(MOST)
        .map(|change| difference(change))
        .collect();
    Some(CheckCause {
        cause: cause(kind, &real),
        message: format!("{what} is not as the stack file says: {}", said.join(", ")),
        help,
    })
}

fn cause(kind: Kind, changes: &[&Change]) -> CauseKind {
    let has = |field: &str| changes.iter().any(|change| change.field() == field);
    match kind {
        Kind::Function if has("handler") => CauseKind::WrongHandler,
        Kind::Function if has("environment") => of_variables(changes),
        Kind::Role => CauseKind::MissingPermission,
        Kind::Rule | Kind::Trail => CauseKind::BrokenChain,
        Kind::Bucket if has("events") => CauseKind::BrokenChain,
        _ => CauseKind::ChangedResource,
    }
}

/// Another resource, where a variable is called as one that names a resource; else a variable that is missing or another.
fn of_variables(changes: &[&Change]) -> CauseKind {
    let mut variables = changes.iter().filter(|one| one.field() == "environment");
    let names_resource = |one: &&Change| {
        let name = one.path.rsplit('.').next().unwrap_or_default();
        one.from.is_some() && KINDS.iter().any(|(word, ..)| names_one(name, word))
    };
    if variables.clone().any(names_resource) {
        CauseKind::WrongResource
    } else if variables.any(|one| one.from.is_none()) {
        CauseKind::MissingVariable
    } else {
        CauseKind::ChangedResource
    }
}

fn difference(change: &Change) -> String {
    let path = &change.path;
    let is_short =
        |value: &Value| !value.is_object() && !value.is_array() && value.to_string().len() <= 120;
    match (&change.from, &change.to) {
        // The hash of a package says nothing to a person.
        _ if path == "code" => "its code is another".to_owned(),
        (Some(from), Some(to)) if from == HIDDEN_VALUE && is_short(to) => {
            format!("{path} is not {}", shown(to))
        }
        (Some(from), Some(to)) if is_short(from) && is_short(to) => {
            format!("{path} is {}, not {}", shown(from), shown(to))
        }
        (None, _) => format!("{path} is missing"),
        (_, None) => format!("{path} is there, and not in the file"),
        _ => format!("{path} is another"),
    }
}
