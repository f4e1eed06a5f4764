//! `treino completions`

use clap::{Args, CommandFactory};

use super::{Cli, Exit};
use crate::report::{self, Stream};

/// Print a shell's completions: source them from its start-up file
#[derive(Debug, Args)]
pub struct Completions {
    /// The shell
    shell: clap_complete::Shell,
}

impl Completions {
    pub(super) fn run(&self) -> Exit {
        let mut text = Vec::new();
        clap_complete::generate(self.shell, &mut Cli::command(), "treino", &mut text);
        report::line(Stream::Output, &String::from_utf8_lossy(&text));
        Exit::Done
    }
}
