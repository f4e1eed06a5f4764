//! Rules with their targets.

use aws_sdk_eventbridge::types::{InputTransformer, RuleState, Tag, Target};
use serde_json::{Value, json};
use treino::stack::Kind;

use super::{
    Drifts, List, Mark, Requests, Rivals, Sample, Tags, Task, TestKind, assumable, variant, with,
};
use crate::support::{Asking, Clients};

pub struct Rule;

pub const SECTION: &str = "rules:\n  e:\n    schedule: rate(1 hour)\n    start: m\n";

fn target(clients: &Clients, id: &str, input: &Value) -> Value {
    json!({
        "id": id, "arn": clients.machine(&format!("conform-rule-{id}")),
        "role": clients.role("conform-rule"), "input": input,
    })
}

fn pattern(name: &str) -> Value {
    json!({ "source": ["aws.s3"], "detail": { "bucket": { "name": [name] } } })
}

impl TestKind for Rule {
    fn kind(&self) -> Kind {
        Kind::Rule
    }

    fn sample(&self) -> Sample {
        Sample {
            address: "rule.e",
            section: SECTION,
            needs: &[Kind::StateMachine],
            comes_to: &[(Kind::Rule, "lab-e"), (Kind::Role, "lab-e-role-us-east-1")],
        }
    }

    fn requests(&self) -> Requests {
        Requests {
            create: "events:PutRule",
            delete: "events:DeleteRule",
            list: List {
                request: "events:ListRules",
                entries: "Rules",
                token: "NextToken",
            },
            mark: "events:ListTagsForResource",
            // `PutRule` changes what stands; the first look is the plan's.
            last_look: ("events:DescribeRule", 2),
            slow_to_delete: false,
        }
    }

    fn action(&self) -> &'static str {
        "events:PutRule"
    }

    /// Both start the same machine, at different times.
    fn rivals(&self) -> Option<Rivals> {
        Some(Rivals {
            sections: "state_machines:\n  m: { definition: machine.asl.json }\nrules:\n  x: { schedule: rate(1 hour), start: m }\n  x-b: { schedule: rate(2 hours), start: m }\n",
            at: self.requests().last_look,
        })
    }

    fn second_call(&self) -> Option<(&'static str, Value)> {
        Some(("targets", json!([])))
    }

    fn prepare<'a>(&'a self, clients: &'a Clients) -> Task<'a> {
        Box::pin(async {
            let services = ["events.amazonaws.com", "states.amazonaws.com"];
            let role = assumable(clients, "conform-rule", &services).await;
            let definition = r#"{"StartAt": "End", "States": {"End": {"Type": "Succeed"}}}"#;
            for id in ["one", "two"] {
                let call = clients.states.create_state_machine();
                let call = call.name(format!("conform-rule-{id}")).role_arn(&role);
                call.definition(definition).send().await.unwrap();
            }
        })
    }

    fn spec(&self, clients: &Clients, _: &str) -> Value {
        json!({
            "description": "", "pattern": pattern("one"), "schedule": null, "enabled": true,
            "targets": [target(clients, "one", &Value::Null)],
        })
    }

    fn variants(&self, clients: &Clients, name: &str) -> Vec<(&'static str, Value)> {
        let base = self.spec(clients, name);
        let change = |word, value| variant(&base, word, value);
        let schedule = [
            ("pattern", Value::Null),
            ("schedule", json!("rate(5 minutes)")),
        ];
        let input = json!({ "fixed": [1, 2], "é": "+ %" });
        let one = target(clients, "one", &input);
        let two = target(clients, "two", &Value::Null);
        vec![
            change("description", json!("says + does / é")),
            change("pattern", pattern("two")),
            change("enabled", json!(false)),
            change("targets", json!([one, two])),
            change("targets to another", json!([two])),
            change("targets to none", json!([])),
            ("schedule", with(&base, &schedule)),
        ]
    }

    fn drifts(&self) -> Drifts {
        &[
            ("state", &["enabled"]),
            ("pattern", &["pattern.detail.bucket.name"]),
            ("a target, removed", &["targets"]),
            ("a target, added", &["targets[0]"]),
            ("a target's machine", &["targets[0].arn"]),
            ("a target's input", &["targets[0].other"]),
            ("tags", &["tags.course", "tags.by-hand"]),
        ]
    }

    fn drift<'a>(&'a self, clients: &'a Clients, name: &'a str, what: &'static str) -> Task<'a> {
        let events = &clients.events;
        let arn = clients.arn("events", &format!("rule/{name}"));
        let role = clients.role("conform-rule");
        let target = move |id: &str, machine: &str| {
            let machine = clients.machine(&format!("conform-rule-{machine}"));
            Target::builder().id(id).arn(machine).role_arn(&role)
        };
        let put = async move |target: Target| {
            let call = events.put_targets().rule(name).targets(target);
            assert_eq!(call.send().await.unwrap().failed_entry_count, 0);
        };
        Box::pin(async move {
            match what {
                "state" => drop(events.disable_rule().name(name).send().await.unwrap()),
                "pattern" => {
                    let call = events.put_rule().name(name);
                    let call = call.event_pattern(pattern("by-hand").to_string());
                    call.send().await.unwrap();
                }
                "a target, removed" => {
                    let call = events.remove_targets().rule(name).ids("one");
                    assert_eq!(call.send().await.unwrap().failed_entry_count, 0);
                }
                "a target, added" => put(target("by-hand", "two").build().unwrap()).await,
                "a target's machine" => put(target("one", "two").build().unwrap()).await,
                "a target's input" => {
                    let transformer = InputTransformer::builder().input_template("\"by hand\"");
                    let transformer = transformer.build().unwrap();
                    let target = target("one", "one").input_transformer(transformer);
                    put(target.build().unwrap()).await;
                }
                "tags" => {
                    let call = events.untag_resource().resource_arn(&arn);
                    call.tag_keys("course").send().await.unwrap();
                    let tag = Tag::builder().key("by-hand").value("1").build().unwrap();
                    let call = events.tag_resource().resource_arn(&arn);
                    call.tags(tag).send().await.unwrap();
                }
                other => panic!("{other}"),
            }
        })
    }

    fn make<'a>(&'a self, clients: &'a Clients, name: &'a str, mark: Mark) -> Task<'a> {
        Box::pin(async move {
            let tags: Result<Vec<_>, _> = super::tags!(aws_sdk_eventbridge, mark).collect();
            let call = clients.events.put_rule().name(name).description("Theirs");
            let call = call.event_pattern(r#"{"source": ["theirs"]}"#);
            let call = call.state(RuleState::Disabled);
            call.set_tags(Some(tags.unwrap())).send().await.unwrap();
            let queue = clients.arn("sqs", "theirs");
            let target = Target::builder().id("theirs").arn(queue).build();
            let call = clients.events.put_targets().rule(name);
            call.targets(target.unwrap()).send().await.unwrap();
        })
    }

    fn made_otherwise(&self) -> &'static str {
        "targets"
    }

    fn names<'a>(&'a self, clients: &'a Clients) -> Task<'a, Vec<String>> {
        Box::pin(async {
            let seen = clients.events.list_rules().send().await.unwrap();
            let rules = seen.rules.unwrap_or_default().into_iter();
            rules.map(|rule| rule.name.unwrap()).collect()
        })
    }

    fn answers(&self, asking: &Asking, name: &str) -> Vec<String> {
        let arn = asking.clients.arn("events", &format!("rule/{name}"));
        let asked = [
            ("DescribeRule", &json!({ "Name": name })),
            ("ListTargetsByRule", &json!({ "Rule": name })),
            ("ListTagsForResource", &json!({ "ResourceARN": arn })),
        ];
        asking.targets("events", "AWSEvents", "1.1", &asked)
    }

    fn tags<'a>(&'a self, clients: &'a Clients, name: &'a str) -> Task<'a, Tags> {
        Box::pin(async move {
            let call = clients.events.list_tags_for_resource();
            let call = call.resource_arn(clients.arn("events", &format!("rule/{name}")));
            let seen = call.send().await.unwrap().tags.unwrap_or_default();
            seen.into_iter().map(|tag| (tag.key, tag.value)).collect()
        })
    }
}
