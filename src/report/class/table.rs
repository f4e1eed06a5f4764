//! The table of a class: as many students as the terminal has room for.

use std::fmt::Write as _;
use std::time::Instant;

use crate::ops::{ClassStudent, StudentState};
use crate::report::style::{bold, dim, error, success, warning};

/// The narrowest a student's place in the table may be, and the widest that is of use.
const NARROWEST: usize = 26;
const WIDEST: usize = 78;

/// The most characters of a reason in a student's line.
const LONGEST_REASON: usize = 240;

/// A student in the table.
pub struct StudentRow {
    pub owner: String,
    name: Option<String>,
    pub state: StudentState,
    pub done: usize,
    changes: Option<usize>,
    pub doing: String,
    began: Option<Instant>,
    seconds: Option<f64>,
}

impl StudentRow {
    pub fn new(student: &ClassStudent) -> Self {
        Self {
            owner: student.owner.clone(),
            name: student.name.clone(),
            state: StudentState::Waiting,
            done: 0,
            changes: None,
            doing: String::new(),
            began: None,
            seconds: None,
        }
    }

    pub fn set(&mut self, state: StudentState, changes: Option<usize>) {
        self.state = state;
        self.changes = changes.or(self.changes);
        if matches!(state, StudentState::Planning | StudentState::Working) {
            self.began = Some(Instant::now());
            self.doing.clear();
        }
        if state.is_end() {
            self.seconds = self.began.map(|began| began.elapsed().as_secs_f64());
        }
    }

    /// What the checks came to: how many passed of how many.
    pub fn set_marks(&mut self, passed: usize, all: usize) {
        (self.done, self.changes) = (passed, Some(all));
    }

    /// Whether it is worked on.
    pub fn is_active(&self) -> bool {
        matches!(self.state, StudentState::Planning | StudentState::Working)
    }

    /// Who it is.
    fn who(&self) -> String {
        match &self.name {
            Some(name) => format!("{} ({name})", self.owner),
            None => self.owner.clone(),
        }
    }

    /// The line of a state, where there is no table.
    pub fn line(&self, verb: &str, seconds: Option<f64>, reason: Option<&str>) -> String {
        let changes = match (verb, self.done) {
            ("test", done) => match self.changes {
                Some(all) => format!(" {done} of {all}"),
                None => String::new(),
            },
            ("run" | "extend", _) | (_, 0) => String::new(),
            (_, 1) => " 1 change".to_owned(),
            (_, many) => format!(" {many} changes"),
        };
        let time = seconds.map_or_else(String::new, |seconds| {
            format!(" {}", dim(&format!("{seconds:.1} s")))
        });
        // The summary says it whole.
        let reason = reason.map_or_else(String::new, |reason| {
            let line = reason.lines().next().unwrap_or_default();
            let short: String = line.chars().take(LONGEST_REASON).collect();
            let more = if short == reason { "" } else { "..." };
            format!(": {short}{more}")
        });
        format!(
            "  {} {}{changes}{time}{reason}",
            word(verb, self.state),
            self.who()
        )
    }

    /// What stands in the table, at most so wide.
    fn cell(&self, verb: &str, owners: usize, width: usize) -> String {
        let of = match (self.changes, self.is_active()) {
            (Some(changes), true) if changes > 0 => {
                format!("{:>2}/{changes} ", self.done.min(changes))
            }
            _ => String::new(),
        };
        let rest = match (self.is_active(), self.seconds) {
            (true, _) => format!("{of}{}", self.doing),
            (false, Some(seconds)) if self.state.is_end() => format!("{seconds:.0} s"),
            _ => self.name.clone().unwrap_or_default(),
        };
        let state = plain(verb, self.state);
        let room = width.saturating_sub(owners + state.len() + 4);
        let rest: String = rest.chars().take(room).collect();
        let used = owners + state.len() + 2 + rest.chars().count();
        let owner = format!("{:owners$}", self.owner);
        let rest = if self.is_active() { rest } else { dim(&rest) };
        format!(
            "{owner} {} {rest}{}",
            word(verb, self.state),
            " ".repeat(width.saturating_sub(used))
        )
    }
}

/// A state in a word of nine characters.
fn plain(verb: &str, state: StudentState) -> String {
    let word = match (state, verb) {
        (StudentState::Waiting, _) => "waiting",
        (StudentState::Planning, _) => "planning",
        (StudentState::Planned, _) => "planned",
        (StudentState::Working, "run") => "running",
        (StudentState::Working, "test") => "testing",
        (StudentState::Working, "extend") => "extending",
        (StudentState::Working, "destroy") => "deleting",
        (StudentState::Working, _) => "deploying",
        (StudentState::Done, "run") => "succeeded",
        (StudentState::Done, "test") => "passed",
        (StudentState::Done, "extend") => "extended",
        (StudentState::Done, "destroy") => "deleted",
        (StudentState::Done, _) => "deployed",
        (StudentState::Unchanged, "destroy") => "no stack",
        (StudentState::Unchanged, _) => "unchanged",
        (StudentState::Unverified, "test") => "unjudged",
        (StudentState::Unverified, _) => "unseen",
        (StudentState::Failed, _) => "failed",
        (StudentState::Stopped, "run") => "unwatched",
        (StudentState::Stopped, _) => "stopped",
        (StudentState::NotBegun, _) => "not begun",
    };
    format!("{word:9}")
}

fn word(verb: &str, state: StudentState) -> String {
    let text = plain(verb, state);
    match state {
        StudentState::Waiting | StudentState::Planned | StudentState::Unchanged => dim(&text),
        StudentState::Planning | StudentState::Working => text,
        StudentState::Done => success(&text),
        StudentState::Failed => error(&text),
        StudentState::Unverified | StudentState::Stopped | StudentState::NotBegun => warning(&text),
    }
}

/// How many students are in each state.
pub fn counts(verb: &str, states: impl Iterator<Item = StudentState>) -> String {
    let mut counts: Vec<(StudentState, usize)> = Vec::new();
    for state in states {
        match counts.iter_mut().find(|(known, _)| *known == state) {
            Some((_, count)) => *count += 1,
            None => counts.push((state, 1)),
        }
    }
    counts.sort_by_key(|(state, _)| std::cmp::Reverse(*state));
    let parts = counts
        .iter()
        .map(|(state, count)| format!("{count} {}", plain(verb, *state).trim_end()));
    parts.collect::<Vec<_>>().join(", ")
}

/// The table for a terminal of so many lines and columns: one student a line; where that is too long, several; where
/// that is too wide, those that are worked on or have failed come first.
pub fn table(verb: &str, rows: &[StudentRow], (lines, columns): (usize, usize)) -> String {
    let room = lines.saturating_sub(4).max(1);
    let width = columns.saturating_sub(3);
    let head = counts(verb, rows.iter().map(|row| row.state));
    let head: String = head.chars().take(width).collect();
    let mut text = bold(&format!("  {head}"));
    let most = (width / NARROWEST).max(1);
    let wanted = rows.len().div_ceil(room).max(1);
    let across = wanted.min(most);
    let each = (width / across).min(WIDEST);
    let owners = rows
        .iter()
        .map(|row| row.owner.len())
        .max()
        .unwrap_or(0)
        .min(20);
    let mut shown: Vec<&StudentRow> = rows.iter().collect();
    if wanted > most {
        shown.sort_by_key(|row| match row.state {
            _ if row.is_active() => 0,
            StudentState::Failed | StudentState::Unverified => 1,
            state if state.is_end() => 3,
            _ => 2,
        });
        shown.truncate((room - 1) * across);
    }
    let down = shown.len().div_ceil(across);
    for line in 0..down {
        text.push_str("\n  ");
        let cells = (0..across).filter_map(|column| shown.get(column * down + line));
        for row in cells {
            text.push_str(&row.cell(verb, owners, each));
        }
    }
    if shown.len() < rows.len() {
        let _ = write!(
            text,
            "\n  {}",
            dim(&format!("and {} more", rows.len() - shown.len()))
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(count: usize) -> Vec<StudentRow> {
        let one = |number: usize| {
            let student = ClassStudent {
                owner: format!("student-{number:02}"),
                name: Some("Ana".to_owned()),
                account: None,
                region: None,
            };
            let mut row = StudentRow::new(&student);
            let state = match number % 5 {
                0 => StudentState::Failed,
                1 => StudentState::Working,
                2 => StudentState::Done,
                _ => StudentState::Waiting,
            };
            row.set(state, Some(37));
            row.doing = "create function.extract-metadata.role".to_owned();
            row
        };
        (0..count).map(one).collect()
    }

    #[test]
    fn a_class_fits_on_any_terminal() {
        for (count, size) in [
            (3, (24, 80)),
            (30, (24, 80)),
            (30, (50, 200)),
            (30, (10, 40)),
            (100, (24, 80)),
            (30, (3, 20)),
        ] {
            let text = table("deploy", &rows(count), size);
            let text = anstream::adapter::strip_str(&text).to_string();
            let lines: Vec<&str> = text.lines().collect();
            let (height, width) = size;
            assert!(lines.len() < height.max(4), "{count} {size:?}:\n{text}");
            if width >= 40 {
                assert!(
                    lines.iter().all(|line| line.chars().count() < width),
                    "{count} {size:?}:\n{text}"
                );
            }
            let is_whole = (0..count).all(|number| text.contains(&format!("student-{number:02}")));
            assert_eq!(
                is_whole,
                !text.contains("more"),
                "{count} {size:?}:\n{text}"
            );
            if count == 30 && size == (24, 80) {
                assert!(is_whole, "{text}");
            }
        }
    }

    #[test]
    fn what_is_worked_on_is_always_shown() {
        let text = table("deploy", &rows(60), (10, 60));
        let text = anstream::adapter::strip_str(&text).to_string();
        assert!(
            text.contains("student-01") && !text.contains("student-02"),
            "{text}"
        );
        assert!(
            text.starts_with("  12 failed, 12 deployed, 12 deploying, 24 waiting\n"),
            "{text}"
        );
    }
}
