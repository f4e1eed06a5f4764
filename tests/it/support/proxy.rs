//! A proxy that notes every request on its way to the local AWS.
//!
//! One thread a connection and one request a connection: what it says of each request is all
//! there is to it. Threads, not tasks, so that a test may block on the binary meanwhile.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// A request, by what it asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// The service its signature names, such as `s3` or `states`.
    pub service: String,
    /// The operation; of S3 and Lambda, which name none, method and path.
    pub operation: String,
    /// Whether it changes anything.
    pub mutating: bool,
}

/// A running proxy.
pub struct Proxy {
    /// Where it listens.
    pub endpoint: String,
    calls: Arc<Mutex<Vec<Call>>>,
}

impl Proxy {
    /// A proxy before an endpoint of this machine, `http://127.0.0.1:PORT`.
    pub fn before(upstream: &str) -> Self {
        Self::slow(upstream, Duration::ZERO)
    }

    /// The same, but every request takes this much longer.
    pub fn slow(upstream: &str, delay: Duration) -> Self {
        let upstream = upstream.strip_prefix("http://").unwrap().to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let calls = Arc::new(Mutex::new(Vec::new()));
        let noted = Arc::clone(&calls);
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let (upstream, noted) = (upstream.clone(), Arc::clone(&noted));
                // A client that goes away is no failure of the test.
                std::thread::spawn(move || drop(exchange(client, &upstream, &noted, delay)));
            }
        });
        Self { endpoint, calls }
    }

    /// The requests so far; forgets them.
    pub fn take(&self) -> Vec<Call> {
        std::mem::take(&mut *self.calls.lock().unwrap())
    }
}

/// A request as it came.
struct Request {
    line: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

fn exchange(
    client: TcpStream,
    upstream: &str,
    noted: &Mutex<Vec<Call>>,
    delay: Duration,
) -> std::io::Result<()> {
    let mut from_client = BufReader::new(client.try_clone()?);
    let Some(request) = Request::read(&mut from_client, &client)? else {
        return Ok(());
    };
    noted.lock().unwrap().push(request.call());
    #[allow(clippy::disallowed_methods, reason = "a thread of its own")]
    std::thread::sleep(delay);
    let mut server = TcpStream::connect(upstream)?;
    request.write(&mut server)?;
    let mut answer = Vec::new();
    server.read_to_end(&mut answer)?;
    // The client is told that this connection ends, so that it never asks twice on it.
    let end_of_line = answer.windows(2).position(|two| two == b"\r\n");
    let head = end_of_line.map_or(0, |at| at + 2);
    let mut client = client;
    client.write_all(&answer[..head])?;
    client.write_all(b"connection: close\r\n")?;
    client.write_all(&answer[head..])
}

impl Request {
    /// Nothing where the connection was opened for nothing.
    fn read(from: &mut impl BufRead, mut client: &TcpStream) -> std::io::Result<Option<Self>> {
        let line = read_line(from)?;
        if line.is_empty() {
            return Ok(None);
        }
        let mut headers = Vec::new();
        loop {
            let header = read_line(from)?;
            let Some((name, value)) = header.split_once(':') else {
                break;
            };
            headers.push((name.to_lowercase(), value.trim().to_owned()));
        }
        let mut request = Self {
            line,
            headers,
            body: Vec::new(),
        };
        if request.header("expect").is_some() {
            client.write_all(b"HTTP/1.1 100 Continue\r\n\r\n")?;
        }
        if request.header("transfer-encoding").is_some() {
            request.body = read_chunks(from)?;
        } else {
            let length = request.header("content-length").unwrap_or("0");
            let length: usize = length.parse().map_err(std::io::Error::other)?;
            request.body = vec![0; length];
            from.read_exact(&mut request.body)?;
        }
        Ok(Some(request))
    }

    fn write(&self, server: &mut TcpStream) -> std::io::Result<()> {
        let mut whole = Vec::new();
        write!(whole, "{}\r\n", self.line)?;
        let ours = [
            "connection",
            "expect",
            "transfer-encoding",
            "content-length",
        ];
        for (name, value) in &self.headers {
            if !ours.contains(&name.as_str()) {
                write!(whole, "{name}: {value}\r\n")?;
            }
        }
        write!(whole, "content-length: {}\r\n", self.body.len())?;
        write!(whole, "connection: close\r\n\r\n")?;
        whole.extend(&self.body);
        server.write_all(&whole)
    }

    fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        headers
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }

    /// What is asked for: by the target header, the body's `Action`, or method and path.
    fn call(&self) -> Call {
        let mut words = self.line.split(' ');
        let (method, path) = (words.next().unwrap_or(""), words.next().unwrap_or(""));
        // AWS4-HMAC-SHA256 Credential=KEY/DATE/REGION/SERVICE/aws4_request, ...
        let scope = self.header("authorization").unwrap_or("");
        let service = scope.split('/').nth(3).unwrap_or("").to_owned();
        let body = String::from_utf8_lossy(&self.body);
        let by_action = || {
            body.split('&')
                .find_map(|field| field.strip_prefix("Action="))
        };
        let by_path = || {
            path.split_once("/operation/")
                .map(|(_, operation)| operation)
        };
        let by_target = self
            .header("x-amz-target")
            .and_then(|t| t.rsplit('.').next());
        match by_target.or_else(by_action).or_else(by_path) {
            Some(operation) => Call {
                service,
                operation: operation.to_owned(),
                mutating: !["Describe", "Get", "List", "Head", "Lookup"]
                    .iter()
                    .any(|reading| operation.starts_with(reading)),
            },
            None => Call {
                service,
                operation: format!("{method} {path}"),
                mutating: !["GET", "HEAD"].contains(&method),
            },
        }
    }
}

fn read_line(from: &mut impl BufRead) -> std::io::Result<String> {
    let mut line = String::new();
    from.read_line(&mut line)?;
    Ok(line.trim_end().to_owned())
}

fn read_chunks(from: &mut impl BufRead) -> std::io::Result<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let size = read_line(from)?;
        let size = usize::from_str_radix(size.trim(), 16).map_err(std::io::Error::other)?;
        let start = body.len();
        body.resize(start + size, 0);
        from.read_exact(&mut body[start..])?;
        read_line(from)?;
        if size == 0 {
            return Ok(body);
        }
    }
}
