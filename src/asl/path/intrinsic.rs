//! Intrinsic functions: `States.Format('Hello {}', $.name)`.
//!
//! From <https://docs.aws.amazon.com/step-functions/latest/dg/intrinsic-functions.html>.

use super::{ParsedPath, PathError};
use crate::asl::text::suggestion;

/// Name, and the least and most arguments.
const FUNCTIONS: &[(&str, usize, usize)] = &[
    ("States.Array", 0, usize::MAX),
    ("States.ArrayContains", 2, 2),
    ("States.ArrayGetItem", 2, 2),
    ("States.ArrayLength", 1, 1),
    ("States.ArrayPartition", 2, 2),
    ("States.ArrayRange", 3, 3),
    ("States.ArrayUnique", 1, 1),
    ("States.Base64Decode", 1, 1),
    ("States.Base64Encode", 1, 1),
    ("States.Format", 1, usize::MAX),
    ("States.Hash", 2, 2),
    ("States.JsonMerge", 3, 3),
    ("States.JsonToString", 1, 1),
    ("States.MathAdd", 2, 2),
    ("States.MathRandom", 2, 3),
    ("States.StringSplit", 2, 2),
    ("States.StringToJson", 1, 1),
    ("States.UUID", 0, 0),
];

const ALGORITHMS: [&str; 5] = ["MD5", "SHA-1", "SHA-256", "SHA-384", "SHA-512"];

/// The most nested functions.
const MAX_DEPTH: usize = 10;

/// A call without errors: its function, and the paths among its arguments at any depth.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::asl) struct Call {
    pub function: &'static str,
    /// Each path with its first and last byte in the text.
    pub paths: Vec<(ParsedPath, usize, usize)>,
}

enum Argument {
    Text(String),
    Other(String),
    Dynamic,
}

/// Whether a text is meant as an intrinsic function.
pub(in crate::asl) fn is_call(text: &str) -> bool {
    text.trim_start().starts_with("States.")
}

/// Reads a whole call.
///
/// # Errors
/// The first thing in it that is wrong.
pub(in crate::asl) fn parse(text: &str) -> Result<Call, PathError> {
    let mut parser = CallParser {
        text,
        at: 0,
        paths: Vec::new(),
    };
    let function = parser.call(1)?;
    parser.blanks();
    if parser.at < text.len() {
        return Err(PathError::new(
            parser.at,
            text.len(),
            format!(
                "`{}` stands after the end of the function",
                &text[parser.at..]
            ),
            "remove it",
        ));
    }
    Ok(Call {
        function,
        paths: parser.paths,
    })
}

struct CallParser<'a> {
    text: &'a str,
    at: usize,
    paths: Vec<(ParsedPath, usize, usize)>,
}

impl<'a> CallParser<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or("")
    }

    fn blanks(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start().len();
    }

    fn call(&mut self, depth: usize) -> Result<&'static str, PathError> {
        self.blanks();
        let start = self.at;
        let stop = |c: char| !(c.is_alphanumeric() || c == '.' || c == '_');
        let length = self.rest().find(stop).unwrap_or(self.rest().len());
        let name = &self.rest()[..length];
        self.at += length;
        let Some((known, least, most)) = FUNCTIONS.iter().find(|(known, _, _)| *known == name)
        else {
            let help = match suggestion(name, FUNCTIONS.iter().map(|(known, _, _)| *known)) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => {
                    "look at the list of intrinsic functions in the Step Functions guide".to_owned()
                }
            };
            let message = format!("there is no intrinsic function `{name}`");
            return Err(PathError::new(start, self.at, message, help));
        };
        if depth > MAX_DEPTH {
            return Err(PathError::new(
                start,
                self.at,
                format!("more than {MAX_DEPTH} functions stand one within another"),
                "do a part of it in a Pass state before",
            ));
        }
        let arguments = self.arguments(depth, name, start)?;
        let end = self.at;
        let error = |message: String, help: String| Err(PathError::new(start, end, message, help));
        let count = arguments.len();
        if count < *least || count > *most {
            let takes = match (*least, *most) {
                (0, 0) => "no arguments".to_owned(),
                (1, 1) => "one argument".to_owned(),
                (least, usize::MAX) => format!("{least} or more arguments"),
                (least, most) if least == most => format!("{least} arguments"),
                (least, most) => format!("{least} to {most} arguments"),
            };
            return error(
                format!("`{name}` is given {}", counted(count)),
                format!("it takes {takes}"),
            );
        }
        match special(known, &arguments) {
            Some((message, help)) => error(message, help),
            None => Ok(known),
        }
    }

    fn arguments(
        &mut self,
        depth: usize,
        name: &str,
        start: usize,
    ) -> Result<Vec<Argument>, PathError> {
        self.blanks();
        if !self.rest().starts_with('(') {
            return Err(PathError::new(
                start,
                self.at,
                format!("`{name}` has no parentheses"),
                format!("write `{name}(...)`"),
            ));
        }
        let open = self.at;
        self.at += 1;
        let mut arguments = Vec::new();
        loop {
            self.blanks();
            match self.rest().chars().next() {
                None => {
                    let help = "add `)`";
                    return Err(PathError::new(
                        open,
                        open + 1,
                        "this `(` is never closed",
                        help,
                    ));
                }
                Some(')') if arguments.is_empty() => break,
                _ => arguments.push(self.argument(depth)?),
            }
            self.blanks();
            match self.rest().chars().next() {
                Some(',') => self.at += 1,
                Some(')') => break,
                None => {}
                Some(other) => {
                    return Err(PathError::new(
                        self.at,
                        self.at + other.len_utf8(),
                        format!("`{other}` cannot stand between arguments"),
                        "separate arguments with commas, and put texts in single quotes",
                    ));
                }
            }
        }
        self.at += 1;
        Ok(arguments)
    }

    fn argument(&mut self, depth: usize) -> Result<Argument, PathError> {
        let start = self.at;
        let rest = self.rest();
        if rest.starts_with('\'') {
            return self.quoted();
        }
        if rest.starts_with("States.") {
            return self.call(depth + 1).map(|_| Argument::Dynamic);
        }
        if rest.starts_with('$') {
            let end = start + path_end(rest);
            self.at = end;
            let path =
                super::parse(&self.text[start..end]).map_err(|error| error.shifted(start))?;
            self.paths.push((path, start, end));
            return Ok(Argument::Dynamic);
        }
        let length = rest.find([',', ')']).unwrap_or(rest.len());
        let word = rest[..length].trim_end();
        self.at += word.len();
        if matches!(word, "true" | "false" | "null") || word.parse::<f64>().is_ok() {
            return Ok(Argument::Other(word.to_owned()));
        }
        let help = match word.strip_prefix('"') {
            _ if word.is_empty() => "add it, or remove the comma".to_owned(),
            Some(_) => "texts stand in single quotes: 'text'".to_owned(),
            None => format!("write '{word}' for a text, or $.{word} for a field of the input"),
        };
        let message = match word {
            "" => "an argument is missing here".to_owned(),
            _ => format!("`{word}` is no argument"),
        };
        Err(PathError::new(
            start,
            start + word.len().max(1),
            message,
            help,
        ))
    }

    fn quoted(&mut self) -> Result<Argument, PathError> {
        let start = self.at;
        let mut text = String::new();
        let mut letters = self.rest().char_indices().skip(1);
        while let Some((at, letter)) = letters.next() {
            match letter {
                '\'' => {
                    self.at = start + at + 1;
                    return Ok(Argument::Text(text));
                }
                '\\' => {
                    if let Some((_, next)) = letters.next() {
                        // An escaped brace is not a placeholder.
                        text.push(if matches!(next, '{' | '}') { '_' } else { next });
                    }
                }
                other => text.push(other),
            }
        }
        let help = "close it with a single quote";
        Err(PathError::new(
            start,
            start + 1,
            "this text is never closed",
            help,
        ))
    }
}

/// Where a path among arguments ends: at a comma, blank or parenthesis outside its brackets.
fn path_end(text: &str) -> usize {
    let (mut depth, mut quote) = (0_usize, None);
    for (at, letter) in text.char_indices() {
        match (quote, letter) {
            (Some(open), _) if letter == open => quote = None,
            (None, '\'' | '"') if depth > 0 => quote = Some(letter),
            (None, '[' | '(') => depth += 1,
            (None, ']' | ')') if depth > 0 => depth -= 1,
            (None, ',' | ')') if depth == 0 => return at,
            (None, _) if depth == 0 && letter.is_whitespace() => return at,
            _ => {}
        }
    }
    text.len()
}

/// The checks that are special to some functions.
fn special(name: &str, arguments: &[Argument]) -> Option<(String, String)> {
    match (name, arguments) {
        ("States.Format", [Argument::Text(template), rest @ ..]) => {
            let places = template.matches("{}").count();
            (places != rest.len()).then(|| {
                (
                    format!(
                        "the template has {places} `{{}}` and {} follow",
                        counted(rest.len())
                    ),
                    "give each `{}` one argument; write \\{ for a brace".to_owned(),
                )
            })
        }
        ("States.Hash", [_, Argument::Text(algorithm)])
            if !ALGORITHMS.contains(&algorithm.as_str()) =>
        {
            Some((
                format!("there is no hash algorithm `{algorithm}`"),
                format!("write one of {}", ALGORITHMS.join(", ")),
            ))
        }
        ("States.JsonMerge", [_, _, Argument::Other(deep)]) if deep == "true" => Some((
            "deep merging is not supported".to_owned(),
            "write false as the third argument".to_owned(),
        )),
        _ => None,
    }
}

fn counted(count: usize) -> String {
    match count {
        0 => "no argument".to_owned(),
        1 => "one argument".to_owned(),
        _ => format!("{count} arguments"),
    }
}
