//! Schedules of rules: `rate(...)` and `cron(...)`.
//!
//! <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html>

/// The way out where a whole schedule means nothing.
const FORMS: &str = "write rate(1 day), rate(5 minutes), or cron(0 9 * * ? *): minute, hour, day, month, weekday, year";

/// What is wrong with a schedule.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    /// The message.
    pub why: String,
    /// The way out.
    pub help: String,
    /// Whether it is known that EventBridge refuses it. If not, its documentation only does not say
    /// that it takes it.
    pub is_certain: bool,
}

impl Refusal {
    fn new(why: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            why: why.into(),
            help: help.into(),
            is_certain: true,
        }
    }
}

/// Which wildcards of the days a field takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Days {
    None,
    /// `?`, `L`, `W`
    OfMonth,
    /// `?`, `L`, `#`
    OfWeek,
}

/// A field of a cron expression.
struct Field {
    name: &'static str,
    least: u32,
    most: u32,
    /// Words for the values, beginning with the least.
    words: &'static [&'static str],
    days: Days,
    /// The longest step: `*/60` in the minutes is refused.
    longest_step: u32,
    /// What can be written.
    help: &'static str,
}

#[rustfmt::skip]
const FIELDS: [Field; 6] = [
    Field {
        name: "minute", least: 0, most: 59, words: &[], days: Days::None, longest_step: 59,
        help: "write 0 to 59, * for every minute, 0,30 or 10-20, or 0/15 for every 15 minutes",
    },
    Field {
        name: "hour", least: 0, most: 23, words: &[], days: Days::None, longest_step: 23,
        help: "write 0 to 23 (UTC), * for every hour, 8,20 or 9-17, or 0/6 for every 6 hours",
    },
    Field {
        name: "day of the month", least: 1, most: 31, words: &[], days: Days::OfMonth, longest_step: 31,
        help: "write 1 to 31, * for every day, L for the last, 15W for the weekday nearest to the 15th, or ? where the day of the week counts",
    },
    Field {
        name: "month", least: 1, most: 12, days: Days::None, longest_step: 12,
        words: &["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"],
        help: "write 1 to 12 or JAN to DEC, * for every month, 1,7 or JUN-SEP",
    },
    Field {
        name: "day of the week", least: 1, most: 7, days: Days::OfWeek, longest_step: 7,
        words: &["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"],
        help: "write 1 (Sunday) to 7 or SUN to SAT, * for every day, MON-FRI, 6L for the last Friday, 6#3 for the third, or ? where the day of the month counts",
    },
    Field {
        name: "year", least: 1970, most: 2199, words: &[], days: Days::None, longest_step: 229,
        help: "write 1970 to 2199, * for every year, 2026,2027 or 2026-2030",
    },
];

/// What is wrong with a schedule, if anything.
pub(super) fn refusal(text: &str) -> Option<Refusal> {
    let inside = |word: &str| text.strip_prefix(word)?.strip_suffix(')');
    let checked = match (inside("cron("), inside("rate(")) {
        (Some(fields), _) => cron(fields),
        (_, Some(rate)) => self::rate(rate),
        _ => Err(Refusal::new(format!("`{text}` is no schedule"), FORMS)),
    };
    checked.err()
}

fn rate(text: &str) -> Result<(), Refusal> {
    let parts: Vec<&str> = text.split(' ').collect();
    let [count, unit] = parts[..] else {
        return Err(Refusal::new(
            format!("`rate({text})` is no schedule"),
            FORMS,
        ));
    };
    let number = whole(count).filter(|number| *number > 0);
    let Some(number) = number else {
        return Err(Refusal::new(
            format!("a rate cannot be `{count}`"),
            "write a whole number of at least 1",
        ));
    };
    let (one, many) = match unit {
        "minute" | "minutes" => ("minute", "minutes"),
        "hour" | "hours" => ("hour", "hours"),
        "day" | "days" => ("day", "days"),
        _ => {
            return Err(Refusal::new(
                format!("a rate has no unit `{unit}`"),
                "write minutes, hours or days; for weeks, months and times of day, use cron(...)",
            ));
        }
    };
    let right = if number == 1 { one } else { many };
    if unit == right {
        return Ok(());
    }
    Err(Refusal::new(
        format!("EventBridge refuses `{unit}` after {number}"),
        format!("write rate({count} {right})"),
    ))
}

fn cron(text: &str) -> Result<(), Refusal> {
    let fields: Vec<&str> = text.split_whitespace().collect();
    let Ok(fields) = <[&str; 6]>::try_from(fields.as_slice()) else {
        let plural = if fields.len() == 1 { "" } else { "s" };
        return Err(Refusal::new(
            format!(
                "cron(...) has {} field{plural}, and needs six",
                fields.len()
            ),
            "write minute, hour, day of the month, month, day of the week and year: cron(0 9 * * ? *)",
        ));
    };
    let mut doubt = None;
    for (field, text) in FIELDS.iter().zip(fields) {
        match field.check(text) {
            Err(refusal) if refusal.is_certain => return Err(refusal),
            Err(refusal) => doubt = doubt.or(Some(refusal)),
            Ok(()) => {}
        }
    }
    let [minute, hour, day, month, weekday, year] = fields;
    let with = |day, weekday| format!("cron({minute} {hour} {day} {month} {weekday} {year})");
    match (day, weekday) {
        ("?", "?") => Err(Refusal::new(
            "day of the month and day of the week are both `?`",
            format!("write `*` for every day: {}", with("*", "?")),
        )),
        ("?", _) | (_, "?") => doubt.map_or(Ok(()), Err),
        (day, weekday) => {
            let right = match (day, weekday) {
                (day, "*") => with(day, "?"),
                ("*", weekday) => with("?", weekday),
                _ => format!("{} or {}", with(day, "?"), with("?", weekday)),
            };
            Err(Refusal::new(
                "one of day of the month and day of the week has to be `?`",
                format!("write {right}"),
            ))
        }
    }
}

impl Field {
    fn check(&self, text: &str) -> Result<(), Refusal> {
        if text == "?" && self.days != Days::None {
            return Ok(());
        }
        if text.contains('#') && text.contains(',') && self.days == Days::OfWeek {
            return Err(self.wrong(text, "with `#`, name one day alone, such as 3#2"));
        }
        let items: Vec<&str> = text.split(',').collect();
        for item in &items {
            self.item(text, item, items.len() > 1)?;
        }
        Ok(())
    }

    /// One item of a list.
    fn item(&self, text: &str, item: &str, is_listed: bool) -> Result<(), Refusal> {
        if item.is_empty() {
            // EventBridge was seen to take `0/5,`.
            return Err(self.doubtful(text, "leave out the comma without a value"));
        }
        let item = item.to_ascii_uppercase();
        if self.is_last_or_nearest(&item) {
            return if is_listed && item.contains('L') {
                Err(self.doubtful(
                    text,
                    "let `L` stand alone, and make a rule of its own for the rest",
                ))
            } else {
                Ok(())
            };
        }
        let (range, step) = match item.split_once('/') {
            Some((range, step)) => (range, Some(step)),
            None => (item.as_str(), None),
        };
        let is_range = match range.split_once('-') {
            // A range may lead over the end, 22-2 or FRI-MON, except of years.
            Some((first, last)) => {
                let is_turned = self.name == "year" && first > last;
                self.is_value(first) && self.is_value(last) && !is_turned
            }
            None if range.is_empty() => {
                return Err(self.doubtful(text, "write what the steps begin with: 0/5"));
            }
            None => range == "*" || self.is_value(range),
        };
        if !is_range {
            return Err(self.wrong(text, self.help));
        }
        let Some(step) = step else { return Ok(()) };
        match whole(step) {
            Some(step) if (1..=self.longest_step).contains(&step) => Ok(()),
            _ => Err(self.wrong(
                text,
                &format!("write a step from 1 to {} after `/`", self.longest_step),
            )),
        }
    }

    /// `L` and `W` of the days of the month; `L` and `#` of those of the week.
    fn is_last_or_nearest(&self, item: &str) -> bool {
        let numbered =
            |text: &str, most| whole(text).is_some_and(|number| (1..=most).contains(&number));
        match self.days {
            Days::None => false,
            Days::OfMonth => {
                let before_last = item
                    .strip_prefix("L-")
                    .map(|back| back.trim_end_matches('W'));
                item == "L"
                    || item == "LW"
                    || before_last.is_some_and(|back| numbered(back, 30))
                    || item.strip_suffix('W').is_some_and(|day| numbered(day, 31))
            }
            Days::OfWeek => {
                let nth = item.split_once('#');
                item == "L"
                    || item.strip_suffix('L').is_some_and(|day| self.is_value(day))
                    || nth.is_some_and(|(day, nth)| self.is_value(day) && numbered(nth, 5))
            }
        }
    }

    fn is_value(&self, text: &str) -> bool {
        self.words.contains(&text)
            || whole(text).is_some_and(|number| (self.least..=self.most).contains(&number))
    }

    fn wrong(&self, text: &str, help: &str) -> Refusal {
        let name = self.name;
        Refusal::new(format!("the {name} of a schedule cannot be `{text}`"), help)
    }

    fn doubtful(&self, text: &str, help: &str) -> Refusal {
        Refusal {
            why: format!(
                "EventBridge does not document `{text}` as the {} of a schedule",
                self.name
            ),
            help: help.to_owned(),
            is_certain: false,
        }
    }
}

/// A number of digits alone: no sign, no space.
fn whole(text: &str) -> Option<u32> {
    let is_plain = !text.is_empty() && text.bytes().all(|digit| digit.is_ascii_digit());
    is_plain.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is documented, and what EventBridge was seen to take.
    #[test]
    fn what_eventbridge_takes() {
        for schedule in [
            "rate(1 minute)",
            "rate(5 minutes)",
            "rate(1 hour)",
            "rate(12 hours)",
            "rate(1 day)",
            "rate(365 days)",
            "cron(0 10 * * ? *)",
            "cron(15 12 * * ? *)",
            "cron(0 18 ? * MON-FRI *)",
            "cron(0 8 1 * ? *)",
            "cron(0/15 * * * ? *)",
            "cron(0/10 * ? * MON-FRI *)",
            "cron(0/5 8-17 ? * MON-FRI *)",
            "cron(*/59 */23 */31 */12 ? *)",
            "cron(0-15/1 8-8 ? * 2,3,4,5,6,7 *)",
            "cron(30-30 13-13 ? * 2,4,6 *)",
            "cron(00 09 ? * mon-fri *)",
            "cron(0 22-2 ? NOV-FEB SAT-THU *)",
            "cron(0  0 L * ? *)",
            "cron(0 0 LW * ? *)",
            "cron(0 0 L-2 * ? *)",
            "cron(0 0 3W JAN,JUL ? 1970-2199)",
            "cron(15 10 ? * 6L 2026-2027)",
            "cron(15 10 ? * FRIL 2026/2)",
            "cron(0 9 ? * L *)",
            "cron(0 9 ? * 3#2 *)",
            "cron(0 9 ? * TUE#5 *)",
        ] {
            assert_eq!(refusal(schedule), None, "{schedule}");
        }
    }

    #[test]
    fn what_eventbridge_refuses() {
        for (schedule, why) in [
            ("", "`` is no schedule"),
            ("every day", "`every day` is no schedule"),
            ("0 9 * * ? *", "`0 9 * * ? *` is no schedule"),
            ("Cron(0 9 * * ? *)", "`Cron(0 9 * * ? *)` is no schedule"),
            ("cron(0 9 * * ? *", "`cron(0 9 * * ? *` is no schedule"),
            (
                "at(2026-01-01T00:00:00)",
                "`at(2026-01-01T00:00:00)` is no schedule",
            ),
            ("rate(1minute)", "`rate(1minute)` is no schedule"),
            ("rate(1  minute)", "`rate(1  minute)` is no schedule"),
            ("rate()", "`rate()` is no schedule"),
            ("rate(0 minutes)", "a rate cannot be `0`"),
            ("rate(-5 minutes)", "a rate cannot be `-5`"),
            ("rate(+5 minutes)", "a rate cannot be `+5`"),
            ("rate(1.5 hours)", "a rate cannot be `1.5`"),
            ("rate(1 minutes)", "EventBridge refuses `minutes` after 1"),
            ("rate(1 hours)", "EventBridge refuses `hours` after 1"),
            ("rate(5 hour)", "EventBridge refuses `hour` after 5"),
            ("rate(2 day)", "EventBridge refuses `day` after 2"),
            ("rate(1 week)", "a rate has no unit `week`"),
            ("rate(30 seconds)", "a rate has no unit `seconds`"),
            ("rate(5 Minutes)", "a rate has no unit `Minutes`"),
            ("cron()", "cron(...) has 0 fields, and needs six"),
            ("cron(0)", "cron(...) has 1 field, and needs six"),
            ("cron(0 9 * * ?)", "cron(...) has 5 fields, and needs six"),
            (
                "cron(0 0 9 * * ? *)",
                "cron(...) has 7 fields, and needs six",
            ),
            (
                "cron(0 9 * * * *)",
                "one of day of the month and day of the week has to be `?`",
            ),
            (
                "cron(7 20 * * 1-7 *)",
                "one of day of the month and day of the week has to be `?`",
            ),
            (
                "cron(0 9 1 * MON *)",
                "one of day of the month and day of the week has to be `?`",
            ),
            (
                "cron(0 9 ? * ? *)",
                "day of the month and day of the week are both `?`",
            ),
            (
                "cron(99 25 * * ? *)",
                "the minute of a schedule cannot be `99`",
            ),
            (
                "cron(a b c d e f)",
                "the minute of a schedule cannot be `a`",
            ),
            (
                "cron(60 9 * * ? *)",
                "the minute of a schedule cannot be `60`",
            ),
            (
                "cron(-1 9 * * ? *)",
                "the minute of a schedule cannot be `-1`",
            ),
            (
                "cron(*/60 * * * ? *)",
                "the minute of a schedule cannot be `*/60`",
            ),
            (
                "cron(*/0 * * * ? *)",
                "the minute of a schedule cannot be `*/0`",
            ),
            (
                "cron(0/ * * * ? *)",
                "the minute of a schedule cannot be `0/`",
            ),
            (
                "cron(0/5/2 * * * ? *)",
                "the minute of a schedule cannot be `0/5/2`",
            ),
            (
                "cron(5-60 * * * ? *)",
                "the minute of a schedule cannot be `5-60`",
            ),
            (
                "cron(? * * * ? *)",
                "the minute of a schedule cannot be `?`",
            ),
            (
                "cron(L * * * ? *)",
                "the minute of a schedule cannot be `L`",
            ),
            (
                "cron(0 24 * * ? *)",
                "the hour of a schedule cannot be `24`",
            ),
            (
                "cron(0 9,50 * * ? *)",
                "the hour of a schedule cannot be `9,50`",
            ),
            (
                "cron(0 */24 * * ? *)",
                "the hour of a schedule cannot be `*/24`",
            ),
            (
                "cron(0 9 0 * ? *)",
                "the day of the month of a schedule cannot be `0`",
            ),
            (
                "cron(0 9 32 * ? *)",
                "the day of the month of a schedule cannot be `32`",
            ),
            (
                "cron(0 9 32W * ? *)",
                "the day of the month of a schedule cannot be `32W`",
            ),
            (
                "cron(0 9 W * ? *)",
                "the day of the month of a schedule cannot be `W`",
            ),
            (
                "cron(0 9 L-x * ? *)",
                "the day of the month of a schedule cannot be `L-x`",
            ),
            (
                "cron(0 9 3#1 * ? *)",
                "the day of the month of a schedule cannot be `3#1`",
            ),
            (
                "cron(0 9 1 13 ? *)",
                "the month of a schedule cannot be `13`",
            ),
            (
                "cron(0 9 1 JANUARY ? *)",
                "the month of a schedule cannot be `JANUARY`",
            ),
            ("cron(0 9 1 ? ? *)", "the month of a schedule cannot be `?`"),
            (
                "cron(0 9 ? * 0 *)",
                "the day of the week of a schedule cannot be `0`",
            ),
            (
                "cron(15 12 ? * -1 *)",
                "the day of the week of a schedule cannot be `-1`",
            ),
            (
                "cron(0 9 ? * 8 *)",
                "the day of the week of a schedule cannot be `8`",
            ),
            (
                "cron(0 9 ? * MONDAY *)",
                "the day of the week of a schedule cannot be `MONDAY`",
            ),
            (
                "cron(0 9 ? * 3W *)",
                "the day of the week of a schedule cannot be `3W`",
            ),
            (
                "cron(0 9 ? * 3#6 *)",
                "the day of the week of a schedule cannot be `3#6`",
            ),
            (
                "cron(0 9 ? * 3#1,6#3 *)",
                "the day of the week of a schedule cannot be `3#1,6#3`",
            ),
            (
                "cron(0 9 * * ? 1969)",
                "the year of a schedule cannot be `1969`",
            ),
            (
                "cron(0 9 * * ? 2200)",
                "the year of a schedule cannot be `2200`",
            ),
            (
                "cron(0 9 * * ? 2030-2026)",
                "the year of a schedule cannot be `2030-2026`",
            ),
            ("cron(0 9 * * ? ?)", "the year of a schedule cannot be `?`"),
        ] {
            let refusal = refusal(schedule).expect(schedule);
            assert_eq!(refusal.why, why, "{schedule}");
            assert!(refusal.is_certain && !refusal.help.is_empty(), "{schedule}");
        }
    }

    /// EventBridge took the first of these; its documentation names none.
    #[test]
    fn what_is_not_documented_is_a_warning() {
        for schedule in [
            "cron(0/5, 9-18, ? * MON-FRI *)",
            "cron(/5 * * * ? *)",
            "cron(0 0 1,L * ? *)",
            "cron(0 0 ? * 2,6L *)",
        ] {
            let refusal = refusal(schedule).expect(schedule);
            assert!(!refusal.is_certain, "{schedule}: {}", refusal.why);
        }
    }

    #[test]
    fn the_way_out_fits() {
        let help = |schedule| refusal(schedule).expect(schedule).help;
        assert_eq!(help("cron(0 9 * * * *)"), "write cron(0 9 * * ? *)");
        assert_eq!(help("cron(0 9 * * MON *)"), "write cron(0 9 ? * MON *)");
        assert_eq!(
            help("cron(0 9 1 * MON *)"),
            "write cron(0 9 1 * ? *) or cron(0 9 ? * MON *)"
        );
        assert_eq!(help("rate(1 minutes)"), "write rate(1 minute)");
        assert_eq!(help("rate(5 hour)"), "write rate(5 hours)");
    }
}
