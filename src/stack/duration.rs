//! Durations as they are written: `90m`, `4h`, `1d 12h`.

use std::time::Duration;

use super::LifetimeError;

const DAY: Duration = Duration::from_hours(24);

/// A duration such as `90m`.
///
/// # Errors
/// It is none, has months or years, or a unit twice.
pub fn parse_duration(text: &str) -> Result<Duration, LifetimeError> {
    let time = humantime::parse_duration(text).map_err(|_| LifetimeError {
        message: format!("`{text}` is not a valid duration"),
        help: "write it like 90m, 8h or 2d".to_owned(),
    })?;
    doubtful_units(text).map_or(Ok(time), Err)
}

/// What is wrong with the units of a duration: `4M` is four months, which is seldom meant; a unit twice is a mistake.
pub(super) fn doubtful_units(text: &str) -> Option<LifetimeError> {
    humantime::parse_duration(text).ok()?;
    let mut seen = Vec::new();
    let mut rest = text.trim();
    while !rest.is_empty() {
        let (number, after) = rest.split_at(rest.find(char::is_alphabetic)?);
        let end = after.find(|letter: char| !letter.is_alphabetic());
        let (unit, next) = after.split_at(end.unwrap_or(after.len()));
        rest = next.trim();
        let length = humantime::parse_duration(&format!("1{unit}")).ok()?;
        let wrong = |message: String, help: String| Some(LifetimeError { message, help });
        if length > 28 * DAY {
            let number: Option<u64> = number.trim().parse().ok();
            let is_year = length > 360 * DAY;
            let what = if is_year { "years" } else { "months" };
            let help = match number.filter(|number| !is_year && (1..=12).contains(number)) {
                Some(number) if unit == "M" => {
                    format!("write {number}m for minutes, or {}d", number * 30)
                }
                Some(number) => format!("write {}d", number * 30),
                None => "write it in days, such as 360d".to_owned(),
            };
            return wrong(format!("`{unit}` in `{text}` means {what}"), help);
        }
        if seen.contains(&length) {
            return wrong(
                format!("`{text}` has the unit `{unit}` twice"),
                "write each unit once, such as 1h 30m".to_owned(),
            );
        }
        seen.push(length);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stack::in_days;

    #[test]
    fn months_years_and_units_twice_are_refused() {
        for (text, help) in [
            ("4M", "write 4m for minutes, or 120d"),
            ("1d 2M", "write 2m for minutes, or 60d"),
            ("2 months", "write 60d"),
            ("40M", "write it in days, such as 360d"),
            ("1y", "write it in days, such as 360d"),
            ("4h 4h", "write each unit once, such as 1h 30m"),
            ("1h 2hours", "write each unit once, such as 1h 30m"),
            ("soon", "write it like 90m, 8h or 2d"),
        ] {
            assert_eq!(parse_duration(text).unwrap_err().help, help, "{text}");
        }
        for (text, hours) in [("1d 2h", 26), ("1h30m 30min", 0), ("4w", 672)] {
            let hours = Some(Duration::from_hours(hours)).filter(|time| !time.is_zero());
            assert_eq!(parse_duration(text).ok(), hours, "{text}");
        }
        for text in ["90m", "29d 1h", "30d", "45d 2h 1s", "360d"] {
            let time = parse_duration(text).unwrap();
            assert_eq!(parse_duration(&in_days(time)), Ok(time), "{text}");
        }
    }
}
