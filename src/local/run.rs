//! Starting, finding and stopping the local AWS.

use std::io::Write;
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::{Duration, Instant};

use http_body_util::{BodyExt, Empty};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde::{Deserialize, Serialize};

use super::install::{environment, lock};
use super::{
    Disturbance, Failure, Folders, Options, chaos, inherited, private_file, private_folder, secret,
};

/// How long a start may take on a slow machine.
const START: Duration = Duration::from_mins(1);
/// How long a stop may take before it is forced.
const END: Duration = Duration::from_secs(10);

/// A local AWS that answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Running {
    /// `http://127.0.0.1:PORT`.
    pub endpoint: String,
    /// Its process.
    pub pid: u32,
    /// Its data, deleted by `down`.
    pub data: PathBuf,
    /// What it and its functions print.
    pub log: PathBuf,
    /// When it was started, as an RFC 3339 time.
    pub since: String,
    /// Whether it finds faces.
    pub faces: bool,
    /// Whether it enforces IAM policies.
    #[serde(default)]
    pub enforced: bool,
    /// What it is made to fail at, as it says itself.
    #[serde(default)]
    pub chaos: Option<Disturbance>,
    /// The extension it runs.
    extension: String,
}

/// What `/_treino/health` answers, as far as it matters here.
#[derive(Deserialize)]
struct Health {
    pid: u32,
    /// `starting` until what it holds is read; then `ready`.
    backend: String,
    #[serde(default)]
    faces: bool,
    #[serde(default)]
    chaos: Option<Disturbance>,
}

/// The running local AWS, or nothing. A stale record is nothing.
///
/// # Errors
/// None so far; kept for the file system's.
pub async fn status(folders: &Folders) -> Result<Option<Running>, Failure> {
    let Ok(text) = std::fs::read(record(folders)) else {
        return Ok(None);
    };
    let Ok(running) = serde_json::from_slice::<Running>(&text) else {
        return Ok(None);
    };
    // The port may by now be somebody else's: only an answer with the same pid is ours.
    let health = health(&running.endpoint).await;
    let ours = health.filter(|health| health.pid == running.pid);
    Ok(ours.map(|health| Running {
        chaos: health.chaos,
        ..running
    }))
}

/// Starts the local AWS, or finds the one that runs.
///
/// # Errors
/// It cannot be installed, its port is taken, or it ends or stays silent after its start.
pub async fn up(
    folders: &Folders,
    options: Options,
    say: &dyn Fn(&str),
) -> Result<Running, Failure> {
    private_folder(&folders.state)?;
    let _lock = lock(&folders.state.join("lock"))?;
    if let Some(running) = status(folders).await? {
        return reuse(running, options);
    }
    let (running, _) = fresh(folders, options, Life::UntilDown, say).await?;
    Ok(running)
}

/// How long a local AWS lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Life {
    /// Until `down`, whatever becomes of us.
    UntilDown,
    /// As long as the other end of its standard input.
    Leashed,
}

/// Holds a local AWS that was started by [`up_on_leash`].
#[derive(Debug)]
pub struct Leash(#[allow(dead_code, reason = "held open, never written to")] Option<ChildStdin>);

/// Starts a local AWS that ends when its leash is dropped or this process ends, however it ends.
///
/// For tests: nothing they start outlives them. In folders where one runs already this is an error.
///
/// # Errors
/// Those of [`up`], and that one runs there.
pub async fn up_on_leash(
    folders: &Folders,
    options: Options,
    say: &dyn Fn(&str),
) -> Result<(Running, Leash), Failure> {
    private_folder(&folders.state)?;
    let _lock = lock(&folders.state.join("lock"))?;
    if let Some(running) = status(folders).await? {
        return Err(Failure::new(
            format!("the local AWS runs at {} already", running.endpoint),
            "name another folder for the state of this one",
        ));
    }
    let (running, stdin) = fresh(folders, options, Life::Leashed, say).await?;
    Ok((running, Leash(stdin)))
}

/// Installs what is not there yet, and starts a new one.
async fn fresh(
    folders: &Folders,
    options: Options,
    life: Life,
    say: &dyn Fn(&str),
) -> Result<(Running, Option<ChildStdin>), Failure> {
    let (python, extension) = environment(folders, options.no_faces, say)?;
    say("starting the local AWS");
    let mut attempts = 0;
    loop {
        attempts += 1;
        let port = free_port(options.port)?;
        match start(folders, (&python, &extension), port, options, life).await {
            // A port that was free a moment ago may be gone; a named one is not tried again.
            Err(_) if attempts < 3 && options.port.is_none() && !port_is_free(port) => {}
            other => return other,
        }
    }
}

fn reuse(running: Running, options: Options) -> Result<Running, Failure> {
    let wanted = options.port.map(|port| format!("http://127.0.0.1:{port}"));
    match wanted {
        Some(wanted) if wanted != running.endpoint => Err(Failure::new(
            format!("the local AWS runs at {} already", running.endpoint),
            "use it there, or stop it first: treino local down (its data goes with it)",
        )),
        _ if options.enforce && !running.enforced => Err(Failure::new(
            format!(
                "the local AWS at {} enforces no IAM policies",
                running.endpoint
            ),
            "stop it first: treino local down (its data goes with it)",
        )),
        _ => Ok(running),
    }
}

/// Stops the local AWS and deletes its data; answers what ran.
///
/// # Errors
/// It does not end, or its data cannot be deleted.
pub async fn down(folders: &Folders) -> Result<Option<Running>, Failure> {
    if !folders.state.exists() {
        return Ok(None);
    }
    let _lock = lock(&folders.state.join("lock"))?;
    let running = status(folders).await?;
    if let Some(running) = &running {
        stop(running).await?;
    }
    let _ = std::fs::remove_file(record(folders));
    let data = folders.state.join("data");
    match std::fs::remove_dir_all(&data) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(Failure::new(
            format!("the data in {} cannot be deleted: {error}", data.display()),
            "delete it by hand",
        )),
        _ => Ok(running),
    }
}

fn record(folders: &Folders) -> PathBuf {
    folders.state.join("local.json")
}

fn port_is_free(port: u16) -> bool {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok()
}

fn free_port(wanted: Option<u16>) -> Result<u16, Failure> {
    if let Some(port) = wanted
        && !port_is_free(port)
    {
        return Err(Failure::new(
            format!("port {port} is taken by another program"),
            "name another one, or none: treino then finds a free one",
        ));
    }
    let bound = TcpListener::bind((Ipv4Addr::LOCALHOST, wanted.unwrap_or(0)));
    let port = bound
        .and_then(|listener| listener.local_addr())
        .map(|address| address.port());
    port.map_err(|error| {
        Failure::new(
            format!("no port can be had on 127.0.0.1: {error}"),
            "check the network settings",
        )
    })
}

async fn start(
    folders: &Folders,
    (python, extension): (&Path, &Path),
    port: u16,
    options: Options,
    life: Life,
) -> Result<(Running, Option<ChildStdin>), Failure> {
    let data = folders.state.join("data");
    // Nothing runs: what a killed one left is half a state, and would be taken for whole.
    let _ = std::fs::remove_dir_all(&data);
    for name in ["s3", "state", "tmp"] {
        private_folder(&data.join(name))?;
    }
    let log = folders.state.join("local.log");
    let unwritable = |error: std::io::Error| {
        Failure::new(format!("{}: {error}", log.display()), "make it writable")
    };
    let output = private_file(&log).map_err(unwritable)?;
    let errors = output.try_clone().map_err(unwritable)?;
    let mut command = Command::new(python);
    command
        .arg(extension.join("main.py"))
        .current_dir(&data)
        .env_clear()
        .envs(inherited::variables())
        .env("BIND_HOST", "127.0.0.1")
        .env("GATEWAY_PORT", port.to_string())
        .env("S3_DATA_DIR", data.join("s3"))
        .env("STATE_DIR", data.join("state"))
        .env("TMPDIR", data.join("tmp"))
        .env("TREINO_LOCAL_CHAOS", chaos::file(&data))
        .env("TREINO_LOCAL_SECRET_FILE", secret::make(folders)?)
        .env("TREINO_LOCAL_LOG", &log)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .stdin(Stdio::null())
        .stdout(output)
        .stderr(errors);
    command.env("AUTH", if options.enforce { "true" } else { "false" });
    if options.no_faces {
        command.env("TREINO_LOCAL_FACES", "0");
    }
    if life == Life::Leashed {
        command
            .env("TREINO_LOCAL_WATCH_STDIN", "1")
            .stdin(Stdio::piped());
    }
    // Ctrl-C in the terminal is for treino, not for what it leaves running.
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    let mut child = command.spawn().map_err(|error| {
        Failure::new(
            format!("{} cannot be run: {error}", python.display()),
            "run `treino local down`, then try again",
        )
    })?;
    let endpoint = format!("http://127.0.0.1:{port}");
    let health = healthy(&mut child, &endpoint, &log).await?;
    let running = Running {
        endpoint,
        pid: child.id(),
        data,
        log,
        since: crate::engine::now(),
        faces: health.faces,
        enforced: options.enforce,
        chaos: None,
        extension: extension.display().to_string(),
    };
    let text = serde_json::to_vec_pretty(&running).unwrap_or_default();
    let written = private_file(&record(folders)).and_then(|mut file| file.write_all(&text));
    written.map_err(|error| {
        Failure::new(
            format!("{}: {error}", record(folders).display()),
            "make it writable",
        )
    })?;
    Ok((running, child.stdin.take()))
}

async fn healthy(child: &mut Child, endpoint: &str, log: &Path) -> Result<Health, Failure> {
    let began = Instant::now();
    loop {
        if let Some(health) = health(endpoint).await
            && health.backend == "ready"
        {
            return Ok(health);
        }
        if let Ok(Some(status)) = child.try_wait() {
            let said = std::fs::read_to_string(log).unwrap_or_default();
            let last = said
                .lines()
                .rev()
                .find(|line| !line.trim().is_empty())
                .unwrap_or("it said nothing")
                .to_owned();
            return Err(Failure::new(
                format!("the local AWS ended at its start ({status}): {last}"),
                format!("see {}", log.display()),
            ));
        }
        if began.elapsed() > START {
            let _ = child.kill();
            return Err(Failure::new(
                format!("the local AWS did not answer within {} s", START.as_secs()),
                format!("see {}", log.display()),
            ));
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn health(endpoint: &str) -> Option<Health> {
    let client: Client<HttpConnector, Empty<bytes::Bytes>> =
        Client::builder(TokioExecutor::new()).build_http();
    let uri = format!("{endpoint}/_treino/health").parse().ok()?;
    let answer = tokio::time::timeout(Duration::from_secs(2), client.get(uri))
        .await
        .ok()?
        .ok()?;
    let body = answer.into_body().collect().await.ok()?.to_bytes();
    serde_json::from_slice(&body).ok()
}

#[cfg(unix)]
fn signal(pid: u32, signal: rustix::process::Signal) {
    let pid = i32::try_from(pid)
        .ok()
        .and_then(rustix::process::Pid::from_raw);
    if let Some(pid) = pid {
        // It may have ended by itself.
        let _ = rustix::process::kill_process(pid, signal);
    }
}

#[cfg(unix)]
async fn stop(running: &Running) -> Result<(), Failure> {
    use rustix::process::Signal;
    signal(running.pid, Signal::TERM);
    let began = Instant::now();
    while health(&running.endpoint).await.is_some() {
        if began.elapsed() > END {
            signal(running.pid, Signal::KILL);
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Ok(())
}

#[cfg(not(unix))]
async fn stop(running: &Running) -> Result<(), Failure> {
    let ended = Command::new("taskkill")
        .args(["/F", "/T", "/PID", &running.pid.to_string()])
        .output();
    match ended {
        Ok(output) if output.status.success() => Ok(()),
        _ => Err(Failure::new(
            format!("process {} does not end", running.pid),
            "end it by hand",
        )),
    }
}
