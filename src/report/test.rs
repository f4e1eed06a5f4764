//! The checks of a stack as text.

use super::log_lines::shown;
use super::style::{bold, dim, error, success, warning};
use crate::ops::{CheckCounts, CheckOutcome, CheckResult, FailedState, TestEvent};
use crate::source::counted;

/// An event as text; nothing where there is nothing to say.
#[must_use]
pub fn test(event: &TestEvent, verbose: bool) -> Option<String> {
    match event {
        TestEvent::TestsStarted { .. } | TestEvent::CheckStarted { .. } => None,
        TestEvent::CheckEnded(result) => Some(check(result, verbose)),
        TestEvent::TestsEnded(counts) => Some(ended(counts)),
    }
}

fn check(result: &CheckResult, verbose: bool) -> String {
    let time = dim(&format!("{:.1} s", result.seconds));
    let name = &result.check;
    let head = match result.outcome {
        CheckOutcome::Passed => format!("{} {name}  {time}", success("ok  ")),
        CheckOutcome::Failed => format!("{} {}  {time}", error("fail"), bold(name)),
        CheckOutcome::Unknown => format!("{} {}  {time}", warning("??  "), bold(name)),
        CheckOutcome::NotRun => format!("{} {name}", dim("skip")),
    };
    let mut lines = vec![head];
    match result.outcome {
        CheckOutcome::Passed if verbose && !result.visited.is_empty() => {
            lines.push(dim(&format!("       {}", result.visited.join(" > "))));
        }
        CheckOutcome::Passed => {}
        CheckOutcome::Unknown | CheckOutcome::NotRun => {
            lines.extend(
                result
                    .message
                    .iter()
                    .map(|message| format!("       {message}")),
            );
        }
        CheckOutcome::Failed => details(result, verbose, &mut lines),
    }
    lines.join("\n")
}

/// The most lines that are shown of a message.
const LINES_OF_MESSAGE: usize = 8;

/// The lines of a message without those of a Python stack trace that are of installed packages. The runtime writes
/// them with spaces that do not break.
fn own_lines(text: &str, verbose: bool) -> Vec<&str> {
    let mut own = Vec::new();
    let mut is_below_library = false;
    for line in text.lines() {
        let depth = line.chars().take_while(|c| c.is_whitespace()).count();
        let is_library = line.contains("site-packages/");
        if verbose || !(is_library || is_below_library && depth >= 4) {
            own.push(line);
        }
        is_below_library = is_library || is_below_library && depth >= 4;
    }
    own.truncate(if verbose {
        usize::MAX
    } else {
        LINES_OF_MESSAGE
    });
    own
}

/// A log line without the error that is told beside the state.
fn without_error<'t>(text: &'t str, at: &FailedState) -> &'t str {
    let (first, rest) = text.split_once('\n').unwrap_or((text, ""));
    let told: Vec<&str> = [&at.error, &at.cause]
        .into_iter()
        .flatten()
        .map(String::as_str)
        .collect();
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    if first.starts_with("[ERROR] ")
        && words(first) == words(&format!("[ERROR] {}", told.join(": ")))
    {
        rest
    } else {
        text
    }
}

fn details(result: &CheckResult, verbose: bool, lines: &mut Vec<String>) {
    for mismatch in &result.mismatches {
        lines.push(format!("       {}", mismatch.message));
    }
    for link in &result.chain {
        let word = if link.holds {
            success("ok  ")
        } else {
            error("fail")
        };
        lines.push(format!("         {word} {}", link.text));
        let cause = result.causes.iter().find(|one| one.message == link.text);
        let help = cause.and_then(|cause| cause.help.as_ref());
        lines.extend(help.map(|help| dim(&format!("              {help}"))));
    }
    if let Some(at) = &result.failed_at {
        let said: Vec<&str> = [&at.error, &at.cause]
            .into_iter()
            .flatten()
            .map(String::as_str)
            .collect();
        lines.push(format!(
            "       {} {}: {}",
            dim("at"),
            at.state,
            said.join(": ")
        ));
        if let Some(input) = &at.input {
            lines.push(format!("         {} {input}", dim("its input:")));
        }
    }
    for cause in &result.causes {
        if result.chain.iter().any(|link| link.text == cause.message) {
            continue;
        }
        lines.push(format!("       {} {}", warning("cause:"), cause.message));
        lines.extend(
            cause
                .help
                .iter()
                .map(|help| dim(&format!("         {help}"))),
        );
    }
    let width = result
        .log
        .iter()
        .map(|line| line.key.len())
        .max()
        .unwrap_or_default();
    let mut is_first = true;
    for line in &result.log {
        let message = match result.failed_at.as_ref() {
            Some(at) if !verbose => without_error(&line.message, at),
            _ => &line.message,
        };
        let Some(text) = shown(message, verbose) else {
            continue;
        };
        if is_first {
            lines.push(dim("       logged:"));
            is_first = false;
        }
        for part in own_lines(&text, verbose) {
            lines.push(format!(
                "         {} {part}",
                dim(&format!("{:width$}", line.key))
            ));
        }
    }
    if let Some(execution) = &result.execution
        && verbose
    {
        lines.push(dim(&format!("       execution {execution}")));
    }
}

fn ended(counts: &CheckCounts) -> String {
    let CheckCounts {
        passed,
        failed,
        unknown,
        not_run,
        ..
    } = *counts;
    let mut parts = vec![format!("{} passed", counted(passed, "check"))];
    parts.extend((failed > 0).then(|| format!("{failed} failed")));
    parts.extend((unknown > 0).then(|| format!("{unknown} could not be judged")));
    parts.extend((not_run > 0).then(|| format!("{not_run} not run")));
    let text = format!("{} in {:.1} s", parts.join(", "), counts.seconds);
    let text = match (failed, unknown) {
        (0, 0) if passed > 0 || not_run == 0 => success(&text),
        (0, _) => warning(&text),
        _ => error(&text),
    };
    format!("\n{text}")
}
