//! Every verb, with a stack that uses every kind of secret.

use serde_json::json;
use sha2::{Digest, Sha256};

use super::seen::Watched;
use crate::support::{Clients, World};

const TOKEN: &str = "told-to-nobody \"7";
const FROM_ENVIRONMENT: &str = "out-of-the-environment-31";
const PASSWORD: &str = "hushed/up+42==";
const HEADER: &str = "header-kept-back-5";
const CLIENT: &str = "client-kept-back-6";
const GIVEN: &str = "given-on-the-command-line-8é";
const LATER: &str = "told-to-nobody-later-9";
const BY_HAND: &str = "set-by-hand-in-the-console-10";
const KEYS: [(&str, &str); 3] = [
    ("AWS_ACCESS_KEY_ID", "AKIAKEPTBACK00000011"),
    (
        "AWS_SECRET_ACCESS_KEY",
        "secret+access/key+kept+back+00000000012",
    ),
    (
        "AWS_SESSION_TOKEN",
        "session/token/kept/back/000000000000013==",
    ),
];

const STACK: &str = r#"stack: hushed
params:
  token: { secret: true, default: "${env:LAB_TOKEN}" }
  given: { secret: true }
functions:
  teller:
    code: code
    handler: app.handler
    runtime: python3.13
    environment:
      TOKEN: Bearer ${param.token}
      GIVEN: ${param.given}
      FROM_ENVIRONMENT: ${env:LAB_OTHER}
      MODE: plain-as-day
state_machines:
  ask: { definition: ask.asl.json, logging: all }
connections:
  basic:
    basic: { username: ana, password: "${env:LAB_PASSWORD}" }
    headers: { X-More: "${env:LAB_HEADER}", X-Token: "${param.token}" }
  client:
    oauth: { client_id: c, client_secret: "${env:LAB_CLIENT}", endpoint: "https://127.0.0.1:9/token" }
outputs: { function: "${teller.name}" }
"#;

const CODE: &str = r#"
import hashlib
import os


def handler(event, context):
    seen = {name: hashlib.sha256(os.environ[name].encode()).hexdigest() for name in ("TOKEN", "GIVEN", "FROM_ENVIRONMENT")}
    print("asked by", event.get("name"), "token", os.environ["TOKEN"])
    return {"seen": seen, "token": os.environ["TOKEN"], "names": sorted(os.environ)}
"#;

fn written(world: &World) -> String {
    let definition = json!({
        "StartAt": "Ask",
        "States": { "Ask": { "Type": "Task", "Resource": "${teller.arn}", "End": true } },
    });
    world.file("code/app.py", CODE.as_bytes());
    world.file("ask.asl.json", definition.to_string().as_bytes());
    let stack = world.file("stack.yaml", STACK.as_bytes());
    stack.to_str().unwrap().to_owned()
}

/// What anybody with read access to the resources can see.
async fn readable(clients: &Clients) -> Vec<String> {
    let mut texts = Vec::new();
    let function = clients.lambda.get_function().function_name("hushed-teller");
    let function = function.send().await.unwrap();
    texts.push(format!("{:?}", function.tags));
    let configuration = function.configuration.unwrap();
    texts.push(format!("{:?}", configuration.description));
    for name in ["hushed-basic", "hushed-client"] {
        let seen = clients.events.describe_connection().name(name);
        let seen = seen.send().await.unwrap();
        texts.push(format!("{seen:?}"));
        texts.push(seen.description.unwrap());
    }
    let machine = clients.states.describe_state_machine();
    let machine = machine.state_machine_arn(clients.machine("hushed-ask"));
    texts.push(machine.send().await.unwrap().definition);
    let tags = clients.states.list_tags_for_resource();
    let tags = tags.resource_arn(clients.machine("hushed-ask"));
    texts.push(format!("{:?}", tags.send().await.unwrap().tags));
    for role in clients.iam.list_roles().send().await.unwrap().roles {
        let policy = clients.iam.get_role_policy().role_name(&role.role_name);
        let policy = policy.policy_name("treino").send().await.unwrap();
        texts.push(policy.policy_document);
        texts.push(format!("{role:?}"));
    }
    let groups = clients.logs.describe_log_groups().send().await.unwrap();
    texts.push(format!("{groups:?}"));
    texts
}

async fn variable(clients: &Clients, name: &str) -> Option<String> {
    let call = clients.lambda.get_function_configuration();
    let seen = call.function_name("hushed-teller").send().await.unwrap();
    let variables = seen.environment.unwrap().variables.unwrap();
    variables.get(name).cloned()
}

fn hash(text: &str) -> String {
    let digest = Sha256::digest(text.as_bytes());
    let bytes = digest.iter();
    bytes.fold(String::new(), |hash, byte| format!("{hash}{byte:02x}"))
}

fn words(words: &[String]) -> Vec<&str> {
    words.iter().map(String::as_str).collect()
}

#[tokio::test]
#[allow(clippy::too_many_lines, reason = "one stack, verb by verb")]
async fn no_verb_shows_a_secret() {
    let world = World::new("no_verb_shows_a_secret");
    let clients = world.clients().await;
    let stack = written(&world);
    for (name, value) in [
        ("LAB_TOKEN", TOKEN),
        ("LAB_OTHER", FROM_ENVIRONMENT),
        ("LAB_PASSWORD", PASSWORD),
        ("LAB_HEADER", HEADER),
        ("LAB_CLIENT", CLIENT),
    ] {
        world.set(name, value);
    }
    // None of them is used, so none may appear.
    for (name, value) in KEYS {
        world.set(name, value);
    }
    let mut marks = vec![
        TOKEN,
        FROM_ENVIRONMENT,
        PASSWORD,
        HEADER,
        CLIENT,
        GIVEN,
        LATER,
        BY_HAND,
    ];
    marks.extend(KEYS.map(|(_, value)| value));
    let mut watched = Watched::new(&world, &marks);
    let given = format!("given={GIVEN}");
    let set = ["--set", &given];
    let with = |words: &[&'static str]| -> Vec<String> {
        let words = words.iter().copied().chain([stack.as_str()]).chain(set);
        words.map(String::from).collect()
    };

    watched.treino(&["check", &stack], 0);
    watched.treino(&words(&with(&["plan", "-v", "--explain"])), 0);
    watched.treino(&words(&with(&["deploy", "-v", "--yes"])), 0);
    watched.treino(&words(&with(&["plan", "-v", "--exit-code"])), 0);
    watched.treino(&["status", "hushed", "-v"], 0);
    watched.treino(&["status"], 0);
    let mut texts = readable(&clients).await;

    // The function has them: it prints their hashes. What it prints and logs itself is masked if the stack
    // file is given.
    watched.treino(&["run", &stack, "--input", r#"{"name":"Ana"}"#, "-v"], 0);
    for value in [
        format!("Bearer {TOKEN}"),
        GIVEN.to_owned(),
        FROM_ENVIRONMENT.to_owned(),
    ] {
        assert!(watched.printed().contains(&hash(&value)), "{value}");
    }
    assert!(watched.printed().contains("Bearer (secret)"));
    watched.treino(&["logs", &stack, "-v"], 0);
    assert!(
        watched
            .printed()
            .contains("asked by Ana token Bearer (secret)")
    );

    // A changed value is detected without showing either; so is one that was changed or added by hand.
    world.set("LAB_TOKEN", LATER);
    watched.treino(&words(&with(&["plan", "-v"])), 0);
    let plan = world.treino_json(&words(&with(&["plan"]))).ends(0);
    let changes = plan.changes();
    let paths = &changes["function.teller"].1;
    assert_eq!(*paths, ["secret_environment.TOKEN"]);
    assert_eq!(changes["connection.basic"].1, ["secret"]);
    assert_eq!(changes.len(), 2);
    watched.treino(&words(&with(&["deploy", "-v", "--yes"])), 0);
    let token = variable(&clients, "TOKEN").await;
    assert_eq!(token, Some(format!("Bearer {LATER}")));
    let by_hand = ["TOKEN", "MODE", "EXTRA"].map(|name| (name.to_owned(), BY_HAND.to_owned()));
    let by_hand = aws_sdk_lambda::types::Environment::builder().set_variables(Some(by_hand.into()));
    let call = clients.lambda.update_function_configuration();
    let call = call
        .function_name("hushed-teller")
        .environment(by_hand.build());
    call.send().await.unwrap();
    clients.quiet("hushed-teller").await;
    watched.treino(&words(&with(&["plan", "-v"])), 0);
    let plan = world.treino_json(&words(&with(&["plan"]))).ends(0);
    let mut paths = plan.changes().remove("function.teller").unwrap().1;
    paths.sort();
    let wanted = [
        "environment.EXTRA",
        "environment.MODE",
        "secret_environment.FROM_ENVIRONMENT",
        "secret_environment.GIVEN",
        "secret_environment.TOKEN",
    ];
    assert_eq!(paths, wanted);
    watched.treino(&words(&with(&["deploy", "-v", "--yes"])), 0);
    assert_eq!(variable(&clients, "GIVEN").await.as_deref(), Some(GIVEN));
    assert_eq!(variable(&clients, "EXTRA").await, None);

    // A value that is no longer secret, or no longer in the file, stays masked.
    let text = STACK
        .replace("Bearer ${param.token}", "plain-now")
        .replace("      GIVEN: ${param.given}\n", "")
        .replace(", X-Token: \"${param.token}\"", "");
    std::fs::write(&stack, text).unwrap();
    watched.treino(&words(&with(&["plan", "-v"])), 0);
    watched.treino(&words(&with(&["deploy", "-v", "--yes"])), 0);
    assert_eq!(
        variable(&clients, "TOKEN").await.as_deref(),
        Some("plain-now")
    );
    texts.extend(readable(&clients).await);

    watched.treino(&["deploy", &stack, "--yes"], 2);
    watched.treino(&["deploy", &stack, "--set", GIVEN], 2);
    watched.treino(&["plan", &stack, "--set", &given, "--set", &given], 2);
    watched.treino(&["plan", &stack, "--set", &format!("givne={GIVEN}")], 2);
    watched.treino(&["local", "status"], 0);
    watched.treino(&["local", "env"], 0);
    watched.treino(&["schema"], 0);
    watched.treino(&["completions", "bash"], 0);
    let receipt = world.folder.path().join("receipt.json");
    let receipt = receipt.to_str().unwrap();
    let destroy = ["destroy", &stack, "-v", "--yes", "--receipt", receipt];
    watched.treino(&destroy, 0);
    watched.nothing_seen(&texts);
    assert_eq!(clients.everything().await, Vec::<String>::new());
}
