//! Checks of a stack without a state machine: a message goes through a topic into a queue, an event by a rule.

use super::result;
use crate::support::World;

const STACK: &str = r#"
stack: messages
queues: { inbox: {}, events: {} }
topics: { news: { subscriptions: [{ to: inbox, raw_message_delivery: true }] } }
rules:
  orders:
    pattern: { source: [lab.orders] }
    start: events
checks:
  news-arrive:
    send: { to: news, message: { n: 1, text: ção } }
    within: 20s
    expect:
      message: { queue: inbox, where: { n: 1 } }
      that: "{% $message.text = 'ção' %}"
  an-order-arrives:
    event: { source: lab.orders, detail-type: placed, detail: { id: "7" } }
    within: 20s
    expect: { message: { queue: events, where: { detail-type: placed, detail: { id: "7" } } } }
  another-event-does-not:
    event: { source: lab.other, detail-type: placed, detail: { id: "8" } }
    within: 1s
    points: 0
    expect: { message: { queue: events, where: { detail: { id: "8" } } } }
"#;

#[tokio::test]
async fn messages_and_events_are_checked_where_they_arrive() {
    let world = World::new("messages_and_events_are_checked_where_they_arrive");
    let stack = world.file("stack.yaml", STACK.as_bytes());
    let stack = stack.to_str().unwrap();
    world.treino(&["deploy", stack, "--yes"]).ends(0);
    // Twice: what a check finds it takes out of the queue.
    for _ in 0..2 {
        let tested = world.treino_json(&["test", stack]).ends(1);
        assert_eq!(result(&tested, "news-arrive")["outcome"], "passed");
        assert_eq!(result(&tested, "an-order-arrives")["outcome"], "passed");
        let other = result(&tested, "another-event-does-not");
        assert_eq!(other["mismatches"][0]["of"], "message");
        let ended = tested.event("tests_ended");
        assert_eq!(
            (&ended["score"], &ended["max_score"]),
            (&2.into(), &2.into())
        );
    }
    let clients = world.clients().await;
    for queue in ["messages-inbox", "messages-events"] {
        let url = clients
            .sqs
            .get_queue_url()
            .queue_name(queue)
            .send()
            .await
            .unwrap()
            .queue_url
            .unwrap();
        let call = clients.sqs.get_queue_attributes().queue_url(url);
        let name = aws_sdk_sqs::types::QueueAttributeName::ApproximateNumberOfMessages;
        let left = call
            .attribute_names(name.clone())
            .send()
            .await
            .unwrap()
            .attributes
            .unwrap();
        assert_eq!(left[&name], "0", "{queue}");
    }
}
