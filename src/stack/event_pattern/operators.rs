//! The values of event patterns and filter policies: what EventBridge and SNS refuse.
//!
//! The rules are those of Event Ruler, which both services use (<https://github.com/aws/event-ruler>), and of
//! <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html>.

use std::net::IpAddr;

use crate::source::{Node, Value};
use crate::stack::expand::Expansion;

const OPERATORS: &[&str] = &[
    "prefix",
    "suffix",
    "anything-but",
    "equals-ignore-case",
    "numeric",
    "exists",
    "cidr",
    "wildcard",
];
/// Event Ruler has it, and no guide names it.
const UNDOCUMENTED: &str = "exactly";
/// What `anything-but` may be applied to.
const NEGATED: &[&str] = &["prefix", "suffix", "equals-ignore-case", "wildcard"];
const NUMBERS: &str = "write [ \"=\", 5 ], [ \">\", 0 ] or a range such as [ \">\", 0, \"<=\", 5 ]";

/// The service that reads a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::stack) enum Dialect {
    EventBridge,
    /// <https://docs.aws.amazon.com/sns/latest/dg/numeric-value-matching.html>
    Sns,
}

impl Dialect {
    /// The largest number that `numeric` takes, and the smallest without its sign.
    fn largest(self) -> f64 {
        match self {
            Self::EventBridge => 5e9,
            Self::Sns => 1e9,
        }
    }

    fn document(self) -> &'static str {
        match self {
            Self::EventBridge => "a pattern",
            Self::Sns => "a filter policy",
        }
    }
}

/// Whether a name is one of an operator, which no field of a pattern within `$or` may have.
pub(in crate::stack) fn is_operator(name: &str) -> bool {
    OPERATORS.contains(&name) || name == UNDOCUMENTED
}

/// Reports what is wrong with one of the values that a field may have.
pub(in crate::stack) fn check(value: &Node, field: &str, dialect: Dialect, out: &mut Expansion) {
    match &value.value {
        Value::List(_) => out.problem_in(
            value.span,
            format!("a value of `{field}` is a list"),
            "write texts, numbers, true, false, null, or an operator such as { prefix: a }",
        ),
        Value::Map(entries) => match &entries[..] {
            [one] => operator(&one.key, one.key_span, &one.value, dialect, out),
            _ => out.problem_in(
                value.span,
                format!("a value of `{field}` has {} operators", entries.len()),
                "name one, such as { prefix: a }; several in a list are alternatives",
            ),
        },
        _ => {}
    }
}

fn operator(
    name: &str,
    at: crate::source::Span,
    value: &Node,
    dialect: Dialect,
    out: &mut Expansion,
) {
    match name {
        "prefix" | "suffix" => match &value.value {
            Value::Map(_) => within(name, value, &["equals-ignore-case"], out),
            _ => text(name, value, out),
        },
        "equals-ignore-case" | UNDOCUMENTED => text(name, value, out),
        "wildcard" => wildcard(name, value, out),
        "cidr" => cidr(value, out),
        "numeric" => numeric(value, dialect, out),
        "exists" if !matches!(value.value, Value::Bool(_)) => out.problem_in(
            value.span,
            format!("`exists` is true or false, not {}", value.describe()),
            "write { exists: true } or { exists: false }",
        ),
        "exists" => {}
        "anything-but" => anything_but(value, dialect, out),
        unknown => out.problem_in(
            at,
            format!("{} has no operator `{unknown}`", dialect.document()),
            &format!("it has {}", OPERATORS.join(", ")),
        ),
    }
}

fn text(name: &str, value: &Node, out: &mut Expansion) {
    if value.as_str().is_none() {
        out.problem_in(
            value.span,
            format!("`{name}` takes a text, not {}", value.describe()),
            &format!("write {{ {name}: \"...\" }}; several in a list are alternatives"),
        );
    }
}

/// The operator in an operator: `{ prefix: { equals-ignore-case: a } }`.
fn within(name: &str, value: &Node, allowed: &[&str], out: &mut Expansion) {
    match value.entries() {
        [one] if allowed.contains(&one.key.as_str()) => {
            let values = match &one.value.value {
                // Only `anything-but` takes several.
                Value::List(items) if name == "anything-but" && !items.is_empty() => &items[..],
                _ => std::slice::from_ref(&one.value),
            };
            for value in values {
                let is_end = matches!(one.key.as_str(), "prefix" | "suffix");
                if is_end && value.as_str() == Some("") {
                    out.problem_in(
                        value.span,
                        format!("every text has the {} \"\", so nothing matches", one.key),
                        "write the text that is excluded",
                    );
                } else if one.key == "wildcard" {
                    wildcard(&one.key, value, out);
                } else {
                    text(&one.key, value, out);
                }
            }
        }
        _ => out.problem_in(
            value.span,
            format!("`{name}` does not take this operator"),
            &format!("it takes a text, or one of {}", allowed.join(", ")),
        ),
    }
}

fn wildcard(name: &str, value: &Node, out: &mut Expansion) {
    let Some(pattern) = value.as_str() else {
        return text(name, value, out);
    };
    let mut letters = pattern.chars().peekable();
    while let Some(letter) = letters.next() {
        match (letter, letters.peek()) {
            ('*', Some('*')) => {
                return out.problem_in(
                    value.span,
                    format!("`{pattern}` has two `*`, one after the other"),
                    "write one: it matches any number of characters; write \\* for the character itself",
                );
            }
            ('\\', Some('*' | '\\')) => {
                letters.next();
            }
            ('\\', _) => {
                return out.problem_in(
                    value.span,
                    format!("`{pattern}` has a backslash that escapes nothing"),
                    "write \\\\ for a backslash, \\* for a `*`",
                );
            }
            _ => {}
        }
    }
}

fn cidr(value: &Node, out: &mut Expansion) {
    let Some(block) = value.as_str() else {
        return text("cidr", value, out);
    };
    let parts = block.split_once('/').and_then(|(address, bits)| {
        let address: IpAddr = address.parse().ok()?;
        let most = if address.is_ipv4() { 31 } else { 127 };
        bits.parse::<u8>().ok().filter(|bits| *bits <= most)
    });
    // A reference is replaced later.
    if parts.is_none() && !block.contains("${") {
        out.problem_in(
            value.span,
            format!("`{block}` is not a range of addresses"),
            "write an address and its bits: 10.0.0.0/8 (0 to 31), 2001:db8::/32 (0 to 127); a single address is \
             written as a value of its own",
        );
    }
}

fn numeric(value: &Node, dialect: Dialect, out: &mut Expansion) {
    let Value::List(items) = &value.value else {
        return out.problem_in(
            value.span,
            format!("`numeric` takes a list, not {}", value.describe()),
            NUMBERS,
        );
    };
    let signs: Vec<Option<&str>> = items.iter().step_by(2).map(Node::as_str).collect();
    let numbers: Vec<Option<f64>> = items.iter().skip(1).step_by(2).map(number).collect();
    let is_form = matches!(
        (&signs[..], &numbers[..]),
        ([Some("=" | "<" | "<=" | ">" | ">=")], [Some(_)])
            | ([Some(">" | ">="), Some("<" | "<=")], [Some(_), Some(_)])
    );
    if !is_form {
        return out.problem_in(
            value.span,
            format!("`{}` is not a comparison of numbers", value.to_json()),
            NUMBERS,
        );
    }
    for (item, number) in items
        .iter()
        .skip(1)
        .step_by(2)
        .zip(numbers.iter().flatten())
    {
        in_range(*number, item, dialect, out);
    }
    if let [Some(from), Some(to)] = numbers[..]
        && from >= to
    {
        out.problem_in(
            value.span,
            format!("no number is between {from} and {to}"),
            "write the smaller number first",
        );
    }
}

fn number(node: &Node) -> Option<f64> {
    match &node.value {
        Value::Number(number) => number.as_f64(),
        _ => None,
    }
}

fn in_range(number: f64, at: &Node, dialect: Dialect, out: &mut Expansion) {
    let largest = dialect.largest();
    if number.abs() > largest {
        out.problem_in(
            at.span,
            format!(
                "{} takes no number as large as {number}",
                dialect.document()
            ),
            &format!(
                "write one from -{largest} to {largest}, or the value itself outside of an operator"
            ),
        );
    }
}

fn anything_but(value: &Node, dialect: Dialect, out: &mut Expansion) {
    let values = match &value.value {
        Value::Map(_) => return within("anything-but", value, NEGATED, out),
        Value::List(items) => &items[..],
        _ => std::slice::from_ref(value),
    };
    let texts = values.iter().filter(|one| one.as_str().is_some()).count();
    let numbers = values.iter().filter(|one| number(one).is_some()).count();
    if texts + numbers < values.len() || values.is_empty() || texts * numbers > 0 {
        out.problem_in(
            value.span,
            format!("`anything-but` does not take {}", value.to_json()),
            "write a text, a number, or a list that has only texts or only numbers",
        );
    }
    for one in values {
        if let Some(number) = number(one) {
            in_range(number, one, dialect, out);
        }
    }
}
