//! What error messages and log lines say of the cause: a missing permission, a wrong handler, another table.

use regex::Regex;

use super::denials::{DENIED_CALL, DenialPatterns};
use super::live::{KnownNames, LiveFunction};
use super::merge::VAGUE;
use super::other_resource::{OtherResource, of_variables};
use super::way::in_words;
use crate::history::{ExecutionEvent, ExecutionResult};
use crate::ops::{CauseKind, CheckCause, CheckLogLine};
use crate::stack::Kind;

/// The texts of an execution that may say why it went wrong.
pub(super) fn texts(
    events: &[ExecutionEvent],
    result: Option<&ExecutionResult>,
    lines: &[CheckLogLine],
) -> Vec<SaidText> {
    let attempts = events.iter().filter_map(|event| match event {
        ExecutionEvent::AttemptFailed { error, cause, .. } => {
            Some(SaidText::from(format!("{error}: {}", in_words(cause))))
        }
        _ => None,
    });
    let end = result.map(|result| {
        let parts = result.error.iter().chain(&result.cause);
        parts
            .map(|part| in_words(part))
            .collect::<Vec<_>>()
            .join(": ")
            .into()
    });
    // What Lambda reports of a call repeats the name of the error alone.
    let lines = lines
        .iter()
        .filter(|line| !line.message.starts_with("REPORT "));
    let lines = lines.map(|line| SaidText {
        by: Some(line.key.clone()),
        text: line.message.clone(),
    });
    attempts.chain(end).chain(lines).collect()
}

/// A text that may say why an execution went wrong.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct SaidText {
    /// The key of the function that logged it.
    by: Option<String>,
    text: String,
}

impl From<String> for SaidText {
    fn from(text: String) -> Self {
        Self { by: None, text }
    }
}

/// What error messages look like.
struct Patterns {
    denied: DenialPatterns,
    not_found: Regex,
    no_function: Regex,
    no_handler: Regex,
    no_module: Regex,
    no_variable: Regex,
    timed_out: Regex,
}

impl Patterns {
    fn new() -> Result<Self, regex::Error> {
        Ok(Self {
            denied: DenialPatterns::new()?,
            not_found: Regex::new(
                r"\((?:ResourceNotFoundException|AWS\.SimpleQueueService\.NonExistentQueue|QueueDoesNotExist|NoSuchBucket)\) when calling the (\w+) operation",
            )?,
            no_function: Regex::new(r"Function not found: (arn:[^\s,;)]+)")?,
            no_handler: Regex::new(
                r"Handler '([^']+)' missing on module '([^']+)'|(\S+) is undefined or not exported",
            )?,
            no_module: Regex::new(r"No module named '([^']+)'|Cannot find module '([^']+)'")?,
            // Variables of the environment are written in capitals, fields of events are not.
            no_variable: Regex::new(r"KeyError: '([A-Z][A-Z0-9_]+)'")?,
            timed_out: Regex::new(r"Task timed out after ([\d.]+) seconds")?,
        })
    }
}

/// Reads texts of one stack.
struct TextReader<'a, K> {
    patterns: Patterns,
    functions: &'a [LiveFunction],
    known: &'a K,
}

/// What the texts say, the most certain first.
pub(super) fn causes(
    texts: &[SaidText],
    functions: &[LiveFunction],
    known: &impl KnownNames,
) -> Vec<CheckCause> {
    let mut found: Vec<CheckCause> = Vec::new();
    // The patterns are constants, which a test compiles.
    let Ok(patterns) = Patterns::new() else {
        return found;
    };
    let reader = TextReader {
        patterns,
        functions,
        known,
    };
    for SaidText { by, text } in texts {
        let function = by
            .as_ref()
            .filter(|key| functions.iter().any(|one| one.key == **key));
        let who = function.map_or_else(|| VAGUE.to_owned(), |key| format!("the function `{key}` "));
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let all = [
            reader.handler(&text),
            reader.code(&text, &who),
            reader.denied(&text),
            reader.not_found(&text),
            reader.no_function(&text),
            reader.no_variable(&text),
            reader.limit(&text, &who),
        ];
        for cause in all.into_iter().flatten() {
            if !found.iter().any(|one| one.message == cause.message) {
                found.push(cause);
            }
        }
    }
    // What names the call alone says less than what names the action.
    let names_action = |one: &CheckCause| {
        one.cause == CauseKind::MissingPermission && !one.message.starts_with(DENIED_CALL)
    };
    if found.iter().any(names_action) {
        found.retain(|one| !one.message.starts_with(DENIED_CALL));
    }
    found
}

pub(super) fn cause(cause: CauseKind, message: String, help: &str) -> CheckCause {
    CheckCause {
        cause,
        message,
        help: Some(help.to_owned()),
    }
}

impl<K: KnownNames> TextReader<'_, K> {
    fn handler(&self, text: &str) -> Option<CheckCause> {
        let is_handler = ["Runtime.HandlerNotFound", "Runtime.MalformedHandlerName"];
        let named = self.patterns.no_handler.captures(text);
        // A module that is missing may be the handler's own.
        let module = self.patterns.no_module.captures(text);
        let module =
            module.and_then(|found| Some(found.get(1).or(found.get(2))?.as_str().to_owned()));
        let module_of = |one: &LiveFunction| {
            one.handler
                .rsplit_once('.')
                .map(|(module, _)| module.replace('/', "."))
        };
        let by_module = self.functions.iter().find(|one| {
            module.is_some()
                && (module_of(one) == module
                    || module.as_deref() == one.handler.rsplit_once('.').map(|(m, _)| m))
        });
        let by_name = self.functions.iter().find(|one| {
            let last = one.handler.rsplit('.').next().unwrap_or_default();
            named.as_ref().is_some_and(|found| {
                let name = found.get(1).or(found.get(3)).map(|name| name.as_str());
                name.is_some_and(|name| name == last || name == one.handler)
            })
        });
        let is_import =
            text.contains("Runtime.ImportModuleError") || text.contains("Unable to import module");
        if named.is_none()
            && !is_handler.iter().any(|error| text.contains(error))
            && !(is_import && by_module.is_some())
        {
            return None;
        }
        let message = match by_name.or(by_module) {
            Some(one) => format!(
                "the handler `{}` of the function `{}` is not in its code",
                one.handler, one.key
            ),
            None => format!(
                "a function has a handler that is not in its code: {}",
                short(bare(text))
            ),
        };
        Some(cause(
            CauseKind::WrongHandler,
            message,
            "`handler` names the file and the function in it, such as app.handler",
        ))
    }

    fn code(&self, text: &str, who: &str) -> Option<CheckCause> {
        let is_broken = [
            "Runtime.ImportModuleError",
            "Runtime.UserCodeSyntaxError",
            "Unable to import module",
        ];
        if !is_broken.iter().any(|error| text.contains(error)) || self.handler(text).is_some() {
            return None;
        }
        let message = format!("{who}has code that cannot be loaded: {}", short(bare(text)));
        Some(cause(
            CauseKind::BrokenCode,
            message,
            "correct the code, or add what it imports to its package",
        ))
    }

    fn denied(&self, text: &str) -> Option<CheckCause> {
        let denial = self.patterns.denied.read(text)?;
        // What is denied may not be the stack's at all: then the permission is not what is wrong.
        let arn = denial.arn();
        if let Some(role) = denial.role()
            && arn.is_none_or(|arn| !self.known.has_arn(arn))
        {
            let key = self.known.key_of_role(role);
            let of = OtherResource {
                name: arn.map(|arn| arn.rsplit([':', '/']).next().unwrap_or_default()),
                function: key.as_deref(),
                service: denial.service(),
                is_certain: true,
            };
            if let Some(cause) = of_variables(&of, self.functions, self.known) {
                return Some(cause);
            }
        }
        Some(denial.cause(self.known))
    }

    fn not_found(&self, text: &str) -> Option<CheckCause> {
        let found = self.patterns.not_found.captures(text)?;
        if let Some(cause) = of_variables(&OtherResource::default(), self.functions, self.known) {
            return Some(cause);
        }
        let message = format!(
            "a function calls {} of what does not exist: {}",
            &found[1],
            short(text)
        );
        Some(cause(
            CauseKind::WrongResource,
            message,
            "correct the name in the function's code or variables",
        ))
    }

    fn no_function(&self, text: &str) -> Option<CheckCause> {
        let found = self.patterns.no_function.captures(text)?;
        let name = found[1].split(':').nth(6)?;
        // One of the stack's own that was deleted is told of as such.
        if self.known.has_name(name) {
            return None;
        }
        let own: Vec<String> = self
            .known
            .targets(Kind::Function)
            .into_iter()
            .map(|(key, name)| format!("`{key}` is {name}"))
            .collect();
        let message = format!(
            "the state machine calls the function {name}, which does not exist; of the stack's functions {}",
            own.join(", ")
        );
        let help = "write the reference in the definition, such as ${KEY.arn}, and deploy";
        Some(cause(CauseKind::WrongResource, message, help))
    }

    fn no_variable(&self, text: &str) -> Option<CheckCause> {
        let found = self.patterns.no_variable.captures(text)?;
        let variable = &found[1];
        let mut lacking = self
            .functions
            .iter()
            .filter(|one| !one.variables.iter().any(|(name, _)| name == variable));
        let first = lacking.next()?;
        // Which function it was is not said.
        let function = lacking.next().is_none().then_some(first);
        let message = match function {
            Some(one) if one.variables.is_empty() => format!(
                "the function `{}` reads the variable {variable}, and has no variables",
                one.key
            ),
            Some(one) => {
                let names: Vec<&str> = one.variables.iter().map(|(name, _)| &**name).collect();
                format!(
                    "the function `{}` reads the variable {variable}, and has only {}",
                    one.key,
                    names.join(", ")
                )
            }
            None => format!("a function reads the variable {variable}, which it does not have"),
        };
        let help = format!("add {variable} to the function's `environment` in the stack file");
        Some(cause(CauseKind::MissingVariable, message, &help))
    }

    fn limit(&self, text: &str, who: &str) -> Option<CheckCause> {
        let raise = |field: &str| format!("raise `{field}` in the stack file, and deploy");
        let timed_out = self.patterns.timed_out.captures(text);
        if timed_out.is_some() || text.contains("Sandbox.Timedout") {
            let limit = timed_out.map_or_else(String::new, |found| format!(" of {} s", &found[1]));
            let message = format!("{who}took longer than its `timeout`{limit}");
            return Some(cause(CauseKind::FunctionLimit, message, &raise("timeout")));
        }
        (text.contains("Runtime.OutOfMemory") || text.contains("signal: killed")).then(|| {
            let message = format!("{who}used more than its `memory`");
            cause(CauseKind::FunctionLimit, message, &raise("memory"))
        })
    }
}

/// What says why in a line that Lambda logs: without its mark and the stack trace behind it.
fn bare(text: &str) -> &str {
    let text = text.strip_prefix("[ERROR] ").unwrap_or(text);
    let end = text.find(" Traceback (most recent call last)");
    &text[..end.unwrap_or(text.len())]
}

/// As much of a text as a sentence takes.
pub(super) fn short(text: &str) -> String {
    match text.char_indices().nth(200) {
        Some((at, _)) => format!("{}...", &text[..at]),
        None => text.to_owned(),
    }
}
