//! The HTTP client shared by all services, and its timeouts.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::{self, TlsContext, TrustStore};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use tokio::sync::Semaphore;

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

/// How HTTP requests are made, where it is not as usual.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HttpSettings {
    /// The timeout for the start of an answer, and again for its end; without it 30 seconds for AWS, and
    /// five minutes for the local AWS.
    pub response_timeout: Option<Duration>,
    /// The maximum attempts of a call that was not answered or was throttled; 5 without it.
    pub max_attempts: Option<u32>,
    /// A file of PEM certificates to trust, beside those of the system.
    pub ca_bundle: Option<PathBuf>,
}

impl HttpSettings {
    /// The settings of the environment: `TREINO_TIMEOUT` (seconds), and `AWS_MAX_ATTEMPTS` and
    /// `AWS_CA_BUNDLE`, which the AWS CLI and other SDKs honour.
    ///
    /// # Errors
    /// A variable is not a valid number.
    pub fn of_environment() -> Result<Self, ProviderError> {
        let seconds = number("TREINO_TIMEOUT", MAX_RESPONSE_TIMEOUT, "seconds")?;
        let attempts = number("AWS_MAX_ATTEMPTS", 100, "attempts")?;
        let bundle = std::env::var_os("AWS_CA_BUNDLE");
        Ok(Self {
            response_timeout: seconds.map(Duration::from_secs),
            max_attempts: attempts.and_then(|attempts| u32::try_from(attempts).ok()),
            ca_bundle: bundle.filter(|path| !path.is_empty()).map(PathBuf::from),
        })
    }

    /// The timeout for an answer.
    pub(in crate::aws) fn response_timeout(&self, is_local: bool) -> Duration {
        self.response_timeout.unwrap_or(if is_local {
            LOCAL_RESPONSE_TIMEOUT
        } else {
            RESPONSE_TIMEOUT
        })
    }

    /// The maximum attempts of a call.
    pub(in crate::aws) fn max_attempts(&self) -> u32 {
        self.max_attempts.unwrap_or(MAX_ATTEMPTS)
    }

    /// The client for an endpoint, with at most as many calls in flight as the semaphore allows. A plain
    /// HTTP endpoint needs no certificates.
    ///
    /// # Errors
    /// The certificates cannot be read or are invalid.
    pub(in crate::aws) fn client(
        &self,
        endpoint: Option<&str>,
        in_flight: Arc<Semaphore>,
    ) -> Result<SharedHttpClient, ProviderError> {
        let client = without_limits(endpoint, self.ca_bundle.as_ref())?;
        Ok(with_limits(client, in_flight))
    }
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

fn without_limits(
    endpoint: Option<&str>,
    ca_bundle: Option<&PathBuf>,
) -> Result<SharedHttpClient, ProviderError> {
    if endpoint.is_some_and(|url| url.starts_with("http://")) {
        return Ok(builder().build_http());
    }
    let provider = tls::Provider::Rustls(tls::rustls_provider::CryptoMode::Ring);
    let Some(path) = ca_bundle else {
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
    let pem = std::fs::read(path).map_err(|error| unusable(&error))?;
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
