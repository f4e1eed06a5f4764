//! Parts of a stack `lab`, each with what it needs to be valid.

use super::World;

pub const FUNCTION: &str =
    "functions:\n  f:\n    code: code\n    handler: app.handler\n    runtime: python3.13\n";
pub const MACHINE: &str = "state_machines:\n  m:\n    definition: machine.asl.json\n";
pub const TABLE: &str = "tables:\n  t:\n    partition_key: id\n";
pub const BUCKET: &str = "buckets:\n  b: {}\n";
pub const TRAIL: &str = "trails:\n  r:\n    objects_of: [b]\n";
pub const RULE: &str = "rules:\n  e:\n    schedule: rate(1 hour)\n    start: m\n";
pub const CONNECTION: &str =
    "connections:\n  c:\n    api_key:\n      header: x-key\n      value: ${env:LAB_KEY}\n";
pub const VAULT: &str = "vaults:\n  v: {}\n";
pub const DIRECTORY_BUCKET: &str = "directory_buckets:\n  d: { zone: use1-az4 }\n";

/// The secret of the connection; it must never be shown.
pub const KEY: &str = "k3y-that-nobody-may-see";

/// Writes the stack `lab` with these parts; returns its file.
pub fn lab_of(world: &World, parts: &[&str]) -> String {
    world.set("LAB_KEY", KEY);
    let stack = format!("stack: lab\n{}", parts.concat());
    let code = b"def handler(event, context):\n    return event\n";
    world.file("code/app.py", code);
    let definition = br#"{"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "Seconds": 600, "End": true}}}"#;
    world.file("machine.asl.json", definition);
    let file = world.file("lab.yaml", stack.as_bytes());
    file.to_str().unwrap().to_owned()
}
