//! What the checks of a class came to, as text.

use super::status::WIDEST_HEAD;
use super::texts::{NAMED, named};
use crate::ops::{SharedWayOut, StudentMarks};
use crate::report::cost::wrapped;
use crate::report::style::{bold, dim, error, success, warning};
use crate::source::counted;

/// The most characters of an owner and a name.
const WIDEST_WHO: usize = WIDEST_HEAD - 4;

/// How many checks passed of each student, and why the first of the others did not; then the ways out. The commands are
/// the one that shows one student's checks, and the one that tests again.
pub(super) fn marks(
    stack: &str,
    students: &[StudentMarks],
    ways: &[SharedWayOut],
    (show, again): (Option<&str>, Option<&str>),
) -> String {
    let passed = students.iter().filter(|one| has_passed(one)).count();
    let head = format!(
        "{stack}: {passed} of {} passed",
        counted(students.len(), "student")
    );
    let mut lines = vec![bold(&head)];
    let width = students.iter().map(|one| who(one).chars().count());
    let width = width.max().unwrap_or(0);
    for one in students {
        lines.extend(student(one, width));
    }
    if !ways.is_empty() {
        lines.push("  ways out:".to_owned());
    }
    for one in ways {
        let owners = named(&one.owners, one.owners.len() <= NAMED);
        lines.extend(wrapped(&format!("{owners}: {}", one.way), "    ", "      "));
        let command = one.command.as_ref();
        lines.extend(command.map(|command| dim(&format!("      {command}"))));
    }
    lines.extend(again.map(|command| dim(&format!("  these again: {command}"))));
    lines.extend(show.map(|command| dim(&format!("  one with what was logged: {command}"))));
    lines.join("\n")
}

/// Who it is; of a long name the beginning.
fn who(one: &StudentMarks) -> String {
    let Some(name) = &one.name else {
        return one.owner.clone();
    };
    let room = WIDEST_WHO.saturating_sub(one.owner.chars().count() + 3);
    let name: String = if name.chars().count() <= room {
        name.clone()
    } else {
        let cut: String = name.chars().take(room.saturating_sub(3)).collect();
        format!("{}...", cut.trim_end())
    };
    format!("{} ({name})", one.owner)
}

fn has_passed(one: &StudentMarks) -> bool {
    one.counts.failed + one.counts.unknown == 0 && one.counts.passed > 0 && one.message.is_none()
}

/// As many lines as the reason needs.
fn student(one: &StudentMarks, width: usize) -> Vec<String> {
    let counts = &one.counts;
    let judged = counts.passed + counts.failed + counts.unknown;
    let head = format!("  {:width$}  ", who(one));
    let (score, why) = match (&one.check, &one.message) {
        (None, None) if judged == 0 => return vec![head + &dim("no check was run")],
        // What was stopped, or could not be begun.
        (None, Some(message)) if counts.passed == 0 => (String::new(), message.clone()),
        (None, message) => {
            let all = if message.is_some() {
                judged + counts.not_run
            } else {
                judged
            };
            let message = message.clone().unwrap_or_default();
            (format!("{} of {all}", counts.passed), message)
        }
        (Some(check), message) => {
            let more = match counts.failed + counts.unknown {
                0 | 1 => String::new(),
                many => format!(" (and {} more)", many - 1),
            };
            let why = message.as_deref().unwrap_or_default();
            let score = format!("{} of {judged}", counts.passed);
            (score, format!("{check}: {why}{more}"))
        }
    };
    let styled = match (counts.failed, counts.unknown) {
        (0, 0) if has_passed(one) => success(&score),
        (0, _) => warning(&score),
        _ => error(&score),
    };
    if why.is_empty() {
        return vec![head + &styled];
    }
    let gap = if score.is_empty() { "" } else { "  " };
    let plain = format!("{head}{score}{gap}");
    let indent = " ".repeat(head.chars().count());
    let mut lines = wrapped(&why, &plain, &indent);
    if let Some(first) = lines.first_mut() {
        let rest = first.strip_prefix(&plain).unwrap_or_default();
        *first = format!("{head}{styled}{gap}{rest}");
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::CheckCounts;

    fn of(owner: &str, name: &str, [passed, failed, not_run]: [usize; 3]) -> StudentMarks {
        StudentMarks {
            owner: owner.to_owned(),
            name: Some(name.to_owned()),
            counts: CheckCounts {
                passed,
                failed,
                unknown: 0,
                not_run,
                score: 0,
                max_score: 3,
                seconds: 1.0,
            },
            check: None,
            cause: None,
            message: None,
        }
    }

    #[test]
    fn lines_fit_on_a_terminal_and_each_way_out_has_its_command() {
        let long = "the trail `lab-class-objects` that the class shares does not record: it is switched off";
        let message = |text: &str| Some(text.to_owned());
        let students = [
            of("ana", "Ana Maria de Souza e Silva Albuquerque", [3, 0, 0]),
            StudentMarks {
                check: message("photo"),
                message: message(long),
                ..of("bia", "Bia", [1, 2, 0])
            },
            StudentMarks {
                message: message("the stack is not deployed"),
                ..of("caio", "Caio", [0, 3, 0])
            },
            StudentMarks {
                message: message("stopped"),
                ..of("dan", "Dan", [1, 0, 2])
            },
            of("eva", "Eva", [0, 0, 3]),
        ];
        let way = SharedWayOut {
            way: "`treino deploy` makes it as the stack file says".to_owned(),
            owners: vec!["bia".to_owned()],
            command: Some("treino class deploy lab.yaml --only bia".to_owned()),
        };
        let text = marks(
            "lab",
            &students,
            &[way],
            (Some("treino test lab.yaml --owner bia"), None),
        );
        let text = anstream::adapter::strip_str(&text).to_string();
        assert!(
            text.lines().all(|line| line.chars().count() <= 80),
            "{text}"
        );
        for line in [
            "lab: 1 of 5 students passed",
            "  ana (Ana Maria de Souza...)  3 of 3",
            "  caio (Caio)                  the stack is not deployed",
            "  dan (Dan)                    1 of 3  stopped",
            "  eva (Eva)                    no check was run",
            "    bia: `treino deploy` makes it as the stack file says",
            "      treino class deploy lab.yaml --only bia",
            "  one with what was logged: treino test lab.yaml --owner bia",
        ] {
            assert!(text.lines().any(|one| one == line), "{line:?}:\n{text}");
        }
        assert!(
            text.contains(
                "  bia (Bia)                    1 of 3  photo: the trail `lab-class-objects`"
            ),
            "{text}"
        );
        assert!(text.contains("(and 1 more)"), "{text}");
    }
}
