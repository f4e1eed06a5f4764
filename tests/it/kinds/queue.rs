//! Queues.

use aws_sdk_sqs::types::QueueAttributeName;
use serde_json::{Value, json};
use treino::source::Source;
use treino::stack::{self, Kind, Target, policy};

use super::{
    Drifts, List, Mark, Moto, Requests, Rivals, Sample, Tags, Task, TestKind, map, variant,
};
use crate::support::{Asking, Clients};

pub struct Queue;

pub const SECTION: &str = "queues:\n  q: {}\n";

/// The queue that gets what another received too often.
const DEAD: &str = "conform-queue-dead.fifo";

fn document(clients: &Clients, name: &str, service: &str) -> Value {
    policy::document(&[policy::for_service(
        (service, "sqs:SendMessage"),
        &clients.arn("sqs", name),
        &[clients.arn("events", "rule/conform")],
    )])
}

/// The URL of a queue.
pub async fn url(clients: &Clients, name: &str) -> String {
    let call = clients.sqs.get_queue_url().queue_name(name);
    call.send().await.unwrap().queue_url.unwrap()
}

async fn set(clients: &Clients, name: &str, attribute: QueueAttributeName, value: &str) {
    let call = clients.sqs.set_queue_attributes();
    let call = call.queue_url(url(clients, name).await);
    call.attributes(attribute, value).send().await.unwrap();
}

impl TestKind for Queue {
    fn kind(&self) -> Kind {
        Kind::Queue
    }

    fn sample(&self) -> Sample {
        Sample {
            address: "queue.q",
            section: SECTION,
            needs: &[],
            comes_to: &[(Kind::Queue, "lab-q")],
        }
    }

    fn requests(&self) -> Requests {
        Requests {
            create: "sqs:CreateQueue",
            delete: "sqs:DeleteQueue",
            list: List {
                request: "sqs:ListQueues",
                entries: "QueueUrls",
                token: "NextToken",
            },
            mark: "sqs:ListQueueTags",
            last_look: ("sqs:CreateQueue", 1),
            slow_to_delete: true,
        }
    }

    fn action(&self) -> &'static str {
        "sqs:CreateQueue"
    }

    fn rivals(&self) -> Option<Rivals> {
        Some(Rivals {
            sections: "queues:\n  x: {}\n  x-b: { delay: 5 }\n",
            at: (self.requests().create, 1),
        })
    }

    fn second_call(&self) -> Option<(&'static str, Value)> {
        None
    }

    fn prepare<'a>(&'a self, clients: &'a Clients) -> Task<'a> {
        Box::pin(async {
            let call = clients.sqs.create_queue().queue_name(DEAD);
            let call = call.attributes(QueueAttributeName::FifoQueue, "true");
            call.send().await.unwrap();
        })
    }

    /// FIFO, so that every field can be tried.
    fn name(&self, target: &Target) -> String {
        format!("{}-subject.fifo", target.stack)
    }

    fn spec(&self, _: &Clients, _: &str) -> Value {
        json!({
            "content_based_deduplication": false, "visibility_timeout": 30, "retention": 345_600,
            "delay": 0, "receive_wait": 0, "dead_letter": null, "policy": null,
        })
    }

    fn variants(&self, clients: &Clients, name: &str) -> Vec<(&'static str, Value)> {
        let base = self.spec(clients, name);
        let change = |word, value| variant(&base, word, value);
        let policy = |service| document(clients, name, service);
        let dead = |most: u32| {
            let queue = clients.arn("sqs", DEAD);
            json!({ "queue": queue, "max_receives": most })
        };
        vec![
            change("content_based_deduplication", json!(true)),
            change("visibility_timeout", json!(43_200)),
            change("retention", json!(60)),
            change("delay", json!(900)),
            change("receive_wait", json!(20)),
            change("dead_letter", dead(1)),
            change("dead_letter later", dead(1000)),
            change("policy", policy("events.amazonaws.com")),
            change("policy of another", policy("sns.amazonaws.com")),
        ]
    }

    fn drifts(&self) -> Drifts {
        &[
            ("time", &["visibility_timeout"]),
            ("policy", &["policy"]),
            ("tags", &["tags.course", "tags.by-hand"]),
        ]
    }

    fn drift<'a>(&'a self, clients: &'a Clients, name: &'a str, what: &'static str) -> Task<'a> {
        Box::pin(async move {
            match what {
                "time" => set(clients, name, QueueAttributeName::VisibilityTimeout, "77").await,
                "policy" => {
                    let theirs = document(clients, name, "sns.amazonaws.com").to_string();
                    set(clients, name, QueueAttributeName::Policy, &theirs).await;
                }
                "tags" => {
                    let url = url(clients, name).await;
                    let call = clients.sqs.untag_queue().queue_url(&url);
                    call.tag_keys("course").send().await.unwrap();
                    let call = clients.sqs.tag_queue().queue_url(&url);
                    call.tags("by-hand", "1").send().await.unwrap();
                }
                other => panic!("{other}"),
            }
        })
    }

    fn moto(&self) -> Moto {
        Moto::Has(&[])
    }

    fn make<'a>(&'a self, clients: &'a Clients, name: &'a str, mark: Mark) -> Task<'a> {
        Box::pin(async move {
            let call = clients.sqs.create_queue().queue_name(name);
            let call = call.attributes(QueueAttributeName::VisibilityTimeout, "77");
            let made = call.set_tags(Some(map(mark))).send().await.unwrap();
            let call = clients.sqs.send_message().message_body("kept");
            let call = call.queue_url(made.queue_url.unwrap());
            call.send().await.unwrap();
        })
    }

    fn made_otherwise(&self) -> &'static str {
        "visibility_timeout"
    }

    fn names<'a>(&'a self, clients: &'a Clients) -> Task<'a, Vec<String>> {
        Box::pin(async {
            let call = clients.sqs.list_queues().max_results(1000);
            let seen = call.send().await.unwrap().queue_urls.unwrap_or_default();
            let names = seen.iter().map(|url| url.rsplit('/').next().unwrap());
            names.map(String::from).collect()
        })
    }

    fn answers(&self, asking: &Asking, name: &str) -> Vec<String> {
        let clients = &asking.clients;
        let url = format!("{}/{}/{name}", clients.endpoint, clients.account);
        let of = json!({ "QueueUrl": url });
        let all = json!({ "QueueUrl": url, "AttributeNames": ["All"] });
        let asked = [
            ("GetQueueUrl", &json!({ "QueueName": name })),
            ("GetQueueAttributes", &all),
            ("ListQueueTags", &of),
        ];
        asking.targets("sqs", "AmazonSQS", "1.0", &asked)
    }

    fn tags<'a>(&'a self, clients: &'a Clients, name: &'a str) -> Task<'a, Tags> {
        Box::pin(async move {
            let call = clients.sqs.list_queue_tags();
            let call = call.queue_url(url(clients, name).await);
            let seen = call.send().await.unwrap().tags.unwrap_or_default();
            seen.into_iter().collect()
        })
    }

    /// To receive a message would hide it.
    fn contents<'a>(&'a self, clients: &'a Clients, name: &'a str) -> Task<'a, String> {
        Box::pin(async move {
            let call = clients.sqs.get_queue_attributes();
            let call = call.queue_url(url(clients, name).await);
            let call = call.attribute_names(QueueAttributeName::ApproximateNumberOfMessages);
            let seen = call.send().await.unwrap().attributes.unwrap_or_default();
            format!("{seen:?}")
        })
    }
}

/// An SQS policy takes 10 conditions: all senders of a service are in one.
#[test]
fn many_senders_are_in_one_condition() {
    let rule = |n: usize| {
        let name = 99 - n;
        format!("  r{n}: {{ name: rule-{name}, start: q, schedule: rate(1 hour) }}\n")
    };
    let rules: String = (0..12).map(rule).collect();
    let topics = "topics:\n  t: { subscriptions: [{ to: q, filter_policy: {} }] }\n";
    let text = format!("stack: many\n{SECTION}{topics}rules:\n{rules}");
    let source = Source::new("stack.yaml", text);
    let (loaded, _) = stack::read(source, std::path::Path::new("."), None).unwrap();
    let target = Target {
        partition: "aws".into(),
        region: "eu-west-1".into(),
        account: "123456789012".into(),
        stack: "many".into(),
        owner: None,
    };
    let (desired, _) = loaded.expand(&target).unwrap();
    let of = |kind: Kind| desired.resources.values().find(move |one| one.kind == kind);
    let spec = &of(Kind::Queue).unwrap().spec;
    let statements = spec["policy"]["Statement"].as_array().unwrap();
    assert_eq!(statements.len(), 2, "{statements:?}");
    let sources = &statements[0]["Condition"]["ArnEquals"]["aws:SourceArn"];
    assert_eq!(sources.as_array().unwrap().len(), 12);
    assert_eq!(policy::normal(&spec["policy"]), spec["policy"]);
    let filter = &of(Kind::Topic).unwrap().spec["subscriptions"][0]["filter_policy"];
    assert!(filter.is_null(), "{filter}");
}
