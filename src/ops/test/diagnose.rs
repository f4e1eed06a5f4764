//! What error messages and log lines say of the cause: a missing permission, a wrong handler, another table.

use regex::Regex;

use super::live::{KnownNames, LiveFunction};
use super::way::in_words;
use crate::history::{ExecutionEvent, ExecutionResult};
use crate::ops::{CauseKind, ChainLink, CheckCause, CheckLogLine};
use crate::stack::Kind;

/// The causes that the texts, the chain and the differences from the file come to: each thing is named once, by what
/// says most of it. `shares_trail` says that the trail in the chain is that of a class.
pub(super) fn merged(
    mut causes: Vec<CheckCause>,
    (chain, shares_trail): (&[ChainLink], bool),
    drift: &[CheckCause],
) -> Vec<CheckCause> {
    let broken = chain.iter().filter(|link| !link.holds);
    causes.extend(broken.map(|link| {
        CheckCause {
            cause: CauseKind::BrokenChain,
            message: link.text.clone(),
            help: Some(
                if shares_trail && link.link == "trail" {
                    "`treino class deploy` makes it for all students who share it"
                } else {
                    "`treino deploy` makes it as the stack file says"
                }
                .to_owned(),
            ),
        }
    }));
    let names = |text: &str| {
        text.split('`')
            .skip(1)
            .step_by(2)
            .map(String::from)
            .collect::<Vec<_>>()
    };
    let is_told = |new: &CheckCause, causes: &[CheckCause]| {
        let key = names(&new.message).into_iter().next().unwrap_or_default();
        causes
            .iter()
            .any(|one| one.cause == new.cause && names(&one.message).contains(&key))
    };
    for cause in drift {
        if !is_told(cause, &causes) {
            causes.push(cause.clone());
        }
    }
    // What names no resource says least.
    if causes.iter().any(|one| !one.message.starts_with(VAGUE)) {
        causes.retain(|one| !one.message.starts_with(VAGUE));
    }
    causes
}

/// How a cause begins that does not name what is wrong.
const VAGUE: &str = "a function ";

/// The texts of an execution that may say why it went wrong.
pub(super) fn texts(
    events: &[ExecutionEvent],
    result: Option<&ExecutionResult>,
    lines: &[CheckLogLine],
) -> Vec<String> {
    let attempts = events.iter().filter_map(|event| match event {
        ExecutionEvent::AttemptFailed { error, cause, .. } => {
            Some(format!("{error}: {}", in_words(cause)))
        }
        _ => None,
    });
    let end = result.map(|result| {
        let parts = result.error.iter().chain(&result.cause);
        parts
            .map(|part| in_words(part))
            .collect::<Vec<_>>()
            .join(": ")
    });
    // What Lambda reports of a call repeats the name of the error alone.
    let lines = lines
        .iter()
        .filter(|line| !line.message.starts_with("REPORT "));
    let lines = lines.map(|line| line.message.clone());
    attempts.chain(end).chain(lines).collect()
}

/// What error messages look like.
struct Patterns {
    denied: Regex,
    denied_bare: Regex,
    not_found: Regex,
    no_handler: Regex,
    no_module: Regex,
}

impl Patterns {
    fn new() -> Result<Self, regex::Error> {
        Ok(Self {
            denied: Regex::new(
                r"(arn:\S+) is not authorized to perform: ([\w-]+:[\w*]+)(?: on resource: (\S+))?",
            )?,
            denied_bare: Regex::new(
                r"\((?:AccessDenied|AccessDeniedException|403)\) when calling the (\w+) operation",
            )?,
            not_found: Regex::new(
                r"\((?:ResourceNotFoundException|AWS\.SimpleQueueService\.NonExistentQueue|QueueDoesNotExist|NoSuchBucket)\) when calling the (\w+) operation",
            )?,
            no_handler: Regex::new(
                r"Handler '([^']+)' missing on module '([^']+)'|(\S+) is undefined or not exported",
            )?,
            no_module: Regex::new(r"No module named '([^']+)'|Cannot find module '([^']+)'")?,
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
    texts: &[String],
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
    for text in texts {
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let all = [
            reader.handler(&text),
            reader.code(&text),
            reader.denied(&text),
            reader.not_found(&text),
            limit(&text),
        ];
        for cause in all.into_iter().flatten() {
            if !found.iter().any(|one| one.message == cause.message) {
                found.push(cause);
            }
        }
    }
    // A bare `AccessDenied` says less than what names the action.
    if found
        .iter()
        .any(|one| one.cause == CauseKind::MissingPermission && one.message.contains(" on "))
    {
        found.retain(|one| !one.message.starts_with("AWS denied "));
    }
    found
}

fn cause(cause: CauseKind, message: String, help: &str) -> CheckCause {
    CheckCause {
        cause,
        message,
        help: Some(help.to_owned()),
    }
}

const ALLOW: &str = "add the action to `allow` in the stack file, and deploy";

/// What is known of a resource that may not be the stack's.
#[derive(Default)]
struct OtherResource<'t> {
    /// Its name.
    name: Option<&'t str>,
    /// The key of the function that uses it.
    function: Option<&'t str>,
    /// The prefix of the actions on it.
    service: Option<&'t str>,
}

/// The words in names of variables that hold the name of a resource, with the prefix of its actions.
const KINDS: [(&str, &str, Kind); 3] = [
    ("TABLE", "dynamodb", Kind::Table),
    ("QUEUE", "sqs", Kind::Queue),
    ("BUCKET", "s3", Kind::Bucket),
];

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
                short(text)
            ),
        };
        Some(cause(
            CauseKind::WrongHandler,
            message,
            "`handler` names the file and the function in it, such as app.handler",
        ))
    }

    fn code(&self, text: &str) -> Option<CheckCause> {
        let is_broken = [
            "Runtime.ImportModuleError",
            "Runtime.UserCodeSyntaxError",
            "Unable to import module",
        ];
        if !is_broken.iter().any(|error| text.contains(error)) || self.handler(text).is_some() {
            return None;
        }
        let message = format!("a function has code that cannot be loaded: {}", short(text));
        Some(cause(
            CauseKind::BrokenCode,
            message,
            "correct the code, or add what it imports to its package",
        ))
    }

    fn denied(&self, text: &str) -> Option<CheckCause> {
        let Some(found) = self.patterns.denied.captures(text) else {
            let bare = self.patterns.denied_bare.captures(text)?;
            let message = format!("AWS denied {} to a function's role", &bare[1]);
            return Some(cause(CauseKind::MissingPermission, message, ALLOW));
        };
        let (who, action) = (&found[1], &found[2]);
        let trimmed = |text: &str| {
            text.trim_end_matches(['.', ',', ';', '"', '\'', ')'])
                .to_owned()
        };
        let resource = found.get(3).map(|resource| trimmed(resource.as_str()));
        // arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION
        let role = who.split('/').nth(1).unwrap_or(who);
        let whose = self
            .known
            .key_of_role(role)
            .map_or_else(String::new, |key| format!(" of `{key}`"));
        // What is denied may not be the stack's at all: then the permission is not what is wrong.
        let arn = resource.as_deref().filter(|arn| arn.starts_with("arn:"));
        if arn.is_none_or(|arn| !self.known.has_arn(arn)) {
            let name = arn.map(|arn| arn.rsplit([':', '/']).next().unwrap_or_default());
            let key = self.known.key_of_role(role);
            let of = OtherResource {
                name,
                function: key.as_deref(),
                service: action.split(':').next(),
            };
            if let Some(cause) = self.other_resource(&of) {
                return Some(cause);
            }
        }
        let on = resource.map_or_else(String::new, |resource| format!(" on {resource}"));
        let message = format!("the role {role}{whose} lacks the permission {action}{on}");
        Some(cause(CauseKind::MissingPermission, message, ALLOW))
    }

    fn not_found(&self, text: &str) -> Option<CheckCause> {
        let found = self.patterns.not_found.captures(text)?;
        if let Some(cause) = self.other_resource(&OtherResource::default()) {
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

    /// A variable of a function that names a table, queue or bucket which is not the stack's.
    fn other_resource(&self, of: &OtherResource) -> Option<CheckCause> {
        let functions = self.functions.iter();
        for function in functions.filter(|one| of.function.is_none_or(|key| key == one.key)) {
            for (variable, value) in &function.variables {
                let kind = KINDS.into_iter().find(|(word, service, _)| {
                    variable.to_uppercase().contains(word)
                        && of.service.is_none_or(|one| one == *service)
                });
                let Some((_, _, kind)) = kind else {
                    continue;
                };
                let last = value.rsplit(['/', ':']).next().unwrap_or(value);
                let is_own = self.known.has_name(last) || self.known.has_arn(value);
                if is_own || of.name.is_some_and(|name| name != last) {
                    continue;
                }
                let own: Vec<String> = self
                    .known
                    .targets(kind)
                    .into_iter()
                    .map(|(key, name)| format!("`{key}` is {name}"))
                    .collect();
                let own = if own.is_empty() {
                    String::new()
                } else {
                    format!("; the stack's {kind} {}", own.join(", "))
                };
                let message = format!(
                    "the function `{}` uses another {kind}: its variable {variable} is {value}{own}",
                    function.key
                );
                let help =
                    "write the reference in the stack file, such as ${metadata.name}, and deploy";
                return Some(cause(CauseKind::WrongResource, message, help));
            }
        }
        None
    }
}

fn limit(text: &str) -> Option<CheckCause> {
    if text.contains("Task timed out after") || text.contains("Sandbox.Timedout") {
        let message = format!("a function took longer than its `timeout`: {}", short(text));
        return Some(cause(
            CauseKind::FunctionLimit,
            message,
            "raise `timeout` in the stack file",
        ));
    }
    (text.contains("Runtime.OutOfMemory") || text.contains("signal: killed")).then(|| {
        let message = "a function used more than its `memory`".to_owned();
        cause(
            CauseKind::FunctionLimit,
            message,
            "raise `memory` in the stack file",
        )
    })
}

/// As much of a text as a sentence takes.
fn short(text: &str) -> String {
    match text.char_indices().nth(200) {
        Some((at, _)) => format!("{}...", &text[..at]),
        None => text.to_owned(),
    }
}
