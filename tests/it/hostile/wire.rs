//! Sockets without AWS: silent, slow, endless, or not speaking HTTP.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use super::measured::measured;
use super::{Scene, TABLE, fails_well};
use crate::support::{CommandResult, World, sample};

type Answering = fn(&TcpStream) -> std::io::Result<()>;

/// Accepts every connection, reads the request, and answers as configured.
struct Endpoint {
    url: String,
    asked: Arc<AtomicUsize>,
}

impl Endpoint {
    fn answering(
        answer: impl Fn(&TcpStream) -> std::io::Result<()> + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(AtomicUsize::new(0));
        let (answer, count) = (Arc::new(answer), Arc::clone(&asked));
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                count.fetch_add(1, Ordering::Relaxed);
                let answer = Arc::clone(&answer);
                // Until the client disconnects.
                std::thread::spawn(move || drop(read(&client).and_then(|()| answer(&client))));
            }
        });
        Self { url, asked }
    }
}

/// The first request is short: it arrives at once.
fn read(mut client: &TcpStream) -> std::io::Result<()> {
    client.read(&mut [0; 16 * 1024]).map(drop)
}

fn say(mut client: &TcpStream, text: impl AsRef<[u8]>) -> std::io::Result<()> {
    client.write_all(text.as_ref())
}

/// Until the client disconnects.
fn wait(mut client: &TcpStream) -> std::io::Result<()> {
    client.read(&mut [0]).map(drop)
}

const HEAD: &str = "HTTP/1.1 200 OK\r\ncontent-type: text/xml\r\n";

fn silent(client: &TcpStream) -> std::io::Result<()> {
    wait(client)
}

#[allow(clippy::disallowed_methods, reason = "a thread of its own")]
fn a_byte_at_a_time(client: &TcpStream) -> std::io::Result<()> {
    say(client, format!("{HEAD}content-length: 100000\r\n\r\n"))?;
    loop {
        say(client, " ")?;
        std::thread::sleep(Duration::from_millis(200));
    }
}

fn endless(client: &TcpStream) -> std::io::Result<()> {
    say(client, format!("{HEAD}connection: close\r\n\r\n"))?;
    loop {
        say(client, " ".repeat(64 * 1024))?;
    }
}

fn endless_header(client: &TcpStream) -> std::io::Result<()> {
    say(client, format!("{HEAD}x: "))?;
    loop {
        say(client, "x".repeat(64 * 1024))?;
    }
}

#[allow(clippy::disallowed_methods, reason = "a thread of its own")]
fn continued_for_ever(client: &TcpStream) -> std::io::Result<()> {
    loop {
        say(client, "HTTP/1.1 100 Continue\r\n\r\n")?;
        std::thread::sleep(Duration::from_millis(1));
    }
}

fn longer_than_any(client: &TcpStream) -> std::io::Result<()> {
    let bytes = 500_000_000;
    say(
        client,
        format!(
            "HTTP/1.1 400 Bad\r\ncontent-length: {bytes}\r\n\r\n<Error><Code>X</Code><Message>"
        ),
    )?;
    loop {
        say(client, "x".repeat(64 * 1024))?;
    }
}

fn not_http(client: &TcpStream) -> std::io::Result<()> {
    say(client, "SSH-2.0-OpenSSH_9.6\r\n\u{1b}]0;title\u{7}\r\n")
}

fn cut(client: &TcpStream) -> std::io::Result<()> {
    say(
        client,
        format!("{HEAD}content-length: 1000\r\n\r\n<GetCallerIdentityResponse>"),
    )
}

fn cut_short(client: &TcpStream) -> std::io::Result<()> {
    // The body is longer than announced: the rest is ignored.
    say(
        client,
        format!(
            "{HEAD}content-length: 12\r\n\r\n<GetCallerIdentityResponse></GetCallerIdentityResponse>"
        ),
    )
}

fn two_lengths(client: &TcpStream) -> std::io::Result<()> {
    say(
        client,
        format!("{HEAD}content-length: 1\r\ncontent-length: 2\r\n\r\n<a/>"),
    )
}

fn bad_chunks(client: &TcpStream) -> std::io::Result<()> {
    say(
        client,
        format!("{HEAD}transfer-encoding: chunked\r\n\r\nffffffffffffffffff\r\n<a/>"),
    )
}

fn gone(client: &TcpStream) -> std::io::Result<()> {
    client.shutdown(std::net::Shutdown::Both)
}

fn zipped(client: &TcpStream) -> std::io::Result<()> {
    let body = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 0xff];
    say(
        client,
        format!(
            "{HEAD}content-encoding: gzip\r\ncontent-length: {}\r\n\r\n",
            body.len()
        ),
    )?;
    say(client, body)
}

fn page(client: &TcpStream) -> std::io::Result<()> {
    let body = "<!DOCTYPE html><html><title>Sign in to the network</title></html>";
    say(
        client,
        format!(
            "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        ),
    )
}

fn nothing(client: &TcpStream) -> std::io::Result<()> {
    say(client, format!("{HEAD}content-length: 0\r\n\r\n"))
}

/// `(what answers, the expected message)`
const ANSWERS: &[(Answering, &str)] = &[
    (silent, "no answer within 1s"),
    (a_byte_at_a_time, "the answer did not end within 1s"),
    (page, "a web page came in place of an answer"),
    (not_http, "no AWS answers"),
    (endless, "the answer (HTTP 200) is longer than 16 MB"),
    (endless_header, "message head is too large"),
    (continued_for_ever, "no answer within 1s"),
    (longer_than_any, "the answer (HTTP 400) is longer than 1 MB"),
    (cut, "no AWS answers"),
    (cut_short, "HTTP 200"),
    (two_lengths, "no AWS answers"),
    (bad_chunks, "no AWS answers"),
    (gone, "no AWS answers"),
    (zipped, "the answer is not one AWS gives"),
    (nothing, "the answer is not one AWS gives"),
];

/// The verbs that speak to AWS.
fn verbs(file: &str) -> Vec<Vec<String>> {
    let photo = sample("coffee.jpg").to_str().unwrap().to_owned();
    let verbs: [&[&str]; 6] = [
        &["plan", file],
        &["deploy", file, "--yes"],
        &["status"],
        &["run", "lab", &photo],
        &["logs", "lab"],
        &["destroy", "lab", "--yes"],
    ];
    let owned = |verb: &&[&str]| verb.iter().map(|word| (*word).to_owned()).collect();
    verbs.iter().map(owned).collect()
}

fn run_at(world: &World, endpoint: &str, seconds: &str, arguments: &[String]) -> CommandResult {
    let mut command = world.command();
    command
        .env("TREINO_TIMEOUT", seconds)
        .env("AWS_ACCESS_KEY_ID", "somebody")
        .env("AWS_SECRET_ACCESS_KEY", "local")
        .env("AWS_REGION", "us-east-1")
        .args(["--endpoint-url", endpoint])
        .args(arguments);
    measured(&mut command).modest()
}

#[test]
fn every_verb_ends_without_aws() {
    let world = World::new("every_verb_ends_without_aws");
    world.set("AWS_MAX_ATTEMPTS", "1");
    let file = world.file("lab.yaml", format!("stack: lab\n{TABLE}").as_bytes());
    let verbs = verbs(file.to_str().unwrap());
    let world = &world;
    std::thread::scope(|scope| {
        for (number, (answer, said)) in ANSWERS.iter().enumerate() {
            let endpoint = Endpoint::answering(answer);
            // What answers the very first call is the same for all verbs: that is seen of the first few.
            let some = if number < 4 {
                &verbs[..]
            } else {
                std::slice::from_ref(&verbs[number % verbs.len()])
            };
            let seconds = if said.contains("within 1s") {
                "1"
            } else {
                "30"
            };
            // The slow ones run concurrently.
            scope.spawn(move || {
                for verb in some {
                    let ran = run_at(world, &endpoint.url, seconds, verb).ends(1);
                    let what = format!("{} ({said})", verb[0]);
                    fails_well(&ran, &what);
                    assert!(ran.err.contains(said), "{what}: {}", ran.err);
                    let named = ran.err.contains("STS GetCallerIdentity")
                        || ran.err.contains(&endpoint.url);
                    assert!(named && ran.err.contains("help:"), "{what}: {}", ran.err);
                    assert!(!ran.err.contains('\u{1b}'), "{what}: {:?}", ran.err);
                }
                assert_eq!(endpoint.asked.load(Ordering::Relaxed), some.len());
            });
        }
    });
}

#[test]
fn a_refused_connection_differs_from_a_wrong_answer() {
    let world = World::new("a_refused_connection_differs_from_a_wrong_answer");
    let port = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let ran = run_at(
        &world,
        &format!("http://{port}"),
        "30",
        &["status".to_owned()],
    )
    .ends(1);
    ran.says(&format!(
        "nothing answers at http://{port}: Connection refused"
    ));
}

#[test]
fn the_timeout_must_be_a_number() {
    let world = World::new("the_timeout_must_be_a_number");
    for (variable, value) in [
        ("TREINO_TIMEOUT", "0"),
        ("TREINO_TIMEOUT", "1m"),
        ("TREINO_TIMEOUT", "-1"),
        ("TREINO_TIMEOUT", "99999999999999999999"),
        ("AWS_MAX_ATTEMPTS", "0"),
        ("AWS_MAX_ATTEMPTS", "\u{1b}]0;x"),
    ] {
        let mut command = world.command();
        let ran =
            CommandResult::of(command.env(variable, value).args(["status", "--local"])).ends(1);
        let ran = ran.says(variable).says(&format!("unset {variable}"));
        assert!(!ran.err.contains('\u{1b}'), "{:?}", ran.err);
    }
}

/// Credentials are sent to the configured endpoint only.
#[tokio::test]
async fn a_redirect_is_not_followed() {
    let test = "a_redirect_is_not_followed";
    let scene = Scene::of(test, &[TABLE, super::BUCKET]).await;
    scene.deployed();
    let elsewhere = Endpoint::answering(nothing);
    for status in [301, 307] {
        for name in [
            "s3:GetBucketPolicy",
            "s3:ListBuckets",
            "dynamodb:ListTables",
        ] {
            let url = elsewhere.url.clone();
            scene.proxy.on(name).wire(move |client| {
                say(
                    client,
                    format!(
                        "HTTP/1.1 {status} Moved\r\nlocation: {url}/x\r\ncontent-length: 0\r\n\r\n"
                    ),
                )
            });
            let ran = scene.plan().ends(1);
            fails_well(&ran, name);
            let operation = name.split(':').nth(1).unwrap();
            ran.says(operation)
                .says(&format!("HTTP {status}"))
                .says(&elsewhere.url);
            scene.proxy.forget();
        }
    }
    assert_eq!(elsewhere.asked.load(Ordering::Relaxed), 0);
    scene.is_gone_after_destroy().await;
}

/// The default timeout, waited for in full.
#[test]
#[ignore = "waits for more than a minute"]
fn thirty_seconds_without_an_answer_time_out() {
    let world = World::new("thirty_seconds_without_an_answer_time_out");
    let endpoint = Endpoint::answering(silent);
    let began = std::time::Instant::now();
    // As by itself.
    let ran = run_at(&world, &endpoint.url, "", &["status".to_owned()]).ends(1);
    fails_well(&ran, "status");
    ran.says("no answer within 30s");
    // The first call has two attempts.
    assert_eq!(endpoint.asked.load(Ordering::Relaxed), 2);
    let took = began.elapsed();
    assert!((60..70).contains(&took.as_secs()), "{took:?}");
}
