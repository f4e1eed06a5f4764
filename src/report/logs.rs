//! Log lines, in columns: when, who, what.

use anstyle::{AnsiColor, Style};

use super::Out;
use super::log_lines::shown;
use super::style::dim;
use super::time::local_day_and_clock;
use crate::ops::LogsRead;

/// Colours that tell functions apart; red and yellow mean something else.
const HUES: [AnsiColor; 6] = [
    AnsiColor::Cyan,
    AnsiColor::Magenta,
    AnsiColor::Green,
    AnsiColor::Blue,
    AnsiColor::BrightCyan,
    AnsiColor::BrightMagenta,
];

/// Prints log lines.
#[derive(Debug)]
pub(super) struct Columns {
    out: Out,
    labels: Vec<String>,
    /// The log group of each label.
    groups: Vec<String>,
    width: usize,
    day: String,
    has_printed: bool,
}

impl Columns {
    /// Columns for these sources, each with a label and a log group.
    pub(super) fn of(out: Out, labels: Vec<String>, groups: Vec<String>) -> Self {
        let width = labels.iter().map(|label| label.chars().count()).max();
        Self {
            out,
            width: width.unwrap_or(0),
            labels,
            groups,
            day: String::new(),
            has_printed: false,
        }
    }

    /// Prints a message of a group, if anything of it is shown; `at` is an RFC 3339 time.
    pub(super) fn print(&mut self, group: &str, at: &str, message: &str) {
        let source = self.groups.iter().position(|known| known == group);
        if let Some(text) = self.text(source.unwrap_or(0), at, message) {
            self.out.say(&text);
            self.has_printed = true;
        }
    }

    /// Whether anything was shown.
    pub(super) fn has_printed(&self) -> bool {
        self.has_printed
    }

    /// The lines of a message, after the day where that is another than before.
    fn text(&mut self, source: usize, at: &str, message: &str) -> Option<String> {
        let text = shown(message, self.out.verbose)?;
        let (day, clock) = local_day_and_clock(at);
        let mut lines = Vec::new();
        if day != self.day {
            lines.push(dim(&day));
            self.day = day;
        }
        let label = self.labels.get(source).map_or("", String::as_str);
        let hue = HUES[source % HUES.len()].on_default();
        let width = self.width;
        for (number, line) in text.split(['\n', '\r']).enumerate() {
            if number == 0 {
                lines.push(format!(
                    "{} {} {line}",
                    dim(&clock),
                    hued(hue, &format!("{label:width$}"))
                ));
            } else if !line.trim().is_empty() {
                let blank = " ".repeat(clock.len());
                lines.push(format!("{blank} {:width$} {line}", ""));
            }
        }
        Some(lines.join("\n"))
    }
}

fn hued(style: Style, text: &str) -> String {
    format!("{style}{text}{style:#}")
}

/// The note if no earlier log line is shown.
pub(super) fn nothing(read: &LogsRead) -> String {
    let LogsRead {
        lines,
        exists,
        of_execution,
        since,
        follow,
    } = read;
    let what = if !exists {
        "nothing was logged yet: there is no log group"
    } else if *lines > 0 {
        "functions were called, and logged nothing of their own (-v shows Lambda's lines)"
    } else if *of_execution {
        "the execution's functions logged nothing"
    } else if *since {
        "nothing was logged since then"
    } else {
        "nothing was logged in the last hour (--since 1d looks further back)"
    };
    if *follow {
        format!("{what}; waiting for more, until Ctrl-C")
    } else {
        what.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned_and_days_are_named_once() {
        let labels = vec!["a".to_owned(), "longer".to_owned()];
        let mut columns = Columns::of(Out::default(), labels.clone(), labels);
        let mut text = |source, at, message| {
            let text = columns.text(source, at, message).unwrap();
            anstream::adapter::strip_str(&text).to_string()
        };
        assert_eq!(
            text(0, "1970-01-01T00:00:01.000Z", "one\n  two\n"),
            "1970-01-01 (UTC)\n00:00:01.000 a      one\n                      two"
        );
        assert_eq!(
            text(1, "1970-01-01T00:00:02.500Z", "x"),
            "00:00:02.500 longer x"
        );
    }
}
