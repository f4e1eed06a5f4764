//! Raw HTTP: one request per connection, complete bodies.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;

/// Headers that the proxy sets itself.
const OURS: [&str; 4] = [
    "connection",
    "expect",
    "transfer-encoding",
    "content-length",
];

/// A received request, with header names in lower case.
#[derive(Debug, Clone)]
pub struct Request {
    pub method: String,
    /// The path with its query.
    pub path: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

/// An answer with its complete body, header names in lower case.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Request {
    /// An answer without a body.
    pub fn new(method: &str, path: &str, host: &str) -> Self {
        Self {
            method: method.to_owned(),
            path: path.to_owned(),
            headers: vec![("host".to_owned(), host.to_owned())],
            body: Vec::new(),
        }
    }

    /// `None` if the connection was closed without a request.
    pub fn read(client: &TcpStream) -> std::io::Result<Option<Self>> {
        let mut from = BufReader::new(client.try_clone()?);
        let line = read_line(&mut from)?;
        let mut words = line.split(' ').map(String::from);
        let (Some(method), Some(path)) = (words.next(), words.next()) else {
            return Ok(None);
        };
        let headers = read_headers(&mut from)?;
        if find(&headers, "expect").is_some() {
            let mut client = client;
            client.write_all(b"HTTP/1.1 100 Continue\r\n\r\n")?;
        }
        let body = read_body(&mut from, &headers, Some(0))?;
        Ok(Some(Self {
            method,
            path,
            headers,
            body,
        }))
    }

    /// Forwards the request.
    pub fn forward(&self, upstream: &str) -> std::io::Result<Answer> {
        let mut server = TcpStream::connect(upstream)?;
        let mut whole = format!("{} {} HTTP/1.1\r\n", self.method, self.path).into_bytes();
        write_rest(&mut whole, &self.headers, &self.body, false)?;
        server.write_all(&whole)?;
        Answer::read(&server, self.method == "HEAD")
    }

    /// Forwards the request on a kept connection, if there is one that the server has not closed meanwhile.
    pub fn forward_on(
        &self,
        upstream: &str,
        kept: &mut Option<TcpStream>,
    ) -> std::io::Result<Answer> {
        let mut whole = format!("{} {} HTTP/1.1\r\n", self.method, self.path).into_bytes();
        write_rest(&mut whole, &self.headers, &self.body, true)?;
        let send = |mut server: &TcpStream| {
            server.write_all(&whole)?;
            Answer::read(server, self.method == "HEAD")
        };
        if let Some(server) = kept
            && let Ok(answer) = send(server)
        {
            return Ok(answer);
        }
        *kept = None;
        let server = TcpStream::connect(upstream)?;
        server.set_nodelay(true)?;
        let answer = send(&server)?;
        if find(&answer.headers, "connection") != Some("close") {
            *kept = Some(server);
        }
        Ok(answer)
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        find(&self.headers, name)
    }

    pub fn set(&mut self, name: &str, value: &str) {
        self.headers.retain(|(known, _)| known != name);
        self.headers.push((name.to_owned(), value.to_owned()));
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

impl Answer {
    fn read(server: &TcpStream, is_head: bool) -> std::io::Result<Self> {
        let mut from = BufReader::new(server);
        let line = read_line(&mut from)?;
        let status = line.split(' ').nth(1).and_then(|code| code.parse().ok());
        let status = status.ok_or_else(|| std::io::Error::other(line.clone()))?;
        let headers = read_headers(&mut from)?;
        let body = if is_head || [204, 304].contains(&status) {
            Vec::new()
        } else {
            read_body(&mut from, &headers, None)?
        };
        Ok(Self {
            status,
            headers,
            body,
        })
    }

    /// An answer made by the proxy.
    pub fn made(status: u16, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        Self {
            status,
            headers: vec![("content-type".to_owned(), content_type.to_owned())],
            body: body.into(),
        }
    }

    pub fn is_success(&self) -> bool {
        self.status < 300
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// Sends the answer, and says whether the connection is kept. Only so many bytes of the body are sent,
    /// whatever length was announced.
    pub fn write(&self, mut client: &TcpStream, bytes: usize, keep: bool) -> std::io::Result<()> {
        let mut whole = format!("HTTP/1.1 {} Said\r\n", self.status).into_bytes();
        write_rest(&mut whole, &self.headers, &self.body, keep)?;
        let cut = self.body.len().saturating_sub(bytes);
        client.write_all(&whole[..whole.len() - cut])
    }
}

fn write_rest(
    whole: &mut Vec<u8>,
    headers: &[(String, String)],
    body: &[u8],
    keep: bool,
) -> std::io::Result<()> {
    for (name, value) in headers.iter().filter(|(name, _)| !OURS.contains(&&**name)) {
        write!(whole, "{name}: {value}\r\n")?;
    }
    write!(whole, "content-length: {}\r\n", body.len())?;
    let connection = if keep { "keep-alive" } else { "close" };
    write!(whole, "connection: {connection}\r\n\r\n")?;
    whole.extend(body);
    Ok(())
}

fn find<'a>(headers: &'a [(String, String)], name: &str) -> Option<&'a str> {
    let found = headers.iter().find(|(known, _)| known == name);
    found.map(|(_, value)| value.as_str())
}

fn read_line(from: &mut impl BufRead) -> std::io::Result<String> {
    let mut line = String::new();
    from.read_line(&mut line)?;
    Ok(line.trim_end().to_owned())
}

fn read_headers(from: &mut impl BufRead) -> std::io::Result<Vec<(String, String)>> {
    let mut headers = Vec::new();
    loop {
        let header = read_line(from)?;
        let Some((name, value)) = header.split_once(':') else {
            return Ok(headers);
        };
        headers.push((name.to_lowercase(), value.trim().to_owned()));
    }
}

/// Up to the end of the connection if no length is given, unless a default is to be used.
fn read_body(
    from: &mut impl BufRead,
    headers: &[(String, String)],
    unsaid: Option<usize>,
) -> std::io::Result<Vec<u8>> {
    let mut body = Vec::new();
    if find(headers, "transfer-encoding").is_some() {
        return read_chunks(from);
    }
    let length = find(headers, "content-length").and_then(|length| length.parse().ok());
    match length.or(unsaid) {
        Some(length) => {
            body.resize(length, 0);
            from.read_exact(&mut body)?;
        }
        None => drop(from.read_to_end(&mut body)?),
    }
    Ok(body)
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
