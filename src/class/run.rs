//! Running each student's state machine.

use std::time::Instant;

use super::command::command;
use super::deploy::summarize;
use super::deployed::deployed;
use super::destroy::given;
use super::members::{Member, Members};
use super::progress::ClassProgress;
use super::reasons::Reason;
use super::{AT_ONCE, ClassOptions};
use crate::history::ExecutionEvent;
use crate::ops::{
    self, ClassEvent, Completion, Error, Event, Frontend, FrontendFuture, Question, RunAction,
    RunEnd, RunOptions, SessionOptions, StackRef, StudentState,
};

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
    let mut members = Members::connect(base, &chosen, false, frontend).await?;
    let stack = given(&options.stack);
    frontend.event(&Event::Class(ClassEvent::Class {
        verb: "run",
        stack: stack.clone(),
        students: members.list.iter().map(Member::told).collect(),
    }));
    let began = Instant::now();
    let stacks = deployed(&mut members, &options.stack).await?.stacks;
    let progress = ClassProgress::new(&members, frontend);
    let at_once = if options.class.at_once == 0 {
        AT_ONCE
    } else {
        options.class.at_once
    };
    let runs = progress.each(0..members.list.len(), at_once, |index| {
        let (member, progress, stacks) = (&members.list[index], &progress, &stacks);
        async move {
            if let Some(error) = &member.error {
                return progress.end(index, Err(error.clone()), None);
            }
            let Some(deployed) = &stacks[index] else {
                let reason = Reason::new("the stack is not deployed");
                return progress.set(index, StudentState::Failed, None, Some(reason));
            };
            progress.set(index, StudentState::Working, None, None);
            let run = RunOptions {
                stack: options.stack.clone(),
                action: options.action.clone(),
                machine: options.machine.clone(),
                data: false,
            };
            let frontend = RunFrontend {
                inner: progress.frontend_of(index),
                end: std::sync::Mutex::new(None),
            };
            let resources = deployed.resources.clone();
            let ended = ops::run_copy(&member.session, &run, resources, &frontend).await;
            let reason = frontend.end.into_inner().ok().flatten();
            let ended = ended.map(|ended| match ended {
                RunEnd::Succeeded => (Completion::Complete, None),
                RunEnd::Failed => (
                    Completion::Failed,
                    reason.or_else(|| Some(Reason::new("the execution failed"))),
                ),
                RunEnd::Stopped | RunEnd::Unread => (Completion::Stopped, None),
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
                    .map_or_else(String::new, |text| format!(": {text}"))
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
