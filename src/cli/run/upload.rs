//! Putting a file, and waiting for the execution its event starts.

use std::path::Path;
use std::time::{Duration, Instant, SystemTime};

use serde_json::json;

use super::Place;
use crate::aws::executions::{self, MachineDescription};
use crate::cli::{End, Error, ask};
use crate::engine::{Leftover, ProviderError};
use crate::report::{self, StatusLine};

/// On AWS a trail's first data events take minutes to reach `EventBridge`; here they do not.
const WAIT_AWS: Duration = Duration::from_mins(10);
const WAIT_LOCAL: Duration = Duration::from_secs(20);
const POLL_AWS: Duration = Duration::from_secs(1);
const POLL_LOCAL: Duration = Duration::from_millis(150);

impl Place<'_> {
    /// Puts a file and follows what it starts.
    pub(super) async fn put(
        &self,
        machine: &MachineDescription,
        bucket: &str,
        (file, key): (&Path, &str),
        wait: Option<Duration>,
    ) -> Result<End, Error> {
        let wait = wait.unwrap_or(if self.local { WAIT_LOCAL } else { WAIT_AWS });
        if machine.express {
            self.upload(bucket, (file, key)).await?;
            self.out.say(format!(
                "{} is express: AWS keeps no history of its executions to follow; see `treino logs {}`",
                machine.name, self.stack
            ));
            return Ok(End::Done);
        }
        let started = tokio::select! {
            started = self.started(machine, bucket, (file, key), wait) => started?,
            () = ask::signal() => {
                self.out.aside("no longer waited for: the file may still start an execution");
                return Ok(End::Stopped);
            }
            () = report::unread() => return Ok(End::Unread),
        };
        self.follow(&started, Some(key)).await
    }

    async fn upload(&self, bucket: &str, (file, key): (&Path, &str)) -> Result<(), Error> {
        executions::upload(&self.cloud.0, bucket, key, file).await?;
        self.out
            .say(format!("put {} as s3://{bucket}/{key}", file.display()));
        self.out
            .event(&json!({ "event": "put", "bucket": bucket, "key": key }));
        Ok(())
    }

    async fn started(
        &self,
        machine: &MachineDescription,
        bucket: &str,
        (file, key): (&Path, &str),
        wait: Duration,
    ) -> Result<String, Error> {
        let aws = &self.cloud.0;
        let known = executions::recent(aws, &machine.name).await?;
        let began = Instant::now();
        let since = SystemTime::now();
        self.upload(bucket, (file, key)).await?;
        let live = StatusLine::new(self.out);
        let mut said = false;
        loop {
            let object = (bucket, key);
            if let Some(execution) =
                executions::started_by_object(aws, &machine.name, since, object, &known).await?
            {
                return Ok(execution);
            }
            if began.elapsed() > wait {
                return Err(not_started(began.elapsed()).into());
            }
            if !said && began.elapsed() > Duration::from_secs(3) {
                live.aside(&report::dim(
                    "waiting for the event to start an execution (on AWS a new trail can take minutes)",
                ));
                said = true;
            }
            let seconds = began.elapsed().as_secs();
            live.show(format!("waiting for an execution {seconds} s"));
            tokio::time::sleep(if self.local { POLL_LOCAL } else { POLL_AWS }).await;
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
