//! `treino init`

use std::path::PathBuf;

use clap::Args;

use super::terminal::Terminal;
use super::{Error, Exit};
use crate::ops::{self, InitOptions, Session};

/// Write one of treino's labs into a folder, to begin with; without a name, list them
///
/// A lab is a stack file with its definition, its functions and, where it takes one, a photo. No file is
/// ever overwritten. Then come the commands that deploy it on the local AWS, run it and delete it.
#[derive(Debug, Args)]
pub struct Init {
    /// The lab's name
    #[arg(value_name = "LAB")]
    lab: Option<String>,
    /// The folder; one of the lab's name without it
    #[arg(value_name = "DIR")]
    folder: Option<PathBuf>,
}

impl Init {
    pub(super) fn run(self, session: &Session, terminal: &Terminal) -> Result<Exit, Error> {
        let options = InitOptions {
            lab: self.lab,
            folder: self.folder,
        };
        ops::init(session, &options, terminal)?;
        Ok(Exit::Done)
    }
}
