//! Paths of `JSONPath` states: `$.order.items[0]`, `$$.Execution.Id`, `$variable.field`, and the
//! intrinsic functions that may stand in their place.
//!
//! A path may select many values; a *reference path* names exactly one, so it has neither filters,
//! slices, wildcards nor functions
//! (<https://docs.aws.amazon.com/step-functions/latest/dg/amazon-states-language-paths.html>).

mod context;
mod functions;
mod intrinsic;

pub(super) use context::unknown as unknown_context;
pub(super) use intrinsic::{is_call, parse as parse_call};

/// What a path starts from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Root {
    /// `$`: the state's input.
    Input,
    /// `$$`: the context object.
    Context,
    /// `$name`: a variable.
    Variable(String),
}

/// A path without errors.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ParsedPath {
    pub root: Root,
    /// The names at its start: `a`, `b` of `$.a.b[0].c`.
    pub names: Vec<String>,
    /// The first part, if any, that may select more or less than one value.
    pub plural: Option<PathError>,
    /// The first dot, if any, that stands before a bracket: `$.items.[0]`.
    pub dotted: Option<PathError>,
}

/// What is wrong in a text, and the bytes it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PathError {
    pub from: usize,
    pub to: usize,
    pub message: String,
    pub help: String,
}

impl PathError {
    fn new(from: usize, to: usize, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            from,
            to,
            message: message.into(),
            help: help.into(),
        }
    }

    /// The same in a longer text, `by` bytes further on.
    fn shifted(self, by: usize) -> Self {
        Self {
            from: self.from + by,
            to: self.to + by,
            ..self
        }
    }
}

/// Reads a whole path.
///
/// # Errors
/// The first thing in it that is wrong.
pub(super) fn parse(text: &str) -> Result<ParsedPath, PathError> {
    // Step Functions accepts whitespace after the path.
    let text = text.trim_end();
    let mut parser = PathParser {
        text,
        at: 0,
        path: ParsedPath {
            root: Root::Input,
            names: Vec::new(),
            plural: None,
            dotted: None,
        },
        plain: true,
    };
    parser.root()?;
    while parser.at < text.len() {
        parser.segment()?;
    }
    Ok(parser.path)
}

struct PathParser<'a> {
    text: &'a str,
    at: usize,
    path: ParsedPath,
    /// Whether it has only names so far.
    plain: bool,
}

impl PathParser<'_> {
    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or("")
    }

    fn root(&mut self) -> Result<(), PathError> {
        if !self.text.starts_with('$') {
            return Err(PathError::new(
                0,
                self.text.len(),
                format!("the path `{}` does not begin with `$`", self.text),
                format!("write `$.{}`", self.text.trim_start_matches('.')),
            ));
        }
        if self.text.starts_with("$$") {
            self.at = 2;
            self.path.root = Root::Context;
            return Ok(());
        }
        self.at = 1;
        let name: String = self.rest().chars().take_while(|c| is_word(*c)).collect();
        self.at += name.len();
        if !name.is_empty() {
            self.path.root = Root::Variable(name);
        }
        Ok(())
    }

    fn segment(&mut self) -> Result<(), PathError> {
        if self.rest().starts_with("..") {
            self.many("`..` looks everywhere below", 2);
            self.at += 2;
            return match self.rest().chars().next() {
                Some('[') => self.brackets(),
                _ => self.name(),
            };
        }
        match self.rest().chars().next() {
            // `$.items.[0]` is `$.items[0]` to the JSONPath library of Step Functions (Jayway's).
            Some('.') if self.rest().starts_with(".[") => {
                let help = "remove the dot before the bracket";
                let message = "a reference path may not take a dot before a bracket";
                let dotted = PathError::new(self.at, self.at + 1, message, help);
                self.path.dotted.get_or_insert(dotted);
                self.at += 1;
                self.brackets()
            }
            Some('.') => {
                self.at += 1;
                self.name()
            }
            Some('[') => self.brackets(),
            _ => {
                let length = self.rest().chars().next().map_or(0, char::len_utf8);
                Err(PathError::new(
                    self.at,
                    self.at + length,
                    format!("`{}` is not allowed here in a path", &self.rest()[..length]),
                    "a path goes on with .name, ['name'] or [0]",
                ))
            }
        }
    }

    fn name(&mut self) -> Result<(), PathError> {
        let start = self.at;
        if self.rest().starts_with('*') {
            self.many("`*` selects every value", 1);
            self.at += 1;
            return Ok(());
        }
        let stop = |c: char| matches!(c, '.' | '[' | ']' | '(' | ')') || c.is_whitespace();
        let length = self.rest().find(stop).unwrap_or(self.rest().len());
        if length == 0 {
            return Err(PathError::new(
                start - 1,
                start,
                "the path goes on with no name after the dot",
                "name the field, or remove the dot",
            ));
        }
        let name = self.rest()[..length].to_owned();
        self.at += length;
        if self.rest().starts_with('(') {
            return self.function(start);
        }
        if self.rest().starts_with(char::is_whitespace) {
            return Err(PathError::new(
                self.at,
                self.at + 1,
                "a name in a path cannot have a blank",
                "write it in brackets: $['two words']",
            ));
        }
        if self.plain {
            self.path.names.push(name);
        }
        Ok(())
    }

    /// `.length()` and the like.
    fn function(&mut self, start: usize) -> Result<(), PathError> {
        let Some(close) = self.rest().find(')') else {
            return Err(self.unclosed('('));
        };
        self.at += close + 1;
        let name = &self.text[start..self.at];
        let what = format!("`{name}` computes a value");
        self.plural(start, self.at, &what);
        Ok(())
    }

    fn brackets(&mut self) -> Result<(), PathError> {
        let start = self.at;
        let Some(length) = closing(self.rest()) else {
            return Err(self.unclosed('['));
        };
        let inside = self.text[start + 1..start + length].trim().to_owned();
        self.at = start + length + 1;
        let error =
            |message: &str, help: &str| PathError::new(start, start + length + 1, message, help);
        if inside.is_empty() {
            return Err(error("the brackets are empty", "write ['name'] or [0]"));
        }
        if let Some(filter) = inside.strip_prefix('?') {
            self.plural(start, self.at, "a filter may select any number of values");
            let filter = filter.trim();
            return if filter.starts_with('(') && filter.ends_with(')') {
                Ok(())
            } else {
                Err(error(
                    "a filter is written in parentheses",
                    "write [?(@.field == 'value')]",
                ))
            };
        }
        if inside == "*" {
            self.plural(start, self.at, "`[*]` selects every value");
            return Ok(());
        }
        if let Some(name) = quoted(&inside) {
            if self.plain {
                self.path.names.push(name.to_owned());
            }
            return Ok(());
        }
        self.plain = false;
        if inside.parse::<i64>().is_ok() {
            return Ok(());
        }
        let is_slice = inside.contains(':') && inside.split(':').all(is_index_or_nothing);
        let is_union = inside.split(',').all(|part| {
            let part = part.trim();
            part.parse::<i64>().is_ok() || quoted(part).is_some()
        });
        let is_script = inside.starts_with('(') && inside.ends_with(')');
        if is_slice || is_union || is_script {
            self.plural(
                start,
                self.at,
                &format!("`[{inside}]` may select many values"),
            );
            return Ok(());
        }
        Err(error(
            &format!("`[{inside}]` is neither an index nor a quoted name"),
            &format!("write ['{}'] or [0]", inside.trim_matches(['\'', '"'])),
        ))
    }

    fn unclosed(&self, bracket: char) -> PathError {
        PathError::new(
            self.at,
            self.at + 1,
            format!("this `{bracket}` is never closed"),
            format!("add `{}`", if bracket == '[' { ']' } else { ')' }),
        )
    }

    fn many(&mut self, what: &str, length: usize) {
        self.plural(self.at, self.at + length, what);
    }

    fn plural(&mut self, from: usize, to: usize, what: &str) {
        self.plain = false;
        if self.path.plural.is_none() {
            let help = "a reference path names one value, with .name, ['name'] and [0] only";
            self.path.plural = Some(PathError::new(from, to, what, help));
        }
    }
}

fn is_word(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

fn is_index_or_nothing(part: &str) -> bool {
    part.trim().is_empty() || part.trim().parse::<i64>().is_ok()
}

/// The text between matching quotes, if that is all there is.
fn quoted(text: &str) -> Option<&str> {
    let quote = text.chars().next().filter(|c| matches!(c, '\'' | '"'))?;
    let inner = text.get(1..)?.strip_suffix(quote)?;
    let clean = inner.replace("\\\\", "").replace(&format!("\\{quote}"), "");
    (!clean.contains(quote)).then_some(inner)
}

/// Where the bracket at the start of a text is closed; brackets in quotes and inner ones are skipped.
fn closing(text: &str) -> Option<usize> {
    let (mut depth, mut quote, mut escaped) = (0_usize, None, false);
    for (at, letter) in text.char_indices() {
        match (quote, letter) {
            _ if escaped => escaped = false,
            (Some(_), '\\') => escaped = true,
            (Some(open), _) if letter == open => quote = None,
            (None, '\'' | '"') => quote = Some(letter),
            (None, '[' | '(') => depth += 1,
            (None, ']' | ')') => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return Some(at);
                }
            }
            _ => {}
        }
    }
    None
}
