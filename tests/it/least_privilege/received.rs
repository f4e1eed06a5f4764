//! The policies of buckets, queues, topics and functions that treino writes: each lets in whom it names, for what it
//! names, and nobody else. By the simulator that shares no code with the local AWS.

use std::collections::BTreeMap;

use aws_sdk_sqs::types::QueueAttributeName;
use serde_json::Value;

use super::arns::{inside, outside};
use super::iam_simulate::{Question, simulated};
use crate::support::parts::lab_of;
use crate::support::{Clients, World};

const STACK: &str = "
functions:
  f: { code: code, handler: app.handler, runtime: python3.13 }
queues: { q: {} }
topics: { n: { subscriptions: [{ to: q }, { to: f }] } }
buckets: { b: {} }
trails: { r: { objects_of: [b] } }
rules:
  to-function: { schedule: rate(1 hour), start: f, enabled: false }
  to-queue: { schedule: rate(1 hour), start: q, enabled: false }
  to-topic: { schedule: rate(1 hour), start: n, enabled: false }
";

/// EventBridge does not tell a topic which rule publishes to it.
const WITHOUT_SOURCE: &[&str] = &["sns:Publish"];

/// The policies of everything in the stack, with what each belongs to.
async fn policies(clients: &Clients) -> BTreeMap<String, Value> {
    let mut found = BTreeMap::new();
    let trail = format!("lab-r-bucket-{}-us-east-1", clients.account);
    let bucket = clients.s3.get_bucket_policy().bucket(trail).send().await;
    found.insert("bucket", bucket.unwrap().policy.unwrap());
    let url = crate::kinds::queue::url(clients, "lab-q").await;
    let queue = clients.sqs.get_queue_attributes().queue_url(url);
    let queue = queue
        .attribute_names(QueueAttributeName::Policy)
        .send()
        .await;
    let mut queue = queue.unwrap().attributes.unwrap();
    found.insert("queue", queue.remove(&QueueAttributeName::Policy).unwrap());
    let topic = clients.sns.get_topic_attributes();
    let topic = topic.topic_arn(clients.arn("sns", "lab-n")).send().await;
    found.insert(
        "topic",
        topic.unwrap().attributes.unwrap().remove("Policy").unwrap(),
    );
    let function = clients
        .lambda
        .get_policy()
        .function_name("lab-f")
        .send()
        .await;
    found.insert("function", function.unwrap().policy.unwrap());
    let parsed = |(of, text): (&str, String)| (of.to_owned(), serde_json::from_str(&text).unwrap());
    found.into_iter().map(parsed).collect()
}

#[tokio::test]
async fn policies_of_resources_let_in_whom_they_name_and_nobody_else() {
    let world = World::new("policies_of_resources_let_in_whom_they_name_and_nobody_else");
    let file = lab_of(&world, &[STACK]);
    world.treino(&["deploy", &file, "--yes"]).ends(0);
    let clients = world.clients().await;
    let policies = policies(&clients).await;
    world.treino(&["destroy", "lab", "--yes"]).ends(0);

    let (mut inner, mut outer, mut services) = (Vec::new(), Vec::new(), Vec::new());
    for (of, policy) in &policies {
        let statements = policy["Statement"].as_array().unwrap();
        // The whole of it without one statement: whether that is needed.
        for (at, statement) in statements.iter().enumerate() {
            let question = asked(&clients.account, policy, statement);
            services.push(format!("{of} {} {}", question.principal, question.action));
            let with = |change: &dyn Fn(&mut Question)| {
                let mut question = question.clone();
                change(&mut question);
                (format!("{of}, statement {at}"), question)
            };
            inner.push(with(&|_| {}));
            outer.push(with(&|one| one.principal = "ec2.amazonaws.com".to_owned()));
            let mut without = policy.clone();
            without["Statement"].as_array_mut().unwrap().remove(at);
            outer.push(with(&|one| one.resource_policy = Some(without.to_string())));
            for resource in outside(&texts(&statement["Resource"])[0]) {
                outer.push(with(&|one| one.resource.clone_from(&resource)));
            }
            if question.context.is_empty() {
                assert!(
                    WITHOUT_SOURCE.contains(&question.action.as_str()),
                    "{statement}"
                );
            }
            for key in question.context.keys() {
                let other = "arn:aws:events:us-east-1:000011112222:rule/other".to_owned();
                outer.push(with(&|one| {
                    one.context.insert(key.clone(), other.clone());
                }));
                outer.push(with(&|one| drop(one.context.remove(key))));
            }
        }
    }
    let expected = [
        "bucket cloudtrail.amazonaws.com s3:GetBucketAcl",
        "bucket cloudtrail.amazonaws.com s3:PutObject",
        "function events.amazonaws.com lambda:InvokeFunction",
        "function sns.amazonaws.com lambda:InvokeFunction",
        "queue events.amazonaws.com sqs:SendMessage",
        "queue sns.amazonaws.com sqs:SendMessage",
        "topic events.amazonaws.com sns:Publish",
    ];
    services.sort();
    assert_eq!(services, expected);
    for (expected, rows) in [(true, inner), (false, outer)] {
        let (names, questions): (Vec<String>, Vec<Question>) = rows.into_iter().unzip();
        let answers = simulated(&[], &questions).into_iter();
        let wrong = names.iter().zip(&questions).zip(answers);
        let wrong = wrong.filter(|(_, answer)| {
            answer.allowed != expected || (expected && answer.error.is_some())
        });
        let wrong: Vec<String> = wrong
            .map(|((name, question), answer)| format!("{name}: {answer:?} {question:?}"))
            .collect();
        assert_eq!(wrong, Vec::<String>::new());
    }
}

/// The request that a statement is about.
fn asked(account: &str, policy: &Value, statement: &Value) -> Question {
    let conditions = statement["Condition"].as_object().into_iter().flatten();
    let conditions = conditions.flat_map(|(_, keys)| keys.as_object().unwrap());
    let context = conditions.map(|(key, value)| (key.clone(), inside(&texts(value)[0])));
    Question {
        principal: texts(&statement["Principal"]["Service"])[0].clone(),
        account: account.to_owned(),
        action: texts(&statement["Action"])[0].clone(),
        resource: inside(&texts(&statement["Resource"])[0]),
        context: context.collect(),
        resource_policy: Some(policy.to_string()),
    }
}

/// One text or several.
fn texts(value: &Value) -> Vec<String> {
    let several = value
        .as_array()
        .cloned()
        .unwrap_or_else(|| vec![value.clone()]);
    several
        .iter()
        .map(|one| one.as_str().unwrap().to_owned())
        .collect()
}
