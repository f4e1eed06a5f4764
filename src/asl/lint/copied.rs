//! What was copied from a `CloudFormation` template or from a page with placeholders.

use super::Lint;
use crate::asl::cloudformation::{Intrinsic, intrinsic, placeholder};
use crate::asl::resource;
use crate::source::{Entry, Node, Span};

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
    if let Some(found) = intrinsic(node).filter(|found| reports(found, key, is_data)) {
        let name = &found.name;
        if is_data {
            lint.warning(
                node.span,
                format!("`{name}` is CloudFormation's: Step Functions passes this object as it is"),
                found.help,
            );
        } else {
            report(lint, node.span, key, found);
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
        let message = format!(
            "`{}` is a placeholder, not {} {}",
            found.written,
            article(found.what),
            found.what
        );
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

/// Whether a function of `CloudFormation` under a key is reported wherever it is found.
pub(super) fn reports(found: &Intrinsic, key: &str, is_data: bool) -> bool {
    found.certain || needs_text(key, is_data)
}

/// Reports a function of `CloudFormation` where Step Functions takes a text.
pub(super) fn report(lint: &mut Lint, at: Span, key: &str, found: Intrinsic) {
    let name = &found.name;
    lint.error(
        at,
        format!("`{name}` is CloudFormation's, and `{key}` is a text in Step Functions"),
        found.help,
    );
}

/// Whether a field takes a text: `Ref` alone may be a field of the user's in anything else.
fn needs_text(key: &str, is_data: bool) -> bool {
    let ends = [
        "Name", "Arn", "ARN", "Url", "Uri", "Id", "Resource", "Bucket", "Key",
    ];
    !is_data && ends.iter().any(|end| key.ends_with(end))
}

fn article(noun: &str) -> &'static str {
    if noun.starts_with(['a', 'e', 'i', 'o', 'u']) {
        "an"
    } else {
        "a"
    }
}
