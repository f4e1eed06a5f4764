//! Starts the process of a local AWS.

use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use super::install::Programs;
use super::process::Process;
use super::record::{self, Running};
use super::{
    Folders, Options, chaos, environment_allowlist, os_errors, private_file, private_folder, secret,
};
use crate::source::Diagnostic;

/// How long a local AWS lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lifetime {
    /// Until `down`, even if this process ends.
    UntilDown,
    /// Until its standard input is closed.
    UntilStdinCloses,
}

pub(super) fn is_free(port: u16) -> bool {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok()
}

/// The requested port; else its previous port, which users may have noted; else any free port.
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
        let help =
            os_errors::find_known(&said).map_or("check the network settings", |(_, help)| help);
        Diagnostic::error_with_help(format!("no port can be had on 127.0.0.1: {said}"), help)
    })
}

/// Starts it with the existing data, and records it at once, so that the next treino finds it even if this
/// process dies.
pub(super) fn start(
    folders: &Folders,
    programs: &Programs,
    port: u16,
    options: Options,
    lifetime: Lifetime,
) -> Result<(Running, Child), Diagnostic> {
    let data = record::data(folders);
    // Temporary files of the previous process.
    let _ = std::fs::remove_dir_all(data.join("tmp"));
    for name in ["s3", "state", "tmp"] {
        private_folder(&data.join(name))?;
    }
    let log = folders.state.join("local.log");
    // The previous log may say why it ended.
    let _ = std::fs::rename(&log, folders.state.join("local.log.1"));
    let output = private_file(&log).and_then(|output| Ok((output.try_clone()?, output)));
    let (output, errors) = output.map_err(|error| os_errors::file_error(&log, &error))?;
    let mut command = Command::new(&programs.python);
    command
        .arg(programs.extension.join("main.py"))
        .current_dir(&data)
        .env_clear()
        .envs(environment_allowlist::inherited_variables())
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
    if lifetime == Lifetime::UntilStdinCloses {
        command
            .env("TREINO_LOCAL_WATCH_STDIN", "1")
            .stdin(Stdio::piped());
    }
    // Ctrl-C in the terminal must reach treino only.
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    let mut child = command.spawn().map_err(|error| {
        let said = error.to_string();
        let help = os_errors::find_known(&said).map_or(
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
        // A process that has already ended needs no start time.
        started: Process::of(pid).map_or_else(String::new, |known| known.started),
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
        // Without a record nobody would find it.
        let _ = child.kill();
        let _ = child.wait();
    })?;
    Ok((running, child))
}

/// Why a local AWS ended at its start.
pub(super) fn startup_error(folders: &Folders, running: &Running, child: &mut Child) -> Diagnostic {
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
    let help = os_errors::find_known(&last).map_or_else(
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
