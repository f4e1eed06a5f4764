//! treino deploys a small serverless lab to AWS from one YAML file, shows it working, and destroys
//! it completely.
//!
//! The modules, from the bottom up; each uses only those above it:
//!
//! - [`source`]: text files with the position of every value, and diagnostics about them
//! - [`data`]: facts of AWS that change, as files made from packages
//! - [`asl`]: Step Functions definitions
//! - [`history`]: the history of an execution
//! - [`stack`]: the stack file, and the resources it describes
//! - [`plan`]: the plan as data
//! - [`engine`]: survey, apply and verify, over any provider
//! - [`aws`]: the provider for AWS, the only module that names an AWS SDK
//! - [`local`]: the local AWS
//! - [`ops`]: what each verb does, for anything that calls it
//! - [`class`]: one stack for each student of a class
//! - [`report`]: events, plans and receipts as text
//! - [`cli`]: the command line
//!
//! `docs/architecture.md` says more.

pub mod asl;
pub mod aws;
mod build;
pub mod class;
pub mod cli;
pub mod data;
pub mod engine;
pub mod history;
pub mod local;
pub mod ops;
pub mod plan;
pub mod report;
pub mod source;
pub mod stack;
