//! `treino completions`

use clap::{Args, CommandFactory};

use super::{Cli, End, Error};

/// Print a shell's completions: source them from its start-up file
#[derive(Debug, Args)]
pub struct Completions {
    /// The shell
    shell: clap_complete::Shell,
}

impl Completions {
    #[allow(clippy::unnecessary_wraps, reason = "verbs are alike")]
    pub(super) fn run(self) -> Result<End, Error> {
        let mut text = Vec::new();
        clap_complete::generate(self.shell, &mut Cli::command(), "treino", &mut text);
        crate::report::Out::default().say(String::from_utf8_lossy(&text));
        Ok(End::Done)
    }
}
