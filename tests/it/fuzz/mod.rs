//! Nothing a person or AWS may say makes treino panic, hang or go in circles: texts, trees, live
//! state, histories and whole lives of stacks, made from the real ones by mutation.
//!
//! Each kind of input is tried twice: a fixed number of the same inputs in every `cargo test`, and
//! in an ignored test for as long as one likes, with other inputs every time:
//!
//! ```sh
//! TREINO_FUZZ_MINUTES=10 cargo test --test it fuzz::files -- --ignored --nocapture
//! ```
//!
//! `TREINO_FUZZ_RUNS` counts inputs instead; `TREINO_FUZZ_SEED` begins where an earlier run failed. In
//! the long form an input of up to 64 KB that takes more than a few seconds is a failure too.
//! What was found stands, mended, in `found`.

mod effort;
mod files;
mod found;
mod histories;
mod lives;
mod plans;
mod stacks;
mod texts;
mod trees;

/// Tests of inputs, each in its short form and, under `long`, in its ignored one.
macro_rules! tried {
    ($($(#[$doc:meta])* $name:ident, $cases:literal of $inputs:expr => $check:expr;)*) => {
        $($(#[$doc])* #[test] fn $name() { super::effort::short($cases, &$inputs, $check); })*

        mod long {
            use super::*;
            $(
                #[test]
                #[ignore = "takes as long as TREINO_FUZZ_MINUTES says"]
                fn $name() { super::super::effort::long(stringify!($name), &$inputs, $check); }
            )*
        }
    };
}
use tried;
