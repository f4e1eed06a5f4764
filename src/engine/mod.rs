//! Executes plans: surveys AWS, applies a plan as concurrently as its dependencies allow, and verifies that a
//! destroyed stack is gone.
//!
//! The engine knows AWS only as a [`Provider`], so that tests can run it against a model. It prints nothing:
//! it sends [`EngineEvent`]s.

mod apply;
mod destroy_journal;
mod event;
mod listing;
mod provider;
mod provider_error;
mod quota;
mod sanitize;
mod schedule;
mod survey;
mod verify_applied;
mod verify_destroyed;

pub use apply::{Outcome, Stop, Summary, apply};
pub use destroy_journal::{DestroyJournal, first_journal, is_being_destroyed, is_journal_name};
pub use event::{EngineEvent, Events};
pub use listing::{OwnedResources, apart_from_trail, is_of_shared_trail, list_any, list_owned};
pub use provider::{Contents, ListedAndOwned, PendingReads, Provider, Scope, Sighting, Task};
pub use provider_error::{LOCAL_AWS_ENDED, Leftover, ProviderError};
pub use quota::check_quotas;
pub use sanitize::{escape_terminal_commands, sanitize, strip_terminal_commands};
pub use schedule::Schedule;
pub use survey::{has_own_names, survey};
pub use verify_destroyed::{AbsenceRecord, DeletedResource, Receipt, now, verify_destroyed};
