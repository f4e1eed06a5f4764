//! What functions' packages are made of: packages of pip and npm, installed for Lambda or for this machine; packages
//! that are too large for a request.

mod errors;
mod large;
mod npm;
mod pip;
mod wheels;

use std::path::PathBuf;

use serde_json::Value;

use crate::support::{CommandResult, World};

/// A definition that calls the function `f`.
const CALLS_F: &[u8] = br#"{ "StartAt": "A", "States": { "A": { "Type": "Task", "Resource": "${f.arn}", "End": true } } }"#;

/// A stack file with the function `f` and a state machine that calls it.
fn stack(world: &World, name: &str, function: &str) -> PathBuf {
    world.file("calls-f.asl.json", CALLS_F);
    let text = format!(
        "stack: {name}\nfunctions:\n  f: {{ {function} }}\nstate_machines:\n  m: {{ definition: calls-f.asl.json }}\n"
    );
    world.file(&format!("{name}.yaml"), text.as_bytes())
}

/// A plan for AWS, with packages installed into a cache of its own.
fn planned(world: &World, cache: &str, file: &std::path::Path) -> CommandResult {
    let cache = world.folder.path().join(cache);
    let arguments = ["plan", file.to_str().unwrap()];
    let mut command = world.command_at(&world.endpoint, &arguments);
    CommandResult::of(command.env("XDG_CACHE_HOME", cache))
}

/// The packages that a plan installs for `f`.
fn installed(ran: &CommandResult) -> Vec<String> {
    let packages = ran.event("plan")["packages"]["function.f"]["packages"].clone();
    serde_json::from_value(packages).unwrap_or_default()
}

/// The hash of the package of `f`, by a plan.
fn hash(ran: &CommandResult) -> String {
    let plan = ran.event("plan");
    let steps = plan["steps"].as_array().unwrap();
    let step = steps
        .iter()
        .find(|step| step["address"] == "function.f")
        .unwrap();
    let hash = step["spec"]["code"].as_str().unwrap_or_default();
    assert!(hash.len() > 20, "{step}");
    hash.to_owned()
}

/// The texts that a command has told as information.
fn told(ran: &CommandResult) -> String {
    let all = ran.events("info").into_iter();
    let texts = all.map(|event| event["message"].as_str().unwrap_or_default().to_owned());
    texts.collect::<Vec<_>>().join("\n")
}

/// The plan's entry for the packages of `f`.
fn built_for(ran: &CommandResult) -> Value {
    ran.event("plan")["packages"]["function.f"]["built_for"].clone()
}
