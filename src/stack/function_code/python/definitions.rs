//! Whether what a Python module defines can be called with an event and a context.
//!
//! <https://docs.aws.amazon.com/lambda/latest/dg/python-handler.html>

use tree_sitter::Node;

use crate::stack::function_code::syntax::{children, text_of};

/// How many arguments Lambda gives a handler.
const ARGUMENTS: usize = 2;

/// A name of a module, as far as its text tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::stack::function_code) struct PythonDefinition {
    /// Whether the module itself defines it, instead of importing it.
    pub(in crate::stack::function_code) is_own: bool,
    /// Whether it is certainly a function.
    pub(in crate::stack::function_code) is_function: bool,
    /// Why Lambda cannot call it, as what follows the name in a sentence. Known only of what is defined once.
    pub(in crate::stack::function_code) problem: Option<String>,
}

impl PythonDefinition {
    pub(super) fn imported() -> Self {
        Self {
            is_own: false,
            is_function: false,
            problem: None,
        }
    }

    pub(super) fn unknown() -> Self {
        Self {
            is_own: true,
            is_function: false,
            problem: None,
        }
    }

    /// What the right side of an assignment to a plain name makes it.
    pub(super) fn of_value(value: Option<Node<'_>>) -> Self {
        let what = value.and_then(|value| match value.kind() {
            "string" | "concatenated_string" => Some("a string"),
            "integer" | "float" => Some("a number"),
            "true" | "false" => Some("a boolean"),
            "none" => Some("`None`"),
            "list" | "list_comprehension" => Some("a list"),
            "tuple" => Some("a tuple"),
            "set" | "set_comprehension" => Some("a set"),
            "dictionary" | "dictionary_comprehension" => Some("a dictionary"),
            _ => None,
        });
        Self {
            is_own: true,
            is_function: value.is_some_and(|value| value.kind() == "lambda"),
            problem: what.map(|what| format!("is {what}, not a function")),
        }
    }

    /// A function that Lambda cannot give its two arguments. Decorators may take and give others.
    pub(super) fn of_function(function: Node<'_>) -> Self {
        let parameters = function.child_by_field_name("parameters");
        let takes = parameters
            .filter(|_| !is_decorated(function))
            .map(Takes::of);
        let problem = takes.filter(|takes| !takes.fits()).map(|takes| {
            format!(
                "takes {}, and Lambda calls it with two: the event and the context",
                takes.in_words()
            )
        });
        Self {
            is_own: true,
            is_function: problem.is_none(),
            problem,
        }
    }

    /// A class, which gives an object that no answer of Lambda can be made of. Bases and `__new__` may give another.
    pub(super) fn of_class(class: Node<'_>, text: &str) -> Self {
        let body = class.child_by_field_name("body");
        let methods = body.map(children).unwrap_or_default();
        let makes_others = methods.iter().any(|one| {
            let one = one.child_by_field_name("definition").unwrap_or(*one);
            let name = one.child_by_field_name("name");
            name.is_some_and(|name| text_of(name, text) == "__new__")
        });
        let is_plain = class.child_by_field_name("superclasses").is_none()
            && !is_decorated(class)
            && !makes_others;
        Self {
            is_own: true,
            is_function: false,
            problem: is_plain.then(|| "is a class, not a function".to_owned()),
        }
    }
}

pub(super) fn is_decorated(node: Node<'_>) -> bool {
    node.parent()
        .is_some_and(|parent| parent.kind() == "decorated_definition")
}

/// How many positional arguments a function takes.
struct Takes {
    fewest: usize,
    /// `None` without a limit.
    most: Option<usize>,
}

impl Takes {
    fn of(parameters: Node<'_>) -> Self {
        let mut takes = Self {
            fewest: 0,
            most: Some(0),
        };
        for one in children(parameters) {
            let kind = match one.kind() {
                // `*args: int`
                "typed_parameter" => one.named_child(0).map_or("", |inner| inner.kind()),
                kind => kind,
            };
            match kind {
                "list_splat_pattern" => {
                    takes.most = None;
                    break;
                }
                // What follows is given by name.
                "keyword_separator" | "dictionary_splat_pattern" => break,
                "positional_separator" | "comment" => continue,
                "default_parameter" | "typed_default_parameter" => {}
                _ => takes.fewest += 1,
            }
            takes.most = takes.most.map(|most| most + 1);
        }
        takes
    }

    fn fits(&self) -> bool {
        self.fewest <= ARGUMENTS && self.most.is_none_or(|most| most >= ARGUMENTS)
    }

    fn in_words(&self) -> String {
        match (self.fewest, self.most) {
            (_, Some(0)) => "no arguments".to_owned(),
            (_, Some(1)) => "one argument".to_owned(),
            (fewest, Some(most)) if fewest == most => format!("{most} arguments"),
            (fewest, _) => format!("at least {fewest} arguments"),
        }
    }
}
