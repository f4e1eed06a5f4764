//! The marks of a class as a table for a spreadsheet: separated values in UTF-8, one line for each student.
//!
//! Spreadsheets take UTF-8 for another encoding where a file does not begin with its mark, and separate columns as the
//! country's do: by commas, or by semicolons where a comma separates decimals.

use serde_json::Value;

use super::TestedStudent;
use crate::ops::CheckResult;

pub(super) const HEAD: &str =
    "owner,name,passed,failed,not_judged,score,max_score,check,cause,message";

/// The table.
pub(super) fn table(students: &[TestedStudent], separator: char) -> String {
    let separator = separator.to_string();
    let mut text = format!("\u{feff}{}\n", HEAD.replace(',', &separator));
    for student in students {
        let counts = &student.tested.counts;
        let wrong = student.tested.first_wrong();
        let cause = wrong.and_then(CheckResult::cause);
        let cause = cause.and_then(|cause| serde_json::to_value(cause).ok());
        let cells = [
            cell(&student.owner),
            cell(student.name.as_deref().unwrap_or_default()),
            counts.passed.to_string(),
            counts.failed.to_string(),
            (counts.unknown + student.tested.missing()).to_string(),
            counts.score.to_string(),
            counts.max_score.to_string(),
            cell(wrong.map_or("", |one| &one.check)),
            cell(cause.as_ref().and_then(Value::as_str).unwrap_or_default()),
            cell(&wrong.and_then(CheckResult::why).unwrap_or_default()),
        ];
        text.push_str(&cells.join(&separator));
        text.push('\n');
    }
    text
}

/// A text in a cell. A spreadsheet takes what begins with one of some characters for a formula: a `'` before it makes it a
/// text (<https://owasp.org/www-community/attacks/CSV_Injection>). Line breaks, and what else cannot be seen, are spaces.
fn cell(text: &str) -> String {
    let plain: String = text
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    let is_formula = plain.trim_start().starts_with([
        '=', '+', '-', '@', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}',
    ]);
    let plain = if is_formula {
        format!("'{plain}")
    } else {
        plain
    };
    if plain.contains([',', ';', '\t', '"']) || plain.trim() != plain {
        return format!("\"{}\"", plain.replace('"', "\"\""));
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula_or_two_cells() {
        for (text, expected) in [
            ("Ana Souza", "Ana Souza"),
            ("Souza, Ana", "\"Souza, Ana\""),
            ("Ana \"Nina\"", "\"Ana \"\"Nina\"\"\""),
            ("=HYPERLINK(1;2)", "\"'=HYPERLINK(1;2)\""),
            ("+1", "'+1"),
            ("-1", "'-1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\t=1", "' =1"),
            (" =1", "' =1"),
            (" a", "\" a\""),
            ("\u{ff1d}1", "'\u{ff1d}1"),
            ("a\nb\rc", "a b c"),
            ("", ""),
        ] {
            assert_eq!(cell(text), expected, "{text:?}");
        }
    }
}
