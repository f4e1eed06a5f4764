//! The HTTP client shared by all services, and its timeouts.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::{self, TlsContext};
use aws_smithy_http_client::{Builder, Connector};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use tokio::sync::Semaphore;

use super::certificates::trusting;
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
/// The variables that name a proxy.
const PROXIES: &[&str] = &[
    "HTTPS_PROXY",
    "https_proxy",
    "HTTP_PROXY",
    "http_proxy",
    "ALL_PROXY",
    "all_proxy",
];
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
    /// A file of PEM certificates to trust, beside those of the system, and the setting that names it.
    pub ca_bundle: Option<(PathBuf, &'static str)>,
    /// Whether requests go through the proxy that `HTTPS_PROXY`, `HTTP_PROXY` or `ALL_PROXY` names, except to what
    /// `NO_PROXY` names.
    pub proxy_of_environment: bool,
}

impl HttpSettings {
    /// The settings of the environment: `TREINO_TIMEOUT` (seconds), and `AWS_MAX_ATTEMPTS`,
    /// `AWS_CA_BUNDLE` and the variables of proxies, which the AWS CLI and other SDKs honour.
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
            ca_bundle: bundle
                .filter(|path| !path.is_empty())
                .map(|path| (PathBuf::from(path), "AWS_CA_BUNDLE")),
            proxy_of_environment: PROXIES
                .iter()
                .any(|name| std::env::var_os(name).is_some_and(|proxy| !proxy.is_empty())),
        })
    }

    /// The same with the `ca_bundle` of a profile, which `AWS_CA_BUNDLE` overrides.
    pub(in crate::aws) fn with_profile(&self, ca_bundle: Option<&str>) -> Self {
        let of_profile = ca_bundle.map(|path| (PathBuf::from(path), "ca_bundle"));
        Self {
            ca_bundle: self.ca_bundle.clone().or(of_profile),
            ..self.clone()
        }
    }

    /// The same for an endpoint on this machine, to which no proxy leads.
    pub(in crate::aws) fn on_this_machine(&self) -> Self {
        Self {
            proxy_of_environment: false,
            ..self.clone()
        }
    }

    /// The variable that names the proxy to AWS, which is always asked by TLS.
    pub(in crate::aws) fn proxy_variable(&self) -> Option<&'static str> {
        let is_set = |name: &&&str| std::env::var_os(name).is_some_and(|proxy| !proxy.is_empty());
        let mut of_tls = PROXIES
            .iter()
            .filter(|name| !name.to_lowercase().starts_with("http_"));
        of_tls
            .find(is_set)
            .copied()
            .filter(|_| self.proxy_of_environment)
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

    /// The client, with at most as many calls in flight as the semaphore allows. Plain HTTP needs no
    /// certificates.
    ///
    /// # Errors
    /// The certificates cannot be read or are invalid.
    pub(in crate::aws) fn client(
        &self,
        is_plain: bool,
        in_flight: Arc<Semaphore>,
    ) -> Result<SharedHttpClient, ProviderError> {
        let tls = match (is_plain, &self.ca_bundle) {
            (true, _) => None,
            (false, None) => Some(TlsContext::default()),
            (false, Some((path, setting))) => Some(trusting(path, setting)?),
        };
        Ok(with_limits(
            client(tls, self.proxy_of_environment),
            in_flight,
        ))
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

fn client(tls: Option<TlsContext>, proxy: bool) -> SharedHttpClient {
    if proxy {
        return with_proxy(tls);
    }
    // Each bucket is a host of its own: with a long idle timeout there would be too many open connections.
    let builder = Builder::new().pool_idle_timeout(Some(POOL_IDLE_TIMEOUT));
    match tls {
        None => builder.build_http(),
        Some(context) => builder
            .tls_provider(provider())
            .tls_context(context)
            .build_https(),
    }
}

/// The builder above has no setting for a proxy, and this one none for idle connections: they stay open for
/// hyper's 90 seconds.
fn with_proxy(tls: Option<TlsContext>) -> SharedHttpClient {
    Builder::new().build_with_connector_fn(move |settings, components| {
        let mut connector = Connector::builder().proxy_config(ProxyConfig::from_env());
        connector.set_connector_settings(settings.cloned());
        if let Some(components) = components {
            connector.set_sleep_impl(components.sleep_impl());
        }
        match &tls {
            None => connector.build_http(),
            Some(context) => connector
                .tls_provider(provider())
                .tls_context(context.clone())
                .build(),
        }
    })
}

fn provider() -> tls::Provider {
    tls::Provider::Rustls(tls::rustls_provider::CryptoMode::Ring)
}
