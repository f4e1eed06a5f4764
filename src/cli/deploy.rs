//! `treino deploy`

use std::path::PathBuf;

use clap::Args;

use super::options::{AdoptArgs, Parameters};
use super::terminal::Terminal;
use super::{Error, Exit};
use crate::ops::{self, DeployOptions, Session};
use crate::stack::StackLifetime;

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
    /// How long it is deployed, from now, such as 2h, or never: in place of the file's `expires`, until a
    /// deploy for which the file says less
    #[arg(
        long,
        value_name = "TIME",
        conflicts_with = "renew",
        allow_hyphen_values = true
    )]
    expires: Option<String>,
    #[command(flatten)]
    parameters: Parameters,
}

impl Deploy {
    pub(super) async fn run(self, session: &Session, terminal: &Terminal) -> Result<Exit, Error> {
        let lifetime = self.expires.as_deref().map(|text| lifetime(text, session));
        let lifetime = lifetime.transpose()?;
        let options = DeployOptions {
            file: ops::stack_file(self.stack.as_deref())?,
            set: self.parameters.values()?,
            adoption: self.adoption.into(),
            yes: self.yes,
            replace_stack: self.replace_stack,
            renew: self.renew,
            lifetime,
            // A terminal that a CI system gives has nobody before it.
            ask_end: std::env::var_os("CI").is_none_or(|ci| ci.is_empty() || ci == "false"),
        };
        let deployed = ops::deploy(session, &options, terminal).await?;
        Ok(deployed.completion.into())
    }
}

/// The value of `--expires`. What is too short differs on a local AWS.
pub(super) fn lifetime(text: &str, session: &Session) -> Result<StackLifetime, Error> {
    StackLifetime::parse(text, session.shortest_expiry())
        .map_err(|wrong| Error::Usage(format!("--expires: {}: {}", wrong.message, wrong.help)))
}
