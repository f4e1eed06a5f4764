//! The additions to the local AWS, each asked as AWS is: by the SDK's clients and by definitions.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on says where by itself"
)]

mod api;
mod chaos;
mod connections;
mod directory_buckets;
mod ended;
mod http_tasks;
mod objects;
mod pictures;
mod states;
mod vaults;

/// The code and the status of a refusal.
macro_rules! refused {
    ($call:expr) => {{
        let error = $call.send().await.expect_err("a refusal");
        let status = error.raw_response().map(|raw| raw.status().as_u16());
        (
            error.code().unwrap_or_default().to_owned(),
            status.unwrap_or_default(),
        )
    }};
}
use refused;

/// A refusal, as `refused!` shows it.
fn refusal(code: &str, status: u16) -> (String, u16) {
    (code.to_owned(), status)
}
