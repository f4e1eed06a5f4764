//! When a stack ends, as text.

use std::time::{Duration, SystemTime};

use super::contents::in_all;
use super::cost::plan_cost;
use super::status::{expiry, minutes};
use super::style::{dim, warning};
use super::time::local;
use crate::ops::{EndSaidBy, EndingStack, PlanCost, PlanEnd};

/// The last lines of a plan: when the stack ends, and what it costs.
#[must_use]
pub fn plan_end(end: &PlanEnd, cost: Option<&PlanCost>, now: SystemTime) -> String {
    let cost = cost.map(plan_cost);
    let off = if end.self_destruct {
        ""
    } else {
        " (`self_destruct: off`)"
    };
    let mut lines = match (&end.expires, cost) {
        (None, Some(cost)) => vec![dim(&format!("stays until destroyed{off}, and {cost}"))],
        (None, None) => vec![dim(&format!("stays until destroyed{off}"))],
        (Some(at), cost) => {
            let mut lines = vec![expiring(end, at, now)];
            lines.extend(cost.map(|cost| dim(&cost)));
            lines
        }
    };
    let written = end.lifetime.as_deref().unwrap_or_default();
    match end.said_by {
        EndSaidBy::Command => lines.push(dim(&format!(
            "to say so in the stack file: expires: {written}"
        ))),
        EndSaidBy::Stack => lines.push(dim(
            "said at an earlier deploy: the stack file has no `expires:`",
        )),
        EndSaidBy::File | EndSaidBy::Nothing => {}
    }
    lines.join("\n")
}

fn expiring(end: &PlanEnd, at: &str, now: SystemTime) -> String {
    let time = humantime::parse_rfc3339(at).ok();
    let Some(left) = time.and_then(|time| time.duration_since(now).ok()) else {
        return expiry(at, now);
    };
    // Planning takes some seconds of what was written.
    let left = match left.as_secs() {
        0..60 => left,
        _ => left + Duration::from_secs(30),
    };
    let (left, at) = (minutes(left), local(at));
    if end.self_destruct {
        let data = match in_all(&end.contents) {
            none if none.is_empty() => "and its data".to_owned(),
            contents => format!("with {contents}"),
        };
        format!("ends in {left} ({at}): AWS then deletes it {data}")
    } else {
        format!("expires in {left} ({at}), and nothing deletes it then: `self_destruct: off`")
    }
}

/// That a stack ends soon, with what users put in.
#[must_use]
pub fn ending(of: &EndingStack, now: SystemTime) -> String {
    let (stack, extend) = (&of.stack, &of.extend);
    let with = match in_all(&of.contents) {
        contents if contents.is_empty() => contents,
        contents => format!(" with {contents}"),
    };
    let time = humantime::parse_rfc3339(of.ends.as_ref().unwrap_or(&of.expires)).ok();
    let left = time.and_then(|time| time.duration_since(now).ok());
    let text = match (&of.ends, left) {
        (Some(_), Some(left)) => {
            format!("{stack} ends in {}{with}; later: `{extend}`", short(left))
        }
        (Some(_), None) => format!("{stack} has expired: AWS is deleting it{with}"),
        (None, Some(left)) => format!(
            "{stack} expires in {}{with}, and nothing deletes it then",
            short(left)
        ),
        (None, None) => format!("{stack} has expired{with}, and nothing deletes it"),
    };
    warning(&text)
}

/// At most some hours, for a sentence.
pub(super) fn short(left: Duration) -> String {
    match left.as_secs() {
        seconds @ 0..60 => format!("{seconds} s"),
        seconds @ 60..3600 => format!("{} min", seconds / 60),
        _ => minutes(left),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::ResourceContents;
    use crate::stack::usage::Usd;
    use crate::stack::{Address, Kind};

    const NOW: &str = "2026-11-28T12:00:00Z";

    fn plain(text: &str) -> String {
        anstream::adapter::strip_str(text).to_string()
    }

    fn now() -> SystemTime {
        humantime::parse_rfc3339(NOW).unwrap()
    }

    #[test]
    fn a_plan_says_when_the_stack_ends_and_what_it_costs() {
        let cost = PlanCost {
            region: "us-east-1".to_owned(),
            idle_a_day: Usd::parse("1.446"),
            of_1000_runs: None,
            unknown: Vec::new(),
        };
        let shown = |expires: Option<&str>, self_destruct, said_by, lifetime: Option<&str>| {
            let end = PlanEnd {
                expires: expires.map(String::from),
                self_destruct,
                said_by,
                lifetime: lifetime.map(String::from),
                contents: Vec::new(),
            };
            let of = |cost| plain(&plan_end(&end, cost, now()));
            (of(None), of(Some(&cost)))
        };
        let (local, aws) = shown(None, true, EndSaidBy::Nothing, None);
        assert_eq!(local, "stays until destroyed");
        assert_eq!(
            aws,
            "stays until destroyed, and costs about 1.45 USD a day idle"
        );
        let (local, _) = shown(None, false, EndSaidBy::File, Some("never"));
        assert_eq!(local, "stays until destroyed (`self_destruct: off`)");
        // Some seconds have passed since the end was counted.
        let at = "2026-11-28T15:59:57Z";
        let (local, aws) = shown(Some(at), true, EndSaidBy::File, Some("4h"));
        assert!(local.starts_with("ends in 4h (2026-11-28 "), "{local}");
        assert!(
            local.ends_with("): AWS then deletes it and its data"),
            "{local}"
        );
        assert_eq!(aws, format!("{local}\ncosts about 1.45 USD a day idle"));
        let (local, _) = shown(Some(at), false, EndSaidBy::File, Some("4h"));
        assert!(
            local.ends_with("), and nothing deletes it then: `self_destruct: off`"),
            "{local}"
        );
        let (local, _) = shown(Some(at), true, EndSaidBy::Command, Some("4h"));
        assert!(
            local.ends_with("\nto say so in the stack file: expires: 4h"),
            "{local}"
        );
        let (local, _) = shown(Some(at), true, EndSaidBy::Stack, None);
        assert!(
            local.ends_with("\nsaid at an earlier deploy: the stack file has no `expires:`"),
            "{local}"
        );
        let (local, _) = shown(Some("2026-11-28T11:55:00Z"), true, EndSaidBy::Stack, None);
        assert!(local.starts_with("overdue by 5m"), "{local}");
    }

    #[test]
    fn a_stack_that_ends_soon_is_named_with_what_is_in_it() {
        let contents = |counts: &[(&'static str, u64)]| -> Vec<ResourceContents> {
            let all = counts.iter().map(|(what, count)| ResourceContents {
                address: Address::new(Kind::Bucket, "b"),
                kind: Kind::Bucket,
                name: "b".to_owned(),
                what,
                count: *count,
                bytes: None,
                more: *count == 1000,
                about: false,
            });
            all.collect()
        };
        let shown = |ends: Option<&str>, expires: &str, counts: &[(&'static str, u64)]| {
            plain(&ending(
                &EndingStack {
                    stack: "lab".to_owned(),
                    owner: None,
                    expires: expires.to_owned(),
                    ends: ends.map(String::from),
                    contents: contents(counts),
                    extend: "treino extend lab 2h".to_owned(),
                },
                now(),
            ))
        };
        let (soon, past) = ("2026-11-28T12:52:30Z", "2026-11-28T11:00:00Z");
        assert_eq!(
            shown(
                Some(soon),
                soon,
                &[("object", 1), ("object", 2), ("item", 12)]
            ),
            "lab ends in 52 min with 3 objects and 12 items; later: `treino extend lab 2h`"
        );
        assert_eq!(
            shown(Some("2026-11-28T12:00:40Z"), soon, &[]),
            "lab ends in 40 s; later: `treino extend lab 2h`"
        );
        assert_eq!(
            shown(None, soon, &[("object", 1000)]),
            "lab expires in 52 min with more than 1,000 objects, and nothing deletes it then"
        );
        assert_eq!(
            shown(Some(past), past, &[]),
            "lab has expired: AWS is deleting it"
        );
        assert_eq!(
            shown(None, past, &[("item", 1)]),
            "lab has expired with 1 item, and nothing deletes it"
        );
    }
}
