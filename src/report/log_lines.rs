//! Formats log lines.

use serde_json::Value;

use super::style::{dim, error, warning};

/// What is shown of a message, if anything: Lambda's own lines only with `-v`, and what the runtimes
/// put before a message not at all.
pub(super) fn shown(message: &str, verbose: bool) -> Option<String> {
    let message = message.trim_end();
    if message.trim().is_empty() {
        return None;
    }
    if message.starts_with("REPORT RequestId:") {
        let failed = field(message, "Status").is_some_and(|status| status != "success");
        let text = reported(message);
        return match (failed, verbose) {
            (true, _) => Some(warning(&text)),
            (false, true) => Some(dim(&text)),
            (false, false) => None,
        };
    }
    let own = [
        "START RequestId:",
        "END RequestId:",
        "INIT_START ",
        "EXTENSION\t",
        "TELEMETRY\t",
        "XRAY TraceId:",
    ];
    if own.iter().any(|begin| message.starts_with(begin)) || is_platform(message) {
        return verbose.then(|| dim(message));
    }
    if let Some(text) = of_machine(message) {
        return Some(text);
    }
    if verbose {
        return Some(message.to_owned());
    }
    Some(toned(&plain(message)))
}

/// Lambda's own lines, of a function that logs JSON.
fn is_platform(message: &str) -> bool {
    message.contains("\"platform.") && {
        let parsed: Option<Value> = serde_json::from_str(message).ok();
        let kind = parsed.as_ref().and_then(|value| value.get("type"));
        kind.and_then(Value::as_str)
            .is_some_and(|kind| kind.starts_with("platform."))
    }
}

/// An event that a state machine logged, as its type, its state and its execution.
fn of_machine(message: &str) -> Option<String> {
    let event: Value = serde_json::from_str(message).ok()?;
    let text = |pointer: &str| event.pointer(pointer).and_then(Value::as_str);
    let (kind, execution) = (text("/type")?, text("/execution_arn")?);
    let mut parts = vec![kind.to_owned()];
    parts.extend(text("/details/name").map(String::from));
    parts.extend(text("/details/error").map(String::from));
    let name = execution.rsplit(':').next().unwrap_or(execution);
    parts.push(dim(&format!("({name})")));
    Some(parts.join(" "))
}

/// `REPORT RequestId: ...\tDuration: 1 ms\t...` in words.
fn reported(message: &str) -> String {
    let mut parts = Vec::new();
    parts.extend(field(message, "Duration").map(|time| format!("took {time}")));
    parts.extend(field(message, "Billed Duration").map(|time| format!("billed {time}")));
    if let (Some(used), Some(size)) = (
        field(message, "Max Memory Used"),
        field(message, "Memory Size"),
    ) {
        let used = used.trim_end_matches(" MB");
        parts.push(format!("{used} of {size}"));
    }
    parts.extend(field(message, "Init Duration").map(|time| format!("cold start {time}")));
    parts.extend(field(message, "Status").map(|status| format!("status {status}")));
    parts.extend(field(message, "Error Type").map(|kind| format!("error {kind}")));
    parts.join(", ")
}

fn field<'a>(message: &'a str, name: &str) -> Option<&'a str> {
    let fields = message.split(['\t', '\n']);
    let mut named = fields.filter_map(|field| field.trim().split_once(": "));
    named.find(|(key, _)| *key == name).map(|(_, value)| value)
}

/// A message without what the runtimes put before it: time and request id, which have columns of
/// their own or are of no interest.
fn plain(message: &str) -> String {
    let parts: Vec<&str> = message.splitn(4, '\t').collect();
    match parts.as_slice() {
        // Python's logging: [INFO] TAB time TAB id TAB message
        [level, time, id, rest] if is_time(time) && is_id(id) => {
            format!("{} {rest}", level.trim_matches(['[', ']']))
        }
        // Node.js: time TAB id TAB INFO TAB message
        [time, id, level, rest] if is_time(time) && is_id(id) => format!("{level} {rest}"),
        _ => message.to_owned(),
    }
}

fn is_time(text: &str) -> bool {
    text.len() >= 20 && text.ends_with('Z') && text.as_bytes().get(10) == Some(&b'T')
}

fn is_id(text: &str) -> bool {
    text == "undefined" || (text.len() == 36 && text.matches('-').count() == 4)
}

fn toned(text: &str) -> String {
    let word = text.split([' ', '\t', ':']).next().unwrap_or_default();
    let rest = text.get(word.len()..).unwrap_or_default();
    match word.trim_matches(['[', ']']) {
        "ERROR" | "CRITICAL" | "FATAL" => format!("{}{rest}", error(word)),
        "WARN" | "WARNING" => format!("{}{rest}", warning(word)),
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plainly(message: &str, verbose: bool) -> Option<String> {
        let bare = |text: String| anstream::adapter::strip_str(&text).to_string();
        shown(message, verbose).map(bare)
    }

    #[test]
    fn lambdas_own_lines_are_left_out() {
        let id = "6bc28136-xmpl-4365-b021-0ce6b2e64ab0";
        let report = format!(
            "REPORT RequestId: {id}\tDuration: 12.34 ms\tBilled Duration: 13 ms\tMemory Size: 128 MB\tMax Memory Used: 40 MB\tInit Duration: 110.9 ms\t\n"
        );
        for own in [
            format!("START RequestId: {id} Version: $LATEST\n"),
            format!("END RequestId: {id}\n"),
            report.clone(),
            r#"{"time":"2026-01-01T00:00:00Z","type":"platform.start","record":{}}"#.to_owned(),
        ] {
            assert_eq!(plainly(&own, false), None, "{own}");
        }
        assert_eq!(
            plainly(&report, true).as_deref(),
            Some("took 12.34 ms, billed 13 ms, 40 of 128 MB, cold start 110.9 ms")
        );
        // What went wrong is shown in any case.
        let timeout = format!("{}\tStatus: timeout\n", report.trim_end());
        assert!(
            plainly(&timeout, false)
                .unwrap()
                .ends_with("status timeout")
        );
    }

    #[test]
    fn what_runtimes_put_before_a_message_is_left_out() {
        let id = "6bc28136-aaaa-4365-b021-0ce6b2e64ab0";
        let python = format!("[INFO]\t2026-01-01T00:00:00.000Z\t{id}\thello\tyou\n");
        assert_eq!(plainly(&python, false).as_deref(), Some("INFO hello\tyou"));
        let node = format!("2026-01-01T00:00:00.000Z\t{id}\tERROR\tno");
        assert_eq!(plainly(&node, false).as_deref(), Some("ERROR no"));
        assert_eq!(plainly(&node, true).as_deref(), Some(node.as_str()));
        assert_eq!(plainly("a\tb\tc\td", false).as_deref(), Some("a\tb\tc\td"));
        let machine = r#"{"id":"2","type":"TaskStateEntered","details":{"name":"Work"},
            "execution_arn":"arn:aws:states:r:1:execution:m:first"}"#;
        assert_eq!(
            plainly(machine, false).as_deref(),
            Some("TaskStateEntered Work (first)")
        );
    }
}
