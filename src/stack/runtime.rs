//! Lambda's runtimes: supported, deprecated and retired ones.
//!
//! <https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html>

/// Supported runtimes.
const CURRENT: &[&str] = &[
    "python3.11",
    "python3.12",
    "python3.13",
    "python3.14",
    "nodejs22.x",
    "nodejs24.x",
    "java11",
    "java17",
    "java21",
    "java25",
    "ruby3.3",
    "ruby3.4",
    "ruby3.5",
    "dotnet8",
    "dotnet10",
    "provided.al2023",
];

const DEPRECATED: &[(&str, &str)] = &[
    ("python3.10", "python3.13"),
    ("nodejs20.x", "nodejs22.x"),
    ("java8.al2", "java21"),
    ("ruby3.2", "ruby3.4"),
    ("provided.al2", "provided.al2023"),
];

/// Retired runtimes with their successors.
const RETIRED: &[(&str, &str)] = &[
    ("python2.7", "python3.13"),
    ("python3.6", "python3.13"),
    ("python3.7", "python3.13"),
    ("python3.8", "python3.13"),
    ("python3.9", "python3.13"),
    ("nodejs4.3", "nodejs22.x"),
    ("nodejs6.10", "nodejs22.x"),
    ("nodejs8.10", "nodejs22.x"),
    ("nodejs10.x", "nodejs22.x"),
    ("nodejs12.x", "nodejs22.x"),
    ("nodejs14.x", "nodejs22.x"),
    ("nodejs16.x", "nodejs22.x"),
    ("nodejs18.x", "nodejs22.x"),
    ("nodejs", "nodejs22.x"),
    ("java8", "java21"),
    ("ruby2.5", "ruby3.4"),
    ("ruby2.7", "ruby3.4"),
    ("dotnetcore1.0", "dotnet8"),
    ("dotnetcore2.0", "dotnet8"),
    ("dotnetcore2.1", "dotnet8"),
    ("dotnetcore3.1", "dotnet8"),
    ("dotnet5.0", "dotnet8"),
    ("dotnet6", "dotnet8"),
    ("dotnet7", "dotnet8"),
    ("go1.x", "provided.al2023"),
    ("provided", "provided.al2023"),
];

/// Variables a function cannot set.
///
/// <https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime>
pub const RESERVED_VARIABLES: &[&str] = &[
    "_HANDLER",
    "_X_AMZN_TRACE_ID",
    "AWS_DEFAULT_REGION",
    "AWS_REGION",
    "AWS_EXECUTION_ENV",
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
    "AWS_LAMBDA_FUNCTION_VERSION",
    "AWS_LAMBDA_INITIALIZATION_TYPE",
    "AWS_LAMBDA_LOG_GROUP_NAME",
    "AWS_LAMBDA_LOG_STREAM_NAME",
    "AWS_ACCESS_KEY",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_LAMBDA_RUNTIME_API",
    "LAMBDA_TASK_ROOT",
    "LAMBDA_RUNTIME_DIR",
];

/// Message and help for a runtime that AWS would refuse.
#[must_use]
pub fn check_supported(runtime: &str) -> Option<(String, String)> {
    if CURRENT.contains(&runtime) || DEPRECATED.iter().any(|(name, _)| *name == runtime) {
        return None;
    }
    if let Some((_, successor)) = RETIRED.iter().find(|(name, _)| *name == runtime) {
        return Some((
            format!("the runtime `{runtime}` is retired: Lambda creates no function with it"),
            format!("use `{successor}`"),
        ));
    }
    let family: String = runtime
        .chars()
        .take_while(char::is_ascii_alphabetic)
        .flat_map(char::to_lowercase)
        .collect();
    let same: Vec<&str> = CURRENT
        .iter()
        .copied()
        .filter(|name| !family.is_empty() && name.starts_with(&family))
        .collect();
    let help = match (
        CURRENT.iter().find(|name| is_nearly(runtime, name)),
        &same[..],
    ) {
        (Some(name), _) => format!("did you mean `{name}`?"),
        (None, []) => format!("it has {}", CURRENT.join(", ")),
        (None, same) => format!("it has {}", same.join(", ")),
    };
    Some((format!("Lambda has no runtime `{runtime}`"), help))
}

/// Whether two names differ only in case and punctuation, or a final `.x`.
fn is_nearly(runtime: &str, name: &str) -> bool {
    let plain = |text: &str| -> String {
        text.trim_end_matches(".x")
            .chars()
            .filter(char::is_ascii_alphanumeric)
            .flat_map(char::to_lowercase)
            .collect()
    };
    !runtime.is_empty() && plain(runtime) == plain(name)
}

/// Message and help for a deprecated runtime, which still works.
#[must_use]
pub fn deprecated(runtime: &str) -> Option<(String, String)> {
    DEPRECATED
        .iter()
        .find(|(name, _)| *name == runtime)
        .map(|(_, successor)| {
            (
                format!("AWS no longer supports the runtime `{runtime}`"),
                format!("move to `{successor}` before Lambda refuses it"),
            )
        })
}

/// Message and help if a package lacks the file of the handler.
///
/// Only for Python and Node.js, where a handler names a file.
#[must_use]
pub fn handler_missing(runtime: &str, handler: &str, files: &[String]) -> Option<(String, String)> {
    let endings: &[&str] = if runtime.starts_with("python") {
        &[".py", "/__init__.py"]
    } else if runtime.starts_with("nodejs") {
        &[".js", ".mjs", ".cjs"]
    } else {
        return None;
    };
    let Some((module, function)) = handler
        .rsplit_once('.')
        .filter(|(m, f)| !m.is_empty() && !f.is_empty())
    else {
        return Some((
            format!("the handler `{handler}` names no function"),
            format!(
                "write `file.function`, such as `app.handler` for `handler` in app{}",
                endings[0]
            ),
        ));
    };
    let path = if runtime.starts_with("python") {
        module.replace('.', "/")
    } else {
        module.to_owned()
    };
    let wanted: Vec<String> = endings
        .iter()
        .map(|ending| format!("{path}{ending}"))
        .collect();
    if wanted.iter().any(|name| files.contains(name)) {
        return None;
    }
    let others: Vec<&str> = files
        .iter()
        .filter(|name| !name.contains('/') && endings.iter().any(|e| name.ends_with(e)))
        .map(String::as_str)
        .take(5)
        .collect();
    Some((
        format!(
            "the code has no file {} for the handler `{handler}`",
            wanted[0]
        ),
        if others.is_empty() {
            format!(
                "add {} with a function `{function}`, or correct `code`",
                wanted[0]
            )
        } else {
            format!("the code has {}", others.join(", "))
        },
    ))
}
