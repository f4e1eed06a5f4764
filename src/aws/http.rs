//! The HTTP client all services share.

use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::{self, TlsContext, TrustStore};
use aws_smithy_runtime_api::client::http::SharedHttpClient;

use crate::engine::{Fault, Residue};

/// A client for this endpoint.
///
/// An endpoint on plain HTTP needs no certificates to be read; `AWS_CA_BUNDLE`, which the AWS CLI
/// and other SDKs honour, names further ones to trust.
///
/// # Errors
/// The bundle cannot be read or used.
pub fn client(endpoint: Option<&str>) -> Result<SharedHttpClient, Fault> {
    if endpoint.is_some_and(|url| url.starts_with("http://")) {
        return Ok(Builder::new().build_http());
    }
    let provider = tls::Provider::Rustls(tls::rustls_provider::CryptoMode::AwsLc);
    let Some(path) = std::env::var_os("AWS_CA_BUNDLE").filter(|path| !path.is_empty()) else {
        return Ok(Builder::new().tls_provider(provider).build_https());
    };
    let unusable = |why: &dyn std::fmt::Display| {
        Fault::ours(format!(
            "AWS_CA_BUNDLE ({}) cannot be used: {why}",
            path.display()
        ))
        .help("name a file of PEM certificates, or unset it")
        .leaving(Residue::Nothing)
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
    let builder = Builder::new().tls_provider(provider).tls_context(context);
    Ok(builder.build_https())
}
