//! What a deploy would do.

mod telling;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use serde_json::Value;

use self::telling::roles;
pub(super) use self::telling::{send_end, send_plan, send_warnings};
use super::adopt::Adoption;
use super::destroying::{self, Destroying};
use super::frontend::{Frontend, Reporter};
use super::loaded_stack::LoadedStack;
use super::planned_end::StackTerm;
use super::progress::reading;
use super::reaper::{self, Counting, DeployEnd, ReaperInput, StackReapers};
use super::session::Session;
use super::stack_ref::{StackRef, tell_unseen};
use super::{Error, Event};
use crate::aws::{AwsConnection, AwsProvider};
use crate::engine;
use crate::plan::{self, Action, ActualState, Inventory, Plan, Step};
use crate::source::{Diagnostic, Diagnostics, Severity, counted};
use crate::stack::{
    DesiredState, Kind, Loaded, PossibleKinds, SelfDestruct, StackLifetime, StackLimits,
};

/// What is planned.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PlanOptions {
    /// The stack file.
    pub file: PathBuf,
    /// Values of the stack's parameters, by name.
    pub set: BTreeMap<String, String>,
    /// What is taken over.
    pub adoption: Adoption,
    /// Whether to say why the roles treino makes allow what they allow.
    pub explain: bool,
}

/// What a plan came to.
#[derive(Debug, Clone, PartialEq)]
pub struct Planned {
    /// The plan. Where something stands in the way ([`Plan::foreign`]), it cannot be carried out.
    pub plan: Plan,
}

/// Shows what a deploy would do, and why; changes nothing. A local AWS is started if none runs.
///
/// # Errors
/// Something is wrong with the file, AWS cannot be reached, or a call fails.
pub async fn plan(
    session: &Session,
    options: &PlanOptions,
    frontend: &dyn Frontend,
) -> Result<Planned, Error> {
    let file = StackRef::File(options.file.clone());
    let out = session.reporter(frontend).about(&file);
    let out = out.with_set(options.set.keys());
    let request = PlanRequest {
        file: &options.file,
        set: &options.set,
        adoption: &options.adoption,
        renew: false,
        is_deploy: false,
        lifetime: None,
    };
    let planned = async {
        let prepared = prepare(session, &request, &out).await?;
        if prepared.is_being_deleted() {
            out.warn(format!(
                "{} has expired, and AWS is deleting it: a deploy stops that, and makes it again",
                prepared.plan.target.stack
            ));
        }
        send_plan(&prepared.plan, Some(&prepared.desired), &out);
        send_end(session, &prepared, prepared.term, &out).await;
        if options.explain {
            out.send(Event::Roles {
                grants: prepared.desired.grants.clone(),
                roles: roles(&prepared.desired),
            });
        }
        Ok(Planned {
            plan: prepared.plan,
        })
    };
    out.answer(planned.await)
}

/// What a plan is made of.
pub(super) struct PlanRequest<'a> {
    pub(super) file: &'a Path,
    pub(super) set: &'a BTreeMap<String, String>,
    pub(super) adoption: &'a Adoption,
    /// Whether `expires` counts from now again.
    pub(super) renew: bool,
    /// Whether the plan is to be carried out.
    pub(super) is_deploy: bool,
    /// How long it is deployed, from now; else as the file says.
    pub(super) lifetime: Option<StackLifetime>,
}

/// A stack file with the actual state of its resources.
pub(super) struct Prepared<'s> {
    pub(super) connection: &'s AwsConnection,
    pub(super) desired: DesiredState,
    pub(super) plan: Plan,
    /// An input to try the stack's first machine with.
    pub(super) example: Option<Value>,
    /// The inventory of the stack, where it has one.
    pub(super) inventory: Option<Inventory>,
    /// When the stack ends.
    pub(super) term: StackTerm,
    /// What the reaper is told, where the stack has an end.
    pub(super) end: Option<ReaperInput>,
    /// What waits for its end; nothing where that cannot be seen.
    pub(super) waiting: Option<StackReapers>,
    /// The role that the reaper has, too, where the file names one for all.
    pub(super) default_role: Option<String>,
}

impl Prepared<'_> {
    /// Whether AWS has begun to delete the stack, which has expired.
    pub(super) fn is_being_deleted(&self) -> bool {
        let waiting = self.waiting.as_ref();
        waiting.is_some_and(|waiting| waiting.has_begun(SystemTime::now()))
    }

    /// AWS, for this stack.
    pub(super) fn provider(&self) -> AwsProvider {
        AwsProvider::for_stack(self.connection, &self.desired)
    }
}

/// A stack as it is to be at one target, and what is known of it beside its resources.
pub(super) struct ExpandedStack<'l> {
    pub(super) desired: DesiredState,
    /// When it ends.
    pub(super) end: Expiry<'l>,
    pub(super) example: Option<Value>,
    pub(super) default_role: Option<String>,
    /// What AWS keeps it within.
    pub(super) limits: Option<StackLimits>,
}

/// When a stack ends.
#[derive(Debug, Clone, Copy)]
pub(super) enum Expiry<'l> {
    /// As its file, the command and the deployed stack say.
    OfFile(&'l Loaded),
    /// Not before this; never without it.
    NotBefore(Option<SystemTime>, SelfDestruct),
}

impl Expiry<'_> {
    /// Whether AWS may have to delete the stack, by what is known before it is looked at.
    fn may_end(self) -> bool {
        let (has_end, self_destruct) = match self {
            Self::OfFile(loaded) => {
                let time = loaded.lifetime().and_then(StackLifetime::time);
                (time.is_some(), loaded.file.self_destruct)
            }
            Self::NotBefore(time, self_destruct) => (time.is_some(), self_destruct),
        };
        has_end && self_destruct != SelfDestruct::Off
    }

    /// When it ends.
    fn term(
        self,
        request: &PlanRequest<'_>,
        (desired, actual): (&DesiredState, &ActualState),
    ) -> StackTerm {
        match self {
            Self::OfFile(loaded) => {
                StackTerm::of(loaded, desired, actual, (request.lifetime, request.renew))
            }
            Self::NotBefore(time, self_destruct) => {
                StackTerm::not_before(time, self_destruct, desired, actual)
            }
        }
    }
}

/// Loads, checks, surveys and plans.
pub(super) async fn prepare<'s>(
    session: &'s Session,
    request: &PlanRequest<'_>,
    out: &Reporter<'_>,
) -> Result<Prepared<'s>, Error> {
    let owner = session.owner();
    let of = (request.file, owner, request.lifetime);
    let stack = LoadedStack::loaded(session, of, request.set, out).await?;
    let sharing = stack.shares_trail(session, out).await?;
    let expanded = stack.expanded(session, sharing.is_some(), out).await?;
    let prepared = prepare_expanded(session, expanded, request, out).await?;
    if let Some(trail) = sharing {
        trail.warn_of_end(prepared.term.until, out);
    }
    Ok(prepared)
}

/// Surveys and plans.
pub(super) async fn prepare_expanded<'s>(
    session: &'s Session,
    expanded: ExpandedStack<'_>,
    request: &PlanRequest<'_>,
    out: &Reporter<'_>,
) -> Result<Prepared<'s>, Error> {
    let ExpandedStack {
        mut desired,
        end: expiry,
        example,
        default_role,
        limits,
    } = expanded;
    let connection = session.connected(out).await?;
    let target = desired.target.clone();
    let provider = session.provider_of(connection, &desired);
    let warn = |warnings: Diagnostics| send_warnings(request.file, warnings, out);
    if let Some(limits) = &limits {
        out.info(reaper::in_words(
            limits,
            connection.is_aws.then_some(&target.region),
        ));
    }
    let adopt = request.adoption.addresses(&desired)?;
    let what = counted(desired.resources.len(), "resource");
    let survey = engine::survey(&provider, &desired);
    let survey = reading(out, (Some(&what), 1), || provider.0.pending_reads(), survey);
    let listed = async {
        if expiry.may_end() || has(&desired, Kind::StateMachine) {
            Some(reaper::listed(&provider.0).await)
        } else {
            None
        }
    };
    let (actual, listed) = tokio::join!(survey, listed);
    let mut actual = actual?;
    if let Some(destroying) = Destroying::of(&actual) {
        tokio::time::sleep(destroying::pause(session.is_local())).await;
        actual = engine::survey(&provider, &desired).await?;
        destroying.compare(&target.stack, &actual, out)?;
    }
    let possible = PossibleKinds::of(desired.resources.values().map(|one| one.kind));
    tell_unseen(&actual.unseen, &possible, out);
    request.adoption.check_present(&desired, &actual)?;
    let term = expiry.term(request, (&desired, &actual));
    term.mark(&mut desired);
    if let Some(near) = term.near {
        out.info(format!(
            "{} ends soon, at {}: its `expires` counts from now again",
            target.stack,
            humantime::format_rfc3339_seconds(near)
        ));
    }
    let counting = if request.renew {
        Counting::Anew
    } else {
        Counting::On
    };
    let limits = limits.as_ref();
    let ends = DeployEnd {
        until: term.ends(),
        limits,
        counting,
    };
    let mut end = reaper::of_deploy(&desired, &actual, ends, connection.is_aws)?;
    if let Some(input) = end.take() {
        let by = (input.deletes(), default_role.as_deref());
        let role = reaper::grant(&provider.0, &mut desired, by, out).await?;
        end = Some(input.by_role(role));
    }
    let waiting = reaper::seen(&provider.0, listed, end.as_mut(), &actual).await?;
    let mut plan = plan::deploy(&desired, &actual, &adopt);
    // A destroy that began while the survey was made is only seen now.
    let is_done = request.is_deploy && plan.is_empty();
    if is_done
        && has(&desired, Kind::Function)
        && engine::is_being_destroyed(&provider, &target).await?
    {
        let destroying = Destroying::begun(&actual);
        tokio::time::sleep(destroying::pause(session.is_local())).await;
        actual = engine::survey(&provider, &desired).await?;
        destroying.compare(&target.stack, &actual, out)?;
        plan = plan::deploy(&desired, &actual, &adopt);
    }
    reaper::explain(&mut plan);
    request.adoption.warn_of_needless(&plan, out);
    check_creatable(&desired, &plan, warn)?;
    engine::check_quotas(&provider, &plan).await?;
    if plan.foreign.is_empty() {
        plan.end = waiting.as_ref().and_then(|waiting| waiting.change);
    }
    Ok(Prepared {
        connection,
        desired,
        plan,
        example,
        term,
        end,
        inventory: actual.inventory,
        waiting,
        default_role,
    })
}

/// Whether the stack is to have a resource of this kind.
fn has(desired: &DesiredState, kind: Kind) -> bool {
    desired.resources.values().any(|one| one.kind == kind)
}

/// What guards refuse, as an error.
pub(super) fn refused(found: Diagnostics) -> Result<(), Error> {
    found.into_result(()).map(drop).map_err(Error::Diagnostics)
}

/// A stack's name where its file is meant: other verbs take both.
pub(super) fn check_is_file(path: &Path) -> Result<(), Error> {
    if path.exists() || path.extension().is_some() {
        return Ok(());
    }
    let folders = ["", "stacks"].map(Path::new);
    let found = folders
        .iter()
        .flat_map(|folder| ["yaml", "yml"].map(|end| folder.join(path).with_extension(end)))
        .find(|candidate| candidate.is_file());
    let help = match found {
        Some(found) => format!("did you mean {}?", found.display()),
        None => "this verb reads the stack's file: name it with its path and ending".to_owned(),
    };
    let diagnostic = Diagnostic::error(format!("there is no file `{}`", path.display()));
    Err(Error::Diagnostics(diagnostic.help(help).into()))
}

/// Refuses a plan that creates what AWS lets only be updated; warns of what is only updated.
fn check_creatable(
    desired: &DesiredState,
    plan: &Plan,
    warn: impl FnOnce(Diagnostics),
) -> Result<(), Error> {
    let is_made = |step: &&Step| matches!(step.action, Action::Create | Action::Replace { .. });
    let made: Vec<_> = plan.steps.iter().filter(is_made).collect();
    let all = desired.not_creatable.iter();
    let (refused, rest): (Vec<_>, Vec<_>) =
        all.partition(|(address, _)| made.iter().any(|step| step.address == **address));
    if !refused.is_empty() {
        let errors = refused.into_iter().map(|(_, error)| error.clone());
        return Err(Error::Diagnostics(Diagnostics(errors.collect())));
    }
    let warnings = rest.into_iter().map(|(_, error)| Diagnostic {
        severity: Severity::Warning,
        ..error.clone()
    });
    warn(Diagnostics(warnings.collect()));
    Ok(())
}
