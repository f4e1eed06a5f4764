//! What treino sends, against AWS's own models of its services (`support::oracle`): every lab, one of everything, and
//! the longest and shortest, largest and smallest values that a stack file may have.
//!
//! Every other suite is checked alike, by the proxy that its requests go through.

use serde_json::{Map, Value, json};

use crate::kinds;
use crate::least_privilege::labs;
use crate::support::World;
use crate::support::parts::lab_of;

#[test]
fn every_lab() {
    for name in labs::names() {
        let world = World::new(&format!("models: {name}"));
        let lab = labs::prepared(&world, &name);
        let deploy = labs::words("deploy", &lab.deploy);
        world.treino(&deploy).ends(0);
        world.treino(&deploy).ends(0).says("nothing to change");
        for run in &lab.runs {
            world.treino(&labs::words("run", run)).ends(0);
        }
        world.treino(&["status", &lab.name]).ends(0);
        world.treino(&["logs", &lab.name]).ends(0);
        world.treino(&["destroy", &lab.name, "--yes"]).ends(0);
    }
}

#[test]
fn one_of_everything() {
    let world = World::new("models: one of everything");
    let sections: Vec<&str> = kinds::ALL
        .iter()
        .map(|kind| kind.permitted_section())
        .collect();
    lives(&world, &lab_of(&world, &sections), "lab");
}

/// Every integration of Step Functions.
#[test]
fn every_integration() {
    let world = World::new("models: every integration");
    let file = "tests/it/cases/least_privilege/everything.yaml";
    lives(&world, file, "everything");
}

#[test]
fn the_longest_and_largest() {
    let world = World::new("models: the longest and largest");
    let key = |letter: &str| letter.repeat(40);
    let stack = "s".repeat(32);
    let tags = (0..40).map(|n| (format!("{n:0>128}"), "é".repeat(256).into()));
    let document = json!({ "Statement": [{
        "Effect": "Allow", "Principal": { "AWS": "arn:aws:iam::210987654321:root" }, "Action": "s3:GetObject",
        "Resource": "arn:aws:s3:::${bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb.name}/*",
    }] });
    let parameters: Map<String, Value> = (0..10)
        .map(|n| (format!("{n}{}", "n".repeat(400)), "v".repeat(500).into()))
        .collect();
    let text = json!({
        "stack": stack, "description": "d".repeat(1000), "expires": "360d",
        "tags": tags.collect::<Map<String, Value>>(),
        "buckets": { key("b"): { "versioning": true, "events": true, "policy": document } },
        "directory_buckets": { key("d"): { "zone": "use1-az4" } },
        "tables": { key("t"): {
            "name": "t".repeat(255), "partition_key": format!("{}:N", "p".repeat(255)),
            "sort_key": format!("{}:B", "k".repeat(255)), "time_to_live": "l".repeat(255),
            "point_in_time_recovery": true,
        } },
        "functions": { key("f"): {
            "name": "f".repeat(64), "code": "code", "handler": format!("app.{}", "h".repeat(124)),
            "runtime": "python3.13", "description": "é".repeat(256), "memory": 10240, "timeout": 900,
            "environment": { "LONG": "v".repeat(4000) }, "log_retention_days": 3653, "reserved_concurrency": 900,
            "architecture": "arm64",
        } },
        "roles": { key("o"): {
            "name": "o".repeat(64), "assumed_by": ["lambda.amazonaws.com", "states.amazonaws.com"],
            "managed_policies": ["arn:aws:iam::aws:policy/AWSXRayDaemonWriteAccess"],
            "allow": [{ "actions": ["s3:GetObject"], "resources": ["arn:aws:s3:::b/*"] }],
        } },
        "log_groups": { key("l"): { "name": "/".repeat(512), "retention_days": 3653 } },
        "state_machines": { key("m"): {
            "name": "m".repeat(80), "definition": "machine.asl.json", "logging": "all", "tracing": true,
        } },
        "queues": {
            key("q"): {
                "name": "q".repeat(80), "visibility_timeout": 43200, "retention": 1_209_600, "delay": 900,
                "receive_wait": 20, "dead_letter": "x", "max_receives": 1000,
            },
            "x": {},
            "y": { "name": "y".repeat(75), "fifo": true, "content_based_deduplication": true },
        },
        "topics": { key("n"): {
            "name": "n".repeat(256), "display_name": "D".repeat(100),
            "subscriptions": [{
                "to": key("q"), "raw_message_delivery": true, "filter_policy": { "a": ["b"] },
                "filter_policy_scope": "message_body",
            }],
        } },
        "connections": {
            key("c"): {
                "name": "c".repeat(64), "description": "d".repeat(256),
                "api_key": { "header": "h".repeat(512), "value": "v".repeat(512) },
                "headers": parameters.clone(), "query": parameters.clone(), "body": parameters.clone(),
            },
            "oauth": { "oauth": {
                "client_id": "i".repeat(512), "client_secret": "s".repeat(512), "method": "PUT",
                "endpoint": format!("https://example.com/{}", "e".repeat(2028)),
                "headers": parameters.clone(), "query": parameters.clone(), "body": parameters,
            } },
            "basic": { "basic": { "username": "u".repeat(512), "password": "p".repeat(512) } },
        },
        "trails": { key("r"): { "name": "r".repeat(128), "objects_of": [key("b")], "record": "all" } },
        "rules": {
            key("e"): {
                "name": "e".repeat(64), "description": "é".repeat(512), "start": key("m"),
                "schedule": "rate(99999 days)", "input": "i".repeat(8190),
            },
            "p": { "pattern": { "source": ["p".repeat(4000)] }, "start": key("q") },
        },
    });
    has_code(&world, &"h".repeat(124));
    let file = world.file("lab.yaml", text.to_string().as_bytes());
    lives(&world, file.to_str().unwrap(), &stack);
}

#[test]
fn the_shortest_and_smallest() {
    let world = World::new("models: the shortest and smallest");
    let text = json!({
        "stack": "st", "tags": { "k": "v" },
        "buckets": { "b": { "block_public_access": false } },
        "directory_buckets": { "d": { "zone": "use1-az4" } },
        "vaults": { "v".repeat(40): {} },
        "tables": { "t": { "name": "ttt", "partition_key": "p" } },
        "functions": { "f": {
            "name": "f", "code": "code", "handler": "app.h", "runtime": "python3.13", "memory": 128, "timeout": 1,
            "environment": { "E0": "" }, "log_retention_days": 1, "reserved_concurrency": 0,
        } },
        "roles": { "o": { "name": "o", "assumed_by": ["lambda.amazonaws.com"] } },
        "log_groups": { "l": { "name": "l", "retention_days": 1 } },
        "state_machines": { "m": { "name": "m", "definition": "machine.asl.json", "type": "express" } },
        "queues": {
            "q": {
                "name": "q", "visibility_timeout": 0, "retention": 60, "delay": 0, "receive_wait": 0,
                "dead_letter": "x", "max_receives": 1,
            },
            "x": {},
        },
        "topics": { "n": { "name": "n" } },
        "connections": { "c": { "name": "c", "api_key": { "header": "h", "value": "v" }, "headers": { "a": "b" } } },
        "trails": { "r": { "name": "rrr", "objects_of": ["b"] } },
        "rules": {
            "e": { "name": "e", "start": "m", "schedule": "rate(1 minute)", "enabled": false, "input": {} },
            "p": { "pattern": { "source": [""] }, "start": "n" },
        },
    });
    has_code(&world, "h");
    let file = world.file("lab.yaml", text.to_string().as_bytes());
    lives(&world, file.to_str().unwrap(), "st");
}

/// The folder `code`, with a handler of this name, and the definition `machine.asl.json`.
fn has_code(world: &World, handler: &str) {
    lab_of(world, &[]);
    let code = format!("def {handler}(event, context):\n    return event\n");
    world.file("code/app.py", code.as_bytes());
}

/// Deploys a stack, twice, and destroys it.
fn lives(world: &World, file: &str, stack: &str) {
    let deploy = ["deploy", file, "--yes"];
    world.treino(&deploy).ends(0);
    world.treino(&deploy).ends(0).says("nothing to change");
    world.treino(&["destroy", stack, "--yes"]).ends(0);
}
