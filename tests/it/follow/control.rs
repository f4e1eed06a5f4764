//! Starting, following and stopping executions, and the messages where that is not possible.

use std::process::Stdio;

use aws_sdk_sfn::types::ExecutionStatus;

use super::{RunningTreino, deployed};
use crate::support::{CommandResult, World};

const SLOW: &str = "following-slow";

async fn status(world: &World) -> Vec<ExecutionStatus> {
    let all = world.clients().await.executions(SLOW).await;
    all.into_iter().map(|execution| execution.status).collect()
}

#[tokio::test]
async fn ctrl_c_ends_the_following_and_stop_the_execution() {
    let world = deployed("ctrl_c_ends_the_following_and_stop_the_execution");
    let input = r#"{"seconds": 600}"#;
    let run = [
        "run",
        "following",
        "--machine",
        "slow",
        "--name",
        "long",
        "--input",
        input,
    ];
    let mut running = RunningTreino::start(&world, &run);
    running.read_until("> Pause (waiting)");
    running.interrupt();
    let (code, out, err) = running.end();
    assert_eq!(code, 130, "{out}{err}");
    assert!(err.contains("the execution long goes on"), "{err}");
    assert!(
        err.contains("treino run following --follow long --local"),
        "{err}"
    );
    assert!(
        err.contains("treino run following --stop long --local"),
        "{err}"
    );
    assert_eq!(status(&world).await, [ExecutionStatus::Running]);

    // As on AWS, the same name with the same input returns the running execution.
    let mut again = run;
    again[7] = r#"{"seconds": 601}"#;
    let taken = world.treino(&again).ends(1).says("ExecutionAlreadyExists");
    taken.says("choose another --name");

    let mut running = RunningTreino::start(&world, &["run", "following", "--follow", "long"]);
    running.read_until("> Pause (waiting)");
    let stop = ["run", "following", "--stop"];
    world.treino(&stop).ends(0).says("stopped long");
    let (code, out, _) = running.end();
    assert_eq!(code, 1, "{out}");
    assert!(out.contains("aborted after "), "{out}");
    assert!(out.contains("treino.Stopped"), "{out}");
    assert_eq!(status(&world).await, [ExecutionStatus::Aborted]);

    // Stopping an execution that has ended is no failure.
    world
        .treino(&stop)
        .ends(0)
        .says("no execution is under way");
    let again = [&stop[..], &["long"]].concat();
    world
        .treino(&again)
        .ends(0)
        .says("long has ended already (aborted)");
    let arn = world
        .clients()
        .await
        .arn("states", "execution:following-slow:long");
    let shown = world
        .treino(&["run", "following", "--follow", &arn])
        .ends(1);
    shown.says("aborted after ");

    // The latest is followed without a name, and executions of several machines are one list.
    let another = ["run", "following", "--machine", "saying", "--name", "later"];
    let another = [&another[..], &["--input", r#"{"words": "hello"}"#]].concat();
    world.treino(&another).ends(0);
    let latest = world.treino(&["run", "following", "--follow"]).ends(0);
    latest.says("execution later").says("\"said\":\"hello\"");
    let latest = ["run", "following", "--machine", "slow", "--follow"];
    world.treino(&latest).ends(1).says("execution long");
    let never = ["run", "following", "--machine", "tree", "--follow"];
    world
        .treino(&never)
        .ends(1)
        .says("there is no execution of following-tree yet");
    let list = ["run", "following", "--list", "--json"];
    let listed = world.treino(&list).ends(0).event("executions");
    let shown = |field: &str| {
        let all = listed["executions"].as_array().unwrap().iter();
        let all = all.map(|one| one[field].as_str().unwrap().to_owned());
        all.collect::<Vec<_>>().join(" ")
    };
    assert_eq!(shown("name"), "later long");
    assert_eq!(shown("machine"), "saying slow");
    assert_eq!(shown("status"), "SUCCEEDED ABORTED");
    assert!(listed["executions"][1]["seconds"].as_f64().unwrap() > 0.0);
    assert_eq!(listed["more"], false);
    let list = world.treino(&["run", "following", "--list", "--limit", "1"]);
    let list = list.ends(0).says("quick is an express machine");
    let list = list.says("later").says("there are older ones: --limit 2");
    assert!(!list.out.contains("aborted"), "{}", list.out);
    let one = ["run", "following", "--list", "--machine", "tree"];
    world.treino(&one).ends(0).says("no execution of tree");
}

#[tokio::test]
async fn express_machines_show_their_result_and_keep_no_history() {
    let world = deployed("express_machines_show_their_result_and_keep_no_history");
    let run = |words: &str| {
        let input = format!("{{{words}}}");
        world.treino(&["run", "following", "--machine", "quick", "--input", &input])
    };
    let ran = run(r#""words": "good morning""#).ends(0);
    ran.says("(express)")
        .says("output {\"said\":\"good morning\"}");
    // The error of the function.
    let ran = run(r#""wurds": 1"#).ends(1).says("KeyError: 'words'");
    ran.says("at app.py:30 in talk");
    for asked in [["--follow", "x"], ["--stop", "x"]] {
        let arguments = [&["run", "following", "--machine", "quick"], &asked[..]].concat();
        let ran = world.treino(&arguments).ends(1);
        ran.says("express").says("AWS keeps no history");
    }
    let all = ["run", "following", "--stop", "--machine", "quick"];
    world.treino(&all).ends(1).says("AWS keeps no history");
    let list = ["run", "following", "--list", "--machine", "quick"];
    world.treino(&list).ends(1).says("AWS keeps no history");
}

#[tokio::test]
async fn names_that_do_not_exist_are_reported_with_those_that_do() {
    let world = deployed("names_that_do_not_exist_are_reported_with_those_that_do");
    let run = |more: &[&str]| world.treino(&[&["run", "following"], more].concat());
    let several = run(&["--input", "{}"]).ends(2);
    several.says("--machine (one of failing, quick, saying, slow, tree)");
    let unknown = run(&["--input", "{}", "--machine", "tee"]).ends(2);
    unknown.says("no state machine `tee`; it has failing, quick, saying, slow, tree");
    let nobody = run(&["--follow", "nobody"]).ends(1);
    nobody.says("there is no execution `nobody` of following-failing or ");
    let foreign = "arn:aws:states:us-east-1:1:execution:other:x";
    run(&["--follow", foreign])
        .ends(2)
        .says("is an execution of other");
    run(&["--stop", "arn:aws:s3:::x"])
        .ends(2)
        .says("is not an execution's ARN");
    run(&["photo.jpg"]).ends(2).says("photo.jpg: no such file");
    let file = world.file("photo.jpg", b"x");
    run(&[file.to_str().unwrap()])
        .ends(2)
        .says("several state machines");
}

/// No server answers at this endpoint: a call would fail otherwise.
#[test]
fn inputs_are_checked_before_anything_is_called() {
    let world = World::new("inputs_are_checked_before_anything_is_called");
    let nowhere = "http://127.0.0.1:9";
    let run = |input: &str| world.treino_at(nowhere, &["run", "lab", "--input", input]);
    let broken = run("{\"a\": 1,\n  \"b\" 2}").ends(2);
    broken
        .says("--input is not valid JSON, line 2, column 7: expected `:`")
        .says("    \"b\" 2}\n        ^");
    let file = world.file("input.json", b"[1, 2");
    let at_file = format!("@{}", file.to_str().unwrap());
    run(&at_file).ends(2).says("line 1, column 5");
    run("@no-such-file").ends(2).says("no-such-file: ");
    run("").ends(2).says("--input is empty");
    let large = format!("\"{}\"", "x".repeat(300_000));
    let file = world.file("large.json", large.as_bytes());
    let at_file = format!("@{}", file.to_str().unwrap());
    run(&at_file).ends(2).says("at most 262144");
    for conflict in [
        &["run", "lab", "photo.jpg", "--input", "{}"][..],
        &["run", "lab", "--stop", "--follow", "y"],
        &["run", "lab", "--follow", "y", "--name", "z"],
        &["run", "lab", "--input", "{}", "--key", "z"],
        &["run", "lab"],
        &["run", "lab", "--list", "--stop"],
        &["run", "lab", "--list", "--limit", "0"],
        &["run", "lab", "--input", "{}", "--limit", "3"],
        &["run", "lab", "--input", "{}", "--name", "two words"],
    ] {
        world.treino_at(nowhere, conflict).ends(2);
    }
}

#[test]
fn an_input_comes_from_standard_input_or_a_file() {
    let world = deployed("an_input_comes_from_standard_input_or_a_file");
    let file = world.file(
        "input.json",
        "\u{feff}{\"words\": \"from a file\"}".as_bytes(),
    );
    let run = |input: &str| {
        let mut command = world.command();
        command.args([
            "--local",
            "run",
            "following",
            "--machine",
            "saying",
            "--input",
            input,
        ]);
        command.stdin(Stdio::from(std::fs::File::open(&file).unwrap()));
        CommandResult::of(&mut command)
    };
    std::fs::write(&file, r#"{"words": "by pipe"}"#).unwrap();
    run("-").ends(0).says("\"said\":\"by pipe\"");
    std::fs::write(&file, "\u{feff}{\"words\": \"by file\"}").unwrap();
    let at_file = format!("@{}", file.to_str().unwrap());
    run(&at_file).ends(0).says("\"said\":\"by file\"");
}
