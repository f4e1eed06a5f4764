//! What a sweep found, as text.

use std::time::SystemTime;

use super::status::{expired, expiry, of_owner};
use super::style::{bold, dim};
use super::time::local;
use crate::ops::{OrphansOfRegion, SweepFindings, SweepReason, SweptStack, bytes};
use crate::source::counted;

/// Most regions that are named one by one.
const NAMED_REGIONS: usize = 4;

/// The stacks to delete with the reason of each, and those that stay.
pub(super) fn sweep(found: &SweepFindings, now: SystemTime) -> String {
    let regions = match found.regions.as_slice() {
        few if few.len() <= NAMED_REGIONS => few.join(", "),
        many => format!("{} regions", many.len()),
    };
    let place = format!("in account {}, {regions}", found.account);
    let mut lines = Vec::new();
    for one in &found.unseen {
        lines.push(format!("in {}: {}", one.region, one.why));
    }
    if found.chosen.is_empty() && found.kept.is_empty() {
        let none = found.other_owners.as_ref().map(of_owner);
        let none = none.unwrap_or_else(|| "no stack of treino".to_owned());
        lines.push(format!("{none} {place}"));
        return lines.join("\n");
    }
    let all: Vec<&SweptStack> = found.chosen.iter().chain(&found.kept).collect();
    let width = |text: fn(&SweptStack) -> String| {
        let widths = all.iter().map(|one| text(one).chars().count());
        widths.max().unwrap_or(0)
    };
    let (names, regions, counts) = (width(name), width(region), width(count));
    let row = |one: &SweptStack, rest: &str| {
        let row = format!(
            "  {}{}  {:regions$}  {:>counts$}  {rest}",
            bold(&name(one)),
            " ".repeat(names - name(one).chars().count()),
            one.region,
            count(one)
        );
        row.trim_end().to_owned()
    };
    if found.chosen.is_empty() {
        lines.push(format!("nothing to delete {place}"));
    } else {
        lines.push(format!(
            "{} to delete {place}:",
            counted(found.chosen.len(), "stack")
        ));
        lines.extend(found.chosen.iter().map(|one| row(one, &why(one, now))));
    }
    if !found.kept.is_empty() {
        lines.push("not deleted:".to_owned());
        let rest = |one: &SweptStack| {
            let expires = one.stack.expires.as_ref();
            let expires = expires.map_or("no `expires`".to_owned(), |at| expiry(at, now));
            dim(&expires)
        };
        lines.extend(found.kept.iter().map(|one| row(one, &rest(one))));
    }
    lines.join("\n")
}

/// What no stack has; nothing where there is none.
pub(super) fn orphans(found: &OrphansOfRegion) -> String {
    if found.orphans.is_empty() {
        return format!(
            "no log group of a lost function, and no bucket of another tool, in {}",
            found.region
        );
    }
    let mut lines = vec![format!(
        "{} in {} that no stack of treino has (not deleted):",
        counted(found.orphans.len(), "resource"),
        found.region
    )];
    for one in &found.orphans {
        let size = one
            .bytes
            .map_or_else(String::new, |size| format!(", {}", bytes(size)));
        lines.push(format!("  {} {}{size}", one.kind, bold(&one.name)));
        lines.push(format!("    {}", dim(&one.what)));
        lines.extend(
            one.delete
                .as_ref()
                .map(|delete| format!("    delete it:  {delete}")),
        );
    }
    lines.join("\n")
}

fn name(one: &SweptStack) -> String {
    let owner = one.stack.owner.as_ref();
    let of = owner.map_or_else(String::new, |owner| format!(" of {owner}"));
    format!("{}{of}", one.stack.stack)
}

fn region(one: &SweptStack) -> String {
    one.region.clone()
}

fn count(one: &SweptStack) -> String {
    counted(one.stack.resources.len(), "resource")
}

fn why(one: &SweptStack, now: SystemTime) -> String {
    let reasons = one.reasons.iter().map(|reason| match reason {
        SweepReason::Expired => {
            let at = one.stack.expires.as_deref().unwrap_or_default();
            expired(at, now)
        }
        SweepReason::Unfinished => "a destroy has begun and not ended".to_owned(),
        SweepReason::Old => {
            let since = one.stack.since.as_deref().unwrap_or_default();
            format!("deployed since {}", local(since))
        }
        SweepReason::All => String::new(),
    });
    reasons.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::{OtherOwners, StackStatus, UnseenRegion};

    fn stack(name: &str, owner: Option<&str>, reasons: &[SweepReason]) -> SweptStack {
        SweptStack {
            stack: StackStatus {
                stack: name.to_owned(),
                owner: owner.map(String::from),
                since: None,
                expires: Some("2026-11-28T10:00:00Z".to_owned()),
                ..StackStatus::default()
            },
            region: "us-east-1".to_owned(),
            reasons: reasons.to_vec(),
        }
    }

    #[test]
    fn stacks_are_listed_with_their_reasons() {
        let now = humantime::parse_rfc3339("2026-11-28T12:05:00Z").unwrap();
        let mut found = SweepFindings {
            account: "111122223333".to_owned(),
            regions: vec!["us-east-1".to_owned()],
            chosen: vec![
                stack(
                    "lab",
                    Some("ana"),
                    &[SweepReason::Expired, SweepReason::Unfinished],
                ),
                stack("image-metadata", None, &[SweepReason::All]),
            ],
            kept: vec![stack("other", None, &[])],
            unseen: vec![UnseenRegion {
                region: "sa-east-1".to_owned(),
                why: "no answer".to_owned(),
            }],
            other_owners: None,
        };
        let text = anstream::adapter::strip_str(&sweep(&found, now)).to_string();
        insta::assert_snapshot!(text, @r"
        in sa-east-1: no answer
        2 stacks to delete in account 111122223333, us-east-1:
          lab of ana      us-east-1  0 resources  expired 2h 5m ago, a destroy has begun and not ended
          image-metadata  us-east-1  0 resources
        not deleted:
          other           us-east-1  0 resources  overdue by 2h 5m: destroy it
        ");
        found.chosen.clear();
        found.kept.clear();
        let text = sweep(&found, now);
        assert!(
            text.contains("no stack of treino in account 111122223333, us-east-1"),
            "{text}"
        );
        for (stacks, others) in [(0, "none"), (2, "2")] {
            found.other_owners = Some(OtherOwners {
                owner: "bia".to_owned(),
                stacks,
            });
            let text = sweep(&found, now);
            let wanted = format!(
                "no stack of owner bia is deployed ({others} of other owners) in account 1111"
            );
            assert!(text.contains(&wanted), "{text}");
        }
    }
}
