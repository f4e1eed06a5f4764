//! The local AWS, as text.

use super::style::{dim, warning};
use super::time::local;
use crate::ops::{InstallProgress, LocalAws, bytes};
use crate::source::counted;

/// The width of the bar of an installation, small enough for a line of 80 columns.
const BAR: usize = 12;
/// After how many seconds without anything new an installation is said to be stalled.
const STALLED: u64 = 15;

/// That none runs, nor has left anything.
const NOT_RUNNING: &str = "the local AWS is not running, and keeps no data";

/// The same, with what starts one.
pub(super) fn not_running() -> String {
    let help = "`treino local up` starts it, and so does a deploy with --local";
    format!("{NOT_RUNNING}\n{}", dim(&format!("  {help}")))
}

/// The progress of an installation, for a line of a terminal.
pub(super) fn installing(progress: &InstallProgress, seconds: u64) -> String {
    let InstallProgress {
        what,
        done,
        packages,
        ..
    } = progress;
    let counted = match packages {
        0 => String::new(),
        _ => format!(" {done}/{packages}"),
    };
    // What is wrong comes first, as a narrow terminal cuts the line.
    if let Some(trouble) = trouble(progress) {
        return format!("installing {what}{counted}  {seconds} s  {trouble}");
    }
    let bar = if *packages == 0 {
        String::new()
    } else {
        let filled = BAR * done.min(packages) / packages;
        format!(" [{}{}]", "=".repeat(filled), " ".repeat(BAR - filled))
    };
    let megabytes = progress.bytes / 1_000_000;
    let step = step(progress);
    format!("installing {what}{bar}{counted}  {seconds} s, {megabytes} MB{step}")
}

/// The same as a line of its own.
pub(super) fn installing_line(progress: &InstallProgress) -> String {
    let mut text = format!("  {}: {} s", progress.what, progress.seconds);
    if progress.packages > 0 {
        text = format!(
            "{text}, {} of {} packages",
            progress.done, progress.packages
        );
    }
    text = format!("{text}, {} MB on disk", progress.bytes / 1_000_000);
    let trouble = trouble(progress).map(|trouble| format!(": {trouble}"));
    format!("{text}{}{}", step(progress), trouble.unwrap_or_default())
}

fn step(progress: &InstallProgress) -> String {
    let step = progress.step.as_deref();
    step.map(|step| format!("  {step}")).unwrap_or_default()
}

/// That nothing arrives.
fn trouble(progress: &InstallProgress) -> Option<String> {
    if progress.retrying {
        return Some("no answer from the index: trying again".to_owned());
    }
    let silent = progress.silent;
    (silent >= STALLED).then(|| format!("nothing has arrived for {silent} s"))
}

/// Whether and where it runs.
pub(super) fn local_aws(aws: &LocalAws) -> String {
    let size = bytes(aws.bytes.unwrap_or_default());
    let data = aws.data.as_ref();
    let data = data.map(|data| data.display().to_string());
    match (&aws.endpoint, data) {
        (Some(endpoint), data) => running(aws, endpoint, &data.unwrap_or_default(), &size),
        (None, Some(data)) => {
            let help = "`treino local up` brings it back, `treino local down` deletes it";
            format!(
                "the local AWS is not running; what it held ({size}) is kept in {data}\n{}",
                dim(&format!("  {help}"))
            )
        }
        (None, None) => not_running(),
    }
}

fn running(aws: &LocalAws, endpoint: &str, data: &str, size: &str) -> String {
    let log = aws.log.as_ref();
    let log = log.map(|log| log.display().to_string()).unwrap_or_default();
    let mut lines = vec![
        format!(
            "the local AWS runs at {endpoint} (pid {}) since {}",
            aws.pid.unwrap_or_default(),
            aws.since.as_deref().map(local).unwrap_or_default()
        ),
        dim(&format!("  data {data} ({size})\n  log  {log}")),
    ];
    if aws.enforced == Some(true) {
        lines.push(dim("  enforcing IAM policies"));
    }
    if let Some(unsaved) = &aws.unsaved {
        lines.push(format!("  {} {unsaved}", warning("warning:")));
    }
    if let Some(chaos) = &aws.chaos {
        lines.push(dim(&format!("  failing on purpose: {}", chaos.settings)));
        lines.push(dim(&format!(
            "  since it was set: {}, of which {} throttled, {} failed, {} dropped",
            counted(chaos.requests, "call"),
            chaos.throttled,
            chaos.failed,
            chaos.dropped
        )));
    }
    if aws.faces == Some(false) {
        lines.push(dim(
            "  without faces: `treino local down`, then `treino local up` installs what finds them",
        ));
    }
    if aws.chaos_ended {
        lines.push(dim("  nothing fails on purpose any longer"));
    }
    lines.join("\n")
}

/// What was stopped and deleted.
pub(super) fn down(was: &str, endpoint: Option<&str>, pid: Option<u32>) -> String {
    match (was, endpoint, pid) {
        ("running", Some(endpoint), _) => {
            format!("the local AWS at {endpoint} is stopped and its data deleted")
        }
        ("unrecorded", _, Some(pid)) => format!(
            "the local AWS (pid {pid}), of which there was no record, is stopped and its data deleted"
        ),
        ("data", ..) => "the local AWS was not running; what it had left is deleted".to_owned(),
        _ => "the local AWS was not running".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_installation_is_one_line() {
        let mut progress = InstallProgress {
            what: "the local AWS".to_owned(),
            step: Some("boto3 1.43.106 (140 kB)".to_owned()),
            done: 7,
            packages: 21,
            retrying: false,
            bytes: 81_234_567,
            seconds: 12,
            silent: 14,
        };
        let drawn =
            "installing the local AWS [====        ] 7/21  13 s, 81 MB  boto3 1.43.106 (140 kB)";
        assert_eq!(installing(&progress, 13), drawn);
        let line =
            "  the local AWS: 12 s, 7 of 21 packages, 81 MB on disk  boto3 1.43.106 (140 kB)";
        assert_eq!(installing_line(&progress), line);
        progress.silent = 15;
        let stalled = "nothing has arrived for 15 s";
        assert_eq!(installing_line(&progress), format!("{line}: {stalled}"));
        let drawn = format!("installing the local AWS 7/21  13 s  {stalled}");
        assert_eq!(installing(&progress, 13), drawn);
        progress.retrying = true;
        let drawn = "installing the local AWS 7/21  13 s  no answer from the index: trying again";
        assert_eq!(installing(&progress, 13), drawn);
        progress = InstallProgress {
            what: "boto3".to_owned(),
            step: Some("a Python environment".to_owned()),
            ..InstallProgress::default()
        };
        assert_eq!(
            installing(&progress, 2),
            "installing boto3  2 s, 0 MB  a Python environment"
        );
        assert_eq!(
            installing_line(&progress),
            "  boto3: 0 s, 0 MB on disk  a Python environment"
        );
    }
}
