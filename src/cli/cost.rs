//! `treino cost`

use std::path::{Path, PathBuf};

use clap::Args;

use super::options::Parameters;
use super::terminal::Terminal;
use super::value_parsers;
use super::{Error, Exit};
use crate::ops::{self, CostOptions, Session, StackRef};
use crate::stack::usage::{Assumed, MAX_DAYS, MAX_ITEMS, MAX_RUNS};

/// Say what a stack costs, by resource; without --so-far no AWS, no credentials, nothing is fetched
///
/// What the stack file and its definitions show is multiplied with prices of us-east-1, us-west-2, eu-west-1 and
/// sa-east-1. What they do not show is assumed, and said. A price that is not known is never guessed: the sums are without
/// it. The region is --region, else `AWS_REGION` or `AWS_DEFAULT_REGION`, else us-east-1.
#[derive(Debug, Args)]
pub struct Cost {
    /// The stack file, or its folder; with --so-far also a stack's name [default: stack.yaml in this folder]
    #[arg(value_name = "STACK.yaml")]
    stack: Option<PathBuf>,
    /// How often it is used: objects put, executions started
    #[arg(long, value_name = "N", default_value_t = 100, allow_negative_numbers = true, value_parser = |text: &str| value_parsers::whole_number(text, 0, MAX_RUNS))]
    runs: u64,
    /// In how many days; what is stored is kept for all of them
    #[arg(long, value_name = "D", default_value_t = 1, allow_negative_numbers = true, value_parser = |text: &str| value_parsers::whole_number(text, 1, MAX_DAYS))]
    days: u64,
    /// How long a call of a function takes
    #[arg(long, value_name = "S", default_value = "1", allow_negative_numbers = true, value_parser = value_parsers::milliseconds)]
    seconds: u64,
    /// How many items a Map state has
    #[arg(long, value_name = "N", default_value_t = 10, allow_negative_numbers = true, value_parser = |text: &str| value_parsers::whole_number(text, 0, MAX_ITEMS))]
    items: u64,
    #[command(flatten)]
    parameters: Parameters,
    /// What the deployed stack has cost so far, as far as it can be counted: executions, calls, objects, items, logs
    #[arg(long, conflicts_with_all = ["runs", "days", "seconds", "items", "set"])]
    pub(super) so_far: bool,
}

impl Cost {
    pub(super) fn run(self, session: &Session, terminal: &Terminal) -> Result<Exit, Error> {
        let options = CostOptions {
            file: ops::stack_file(self.stack.as_deref())?,
            set: self.parameters.values()?,
            assumed: Assumed {
                runs: self.runs,
                days: self.days,
                milliseconds: self.seconds,
                items: self.items,
            },
        };
        ops::cost(session, &options, terminal)?;
        Ok(Exit::Done)
    }

    pub(super) async fn run_so_far(
        self,
        session: &Session,
        terminal: &Terminal,
    ) -> Result<Exit, Error> {
        let named = self.stack.as_deref().map(Path::as_os_str);
        let stack = StackRef::named_or_here(named, session)?;
        ops::cost_so_far(session, &stack, terminal).await?;
        Ok(Exit::Done)
    }
}
