//! Checks of a stack file that its schema cannot express: names, keys, tags, times.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value as Json;

use super::file::IGNORED_KEYS;
use super::name::without_accents;
use super::suggest::suggestion;
use super::{Kind, LifetimeError, StackFile, StackLifetime, is_guards_file};
use crate::source::{
    Diagnostic, Diagnostics, Entry, FileFormat, Node, Source, Span, Value, missing_separator,
    slashes_help,
};

/// Replaces a missing or invalid stack name, so that the rest can be checked.
const PLACEHOLDER_NAME: &str = "stack";

/// The error of a file that is empty, not a mapping, or of another format.
#[must_use]
pub fn not_a_stack(source: &Arc<Source>, root: &Node) -> Option<Diagnostic> {
    match FileFormat::of(root) {
        Some(FileFormat::Stack) => return None,
        Some(format) => {
            let first = root.items().first().unwrap_or(root).entries().first();
            let at = first.map_or(root.span, |entry| entry.key_span);
            let wrong = match format {
                FileFormat::Definition => a_definition(&source.name),
                other => other_format(&source.name, other.in_words()),
            };
            return Some(wrong.at(source, at));
        }
        None => {}
    }
    if is_guards_file(Path::new(&source.name)) {
        return Some(guards_as_stack(&source.name).at(source, Span::default()));
    }
    let is_meant_as_stack = has_stack_keys(root);
    let name = FileFormat::of_name(Path::new(&source.name));
    if let Some(format) = name.filter(|_| !is_meant_as_stack) {
        return Some(other_format(&source.name, format));
    }
    let (message, help) = match &root.value {
        Value::Map(entries) if !entries.is_empty() => {
            if is_meant_as_stack {
                return None;
            }
            let message = format!(
                "`{}` is not a stack file: it has no `stack` and no section of resources",
                source.name
            );
            return Some(
                Diagnostic::error(message)
                    .at(source, entries.first()?.key_span)
                    .help(BEGIN_A_STACK),
            );
        }
        Value::Map(_) | Value::Null => ("the stack file is empty".to_owned(), None),
        Value::String(text) => (
            format!("the stack file is {}, not a mapping", root.describe()),
            missing_separator(text).map(|fault| fault.help),
        ),
        _ => (
            format!("the stack file is {}, not a mapping", root.describe()),
            None,
        ),
    };
    Some(Diagnostic::error(message).at(source, Span::default()).help(
        help.unwrap_or_else(|| {
            "begin with `stack: NAME` and a section such as `buckets:`".to_owned()
        }),
    ))
}

/// Whether a file has keys at its top that only a stack file has, or only keys that a stack file may have.
#[must_use]
pub fn has_stack_keys(root: &Node) -> bool {
    const OTHERS: [&str; 9] = [
        "description",
        "expires",
        "self_destruct",
        "include",
        "tags",
        "params",
        "defaults",
        "checks",
        "outputs",
    ];
    let sections = Kind::ALL.into_iter().map(Kind::section);
    let own: Vec<&str> = sections.chain(["stack"]).collect();
    let keys = root.entries().iter().map(|entry| entry.key.as_str());
    let mut keys = keys.filter(|key| !key.starts_with(IGNORED_KEYS)).peekable();
    keys.peek().is_some()
        && (keys.clone().any(|key| suggestion(key, &own).is_some())
            || keys.all(|key| OTHERS.contains(&key)))
}

const BEGIN_A_STACK: &str = "a stack file begins with `stack: NAME` and a section such as `functions:`; `treino init` \
    writes an example, and `treino schema` describes all";

/// The error of a file of guards that is given as a stack.
fn guards_as_stack(name: &str) -> Diagnostic {
    Diagnostic::error(format!(
        "`{name}` says what stacks have to keep to, and is no stack file"
    ))
    .help("name the file of a stack; `treino check` checks both")
}

/// The error of a definition that is given as a stack.
fn a_definition(name: &str) -> Diagnostic {
    Diagnostic::error(format!("`{name}` is a Step Functions definition, not a stack file")).help(
        format!(
            "name it in a stack file, `state_machines: {{ main: {{ definition: {name} }} }}`; `treino check` \
             checks it alone"
        ),
    )
}

/// The error of a file of another tool that is given as a stack.
pub fn other_format(name: &str, format: &str) -> Diagnostic {
    Diagnostic::error(format!("`{name}` is {format}, not a stack file")).help(BEGIN_A_STACK)
}

/// Checks the stack's name and the resources' keys, which become parts of names and references; removes
/// resources with invalid keys.
pub fn leave_out_misnamed(
    source: &Arc<Source>,
    root: &Node,
    json: &mut Json,
    diagnostics: &mut Diagnostics,
) {
    let Some(fields) = json.as_object_mut() else {
        return;
    };
    let name = fields.get("stack").and_then(Json::as_str);
    if let Some(name) = name.filter(|name| !is_stack_name(name)) {
        let span = root.get("stack").map(|node| node.span).unwrap_or_default();
        diagnostics.push(
            Diagnostic::error(format!("`{name}` cannot be a stack's name"))
                .at(source, span)
                .help(stack_name_help(name)),
        );
    }
    if !name.is_some_and(is_stack_name) {
        fields.insert("stack".into(), PLACEHOLDER_NAME.into());
    }
    let mut seen: HashMap<&str, (&str, Span)> = HashMap::new();
    let mut is_empty = true;
    for (section, entry) in resources(root) {
        is_empty = false;
        let wrong = key_error(&entry.key).or_else(|| {
            let (other, span) = seen.get(entry.key.as_str())?;
            // A duplicate in the same section is already reported.
            (*other != section).then(|| {
                let (line, _) = span.line_column(source);
                (
                    format!(
                        "the key `{}` is under `{other}` too (line {line})",
                        entry.key
                    ),
                    "keys are unique across the stack, as references use them: rename one"
                        .to_owned(),
                )
            })
        });
        if let Some((message, help)) = wrong {
            diagnostics.push(
                Diagnostic::error(message)
                    .at(source, entry.key_span)
                    .help(help),
            );
            if let Some(section) = fields.get_mut(section).and_then(Json::as_object_mut) {
                section.remove(&entry.key);
            }
        } else {
            seen.insert(&entry.key, (section, entry.key_span));
        }
    }
    if is_empty && !diagnostics.has_errors() {
        diagnostics.push(
            Diagnostic::error("the stack has no resources")
                .at(source, root.span)
                .help(
                    "add a section such as `buckets:`; to delete the stack, use `treino destroy`",
                ),
        );
    }
}

/// Every resource of the file, with its section.
pub fn resources(root: &Node) -> impl Iterator<Item = (&str, &Entry)> {
    root.entries()
        .iter()
        .filter(|entry| Kind::of_section(&entry.key).is_some())
        .flat_map(|section| {
            let entries = section.value.entries().iter();
            entries.map(|entry| (section.key.as_str(), entry))
        })
}

/// Prefixes that S3 reserves; bucket names begin with the stack's name.
const RESERVED_BUCKET_PREFIXES: &[&str] = &["xn--", "sthree-", "amzn-s3-demo-"];

/// Help for a name that no stack can have.
fn stack_name_help(name: &str) -> String {
    if let Some(part) = RESERVED_BUCKET_PREFIXES
        .iter()
        .find(|part| name.starts_with(**part))
    {
        return format!("S3 keeps names that begin with `{part}` for itself: choose another");
    }
    format!(
        "use 2 to 32 lowercase letters{}, digits and hyphens, a letter first, no hyphen last",
        without_accents(name)
    )
}

/// What is wrong with a name that no stack can have, with the name that is probably meant.
#[must_use]
pub fn stack_name_error(name: &str) -> Option<String> {
    if is_stack_name(name) {
        return None;
    }
    let plain = name.trim().to_lowercase().replace(['_', ' '], "-");
    let help = if is_stack_name(&plain) {
        format!("did you mean `{plain}`?")
    } else {
        stack_name_help(name)
    };
    Some(if name.trim().is_empty() {
        "the stack's name is empty".to_owned()
    } else {
        format!("`{}` cannot be a stack's name: {help}", name.escape_debug())
    })
}

/// What is wrong with an owner, if nobody can be one of this name: it becomes part of names.
#[must_use]
pub fn owner_error(owner: &str) -> Option<String> {
    let fits = (1..=20).contains(&owner.len())
        && owner.starts_with(|c: char| c.is_ascii_alphanumeric())
        && owner.ends_with(|c: char| c.is_ascii_alphanumeric())
        && owner
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    let help = "it becomes part of names: use 1 to 20 lowercase letters, digits and hyphens";
    (!fits).then(|| help.to_owned())
}

/// Whether a stack can have this name.
fn is_stack_name(name: &str) -> bool {
    (2..=32).contains(&name.len())
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && !name.ends_with('-')
        && !RESERVED_BUCKET_PREFIXES
            .iter()
            .any(|part| name.starts_with(part))
        && name
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
}

/// Whether a text is valid as a name in references.
pub fn is_key(key: &str) -> bool {
    key.len() <= 40
        && key.starts_with(|c: char| c.is_ascii_alphabetic())
        && key
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))
}

/// Help for a name that cannot be used in references.
pub fn key_help(key: &str) -> String {
    format!(
        "use up to 40 letters{}, digits, `-` and `_`, a letter first",
        without_accents(key)
    )
}

fn key_error(key: &str) -> Option<(String, String)> {
    if !is_key(key) {
        return Some((format!("`{key}` cannot be a resource's key"), key_help(key)));
    }
    ["account", "region", "partition", "stack", "env", "param"]
        .contains(&key)
        .then(|| {
            (
                format!("`{key}` means something else in references"),
                "choose another key".to_owned(),
            )
        })
}

/// Checks the stack's own values; returns its lifetime, if it has an end.
pub fn check_values(
    source: &Arc<Source>,
    root: &Node,
    (file, shortest): (&StackFile, Duration),
    diagnostics: &mut Diagnostics,
) -> Option<Duration> {
    let LifetimeError { message, help } =
        match StackLifetime::parse(file.expires.as_ref()?, shortest) {
            Ok(lifetime) => return lifetime.time(),
            Err(wrong) => wrong,
        };
    let span = root
        .get("expires")
        .map(|node| node.span)
        .unwrap_or_default();
    diagnostics.push(Diagnostic::error(message).at(source, span).help(help));
    None
}

/// Reports paths of `include:` that do not exist.
pub fn check_included(
    source: &Arc<Source>,
    root: &Node,
    missing: &[String],
    diagnostics: &mut Diagnostics,
) {
    let items = root.get("include").map(Node::items).unwrap_or_default();
    for item in items {
        let path = item.as_str().unwrap_or_default();
        if missing.iter().any(|missing| missing == path) {
            diagnostics.push(
                Diagnostic::error(format!("there is no file or folder `{path}`"))
                    .at(source, item.span)
                    .help(slashes_help(path).unwrap_or_else(|| {
                        "the path is relative to the stack file: correct it, or take it out"
                            .to_owned()
                    })),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_no_stack_can_have_is_an_error_with_what_is_meant() {
        for (name, words) in [
            ("", "the stack's name is empty"),
            (" ", "the stack's name is empty"),
            ("-", "`-` cannot be a stack's name: use 2 to 32"),
            ("x", "`x` cannot be a stack's name: use 2 to 32"),
            ("a*", "`a*` cannot be"),
            ("a\u{1b}[2J", "`a\\u{1b}[2J` cannot be"),
            ("xn--lab", "S3 keeps names that begin with `xn--`"),
            ("Lab", "did you mean `lab`?"),
            ("image_metadata", "did you mean `image-metadata`?"),
            ("fun\u{e7}\u{e3}o", "without accents"),
        ] {
            let error = stack_name_error(name).unwrap();
            assert!(error.contains(words), "{error}");
        }
        assert_eq!(stack_name_error("image-metadata"), None);
    }
}
