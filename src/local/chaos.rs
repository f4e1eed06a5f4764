//! Diagnostic on purpose: what `local up --chaos` takes, and how a local AWS that runs is told.
//!
//! The settings are a file in its data folder, which only this user may read or write and which it
//! looks at at every request. So they come and go without a restart, and end with its data.

mod parse;

use std::fmt;
use std::io::Write;
use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{Folders, LocalStatus, Running, private_file, status};
use crate::source::Diagnostic;

/// What is to befall the calls of whoever deploys.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Chaos {
    /// How much longer each takes, at least and at most, in milliseconds.
    latency: (u32, u32),
    /// How many are refused as too many.
    throttle: Share,
    /// How many fail for no reason.
    fail: Share,
    /// How many lose their connection, before or after they are done.
    drop: Share,
    /// The services it is limited to, as signatures name them; all where none is named.
    only: Vec<&'static str>,
    /// What is drawn depends on it alone; one is made up where none is given.
    seed: Option<u32>,
}

/// So many of ten thousand.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Share(u32);

/// All.
const WHOLE: u32 = 10_000;

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let text = format!("{}.{:02}", self.0 / 100, self.0 % 100);
        write!(f, "{}%", text.trim_end_matches('0').trim_end_matches('.'))
    }
}

/// The same settings, as they can be given again.
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

/// The file of the settings of the local AWS that has its data here.
pub(super) fn file(data: &Path) -> PathBuf {
    data.join("chaos.json")
}

/// Makes the local AWS that runs fail as it is said, or at nothing any longer. Counting begins anew.
///
/// # Errors
/// The file cannot be written, or the local AWS does not heed it.
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
            "stop the local AWS (treino local down; its data goes with it), then start it again",
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
            "another treino has started it: stop it first with `treino local down` (its data goes with it)",
        )),
    }
}

/// Any of a few numbers: short, so that it can be said aloud in a lesson.
fn made_up() -> u32 {
    use std::hash::{BuildHasher, RandomState};
    let number = RandomState::new().hash_one(()) % 10_000;
    u32::try_from(number).unwrap_or_default()
}

/// Whole at any moment, and always another file than before.
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
