//! What EventBridge takes and refuses as schedules.

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

#[rustfmt::skip]
const REFUSED: &[(&str, &str)] = &[
    ("", "`` is not a schedule"),
    ("every day", "`every day` is not a schedule"),
    ("0 9 * * ? *", "`0 9 * * ? *` is not a schedule"),
    ("Cron(0 9 * * ? *)", "`Cron(0 9 * * ? *)` is not a schedule"),
    ("cron(0 9 * * ? *", "`cron(0 9 * * ? *` is not a schedule"),
    ("at(2026-01-01T00:00:00)", "`at(2026-01-01T00:00:00)` is not a schedule"),
    ("rate(1minute)", "`rate(1minute)` is not a schedule"),
    ("rate(1  minute)", "`rate(1  minute)` is not a schedule"),
    ("rate()", "`rate()` is not a schedule"),
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
    ("cron(0 0 9 * * ? *)", "cron(...) has 7 fields, and needs six"),
    ("cron(0 9 * * * *)", "one of day of the month and day of the week has to be `?`"),
    ("cron(7 20 * * 1-7 *)", "one of day of the month and day of the week has to be `?`"),
    ("cron(0 9 1 * MON *)", "one of day of the month and day of the week has to be `?`"),
    ("cron(0 9 ? * ? *)", "day of the month and day of the week are both `?`"),
    ("cron(99 25 * * ? *)", "the minute of a schedule cannot be `99`"),
    ("cron(a b c d e f)", "the minute of a schedule cannot be `a`"),
    ("cron(60 9 * * ? *)", "the minute of a schedule cannot be `60`"),
    ("cron(-1 9 * * ? *)", "the minute of a schedule cannot be `-1`"),
    ("cron(*/60 * * * ? *)", "the minute of a schedule cannot be `*/60`"),
    ("cron(*/0 * * * ? *)", "the minute of a schedule cannot be `*/0`"),
    ("cron(0/ * * * ? *)", "the minute of a schedule cannot be `0/`"),
    ("cron(0/5/2 * * * ? *)", "the minute of a schedule cannot be `0/5/2`"),
    ("cron(5-60 * * * ? *)", "the minute of a schedule cannot be `5-60`"),
    ("cron(? * * * ? *)", "the minute of a schedule cannot be `?`"),
    ("cron(L * * * ? *)", "the minute of a schedule cannot be `L`"),
    ("cron(0 24 * * ? *)", "the hour of a schedule cannot be `24`"),
    ("cron(0 9,50 * * ? *)", "the hour of a schedule cannot be `9,50`"),
    ("cron(0 */24 * * ? *)", "the hour of a schedule cannot be `*/24`"),
    ("cron(0 9 0 * ? *)", "the day of the month of a schedule cannot be `0`"),
    ("cron(0 9 32 * ? *)", "the day of the month of a schedule cannot be `32`"),
    ("cron(0 9 32W * ? *)", "the day of the month of a schedule cannot be `32W`"),
    ("cron(0 9 W * ? *)", "the day of the month of a schedule cannot be `W`"),
    ("cron(0 9 L-x * ? *)", "the day of the month of a schedule cannot be `L-x`"),
    ("cron(0 9 3#1 * ? *)", "the day of the month of a schedule cannot be `3#1`"),
    ("cron(0 9 1 13 ? *)", "the month of a schedule cannot be `13`"),
    ("cron(0 9 1 JANUARY ? *)", "the month of a schedule cannot be `JANUARY`"),
    ("cron(0 9 1 ? ? *)", "the month of a schedule cannot be `?`"),
    ("cron(0 9 ? * 0 *)", "the day of the week of a schedule cannot be `0`"),
    ("cron(15 12 ? * -1 *)", "the day of the week of a schedule cannot be `-1`"),
    ("cron(0 9 ? * 8 *)", "the day of the week of a schedule cannot be `8`"),
    ("cron(0 9 ? * MONDAY *)", "the day of the week of a schedule cannot be `MONDAY`"),
    ("cron(0 9 ? * 3W *)", "the day of the week of a schedule cannot be `3W`"),
    ("cron(0 9 ? * 3#6 *)", "the day of the week of a schedule cannot be `3#6`"),
    ("cron(0 9 ? * 3#1,6#3 *)", "the day of the week of a schedule cannot be `3#1,6#3`"),
    ("cron(0 9 * * ? 1969)", "the year of a schedule cannot be `1969`"),
    ("cron(0 9 * * ? 2200)", "the year of a schedule cannot be `2200`"),
    ("cron(0 9 * * ? 2030-2026)", "the year of a schedule cannot be `2030-2026`"),
    ("cron(0 9 * * ? ?)", "the year of a schedule cannot be `?`"),
];

#[test]
fn what_eventbridge_refuses() {
    for (schedule, why) in REFUSED {
        let refusal = refusal(schedule).expect(schedule);
        assert_eq!(refusal.why, *why, "{schedule}");
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
