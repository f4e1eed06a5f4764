//! Connections. What they authorise with is in Secrets Manager, where nobody but EventBridge reads
//! it: that it arrives at an API is shown by the lab that calls one.

use aws_sdk_eventbridge::types::{
    ConnectionAuthorizationType, UpdateConnectionAuthRequestParameters,
    UpdateConnectionBasicAuthRequestParameters,
};
use serde_json::{Value, json};
use treino::stack::Kind;

use super::{Case, Place, conforms, with};
use crate::support::Clients;

struct Connection;

fn none() -> Value {
    json!({ "headers": {}, "query": {}, "body": {} })
}

impl Case for Connection {
    const KIND: Kind = Kind::Connection;
    const ONLY_READ: &'static [&'static str] = &["arn"];
    const SECRETS: &'static [(&'static str, &'static str)] = &[
        ("api_key.value", "k-1 \"quoted\" \\ ü"),
        ("basic.password", "p-1"),
        ("oauth.client_secret", "s-1"),
        ("headers.x-more", "h-1"),
        ("oauth.body.assertion", "b-1"),
    ];

    fn base(_: &Place) -> Value {
        json!({
            "arn": "made", "description": "", "secret": "1a2b",
            "authorization": { "api_key": { "header": "x-api-key" } },
            "parameters": none(),
        })
    }

    fn variants(place: &Place) -> Vec<(&'static str, Value)> {
        let change = |word: &'static str, field: &str, value: Value| {
            (word, with(&Self::base(place), &[(field, value)]))
        };
        let more = json!({
            "headers": { "accept": { "plain": "text/plain" }, "x-more": { "secret": "headers.x-more" } },
            "query": { "units": { "plain": "metric" } },
            "body": { "limit": { "plain": "5" } },
        });
        let mut token = none();
        token["body"] = json!({
            "scope": { "plain": "read" }, "assertion": { "secret": "oauth.body.assertion" },
        });
        let oauth = json!({ "oauth": {
            "client_id": "c", "endpoint": "https://id.example.org/token", "method": "POST",
            "parameters": token,
        }});
        vec![
            change(
                "description",
                "description",
                json!("Today's weather [of the town]"),
            ),
            change("secret", "secret", json!("ffff")),
            change("parameters", "parameters", more),
            change(
                "authorization to a password",
                "authorization",
                json!({ "basic": { "username": "ana" } }),
            ),
            change("authorization to a token", "authorization", oauth),
            change(
                "authorization by another header",
                "authorization",
                json!({ "api_key": { "header": "authorization" } }),
            ),
        ]
    }

    const OUTSIDE: &'static [(&'static str, &'static [&'static str])] = &[
        (
            "authorization",
            &["authorization.api_key", "authorization.basic"],
        ),
        (
            "deauthorization",
            &["secret", "authorization.api_key.header"],
        ),
    ];

    async fn outside(clients: &Clients, name: &str, what: &str) {
        let events = &clients.events;
        match what {
            "authorization" => {
                let basic = UpdateConnectionBasicAuthRequestParameters::builder();
                let basic = basic.username("eve").password("e-1").build();
                let auth = UpdateConnectionAuthRequestParameters::builder();
                let call = events.update_connection().name(name);
                let call = call.authorization_type(ConnectionAuthorizationType::Basic);
                let call = call.auth_parameters(auth.basic_auth_parameters(basic).build());
                // Where it fails, the step sees no drift.
                let _ = call.send().await;
            }
            "deauthorization" => {
                let call = events.deauthorize_connection().name(name);
                let _ = call.send().await;
            }
            other => panic!("{other}"),
        }
    }
}

#[tokio::test]
async fn on_the_local_aws() {
    conforms::<Connection>(&Place::local("connection", &[]).await).await;
}

#[tokio::test]
async fn on_moto() {
    let skips = &[
        (
            "drift of deauthorization",
            "moto has no DeauthorizeConnection",
        ),
        (
            "listed after delete",
            "moto lets a second CreateConnection take the name, and forgets the first's secret",
        ),
    ];
    conforms::<Connection>(&Place::moto(skips).await).await;
}
