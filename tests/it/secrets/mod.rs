//! What must not be seen is nowhere: not in what any verb prints, as text, with `-v` or as JSON, not
//! in receipts, tags, descriptions and definitions, not in the arguments of any process.

mod credentials;
pub mod seen;
mod verbs;
