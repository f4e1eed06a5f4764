//! Times in a definition (<https://states-language.net/spec.html#timestamps>): RFC 3339 with a capital `T`
//! and `Z`. AWS reads them as Java's `ISO_OFFSET_DATE_TIME` and refuses a definition with one that does not
//! exist.

use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;

use crate::asl::text::has_reference;

/// What a text is as a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Timestamp {
    /// A time, or a text with a reference, which may become one.
    Right,
    /// It has the form of a time, and is in no calendar or on no clock.
    Nonexistent,
    /// It is written otherwise.
    WrongForm,
}

/// Reads a literal time.
pub(super) fn read(text: &str) -> Timestamp {
    if has_reference(text) {
        return Timestamp::Right;
    }
    if !has_form(text) {
        return Timestamp::WrongForm;
    }
    // RFC 3339 knows a second 60, Java does not; Java takes year 0 and the library does not.
    let leap_second = text.get(17..19) == Some("60");
    let year_zero = text.starts_with("0000");
    let known = match text.get(4..) {
        Some(rest) if year_zero => format!("2000{rest}"),
        _ => text.to_owned(),
    };
    match DateTime::from_str(&known, Format::DateTimeWithOffset) {
        Ok(_) if !leap_second => Timestamp::Right,
        _ => Timestamp::Nonexistent,
    }
}

/// How to correct a text that is no right time.
pub(super) fn help(text: &str) -> &'static str {
    match read(text) {
        Timestamp::Nonexistent => {
            "there is no such time: months are 01 to 12, days those of the month, hours 00 to 23, minutes and seconds \
             00 to 59"
        }
        _ => "write a time such as \"2026-01-31T12:00:00Z\"",
    }
}

fn has_form(text: &str) -> bool {
    let digits = |part: &str, pattern: &str| {
        part.len() == pattern.len()
            && part.chars().zip(pattern.chars()).all(|(c, p)| match p {
                '0' => c.is_ascii_digit(),
                other => c == other,
            })
    };
    let Some((date, time)) = text.split_once('T') else {
        return false;
    };
    let Some(zone) = time.find(['Z', '+', '-']) else {
        return false;
    };
    let (clock, zone) = time.split_at(zone);
    let (clock, fraction) = clock.split_once('.').unwrap_or((clock, "0"));
    digits(date, "0000-00-00")
        && digits(clock, "00:00:00")
        && !fraction.is_empty()
        && fraction.chars().all(|c| c.is_ascii_digit())
        && (zone == "Z" || digits(&zone[1..], "00:00"))
}
