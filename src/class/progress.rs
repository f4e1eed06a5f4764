//! How far each student's stack is, and the frontends that hear of it.

use std::pin::pin;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use futures_util::future::{Either, join_all, select};
use tokio::sync::{Semaphore, watch};

use super::members::Members;
use super::reasons::Reason;
use crate::engine::EngineEvent;
use crate::ops::{
    ClassEvent, Completion, Error, Event, Frontend, FrontendFuture, Question, StudentEnd,
    StudentState,
};

/// The states of the students, in the order of the members.
pub struct ClassProgress<'a> {
    frontend: &'a dyn Frontend,
    rows: Mutex<Vec<StudentProgress>>,
    /// How often the frontend has asked to stop.
    stops: watch::Sender<u32>,
}

/// How far one student's stack is.
pub struct StudentProgress {
    pub owner: String,
    pub name: Option<String>,
    pub state: StudentState,
    pub done: usize,
    pub began: Option<Instant>,
    pub seconds: Option<f64>,
    pub reason: Option<Reason>,
}

impl<'a> ClassProgress<'a> {
    pub fn new(members: &Members, frontend: &'a dyn Frontend) -> Self {
        let row = |member: &super::members::Member| StudentProgress {
            owner: member.student.owner.clone(),
            name: member.student.name.clone(),
            state: StudentState::Waiting,
            done: 0,
            began: None,
            seconds: None,
            reason: None,
        };
        Self {
            frontend,
            rows: Mutex::new(members.list.iter().map(row).collect()),
            stops: watch::Sender::new(0),
        }
    }

    /// Looks at the rows or changes them.
    pub fn rows<T>(&self, with: impl FnOnce(&mut Vec<StudentProgress>) -> T) -> T {
        with(&mut self.rows.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The state of a student's stack.
    pub fn state(&self, index: usize) -> StudentState {
        self.rows(|rows| rows[index].state)
    }

    /// Tells that a student's stack has come to another state.
    pub fn set(
        &self,
        index: usize,
        state: StudentState,
        changes: Option<usize>,
        reason: Option<Reason>,
    ) {
        let told = self.rows(|rows| {
            let row = &mut rows[index];
            row.state = state;
            match state {
                StudentState::Planning | StudentState::Working => row.began = Some(Instant::now()),
                _ => {}
            }
            if state.is_end() {
                row.seconds = row.began.map(|began| began.elapsed().as_secs_f64());
            }
            row.reason.clone_from(&reason);
            ClassEvent::StudentState {
                owner: row.owner.clone(),
                state,
                changes,
                seconds: row.seconds.filter(|_| state.is_end()),
                reason: reason.map(|reason| reason.text),
            }
        });
        self.frontend.event(&Event::Class(told));
    }

    /// The frontend of a student's operation.
    pub fn frontend_of(&'a self, index: usize) -> StudentFrontend<'a> {
        StudentFrontend {
            class: self,
            index,
            owner: self.rows(|rows| rows[index].owner.clone()),
            heard: AtomicU32::new(0),
        }
    }

    /// Whether the frontend has asked to stop.
    pub fn is_stopped(&self) -> bool {
        *self.stops.borrow() > 0
    }

    /// Works on these students, so many at once, each of which `work` is given. Once the frontend asks to stop, none is
    /// begun: it is left as it is.
    pub async fn each<F: Future<Output = ()>>(
        &self,
        students: impl IntoIterator<Item = usize>,
        at_once: usize,
        work: impl Fn(usize) -> F,
    ) {
        let slots = Semaphore::new(at_once.max(1));
        let (slots, work) = (&slots, &work);
        let all = students.into_iter().map(|index| async move {
            let _slot = slots.acquire().await;
            if !self.is_stopped() {
                work(index).await;
            }
        });
        join_all(all).await;
    }

    /// The same, and hears requests to stop meanwhile: those under way finish what they are at.
    pub async fn hearing_stops<T>(&self, work: impl Future<Output = T>) -> T {
        let hear = async {
            loop {
                self.frontend.stop().await;
                self.stops.send_modify(|count| *count += 1);
                let at_once = *self.stops.borrow() > 1;
                self.frontend.event(&Event::Stopping { at_once });
            }
        };
        match select(pin!(work), pin!(hear)).await {
            Either::Left((answer, _)) => answer,
            Either::Right((never, _)) => never,
        }
    }

    /// How an operation on a student's stack ended, of which an error or a completion tells.
    pub fn end(
        &self,
        index: usize,
        ended: Result<(Completion, Option<Reason>), Error>,
        changes: Option<usize>,
    ) {
        let (state, reason) = match ended {
            Ok((Completion::Complete, _)) => (StudentState::Done, None),
            Ok((Completion::Unverified, reason)) => (StudentState::Unverified, reason),
            Ok((Completion::Stopped, reason)) => (StudentState::Stopped, reason),
            Ok((_, reason)) => (StudentState::Failed, reason),
            Err(Error::Stopped(_)) => (StudentState::Stopped, None),
            Err(error) => (StudentState::Failed, Some(Reason::of(&error))),
        };
        self.set(index, state, changes, reason);
    }

    /// How each student's stack ended. What has not ended was not begun.
    pub fn ends(&self) -> Vec<StudentEnd> {
        self.rows(|rows| {
            let ends = rows.iter().map(|row| StudentEnd {
                owner: row.owner.clone(),
                name: row.name.clone(),
                state: if row.state.is_end() {
                    row.state
                } else {
                    StudentState::NotBegun
                },
                done: row.done,
                seconds: row.seconds,
            });
            ends.collect()
        })
    }

    /// How the class ended: as the student's stack that ended worst.
    pub fn completion(&self) -> Completion {
        let all = self.ends().into_iter().map(|end| match end.state {
            StudentState::Done | StudentState::Unchanged => Completion::Complete,
            StudentState::Unverified => Completion::Unverified,
            StudentState::Stopped => Completion::Stopped,
            _ if self.is_stopped() => Completion::Stopped,
            _ => Completion::Failed,
        });
        all.fold(Completion::Complete, super::worse)
    }
}

/// Hears what is told of one student's stack. Nothing is asked: the class was asked.
pub struct StudentFrontend<'a> {
    class: &'a ClassProgress<'a>,
    index: usize,
    owner: String,
    /// How many requests to stop this operation has heard.
    heard: AtomicU32,
}

impl Frontend for StudentFrontend<'_> {
    fn event(&self, event: &Event) {
        if matches!(event, Event::Engine(EngineEvent::Done { .. })) {
            self.class.rows(|rows| rows[self.index].done += 1);
        }
        // That the class stops was said.
        if !matches!(event, Event::Stopping { .. }) {
            self.class
                .frontend
                .event(&Event::Class(ClassEvent::Student {
                    owner: self.owner.clone(),
                    of: Box::new(event.clone()),
                }));
        }
    }

    fn confirm<'a>(&'a self, question: &'a Question) -> FrontendFuture<'a, Result<bool, Error>> {
        Box::pin(async { Err(Error::Usage(question.text.clone())) })
    }

    fn stop(&self) -> FrontendFuture<'_, ()> {
        Box::pin(async {
            let heard = self.heard.load(Ordering::SeqCst);
            let mut stops = self.class.stops.subscribe();
            // The sender lives as long as the class.
            let _ = stops.wait_for(|count| *count > heard).await;
            self.heard.store(heard + 1, Ordering::SeqCst);
        })
    }

    fn unread(&self) -> FrontendFuture<'_, ()> {
        self.class.frontend.unread()
    }
}
