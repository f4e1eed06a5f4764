//! `JSONPath` (stage 2).
