//! What the checks of a class came to, as text.

use crate::ops::StudentMarks;
use crate::report::style::{bold, dim, error, success, warning};
use crate::source::counted;

/// A line for each student: how many checks passed, and why the first of the others did not.
pub(super) fn marks(stack: &str, students: &[StudentMarks], command: Option<&str>) -> String {
    let passed = students.iter().filter(|one| has_passed(one)).count();
    let head = format!(
        "{stack}: {passed} of {} passed",
        counted(students.len(), "student")
    );
    let mut lines = vec![bold(&head)];
    let who = |one: &StudentMarks| match &one.name {
        Some(name) => format!("{} ({name})", one.owner),
        None => one.owner.clone(),
    };
    let width = students.iter().map(|one| who(one).chars().count());
    let width = width.max().unwrap_or(0);
    for one in students {
        lines.push(format!("  {:width$}  {}", who(one), result(one)));
    }
    if let Some(command) = command {
        lines.push(dim(&format!("  these again: {command}")));
        lines.push(dim(
            "  `treino test STACK --owner OWNER` shows one of them with what was logged; --verbose all",
        ));
    }
    lines.join("\n")
}

fn has_passed(one: &StudentMarks) -> bool {
    one.counts.failed + one.counts.unknown == 0 && one.counts.passed > 0
}

fn result(one: &StudentMarks) -> String {
    let counts = &one.counts;
    let all = counts.passed + counts.failed + counts.unknown;
    if all == 0 {
        return dim("no check was run");
    }
    let text = format!("{} of {all}", counts.passed);
    let text = match (counts.failed, counts.unknown) {
        (0, 0) => success(&text),
        (0, _) => warning(&text),
        _ => error(&text),
    };
    let Some(check) = &one.check else {
        return text;
    };
    let more = match counts.failed + counts.unknown {
        0 | 1 => String::new(),
        many => dim(&format!(" (and {} more)", many - 1)),
    };
    let why = one.message.as_deref().unwrap_or_default();
    format!("{text}  {check}: {why}{more}")
}
