//! Sending requests: limits, retries, waits, and validation of responses. The same for every service.

mod certificates;
pub(in crate::aws) mod error;
pub mod error_codes;
pub(in crate::aws) mod http;
pub(in crate::aws) mod http_limits;
pub(in crate::aws) mod liveness;
pub(in crate::aws) mod pages;
pub(in crate::aws) mod rate_limiter;
mod rates;
pub(in crate::aws) mod response_validation;
pub(in crate::aws) mod signed_request;
mod surrogates;
pub mod waiter;
