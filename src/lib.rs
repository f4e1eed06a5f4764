//! treino deploys a small serverless lab to AWS from one YAML file, shows it working, and destroys
//! it completely.
//!
//! The map, from the bottom up; each module uses only those above it:
//!
//! - [`source`]: text files with the place of every value, and diagnostics found in them
//! - [`asl`]: Step Functions definitions
//! - [`history`]: the history of an execution
//! - [`stack`]: the stack file, and the resources it comes to
//! - [`plan`]: what has to be done, as data
//! - [`engine`]: surveying, applying, verifying, over any cloud
//! - [`aws`]: the one cloud, and the only place that names an AWS SDK
//! - [`local`]: the AWS on this machine
//! - [`ops`]: what each verb does, for anything that calls it
//! - [`report`]: events, plans and receipts as text
//! - [`cli`]: the command line
//!
//! `docs/architecture.md` says more.

pub mod asl;
pub mod aws;
pub mod cli;
pub mod engine;
pub mod history;
pub mod local;
pub mod ops;
pub mod plan;
pub mod report;
pub mod source;
pub mod stack;
