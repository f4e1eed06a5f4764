//! `treino local`

use clap::Subcommand;
use serde_json::json;

use super::session::local_account;
use super::{Common, End, Error};
use crate::local::{self, Chaos, Folders, Options, Running};
use crate::report::{self, Out};

/// The AWS on this machine: start, stop, look, use it from other programs
#[derive(Debug, Subcommand)]
pub enum Local {
    /// Install it on first use, and start it; a second time finds the first
    Up {
        /// The port to listen on; a free one without it
        #[arg(long)]
        port: Option<u16>,
        /// Do without faces: 240 MB less to install
        #[arg(long)]
        no_faces: bool,
        /// Verify signatures and enforce IAM policies: --local is then each account's root
        #[arg(long)]
        enforce: bool,
        /// Let calls fail on purpose: latency=50ms (or 20ms-80ms), throttle=10%, fail=5%, drop=2%,
        /// only=lambda,s3, seed=42, with commas in between. Without it, none does any longer
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
    pub(super) async fn run(self, common: &Common, out: Out) -> Result<End, Error> {
        let folders = Folders::of_user()?;
        match self {
            Self::Up {
                port,
                no_faces,
                enforce,
                chaos,
            } => {
                let say = |text: &str| out.aside(report::dim(text));
                let options = Options {
                    port,
                    no_faces,
                    enforce,
                };
                let running = local::up(&folders, options, &say).await?;
                let before = running.chaos.is_some();
                let running = local::disturb(&folders, running, chaos).await?;
                show(&running, out);
                if before && running.chaos.is_none() {
                    out.say(report::dim("  nothing fails on purpose any longer"));
                }
            }
            Self::Down => match local::down(&folders).await? {
                Some(running) => out.say(format!(
                    "the local AWS at {} is stopped and its data deleted",
                    running.endpoint
                )),
                None => out.say("the local AWS was not running"),
            },
            Self::Status => {
                if let Some(running) = local::status(&folders).await? {
                    show(&running, out);
                } else {
                    out.say("the local AWS is not running");
                    out.event(&json!({ "running": false }));
                }
            }
            Self::Env => {
                let say = |text: &str| out.aside(report::dim(text));
                let running = local::up(&folders, Options::default(), &say).await?;
                env(&running, &local::secret(&folders)?, common)?;
            }
        }
        Ok(End::Done)
    }
}

fn show(running: &Running, out: Out) {
    out.say(format!(
        "the local AWS runs at {} (pid {}) since {}",
        running.endpoint, running.pid, running.since
    ));
    out.say(report::dim(&format!(
        "  data {}\n  log  {}",
        running.data.display(),
        running.log.display()
    )));
    if running.enforced {
        out.say(report::dim("  enforcing IAM policies"));
    }
    if let Some(chaos) = &running.chaos {
        out.say(report::dim(&format!(
            "  failing on purpose: {}",
            chaos.settings
        )));
        out.say(report::dim(&format!(
            "  since it was set: {} calls, of which {} throttled, {} failed, {} dropped",
            chaos.requests, chaos.throttled, chaos.failed, chaos.dropped
        )));
    }
    if !running.faces {
        out.say(report::dim(
            "  without faces: `treino local down`, then `treino local up` installs what finds them",
        ));
    }
    let mut value = json!(running);
    if let Some(fields) = value.as_object_mut() {
        fields.insert("running".into(), json!(true));
    }
    out.event(&value);
}

fn env(running: &Running, secret: &str, common: &Common) -> Result<(), Error> {
    let region = common
        .region
        .clone()
        .unwrap_or_else(|| "us-east-1".to_owned());
    let account = local_account()?;
    // A profile or session token left over from real use would win over these keys, or break them.
    println!("unset AWS_PROFILE AWS_SESSION_TOKEN");
    for (name, value) in [
        ("AWS_ENDPOINT_URL", running.endpoint.as_str()),
        ("AWS_ACCESS_KEY_ID", &account),
        ("AWS_SECRET_ACCESS_KEY", secret),
        ("AWS_REGION", &region),
        ("AWS_DEFAULT_REGION", &region),
    ] {
        println!("export {name}={value}");
    }
    Ok(())
}
