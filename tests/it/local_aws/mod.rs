//! The additions to the local AWS, each asked as AWS is: by the SDK's clients and by definitions.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on says where by itself"
)]

mod ended;
mod objects;
mod vaults;
