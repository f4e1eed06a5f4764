//! `treino destroy`

use std::ffi::OsString;
use std::path::PathBuf;

use clap::Args;
use serde_json::json;
use tokio::sync::mpsc;

use super::deploy::{carry_out, ended};
use super::looking::looking;
use super::plan::show;
use super::session::{Named, Session, none_runs, warn};
use super::{Common, End, Error, ask};
use crate::engine::{
    self, DeletedResource, DestroyJournal, Events, Provider, ProviderError, Receipt, list_owned,
    now, verify_destroyed,
};
use crate::plan::{self, Orphan, Owned};
use crate::report::{self, Out, Progress};
use crate::stack::{ExternalInputs, Kind, TAG_STACK, Tags, Target};

/// Delete everything a stack owns, and prove that it is gone
#[derive(Debug, Args)]
pub struct Destroy {
    /// The stack file, or the stack's name: the file may be lost
    #[arg(value_name = "STACK.yaml|NAME")]
    stack: OsString,
    /// Do not ask
    #[arg(short, long)]
    yes: bool,
    /// Write the receipt to this file, as JSON
    #[arg(long, value_name = "FILE")]
    receipt: Option<PathBuf>,
}

impl Destroy {
    pub(super) async fn run(self, common: &Common, out: Out) -> Result<End, Error> {
        let stack = Named::of(&self.stack).stack("destroy")?;
        let Some(session) = Session::existing(common, out).await? else {
            out.say(format!("{stack} owns nothing: {}", none_runs().message));
            out.event(&serde_json::json!({ "running": false, "stack": stack }));
            return Ok(End::Done);
        };
        let target = session.target(&stack);
        let cloud = session.cloud(target.clone());
        let began = now();
        let what = format!("all that {stack} may own");
        let found = looking(out, &what, list_owned(&cloud, &target)).await?;
        for unseen in &found.unseen {
            warn(unseen, out);
        }
        let is_whole = found.unseen.is_empty();
        let orphans = everything(&cloud, &target, found.owned);
        let (orphans, mut destroy_journal) = looking(out, &what, orphans).await?;
        let plan = plan::destroy(&target, &orphans);
        if plan.is_empty() {
            let nothing = if is_whole {
                "owns nothing"
            } else {
                "owns nothing that is seen"
            };
            out.say(format!(
                "{stack} {nothing} in {}, account {}",
                target.region, target.account
            ));
        } else {
            show(&plan, &ExternalInputs::default(), out);
            if !ask::confirm(out, "delete all of this?", self.yes)? {
                return Ok(End::Failed);
            }
            // A question may stand for hours, and a name may be another's by then.
            if !self.yes {
                let again = list_owned(&cloud, &target).await?;
                if everything(&cloud, &target, again.owned).await?.0 != orphans {
                    return Err(ask::outdated());
                }
            }
            if let Err(error) = destroy_journal.write(&cloud, &Events::none()).await {
                let text = format!(
                    "{error}; if treino is killed now, log groups that Lambda brings back are not found again"
                );
                out.aside(format!("{} {text}", report::warning("warning:")));
                // What has the name may be somebody else's.
                destroy_journal = destroy_journal.unwritten();
            }
            let summary = carry_out(&cloud, &plan, out).await;
            let end = ended(&summary);
            if end != End::Done {
                return Ok(end);
            }
        }
        let deleted = looked_for(orphans, &destroy_journal);
        let receipt = tokio::select! {
            receipt = prove(&cloud, &target, (&deleted, &destroy_journal), began, out) => receipt,
            () = ask::signal() => {
                out.aside("stopped before the proof: run the same command again to have it");
                return Ok(End::Unverified);
            }
        };
        if !deleted.is_empty() || !receipt.is_proved() {
            out.say(report::receipt(&receipt));
        }
        out.event(&json!({ "event": "receipt", "receipt": receipt }));
        if let Some(path) = &self.receipt {
            write(path, &receipt)?;
        }
        Ok(if receipt.is_proved() {
            End::Done
        } else {
            End::Unverified
        })
    }
}

async fn prove(
    provider: &dyn Provider,
    target: &Target,
    (deleted, destroy_journal): (&[DeletedResource], &DestroyJournal),
    began: String,
    out: Out,
) -> Receipt {
    let (sender, receiver) = mpsc::unbounded_channel();
    let progress = tokio::spawn(Progress::new(out, 0).show(receiver));
    let events = Events::to(sender);
    let mut receipt = verify_destroyed(provider, target, deleted, began, &events).await;
    // What is not seen to stay away is still to be known by the next destroy.
    let gone = |name: &String| receipt.resources.iter().any(|gone| gone.name == *name);
    if destroy_journal.groups().iter().all(|(_, name)| gone(name)) {
        receipt
            .remains
            .extend(destroy_journal.forget(provider, &events).await);
    }
    drop(events);
    let _ = progress.await;
    receipt
}

/// What carries the mark, and the log groups Lambda made for the stack's functions, which carry
/// none; and what is to be remembered of them until they are gone.
async fn everything(
    provider: &dyn Provider,
    target: &Target,
    owned: Vec<Owned>,
) -> Result<(Vec<Orphan>, DestroyJournal), Error> {
    let (destroy_journal, found) = DestroyJournal::recalled(owned);
    let mut orphans: Vec<Orphan> = found.iter().map(orphan).collect();
    let functions = found.iter().filter(|owned| owned.kind == Kind::Function);
    let of_functions = functions.map(|function| {
        let name = format!("/aws/lambda/{}", function.name);
        (function.address.part("logs"), name)
    });
    let of_functions: Vec<_> = of_functions.collect();
    let mut theirs = Vec::new();
    for (address, name) in of_functions.iter().chain(destroy_journal.groups()) {
        if orphans.iter().any(|known| known.name == *name) {
            continue;
        }
        let is_ours = of_functions.iter().any(|(_, of)| of == name);
        // A function that somebody has made since under the name of one that is gone logs there too.
        if !is_ours && stands(provider, name).await? {
            theirs.push(name.clone());
            continue;
        }
        let group = provider.read(Kind::LogGroup, name).await?;
        if group.is_some_and(|group| is_unmarked(&group.tags)) {
            orphans.push(Orphan {
                address: address.clone(),
                kind: Kind::LogGroup,
                name: name.clone(),
                spec: None,
            });
        }
    }
    let destroy_journal = destroy_journal.without(|name| theirs.iter().any(|of| of == name));
    if orphans.is_empty() {
        // Nothing else is left, nor has come back.
        return Ok((destroy_journal.orphans(), destroy_journal.unwritten()));
    }
    let destroy_journal = destroy_journal.with(target, &orphans);
    Ok((orphans, destroy_journal))
}

/// What is to be seen gone: all that was deleted, and what may come back since an earlier destroy.
fn looked_for(orphans: Vec<Orphan>, destroy_journal: &DestroyJournal) -> Vec<DeletedResource> {
    let deleted = orphans
        .into_iter()
        .map(|orphan| (orphan.address, orphan.kind, orphan.name));
    let mut deleted: Vec<DeletedResource> = deleted.collect();
    for (address, name) in destroy_journal.groups() {
        if !deleted.iter().any(|(_, _, known)| known == name) {
            deleted.push((address.clone(), Kind::LogGroup, name.clone()));
        }
    }
    deleted
}

/// Whether the function whose log group this is stands.
async fn stands(provider: &dyn Provider, group: &str) -> Result<bool, ProviderError> {
    let function = group.trim_start_matches("/aws/lambda/");
    let live = provider.read(Kind::Function, function).await?;
    Ok(live.is_some())
}

fn is_unmarked(tags: &Tags) -> bool {
    !tags.contains_key(TAG_STACK)
}

fn orphan(owned: &Owned) -> Orphan {
    Orphan {
        address: owned.address.clone(),
        kind: owned.kind,
        name: owned.name.clone(),
        spec: None,
    }
}

fn write(path: &std::path::Path, receipt: &Receipt) -> Result<(), Error> {
    let receipt = report::redacted_event(json!(receipt));
    let text = serde_json::to_string_pretty(&receipt).unwrap_or_default();
    std::fs::write(path, text + "\n").map_err(|error| {
        let error = ProviderError::new(format!(
            "the receipt cannot be written to {}: {error}",
            path.display()
        ));
        Error::ProviderError(
            error
                .with_leftover(engine::Leftover::Nothing)
                .help("the stack is gone; the receipt stands above"),
        )
    })
}
