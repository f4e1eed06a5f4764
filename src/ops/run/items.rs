//! The items that a stack's tables hold under the key of a file, before and after its execution.

use super::RunContext;
use crate::aws::executions::{self, StoredItem};
use crate::ops::{Error, Event, ItemChange};
use crate::stack::Kind;

/// What a table held under a key before a run.
pub(super) struct ItemBefore {
    table: String,
    /// The name of the table's partition key, unless it could not be read.
    partition_key: Option<String>,
    key: String,
    /// Not known where it could not be read.
    item: Option<Option<StoredItem>>,
}

impl RunContext<'_> {
    /// What the stack's tables hold under a key. What cannot be read now is read after the run, and then nothing is
    /// said of what it was.
    pub(super) async fn items_before(&self, key: &str) -> Vec<ItemBefore> {
        let tables = self.resources.iter();
        let mut found = Vec::new();
        for table in tables.filter(|owned| owned.kind == Kind::Table) {
            let table = table.name.clone();
            let (partition_key, item) = match executions::partition_key(self.aws, &table).await {
                Ok(None) => continue,
                Ok(Some(name)) => {
                    let item = executions::item(self.aws, &table, (&name, key)).await;
                    (Some(name), item.ok())
                }
                Err(_) => (None, None),
            };
            found.push(ItemBefore {
                table,
                partition_key,
                key: key.to_owned(),
                item,
            });
        }
        found
    }

    /// What became of the items.
    pub(super) async fn send_items(&self, items: &[ItemBefore]) -> Result<(), Error> {
        for before in items {
            let table = before.table.as_str();
            let partition_key = match &before.partition_key {
                Some(name) => Some(name.clone()),
                None => executions::partition_key(self.aws, table).await?,
            };
            let Some(partition_key) = partition_key else {
                continue;
            };
            let key = (partition_key.as_str(), before.key.as_str());
            let now = executions::item(self.aws, table, key).await?;
            if let Some(event) = event(&before.table, before.item.as_ref(), now.as_ref()) {
                self.out.send(event);
            }
        }
        Ok(())
    }
}

/// What is to be said of an item; nothing where there was none and is none.
fn event(
    table: &str,
    before: Option<&Option<StoredItem>>,
    now: Option<&StoredItem>,
) -> Option<Event> {
    let table = table.to_owned();
    let known = before.map(Option::as_ref);
    let Some(now) = now else {
        let before = known??.plain();
        return Some(Event::ItemDeleted { table, before });
    };
    let change = known.map(|before| match before {
        None => ItemChange::Created,
        Some(before) if before == now => ItemChange::Unchanged,
        Some(_) => ItemChange::Changed,
    });
    let changed = known.flatten().filter(|before| *before != now);
    Some(Event::Item {
        table,
        item: now.plain(),
        change,
        before: changed.map(StoredItem::plain),
    })
}
