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
    self, Deleted, Events, Fault, Memory, Provider, Receipt, listing, now, verify,
};
use crate::plan::{self, Owned, Stray};
use crate::report::{self, Out, Progress};
use crate::stack::{Kind, Reads, Site, TAG_STACK, Tags};

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
        let site = session.site(&stack);
        let cloud = session.cloud(site.clone());
        let began = now();
        let what = format!("all that {stack} may own");
        let found = looking(out, &what, listing(&cloud, &site)).await?;
        for unseen in &found.unseen {
            warn(unseen, out);
        }
        let is_whole = found.unseen.is_empty();
        let strays = everything(&cloud, &site, found.owned);
        let (strays, mut memory) = looking(out, &what, strays).await?;
        let plan = plan::destroy(&site, &strays);
        if plan.is_empty() {
            let nothing = if is_whole {
                "owns nothing"
            } else {
                "owns nothing that is seen"
            };
            out.say(format!(
                "{stack} {nothing} in {}, account {}",
                site.region, site.account
            ));
        } else {
            show(&plan, &Reads::default(), out);
            if !ask::confirm(out, "delete all of this?", self.yes)? {
                return Ok(End::Failed);
            }
            // A question may stand for hours, and a name may be another's by then.
            if !self.yes {
                let again = listing(&cloud, &site).await?;
                if everything(&cloud, &site, again.owned).await?.0 != strays {
                    return Err(ask::outdated());
                }
            }
            if let Err(fault) = memory.write(&cloud, &Events::none()).await {
                let text = format!(
                    "{fault}; if treino is killed now, log groups that Lambda brings back are not found again"
                );
                out.aside(format!("{} {text}", report::warning("warning:")));
                // What has the name may be somebody else's.
                memory = memory.unwritten();
            }
            let summary = carry_out(&cloud, &plan, out).await;
            let end = ended(&summary);
            if end != End::Done {
                return Ok(end);
            }
        }
        let deleted = looked_for(strays, &memory);
        let receipt = tokio::select! {
            receipt = prove(&cloud, &site, (&deleted, &memory), began, out) => receipt,
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
    site: &Site,
    (deleted, memory): (&[Deleted], &Memory),
    began: String,
    out: Out,
) -> Receipt {
    let (sender, receiver) = mpsc::unbounded_channel();
    let progress = tokio::spawn(Progress::new(out, 0).show(receiver));
    let events = Events::to(sender);
    let mut receipt = verify(provider, site, deleted, began, &events).await;
    // What is not seen to stay away is still to be known by the next destroy.
    let gone = |name: &String| receipt.resources.iter().any(|gone| gone.name == *name);
    if memory.groups().iter().all(|(_, name)| gone(name)) {
        receipt
            .remains
            .extend(memory.forget(provider, &events).await);
    }
    drop(events);
    let _ = progress.await;
    receipt
}

/// What carries the mark, and the log groups Lambda made for the stack's functions, which carry
/// none; and what is to be remembered of them until they are gone.
async fn everything(
    provider: &dyn Provider,
    site: &Site,
    owned: Vec<Owned>,
) -> Result<(Vec<Stray>, Memory), Error> {
    let (memory, found) = Memory::recalled(owned);
    let mut strays: Vec<Stray> = found.iter().map(stray).collect();
    let functions = found.iter().filter(|owned| owned.kind == Kind::Function);
    let of_functions = functions.map(|function| {
        let name = format!("/aws/lambda/{}", function.name);
        (function.address.part("logs"), name)
    });
    let of_functions: Vec<_> = of_functions.collect();
    let mut theirs = Vec::new();
    for (address, name) in of_functions.iter().chain(memory.groups()) {
        if strays.iter().any(|known| known.name == *name) {
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
            strays.push(Stray {
                address: address.clone(),
                kind: Kind::LogGroup,
                name: name.clone(),
                spec: None,
            });
        }
    }
    let memory = memory.without(|name| theirs.iter().any(|of| of == name));
    if strays.is_empty() {
        // Nothing else is left, nor has come back.
        return Ok((memory.strays(), memory.unwritten()));
    }
    let memory = memory.with(site, &strays);
    Ok((strays, memory))
}

/// What is to be seen gone: all that was deleted, and what may come back since an earlier destroy.
fn looked_for(strays: Vec<Stray>, memory: &Memory) -> Vec<Deleted> {
    let deleted = strays
        .into_iter()
        .map(|stray| (stray.address, stray.kind, stray.name));
    let mut deleted: Vec<Deleted> = deleted.collect();
    for (address, name) in memory.groups() {
        if !deleted.iter().any(|(_, _, known)| known == name) {
            deleted.push((address.clone(), Kind::LogGroup, name.clone()));
        }
    }
    deleted
}

/// Whether the function whose log group this is stands.
async fn stands(provider: &dyn Provider, group: &str) -> Result<bool, Fault> {
    let function = group.trim_start_matches("/aws/lambda/");
    let live = provider.read(Kind::Function, function).await?;
    Ok(live.is_some())
}

fn is_unmarked(tags: &Tags) -> bool {
    !tags.contains_key(TAG_STACK)
}

fn stray(owned: &Owned) -> Stray {
    Stray {
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
        let fault = Fault::ours(format!(
            "the receipt cannot be written to {}: {error}",
            path.display()
        ));
        Error::Fault(
            fault
                .leaving(engine::Residue::Nothing)
                .help("the stack is gone; the receipt stands above"),
        )
    })
}
