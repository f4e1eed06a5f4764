//! Each event as text.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use super::logs::Columns;
use super::progress::Progress;
use super::run::{Live, Story};
use super::style::{dim, error, good, warning};
use super::{Out, deploy, destroy, diagnostics, every_problem, explain, foreign, local, status};
use crate::engine::{self, Told};
use crate::ops::{Event, Problem};
use crate::source::Diagnostics;

/// Draws the events of one operation, in their order.
pub struct Text {
    out: Out,
    /// What is wrong with files, until all are checked.
    problems: Vec<Problem>,
    /// How many changes the latest plan has.
    changes: usize,
    /// What is under way while a plan is carried out.
    progress: Option<Progress>,
    /// What is waited for, on the last line of a terminal.
    waiting: Option<Waiting>,
    story: Option<Story>,
    columns: Option<Columns>,
}

/// Something that takes long.
struct Waiting {
    live: Live,
    what: Doing,
}

enum Doing {
    Looking { what: String, since: Instant },
    Execution { since: Instant },
    Following,
}

impl Text {
    /// The text of an operation that begins.
    #[must_use]
    pub fn new(out: Out) -> Self {
        Self {
            out,
            problems: Vec::new(),
            changes: 0,
            progress: None,
            waiting: None,
            story: None,
            columns: None,
        }
    }

    /// Prints what an event comes to, often nothing.
    pub fn draw(&mut self, event: &Event) {
        let out = self.out;
        if !goes_on(event) {
            self.end_waiting();
        }
        match event {
            Event::Info { message } => self.aside(&dim(message)),
            Event::Warning { message } => {
                self.aside(&format!("{} {message}", warning("warning:")));
            }
            Event::Looking { what, seconds } => self.looking(what, *seconds),
            // Drawn from the error itself.
            Event::Error { .. } => {}
            Event::Declined {} => out.say("nothing was changed"),
            Event::Stopping { at_once } => self.aside(if *at_once {
                "stopping at once"
            } else {
                "stopping: what is under way is finished first (once more to stop at once)"
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
            Event::Plan { plan, reads } => {
                self.changes = plan.steps.iter().filter(|step| step.is_change()).count();
                if !plan.foreign.is_empty() {
                    out.aside(foreign(&plan.foreign));
                }
                out.say(super::plan(plan, out.verbose));
                let taken = super::reads(reads);
                if !taken.is_empty() {
                    out.say(taken);
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
            Event::Outputs { outputs } => deploy::outputs(outputs, out),
            Event::Created { .. } => out.aside(deploy::next_steps(event)),
            _ => self.draw_more(event),
        }
    }

    fn draw_more(&mut self, event: &Event) {
        let out = self.out;
        match event {
            Event::NothingOwned { .. } => out.say(destroy::nothing_owned(event)),
            Event::VerificationStopped {} => {
                self.end_progress();
                out.aside("stopped before the proof: run the same command again to have it");
            }
            Event::Receipt { receipt } => {
                self.end_progress();
                if !receipt.resources.is_empty() || !receipt.is_proved() {
                    out.say(super::receipt(receipt));
                }
            }
            Event::NoStack { .. } => out.say(status::no_stack(event)),
            Event::Stack { stack, named, .. } => {
                out.say(super::status(
                    stack,
                    *named || out.verbose,
                    SystemTime::now(),
                ));
            }
            Event::LocalAws(aws) => out.say(local::local_aws(aws)),
            Event::LocalAwsDown {
                was, endpoint, pid, ..
            } => out.say(local::down(was, endpoint.as_deref(), *pid)),
            Event::NothingLogs { stack } => out.say(format!("nothing of {stack} logs")),
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
            Event::LogsRead { .. } => {
                let shown = self.columns.as_ref().is_some_and(Columns::has_printed);
                if !shown {
                    out.aside(dim(&super::logs::nothing(event)));
                }
            }
            _ => self.run(event),
        }
    }

    /// Events of `treino run`.
    fn run(&mut self, event: &Event) {
        let out = self.out;
        match event {
            Event::Put { file, bucket, key } => {
                out.say(format!("put {file} as s3://{bucket}/{key}"));
            }
            Event::WaitingForExecution { .. } => self.wait(Doing::Execution {
                since: Instant::now(),
            }),
            Event::NotFollowed { machine, stack } => out.say(format!(
                "{machine} is express: AWS keeps no history of its executions to follow; see `treino logs {stack}`"
            )),
            Event::Execution { name, express, .. } => {
                let kind = if *express { " (express)" } else { "" };
                out.say(format!("execution {name}{kind}"));
                if !express {
                    self.wait(Doing::Following);
                }
                let drawn = self.waiting.as_ref().is_some_and(|one| one.live.is_drawn());
                self.story = Some(Story::new(out.verbose, drawn));
            }
            Event::History(told) => self.told(told),
            Event::StillRunning {} => {
                let drawn = self.waiting.as_ref().is_some_and(|one| one.live.is_drawn());
                if !drawn && let Some(story) = &self.story {
                    let under_way = story.under_way(seconds_now());
                    self.aside(&dim(&format!("still under way: {under_way}")));
                }
            }
            Event::NoLongerWaitedFor { express } => out.aside(if *express {
                "no longer waited for: the express execution goes on to its end, and its result is lost"
            } else {
                "no longer waited for: the file may still start an execution"
            }),
            Event::NoLongerFollowed { name, stack, local } => {
                let again = format!("treino run {stack}");
                let local = if *local { " --local" } else { "" };
                out.aside(format!(
                    "no longer followed: the execution {name} goes on\n  follow it again: {again} --follow \
                     {name}{local}\n  stop it: {again} --stop {name}{local}"
                ));
            }
            Event::Billed { billed } if out.verbose => {
                let (time, memory) = (billed.milliseconds, billed.megabytes);
                out.say(dim(&format!("billed {time} ms, {memory} MB")));
            }
            Event::Item { table, item } => out.say(super::item(table, item)),
            Event::Stopped { name, .. } => out.say(format!("{} {name}", warning("stopped"))),
            Event::AlreadyEnded { name, status } => {
                let status = status.to_lowercase().replace('_', " ");
                out.say(format!(
                    "{name} has ended already ({status}): there is nothing to stop"
                ));
            }
            Event::NothingToStop {} => out.say("no execution is under way"),
            _ => {}
        }
    }

    /// Draws what is waited for anew; to be called a few times a second.
    pub fn tick(&mut self) {
        let Some(Waiting { live, what }) = &self.waiting else {
            return;
        };
        if !live.is_drawn() {
            return;
        }
        let text = match what {
            Doing::Looking { what, since } => {
                format!("looking at {what} {} s", since.elapsed().as_secs())
            }
            Doing::Execution { since } => {
                format!("waiting for an execution {} s", since.elapsed().as_secs())
            }
            Doing::Following => match &self.story {
                Some(story) => story.under_way(seconds_now()),
                None => String::new(),
            },
        };
        live.show(&text);
    }

    /// Takes away what is only shown while an operation is under way.
    pub fn finish(&mut self) {
        self.end_waiting();
        self.end_progress();
    }

    fn told(&mut self, told: &Told) {
        let Some(story) = &mut self.story else { return };
        for line in story.tell(told) {
            match &self.waiting {
                Some(waiting) => waiting.live.say(&line),
                None => self.out.say(line),
            }
        }
        if let Told::ExecutionEnded { output, .. } = told {
            self.end_waiting();
            if let Some(output) = output {
                self.out.say(super::output(output, self.out.verbose));
            }
        }
    }

    fn looking(&mut self, what: &str, seconds: u64) {
        let now = Instant::now();
        self.wait(Doing::Looking {
            what: what.to_owned(),
            since: now.checked_sub(Duration::from_secs(seconds)).unwrap_or(now),
        });
        let drawn = self.waiting.as_ref().is_some_and(|one| one.live.is_drawn());
        if !drawn {
            self.end_waiting();
            self.out.aside(dim(&format!("looking at {what}")));
        }
    }

    fn engine(&mut self, event: &engine::Event) {
        let (out, changes) = (self.out, self.changes);
        let progress = self
            .progress
            .get_or_insert_with(|| Progress::new(out, changes));
        progress.show(event);
    }

    fn checked(&mut self, files: usize, errors: usize, warnings: usize) {
        let problems = std::mem::take(&mut self.problems);
        if !problems.is_empty() {
            self.out.say(every_problem(&found(&problems)));
            self.out.say("");
        }
        let mut parts = vec![counted(files, "file")];
        parts.extend((errors > 0).then(|| counted(errors, "error")));
        parts.extend((warnings > 0).then(|| counted(warnings, "warning")));
        self.out.say(match (errors, warnings) {
            (0, 0) => good(&format!("{}, nothing wrong", parts.join(", "))),
            (0, _) => warning(&parts.join(", ")),
            _ => error(&parts.join(", ")),
        });
    }

    /// Prints a line that is no result, above what is drawn.
    fn aside(&mut self, text: &str) {
        if let Some(Waiting {
            what: Doing::Looking { .. },
            ..
        }) = &self.waiting
        {
            self.end_waiting();
        }
        match (&self.waiting, &self.progress) {
            (Some(waiting), _) => waiting.live.aside(text),
            (None, Some(progress)) => progress.line(text),
            (None, None) => self.out.aside(text),
        }
    }

    fn wait(&mut self, what: Doing) {
        self.end_waiting();
        self.waiting = Some(Waiting {
            live: Live::new(self.out),
            what,
        });
        self.tick();
    }

    fn end_waiting(&mut self) {
        self.waiting = None;
    }

    fn end_progress(&mut self) {
        if let Some(progress) = self.progress.take() {
            progress.end();
        }
        // What follows is no part of the plan.
        self.changes = 0;
    }
}

/// Whether what was waited for before this event is still waited for.
fn goes_on(event: &Event) -> bool {
    matches!(
        event,
        Event::History(_) | Event::StillRunning {} | Event::Info { .. } | Event::Warning { .. }
    )
}

fn found(problems: &[Problem]) -> Diagnostics {
    let found = problems.iter();
    found.map(|problem| problem.diagnostic.clone()).collect()
}

fn counted(count: usize, noun: &str) -> String {
    let ending = if count == 1 { "" } else { "s" };
    format!("{count} {noun}{ending}")
}

fn seconds_now() -> f64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    now.unwrap_or_default().as_secs_f64()
}
