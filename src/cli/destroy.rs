//! `treino destroy`

use std::path::PathBuf;

use clap::Args;
use serde_json::json;
use tokio::sync::mpsc;

use super::deploy::{carry_out, ended};
use super::plan::show;
use super::session::{Named, Session, owned};
use super::{Common, End, Error, ask};
use crate::engine::{self, Events, Fault, Provider, Receipt, now, verify};
use crate::plan::{self, Owned, Stray};
use crate::report::{self, Out, Progress};
use crate::stack::{Address, Kind, Site, TAG_STACK, Tags};

/// Delete everything a stack owns, and prove that it is gone
#[derive(Debug, Args)]
pub struct Destroy {
    /// The stack file, or the stack's name: the file may be lost
    #[arg(value_name = "STACK.yaml|NAME")]
    stack: String,
    /// Do not ask
    #[arg(short, long)]
    yes: bool,
    /// Write the receipt to this file, as JSON
    #[arg(long, value_name = "FILE")]
    receipt: Option<PathBuf>,
}

impl Destroy {
    pub(super) async fn run(self, common: &Common, out: Out) -> Result<End, Error> {
        let stack = Named::of(&self.stack).stack()?;
        let session = Session::open(common, out).await?;
        let site = session.site(&stack);
        let cloud = session.cloud(site.clone());
        let began = now();
        let strays = everything(&cloud, &site, out).await?;
        let plan = plan::destroy(&site, &strays);
        if plan.is_empty() {
            out.say(format!(
                "{stack} owns nothing in {}, account {}",
                site.region, site.account
            ));
        } else {
            show(&plan, out);
            if !ask::confirm(out, "delete all of this?", self.yes)? {
                return Ok(End::Failed);
            }
            // A question may stand for hours, and a name may be another's by then.
            if !self.yes && everything(&cloud, &site, out).await? != strays {
                return Err(ask::outdated());
            }
            let summary = carry_out(&cloud, &plan, out).await;
            let end = ended(&summary);
            if end != End::Done {
                return Ok(end);
            }
        }
        let deleted: Vec<(Address, Kind, String)> = strays
            .into_iter()
            .map(|stray| (stray.address, stray.kind, stray.name))
            .collect();
        let receipt = tokio::select! {
            receipt = prove(&cloud, &site, &deleted, began, out) => receipt,
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
    deleted: &[(Address, Kind, String)],
    began: String,
    out: Out,
) -> Receipt {
    let (sender, receiver) = mpsc::unbounded_channel();
    let progress = tokio::spawn(Progress::new(out, 0).show(receiver));
    let events = Events::to(sender);
    let receipt = verify(provider, site, deleted, began, &events).await;
    drop(events);
    let _ = progress.await;
    receipt
}

/// What carries the mark, and the log groups Lambda made for the stack's functions, which carry
/// none.
async fn everything(provider: &dyn Provider, site: &Site, out: Out) -> Result<Vec<Stray>, Error> {
    let found = owned(provider, site, out).await?;
    let mut strays: Vec<Stray> = found.iter().map(stray).collect();
    for function in found.iter().filter(|owned| owned.kind == Kind::Function) {
        let name = format!("/aws/lambda/{}", function.name);
        if strays.iter().any(|known| known.name == name) {
            continue;
        }
        let group = provider.read(Kind::LogGroup, &name).await?;
        if group.is_some_and(|group| is_unmarked(&group.tags)) {
            strays.push(Stray {
                address: function.address.part("logs"),
                kind: Kind::LogGroup,
                name,
                spec: None,
            });
        }
    }
    Ok(strays)
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
