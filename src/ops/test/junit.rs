//! Results as `JUnit` XML: a suite for the stack, a case for each check.
//!
//! There is no standard of it; these are the elements and attributes that the readers of CI systems have in common
//! (<https://github.com/testmoapp/junitxml>).

use std::fmt::Write as _;

use super::{Tested, TestedStudent};
use crate::ops::{CheckCounts, CheckOutcome, CheckResult};

/// The document of one stack.
pub(super) fn xml(tested: &Tested) -> String {
    let name = match &tested.owner {
        Some(owner) => format!("{} of {owner}", tested.stack),
        None => tested.stack.clone(),
    };
    document(&[(name, tested)])
}

/// The document of a class: a suite for each student.
pub(super) fn of_class(students: &[TestedStudent]) -> String {
    let suites = students.iter().map(|student| {
        let (stack, owner) = (&student.tested.stack, &student.owner);
        let name = match &student.name {
            Some(name) => format!("{stack} of {owner} ({name})"),
            None => format!("{stack} of {owner}"),
        };
        (name, &student.tested)
    });
    document(&suites.collect::<Vec<_>>())
}

fn document(suites: &[(String, &Tested)]) -> String {
    let mut all = (0, CheckCounts::default());
    // What was not run, as the test was stopped, is an error: what is skipped on purpose is none.
    let mut missing = 0;
    for (_, tested) in suites {
        let counts = &tested.counts;
        all.0 += tested.results.len();
        all.1.failed += counts.failed;
        all.1.unknown += counts.unknown;
        all.1.not_run += counts.not_run;
        all.1.seconds += counts.seconds;
        missing += tested.missing();
    }
    let mut text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites {}>\n",
        attributes(all.0, &all.1, missing)
    );
    for (name, tested) in suites {
        let attributes = attributes(tested.results.len(), &tested.counts, tested.missing());
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "  <testsuite name=\"{}\" {attributes}>",
            escaped(name)
        );
        let class = match &tested.owner {
            // Readers tell cases apart by class and name.
            Some(owner) if suites.len() > 1 => format!("{}.{owner}", tested.stack),
            _ => tested.stack.clone(),
        };
        for result in &tested.results {
            case(&mut text, &class, (result, tested.misses(result)));
        }
        text.push_str("  </testsuite>\n");
    }
    text.push_str("</testsuites>\n");
    text
}

fn attributes(tests: usize, counts: &CheckCounts, missing: usize) -> String {
    format!(
        "tests=\"{tests}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\" time=\"{:.3}\"",
        counts.failed,
        counts.unknown + missing,
        counts.not_run - missing,
        counts.seconds
    )
}

fn case(text: &mut String, class: &str, (result, is_missing): (&CheckResult, bool)) {
    let (check, class) = (escaped(&result.check), escaped(class));
    // Writing to a string cannot fail.
    let _ = write!(
        text,
        "    <testcase name=\"{check}\" classname=\"{class}\" time=\"{:.3}\"",
        result.seconds
    );
    let element = match result.outcome {
        CheckOutcome::Passed => {
            text.push_str("/>\n");
            return;
        }
        CheckOutcome::Failed => "failure",
        CheckOutcome::Unknown => "error",
        CheckOutcome::NotRun if is_missing => "error",
        CheckOutcome::NotRun => "skipped",
    };
    let message = escaped(result.message.as_deref().unwrap_or("it was not run"));
    let _ = write!(text, ">\n      <{element} message=\"{message}\"");
    if element == "skipped" {
        text.push_str("/>\n");
    } else {
        let of = result
            .mismatches
            .first()
            .map_or("call", |mismatch| mismatch.of.as_str());
        let _ = writeln!(
            text,
            " type=\"{of}\">{}</{element}>",
            escaped(&details(result))
        );
    }
    if !result.log.is_empty() {
        let lines: Vec<String> = result
            .log
            .iter()
            .map(|line| format!("{}: {}", line.key, line.message))
            .collect();
        let _ = writeln!(
            text,
            "      <system-out>{}</system-out>",
            escaped(&lines.join("\n"))
        );
    }
    text.push_str("    </testcase>\n");
}

/// Everything that is known of what went wrong, a line each.
pub(super) fn details(result: &CheckResult) -> String {
    let mut lines: Vec<String> = result
        .mismatches
        .iter()
        .map(|mismatch| mismatch.message.clone())
        .collect();
    if let Some(at) = &result.failed_at {
        let error = at
            .error
            .iter()
            .chain(&at.cause)
            .cloned()
            .collect::<Vec<_>>()
            .join(": ");
        lines.push(format!("at the state {}: {error}", at.state));
        lines.extend(at.input.iter().map(|input| format!("its input: {input}")));
    }
    lines.extend(
        result
            .chain
            .iter()
            .filter(|link| !link.holds)
            .map(|link| link.text.clone()),
    );
    for cause in &result.causes {
        lines.push(cause.message.clone());
        lines.extend(cause.help.clone());
    }
    if lines.is_empty() {
        lines.extend(result.message.clone());
    }
    lines.dedup();
    lines.join("\n")
}

/// A text in XML 1.0, which has no place for most control characters.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\t' => out.push_str("&#9;"),
            '\n' => out.push_str("&#10;"),
            '\r' => {}
            '\u{0}'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{fffe}' | '\u{ffff}' => {
                out.push('\u{fffd}');
            }
            c => out.push(c),
        }
    }
    out
}
