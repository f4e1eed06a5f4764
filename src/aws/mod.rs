//! AWS: the only module that names an AWS SDK.

mod assume_errors;
mod caller;
mod client;
mod config_files;
mod connect;
mod credential_chain;
mod credential_errors;
mod credentials;
pub mod doctor;
pub mod executions;
pub mod inventory;
pub mod invocations;
mod keys;
pub mod logs;
pub mod needed_actions;
mod orphans;
mod profile;
mod provider;
pub mod reaper;
mod regions;
pub mod resources;
mod shared_lists;
mod sightings;
pub mod spent;
pub mod transport;
mod unread;

pub use caller::Caller;
pub use client::{Artifacts, Aws};
pub use connect::{AwsConnection, ConnectOptions, connect, is_region};
pub use orphans::Leavings;
pub use provider::AwsProvider;
pub use shared_lists::SharedLists;
pub use transport::http::HttpSettings;
pub use transport::http_limits::MAX_CONCURRENT_CALLS;
pub use transport::liveness::LivenessCheck;
pub use transport::rate_limiter::RateLimiter;
