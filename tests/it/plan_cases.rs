//! Planning by example: each folder of `cases/plan` holds a stack file, the actual state, and the expected
//! plan with the order of its steps.
//!
//! `live.json` is an `ActualState`. In it, `<current>` stands for the hash of the code in `shared`.
//! `case.json` may add the owner, the expiry, the adopted addresses, and whether the stack is destroyed. To
//! start a new case, use the output of `live_of`.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use treino::plan::{self, ActualResource, ActualState, Plan};
use treino::report;
use treino::stack::{self, Address, DesiredState, Kind, TAG_EXPIRES, Target};

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Case {
    owner: Option<String>,
    expires: Option<String>,
    adopt: Vec<String>,
    destroy: bool,
}

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/it/cases/plan")
        .join(name)
}

fn desired(folder: &Path, case: &Case) -> DesiredState {
    let (loaded, _) = stack::load(&folder.join("stack.yaml"), case.owner.as_deref())
        .unwrap_or_else(|diagnostics| panic!("{}", report::diagnostics(&diagnostics)));
    let target = Target {
        partition: "aws".into(),
        region: "eu-west-1".into(),
        account: "123456789012".into(),
        stack: loaded.file.stack.clone(),
        owner: case.owner.clone(),
    };
    let (mut desired, _) = loaded.expand(&target).expect("it was right a moment ago");
    for resource in desired.resources.values_mut() {
        if let Some(expires) = &case.expires {
            resource.tags.insert(TAG_EXPIRES.into(), expires.clone());
        }
    }
    desired
}

/// The actual state after a deploy of the stack.
fn deployed(desired: &DesiredState) -> ActualState {
    let live = desired.resources.values().map(|want| {
        let live = ActualResource {
            kind: want.kind,
            name: want.name.clone(),
            spec: want.spec.clone(),
            tags: want.tags.clone(),
            created: None,
            unready: None,
            outdated: Vec::new(),
        };
        (want.address.clone(), live)
    });
    ActualState {
        live: live.collect(),
        orphans: Vec::new(),
        ..ActualState::default()
    }
}

/// The changing steps, by the number of steps that must be done before each.
fn order(plan: &Plan) -> String {
    let mut depth: Vec<Option<usize>> = vec![None; plan.steps.len()];
    let mut waves: Vec<Vec<String>> = Vec::new();
    for _ in &plan.steps {
        for (index, step) in plan.steps.iter().enumerate() {
            let before: Option<Vec<usize>> = step.after.iter().map(|&i| depth[i]).collect();
            if let (None, Some(before)) = (depth[index], before) {
                let change = usize::from(step.is_change());
                depth[index] = Some(before.into_iter().max().unwrap_or(0) + change);
            }
        }
    }
    for (step, depth) in plan.steps.iter().zip(&depth) {
        let depth = depth.expect("no step waits for itself");
        if step.is_change() {
            waves.resize(waves.len().max(depth), Vec::new());
            waves[depth - 1].push(format!("{} {}", step.action.verb(), step.address));
        }
    }
    let lines = waves
        .iter()
        .enumerate()
        .map(|(n, wave)| format!("{}. {}", n + 1, wave.join(", ")));
    lines.collect::<Vec<_>>().join("\n")
}

fn run(name: &str) {
    let folder = folder(name);
    let case: Case = match std::fs::read_to_string(folder.join("case.json")) {
        Ok(text) => serde_json::from_str(&text).expect("case.json"),
        Err(_) => Case::default(),
    };
    let desired = desired(&folder, &case);
    let code = desired
        .resources
        .values()
        .find(|resource| resource.kind == Kind::Function)
        .map_or("", |function| {
            function.spec["code"].as_str().unwrap_or_default()
        });
    let live = std::fs::read_to_string(folder.join("live.json")).expect("live.json");
    let live: ActualState =
        serde_json::from_str(&live.replace("<current>", code)).expect("a snapshot");
    let adopt: BTreeSet<Address> = case
        .adopt
        .iter()
        .map(|text| Address::from_tag(text))
        .collect();
    let plan = if case.destroy {
        plan::destroy(&desired.target, &live.orphans)
    } else {
        plan::deploy(&desired, &live, &adopt)
    };
    let mut printed = report::plan(&plan, false);
    if !plan.foreign.is_empty() {
        printed = format!("{}\n\n{printed}", report::foreign(&plan.foreign));
    }
    if !plan.is_empty() {
        printed = format!("{printed}\n\nin this order:\n{}", order(&plan));
    }
    let printed = anstream::adapter::strip_str(&printed).to_string();
    // The hash depends on the zip format; its value does not matter here.
    let printed = match code.get(..10) {
        Some(shown) => printed.replace(shown, "[current]"),
        None => printed,
    };
    let mut settings = insta::Settings::new();
    settings.set_snapshot_path(&folder);
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!("plan", printed));
}

macro_rules! cases {
    ($($name:ident)*) => {
        $(#[test] fn $name() { run(stringify!($name)); })*

        #[test]
        fn every_folder_is_a_case() {
            for entry in std::fs::read_dir(folder("")).expect("the folder") {
                let name = entry.expect("an entry").file_name();
                let name = name.to_str().expect("a name");
                assert!([$(stringify!($name)),*, "shared"].contains(&name), "{name} is no case");
            }
        }
    };
}

cases! {
    adopted another_file archives code_changed create_all destroy_killed destroyed drifted expiry_moved foreign key_renamed key_schema_changed
    log_group_of_lambda name_changed nothing_to_change owner policy_and_definition
    secret_variable undeclared
}

/// `TREINO_CASE=create_all cargo test live_of -- --ignored --nocapture`: what is live after a deploy.
#[test]
#[ignore = "prints what to begin a new case with"]
fn live_of() {
    let name = std::env::var("TREINO_CASE").expect("TREINO_CASE names a folder");
    let text =
        std::fs::read_to_string(folder(&name).join("case.json")).unwrap_or_else(|_| "{}".into());
    let desired = desired(
        &folder(&name),
        &serde_json::from_str(&text).expect("case.json"),
    );
    let mut snapshot = deployed(&desired);
    for live in snapshot.live.values_mut() {
        if live.kind == Kind::Function {
            live.spec["code"] = "<current>".into();
        }
    }
    println!("{}", serde_json::to_string_pretty(&snapshot).expect("JSON"));
}

/// The changes of a step, by its address.
fn changed(plan: &Plan, address: &str) -> Vec<String> {
    let step = plan
        .steps
        .iter()
        .find(|step| step.address.as_str() == address);
    match &step.expect("a step").action {
        plan::Action::Update { changes } => changes.iter().map(|one| one.path.clone()).collect(),
        _ => Vec::new(),
    }
}

#[test]
fn row_47_what_names_a_role_made_again_is_written_again() {
    let stack = r#"stack: lab
functions:
  f: { code: code, handler: app.handler, runtime: python3.13, environment: { KEY: b } }
  plain: { code: code, handler: app.handler, runtime: python3.13 }
roles:
  reader: { assumed_by: [lambda.amazonaws.com] }
queues:
  q:
    policy:
      Version: "2012-10-17"
      Statement:
        - { Effect: Allow, Principal: { AWS: "${reader.arn}" }, Action: "sqs:SendMessage", Resource: "${q.arn}" }
  other: {}
"#;
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::create_dir(folder.path().join("code")).expect("a folder");
    std::fs::write(
        folder.path().join("code/app.py"),
        "def handler(e, c): pass\n",
    )
    .expect("a file");
    std::fs::write(folder.path().join("stack.yaml"), stack).expect("a file");
    let desired = desired(folder.path(), &Case::default());
    let none = BTreeSet::new();
    let plan = |actual: &ActualState| plan::deploy(&desired, actual, &none);
    let all = deployed(&desired);
    assert!(plan(&all).is_empty());

    // Removed by hand: the plan makes them again.
    let mut lost = all.clone();
    for role in ["function.f.role", "function.plain.role", "role.reader"] {
        let gone = lost.live.remove(&Address::from_tag(role));
        assert!(gone.is_some(), "{role}");
    }
    let made_again = plan(&lost);
    assert_eq!(changed(&made_again, "function.f"), ["role"]);
    assert_eq!(changed(&made_again, "queue.q"), ["policy"]);
    for kept in ["function.plain", "queue.other"] {
        assert_eq!(changed(&made_again, kept), Vec::<String>::new());
    }
    let step = made_again
        .steps
        .iter()
        .find(|step| step.address.as_str() == "function.f");
    let step = step.expect("a step");
    assert!(
        step.why.contains("a role that was made again"),
        "{}",
        step.why
    );
    assert_eq!(step.live.as_ref().expect("it stands").outdated, ["role"]);
    let role = step
        .after
        .iter()
        .map(|index| &made_again.steps[*index].address);
    assert!(
        role.into_iter()
            .any(|address| address.as_str() == "function.f.role")
    );

    // Made again by something else, or by a deploy that was killed: the times tell.
    let dated = |role: &str, function: &str| {
        let mut actual = all.clone();
        for (address, at) in [("function.f.role", role), ("function.f", function)] {
            let live = actual.live.get_mut(&Address::from_tag(address));
            live.expect("it stands").created = Some(at.to_owned());
        }
        changed(&plan(&actual), "function.f")
    };
    let (early, late) = ("2026-01-02T03:04:05Z", "2026-01-02T03:04:06Z");
    assert_eq!(dated(late, early), ["role"]);
    assert_eq!(dated(early, late), Vec::<String>::new());
    assert_eq!(dated(early, early), Vec::<String>::new());
}
