//! State machines.

use aws_sdk_sfn::types::{LogLevel, LoggingConfiguration, Tag, TracingConfiguration};
use serde_json::{Value, json};
use treino::stack::{Kind, policy};

use super::{Case, Place, conforms, with};
use crate::support::Clients;

struct StateMachine;

fn definition(seconds: u32) -> Value {
    json!({
        "Comment": "é + %",
        "StartAt": "Wait",
        "States": {
            "Wait": { "Type": "Wait", "Seconds": seconds, "Next": "End" },
            "End": { "Type": "Succeed" },
        },
    })
}

impl Case for StateMachine {
    const KIND: Kind = Kind::StateMachine;

    async fn prepare(clients: &Clients) {
        for name in ["conform-machine-one", "conform-machine-two"] {
            let trust = policy::trust(&["states.amazonaws.com"], None);
            let call = clients.iam.create_role().role_name(name);
            let call = call.assume_role_policy_document(trust.to_string());
            call.send().await.unwrap();
        }
        let call = clients.logs.create_log_group();
        let call = call.log_group_name("/aws/vendedlogs/states/conform");
        call.send().await.unwrap();
    }

    fn base(place: &Place) -> Value {
        json!({
            "type": "standard", "definition": definition(1),
            "role": place.role("conform-machine-one"),
            "logging": { "level": "off", "include_data": false, "log_group": null },
            "tracing": false,
        })
    }

    fn variants(place: &Place) -> Vec<(&'static str, Value)> {
        let change = |word: &'static str, value: Value| {
            let field = word.split(' ').next().unwrap();
            (word, with(&Self::base(place), &[(field, value)]))
        };
        let group = place.arn("logs", "log-group:/aws/vendedlogs/states/conform:*");
        let logging =
            |level: &str| json!({ "level": level, "include_data": true, "log_group": group });
        vec![
            change("type", json!("express")),
            change("definition", definition(2)),
            change("role", json!(place.role("conform-machine-two"))),
            change("logging", logging("all")),
            change("logging of errors", logging("error")),
            change("tracing", json!(true)),
        ]
    }

    const OUTSIDE: &'static [(&'static str, &'static [&'static str])] = &[
        ("definition", &["definition.States.Wait.Seconds"]),
        ("role", &["role"]),
        ("tracing", &["tracing"]),
        ("tags", &["tags.course", "tags.by-hand"]),
    ];

    async fn outside(clients: &Clients, name: &str, what: &str) {
        let states = &clients.states;
        let arn = clients.machine(name);
        let update = || states.update_state_machine().state_machine_arn(&arn);
        match what {
            "definition" => {
                let call = update().definition(definition(9).to_string());
                call.send().await.unwrap();
            }
            "role" => {
                let role = format!("arn:aws:iam::{}:role/conform-machine-two", clients.account);
                update().role_arn(role).send().await.unwrap();
            }
            "tracing" => {
                let on = TracingConfiguration::builder().enabled(true).build();
                let off = LoggingConfiguration::builder().level(LogLevel::Off).build();
                let call = update()
                    .tracing_configuration(on)
                    .logging_configuration(off);
                call.send().await.unwrap();
            }
            "tags" => {
                let call = states.untag_resource().resource_arn(&arn);
                call.tag_keys("course").send().await.unwrap();
                let tag = Tag::builder().key("by-hand").value("1").build();
                let call = states.tag_resource().resource_arn(&arn);
                call.tags(tag).send().await.unwrap();
            }
            other => panic!("{other}"),
        }
    }
}

#[tokio::test]
async fn on_the_local_aws() {
    conforms::<StateMachine>(&Place::local("state machine", &[]).await).await;
}

#[tokio::test]
async fn on_moto() {
    let skips = &[
        (
            "change back",
            "tracing that is off is `{}` as the SDK writes it, and that changes nothing",
        ),
        (
            "drift of tracing",
            "tracing that is off is `{}` as the SDK writes it, and that changes nothing",
        ),
    ];
    conforms::<StateMachine>(&Place::moto(skips).await).await;
}
