//! A small local HTTP API that records its requests.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// A received request, with header names in lower case.
#[derive(Debug, Clone)]
pub struct RecordedRequest {
    /// Method and path: `GET /users/1`.
    pub what: String,
    pub headers: BTreeMap<String, String>,
    pub body: String,
}

/// A running API; a function computes each answer.
pub struct Api {
    /// Its URL: `http://127.0.0.1:PORT`.
    pub address: String,
    asked: Arc<Mutex<Vec<RecordedRequest>>>,
}

impl Api {
    /// An API that answers a request with a status and a JSON body.
    pub fn answering(
        answer: impl Fn(&RecordedRequest) -> (u16, String) + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let noted = Arc::clone(&asked);
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                // A client that disconnects is no failure of the test.
                let _ = one(client, &answer, &noted);
            }
        });
        Self { address, asked }
    }

    /// Takes the requests received so far.
    pub fn take(&self) -> Vec<RecordedRequest> {
        std::mem::take(&mut *self.asked.lock().unwrap())
    }
}

fn one(
    mut client: TcpStream,
    answer: &dyn Fn(&RecordedRequest) -> (u16, String),
    noted: &Mutex<Vec<RecordedRequest>>,
) -> std::io::Result<()> {
    let mut from = BufReader::new(client.try_clone()?);
    let mut line = String::new();
    if from.read_line(&mut line)? == 0 {
        return Ok(());
    }
    let what = line.rsplit_once(" HTTP/").map_or("", |(what, _)| what);
    let mut headers = BTreeMap::new();
    loop {
        let mut header = String::new();
        from.read_line(&mut header)?;
        let Some((name, value)) = header.split_once(':') else {
            break;
        };
        headers.insert(name.to_lowercase(), value.trim().to_owned());
    }
    let length = headers.get("content-length").map_or("0", String::as_str);
    let mut body = vec![0; length.parse().map_err(std::io::Error::other)?];
    from.read_exact(&mut body)?;
    let asked = RecordedRequest {
        what: what.to_owned(),
        headers,
        body: String::from_utf8_lossy(&body).into_owned(),
    };
    let (status, body) = answer(&asked);
    noted.lock().unwrap().push(asked);
    write!(
        client,
        "HTTP/1.1 {status} Said\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    )
}
