use super::super::parse;
use super::*;

/// The message, line and column, and help of the syntax error of a text.
fn found(text: &str) -> (String, (usize, usize), String) {
    let source = Source::new("a.yaml", text);
    let wrong = parse(&source).expect_err(text).0.remove(0);
    let place = wrong.place.expect("a place");
    let at = place.span.line_column(&source);
    (wrong.message, at, wrong.help.unwrap_or_default())
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn a_fault_is_reported_where_it_is() {
    for (text, message, at, help) in [
        ("a:\n\tb: 1\n", "a tab cannot indent", (2, 1), "spaces"),
        (
            "a:\n  b:\n    c: x\n\td: y\n",
            "a tab cannot indent",
            (4, 1),
            "spaces",
        ),
        ("a: |\n\tx\n", "a tab cannot indent", (2, 1), "spaces"),
        ("a: |\n  x\n\ty\n", "a tab cannot indent", (3, 1), "spaces"),
        (
            "stack:ab\nb: { a: {} }\n",
            "a space is missing",
            (1, 1),
            "`stack: ab`",
        ),
        (
            "a:\n  - x:y\n    z: 1\n",
            "a space is missing",
            (2, 5),
            "`x: y`",
        ),
        ("a: {b:{}}\n", "a space is missing", (1, 6), "`key: {}`"),
        ("a: {b:[1]}\n", "a space is missing", (1, 6), "`key: {}`"),
        ("stack= ab\nb: {}\n", "not `=`", (1, 1), "`stack: ab`"),
        ("a: 1\nstack = ab\n", "not `=`", (2, 1), "`stack: ab`"),
        (
            "stack ab\nb: {}\n",
            "a colon is missing",
            (1, 1),
            "`stack: ab`",
        ),
        (
            "a: 1\nb: 2,\nc: {},\n",
            "a comma is not allowed",
            (3, 6),
            "remove it",
        ),
        (
            "a:\n  b: x\n   c: y\n",
            "indented further",
            (3, 4),
            "in column 3",
        ),
        (
            "a: 1\n b:\n  c: 2\n",
            "indented further",
            (2, 2),
            "line 1 has",
        ),
        (
            "a:\n  b: {}\n   c: {}\n",
            "indented further",
            (3, 4),
            "in column 3",
        ),
        (" a: 1\nb: 2\n", "first line is indented", (1, 1), "spaces"),
        (
            "a: \"x\nb: 1\n",
            "mark is not closed",
            (1, 4),
            "close it with \"",
        ),
        (
            "a: \"\\\u{e9}\"\n",
            "a backslash that means nothing",
            (1, 5),
            "single quotes",
        ),
        (
            "# it's: 'x\na: |\n  \"\nb: it's\nc: [x, 'y]\nd: 1\n",
            "mark is not closed",
            (5, 8),
            "with '",
        ),
        (
            "a: 'it''s'\nb: \"\\\"\"\nc: 'x\nd: 1\n",
            "mark is not closed",
            (3, 4),
            "with '",
        ),
        ("a: 'it's'\n", "the text in ' ends", (1, 8), "''"),
        ("a: \"x \"y\" z\"\n", "the text in \" ends", (1, 8), "\\\""),
        ("a: \"b\\zc\"\n", "a backslash", (1, 6), "`/`"),
        ("a: \"C:\\Users\"\n", "a backslash", (1, 7), "`/`"),
        ("a: [*.md]\n", "begins an alias", (1, 5), "\"*.md\""),
        ("a:\n  - **/x\n", "begins an alias", (2, 5), "\"**/x\""),
        ("a: [b, *]\n", "begins an alias", (1, 8), "\"*\""),
        ("a: & b\n", "begins an anchor", (1, 4), "quotes"),
        ("a: > b\n", "on the next line", (1, 4), "quotes"),
        (
            "a: {{ .Values.b }}\n",
            "template language",
            (1, 4),
            "${env:VARIABLE}",
        ),
        ("a: b\u{b}c\n", "control character", (1, 5), "remove it"),
        // What is no such fault keeps its own message.
        ("a: b: c\n", "a colon is not allowed", (1, 5), "in quotes"),
        ("a: *x\n", "no anchor", (1, 4), "`&name`"),
    ] {
        let found = found(text);
        let is_said = found.0.contains(message) && found.2.contains(help);
        assert!(is_said && found.1 == at, "{text:?}: {found:?}");
    }
}

#[test]
fn texts_that_are_no_mistaken_pairs_are_left_alone() {
    for text in [
        "a: b",
        "http://x",
        "a::b",
        "one two three",
        "word",
        "a:",
        "12:30",
    ] {
        assert_eq!(missing_separator(text), None, "{text}");
    }
}
