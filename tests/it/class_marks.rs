//! `treino class test`: five students of a class are wrong in five ways, and each is told which.

use std::fs;
use std::path::Path;

use aws_sdk_lambda::types::Environment;
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};

use crate::support::{Clients, CommandResult, Lab, World};

const PHOTO: &str = "a-photo-becomes-an-item";

/// A class with the lab image-metadata, whose photos a queue hears of, too.
struct Class {
    world: World,
    clients: Clients,
    stack: String,
    roster: String,
}

impl Class {
    async fn new(test: &str, owners: &[String]) -> Self {
        let world = World::enforced(test);
        let lab = Lab::copy(&world);
        let stack = "stacks/image-metadata.yaml";
        lab.edit(stack, "\nrules:\n", "\nqueues:\n  photos: {}\n\nrules:\n  photo-queued:\n    put_object_in: images\n    start: photos\n");
        lab.edit(
            stack,
            "      visits: [ReadEvent, ExtractMetadata, DetectLabelsAndFaces]\n",
            "      visits: [ReadEvent, ExtractMetadata, DetectLabelsAndFaces]\n      message: { queue: photos, where: { detail: { requestParameters: { key: astronaut.jpg } } } }\n",
        );
        let rows: Vec<String> = owners
            .iter()
            .map(|owner| format!("{owner},Name of {owner}"))
            .collect();
        let roster = format!("owner,name\n{}\n", rows.join("\n"));
        let roster = world.file("roster.csv", roster.as_bytes());
        Self {
            clients: world.clients().await,
            stack: lab.stack(),
            roster: roster.to_str().unwrap().to_owned(),
            world,
        }
    }

    fn treino(&self, verb: &str, words: &[&str]) -> CommandResult {
        let class = ["class", verb, &self.stack, "--roster", &self.roster];
        self.world.treino_json(&[&class[..], words].concat())
    }

    /// Breaks the stacks of five, each in another way.
    async fn broken(&self, [handler, permission, table, rule, queue]: [&str; 5]) {
        let Clients {
            lambda,
            iam,
            events,
            sqs,
            ..
        } = &self.clients;
        let function = |owner: &str| format!("extract-metadata-function-{owner}");
        let call = lambda.update_function_configuration();
        let call = call.function_name(function(handler)).handler("app.handle");
        call.send().await.unwrap();

        let changed = format!("image-metadata-extract-metadata-role-{permission}-us-east-1");
        let policies = iam.list_role_policies().role_name(&changed).send().await;
        let policies = policies.unwrap().policy_names;
        let policy = policies.first().unwrap();
        let read = iam
            .get_role_policy()
            .role_name(&changed)
            .policy_name(policy);
        let text = read.send().await.unwrap().policy_document;
        let text = percent_decode_str(&text).decode_utf8().unwrap();
        let mut document: Value = serde_json::from_str(&text).unwrap();
        let statements = document["Statement"].as_array_mut().unwrap();
        let before = statements.len();
        statements.retain(|one| !one["Action"].to_string().contains("dynamodb:PutItem"));
        assert_eq!(statements.len(), before - 1);
        let put = iam
            .put_role_policy()
            .role_name(&changed)
            .policy_name(policy);
        let put = put.policy_document(document.to_string());
        put.send().await.unwrap();

        let variables = Environment::builder().variables("TABLE_NAME", "no-such-table");
        let call = lambda.update_function_configuration();
        let call = call.function_name(function(table));
        let call = call.environment(variables.build());
        call.send().await.unwrap();

        let rule = format!("image-metadata-photo-uploaded-{rule}");
        events.disable_rule().name(rule).send().await.unwrap();

        let name = format!("image-metadata-photos-{queue}");
        let url = sqs.get_queue_url().queue_name(name).send().await.unwrap();
        let url = url.queue_url.unwrap();
        sqs.delete_queue().queue_url(url).send().await.unwrap();
        for owner in [handler, table] {
            self.clients.quiet(&function(owner)).await;
        }
    }
}

/// Deploys a class, breaks the stacks of five, and marks all.
async fn five_are_wrong(test: &str, students: usize) {
    let owners: Vec<String> = (0..students).map(|at| format!("student-{at:02}")).collect();
    let class = Class::new(test, &owners).await;
    class.treino("deploy", &["--yes"]).ends(0);
    // Not the first five: nothing depends on the place in the roster.
    let wrong: Vec<&str> = owners.iter().rev().take(5).map(String::as_str).collect();
    let wrong: [&str; 5] = wrong.try_into().unwrap();
    class.broken(wrong).await;
    let [handler, permission, table, rule, queue] = wrong;
    let folder = class.world.folder.path().to_owned();
    let file = |name: &str| folder.join(name).to_str().unwrap().to_owned();
    let (junit, marks, csv) = (file("junit.xml"), file("result.json"), file("marks.csv"));
    let files = ["--junit", &junit, "--marks", &marks, "--csv", &csv];
    let tested = class
        .treino("test", &[&[PHOTO][..], &files].concat())
        .ends(1);

    let named = |owner: &str| {
        match owner {
        _ if owner == handler => Some((
            "wrong_handler",
            "the handler `app.handle` of the function `extract-metadata` is not in its code".to_owned(),
        )),
        _ if owner == permission => Some((
            "missing_permission",
            format!(
                "the role image-metadata-extract-metadata-role-{owner}-us-east-1 of `extract-metadata` lacks the permission \
                 dynamodb:PutItem"
            ),
        )),
        _ if owner == table => Some((
            "wrong_resource",
            "the function `extract-metadata` uses another table: its variable TABLE_NAME is no-such-table".to_owned(),
        )),
        _ if owner == rule => Some((
            "broken_chain",
            "the rule `photo-uploaded` is off (DISABLED)".to_owned(),
        )),
        _ if owner == queue => Some((
            "missing_resource",
            format!("the queue `photos` (image-metadata-photos-{owner}) is not there"),
        )),
        _ => None,
    }
    };
    // In the events.
    let event = tested.event("class_marks");
    let students = event["students"].as_array().unwrap();
    assert_eq!(students.len(), owners.len());
    for (student, owner) in students.iter().zip(&owners) {
        assert_eq!(student["owner"], owner.as_str());
        let counts = &student["counts"];
        match named(owner) {
            Some((cause, message)) => {
                assert_eq!(
                    (&counts["failed"], &counts["score"]),
                    (&1.into(), &0.into())
                );
                assert_eq!(student["cause"], cause, "{student}");
                let came = student["message"].as_str().unwrap();
                assert!(came.starts_with(&message), "{came}");
            }
            None => assert_eq!(
                (&counts["passed"], &counts["score"], &student["message"]),
                (&1.into(), &1.into(), &Value::Null),
                "{student}"
            ),
        }
    }
    are_in_the_files([&junit, &marks, &csv], &owners, named);
    let again = event["command"].as_str().unwrap();
    let mut named_again: Vec<&str> = wrong.into();
    named_again.sort_unstable();
    assert!(
        again.contains(&format!("--only {}", named_again.join(","))),
        "{again}"
    );

    // A deploy puts all right.
    class.treino("deploy", &["--yes"]).ends(0);
    let right = class
        .treino("test", &[PHOTO, "--only", &named_again.join(",")])
        .ends(0);
    assert_eq!(right.event("class_marks").get("command"), None);
    class.treino("destroy", &["--yes"]).ends(0);
    assert_eq!(class.clients.everything().await, Vec::<String>::new());
}

/// The marks in the three files.
fn are_in_the_files(
    [junit, marks, csv]: [&str; 3],
    owners: &[String],
    named: impl Fn(&str) -> Option<(&'static str, String)>,
) {
    let read = |path: &str| fs::read_to_string(Path::new(path)).unwrap();
    let (junit, csv) = (read(junit), read(csv));
    let marks: Value = serde_json::from_str(&read(marks)).unwrap();
    assert_eq!(
        (&marks["version"], &marks["status"]),
        (&1.into(), &"fail".into())
    );
    let head = format!("<testsuites tests=\"{}\" failures=\"5\"", owners.len());
    assert!(junit.contains(&head), "{junit}");
    let mut lines = csv.strip_prefix('\u{feff}').unwrap().lines();
    assert_eq!(
        lines.next(),
        Some("owner,name,passed,failed,not_judged,score,max_score,check,cause,message")
    );
    for (at, owner) in owners.iter().enumerate() {
        let student = &marks["students"][at];
        assert_eq!(
            (
                &student["owner"],
                &student["name"],
                &student["tests"][0]["id"]
            ),
            (
                &owner.as_str().into(),
                &format!("Name of {owner}").into(),
                &PHOTO.into()
            )
        );
        let test = &student["tests"][0];
        let line = lines.next().unwrap();
        if let Some((cause, message)) = named(owner) {
            assert_eq!(
                (&test["passed"], &test["score"], &test["cause"]),
                (&json!(false), &json!(0), &json!(cause))
            );
            let whole = test["message"].as_str().unwrap();
            assert!(whole.contains(&message), "{whole}");
            let begin = format!("{owner},Name of {owner},0,1,0,0,1,{PHOTO},{cause},");
            assert!(
                line.starts_with(&begin) && line.contains(&message),
                "{line}"
            );
            assert!(junit.contains(&message), "{junit}");
        } else {
            assert_eq!(
                (&test["passed"], &test["score"], &test["message"]),
                (&json!(true), &json!(1), &Value::Null)
            );
            assert_eq!(line, format!("{owner},Name of {owner},1,0,0,1,1,,,"));
        }
    }
}

#[tokio::test]
async fn five_of_seven_are_each_named_for_what_is_wrong() {
    five_are_wrong("five_of_seven_are_each_named", 7).await;
}

/// The whole class; `cargo test --test it five_of_thirty -- --ignored --nocapture`.
#[tokio::test]
#[ignore = "it takes minutes: docs/testing.md has its command"]
async fn five_of_thirty_are_each_named_for_what_is_wrong() {
    five_are_wrong("five_of_thirty_are_each_named", 30).await;
}

/// A lab without functions: one who has no stack, one whose shared trail is gone, names that are no formulas.
#[tokio::test]
#[expect(clippy::too_many_lines, reason = "one class, fault by fault")]
async fn one_without_a_stack_stops_nobody_and_a_shared_trail_is_told_as_the_class_s() {
    let world = World::new("one_without_a_stack");
    let stack = "stack: lab\nbuckets: { photos: {} }\ntrails: { uploads: { objects_of: [photos] } }\n\
        state_machines: { m: { definition: { StartAt: A, States: { A: { Type: Pass, End: true } } } } }\n\
        rules: { r: { put_object_in: photos, via: cloudtrail, start: m } }\n\
        checks:\n  photo: { put: a.txt, within: 30s, expect: { visits: [A] } }\n  direct: { input: {}, points: 2 }\n";
    world.file("a.txt", b"a");
    let path = |name: &str, text: &str| {
        let path = world.file(name, text.as_bytes());
        path.to_str().unwrap().to_owned()
    };
    let stack = path("lab.yaml", stack);
    let roster = path("roster.csv", "owner,name\nana,=1+1\nbia,<Bia>\ncaio,Caio\n");
    let csv = path(
        "marks.csv",
        "owner,name,passed,failed,not_judged,score,max_score,check,cause,message\n",
    );
    let junit = path("junit.xml", "<testsuites/>");
    let class = |verb: &str, words: &[&str]| {
        let class = ["class", verb, &stack, "--roster", &roster];
        world.treino_json(&[&class[..], words].concat())
    };
    let files = ["--csv", &csv, "--junit", &junit];
    let nobody = class("test", &files).ends(1);
    let reason = nobody.event("class_summary")["reasons"][0].clone();
    assert_eq!(reason["reason"], "the stack is not deployed");
    let way = nobody.event("class_marks")["ways"][0].clone();
    assert_eq!(
        (&way["command"], &way["owners"]),
        (&reason["command"], &json!(["ana", "bia", "caio"]))
    );
    let deploy = reason["command"].as_str().unwrap();
    assert!(
        deploy.starts_with("treino class deploy ") && deploy.ends_with(" --local"),
        "{deploy}"
    );
    let marks = fs::read_to_string(&csv).unwrap();
    assert_eq!(
        marks.matches("the stack is not deployed").count(),
        3,
        "{marks}"
    );
    class("deploy", &["--yes", "--only", "ana,bia"]).ends(0);
    let tested = class("test", &files).ends(1);
    let marks = fs::read_to_string(&csv).unwrap();
    let lines: Vec<&str> = marks.lines().skip(1).collect();
    assert_eq!(
        lines,
        [
            "ana,'=1+1,2,0,0,3,3,,,",
            "bia,<Bia>,2,0,0,3,3,,,",
            "caio,Caio,0,2,0,0,3,photo,,the stack is not deployed"
        ]
    );
    let xml = fs::read_to_string(&junit).unwrap();
    assert!(
        xml.contains("<testsuite name=\"lab of bia (&lt;Bia&gt;)\" tests=\"2\" failures=\"0\""),
        "{xml}"
    );
    // What is told of one is told as one's.
    let begun = tested.events("student").into_iter();
    let begun = begun.filter(|one| one["of"]["event"] == "tests_started");
    assert_eq!(begun.count(), 2);

    let trail = "lab-class-objects";
    let clients = world.clients().await;
    let told = |tested: &CommandResult| {
        let marks = tested.event("class_marks");
        let of = |field: &str| marks["students"][0][field].as_str().unwrap().to_owned();
        (of("cause"), of("message"))
    };
    clients
        .cloudtrail
        .stop_logging()
        .name(trail)
        .send()
        .await
        .unwrap();
    let tested = class("test", &["photo", "--only", "ana"]).ends(1);
    let marks = tested.event("class_marks");
    let way = marks["ways"][0].clone();
    assert_eq!(way["owners"], json!(["ana"]), "{way}");
    let deploy = way["command"].as_str().unwrap();
    assert!(deploy.starts_with("treino class deploy "), "{way}");
    let show = marks["show"].as_str().unwrap();
    assert!(show.ends_with(" --owner ana --local"), "{show}");
    let (cause, message) = told(&tested);
    assert_eq!(cause, "broken_chain");
    assert_eq!(
        message,
        format!("the trail `{trail}` that the class shares does not record: it is switched off")
    );
    clients
        .cloudtrail
        .delete_trail()
        .name(trail)
        .send()
        .await
        .unwrap();
    let gone = format!("the trail `{trail}` that the class shares is not there: it was deleted");
    let (_, message) = told(&class("test", &["photo", "--only", "ana"]).ends(1));
    assert_eq!(message, gone);
    // One alone is told the same.
    let alone = world
        .treino_json(&["test", &stack, "photo", "--owner", "ana"])
        .ends(1);
    let alone = &alone.event("check_ended")["causes"];
    assert_eq!(
        (alone.as_array().unwrap().len(), &alone[0]["message"]),
        (1, &json!(gone))
    );
    class("destroy", &["--yes"]).ends(0);
    assert_eq!(clients.everything().await, [""; 0]);
}
