//! Rules with their targets.

use aws_sdk_eventbridge::types::{InputTransformer, Tag, Target};
use serde_json::{Value, json};
use treino::stack::{Kind, policy};

use super::{Case, Place, conforms, with};
use crate::support::Clients;

struct Rule;

fn target(place: &Place, id: &str, input: &Value) -> Value {
    json!({
        "id": id, "arn": place.arn("states", &format!("stateMachine:conform-rule-{id}")),
        "role": place.role("conform-rule"), "input": input,
    })
}

fn pattern(name: &str) -> Value {
    json!({ "source": ["aws.s3"], "detail": { "bucket": { "name": [name] } } })
}

impl Case for Rule {
    const KIND: Kind = Kind::Rule;

    async fn prepare(clients: &Clients) {
        let trust = policy::trust(&["events.amazonaws.com", "states.amazonaws.com"], None);
        let call = clients.iam.create_role().role_name("conform-rule");
        let call = call.assume_role_policy_document(trust.to_string());
        let role = call.send().await.unwrap().role.unwrap().arn;
        let definition = json!({ "StartAt": "End", "States": { "End": { "Type": "Succeed" } } });
        for id in ["one", "two"] {
            let call = clients.states.create_state_machine();
            let call = call.name(format!("conform-rule-{id}")).role_arn(&role);
            call.definition(definition.to_string())
                .send()
                .await
                .unwrap();
        }
    }

    fn base(place: &Place) -> Value {
        json!({
            "description": "", "pattern": pattern("one"), "schedule": null, "enabled": true,
            "targets": [target(place, "one", &Value::Null)],
        })
    }

    fn variants(place: &Place) -> Vec<(&'static str, Value)> {
        let base = Self::base(place);
        let change = |word: &'static str, value: Value| {
            let field = word.split(' ').next().unwrap();
            (word, with(&base, &[(field, value)]))
        };
        let schedule = [
            ("pattern", Value::Null),
            ("schedule", json!("rate(5 minutes)")),
        ];
        let input = json!({ "fixed": [1, 2], "é": "+ %" });
        let both = json!([
            target(place, "one", &input),
            target(place, "two", &Value::Null)
        ]);
        vec![
            change("description", json!("says + does / é")),
            change("pattern", pattern("two")),
            change("enabled", json!(false)),
            change("targets", both),
            change(
                "targets to another",
                json!([target(place, "two", &Value::Null)]),
            ),
            change("targets to none", json!([])),
            ("schedule", with(&base, &schedule)),
        ]
    }

    const OUTSIDE: &'static [(&'static str, &'static [&'static str])] = &[
        ("state", &["enabled"]),
        ("pattern", &["pattern.detail.bucket.name"]),
        ("a target, removed", &["targets"]),
        ("a target, added", &["targets[0]"]),
        ("a target's machine", &["targets[0].arn"]),
        ("a target's input", &["targets[0].other"]),
        ("tags", &["tags.course", "tags.by-hand"]),
    ];

    async fn outside(clients: &Clients, name: &str, what: &str) {
        let events = &clients.events;
        let arn = clients.arn("events", &format!("rule/{name}"));
        let role = format!("arn:aws:iam::{}:role/conform-rule", clients.account);
        let target = |id: &str, machine: &str| {
            let machine = clients.machine(&format!("conform-rule-{machine}"));
            Target::builder().id(id).arn(machine).role_arn(&role)
        };
        let put = async |target: Target| {
            let call = events.put_targets().rule(name).targets(target);
            assert_eq!(call.send().await.unwrap().failed_entry_count, 0);
        };
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
    }
}

#[tokio::test]
async fn on_the_local_aws() {
    conforms::<Rule>(&Place::local("rule", &[]).await).await;
}

#[tokio::test]
async fn on_moto() {
    conforms::<Rule>(&Place::moto(&[]).await).await;
}
