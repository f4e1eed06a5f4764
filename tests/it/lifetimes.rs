//! When a stack ends, as people see and say it.

use serde_json::Value;

use crate::support::{CommandResult, World, at_a_terminal};

fn stack(world: &World, head: &str) -> String {
    let text = format!(
        "stack: lab\n{head}\nbuckets: {{ photos: {{}} }}\ntables: {{ t: {{ partition_key: id }} }}\n"
    );
    let path = world.file("lab.yaml", text.as_bytes());
    path.to_str().unwrap().to_owned()
}

/// Deploys at a terminal, with these answers to when it ends, and then a yes.
fn asked(world: &World, file: &str, answers: &str) -> CommandResult {
    let mut treino = world.command();
    treino.args(["--local", "deploy", file]).env("CI", "");
    treino.env("TREINO_TEST_ANSWERS", answers);
    at_a_terminal(&treino, "y", || {})
}

/// The end of the deployed stack.
fn end(world: &World) -> Value {
    let shown = world.treino_json(&["status", "lab"]).ends(0);
    shown.event("stack")["stack"]["expires"].clone()
}

const ASKS: &str = "ends when? [8h] / never";

#[tokio::test]
async fn a_new_stack_without_an_end_is_asked_for_one_once() {
    let world = World::new("a_new_stack_is_asked");
    let file = stack(&world, "");
    // A wrong answer is asked again, with the reason.
    let first = asked(&world, &file, "ends when?=soon;ends when?=2h").ends(0);
    assert_eq!(first.out.matches(ASKS).count(), 2, "{}", first.out);
    let first = first.says("`soon` is not a valid duration: write it like 90m, 4h or 2d");
    let first = first
        .says("ends in 2h (")
        .says("to say so in the stack file: expires: 2h");
    drop(first.says("it ends:    "));
    let said = end(&world);
    assert!(said.is_string());
    // The deployed stack says it now: nobody is asked, and it stays so.
    let file = stack(&world, "tags: { class: a }");
    let second = asked(&world, &file, "ends when?=never").ends(0);
    assert!(!second.out.contains(ASKS), "{}", second.out);
    drop(second.says("said at an earlier deploy: the stack file has no `expires:`"));
    assert_eq!(end(&world), said);
    // Nor is it where there is no terminal.
    let plan = world
        .treino_json(&["plan", &file])
        .ends(0)
        .event("plan_end");
    assert_eq!(
        (&plan["said_by"], &plan["expires"]),
        (&"stack".into(), &said)
    );
    world
        .treino(&["deploy", &file, "--yes", "--expires", "never"])
        .ends(0);
    assert_eq!(end(&world), Value::Null);
    let third = asked(&world, &file, "ends when?=8h").ends(0);
    assert!(!third.out.contains(ASKS), "{}", third.out);
    drop(third.says("stays until destroyed"));
    world.treino(&["destroy", &file, "--yes"]).ends(0);
}

#[test]
fn the_answer_may_be_nothing_never_or_no_answer_at_all() {
    let world = World::new("the_answer_may_be_nothing");
    let file = stack(&world, "");
    let none = asked(&world, &file, "ends when?=\u{4}").ends(1);
    drop(none.says("nothing was changed"));
    world.treino(&["status", "lab"]).says("lab is not deployed");
    let never = asked(&world, &file, "ends when?=Never").ends(0);
    drop(never.says("stays until destroyed"));
    assert_eq!(end(&world), Value::Null);
    world.treino(&["destroy", &file, "--yes"]).ends(0);
    let enter = asked(&world, &file, "ends when?=").ends(0);
    drop(enter.says("ends in 8h ("));
    assert!(end(&world).is_string());
    world.treino(&["destroy", &file, "--yes"]).ends(0);
}

/// Nothing is asked, and nothing is deleted by a default.
#[test]
fn nobody_is_asked_where_all_is_said_or_nobody_is_there() {
    let world = World::new("nobody_is_asked");
    for (head, says) in [
        ("expires: 3h", "ends in 3h ("),
        ("expires: never", "stays until destroyed"),
        (
            "self_destruct: off",
            "stays until destroyed (`self_destruct: off`)",
        ),
    ] {
        let file = stack(&world, head);
        let ran = asked(&world, &file, "ends when?=8h").ends(0);
        assert!(!ran.out.contains(ASKS), "{head}: {}", ran.out);
        drop(ran.says(says));
        world.treino(&["destroy", &file, "--yes"]).ends(0);
    }
    let file = stack(&world, "");
    let mut treino = world.command();
    treino.args(["--local", "deploy", &file]).env("CI", "true");
    let ci = at_a_terminal(&treino, "n", || {}).ends(1);
    assert!(!ci.out.contains(ASKS), "{}", ci.out);
    world.treino(&["deploy", &file, "--yes"]).ends(0);
    assert_eq!(end(&world), Value::Null);
    world.treino(&["destroy", &file, "--yes"]).ends(0);
}

#[test]
fn the_command_may_say_when_a_stack_ends() {
    let world = World::new("the_command_may_say");
    let file = stack(&world, "expires: 4h");
    let deploy = |expires: &str| {
        let arguments = ["deploy", &file, "--yes", "--expires", expires];
        world.treino_json(&arguments)
    };
    let said = deploy("2h").ends(0).event("plan_end");
    assert_eq!(
        (&said["said_by"], &said["lifetime"]),
        (&"command".into(), &"2h".into())
    );
    // It is less than the file allows, and stays.
    let plan = world.treino_json(&["plan", &file]).ends(0);
    assert_eq!(plan.event("plan_end")["expires"], end(&world));
    assert!(plan.changes().is_empty());
    for (wrong, why) in [
        ("2", "--expires: `2` is not a valid duration"),
        ("361d", "--expires: `361d` is too long a time for a stack"),
    ] {
        drop(deploy(wrong).ends(2).says(why));
    }
    for too_long in ["361d", "500000000000y", "--until=9999-01-01T00:00:00Z"] {
        let ran = world.treino(&["extend", "lab", too_long]).ends(2);
        drop(ran.says("a stack may end up to 360d from now"));
    }
    let both = ["deploy", &file, "--yes", "--expires", "1h", "--renew"];
    world.treino(&both).ends(2);
    world.treino(&["destroy", &file, "--yes"]).ends(0);
}

/// AWS would delete at once what says that its end has passed.
#[tokio::test]
async fn an_end_that_has_passed_has_to_be_said_anew() {
    let world = World::new("an_end_that_has_passed");
    let clients = world.clients().await;
    let file = stack(&world, "");
    world.treino(&["deploy", &file, "--yes"]).ends(0);
    let table = clients.arn("dynamodb", "table/lab-t");
    let tag = aws_sdk_dynamodb::types::Tag::builder();
    let tag = tag.key("treino:expires").value("2026-01-01T00:00:00Z");
    let call = clients.dynamodb.tag_resource().resource_arn(table);
    call.tags(tag.build().unwrap()).send().await.unwrap();
    let shown = world.treino(&["status", "lab"]).ends(0);
    let shown = shown.says("overdue by").says("and nothing deletes it");
    drop(shown.says("to have AWS delete it: `treino extend lab 1h --local`"));
    drop(world.treino(&["plan", &file]).ends(0).says("overdue by"));
    let refused = world.treino(&["deploy", &file, "--yes"]).ends(2);
    drop(refused.says("say when it ends by `expires:` in the stack file, or with --expires 8h"));
    drop(
        asked(&world, &file, "ends when?=3h")
            .ends(0)
            .says("ends in 3h ("),
    );
    world.treino(&["destroy", &file, "--yes"]).ends(0);
}

/// What users put in is counted, and told of in the last hour by every command.
#[tokio::test]
async fn the_last_hour_is_told_with_what_was_put_in() {
    let world = World::new("the_last_hour_is_told");
    let clients = world.clients().await;
    let text = "stack: lab\nexpires: 4h\nbuckets: { photos: {} }\ntables: { t: { partition_key: id } }\n\
                queues: { jobs: {} }\n";
    let file = world.file("lab.yaml", text.as_bytes());
    let file = file.to_str().unwrap();
    world.treino(&["deploy", file, "--yes"]).ends(0);
    let bucket = format!("lab-photos-{}-{}", world.account, clients.region);
    for key in ["a", "b", "c"] {
        let put = clients.s3.put_object().bucket(&bucket).key(key);
        put.body(b"one".to_vec().into()).send().await.unwrap();
    }
    let id = aws_sdk_dynamodb::types::AttributeValue::S("1".to_owned());
    let put = clients.dynamodb.put_item().table_name("lab-t");
    put.item("id", id).send().await.unwrap();
    // Hours before, a status counts, and others say nothing.
    let shown = world
        .treino(&["status", file])
        .ends(0)
        .says("3 objects (9 bytes)");
    assert!(!shown.out.contains("with 3 objects"), "{}", shown.out);
    let all = world.treino_json(&["status"]).ends(0).event("stack");
    assert_eq!(all["stack"]["contents"], Value::Array(Vec::new()));
    let logs = world.treino_json(&["logs", file]).ends(0);
    assert_eq!(logs.events("ending").len(), 0);
    let with = "with 3 objects and 1 item";
    let deploy = ["deploy", file, "--yes", "--expires", "50m"];
    world
        .treino(&deploy)
        .ends(0)
        .says(&format!("AWS then deletes it {with}"));
    for arguments in [&["status", file][..], &["status"], &["extend", file, "1m"]] {
        drop(world.treino(arguments).ends(0).says(with));
    }
    drop(world.treino(&["plan", file]).ends(0).says(with));
    let logs = world.treino(&["logs", file]).ends(0);
    drop(
        logs.says("lab ends in 5")
            .says(with)
            .says("`treino extend "),
    );
    let logs = world.treino_json(&["logs", "lab"]).ends(0).event("ending");
    assert!(logs["ends"].is_string(), "{logs}");
    assert_eq!(logs["contents"].as_array().unwrap().len(), 2);
    world.treino(&["destroy", file, "--yes"]).ends(0);
}
