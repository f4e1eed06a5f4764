//! Converts a connection's spec to the types of the SDK, and back.

use std::collections::BTreeMap;

use aws_sdk_eventbridge::operation::describe_connection::DescribeConnectionOutput;
use aws_sdk_eventbridge::types::{
    ConnectionAuthorizationType, ConnectionBodyParameter, ConnectionHeaderParameter,
    ConnectionHttpParameters, ConnectionOAuthHttpMethod, ConnectionQueryStringParameter,
    CreateConnectionApiKeyAuthRequestParameters, CreateConnectionAuthRequestParameters,
    CreateConnectionBasicAuthRequestParameters, CreateConnectionOAuthClientRequestParameters,
    CreateConnectionOAuthRequestParameters, UpdateConnectionApiKeyAuthRequestParameters,
    UpdateConnectionAuthRequestParameters, UpdateConnectionBasicAuthRequestParameters,
    UpdateConnectionOAuthClientRequestParameters, UpdateConnectionOAuthRequestParameters,
};

use crate::aws::Aws;
use crate::aws::resources::{CallContext, builder_result};
use crate::aws::transport::error::ForCall;
use crate::aws::transport::error_codes;
use crate::aws::transport::waiter::{self, retry_while};
use crate::engine::ProviderError;
use crate::stack::Kind;
use crate::stack::kinds::{
    AuthorizationSpec, ConnectionSpec, OauthMethod, ParameterSpec, ParametersSpec,
};

/// The secret that the authorisation itself needs, by its field in the stack file.
const API_KEY: &str = "api_key.value";
const PASSWORD: &str = "basic.password";
const CLIENT_SECRET: &str = "oauth.client_secret";

/// Makes a connection.
pub async fn create(
    aws: &Aws,
    cx: CallContext<'_>,
    want: &ConnectionSpec,
    description: &str,
) -> Result<(), ProviderError> {
    let secret = |field: &str| kept(aws, cx.name, field).to_owned();
    let http = |parameters: &ParametersSpec| http_parameters(aws, cx.name, parameters);
    let auth = CreateConnectionAuthRequestParameters::builder()
        .set_invocation_http_parameters(http(&want.parameters));
    let auth = match &want.authorization {
        AuthorizationSpec::ApiKey { header } => auth.api_key_auth_parameters(builder_result(
            CreateConnectionApiKeyAuthRequestParameters::builder()
                .api_key_name(header)
                .api_key_value(secret(API_KEY))
                .build(),
        )?),
        AuthorizationSpec::Basic { username } => auth.basic_auth_parameters(builder_result(
            CreateConnectionBasicAuthRequestParameters::builder()
                .username(username)
                .password(secret(PASSWORD))
                .build(),
        )?),
        AuthorizationSpec::Oauth {
            client_id,
            endpoint,
            method,
            parameters,
        } => {
            let client = CreateConnectionOAuthClientRequestParameters::builder()
                .client_id(client_id)
                .client_secret(secret(CLIENT_SECRET))
                .build();
            auth.o_auth_parameters(builder_result(
                CreateConnectionOAuthRequestParameters::builder()
                    .client_parameters(builder_result(client)?)
                    .authorization_endpoint(endpoint)
                    .http_method(sdk_method(*method))
                    .set_o_auth_http_parameters(http(parameters))
                    .build(),
            )?)
        }
    };
    let call = aws
        .events
        .create_connection()
        .name(cx.name)
        .description(description)
        .authorization_type(authorization_type(&want.authorization))
        .auth_parameters(auth.build());
    call.send()
        .await
        .for_call("EventBridge", "CreateConnection")
        .map(drop)
}

/// Updates all of a connection: EventBridge removes what an update of its authorisation leaves out.
pub async fn update(
    aws: &Aws,
    cx: CallContext<'_>,
    want: &ConnectionSpec,
    description: &str,
) -> Result<(), ProviderError> {
    let secret = |field: &str| kept(aws, cx.name, field).to_owned();
    let http = |parameters: &ParametersSpec| http_parameters(aws, cx.name, parameters);
    let auth = UpdateConnectionAuthRequestParameters::builder()
        .set_invocation_http_parameters(http(&want.parameters));
    let auth = match &want.authorization {
        AuthorizationSpec::ApiKey { header } => auth.api_key_auth_parameters(
            UpdateConnectionApiKeyAuthRequestParameters::builder()
                .api_key_name(header)
                .api_key_value(secret(API_KEY))
                .build(),
        ),
        AuthorizationSpec::Basic { username } => auth.basic_auth_parameters(
            UpdateConnectionBasicAuthRequestParameters::builder()
                .username(username)
                .password(secret(PASSWORD))
                .build(),
        ),
        AuthorizationSpec::Oauth {
            client_id,
            endpoint,
            method,
            parameters,
        } => auth.o_auth_parameters(
            UpdateConnectionOAuthRequestParameters::builder()
                .client_parameters(
                    UpdateConnectionOAuthClientRequestParameters::builder()
                        .client_id(client_id)
                        .client_secret(secret(CLIENT_SECRET))
                        .build(),
                )
                .authorization_endpoint(endpoint)
                .http_method(sdk_method(*method))
                .set_o_auth_http_parameters(http(parameters))
                .build(),
        ),
    };
    let auth = auth.build();
    let say = (cx.events, cx.name, "the connection is being changed");
    retry_while(
        waiter::STATUS_TIMEOUT,
        say,
        error_codes::is_concurrent_modification,
        || async {
            let call = aws
                .events
                .update_connection()
                .name(cx.name)
                .description(description)
                .authorization_type(authorization_type(&want.authorization))
                .auth_parameters(auth.clone());
            call.send()
                .await
                .for_call("EventBridge", "UpdateConnection")
        },
    )
    .await
    .map(drop)
}

fn kept<'a>(aws: &'a Aws, name: &str, field: &str) -> &'a str {
    aws.secrets.get(Kind::Connection, name, field)
}

fn authorization_type(of: &AuthorizationSpec) -> ConnectionAuthorizationType {
    match of {
        AuthorizationSpec::ApiKey { .. } => ConnectionAuthorizationType::ApiKey,
        AuthorizationSpec::Basic { .. } => ConnectionAuthorizationType::Basic,
        AuthorizationSpec::Oauth { .. } => ConnectionAuthorizationType::OauthClientCredentials,
    }
}

fn sdk_method(method: OauthMethod) -> ConnectionOAuthHttpMethod {
    match method {
        OauthMethod::Get => ConnectionOAuthHttpMethod::Get,
        OauthMethod::Post => ConnectionOAuthHttpMethod::Post,
        OauthMethod::Put => ConnectionOAuthHttpMethod::Put,
    }
}

fn http_parameters(
    aws: &Aws,
    name: &str,
    parameters: &ParametersSpec,
) -> Option<ConnectionHttpParameters> {
    if *parameters == ParametersSpec::default() {
        return None;
    }
    let value = |spec: &ParameterSpec| match spec {
        ParameterSpec::Plain(value) => (value.clone(), false),
        ParameterSpec::Secret(field) => (kept(aws, name, field).to_owned(), true),
    };
    macro_rules! all {
        ($Type:ty, $of:expr) => {
            $of.iter()
                .map(|(key, spec)| {
                    let (value, secret) = value(spec);
                    <$Type>::builder()
                        .key(key)
                        .value(value)
                        .is_value_secret(secret)
                        .build()
                })
                .collect()
        };
    }
    let http = ConnectionHttpParameters::builder()
        .set_header_parameters(Some(all!(ConnectionHeaderParameter, parameters.headers)))
        .set_query_string_parameters(Some(all!(ConnectionQueryStringParameter, parameters.query)))
        .set_body_parameters(Some(all!(ConnectionBodyParameter, parameters.body)));
    Some(http.build())
}

/// The parameters of a connection as a spec. A secret is the path of its field in the stack file.
pub fn spec_of(seen: &DescribeConnectionOutput) -> (AuthorizationSpec, ParametersSpec) {
    let auth = seen.auth_parameters();
    let parameters = auth.and_then(|auth| auth.invocation_http_parameters());
    let parameters = parameters.map(|http| spec_of_http(http, ""));
    let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
    let authorization = match seen.authorization_type() {
        Some(ConnectionAuthorizationType::Basic) => {
            let basic = auth.and_then(|auth| auth.basic_auth_parameters());
            AuthorizationSpec::Basic {
                username: text(basic.and_then(|basic| basic.username())),
            }
        }
        Some(ConnectionAuthorizationType::OauthClientCredentials) => {
            let oauth = auth.and_then(|auth| auth.o_auth_parameters());
            let client = oauth.and_then(|oauth| oauth.client_parameters());
            let http = oauth.and_then(|oauth| oauth.o_auth_http_parameters());
            AuthorizationSpec::Oauth {
                client_id: text(client.and_then(|client| client.client_id())),
                endpoint: text(oauth.and_then(|oauth| oauth.authorization_endpoint())),
                method: match oauth.and_then(|oauth| oauth.http_method()) {
                    Some(ConnectionOAuthHttpMethod::Get) => OauthMethod::Get,
                    Some(ConnectionOAuthHttpMethod::Put) => OauthMethod::Put,
                    _ => OauthMethod::Post,
                },
                parameters: http
                    .map(|http| spec_of_http(http, "oauth."))
                    .unwrap_or_default(),
            }
        }
        _ => {
            let key = auth.and_then(|auth| auth.api_key_auth_parameters());
            AuthorizationSpec::ApiKey {
                header: text(key.and_then(|key| key.api_key_name())),
            }
        }
    };
    (authorization, parameters.unwrap_or_default())
}

fn spec_of_http(http: &ConnectionHttpParameters, within: &str) -> ParametersSpec {
    macro_rules! all {
        ($of:expr, $part:literal) => {
            $of.iter()
                .filter_map(|one| {
                    let key = one.key()?;
                    let spec = if one.is_value_secret() {
                        ParameterSpec::Secret(format!("{within}{}.{key}", $part))
                    } else {
                        ParameterSpec::Plain(one.value().unwrap_or_default().to_owned())
                    };
                    Some((key.to_owned(), spec))
                })
                .collect::<BTreeMap<_, _>>()
        };
    }
    ParametersSpec {
        headers: all!(http.header_parameters(), "headers"),
        query: all!(http.query_string_parameters(), "query"),
        body: all!(http.body_parameters(), "body"),
    }
}
