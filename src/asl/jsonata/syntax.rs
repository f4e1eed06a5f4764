//! Where an expression is not `JSONata`, and why. The parser reports why, but not where.

use jsonata_core::parser;

use super::Finding;

/// The finding for an expression that the parser rejects with this error.
pub(super) fn finding(expression: &str, error: &str) -> Finding {
    let open = unclosed(expression);
    let (from, to) = match open {
        Some(at) => (at, at + 1),
        None => offending(expression),
    };
    let at = expression.get(from..to).unwrap_or("");
    Finding {
        certain: true,
        from,
        to,
        message: format!("this is not valid JSONata: {}", reason(error, at)),
        help: match open {
            Some(_) => "close it with the same quote".to_owned(),
            None => hint(expression, from).to_owned(),
        },
    }
}

/// The reason in plain words: the parser's own messages name its internal tokens.
fn reason(error: &str, at: &str) -> String {
    let found = match at {
        "" => "the end".to_owned(),
        sign => format!("`{sign}`"),
    };
    let rest = |code: &str| {
        error
            .split_once(code)
            .map(|(_, rest)| rest.trim_start_matches(": "))
    };
    if let Some(wanted) = rest("S0202").or_else(|| rest("S0203")) {
        let name = wanted
            .trim_start_matches("Expected ")
            .split([',', ' '])
            .next()
            .unwrap_or("");
        let signs = [
            ("RightBracket", "`]`"),
            ("RightParen", "`)`"),
            ("RightBrace", "`}`"),
            ("LeftBrace", "`{`"),
            ("LeftParen", "`(`"),
            ("Colon", "`:`"),
            ("Pipe", "`|`"),
        ];
        let wanted = signs
            .iter()
            .find(|(token, _)| *token == name)
            .map_or("something else", |(_, sign)| *sign);
        return format!("{wanted} is expected, not {found}");
    }
    if error.contains("S0207") {
        return "it ends too early".to_owned();
    }
    if error.contains("S0101") || error.contains("S0105") || error.contains("nclosed") {
        return "a text is never closed".to_owned();
    }
    if ["S0201", "S0204", "S0211"]
        .iter()
        .any(|code| error.contains(code))
    {
        return format!("{found} is not allowed here");
    }
    // The other messages are clear.
    let bare = match error.split_once(": ") {
        Some((code, rest)) if code.starts_with("S0") => rest,
        _ => error,
    };
    let mut letters = bare.chars();
    let first = letters
        .next()
        .map(|letter| letter.to_lowercase().to_string());
    first.into_iter().collect::<String>() + letters.as_str()
}

/// Where a string begins that is never closed.
fn unclosed(text: &str) -> Option<usize> {
    let (mut open, mut escaped) = (None, false);
    for (at, letter) in text.char_indices() {
        match open {
            _ if escaped => escaped = false,
            Some(_) if letter == '\\' => escaped = true,
            Some((_, quote)) if letter == quote => open = None,
            None if matches!(letter, '\'' | '"' | '`') => open = Some((at, letter)),
            _ => {}
        }
    }
    open.map(|(at, _)| at)
}

/// The bytes that the parser rejects. It does not report where it stopped, but every prefix that ends
/// before that place either parses or ends too early: the longest such prefix ends there.
fn offending(text: &str) -> (usize, usize) {
    let ends_early = |part: &str| match parser::parse(part) {
        Ok(_) => true,
        Err(error) => {
            let message = error.to_string();
            message.contains("nd of expression")
                || message.contains("must be terminated")
                || message.contains("nclosed")
        }
    };
    // Parsing every prefix of a long text takes too long: it is reported without a place.
    if text.len() > 2000 {
        return (0, text.len());
    }
    let (mut good, mut bad) = (0, 0);
    for (at, letter) in text.char_indices() {
        let end = at + letter.len_utf8();
        if ends_early(&text[..end]) {
            (good, bad) = (end, 0);
        } else {
            bad += 1;
        }
        // A prefix that ends inside an operator may be wrong too, but no operator is this long.
        if bad > 32 {
            break;
        }
    }
    let blanks = text[good..].len() - text[good..].trim_start().len();
    let from = good + blanks;
    let word = |c: char| c.is_alphanumeric() || c == '_';
    let rest = &text[from..];
    let length = match rest.chars().next() {
        None => 0,
        Some(first) if word(first) => rest.find(|c| !word(c)).unwrap_or(rest.len()),
        Some(first) => first.len_utf8(),
    };
    (from, from + length)
}

fn hint(expression: &str, from: usize) -> &'static str {
    let rest = expression.get(from..).unwrap_or("");
    if expression.trim().is_empty() {
        "write an expression between {% and %}"
    } else if rest.starts_with("==") || expression.get(..from).is_some_and(|b| b.ends_with('=')) {
        "JSONata compares with a single ="
    } else if rest.starts_with("&&") || expression.get(..from).is_some_and(|b| b.ends_with('&')) {
        "JSONata has the words `and` and `or`"
    } else if rest.is_empty() {
        "something is missing at the end: a value, a quote or a bracket"
    } else {
        "look at the brackets, quotes and operators before this"
    }
}
