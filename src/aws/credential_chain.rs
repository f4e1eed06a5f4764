//! Where the credentials of a user come from: the first keys, and the roles that are assumed with them.
//!
//! <https://docs.aws.amazon.com/sdkref/latest/guide/feature-assume-role-credentials.html>

use aws_config::profile::{Profile, ProfileSet};

use super::config_files::shown_name;
use crate::engine::{Leftover, ProviderError, sanitize};

/// Where the first keys come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum CredentialSource {
    /// Nothing is set: perhaps the role of a container or an instance.
    None,
    /// The keys of the environment.
    Environment,
    /// The role of the EC2 instance.
    Instance,
    /// The role of the container.
    Container,
    /// An access key in the files.
    Keys,
    /// IAM Identity Center: `aws sso login`.
    Sso,
    /// `aws login`.
    Login,
    /// A program prints them.
    Process,
    /// A role is assumed with the token of another identity provider, which is in a file.
    WebIdentity { arn: String, file: String },
}

/// A role that a profile assumes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct AssumedRole {
    /// The profile, as the user wrote it.
    pub profile: String,
    pub arn: String,
    pub external_id: Option<String>,
    pub session_name: Option<String>,
    /// In seconds; STS gives an hour without it.
    pub duration: Option<i32>,
    /// Whether the code of an MFA device is wanted.
    pub mfa: bool,
}

/// The first keys, and the roles in the order in which they are assumed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct CredentialChain {
    /// The profile of the first keys, in the SDK's characters.
    pub profile: String,
    pub source: CredentialSource,
    pub roles: Vec<AssumedRole>,
}

impl CredentialChain {
    /// Keys that no profile names.
    pub(super) fn of(source: CredentialSource, profile: &str) -> Self {
        Self {
            profile: profile.to_owned(),
            source,
            roles: Vec::new(),
        }
    }

    /// The chain of a profile, in the order in which the AWS CLI and the SDK decide. `file` is where a mistake is to
    /// be corrected.
    ///
    /// # Errors
    /// The profiles do not lead to keys: a source that does not exist, a loop, a value that is none.
    pub(super) fn of_profile(sections: &ProfileSet, file: &str) -> Result<Self, ProviderError> {
        let mut name = sections.selected_profile();
        let mut seen: Vec<&str> = Vec::new();
        let mut roles = Vec::new();
        let source = loop {
            let Some(section) = sections.get_profile(name) else {
                match seen.last() {
                    None => break CredentialSource::None,
                    Some(by) => return Err(no_source(name, by, file)),
                }
            };
            if seen.contains(&name) {
                return Err(endless(&seen, name, file));
            }
            seen.push(name);
            let has_keys = section.get("aws_access_key_id").is_some()
                && section.get("aws_secret_access_key").is_some();
            if seen.len() > 1 && has_keys {
                break CredentialSource::Keys;
            }
            let Some(role) = role(section, file)? else {
                break base(section, file)?;
            };
            roles.push(role);
            let by = shown_name(name);
            match (
                section.get("source_profile"),
                section.get("credential_source"),
            ) {
                (Some(next), None) if next == name && has_keys => break CredentialSource::Keys,
                (Some(next), None) => name = next,
                (None, Some(source)) => break named(source, &by, file)?,
                (source, _) => {
                    let what = match source {
                        Some(_) => "has both `source_profile` and `credential_source`",
                        None => "has a `role_arn`, and no `source_profile` or `credential_source`",
                    };
                    let what = format!("the profile `{by}` {what}");
                    return Err(wrong(what, format!("let it have one of the two in {file}")));
                }
            }
        };
        roles.reverse();
        Ok(Self {
            profile: name.to_owned(),
            source,
            roles,
        })
    }

    /// Assumes one more role, with whatever the chain leads to.
    pub(super) fn assume(&mut self, arn: &str) {
        self.roles.push(AssumedRole {
            profile: self.profile.clone(),
            arn: arn.to_owned(),
            ..AssumedRole::default()
        });
    }

    /// Whether the credentials are asked for at another service first.
    pub(super) fn asks_first(&self) -> bool {
        let asks = matches!(
            self.source,
            CredentialSource::Sso | CredentialSource::Login | CredentialSource::WebIdentity { .. }
        );
        asks || !self.roles.is_empty()
    }
}

/// The role of a profile. With the token of an identity provider it is no role that keys assume.
fn role(section: &Profile, file: &str) -> Result<Option<AssumedRole>, ProviderError> {
    let get = |key: &str| section.get(key).map(str::to_owned);
    let (Some(arn), None) = (get("role_arn"), get("web_identity_token_file")) else {
        return Ok(None);
    };
    let profile = shown_name(section.name());
    let not_a_number = |text: &str| {
        let text = sanitize(text);
        wrong(
            format!("`duration_seconds` of the profile `{profile}` is `{text}`, and not a number"),
            format!("correct it in {file}: from 900 to what the role allows"),
        )
    };
    let duration = get("duration_seconds")
        .map(|text| text.parse().map_err(|_| not_a_number(&text)))
        .transpose()?;
    Ok(Some(AssumedRole {
        profile,
        arn,
        external_id: get("external_id"),
        session_name: get("role_session_name"),
        duration,
        mfa: get("mfa_serial").is_some(),
    }))
}

/// Where a profile that assumes no role has its keys from.
fn base(section: &Profile, file: &str) -> Result<CredentialSource, ProviderError> {
    let has = |key: &str| section.get(key).is_some();
    let by = shown_name(section.name());
    if let Some(source) = section.get("credential_source") {
        return named(source, &by, file);
    }
    if let (Some(arn), Some(token)) = (
        section.get("role_arn"),
        section.get("web_identity_token_file"),
    ) {
        return Ok(CredentialSource::WebIdentity {
            arn: sanitize(arn),
            file: sanitize(token),
        });
    }
    let pair = ["aws_access_key_id", "aws_secret_access_key"];
    Ok(if has("sso_session") || has("sso_start_url") {
        CredentialSource::Sso
    } else if has("login_session") {
        CredentialSource::Login
    } else if has("credential_process") {
        CredentialSource::Process
    } else if let Some(is) = pair.iter().find(|key| has(key)) {
        if let Some(missing) = pair.iter().find(|key| !has(key)) {
            return Err(wrong(
                format!("the profile `{by}` has `{is}`, but no `{missing}`"),
                "add it where the other one is: `aws configure` asks for both".to_owned(),
            ));
        }
        CredentialSource::Keys
    } else {
        CredentialSource::None
    })
}

/// The meaning of `credential_source`.
fn named(source: &str, profile: &str, file: &str) -> Result<CredentialSource, ProviderError> {
    Ok(match source.to_ascii_lowercase().as_str() {
        "environment" => CredentialSource::Environment,
        "ec2instancemetadata" => CredentialSource::Instance,
        "ecscontainer" => CredentialSource::Container,
        _ => {
            let source = sanitize(source);
            return Err(wrong(
                format!("`credential_source` of the profile `{profile}` is `{source}`"),
                format!("correct it in {file}: Environment, Ec2InstanceMetadata or EcsContainer"),
            ));
        }
    })
}

fn no_source(name: &str, by: &str, file: &str) -> ProviderError {
    let (name, by) = (shown_name(name), shown_name(by));
    wrong(
        format!("there is no profile `{name}`, which is `source_profile` of the profile `{by}`"),
        format!("correct `source_profile` of `{by}` in {file}"),
    )
}

fn endless(seen: &[&str], next: &str, file: &str) -> ProviderError {
    let names: Vec<String> = seen
        .iter()
        .chain([&next])
        .map(|name| format!("`{}`", shown_name(name)))
        .collect();
    let last = names.iter().rev().nth(1).cloned().unwrap_or_default();
    wrong(
        format!(
            "`source_profile` leads back to the same profile: {}",
            names.join(" -> ")
        ),
        format!(
            "let `source_profile` of {last} in {file} name a profile that has credentials of its own"
        ),
    )
}

fn wrong(what: String, help: String) -> ProviderError {
    ProviderError::new(what)
        .help(help)
        .with_leftover(Leftover::Nothing)
}
