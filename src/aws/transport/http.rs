//! The HTTP client all services share, and how long it waits.

use std::time::Duration;

use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::{self, TlsContext, TrustStore};
use aws_smithy_runtime_api::client::http::SharedHttpClient;

use super::http_limits::with_limits;
use crate::engine::{Leftover, ProviderError, sanitize};

/// How long an answer may take to begin, and once more to end.
const PATIENCE: Duration = Duration::from_secs(30);
/// The same on this machine, which may be suspended or busy: what is asked is not asked twice.
const LOCAL_PATIENCE: Duration = Duration::from_mins(5);
/// The longest that may be asked for: no call of AWS's takes longer.
const MOST_PATIENCE: u64 = 3600;
/// How long a connection is kept that nothing uses.
const IDLE: Duration = Duration::from_secs(2);
/// How often a call is tried that AWS did not answer, or asked to come back with.
const ATTEMPTS: u32 = 5;

/// A client for this endpoint.
///
/// An endpoint on plain HTTP needs no certificates to be read; `AWS_CA_BUNDLE`, which the AWS CLI
/// and other SDKs honour, names further ones to trust.
///
/// # Errors
/// The bundle cannot be read or used.
pub fn client(endpoint: Option<&str>) -> Result<SharedHttpClient, ProviderError> {
    unbounded(endpoint).map(with_limits)
}

/// How long an answer of AWS, or of the local AWS, may take: `TREINO_TIMEOUT`, in seconds, is for slow
/// lines.
///
/// # Errors
/// It is no such number.
pub fn patience(is_local: bool) -> Result<Duration, ProviderError> {
    let seconds = number("TREINO_TIMEOUT", MOST_PATIENCE, "seconds")?;
    let usual = if is_local { LOCAL_PATIENCE } else { PATIENCE };
    Ok(seconds.map_or(usual, Duration::from_secs))
}

/// How often a call is tried: `AWS_MAX_ATTEMPTS`, which the AWS CLI and other SDKs honour.
///
/// # Errors
/// It is no such number.
pub fn attempts() -> Result<u32, ProviderError> {
    let attempts = number("AWS_MAX_ATTEMPTS", 100, "attempts")?;
    Ok(attempts.map_or(ATTEMPTS, |attempts| {
        u32::try_from(attempts).unwrap_or(ATTEMPTS)
    }))
}

/// A number from 1 that a variable of the environment holds.
fn number(variable: &str, most: u64, of: &str) -> Result<Option<u64>, ProviderError> {
    let Some(text) = std::env::var_os(variable).filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    let text = text.to_string_lossy();
    match text.trim().parse() {
        Ok(number) if (1..=most).contains(&number) => Ok(Some(number)),
        _ => Err(ProviderError::ours(format!(
            "{variable} is `{}`, and not a number of {of} from 1 to {most}",
            sanitize(&text)
        ))
        .help(format!("correct it, or unset it: unset {variable}"))
        .leaving(Leftover::Nothing)),
    }
}

fn unbounded(endpoint: Option<&str>) -> Result<SharedHttpClient, ProviderError> {
    if endpoint.is_some_and(|url| url.starts_with("http://")) {
        return Ok(builder().build_http());
    }
    let provider = tls::Provider::Rustls(tls::rustls_provider::CryptoMode::Ring);
    let Some(path) = std::env::var_os("AWS_CA_BUNDLE").filter(|path| !path.is_empty()) else {
        return Ok(builder().tls_provider(provider).build_https());
    };
    let unusable = |why: &dyn std::fmt::Display| {
        ProviderError::ours(format!(
            "AWS_CA_BUNDLE ({}) cannot be used: {why}",
            path.display()
        ))
        .help("name a file of PEM certificates, or unset it")
        .leaving(Leftover::Nothing)
    };
    let pem = std::fs::read(&path).map_err(|error| unusable(&error))?;
    // A file without any would be taken, and trusted nothing.
    if !pem.windows(17).any(|text| text == b"BEGIN CERTIFICATE") {
        return Err(unusable(&"it holds no PEM certificate"));
    }
    let store = TrustStore::empty()
        .with_native_roots(true)
        .with_pem_certificate(pem);
    let context = TlsContext::builder().with_trust_store(store).build();
    let context = context.map_err(|error| unusable(&error))?;
    let builder = builder().tls_provider(provider).tls_context(context);
    Ok(builder.build_https())
}

/// Each bucket is a host of its own: kept for long, connections to many would be too many at once.
fn builder() -> Builder {
    Builder::new().pool_idle_timeout(Some(IDLE))
}
