//! What treino says of a stack is so.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Value, json};

use crate::support::proxy::{Proxy, Signal, When};
use crate::support::{CommandResult, World};

const FUNCTION: &str = "stack: truth
functions:
  f: { code: code, handler: app.handler, runtime: python3.13 }
queues: { q: {}, r: {} }
";

fn function(world: &World) -> String {
    world.file(
        "code/app.py",
        b"def handler(event, context):\n    return event\n",
    );
    world
        .file("stack.yaml", FUNCTION.as_bytes())
        .to_str()
        .unwrap()
        .to_owned()
}

/// `shared/cases/06-failed-delete-words`: what could not be deleted is said to exist.
#[tokio::test]
async fn a_failed_delete_says_that_the_resource_still_exists() {
    let world = World::new("a_failed_delete_says_that_the_resource_still_exists");
    let clients = world.clients().await;
    let stack = "stack: words\ntables: { t: { partition_key: id } }\n";
    let file = world.file("stack.yaml", stack.as_bytes());
    let file = file.to_str().unwrap();
    world.treino(&["deploy", file, "--yes"]).ends(0);
    let protect = |on: bool| {
        let call = clients.dynamodb.update_table().table_name("words-t");
        call.deletion_protection_enabled(on).send()
    };
    protect(true).await.unwrap();
    let failed = world.treino(&["destroy", "words", "--yes"]).ends(1);
    assert_eq!(clients.everything().await, ["table words-t"]);
    let failed = failed.says("(it still exists)");
    assert!(!failed.out.contains("left behind"), "{}", failed.out);
    let failed = world.treino_json(&["destroy", "words", "--yes"]).ends(1);
    let outcome = failed.event("summary")["outcomes"][0].clone();
    assert_eq!(
        [
            &outcome["action"],
            &outcome["outcome"],
            &outcome["error"]["leftover"]
        ],
        [&json!("delete"), &json!("failed"), &json!("whole")]
    );
    assert_eq!(failed.event("failed")["error"]["leftover"], "whole");
    protect(false).await.unwrap();
    world.treino(&["destroy", "words", "--yes"]).ends(0);
}

/// What existed has cost something until then; on the local AWS nothing has.
#[test]
fn a_receipt_claims_nothing_about_the_bill_that_is_not_so() {
    let world = World::new("a_receipt_claims_nothing_about_the_bill_that_is_not_so");
    let file = world.file("stack.yaml", b"stack: bill\nqueues: { q: {} }\n");
    let file = file.to_str().unwrap();
    world.treino(&["deploy", file, "--yes"]).ends(0);
    let local = world.treino(&["destroy", "bill", "--yes"]).ends(0);
    let verdict = |ran: &CommandResult| {
        let lines = [&ran.out, &ran.err].map(|text| text.lines());
        let mut lines = lines.into_iter().flatten();
        lines
            .find(|line| line.starts_with("verified:"))
            .unwrap()
            .to_owned()
    };
    assert_eq!(verdict(&local), "verified: the 1 resource is deleted");
    let endpoint = &world.endpoint;
    world
        .treino_at(endpoint, &["deploy", file, "--yes"])
        .ends(0);
    let elsewhere = world
        .treino_at(endpoint, &["destroy", "bill", "--yes"])
        .ends(0);
    assert_eq!(
        verdict(&elsewhere),
        "verified: the 1 resource is deleted; what it cost until now is on the bill"
    );
    assert_eq!(elsewhere.event("receipt")["local"], json!(false));
}

/// A destroy that is held at its third deletion, and goes on when a deploy has looked once.
#[tokio::test]
async fn a_deploy_beside_a_destroy_says_so() {
    let world = World::new("a_deploy_beside_a_destroy_says_so");
    let file = function(&world);
    world.treino(&["deploy", &file, "--yes"]).ends(0);
    let clients = world.clients().await;
    let (destroying, deploying) = (
        Proxy::before(&world.endpoint),
        Proxy::before(&world.endpoint),
    );
    let looked = Arc::new(AtomicBool::new(false));
    let held = Arc::new(AtomicBool::new(false));
    let (until, reached) = (Arc::clone(&looked), Arc::clone(&held));
    destroying
        .on("sqs:DeleteQueue")
        .then(When::Before, move || {
            reached.store(true, Ordering::SeqCst);
            while !until.load(Ordering::SeqCst) {
                std::thread::yield_now();
            }
        });
    // The survey has read the queues: they vanish before the second one.
    let (seen, count) = (Arc::clone(&looked), std::sync::atomic::AtomicUsize::new(0));
    deploying
        .on("sqs:ListQueueTags")
        .then(When::After, move || {
            if count.fetch_add(1, Ordering::SeqCst) == 1 {
                seen.store(true, Ordering::SeqCst);
            }
        });
    let (destroyed, deployed) = std::thread::scope(|scope| {
        let destroy =
            scope.spawn(|| world.treino_at(&destroying.endpoint, &["destroy", "truth", "--yes"]));
        while !held.load(Ordering::SeqCst) && !destroy.is_finished() {
            std::thread::yield_now();
        }
        let deployed = world.treino_at(&deploying.endpoint, &["deploy", &file, "--yes"]);
        looked.store(true, Ordering::SeqCst);
        (destroy.join().unwrap(), deployed)
    });
    destroyed.ends(0);
    let deployed = deployed.ends(1);
    let error = deployed.event("error");
    let message = error["message"].as_str().unwrap();
    assert!(
        message.starts_with("a destroy of truth is under way: "),
        "{message}"
    );
    assert_eq!(clients.everything().await, Vec::<String>::new());
}

/// A destroy that begins when the survey has read everything is seen before a deploy says that nothing is to change.
#[tokio::test]
async fn a_destroy_that_begins_during_the_survey_is_seen() {
    let world = Arc::new(World::new(
        "a_destroy_that_begins_during_the_survey_is_seen",
    ));
    let file = function(&world);
    world.treino(&["deploy", &file, "--yes"]).ends(0);
    let counting = Proxy::before(&world.endpoint);
    let plan = ["plan", &file];
    world.treino_at(&counting.endpoint, &plan).ends(0);
    let looks = counting.count("logs:DescribeLogGroups");

    let deploying = Proxy::before(&world.endpoint);
    let within = Arc::clone(&world);
    // After the last of them a deploy looks at the journal.
    deploying
        .on("logs:DescribeLogGroups")
        .nth(looks)
        .then(When::After, move || {
            let destroying = Proxy::before(&within.endpoint);
            destroying
                .on("sqs:DeleteQueue")
                .first(1)
                .signal(When::Before, Signal::Kill);
            let mut destroy =
                within.command_at(&destroying.endpoint, &["destroy", "truth", "--yes"]);
            assert_eq!(destroying.runs(&mut destroy).code, -1);
            destroying.settled();
        });
    let deployed = world.treino_at(&deploying.endpoint, &["deploy", &file, "--yes"]);
    deployed.ends(1).says("a destroy of truth is under way: ");
    world.treino(&["destroy", "truth", "--yes"]).ends(0);
}

/// Of a destroy that was killed, nothing vanishes any more: a deploy says so, and makes the stack whole.
#[tokio::test]
async fn a_deploy_after_a_killed_destroy_says_so() {
    let world = World::new("a_deploy_after_a_killed_destroy_says_so");
    let file = function(&world);
    world.treino(&["deploy", &file, "--yes"]).ends(0);
    let proxy = Proxy::before(&world.endpoint);
    proxy
        .on("sqs:DeleteQueue")
        .first(1)
        .signal(When::Before, Signal::Kill);
    let mut command = world.command_at(&proxy.endpoint, &["destroy", "truth", "--yes"]);
    assert_eq!(proxy.runs(&mut command).code, -1);
    proxy.settled();
    world
        .treino(&["status", "truth"])
        .ends(0)
        .says("a destroy of truth has begun and not ended");
    world
        .treino(&["deploy", &file, "--yes"])
        .ends(0)
        .says("a destroy of truth has begun and not ended");
    let again = world
        .treino(&["deploy", &file, "--yes"])
        .ends(0)
        .says("nothing to change");
    assert!(!again.err.contains("has begun"), "{}", again.err);
    world.treino(&["destroy", "truth", "--yes"]).ends(0);
}

/// Under `--json` there is nothing on standard error, whatever happens, and each line of standard output is an event.
#[test]
fn events_are_all_that_is_printed_with_json() {
    let world = World::new("events_are_all_that_is_printed_with_json");
    let right = world.file("right.yaml", b"stack: right\nqueues: { q: {} }\n");
    let wrong = world.file(
        "wrong.yaml",
        b"stack: wrong\nqueues: { q: { fifo: 7 } }\nbukets: {}\n",
    );
    let (right, wrong) = (right.to_str().unwrap(), wrong.to_str().unwrap());
    let json = |arguments: &[&str]| {
        let mut command = world.command();
        command.env_remove("TREINO_TEXT").env("TREINO_LOCAL", "1");
        let ran = CommandResult::of(command.args(arguments).arg("--json"));
        assert_eq!(ran.err, "", "{arguments:?}");
        let events = ran
            .out
            .lines()
            .map(|line| serde_json::from_str(line).unwrap());
        (ran.code, events.collect::<Vec<Value>>())
    };
    let names = |events: &[Value]| -> Vec<String> {
        events
            .iter()
            .map(|event| event["event"].as_str().unwrap().to_owned())
            .collect()
    };
    let problems = |events: &[Value]| -> Vec<Value> {
        events
            .iter()
            .filter(|event| event["event"] == "problem")
            .cloned()
            .collect()
    };
    let (_, checked) = json(&["check", wrong]);
    assert!(problems(&checked).len() >= 2, "{checked:?}");
    for verb in ["plan", "deploy"] {
        let (code, events) = json(&[verb, wrong]);
        assert_eq!((code, problems(&events)), (2, problems(&checked)), "{verb}");
        assert_eq!(names(&events).last().unwrap(), "error");
    }
    // Arguments that clap refuses, and those that a verb does; a confirmation that nobody can give.
    let usage: [&[&str]; 9] = [
        &["deploy"],
        &["deplo", right],
        &[],
        &["deploy", right, "--region", "nowhere"],
        &["deploy", right, "--set", "x"],
        &["run", "right", "/no/such"],
        &["run", "right", "--follow", "a", "--stop", "b"],
        &["check"],
        &["deploy", right],
    ];
    for arguments in usage {
        let (code, events) = json(arguments);
        assert_eq!(code, 2, "{arguments:?}");
        assert_eq!(names(&events).last().unwrap(), "error", "{arguments:?}");
    }
    let verbs: [&[&str]; 9] = [
        &["destroy", "never"],
        &["status", "never"],
        &["logs", "never"],
        &["deploy", right, "--yes"],
        &["plan", right],
        &["status", right],
        &["run", right, "--stop"],
        &["destroy", right, "--yes"],
        &["destroy", right, "--yes"],
    ];
    for arguments in verbs {
        let (_, events) = json(arguments);
        assert!(!events.is_empty(), "{arguments:?}");
    }
}
