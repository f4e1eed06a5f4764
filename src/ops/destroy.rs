//! Deleting everything a stack owns, and proving that it is gone.

pub(super) mod owned;

use super::absent::look_elsewhere;
use super::apply::{Completion, apply_after, with_events};
use super::contents::send_contents;
use super::forgotten_local::connected_if_running;
use super::frontend::{Frontend, Reporter};
use super::plan::send_plan;
use super::progress::{reading, slow};
use super::session::Session;
use super::stack_ref::{StackRef, listed, tell_unseen, warn_of_unseen};
use super::{Error, Event, reaper};
use crate::aws::{AwsProvider, reaper as aws_reaper};
use crate::engine::{
    DeletedResource, DestroyJournal, Events, OwnedResources, Provider, Receipt, apart_from_trail,
    list_owned, now, verify_destroyed,
};
use crate::plan::{self, Orphan, Owned, Plan, Unseen};
use crate::stack::{Kind, PossibleKinds, TAG_EXPIRES, TAG_STACK, Target, class_target};

/// What is destroyed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DestroyOptions {
    /// The stack.
    pub stack: StackRef,
    /// Whether it is done without asking.
    pub yes: bool,
    /// Whether object versions are deleted that Object Lock keeps in governance mode.
    pub bypass_governance: bool,
}

/// What a destroy came to.
#[derive(Debug, Clone, PartialEq)]
pub struct Destroyed {
    /// How it ended.
    pub completion: Completion,
    /// The record of what was seen gone; nothing where it was not looked for.
    pub receipt: Option<Receipt>,
}

impl Destroyed {
    fn without_receipt(completion: Completion) -> Self {
        Self {
            completion,
            receipt: None,
        }
    }
}

/// Deletes everything a stack owns, and proves that it is gone. No local AWS is started: where none runs,
/// the stack has no resources.
///
/// # Errors
/// AWS cannot be reached, nobody can be asked, or a call fails before the first step. A step that fails
/// is no error, but a [`Completion`].
pub async fn destroy(
    session: &Session,
    options: &DestroyOptions,
    frontend: &dyn Frontend,
) -> Result<Destroyed, Error> {
    let out = session.reporter(frontend).about(&options.stack);
    out.answer(destroyed(session, options, &out).await)
}

async fn destroyed(
    session: &Session,
    options: &DestroyOptions,
    out: &Reporter<'_>,
) -> Result<Destroyed, Error> {
    let (stack, possible) = options.stack.name_and_kinds(session)?;
    let is_named = matches!(options.stack, StackRef::Name(_));
    let Some(connection) = connected_if_running(session, (Some(&stack), "destroy"), out).await?
    else {
        out.send(Event::NothingOwned {
            stack,
            region: None,
            account: None,
            complete: true,
            running: Some(false),
            known: !is_named,
            seen: Vec::new(),
        });
        return Ok(Destroyed::without_receipt(if is_named {
            Completion::Unknown
        } else {
            Completion::Complete
        }));
    };
    let target = session.target(connection, &stack);
    let provider =
        AwsProvider::for_name(connection, &target).bypassing_governance(options.bypass_governance);
    let found = StandingStack::found(&provider, &target, possible, out).await?;
    if found.is_absent() {
        reaper::ended(&provider.0, out).await;
        return found
            .told_absent(session, &provider, &options.stack, out)
            .await;
    }
    // What the stack cannot have is told with the receipt.
    warn_of_unseen(&found.unseen, &found.possible, out);
    // Most stacks without an end are in accounts where none has one: then nothing is left to end.
    let has_reaper =
        async { found.has_end || !aws_reaper::is_absent(&provider.0).await.unwrap_or(false) };
    let (has_reaper, ()) = tokio::join!(has_reaper, found.tell(&provider, out));
    let question = if options.bypass_governance {
        "delete all of this, and objects that are locked in governance mode?"
    } else {
        "delete all of this?"
    };
    if !out.confirm(question, options.yes).await? {
        return Ok(Destroyed::without_receipt(Completion::Declined));
    }
    // The user may answer hours later, and a name may belong to somebody else by then.
    if !options.yes && !found.is_unchanged(&provider).await? {
        return Err(Error::outdated());
    }
    let trail = found.useless_class_trail();
    let destroyed = found.destroyed(session, &provider, is_named, out).await?;
    if destroyed.completion == Completion::Complete {
        if has_reaper {
            reaper::ended(&provider.0, out).await;
        }
        if let Some(stack) = trail {
            let commands = out.commands().about(&StackRef::Name(stack));
            let destroy = commands.of_owner(None).write("destroy", &[]);
            out.info(format!(
                "the trail that a class shared is still deployed, and no stack needs it: `{destroy}` deletes it"
            ));
        }
    }
    Ok(destroyed)
}

/// Everything of a stack, found without its file, and the plan that deletes it.
pub(super) struct StandingStack {
    target: Target,
    possible: PossibleKinds,
    unseen: Vec<Unseen>,
    others: Vec<Owned>,
    orphans: Vec<Orphan>,
    journal: DestroyJournal,
    plan: Plan,
    /// Whether it ends at a time.
    has_end: bool,
    began: String,
    /// What is known to be of others, whose marks the proof need not read.
    of_others: Vec<(Kind, String)>,
}

impl StandingStack {
    /// Looks for it.
    pub(super) async fn found(
        provider: &dyn Provider,
        target: &Target,
        possible: PossibleKinds,
        out: &Reporter<'_>,
    ) -> Result<Self, Error> {
        let began = now();
        let found = listed(provider, target, &possible, out).await?;
        Self::of(provider, target, (possible, found), out, began).await
    }

    /// What was listed already.
    pub(super) async fn of(
        provider: &dyn Provider,
        target: &Target,
        (possible, found): (PossibleKinds, OwnedResources),
        out: &Reporter<'_>,
        began: String,
    ) -> Result<Self, Error> {
        let what = format!("all that {} may own", target.stack);
        let has_end = |one: &Owned| one.tags.contains_key(TAG_EXPIRES);
        let has_end = found.owned.iter().any(has_end);
        let all = found.owned.into_iter().chain(found.inventory);
        let owned = owned::with_log_groups(provider, target, all.collect());
        let (orphans, journal) = slow(out, &what, owned).await?;
        Ok(Self {
            plan: plan::destroy(target, &orphans),
            target: target.clone(),
            possible,
            unseen: found.unseen,
            others: found.others,
            orphans,
            journal,
            has_end,
            began,
            of_others: Vec::new(),
        })
    }

    /// Beside resources that are known to be of others.
    pub(super) fn beside(mut self, of_others: Vec<(Kind, String)>) -> Self {
        self.of_others = of_others;
        self
    }

    pub(super) fn plan(&self) -> &Plan {
        &self.plan
    }

    /// The stack of the trail that this copy shared with others, if this is the last of them.
    fn useless_class_trail(&self) -> Option<String> {
        let class = class_target(&self.target).stack;
        let (trail, rest) = apart_from_trail(&self.target, self.others.clone());
        let mut stacks = rest.iter().map(|one| one.tags.get(TAG_STACK));
        let is_shared = self.target.owner.is_some() && !trail.is_empty();
        let is_needed = stacks.any(|of| of == Some(&self.target.stack));
        (is_shared && !is_needed).then_some(class)
    }

    /// Whether there is nothing of it.
    pub(super) fn is_absent(&self) -> bool {
        self.plan.is_empty()
    }

    /// Says what is to be deleted, and what it contains.
    pub(super) async fn tell(&self, provider: &dyn Provider, out: &Reporter<'_>) {
        send_plan(&self.plan, None, out);
        send_contents(provider, &self.plan, out).await;
    }

    /// Whether it is found again as it was.
    pub(super) async fn is_unchanged(&self, provider: &dyn Provider) -> Result<bool, Error> {
        let again = list_owned(provider, &self.target, &self.possible).await?;
        let all = again.owned.into_iter().chain(again.inventory).collect();
        let again = owned::with_log_groups(provider, &self.target, all).await?;
        Ok(again.0 == self.orphans)
    }

    /// That there is nothing of it.
    async fn told_absent(
        self,
        session: &Session,
        provider: &dyn Provider,
        stack: &StackRef,
        out: &Reporter<'_>,
    ) -> Result<Destroyed, Error> {
        tell_unseen(&self.unseen, &self.possible, out);
        let absence = look_elsewhere(
            provider,
            &self.target,
            (session, stack),
            "destroy",
            &self.others,
            out,
        )
        .await;
        let receipt = empty_receipt(&self.target, (&self.possible, &self.unseen), self.began);
        if receipt.is_proved() {
            absence.check_folder(stack)?;
        }
        out.send(absence.nothing_owned(&self.target, receipt.is_proved()));
        let completion = match (receipt.is_proved(), absence.known) {
            (false, _) => Completion::Unverified,
            (true, false) => Completion::Unknown,
            (true, true) => Completion::Complete,
        };
        let any_kind = matches!(stack, StackRef::Name(_)) && !self.unseen.is_empty();
        send_receipt(session, &receipt, any_kind, out);
        Ok(Destroyed {
            completion,
            receipt: Some(receipt),
        })
    }

    /// Deletes it, and looks that it is gone.
    pub(super) async fn destroyed(
        self,
        session: &Session,
        provider: &dyn Provider,
        is_named: bool,
        out: &Reporter<'_>,
    ) -> Result<Destroyed, Error> {
        let Self {
            target,
            possible,
            unseen,
            orphans,
            mut journal,
            plan,
            began,
            of_others,
            ..
        } = self;
        let remembered = async {
            if let Err(error) = journal.write(provider, &Events::none()).await {
                out.warn(format!(
                    "{error}; if treino is killed now, log groups that Lambda brings back are not found again"
                ));
                // The resource of that name may belong to somebody else.
                journal = journal.clone().unwritten();
            }
        };
        let summary = apply_after(remembered, provider, &plan, out).await;
        let completion = Completion::of(&summary);
        if completion != Completion::Complete {
            return Ok(Destroyed::without_receipt(completion));
        }
        let deleted = owned::to_be_gone(orphans, &journal);
        let kinds = (&possible, unseen.as_slice(), of_others.as_slice());
        let receipt = tokio::select! {
            receipt = verified(provider, &target, (&deleted, &journal), kinds, began, out) => receipt,
            () = out.stop() => {
                out.send(Event::VerificationStopped {});
                return Ok(Destroyed::without_receipt(Completion::Unverified));
            }
        };
        send_receipt(session, &receipt, is_named && !unseen.is_empty(), out);
        Ok(Destroyed {
            completion: if receipt.is_proved() {
                Completion::Complete
            } else {
                Completion::Unverified
            },
            receipt: Some(receipt),
        })
    }
}

/// The record of a destroy that found nothing: what was listed once.
fn empty_receipt(
    target: &Target,
    (possible, unseen): (&PossibleKinds, &[Unseen]),
    began: String,
) -> Receipt {
    let (needed, rest): (Vec<&Unseen>, Vec<&Unseen>) =
        unseen.iter().partition(|one| possible.has(one.kind));
    Receipt {
        target: target.clone(),
        began,
        ended: now(),
        resources: Vec::new(),
        remains: needed.into_iter().map(ToString::to_string).collect(),
        kept: Vec::new(),
        not_looked_for: rest.into_iter().map(Unseen::in_brief).collect(),
    }
}

fn send_receipt(session: &Session, receipt: &Receipt, any_kind: bool, out: &Reporter<'_>) {
    out.send(Event::Receipt {
        receipt: receipt.clone(),
        local: session.is_local(),
    });
    if any_kind && !receipt.is_proved() {
        out.info(
            "by its name alone the stack may have had resources of any kind: name its file in place of its name, if it \
             is there, and only the kinds in it have to be looked for",
        );
    }
}

async fn verified(
    provider: &dyn Provider,
    target: &Target,
    (deleted, journal): (&[DeletedResource], &DestroyJournal),
    kinds: (&PossibleKinds, &[Unseen], &[(Kind, String)]),
    began: String,
    out: &Reporter<'_>,
) -> Receipt {
    with_events(out, |events| async move {
        let verify = verify_destroyed(provider, target, deleted, kinds, began, &events);
        let mut receipt = reading(out, (None, 2), || provider.pending_reads(), verify).await;
        // The journal stays until every log group is verified: the next destroy needs it.
        let gone = |name: &String| receipt.resources.iter().any(|gone| gone.name == *name);
        if journal.groups().iter().all(|(_, name)| gone(name)) {
            let left = journal.forget(provider, &events).await;
            receipt.remains.extend(left);
        }
        receipt
    })
    .await
}
