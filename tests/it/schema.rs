//! The published JSON Schema and the shipped stacks, as tools other than treino read them.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};
use treino::source::{self, Source};
use treino::stack;

use crate::extension::PYTHON;
use crate::support::repository;

/// What `PyYAML`, a YAML 1.1 reader, makes of files.
const READ: &str = "import json, sys, yaml
print(json.dumps([yaml.safe_load(open(path, encoding='utf-8')) for path in sys.argv[1:]]))";

/// To a YAML 1.1 tool `on` and `yes` are booleans, `2012-10-17` is a date and `1:30` a number.
#[test]
fn shipped_stacks_mean_the_same_to_yaml_1_1_tools() {
    let mut paths: Vec<_> = std::fs::read_dir(repository("stacks"))
        .expect("the folder")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    paths.sort();
    assert!(paths.len() >= 5);
    let output = Command::new(&*PYTHON)
        .args(["-c", READ])
        .args(&paths)
        .output()
        .expect("Python runs");
    assert!(output.status.success(), "{output:?}");
    let read: Vec<Value> = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(read.len(), paths.len());
    for (path, theirs) in paths.iter().zip(read) {
        let source = Source::read(path, 1 << 20).expect("the stack");
        let ours = source::parse(&source).expect("YAML").to_json();
        assert_eq!(ours, theirs, "{}", path.display());
    }
}

fn read(text: &str) -> Result<Value, String> {
    let source = Source::new("stack.yaml", text);
    let (loaded, _) = stack::read(source, Path::new(""), None)
        .map_err(|wrong| treino::report::diagnostics(&wrong))?;
    Ok(json!(loaded.file.roles["r"].allow))
}

#[test]
fn on_is_the_former_name_of_resources() {
    let with = |words: &str| {
        read(&format!(
            "stack: lab\nroles: {{ r: {{ assumed_by: [lambda.amazonaws.com], allow: [{{ actions: [s3:ListAllMyBuckets], {words} }}] }} }}\n"
        ))
    };
    let named = with("resources: ['*']").expect("it is right");
    assert_eq!(named[0]["resources"], json!(["*"]));
    assert_eq!(with("on: ['*']"), Ok(named));
    let both = with("on: ['*'], resources: ['*']").expect_err("both");
    assert!(both.contains("has both `resources` and `on`"), "{both}");
    assert_eq!(both.matches("error").count(), 1, "{both}");

    let allow = &stack::schema()["$defs"]["Allow"];
    assert_eq!(allow["properties"]["on"]["deprecated"], true);
    assert_eq!(allow["properties"]["on"]["type"], "array");
    assert_eq!(allow["oneOf"].as_array().map(Vec::len), Some(2));
}

#[test]
fn keys_that_begin_with_x_hold_anchors() {
    let text = "stack: lab
x-reads: &reads
  - { actions: [s3:ListAllMyBuckets], resources: ['*'] }
x-rol: ${nothing.at.all}
roles: { r: { assumed_by: [lambda.amazonaws.com], allow: *reads } }
";
    let allow = read(text).expect("it is right");
    assert_eq!(allow[0]["resources"], json!(["*"]));
    let patterns = &stack::schema()["patternProperties"];
    assert!(patterns.get("^x-").is_some(), "{patterns}");
    // Only at the top.
    let inner = read(&text.replace("{ assumed_by", "{ x-a: 1, assumed_by")).expect_err("unknown");
    assert!(inner.contains("has no key `x-a`"), "{inner}");
}
