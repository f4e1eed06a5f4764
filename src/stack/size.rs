//! How many resources a stack may have: what is more is refused before anything else is looked at.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::validate_names::resources;
use super::{Address, Kind, Resource};
use crate::source::{Diagnostic, Node, Source, Span};

/// The most resources of one stack, with those it implies. `CloudFormation` takes 500
/// (<https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html>); an account
/// has 1,000 roles, which most resources bring along
/// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html>).
pub const MOST: usize = 1000;

const HELP: &str = "split it into several stack files: what they share is named by `name:`, or given as a parameter";

/// That more resources are written than a stack may have.
pub fn too_many_written(source: &Arc<Source>, root: &Node) -> Option<Diagnostic> {
    let count = resources(root).count();
    let (_, first) = resources(root).nth(MOST)?;
    Some(
        Diagnostic::error(format!(
            "the stack has {count} resources, and at most {MOST} are one stack"
        ))
        .at(source, first.key_span)
        .label(format!("number {}", MOST + 1))
        .help(HELP),
    )
}

/// That there are too many with what they imply, or more of a kind than an account takes.
pub fn too_many(
    source: &Arc<Source>,
    root: &Node,
    made: &BTreeMap<Address, Resource>,
) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    if made.len() > MOST {
        let diagnostic = Diagnostic::error(format!(
            "the stack has {} resources with the roles and log groups it implies, and at most {MOST} are one stack",
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

/// Where the file begins.
fn begin(root: &Node) -> Span {
    root.entries()
        .first()
        .map_or(root.span, |entry| entry.key_span)
}
