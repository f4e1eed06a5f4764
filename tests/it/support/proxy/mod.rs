//! A proxy in front of the local AWS. It records every request, and injects behaviours of AWS that emulators
//! lack: errors, delays, lost or rewritten answers. It can also end the program at any request.
//!
//! One thread per connection, and one request, but where connections are kept. Threads, not tasks, so that a test may block on the binary
//! meanwhile.

mod naming;
mod pages;
mod rates;
mod refusal;
mod rounds;
mod script;
mod signing;
mod transport;

use std::io::Read;
use std::net::{Shutdown, TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

pub use naming::Call;
pub use rates::{Enforced, PUBLISHED, Share};
pub use rounds::Asked;
pub use script::{On, Signal, When};
pub use signing::sign;
pub use transport::{Answer, Request};

use serde_json::Value;

use super::CommandResult;
use super::emulator::{secret_at, signs_with};
use super::oracle::Witness;
use rounds::Rounds;
use script::{Action, Rule};

/// A running proxy.
pub struct Proxy {
    /// Where it listens.
    pub endpoint: String,
    inside: Arc<Inside>,
}

struct Inside {
    upstream: String,
    /// The secret that requests are signed with.
    secret: String,
    delay: Duration,
    /// Whether a connection is kept for further requests.
    keeps: bool,
    /// Whether it answers in rounds.
    rounds: Option<Rounds>,
    /// The requests so far, and the number of those already taken.
    calls: Mutex<(Vec<Call>, usize)>,
    rules: Mutex<Vec<Rule>>,
    /// The program that sends the requests.
    program: Mutex<Option<u32>>,
    /// The number of open connections.
    open: AtomicUsize,
    /// Whether the test has ended.
    closed: AtomicBool,
    /// Checks each request against the model of its service.
    witness: Witness,
}

impl Proxy {
    /// A proxy in front of a local endpoint, `http://127.0.0.1:PORT`.
    pub fn before(upstream: &str) -> Self {
        Self::slow(upstream, Duration::ZERO)
    }

    /// The same with a delay for every request.
    pub fn slow(upstream: &str, delay: Duration) -> Self {
        Self::started(upstream, delay, false, None)
    }

    /// One that only records and checks, and keeps connections as the local AWS does.
    pub fn unnoticed(upstream: &str) -> Self {
        Self::started(upstream, Duration::ZERO, true, None)
    }

    /// One that answers the requests of a program, which [`Self::runs`], in rounds: [`Call::round`] is how many requests
    /// wait for each other. Functions are ready at once: how often they are asked depends on the speed of the machine.
    pub fn in_rounds(upstream: &str) -> Self {
        let proxy = Self::started(upstream, Duration::ZERO, false, Some(Rounds::default()));
        for call in ["lambda:GetFunction", "lambda:GetFunctionConfiguration"] {
            proxy.on(call).rewrite(|_, answer| {
                let active = answer.replace("\"Pending\"", "\"Active\"");
                active.replace("\"InProgress\"", "\"Successful\"")
            });
        }
        let inside = Arc::clone(&proxy.inside);
        std::thread::spawn(move || {
            let is_closed = || inside.closed.load(Ordering::SeqCst);
            let program = || *inside.program.lock().unwrap();
            if let Some(rounds) = &inside.rounds {
                rounds.run(is_closed, program);
            }
        });
        proxy
    }

    fn started(upstream: &str, delay: Duration, keeps: bool, rounds: Option<Rounds>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let secret = secret_at(upstream);
        signs_with(&endpoint, &secret);
        let inside = Arc::new(Inside {
            upstream: upstream.strip_prefix("http://").unwrap().to_owned(),
            secret,
            delay,
            keeps,
            rounds,
            calls: Mutex::default(),
            rules: Mutex::default(),
            program: Mutex::default(),
            open: AtomicUsize::default(),
            closed: AtomicBool::default(),
            witness: Witness::new(),
        });
        let shared = Arc::clone(&inside);
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                if shared.closed.load(Ordering::SeqCst) {
                    return;
                }
                let inside = Arc::clone(&shared);
                inside.open.fetch_add(1, Ordering::SeqCst);
                std::thread::spawn(move || {
                    // A client that disconnects is no failure of the test.
                    let mut server = None;
                    while let Ok(true) = inside.exchange(&client, &mut server) {}
                    drop(client);
                    inside.open.fetch_sub(1, Ordering::SeqCst);
                });
            }
        });
        Self { endpoint, inside }
    }

    /// Takes the requests received so far.
    pub fn take(&self) -> Vec<Call> {
        std::mem::take(&mut self.inside.calls.lock().unwrap().0)
    }

    /// The requests so far of this name (`service:Operation`).
    pub fn calls(&self, name: &str) -> Vec<Call> {
        let calls = self.inside.calls.lock().unwrap();
        let fits = |call: &&Call| call.name() == name;
        calls.0.iter().filter(fits).cloned().collect()
    }

    /// How many requests of this name there were so far.
    pub fn count(&self, name: &str) -> usize {
        self.calls(name).len()
    }

    /// The requests so far that change something, as `service:Operation`.
    pub fn changes(&self) -> Vec<String> {
        let calls = self.inside.calls.lock().unwrap();
        let changing = calls.0.iter().filter(|call| call.mutating);
        changing.map(Call::name).collect()
    }

    /// Adds a rule for requests of this name: `service:Operation`, either of which may be `*`. The first
    /// matching rule that answers wins.
    pub fn on(&self, name: &str) -> On<'_> {
        On::new(&self.inside.rules, name)
    }

    /// Removes all rules.
    pub fn forget(&self) {
        self.inside.rules.lock().unwrap().clear();
    }

    /// Returns lists in pages of one entry.
    pub fn pages_of_one(&self) {
        pages::of_one(self);
    }

    /// Expects the program to break a rule of AWS's models, as `lambda CreateFunction: Handler: `: the test makes it
    /// do so. Any other broken rule fails the test at the end.
    pub fn means(&self, finding: &str) {
        self.inside.witness.means(finding);
    }

    /// Keeps the calls from now on, for [`Self::kept`].
    pub fn keep(&self) {
        self.inside.witness.keep();
    }

    /// The calls since [`Self::keep`], each once: `[service, operation, parameters]` by the models of AWS.
    pub fn kept(&self) -> Vec<Value> {
        self.inside.witness.calls()
    }

    /// Waits until all requests are done: those of a killed program may still be in progress.
    pub fn settled(&self) {
        let address = self.endpoint.strip_prefix("http://").unwrap();
        let mut last = TcpStream::connect(address).unwrap();
        last.shutdown(Shutdown::Write).unwrap();
        // It is accepted after every earlier connection.
        last.read_to_end(&mut Vec::new()).unwrap();
        while self.inside.open.load(Ordering::SeqCst) > 0 {
            pause(Duration::from_millis(1));
        }
    }

    /// Runs a program that the rules may send signals to.
    pub fn runs(&self, command: &mut Command) -> CommandResult {
        let mut program = self.inside.program.lock().unwrap();
        let command = command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let child = command.spawn().unwrap();
        *program = Some(child.id());
        drop(program);
        let output = child.wait_with_output().unwrap();
        // Another program may reuse its pid.
        *self.inside.program.lock().unwrap() = None;
        CommandResult::from(output)
    }
}

impl Drop for Proxy {
    /// Fails the test whose requests broke a rule of AWS's models.
    fn drop(&mut self) {
        self.inside.closed.store(true, Ordering::SeqCst);
        // It wakes the thread that listens.
        let _ = TcpStream::connect(self.endpoint.strip_prefix("http://").unwrap());
        // What rules hold is dropped by the test's thread.
        self.forget();
        if std::thread::panicking() {
            return;
        }
        let findings = self.inside.witness.verdict();
        if findings.is_empty() {
            return;
        }
        let text = format!(
            "requests that AWS's models do not allow:\n{}",
            findings.join("\n")
        );
        if std::thread::current().name().is_none() {
            // Nobody would see a panic of such a thread.
            eprintln!("{text}");
            std::process::abort();
        }
        panic!("{text}");
    }
}

impl Inside {
    /// Answers one request; whether there may be another.
    fn exchange(
        &self,
        client: &TcpStream,
        server: &mut Option<TcpStream>,
    ) -> std::io::Result<bool> {
        let Some(mut request) = Request::read(client)? else {
            return Ok(false);
        };
        let call = self.noted(&request);
        // The local AWS's own paths are in no model of AWS.
        if !request.path.starts_with("/_treino/") {
            self.witness.sees(&request);
        }
        let actions: Vec<Action> = {
            let mut rules = self.rules.lock().unwrap();
            rules
                .iter_mut()
                .filter_map(|rule| rule.meets(&call))
                .collect()
        };
        pause(self.delay);
        let answering = self.rounds.as_ref().map(|rounds| rounds.wait(call.round));
        let mut answer = None;
        for action in &actions {
            match action {
                Action::Delay(time) => pause(*time),
                Action::Ask(change) => {
                    change(&mut request);
                    signing::again(&mut request, &self.secret);
                }
                Action::Then(When::Before, deed) => deed(),
                Action::Signal(When::Before, signal) => self.signal(*signal),
                Action::Drop(When::Before) => return Ok(false),
                Action::Wire(write) => return write(client).map(|()| false),
                Action::Answer(by_itself) if answer.is_none() => answer = by_itself(&call),
                _ => {}
            }
        }
        let mut answer = match answer {
            Some(answer) => answer,
            None if self.keeps => request.forward_on(&self.upstream, server)?,
            None => request.forward(&self.upstream)?,
        };
        if answer.is_success() {
            let mut rules = self.rules.lock().unwrap();
            rules.iter_mut().for_each(|rule| rule.succeeded(&call));
        }
        let mut bytes = usize::MAX;
        for action in &actions {
            match action {
                Action::Rewrite(change) => change(&call, &mut answer),
                Action::Then(When::After, deed) => deed(),
                Action::Signal(When::After, signal) => self.signal(*signal),
                Action::Drop(When::After) => return Ok(false),
                Action::Truncate => bytes = answer.body.len() / 2,
                _ => {}
            }
        }
        answer.write(client, bytes, self.keeps)?;
        drop(answering);
        Ok(self.keeps)
    }

    fn noted(&self, request: &Request) -> Call {
        let mut calls = self.calls.lock().unwrap();
        calls.1 += 1;
        let round = self.rounds.as_ref().map_or(0, Rounds::joined);
        let call = Call::of((calls.1, round), request);
        calls.0.push(call.clone());
        call
    }

    fn signal(&self, signal: Signal) {
        let program = self.program.lock().unwrap();
        let signal = match signal {
            Signal::Int => rustix::process::Signal::INT,
            Signal::Term => rustix::process::Signal::TERM,
            Signal::Kill => rustix::process::Signal::KILL,
        };
        let pid = program.and_then(|pid| i32::try_from(pid).ok());
        if let Some(pid) = pid.and_then(rustix::process::Pid::from_raw) {
            // A program that has ended needs no signal.
            let _ = rustix::process::kill_process(pid, signal);
        }
    }
}

#[allow(clippy::disallowed_methods, reason = "a thread of its own")]
fn pause(time: Duration) {
    std::thread::sleep(time);
}
