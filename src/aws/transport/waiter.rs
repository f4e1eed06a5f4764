//! Waits for slow operations of AWS, and retries calls that AWS will accept soon.

use std::time::Duration;

use tokio::time::Instant;

use crate::engine::{Events, ProviderError};

/// The first pause.
const FIRST_PAUSE: Duration = Duration::from_millis(200);
/// The longest pause.
const MAX_PAUSE: Duration = Duration::from_secs(2);

/// How long a new role may take to be usable in every service.
pub const ROLE_PROPAGATION_TIMEOUT: Duration = Duration::from_mins(2);
/// How long a new resource may be invisible to reads. After that, something else has deleted it.
pub const READ_AFTER_CREATE_TIMEOUT: Duration = Duration::from_secs(30);
/// How long a table, function or state machine may take to become ready or deleted.
pub const STATUS_TIMEOUT: Duration = Duration::from_mins(5);
/// How long a new bucket, or its policy, may take to be visible.
pub const PROPAGATION_TIMEOUT: Duration = Duration::from_mins(1);
/// How long the tags of a new resource may be invisible to the conditions of policies.
pub const TAG_PROPAGATION_TIMEOUT: Duration = Duration::from_secs(20);
/// How long the name of a deleted bucket or state machine may stay unavailable.
pub const NAME_RELEASE_TIMEOUT: Duration = Duration::from_mins(5);

/// How long a resource may show no sign of a requested deletion.
const DELETE_ACCEPTED_TIMEOUT: Duration = Duration::from_mins(1);
const NOT_DELETED: &str = "AWS has said for a minute that it deletes this, but it still exists";
const NOT_DELETED_HELP: &str = "run the same command again, or delete it by hand";

/// How long a service may throttle calls.
pub const THROTTLING_TIMEOUT: Duration = Duration::from_mins(1);

/// Repeats a call while it fails with a temporary error, until `deadline` is over; then returns the last
/// error. The first call is made at once.
///
/// # Errors
/// An error that is not temporary, or the last one.
pub async fn retry_while<T, F, Fut>(
    deadline: Duration,
    say: (&Events, &str, &str),
    is_temporary: impl Fn(&ProviderError) -> bool,
    mut call: F,
) -> Result<T, ProviderError>
where
    F: FnMut() -> Fut,
    Fut: Future<Output = Result<T, ProviderError>>,
{
    let (events, name, waits_for) = say;
    let began = Instant::now();
    let mut pause = FIRST_PAUSE;
    let mut is_noted = false;
    loop {
        match call().await {
            Err(error) if is_temporary(&error) && began.elapsed() + pause < deadline => {
                if !is_noted {
                    events.note(name, waits_for);
                    is_noted = true;
                }
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(MAX_PAUSE);
            }
            Err(error) if is_temporary(&error) => {
                let waited = began.elapsed().as_secs();
                return Err(match error.help {
                    Some(_) => error,
                    None => error.help(format!(
                        "{waits_for}, for {waited} s in vain; run the same command again"
                    )),
                });
            }
            other => return other,
        }
    }
}

/// Polls until there is a value, or `deadline` is over.
///
/// # Errors
/// A failed poll, or the timeout.
pub async fn wait_for<T, F, Fut>(
    deadline: Duration,
    say: (&Events, &str, &str),
    mut look: F,
) -> Result<T, ProviderError>
where
    F: FnMut() -> Fut,
    Fut: Future<Output = Result<Option<T>, ProviderError>>,
{
    let mut backoff = Backoff::of(deadline, say);
    loop {
        if let Some(seen) = look().await? {
            return Ok(seen);
        }
        backoff.pause().await?;
    }
}

/// The observed status of a resource that is being deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeletionStatus {
    /// It does not exist.
    Deleted,
    /// Its status says that it is being deleted.
    Deleting,
    /// It exists, with no sign of the deletion.
    Exists,
}

/// Polls until a resource is deleted. If a second poll still shows no sign of the deletion, it is requested
/// again: the first request was lost or came too early.
///
/// # Errors
/// A failed poll or deletion, a resource that ignores its deletion, or the timeout.
pub async fn wait_deleted<F, D>(
    deadline: Duration,
    say: (&Events, &str, &str),
    mut look: impl FnMut() -> F,
    mut delete: impl FnMut() -> D,
) -> Result<(), ProviderError>
where
    F: Future<Output = Result<DeletionStatus, ProviderError>>,
    D: Future<Output = Result<(), ProviderError>>,
{
    let mut exists_since: Option<Instant> = None;
    let mut backoff = Backoff::of(deadline, say);
    loop {
        match look().await? {
            DeletionStatus::Deleted => return Ok(()),
            DeletionStatus::Deleting => exists_since = None,
            DeletionStatus::Exists => match exists_since {
                None => exists_since = Some(Instant::now()),
                Some(since) if since.elapsed() > DELETE_ACCEPTED_TIMEOUT => {
                    return Err(ProviderError::new(NOT_DELETED).help(NOT_DELETED_HELP));
                }
                Some(_) => delete().await?,
            },
        }
        backoff.pause().await?;
    }
}

/// The backoff between polls, until the deadline is over.
struct Backoff<'a> {
    deadline: Duration,
    say: (&'a Events, &'a str, &'a str),
    began: Instant,
    pause: Duration,
    is_noted: bool,
}

impl<'a> Backoff<'a> {
    fn of(deadline: Duration, say: (&'a Events, &'a str, &'a str)) -> Self {
        Self {
            deadline,
            say,
            began: Instant::now(),
            pause: FIRST_PAUSE,
            is_noted: false,
        }
    }

    async fn pause(&mut self) -> Result<(), ProviderError> {
        let (events, name, waits_for) = self.say;
        if self.began.elapsed() + self.pause > self.deadline {
            let waited = self.began.elapsed().as_secs();
            return Err(
                ProviderError::new(format!("{waits_for}, for {waited} s in vain"))
                    .help("run the same command again: it goes on from what is there"),
            );
        }
        if !self.is_noted {
            events.note(name, waits_for);
            self.is_noted = true;
        }
        tokio::time::sleep(self.pause).await;
        self.pause = (self.pause * 2).min(MAX_PAUSE);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    /// The result of waiting for a deletion with these observed statuses, its duration, and the number of
    /// repeated deletions.
    async fn waited(
        seen: impl Fn(u32) -> DeletionStatus,
    ) -> (Result<(), ProviderError>, Duration, u32) {
        let (looks, deletions) = (Cell::new(0), Cell::new(0));
        let events = Events::none();
        let began = Instant::now();
        let look = || async {
            looks.set(looks.get() + 1);
            Ok(seen(looks.get()))
        };
        let delete = || async {
            deletions.set(deletions.get() + 1);
            Ok(())
        };
        let gone = wait_deleted(
            STATUS_TIMEOUT,
            (&events, "lab-t", "it is being deleted"),
            look,
            delete,
        )
        .await;
        (gone, began.elapsed(), deletions.get())
    }

    #[tokio::test(start_paused = true)]
    async fn an_ignored_deletion_is_repeated_and_then_fails() {
        let (gone, took, deletions) = waited(|_| DeletionStatus::Exists).await;
        assert!(gone.unwrap_err().message.contains("it still exists"));
        assert!(
            took > DELETE_ACCEPTED_TIMEOUT && took < DELETE_ACCEPTED_TIMEOUT * 2,
            "{took:?}"
        );
        assert!((20..60).contains(&deletions), "{deletions}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_deletion_in_progress_is_waited_for() {
        let (gone, took, deletions) = waited(|_| DeletionStatus::Deleting).await;
        assert!(gone.unwrap_err().message.contains("in vain"));
        assert!(
            took + MAX_PAUSE > STATUS_TIMEOUT && deletions == 0,
            "{took:?}"
        );

        // One observation without a sign of the deletion is ignored.
        let seen = |look| {
            [
                DeletionStatus::Exists,
                DeletionStatus::Deleting,
                DeletionStatus::Deleted,
            ][look as usize - 1]
        };
        let (gone, _, deletions) = waited(seen).await;
        assert_eq!((gone, deletions), (Ok(()), 0));
    }
}
