//! What an operation asks of whoever calls it.

use std::future::{Future, pending};
use std::path::PathBuf;
use std::pin::Pin;

use super::check::distinct;
use super::command::Commands;
use super::masking::{Mask, Masker};
use super::stack_ref::StackRef;
use super::{Error, Event, FileDiagnostic};
use crate::source::Diagnostics;

/// Something a frontend waits for.
pub type FrontendFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// A question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// The question: `make these changes?`. One that takes yes or no is without a list of answers.
    pub text: String,
}

/// Receives the events of an operation, and answers its questions. Events and questions hold no secret
/// that the session knows.
///
/// An operation is one future and calls the frontend from within it: a method that blocks holds the
/// operation up.
pub trait Frontend: Send + Sync {
    /// Receives an event.
    fn event(&self, event: &Event);

    /// Whether there is somebody to ask. Where there is not, some operations name the argument that
    /// stands for the answer.
    fn can_ask(&self) -> bool {
        false
    }

    /// Asks a question; the answer no ends the operation before anything is changed.
    ///
    /// # Errors
    /// Nobody can be asked.
    fn confirm<'a>(&'a self, question: &'a Question) -> FrontendFuture<'a, Result<bool, Error>>;

    /// Asks for a text; nothing where nobody can be asked, or the input has ended.
    fn ask<'a>(&'a self, _question: &'a Question) -> FrontendFuture<'a, Option<String>> {
        Box::pin(async { None })
    }

    /// Waits for the next request to stop, such as Ctrl-C. It is waited for only where an operation can
    /// stop in order: the first request lets calls under way finish, the second stops at once.
    fn stop(&self) -> FrontendFuture<'_, ()> {
        Box::pin(pending())
    }

    /// Waits for a request to stop what may be abandoned at any time, but has something to clear away: the
    /// installation of the local AWS. Once it is waited for no longer, such a request ends the process again.
    fn interruption(&self) -> FrontendFuture<'_, ()> {
        Box::pin(pending())
    }

    /// Waits until nobody reads the events any longer: following an execution or a log then ends.
    fn unread(&self) -> FrontendFuture<'_, ()> {
        Box::pin(pending())
    }
}

/// Tells what is wrong with a file that is no stack's.
pub fn problems(file: &std::path::Path, found: &Diagnostics, frontend: &dyn Frontend) {
    let shown = file.display().to_string();
    for one in &found.0 {
        frontend.event(&Event::Problem(FileDiagnostic::of(&shown, one.clone())));
    }
}

/// The one way from an operation to its frontend: whatever passes is masked, and the commands in it are completed.
pub(super) struct Reporter<'a> {
    frontend: &'a dyn Frontend,
    masker: &'a Masker,
    commands: Commands,
    /// The file that what is wrong is said of.
    file: Option<PathBuf>,
    silent: bool,
}

impl<'a> Reporter<'a> {
    pub(super) fn new(frontend: &'a dyn Frontend, masker: &'a Masker, commands: Commands) -> Self {
        Self {
            frontend,
            masker,
            commands,
            file: None,
            silent: false,
        }
    }

    /// The same for an operation on this stack.
    pub(super) fn about(mut self, stack: &StackRef) -> Self {
        self.commands = self.commands.about(stack);
        if let StackRef::File(path) = stack {
            self.file = Some(path.clone());
        }
        self
    }

    /// The same about an owner's copy of a stack in a region, which may be another than the one in use.
    pub(super) fn about_copy(
        &self,
        stack: &StackRef,
        owner: Option<&str>,
        region: &str,
        used: &str,
    ) -> Self {
        let commands = self.commands.clone().about(stack);
        Self {
            commands: commands.in_region(region, used).of_owner(owner),
            file: None,
            ..*self
        }
    }

    /// The same with these parameters.
    pub(super) fn with_set<'s>(mut self, names: impl Iterator<Item = &'s String>) -> Self {
        self.commands = self.commands.with_set(names);
        self
    }

    /// The same without events, for what is done again and was told before.
    pub(super) fn silent(&self) -> Self {
        Self {
            silent: true,
            commands: self.commands.clone(),
            file: self.file.clone(),
            ..*self
        }
    }

    /// Writes the commands in messages.
    pub(super) fn commands(&self) -> &Commands {
        &self.commands
    }

    pub(super) fn send(&self, event: impl Into<Event>) {
        if !self.silent {
            let mut event = event.into();
            event.complete(&self.commands);
            self.frontend.event(&self.masker.masked(event));
        }
    }

    pub(super) fn info(&self, message: impl Into<String>) {
        let message = message.into();
        self.send(Event::Info { message });
    }

    pub(super) fn warn(&self, message: impl Into<String>) {
        let message = message.into();
        self.send(Event::Warning { message });
    }

    pub(super) fn can_ask(&self) -> bool {
        self.frontend.can_ask()
    }

    /// One confirmation, which `approved` stands for; a no is an event.
    pub(super) async fn confirm(
        &self,
        question: impl Into<String>,
        approved: bool,
    ) -> Result<bool, Error> {
        if approved {
            return Ok(true);
        }
        let text = self.masker.masked(question.into());
        let agreed = self.frontend.confirm(&Question { text }).await?;
        if !agreed {
            self.send(Event::Declined {});
        }
        Ok(agreed)
    }

    /// Asks for a text; nothing where nobody can be asked, or the input has ended.
    pub(super) async fn ask(&self, question: impl Into<String>) -> Option<String> {
        let text = self.masker.masked(question.into());
        self.frontend.ask(&Question { text }).await
    }

    pub(super) async fn stop(&self) {
        self.frontend.stop().await;
    }

    pub(super) async fn interruption(&self) {
        self.frontend.interruption().await;
    }

    pub(super) async fn unread(&self) {
        self.frontend.unread().await;
    }

    /// What an operation answers, like all else. What is wrong with the stack's file is events, too, each the same as
    /// that of a check.
    pub(super) fn answer<T: Mask>(&self, answer: Result<T, Error>) -> Result<T, Error> {
        match answer {
            Ok(value) => Ok(self.masker.masked(value)),
            Err(mut error) => {
                error.complete(&self.commands);
                if let (Error::Diagnostics(found), Some(file)) = (&error, &self.file) {
                    let shown = file.display().to_string();
                    let found = found.0.iter().cloned();
                    let found = found.map(|one| FileDiagnostic::of(&shown, one));
                    for problem in distinct(found.collect()) {
                        self.send(Event::Problem(problem));
                    }
                }
                Err(self.masker.masked(error))
            }
        }
    }
}
