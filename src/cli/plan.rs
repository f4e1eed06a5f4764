//! `treino plan`

use std::path::PathBuf;

use clap::Args;

use super::options::{AdoptArgs, Parameters};
use super::terminal::Terminal;
use super::{Error, Exit};
use crate::ops::{self, PlanOptions, Session};

/// Show what a deploy would do, and why; change nothing
#[derive(Debug, Args)]
pub struct PlanArgs {
    /// The stack file, or its folder [default: stack.yaml in this folder]
    #[arg(value_name = "STACK.yaml")]
    stack: Option<PathBuf>,
    /// End with 2 if changes are waiting
    #[arg(long)]
    exit_code: bool,
    #[command(flatten)]
    adoption: AdoptArgs,
    /// Say why the roles treino makes allow what they allow
    #[arg(long)]
    explain: bool,
    #[command(flatten)]
    parameters: Parameters,
}

impl PlanArgs {
    pub(super) async fn run(self, session: &Session, terminal: &Terminal) -> Result<Exit, Error> {
        let options = PlanOptions {
            file: ops::stack_file(self.stack.as_deref())?,
            set: self.parameters.values()?,
            adoption: self.adoption.into(),
            explain: self.explain,
        };
        let plan = ops::plan(session, &options, terminal).await?.plan;
        Ok(if !plan.foreign.is_empty() {
            Exit::Failed
        } else if self.exit_code && !plan.changes_nothing() {
            Exit::Waiting
        } else {
            Exit::Done
        })
    }
}
