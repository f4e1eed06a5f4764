//! The start of a local AWS's process.

use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use super::install::Programs;
use super::process::Known;
use super::record::{self, Running};
use super::{Folders, Options, causes, chaos, inherited, private_file, private_folder, secret};
use crate::source::Diagnostic;

/// How long a local AWS lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Life {
    /// Until `down`, whatever becomes of us.
    UntilDown,
    /// As long as the other end of its standard input.
    Leashed,
}

pub(super) fn is_free(port: u16) -> bool {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok()
}

/// The port that is asked for; else the one it had, which users may have noted; else any.
pub(super) fn free_port(wanted: Option<u16>, before: Option<u16>) -> Result<u16, Diagnostic> {
    if let Some(port) = wanted
        && !is_free(port)
    {
        return Err(Diagnostic::error_with_help(
            format!("port {port} is taken by another program"),
            "name another one, or none: treino then finds a free one",
        ));
    }
    let port = wanted.or(before.filter(|port| is_free(*port))).unwrap_or(0);
    let bound = TcpListener::bind((Ipv4Addr::LOCALHOST, port));
    let port = bound
        .and_then(|listener| listener.local_addr())
        .map(|address| address.port());
    port.map_err(|error| {
        let said = error.to_string();
        let help = causes::named(&said).map_or("check the network settings", |(_, help)| help);
        Diagnostic::error_with_help(format!("no port can be had on 127.0.0.1: {said}"), help)
    })
}

/// Starts it on the data that is there, and writes it down at once: whatever becomes of us, the next
/// treino finds it.
pub(super) fn start(
    folders: &Folders,
    programs: &Programs,
    port: u16,
    options: Options,
    life: Life,
) -> Result<(Running, Child), Diagnostic> {
    let data = record::data(folders);
    // Of use to the one before alone.
    let _ = std::fs::remove_dir_all(data.join("tmp"));
    for name in ["s3", "state", "tmp"] {
        private_folder(&data.join(name))?;
    }
    let log = folders.state.join("local.log");
    // What the one before said last may be why it ended.
    let _ = std::fs::rename(&log, folders.state.join("local.log.1"));
    let output = private_file(&log).and_then(|output| Ok((output.try_clone()?, output)));
    let (output, errors) = output.map_err(|error| causes::of_file(&log, &error))?;
    let mut command = Command::new(&programs.python);
    command
        .arg(programs.extension.join("main.py"))
        .current_dir(&data)
        .env_clear()
        .envs(inherited::variables())
        .env("BIND_HOST", "127.0.0.1")
        .env("GATEWAY_PORT", port.to_string())
        .env("S3_DATA_DIR", data.join("s3"))
        .env("S3_PERSIST", "1")
        .env("STATE_DIR", data.join("state"))
        .env("PERSIST_STATE", "1")
        .env("TMPDIR", data.join("tmp"))
        .env("TREINO_LOCAL_CHAOS", chaos::file(&data))
        .env("TREINO_LOCAL_FUNCTION_PYTHON", &programs.function_python)
        .env("TREINO_LOCAL_LOG", &log)
        .env("TREINO_LOCAL_NODE_MODULES", &programs.node_modules)
        .env("TREINO_LOCAL_SECRET_FILE", secret::make(folders)?)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .stdin(Stdio::null())
        .stdout(output)
        .stderr(errors);
    command.env("AUTH", if options.enforce { "true" } else { "false" });
    if options.no_faces {
        command.env("TREINO_LOCAL_FACES", "0");
    }
    if options.free_queue_names {
        command.env("TREINO_LOCAL_QUEUE_BLOCK", "0");
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
        let said = error.to_string();
        let help = causes::named(&said).map_or(
            "delete that folder, then run the same command: it is installed again",
            |(_, help)| help,
        );
        Diagnostic::error_with_help(
            format!("{} cannot be run: {said}", programs.python.display()),
            help,
        )
    })?;
    let pid = child.id();
    let running = Running {
        endpoint: record::endpoint(port),
        pid,
        // Of one that has ended already, it is of no use.
        started: Known::of(pid).map_or_else(String::new, |known| known.started),
        data,
        log,
        since: crate::engine::now(),
        faces: !options.no_faces,
        without_faces: options.no_faces,
        enforced: options.enforce,
        chaos: None,
        unsaved: None,
        extension: programs.extension.display().to_string(),
    };
    record::write(folders, &running).inspect_err(|_| {
        // Nobody would find it.
        let _ = child.kill();
        let _ = child.wait();
    })?;
    Ok((running, child))
}

/// Why a local AWS ended at its start.
pub(super) fn ended(folders: &Folders, running: &Running, child: &mut Child) -> Diagnostic {
    let status = child.try_wait().ok().flatten();
    let is_recorded = record::read(folders).ok().flatten();
    if !is_recorded.is_some_and(|recorded| recorded.is_same(running)) {
        return Diagnostic::error_with_help(
            "the local AWS was stopped by another treino while it started",
            "run the same command again",
        );
    }
    if record::kept(folders).is_none() {
        let _ = std::fs::remove_file(record::path(folders));
    }
    let last = last_line(&running.log);
    let how = status.map_or_else(|| "killed".to_owned(), |status| status.to_string());
    let help = causes::named(&last).map_or_else(
        || format!("see {}", running.log.display()),
        |(_, help)| help.to_owned(),
    );
    Diagnostic::error_with_help(
        format!("the local AWS ended at its start ({how}): {last}"),
        help,
    )
}

fn last_line(log: &Path) -> String {
    let said = std::fs::read(log).unwrap_or_default();
    let said = String::from_utf8_lossy(&said);
    let last = said.lines().rev().find(|line| !line.trim().is_empty());
    last.unwrap_or("it said nothing").to_owned()
}
