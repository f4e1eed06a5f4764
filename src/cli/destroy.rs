//! `treino destroy`

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use clap::Args;

use super::terminal::Terminal;
use super::{Error, Exit};
use crate::engine::{Leftover, ProviderError, Receipt};
use crate::ops::{self, DestroyOptions, Session, StackRef};

/// Delete everything a stack owns, and prove that it is deleted
#[derive(Debug, Args)]
pub struct Destroy {
    /// The stack file, its folder, or the stack's name if the file is lost [default: stack.yaml in this folder]
    #[arg(value_name = "STACK.yaml|NAME")]
    stack: Option<OsString>,
    /// Do not ask
    #[arg(short, long)]
    yes: bool,
    /// Delete object versions, too, that Object Lock keeps in governance mode
    ///
    /// AWS takes this only of credentials with `s3:BypassGovernanceRetention`. Nobody can delete a version in
    /// compliance mode, nor one under a legal hold.
    #[arg(long)]
    bypass_governance: bool,
    /// Write the receipt to this file, as JSON
    #[arg(long, value_name = "FILE")]
    receipt: Option<PathBuf>,
}

impl Destroy {
    pub(super) async fn run(self, session: &Session, terminal: &Terminal) -> Result<Exit, Error> {
        let options = DestroyOptions {
            stack: StackRef::named_or_here(self.stack.as_deref())?,
            yes: self.yes,
            bypass_governance: self.bypass_governance,
        };
        let destroyed = ops::destroy(session, &options, terminal).await?;
        if let (Some(path), Some(receipt)) = (&self.receipt, &destroyed.receipt) {
            write(path, receipt)?;
        }
        Ok(destroyed.completion.into())
    }
}

fn write(path: &Path, receipt: &Receipt) -> Result<(), Error> {
    let text = serde_json::to_string_pretty(receipt).unwrap_or_default();
    std::fs::write(path, text + "\n").map_err(|error| {
        let error = ProviderError::new(format!(
            "the receipt cannot be written to {}: {error}",
            path.display()
        ));
        Error::Provider(
            error
                .with_leftover(Leftover::Nothing)
                .help("the stack is deleted; the receipt is above"),
        )
    })
}
