//! The local AWS: starting, stopping, finding it.

use super::command::{Commands, GivenOptions};
use super::event::{EndedLocalAws, LocalAws};
use super::frontend::{Frontend, Reporter};
use super::installing::Installing;
use super::masking::Masker;
use super::session::{not_running, not_running_but_kept};
use super::{Error, Event};
use crate::local::{self, Chaos, Folders, LocalStatus, Options, Stopped};

/// Starts the local AWS with the data of the last one, or finds the running one. Sets the injected faults.
///
/// # Errors
/// It cannot be installed or started.
pub async fn local_up(
    folders: &Folders,
    options: Options,
    chaos: Option<Chaos>,
    frontend: &dyn Frontend,
) -> Result<(), Error> {
    let masker = Masker::default();
    let out = Reporter::new(frontend, &masker, Commands::default());
    let say = |text: &str| out.info(text);
    let installing = Installing::new(&out);
    let running = installing.ended(local::up(folders, options, &installing).await)?;
    let failed_before = running.chaos.is_some();
    let running = local::disturb(folders, running, chaos, &say).await?;
    let chaos_ended = failed_before && running.chaos.is_none();
    out.send(Event::LocalAws(LocalAws::running(&running, chaos_ended)));
    Ok(())
}

/// Stops the local AWS and deletes its data.
///
/// # Errors
/// It cannot be stopped, or its data not be deleted.
pub async fn local_down(folders: &Folders, frontend: &dyn Frontend) -> Result<(), Error> {
    let masker = Masker::default();
    let out = Reporter::new(frontend, &masker, Commands::default());
    let ended = local::down(folders, &|text| out.info(text)).await?;
    let (was, endpoint, pid) = match ended {
        Stopped::Running(running) => ("running", Some(running.endpoint), Some(running.pid)),
        Stopped::Unrecorded(pid) => ("unrecorded", None, Some(pid)),
        Stopped::Leftovers => ("data", None, None),
        Stopped::Nothing => ("nothing", None, None),
    };
    out.send(Event::LocalAwsDown(EndedLocalAws {
        running: false,
        was,
        endpoint,
        pid,
    }));
    Ok(())
}

/// Shows whether and where the local AWS runs.
///
/// # Errors
/// It is alive and does not answer, or its record cannot be read.
pub async fn local_status(folders: &Folders, frontend: &dyn Frontend) -> Result<(), Error> {
    let masker = Masker::default();
    let out = Reporter::new(frontend, &masker, Commands::default());
    let found = local::status(folders, &|text| out.info(text)).await?;
    out.send(Event::LocalAws(match found {
        LocalStatus::Running(running) => LocalAws::running(&running, false),
        LocalStatus::Kept(kept) => LocalAws::ended(Some((kept.data, kept.bytes))),
        LocalStatus::Nothing => LocalAws::ended(None),
    }));
    Ok(())
}

/// Where the local AWS answers, and the secret access key of each account's root there, which is no event.
///
/// # Errors
/// None runs, or its record cannot be read.
pub async fn local_credentials(
    folders: &Folders,
    frontend: &dyn Frontend,
) -> Result<(String, String), Error> {
    let masker = Masker::default();
    let given = GivenOptions {
        local: true,
        ..GivenOptions::default()
    };
    let out = Reporter::new(frontend, &masker, Commands::with(&given));
    let answer = match local::status(folders, &|text| out.info(text)).await? {
        LocalStatus::Running(running) => Ok((running.endpoint, local::secret(folders)?)),
        LocalStatus::Kept(kept) => Err(not_running_but_kept(&kept).into()),
        LocalStatus::Nothing => Err(not_running().into()),
    };
    out.answer(answer)
}
