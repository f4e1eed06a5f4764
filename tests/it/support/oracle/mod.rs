//! The models of AWS as a standing oracle: every request that a proxy receives is checked against the service's
//! model in botocore, by one Python process of this test process (`checker`).

mod controls;

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{BufRead, BufReader, Read, Seek, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{LazyLock, Mutex};

use serde_json::{Value, json};

use super::proxy::Request;
use super::{moto, repository};

/// To the thread that talks with the checker: no request waits for it.
static CHECKER: LazyLock<Sender<Message>> = LazyLock::new(|| {
    let (sender, receiver) = channel();
    let mut checker = Checker::start();
    // Its start takes processor time, which the first requests need.
    checker.verdict(&json!({ "sender": -1 })).unwrap();
    std::thread::spawn(move || checker.serve(&receiver));
    sender
});

enum Message {
    /// A frame, and the body of a request.
    Check(Value, Vec<u8>),
    /// A question, and where the verdict goes; an error if the process has ended.
    Ask(Value, Sender<Result<Value, String>>),
}

/// The process that knows the models. It ends when its input does.
struct Checker {
    _process: Child,
    requests: ChildStdin,
    verdicts: BufReader<ChildStdout>,
    log: std::fs::File,
}

/// The requests of one sender, such as a proxy, and what the models do not allow of them.
pub struct Witness {
    sender: u64,
    sent: Mutex<Sent>,
}

#[derive(Default)]
struct Sent {
    /// Requests that differ: what is asked again and again is checked once.
    known: HashSet<u64>,
    /// Whether the test asks for its calls.
    kept: bool,
    /// How a finding begins that the test causes on purpose.
    meant: Vec<String>,
}

impl Witness {
    pub fn new() -> Self {
        static SENDERS: AtomicU64 = AtomicU64::new(0);
        LazyLock::force(&CHECKER);
        Self {
            sender: SENDERS.fetch_add(1, Ordering::Relaxed),
            sent: Mutex::default(),
        }
    }

    /// Checks a request, later: [`Self::verdict`] has the result.
    pub fn sees(&self, request: &Request) {
        let mut sent = self.sent.lock().unwrap();
        if !sent.known.insert(fingerprint(request)) {
            return;
        }
        let frame = json!({
            "sender": self.sender,
            "method": request.method,
            "path": request.path,
            "headers": request.headers,
            "length": request.body.len(),
            "kept": sent.kept,
        });
        // A checker that has ended is noticed by the verdict.
        let _ = CHECKER.send(Message::Check(frame, request.body.clone()));
    }

    /// Expects a finding that begins like this, as `lambda CreateFunction: Handler: `; it is an error if there is none.
    pub fn means(&self, finding: &str) {
        self.sent.lock().unwrap().meant.push(finding.to_owned());
    }

    /// Keeps the calls from now on, for [`Self::calls`].
    pub fn keep(&self) {
        self.sent.lock().unwrap().kept = true;
    }

    /// The calls since [`Self::keep`], each once, as `[service, operation, parameters]`; asserts that the models
    /// allow them.
    pub fn calls(&self) -> Vec<Value> {
        let (findings, calls) = self.answer();
        assert_eq!(findings, Vec::<String>::new());
        calls
    }

    /// What the models do not allow of the requests since the last verdict, each finding once.
    ///
    /// # Panics
    /// If the process has ended, or has not checked every request.
    pub fn verdict(&self) -> Vec<String> {
        self.answer().0
    }

    fn answer(&self) -> (Vec<String>, Vec<Value>) {
        let sent = std::mem::take(&mut *self.sent.lock().unwrap());
        if sent.known.is_empty() {
            assert_eq!(sent.meant, Vec::<String>::new(), "no request was sent");
            return (Vec::new(), Vec::new());
        }
        let (reply, verdict) = channel();
        let question = json!({ "sender": self.sender });
        let _ = CHECKER.send(Message::Ask(question, reply));
        let verdict = verdict.recv().expect("the checker of requests is served");
        let verdict = verdict.unwrap_or_else(|error| panic!("{error}"));
        let checked = verdict["requests"].as_u64().unwrap();
        assert_eq!(checked, sent.known.len() as u64, "requests not checked");
        let findings = verdict["findings"].as_array().unwrap().iter();
        let mut findings: Vec<String> = findings
            .map(|finding| finding.as_str().unwrap().to_owned())
            .collect();
        findings.sort();
        findings.dedup();
        for meant in sent.meant {
            let before = findings.len();
            findings.retain(|finding| !finding.starts_with(&meant));
            if findings.len() == before {
                findings.push(format!("{meant}...: expected, but not found"));
            }
        }
        let calls = verdict["calls"].as_array().unwrap().clone();
        (findings, calls)
    }
}

impl Checker {
    fn start() -> Self {
        let log = tempfile::tempfile().expect("a temporary file");
        let mut process = Command::new(moto::python())
            .args(["-I", "-B"])
            .arg(repository("tests/it/support/oracle/checker"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(log.try_clone().expect("one more handle"))
            .spawn()
            .expect("Python starts");
        Self {
            requests: process.stdin.take().unwrap(),
            verdicts: BufReader::new(process.stdout.take().unwrap()),
            _process: process,
            log,
        }
    }

    fn serve(mut self, messages: &Receiver<Message>) {
        for message in messages {
            match message {
                Message::Check(frame, body) => {
                    // If the process has ended, there is no verdict either.
                    let _ = self.send(&frame, &body);
                }
                Message::Ask(question, reply) => {
                    // A test that has failed meanwhile does not wait for it.
                    let _ = reply.send(self.verdict(&question));
                }
            }
        }
    }

    fn send(&mut self, frame: &Value, body: &[u8]) -> std::io::Result<()> {
        let mut whole = frame.to_string().into_bytes();
        whole.push(b'\n');
        whole.extend(body);
        self.requests.write_all(&whole)
    }

    fn verdict(&mut self, question: &Value) -> Result<Value, String> {
        let mut line = String::new();
        let sent = self.send(question, b"");
        let read = sent.and_then(|()| self.verdicts.read_line(&mut line));
        serde_json::from_str(&line).map_err(|error| {
            let mut said = String::new();
            // Whatever can be read explains more.
            let _ = self.log.rewind();
            let _ = self.log.read_to_string(&mut said);
            format!("the checker of requests has ended: {read:?}, {error}\n{said}")
        })
    }
}

/// The same for requests that differ in their time and signature only.
fn fingerprint(request: &Request) -> u64 {
    let mut hasher = DefaultHasher::new();
    let ours = |name: &str| {
        name.starts_with("x-amz-")
            && !["x-amz-date", "x-amz-security-token"].contains(&name)
            && !name.starts_with("x-amz-user-agent")
    };
    let headers = request.headers.iter();
    let headers = headers
        .filter(|(name, _)| ours(name) || ["content-type", "content-md5"].contains(&&**name));
    (&request.method, &request.path, &request.body).hash(&mut hasher);
    headers.for_each(|header| header.hash(&mut hasher));
    hasher.finish()
}
