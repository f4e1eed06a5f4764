//! How long a stack is deployed.

use std::time::Duration;

use super::{Loaded, SelfDestruct};

/// The text of a stack without an end.
const NEVER: &str = "never";

/// How to write a lifetime.
const FORM: &str = "write it like 90m, 4h or 2d, or `never`";

/// How long a stack is deployed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StackLifetime {
    /// So long: then AWS deletes it.
    For(Duration),
    /// Until it is destroyed.
    Never,
}

/// What is wrong with a lifetime, and the way out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LifetimeError {
    /// What is wrong.
    pub message: String,
    /// The way out.
    pub help: String,
}

impl StackLifetime {
    /// The longest time after which a stack may expire: the execution that then deletes it may last a year.
    ///
    /// <https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html>
    pub const LONGEST: Duration = Duration::from_hours(360 * 24);

    /// A time such as `4h`, of at least `shortest`, or `never`.
    ///
    /// # Errors
    /// It is neither, too short, or too long.
    pub fn parse(text: &str, shortest: Duration) -> Result<Self, LifetimeError> {
        let wrong = |message: String| LifetimeError {
            message,
            help: FORM.to_owned(),
        };
        if text.trim().eq_ignore_ascii_case(NEVER) {
            return Ok(Self::Never);
        }
        match humantime::parse_duration(text) {
            Ok(after) if after < shortest => {
                Err(wrong(format!("`{text}` is too short a time for a stack")))
            }
            Ok(after) if after > Self::LONGEST => Err(LifetimeError {
                message: format!("`{text}` is too long a time for a stack"),
                help: "write up to 360d, or `never`".to_owned(),
            }),
            Ok(after) => Ok(Self::For(after)),
            Err(_) => Err(wrong(format!("`{text}` is not a valid duration"))),
        }
    }

    /// The time, where it has an end.
    #[must_use]
    pub fn time(self) -> Option<Duration> {
        match self {
            Self::For(time) => Some(time),
            Self::Never => None,
        }
    }

    /// As it is written in a stack file.
    #[must_use]
    pub fn written(self) -> String {
        match self {
            Self::For(time) => humantime::format_duration(time).to_string(),
            Self::Never => NEVER.to_owned(),
        }
    }
}

impl Loaded {
    /// What the file says of its end: `expires`. Nothing where it says nothing.
    #[must_use]
    pub fn lifetime(&self) -> Option<StackLifetime> {
        self.file.expires.as_ref()?;
        Some(
            self.expires
                .map_or(StackLifetime::Never, StackLifetime::For),
        )
    }

    /// Whether the file says anything of an end, `self_destruct: off` included.
    #[must_use]
    pub fn says_end(&self) -> bool {
        self.file.expires.is_some() || self.file.self_destruct == SelfDestruct::Off
    }

    /// Puts another lifetime in the place of what the file says.
    pub fn set_lifetime(&mut self, lifetime: StackLifetime) {
        self.file.expires = Some(lifetime.written());
        self.expires = lifetime.time();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lifetime_is_a_time_or_never() {
        let minute = Duration::from_mins(1);
        let parse = |text: &str| StackLifetime::parse(text, minute);
        let hours = |hours| Ok(StackLifetime::For(Duration::from_hours(hours)));
        assert_eq!(parse("4h"), hours(4));
        assert_eq!(parse(" 1d 2h "), hours(26));
        assert_eq!(parse("360d"), hours(360 * 24));
        for never in ["never", "Never", " NEVER "] {
            assert_eq!(parse(never), Ok(StackLifetime::Never));
        }
        for (text, message) in [
            ("", "is not a valid duration"),
            ("8", "is not a valid duration"),
            ("y", "is not a valid duration"),
            ("0s", "is too short a time for a stack"),
            ("59s", "is too short a time for a stack"),
            ("361d", "is too long a time for a stack"),
            ("500000000000y", "is too long a time for a stack"),
            ("99999999999999999999d", "is not a valid duration"),
        ] {
            let error = parse(text).unwrap_err();
            assert_eq!(error.message, format!("`{text}` {message}"));
            assert!(error.help.contains("never"));
        }
        for text in ["never", "4h", "1day 2h"] {
            let lifetime = parse(text).unwrap();
            assert_eq!(parse(&lifetime.written()), Ok(lifetime));
        }
    }
}
