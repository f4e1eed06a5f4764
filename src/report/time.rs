//! Times as a person reads them: in the zone of this machine, which is named.

use chrono::{DateTime, Datelike, Local, Offset, TimeZone};

/// An RFC 3339 time in the local zone (`TZ`, or the system's): `2026-11-28 12:37:04 -03:00`.
pub(super) fn local(at: &str) -> String {
    in_zone(at, &Local)
}

/// An RFC 3339 time as a local day with its zone, and a local time of that day in milliseconds.
pub(super) fn local_day_and_clock(at: &str) -> (String, String) {
    day_and_clock(at, &Local)
}

/// A local time in its parts.
pub(super) struct LocalTime {
    /// From 0, which is Monday.
    pub(super) weekday: usize,
    pub(super) day: u32,
    /// From 0, which is January.
    pub(super) month: usize,
    pub(super) year: i32,
    /// `12:37`.
    pub(super) clock: String,
    /// `UTC−03:00`.
    pub(super) zone: String,
}

/// An RFC 3339 time in the local zone, in its parts; nothing of what is no time.
pub(super) fn local_parts(at: &str) -> Option<LocalTime> {
    parts(at, &Local)
}

fn parts<Z: TimeZone>(at: &str, zone: &Z) -> Option<LocalTime>
where
    Z::Offset: std::fmt::Display,
{
    let time = DateTime::parse_from_rfc3339(at).ok()?.with_timezone(zone);
    let offset = offset(&time);
    Some(LocalTime {
        weekday: usize::try_from(time.weekday().num_days_from_monday()).ok()?,
        day: time.day(),
        month: usize::try_from(time.month0()).ok()?,
        year: time.year(),
        clock: time.format("%H:%M").to_string(),
        zone: if offset == "UTC" {
            offset
        } else {
            // With a minus that is no hyphen: lines do not end there.
            format!("UTC{}", offset.replace('-', "\u{2212}"))
        },
    })
}

/// What is no time stays as it is.
fn in_zone<Z: TimeZone>(at: &str, zone: &Z) -> String
where
    Z::Offset: std::fmt::Display,
{
    let Ok(time) = DateTime::parse_from_rfc3339(at) else {
        return at.to_owned();
    };
    let time = time.with_timezone(zone);
    format!("{} {}", time.format("%Y-%m-%d %H:%M:%S"), offset(&time))
}

fn day_and_clock<Z: TimeZone>(at: &str, zone: &Z) -> (String, String)
where
    Z::Offset: std::fmt::Display,
{
    let Ok(time) = DateTime::parse_from_rfc3339(at) else {
        return (at.to_owned(), String::new());
    };
    let time = time.with_timezone(zone);
    let day = format!("{} ({})", time.format("%Y-%m-%d"), offset(&time));
    (day, time.format("%H:%M:%S%.3f").to_string())
}

fn offset<Z: TimeZone>(time: &DateTime<Z>) -> String
where
    Z::Offset: std::fmt::Display,
{
    if time.offset().fix().local_minus_utc() == 0 {
        return "UTC".to_owned();
    }
    time.format("%:z").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::FixedOffset;

    #[test]
    fn times_are_local_and_name_their_zone() {
        let hours = |hours: i32| FixedOffset::east_opt(hours * 3600).unwrap();
        let at = "2026-11-28T01:30:00.250Z";
        assert_eq!(in_zone(at, &hours(-3)), "2026-11-27 22:30:00 -03:00");
        assert_eq!(in_zone(at, &hours(0)), "2026-11-28 01:30:00 UTC");
        let (day, clock) = day_and_clock(at, &FixedOffset::east_opt(19_800).unwrap());
        assert_eq!(
            (day.as_str(), clock.as_str()),
            ("2026-11-28 (+05:30)", "07:00:00.250")
        );
        assert_eq!(in_zone("no time", &hours(1)), "no time");
        let parts = parts(at, &hours(-3)).unwrap();
        assert_eq!(
            (parts.weekday, parts.day, parts.month, parts.year),
            (4, 27, 10, 2026)
        );
        assert_eq!(
            (parts.clock.as_str(), parts.zone.as_str()),
            ("22:30", "UTC\u{2212}03:00")
        );
    }
}
