//! Limits on the number of resources; checked before anything else.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::validate_names::resources;
use super::{Address, Kind, Resource};
use crate::source::{Diagnostic, Node, Source, Span};

/// The maximum number of resources of a stack, including implied ones. `CloudFormation` allows 500
/// (<https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html>); an account
/// has 1,000 roles, and most resources need one
/// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html>).
pub const MAX_RESOURCES: usize = 1000;

const HELP: &str = "split it into several stack files: what they share is named by `name:`, or given as a parameter";

/// The error if the stack file has more resources than allowed.
pub fn check_written(source: &Arc<Source>, root: &Node) -> Option<Diagnostic> {
    let count = resources(root).count();
    let (_, first) = resources(root).nth(MAX_RESOURCES)?;
    Some(
        Diagnostic::error(format!(
            "the stack has {count} resources, and at most {MAX_RESOURCES} are one stack"
        ))
        .at(source, first.key_span)
        .label(format!("number {}", MAX_RESOURCES + 1))
        .help(HELP),
    )
}

/// The diagnostics if there are too many resources, implied ones included, or more of a kind than the
/// account's quota.
pub fn check_expanded(
    source: &Arc<Source>,
    root: &Node,
    made: &BTreeMap<Address, Resource>,
) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    if made.len() > MAX_RESOURCES {
        let diagnostic = Diagnostic::error(format!(
            "the stack has {} resources with the roles and log groups it implies, and at most {MAX_RESOURCES} are one stack",
            made.len()
        ));
        found.push(diagnostic.at(source, begin(root)).help(HELP));
    }
    for kind in Kind::ALL {
        let Some(quota) = &kind.facts().quota else {
            continue;
        };
        let count = made.values().filter(|one| one.kind == kind).count();
        if count <= quota.most {
            continue;
        }
        let section = root.entry(kind.section());
        let place = section.map_or_else(|| begin(root), |section| section.key_span);
        let most = quota.most;
        let page = format!("https://docs.aws.amazon.com/{}", quota.page);
        found.push(if quota.adjustable {
            let what = format!(
                "the stack has {count} {kind}s, and an account takes {most} in a region unless AWS has raised it"
            );
            let help = format!("ask AWS for a higher quota, or make fewer ({page})");
            Diagnostic::warning(what).at(source, place).help(help)
        } else {
            let what =
                format!("the stack has {count} {kind}s, and an account takes {most} in a region");
            let help = format!("make fewer: AWS does not raise this quota ({page})");
            Diagnostic::error(what).at(source, place).help(help)
        });
    }
    found
}

/// The start of the file.
fn begin(root: &Node) -> Span {
    root.entries()
        .first()
        .map_or(root.span, |entry| entry.key_span)
}
