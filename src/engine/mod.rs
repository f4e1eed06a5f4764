//! Doing: surveying what is live, applying a plan as concurrently as its graph allows, verifying
//! that a destroyed stack is gone.
//!
//! The engine knows AWS only as a [`Provider`], so that it runs as well against the model world of
//! the tests. It prints nothing: it sends [`Event`]s.

mod apply;
mod confirm;
mod event;
mod fault;
mod memory;
mod provider;
mod room;
mod said;
mod schedule;
mod survey;
mod verify;

pub use apply::{Outcome, Stop, Summary, apply};
pub use event::{Event, Events};
pub use fault::{Fault, Residue};
pub use memory::Memory;
pub use provider::{Provider, Scope, Task};
pub use room::room;
pub use said::{escaped, said, without_commands};
pub use schedule::Schedule;
pub use survey::{Listing, listing, survey};
pub use verify::{Absence, Deleted, Receipt, now, verify};
