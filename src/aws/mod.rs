//! AWS: the only module that names an AWS SDK.

mod bounded;
mod client;
mod connect;
mod ended;
mod error;
pub mod executions;

mod http;
pub mod kinds;
pub mod logs;
mod pace;
mod pages;
mod provider;
pub mod refusal;
mod signed;
mod surrogates;
pub mod waiting;
mod whole;

pub use bounded::AT_ONCE as CALLS_AT_ONCE;
pub use client::Aws;
pub use connect::{Connection, Target, connect, is_region};
pub use ended::Ended;
pub use provider::Cloud;
