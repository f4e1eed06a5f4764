//! Each event as text.

mod execution;
mod waiting;

use std::time::{Duration, Instant, SystemTime};

use self::waiting::{Doing, Waiting};
use super::class::ClassBoard;
use super::logs::Columns;
use super::progress::Progress;
use super::run::RunRenderer;
use super::style::{dim, error, success, warning};
use super::{
    Out, all_diagnostics, contents, cost, deploy, destroy, diagnostics, doctor, ending, explain,
    foreign, init, links, local, so_far, status, sweep,
};
use crate::engine;
use crate::ops::{Event, FileDiagnostic, InstallProgress, PlanCost};
use crate::source::{Diagnostics, counted};

/// How often an installation is a line where there is no terminal.
const INSTALLING_LINE_INTERVAL: Duration = Duration::from_secs(5);

/// Draws the events of one operation, in their order.
pub struct Text {
    out: Out,
    /// What is wrong with files, until all are checked.
    problems: Vec<FileDiagnostic>,
    /// What the planned stack costs, until it is said when it ends.
    cost: Option<PlanCost>,
    /// How many changes the latest plan has.
    changes: usize,
    /// What is under way while a plan is carried out.
    progress: Option<Progress>,
    /// What is waited for, on the last line of a terminal.
    waiting: Option<Waiting>,
    renderer: Option<RunRenderer>,
    /// The students of a class.
    board: Option<ClassBoard>,
    columns: Option<Columns>,
    /// When a line of an installation was printed, where there is no terminal.
    installing_line: Option<Instant>,
}

impl Text {
    /// The text of an operation that begins.
    #[must_use]
    pub fn new(out: Out) -> Self {
        Self {
            out,
            problems: Vec::new(),
            cost: None,
            changes: 0,
            progress: None,
            waiting: None,
            renderer: None,
            board: None,
            columns: None,
            installing_line: None,
        }
    }

    /// Prints the text of an event, which is often empty.
    pub fn draw(&mut self, event: &Event) {
        let out = self.out;
        if let Event::Class(event) = event {
            self.end_waiting();
            return self
                .board
                .get_or_insert_with(|| ClassBoard::new(out))
                .draw(event);
        }
        if !goes_on(event) {
            self.end_waiting();
        }
        match event {
            Event::Info { message } => self.aside(&dim(message)),
            Event::Warning { message } => {
                self.aside(&format!("{} {message}", warning("warning:")));
            }
            Event::Surveying { what, seconds } => self.surveying(what, *seconds),
            Event::Installing(progress) => self.installing(progress),
            // Drawn from the error itself.
            Event::Error { .. } => {}
            Event::Declined {} => out.say("nothing was changed"),
            Event::Stopping { at_once } => self.aside(if *at_once {
                "stopping at once"
            } else {
                "finishing running steps; press Ctrl-C again to stop now"
            }),
            Event::Problem(problem) => self.problems.push(problem.clone()),
            Event::Checked {
                files,
                errors,
                warnings,
            } => self.checked(*files, *errors, *warnings),
            Event::Warnings { problems } => {
                out.aside(diagnostics(&found(problems)));
                out.aside("");
            }
            Event::Plan {
                plan,
                reads,
                packages,
            } => {
                self.changes = plan.steps.iter().filter(|step| step.is_change()).count();
                if !plan.foreign.is_empty() {
                    out.aside(foreign(&plan.foreign));
                }
                out.say(super::plan(plan, out.verbose));
                let taken = super::reads(reads);
                let installed = super::installed(packages, out.verbose);
                for text in [taken, installed].iter().filter(|text| !text.is_empty()) {
                    out.say(text);
                }
            }
            Event::Roles { grants, roles } => {
                out.say(format!("\n{}", explain::explain(roles, grants)));
            }
            Event::Engine(event) => self.engine(event),
            Event::Summary {
                seconds, outcomes, ..
            } => {
                self.end_progress();
                out.say(super::summary(outcomes, *seconds));
            }
            Event::Contents { contents } => {
                out.say(format!("\n{}", contents::contents(contents)));
            }
            Event::Console { links } => links::console(links, out),
            Event::Outputs { outputs } => deploy::outputs(outputs, out),
            Event::Created(created) => out.aside(deploy::next_steps(created)),
            _ => self.draw_more(event),
        }
    }

    fn draw_more(&mut self, event: &Event) {
        let out = self.out;
        match event {
            // With when it ends, which follows.
            Event::PlanCost(of) => self.cost = Some(of.clone()),
            Event::PlanEnd(end) => {
                let cost = self.cost.take();
                out.say(ending::plan_end(end, cost.as_ref(), SystemTime::now()));
            }
            Event::Ending(of) => self.aside(&ending::ending(of, SystemTime::now())),
            Event::Cost(of) => out.say(cost::cost(of)),
            Event::Doctor(found) => out.say(doctor::doctor(found)),
            Event::CostSoFar(of) => out.say(so_far::cost_so_far(of)),
            Event::NothingOwned { .. } => out.say(destroy::nothing_owned(event)),
            Event::VerificationStopped {} => {
                self.end_progress();
                out.aside("stopped before the proof: run the same command again to have it");
            }
            Event::Receipt { receipt, local } => {
                self.end_progress();
                if !receipt.resources.is_empty() || !receipt.is_proved() {
                    out.say(super::receipt(receipt, *local));
                }
            }
            Event::Labs { labs } => out.say(init::labs(labs)),
            Event::Initialized {
                lab,
                folder,
                files,
                next,
            } => {
                out.say(init::written(lab, folder, files));
                out.say(init::next(next));
            }
            Event::NoStack { .. } => out.say(status::no_stack(event)),
            Event::Sweep(found) => out.say(sweep::sweep(found, SystemTime::now())),
            Event::Orphans(found) => out.say(sweep::orphans(found)),
            Event::Stack { stack, named, .. } => {
                out.say(super::status(
                    stack,
                    *named || out.verbose,
                    SystemTime::now(),
                ));
            }
            Event::LocalAws(aws) => out.say(local::local_aws(aws)),
            Event::LocalAwsDown(ended) => {
                out.say(local::down(ended.was, ended.endpoint.as_deref(), ended.pid));
            }
            Event::NothingLogs { stack } => out.say(format!(
                "nothing of {stack} logs: functions do, and state machines with `logging: all`"
            )),
            Event::LogSources { sources } => {
                let labels = sources.iter().map(|source| source.key.clone());
                let groups = sources.iter().map(|source| source.group.clone());
                self.columns = Some(Columns::of(out, labels.collect(), groups.collect()));
            }
            Event::Log {
                at, group, message, ..
            } => {
                if let Some(columns) = &mut self.columns {
                    columns.print(group, at, message);
                }
            }
            Event::LogsRead(read) => {
                let shown = self.columns.as_ref().is_some_and(Columns::has_printed);
                if !shown {
                    out.aside(dim(&super::logs::nothing(read)));
                }
            }
            _ => self.draw_execution(event),
        }
    }

    /// Draws what is waited for anew; to be called a few times a second.
    pub fn tick(&mut self) {
        if let Some(waiting) = &self.waiting {
            waiting.draw(self.renderer.as_ref());
        }
        if let Some(board) = &mut self.board {
            board.tick();
        }
    }

    /// Takes away what is only shown while an operation is under way.
    pub fn finish(&mut self) {
        self.end_waiting();
        self.end_progress();
        if let Some(board) = &mut self.board {
            board.clear();
        }
    }

    fn surveying(&mut self, what: &str, seconds: u64) {
        let now = Instant::now();
        self.wait(Doing::Surveying {
            what: what.to_owned(),
            since: now.checked_sub(Duration::from_secs(seconds)).unwrap_or(now),
        });
        if !self.is_drawn() {
            self.end_waiting();
            self.out.aside(dim(&format!("looking at {what}")));
        }
    }

    fn installing(&mut self, progress: &InstallProgress) {
        let doing = Doing::Installing {
            progress: progress.clone(),
            at: Instant::now(),
        };
        match &mut self.waiting {
            Some(waiting) if waiting.is_for_installation() => waiting.what = doing,
            _ => self.wait(doing),
        }
        if !self.is_drawn() {
            self.end_waiting();
            let is_due = |last: Instant| last.elapsed() >= INSTALLING_LINE_INTERVAL;
            if self.installing_line.is_none_or(is_due) {
                self.installing_line = Some(Instant::now());
                self.out.aside(dim(&local::installing_line(progress)));
            }
        }
    }

    fn engine(&mut self, event: &engine::EngineEvent) {
        let (out, changes) = (self.out, self.changes);
        let progress = self
            .progress
            .get_or_insert_with(|| Progress::new(out, changes));
        progress.show(event);
    }

    fn checked(&mut self, files: usize, errors: usize, warnings: usize) {
        let problems = std::mem::take(&mut self.problems);
        if !problems.is_empty() {
            self.out.say(all_diagnostics(&found(&problems)));
            self.out.say("");
        }
        let mut parts = vec![counted(files, "file")];
        parts.extend((errors > 0).then(|| counted(errors, "error")));
        parts.extend((warnings > 0).then(|| counted(warnings, "warning")));
        self.out.say(match (errors, warnings) {
            (0, 0) => success(&format!("{}, nothing wrong", parts.join(", "))),
            (0, _) => warning(&parts.join(", ")),
            _ => error(&parts.join(", ")),
        });
    }

    /// Prints a line that is no result, above what is drawn.
    fn aside(&mut self, text: &str) {
        let ends = |one: &Waiting| one.is_for_survey() || one.is_for_installation();
        if self.waiting.as_ref().is_some_and(ends) {
            self.end_waiting();
        }
        if let Some(board) = &self.board {
            return board.aside(text);
        }
        match (&self.waiting, &self.progress) {
            (Some(waiting), _) => waiting.live.aside(text),
            (None, Some(progress)) => progress.line(text),
            (None, None) => self.out.aside(text),
        }
    }

    fn wait(&mut self, what: Doing) {
        self.end_waiting();
        self.waiting = Some(Waiting::new(self.out, what));
        self.tick();
    }

    /// Whether what is waited for is drawn on a terminal.
    fn is_drawn(&self) -> bool {
        self.waiting.as_ref().is_some_and(|one| one.live.is_drawn())
    }

    fn end_waiting(&mut self) {
        self.waiting = None;
    }

    fn end_progress(&mut self) {
        if let Some(progress) = self.progress.take() {
            progress.end();
        }
        // Later events do not belong to the plan.
        self.changes = 0;
    }
}

/// Whether what was waited for before this event is still waited for.
fn goes_on(event: &Event) -> bool {
    matches!(
        event,
        Event::History(_)
            | Event::StillRunning {}
            | Event::PutAgain { .. }
            | Event::AlsoStarted { .. }
            | Event::Info { .. }
            | Event::Warning { .. }
    )
}

fn found(problems: &[FileDiagnostic]) -> Diagnostics {
    let found = problems.iter();
    found.map(|problem| problem.diagnostic.clone()).collect()
}
