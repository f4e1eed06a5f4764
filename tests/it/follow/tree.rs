//! The path of each state: branches, iterations, retries, catchers and choices.

use serde_json::{Value, json};

use super::deployed;

/// The events of a state.
fn of<'a>(events: &'a [Value], state: &str) -> Vec<&'a Value> {
    let named = |event: &&Value| event["state"] == state;
    events.iter().filter(named).collect()
}

#[tokio::test]
async fn every_type_of_state_has_its_path() {
    let world = deployed("every_type_of_state_has_its_path");
    let run = ["run", "following", "--machine", "tree"];
    let input = ["--input", r#"{"items": [1, 2, 3]}"#, "--name", "first"];
    let ran = world.treino_json(&[&run[..], &input].concat()).ends(0);

    // The state of each item has the path of its iteration.
    let exited = ran.events("state_exited");
    let mut paths: Vec<String> = of(&exited, "Work")
        .iter()
        .map(|event| event["path"].to_string())
        .collect();
    paths.sort();
    let expected = [0, 1, 2].map(|index| format!(r#"["Both",0,"Each",{index}]"#));
    assert_eq!(paths, expected);
    let items = ran.event("map_started");
    assert_eq!(
        (&items["items"], &items["path"]),
        (&json!(3), &json!(["Both", 0]))
    );
    assert_eq!(ran.events("iteration_ended").len(), 3);

    // The other branch: a Wait, a function that fails twice, a Choice.
    let entered = ran.events("state_entered");
    assert_eq!(of(&entered, "Pause")[0]["waits"], json!({ "seconds": 1.0 }));
    let failed = ran.events("attempt_failed");
    let flaky: Vec<_> = of(&failed, "Flaky");
    let attempts: Vec<_> = flaky.iter().map(|event| &event["attempt"]).collect();
    assert_eq!(attempts, [1, 2]);
    assert!(flaky.iter().all(|event| event["error"] == "Unlucky"));
    let flaky = of(&exited, "Flaky")[0];
    assert_eq!(
        (&flaky["retries"], &flaky["path"]),
        (&json!(2), &json!(["Both", 1]))
    );
    assert_eq!(flaky.get("caught"), None);
    assert_eq!(of(&exited, "Size")[0]["next"], "Large");
    assert_eq!(of(&exited, "Large")[0]["path"], json!(["Both", 1]));

    // The error that was caught, and the output, which is that of DescribeExecution.
    assert_eq!(of(&exited, "Caught")[0]["caught"], "Broken");
    assert_eq!(of(&exited, "Both")[0]["path"], json!([]));
    let ended = ran.event("execution_ended");
    assert_eq!(ended["status"], "SUCCEEDED");
    assert_eq!(ended["output"], json!({ "mended": true }));
    let arn = ran.event("execution")["arn"].as_str().unwrap().to_owned();
    let states = world.clients().await.states;
    let seen = states
        .describe_execution()
        .execution_arn(arn)
        .send()
        .await
        .unwrap();
    assert_eq!(seen.status.as_str(), "SUCCEEDED");
    assert_eq!(seen.output(), Some(r#"{"mended":true}"#));

    // The same execution as text.
    let shown = world
        .treino(&["run", "following", "--follow", "first"])
        .ends(0);
    for line in [
        "  > Both (2 branches)",
        "  | [0] > Each (3 items)",
        "  | [1] > Pause (waiting 1 s)",
        "  | [0] | [2] ok Work ",
        "  | [0] ok Each ",
        "  | [1] ! Flaky: Unlucky: not yet, at attempt 0\n",
        "  | [1]     at app.py:17 in handler: raise Unlucky(",
        "  | [1] ! Flaky: Unlucky: not yet, at attempt 1 (attempt 2)\n",
        ", 2 retries\n",
        "  | [1] ok Size -> Large\n",
        "  ok Both ",
        "  ! Caught: Broken: item 1 is broken\n",
        "      at app.py:24 in deeper: raise Broken(",
        "  caught Broken in Caught ",
        "succeeded in ",
        "output {\"mended\":true}\n",
    ] {
        assert!(
            shown.out.contains(line),
            "`{line}` is not in\n{}",
            shown.out
        );
    }
    assert!(!shown.out.contains('\u{1b}'), "a pipe has no colours");
    assert!(!shown.out.contains("input"), "data is shown with -v");
    let full = ["run", "following", "--follow", "first", "-v"];
    let full = world.treino(&full).ends(0);
    let full = full.says("  | [0] | [1]     input {\"n\":2}\n");
    full.says("  | [0] | [1]     output {\"n\":2,\"large\":false}\n");
}

#[tokio::test]
async fn many_iterations_are_counted_and_the_failed_shown() {
    let world = deployed("many_iterations_are_counted_and_the_failed_shown");
    // As on AWS, the first iteration that fails stops the others: a late one leaves a long history.
    let item = |n: u32| json!({ "n": n, "break": n == 297 });
    let items: Vec<Value> = (0..300).map(item).collect();
    let input = json!({ "items": items }).to_string();
    let run = [
        "run",
        "following",
        "--machine",
        "failing",
        "--input",
        &input,
    ];
    let ran = world.treino(&run).ends(1);
    let lines: Vec<&str> = ran.out.lines().collect();
    assert!(lines.contains(&"  > Each (300 items)"), "{}", ran.out);
    assert!(
        lines.contains(&"  | [297] failed: Broken: item 297 is broken"),
        "{}",
        ran.out
    );
    assert!(lines.contains(&"  Each: 1 of 300 failed"), "{}", ran.out);
    let end = lines.iter().find(|line| line.starts_with("failed after "));
    let last = end.unwrap();
    assert!(last.ends_with(" s: Broken: item 297 is broken"), "{last}");
    assert!(lines.len() < 25, "{}", ran.out);

    // With --json every iteration is an event; the history has several pages.
    let name = lines[0].strip_prefix("execution ").unwrap();
    let ran = world.treino_json(&["run", "following", "--follow", name]);
    let ran = ran.ends(1);
    let mut indices: Vec<u64> = ran
        .events("iteration_ended")
        .iter()
        .map(|event| event["index"].as_u64().unwrap())
        .collect();
    indices.sort_unstable();
    // Every iteration that had started has ended: it succeeded, failed or was stopped.
    assert_eq!(indices[..298], (0..298).collect::<Vec<_>>());
    let seen = world.clients().await.states.get_execution_history();
    let arn = ran.event("execution")["arn"].as_str().unwrap().to_owned();
    let seen = seen
        .execution_arn(arn)
        .max_results(1000)
        .send()
        .await
        .unwrap();
    assert!(seen.next_token.is_some(), "the test needs several pages");
    let ended = ran.event("execution_ended");
    assert_eq!(ended["error"], "Broken");
    let cause: Value = serde_json::from_str(ended["cause"].as_str().unwrap()).unwrap();
    assert_eq!(cause["errorMessage"], "item 297 is broken");
}
