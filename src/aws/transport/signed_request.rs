//! Signed requests for services of which treino makes only two or three calls.
//!
//! The SDK crate of such a service would be compiled for these alone (S3 Control: 34 of 766 seconds). Parts
//! of the SDK that are dependencies anyway sign, retry and time out these requests like all others.

use aws_config::SdkConfig;
use aws_runtime::auth::sigv4::{SCHEME_ID, SigV4AuthScheme};
use aws_runtime::auth::{SigV4OperationSigningConfig, SigningOptions};
use aws_runtime::retries::classifiers::AwsErrorCodeClassifier;
use aws_smithy_runtime::client::orchestrator::operation::Operation;
use aws_smithy_runtime::client::retries::classifiers::{
    HttpStatusCodeClassifier, TransientErrorClassifier,
};
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::auth::static_resolver::StaticAuthSchemeOptionResolver;
use aws_smithy_runtime_api::client::auth::{
    AuthSchemeOptionResolverParams, SharedAuthScheme, SharedAuthSchemeOptionResolver,
};
use aws_smithy_runtime_api::client::identity::SharedIdentityResolver;
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse, OrchestratorError};
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponentsBuilder;
use aws_smithy_runtime_api::client::runtime_plugin::StaticRuntimePlugin;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::config_bag::Layer;
use aws_smithy_types::error::ErrorMetadata;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use aws_types::SigningName;
use aws_types::region::SigningRegion;
use aws_types::service_config::ServiceConfigKey;

use super::response_validation::ResponseValidation;
use crate::aws::resources::REQUIRED;
use crate::data::partitions;
use crate::stack::Target;

#[derive(Debug, Clone, Copy)]
pub struct Service {
    /// Its service id in the SDKs and their configuration: `S3 Control`.
    pub id: &'static str,
    /// Its endpoint prefix: `s3-control`.
    pub host: &'static str,
    /// Its signing name: `s3`.
    pub signing: &'static str,
    /// Whether the host name begins with the account id.
    pub by_account: bool,
}

#[derive(Debug, Clone)]
pub struct Request {
    /// `GET`, `POST`, `DELETE`.
    pub method: &'static str,
    /// Path and query, percent-encoded.
    pub path: String,
    pub headers: Vec<(&'static str, String)>,
    pub body: String,
}

/// An error answer of a service.
#[derive(Debug)]
pub struct ServiceError(ErrorMetadata);

impl std::fmt::Display for ServiceError {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for ServiceError {}

impl ProvideErrorMetadata for ServiceError {
    fn meta(&self) -> &ErrorMetadata {
        &self.0
    }
}

/// Parses the answers of a service.
#[derive(Debug, Clone, Copy)]
pub struct ResponseParser<T> {
    /// Parses the body of a successful answer.
    pub success: fn(&str) -> Result<T, BoxError>,
    /// Extracts code and message of an error answer.
    pub refusal: fn(&HttpResponse) -> ErrorMetadata,
}

/// Sends the request.
///
/// # Errors
/// The service's error, a request that was not answered, or an answer that cannot be parsed.
pub async fn call<T: std::fmt::Debug + Send + Sync + 'static>(
    config: &SdkConfig,
    target: &Target,
    service: Service,
    operation: &'static str,
    request: Request,
    parser: ResponseParser<T>,
) -> Result<T, SdkError<ServiceError, HttpResponse>> {
    let mut builder = Operation::builder()
        .service_name(service.id)
        .operation_name(operation)
        .endpoint_url(&endpoint(config, target, service))
        .standard_retry(config.retry_config().unwrap_or(&RetryConfig::standard()))
        .retry_classifier(AwsErrorCodeClassifier::<ServiceError>::new())
        .retry_classifier(HttpStatusCodeClassifier::default())
        .retry_classifier(TransientErrorClassifier::<ServiceError>::new())
        .timeout_config(
            config
                .timeout_config()
                .cloned()
                .unwrap_or_else(TimeoutConfig::disabled),
        )
        .interceptor(ResponseValidation(REQUIRED))
        .runtime_plugin(signing(config, service));
    if let Some(client) = config.http_client() {
        builder = builder.http_client(client);
    }
    if let Some(sleep) = config.sleep_impl() {
        builder = builder.sleep_impl(sleep);
    }
    if let Some(version) = config.behavior_version() {
        builder = builder.behavior_version(version);
    }
    let call = builder
        .serializer(|request: Request| http(request))
        .deserializer(move |response: &HttpResponse| {
            let body = response.body().bytes().unwrap_or_default();
            if response.status().is_success() {
                let body = String::from_utf8_lossy(body);
                return (parser.success)(&body).map_err(OrchestratorError::other);
            }
            let refusal = (parser.refusal)(response);
            Err(OrchestratorError::operation(ServiceError(refusal)))
        })
        .build();
    call.invoke(request).await
}

fn http(request: Request) -> Result<HttpRequest, BoxError> {
    let mut http = HttpRequest::new(SdkBody::from(request.body));
    http.set_method(request.method)?;
    http.set_uri(request.path)?;
    for (name, value) in request.headers {
        http.headers_mut().try_insert(name, value)?;
    }
    Ok(http)
}

/// Signs as the SDK's own clients do.
fn signing(config: &SdkConfig, service: Service) -> StaticRuntimePlugin {
    let mut options = SigningOptions::default();
    if service.signing == "s3" {
        options.double_uri_encode = false;
        options.normalize_uri_path = false;
        options.content_sha256_header = true;
    }
    let mut layer = Layer::new("signing");
    layer.store_put(SigV4OperationSigningConfig {
        region: config.region().cloned().map(SigningRegion::from),
        region_set: None,
        name: Some(SigningName::from_static(service.signing)),
        signing_options: options,
    });
    layer.store_put(AuthSchemeOptionResolverParams::new(()));
    let resolver = StaticAuthSchemeOptionResolver::new(vec![SCHEME_ID]);
    let mut components = RuntimeComponentsBuilder::new("signing")
        .with_auth_scheme_option_resolver(Some(SharedAuthSchemeOptionResolver::new(resolver)))
        .with_auth_scheme(SharedAuthScheme::new(SigV4AuthScheme::new()));
    components.set_identity_cache(config.identity_cache());
    if let Some(credentials) = config.credentials_provider() {
        components.set_identity_resolver(SCHEME_ID, SharedIdentityResolver::new(credentials));
    }
    components.set_time_source(config.time_source());
    StaticRuntimePlugin::new()
        .with_config(layer.freeze())
        .with_runtime_components(components)
}

/// The endpoint: the user's for this service, the user's for all services, or AWS's.
fn endpoint(config: &SdkConfig, target: &Target, service: Service) -> String {
    let of_service = config.service_config().and_then(|settings| {
        let key = ServiceConfigKey::builder()
            .service_id(service.id)
            .env("AWS_ENDPOINT_URL")
            .profile("endpoint_url")
            .build()
            .ok()?;
        settings.load_config(key)
    });
    if let Some(url) = of_service.or_else(|| config.endpoint_url().map(String::from)) {
        return url.trim_end_matches('/').to_owned();
    }
    let account = if service.by_account {
        format!("{}.", target.account)
    } else {
        String::new()
    };
    let fips = if config.use_fips() == Some(true) {
        "-fips"
    } else {
        ""
    };
    let (host, region) = (service.host, &target.region);
    let dual = config.use_dual_stack() == Some(true);
    let (dual, suffix) = match (dual, service.by_account) {
        (false, _) => ("", partitions::suffix(&target.partition)),
        // S3 hosts contain `dualstack`; other services use a different suffix.
        (true, true) => ("dualstack.", partitions::suffix(&target.partition)),
        (true, false) => ("", partitions::dual_stack_suffix(&target.partition)),
    };
    format!("https://{account}{host}{fips}.{dual}{region}.{suffix}")
}

#[cfg(test)]
mod tests {
    use aws_config::Region;

    use super::*;

    #[test]
    fn endpoints_of_each_region() {
        let control = Service {
            id: "S3 Control",
            host: "s3-control",
            signing: "s3",
            by_account: true,
        };
        let secrets = Service {
            id: "Secrets Manager",
            host: "secretsmanager",
            signing: "secretsmanager",
            by_account: false,
        };
        let at = |region: &str, (fips, dual): (bool, bool), service| {
            let config = SdkConfig::builder()
                .region(Region::new(region.to_owned()))
                .use_fips(fips)
                .use_dual_stack(dual)
                .build();
            let target = Target {
                partition: Target::partition_of(region).to_owned(),
                region: region.to_owned(),
                account: "123456789012".to_owned(),
                stack: "s".to_owned(),
                owner: None,
            };
            endpoint(&config, &target, service)
        };
        for (region, modes, service, host) in [
            (
                "eu-west-1",
                (false, false),
                control,
                "123456789012.s3-control.eu-west-1.amazonaws.com",
            ),
            (
                "us-east-1",
                (true, true),
                control,
                "123456789012.s3-control-fips.dualstack.us-east-1.amazonaws.com",
            ),
            (
                "cn-north-1",
                (false, false),
                control,
                "123456789012.s3-control.cn-north-1.amazonaws.com.cn",
            ),
            (
                "us-gov-west-1",
                (true, false),
                secrets,
                "secretsmanager-fips.us-gov-west-1.amazonaws.com",
            ),
            (
                "us-east-1",
                (false, true),
                secrets,
                "secretsmanager.us-east-1.api.aws",
            ),
            (
                "eusc-de-east-1",
                (false, false),
                secrets,
                "secretsmanager.eusc-de-east-1.amazonaws.eu",
            ),
            (
                "us-iso-east-1",
                (false, false),
                secrets,
                "secretsmanager.us-iso-east-1.c2s.ic.gov",
            ),
            (
                "cn-north-1",
                (false, false),
                secrets,
                "secretsmanager.cn-north-1.amazonaws.com.cn",
            ),
        ] {
            assert_eq!(
                at(region, modes, service),
                format!("https://{host}"),
                "{region}"
            );
        }
    }
}
