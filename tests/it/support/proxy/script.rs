//! The rules: which requests get which behaviour.

use std::net::TcpStream;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use super::naming::Call;
use super::refusal;
use super::transport::{Answer, Request};

/// A signal to the program that sends the requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    Int,
    Term,
    Kill,
}

/// Whether an action runs before the request is forwarded or after it was answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    Before,
    After,
}

type Answering = dyn Fn(&Call) -> Option<Answer> + Send + Sync;
type Asking = dyn Fn(&mut Request) + Send + Sync;
type Wiring = dyn Fn(&TcpStream) -> std::io::Result<()> + Send + Sync;
type Rewriting = dyn Fn(&Call, &mut Answer) + Send + Sync;

/// The behaviour of a rule.
#[derive(Clone)]
pub(super) enum Action {
    /// Answers at once; forwards the request if there is no answer.
    Answer(Arc<Answering>),
    /// Changes the request.
    Ask(Arc<Asking>),
    /// Changes the answer, success or error.
    Rewrite(Arc<Rewriting>),
    /// Runs an action.
    Then(When, Arc<dyn Fn() + Send + Sync>),
    Delay(Duration),
    /// Closes the connection without an answer.
    Drop(When),
    /// Writes bytes that are no HTTP answer.
    Wire(Arc<Wiring>),
    /// Sends half of the answer's body.
    Truncate,
    Signal(When, Signal),
}

/// Which of the matching requests.
#[derive(Debug, Clone, Copy)]
enum Count {
    Every,
    First(usize),
    Nth(usize),
}

type Predicate = dyn Fn(&Call) -> bool + Send + Sync;

pub(super) struct Rule {
    service: String,
    operation: String,
    fits: Option<Arc<Predicate>>,
    after: Option<String>,
    /// Whether the call it waits for has succeeded.
    open: bool,
    count: Count,
    seen: usize,
    action: Action,
}

impl Rule {
    fn is_about(&self, call: &Call) -> bool {
        let one = |pattern: &str, text: &str| pattern == "*" || pattern == text;
        one(&self.service, &call.service)
            && one(&self.operation, &call.operation)
            && self.fits.as_ref().is_none_or(|fits| fits(call))
    }

    /// Counts a request; returns its behaviour.
    pub(super) fn meets(&mut self, call: &Call) -> Option<Action> {
        if !self.open || !self.is_about(call) {
            return None;
        }
        self.seen += 1;
        let chosen = match self.count {
            Count::Every => true,
            Count::First(n) => self.seen <= n,
            Count::Nth(n) => self.seen == n,
        };
        chosen.then(|| self.action.clone())
    }

    /// Activates rules that wait for this call.
    pub(super) fn succeeded(&mut self, call: &Call) {
        if self
            .after
            .as_ref()
            .is_some_and(|after| *after == call.name())
        {
            self.open = true;
        }
    }
}

/// A rule builder: by default for every matching request.
#[must_use]
pub struct On<'a> {
    rules: &'a Mutex<Vec<Rule>>,
    name: String,
    fits: Option<Arc<Predicate>>,
    after: Option<String>,
    count: Count,
}

impl<'a> On<'a> {
    pub(super) fn new(rules: &'a Mutex<Vec<Rule>>, name: &str) -> Self {
        Self {
            rules,
            name: name.to_owned(),
            fits: None,
            after: None,
            count: Count::Every,
        }
    }

    /// Only requests that fulfil this condition.
    pub fn when(mut self, fits: impl Fn(&Call) -> bool + Send + Sync + 'static) -> Self {
        self.fits = Some(Arc::new(fits));
        self
    }

    /// Only requests whose path or body contains this text.
    pub fn with(self, text: &str) -> Self {
        let text = text.to_owned();
        self.when(move |call| call.body.contains(&text) || call.path.contains(&text))
    }

    /// Only once a call of this name (`service:Operation`) has succeeded.
    pub fn after(mut self, name: &str) -> Self {
        self.after = Some(name.to_owned());
        self
    }

    /// Only the first so many that fit.
    pub fn first(mut self, requests: usize) -> Self {
        self.count = Count::First(requests);
        self
    }

    /// Only the one of this number, from 1, of those that fit.
    pub fn nth(mut self, number: usize) -> Self {
        self.count = Count::Nth(number);
        self
    }

    /// Answers with an error in the service's format.
    pub fn refuse(self, status: u16, code: &str, message: &str) {
        let (code, message) = (code.to_owned(), message.to_owned());
        self.answer(move |call| Some(refusal::refusal(call, status, &code, &message)));
    }

    /// Answers that the resource does not exist.
    pub fn hide(self) {
        self.answer(|call| Some(refusal::not_found(call)));
    }

    /// Answers 200 with every entry failed inside.
    pub fn fail_inside(self, code: &str, message: &str) {
        let (code, message) = (code.to_owned(), message.to_owned());
        self.answer(move |call| Some(refusal::failed_entries(call, &code, &message)));
    }

    /// Answers with a page of HTML.
    pub fn html(self, status: u16) {
        self.answer(move |_| Some(html(status)));
    }

    /// Answers some requests itself and forwards the others.
    pub fn answer(self, answer: impl Fn(&Call) -> Option<Answer> + Send + Sync + 'static) {
        self.act(Action::Answer(Arc::new(answer)));
    }

    /// Rate-limits requests: a burst, then so many per second; the others get the service's throttling error.
    pub fn throttle(self, a_second: f64, burst: f64) {
        let bucket = Mutex::new((burst, Instant::now()));
        self.answer(move |call| {
            let mut bucket = bucket.lock().unwrap();
            let left = bucket.0 + bucket.1.elapsed().as_secs_f64() * a_second;
            *bucket = (left.min(burst), Instant::now());
            if bucket.0 < 1.0 {
                return Some(refusal::throttled(call));
            }
            bucket.0 -= 1.0;
            None
        });
    }

    /// Changes the request before it is forwarded.
    pub fn ask(self, change: impl Fn(&mut Request) + Send + Sync + 'static) {
        self.act(Action::Ask(Arc::new(change)));
    }

    /// Changes the body of a successful answer.
    pub fn rewrite(self, change: impl Fn(&Call, &str) -> String + Send + Sync + 'static) {
        self.act(Action::Rewrite(Arc::new(move |call, answer| {
            if answer.is_success() {
                answer.body = change(call, &answer.text()).into_bytes();
            }
        })));
    }

    /// Replaces the answer by an HTML page with this status; the request is executed.
    pub fn then_html(self, status: u16) {
        self.act(Action::Rewrite(Arc::new(move |_, answer| {
            *answer = html(status);
        })));
    }

    /// Replaces the answer by a not-found error; the request is executed.
    pub fn then_hide(self) {
        self.act(Action::Rewrite(Arc::new(|call, answer| {
            *answer = refusal::not_found(call);
        })));
    }

    /// Replaces a text in the body of a successful answer.
    pub fn replace(self, old: &str, new: &str) {
        let (old, new) = (old.to_owned(), new.to_owned());
        self.rewrite(move |_, body| body.replace(&old, &new));
    }

    /// Runs an action in between.
    pub fn then(self, when: When, deed: impl Fn() + Send + Sync + 'static) {
        self.act(Action::Then(when, Arc::new(deed)));
    }

    /// Delays the request.
    pub fn delay(self, time: Duration) {
        self.act(Action::Delay(time));
    }

    /// Closes the connection without an answer.
    pub fn drop(self, when: When) {
        self.act(Action::Drop(when));
    }

    /// Writes arbitrary bytes to the connection.
    pub fn wire(self, write: impl Fn(&TcpStream) -> std::io::Result<()> + Send + Sync + 'static) {
        self.act(Action::Wire(Arc::new(write)));
    }

    /// Closes the connection in the middle of the answer.
    pub fn truncate(self) {
        self.act(Action::Truncate);
    }

    /// Sends a signal to the program under [`super::Proxy::runs`].
    pub fn signal(self, when: When, signal: Signal) {
        self.act(Action::Signal(when, signal));
    }

    pub(super) fn act(self, action: Action) {
        let (service, operation) = self.name.split_once(':').unwrap_or((&self.name, "*"));
        self.rules.lock().unwrap().push(Rule {
            service: service.to_owned(),
            operation: operation.to_owned(),
            fits: self.fits,
            open: self.after.is_none(),
            after: self.after,
            count: self.count,
            seen: 0,
            action,
        });
    }
}

fn html(status: u16) -> Answer {
    let page = "<html><body><h1>Not what you asked</h1></body></html>";
    Answer::made(status, "text/html", page)
}
