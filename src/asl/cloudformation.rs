//! What belongs to `CloudFormation` templates and is often copied into definitions and stack files.

use crate::source::{Node, Value};

/// A function of `CloudFormation`: `{"Fn::GetAtt": [...]}`, `{"Ref": ...}`, or the same as a tag or in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Intrinsic {
    /// Its name, such as `Fn::GetAtt`.
    pub name: String,
    /// What to write instead.
    pub help: String,
    /// Whether it can be nothing else: `Ref` is also a name that people give to fields of their own.
    pub certain: bool,
}

/// The functions, without the `Fn::` of the long form.
const FUNCTIONS: [&str; 19] = [
    "Ref",
    "GetAtt",
    "Sub",
    "Join",
    "ImportValue",
    "FindInMap",
    "If",
    "Select",
    "Split",
    "Base64",
    "Cidr",
    "GetAZs",
    "Transform",
    "Equals",
    "And",
    "Or",
    "Not",
    "Condition",
    "ToJsonString",
];

/// Parameters that `CloudFormation` gives every template.
const PSEUDO_PARAMETERS: [&str; 8] = [
    "AWS::AccountId",
    "AWS::NoValue",
    "AWS::NotificationARNs",
    "AWS::Partition",
    "AWS::Region",
    "AWS::StackId",
    "AWS::StackName",
    "AWS::URLSuffix",
];

/// The function that the value of a field is; `None` if it is none.
#[must_use]
pub fn intrinsic(node: &Node, field: &str) -> Option<Intrinsic> {
    let [entry] = node.entries() else {
        return None;
    };
    let name = entry.key.as_str();
    let function = name.strip_prefix("Fn::");
    let help = match (function, name) {
        (Some(function), _) => way_out(function, &entry.value, field),
        (None, "Ref") => way_out("Ref", &entry.value, field)
            .filter(|_| entry.value.as_str().is_some())?
            .into(),
        _ => return None,
    };
    let is_pseudo = entry
        .value
        .as_str()
        .is_some_and(|text| text.starts_with("AWS::"));
    Some(Intrinsic {
        name: name.to_owned(),
        help: help.unwrap_or_else(|| one_text(field)),
        certain: function.is_some() || is_pseudo,
    })
}

/// The function of a tag such as `!GetAtt` before a value; `None` if it is another tag.
#[must_use]
pub fn of_tag(tag: &str, value: &Node, field: &str) -> Option<Intrinsic> {
    let function = tag.strip_prefix('!')?;
    FUNCTIONS.contains(&function).then(|| Intrinsic {
        name: tag.to_owned(),
        help: way_out(function, value, field).unwrap_or_else(|| one_text(field)),
        certain: true,
    })
}

/// The function that a text is: `!GetAtt f.Arn` in quotes, `Fn::Sub: ...`, `AWS::Region`.
#[must_use]
pub fn in_text(text: &str, field: &str) -> Option<Intrinsic> {
    let text = text.trim();
    let found = |name: &str, help: Option<String>| Intrinsic {
        name: name.to_owned(),
        help: help.unwrap_or_else(|| one_text(field)),
        certain: true,
    };
    if PSEUDO_PARAMETERS.contains(&text) {
        return Some(found(text, Some(of_ref(text, field))));
    }
    if text.starts_with("{{resolve:") {
        let help = "write ${env:VARIABLE}, or let the function read the value when it runs";
        return Some(found("{{resolve:...}}", Some(help.to_owned())));
    }
    if text.starts_with('{') && text.contains("\"Fn::") {
        return Some(found("Fn::", None));
    }
    let (name, argument) = text
        .split_once([' ', ':'])
        .filter(|_| text.starts_with('!'))
        .or_else(|| {
            let (name, argument) = text.strip_prefix("Fn::")?.split_once([' ', ':'])?;
            Some((&text[..name.len() + 4], argument))
        })?;
    let function = name.trim_start_matches('!').trim_start_matches("Fn::");
    let argument = argument.trim().trim_matches(['"', '\'']);
    // "!Sub" may begin a sentence.
    let is_argument = match function {
        "Ref" | "GetAtt" | "ImportValue" => {
            !argument.is_empty()
                && !argument
                    .trim_start_matches('[')
                    .trim_end_matches(']')
                    .trim()
                    .replace(", ", ",")
                    .contains(' ')
        }
        "Sub" => argument.contains("${") || argument.contains(':'),
        _ => argument.starts_with('['),
    };
    if !is_argument || !FUNCTIONS.contains(&function) {
        return None;
    }
    let inner = argument
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'));
    let value = match inner {
        Some(list) => {
            let items = list
                .split(',')
                .map(|item| text_node(item.trim().trim_matches(['"', '\''])));
            Node {
                value: Value::List(items.collect()),
                ..text_node("")
            }
        }
        None => text_node(argument),
    };
    Some(found(name, way_out(function, &value, field)))
}

fn text_node(text: &str) -> Node {
    Node {
        value: Value::String(text.to_owned()),
        span: crate::source::Span::default(),
    }
}

/// What to write instead of a function; `None` if nothing better is known than one text.
fn way_out(function: &str, argument: &Node, field: &str) -> Option<String> {
    let text = argument.as_str();
    let parts: Vec<&str> = match (&argument.value, text) {
        (Value::List(items), _) => items.iter().filter_map(Node::as_str).collect(),
        (_, Some(text)) => text.splitn(2, '.').collect(),
        _ => Vec::new(),
    };
    match (function, parts.as_slice()) {
        ("GetAtt", [key, attribute]) => {
            Some(format!("write \"${{{key}.{}}}\"", ours(attribute, field)))
        }
        ("Ref", _) => text.map(|key| of_ref(key, field)),
        ("Sub", _) => text.map(|text| {
            let ours = of_text(text, field);
            let may_be_param = ours.contains(".name}").then_some("; ${param.NAME} of a parameter");
            format!("write \"{ours}\"{}", may_be_param.unwrap_or_default())
        }),
        ("ImportValue", _) => Some(
            "write the value; or declare a parameter, write \"${param.NAME}\" and give it with --set".to_owned(),
        ),
        ("Transform", _) => Some("write what it stands for: treino has no macros".to_owned()),
        ("If" | "Equals" | "And" | "Or" | "Not" | "Condition", _) => Some(
            "write one value: treino has no conditions; what changes may be a parameter, \"${param.NAME}\"".to_owned(),
        ),
        _ => None,
    }
}

/// What to write where a function has no reference of ours.
fn one_text(field: &str) -> String {
    match kind_of(field) {
        FieldKind::Number => "write the number itself".to_owned(),
        FieldKind::Path => "write a path such as \"$.order\"".to_owned(),
        FieldKind::Structure => "write the value itself".to_owned(),
        FieldKind::Text => "write one text, with references such as \"${key.arn}\"".to_owned(),
    }
}

/// What a field of a definition takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldKind {
    Number,
    Path,
    /// Names of states, states, lists of rules.
    Structure,
    Text,
}

/// What a field of a definition takes, by its name.
#[must_use]
pub fn kind_of(field: &str) -> FieldKind {
    const STRUCTURE: [&str; 12] = [
        "StartAt",
        "States",
        "Next",
        "Default",
        "Branches",
        "Choices",
        "Catch",
        "Retry",
        "ItemProcessor",
        "Iterator",
        "Type",
        "QueryLanguage",
    ];
    const NUMBERS: [&str; 5] = [
        "MaxConcurrency",
        "MaxAttempts",
        "BackoffRate",
        "MaxItems",
        "End",
    ];
    let is_number = |name: &str| {
        NUMBERS.contains(&name)
            || name.ends_with("Seconds")
            || name.starts_with("ToleratedFailure")
            || name.ends_with("PerBatch")
    };
    match field {
        _ if STRUCTURE.contains(&field) => FieldKind::Structure,
        "ItemSelector" | "QueryString" => FieldKind::Text,
        _ if field.ends_with("Path") || field == "Variable" => FieldKind::Path,
        _ if is_number(field) => FieldKind::Number,
        _ => FieldKind::Text,
    }
}

/// Instead of `Ref`: the attribute that the field takes.
fn of_ref(key: &str, field: &str) -> String {
    if key.starts_with("AWS::") {
        return match of_text(&format!("${{{key}}}"), field) {
            text if text.contains("AWS::") => "remove it: treino has nothing like it".to_owned(),
            text => format!("write \"{text}\""),
        };
    }
    match (kind_of(field), attribute_of(field)) {
        (FieldKind::Structure, _) if matches!(field, "Next" | "Default" | "StartAt") => {
            format!("write the name of the state, such as \"{key}\"")
        }
        (FieldKind::Text, None) if is_constant(field) => {
            format!("write the value itself, or \"${{param.{key}}}\" of a parameter")
        }
        (FieldKind::Text, Some(attribute)) => format!("write \"${{{key}.{attribute}}}\""),
        (FieldKind::Text, None) => format!(
            "write \"${{{key}.name}}\" or \"${{{key}.arn}}\" of a resource, \"${{param.{key}}}\" of a parameter"
        ),
        _ => one_text(field),
    }
}

/// Whether a text of a definition is no resource: a time, an error, what a choice compares with.
fn is_constant(field: &str) -> bool {
    const COMPARED: [&str; 4] = ["String", "Numeric", "Boolean", "Timestamp"];
    matches!(field, "Error" | "Cause" | "Version" | "Comment")
        || COMPARED.iter().any(|of| field.starts_with(of))
}

/// The attribute of a resource that a field takes, if its name tells.
fn attribute_of(field: &str) -> Option<&'static str> {
    const ARNS: [&str; 9] = [
        "Resource",
        "resources",
        "role",
        "assumed_by",
        "FunctionName",
        "managed_policies",
        "AWS",
        "aws:SourceArn",
        "deadLetterTargetArn",
    ];
    let field = field.trim_end_matches(".$");
    let lower = field.to_lowercase();
    let ends = |ends: &[&str]| ends.iter().any(|end| lower.ends_with(end));
    if ARNS.contains(&field) || ends(&["arn", "arns"]) {
        Some("arn")
    } else if ends(&["url", "uri"]) {
        Some("url")
    } else if ends(&["name", "bucket", "table"]) {
        Some("name")
    } else {
        None
    }
}

fn ours(attribute: &str, field: &str) -> &'static str {
    match attribute {
        "QueueUrl" | "Url" => "url",
        "QueueName" | "TopicName" | "TableName" | "Name" | "RoleName" => "name",
        "Arn" | "TopicArn" => "arn",
        _ => attribute_of(field).unwrap_or("arn"),
    }
}

/// A text of `Fn::Sub` with the pseudo parameters and attributes as a stack file has them.
fn of_text(text: &str, field: &str) -> String {
    let whole = text
        .strip_prefix("${")
        .and_then(|rest| rest.strip_suffix('}'));
    let is_key = |key: &str| !key.is_empty() && key.chars().all(char::is_alphanumeric);
    if let (Some(key), Some(attribute)) = (whole.filter(|key| is_key(key)), attribute_of(field)) {
        return format!("${{{key}.{attribute}}}");
    }
    let text = [
        ("AWS::Region", "region"),
        ("AWS::AccountId", "account"),
        ("AWS::Partition", "partition"),
        ("AWS::StackName", "stack"),
    ]
    .into_iter()
    .fold(text.replace(".Arn}", ".arn}"), |text, (theirs, ours)| {
        text.replace(&format!("${{{theirs}}}"), &format!("${{{ours}}}"))
    });
    // A resource alone is its name within a text, as `Ref` is of most.
    let mut pieces = text.split("${");
    let mut out = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let key = piece.split_once('}').map_or("", |(key, _)| key);
        let is_ours = ["region", "account", "partition", "stack"].contains(&key);
        out.push_str("${");
        out.push_str(key);
        if is_key(key) && !is_ours {
            out.push_str(".name");
        }
        out.push_str(&piece[key.len()..]);
    }
    out
}

#[cfg(test)]
mod tests;
