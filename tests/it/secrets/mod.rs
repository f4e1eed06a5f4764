//! Secrets appear nowhere: not in the output of any verb, as text, with `-v` or as JSON; not in receipts,
//! tags, descriptions, definitions or the arguments of any process.

mod credentials;
pub mod seen;
mod verbs;
