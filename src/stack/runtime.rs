//! Lambda's runtimes: which exist, which are deprecated, and with which no function can be created or updated.
//!
//! <https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html>

use crate::data::runtimes::{self, Runtime};

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

/// What AWS makes of a runtime on a day, with the message and the help.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RuntimeState {
    /// It is supported.
    Supported,
    /// It works, and will not for long: a warning.
    Deprecated(String, String),
    /// A function that has it can be updated, but none can be created with it.
    NotForNew(String, String),
    /// AWS refuses it.
    Refused(String, String),
}

/// What AWS makes of a runtime. `today` is a day such as `2026-11-28`, in UTC.
#[must_use]
pub fn state(name: &str, today: &str) -> RuntimeState {
    let Some(runtime) = runtimes::all().iter().find(|one| one.name == name) else {
        return RuntimeState::Refused(format!("Lambda has no runtime `{name}`"), instead_of(name));
    };
    let successor = match &runtime.successor {
        Some(successor) => format!("use `{successor}`"),
        None => instead_of(name),
    };
    let day = |day: &Option<String>| day.clone().unwrap_or_default();
    let no_create = day(&runtime.no_create);
    let no_update = day(&runtime.no_update);
    if runtime.refuses_updates(today) {
        let message = format!(
            "the runtime `{name}` is retired: Lambda creates and updates no function with it (since {no_update})"
        );
        RuntimeState::Refused(message, successor)
    } else if runtime.refuses_creation(today) {
        let message = format!(
            "the runtime `{name}` is retired: Lambda creates no function with it (since {no_create}){}",
            later(", and updates none from ", &no_update)
        );
        RuntimeState::NotForNew(message, successor)
    } else if runtime.is_deprecated(today) {
        let message = format!(
            "AWS no longer supports the runtime `{name}` (since {}){}{}",
            day(&runtime.deprecated),
            later("; Lambda creates no function with it from ", &no_create),
            later(", and updates none from ", &no_update)
        );
        RuntimeState::Deprecated(message, successor)
    } else {
        RuntimeState::Supported
    }
}

fn later(words: &str, day: &str) -> String {
    if day.is_empty() {
        return String::new();
    }
    format!("{words}{day}")
}

/// The runtime that was probably meant, or those that were supported when the data was made.
fn instead_of(name: &str) -> String {
    let all = runtimes::all().iter();
    let current = all.filter(|one| !one.is_deprecated(runtimes::date()));
    let current: Vec<&str> = current.map(|one: &Runtime| one.name.as_str()).collect();
    let family: String = name
        .chars()
        .take_while(char::is_ascii_alphabetic)
        .flat_map(char::to_lowercase)
        .collect();
    let of_family = current.iter().copied();
    let same: Vec<&str> = of_family
        .filter(|one| !family.is_empty() && one.starts_with(&family))
        .collect();
    match (current.iter().find(|one| is_nearly(name, one)), &same[..]) {
        (Some(one), _) => format!("did you mean `{one}`?"),
        (None, []) => format!("it has {}", current.join(", ")),
        (None, same) => format!("it has {}", same.join(", ")),
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    /// The state's name, and its message and help.
    fn of(name: &str, today: &str) -> (&'static str, String) {
        match state(name, today) {
            RuntimeState::Supported => ("supported", String::new()),
            RuntimeState::Deprecated(message, help) => ("deprecated", format!("{message}: {help}")),
            RuntimeState::NotForNew(message, help) => ("not for new", format!("{message}: {help}")),
            RuntimeState::Refused(message, help) => ("refused", format!("{message}: {help}")),
        }
    }

    #[test]
    fn runtimes_are_those_of_the_api() {
        let today = "2026-11-28";
        for name in [
            "python3.11",
            "python3.14",
            "python3.15",
            "nodejs22.x",
            "nodejs26.x",
            "ruby4.0",
            "java8.al2",
            "java8.al2023",
            "java11.al2023",
            "java17.al2023",
            "java25",
            "dotnet10",
            "provided.al2023",
        ] {
            assert_eq!(of(name, today), ("supported", String::new()), "{name}");
        }
        let (state, said) = of("ruby3.5", today);
        assert_eq!(state, "refused");
        assert_eq!(
            said,
            "Lambda has no runtime `ruby3.5`: it has ruby3.3, ruby3.4, ruby4.0"
        );
        assert_eq!(of("python3.16", today).0, "refused");
        assert_eq!(
            of("nodejs22", today).1,
            "Lambda has no runtime `nodejs22`: did you mean `nodejs22.x`?"
        );
    }

    #[test]
    fn each_date_counts_from_its_day_on() {
        for (today, state) in [
            ("2025-12-14", "supported"),
            ("2025-12-15", "deprecated"),
            ("2027-01-31", "deprecated"),
            ("2027-02-01", "not for new"),
            ("2027-03-02", "not for new"),
            ("2027-03-03", "refused"),
        ] {
            assert_eq!(of("python3.9", today).0, state, "{today}");
        }
        let today = "2026-11-28";
        for name in [
            "python3.8",
            "python3.9",
            "nodejs16.x",
            "nodejs18.x",
            "dotnet6",
        ] {
            let (state, said) = of(name, today);
            assert_eq!(state, "deprecated", "{name}");
            assert!(
                said.contains("from 2027-02-01") && said.contains("from 2027-03-03"),
                "{said}"
            );
        }
        assert_eq!(of("nodejs14.x", today).0, "not for new");
        assert_eq!(of("python3.6", today).0, "refused");
        let said = of("python3.9", today).1;
        assert!(said.ends_with("use `python3.14`"), "{said}");
    }
}
