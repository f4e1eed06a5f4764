//! Connections. What they authorise with is in Secrets Manager, where nobody but EventBridge reads
//! it: that it arrives at an API is shown by the lab that calls one.

use aws_sdk_eventbridge::types::{
    ConnectionAuthorizationType, CreateConnectionAuthRequestParameters,
    CreateConnectionBasicAuthRequestParameters, UpdateConnectionAuthRequestParameters,
    UpdateConnectionBasicAuthRequestParameters,
};
use serde_json::{Value, json};
use treino::stack::Kind;

use super::{Drifts, List, Mark, Moto, Requests, Rivals, Sample, Tags, Task, TestKind, variant};
use crate::support::{Asking, Clients};

pub struct Connection;

pub const SECTION: &str =
    "connections:\n  c:\n    api_key:\n      header: x-key\n      value: ${env:LAB_KEY}\n";

fn none() -> Value {
    json!({ "headers": {}, "query": {}, "body": {} })
}

impl TestKind for Connection {
    fn kind(&self) -> Kind {
        Kind::Connection
    }

    fn sample(&self) -> Sample {
        Sample {
            address: "connection.c",
            section: SECTION,
            needs: &[],
            comes_to: &[(Kind::Connection, "lab-c")],
        }
    }

    fn requests(&self) -> Requests {
        Requests {
            create: "events:CreateConnection",
            delete: "events:DeleteConnection",
            list: List {
                request: "events:ListConnections",
                entries: "Connections",
                token: "NextToken",
            },
            mark: "events:DescribeConnection",
            last_look: ("events:CreateConnection", 1),
            slow_to_delete: true,
        }
    }

    fn action(&self) -> &'static str {
        "events:CreateConnection"
    }

    fn rivals(&self) -> Option<Rivals> {
        Some(Rivals {
            sections: "connections:\n  x: { basic: { username: ana, password: \"${env:LAB_KEY}\" } }\n  x-b: { basic: { username: bia, password: \"${env:LAB_KEY}\" } }\n",
            at: (self.requests().create, 1),
        })
    }

    fn second_call(&self) -> Option<(&'static str, Value)> {
        None
    }

    fn spec(&self, _: &Clients, _: &str) -> Value {
        json!({
            "arn": "made", "description": "", "secret": "1a2b",
            "authorization": { "api_key": { "header": "x-api-key" } },
            "parameters": none(),
        })
    }

    fn variants(&self, clients: &Clients, name: &str) -> Vec<(&'static str, Value)> {
        let base = self.spec(clients, name);
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
        let description = json!("Today's weather [of the town]");
        let password = json!({ "basic": { "username": "ana" } });
        let header = json!({ "api_key": { "header": "authorization" } });
        vec![
            variant(&base, "description", description),
            variant(&base, "secret", json!("ffff")),
            variant(&base, "parameters", more),
            variant(&base, "authorization to a password", password),
            variant(&base, "authorization to a token", oauth),
            variant(&base, "authorization by another header", header),
        ]
    }

    fn only_read(&self) -> &'static [&'static str] {
        &["arn"]
    }

    fn secrets(&self) -> &'static [(&'static str, &'static str)] {
        &[
            ("api_key.value", "k-1 \"quoted\" \\ ü"),
            ("basic.password", "p-1"),
            ("oauth.client_secret", "s-1"),
            ("headers.x-more", "h-1"),
            ("oauth.body.assertion", "b-1"),
        ]
    }

    fn drifts(&self) -> Drifts {
        &[
            (
                "authorization",
                &["authorization.api_key", "authorization.basic"],
            ),
            (
                "deauthorization",
                &["secret", "authorization.api_key.header"],
            ),
        ]
    }

    fn drift<'a>(&'a self, clients: &'a Clients, name: &'a str, what: &'static str) -> Task<'a> {
        let events = &clients.events;
        Box::pin(async move {
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
        })
    }

    fn moto(&self) -> Moto {
        Moto::Has(&[
            (
                "drift of deauthorization",
                "moto has no DeauthorizeConnection",
            ),
            (
                "listed after delete",
                "moto lets a second CreateConnection take the name, and forgets the first's secret",
            ),
        ])
    }

    fn make<'a>(&'a self, clients: &'a Clients, name: &'a str, mark: Mark) -> Task<'a> {
        Box::pin(async move {
            let basic = CreateConnectionBasicAuthRequestParameters::builder()
                .username("somebody")
                .password("theirs");
            let auth = CreateConnectionAuthRequestParameters::builder();
            let auth = auth.basic_auth_parameters(basic.build().unwrap());
            let words: Vec<String> = mark
                .iter()
                .filter_map(|(key, value)| {
                    Some(format!("{}={value}", key.strip_prefix("treino:")?))
                })
                .collect();
            let description = match words.join(" ") {
                none if none.is_empty() => "Somebody else's".to_owned(),
                words => format!("Somebody else's [treino {words} secret=0123]"),
            };
            let call = clients.events.create_connection().name(name);
            let call = call.authorization_type(ConnectionAuthorizationType::Basic);
            let call = call.auth_parameters(auth.build()).description(description);
            call.send().await.unwrap();
        })
    }

    fn made_otherwise(&self) -> &'static str {
        "authorization"
    }

    fn names<'a>(&'a self, clients: &'a Clients) -> Task<'a, Vec<String>> {
        Box::pin(async {
            let seen = clients.events.list_connections().send().await.unwrap();
            let connections = seen.connections.unwrap_or_default().into_iter();
            connections.map(|one| one.name.unwrap()).collect()
        })
    }

    fn answers(&self, asking: &Asking, name: &str) -> Vec<String> {
        let of = json!({ "Name": name });
        asking.targets("events", "AWSEvents", "1.1", &[("DescribeConnection", &of)])
    }

    /// It has none: what its description says.
    fn tags<'a>(&'a self, clients: &'a Clients, name: &'a str) -> Task<'a, Tags> {
        Box::pin(async move {
            let call = clients.events.describe_connection().name(name);
            let seen = call.send().await.unwrap().description;
            let text = seen.unwrap_or_default();
            let words = text.trim_end_matches(']').split(' ');
            let words = words.filter_map(|word| word.split_once('='));
            let words = words.filter(|(word, _)| *word != "secret");
            words
                .map(|(word, value)| (format!("treino:{word}"), value.to_owned()))
                .collect()
        })
    }
}
