//! Fault injection: the settings of `local up --chaos`, and how a running local AWS gets them.
//!
//! The settings are a file in its data folder, which only this user may read or write. The local AWS reads
//! it at every request: the settings change without a restart, and are deleted with the data.

mod parse;

use std::fmt;
use std::io::Write;
use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{Folders, LocalStatus, Running, private_file, status};
use crate::source::Diagnostic;

/// The faults that calls of the deploying user meet.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Chaos {
    /// The added latency of each call, minimum and maximum, in milliseconds.
    latency: (u32, u32),
    /// The share that is throttled.
    throttle: Share,
    /// The share that fails with an internal error.
    fail: Share,
    /// The share whose connection ends, before or after the call was carried out.
    drop: Share,
    /// The services with faults, as signatures name them; empty for all.
    only: Vec<&'static str>,
    /// The seed of the random choice; a random one if `None`.
    seed: Option<u32>,
}

/// A share, in units of 0.01%.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Share(u32);

/// 100%.
const WHOLE: u32 = 10_000;

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let text = format!("{}.{:02}", self.0 / 100, self.0 % 100);
        write!(f, "{}%", text.trim_end_matches('0').trim_end_matches('.'))
    }
}

/// The settings in the form that `--chaos` takes.
impl fmt::Display for Chaos {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let mut parts = Vec::new();
        match self.latency {
            (0, 0) => {}
            (least, most) if least == most => parts.push(format!("latency={least}ms")),
            (least, most) => parts.push(format!("latency={least}ms-{most}ms")),
        }
        let shares = [
            ("throttle", self.throttle),
            ("fail", self.fail),
            ("drop", self.drop),
        ];
        for (name, share) in shares {
            if share > Share::default() {
                parts.push(format!("{name}={share}"));
            }
        }
        if !self.only.is_empty() {
            parts.push(format!("only={}", self.only.join(",")));
        }
        parts.extend(self.seed.map(|seed| format!("seed={seed}")));
        f.write_str(&parts.join(","))
    }
}

/// What a local AWS is made to fail at, and what came of it so far.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Disturbance {
    /// The settings, as they can be given to `--chaos` again.
    pub settings: String,
    /// The calls that were subject to them.
    pub requests: u64,
    /// How many of these were refused as too many.
    pub throttled: u64,
    /// How many failed for no reason.
    pub failed: u64,
    /// How many lost their connection.
    pub dropped: u64,
}

/// The settings file of the local AWS with this data folder.
pub(super) fn file(data: &Path) -> PathBuf {
    data.join("chaos.json")
}

/// Sets or removes the faults of the running local AWS. The counts start again at zero.
///
/// # Errors
/// The file cannot be written, or the local AWS does not apply it.
pub async fn disturb(
    folders: &Folders,
    running: Running,
    chaos: Option<Chaos>,
    say: &(dyn Fn(&str) + Sync),
) -> Result<Running, Diagnostic> {
    let path = file(&running.data);
    let unwritable = |error: std::io::Error| {
        Diagnostic::error_with_help(
            format!("{} cannot be written: {error}", path.display()),
            "stop the local AWS by `treino local down` (its data is deleted), then start it again",
        )
    };
    let settings = match chaos {
        None => match std::fs::remove_file(&path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(unwritable(error));
            }
            _ => None,
        },
        Some(chaos) => {
            let chaos = Chaos {
                seed: chaos.seed.or_else(|| Some(made_up())),
                ..chaos
            };
            written(&path, &chaos).map_err(unwritable)?;
            Some(chaos.to_string())
        }
    };
    match status(folders, say).await? {
        LocalStatus::Running(now)
            if now.chaos.as_ref().map(|chaos| &chaos.settings) == settings.as_ref() =>
        {
            Ok(*now)
        }
        _ => Err(Diagnostic::error_with_help(
            format!("the local AWS at {} knows of no chaos", running.endpoint),
            "another treino has started it: stop it first with `treino local down` (its data is deleted)",
        )),
    }
}

/// A random short number, easy to say aloud in a lesson.
fn made_up() -> u32 {
    use std::hash::{BuildHasher, RandomState};
    let number = RandomState::new().hash_one(()) % 10_000;
    u32::try_from(number).unwrap_or_default()
}

/// Replaces the file atomically, by a new file.
fn written(path: &Path, chaos: &Chaos) -> std::io::Result<()> {
    let share = |share: Share| f64::from(share.0) / f64::from(WHOLE);
    let settings = json!({
        "settings": chaos.to_string(),
        "latency": [chaos.latency.0, chaos.latency.1],
        "throttle": share(chaos.throttle),
        "fail": share(chaos.fail),
        "drop": share(chaos.drop),
        "only": chaos.only,
        "seed": chaos.seed,
    });
    let new = path.with_extension("new");
    private_file(&new)?.write_all(settings.to_string().as_bytes())?;
    std::fs::rename(&new, path)
}
