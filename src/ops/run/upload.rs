//! Putting a file, and waiting for the execution its event starts.

use std::path::Path;
use std::time::{Duration, Instant, SystemTime};

use super::{RunContext, RunEnd};
use crate::aws::executions::{self, MachineDescription};
use crate::engine::{Leftover, ProviderError};
use crate::ops::{Error, Event};

/// On AWS a trail's first data events take minutes to reach `EventBridge`; here they do not.
const WAIT_AWS: Duration = Duration::from_mins(10);
const WAIT_LOCAL: Duration = Duration::from_secs(20);
const POLL_AWS: Duration = Duration::from_secs(1);
const POLL_LOCAL: Duration = Duration::from_millis(150);
/// After so long it is said what is waited for.
const SILENT: Duration = Duration::from_secs(3);

impl RunContext<'_> {
    /// Puts a file and follows what it starts.
    pub(super) async fn put(
        &self,
        machine: &MachineDescription,
        bucket: &str,
        (file, key): (&Path, &str),
        wait: Option<Duration>,
    ) -> Result<RunEnd, Error> {
        let wait = wait.unwrap_or(if self.is_local { WAIT_LOCAL } else { WAIT_AWS });
        if machine.express {
            self.upload(bucket, (file, key)).await?;
            self.out.send(Event::NotFollowed {
                machine: machine.name.clone(),
                stack: self.stack.to_owned(),
            });
            return Ok(RunEnd::Succeeded);
        }
        let started = tokio::select! {
            started = self.started_by(machine, bucket, (file, key), wait) => started?,
            () = self.out.stop() => {
                self.out.send(Event::NoLongerWaitedFor { express: false });
                return Ok(RunEnd::Stopped);
            }
            () = self.out.unread() => return Ok(RunEnd::Unread),
        };
        self.follow(&started, Some(key)).await
    }

    async fn upload(&self, bucket: &str, (file, key): (&Path, &str)) -> Result<(), Error> {
        executions::upload(self.aws, bucket, key, file).await?;
        self.out.send(Event::Put {
            file: file.display().to_string(),
            bucket: bucket.to_owned(),
            key: key.to_owned(),
        });
        Ok(())
    }

    /// The execution that the event of a file starts.
    async fn started_by(
        &self,
        machine: &MachineDescription,
        bucket: &str,
        (file, key): (&Path, &str),
        wait: Duration,
    ) -> Result<String, Error> {
        let known = executions::recent(self.aws, &machine.name).await?;
        let began = Instant::now();
        let since = SystemTime::now();
        self.upload(bucket, (file, key)).await?;
        self.out.send(Event::WaitingForExecution {
            machine: machine.name.clone(),
        });
        let mut said = false;
        loop {
            let object = (bucket, key);
            let found =
                executions::started_by_object(self.aws, &machine.name, since, object, &known)
                    .await?;
            if let Some(execution) = found {
                return Ok(execution);
            }
            if began.elapsed() > wait {
                return Err(not_started(began.elapsed()).into());
            }
            if !said && began.elapsed() > SILENT {
                self.out.info(
                    "waiting for the event to start an execution (on AWS a new trail can take minutes)",
                );
                said = true;
            }
            tokio::time::sleep(if self.is_local { POLL_LOCAL } else { POLL_AWS }).await;
        }
    }
}

fn not_started(waited: Duration) -> ProviderError {
    let waited = humantime::format_duration(Duration::from_secs(waited.as_secs()));
    ProviderError::new(format!(
        "the file was put, but no execution started within {waited}"
    ))
    .help(
        "see with `treino plan` whether the trail records, its selectors name the bucket and the rule is on; a new \
         trail's first events can take minutes (--wait 15m); --input starts the machine directly",
    )
    .with_leftover(Leftover::Nothing)
}
