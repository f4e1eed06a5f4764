//! What was copied from a `CloudFormation` template or from a page with placeholders.

use super::Lint;
use crate::asl::cloudformation::{intrinsic, placeholder};
use crate::asl::resource;
use crate::source::{Entry, Node};

/// Fields whose value is data of the user's, which may be any object.
const DATA: [&str; 15] = [
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
];

/// Checks every value of a definition.
pub(super) fn check(lint: &mut Lint, root: &Node) {
    for entry in root.entries() {
        visit(lint, entry, false);
    }
}

fn visit(lint: &mut Lint, entry: &Entry, is_data: bool) {
    let key = entry.key.as_str();
    let is_data = is_data || DATA.contains(&key);
    value(lint, &entry.value, key, is_data);
}

fn value(lint: &mut Lint, node: &Node, key: &str, is_data: bool) {
    if let Some(found) = intrinsic(node).filter(|found| found.certain || needs_text(key, is_data)) {
        let name = &found.name;
        if is_data {
            lint.warning(
                node.span,
                format!("`{name}` is CloudFormation's: Step Functions passes this object as it is"),
                found.help,
            );
        } else {
            lint.error(
                node.span,
                format!("`{name}` is CloudFormation's, and `{key}` is a text in Step Functions"),
                found.help,
            );
        }
        return;
    }
    if let Some(text) = node.as_str()
        && !key.ends_with(".$")
        && !text.starts_with("{%")
        && key != "Comment"
        // An ARN that Step Functions refuses is reported where the resource is.
        && (key != "Resource" || resource::parse(text).is_ok())
        && let Some(found) = placeholder(text)
    {
        let message = format!("`{}` is a placeholder, not a {}", found.written, found.what);
        let help = format!(
            "write {}; for a resource of the stack, write the whole ARN as \"${{key.arn}}\"",
            found.reference
        );
        if is_data {
            lint.warning(node.span, message, help);
        } else {
            lint.error(node.span, message, help);
        }
    }
    for item in node.items() {
        value(lint, item, key, is_data);
    }
    for entry in node.entries() {
        visit(lint, entry, is_data);
    }
}

/// Whether a field takes a text: `Ref` alone may be a field of the user's in anything else.
fn needs_text(key: &str, is_data: bool) -> bool {
    let ends = [
        "Name", "Arn", "ARN", "Url", "Uri", "Id", "Resource", "Bucket", "Key",
    ];
    !is_data && ends.iter().any(|end| key.ends_with(end))
}
