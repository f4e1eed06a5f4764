//! What is deployed of a class, as text.

use std::time::SystemTime;

use super::ends::ending;
use super::texts::named;
use crate::ops::{OtherCopy, SharedTrailStatus, StudentStatus};
use crate::report::cost::amount;
use crate::report::style::{bold, dim, error, warning};
use crate::report::time::local;
use crate::source::counted;

/// What lines are made for that are read on a terminal.
const WIDTH: usize = 80;

/// Beside names that are longer, there is no room.
pub(super) const WIDEST_HEAD: usize = 32;

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
    let width = students.iter().map(|one| who(one).chars().count()).max();
    let width = width.unwrap_or(0);
    let place = |one: &StudentStatus| Some((one.region.clone()?, one.account.clone()?));
    let mut places: Vec<(String, String)> = Vec::new();
    for of_one in students.iter().filter_map(place) {
        if !places.contains(&of_one) {
            places.push(of_one);
        }
    }
    let unknown = students.iter().any(|one| place(one).is_none());
    let groups = places.iter().cloned().map(Some);
    let groups = groups.chain(unknown.then_some(None));
    for group in groups {
        if places.len() > 1 {
            lines.push(match &group {
                Some((region, account)) => dim(&format!("  {region}, account {account}:")),
                None => dim("  not reached:"),
            });
        }
        for one in students.iter().filter(|one| place(one) == group) {
            lines.extend(student(one, width, now));
        }
    }
    for one in trails {
        let rest = if let Some(fault) = &one.fault {
            error(&format!("    {fault}"))
        } else {
            let (expires, ends) = (one.expires.as_ref(), one.ends.as_ref());
            let end = ending(expires, ends, one.reaper_missing, now);
            dim(&format!("    {end}"))
        };
        let head = format!(
            "  the trail that they share: {} in {}, account {}",
            one.stack, one.region, one.account
        );
        lines.push(dim(&head));
        lines.push(rest);
    }
    lines.join("\n")
}

fn who(one: &StudentStatus) -> String {
    match &one.name {
        Some(name) => format!("{} ({name})", one.owner),
        None => one.owner.clone(),
    }
}

/// What is deployed of one student: as many lines as the parts need.
fn student(one: &StudentStatus, width: usize, now: SystemTime) -> Vec<String> {
    let head = format!("  {:width$}  ", who(one));
    if let Some(failed) = &one.failed {
        return vec![format!("{head}{}", error(failed))];
    }
    if one.resources == 0 {
        return vec![format!("{head}{}", dim("not deployed"))];
    }
    let resources = counted(one.resources, "resource");
    let resources = match one.missing.as_slice() {
        [] => resources,
        [only] => warning(&format!("{resources}, without {only}")),
        many => warning(&format!(
            "{} of {resources}",
            one.resources,
            resources = counted(one.resources + many.len(), "resource")
        )),
    };
    let since = one.since.as_ref();
    let parts = [
        Some(resources),
        since.map(|since| format!("since {}", local(since))),
        Some(ending(
            one.expires.as_ref(),
            one.ends.as_ref(),
            one.reaper_missing,
            now,
        )),
        runs(one),
        one.cost
            .map(|cost| format!("at least {} USD", amount(cost))),
    ];
    let length = |text: &str| {
        anstream::adapter::strip_str(text)
            .to_string()
            .chars()
            .count()
    };
    let mut used = head.chars().count();
    let indent = if used > WIDEST_HEAD { 6 } else { used };
    let mut lines = vec![head];
    for (number, part) in parts.into_iter().flatten().enumerate() {
        if number > 0 && used + 2 + length(&part) > WIDTH {
            lines.push(" ".repeat(indent));
            used = indent;
        } else if number > 0 {
            used += 2;
            lines
                .last_mut()
                .into_iter()
                .for_each(|line| line.push_str("  "));
        }
        used += length(&part);
        lines
            .last_mut()
            .into_iter()
            .for_each(|line| line.push_str(&part));
    }
    lines
}

fn runs(one: &StudentStatus) -> Option<String> {
    let runs = one.runs?;
    let parts = [
        (runs.succeeded, "succeeded"),
        (runs.failed, "failed"),
        (runs.running, "running"),
    ];
    let parts = parts.iter().filter(|(count, _)| *count > 0);
    let parts: Vec<String> = parts
        .map(|(count, what)| format!("{count} {what}"))
        .collect();
    Some(if parts.is_empty() {
        "no run".to_owned()
    } else {
        parts.join(", ")
    })
}

/// Copies of the stack beside those of the class.
pub fn others(stack: &str, copies: &[OtherCopy]) -> String {
    let mut lines = vec![warning(&format!(
        "copies of {stack} that this command leaves alone:"
    ))];
    let mut groups: Vec<(String, Option<&String>, Vec<String>)> = Vec::new();
    for one in copies {
        let place = format!("{}, account {}", one.region, one.account);
        let what = match (one.in_roster, one.certain) {
            (_, false) => format!("  perhaps in {place}, by the names of resources"),
            (true, _) => format!("  in {place}, where the roster does not have them"),
            (false, _) => format!("  in {place}, not in the roster"),
        };
        let owner = one.owner.clone();
        let owner = owner.unwrap_or_else(|| "one without an owner".to_owned());
        let command = one.command.as_ref();
        match groups
            .iter_mut()
            .find(|(known, of, _)| *known == what && *of == command)
        {
            Some((.., owners)) => owners.push(owner),
            None => groups.push((what, command, vec![owner])),
        }
    }
    for (what, command, owners) in groups {
        lines.push(format!("{what}: {}", named(&owners, true)));
        if let Some(command) = command {
            lines.push(dim(&format!("    {command}")));
        }
    }
    let has_no_command = copies.iter().any(|one| one.command.is_none());
    if has_no_command {
        lines.push(dim(
            "  a roster with these owners leads to them: `region` has their regions, `profile` or `role_arn` the way to another account",
        ));
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::StudentRuns;
    use crate::stack::{Address, Kind};

    #[test]
    fn a_student_fits_on_a_terminal() {
        let now = humantime::parse_rfc3339("2026-11-28T12:00:00Z").unwrap();
        let of = |owner: &str, region: &str, missing: Vec<Address>| StudentStatus {
            owner: owner.to_owned(),
            name: Some("Maria Aparecida da Silva".to_owned()),
            resources: 8,
            missing,
            account: Some("111122223333".to_owned()),
            region: Some(region.to_owned()),
            since: Some("2026-11-28T11:00:00Z".to_owned()),
            expires: Some("2026-11-28T14:00:00Z".to_owned()),
            ends: Some("2026-11-28T14:01:00Z".to_owned()),
            reaper_missing: Some(false),
            runs: Some(StudentRuns {
                succeeded: 12,
                failed: 3,
                running: 1,
            }),
            cost: None,
            failed: None,
        };
        let gone = ["a", "b"].map(|key| Address::new(Kind::Table, key));
        let students = [
            of("maria-aparecida-da-s", "us-east-1", gone.to_vec()),
            of("bia", "sa-east-1", Vec::new()),
        ];
        let text = status("lab", &students, &[], now);
        let text = anstream::adapter::strip_str(&text).to_string();
        assert!(
            text.lines().all(|line| line.chars().count() <= WIDTH),
            "{text}"
        );
        for part in [
            "8 of 10 resources",
            "sa-east-1, account 111122223333:",
            "12 succeeded, 3 failed, 1 running",
        ] {
            assert!(text.contains(part), "{text}");
        }
        // Of one place, it is not said.
        let text = status("lab", &students[..1], &[], now);
        assert!(!text.contains("account"), "{text}");
    }
}
