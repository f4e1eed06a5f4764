//! How often a day a schedule starts something.

/// How often a schedule comes in a day, at most; nothing of what is not a schedule.
pub(super) fn times_a_day(schedule: &str) -> Option<u64> {
    let inside = |word: &str| schedule.strip_prefix(word)?.strip_suffix(')');
    if let Some(rate) = inside("rate(") {
        let (number, unit) = rate.trim().split_once(' ')?;
        let minutes = match unit.trim().trim_end_matches('s') {
            "minute" => 1,
            "hour" => 60,
            "day" => 1_440,
            _ => return None,
        };
        let every = number.parse::<u64>().ok()?.checked_mul(minutes)?;
        return (every > 0).then(|| 1_440_u64.div_ceil(every));
    }
    let mut fields = inside("cron(")?.split_whitespace();
    let minutes = values(fields.next()?, 60)?;
    Some(minutes * values(fields.next()?, 24)?)
}

/// How many of the values from 0 below `end` a field of a cron expression has.
fn values(field: &str, end: u64) -> Option<u64> {
    let mut matched = std::collections::BTreeSet::new();
    for part in field.split(',') {
        let (range, step) = part.split_once('/').unwrap_or((part, "1"));
        let (first, last) = match range.split_once('-') {
            _ if range == "*" => (0, end - 1),
            Some((first, last)) => (first.parse().ok()?, last.parse().ok()?),
            None if part.contains('/') => (range.parse().ok()?, end - 1),
            None => (range.parse().ok()?, range.parse().ok()?),
        };
        let step = step.parse::<usize>().ok().filter(|step| *step > 0)?;
        matched.extend((first..=last).step_by(step).filter(|value| *value < end));
    }
    u64::try_from(matched.len()).ok()
}

#[cfg(test)]
mod tests {
    use super::times_a_day;

    #[test]
    fn schedules_are_counted_by_the_day() {
        for (schedule, times) in [
            ("rate(5 minutes)", 288),
            ("rate(1 hour)", 24),
            ("rate(7 days)", 1),
            ("cron(0 9 * * ? *)", 1),
            ("cron(0/15 * * * ? *)", 96),
            ("cron(0,30 8-17 ? * MON-FRI *)", 20),
            ("cron(*/10 10,22 * * ? *)", 12),
        ] {
            assert_eq!(times_a_day(schedule), Some(times), "{schedule}");
        }
        for wrong in [
            "rate(5)",
            "at(2026-11-28T10:00:00)",
            "cron(x * * * ? *)",
            "rate(0 minutes)",
            "${param.x}",
        ] {
            assert_eq!(times_a_day(wrong), None, "{wrong}");
        }
    }
}
