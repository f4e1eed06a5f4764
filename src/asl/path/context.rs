//! The context object, `$$` in `JSONPath` and `$states.context` in `JSONata`.

use crate::asl::text::{all_of, suggestion};

/// The fields of the context object
/// (<https://docs.aws.amazon.com/step-functions/latest/dg/input-output-contextobject.html>).
const CONTEXT: &[(&str, &[&str])] = &[
    (
        "Execution",
        &[
            "Id",
            "Input",
            "Name",
            "RedriveCount",
            "RedriveTime",
            "RoleArn",
            "StartTime",
        ],
    ),
    ("Map", &["Item"]),
    ("State", &["EnteredTime", "Name", "RetryCount"]),
    ("StateMachine", &["Id", "Name"]),
    ("Task", &["Token"]),
];

/// The field of a path in the context object that does not exist, and the help for it.
pub(in crate::asl) fn unknown(names: &[&str]) -> Option<(String, String)> {
    let first = names.first()?;
    let Some((_, fields)) = CONTEXT.iter().find(|(name, _)| name == first) else {
        return Some(guess(first, CONTEXT.iter().map(|(name, _)| *name)));
    };
    let second = names.get(1)?;
    if fields.contains(second) {
        return None;
    }
    Some(guess(second, fields.iter().copied()))
}

fn guess<'a>(name: &str, known: impl Iterator<Item = &'a str> + Clone) -> (String, String) {
    let help = match suggestion(name, known.clone()) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => format!("there is {}", all_of(known)),
    };
    (name.to_owned(), help)
}
