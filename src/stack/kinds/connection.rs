//! EventBridge connections.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::stack::expand::Expansion;
use crate::stack::reference;
use crate::stack::secrets::is_secret;
use crate::stack::usage::{Activity, Assumed, Metered};
use crate::stack::{
    ARN_PLACEHOLDER, Address, Doomed, Facts, Kind, NameRule, ReaperCall, Resource, ResourceType,
    Target, Teardown,
};

/// How HTTP tasks authorise themselves at an API: by exactly one of `api_key`, `basic` and `oauth`.
/// What is secret in it is kept by AWS in Secrets Manager, and never shown again.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Connection {
    /// Its name in EventBridge; by default stack and key.
    #[serde(default)]
    pub name: Option<String>,
    /// What it is for.
    #[serde(default)]
    pub description: String,
    /// A key in a header.
    #[serde(default)]
    pub api_key: Option<ApiKey>,
    /// User name and password.
    #[serde(default)]
    pub basic: Option<Basic>,
    /// OAuth client credentials.
    #[serde(default)]
    pub oauth: Option<Oauth>,
    /// Headers of every request.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// Query parameters of every request.
    #[serde(default)]
    pub query: BTreeMap<String, String>,
    /// Fields of every request's body.
    #[serde(default)]
    pub body: BTreeMap<String, String>,
}

/// A key in a header.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ApiKey {
    /// The header, such as `x-api-key`.
    #[schemars(length(min = 1, max = 512))]
    pub header: String,
    /// The key: `${env:API_KEY}` or `${param.api_key}`.
    #[schemars(length(min = 1, max = 512))]
    pub value: String,
}

/// User name and password.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Basic {
    /// The user name.
    #[schemars(length(min = 1, max = 512))]
    pub username: String,
    /// The password: `${env:PASSWORD}` or `${param.password}`.
    #[schemars(length(min = 1, max = 512))]
    pub password: String,
}

/// OAuth client credentials, exchanged for a token.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Oauth {
    /// The client's id.
    #[schemars(length(min = 1, max = 512))]
    pub client_id: String,
    /// The client's secret: `${env:CLIENT_SECRET}` or `${param.client_secret}`.
    #[schemars(length(min = 1, max = 512))]
    pub client_secret: String,
    /// Where the token is to be had.
    #[schemars(length(min = 1, max = 2048))]
    pub endpoint: String,
    /// How it is asked for.
    #[serde(default)]
    pub method: OauthMethod,
    /// Headers of the request for a token.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// Query parameters of the request for a token.
    #[serde(default)]
    pub query: BTreeMap<String, String>,
    /// Fields of its body, such as `scope`.
    #[serde(default)]
    pub body: BTreeMap<String, String>,
}

/// How a token is asked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum OauthMethod {
    /// `GET`
    Get,
    /// `POST`
    #[default]
    Post,
    /// `PUT`
    Put,
}

/// What a connection is in EventBridge, but for its secrets.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConnectionSpec {
    /// Its ARN, whose last part AWS makes.
    pub arn: String,
    /// What it is for, without the mark.
    pub description: String,
    /// How it authorises.
    pub authorization: AuthorizationSpec,
    /// What every request carries.
    pub parameters: ParametersSpec,
    /// By what a change of its secrets is noticed; `deauthorized` where AWS has dropped them.
    pub secret: String,
}

/// How a connection authorises.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum AuthorizationSpec {
    /// By a key in a header.
    ApiKey {
        /// The header.
        header: String,
    },
    /// By user name and password.
    Basic {
        /// The user name.
        username: String,
    },
    /// By a token.
    Oauth {
        /// The client's id.
        client_id: String,
        /// Where the token is to be had.
        endpoint: String,
        /// How it is asked for.
        method: OauthMethod,
        /// What the request for it carries.
        parameters: ParametersSpec,
    },
}

/// What a request carries.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ParametersSpec {
    /// Headers.
    pub headers: BTreeMap<String, ParameterSpec>,
    /// Query parameters.
    pub query: BTreeMap<String, ParameterSpec>,
    /// Fields of the body.
    pub body: BTreeMap<String, ParameterSpec>,
}

/// One value a request carries.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum ParameterSpec {
    /// One that can be shown.
    Plain(String),
    /// One that AWS keeps, by the path of its secret.
    Secret(String),
}

/// What is known of connections without a call.
pub struct ConnectionType;

static FACTS: Facts = Facts {
    noun: "connection",
    services: &["events", "secretsmanager"],
    deleted_after: &[Kind::StateMachine],
    // https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_CreateConnection.html
    taggable: false,
    arn_is_made: true,
    recognised_by: &["authorization", "parameters"],
    secret_fields: &[
        ["api_key", "value"],
        ["basic", "password"],
        ["oauth", "client_secret"],
    ],
    name: NameRule {
        min: 1,
        max: 64,
        punctuation: "-._",
        lower_case: false,
        page: "eventbridge/latest/APIReference/API_CreateConnection.html",
    },
    ..Facts::DEFAULT
};

impl ResourceType for ConnectionType {
    fn facts(&self) -> &'static Facts {
        &FACTS
    }

    fn expand(&self, out: &mut Expansion<'_>) {
        let file = out.file;
        file.connections
            .iter()
            .for_each(|(key, one)| one.expand(key, out));
    }

    fn arn(&self, target: &Target, name: &str) -> String {
        target.arn("events", &format!("connection/{name}/{ARN_PLACEHOLDER}"))
    }

    fn teardown(&self, of: &Doomed<'_>) -> Teardown {
        let name = json!({ "Name": of.name });
        Teardown::new(
            ReaperCall::new("eventbridge:describeConnection", name.clone()),
            vec![ReaperCall::new("eventbridge:deleteConnection", name)],
            ReaperCall::new(
                "eventbridge:listConnections",
                json!({ "NamePrefix": of.name }),
            ),
        )
    }

    /// AWS bears what its secret costs
    /// (<https://docs.aws.amazon.com/secretsmanager/latest/userguide/integrating_how-services-use-secrets_events.html>).
    fn usage(&self, _: &Resource, _: &Activity, _: &Assumed) -> Vec<Metered> {
        Vec::new()
    }

    fn is_kept_secret(&self, field: &[&str]) -> bool {
        const SENT: [&str; 3] = ["headers", "query", "body"];
        match field {
            ["api_key", "value"] | ["basic", "password"] | ["oauth", "client_secret"] => true,
            [part, _] | ["oauth", part, _] => SENT.contains(part),
            _ => false,
        }
    }
}

impl Connection {
    pub(in crate::stack) fn expand(&self, key: &str, out: &mut Expansion) {
        let address = Address::new(Kind::Connection, key);
        let (name, target) = (
            out.name_of(Kind::Connection, &address, self.name.as_deref()),
            out.target,
        );
        let mut of = Of {
            key,
            name: &name,
            out,
        };
        let Some(authorization) = self.authorization(&mut of) else {
            return;
        };
        let parameters = of.parameters(&[], [&self.headers, &self.query, &self.body]);
        let spec = ConnectionSpec {
            arn: format!("${{{key}.arn}}"),
            // EventBridge takes one line.
            description: self
                .description
                .split_whitespace()
                .collect::<Vec<_>>()
                .join(" "),
            authorization,
            parameters,
            secret: out.secrets().fingerprint(target, Kind::Connection, &name),
        };
        out.add_named(Kind::Connection, address, &name, &spec);
    }

    fn authorization(&self, of: &mut Of) -> Option<AuthorizationSpec> {
        match (&self.api_key, &self.basic, &self.oauth) {
            (Some(ApiKey { header, value }), None, None) => {
                of.secret(&["api_key", "value"], value);
                Some(AuthorizationSpec::ApiKey {
                    header: header.clone(),
                })
            }
            (None, Some(Basic { username, password }), None) => {
                of.secret(&["basic", "password"], password);
                Some(AuthorizationSpec::Basic {
                    username: username.clone(),
                })
            }
            (None, None, Some(oauth)) => {
                of.secret(&["oauth", "client_secret"], &oauth.client_secret);
                of.check_endpoint(&oauth.endpoint);
                let parameters =
                    of.parameters(&["oauth"], [&oauth.headers, &oauth.query, &oauth.body]);
                Some(AuthorizationSpec::Oauth {
                    client_id: oauth.client_id.clone(),
                    endpoint: oauth.endpoint.clone(),
                    method: oauth.method,
                    parameters,
                })
            }
            _ => {
                // Counted as written: an invalid one counts too.
                let ways = ["api_key", "basic", "oauth"].into_iter();
                let written =
                    ways.filter(|way| of.out.node(&["connections", of.key, way]).is_some());
                if written.count() != 1 {
                    of.out.problem_at(
                        &["connections", of.key],
                        format!(
                            "the connection `{}` needs exactly one of `api_key`, `basic` and `oauth`",
                            of.key
                        ),
                        "for an API that asks for nothing, give an `api_key` it does not look at",
                    );
                }
                None
            }
        }
    }
}

/// A connection being expanded.
struct Of<'o, 'f> {
    key: &'o str,
    name: &'o str,
    out: &'o mut Expansion<'f>,
}

impl Of<'_, '_> {
    /// Keeps a secret apart from the spec.
    fn secret(&mut self, field: &[&str], text: &str) {
        let path = [&["connections", self.key], field].concat();
        if reference::find(text).is_empty() {
            self.out.warning_at(
                &path,
                "the stack file contains a secret".to_owned(),
                "write ${env:VARIABLE}, or ${param.NAME} of a parameter with `secret: true`",
            );
        }
        if let Some(value) = self.out.resolved(text, &path) {
            let secrets = self.out.secrets();
            secrets.hide(&value);
            secrets.keep(Kind::Connection, self.name, &field.join("."), value);
        }
    }

    /// EventBridge asks for tokens by HTTPS alone; its model calls the endpoint `HttpsEndpoint`, and takes
    /// other texts.
    fn check_endpoint(&mut self, text: &str) {
        let at = ["connections", self.key, "oauth", "endpoint"];
        let endpoint = self.out.resolved(text, &at);
        if endpoint.is_some_and(|endpoint| !endpoint.starts_with("https://")) {
            self.out.warning_at(
                &at,
                "the endpoint does not begin with https://".to_owned(),
                "write the whole URL, such as https://example.org/oauth/token",
            );
        }
    }

    /// What every request carries; a value from the environment or a secret parameter is a secret.
    fn parameters(
        &mut self,
        within: &[&str],
        [headers, query, body]: [&BTreeMap<String, String>; 3],
    ) -> ParametersSpec {
        let mut of = |part: &str, written: &BTreeMap<String, String>| {
            let mut specs = BTreeMap::new();
            for (name, text) in written {
                let field = [within, &[part, name]].concat();
                let spec = if is_secret(text, self.out.file) {
                    self.secret(&field, text);
                    ParameterSpec::Secret(field.join("."))
                } else {
                    ParameterSpec::Plain(text.clone())
                };
                specs.insert(name.clone(), spec);
            }
            specs
        };
        ParametersSpec {
            headers: of("headers", headers),
            query: of("query", query),
            body: of("body", body),
        }
    }
}
