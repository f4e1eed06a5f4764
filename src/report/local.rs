//! The local AWS, as text.

use super::style::{dim, warning};
use crate::ops::{LocalAws, bytes};

/// That none runs, nor has left anything.
pub(super) const NOT_RUNNING: &str = "the local AWS is not running, and has no resources";

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
        (None, None) => NOT_RUNNING.to_owned(),
    }
}

fn running(aws: &LocalAws, endpoint: &str, data: &str, size: &str) -> String {
    let log = aws.log.as_ref();
    let log = log.map(|log| log.display().to_string()).unwrap_or_default();
    let mut lines = vec![
        format!(
            "the local AWS runs at {endpoint} (pid {}) since {}",
            aws.pid.unwrap_or_default(),
            aws.since.as_deref().unwrap_or_default()
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
            "  since it was set: {} calls, of which {} throttled, {} failed, {} dropped",
            chaos.requests, chaos.throttled, chaos.failed, chaos.dropped
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
