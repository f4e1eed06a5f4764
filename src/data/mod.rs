//! Facts of AWS that change: data files, which `update.py` makes from packages of the public registries; prices are
//! written by hand.
//!
//! Each file says at its top from which version of which package it was made, and when that was published.
//! `cargo test --test it data` compares the files with these packages.

pub mod integrations;
pub mod limits;
pub mod modules;
pub mod partitions;
pub mod prices;
pub mod runtimes;

use serde::Deserialize;

/// A package that a data file was made from.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DataSource {
    /// Its name in its registry.
    pub package: String,
    /// Its version.
    pub version: String,
    /// The day it was published: `2026-11-20`.
    pub date: String,
}
