//! AWS: the only module that names an AWS SDK.

mod client;
mod connect;
pub mod follow;
pub mod logs;
mod provider;
pub mod resources;
pub mod transport;

pub use client::Aws;
pub use connect::{ConnectOptions, Connection, connect, is_region};
pub use provider::AwsProvider;
pub use transport::ended::Ended;
pub use transport::http_limits::AT_ONCE as CALLS_AT_ONCE;
pub use transport::rate_limiter::RateLimiter;
