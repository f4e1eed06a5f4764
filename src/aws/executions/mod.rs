//! The calls behind `treino run`: uploading a file, starting, finding and stopping executions, reading
//! their history and the item they wrote.

mod execution;
mod express;
mod history_reader;
mod item;
mod list;
mod machine;
mod request_id;
mod sent;
mod upload;

pub use execution::{Execution, describe, input_limit, input_too_long, running, start, stop};
pub use express::{BilledUsage, run_express};
pub use history_reader::HistoryReader;
pub use item::{StoredItem, item, items, partition_key};
pub use list::{Listed, count_since, latest, list};
pub use machine::{MachineDescription, definition_facts, describe_machine};
pub use sent::{ReceivedMessage, publish, put_event, receive, send_message, settle, started_by_id};
pub use upload::{recent, started_by_object, upload};
