//! `SpanReader` reads the same values as `serde_json`, and the span of each is correct.

use super::super::json::{read, span_in_text};
use super::{expect, shown};
use crate::source::{Node, Source, Value};

#[test]
fn agrees_with_serde_json() {
    let deep = format!("{}1{}", "[".repeat(120), "]".repeat(120));
    let long_key = format!("{{\"{}\": 1}}", "k".repeat(2000));
    let texts = [
        r#"{"a":"yes","b":"1e3","c":"null","d":"~","e":"0x1","f":"2024-01-01","g":"*x","h":"&y"}"#,
        r#"{"<<":{"x":1},"y":2}"#,
        r#"{"x":{"<<":[{"a":1}]},"null":1,"true":2,"3":4,"":5,"?":6,"- a":7,"b: c":"d # e"}"#,
        "{\n\t\"a\"\t:\t1 ,\r\n\t\t\"b\": [\n\t1\t,2]\n}\n",
        r#"{"a\/b\u00e9":"x\/y\u00e9\ud83d\ude00\b\f\n\r\t\"\\\u0000"}"#,
        r#"{"a":12345678901234567890,"b":-9223372036854775808,"c":1e3,"d":1E+2,"e":0.1,"f":-0,"g":-0.0}"#,
        "[123456789012345678901234567890,1.0,1e-7,0]",
        "{\"a\":\"\u{2028}\u{2029}\u{85}\u{7f}  lead and trail  \"}",
        r#"[null,true,false,[],{},[[]],{"a":{}}]"#,
        r#""text""#,
        "7",
        &deep,
        &long_key,
    ];
    for text in texts {
        let source = Source::new("a", text);
        let (node, json) = read(&source).unwrap();
        let plain: serde_json::Value = serde_json::from_str(text).unwrap();
        assert_eq!(json, plain, "{text}");
        let again = node.to_json();
        assert_eq!(again, plain, "{text}");
        assert_eq!(again.to_string(), plain.to_string(), "{text}");
        round_trip(&source, &node);
    }
}

/// The bytes of the span of a value, parsed, are the value.
fn round_trip(source: &Source, node: &Node) {
    let bytes = &source.text[node.span.start..node.span.end];
    let value: serde_json::Value = serde_json::from_str(bytes).unwrap();
    assert_eq!(value, node.to_json());
    for entry in node.entries() {
        let key = &source.text[entry.key_span.start..entry.key_span.end];
        assert_eq!(serde_json::from_str::<String>(key).unwrap(), entry.key);
        round_trip(source, &entry.value);
    }
    node.items()
        .iter()
        .for_each(|item| round_trip(source, item));
}

#[test]
fn a_byte_order_mark_is_passed_over() {
    let source = Source::new("a", "\u{feff}{\"a\": 1}");
    let (node, _) = read(&source).unwrap();
    assert_eq!(node.span.start, 3);
    let source = Source::new("a", "\u{feff}{\"a\": }");
    let diagnostics = read(&source).unwrap_err();
    assert_eq!(diagnostics.0[0].place.as_ref().unwrap().span.start, 9);
}

#[test]
fn what_is_no_json() {
    let cases = [
        (
            "",
            "error 1:1 the definition is empty | write a state machine: {\"StartAt\": ..., \"States\": {...}}",
        ),
        (
            "  \n",
            "error 1:1 the definition is empty | write a state machine: {\"StartAt\": ..., \"States\": {...}}",
        ),
        (
            "{\n  \"a\": 1,\n}",
            "error 3:1 this is not JSON: trailing comma | remove the comma before this",
        ),
        (
            "{\n  \"a\": 1\n  \"b\": 2\n}",
            "error 3:3 this is not JSON: expected `,` or `}` | put a comma after the value before this",
        ),
        (
            "{\n  \"é\": 1 \"b\": 2\n}",
            "error 2:10 this is not JSON: expected `,` or `}` | put a comma after the value before this",
        ),
        (
            "{\n  a: 1\n}",
            "error 2:3 this is not JSON: key must be a string | put the key in double quotes",
        ),
        (
            "{\"Seconds\": ${Secs}}",
            "error 1:13 this is not JSON: expected value | a reference becomes a text, and a text is not a number: write the number itself",
        ),
        (
            "{\"Bucket\": ${B}}",
            "error 1:12 this is not JSON: expected value | put the reference in double quotes",
        ),
        (
            "{'a': 1}",
            "error 1:2 this is not JSON: its texts are written in double quotes | write \" for '",
        ),
        (
            "// note\n{}",
            "error 1:1 this is not JSON: it has no comments | use the `Comment` field, which every state has",
        ),
        (
            "{\"a\": [1, 2",
            "error 1:11 this is not JSON: the file ends while parsing a list | close the last object, list or text",
        ),
        (
            "{} {}",
            "error 1:4 this is not JSON: trailing characters | a definition is one JSON object: remove what follows it",
        ),
        (
            "StartAt: A\n",
            "error 1:1 this is not JSON: expected value | look at the quotes, commas and brackets here",
        ),
    ];
    for (text, wanted) in cases {
        let diagnostics = read(&Source::new("a", text)).unwrap_err();
        expect(&shown(&diagnostics), &[wanted]);
    }
    let deep = format!("{}1{}", "[".repeat(200), "]".repeat(200));
    let diagnostics = read(&Source::new("a", deep)).unwrap_err();
    expect(
        &shown(&diagnostics),
        &[
            "error 1:128 this is not JSON: recursion limit exceeded | values nest more than 127 deep here",
        ],
    );
}

#[test]
fn every_duplicate_key_is_reported() {
    let diagnostics = read(&Source::new(
        "a",
        "{\"a\": 1,\n \"a\": {\"b\": 1,\n  \"b\": 2}, \"a\": 3}",
    ))
    .unwrap_err();
    expect(
        &shown(&diagnostics),
        &[
            "error 2:2 the key `a` is written twice | it is on line 1 already: keep one of the two",
            "error 3:3 the key `b` is written twice | it is on line 2 already: keep one of the two",
            "error 3:12 the key `a` is written twice | it is on line 2 already: keep one of the two",
        ],
    );
}

#[test]
fn places_inside_texts_go_through_escapes() {
    let text = r#"["a\/b\u00e9\ud83d\ude00\n!z"]"#;
    let source = Source::new("a", text);
    let (node, _) = read(&source).unwrap();
    let item = &node.items()[0];
    let Value::String(decoded) = &item.value else {
        panic!()
    };
    let at = |needle: &str| decoded.find(needle).unwrap();
    let show = |from: usize, to: usize| {
        let span = span_in_text(&source, item.span, from, to);
        &source.text[span.start..span.end]
    };
    assert_eq!(show(0, 1), "a");
    assert_eq!(show(at("/"), at("/") + 1), r"\/");
    assert_eq!(show(at("é"), at("é") + 2), r"\u00e9");
    assert_eq!(show(at("\u{1f600}"), at("\u{1f600}") + 4), r"\ud83d\ude00");
    assert_eq!(show(at("!"), at("!") + 2), "!z");
    assert_eq!(show(decoded.len(), decoded.len()), "");
    assert_eq!(show(0, decoded.len() + 9), &text[2..text.len() - 2]);
}
