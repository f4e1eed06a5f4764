//! Waiting for what AWS makes slowly, and trying again what it will accept in a moment.

use std::time::Duration;

use tokio::time::Instant;

use crate::engine::{Events, Fault};

/// The first pause.
const FIRST: Duration = Duration::from_millis(200);
/// The longest pause.
const LONGEST: Duration = Duration::from_secs(2);

/// How long a new role may take to be known everywhere.
pub const ROLE: Duration = Duration::from_mins(2);
/// How long what was just made may not be seen yet: after that, something else has deleted it.
pub const SEEN: Duration = Duration::from_secs(10);
/// How long a table, function or machine may take to be ready or gone.
pub const READY: Duration = Duration::from_mins(5);
/// How long a fresh bucket, or its policy, may take to be seen.
pub const BUCKET: Duration = Duration::from_mins(1);
/// How long the name of a deleted bucket, or a machine being deleted, may stay taken.
pub const TAKEN: Duration = Duration::from_mins(5);

/// How long a service may take no calls.
pub const BUSY: Duration = Duration::from_mins(1);

/// Calls until the answer is no passing refusal, or `deadline` is over; then answers the last
/// refusal. The first call is made at once.
///
/// # Errors
/// A refusal that is not passing, or the last one.
pub async fn patiently<T, F, Fut>(
    deadline: Duration,
    say: (&Events, &str, &str),
    passing: impl Fn(&Fault) -> bool,
    mut call: F,
) -> Result<T, Fault>
where
    F: FnMut() -> Fut,
    Fut: Future<Output = Result<T, Fault>>,
{
    let (events, name, waits_for) = say;
    let began = Instant::now();
    let mut pause = FIRST;
    let mut said = false;
    loop {
        match call().await {
            Err(fault) if passing(&fault) && began.elapsed() + pause < deadline => {
                if !said {
                    events.note(name, waits_for);
                    said = true;
                }
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(LONGEST);
            }
            Err(fault) if passing(&fault) => {
                let waited = began.elapsed().as_secs();
                return Err(match fault.help {
                    Some(_) => fault,
                    None => fault.help(format!(
                        "{waits_for}, for {waited} s in vain; run the same command again"
                    )),
                });
            }
            other => return other,
        }
    }
}

/// Looks until there is an answer, or `deadline` is over.
///
/// # Errors
/// A look that failed, or that the deadline is over.
pub async fn until<T, F, Fut>(
    deadline: Duration,
    say: (&Events, &str, &str),
    mut look: F,
) -> Result<T, Fault>
where
    F: FnMut() -> Fut,
    Fut: Future<Output = Result<Option<T>, Fault>>,
{
    let (events, name, waits_for) = say;
    let began = Instant::now();
    let mut pause = FIRST;
    let mut said = false;
    loop {
        if let Some(seen) = look().await? {
            return Ok(seen);
        }
        if began.elapsed() + pause > deadline {
            let waited = began.elapsed().as_secs();
            return Err(Fault::ours(format!("{waits_for}, for {waited} s in vain"))
                .help("run the same command again: it goes on from what is there"));
        }
        if !said {
            events.note(name, waits_for);
            said = true;
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(LONGEST);
    }
}
