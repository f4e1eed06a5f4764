//! State machines.

use aws_sdk_sfn::types::{LogLevel, LoggingConfiguration, Tag, TracingConfiguration};
use serde_json::{Value, json};
use treino::stack::Kind;

use super::{
    Drifts, List, Mark, Moto, Requests, Rivals, Sample, Tags, Task, TestKind, assumable, variant,
};
use crate::support::{Asking, Clients};

pub struct StateMachine;

pub const SECTION: &str = "state_machines:\n  m:\n    definition: machine.asl.json\n";

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

impl TestKind for StateMachine {
    fn kind(&self) -> Kind {
        Kind::StateMachine
    }

    fn sample(&self) -> Sample {
        Sample {
            address: "state_machine.m",
            section: SECTION,
            needs: &[],
            comes_to: &[
                (Kind::StateMachine, "lab-m"),
                (Kind::Role, "lab-m-role-us-east-1"),
            ],
        }
    }

    fn requests(&self) -> Requests {
        Requests {
            create: "states:CreateStateMachine",
            delete: "states:DeleteStateMachine",
            list: List {
                request: "states:ListStateMachines",
                entries: "stateMachines",
                token: "nextToken",
            },
            mark: "states:ListTagsForResource",
            last_look: ("states:CreateStateMachine", 1),
            slow_to_delete: true,
        }
    }

    fn action(&self) -> &'static str {
        "states:CreateStateMachine"
    }

    /// Of one definition: AWS answers the second creation with success.
    fn rivals(&self) -> Option<Rivals> {
        Some(Rivals {
            sections: "state_machines:\n  x: { definition: machine.asl.json }\n  x-b: { definition: machine.asl.json }\n",
            at: (self.requests().create, 1),
        })
    }

    fn second_call(&self) -> Option<(&'static str, Value)> {
        None
    }

    fn prepare<'a>(&'a self, clients: &'a Clients) -> Task<'a> {
        Box::pin(async {
            for name in ["conform-machine-one", "conform-machine-two"] {
                assumable(clients, name, &["states.amazonaws.com"]).await;
            }
            let call = clients.logs.create_log_group();
            let call = call.log_group_name("/aws/vendedlogs/states/conform");
            call.send().await.unwrap();
        })
    }

    fn spec(&self, clients: &Clients, _: &str) -> Value {
        json!({
            "type": "standard", "definition": definition(1),
            "role": clients.role("conform-machine-one"),
            "logging": { "level": "off", "include_data": false, "log_group": null },
            "tracing": false,
        })
    }

    fn variants(&self, clients: &Clients, name: &str) -> Vec<(&'static str, Value)> {
        let base = self.spec(clients, name);
        let change = |word, value| variant(&base, word, value);
        let group = clients.arn("logs", "log-group:/aws/vendedlogs/states/conform:*");
        let logging =
            |level: &str| json!({ "level": level, "include_data": true, "log_group": group });
        vec![
            change("type", json!("express")),
            change("definition", definition(2)),
            change("role", json!(clients.role("conform-machine-two"))),
            change("logging", logging("all")),
            change("logging of errors", logging("error")),
            change("tracing", json!(true)),
        ]
    }

    fn drifts(&self) -> Drifts {
        &[
            ("definition", &["definition.States.Wait.Seconds"]),
            ("role", &["role"]),
            ("tracing", &["tracing"]),
            ("tags", &["tags.course", "tags.by-hand"]),
        ]
    }

    fn drift<'a>(&'a self, clients: &'a Clients, name: &'a str, what: &'static str) -> Task<'a> {
        let states = &clients.states;
        Box::pin(async move {
            let arn = clients.machine(name);
            let update = || states.update_state_machine().state_machine_arn(&arn);
            match what {
                "definition" => {
                    let call = update().definition(definition(9).to_string());
                    call.send().await.unwrap();
                }
                "role" => {
                    let call = update().role_arn(clients.role("conform-machine-two"));
                    call.send().await.unwrap();
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
        })
    }

    fn moto(&self) -> Moto {
        const TRACING: &str =
            "tracing that is off is `{}` as the SDK writes it, and that changes nothing";
        Moto::Has(&[("change back", TRACING), ("drift of tracing", TRACING)])
    }

    fn make<'a>(&'a self, clients: &'a Clients, name: &'a str, mark: Mark) -> Task<'a> {
        Box::pin(async move {
            let tags = super::tags!(aws_sdk_sfn, mark).collect();
            let definition =
                r#"{"StartAt": "Theirs", "States": {"Theirs": {"Type": "Pass", "End": true}}}"#;
            let call = clients.states.create_state_machine().name(name);
            let call = call.definition(definition).role_arn(clients.role("theirs"));
            call.set_tags(Some(tags)).send().await.unwrap();
        })
    }

    fn made_otherwise(&self) -> &'static str {
        "definition"
    }

    fn names<'a>(&'a self, clients: &'a Clients) -> Task<'a, Vec<String>> {
        Box::pin(async {
            let seen = clients.states.list_state_machines().send().await.unwrap();
            seen.state_machines
                .into_iter()
                .map(|one| one.name)
                .collect()
        })
    }

    fn answers(&self, asking: &Asking, name: &str) -> Vec<String> {
        let arn = asking.clients.machine(name);
        let of = json!({ "stateMachineArn": arn });
        let asked = [
            ("DescribeStateMachine", &of),
            ("ListExecutions", &of),
            ("ListTagsForResource", &json!({ "resourceArn": arn })),
        ];
        asking.targets("states", "AWSStepFunctions", "1.0", &asked)
    }

    fn tags<'a>(&'a self, clients: &'a Clients, name: &'a str) -> Task<'a, Tags> {
        Box::pin(async move {
            let call = clients.states.list_tags_for_resource();
            let call = call.resource_arn(clients.machine(name));
            let seen = call.send().await.unwrap().tags.unwrap_or_default();
            let pair = |tag: Tag| (tag.key.unwrap(), tag.value.unwrap());
            seen.into_iter().map(pair).collect()
        })
    }
}
