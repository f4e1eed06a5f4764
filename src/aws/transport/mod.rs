//! How requests are sent, limited, retried and waited for, and how answers are checked: the same for every service.

pub(in crate::aws) mod ended;
pub(in crate::aws) mod error;
pub mod error_codes;
pub(in crate::aws) mod http;
pub(in crate::aws) mod http_limits;
pub(in crate::aws) mod pages;
pub(in crate::aws) mod rate_limiter;
pub(in crate::aws) mod response_validation;
pub(in crate::aws) mod signed_request;
mod surrogates;
pub mod waiter;
