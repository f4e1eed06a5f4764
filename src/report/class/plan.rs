//! The plan of a class as text.

use std::collections::BTreeMap;
use std::time::SystemTime;

use super::ends::end_of_class;
use super::texts::{NAMED, duration, named};
use crate::ops::{ChangedResource, ClassPlan, ONLY_END_CHANGES, PlannedStack, QuotaUse, Violation};
use crate::report::contents::{amount, in_all};
use crate::report::cost::wrapped;
use crate::report::style::{bold, dim, error, warning};
use crate::source::counted;
use crate::stack::Kind;

/// Most resources of a plan that are named one by one.
const NAMED_RESOURCES: usize = 12;

/// What a line about a policy begins with that reaches others' resources.
const LABEL: &str = "reaches others:";

/// What is to be done for a class.
pub fn plan(plan: &ClassPlan, verbose: bool, now: SystemTime) -> String {
    let students: Vec<&PlannedStack> = plan
        .stacks
        .iter()
        .filter(|one| one.owner.is_some())
        .collect();
    let place = |one: &PlannedStack| format!("{}, account {}", one.region, one.account);
    let mut places: Vec<String> = plan.stacks.iter().map(place).collect();
    places.sort();
    places.dedup();
    let places_text = match places.as_slice() {
        [] => String::new(),
        [one] => format!(" in {one}"),
        _ => format!(" in {}", in_places(&plan.stacks)),
    };
    let head = format!(
        "{} for {}{places_text}",
        plan.stack,
        counted(students.len(), "student")
    );
    if plan.stacks.is_empty() {
        return format!("{}: nobody's stack can be deployed", bold(&plan.stack));
    }
    let mut lines = vec![bold(&head)];
    let with_place = |one: &PlannedStack, text: String| {
        if places.len() > 1 {
            format!("{text} ({})", place(one))
        } else {
            text
        }
    };
    for one in plan.stacks.iter().filter(|one| one.owner.is_none()) {
        let who = with_place(one, format!("the trail that they share, {}", one.stack));
        lines.push(format!("  {who}: {}", changes(one)));
        lines.extend(changed(one, verbose));
    }
    // Students with the same changes are told together.
    let mut groups: Vec<(String, Vec<&PlannedStack>)> = Vec::new();
    for one in &students {
        let text = match &one.refused {
            Some(why) => error(&format!("cannot be deployed: {why}")),
            None => std::iter::once(changes(one))
                .chain(changed(one, verbose))
                .collect::<Vec<_>>()
                .join("\n"),
        };
        match groups.iter_mut().find(|(known, _)| *known == text) {
            Some((_, all)) => all.push(one),
            None => groups.push((text, vec![one])),
        }
    }
    for (text, all) in &groups {
        let owners: Vec<String> = all.iter().filter_map(|one| one.owner.clone()).collect();
        let who = named(&owners, verbose || owners.len() <= NAMED);
        lines.push(format!("  {who}: {text}"));
    }
    lines.extend(data(&plan.stacks, verbose));
    if plan.verb == "deploy" {
        let end = end_of_class(&students, now).unwrap_or_default();
        let end = wrapped(&end, "  ", "    ").into_iter();
        lines.extend(
            end.filter(|line| !line.trim().is_empty())
                .map(|line| dim(&line)),
        );
        lines.extend(reached(&plan.violations, verbose));
        if plan.violations.is_empty() && students.len() > 1 {
            lines.push(dim(
                "  no student's roles reach another student's resources",
            ));
        }
        if !plan.not_looked_at.is_empty() {
            let names = plan.not_looked_at.iter();
            let names = names.map(|arn| arn.rsplit(':').next().unwrap_or(arn));
            let names: Vec<&str> = names.collect();
            let text = format!(
                "not looked at: what {} allow{}",
                names.join(", "),
                if names.len() == 1 { "s" } else { "" }
            );
            let text = wrapped(&text, "  ", "    ").into_iter();
            lines.extend(text.map(|line| warning(&line)));
        }
        for one in plan
            .quotas
            .iter()
            .filter(|one| verbose || !one.adjustable || !one.fits())
        {
            lines.push(quota(one, places.len() > 1));
        }
        if let Some(seconds) = plan.least_seconds.filter(|seconds| *seconds >= 5.0) {
            lines.push(dim(&format!(
                "  AWS's rates make this last about {} at least",
                duration(seconds)
            )));
        }
    }
    lines.join("\n")
}

/// How many accounts and regions: `2 regions of account ID`, `2 accounts`, `3 regions of 2 accounts`.
fn in_places(stacks: &[PlannedStack]) -> String {
    let mut regions: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for one in stacks {
        let of_account = regions.entry(&one.account).or_default();
        if !of_account.contains(&one.region.as_str()) {
            of_account.push(&one.region);
        }
    }
    let all: usize = regions.values().map(Vec::len).sum();
    let mut names: Vec<&str> = regions.values().flatten().copied().collect();
    names.sort_unstable();
    names.dedup();
    match (regions.keys().next(), names.as_slice()) {
        (Some(account), _) if regions.len() == 1 => {
            format!("{} of account {account}", counted(all, "region"))
        }
        (_, [region]) => format!("{region}, {}", counted(regions.len(), "account")),
        _ => format!(
            "{} of {}",
            counted(names.len(), "region"),
            counted(regions.len(), "account")
        ),
    }
}

/// The resources that are updated, replaced or deleted, a line each.
fn changed(one: &PlannedStack, verbose: bool) -> Vec<String> {
    let of_end = one.changed.iter().filter(|one| one.why == ONLY_END_CHANGES);
    let of_end = of_end.count();
    let named = one
        .changed
        .iter()
        .filter(|one| verbose || one.why != ONLY_END_CHANGES);
    let all: Vec<&ChangedResource> = named.collect();
    let shown = if verbose || all.len() <= NAMED_RESOURCES {
        all.len()
    } else {
        NAMED_RESOURCES
    };
    let width = all.iter().map(|one| one.address.as_str().len()).max();
    let width = width.unwrap_or(0);
    let mut lines: Vec<String> = all[..shown]
        .iter()
        .map(|one| {
            let sign = match one.action {
                "delete" => error("-"),
                "replace" => warning("±"),
                _ => warning("~"),
            };
            let line = format!("      {sign} {:width$}  {}", one.address, dim(&one.why));
            line.trim_end().to_owned()
        })
        .collect();
    if shown < all.len() {
        let more = format!("      and {} more (--verbose)", all.len() - shown);
        lines.push(dim(&more));
    }
    if of_end > 0 && !verbose {
        let which = if all.is_empty() {
            String::new()
        } else {
            format!(" of {}", counted(of_end, "other"))
        };
        lines.push(format!("      {} {ONLY_END_CHANGES}{which}", warning("~")));
    }
    lines
}

/// The data that is deleted: of whom, and what.
fn data(stacks: &[PlannedStack], verbose: bool) -> Vec<String> {
    let with: Vec<&PlannedStack> = stacks
        .iter()
        .filter(|one| !one.contents.is_empty())
        .collect();
    if with.is_empty() {
        return Vec::new();
    }
    let mut lines = vec![warning("this data is deleted, too:")];
    let who = |one: &PlannedStack| one.owner.clone().unwrap_or_else(|| one.stack.clone());
    let longest = with.iter().map(|one| who(one).len()).max().unwrap_or(0);
    if verbose || with.len() <= NAMED {
        for one in &with {
            let of_each = one.contents.chunk_by(|a, b| a.address == b.address);
            let of_each = of_each.filter_map(|of_one| {
                let amounts: Vec<String> = of_one.iter().map(amount).collect();
                Some(format!(
                    "{} {}",
                    of_one.first()?.address,
                    amounts.join(", ")
                ))
            });
            let text = of_each.collect::<Vec<_>>().join("; ");
            lines.push(format!("  {:longest$}  {text}", who(one)));
        }
        return lines;
    }
    let all: Vec<_> = with.iter().flat_map(|one| one.contents.clone()).collect();
    lines.push(format!(
        "  {} of {} (--verbose lists them)",
        in_all(&all),
        counted(with.len(), "stack")
    ));
    lines
}

/// Which policies reach others' resources: students with the same are told together.
fn reached(violations: &[Violation], verbose: bool) -> Vec<String> {
    let mut groups: Vec<(&Violation, Vec<String>)> = Vec::new();
    for one in violations {
        let is_same = |known: &Violation| {
            known.policy.is_some()
                && (&known.address, &known.pattern) == (&one.address, &one.pattern)
        };
        match groups.iter_mut().find(|(known, _)| is_same(known)) {
            Some((_, owners)) => owners.push(one.owner.clone()),
            None => groups.push((one, vec![one.owner.clone()])),
        }
    }
    let lines = groups.iter().flat_map(|(one, owners)| {
        let place = one.place.as_ref();
        let place = place.map_or_else(String::new, |place| format!("{place}: "));
        let text = format!(
            "{LABEL} {place}{} of {}: `{}` is also {} of {}",
            one.address,
            named(owners, verbose || owners.len() <= NAMED),
            one.pattern,
            one.reached,
            one.victim
        );
        let lines = wrapped(&text, "  ", "      ").into_iter();
        lines.map(|line| line.replacen(LABEL, &error(LABEL), 1))
    });
    lines.collect()
}

fn quota(one: &QuotaUse, with_place: bool) -> String {
    if one.kind == Kind::Function {
        let text = format!(
            "{} function calls at the same time are allowed in the whole account in {}; the class has {} functions: more calls wait or fail",
            one.most, one.region, one.needed
        );
        let text = wrapped(&text, "  ", "    ").join("\n");
        return if one.fits() {
            dim(&text)
        } else {
            warning(&text)
        };
    }
    let there = one.there.map_or_else(
        || format!("an unknown number of {}s", one.kind),
        |there| counted(there, &one.kind.to_string()),
    );
    let place = if with_place {
        format!(" ({}, account {})", one.region, one.account)
    } else {
        String::new()
    };
    let text = format!(
        "  {there} there, {} more, {} allowed{place}",
        one.needed, one.most
    );
    match (one.fits(), one.adjustable) {
        (true, _) => dim(&text),
        (false, true) => warning(&format!("{text} unless AWS has raised it")),
        (false, false) => error(&text),
    }
}

fn changes(one: &PlannedStack) -> String {
    let parts = [
        (one.create, "to create"),
        (one.update, "to update"),
        (one.replace, "to replace"),
        (one.delete, "to delete"),
        (one.keep, "unchanged"),
    ];
    let parts: Vec<String> = parts
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!("{count} {what}"))
        .collect();
    if parts.is_empty() {
        "nothing".to_owned()
    } else {
        parts.join(", ")
    }
}
