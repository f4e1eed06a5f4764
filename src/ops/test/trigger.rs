//! Doing what a check does, and finding the execution that comes of it.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use serde_json::Value;

use crate::aws::executions;
use crate::ops::Error;
use crate::ops::run::RunContext;
use crate::ops::run::object_puts::ObjectPuts;
use crate::ops::run::repeat::Put;
use crate::stack::Kind;

/// What is done.
pub(super) enum Trigger {
    /// A file is put.
    Put {
        file: PathBuf,
        bucket: String,
        key: String,
    },
    /// A message is sent to a queue or topic.
    Send {
        kind: Kind,
        name: String,
        body: String,
    },
    /// An event is put on the bus.
    Event {
        source: String,
        detail_type: String,
        detail: Value,
    },
}

impl Trigger {
    /// The key of the object that is put.
    pub(super) fn object(&self) -> Option<String> {
        match self {
            Self::Put { key, .. } => Some(key.clone()),
            Self::Send { .. } | Self::Event { .. } => None,
        }
    }
}

/// Something that is done, and the executions it starts.
pub(super) struct Attempt<'a> {
    pub(super) run: &'a RunContext<'a>,
    pub(super) act: Trigger,
    /// The state machine's name; nothing where no execution is waited for.
    pub(super) machine: Option<String>,
    /// When it was begun.
    pub(super) since: SystemTime,
    /// The executions before that.
    pub(super) known: BTreeSet<String>,
    /// The files that were put.
    pub(super) puts: ObjectPuts,
    /// The id of what was sent.
    pub(super) id: Mutex<String>,
}

impl Put for Attempt<'_> {
    /// A file is put again from time to time, as the first events of a bucket may be lost. A message or event is sent
    /// once.
    async fn put(&self, puts: u32) -> Result<(), Error> {
        let aws = self.run.aws;
        let id = match &self.act {
            Trigger::Put { file, bucket, key } => {
                return self.puts.put(self.run, (bucket, key), file).await;
            }
            _ if puts > 1 => return Ok(()),
            Trigger::Send {
                kind: Kind::Topic,
                name,
                body,
            } => executions::publish(aws, name, body).await?,
            Trigger::Send { name, body, .. } => executions::send_message(aws, name, body).await?,
            Trigger::Event {
                source,
                detail_type,
                detail,
            } => executions::put_event(aws, (source, detail_type), detail).await?,
        };
        *self.id.lock().unwrap_or_else(PoisonError::into_inner) = id;
        Ok(())
    }

    async fn started(&self) -> Result<Vec<String>, Error> {
        let Some(machine) = &self.machine else {
            return Ok(Vec::new());
        };
        let (aws, since, known) = (self.run.aws, self.since, &self.known);
        if let Trigger::Put { bucket, key, .. } = &self.act {
            let machine = (machine.as_str(), since);
            let started = self.puts.started(self.run, machine, (bucket, key), known);
            return started.await;
        }
        let id = self
            .id
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        Ok(executions::started_by_id(aws, machine, since, &id, known).await?)
    }

    async fn say_waiting(&self) {}
}
