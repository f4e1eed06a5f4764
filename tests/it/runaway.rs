//! `limits`: a lab that runs away is counted and stopped inside AWS, while no treino runs.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use serde_json::Value;
use treino::source::{Diagnostic, Diagnostics, Severity, Source};
use treino::stack::{self, Given, Missing, StackLimits};

use crate::support::{Clients, World, eventually};

const REAPER: &str = "treino-reaper";

/// A lab whose function writes into the bucket that starts it.
fn loop_lab(world: &World, head: &str) -> String {
    let code = "import os\n\nimport boto3\n\n\n\
                def handler(event, context):\n    \
                number = int(event['detail']['object']['key'].split('-')[0]) + 1\n    \
                boto3.client('s3').put_object(Bucket=os.environ['BUCKET'], Key=f'{number}-photo', Body=b'x')\n";
    world.file("code/app.py", code.as_bytes());
    let machine = r#"{"StartAt": "Copy", "States": {"Copy": {"Type": "Task", "End": true,
        "Resource": "arn:aws:states:::lambda:invoke",
        "Parameters": {"FunctionName": "${copy.arn}", "Payload.$": "$"}}}}"#;
    world.file("machine.asl.json", machine.as_bytes());
    let text = format!(
        "stack: lab\n{head}\n\
         buckets: {{ photos: {{ events: true }} }}\n\
         functions:\n  copy:\n    code: code\n    handler: app.handler\n    runtime: python3.13\n    \
         environment: {{ BUCKET: '${{photos.name}}' }}\n    \
         allow: [{{ actions: [s3:PutObject], resources: ['${{photos.arn}}/*'] }}]\n\
         state_machines: {{ copying: {{ definition: machine.asl.json }} }}\n\
         rules: {{ uploaded: {{ put_object_in: photos, via: s3, start: copying }} }}\n"
    );
    written(world, &text)
}

fn written(world: &World, text: &str) -> String {
    let path = world.file("stack.yaml", text.as_bytes());
    path.to_str().unwrap().to_owned()
}

/// A stack of one machine, whose executions wait.
fn quiet_lab(world: &World, head: &str) -> String {
    let machine = r#"{"StartAt":"A","States":{"A":{"Type":"Wait","Seconds":9999,"End":true}}}"#;
    world.file("quiet.asl.json", machine.as_bytes());
    let text = "state_machines: { flow: { definition: quiet.asl.json } }\n\
                rules: { daily: { schedule: rate(1 day), start: flow } }\n";
    written(world, &format!("stack: lab\n{head}\n{text}"))
}

/// The inputs of the executions that wait for a stack's end.
async fn waiting(clients: &Clients) -> Vec<Value> {
    let all = clients.executions(REAPER).await;
    let running = all.iter().filter(|one| one.status.as_str() == "RUNNING");
    let mut inputs = Vec::new();
    for one in running {
        let call = clients.states.describe_execution();
        let seen = call.execution_arn(&one.execution_arn).send().await.unwrap();
        inputs.push(serde_json::from_str(&seen.input.unwrap()).unwrap());
    }
    inputs
}

async fn only(clients: &Clients) -> Value {
    let mut all = waiting(clients).await;
    assert_eq!(all.len(), 1, "{all:?}");
    all.remove(0)
}

/// What `status` says of the limit of the stack `lab`.
fn limits(world: &World) -> Value {
    let shown = world.treino_json(&["status", "lab"]).ends(0);
    shown.event("stack")["stack"]["limits"].clone()
}

async fn is_enabled(clients: &Clients, rule: &str) -> bool {
    let seen = clients.events.describe_rule().name(rule).send().await;
    seen.unwrap().state.unwrap().as_str() == "ENABLED"
}

/// Starts the loop, and nothing more.
async fn put(world: &World, clients: &Clients) {
    let bucket = format!("lab-photos-{}-{}", world.account, clients.region);
    clients.put(&bucket, "0-photo", b"x").await;
}

#[tokio::test]
async fn a_loop_that_passes_its_limit_is_ended() {
    let world = World::new("a_loop_is_ended");
    let clients = world.clients().await;
    // Another stack's execution keeps the machine, and so the receipt.
    let other = world.file(
        "other.yaml",
        b"stack: other\nexpires: 2h\ntables: { t: { partition_key: id } }\n",
    );
    let other = other.to_str().unwrap();
    world.treino(&["deploy", other, "--yes"]).ends(0);
    let file = loop_lab(&world, "expires: 2h\nlimits: { runs: 6 }");
    let deployed = world.treino(&["deploy", &file, "--yes"]).ends(0);
    drop(deployed.says(
        "limits: 6 runs; checked every second: after more of them AWS stops and deletes the stack",
    ));
    let before = limits(&world);
    assert_eq!((&before["limit"], &before["runs"]), (&6.into(), &0.into()));
    put(&world, &clients).await;
    // Long before its time.
    let receipt = eventually("the stack has ended", async || {
        let all = clients.executions(REAPER).await;
        let ended = all.iter().find(|one| one.status.as_str() == "SUCCEEDED")?;
        let call = clients.states.describe_execution();
        let seen = call
            .execution_arn(&ended.execution_arn)
            .send()
            .await
            .unwrap();
        serde_json::from_str::<Value>(&seen.output.unwrap()).ok()
    })
    .await;
    assert!(receipt["stopped"]["runs"].as_u64() > Some(6), "{receipt}");
    assert_eq!(receipt["stopped"]["limit"], 6);
    assert_eq!(receipt["complete"], true, "{receipt}");
    let rows = receipt["resources"].as_array().unwrap();
    assert_eq!(rows.len(), 8, "{rows:?}");
    let left = world.treino(&["status", "lab"]).ends(1);
    drop(left.says("lab is not deployed"));
    world.treino(&["destroy", other, "--yes"]).ends(0);
}

#[tokio::test]
async fn a_loop_that_passes_its_limit_may_only_be_stopped() {
    let world = World::new("a_loop_is_stopped");
    let clients = world.clients().await;
    let file = loop_lab(&world, "expires: never\nlimits: { runs: 6, then: stop }");
    world.treino(&["deploy", &file, "--yes"]).ends(0);
    assert_eq!(only(&clients).await["begins"], Value::Null);
    put(&world, &clients).await;
    let stopped = eventually("the loop is stopped", async || {
        let limits = limits(&world);
        limits["stopped"].is_string().then_some(limits)
    })
    .await;
    assert!(stopped["runs"].as_u64() > Some(6), "{stopped}");
    assert!(!is_enabled(&clients, "lab-uploaded").await);
    let text = world.treino(&["status"]).ends(0);
    drop(text.says(&format!(
        "stopped by its limit: {} runs, limit 6",
        stopped["runs"]
    )));
    // It does not go on.
    let count = clients.executions("lab-copying").await.len();
    tokio::time::sleep(Duration::from_secs(2)).await;
    let all = clients.executions("lab-copying").await;
    assert_eq!(all.len(), count);
    assert!(all.iter().all(|one| one.status.as_str() != "RUNNING"));
    let photo = world.file("1-photo", b"x");
    let put = ["run", &file, photo.to_str().unwrap(), "--wait", "1s"];
    let put = world.treino(&put).ends(1);
    drop(put.says(
        "the stack's rules are disabled, as after its limit was passed: deploy it to enable them",
    ));
    // Another end changes nothing of that.
    world.treino(&["extend", "lab", "3h"]).ends(0);
    assert_eq!(limits(&world), stopped);
    assert!(only(&clients).await["begins"].is_string());
    world.treino(&["extend", "lab", "--never"]).ends(0);
    assert_eq!(limits(&world), stopped);
    // The next deploy starts it again, with a fresh count.
    let plan = world.treino(&["plan", &file]).ends(0);
    drop(plan.says("enabled: false -> true"));
    world.treino(&["deploy", &file, "--yes"]).ends(0);
    assert!(is_enabled(&clients, "lab-uploaded").await);
    let again = limits(&world);
    assert_eq!(
        (&again["runs"], &again["stopped"]),
        (&0.into(), &Value::Null)
    );
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert!(is_enabled(&clients, "lab-uploaded").await);
    world.treino(&["destroy", &file, "--yes"]).ends(0);
    drop(
        world
            .treino(&["status"])
            .ends(0)
            .says("no stack is deployed"),
    );
}

#[tokio::test]
async fn an_unchanged_deploy_counts_on() {
    let world = World::new("an_unchanged_deploy_counts_on");
    let clients = world.clients().await;
    let file = quiet_lab(&world, "expires: 2h\nlimits: { runs: 500 }");
    world.treino(&["deploy", &file, "--yes"]).ends(0);
    let first = only(&clients).await;
    let of = &first["limits"];
    assert_eq!(
        (&of["runs"], &of["every"], &of["then"]),
        (&500.into(), &1.into(), &"end".into())
    );
    let machine = clients.arn("states", "stateMachine:lab-flow");
    assert_eq!(of["machines"], serde_json::json!([machine]));
    let calls = of["stop"].as_array().unwrap().iter();
    let calls: Vec<&str> = calls
        .map(|step| step["calls"][0]["call"].as_str().unwrap())
        .collect();
    // Events first; machines twice, as one may start another meanwhile.
    assert_eq!(
        calls,
        [
            "eventbridge:disableRule",
            "sfn:listExecutions",
            "sfn:listExecutions"
        ]
    );
    let call = clients.states.start_execution().state_machine_arn(&machine);
    call.send().await.unwrap();
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    world.treino(&["deploy", &file, "--yes"]).ends(0);
    assert_eq!(only(&clients).await, first);
    assert_eq!(limits(&world)["runs"], 1);
    // Another limit replaces it, and the count goes on.
    let file = quiet_lab(&world, "expires: 2h\nlimits: { runs: 400 }");
    world.treino(&["deploy", &file, "--yes"]).ends(0);
    let changed = only(&clients).await;
    assert_eq!(changed["limits"]["runs"], 400);
    assert_eq!(changed["limits"]["since"], of["since"]);
    // So it does with another end.
    world.treino(&["extend", "lab", "30m"]).ends(0);
    assert_eq!(only(&clients).await["limits"], changed["limits"]);
    world.treino(&["extend", "lab", "--never"]).ends(0);
    let unending = only(&clients).await;
    assert_eq!(
        (&unending["limits"], &unending["begins"]),
        (&changed["limits"], &Value::Null)
    );
    assert_eq!(limits(&world)["runs"], 1);
    // A renewed one begins anew.
    world.treino(&["deploy", &file, "--yes", "--renew"]).ends(0);
    assert_ne!(only(&clients).await["limits"]["since"], of["since"]);
    assert_eq!(limits(&world)["runs"], 0);
    // Nothing deletes it, and it is stopped at its limit.
    let file = quiet_lab(
        &world,
        "expires: 2h\nself_destruct: off\nlimits: { runs: 400, then: stop }",
    );
    world.treino(&["deploy", &file, "--yes"]).ends(0);
    let input = only(&clients).await;
    assert_eq!(
        (&input["begins"], &input["limits"]["then"]),
        (&Value::Null, &"stop".into())
    );
    // Without limits and end nothing waits.
    let file = quiet_lab(&world, "expires: never");
    world.treino(&["deploy", &file, "--yes"]).ends(0);
    assert!(waiting(&clients).await.is_empty());
    assert_eq!(limits(&world), Value::Null);
    // Of a stack without an end nothing but the machine says that there were limits.
    let file = quiet_lab(&world, "limits: { runs: 5, then: stop }");
    world.treino(&["deploy", &file, "--yes"]).ends(0);
    only(&clients).await;
    let file = quiet_lab(&world, "");
    world.treino(&["deploy", &file, "--yes"]).ends(0);
    assert!(waiting(&clients).await.is_empty());
    world.treino(&["destroy", &file, "--yes"]).ends(0);
}

const MACHINE: &str = "state_machines: { m: { definition: asl/fine.asl.json } }\n";

fn loaded(text: &str) -> Result<(stack::Loaded, Diagnostics), Diagnostics> {
    let given = Given {
        set: BTreeMap::new(),
        missing: Missing::Later,
        ..Given::default()
    };
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/cases/bad");
    stack::read(
        Source::new("stack.yaml", format!("stack: lab\n{text}")),
        &folder,
        given,
    )
}

fn line(one: &Diagnostic) -> String {
    let severity = match one.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    let place = one.place.as_ref().expect("a place");
    let (line, column) = place.span.line_column(&place.source);
    let help = one.help.as_deref().expect("a way out");
    format!("{severity} {line}:{column} {} | {help}", one.message)
}

/// The limits in a region, or what is said of them.
fn in_region(text: &str, region: &str) -> Result<(StackLimits, Vec<String>), Vec<String>> {
    let lines = |found: &Diagnostics| found.0.iter().map(line).collect::<Vec<String>>();
    let (loaded, _) = loaded(text).map_err(|found| lines(&found))?;
    let desired = loaded.expand(&loaded.example_target(Some(region)));
    let (desired, _) = desired.map_err(|found| lines(&found))?;
    let (limits, warnings) = loaded.limits(&desired).map_err(|found| lines(&found))?;
    Ok((limits.expect("limits"), lines(&warnings)))
}

#[test]
fn what_limits_nothing_is_an_error() {
    for (text, error) in [
        (
            "limits:",
            "error 2:1 `limits` limits nothing | write `runs: 500`, `cost: 2 USD`, or both",
        ),
        (
            "limits: {}",
            "error 2:1 `limits` limits nothing | write `runs: 500`, `cost: 2 USD`, or both",
        ),
        (
            "limits: { then: stop }",
            "error 2:1 `limits` limits nothing | write `runs: 500`, `cost: 2 USD`, or both",
        ),
        (
            "limits: 500",
            "error 2:9 `limits` is the number 500, not a mapping | write what it limits: `limits: { runs: 500 }`",
        ),
        (
            "limits: 2 USD",
            "error 2:9 `limits` is the text `2 USD`, not a mapping | write what it limits: `limits: { cost: 2 USD }`",
        ),
        (
            "limits: { runs: 0 }",
            "error 2:17 `runs` cannot be 0 | write a whole number of at least 1",
        ),
        (
            "limits: { runs: -1 }",
            "error 2:17 `runs` cannot be -1 | write a whole number of at least 1",
        ),
        (
            "limits: { runs: 5 runs }",
            "error 2:17 `runs` is the text `5 runs`, not a whole number | write the number alone: 5",
        ),
        (
            "limits: { run: 5 }",
            "error 2:11 `limits` has no key `run` | did you mean `runs`?",
        ),
        (
            "limits: { cost: 2 EUR }",
            "error 2:17 `2 EUR` is not an amount of US dollars | write it like 2 USD or 0.50 USD",
        ),
        (
            "limits: { cost: -2 USD }",
            "error 2:17 `-2 USD` is not an amount of US dollars | write it like 2 USD or 0.50 USD",
        ),
        (
            "limits: { cost: 0 USD }",
            "error 2:17 `cost` is nothing, and every run costs something | write an amount like 0.50 USD, or limit `runs`",
        ),
        (
            "limits: { runs: 5, then: halt }",
            "error 2:26 `then` cannot be `halt` | write one of end, stop",
        ),
        (
            "limits: { runs: 5 }\nself_destruct: off",
            "error 2:1 with `self_destruct: off` nothing deletes the stack, and `limits` would | write `then: stop` in it, or leave out `self_destruct`",
        ),
    ] {
        let found = loaded(&format!("{text}\n{MACHINE}")).expect_err(text);
        let errors = found.0.iter().filter(|one| one.severity == Severity::Error);
        assert_eq!(errors.map(line).collect::<Vec<_>>(), [error], "{text}");
    }
    let none = "error 2:1 `limits` counts executions of standard state machines, and this stack has none | \
                leave it out, or start what runs by a standard state machine";
    for others in [
        "tables: { t: { partition_key: id } }\n",
        "state_machines: { m: { definition: asl/fine.asl.json, type: express } }\n",
    ] {
        let found = loaded(&format!("limits: {{ runs: 5 }}\n{others}")).expect_err(others);
        let errors = found.0.iter().filter(|one| one.severity == Severity::Error);
        assert_eq!(errors.map(line).collect::<Vec<_>>(), [none], "{others}");
    }
}

#[test]
fn what_is_not_counted_is_a_warning() {
    let text = "limits: { runs: 5 }\n\
                functions: { f: { code: code, runtime: python3.13, handler: app.handler }, g: { code: code, runtime: python3.13, handler: app.handler } }\n\
                topics: { t: { subscriptions: [{ to: g }] } }\n\
                rules: { r: { start: f, schedule: rate(1 day) }, s: { start: m, schedule: rate(1 day) } }\n";
    let (limits, warnings) = in_region(&format!("{text}{MACHINE}"), "us-east-1").unwrap();
    assert_eq!(
        limits.machines,
        ["arn:aws:states:us-east-1:123456789012:stateMachine:lab-m"]
    );
    assert_eq!(
        warnings,
        [
            "warning 2:1 `limits` counts executions of standard state machines, and not the runs of `f`, `g` | \
                           start a standard state machine instead, or look at it yourself"
        ]
    );
}

#[test]
fn an_amount_is_so_many_runs() {
    // Two transitions an execution, 0.000025 USD each: 20,000 executions are 1 USD.
    let machine = "state_machines: { m: { definition: { StartAt: A, States: { A: { Type: Pass, Next: B }, B: { Type: Succeed } } } } }\n";
    let runs = |head: &str, region| {
        in_region(&format!("{head}\n{machine}"), region).map(|(limits, _)| limits.runs)
    };
    assert_eq!(runs("limits: { cost: 1 USD }", "us-east-1"), Ok(20_000));
    assert_eq!(runs("limits: { cost: 0.00005 USD }", "us-east-1"), Ok(1));
    assert_eq!(runs("limits: { cost: 0.000149 USD }", "us-east-1"), Ok(2));
    // The lower one counts.
    assert_eq!(
        runs("limits: { cost: 1 USD, runs: 500 }", "us-east-1"),
        Ok(500)
    );
    assert_eq!(
        runs("limits: { cost: 0.001 USD, runs: 500 }", "us-east-1"),
        Ok(20)
    );
    assert_eq!(
        runs("limits: { cost: 0.00004 USD }", "us-east-1"),
        Err(vec!["error 2:17 one run is estimated to cost 0.00005 USD, and `cost` is 0.00004 USD | raise it: `treino cost --runs 1` shows what a run costs".to_owned()])
    );
    let unknown = "error 2:17 no prices of eu-central-1 are known, so `cost` cannot limit anything there | \
                   limit `runs` instead; prices of us-east-1, us-west-2, eu-west-1, sa-east-1 are known";
    assert_eq!(
        runs("limits: { cost: 1 USD }", "eu-central-1"),
        Err(vec![unknown.to_owned()])
    );
    assert_eq!(runs("limits: { runs: 7 }", "eu-central-1"), Ok(7));
    // By a schedule alone: 24 executions a day are counted, too.
    let rule = "limits: { cost: 0.0024 USD }\nrules: { r: { start: m, schedule: rate(1 hour) } }";
    assert_eq!(runs(rule, "us-east-1"), Ok(48));
    // Labels of photos have no known price there.
    let labels = "limits: { cost: 1 USD }\nstate_machines: { m: { definition: { StartAt: A, States: { A: { Type: Task, \
                  Resource: 'arn:aws:states:::aws-sdk:rekognition:detectLabels', Parameters: { Image: {} }, End: true } } } } }\n";
    let (Ok(_), Err(found)) = (
        in_region(labels, "us-east-1"),
        in_region(labels, "sa-east-1"),
    ) else {
        panic!(
            "{:?}",
            (
                in_region(labels, "us-east-1"),
                in_region(labels, "sa-east-1")
            )
        );
    };
    assert_eq!(
        found,
        [
            "error 2:17 the price of rekognition.image.group2 in sa-east-1 is not known, so `cost` cannot be kept | limit `runs` instead"
        ]
    );
}
