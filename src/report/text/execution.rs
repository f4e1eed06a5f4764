//! The events of `treino run` as text.

use std::time::Instant;

use super::Text;
use super::waiting::{Doing, seconds_now};
use crate::history::ExecutionEvent;
use crate::ops::{Event, ListedExecutions, TestEvent};
use crate::report;
use crate::report::run::RunRenderer;
use crate::report::style::{dim, warning};

impl Text {
    /// Events of `treino run`.
    pub(super) fn draw_execution(&mut self, event: &Event) {
        let out = self.out;
        match event {
            Event::Put { file, bucket, key } => {
                out.say(format!("put {file} as s3://{bucket}/{key}"));
            }
            Event::PutAgain {
                bucket, key, puts, ..
            } => self.aside(&dim(&format!(
                "put s3://{bucket}/{key} again ({puts} times by now): events before the rule works are lost; where one \
                 was only late, the work starts twice"
            ))),
            Event::AlsoStarted { name, follow, .. } => self.aside(&format!(
                "{} the file has started another execution, too: {name}\n  follow it: {follow}",
                warning("warning:")
            )),
            Event::WaitingForExecution { .. } => self.wait(Doing::AwaitingExecution {
                since: Instant::now(),
            }),
            Event::NotFollowed { machine, logs, .. } => out.say(format!(
                "{machine} is express: AWS keeps no history of its executions to follow; see `{logs}`"
            )),
            Event::Execution {
                name,
                express,
                console,
                ..
            } => {
                let kind = if *express { " (express)" } else { "" };
                out.say(format!("execution {name}{kind}"));
                if let Some(url) = console {
                    report::links::execution(url, out);
                }
                if !express {
                    self.wait(Doing::Following);
                }
                let drawn = self.is_drawn();
                self.renderer = Some(RunRenderer::new(out.verbose, drawn));
            }
            Event::History(event) => self.draw_history(event),
            Event::StillRunning {} => {
                let drawn = self.is_drawn();
                if !drawn && let Some(renderer) = &self.renderer {
                    let under_way = renderer.running_summary(seconds_now());
                    self.aside(&dim(&format!("still under way: {under_way}")));
                }
            }
            Event::NoLongerWaitedFor { express } => out.aside(if *express {
                "no longer waited for: the express execution goes on to its end, and its result is lost"
            } else {
                "no longer waited for: the file may still start an execution"
            }),
            Event::NoLongerFollowed {
                name, follow, stop, ..
            } => {
                out.aside(format!(
                    "no longer followed: the execution {name} goes on\n  follow it again: {follow}\n  stop it: {stop}"
                ));
            }
            Event::Billed { billed } if out.verbose => {
                let (time, memory) = (billed.milliseconds, billed.megabytes);
                out.say(dim(&format!("billed {time} ms, {memory} MB")));
            }
            Event::Item {
                table,
                item,
                change,
                before,
            } => out.say(report::item(table, item, *change, before.as_ref())),
            Event::ItemDeleted { table, before } => {
                out.say(report::item_deleted(table, before));
            }
            Event::Executions(ListedExecutions {
                machines,
                executions,
                more,
                ..
            }) => out.say(report::executions(machines, executions, *more)),
            Event::Stopped { name, .. } => out.say(format!("{} {name}", warning("stopped"))),
            Event::AlreadyEnded { name, status } => {
                let status = status.to_lowercase().replace('_', " ");
                out.say(format!(
                    "{name} has ended already ({status}): there is nothing to stop"
                ));
            }
            Event::NothingToStop {} => out.say("no execution is under way"),
            Event::Test(TestEvent::CheckStarted { check }) => self.wait(Doing::Checking {
                check: check.clone(),
                since: Instant::now(),
            }),
            Event::Test(event) => {
                if let Some(text) = report::test::test(event, out.verbose) {
                    out.say(text);
                }
            }
            _ => {}
        }
    }

    fn draw_history(&mut self, event: &ExecutionEvent) {
        let Some(renderer) = &mut self.renderer else {
            return;
        };
        for line in renderer.render(event) {
            match &self.waiting {
                Some(waiting) => waiting.live.say(&line),
                None => self.out.say(line),
            }
        }
        if let ExecutionEvent::ExecutionEnded { output, .. } = event {
            self.end_waiting();
            if let Some(output) = output {
                self.out.say(report::output(output, self.out.verbose));
            }
        }
    }
}
