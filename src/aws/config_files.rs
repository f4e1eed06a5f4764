//! The AWS configuration files as the SDK is to read them: found where the AWS CLI finds them, and with the names of
//! profiles that the SDK's own parser leaves out (`[profile "my class"]`) written so that it takes them.
//!
//! <https://docs.aws.amazon.com/sdkref/latest/guide/file-location.html>

use std::error::Error;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use aws_runtime::env_config::file::{EnvConfigFileKind, EnvConfigFiles};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use crate::engine::{Leftover, ProviderError, sanitize};

/// What the SDK does not take in the name of a profile.
const NOT_IN_NAMES: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'_')
    .remove(b'-')
    .remove(b'/')
    .remove(b'.')
    .remove(b'%')
    .remove(b'@')
    .remove(b':')
    .remove(b'+');

/// Both files.
#[derive(Debug, Clone)]
pub(super) struct ConfigFiles {
    config: ConfigFile,
    credentials: ConfigFile,
}

#[derive(Debug, Clone)]
struct ConfigFile {
    path: PathBuf,
    /// The variable that names it, where one does.
    variable: Option<&'static str>,
    text: Option<String>,
}

impl ConfigFiles {
    /// Reads both. One that does not exist is empty, as it is to the AWS CLI.
    ///
    /// # Errors
    /// One is not text, or a variable names one that cannot be read.
    pub(super) fn read() -> Result<Self, ProviderError> {
        Ok(Self {
            config: ConfigFile::read("AWS_CONFIG_FILE", "config")?,
            credentials: ConfigFile::read("AWS_SHARED_CREDENTIALS_FILE", "credentials")?,
        })
    }

    /// Both for the SDK.
    pub(super) fn for_sdk(&self) -> EnvConfigFiles {
        let text = |file: &ConfigFile, is_config| {
            let text = file.text.as_deref().unwrap_or_default();
            with_plain_names(text, is_config)
        };
        EnvConfigFiles::builder()
            .with_contents(EnvConfigFileKind::Config, text(&self.config, true))
            .with_contents(
                EnvConfigFileKind::Credentials,
                text(&self.credentials, false),
            )
            .build()
    }

    /// The file of profiles alone.
    pub(super) fn config_for_sdk(&self) -> EnvConfigFiles {
        let text = self.config.text.as_deref().unwrap_or_default();
        EnvConfigFiles::builder()
            .with_contents(EnvConfigFileKind::Config, with_plain_names(text, true))
            .build()
    }

    /// What the SDK says of a line that it cannot read: it tells the line, and not the file.
    pub(super) fn unparsable(&self, error: &dyn Error, is_in_config: bool) -> ProviderError {
        let why = error
            .source()
            .map_or_else(|| error.to_string(), ToString::to_string);
        let line = why.split_once(" on line ").map(|(_, line)| line);
        let (line, what) = match line.and_then(|line| line.split_once(':')) {
            Some((line, what)) => (format!(", line {line}"), what),
            None => (String::new(), why.as_str()),
        };
        let file = if is_in_config {
            &self.config
        } else {
            &self.credentials
        };
        let file = file.shown();
        let what = sanitize(what.trim());
        ProviderError::new(format!(
            "the AWS configuration file {file}{line} cannot be read: {what}"
        ))
        .help("correct the line, or write the file by `aws configure`")
        .with_leftover(Leftover::Nothing)
    }

    /// The file of profiles, as a message names it.
    pub(super) fn config(&self) -> String {
        self.config.shown()
    }

    /// Both, as a message names them, and which of them do not exist.
    pub(super) fn both(&self) -> String {
        let mut text = String::new();
        for (file, between) in [(&self.config, ""), (&self.credentials, " and ")] {
            let _ = write!(text, "{between}{}", file.shown());
            if file.text.is_none() {
                text.push_str(" (which does not exist)");
            }
        }
        text
    }
}

impl ConfigFile {
    fn read(variable: &'static str, name: &str) -> Result<Self, ProviderError> {
        let home = etcetera::home_dir().unwrap_or_else(|_| PathBuf::from("~"));
        let named = std::env::var_os(variable).filter(|path| !path.is_empty());
        let (path, variable) = match named {
            None => (home.join(".aws").join(name), None),
            Some(path) => {
                let path = PathBuf::from(path);
                let path = match path.strip_prefix("~") {
                    Ok(rest) => home.join(rest),
                    Err(_) => path,
                };
                (path, Some(variable))
            }
        };
        let mut file = Self {
            path,
            variable,
            text: None,
        };
        match std::fs::read(&file.path) {
            Ok(bytes) => file.text = Some(file.decoded(&bytes)?),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            // Keys of the environment are enough where the home folder is another user's.
            Err(_) if variable.is_none() => {}
            Err(error) => {
                let why = if file.path.is_dir() {
                    "it is a folder".to_owned()
                } else {
                    error.to_string()
                };
                return Err(file.unreadable(&why));
            }
        }
        Ok(file)
    }

    fn decoded(&self, bytes: &[u8]) -> Result<String, ProviderError> {
        let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        match std::str::from_utf8(text) {
            Ok(text) => Ok(text.to_owned()),
            Err(error) => {
                let before = text[..error.valid_up_to()].split(|byte| *byte == b'\n');
                let line = before.count();
                Err(self
                    .unreadable(&format!("line {line} is not UTF-8 text"))
                    .help("save the file as UTF-8"))
            }
        }
    }

    fn unreadable(&self, why: &str) -> ProviderError {
        let help = match self.variable {
            Some(variable) => format!("name a file by {variable}, or unset it"),
            None => "correct the file".to_owned(),
        };
        let what = format!(
            "the AWS configuration file {} cannot be read: {why}",
            self.path.display()
        );
        ProviderError::new(sanitize(&what))
            .help(help)
            .with_leftover(Leftover::Nothing)
    }

    /// Its path, from the home folder where it is there as usual.
    fn shown(&self) -> String {
        let name = self.path.file_name().map(Path::new).map(Path::display);
        match (self.variable, name) {
            (None, Some(name)) => format!("~/.aws/{name}"),
            _ => sanitize(&self.path.display().to_string()),
        }
    }
}

/// The name of a profile in the SDK's characters.
pub(super) fn plain_name(name: &str) -> String {
    utf8_percent_encode(name, NOT_IN_NAMES).to_string()
}

/// The name as the user wrote it.
pub(super) fn shown_name(plain: &str) -> String {
    let decoded = percent_decode_str(plain).decode_utf8_lossy();
    let is_ours = plain_name(&decoded) == plain;
    sanitize(if is_ours { &decoded } else { plain })
}

/// Writes the names of profiles in the SDK's characters, where they are defined and where `source_profile` names them.
/// No line is added, so that the parser's line numbers stay right.
fn with_plain_names(text: &str, is_config: bool) -> String {
    let mut plain = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        match plain_line(line, is_config) {
            Some(line) => plain.push_str(&line),
            None => plain.push_str(line),
        }
    }
    plain
}

fn plain_line(line: &str, is_config: bool) -> Option<String> {
    if !line.starts_with('[') {
        let (key, value) = line.split_once('=')?;
        let name = value.trim();
        let plain = plain_name(name);
        let is_reference = key.trim().eq_ignore_ascii_case("source_profile");
        return (is_reference && plain != name && !name.contains([';', '#']))
            .then(|| format!("{key}= {plain}\n"));
    }
    let (inner, rest) = line.strip_prefix('[')?.split_once(']')?;
    let inner = inner.trim();
    if !is_config {
        return Some(format!("[{}]{rest}", plain_name(inner)));
    }
    let (prefix, name) = inner.split_once(char::is_whitespace)?;
    if prefix != "profile" {
        return None;
    }
    let name = name.trim();
    let quoted = |quote: char| name.strip_prefix(quote)?.strip_suffix(quote);
    let name = quoted('"').or_else(|| quoted('\'')).unwrap_or(name);
    Some(format!("[profile {}]{rest}", plain_name(name)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_shown_as_it_was_written() {
        for name in ["dev", "my class", "a%41", "açaí", "50% off"] {
            assert_eq!(shown_name(&plain_name(name)), name);
        }
    }

    #[test]
    fn names_of_profiles_are_written_as_the_sdk_takes_them() {
        let config = "[default]\nregion = x\n[profile \"my class\"]\r\nsource_profile = other class\n[profile 'dev'] ; mine\n\
            [profile açaí]\nrole_arn = a b\n[sso-session my class]\n[profile a.b/c@d]\nsource_profile = dev # mine\n";
        assert_eq!(
            with_plain_names(config, true),
            "[default]\nregion = x\n[profile my%20class]\r\nsource_profile = other%20class\n[profile dev] ; mine\n\
            [profile a%C3%A7a%C3%AD]\nrole_arn = a b\n[sso-session my class]\n[profile a.b/c@d]\nsource_profile = dev # mine\n"
        );
        assert_eq!(
            with_plain_names("[other class]\naws_access_key_id = a\n[dev]", false),
            "[other%20class]\naws_access_key_id = a\n[dev]"
        );
    }
}
