//! Access keys: those of the environment, and whether a key can be sent at all.

use aws_credential_types::Credentials;
use aws_types::os_shim_internal::Env;

use crate::engine::{Leftover, ProviderError};

const ACCESS_KEY: &str = "AWS_ACCESS_KEY_ID";
const SECRET: &str = "AWS_SECRET_ACCESS_KEY";
const TOKEN: &str = "AWS_SESSION_TOKEN";

/// What the parts of a key are called where they come from: the key's id, the secret, the session token.
pub(super) type KeyNames = [String; 3];

/// The keys of the environment; `None` if there are none.
///
/// # Errors
/// One of the pair is missing, in which case the AWS CLI takes no other credentials either, or a value can be no key.
pub(super) fn of_environment(env: &Env) -> Result<Option<Credentials>, ProviderError> {
    let value = |name: &str| match env.get(name) {
        Ok(value) => Ok(Some(value).filter(|value| !value.trim().is_empty())),
        Err(std::env::VarError::NotPresent) => Ok(None),
        Err(std::env::VarError::NotUnicode(_)) => Err(unsendable(name, "a character")),
    };
    // Other SDKs' name for the secret comes second, as in the SDK's own provider.
    let secret = match value(SECRET)? {
        None => value("SECRET_ACCESS_KEY")?.filter(|_| env.get(ACCESS_KEY).is_ok()),
        secret => secret,
    };
    let missing = |name: &str, other: &str| {
        let help = format!("set {name} too, or unset {other} to use a profile");
        ProviderError::new(format!("{name} is missing, as {other} is set"))
            .help(help)
            .with_leftover(Leftover::Nothing)
    };
    let (id, secret) = match (value(ACCESS_KEY)?, secret) {
        (None, None) => return Ok(None),
        (Some(_), None) => return Err(missing(SECRET, ACCESS_KEY)),
        (None, Some(_)) => return Err(missing(ACCESS_KEY, SECRET)),
        (Some(id), Some(secret)) => (id, secret),
    };
    let token = value(TOKEN)?.map(|token| token.trim().to_owned());
    let keys = Credentials::new(id, secret, token, None, "environment");
    let names = [ACCESS_KEY, SECRET, TOKEN].map(str::to_owned);
    check(&keys, &names)?;
    Ok(Some(keys))
}

/// Checks that a key can be sent and signed with: a line break in one makes the SDK panic, or send no request.
///
/// # Errors
/// A part contains what no key of AWS has. The error names the part, never its value.
pub(super) fn check(keys: &Credentials, names: &KeyNames) -> Result<(), ProviderError> {
    let [id, secret, token] = names;
    // A secret is never sent. That of an AWS-compatible service may have other letters.
    let parts = [
        (id, Some(keys.access_key_id()), true),
        (secret, Some(keys.secret_access_key()), false),
        (token, keys.session_token(), true),
    ];
    for (name, value, is_sent) in parts {
        let wrong = |c: &char| c.is_whitespace() || c.is_control() || is_sent && !c.is_ascii();
        match value.and_then(|value| value.chars().find(wrong)) {
            None => {}
            Some('\n' | '\r') => return Err(unsendable(name, "a line break")),
            Some(c) if c.is_whitespace() => return Err(unsendable(name, "a space")),
            Some(_) => return Err(unsendable(name, "a character")),
        }
        if value.is_some_and(str::is_empty) {
            return Err(ProviderError::new(format!("{name} is empty"))
                .help("set it to the key that AWS gave")
                .with_leftover(Leftover::Nothing));
        }
    }
    Ok(())
}

fn unsendable(name: &str, what: &str) -> ProviderError {
    ProviderError::new(format!("{name} contains {what} that no AWS key has"))
        .help("set it again to the key alone: a secret of a CI often has a line break at its end")
        .with_leftover(Leftover::Nothing)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variables: &[(&str, &str)]) -> Result<Option<Credentials>, ProviderError> {
        of_environment(&Env::from_slice(variables))
    }

    #[test]
    fn half_a_key_of_the_environment_is_an_error() {
        for (set, missing) in [(ACCESS_KEY, SECRET), (SECRET, ACCESS_KEY)] {
            for empty in [&[(set, "AKIA")][..], &[(set, "AKIA"), (missing, " ")]] {
                let error = read(empty).unwrap_err();
                assert!(error.message.starts_with(&format!("{missing} is missing")));
                assert!(error.help.unwrap().contains(&format!("unset {set}")));
            }
        }
        assert!(read(&[]).unwrap().is_none());
        assert!(read(&[(TOKEN, "t"), (ACCESS_KEY, "")]).unwrap().is_none());
        assert!(read(&[("SECRET_ACCESS_KEY", "s")]).unwrap().is_none());
        let second = read(&[(ACCESS_KEY, "AKIA"), ("SECRET_ACCESS_KEY", "s")]);
        assert_eq!(second.unwrap().unwrap().secret_access_key(), "s");
    }

    #[test]
    fn what_no_header_takes_is_named_and_not_shown() {
        let good = [(ACCESS_KEY, "AKIA"), (SECRET, "a/b+c="), (TOKEN, "t/+=\n")];
        assert_eq!(read(&good).unwrap().unwrap().session_token(), Some("t/+="));
        for (number, name) in [ACCESS_KEY, SECRET, TOKEN].into_iter().enumerate() {
            for (wrong, what) in [
                ("HIDDEN\nHIDDEN", "a line break"),
                ("HIDDEN\rHIDDEN", "a line break"),
                ("HIDDEN HIDDEN", "a space"),
                ("HIDDEN\tHIDDEN", "a space"),
                ("HIDDEN\u{7f}", "a character"),
                ("HIDDEN\u{1b}[1m", "a character"),
            ] {
                let mut keys = good;
                keys[number].1 = wrong;
                let error = read(&keys).unwrap_err();
                assert!(
                    error
                        .message
                        .starts_with(&format!("{name} contains {what}"))
                );
                assert!(!format!("{error:?}").contains("HIDDEN"));
            }
        }
        let mut keys = good;
        keys[0].1 = "AKIÁ";
        assert!(read(&keys).is_err());
    }
}
