//! Operations on several owners' copies of a stack: what of an operation comes before its question, and what after it.

use std::collections::{BTreeMap, BTreeSet};
use std::time::SystemTime;

use super::adopt::Adoption;
use super::apply::Completion;
use super::contents::contents_of;
use super::deploy::{Deployed, carried_out};
use super::frontend::{Frontend, Reporter};
use super::loaded_stack::LoadedStack;
use super::plan::{ExpandedStack, Expiry, PlanRequest, Prepared, prepare_expanded, send_plan};
use super::session::Session;
use super::stack_ref::StackRef;
use super::trail_end::SharedTrailEnd;
use super::{Error, ResourceContents};
use crate::aws::AwsProvider;
use crate::engine::Provider;
use crate::plan::Plan;
use crate::stack::kinds::Record;
use crate::stack::{
    DesiredState, Kind, MOST_RECORDED, TAG_EXPIRES, Tags, Target, class_target, recorded,
    recorded_by, shared_trail, shared_trail_name,
};

/// A deploy that is planned and has not begun.
pub struct PlannedDeploy<'s> {
    session: &'s Session,
    stack: StackRef,
    set: BTreeMap<String, String>,
    prepared: Prepared<'s>,
}

/// Plans the deploy of the session's copy of a stack. `sharing` says that the trail of a class records its objects;
/// `of_class` are the names of all the class's resources, whose tags need not be read.
///
/// # Errors
/// Something is wrong with the file for this owner, AWS cannot be reached, or a call fails.
pub async fn plan_deploy<'s>(
    session: &'s Session,
    stack: &LoadedStack,
    (sharing, of_class): (bool, &[(Kind, String)]),
    frontend: &dyn Frontend,
) -> Result<PlannedDeploy<'s>, Error> {
    let file = StackRef::File(stack.file.clone());
    let out = session.reporter(frontend).about(&file);
    let out = out.with_set(stack.set.keys());
    let request = PlanRequest {
        file: &stack.file,
        set: &stack.set,
        adoption: &Adoption::default(),
        renew: stack.end.renew,
        is_deploy: true,
        lifetime: stack.end.lifetime,
    };
    let planned = async {
        let mut expanded = stack.expanded(session, sharing, &out).await?;
        expanded.desired.of_others = of_class.to_vec();
        let prepared = prepare_expanded(session, expanded, &request, &out).await?;
        send_plan(&prepared.plan, Some(&prepared.desired), &out);
        Ok(prepared)
    };
    let prepared = answered(&out, planned.await)?;
    Ok(PlannedDeploy {
        session,
        stack: file,
        set: stack.set.clone(),
        prepared,
    })
}

/// Plans the deploy of the trail that these owners' copies of a stack share in the session's account and region. What it
/// records of others stays recorded: their stacks may be deployed. It ends as the trail of these stacks has to.
///
/// # Errors
/// AWS cannot be reached, or a call fails.
pub async fn plan_shared_trail<'s>(
    session: &'s Session,
    stack: &LoadedStack,
    (owners, of_class): (&[&str], &[(Kind, String)]),
    end: SharedTrailEnd,
    frontend: &dyn Frontend,
) -> Result<PlannedDeploy<'s>, Error> {
    let out = session.reporter(frontend);
    let planned = planned_shared_trail(session, stack, (owners, of_class), end, &out).await;
    let (name, prepared) = answered(&out, planned)?;
    Ok(PlannedDeploy {
        session,
        stack: StackRef::Name(name),
        set: BTreeMap::new(),
        prepared,
    })
}

async fn planned_shared_trail<'s>(
    session: &'s Session,
    stack: &LoadedStack,
    (owners, of_class): (&[&str], &[(Kind, String)]),
    end: SharedTrailEnd,
    out: &Reporter<'_>,
) -> Result<(String, Prepared<'s>), Error> {
    let target = stack.target(session, out).await?;
    let class = class_target(&target);
    let mut wanted: BTreeMap<Record, BTreeSet<String>> = BTreeMap::new();
    let mut tags = Tags::new();
    for owner in owners {
        let of_owner = Target {
            owner: Some((*owner).to_owned()),
            ..target.clone()
        };
        let (desired, _) = stack.expand(&of_owner, false)?;
        for (record, objects) in recorded(&desired) {
            wanted.entry(record).or_default().extend(objects);
        }
        let trail = desired
            .resources
            .values()
            .find(|one| one.kind == Kind::Trail);
        tags.extend(trail.map(|trail| trail.tags.clone()).unwrap_or_default());
    }
    let count =
        |all: &BTreeMap<Record, BTreeSet<String>>| all.values().map(BTreeSet::len).sum::<usize>();
    let own = count(&wanted);
    if own > MOST_RECORDED {
        return Err(Error::Usage(format!(
            "the class has {own} buckets whose objects a trail is to record, and CloudTrail takes {MOST_RECORDED} for one: \
             divide the roster among several regions or accounts"
        )));
    }
    let connection = session.connected(out).await?;
    let provider = AwsProvider::for_name(connection, &class);
    let name = shared_trail_name(&target);
    let live = provider.read(Kind::Trail, &name).await?;
    let mut until = end.last;
    if let Some(live) = live.filter(|live| class.owns(&live.tags)) {
        let mut all = wanted.clone();
        for (record, objects) in recorded_by(&live.spec) {
            all.entry(record).or_default().extend(objects);
        }
        // A trail without an end is that of a stack without one. Unless all of them are known, it may be deployed still.
        let knows_all = end.is_of_all && count(&all) == own;
        if !live.tags.contains_key(TAG_EXPIRES) && !knows_all {
            until = None;
        }
        if count(&all) <= MOST_RECORDED {
            wanted = all;
        }
    }
    let mut desired = shared_trail(&target, &wanted, &tags);
    desired.of_others = of_class.to_vec();
    let expanded = ExpandedStack {
        desired,
        end: Expiry::NotBefore(until, stack.self_destruct()),
        example: None,
        default_role: stack.default_role(&target),
        limits: None,
    };
    let request = PlanRequest {
        file: &stack.file,
        set: &stack.set,
        adoption: &Adoption::default(),
        renew: false,
        is_deploy: true,
        lifetime: None,
    };
    let prepared = prepare_expanded(session, expanded, &request, out).await?;
    send_plan(&prepared.plan, None, out);
    Ok((class.stack, prepared))
}

/// The same answer, of a type that has no text of its own.
pub(super) fn answered<T>(out: &Reporter<'_>, answer: Result<T, Error>) -> Result<T, Error> {
    answer.map_err(|error| match out.answer::<()>(Err(error)) {
        Err(error) => error,
        Ok(()) => Error::outdated(),
    })
}

impl PlannedDeploy<'_> {
    /// The plan.
    #[must_use]
    pub fn plan(&self) -> &Plan {
        &self.prepared.plan
    }

    /// The stack as it is to be.
    #[must_use]
    pub fn desired(&self) -> &DesiredState {
        &self.prepared.desired
    }

    /// When it expires.
    #[must_use]
    pub fn until(&self) -> Option<SystemTime> {
        self.prepared.term.until
    }

    /// What is to be said where it ends at another time than its file says.
    #[must_use]
    pub fn end_difference(&self) -> Option<String> {
        self.prepared.term.difference()
    }

    /// Whether AWS deletes it when it expires.
    #[must_use]
    pub fn self_destruct(&self) -> bool {
        self.prepared.term.told().self_destruct
    }

    /// What the resources contain that it replaces or deletes.
    pub async fn contents(&self, frontend: &dyn Frontend) -> Vec<ResourceContents> {
        let out = self.session.reporter(frontend).about(&self.stack);
        contents_of(&self.prepared.provider(), self.plan(), &out).await
    }

    /// Why it cannot be carried out without another word of the user.
    #[must_use]
    pub fn refusal(&self) -> Option<String> {
        let plan = self.plan();
        if let Some(foreign) = plan.foreign.first() {
            let more = match plan.foreign.len() {
                1 => String::new(),
                many => format!(", and {} more", many - 1),
            };
            let (kind, name, whose) = (foreign.kind, &foreign.name, &foreign.whose);
            return Some(format!(
                "{kind} {name} exists, and is not this stack's: {whose}{more}"
            ));
        }
        if self.prepared.term.has_passed {
            let why = "its end, which was said at an earlier deploy, has passed: say when it ends by `expires:` in the stack file, or with --expires 8h";
            return Some(why.to_owned());
        }
        plan.another_file.then(|| {
            "it was deployed from another file, whose resources would all be deleted: destroy it first".to_owned()
        })
    }

    /// How many resources of each kind are created.
    #[must_use]
    pub fn created(&self) -> BTreeMap<Kind, usize> {
        let mut count = BTreeMap::new();
        for step in self
            .plan()
            .steps
            .iter()
            .filter(|step| step.action.verb() == "create")
        {
            *count.entry(step.kind).or_default() += 1;
        }
        count
    }

    /// Carries it out.
    ///
    /// # Errors
    /// A call fails before the first step. A step that fails is no error, but a [`Completion`].
    pub async fn carry_out(&self, frontend: &dyn Frontend) -> Result<Deployed, Error> {
        let out = self.session.reporter(frontend).about(&self.stack);
        let out = out.with_set(self.set.keys());
        if self.refusal().is_some() {
            return Ok(Deployed::unchanged(Completion::Blocked));
        }
        let deployed = carried_out(self.session, &self.prepared, &out).await;
        out.answer(deployed)
    }
}
