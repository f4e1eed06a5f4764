//! `treino local`

use clap::Subcommand;
use serde_json::json;

use super::session::{aside, bytes, kept_back, local_account, none_runs};
use super::{Common, End, Error};
use crate::local::{self, Chaos, Ended, Folders, Found, Kept, Options, Running};
use crate::report::{self, Out, Stream};

/// The AWS on this machine: start, stop, look, use it from other programs
#[derive(Debug, Subcommand)]
pub enum Local {
    /// Install it on first use, and start it, with what an ended one held; a second time finds the first
    Up {
        /// The port to listen on; a free one without it
        #[arg(long)]
        port: Option<u16>,
        /// Do without faces: 240 MB less to install
        #[arg(long)]
        no_faces: bool,
        /// Enforce IAM policies: --local is each account's root, and may do everything
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
        let say = aside(out);
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
                let running = local::up(&folders, options, &say).await?;
                let before = running.chaos.is_some();
                let running = local::disturb(&folders, running, chaos, &say).await?;
                show(&running, out);
                if before && running.chaos.is_none() {
                    out.say(report::dim("  nothing fails on purpose any longer"));
                }
            }
            Self::Down => {
                match local::down(&folders, &say).await? {
                Ended::Running(running) => out.say(format!(
                    "the local AWS at {} is stopped and its data deleted",
                    running.endpoint
                )),
                Ended::Unrecorded(pid) => out.say(format!(
                    "the local AWS (pid {pid}), of which there was no record, is stopped and its data deleted"
                )),
                Ended::Leftovers => {
                    out.say("the local AWS was not running; what it had left is deleted");
                }
                Ended::Nothing => out.say("the local AWS was not running"),
            }
                out.event(&json!({ "running": false }));
            }
            Self::Status => match local::status(&folders, &say).await? {
                Found::Running(running) => show(&running, out),
                Found::Kept(kept) => show_kept(&kept, out),
                Found::Nothing => {
                    out.say(none_runs().message);
                    out.event(&json!({ "running": false }));
                }
            },
            Self::Env => match local::status(&folders, &say).await? {
                Found::Running(running) => env(&running, &local::secret(&folders)?, common, out)?,
                Found::Kept(kept) => return Err(kept_back(&kept).into()),
                Found::Nothing => return Err(none_runs().into()),
            },
        }
        Ok(End::Done)
    }
}

fn show_kept(kept: &Kept, out: Out) {
    let failure = kept_back(kept);
    out.say(&failure.message);
    out.say(report::dim(&format!(
        "  {}",
        failure.help.unwrap_or_default()
    )));
    out.event(&json!({ "running": false, "data": kept.data, "bytes": kept.bytes }));
}

fn show(running: &Running, out: Out) {
    out.say(format!(
        "the local AWS runs at {} (pid {}) since {}",
        running.endpoint, running.pid, running.since
    ));
    out.say(report::dim(&format!(
        "  data {} ({})\n  log  {}",
        running.data.display(),
        bytes(running.bytes()),
        running.log.display()
    )));
    if running.enforced {
        out.say(report::dim("  enforcing IAM policies"));
    }
    if let Some(unsaved) = &running.unsaved {
        out.say(format!("  {} {unsaved}", report::warning("warning:")));
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
        fields.insert("bytes".into(), json!(running.bytes()));
    }
    out.event(&value);
}

fn env(running: &Running, secret: &str, common: &Common, out: Out) -> Result<(), Error> {
    let region = common
        .region
        .clone()
        .unwrap_or_else(|| "us-east-1".to_owned());
    let account = local_account()?;
    let variables = [
        ("AWS_ENDPOINT_URL", running.endpoint.as_str()),
        ("AWS_ACCESS_KEY_ID", &account),
        ("AWS_SECRET_ACCESS_KEY", secret),
        ("AWS_REGION", &region),
        ("AWS_DEFAULT_REGION", &region),
    ];
    if out.json {
        let all: std::collections::BTreeMap<_, _> = variables.into_iter().collect();
        // As it is: an event of a run would hide the secret.
        report::line(Stream::Output, &json!(all).to_string());
        return Ok(());
    }
    // A profile or session token left over from real use would win over these keys, or break them.
    report::line(Stream::Output, "unset AWS_PROFILE AWS_SESSION_TOKEN");
    for (name, value) in variables {
        report::line(Stream::Output, &format!("export {name}={value}"));
    }
    Ok(())
}
