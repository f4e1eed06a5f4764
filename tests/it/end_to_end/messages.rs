//! Queues, topics and the targets of rules: what is sent arrives, as the stack file says, and a machine
//! waits for the answer to what it sent.

use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use serde_json::{Value, json};

use crate::kinds::queue;
use crate::support::{Clients, World, eventually};

const STACK: &[u8] = b"stack: mail
queues:
  inbox: { dead_letter: failed, max_receives: 2 }
  failed: {}
  orders: { fifo: true, content_based_deduplication: true }
topics:
  news:
    display_name: News
    subscriptions:
      - { to: inbox, raw_message_delivery: true }
      - { to: told, filter_policy: { kind: [urgent] } }
functions:
  told:
    code: code
    handler: app.handler
    runtime: python3.13
    environment: { QUEUE: \"${inbox.url}\" }
    allow: [{ actions: [\"sqs:SendMessage\"], resources: [\"${inbox.arn}\"] }]
state_machines:
  asks: { definition: asks.asl.json }
rules:
  to-function: { pattern: { source: [lab] }, start: told }
  to-queue: { pattern: { source: [lab] }, start: inbox, input: { sent: by-rule } }
  to-fifo: { pattern: { source: [lab] }, start: orders, input: { sent: in-order } }
  to-topic: { pattern: { source: [lab] }, start: news, input: published by the rule }
  to-machine: { pattern: { source: [nobody] }, start: asks }
";

/// It sends where the environment says, with the SDK as it comes.
const CODE: &[u8] = b"import os
import boto3

def handler(event, context):
    boto3.client('sqs').send_message(QueueUrl=os.environ['QUEUE'], MessageBody='sent by the function')
";

const ASKS: &[u8] = br#"{
  "QueryLanguage": "JSONata",
  "StartAt": "Tell",
  "States": {
    "Tell": {
      "Type": "Task",
      "Resource": "arn:aws:states:::sns:publish",
      "Arguments": { "TopicArn": "${news.arn}", "Message": "published by the machine" },
      "Next": "Ask"
    },
    "Ask": {
      "Type": "Task",
      "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
      "Arguments": {
        "QueueUrl": "${inbox.url}",
        "MessageBody": { "token": "{% $states.context.Task.Token %}" }
      },
      "TimeoutSeconds": 120,
      "End": true
    }
  }
}"#;

/// The stack file, with its code and definition beside it.
fn written(world: &World) -> String {
    world.file("code/app.py", CODE);
    world.file("asks.asl.json", ASKS);
    let path = world.file("mail.yaml", STACK);
    path.to_str().unwrap().to_owned()
}

/// Waits for these messages, whatever comes beside them and in whatever order.
async fn arrive(clients: &Clients, name: &str, wanted: &[&str]) {
    let url = queue::url(clients, name).await;
    let mut left: Vec<&str> = wanted.to_vec();
    eventually(&format!("{wanted:?} in {name}"), async || {
        for body in received(clients, &url).await {
            left.retain(|wanted| !body.contains(wanted));
        }
        left.is_empty().then_some(())
    })
    .await;
}

/// Takes what is in a queue.
async fn received(clients: &Clients, url: &str) -> Vec<String> {
    let call = clients.sqs.receive_message().queue_url(url);
    let seen = call.max_number_of_messages(10).send().await.unwrap();
    let mut bodies = Vec::new();
    for message in seen.messages.unwrap_or_default() {
        let call = clients.sqs.delete_message().queue_url(url);
        let call = call.receipt_handle(message.receipt_handle.unwrap());
        call.send().await.unwrap();
        bodies.push(message.body.unwrap());
    }
    bodies
}

#[tokio::test]
async fn a_rule_reaches_a_function_a_queue_and_a_topic() {
    let world = World::new("a_rule_reaches_a_function_a_queue_and_a_topic");
    let clients = world.clients().await;
    let stack = written(&world);
    world.treino(&["deploy", &stack, "--yes"]).ends(0);
    let plan = ["plan", &stack, "--exit-code"];
    world.treino(&plan).ends(0).says("nothing to change");

    let event = PutEventsRequestEntry::builder().source("lab");
    let event = event.detail_type("something").detail("{}").build();
    let put = clients.events.put_events().entries(event);
    assert_eq!(put.send().await.unwrap().failed_entry_count, 0);

    // By the rule itself, by the function it calls, and by the topic it publishes to.
    let inbox = [
        "{\"sent\":\"by-rule\"}",
        "sent by the function",
        "published by the rule",
    ];
    arrive(&clients, "mail-inbox", &inbox).await;
    arrive(&clients, "mail-orders.fifo", &["{\"sent\":\"in-order\"}"]).await;

    world.treino(&["destroy", "mail", "--yes"]).ends(0);
    assert_eq!(clients.everything().await, Vec::<String>::new());
}

#[tokio::test]
async fn a_machine_publishes_and_waits_for_the_answer_to_what_it_sent() {
    let test = "a_machine_publishes_and_waits_for_the_answer_to_what_it_sent";
    let world = World::new(test);
    let clients = world.clients().await;
    let stack = written(&world);
    world.treino(&["deploy", &stack, "--yes"]).ends(0);
    // Its role allows these two, on topic and queue alone.
    let explained = world.treino(&["plan", &stack, "--explain"]).ends(0);
    explained
        .says("sns:Publish  for the state `Tell`")
        .says("sqs:SendMessage  for the state `Ask`");

    let call = clients.states.start_execution();
    let call = call.state_machine_arn(clients.machine("mail-asks"));
    let execution = call.send().await.unwrap().execution_arn;
    let url = queue::url(&clients, "mail-inbox").await;
    let mut bodies = Vec::new();
    let token = eventually("a token in the queue", async || {
        bodies.extend(received(&clients, &url).await);
        let asked = bodies.iter().find(|body| body.contains("token"))?;
        let asked: Value = serde_json::from_str(asked).unwrap();
        Some(asked["token"].as_str().unwrap().to_owned())
    })
    .await;
    assert!(
        bodies.contains(&"published by the machine".to_owned()),
        "{bodies:?}"
    );
    let answer = json!({ "answer": 42 });
    let call = clients.states.send_task_success().task_token(token);
    call.output(answer.to_string()).send().await.unwrap();

    let output = eventually("the execution's end", async || {
        let call = clients.states.describe_execution();
        let seen = call.execution_arn(&execution).send().await.unwrap();
        seen.output
    })
    .await;
    assert_eq!(serde_json::from_str::<Value>(&output).unwrap(), answer);
}

/// What lets a rule and a topic in is part of what they reach: it is seen to be gone, and mended.
#[tokio::test]
async fn a_permission_that_somebody_took_away_is_given_again() {
    let world = World::new("a_permission_that_somebody_took_away_is_given_again");
    let clients = world.clients().await;
    let stack = written(&world);
    world.treino(&["deploy", &stack, "--yes"]).ends(0);
    let call = clients.lambda.remove_permission();
    let call = call.function_name("mail-told");
    let call = call.statement_id("rule-to-function");
    call.send().await.unwrap();
    let url = queue::url(&clients, "mail-inbox").await;
    let call = clients.sqs.set_queue_attributes().queue_url(url);
    let policy = aws_sdk_sqs::types::QueueAttributeName::Policy;
    call.attributes(policy, "").send().await.unwrap();

    let mended = world.treino_json(&["deploy", &stack, "--yes"]).ends(0);

    let update = |path: &str| ("update".to_owned(), vec![path.to_owned()]);
    let permission = "permissions.rule-to-function";
    let wanted = [
        ("function.told".to_owned(), update(permission)),
        ("queue.inbox".to_owned(), update("policy")),
    ];
    assert_eq!(mended.changes(), wanted.into());
    let plan = ["plan", &stack, "--exit-code"];
    world.treino(&plan).ends(0).says("nothing to change");
}
