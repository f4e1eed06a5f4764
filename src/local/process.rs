//! Processes, identified by pid and start time: a pid alone may be reused by another program.

use std::collections::BTreeSet;
use std::path::Path;

/// The start time of a process, in the system's format, with the boot id; `None` if no process has this pid
/// or it is a zombie.
#[cfg(target_os = "linux")]
pub(super) fn start_time(pid: u32) -> Option<String> {
    let (state, _, start) = stat(pid)?;
    let boot = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
    (!state.starts_with(['Z', 'X'])).then(|| format!("{} {start}", boot.trim()))
}

/// State, parent and start time.
#[cfg(target_os = "linux")]
fn stat(pid: u32) -> Option<(String, u32, String)> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The program's name may contain any character.
    let (_, fields) = text.rsplit_once(')')?;
    let fields: Vec<&str> = fields.split_whitespace().collect();
    let (state, parent, start) = (fields.first()?, fields.get(1)?, fields.get(19)?);
    Some((
        (*state).to_owned(),
        parent.parse().ok()?,
        (*start).to_owned(),
    ))
}

#[cfg(all(unix, not(target_os = "linux")))]
pub(super) fn start_time(pid: u32) -> Option<String> {
    let pid = pid.to_string();
    let said = output_of("ps", &["-o", "stat=,lstart=", "-p", &pid])?;
    let (state, start) = said.trim().split_once(' ')?;
    (!state.starts_with('Z')).then(|| start.trim().to_owned())
}

#[cfg(windows)]
pub(super) fn start_time(pid: u32) -> Option<String> {
    let script = format!("(Get-Process -Id {pid} -ErrorAction Stop).StartTime.Ticks");
    let said = output_of("powershell", &["-NoProfile", "-Command", &script])?;
    let ticks = said.trim();
    (!ticks.is_empty()).then(|| ticks.to_owned())
}

/// The output of a system program.
#[cfg(not(target_os = "linux"))]
fn output_of(program: &str, arguments: &[&str]) -> Option<String> {
    let mut command = std::process::Command::new(program);
    command.args(arguments).env("LC_ALL", "C").env("TZ", "UTC");
    let output = command.stdin(std::process::Stdio::null()).output().ok()?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    output.status.success().then_some(said)
}

/// A process that may end at any time, and whose pid may then be reused.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Process {
    pub pid: u32,
    pub started: String,
}

impl Process {
    pub fn of(pid: u32) -> Option<Self> {
        let started = start_time(pid)?;
        Some(Self { pid, started })
    }

    pub fn is_alive(&self) -> bool {
        start_time(self.pid).as_deref() == Some(&self.started)
    }

    /// Asks it to end, also if it is stopped.
    pub fn end(&self) {
        #[cfg(unix)]
        {
            self.signal(rustix::process::Signal::TERM);
            self.signal(rustix::process::Signal::CONT);
        }
    }

    /// Kills it.
    pub fn kill(&self) {
        #[cfg(unix)]
        self.signal(rustix::process::Signal::KILL);
        #[cfg(windows)]
        if self.is_alive() {
            let pid = self.pid.to_string();
            let _ = output_of("taskkill", &["/F", "/T", "/PID", &pid]);
        }
    }

    #[cfg(unix)]
    fn signal(&self, signal: rustix::process::Signal) {
        let pid = i32::try_from(self.pid).ok();
        let pid = pid.and_then(rustix::process::Pid::from_raw);
        if let Some(pid) = pid.filter(|_| self.is_alive()) {
            // It may have ended already.
            let _ = rustix::process::kill_process(pid, signal);
        }
    }
}

/// The descendants of a process, as far as the system shows them.
pub(super) fn descendants(pid: u32) -> Vec<Process> {
    let all = all_processes();
    let mut found = BTreeSet::from([pid]);
    loop {
        let more = all.iter().filter(|(_, parent)| found.contains(parent));
        let more: Vec<u32> = more
            .map(|(pid, _)| *pid)
            .filter(|pid| !found.contains(pid))
            .collect();
        if more.is_empty() {
            found.remove(&pid);
            return found.into_iter().filter_map(Process::of).collect();
        }
        found.extend(more);
    }
}

/// Processes that a local AWS with this data folder left behind. They are recognised by their environment,
/// which only Linux shows.
pub(super) fn orphans(data: &Path) -> Vec<Process> {
    let mark = format!("STATE_DIR={}", data.join("state").display());
    let is_of = |pid: u32| {
        let environment = std::fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
        environment
            .split(|byte| *byte == 0)
            .any(|variable| variable == mark.as_bytes())
    };
    let found = all_processes()
        .into_iter()
        .map(|(pid, _)| pid)
        .filter(|pid| is_of(*pid));
    found.filter_map(Process::of).collect()
}

/// Every pid with its parent's pid.
#[cfg(target_os = "linux")]
fn all_processes() -> Vec<(u32, u32)> {
    let entries = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    pids.filter_map(|pid| stat(pid).map(|(_, parent, _)| (pid, parent)))
        .collect()
}

#[cfg(all(unix, not(target_os = "linux")))]
fn all_processes() -> Vec<(u32, u32)> {
    let said = output_of("ps", &["-axo", "pid=,ppid="]).unwrap_or_default();
    let lines = said.lines().filter_map(|line| {
        let (pid, parent) = line.trim().split_once(' ')?;
        Some((pid.parse().ok()?, parent.trim().parse().ok()?))
    });
    lines.collect()
}

/// `taskkill /T` finds descendants itself.
#[cfg(windows)]
fn all_processes() -> Vec<(u32, u32)> {
    Vec::new()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reused_pid_is_another_process() {
        let program = if cfg!(windows) { "powershell" } else { "sleep" };
        let mut child = std::process::Command::new(program)
            .arg("60")
            .spawn()
            .unwrap();
        let known = Process::of(child.id()).unwrap();
        assert!(known.is_alive());
        let other = Process {
            started: "another time".to_owned(),
            ..known.clone()
        };
        other.kill();
        assert!(
            known.is_alive(),
            "a process of another start time is not ended"
        );
        assert!(descendants(std::process::id()).contains(&known) || cfg!(windows));
        known.kill();
        // Until it is waited for, it keeps its pid.
        let began = std::time::Instant::now();
        while known.is_alive() {
            assert!(began.elapsed().as_secs() < 60, "it does not end");
        }
        child.wait().unwrap();
        assert!(!known.is_alive());
    }
}
