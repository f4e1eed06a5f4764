//! `treino sweep`

use std::time::Duration;

use clap::Args;

use super::terminal::Terminal;
use super::{Error, Exit, value_parsers};
use crate::ops::{self, Session, SweepOptions, SweptRegions};

/// Delete every stack that has expired, or whose destroy has not ended
///
/// It finds stacks by listing what AWS has: no file is needed. It shows what it found, asks once, deletes each stack,
/// and proves that it is gone. With --owner, only stacks of this owner are deleted. A stack that is not chosen stays.
#[derive(Debug, Args)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is an option of its own"
)]
pub struct Sweep {
    /// Delete stacks whose `expires` has passed, and those whose destroy has begun and not ended [the default]
    #[arg(long)]
    expired: bool,
    /// Delete stacks whose first resource is older than this, such as 8h or 2d
    #[arg(long, value_name = "TIME", value_parser = value_parsers::duration)]
    older_than: Option<Duration>,
    /// Delete every stack that treino has deployed
    #[arg(long, conflicts_with_all = ["expired", "older_than"])]
    all: bool,
    /// Where to look: `all`, or regions separated by commas [default: the region in use]
    #[arg(long, value_name = "all|REGION,...", value_parser = value_parsers::regions, conflicts_with = "region")]
    regions: Option<SweptRegions>,
    /// List, too, what no stack has: log groups of functions that do not exist any more, buckets of other tools
    ///
    /// They are not deleted.
    #[arg(long)]
    orphans: bool,
    /// Only show what would be deleted
    #[arg(long)]
    dry_run: bool,
    /// Do not ask
    #[arg(short, long)]
    yes: bool,
}

impl Sweep {
    pub(super) async fn run(self, session: &Session, terminal: &Terminal) -> Result<Exit, Error> {
        let options = SweepOptions {
            regions: self.regions.unwrap_or_default(),
            expired: self.expired || !self.all && self.older_than.is_none(),
            older_than: self.older_than,
            all: self.all,
            orphans: self.orphans,
            yes: self.yes,
            dry_run: self.dry_run,
        };
        let swept = ops::sweep(session, &options, terminal).await?;
        Ok(swept.completion.into())
    }
}
