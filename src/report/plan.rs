//! Plans and summaries as text.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::Value;

use super::style::{self, bold, dim, error, success, warning};
use crate::engine::{Leftover, Outcome, ProviderError};
use crate::ops::{OutcomeOf, another_file};
use crate::plan::{Action, Change, DESTROYED, EndChange, NEW, Plan, Step};
use crate::source::counted;
use crate::stack::{Address, ExternalInputs, PackagedDependencies};

/// The longest value shown on one line.
const LONGEST: usize = 72;

/// A plan: each change with its reason and fields, then the counts.
#[must_use]
pub fn plan(plan: &Plan, verbose: bool) -> String {
    let changed: Vec<&Step> = plan
        .steps
        .iter()
        .filter(|step| verbose || step.is_change())
        .collect();
    let width = changed
        .iter()
        .map(|step| step.address.as_str().len())
        .max()
        .unwrap_or(0);
    let names = changed
        .iter()
        .map(|step| step.name.len())
        .max()
        .unwrap_or(0)
        .min(64);
    let mut lines = vec![heading(plan), String::new()];
    for step in changed {
        let (sign, paint): (&str, fn(&str) -> String) = match step.action {
            Action::Keep => ("=", dim),
            Action::Create => ("+", success),
            Action::Update { .. } => ("~", warning),
            Action::Replace { .. } => ("±", warning),
            Action::Delete => ("-", error),
        };
        let head = format!("{sign} {:width$}", step.address.as_str());
        // The sign already says that a resource is new or destroyed.
        let why = match step.why.as_str() {
            NEW | DESTROYED => "",
            why => why,
        };
        // The last column is not padded: a narrow terminal would wrap the blanks.
        lines.push(match why {
            "" => format!("  {}  {}", paint(&head), step.name),
            why => format!("  {}  {:names$}  {}", paint(&head), step.name, dim(why)),
        });
        match &step.action {
            Action::Update { changes } | Action::Replace { changes } => {
                let fixed = step.kind.facts().replace_on;
                lines.extend(changes.iter().flat_map(|change| one_change(change, fixed)));
            }
            Action::Create if verbose => {
                let spec = step.want.as_ref().map(|want| &want.spec);
                lines.extend(
                    spec.and_then(Value::as_object)
                        .into_iter()
                        .flatten()
                        .filter(|(_, value)| !value.is_null())
                        .flat_map(|(key, value)| {
                            one_change(
                                &Change {
                                    path: key.clone(),
                                    from: None,
                                    to: Some(value.clone()),
                                },
                                &[],
                            )
                        }),
                );
            }
            _ => {}
        }
    }
    if lines.len() > 2 {
        lines.push(String::new());
    }
    lines.push(counts(plan));
    lines.join("\n")
}

fn heading(plan: &Plan) -> String {
    let target = &plan.target;
    let owner = target
        .owner
        .as_ref()
        .map(|owner| format!(" of {owner}"))
        .unwrap_or_default();
    format!(
        "{}{owner} in {}, account {}",
        bold(&target.stack),
        target.region,
        target.account
    )
}

fn counts(plan: &Plan) -> String {
    if !plan.foreign.is_empty() {
        let count = plan.foreign.len();
        let conflicts = if count == 1 { "conflict" } else { "conflicts" };
        return format!("nothing was changed: {count} name {conflicts}");
    }
    if plan.is_empty() {
        let all = super::all(plan.steps.len(), " is", " are");
        return match plan.end {
            None => format!("nothing to change: {all} up to date"),
            Some(change) => format!("{all} up to date; {}", end(change)),
        };
    }
    let parts = ["create", "update", "replace", "delete"].map(|verb| (verb, plan.count(verb)));
    let mut parts: Vec<String> = parts
        .iter()
        .filter(|(_, count)| *count > 0)
        .map(|(verb, count)| format!("{count} to {verb}"))
        .collect();
    if plan.count("keep") > 0 {
        parts.push(format!("{} unchanged", plan.count("keep")));
    }
    let mut text = parts.join(", ") + &taken_over(plan);
    if plan.another_file {
        let _ = write!(
            text,
            "\n{} {}",
            warning("warning:"),
            another_file(&plan.target.stack)
        );
    }
    text
}

/// What a stack takes from the user, by name; nothing where it takes nothing.
#[must_use]
pub fn reads(reads: &ExternalInputs) -> String {
    let mut lines = Vec::new();
    let mut list = |heading: &str, items: Vec<String>| {
        if !items.is_empty() {
            lines.push(heading.to_owned());
            lines.extend(items.into_iter().map(|item| format!("  {item}")));
        }
    };
    let variables = reads.environment.iter().map(|one| {
        let by = one.parameter.as_ref();
        let by = by.map_or_else(String::new, |name| format!(" (by the parameter {name})"));
        format!("{} -> {} {}{by}", one.variable, one.address, one.field)
    });
    list("reads from your environment:", variables.collect());
    let outside = reads.outside.iter();
    let outside = outside.map(|one| format!("{} ({})", one.path, one.leads_to.display()));
    list("reads files outside of the repository:", outside.collect());
    list(
        "packages what usually contains secrets:",
        reads.secrets.clone(),
    );
    lines.join("\n")
}

/// What is installed into the packages of functions, a line each; the names of packages too, if `verbose`.
#[must_use]
pub fn installed(packages: &BTreeMap<Address, PackagedDependencies>, verbose: bool) -> String {
    let mut lines = Vec::new();
    for (address, one) in packages {
        let count = one.packages.len();
        let noun = if count == 1 { "package" } else { "packages" };
        let (tool, built_for) = (one.tool.name(), &one.built_for);
        let unpinned = match one.unpinned.len() {
            0 => String::new(),
            1..=3 => format!("; without a version: {}", one.unpinned.join(", ")),
            many => format!("; {many} without a version"),
        };
        lines.push(format!(
            "  {address}: {count} {noun} by {tool}, for {built_for}{unpinned}"
        ));
        if verbose {
            lines.extend(one.packages.iter().map(|name| format!("    {name}")));
        }
    }
    if !lines.is_empty() {
        lines.insert(0, "installs into packages:".to_owned());
    }
    lines.join("\n")
}

/// What a deploy changes about the end of a stack.
fn end(change: EndChange) -> &'static str {
    match change {
        EndChange::Start => "no execution of AWS waits to delete the stack: a deploy starts it",
        EndChange::Replace => {
            "AWS deletes the stack by an earlier plan, or at another time: a deploy changes that"
        }
        EndChange::Stop => "AWS still deletes the stack at its earlier end: a deploy stops that",
    }
}

/// What it means to take something over.
fn taken_over(plan: &Plan) -> String {
    match plan.steps.iter().filter(|step| step.adopted_from.is_some()).count() {
        0 => String::new(),
        1 => "\n1 is taken over: it is this stack's from then on, and a destroy deletes it with everything in it"
            .to_owned(),
        count => format!(
            "\n{count} are taken over: they are this stack's from then on, and a destroy deletes them with everything in them"
        ),
    }
}

fn one_change(change: &Change, fixed: &[&str]) -> Vec<String> {
    let path = &change.path;
    let note = if fixed.contains(&change.field()) {
        dim("  (cannot be changed in place)")
    } else {
        String::new()
    };
    match (&change.from, &change.to) {
        // Two hashes of a package would say no more than that it is another one.
        (Some(Value::String(from)), Some(Value::String(to))) if path == "code" => {
            let begin = |hash: &str| hash.chars().take(10).collect::<String>();
            vec![format!(
                "      {path}: package {} -> {}{note}",
                error(&begin(from)),
                success(&begin(to))
            )]
        }
        // The same holds for the fingerprint of secrets.
        (Some(Value::String(from)), Some(_)) if path == "secret" && from != "deauthorized" => {
            vec![format!("      {path}: {}{note}", success("another one"))]
        }
        (from, Some(_)) if change.field() == "secret_environment" => {
            let how = from.as_ref().map_or("+ (secret)", |_| "another one");
            vec![format!("      {path}: {}{note}", success(how))]
        }
        (Some(from), Some(to)) if fits(from) && fits(to) => {
            vec![format!(
                "      {path}: {} -> {}{note}",
                error(&short(from)),
                success(&short(to))
            )]
        }
        (from, to) => {
            let mut lines = vec![format!("      {path}:{note}")];
            lines.extend(from.iter().flat_map(|value| block("-", value, error)));
            lines.extend(to.iter().flat_map(|value| block("+", value, success)));
            if let ([only], 1) = (lines[1..].as_ref(), lines.len() - 1) {
                return vec![format!("      {path}: {}{note}", only.trim_start())];
            }
            lines
        }
    }
}

fn fits(value: &Value) -> bool {
    value.to_string().chars().count() <= LONGEST
}

fn short(value: &Value) -> String {
    match value {
        Value::String(text) if !text.is_empty() && !text.contains(['\n', '"']) => text.clone(),
        other => other.to_string(),
    }
}

fn block(sign: &str, value: &Value, paint: fn(&str) -> String) -> Vec<String> {
    if fits(value) || value.is_string() {
        return vec![format!(
            "        {}",
            paint(&format!("{sign} {}", short(value)))
        )];
    }
    laid_out(value)
        .lines()
        .map(|line| format!("        {}", paint(&format!("{sign} {line}"))))
        .collect()
}

/// JSON over several lines, but what fits on one stays on one.
fn laid_out(value: &Value) -> String {
    let members: Vec<String> = match value {
        _ if fits(value) => return value.to_string(),
        Value::Array(items) => items.iter().map(laid_out).collect(),
        Value::Object(fields) => fields
            .iter()
            .map(|(key, value)| format!("{key:?}: {}", laid_out(value)))
            .collect(),
        scalar => return scalar.to_string(),
    };
    let (open, close) = if value.is_array() {
        ("[", "]")
    } else {
        ("{", "}")
    };
    let inner = members.join(",\n").replace('\n', "\n  ");
    format!("{open}\n  {inner}\n{close}")
}

/// What there is of a resource after its step failed.
fn leftover(action: &str, leftover: Leftover) -> &'static str {
    match (action, leftover) {
        ("create", Leftover::Nothing) => "nothing of it was created",
        ("create", Leftover::Partial) => "part of it was created",
        ("create", Leftover::Unknown) => "whether AWS created it is not known",
        ("create", Leftover::Whole)
        | ("update" | "replace", Leftover::Nothing | Leftover::Whole) => "nothing was changed",
        ("update", Leftover::Partial) => "part of it was updated",
        ("update", Leftover::Unknown) => "whether AWS updated it is not known",
        ("replace", Leftover::Partial) => {
            "the old one was deleted, or part of it; the new one is not complete"
        }
        ("replace", Leftover::Unknown) => "whether AWS deleted the old one is not known",
        (_, Leftover::Nothing | Leftover::Whole) => "it still exists",
        (_, Leftover::Partial) => "part of it was deleted, the rest still exists",
        (_, Leftover::Unknown) => "whether AWS deleted it is not known",
    }
}

/// How an apply ended.
#[must_use]
pub fn summary(outcomes: &[OutcomeOf], seconds: f64) -> String {
    let mut done = 0;
    let mut lines = Vec::new();
    // The unverified resources by error: one error may be that of many.
    let mut unseen: Vec<(&ProviderError, Vec<&Address>)> = Vec::new();
    for OutcomeOf {
        address,
        action,
        outcome,
    } in outcomes
    {
        match outcome {
            Outcome::Kept => {}
            Outcome::Done => done += 1,
            Outcome::Failed { error } => {
                let left = leftover(action, error.leftover);
                lines.push(format!(
                    "{} {address}: {error} ({left})",
                    style::error("failed ")
                ));
                if let Some(help) = &error.help {
                    lines.push(format!("         {} {help}", bold("help:")));
                }
            }
            Outcome::Skipped { because } => {
                lines.push(format!("{} {address}: {because}", warning("skipped")));
            }
            Outcome::Unverified { error } => {
                match unseen.iter_mut().find(|(same, _)| *same == error) {
                    Some((_, addresses)) => addresses.push(address),
                    None => unseen.push((error, vec![address])),
                }
            }
            Outcome::Unknown => {
                lines.push(format!("{} {address}: it was under way", error("unknown")));
            }
        }
    }
    for (error, addresses) in &unseen {
        let first = addresses.first().map_or("", |address| address.as_str());
        let which = match addresses.len() {
            1 => first.to_owned(),
            more => format!("{first} and {} more", more - 1),
        };
        lines.push(format!("{} {which}: {error}", warning("unseen ")));
        if let Some(help) = &error.help {
            lines.push(format!("         {} {help}", bold("help:")));
        }
    }
    let changes = counted(done, "change");
    if lines.is_empty() {
        return success(&format!("done: {changes} in {seconds:.1} s"));
    }
    lines.insert(
        0,
        if unseen.is_empty() {
            format!("{changes} done in {seconds:.1} s; not all:")
        } else {
            format!("{changes} done, and seen, in {seconds:.1} s; not all:")
        },
    );
    lines.push("Run the same command again: it goes on from what is there.".to_owned());
    lines.join("\n")
}
