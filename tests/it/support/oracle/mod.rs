//! The models of AWS as a standing oracle: every request that a proxy receives is checked against the service's
//! model in botocore, by one Python process of this test process (`checker`).

mod controls;

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{BufRead, BufReader, Read, Seek, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{LazyLock, Mutex, PoisonError};

use serde_json::{Value, json};

use super::proxy::Request;
use super::{moto, repository};

static CHECKER: LazyLock<Mutex<Checker>> = LazyLock::new(|| Mutex::new(Checker::start()));

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
    /// How a finding begins that the test causes on purpose.
    meant: Vec<String>,
    failure: Option<String>,
}

impl Witness {
    pub fn new() -> Self {
        static SENDERS: AtomicU64 = AtomicU64::new(0);
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
        });
        let mut checker = CHECKER.lock().unwrap_or_else(PoisonError::into_inner);
        let written = checker.send(&frame, &request.body);
        drop(checker);
        if let Err(error) = written {
            sent.failure = Some(error.to_string());
        }
    }

    /// Expects a finding that begins like this, as `lambda CreateFunction: Handler: `; it is an error if there is none.
    pub fn means(&self, finding: &str) {
        self.sent.lock().unwrap().meant.push(finding.to_owned());
    }

    /// What the models do not allow of the requests since the last verdict, each finding once.
    ///
    /// # Panics
    /// If the process has ended, or has not checked every request.
    pub fn verdict(&self) -> Vec<String> {
        let sent = std::mem::take(&mut *self.sent.lock().unwrap());
        if sent.known.is_empty() {
            assert_eq!(sent.meant, Vec::<String>::new(), "no request was sent");
            return Vec::new();
        }
        let verdict = {
            let mut checker = CHECKER.lock().unwrap_or_else(PoisonError::into_inner);
            checker.verdict(self.sender)
        };
        assert_eq!(sent.failure, None, "a request was not checked");
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
        findings
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

    fn send(&mut self, frame: &Value, body: &[u8]) -> std::io::Result<()> {
        let mut whole = frame.to_string().into_bytes();
        whole.push(b'\n');
        whole.extend(body);
        self.requests.write_all(&whole)
    }

    fn verdict(&mut self, sender: u64) -> Value {
        let mut line = String::new();
        // If the process has ended, there is no line.
        let _ = self.send(&json!({ "sender": sender }), b"");
        let read = self.verdicts.read_line(&mut line);
        serde_json::from_str(&line).unwrap_or_else(|error| {
            let mut said = String::new();
            // Whatever can be read explains more.
            let _ = self.log.rewind();
            let _ = self.log.read_to_string(&mut said);
            panic!("the checker of requests has ended: {read:?}, {error}\n{said}")
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
