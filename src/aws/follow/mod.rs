//! The calls behind `treino run`: putting a file, starting, finding and stopping executions, reading
//! their history and the item they left.

mod executions;
mod express;
mod history;
mod item;
mod machine;
mod put;

pub use executions::{Execution, describe, input_limit, input_too_long, start, stop, under_way};
pub use express::{Billed, run_express};
pub use history::History;
pub use item::item;
pub use machine::{Machine, definition_facts, machine};
pub use put::{execution_of, put, running};
