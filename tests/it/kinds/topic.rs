//! Topics with their subscriptions.

use aws_sdk_sns::types::Tag;
use serde_json::{Value, json};
use treino::stack::{Kind, Target, policy};

use super::{Drifts, List, Mark, Moto, Requests, Rivals, Sample, Tags, Task, TestKind, variant};
use crate::support::{Asking, Clients};

pub struct Topic;

pub const SECTION: &str = "topics:\n  n:\n    subscriptions: [{ to: q }]\n";

fn document(clients: &Clients, name: &str, service: &str) -> Value {
    policy::document(&[policy::for_service(
        (service, "sns:Publish"),
        &clients.arn("sns", name),
        &[],
    )])
}

fn subscription(clients: &Clients, queue: &str, raw: bool, filter: &Value, scope: &str) -> Value {
    let scope = filter.is_object().then_some(scope);
    json!({
        "endpoint": clients.arn("sqs", &format!("conform-topic-{queue}")),
        "raw_message_delivery": raw, "filter_policy": filter, "filter_policy_scope": scope,
    })
}

async fn set(clients: &Clients, topic: &str, attribute: &str, value: &str) {
    let call = clients.sns.set_topic_attributes().topic_arn(topic);
    let call = call.attribute_name(attribute).attribute_value(value);
    call.send().await.unwrap();
}

async fn subscriptions(clients: &Clients, topic: &str) -> Vec<(String, String)> {
    let call = clients.sns.list_subscriptions_by_topic().topic_arn(topic);
    let seen = call.send().await.unwrap().subscriptions.unwrap_or_default();
    let seen = seen.into_iter();
    seen.map(|one| (one.subscription_arn.unwrap(), one.endpoint.unwrap()))
        .collect()
}

impl TestKind for Topic {
    fn kind(&self) -> Kind {
        Kind::Topic
    }

    fn sample(&self) -> Sample {
        Sample {
            address: "topic.n",
            section: SECTION,
            needs: &[Kind::Queue],
            comes_to: &[(Kind::Topic, "lab-n")],
        }
    }

    fn requests(&self) -> Requests {
        Requests {
            create: "sns:CreateTopic",
            delete: "sns:DeleteTopic",
            list: List {
                request: "sns:ListTopics",
                entries: "Topics",
                token: "NextToken",
            },
            mark: "sns:ListTagsForResource",
            last_look: ("sns:CreateTopic", 1),
            slow_to_delete: true,
        }
    }

    fn action(&self) -> &'static str {
        "sns:CreateTopic"
    }

    fn rivals(&self) -> Option<Rivals> {
        Some(Rivals {
            sections: "topics:\n  x: {}\n  x-b: { display_name: B }\n",
            at: (self.requests().create, 1),
        })
    }

    fn second_call(&self) -> Option<(&'static str, Value)> {
        Some(("subscriptions", json!([])))
    }

    fn prepare<'a>(&'a self, clients: &'a Clients) -> Task<'a> {
        Box::pin(async {
            for queue in ["one", "two"] {
                let name = format!("conform-topic-{queue}");
                let call = clients.sqs.create_queue().queue_name(name);
                call.send().await.unwrap();
            }
        })
    }

    /// FIFO, so that every field can be tried.
    fn name(&self, target: &Target) -> String {
        format!("{}-subject.fifo", target.stack)
    }

    fn spec(&self, clients: &Clients, _: &str) -> Value {
        let one = subscription(clients, "one", false, &Value::Null, "");
        json!({
            "display_name": "", "content_based_deduplication": false, "policy": null,
            "subscriptions": [one],
        })
    }

    fn variants(&self, clients: &Clients, name: &str) -> Vec<(&'static str, Value)> {
        let base = self.spec(clients, name);
        let change = |word, value| variant(&base, word, value);
        let policy = |service| document(clients, name, service);
        let (none, kind) = (
            Value::Null,
            json!({ "kind": ["urgent", { "prefix": "é" }] }),
        );
        let one = |raw, filter, scope| subscription(clients, "one", raw, filter, scope);
        let two = subscription(clients, "two", true, &none, "");
        vec![
            change("display_name", json!("News é")),
            change("content_based_deduplication", json!(true)),
            change("policy", policy("events.amazonaws.com")),
            change("policy of another", policy("s3.amazonaws.com")),
            change("subscriptions", json!([one(false, &none, ""), two])),
            change("subscriptions raw", json!([one(true, &none, "")])),
            change(
                "subscriptions filtered",
                json!([one(false, &kind, "message_attributes")]),
            ),
            change(
                "subscriptions filtered by body",
                json!([one(false, &kind, "message_body")]),
            ),
            change("subscriptions of another", json!([two])),
            change("subscriptions to none", json!([])),
        ]
    }

    fn drifts(&self) -> Drifts {
        &[
            ("display name", &["display_name"]),
            ("policy", &["policy"]),
            ("a subscription, removed", &["subscriptions"]),
            ("a subscription, added", &["subscriptions[1]"]),
            ("tags", &["tags.course", "tags.by-hand"]),
        ]
    }

    fn drift<'a>(&'a self, clients: &'a Clients, name: &'a str, what: &'static str) -> Task<'a> {
        let sns = &clients.sns;
        let topic = clients.arn("sns", name);
        Box::pin(async move {
            match what {
                "display name" => set(clients, &topic, "DisplayName", "Theirs").await,
                "policy" => {
                    let theirs = document(clients, name, "s3.amazonaws.com").to_string();
                    set(clients, &topic, "Policy", &theirs).await;
                }
                "a subscription, removed" => {
                    for (arn, _) in subscriptions(clients, &topic).await {
                        let call = sns.unsubscribe().subscription_arn(arn);
                        call.send().await.unwrap();
                    }
                }
                "a subscription, added" => {
                    let queue = clients.arn("sqs", "conform-topic-two");
                    let call = sns.subscribe().topic_arn(&topic).protocol("sqs");
                    call.endpoint(queue).send().await.unwrap();
                }
                "tags" => {
                    let call = sns.untag_resource().resource_arn(&topic);
                    call.tag_keys("course").send().await.unwrap();
                    let tag = Tag::builder().key("by-hand").value("1").build().unwrap();
                    let call = sns.tag_resource().resource_arn(&topic);
                    call.tags(tag).send().await.unwrap();
                }
                other => panic!("{other}"),
            }
        })
    }

    fn moto(&self) -> Moto {
        Moto::Has(&[])
    }

    /// With an address that has not confirmed yet: it is nobody's to remove.
    fn make<'a>(&'a self, clients: &'a Clients, name: &'a str, mark: Mark) -> Task<'a> {
        Box::pin(async move {
            let tags: Result<Vec<_>, _> = super::tags!(aws_sdk_sns, mark).collect();
            let call = clients.sns.create_topic().name(name);
            let call = call.attributes("DisplayName", "Theirs");
            let made = call.set_tags(Some(tags.unwrap())).send().await.unwrap();
            let call = clients.sns.subscribe().protocol("email");
            let call = call.topic_arn(made.topic_arn.unwrap());
            call.endpoint("a@example.com").send().await.unwrap();
        })
    }

    fn made_otherwise(&self) -> &'static str {
        "display_name"
    }

    fn names<'a>(&'a self, clients: &'a Clients) -> Task<'a, Vec<String>> {
        Box::pin(async {
            let seen = clients.sns.list_topics().send().await.unwrap();
            let topics = seen.topics.unwrap_or_default().into_iter();
            let name = |arn: String| arn.rsplit(':').next().unwrap().to_owned();
            topics.map(|topic| name(topic.topic_arn.unwrap())).collect()
        })
    }

    fn answers(&self, asking: &Asking, name: &str) -> Vec<String> {
        let arn = asking.clients.arn("sns", name);
        let asked = [
            ("GetTopicAttributes", "TopicArn"),
            ("ListSubscriptionsByTopic", "TopicArn"),
            ("ListTagsForResource", "ResourceArn"),
        ];
        let ask = |(operation, parameter): &(&str, &str)| {
            let body = format!("Action={operation}&Version=2010-03-31&{parameter}={arn}");
            asking.form("sns", &body)
        };
        asked.iter().map(ask).collect()
    }

    fn tags<'a>(&'a self, clients: &'a Clients, name: &'a str) -> Task<'a, Tags> {
        Box::pin(async move {
            let call = clients.sns.list_tags_for_resource();
            let call = call.resource_arn(clients.arn("sns", name));
            let seen = call.send().await.unwrap().tags.unwrap_or_default();
            seen.into_iter().map(|tag| (tag.key, tag.value)).collect()
        })
    }

    /// The addresses: queues and functions are the stack's to subscribe.
    fn contents<'a>(&'a self, clients: &'a Clients, name: &'a str) -> Task<'a, String> {
        Box::pin(async move {
            let topic = clients.arn("sns", name);
            let mut all = subscriptions(clients, &topic).await;
            all.retain(|(_, endpoint)| !endpoint.starts_with("arn:"));
            format!("{all:?}")
        })
    }
}
