//! `treino status`

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::time::SystemTime;

use clap::Args;
use futures_util::future::{join_all, try_join_all};
use serde_json::json;

use super::looking::looking;
use super::session::{Named, Session, none_runs, warn};
use super::{Common, End, Error};
use crate::engine::{Provider, ProviderError, Scope};
use crate::plan::{Owned, Unseen};
use crate::report::{self, Out, Standing};
use crate::stack::{Kind, TAG_EXPIRES, TAG_OWNER, TAG_STACK};

/// Show what is up, since when, and when it expires
#[derive(Debug, Args)]
pub struct Status {
    /// The stack file or the stack's name; every stack of this account and region without one
    #[arg(value_name = "STACK")]
    stack: Option<OsString>,
}

impl Status {
    pub(super) async fn run(self, common: &Common, out: Out) -> Result<End, Error> {
        let named = self
            .stack
            .as_deref()
            .map(|text| Named::of(text).stack("status"))
            .transpose()?;
        let Some(session) = Session::existing(common, out).await? else {
            let what = named.map_or_else(
                || "no stack stands".to_owned(),
                |name| format!("{name} does not stand"),
            );
            out.say(format!("{what}: {}", none_runs().message));
            out.event(&json!({ "running": false }));
            return Ok(End::Done);
        };
        let target = session.target(named.as_deref().unwrap_or_default());
        let cloud = session.cloud(target.clone());
        let scope = Scope {
            stack: named.clone(),
            known: Vec::new(),
        };
        let (provider, scope) = (&cloud, &scope);
        let listings =
            Kind::ALL.map(|kind| async move { (kind, provider.owned(kind, scope).await) });
        let mut found: Vec<Owned> = Vec::new();
        let listings = looking(out, "all that may be a stack's", join_all(listings));
        for (kind, owned) in listings.await {
            match owned {
                Ok(owned) => found.extend(owned),
                Err(error) if error.is_denied() => {
                    let why = error.to_string();
                    let unseen = Unseen { kind, why };
                    warn(&unseen, out);
                }
                Err(error) => return Err(error.into()),
            }
        }
        let mut stacks: BTreeMap<(String, Option<String>), Vec<Owned>> = BTreeMap::new();
        for owned in found {
            let stack = owned.tags.get(TAG_STACK).cloned().unwrap_or_default();
            let owner = owned.tags.get(TAG_OWNER).cloned();
            if common.owner.is_none() || common.owner == owner {
                stacks.entry((stack, owner)).or_default().push(owned);
            }
        }
        let place = format!("{}, account {}", target.region, target.account);
        if stacks.is_empty() {
            let what = named.as_ref().map_or_else(
                || "no stack stands".to_owned(),
                |name| format!("{name} does not stand"),
            );
            out.say(format!("{what} in {place}"));
        }
        for ((stack, owner), mut resources) in stacks {
            resources.sort_by(|a, b| a.address.cmp(&b.address));
            let since = oldest(&cloud, &resources).await?;
            let expires = resources
                .iter()
                .filter_map(|owned| owned.tags.get(TAG_EXPIRES))
                .min()
                .cloned();
            let standing = Standing {
                stack,
                owner,
                since,
                expires,
                resources,
            };
            out.say(report::standing(
                &standing,
                named.is_some() || out.verbose,
                SystemTime::now(),
            ));
            out.event(&json!({ "event": "stack", "stack": standing, "region": target.region, "account": target.account }));
        }
        Ok(End::Done)
    }
}

/// When the first resource that knows its age was made.
async fn oldest(
    provider: &dyn Provider,
    resources: &[Owned],
) -> Result<Option<String>, ProviderError> {
    let dated = resources.iter().filter(|owned| owned.kind.facts().is_dated);
    let lives = try_join_all(dated.map(|owned| provider.read(owned.kind, &owned.name))).await?;
    Ok(lives
        .into_iter()
        .flatten()
        .filter_map(|live| live.created)
        .min())
}
