//! The environment variables that the local AWS and its functions inherit: those that programs need to run,
//! and network settings. No others, as they may hold keys or tokens.

use std::ffi::OsString;

/// Allowed names. Windows ignores their case.
const NAMES: &[&str] = &[
    "PATH",
    "HOME",
    "USER",
    "LOGNAME",
    "LANG",
    "LANGUAGE",
    "TZ",
    "TERM",
    "LD_LIBRARY_PATH",
    "DYLD_LIBRARY_PATH",
    "DYLD_FALLBACK_LIBRARY_PATH",
    // Windows.
    "SYSTEMROOT",
    "SYSTEMDRIVE",
    "WINDIR",
    "COMSPEC",
    "PATHEXT",
    "USERPROFILE",
    "APPDATA",
    "LOCALAPPDATA",
    "PROGRAMDATA",
    "TEMP",
    "TMP",
    // For HTTP tasks, and functions that call an API.
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "ALL_PROXY",
    "NO_PROXY",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
    "NODE_EXTRA_CA_CERTS",
    // Version managers need these to find the node they put on the PATH.
    "ASDF_DIR",
    "ASDF_DATA_DIR",
    "MISE_DATA_DIR",
    "VOLTA_HOME",
    // The log level of the local AWS.
    "LOG_LEVEL",
];

/// Allowed prefixes: locale, and MiniStack's own settings for functions.
const PREFIXES: &[&str] = &["LC_", "LAMBDA_"];

/// The inherited variables with their values.
pub fn inherited_variables() -> impl Iterator<Item = (OsString, OsString)> {
    std::env::vars_os().filter(|(name, _)| name.to_str().is_some_and(is_allowed))
}

fn is_allowed(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    NAMES.contains(&name.as_str()) || PREFIXES.iter().any(|begin| name.starts_with(begin))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn possible_secrets_are_not_inherited() {
        for name in ["PATH", "https_proxy", "Path", "LC_ALL", "SSL_CERT_FILE"] {
            assert!(is_allowed(name), "{name}");
        }
        let others = [
            "AWS_PROFILE",
            "GITHUB_TOKEN",
            "API_KEY",
            "PYTHONPATH",
            "PATHS",
            "NODE_OPTIONS",
            "",
        ];
        for name in others {
            assert!(!is_allowed(name), "{name}");
        }
    }
}
