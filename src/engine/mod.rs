//! Doing: surveying what is live, applying a plan as concurrently as its graph allows, verifying
//! that a destroyed stack is gone.
//!
//! The engine knows AWS only as a [`Provider`], so that it runs as well against the model world of
//! the tests. It prints nothing: it sends [`Event`]s.

mod apply;
mod destroy_journal;
mod event;
mod provider;
mod provider_error;
mod quota;
mod sanitize;
mod schedule;
mod survey;
mod verify_applied;
mod verify_destroyed;

pub use apply::{Outcome, Stop, Summary, apply};
pub use destroy_journal::DestroyJournal;
pub use event::{Event, Events};
pub use provider::{Provider, Scope, Task};
pub use provider_error::{Leftover, ProviderError};
pub use quota::check_quotas;
pub use sanitize::{escaped, sanitize, without_commands};
pub use schedule::Schedule;
pub use survey::{Listing, listing, survey};
pub use verify_destroyed::{Absence, Deleted, Receipt, now, verify_destroyed};
