//! The roles treino makes allow enough, and no more; and so does the policy for whoever deploys.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on says where by itself"
)]

mod actions;
mod arns;
mod doctor;
mod enforced;
mod iam_simulate;
pub mod labs;
mod look_alikes;
mod needed;
mod reaper;
mod received;
mod recorded;
mod simulated;
mod simulator;
