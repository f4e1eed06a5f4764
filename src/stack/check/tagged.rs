//! Values behind tags of `CloudFormation`, such as `!Sub`.

use std::sync::Arc;

use crate::source::{Diagnostics, Source, Span};

/// The tags of `CloudFormation` that stand for a value of another resource.
pub(super) const CLOUDFORMATION: [&str; 6] = [
    "!Ref",
    "!GetAtt",
    "!Sub",
    "!Join",
    "!ImportValue",
    "!FindInMap",
];

/// Leaves out what is wrong within a value behind a tag: the tag is reported, and its value is written anew.
pub fn one_error_for_a_tag(
    diagnostics: &mut Diagnostics,
    source: &Arc<Source>,
    tagged: &[(Span, Span)],
) {
    diagnostics.0.retain(|one| {
        let place = one.place.as_ref().filter(|place| place.source == *source);
        !place.is_some_and(|place| {
            let at = place.span.start;
            tagged
                .iter()
                .any(|(_, value)| value.start <= at && at < value.end)
        })
    });
}

/// The first pseudo parameter of `CloudFormation` in a text, and what treino has for it.
pub(super) fn pseudo_parameter(text: &str) -> Option<(&'static str, &'static str)> {
    let (_, rest) = text.split_once("AWS::")?;
    let ours = [
        ("Region", "region"),
        ("AccountId", "account"),
        ("Partition", "partition"),
        ("StackName", "stack"),
    ];
    ours.into_iter().find(|(word, _)| rest.starts_with(word))
}
