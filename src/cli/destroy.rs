//! `treino destroy`

use std::ffi::OsString;
use std::fs::OpenOptions;
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
            stack: StackRef::named_or_here(self.stack.as_deref(), session)?,
            yes: self.yes,
            bypass_governance: self.bypass_governance,
        };
        if let Some(path) = &self.receipt {
            check_writable(path)?;
        }
        let destroyed = ops::destroy(session, &options, terminal).await?;
        if let (Some(path), Some(receipt)) = (&self.receipt, &destroyed.receipt) {
            write(path, receipt)?;
        }
        Ok(destroyed.completion.into())
    }
}

/// Refuses a file that cannot be written, before anything is deleted. What it contains stays.
fn check_writable(path: &Path) -> Result<(), Error> {
    // Opening a pipe would wait for its reader.
    if path.exists() && !path.is_file() && !path.is_dir() {
        return Ok(());
    }
    let is_new = !path.exists();
    let opened = OpenOptions::new().create(true).append(true).open(path);
    let checked = opened.and_then(|_| {
        if is_new {
            // The file itself, where the path is a link to it.
            std::fs::remove_file(std::fs::canonicalize(path)?)?;
        }
        Ok(())
    });
    checked.map_err(|error| {
        Error::Usage(format!(
            "--receipt: {} cannot be written: {error}; nothing was deleted",
            path.display()
        ))
    })
}

fn write(path: &Path, receipt: &Receipt) -> Result<(), Error> {
    let text = serde_json::to_string_pretty(receipt).unwrap_or_default();
    std::fs::write(path, text + "\n").map_err(|error| {
        let error = ProviderError::new(format!(
            "the receipt cannot be written to {}: {error}",
            path.display()
        ));
        let help = match (receipt.resources.is_empty(), receipt.is_proved()) {
            (true, true) => "there was nothing to delete",
            (false, true) => "the stack is deleted; the receipt is above",
            (_, false) => "what could not be confirmed deleted is above",
        };
        Error::Provider(error.with_leftover(Leftover::Nothing).help(help))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_receipt_that_cannot_be_written_is_refused_before_anything_is_deleted() {
        let folder = tempfile::tempdir().unwrap();
        let at = folder.path();
        for path in [at.join("no/such/x.json"), at.to_path_buf()] {
            let refused = check_writable(&path).unwrap_err().to_string();
            let shown = format!("--receipt: {} cannot be written: ", path.display());
            assert!(refused.starts_with(&shown), "{refused}");
        }
        let new = at.join("new.json");
        assert_eq!(check_writable(&new), Ok(()));
        assert!(!new.exists(), "the check leaves no file");
        let old = at.join("old.json");
        std::fs::write(&old, "{}").unwrap();
        assert_eq!(check_writable(&old), Ok(()));
        assert_eq!(std::fs::read_to_string(&old).unwrap(), "{}");
    }
}
