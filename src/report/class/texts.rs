//! Plans, ends and receipts of a class as text.

use std::time::SystemTime;

use super::ends::{end_of_class, ending};
use super::table::counts;
use crate::engine::Receipt;
use crate::ops::{
    ClassPlan, PlannedStack, QuotaUse, SharedReason, SharedTrailStatus, StudentEnd, StudentState,
    StudentStatus,
};
use crate::report::cost::amount;
use crate::report::style::{bold, dim, error, success, warning};
use crate::report::time::local;
use crate::source::counted;
use crate::stack::Kind;

/// Most owners that are named one by one.
const NAMED: usize = 8;

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
        many => format!(" in {} accounts and regions", many.len()),
    };
    let head = format!(
        "{} for {}{places_text}",
        plan.stack,
        counted(students.len(), "student")
    );
    let mut lines = vec![bold(&head)];
    for one in plan.stacks.iter().filter(|one| one.owner.is_none()) {
        let of = if places.len() > 1 {
            format!(" ({})", place(one))
        } else {
            String::new()
        };
        lines.push(format!(
            "  the trail that they share, {}{of}: {}",
            one.stack,
            changes(one)
        ));
    }
    // Students with the same numbers are told together.
    let mut groups: Vec<(String, Vec<&PlannedStack>)> = Vec::new();
    for one in &students {
        let text = match &one.refused {
            Some(why) => error(&format!("cannot be deployed: {why}")),
            None => changes(one),
        };
        match groups.iter_mut().find(|(known, _)| *known == text) {
            Some((_, all)) => all.push(one),
            None => groups.push((text, vec![one])),
        }
    }
    for (text, all) in &groups {
        let owners: Vec<String> = all.iter().filter_map(|one| one.owner.clone()).collect();
        lines.push(format!(
            "  {}: {text}",
            named(&owners, verbose || owners.len() <= NAMED)
        ));
    }
    if plan.verb == "deploy" {
        lines.extend(end_of_class(&students, now).map(|text| dim(&format!("  {text}"))));
        lines.extend(plan.violations.iter().map(|one| {
            format!(
                "  {} {} of {}: `{}` is also {} of {}",
                error("reaches others:"),
                one.address,
                one.owner,
                one.pattern,
                one.reached,
                one.victim
            )
        }));
        if plan.violations.is_empty() && students.len() > 1 {
            lines.push(dim(
                "  no student's roles reach another student's resources",
            ));
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

fn quota(one: &QuotaUse, with_place: bool) -> String {
    if one.kind == Kind::Function {
        let text = format!(
            "  {} run at once for the whole account in {}, the class has {} functions: more at a time wait or fail",
            one.most, one.region, one.needed
        );
        return if one.fits() {
            dim(&text)
        } else {
            warning(&text)
        };
    }
    let there = one.there.map_or_else(
        || "an unknown number of".to_owned(),
        |there| there.to_string(),
    );
    let place = if with_place {
        format!(" ({}, account {})", one.region, one.account)
    } else {
        String::new()
    };
    let text = format!(
        "  {there} {}s there, {} more, {} allowed{place}",
        one.kind, one.needed, one.most
    );
    match (one.fits(), one.adjustable) {
        (true, _) => dim(&text),
        (false, true) => warning(&format!("{text} unless AWS has raised it")),
        (false, false) => error(&text),
    }
}

fn duration(seconds: f64) -> String {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "it is some minutes"
    )]
    let seconds = seconds.round() as u64;
    match (seconds / 60, seconds % 60) {
        (0, seconds) => format!("{seconds} s"),
        (minutes, seconds) => format!("{minutes} min {seconds} s"),
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

/// These owners, or how many they are.
fn named(owners: &[String], each: bool) -> String {
    match owners {
        [one] => one.clone(),
        all if each => all.join(", "),
        all => counted(all.len(), "student"),
    }
}

/// How a class ended.
pub fn summary(
    verb: &str,
    students: &[StudentEnd],
    reasons: &[SharedReason],
    seconds: f64,
) -> String {
    let mut lines = Vec::new();
    // The marks have said why.
    for one in reasons.iter().filter(|_| verb != "test") {
        let owners = &one.owners;
        lines.push(format!(
            "{} {}: {}",
            error("failed "),
            named(owners, owners.len() <= NAMED),
            one.reason
        ));
        lines.extend(
            one.help
                .as_ref()
                .map(|help| format!("         {} {help}", bold("help:"))),
        );
        lines.extend(one.command.as_ref().map(|command| {
            dim(&format!(
                "         again for {}: {command}",
                if owners.len() == 1 {
                    "this student"
                } else {
                    "these"
                }
            ))
        }));
    }
    let not_begun: Vec<String> = students
        .iter()
        .filter(|one| one.state == StudentState::NotBegun)
        .map(|one| one.owner.clone())
        .collect();
    if !not_begun.is_empty() {
        lines.push(format!(
            "{} {}",
            warning("not begun:"),
            named(&not_begun, true)
        ));
    }
    let text = format!(
        "{} in {}",
        counts(verb, students.iter().map(|one| one.state)),
        duration(seconds)
    );
    let is_done = students.iter().all(|one| one.state.is_done());
    lines.push(if is_done {
        success(&text)
    } else {
        error(&text)
    });
    if !is_done && !matches!(verb, "run" | "test") {
        lines.push("the same command again goes on from here".to_owned());
    }
    lines.join("\n")
}

/// The record of a destroy: a line for each stack, and what is left.
pub fn receipt(receipts: &[Receipt], proved: bool) -> String {
    let mut lines = Vec::new();
    let who = |receipt: &Receipt| {
        receipt
            .target
            .owner
            .clone()
            .unwrap_or_else(|| receipt.target.stack.clone())
    };
    let width = receipts
        .iter()
        .map(|receipt| who(receipt).len())
        .max()
        .unwrap_or(0);
    if let Some(first) = receipts.first() {
        lines.push(format!(
            "{} {}",
            bold("receipt:"),
            dim(&format!(
                "{}, account {}, {}",
                first.target.region,
                first.target.account,
                local(&first.ended)
            ))
        ));
    }
    for one in receipts {
        let count = counted(one.resources.len(), "resource");
        let seen = if one.is_proved() {
            success("confirmed deleted")
        } else {
            error("not all confirmed deleted")
        };
        lines.push(format!("  {:width$}  {count} {seen}", who(one)));
        lines.extend(
            one.kept
                .iter()
                .map(|kept| format!("    {} {kept}", warning("kept:"))),
        );
        lines.extend(
            one.remains
                .iter()
                .map(|left| format!("    {} {left}", error("left:"))),
        );
    }
    let all: usize = receipts.iter().map(|receipt| receipt.resources.len()).sum();
    lines.push(match (proved, all) {
        (true, 0) => success("nothing of this class is deployed"),
        (true, _) => success(&format!(
            "verified: {} of {} deleted",
            counted(all, "resource"),
            counted(receipts.len(), "stack")
        )),
        (false, _) => {
            error("not everything could be confirmed deleted: run the same command again")
        }
    });
    lines.join("\n")
}

/// What is deployed of a class.
pub fn status(
    stack: &str,
    students: &[StudentStatus],
    trails: &[SharedTrailStatus],
    now: SystemTime,
) -> String {
    let deployed = students.iter().filter(|one| one.resources > 0).count();
    let mut lines = vec![bold(&format!(
        "{stack}: deployed for {deployed} of {}",
        counted(students.len(), "student")
    ))];
    let who = |one: &StudentStatus| match &one.name {
        Some(name) => format!("{} ({name})", one.owner),
        None => one.owner.clone(),
    };
    let width = students
        .iter()
        .map(|one| who(one).chars().count())
        .max()
        .unwrap_or(0);
    for one in students {
        let who = who(one);
        let rest = if let Some(failed) = &one.failed {
            error(failed)
        } else if one.resources == 0 {
            dim("not deployed")
        } else {
            let since = one
                .since
                .as_ref()
                .map(|since| format!("since {}", local(since)));
            let expires = ending(
                one.expires.as_ref(),
                one.ends.as_ref(),
                one.reaper_missing,
                now,
            );
            let runs = one.runs.map(|runs| {
                let parts = [
                    (runs.succeeded, "succeeded"),
                    (runs.failed, "failed"),
                    (runs.running, "running"),
                ];
                let parts = parts.iter().filter(|(count, _)| *count > 0);
                let parts: Vec<String> = parts
                    .map(|(count, what)| format!("{count} {what}"))
                    .collect();
                if parts.is_empty() {
                    "no run".to_owned()
                } else {
                    parts.join(", ")
                }
            });
            let parts = [
                Some(counted(one.resources, "resource")),
                since,
                expires,
                runs,
                one.cost
                    .map(|cost| format!("at least {} USD", amount(cost))),
            ];
            parts.into_iter().flatten().collect::<Vec<_>>().join("  ")
        };
        lines.push(format!("  {who:width$}  {rest}"));
    }
    for one in trails {
        let expires = ending(
            one.expires.as_ref(),
            one.ends.as_ref(),
            one.reaper_missing,
            now,
        )
        .map_or_else(String::new, |end| format!(", {end}"));
        lines.push(dim(&format!(
            "  the trail that they share: {} in {}, account {}{expires}",
            one.stack, one.region, one.account
        )));
    }
    lines.join("\n")
}
