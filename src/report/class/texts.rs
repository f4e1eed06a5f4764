//! Ends and receipts of a class as text.

use super::table::counts;
use crate::engine::Receipt;
use crate::ops::{SharedReason, StudentEnd, StudentState};
use crate::report::style::{bold, dim, error, success, warning};
use crate::report::time::local;
use crate::source::counted;

/// Most owners that are named one by one.
pub(super) const NAMED: usize = 8;

pub(super) fn duration(seconds: f64) -> String {
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

/// These owners, or how many they are.
pub(super) fn named(owners: &[String], each: bool) -> String {
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
        let state = |owner: &String| {
            let mut ends = students.iter();
            ends.find(|end| end.owner == *owner).map(|end| end.state)
        };
        let label = match owners.first().and_then(state) {
            Some(StudentState::Stopped) => warning("stopped"),
            Some(StudentState::Unverified) => warning("unseen "),
            _ => error("failed "),
        };
        lines.push(format!(
            "{label} {}: {}",
            named(owners, owners.len() <= NAMED),
            one.reason
        ));
        lines.extend(
            one.help
                .as_ref()
                .map(|help| format!("         {} {help}", bold("help:"))),
        );
        lines.extend(one.command.as_ref().map(|command| {
            let what = if command.starts_with(&format!("treino class {verb} ")) {
                "again"
            } else {
                "to deploy it"
            };
            let whom = if owners.len() == 1 {
                "this student"
            } else {
                "these"
            };
            dim(&format!("         {what} for {whom}: {command}"))
        }));
    }
    let told: Vec<&String> = reasons.iter().flat_map(|one| &one.owners).collect();
    let left = [
        (StudentState::Unverified, "not verified:"),
        (StudentState::Stopped, "stopped:"),
        (StudentState::NotBegun, "not begun:"),
    ];
    let mut is_left = false;
    for (state, label) in left.iter().filter(|_| verb != "test") {
        let owners = students.iter().filter(|one| one.state == *state);
        let owners = owners.map(|one| one.owner.clone());
        let owners: Vec<String> = owners.filter(|one| !told.contains(&one)).collect();
        if !owners.is_empty() {
            is_left = true;
            lines.push(format!("{} {}", warning(label), named(&owners, true)));
        }
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
    // The receipt of a destroy says it.
    if is_left && !matches!(verb, "run" | "test" | "destroy") {
        lines.push("the same command again goes on from here".to_owned());
    }
    lines.join("\n")
}

/// The record of a destroy: a line for each stack by place, and what is left. `others` says that copies beside those of the
/// class were seen.
pub fn receipt(receipts: &[Receipt], proved: bool, others: bool) -> String {
    let mut lines = Vec::new();
    let who = |receipt: &Receipt| {
        let owner = receipt.target.owner.clone();
        owner.unwrap_or_else(|| receipt.target.stack.clone())
    };
    let width = receipts.iter().map(|receipt| who(receipt).len()).max();
    let width = width.unwrap_or(0);
    let mut places: Vec<(&str, &str)> = receipts
        .iter()
        .map(|one| (one.target.account.as_str(), one.target.region.as_str()))
        .collect();
    places.sort_unstable();
    places.dedup();
    for (account, region) in places {
        let here: Vec<&Receipt> = receipts
            .iter()
            .filter(|one| one.target.account == account && one.target.region == region)
            .collect();
        let ended = here.iter().map(|one| &one.ended).max();
        let ended = ended.map_or_else(String::new, |at| local(at));
        let head = format!("{region}, account {account}, {ended}");
        lines.push(format!("{} {}", bold("receipt:"), dim(&head)));
        for one in here {
            let count = counted(one.resources.len(), "resource");
            let seen = if one.is_proved() {
                success("confirmed deleted")
            } else {
                error("not all confirmed deleted")
            };
            lines.push(format!("  {:width$}  {count} {seen}", who(one)));
            let kept = one.kept.iter();
            lines.extend(kept.map(|kept| format!("    {} {kept}", warning("kept:"))));
            let remains = one.remains.iter();
            lines.extend(remains.map(|left| format!("    {} {left}", error("left:"))));
        }
    }
    let all: usize = receipts.iter().map(|receipt| receipt.resources.len()).sum();
    lines.push(match (proved, all) {
        (true, 0) if others => warning("nothing is deployed here of these students"),
        (true, 0) => success("nothing of these students is deployed"),
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
