//! What a number of the stack file counts, and texts with another unit in its place: `5m` for 300 seconds.

use serde_json::Value as Json;

use super::limits::out_of_limits;
use crate::source::{Node, Span, Value};

/// A unit that people write, and how many of the unit of the field it is.
type WrittenUnit = (&'static [&'static str], f64);

/// What a field counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum FieldUnit {
    Seconds,
    Mebibytes,
    Days,
}

const SECONDS: [WrittenUnit; 6] = [
    (
        &["ms", "msec", "millis", "millisecond", "milliseconds"],
        0.001,
    ),
    (&["s", "sec", "secs", "second", "seconds"], 1.0),
    (&["m", "min", "mins", "minute", "minutes"], 60.0),
    (&["h", "hr", "hrs", "hour", "hours"], 3600.0),
    (&["d", "day", "days"], 86_400.0),
    (&["w", "week", "weeks"], 604_800.0),
];
const MEBIBYTES: [WrittenUnit; 3] = [
    (&["k", "kb", "ki", "kib"], 1.0 / 1024.0),
    (&["m", "mb", "mi", "mib"], 1.0),
    (&["g", "gb", "gi", "gib"], 1024.0),
];
const DAYS: [WrittenUnit; 3] = [
    (&["h", "hr", "hrs", "hour", "hours"], 1.0 / 24.0),
    (&["d", "day", "days"], 1.0),
    (&["w", "week", "weeks"], 7.0),
];

impl FieldUnit {
    /// The unit of a field; `None` if it counts things.
    fn of(field: &str) -> Option<Self> {
        match field {
            "timeout" | "visibility_timeout" | "retention" | "delay" | "receive_wait" => {
                Some(Self::Seconds)
            }
            "memory" => Some(Self::Mebibytes),
            "log_retention_days" | "retention_days" => Some(Self::Days),
            _ => None,
        }
    }

    fn in_words(self) -> &'static str {
        match self {
            Self::Seconds => "seconds",
            Self::Mebibytes => "MiB",
            Self::Days => "days",
        }
    }

    /// A text in this unit, if it is a whole number of it: `1h30m`, `1 GB`, `1:30` for minutes and seconds.
    fn convert(self, text: &str) -> Option<i64> {
        let text = text.trim().to_lowercase();
        if self == Self::Seconds && text.contains(':') {
            return clock(&text);
        }
        let units: &[WrittenUnit] = match self {
            Self::Seconds => &SECONDS,
            Self::Mebibytes => &MEBIBYTES,
            Self::Days => &DAYS,
        };
        let mut sum = 0.0;
        let mut rest = text.as_str();
        while !rest.is_empty() {
            let number = rest.find(|c: char| !(c.is_ascii_digit() || c == '.'))?;
            let (digits, after) = rest.split_at(number);
            let after = after.trim_start();
            let end = after.find(|c: char| !c.is_ascii_alphabetic());
            let (word, after) = after.split_at(end.unwrap_or(after.len()));
            let (_, each) = units.iter().find(|(words, _)| words.contains(&word))?;
            sum += digits.parse::<f64>().ok()? * each;
            rest = after.trim_start();
        }
        let whole = sum.round();
        // It is parsed from digits, as a cast would hide what is too large.
        let is_whole = (sum - whole).abs() < 1e-6 && whole < 1e12;
        is_whole.then(|| format!("{whole}").parse().ok())?
    }
}

/// `1:30` and `1:30:00` in seconds.
fn clock(text: &str) -> Option<i64> {
    let parts: Vec<&str> = text.split(':').collect();
    let is_clock = matches!(parts.len(), 2 | 3)
        && parts.iter().all(|part| {
            (1..=4).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit())
        });
    let numbers = parts.iter().filter_map(|part| part.parse::<i64>().ok());
    is_clock.then(|| numbers.fold(0, |sum, number| sum * 60 + number))
}

/// The help for a text where a whole number is wanted; `None` where it tells nothing of a number.
pub(super) fn number_in_unit(text: &str, field: &str, limits: &Json) -> Option<String> {
    let Some(unit) = FieldUnit::of(field) else {
        let (digits, word) = text.split_at(text.find(|c: char| !c.is_ascii_digit())?);
        let is_counted = word.trim_start().chars().all(char::is_alphabetic);
        return (!digits.is_empty() && is_counted)
            .then(|| format!("write the number alone: {digits}"));
    };
    let words = unit.in_words();
    let Some(number) = unit.convert(text) else {
        return Some(format!("write a whole number, in {words}"));
    };
    let node = Node {
        value: Value::Number(number.into()),
        span: Span::default(),
    };
    Some(match out_of_limits(&node, limits, field) {
        Some((_, range)) => format!("{range}, in {words}: this is {number}"),
        None => format!("write the number of {words} alone: {number}"),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::stack::file::own_schema;

    #[test]
    fn a_text_with_another_unit_is_converted() {
        let seconds = |number: u32| format!("write the number of seconds alone: {number}");
        let mebibytes = |number: u32| format!("write the number of MiB alone: {number}");
        for (field, text, help) in [
            ("timeout", "30s", seconds(30)),
            ("timeout", "5m", seconds(300)),
            ("timeout", "5 Minutes", seconds(300)),
            ("timeout", "1:30", seconds(90)),
            ("timeout", "1.5m", seconds(90)),
            ("delay", "1m 30s", seconds(90)),
            ("delay", "3000ms", seconds(3)),
            ("visibility_timeout", "00:30", seconds(30)),
            ("retention", "4d", seconds(345_600)),
            ("retention", "1:00:00", seconds(3600)),
            ("memory", "1GB", mebibytes(1024)),
            ("memory", "512 MB", mebibytes(512)),
            ("memory", "0.5Gi", mebibytes(512)),
            (
                "log_retention_days",
                "2w",
                "write the number of days alone: 14".to_owned(),
            ),
            (
                "timeout",
                "1h",
                "write a whole number from 1 to 900, in seconds: this is 3600".to_owned(),
            ),
            (
                "timeout",
                "1500ms",
                "write a whole number, in seconds".to_owned(),
            ),
            (
                "timeout",
                "1,5m",
                "write a whole number, in seconds".to_owned(),
            ),
            (
                "timeout",
                "5 moons",
                "write a whole number, in seconds".to_owned(),
            ),
            ("memory", "1:30", "write a whole number, in MiB".to_owned()),
            (
                "max_receives",
                "5 times",
                "write the number alone: 5".to_owned(),
            ),
        ] {
            let limits = match field {
                "timeout" => json!({ "minimum": 1, "maximum": 900 }),
                _ => Json::Null,
            };
            assert_eq!(
                number_in_unit(text, field, &limits),
                Some(help),
                "{field}: {text}"
            );
        }
        assert_eq!(number_in_unit("1:30", "max_receives", &Json::Null), None);
    }

    /// Each whole number of the schema whose description names a unit.
    #[test]
    fn the_fields_that_count_a_unit_are_known() {
        fn unknown(schema: &Json, found: &mut Vec<String>, known: &mut usize) {
            let properties = schema["properties"].as_object().into_iter().flatten();
            for (name, property) in properties {
                let about = property["description"].as_str().unwrap_or_default();
                let of_unit = [
                    ("econds", FieldUnit::Seconds),
                    ("MiB", FieldUnit::Mebibytes),
                    ("Days", FieldUnit::Days),
                ];
                let unit = of_unit.iter().find(|(word, _)| about.contains(word));
                let is_number = property["type"].to_string().contains("integer");
                if let Some((_, unit)) = unit.filter(|_| is_number) {
                    *known += 1;
                    if FieldUnit::of(name) != Some(*unit) {
                        found.push(format!("{name}: {about}"));
                    }
                }
            }
            match schema {
                Json::Object(fields) => fields.values().for_each(|one| unknown(one, found, known)),
                Json::Array(items) => items.iter().for_each(|one| unknown(one, found, known)),
                _ => {}
            }
        }
        let (mut found, mut known) = (Vec::new(), 0);
        unknown(&own_schema(), &mut found, &mut known);
        assert_eq!(found, Vec::<String>::new());
        assert!(known >= 8, "{known}");
    }
}
