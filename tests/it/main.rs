//! All integration tests, in one binary: linking the AWS SDK once is enough.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on says where by itself"
)]

mod architecture;
mod bad_input;
mod behaviours;
mod budgets;
mod checks;
mod class;
mod class_care;
mod class_ends;
mod class_marks;
mod class_rates;
mod conformance;
mod consequences;
mod copied;
mod cost;
mod data;
mod docs;
mod drift;
mod end_to_end;
mod ending;
mod extension;
mod follow;
mod foreign;
mod formats;
mod fuzz;
mod generated_names;
mod guards;
mod handouts;
mod hints;
mod hostile;
mod iam_reference;
mod init;
mod kills;
mod kinds;
mod least_privilege;
mod leftovers;
mod lifetimes;
mod limits;
mod local_aws;
mod local_lifecycle;
mod local_safety;
mod loops;
mod model_world;
mod models;
mod one_fault;
mod ops;
mod package;
mod packages;
mod plan_cases;
mod policies;
mod properties;
mod races;
mod readme;
mod reaper;
mod reaper_grants;
mod runaway;
mod schema;
mod secrets;
mod so_far;
mod support;
mod sweep;
mod truth;
mod untrusted;
