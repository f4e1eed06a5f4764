//! The HTTP client shared by all services, and its timeouts.

use std::time::Duration;

use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::{self, TlsContext, TrustStore};
use aws_smithy_runtime_api::client::http::SharedHttpClient;

use super::http_limits::with_limits;
use crate::engine::{Leftover, ProviderError, sanitize};

/// The timeout for the start of an answer, and again for its end.
const RESPONSE_TIMEOUT: Duration = Duration::from_secs(30);
/// The same for the local AWS: the machine may be suspended or busy, and requests are not repeated.
const LOCAL_RESPONSE_TIMEOUT: Duration = Duration::from_mins(5);
/// The maximum of `TREINO_TIMEOUT`, in seconds: no AWS call takes longer.
const MAX_RESPONSE_TIMEOUT: u64 = 3600;
/// How long an idle connection is kept open.
const POOL_IDLE_TIMEOUT: Duration = Duration::from_secs(2);
/// The maximum attempts of a call that was not answered or was throttled.
const MAX_ATTEMPTS: u32 = 5;

/// The client for an endpoint.
///
/// A plain HTTP endpoint needs no certificates. `AWS_CA_BUNDLE`, which the AWS CLI and other SDKs honour,
/// names further certificates to trust.
///
/// # Errors
/// The bundle cannot be read or is invalid.
pub fn client(endpoint: Option<&str>) -> Result<SharedHttpClient, ProviderError> {
    without_limits(endpoint).map(with_limits)
}

/// The timeout of an answer of AWS or of the local AWS. `TREINO_TIMEOUT` (seconds) overrides it for slow
/// connections.
///
/// # Errors
/// The variable is not a valid number.
pub fn response_timeout(is_local: bool) -> Result<Duration, ProviderError> {
    let seconds = number("TREINO_TIMEOUT", MAX_RESPONSE_TIMEOUT, "seconds")?;
    let usual = if is_local {
        LOCAL_RESPONSE_TIMEOUT
    } else {
        RESPONSE_TIMEOUT
    };
    Ok(seconds.map_or(usual, Duration::from_secs))
}

/// The maximum attempts of a call. `AWS_MAX_ATTEMPTS`, which the AWS CLI and other SDKs honour, overrides it.
///
/// # Errors
/// The variable is not a valid number.
pub fn attempts() -> Result<u32, ProviderError> {
    let attempts = number("AWS_MAX_ATTEMPTS", 100, "attempts")?;
    Ok(attempts.map_or(MAX_ATTEMPTS, |attempts| {
        u32::try_from(attempts).unwrap_or(MAX_ATTEMPTS)
    }))
}

/// The number in an environment variable, from 1 to `most`; `None` if it is not set.
fn number(variable: &str, most: u64, of: &str) -> Result<Option<u64>, ProviderError> {
    let Some(text) = std::env::var_os(variable).filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    let text = text.to_string_lossy();
    match text.trim().parse() {
        Ok(number) if (1..=most).contains(&number) => Ok(Some(number)),
        _ => Err(ProviderError::new(format!(
            "{variable} is `{}`, and not a number of {of} from 1 to {most}",
            sanitize(&text)
        ))
        .help(format!("correct it, or unset it: unset {variable}"))
        .with_leftover(Leftover::Nothing)),
    }
}

fn without_limits(endpoint: Option<&str>) -> Result<SharedHttpClient, ProviderError> {
    if endpoint.is_some_and(|url| url.starts_with("http://")) {
        return Ok(builder().build_http());
    }
    let provider = tls::Provider::Rustls(tls::rustls_provider::CryptoMode::Ring);
    let Some(path) = std::env::var_os("AWS_CA_BUNDLE").filter(|path| !path.is_empty()) else {
        return Ok(builder().tls_provider(provider).build_https());
    };
    let unusable = |why: &dyn std::fmt::Display| {
        ProviderError::new(format!(
            "AWS_CA_BUNDLE ({}) cannot be used: {why}",
            path.display()
        ))
        .help("name a file of PEM certificates, or unset it")
        .with_leftover(Leftover::Nothing)
    };
    let pem = std::fs::read(&path).map_err(|error| unusable(&error))?;
    // The TLS library accepts a file without certificates and then trusts nothing.
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

/// Each bucket is a host of its own: with a long idle timeout there would be too many open connections.
fn builder() -> Builder {
    Builder::new().pool_idle_timeout(Some(POOL_IDLE_TIMEOUT))
}
