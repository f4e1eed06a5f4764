//! AWS: the only module that names an AWS SDK.

mod bounded;
mod client;
mod connect;
mod error;
pub mod follow;
mod http;
pub mod kinds;
pub mod logs;
mod pace;
mod pages;
mod provider;
pub mod refusal;
mod signed;
pub mod waiting;
mod whole;

pub use client::Aws;
pub use connect::{Connection, Target, connect, is_region};
pub use provider::Cloud;
