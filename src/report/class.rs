//! A class as text: a table that fills in place on a terminal, and lines elsewhere.

mod ends;
mod marks;
mod plan;
mod status;
mod table;
mod texts;

use std::collections::{BTreeMap, BTreeSet};
use std::io::IsTerminal;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use self::table::{StudentRow, table};
use super::Out;
use super::style::{bold, dim, warning};
use crate::engine::{EngineEvent, strip_terminal_commands};
use crate::history::ExecutionEvent;
use crate::ops::{ClassEvent, ClassPlan, Event, StudentState, TestEvent};

/// How often the table is drawn anew while events come.
const DRAWN_EVERY: Duration = Duration::from_millis(100);

/// Draws the events of an operation on a class.
pub(super) struct ClassBoard {
    out: Out,
    verb: &'static str,
    rows: Vec<StudentRow>,
    /// The table, on a terminal.
    bar: Option<ProgressBar>,
    drawn: Option<Instant>,
    /// The plans of students, where they are shown.
    plans: BTreeMap<String, String>,
    /// The lines of students without a stack, until it is known whether others have one.
    unchanged: Vec<String>,
    /// Whether copies beside those of the class were seen.
    others: bool,
    /// What was said of one student, and is not said again of another.
    said: BTreeSet<String>,
}

impl ClassBoard {
    pub(super) fn new(out: Out) -> Self {
        Self {
            out,
            verb: "",
            rows: Vec::new(),
            bar: None,
            drawn: None,
            plans: BTreeMap::new(),
            unchanged: Vec::new(),
            others: false,
            said: BTreeSet::new(),
        }
    }

    pub(super) fn draw(&mut self, event: &ClassEvent) {
        match event {
            ClassEvent::Class { verb, students, .. } => {
                self.verb = verb;
                self.rows = students.iter().map(StudentRow::new).collect();
            }
            ClassEvent::Student { owner, of } => self.student(owner, of),
            ClassEvent::StudentState {
                owner,
                state,
                changes,
                seconds,
                reason,
            } => {
                let (verb, rows) = (self.verb, &mut self.rows);
                let Some(row) = rows.iter_mut().find(|row| row.owner == *owner) else {
                    return;
                };
                row.set(*state, *changes);
                let line = row.line(verb, *seconds, reason.as_deref());
                let is_told = *state == StudentState::Working || state.is_end();
                if verb == "destroy" && *state == StudentState::Unchanged {
                    self.unchanged.push(line);
                } else if is_told && !Self::is_live(self.out) {
                    self.out.aside(line);
                }
                self.redraw();
            }
            ClassEvent::ClassPlan(plan) => self.plan(plan),
            ClassEvent::ClassOthers { stack, copies } => {
                self.others = true;
                self.out.say(status::others(stack, copies));
            }
            ClassEvent::ClassStatus {
                stack,
                students,
                shared_trails,
            } => {
                let now = std::time::SystemTime::now();
                self.out
                    .say(status::status(stack, students, shared_trails, now));
            }
            ClassEvent::ClassMarks {
                stack,
                students,
                ways,
                show,
                command,
            } => {
                self.clear();
                let show = show.as_deref().filter(|_| !self.out.verbose);
                let commands = (show, command.as_deref());
                self.out.say(marks::marks(stack, students, ways, commands));
            }
            ClassEvent::ClassSummary {
                verb,
                students,
                reasons,
                seconds,
                ..
            } => {
                self.clear();
                let is_nothing = students
                    .iter()
                    .all(|one| one.state == StudentState::Unchanged);
                if *verb == "destroy" && is_nothing {
                    return;
                }
                self.out
                    .say(texts::summary(verb, students, reasons, *seconds));
            }
            ClassEvent::Handout {
                owner,
                file,
                reason,
                ..
            } => self.handout(owner, file.as_deref(), reason.as_deref()),
            ClassEvent::Handouts { index, pages } => {
                let pages = crate::source::counted(*pages, "page");
                let index = index.as_ref().map(|file| format!("; all of them: {file}"));
                self.out
                    .say(format!("wrote {pages}{}", index.unwrap_or_default()));
            }
            ClassEvent::ClassReceipt {
                receipts,
                proved,
                local,
                ..
            } => {
                self.clear();
                if self.out.verbose {
                    for one in receipts {
                        self.out.say(super::receipt(one, *local));
                    }
                }
                self.out.say(texts::receipt(receipts, *proved, self.others));
            }
        }
    }

    /// The plan; nothing of a destroy that finds nothing, of which the receipt tells.
    fn plan(&mut self, plan: &ClassPlan) {
        self.clear();
        let lines = std::mem::take(&mut self.unchanged);
        if plan.verb == "destroy" && plan.stacks.is_empty() {
            return;
        }
        if !Self::is_live(self.out) {
            for line in lines {
                self.out.aside(line);
            }
        }
        let now = std::time::SystemTime::now();
        for one in plan.stacks.iter().filter_map(|one| one.owner.as_ref()) {
            if let Some(text) = self.plans.remove(one) {
                self.out.say(text + "\n");
            }
        }
        self.out.say(plan::plan(plan, self.out.verbose, now));
    }

    fn handout(&self, owner: &str, file: Option<&str>, reason: Option<&str>) {
        match (file, reason) {
            (_, Some(reason)) => {
                let text = format!("no page for {owner}: {reason}");
                self.aside(&format!("{} {text}", warning("warning:")));
            }
            (Some(file), None) if self.out.verbose => self.out.say(dim(file)),
            _ => {}
        }
    }

    fn student(&mut self, owner: &str, event: &Event) {
        let said = match event {
            Event::Warning { message } => Some(format!("{} {message}", warning("warning:"))),
            Event::Info { message } if self.out.verbose => Some(dim(message)),
            Event::Warnings { problems } => {
                let found = problems.iter().map(|problem| problem.diagnostic.clone());
                Some(super::diagnostics(&found.collect()))
            }
            Event::Test(event @ TestEvent::CheckEnded(_)) if self.out.verbose => {
                let text = super::test::test(event, true).unwrap_or_default();
                self.aside(&format!("{}\n{text}", bold(owner)));
                None
            }
            Event::Plan { plan, .. } if self.out.verbose && self.verb == "deploy" => {
                // Each in its turn, with the plan of the class.
                self.plans
                    .insert(owner.to_owned(), super::plan(plan, false));
                None
            }
            Event::Problem(problem) => Some(super::diagnostics(&problem.diagnostic.clone().into())),
            _ => None,
        };
        if let Some(text) = said {
            // Names have the owner in them: of one kind of warning, the first is enough.
            if self.said.insert(text.replace(owner, "")) {
                self.aside(&text);
            }
        }
        let Some(row) = self.rows.iter_mut().find(|row| row.owner == owner) else {
            return;
        };
        match event {
            Event::Engine(EngineEvent::Started {
                address, action, ..
            }) => {
                row.doing = format!("{action} {address}");
            }
            Event::Engine(EngineEvent::Done { .. }) => row.done += 1,
            Event::Engine(EngineEvent::Verifying { .. }) => {
                "looking again".clone_into(&mut row.doing);
            }
            Event::Test(TestEvent::CheckStarted { check }) => row.doing.clone_from(check),
            Event::Test(TestEvent::TestsEnded(counts)) => {
                let all = counts.passed + counts.failed + counts.unknown;
                row.set_marks(counts.passed, all);
            }
            Event::WaitingForExecution { .. } => {
                "waiting for an execution".clone_into(&mut row.doing);
            }
            Event::History(ExecutionEvent::StateEntered { state, .. }) => {
                row.doing.clone_from(state);
            }
            _ => return,
        }
        self.redraw();
    }

    /// Whether the table is drawn in place.
    fn is_live(out: Out) -> bool {
        out.text && !out.verbose && std::io::stderr().is_terminal()
    }

    fn redraw(&mut self) {
        let is_due = self.drawn.is_none_or(|at| at.elapsed() >= DRAWN_EVERY);
        if is_due {
            self.tick();
        }
    }

    /// Draws the table anew.
    pub(super) fn tick(&mut self) {
        let is_active = self.rows.iter().any(StudentRow::is_active);
        if !is_active || !Self::is_live(self.out) {
            return;
        }
        self.drawn = Some(Instant::now());
        let text = table(self.verb, &self.rows, size());
        let bar = self.bar.get_or_insert_with(|| {
            let bar = ProgressBar::new_spinner();
            let style = ProgressStyle::with_template("{msg}");
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
            bar
        });
        bar.set_message(text);
        bar.tick();
    }

    /// Takes the table away.
    pub(super) fn clear(&mut self) {
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
    }

    /// Prints a line above the table.
    pub(super) fn aside(&self, text: &str) {
        let text = strip_terminal_commands(text);
        match &self.bar {
            Some(bar) => bar.suspend(|| self.out.aside(&text)),
            None => self.out.aside(&text),
        }
    }
}

impl Drop for ClassBoard {
    fn drop(&mut self) {
        self.clear();
    }
}

/// The lines and columns of the terminal.
#[cfg(unix)]
fn size() -> (usize, usize) {
    let size = rustix::termios::tcgetwinsize(std::io::stderr()).ok();
    let size = size.filter(|size| size.ws_row > 0 && size.ws_col > 0);
    size.map_or((24, 80), |size| (size.ws_row.into(), size.ws_col.into()))
}

#[cfg(not(unix))]
fn size() -> (usize, usize) {
    (24, 80)
}
