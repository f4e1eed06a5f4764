//! Running each student's state machine.

use std::time::Instant;

use super::command::{command, command_of_one};
use super::deploy::summarize;
use super::deployed::deployed;
use super::destroy::given;
use super::members::{Member, Members};
use super::progress::ClassProgress;
use super::reasons::{Reason, without_owner};
use super::{AT_ONCE, ClassOptions};
use crate::history::ExecutionEvent;
use crate::ops::{
    self, ClassEvent, Completion, Error, Event, Frontend, FrontendFuture, GivenOptions, Question,
    RunAction, RunEnd, RunOptions, SessionOptions, StackRef, StackStatus, StudentState,
};

/// The most characters of a cause that are told.
const LONGEST_CAUSE: usize = 240;

/// What is run for a class.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunClass {
    /// The stack.
    pub stack: StackRef,
    /// For whom.
    pub class: ClassOptions,
    /// What is done: a file is put, or an execution is started.
    pub action: RunAction,
    /// The state machine's key in the stack file, where there are several.
    pub machine: Option<String>,
    /// What the command says of it: the file, or the input.
    pub words: Vec<String>,
}

/// Starts each student's state machine, and follows the executions to their ends.
///
/// # Errors
/// Something is wrong with the roster, or nobody can be reached. An execution that fails is no error, but a
/// [`Completion`].
pub async fn run(
    base: &SessionOptions,
    options: &RunClass,
    frontend: &dyn Frontend,
) -> Result<Completion, Error> {
    let (_, chosen) = options.class.students(frontend)?;
    ops::check_run(&options.action)?;
    let mut members = Members::connect(base, &chosen, false, frontend).await?;
    let began = Instant::now();
    let stacks = deployed(&mut members, &options.stack).await?.stacks;
    let of_all = RunOptions {
        stack: options.stack.clone(),
        action: options.action.clone(),
        machine: options.machine.clone(),
        data: false,
    };
    check_all(&members, &of_all, &stacks)?;
    let stack = given(&options.stack);
    frontend.event(&Event::Class(ClassEvent::Class {
        verb: "run",
        stack: stack.clone(),
        students: members.list.iter().map(Member::told).collect(),
    }));
    let progress = ClassProgress::new(&members, frontend);
    let at_once = if options.class.at_once == 0 {
        AT_ONCE
    } else {
        options.class.at_once
    };
    let runs = progress.each(0..members.list.len(), at_once, |index| {
        let (member, progress, stacks, stack) = (&members.list[index], &progress, &stacks, &stack);
        let run = &of_all;
        async move {
            if let Some(error) = &member.error {
                return progress.end(index, Err(error.clone()), None);
            }
            let Some(deployed) = &stacks[index] else {
                let (roster, given) = (&options.class.roster, &base.given);
                let reason = Reason::not_deployed(&options.stack, roster, given);
                return progress.set(index, StudentState::Failed, None, Some(reason));
            };
            progress.set(index, StudentState::Working, None, None);
            if let Err(error) = ops::check_run_of(&member.session, run, &deployed.resources) {
                return progress.end(index, Err(error), None);
            }
            let frontend = RunFrontend {
                inner: progress.frontend_of(index),
                end: std::sync::Mutex::new(None),
            };
            let resources = deployed.resources.clone();
            let ended = ops::run_copy(&member.session, run, resources, &frontend).await;
            let reason = frontend.end.into_inner().ok().flatten();
            let ended = ended.map(|ended| match ended {
                RunEnd::Succeeded => (Completion::Complete, None),
                RunEnd::Failed => (
                    Completion::Failed,
                    reason.or_else(|| Some(Reason::new("the execution failed"))),
                ),
                RunEnd::Stopped | RunEnd::Unread => {
                    (Completion::Stopped, Some(goes_on(stack, &base.given)))
                }
            });
            if matches!(ended, Ok((Completion::Complete, _))) {
                progress.rows(|rows| rows[index].done += 1);
            }
            progress.end(index, ended, None);
        }
    });
    progress.hearing_stops(runs).await;
    let repeat = |owners: &[String]| {
        let words: Vec<String> = [stack.clone()]
            .into_iter()
            .chain(options.words.clone())
            .collect();
        command(("run", &words), &options.class.roster, owners, &base.given)
    };
    summarize(&progress, ("run", &stack), began, repeat, frontend);
    Ok(progress.completion())
}

/// What is wrong with every student's run in the same way is wrong with the command: nothing is begun.
fn check_all(
    members: &Members,
    run: &RunOptions,
    stacks: &[Option<StackStatus>],
) -> Result<(), Error> {
    let deployed = members.list.iter().zip(stacks);
    let deployed = deployed.filter_map(|(member, stack)| Some((member, stack.as_ref()?)));
    let mut first = None;
    for (member, stack) in deployed {
        let Err(error) = ops::check_run_of(&member.session, run, &stack.resources) else {
            return Ok(());
        };
        let same = without_owner(&error.to_string(), &member.student.owner);
        match &first {
            None => first = Some((same, error)),
            Some((known, _)) if *known == same => {}
            Some(_) => return Ok(()),
        }
    }
    first.map_or(Ok(()), |(_, error)| Err(error))
}

/// What was started is not stopped with the class.
fn goes_on(stack: &str, given: &GivenOptions) -> Reason {
    let command = command_of_one(("run", stack), Some("OWNER"), given);
    Reason {
        help: Some(format!(
            "`{command} --follow` follows it on; `--stop` in its place stops it"
        )),
        ..Reason::without_command("no longer followed: what was started goes on")
    }
}

/// Why an execution failed, in one line: of a function's error its type and message, without the stack trace.
fn in_one_line(text: &str) -> String {
    let of_function = serde_json::from_str::<serde_json::Value>(text).ok();
    let message = of_function.and_then(|value| {
        let message = value["errorMessage"].as_str()?;
        Some(message.to_owned())
    });
    let text = message.as_deref().unwrap_or(text);
    let line = text.lines().next().unwrap_or_default();
    match line.char_indices().nth(LONGEST_CAUSE) {
        Some((end, _)) => format!("{}...", &line[..end]),
        None => line.to_owned(),
    }
}

/// Remembers why an execution failed.
struct RunFrontend<'a> {
    inner: super::progress::StudentFrontend<'a>,
    end: std::sync::Mutex<Option<Reason>>,
}

impl Frontend for RunFrontend<'_> {
    fn event(&self, event: &Event) {
        if let Event::History(ExecutionEvent::ExecutionEnded {
            status,
            error,
            cause,
            ..
        }) = event
            && status != "SUCCEEDED"
            && let Ok(mut end) = self.end.lock()
        {
            let of = |text: &Option<String>| {
                text.as_ref()
                    .map_or_else(String::new, |text| format!(": {}", in_one_line(text)))
            };
            *end = Some(Reason::new(format!("{status}{}{}", of(error), of(cause))));
        }
        self.inner.event(event);
    }

    fn confirm<'a>(&'a self, question: &'a Question) -> FrontendFuture<'a, Result<bool, Error>> {
        self.inner.confirm(question)
    }

    fn stop(&self) -> FrontendFuture<'_, ()> {
        self.inner.stop()
    }

    fn unread(&self) -> FrontendFuture<'_, ()> {
        self.inner.unread()
    }
}
