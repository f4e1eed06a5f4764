//! `treino deploy`

use std::path::PathBuf;

use clap::Args;

use super::options::{AdoptArgs, Parameters};
use super::terminal::Terminal;
use super::{Error, Exit};
use crate::ops::{self, DeployOptions, Session};

/// Create or update the stack
#[derive(Debug, Args)]
pub struct Deploy {
    /// The stack file, or its folder [default: stack.yaml in this folder]
    #[arg(value_name = "STACK.yaml")]
    stack: Option<PathBuf>,
    /// Do not ask
    #[arg(short, long)]
    yes: bool,
    #[command(flatten)]
    adoption: AdoptArgs,
    /// Delete everything deployed under this stack name without asking, where it was deployed from
    /// another file and nothing of it is in this one
    #[arg(long, value_name = "STACK")]
    replace_stack: Option<String>,
    /// Restart the `expires` countdown
    #[arg(long)]
    renew: bool,
    #[command(flatten)]
    parameters: Parameters,
}

impl Deploy {
    pub(super) async fn run(self, session: &Session, terminal: &Terminal) -> Result<Exit, Error> {
        let options = DeployOptions {
            file: ops::stack_file(self.stack.as_deref())?,
            set: self.parameters.values()?,
            adoption: self.adoption.into(),
            yes: self.yes,
            replace_stack: self.replace_stack,
            renew: self.renew,
        };
        let deployed = ops::deploy(session, &options, terminal).await?;
        Ok(deployed.completion.into())
    }
}
