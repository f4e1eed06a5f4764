//! Keys whose value is nothing for YAML, though something is written after them: an anchor, a tag or a comment.

use super::{STACK_FILE, Where};
use crate::source::{Diagnostic, Entry, Severity, Source, Span};

/// What is written after the key of a value that is nothing, and where. A comment counts only if it looks like a text,
/// `#fff`, and the key takes one (`takes_text`); nothing else is meant by `# no value`.
pub(super) fn in_place_of_value(
    source: &Source,
    entry: &Entry,
    takes_text: bool,
) -> Option<(Span, Diagnostic)> {
    let line = source.text.get(entry.key_span.end..)?.lines().next()?;
    let after = line.trim_start_matches(['"', '\'', ' ']);
    let written = after.strip_prefix(':')?.trim();
    let word = written.split([' ', ',', ']', '}']).next()?;
    let follows = word.chars().nth(1)?;
    let begins = match word.chars().next()? {
        '&' => "an anchor",
        '!' if follows != '!' => "a tag",
        '#' if takes_text && follows.is_alphanumeric() => "a comment",
        _ => return None,
    };
    let key = &entry.key;
    let text = if begins == "a comment" { written } else { word };
    let start = entry.key_span.end + line.find(text)?;
    let span = Span {
        start,
        end: start + text.len(),
    };
    let message = format!("`{text}` is {begins} in YAML, so `{key}` has no value");
    let mut found = Diagnostic::error(message).help(format!(
        "write it in quotes if it is the text meant: {}",
        serde_json::Value::from(text)
    ));
    // The comment may be one.
    if begins == "a comment" {
        found.severity = Severity::Warning;
    }
    Some((span, found))
}

/// The error of a limit without a value: without it there would be none.
pub(super) fn limit(entry: &Entry, at: &Where) -> Option<(Span, Diagnostic)> {
    let example = match (entry.key.as_str(), at.field()) {
        ("expires", _) if at.what == STACK_FILE => "expires: 8h",
        ("max_cost", _) if at.what == STACK_FILE => "max_cost: 5 USD",
        ("runs", "limits") => "runs: 500",
        ("cost", "limits") => "cost: 2 USD",
        ("then", "limits") => "then: stop",
        _ => return None,
    };
    let wrong = Diagnostic::error(format!("`{}` says nothing", entry.key));
    let help = format!("write it like `{example}`, or leave it out");
    Some((entry.key_span, wrong.help(help)))
}

#[cfg(test)]
mod tests {
    use crate::source::{Diagnostics, Severity, Source, parse};
    use crate::stack::{check, file};

    /// The findings of a line in a stack file: "error 14 message", the column first.
    fn found(line: &str) -> Vec<String> {
        let text = format!("stack: lab\n{line}\nbuckets: {{ b: }}\n");
        let source = Source::new("stack.yaml", text);
        let root = parse(&source).unwrap_or_else(|wrong| panic!("{line}: {wrong:?}"));
        let mut found = Diagnostics::default();
        check::check(&source, &root, &file::own_schema(), &mut found);
        let shown = |one: crate::source::Diagnostic| {
            let kind = match one.severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
            };
            let column = one
                .place
                .map_or(0, |place| place.span.line_column(&source).1);
            format!("{kind} {column} {}", one.message)
        };
        found.0.into_iter().map(shown).collect()
    }

    #[test]
    fn what_is_nothing_for_yaml_is_told() {
        let no_value = |begins: &str| format!("{begins} in YAML, so `description` has no value");
        for (line, expected) in [
            (
                "description: &x",
                format!("error 14 `&x` is {}", no_value("an anchor")),
            ),
            (
                "\"description\" : !x",
                format!("error 17 `!x` is {}", no_value("a tag")),
            ),
            (
                "description: #b c",
                format!("warning 14 `#b c` is {}", no_value("a comment")),
            ),
            (
                "functions: { f: { code: c, handler: a.b, runtime: python3.13, environment: { COLOR: &f } } }",
                "error 85 `&f` is an anchor in YAML, so `COLOR` has no value".to_owned(),
            ),
        ] {
            assert_eq!(found(line), [expected], "{line}");
        }
        for (line, column, key) in [
            ("expires:", 1, "expires"),
            ("max_cost: null", 1, "max_cost"),
            ("limits: { runs: }", 11, "runs"),
            ("limits: { cost: null, runs: 5 }", 11, "cost"),
            ("limits: { runs: 5, then: ~ }", 20, "then"),
        ] {
            let expected = format!("error {column} `{key}` says nothing");
            assert_eq!(found(line), [expected], "{line}");
        }
        for (line, expected) in [
            (
                "limits: { cost: 2,50 USD }",
                "error 17 `2,50 USD` has a comma, which ends a value within braces",
            ),
            (
                "limits: { runs: 1,000 }",
                "error 17 `1,000` has a comma, which ends a value within braces",
            ),
        ] {
            assert_eq!(found(line), [expected], "{line}");
        }
        for line in [
            "description: # the lab",
            "description: #",
            "description: !!null",
            "description:",
            "description: &x text",
            "description: '#b'",
            "tags: &t\n  a: b",
            "topics: { t: }  #fff",
            "queues: #the queues\n  q: #one",
        ] {
            assert_eq!(found(line), [""; 0], "{line}");
        }
    }
}
