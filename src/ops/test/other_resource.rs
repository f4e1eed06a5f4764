//! Variables of functions that name what is not the stack's.

use super::diagnose::cause;
use super::live::{KnownNames, LiveFunction};
use crate::ops::{CauseKind, CheckCause, Mismatch};
use crate::stack::Kind;

/// The variable of a function that names a table or queue that is not the stack's, where something is missed in the
/// stack's and no error says why.
pub(super) fn other_resource(
    missed: &[Mismatch],
    functions: &[LiveFunction],
    known: &impl KnownNames,
) -> Option<CheckCause> {
    let services = missed.iter().filter_map(|one| match one.of.as_str() {
        "item" => Some("dynamodb"),
        "message" => Some("sqs"),
        _ => None,
    });
    let mut found = services.filter_map(|service| {
        let of = OtherResource {
            service: Some(service),
            is_certain: false,
            ..OtherResource::default()
        };
        of_variables(&of, functions, known)
    });
    found.next()
}

/// Whether a variable is called as one that has the name of a resource: `TABLE`, `ORDERS_TABLE`, `TABLE_NAME`.
pub(super) fn names_one(variable: &str, word: &str) -> bool {
    let variable = variable.to_uppercase();
    let stem = ["_NAME", "_URL", "_ARN"]
        .iter()
        .find_map(|end| variable.strip_suffix(end));
    let stem = stem.unwrap_or(&variable);
    stem == word || stem.ends_with(&format!("_{word}"))
}

/// What is known of a resource that may not be the stack's.
pub(super) struct OtherResource<'t> {
    /// Its name.
    pub(super) name: Option<&'t str>,
    /// The key of the function that uses it.
    pub(super) function: Option<&'t str>,
    /// The prefix of the actions on it.
    pub(super) service: Option<&'t str>,
    /// Whether an error says that there is such a resource.
    pub(super) is_certain: bool,
}

impl Default for OtherResource<'_> {
    fn default() -> Self {
        Self {
            name: None,
            function: None,
            service: None,
            is_certain: true,
        }
    }
}

/// The words in names of variables that hold the name of a resource, with the prefix of its actions.
pub(super) const KINDS: [(&str, &str, Kind); 3] = [
    ("TABLE", "dynamodb", Kind::Table),
    ("QUEUE", "sqs", Kind::Queue),
    ("BUCKET", "s3", Kind::Bucket),
];

/// A variable of a function that names a table, queue or bucket which is not the stack's.
pub(super) fn of_variables(
    of: &OtherResource<'_>,
    functions: &[LiveFunction],
    known: &impl KnownNames,
) -> Option<CheckCause> {
    let functions = functions.iter();
    for function in functions.filter(|one| of.function.is_none_or(|key| key == one.key)) {
        for (variable, value) in &function.variables {
            let kind = KINDS.into_iter().find(|(word, service, _)| {
                (of.is_certain && variable.to_uppercase().contains(word)
                    || names_one(variable, word))
                    && of.service.is_none_or(|one| one == *service)
            });
            let Some((_, _, kind)) = kind else {
                continue;
            };
            let last = value.rsplit(['/', ':']).next().unwrap_or(value);
            let is_own = known.has_name(last) || known.has_arn(value);
            if is_own || of.name.is_some_and(|name| name != last) {
                continue;
            }
            let targets = known.targets(kind);
            let form = match value.split(':').next() {
                Some("http" | "https") => "url",
                Some("arn") => "arn",
                _ => "name",
            };
            let help = targets.first().map_or_else(
                || format!("add the {kind} to the stack file, and deploy"),
                |(key, _)| {
                    format!("write the reference in the stack file, such as ${{{key}.{form}}}, and deploy")
                },
            );
            let own: Vec<String> = targets
                .into_iter()
                .map(|(key, name)| format!("`{key}` is {name}"))
                .collect();
            let own = if own.is_empty() {
                String::new()
            } else {
                format!("; the stack's {kind} {}", own.join(", "))
            };
            let message = format!(
                "the function `{}` uses another {kind}: its variable {variable} is {value}{own}",
                function.key
            );
            return Some(cause(CauseKind::WrongResource, message, &help));
        }
    }
    None
}
