//! Arguments that are words of a certain form, refused before anything else is done.

use crate::ops::SweptRegions;

/// A region's code.
pub(super) fn region(text: &str) -> Result<String, String> {
    if crate::aws::is_region(text) {
        return Ok(text.to_owned());
    }
    Err("regions look like us-east-1, eu-west-1 or sa-east-1".to_owned())
}

/// `all`, or the codes of regions.
pub(super) fn regions(text: &str) -> Result<SweptRegions, String> {
    if text == "all" {
        return Ok(SweptRegions::All);
    }
    let mut codes: Vec<String> = Vec::new();
    for code in text.split(',') {
        let code = region(code.trim())?;
        if !codes.contains(&code) {
            codes.push(code);
        }
    }
    Ok(SweptRegions::Named(codes))
}

/// An endpoint's URL.
pub(super) fn endpoint(text: &str) -> Result<String, String> {
    let host = text
        .strip_prefix("http://")
        .or_else(|| text.strip_prefix("https://"));
    if host.is_some_and(|host| !host.is_empty() && !host.contains(char::is_whitespace)) {
        return Ok(text.to_owned());
    }
    Err("write it like http://127.0.0.1:4566".to_owned())
}

/// An owner: it becomes part of names.
pub(super) fn owner(text: &str) -> Result<String, String> {
    crate::stack::owner_error(text).map_or_else(|| Ok(text.to_owned()), Err)
}

/// An execution's name.
///
/// <https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html>
pub(super) fn execution(text: &str) -> Result<String, String> {
    let fits = (1..=80).contains(&text.len())
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    if fits {
        return Ok(text.to_owned());
    }
    Err("use 1 to 80 letters, digits, hyphens and underscores".to_owned())
}

/// The most that is listed.
pub(super) fn limit(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(number @ 1..=100_000) => Ok(number),
        _ => Err("use a number from 1 to 100000".to_owned()),
    }
}

/// Seconds up to 900, in milliseconds.
pub(super) fn milliseconds(text: &str) -> Result<u64, String> {
    let (whole, rest) = text.split_once('.').unwrap_or((text, "0"));
    let are_digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let number = (are_digits(whole) && are_digits(rest) && rest.len() <= 3)
        .then(|| format!("{whole}{rest:0<3}").parse::<u64>().ok())
        .flatten();
    let fits = number.filter(|number| (1..=900_000).contains(number));
    fits.ok_or_else(|| "use a number of seconds from 0.001 to 900".to_owned())
}

/// A whole number within limits.
pub(super) fn whole_number(text: &str, least: u64, most: u64) -> Result<u64, String> {
    let number = text.parse().ok();
    let fits = number.filter(|number| (least..=most).contains(number));
    fits.ok_or_else(|| format!("use a whole number from {least} to {most}, with digits alone"))
}

/// A length of time.
pub(super) fn duration(text: &str) -> Result<std::time::Duration, String> {
    humantime::parse_duration(text).map_err(|_| "write it like 90m, 8h or 2d".to_owned())
}

/// A time, or how long ago it was.
pub(super) fn since(text: &str) -> Result<std::time::SystemTime, String> {
    if let Ok(ago) = humantime::parse_duration(text) {
        let now = std::time::SystemTime::now();
        return now
            .checked_sub(ago)
            .ok_or_else(|| "that is longer ago than there are clocks".to_owned());
    }
    if let Ok(time) = humantime::parse_rfc3339_weak(text) {
        return Ok(time);
    }
    // With an offset, also as treino prints times.
    let printed = text.replace(" UTC", " +00:00");
    chrono::DateTime::parse_from_rfc3339(text)
        .or_else(|_| chrono::DateTime::parse_from_str(&printed, "%Y-%m-%d %H:%M:%S %:z"))
        .map(std::time::SystemTime::from)
        .map_err(|_| {
            "write it like 10m, 2h, 1d, 2026-01-31T12:00:00Z or 2026-01-31T09:00:00-03:00 (without a zone it is UTC)".to_owned()
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_they_are_printed() {
        let seconds = |text: &str| {
            let since = since(text).unwrap().duration_since(std::time::UNIX_EPOCH);
            since.unwrap().as_secs()
        };
        let expected = seconds("2026-11-28T15:47:36Z");
        for text in [
            "2026-11-28T12:47:36-03:00",
            "2026-11-28 12:47:36 -03:00",
            "2026-11-28 15:47:36 UTC",
            "2026-11-28 15:47:36",
        ] {
            assert_eq!(seconds(text), expected, "{text}");
        }
        assert!(since("yesterday").is_err());
        assert_eq!(duration("1h 30m").unwrap().as_secs(), 5400);
        for wrong in ["abc", "8", "-1h"] {
            assert_eq!(duration(wrong).unwrap_err(), "write it like 90m, 8h or 2d");
        }
        assert_eq!(whole_number("366", 1, 366), Ok(366));
        for wrong in ["0", "367", "1e3", "1.5", "-1", "", "x"] {
            let wrong = whole_number(wrong, 1, 366).unwrap_err();
            assert_eq!(wrong, "use a whole number from 1 to 366, with digits alone");
        }
        assert_eq!(milliseconds("0.25"), Ok(250));
        assert_eq!(milliseconds("900"), Ok(900_000));
        for wrong in ["0", "901", "1.0001", "-1", "1e3", ".5"] {
            assert!(milliseconds(wrong).is_err(), "{wrong}");
        }
        assert!(limit("0").is_err() && limit("20").is_ok() && limit("all").is_err());
    }
}
