//! What was copied from a `CloudFormation` template or from a page with placeholders.

use super::Lint;
use crate::asl::cloudformation::{FieldKind, Intrinsic, in_text, intrinsic, kind_of};
use crate::asl::placeholder::placeholder;
use crate::asl::resource::{self, TaskResource};
use crate::source::{Entry, Node, Span};

/// Fields whose value is data of the user's, which may be any object.
const DATA: [&str; 16] = [
    "Payload",
    "Item",
    "Input",
    "Message",
    "MessageBody",
    "Body",
    "RequestBody",
    "Result",
    "ResultSelector",
    "Output",
    "Assign",
    "Detail",
    "ItemSelector",
    "ExpressionAttributeValues",
    "Comment",
    "Metadata",
];

/// Where a value is.
#[derive(Clone, Copy)]
struct At<'k> {
    /// The field that has it, or the list; the name of a state; empty for the whole definition.
    key: &'k str,
    /// Whether it is a state.
    is_state: bool,
    /// Whether it is data of the user's.
    is_data: bool,
    /// Whether it is among the parameters of a call, which may be objects of any kind.
    in_call: bool,
}

/// Checks every value of a definition; whether nothing more can be told of it, as a part is not there.
pub(super) fn check(lint: &mut Lint, root: &Node) -> bool {
    let at = At {
        key: "",
        is_state: false,
        is_data: false,
        in_call: false,
    };
    value(lint, root, at)
}

impl At<'_> {
    /// What a value there is.
    fn kind(self) -> FieldKind {
        if self.is_state || self.key.is_empty() {
            FieldKind::Structure
        } else {
            kind_of(self.key)
        }
    }
}

fn value(lint: &mut Lint, node: &Node, at: At) -> bool {
    let is_text_of_call = !at.in_call || needs_text(at.key);
    if let Some(found) =
        intrinsic(node, at.key).filter(|found| found.certain || (is_text_of_call && !at.is_data))
    {
        report(lint, node.span, at, found);
        return !at.is_data && !at.in_call && at.kind() == FieldKind::Structure;
    }
    if let Some(text) = node.as_str() {
        text_value(lint, node, at, text);
    }
    let mut stops = false;
    for item in node.items() {
        stops |= value(lint, item, at);
    }
    let is_call = is_call(node);
    for entry in node.entries() {
        stops |= visit(lint, entry, at, is_call);
    }
    stops
}

/// Whether an object calls an integration, so that what it gives it are parameters and no data.
fn is_call(node: &Node) -> bool {
    let text = node
        .get("Resource")
        .and_then(Node::as_str)
        .unwrap_or_default();
    matches!(
        resource::parse(text),
        Ok(TaskResource::Optimized { .. } | TaskResource::Sdk { .. })
    ) || text.contains(":states:::")
}

fn visit(lint: &mut Lint, entry: &Entry, of: At, is_call: bool) -> bool {
    let key = entry.key.as_str();
    let is_parameters = !of.is_data && matches!(key, "Parameters" | "Arguments") && !of.in_call;
    let is_state = of.key == "States" && !of.is_state && !of.is_data;
    let at = At {
        key,
        is_state,
        // A state has the name that its author gave it.
        is_data: of.is_data || (!is_state && DATA.contains(&key)) || (is_parameters && !is_call),
        in_call: of.in_call || is_parameters,
    };
    if key.starts_with("Fn::") && !at.is_data {
        let found = Intrinsic {
            name: key.to_owned(),
            help: "write what it stands for: treino reads the definition as it is".to_owned(),
            certain: true,
        };
        report(lint, entry.key_span, of, found);
        lint.copied.push(entry.value.span);
        return true;
    }
    value(lint, &entry.value, at)
}

/// Functions and placeholders in a text.
fn text_value(lint: &mut Lint, node: &Node, at: At, text: &str) {
    if text.starts_with("{%") || at.key == "Comment" {
        return;
    }
    if let Some(found) = in_text(text, at.key) {
        return report(lint, node.span, at, found);
    }
    // An ARN that Step Functions refuses is reported where the resource is.
    if at.key.ends_with(".$") || (at.key == "Resource" && resource::parse(text).is_err()) {
        return;
    }
    let Some(found) = placeholder(text) else {
        return;
    };
    let help = found.help();
    if at.is_data {
        if !found.may_be_filled {
            lint.warning(node.span, found.message(), help);
        }
    } else {
        lint.error(node.span, found.message(), help);
    }
}

/// Reports a function of `CloudFormation`, and nothing more of its place.
fn report(lint: &mut Lint, span: Span, at: At, found: Intrinsic) {
    let Intrinsic { name, help, .. } = found;
    if at.is_data {
        let message = format!("`{name}` is CloudFormation's: Step Functions passes this as it is");
        lint.warning(span, message, help);
    } else {
        let key = at.key;
        let is = match at.kind() {
            FieldKind::Number => format!("`{key}` is a number in Step Functions"),
            FieldKind::Path => format!("`{key}` is a path in Step Functions"),
            FieldKind::Text => format!("`{key}` is a text in Step Functions"),
            FieldKind::Structure if key.is_empty() => "Step Functions does not read it".to_owned(),
            FieldKind::Structure => format!("Step Functions does not read it in `{key}`"),
        };
        let message = format!("`{name}` is CloudFormation's, and {is}");
        lint.error(span, message, help);
    }
    lint.copied.push(span);
}

/// Whether a parameter takes a text: `Ref` alone may be a field of the user's in anything else.
fn needs_text(key: &str) -> bool {
    let ends = [
        "Name", "Arn", "ARN", "Url", "Uri", "Id", "Resource", "Bucket", "Key",
    ];
    let key = key.trim_end_matches(".$");
    ends.iter().any(|end| key.ends_with(end))
}
