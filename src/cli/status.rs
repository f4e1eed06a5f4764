//! `treino status`

use std::ffi::OsString;

use clap::Args;

use super::terminal::Terminal;
use super::{Error, Exit};
use crate::ops::{self, Session, StackRef};

/// Show what is up, since when, and when it expires
#[derive(Debug, Args)]
pub struct Status {
    /// The stack file or the stack's name; every stack of this account and region without one
    #[arg(value_name = "STACK")]
    stack: Option<OsString>,
}

impl Status {
    pub(super) async fn run(self, session: &Session, terminal: &Terminal) -> Result<Exit, Error> {
        let named = self.stack.as_deref();
        let stack = named
            .map(|stack| StackRef::named_or_here(Some(stack), session))
            .transpose()?;
        let found = ops::status(session, stack.as_ref(), terminal).await?;
        Ok(if found.known {
            Exit::Done
        } else {
            Exit::Failed
        })
    }
}
