//! `treino test`: the checks of a stack file against what is deployed.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on says where by itself"
)]

mod files;
mod five_ways;
mod messages;
mod together;

use serde_json::Value;

use crate::support::CommandResult;

/// What a check came to.
#[track_caller]
fn result(tested: &CommandResult, check: &str) -> Value {
    let ended = tested.events("check_ended").into_iter();
    let mut ended = ended.filter(|one| one["check"] == check);
    let result = ended
        .next()
        .unwrap_or_else(|| panic!("no result of {check}"));
    assert_eq!(ended.next(), None, "{check} ends once");
    result
}

/// The kinds and messages of the causes, in their order.
fn causes(result: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let causes = result["causes"].as_array().into_iter().flatten();
    causes
        .map(|one| (text(&one["cause"]), text(&one["message"])))
        .collect()
}
