//! `treino doctor`

use std::path::PathBuf;

use clap::Args;

use super::options::Parameters;
use super::terminal::Terminal;
use super::{Error, Exit};
use crate::ops::{self, DoctorOptions, Session};

/// Say what will fail before anything is made, and the way out; change nothing
///
/// Credentials, clock, region, permissions, the roles that the stack names, quotas and the account's plan are looked at;
/// with --local, the programs of this machine. What cannot be found out is said. Without a stack file, only what holds for
/// any stack is looked at. Ends with 1 only if a deploy would fail.
#[derive(Debug, Args)]
pub struct Doctor {
    /// The stack file, or its folder [default: stack.yaml in this folder, if there is one]
    #[arg(value_name = "STACK.yaml")]
    stack: Option<PathBuf>,
    #[command(flatten)]
    parameters: Parameters,
}

impl Doctor {
    pub(super) async fn run(self, session: &Session, terminal: &Terminal) -> Result<Exit, Error> {
        let file = match self.stack.as_deref() {
            Some(named) => Some(ops::stack_file(Some(named))?),
            None => ops::stack_file(None).ok(),
        };
        let set = self.parameters.values()?;
        let options = DoctorOptions { file, set };
        let diagnosis = ops::doctor(session, &options, terminal).await?;
        Ok(if diagnosis.fails {
            Exit::Failed
        } else {
            Exit::Done
        })
    }
}
