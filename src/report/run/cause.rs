//! The cause of an error: a function's is JSON with the message and the stack trace inside.

use serde_json::Value;

/// The most stack frames that are shown.
const FRAMES: usize = 3;

/// A cause, parsed.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Cause {
    /// The message.
    pub message: String,
    /// The stack frames in the function's own files, the innermost last.
    pub frames: Vec<String>,
}

/// Parses a cause. The message of a cause that no function wrote is the whole text.
pub(super) fn parse(text: &str) -> Cause {
    let parsed: Option<Value> = serde_json::from_str(text).ok();
    if let Some(message) = parsed.as_ref().and_then(http_response) {
        return Cause {
            message,
            frames: Vec::new(),
        };
    }
    let Some(parsed) = parsed.filter(|parsed| parsed.get("errorType").is_some()) else {
        return Cause {
            message: text.to_owned(),
            frames: Vec::new(),
        };
    };
    let message = parsed.get("errorMessage").and_then(Value::as_str);
    // `stackTrace` of Python and Java, `trace` of Node.js.
    let stack = parsed.get("stackTrace").or_else(|| parsed.get("trace"));
    let lines = stack.and_then(Value::as_array).into_iter().flatten();
    let mut frames: Vec<String> = lines.filter_map(|line| frame(line.as_str()?)).collect();
    let node = parsed.get("trace").is_some();
    if node {
        // Node.js begins with the innermost.
        frames.truncate(FRAMES);
        frames.reverse();
    }
    let omitted = frames.len().saturating_sub(FRAMES);
    Cause {
        message: message.unwrap_or(text).to_owned(),
        frames: frames.split_off(omitted),
    }
}

/// The response of an API to an HTTP task: its status and body, without the headers.
fn http_response(cause: &Value) -> Option<String> {
    let status = cause.get("StatusCode")?.as_i64()?;
    let body = match cause.get("ResponseBody")? {
        Value::String(text) => text.clone(),
        body => body.to_string(),
    };
    let text = cause.get("StatusText").and_then(Value::as_str);
    Some(format!("{status} {}: {body}", text.unwrap_or_default()))
}

/// A frame in the function's own files: Lambda unpacks them into `/var/task`.
fn frame(line: &str) -> Option<String> {
    let (_, path) = line.split_once("/var/task/")?;
    if path.contains("node_modules/") || path.contains("site-packages/") {
        return None;
    }
    // Python: File "/var/task/app.py", line 5, in handler
    if let Some((file, rest)) = path.split_once("\", line ") {
        let (place, code) = rest.split_once('\n').unwrap_or((rest, ""));
        let (number, function) = place.split_once(", in ").unwrap_or((place, ""));
        let within = match function.trim() {
            "" => String::new(),
            name => format!(" in {name}"),
        };
        let code = match code.trim() {
            "" => String::new(),
            code => format!(": {}", code.lines().next().unwrap_or_default()),
        };
        return Some(format!("{file}:{}{within}{code}", number.trim()));
    }
    // Node.js: at handler (/var/task/index.js:3:9)
    let before = line.split("/var/task/").next().unwrap_or_default();
    let before = before.replace("file://", "");
    let name = before.trim().strip_prefix("at ").unwrap_or_default();
    let name = name.trim_end_matches('(').trim();
    let place = path.trim_end_matches(')');
    Some(match name {
        "" => place.to_owned(),
        name => format!("{place} in {name}"),
    })
}
