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
        _ => Err(Refusal::new(format!("`{text}` is not a schedule"), FORMS)),
    };
    checked.err()
}

fn rate(text: &str) -> Result<(), Refusal> {
    let parts: Vec<&str> = text.split(' ').collect();
    let [count, unit] = parts[..] else {
        return Err(Refusal::new(
            format!("`rate({text})` is not a schedule"),
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
                    "write `L` alone, and make a rule of its own for the rest",
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
mod tests;
