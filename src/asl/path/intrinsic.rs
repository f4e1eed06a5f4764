//! Intrinsic functions: `States.Format('Hello {}', $.name)`.
//!
//! From <https://docs.aws.amazon.com/step-functions/latest/dg/intrinsic-functions.html>.

use super::functions::{Argument, ArgumentValue, FUNCTIONS, IntrinsicFunction, ValueKind, counted};
use super::{ParsedPath, PathError};
use crate::asl::text::suggestion;

/// The most nested functions.
const MAX_DEPTH: usize = 10;

/// A call without errors: its function, and what stands among its arguments at any depth.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::asl) struct Call {
    pub function: &'static str,
    /// Each path with its first and last byte in the text.
    pub paths: Vec<(ParsedPath, usize, usize)>,
    /// Arguments of the wrong kind.
    pub doubts: Vec<PathError>,
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
        doubts: Vec::new(),
    };
    let function = parser.call(1)?;
    parser.blanks();
    if parser.at < text.len() {
        return Err(PathError::new(
            parser.at,
            text.len(),
            format!(
                "`{}` comes after the end of the function",
                &text[parser.at..]
            ),
            "remove it",
        ));
    }
    Ok(Call {
        function: function.name,
        paths: parser.paths,
        doubts: parser.doubts,
    })
}

struct CallParser<'a> {
    text: &'a str,
    at: usize,
    paths: Vec<(ParsedPath, usize, usize)>,
    doubts: Vec<PathError>,
}

impl<'a> CallParser<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or("")
    }

    fn blanks(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start().len();
    }

    fn call(&mut self, depth: usize) -> Result<&'static IntrinsicFunction, PathError> {
        self.blanks();
        let start = self.at;
        let stop = |c: char| !(c.is_alphanumeric() || c == '.' || c == '_');
        let length = self.rest().find(stop).unwrap_or(self.rest().len());
        let name = &self.rest()[..length];
        self.at += length;
        let Some(known) = FUNCTIONS.iter().find(|known| known.name == name) else {
            let help = match suggestion(name, FUNCTIONS.iter().map(|known| known.name)) {
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
                format!("more than {MAX_DEPTH} functions are nested"),
                "do a part of it in a Pass state before",
            ));
        }
        let arguments = self.arguments(depth, name, start)?;
        let end = self.at;
        let error = |message: String, help: String| Err(PathError::new(start, end, message, help));
        let count = arguments.len();
        if count < known.least || count > known.most {
            let takes = match (known.least, known.most) {
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
        if let Some((message, help)) = known.refused(&arguments) {
            return error(message, help);
        }
        self.doubts.extend(known.doubts(&arguments));
        Ok(known)
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
                _ => {
                    let from = self.at;
                    let value = self.argument(depth)?;
                    let to = self.at;
                    arguments.push(Argument { value, from, to });
                }
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
                        format!("`{other}` is not allowed between arguments"),
                        "separate arguments with commas, and put texts in single quotes",
                    ));
                }
            }
        }
        self.at += 1;
        Ok(arguments)
    }

    fn argument(&mut self, depth: usize) -> Result<ArgumentValue, PathError> {
        let start = self.at;
        let rest = self.rest();
        if rest.starts_with('\'') {
            return self.quoted();
        }
        if rest.starts_with("States.") {
            return Ok(ArgumentValue::Computed(self.call(depth + 1)?.returns));
        }
        if rest.starts_with('$') {
            let end = start + path_end(rest);
            self.at = end;
            let path =
                super::parse(&self.text[start..end]).map_err(|error| error.shifted(start))?;
            self.paths.push((path, start, end));
            return Ok(ArgumentValue::Computed(ValueKind::Any));
        }
        let length = rest.find([',', ')']).unwrap_or(rest.len());
        let word = rest[..length].trim_end();
        self.at += word.len();
        if matches!(word, "true" | "false" | "null") || word.parse::<f64>().is_ok() {
            return Ok(ArgumentValue::Word(word.to_owned()));
        }
        let help = match word.strip_prefix('"') {
            _ if word.is_empty() => "add it, or remove the comma".to_owned(),
            Some(_) => "texts are written in single quotes: 'text'".to_owned(),
            None => format!("write '{word}' for a text, or $.{word} for a field of the input"),
        };
        let message = match word {
            "" => "an argument is missing here".to_owned(),
            _ => format!("`{word}` is not an argument"),
        };
        Err(PathError::new(
            start,
            start + word.len().max(1),
            message,
            help,
        ))
    }

    /// A text in quotes. AWS refuses a definition with any escape but the four of the specification, appendix B
    /// (`LocalStack`'s recorded `escape_sequences_illegal_intrinsic_function`).
    fn quoted(&mut self) -> Result<ArgumentValue, PathError> {
        let start = self.at;
        let mut text = String::new();
        let mut letters = self.rest().char_indices().skip(1);
        while let Some((at, letter)) = letters.next() {
            match letter {
                '\'' => {
                    self.at = start + at + 1;
                    return Ok(ArgumentValue::Text(text));
                }
                '\\' => match letters.next() {
                    // An escaped brace is not a placeholder.
                    Some((_, '{' | '}')) => text.push('_'),
                    Some((_, next @ ('\'' | '\\'))) => text.push(next),
                    Some((_, next)) => {
                        let from = start + at;
                        return Err(PathError::new(
                            from,
                            from + 1 + next.len_utf8(),
                            format!(
                                "`\\{next}` is not an escape in the text of an intrinsic function"
                            ),
                            "the escapes are \\', \\{, \\} and \\\\; an escape of JSON, such as \\n or \\\", has one backslash \
                             in the file",
                        ));
                    }
                    None => {}
                },
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
    let (mut depth, mut quote, mut escaped) = (0_usize, None, false);
    for (at, letter) in text.char_indices() {
        match (quote, letter) {
            _ if escaped => escaped = false,
            (Some(_), '\\') => escaped = true,
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
