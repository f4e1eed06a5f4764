//! What the local AWS, and so the functions it runs, sees of the user's environment: what programs
//! need to run at all, and the way to the network. Nothing else, as it may be a key or a token.

use std::ffi::OsString;

/// Variables by name; of these, Windows tells no capitals apart.
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
    // HTTP tasks, and functions that call an API.
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "ALL_PROXY",
    "NO_PROXY",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
    "NODE_EXTRA_CA_CERTS",
    // A node that a version manager put on the PATH asks it which one is meant.
    "ASDF_DIR",
    "ASDF_DATA_DIR",
    "MISE_DATA_DIR",
    "VOLTA_HOME",
    // How much the local AWS says in its log.
    "LOG_LEVEL",
];

/// Variables by what they begin with: the language, and MiniStack's own settings of functions.
const BEGINNINGS: &[&str] = &["LC_", "LAMBDA_"];

/// The variables that are passed on.
pub fn variables() -> impl Iterator<Item = (OsString, OsString)> {
    std::env::vars_os().filter(|(name, _)| name.to_str().is_some_and(is_passed_on))
}

fn is_passed_on(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    NAMES.contains(&name.as_str()) || BEGINNINGS.iter().any(|begin| name.starts_with(begin))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_a_secret_is_not_passed_on() {
        for name in ["PATH", "https_proxy", "Path", "LC_ALL", "SSL_CERT_FILE"] {
            assert!(is_passed_on(name), "{name}");
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
            assert!(!is_passed_on(name), "{name}");
        }
    }
}
