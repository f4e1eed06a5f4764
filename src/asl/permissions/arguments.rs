//! The parameters of a call, as far as they are known before it runs.

use serde_json::Value as Json;

use crate::asl::QueryLanguage;
use crate::asl::jsonata::known_pattern;

/// What is known of one parameter.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum ParameterValue<'a> {
    /// It is not given.
    Missing,
    /// A literal text.
    Text(&'a str),
    /// A text with a computed part, as an IAM pattern: `*` stands for what is computed.
    Pattern(String),
    /// Computed at run time.
    Computed,
    /// A literal of another type: a number, a list, an object.
    Other,
}

/// The parameters of one call, or an object among them.
#[derive(Debug, Clone, Copy)]
pub(super) enum Arguments<'a> {
    /// An object, some of whose values may be computed.
    Object(&'a serde_json::Map<String, Json>, QueryLanguage),
    /// The whole of it is computed at run time.
    Computed,
    /// There are none.
    Nothing,
}

/// The objects that a parameter holds.
pub(super) enum Children<'a> {
    /// One object, or those of a list.
    Objects(Vec<Arguments<'a>>),
    /// Computed at run time.
    Computed,
    None,
}

impl<'a> Arguments<'a> {
    /// `Parameters` or `Arguments` of a state.
    pub fn of(state: &'a Json, language: QueryLanguage) -> Self {
        let field = match language {
            QueryLanguage::JsonPath => "Parameters",
            QueryLanguage::Jsonata => "Arguments",
        };
        // Left out, the state's input is passed on.
        state
            .get(field)
            .map_or(Self::Computed, |value| Self::value(value, language))
    }

    /// A parameter, and whether its value is a path (`Name.$`). Its name may be in any case: Step Functions takes
    /// `DbInstanceIdentifier` for what the API calls `DBInstanceIdentifier`.
    fn field(fields: &'a serde_json::Map<String, Json>, name: &str) -> Option<(&'a Json, bool)> {
        if let Some(value) = fields.get(name) {
            return Some((value, false));
        }
        fields.iter().find_map(|(key, value)| {
            let plain = key.strip_suffix(".$");
            let is_named = plain.unwrap_or(key).eq_ignore_ascii_case(name);
            is_named.then_some((value, plain.is_some()))
        })
    }

    fn value(value: &'a Json, language: QueryLanguage) -> Self {
        match value {
            Json::Object(fields) => Self::Object(fields, language),
            Json::String(_) => Self::Computed,
            _ => Self::Nothing,
        }
    }

    /// An object among the parameters.
    pub fn object(&self, name: &str) -> Self {
        match self {
            Self::Object(fields, language) => match Self::field(fields, name) {
                Some((value, false)) => Self::value(value, *language),
                Some((_, true)) => Self::Computed,
                None => Self::Nothing,
            },
            other => *other,
        }
    }

    /// The items of a list among the parameters; `None` if they are computed.
    pub fn items(&self, name: &str) -> Option<Vec<Self>> {
        match self {
            Self::Object(fields, language) => match Self::field(fields, name) {
                Some((Json::Array(items), false)) => Some(
                    items
                        .iter()
                        .map(|item| Self::value(item, *language))
                        .collect(),
                ),
                Some(_) => None,
                None => Some(Vec::new()),
            },
            Self::Computed => None,
            Self::Nothing => Some(Vec::new()),
        }
    }

    /// The objects that a parameter holds: itself, or the items of a list.
    pub fn children(&self, name: &str) -> Children<'a> {
        let Self::Object(fields, language) = self else {
            return match self {
                Self::Computed => Children::Computed,
                _ => Children::None,
            };
        };
        let (items, is_list) = match Self::field(fields, name) {
            Some((_, true)) => return Children::Computed,
            Some((Json::Array(items), false)) => (items.as_slice(), true),
            Some((value, false)) => (std::slice::from_ref(value), false),
            None => return Children::None,
        };
        let objects: Vec<Self> = items
            .iter()
            .map(|item| Self::value(item, *language))
            .collect();
        match objects[..] {
            [Self::Computed] if !is_list => Children::Computed,
            _ => Children::Objects(objects),
        }
    }

    /// Every literal text at any depth of the parameters, with its key.
    pub fn texts(&self) -> Vec<(&'a str, &'a str)> {
        let mut found = Vec::new();
        if let Self::Object(fields, _) = self {
            fields
                .iter()
                .for_each(|(key, value)| texts(key, value, &mut found));
        }
        found
    }

    /// The keys of an object.
    pub fn keys(&self) -> Vec<&'a str> {
        match self {
            Self::Object(fields, _) => fields.keys().map(String::as_str).collect(),
            _ => Vec::new(),
        }
    }

    /// The texts of a list of literals; `None` if one is computed.
    pub fn list(&self, name: &str) -> Option<Vec<&'a str>> {
        let Self::Object(fields, _) = self else {
            return None;
        };
        let (value, is_path) = Self::field(fields, name)?;
        let items = value.as_array().filter(|_| !is_path)?;
        let texts = items
            .iter()
            .map(|item| item.as_str().filter(|text| !text.starts_with("{%")));
        texts.collect()
    }

    /// What is known of a parameter that names a resource. One that begins with a computed part may be an ARN or a
    /// name, so that nothing is known of it.
    pub fn get(&self, name: &str) -> ParameterValue<'a> {
        match self.text(name) {
            ParameterValue::Pattern(pattern) if pattern.starts_with('*') => {
                ParameterValue::Computed
            }
            other => other,
        }
    }

    /// What is known of a parameter that is a text and no name: the key of an object.
    pub fn text(&self, name: &str) -> ParameterValue<'a> {
        let (fields, language) = match self {
            Self::Object(fields, language) => (*fields, *language),
            Self::Computed => return ParameterValue::Computed,
            Self::Nothing => return ParameterValue::Missing,
        };
        match (Self::field(fields, name), language) {
            (Some((Json::String(text), false)), QueryLanguage::Jsonata)
                if text.starts_with("{%") =>
            {
                known_pattern(text).map_or(ParameterValue::Computed, ParameterValue::Pattern)
            }
            (Some((Json::String(text), false)), _) => ParameterValue::Text(text),
            (Some((_, false)), _) => ParameterValue::Other,
            (Some((Json::String(path), true)), QueryLanguage::JsonPath) => intrinsic(path),
            (Some((_, true)), QueryLanguage::JsonPath) => ParameterValue::Computed,
            (Some((_, true)), QueryLanguage::Jsonata) | (None, _) => ParameterValue::Missing,
        }
    }
}

fn texts<'a>(key: &'a str, value: &'a Json, found: &mut Vec<(&'a str, &'a str)>) {
    match value {
        Json::String(text) => found.push((key, text)),
        Json::Array(items) => items.iter().for_each(|item| texts(key, item, found)),
        Json::Object(fields) => fields
            .iter()
            .for_each(|(key, value)| texts(key, value, found)),
        _ => {}
    }
}

/// What is known of `States.Format('a{}b', ...)`.
fn intrinsic(path: &str) -> ParameterValue<'_> {
    let template = path
        .trim()
        .strip_prefix("States.Format(")
        .and_then(|rest| rest.trim_start().strip_prefix('\''))
        .and_then(|rest| rest.split_once('\''))
        .map(|(template, _)| template)
        .filter(|template| !template.contains('\\'));
    match template {
        Some(template) if template.contains("{}") => {
            ParameterValue::Pattern(template.replace("{}", "*"))
        }
        Some(text) => ParameterValue::Text(text),
        None => ParameterValue::Computed,
    }
}
