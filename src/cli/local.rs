//! `treino local`

use std::collections::BTreeMap;

use clap::Subcommand;

use super::options::{Common, local_account};
use super::terminal::Terminal;
use super::{Error, Exit};
use crate::local::{Chaos, Folders, Options};
use crate::ops;
use crate::report::{self, Stream};

/// The AWS on this machine: start it, stop it, show it, use it from other programs
#[derive(Debug, Subcommand)]
pub enum Local {
    /// Install it on first use, and start it with its earlier data; does nothing if it already runs
    Up {
        /// The port to listen on; a free one without it
        #[arg(long)]
        port: Option<u16>,
        /// Do not install face detection: saves 240 MB
        #[arg(long)]
        no_faces: bool,
        /// Enforce IAM policies: --local is each account's root, and may do everything
        #[arg(long)]
        enforce: bool,
        /// Let calls fail on purpose: latency=50ms (or 20ms-80ms), throttle=10%, fail=5%, drop=2%,
        /// only=lambda,s3, seed=42, comma-separated. Without it, calls fail no longer
        #[arg(long, value_name = "WHAT")]
        chaos: Option<Chaos>,
    },
    /// Stop it and delete its data
    Down,
    /// Show whether and where it runs
    Status,
    /// Print shell exports that make the AWS CLI talk to it: eval "$(treino local env)"
    Env,
}

impl Local {
    pub(super) async fn run(self, common: &Common, terminal: &Terminal) -> Result<Exit, Error> {
        let folders = Folders::of_user()?;
        match self {
            Self::Up {
                port,
                no_faces,
                enforce,
                chaos,
            } => {
                let options = Options {
                    port,
                    no_faces,
                    enforce,
                    ..Options::default()
                };
                ops::local_up(&folders, options, chaos, terminal).await?;
            }
            Self::Down => ops::local_down(&folders, terminal).await?,
            Self::Status => ops::local_status(&folders, terminal).await?,
            Self::Env => {
                let (endpoint, secret) = ops::local_credentials(&folders, terminal).await?;
                env(&endpoint, &secret, common)?;
            }
        }
        Ok(Exit::Done)
    }
}

/// Prints the variables as they are: an event would not hold the secret.
fn env(endpoint: &str, secret: &str, common: &Common) -> Result<(), Error> {
    let region = common.region.as_deref().unwrap_or("us-east-1");
    let account = local_account()?;
    let variables = [
        ("AWS_ENDPOINT_URL", endpoint),
        ("AWS_ACCESS_KEY_ID", &account),
        ("AWS_SECRET_ACCESS_KEY", secret),
        ("AWS_REGION", region),
        ("AWS_DEFAULT_REGION", region),
    ];
    if common.json {
        let all = BTreeMap::from(variables);
        let text = serde_json::to_string(&all).unwrap_or_default();
        report::line(Stream::Output, &text);
        return Ok(());
    }
    // A profile or session token left over from real use would win over these keys, or break them.
    report::line(Stream::Output, "unset AWS_PROFILE AWS_SESSION_TOKEN");
    for (name, value) in variables {
        report::line(Stream::Output, &format!("export {name}={value}"));
    }
    Ok(())
}
