//! An HTTP API of this machine, which answers what it was asked.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// The API, which ends with the test's runtime.
pub struct Api {
    pub url: String,
    seen: Arc<Mutex<Vec<ReceivedRequest>>>,
}

/// A request as it arrived.
#[derive(Clone, Debug)]
pub struct ReceivedRequest {
    pub method: String,
    pub target: String,
    pub headers: BTreeMap<String, String>,
    pub body: String,
}

impl Api {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let seen = Arc::new(Mutex::new(Vec::new()));
        let shared = Arc::clone(&seen);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&shared)));
            }
        });
        Self { url, seen }
    }

    /// The requests so far.
    pub fn seen(&self) -> Vec<ReceivedRequest> {
        self.seen.lock().unwrap().clone()
    }

    /// The latest request.
    pub fn last(&self) -> ReceivedRequest {
        self.seen().pop().expect("a request")
    }
}

async fn serve(mut stream: TcpStream, seen: Arc<Mutex<Vec<ReceivedRequest>>>) {
    let request = read(&mut stream).await;
    let tokens = {
        let mut seen = seen.lock().unwrap();
        seen.push(request.clone());
        let of = |request: &&ReceivedRequest| request.target.starts_with("/token");
        seen.iter().filter(of).count()
    };
    let path = request.target.split('?').next().unwrap();
    let (status, kind, body) = match path {
        "/silent" => return std::future::pending().await,
        "/big" => (200, "text/plain", "x".repeat(300 * 1024)),
        "/binary" => (200, "image/png", "x".to_owned()),
        "/text" => (200, "text/plain", "{\"not\": \"parsed\"}".to_owned()),
        "/empty" => (204, "text/plain", String::new()),
        "/away" => (302, "text/plain", String::new()),
        "/missing" => (404, "application/json", json!({ "no": "such" }).to_string()),
        "/token" => {
            let token = json!({ "access_token": format!("token-{tokens}"), "token_type": "bearer", "expires_in": 300 });
            (200, "application/json", token.to_string())
        }
        // Only a token that was fetched again will do.
        "/picky" if request.headers["authorization"] == "Bearer token-1" => {
            (401, "text/plain", String::new())
        }
        _ => (
            200,
            "application/json",
            json!({ "asked": request.target }).to_string(),
        ),
    };
    let length = body.len();
    let answer = format!(
        "HTTP/1.1 {status} Some Text\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n\
         Location: http://127.0.0.1:9/stolen\r\nX-Twice: 1\r\nX-Twice: 2\r\nConnection: close\r\n\r\n{body}"
    );
    // Whoever has read enough closes early.
    let _ = stream.write_all(answer.as_bytes()).await;
}

async fn read(stream: &mut TcpStream) -> ReceivedRequest {
    let mut bytes = Vec::new();
    let head = loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break end;
        }
        assert_ne!(stream.read_buf(&mut bytes).await.unwrap(), 0, "a request");
    };
    let text = String::from_utf8(bytes[..head].to_vec()).unwrap();
    let (first, rest) = text.split_once("\r\n").unwrap();
    let headers: BTreeMap<String, String> = rest
        .lines()
        .map(|line| line.split_once(": ").unwrap())
        .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
        .collect();
    let length = headers.get("content-length");
    let length: usize = length.map_or(0, |length| length.parse().unwrap());
    while bytes.len() < head + 4 + length {
        assert_ne!(stream.read_buf(&mut bytes).await.unwrap(), 0, "a body");
    }
    let mut words = first.split(' ');
    ReceivedRequest {
        method: words.next().unwrap().to_owned(),
        target: words.next().unwrap().to_owned(),
        headers,
        body: String::from_utf8(bytes[head + 4..].to_vec()).unwrap(),
    }
}

impl ReceivedRequest {
    /// The body, which has to be JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }
}
