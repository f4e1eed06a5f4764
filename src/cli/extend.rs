//! `treino extend`

use std::convert::Infallible;
use std::ffi::OsString;
use std::time::{Duration, SystemTime};

use clap::Args;

use super::terminal::Terminal;
use super::value_parsers::{later, no_expires, time};
use super::{Error, Exit};
use crate::ops::{self, ExtendOptions, Extension, Session, StackRef};
use crate::stack::in_days;

/// Give a stack that is deployed another end
///
/// Without it, a stack ends when its `expires` has passed. A deploy keeps the new end, unless it is later than the file's
/// `expires` allows, or with --renew.
#[derive(Debug, Args)]
#[command(override_usage = "treino extend [OPTIONS] <STACK> <TIME|--until TIME|--never>")]
#[command(group = clap::ArgGroup::new("end").required(true))]
pub struct Extend {
    /// The stack file or the stack's name
    #[arg(value_name = "STACK")]
    stack: OsString,
    #[command(flatten)]
    end: NewEnd,
}

/// The new end of a stack.
#[derive(Debug, Args)]
#[group(skip)]
pub(super) struct NewEnd {
    /// How much later it ends, such as 2h; from now, where it has no end or should be gone
    #[arg(value_name = "TIME", value_parser = later, group = "end", allow_hyphen_values = true)]
    by: Option<Duration>,
    /// When it ends, such as 2026-11-29T10:00:00-03:00; without an offset it is UTC
    #[arg(long, value_name = "TIME", value_parser = time, group = "end", allow_hyphen_values = true)]
    until: Option<SystemTime>,
    /// It has no end: it stays until it is destroyed
    #[arg(long, group = "end")]
    never: bool,
    // An option of `deploy`. Unknown, it would be taken for the time, which may begin with a hyphen.
    #[arg(long = "expires", value_name = "TIME", hide = true, value_parser = no_expires, allow_hyphen_values = true)]
    _expires: Option<Infallible>,
}

impl NewEnd {
    /// As it is written in a command.
    pub(super) fn words(&self) -> Vec<String> {
        match self.extension() {
            Extension::By(by) => vec![in_days(by).replace(' ', "")],
            Extension::Until(until) => {
                let until = humantime::format_rfc3339_seconds(until).to_string();
                vec!["--until".to_owned(), until]
            }
            Extension::Never => vec!["--never".to_owned()],
        }
    }

    pub(super) fn extension(&self) -> Extension {
        match (self.by, self.until) {
            (Some(by), _) => Extension::By(by),
            (None, Some(until)) => Extension::Until(until),
            (None, None) => Extension::Never,
        }
    }
}

impl Extend {
    pub(super) async fn run(self, session: &Session, terminal: &Terminal) -> Result<Exit, Error> {
        let options = ExtendOptions {
            stack: StackRef::named_or_here(Some(&self.stack), session)?,
            extension: self.end.extension(),
        };
        let extended = ops::extend(session, &options, terminal).await?;
        Ok(extended.completion.into())
    }
}
