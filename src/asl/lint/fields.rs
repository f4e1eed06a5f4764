//! The fields of states, by type and query language.
//!
//! From <https://states-language.net/spec.html#toplevelfields> and `#state-type-table`, and the
//! pages of each state type, for example
//! <https://docs.aws.amazon.com/step-functions/latest/dg/state-map-distributed.html>.

use super::Lint;
use crate::asl::QueryLanguage;
use crate::asl::text::{all_of, suggestion};
use crate::source::{Entry, Node};

/// A field of states: name, the types that have it, and its language if it has only one.
type FieldRule = (&'static str, &'static str, Option<QueryLanguage>);

const PATH: Option<QueryLanguage> = Some(QueryLanguage::JsonPath);
const JSONATA: Option<QueryLanguage> = Some(QueryLanguage::Jsonata);
const ALL: &str = "Task Pass Choice Wait Succeed Fail Parallel Map";
const GO_ON: &str = "Task Pass Wait Parallel Map";
const WORK: &str = "Task Parallel Map";

#[rustfmt::skip]
const FIELDS: &[FieldRule] = &[
    ("Type", ALL, None),
    ("Comment", ALL, None),
    ("QueryLanguage", ALL, None),
    ("Next", GO_ON, None),
    ("End", GO_ON, None),
    ("InputPath", "Task Pass Choice Wait Succeed Parallel Map", PATH),
    ("OutputPath", "Task Pass Choice Wait Succeed Parallel Map", PATH),
    ("ResultPath", "Task Pass Parallel Map", PATH),
    ("Parameters", "Task Pass Parallel Map", PATH),
    ("ResultSelector", WORK, PATH),
    ("Arguments", "Task Parallel", JSONATA),
    ("Output", "Task Pass Choice Wait Succeed Parallel Map", JSONATA),
    ("Assign", "Task Pass Choice Wait Parallel Map", None),
    ("Retry", WORK, None),
    ("Catch", WORK, None),
    ("Resource", "Task", None),
    ("Credentials", "Task", None),
    ("TimeoutSeconds", "Task", None),
    ("TimeoutSecondsPath", "Task", PATH),
    ("HeartbeatSeconds", "Task", None),
    ("HeartbeatSecondsPath", "Task", PATH),
    ("Result", "Pass", PATH),
    ("Choices", "Choice", None),
    ("Default", "Choice", None),
    ("Seconds", "Wait", None),
    ("SecondsPath", "Wait", PATH),
    ("Timestamp", "Wait", None),
    ("TimestampPath", "Wait", PATH),
    ("Error", "Fail", None),
    ("ErrorPath", "Fail", PATH),
    ("Cause", "Fail", None),
    ("CausePath", "Fail", PATH),
    ("Branches", "Parallel", None),
    ("ItemProcessor", "Map", None),
    ("Iterator", "Map", None),
    ("Items", "Map", JSONATA),
    ("ItemsPath", "Map", PATH),
    ("ItemSelector", "Map", None),
    ("ItemReader", "Map", None),
    ("ItemBatcher", "Map", None),
    ("ResultWriter", "Map", None),
    ("MaxConcurrency", "Map", None),
    ("MaxConcurrencyPath", "Map", PATH),
    ("ToleratedFailureCount", "Map", None),
    ("ToleratedFailureCountPath", "Map", PATH),
    ("ToleratedFailurePercentage", "Map", None),
    ("ToleratedFailurePercentagePath", "Map", PATH),
    ("Label", "Map", None),
];

/// What to write instead of a field of the other language.
const INSTEAD: &[(&str, &str)] = &[
    (
        "Parameters",
        "write `Arguments`, and `{% $states.input %}` in place of paths",
    ),
    (
        "InputPath",
        "select from `$states.input` in `Arguments` or `Output`",
    ),
    (
        "OutputPath",
        "write `Output`: `{% $states.result %}` is what the state got",
    ),
    (
        "ResultPath",
        "write `Output`, for example `{% $merge([$states.input, {'got': $states.result}]) %}`",
    ),
    (
        "ResultSelector",
        "write `Output`, and select from `$states.result`",
    ),
    ("Result", "write `Output`"),
    ("ItemsPath", "write `Items` with a `{% ... %}` expression"),
    (
        "Arguments",
        "write `Parameters`, with `.$` at the end of keys that take a path",
    ),
    (
        "Output",
        "write `ResultSelector`, `ResultPath` or `OutputPath`",
    ),
    ("Items", "write `ItemsPath`"),
];

/// Whether a state of some type has such a field.
pub(super) fn is_known(name: &str) -> bool {
    FIELDS.iter().any(|(field, _, _)| *field == name)
}

/// The language a field belongs to, if to one alone.
pub(super) fn language_of(name: &str) -> Option<QueryLanguage> {
    FIELDS
        .iter()
        .find(|(field, _, _)| *field == name)
        .and_then(|(_, _, only)| *only)
}

fn has(types: &str, kind: &str) -> bool {
    types.split(' ').any(|name| name == kind)
}

/// Reports every field that a state of this type and language cannot have. With `excused`, the language
/// of the state was reported itself, and fields of the other language are not.
pub(super) fn check_state(
    lint: &mut Lint,
    state: &Node,
    kind: &str,
    language: QueryLanguage,
    excused: bool,
) {
    for entry in state.entries() {
        let name = entry.key.as_str();
        match FIELDS.iter().find(|(field, _, _)| *field == name) {
            None => unknown_state_field(lint, entry, kind, language),
            Some((_, types, _)) if !has(types, kind) => misplaced(lint, entry, kind, types),
            Some((_, _, Some(only))) if *only != language && !excused => {
                wrong_language(lint, entry, *only, language, kind);
            }
            Some(_) => {}
        }
    }
}

fn unknown_state_field(lint: &mut Lint, entry: &Entry, kind: &str, language: QueryLanguage) {
    let known = FIELDS
        .iter()
        .filter(|(_, types, only)| has(types, kind) && only.is_none_or(|only| only == language))
        .map(|(field, _, _)| *field);
    if let Some(plain) = entry
        .key
        .strip_suffix(".$")
        .filter(|p| known.clone().any(|f| f == *p))
    {
        return lint.error(
            entry.key_span,
            format!("`{}` is not a field of a {kind} state", entry.key),
            format!("`.$` belongs on keys inside `Parameters` and the like; write `{plain}` or `{plain}Path` here"),
        );
    }
    let help = match suggestion(&entry.key, known.clone()) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None if kind == "Task" => {
            let inner = match language {
                QueryLanguage::JsonPath => "Parameters",
                QueryLanguage::Jsonata => "Arguments",
            };
            let known = all_of(known);
            format!(
                "what is passed to the Task's resource belongs in `{inner}`; the state itself has {known}"
            )
        }
        None => format!("a {kind} state has {}", all_of(known)),
    };
    lint.error(
        entry.key_span,
        format!("`{}` is not a field of a {kind} state", entry.key),
        help,
    );
}

fn misplaced(lint: &mut Lint, entry: &Entry, kind: &str, types: &str) {
    let help = match (entry.key.as_str(), kind) {
        ("Next" | "End", "Choice") => {
            "its rules and `Default` say what comes next: remove it".to_owned()
        }
        ("Next" | "End", _) => format!("a {kind} state ends the machine: remove it"),
        ("Arguments", "Pass") => "write `Output`".to_owned(),
        ("Arguments", "Map") => "write `Items` or `ItemSelector`".to_owned(),
        _ => format!(
            "only {} states have it: remove it",
            types.replace(' ', ", ")
        ),
    };
    lint.error(
        entry.key_span,
        format!("`{}` is not a field of a {kind} state", entry.key),
        help,
    );
}

fn wrong_language(
    lint: &mut Lint,
    entry: &Entry,
    only: QueryLanguage,
    is: QueryLanguage,
    kind: &str,
) {
    let name = entry.key.as_str();
    let plain = name.strip_suffix("Path").unwrap_or(name);
    let help = match INSTEAD.iter().find(|(field, _)| *field == name) {
        Some(("Parameters", _)) if kind == "Pass" => "write `Output`".to_owned(),
        Some(("Parameters", _)) if kind == "Map" => "write `ItemSelector`".to_owned(),
        Some((_, instead)) => (*instead).to_owned(),
        None => format!("write `{plain}` with a `{{% ... %}}` expression"),
    };
    let help = match only {
        QueryLanguage::Jsonata => {
            format!("{help}, or give the state \"QueryLanguage\": \"JSONata\"")
        }
        QueryLanguage::JsonPath => help,
    };
    lint.error(
        entry.key_span,
        format!(
            "`{name}` is a {} field, but the query language here is {}",
            only.name(),
            is.name()
        ),
        help,
    );
}

/// Reports a field of a part of a `JSONata` state that `JSONPath` alone has: AWS says "... is only supported for
/// the 'JSONPath' `QueryLanguage`".
pub(super) fn only_in_jsonpath(lint: &mut Lint, entry: &Entry) {
    let (only, is) = (QueryLanguage::JsonPath, QueryLanguage::Jsonata);
    wrong_language(lint, entry, only, is, "Map");
}

/// Reports the fields of an object that are not among the known ones; `owner` as in "a retrier".
pub(super) fn check_known(lint: &mut Lint, object: &Node, owner: &str, known: &[&str]) {
    for entry in object.entries() {
        if known.contains(&entry.key.as_str()) {
            continue;
        }
        let help = match suggestion(&entry.key, known.iter().copied()) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => format!("{owner} has {}", all_of(known.iter().copied())),
        };
        lint.error(
            entry.key_span,
            format!("`{}` is not a field of {owner}", entry.key),
            help,
        );
    }
}
