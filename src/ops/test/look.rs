//! What there is to see after a check did something.

use std::time::SystemTime;

use serde_json::Value;

use super::compare::fits;
use crate::asl::is_expression;
use crate::aws::executions::{self, ReceivedMessage, StoredItem};
use crate::engine::ProviderError;
use crate::history::{ExecutionEvent, ExecutionResult};
use crate::ops::CheckLogLine;
use crate::ops::run::RunContext;
use crate::stack::{ExpectedItem, ExpectedMessage};

/// How long a message that was received is hidden from others: each is received once in a check.
const HIDDEN_SECONDS: i32 = 30;
/// The clocks of two machines may differ by so many milliseconds.
const CLOCKS_DIFFER: i64 = 5_000;

/// What was seen.
#[derive(Debug, Default)]
pub(super) struct CheckView {
    /// The ARN of the execution.
    pub(super) execution: Option<String>,
    /// How it ended.
    pub(super) result: Option<ExecutionResult>,
    /// What happened in it.
    pub(super) events: Vec<ExecutionEvent>,
    /// What is in the table.
    pub(super) item: Option<FoundValue>,
    /// What is in the queue.
    pub(super) message: Option<FoundValue>,
    /// What was logged.
    pub(super) lines: Vec<CheckLogLine>,
}

/// An item or message that was looked for.
#[derive(Debug, Default, Clone, PartialEq)]
pub(super) struct FoundValue {
    /// Whether the table or queue is there.
    pub(super) exists: bool,
    /// The one that fits.
    pub(super) found: Option<Value>,
    /// Whether it was there before, and is the same.
    pub(super) is_unchanged: bool,
    /// The one that is new and has most of what is wanted.
    pub(super) closest: Option<Value>,
}

/// The items of a table that may be meant; nothing where the table is not there. One item is read by its key: what
/// `where` says of the partition key, or the key of the object that is put, as `treino run` does. Where neither has one,
/// the whole table is read.
pub(super) async fn items(
    run: &RunContext<'_>,
    (table, wanted): (Option<&str>, &ExpectedItem),
    object: Option<&str>,
) -> Result<Option<Vec<StoredItem>>, ProviderError> {
    let Some(table) = table else {
        return Ok(None);
    };
    let partition_key = match executions::partition_key(run.aws, table).await {
        Ok(name) => name,
        Err(error) if error.is("ResourceNotFoundException") => return Ok(None),
        Err(error) => return Err(error),
    };
    if let Some(name) = partition_key {
        let written = wanted.fields.get(&name).and_then(Value::as_str);
        let written = written.filter(|text| !is_expression(text));
        if let Some(key) = written.or(object) {
            let found = executions::item(run.aws, table, (&name, key)).await?;
            if found.is_some() || written.is_some() {
                return Ok(Some(found.into_iter().collect()));
            }
        }
    }
    executions::items(run.aws, table)
        .await
        .map(Some)
        .map_err(|error| {
            if error.is_denied() {
                error.help(
                    "name the table's partition key in `where`: then the item is read by its key",
                )
            } else {
                error
            }
        })
}

/// The item that is wanted, among those of the table now.
pub(super) fn chosen_item(
    wanted: &ExpectedItem,
    before: Option<&[StoredItem]>,
    now: Option<&[StoredItem]>,
) -> FoundValue {
    let Some(now) = now else {
        return FoundValue::default();
    };
    let before = before.unwrap_or_default();
    let (old, new): (Vec<_>, Vec<_>) = now.iter().partition(|item| before.contains(item));
    let fields = Value::Object(wanted.fields.clone());
    let fitting = |items: &[&StoredItem]| {
        let mut plain = items.iter().map(|item| item.plain());
        plain.find(|item| fits(&fields, item))
    };
    let found = fitting(&new);
    let is_unchanged = found.is_none();
    let found = found.or_else(|| fitting(&old));
    let same = |item: &Value| {
        let fields = wanted.fields.iter();
        fields
            .filter(|(name, value)| fits(value, &item[name.as_str()]))
            .count()
    };
    let closest = new
        .iter()
        .map(|item| item.plain())
        .max_by_key(|item| same(item));
    FoundValue {
        exists: true,
        is_unchanged: is_unchanged && found.is_some(),
        found,
        closest,
    }
}

/// The messages of a queue that were received in this check.
#[derive(Debug, Default)]
pub(super) struct Mailbox {
    received: Vec<ReceivedMessage>,
}

impl Mailbox {
    /// Receives what has come since, and looks for what is wanted.
    pub(super) async fn look(
        &mut self,
        run: &RunContext<'_>,
        (queue, wanted): (Option<&str>, &ExpectedMessage),
        since: SystemTime,
    ) -> Result<FoundValue, ProviderError> {
        let Some(queue) = queue else {
            return Ok(FoundValue::default());
        };
        let since = since
            .duration_since(SystemTime::UNIX_EPOCH)
            .unwrap_or_default();
        let since = i64::try_from(since.as_millis()).unwrap_or_default() - CLOCKS_DIFFER;
        let new = executions::receive(run.aws, queue, HIDDEN_SECONDS).await?;
        self.received.extend(new);
        let fields = Value::Object(wanted.fields.clone());
        let sent = self
            .received
            .iter()
            .filter(|message| message.sent >= since || message.sent == 0);
        let sent: Vec<Value> = sent.map(|message| message.body.clone()).collect();
        let is_it = |body: &&Value| wanted.fields.is_empty() || fits(&fields, body);
        Ok(FoundValue {
            exists: true,
            found: sent.iter().find(is_it).cloned(),
            is_unchanged: false,
            closest: sent.last().cloned(),
        })
    }

    /// Takes the message that was found out of the queue, and lets others receive the rest.
    pub(super) async fn close(
        self,
        run: &RunContext<'_>,
        queue: Option<&str>,
        found: Option<&Value>,
    ) -> Result<(), ProviderError> {
        let Some(queue) = queue else {
            return Ok(());
        };
        let mut found = found;
        for message in &self.received {
            let is_taken = found.is_some_and(|body| *body == message.body);
            if is_taken {
                found = None;
            }
            executions::settle(run.aws, queue, message, is_taken).await?;
        }
        Ok(())
    }
}
