//! Times in a definition (<https://states-language.net/spec.html#timestamps>): RFC 3339 with a capital `T`
//! and `Z`. AWS reads them as Java's `ISO_OFFSET_DATE_TIME` and refuses a definition with one that does not
//! exist.

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
    if exists(text) {
        Timestamp::Right
    } else {
        Timestamp::Nonexistent
    }
}

/// Whether a text of the right form is in the calendar and on the clock. Unlike RFC 3339, Java takes no second
/// 60.
fn exists(text: &str) -> bool {
    let number =
        |from: usize, to: usize| text.get(from..to).and_then(|part| part.parse::<u32>().ok());
    let within = |from: usize, most: u32| number(from, from + 2).is_some_and(|it| it <= most);
    let (Some(year), Some(month), Some(day)) = (number(0, 4), number(5, 7), number(8, 10)) else {
        return false;
    };
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        2 if is_leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return false,
    };
    let zone = text.len() - "+00:00".len();
    let is_offset = !text.ends_with('Z');
    (1..=days).contains(&day)
        && within(11, 23)
        && within(14, 59)
        && within(17, 59)
        && (!is_offset || (within(zone + 1, 23) && within(zone + 4, 59)))
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
