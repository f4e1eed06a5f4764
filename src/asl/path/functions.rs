//! What each intrinsic function takes and returns
//! (<https://docs.aws.amazon.com/step-functions/latest/dg/intrinsic-functions.html>).

use super::PathError;

/// What a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ValueKind {
    /// Anything, or not known.
    Any,
    Text,
    Number,
    Truth,
    List,
    Object,
}

use ValueKind::{Any, List, Number, Object, Text, Truth};

/// A function: its name, the least and most arguments, what they are and what it returns. Arguments beyond
/// those listed may be anything.
pub(super) struct IntrinsicFunction {
    pub name: &'static str,
    pub least: usize,
    pub most: usize,
    takes: &'static [ValueKind],
    pub returns: ValueKind,
}

const fn function(
    name: &'static str,
    (least, most): (usize, usize),
    takes: &'static [ValueKind],
    returns: ValueKind,
) -> IntrinsicFunction {
    IntrinsicFunction {
        name,
        least,
        most,
        takes,
        returns,
    }
}

const MANY: usize = usize::MAX;

#[rustfmt::skip]
pub(super) const FUNCTIONS: &[IntrinsicFunction] = &[
    function("States.Array", (0, MANY), &[], List),
    function("States.ArrayContains", (2, 2), &[List, Any], Truth),
    function("States.ArrayGetItem", (2, 2), &[List, Number], Any),
    function("States.ArrayLength", (1, 1), &[List], Number),
    function("States.ArrayPartition", (2, 2), &[List, Number], List),
    function("States.ArrayRange", (3, 3), &[Number, Number, Number], List),
    function("States.ArrayUnique", (1, 1), &[List], List),
    function("States.Base64Decode", (1, 1), &[Text], Text),
    function("States.Base64Encode", (1, 1), &[Text], Text),
    function("States.Format", (1, MANY), &[Text], Text),
    function("States.Hash", (2, 2), &[Any, Text], Text),
    function("States.JsonMerge", (3, 3), &[Object, Object, Truth], Object),
    function("States.JsonToString", (1, 1), &[Any], Text),
    function("States.MathAdd", (2, 2), &[Number, Number], Number),
    function("States.MathRandom", (2, 3), &[Number, Number, Number], Number),
    function("States.StringSplit", (2, 2), &[Text, Text], List),
    function("States.StringToJson", (1, 1), &[Text], Any),
    function("States.UUID", (0, 0), &[], Text),
];

const ALGORITHMS: [&str; 5] = ["MD5", "SHA-1", "SHA-256", "SHA-384", "SHA-512"];

/// An argument, and the bytes it is written in.
pub(super) struct Argument {
    pub value: ArgumentValue,
    pub from: usize,
    pub to: usize,
}

/// What is known of the value of an argument.
pub(super) enum ArgumentValue {
    /// A text in quotes, without its escapes.
    Text(String),
    /// A number, `true`, `false` or `null`.
    Word(String),
    /// A path, or a call that returns such a value.
    Computed(ValueKind),
}

impl Argument {
    fn kind(&self) -> ValueKind {
        match &self.value {
            ArgumentValue::Text(_) => Text,
            ArgumentValue::Word(word) if matches!(word.as_str(), "true" | "false") => Truth,
            ArgumentValue::Word(word) if word == "null" => Any,
            ArgumentValue::Word(_) => Number,
            ArgumentValue::Computed(kind) => *kind,
        }
    }

    fn describe(&self) -> String {
        match &self.value {
            ArgumentValue::Text(text) => format!("the text `{text}`"),
            ArgumentValue::Word(word) => format!("`{word}`"),
            ArgumentValue::Computed(kind) => kind.name().to_owned(),
        }
    }
}

impl ValueKind {
    fn name(self) -> &'static str {
        match self {
            Any => "any value",
            Text => "a text",
            Number => "a number",
            Truth => "true or false",
            List => "an array",
            Object => "an object",
        }
    }
}

impl IntrinsicFunction {
    /// The arguments of which another kind is taken. When an execution comes there, it fails; whether AWS
    /// refuses the definition is not known.
    pub(super) fn doubts<'a>(
        &'a self,
        arguments: &'a [Argument],
    ) -> impl Iterator<Item = PathError> + 'a {
        let pairs = arguments.iter().zip(self.takes).enumerate();
        pairs.filter_map(|(at, (argument, wanted))| {
            let is = argument.kind();
            if *wanted == Any || is == Any || is == *wanted {
                return None;
            }
            let (number, name) = (at + 1, self.name);
            let message = format!(
                "argument {number} of `{name}` must be {}, not {}",
                wanted.name(),
                argument.describe()
            );
            let help = match (&argument.value, wanted) {
                (ArgumentValue::Text(text), Number) if text.parse::<f64>().is_ok() => {
                    format!("write it without quotes: {text}")
                }
                (ArgumentValue::Word(word), Text) => format!("write it in quotes: '{word}'"),
                _ => "an execution fails here with States.IntrinsicFailure".to_owned(),
            };
            Some(PathError::new(argument.from, argument.to, message, help))
        })
    }

    /// What is certainly wrong with the arguments of some functions: message and help.
    pub(super) fn refused(&self, arguments: &[Argument]) -> Option<(String, String)> {
        let values: Vec<&ArgumentValue> =
            arguments.iter().map(|argument| &argument.value).collect();
        match (self.name, values.as_slice()) {
            ("States.Format", [ArgumentValue::Text(template), rest @ ..]) => {
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
            ("States.Hash", [_, ArgumentValue::Text(algorithm)])
                if !ALGORITHMS.contains(&algorithm.as_str()) =>
            {
                Some((
                    format!("there is no hash algorithm `{algorithm}`"),
                    format!("write one of {}", ALGORITHMS.join(", ")),
                ))
            }
            ("States.JsonMerge", [_, _, ArgumentValue::Word(deep)]) if deep == "true" => Some((
                "deep merging is not supported".to_owned(),
                "write false as the third argument".to_owned(),
            )),
            _ => None,
        }
    }
}

/// "no argument", "one argument", "2 arguments".
pub(super) fn counted(count: usize) -> String {
    match count {
        0 => "no argument".to_owned(),
        1 => "one argument".to_owned(),
        _ => format!("{count} arguments"),
    }
}
