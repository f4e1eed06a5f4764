//! `treino.yaml`: what is wrong with it, and what it refuses.

use std::path::Path;

use treino::report;
use treino::stack::{self, Given, Guards, check_guards, is_guards_file};

use crate::support::World;

/// A folder with these files.
fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    folder
}

fn plain(folder: &Path, diagnostics: &treino::source::Diagnostics) -> String {
    let text = report::diagnostics(diagnostics);
    let text = anstream::adapter::strip_str(&text).to_string();
    text.replace(&format!("{}/", folder.display()), "")
}

#[test]
fn what_is_wrong_with_it_is_said_at_its_place() {
    let said = |text: &str| {
        let folder = folder(&[("treino.yaml", text)]);
        let path = folder.path().join("treino.yaml");
        assert!(is_guards_file(&path));
        plain(folder.path(), &check_guards(&path))
    };
    for fine in [
        "",
        "# nothing yet\n",
        "require_expiry: 8h\n",
        "accounts: [012345678901, '111122223333']\nregions: [us-east-1, sa-east-1]\n",
    ] {
        assert_eq!(said(fine), "", "{fine}");
    }
    let wrong = [
        "require_expiry: soon\naccounts: [12]\nregions: [mars]",
        "require_expiry: never",
        "require_expiry: 8\nregion: us-east-1",
        "accounts: 012345678901",
        "regions: us-east-1",
        "regions: [us-esat-1]\nregions: []",
        "accounts:\nmax_cost: 5 USD",
        "- require_expiry: 8h",
        "accounts: [",
        "accounts: [\"${env:ACCOUNT}\"]",
    ];
    let all = wrong.map(|text| format!("$ {}\n{}", text.replace('\n', "; "), said(text)));
    insta::assert_snapshot!(all.join("\n"));
}

/// The guards of a folder on the stack of a file.
fn refused(folder: &Path, file: &str) -> String {
    let path = folder.join(file);
    let (loaded, _) = stack::load(&path, Given::default()).unwrap();
    match Guards::of_folder(path.parent().unwrap()) {
        Ok(guards) => plain(folder, &guards.check_stack(&loaded, None)),
        Err(wrong) => plain(folder, &wrong),
    }
}

fn stack(head: &str) -> String {
    format!("stack: lab\n{head}\ntables: {{ t: {{ partition_key: id }} }}\n")
}

#[test]
fn a_stack_has_to_end_in_time() {
    let guards = ("treino.yaml", "# class\nrequire_expiry: 8h\n");
    let heads = [
        "expires: 8h",
        "expires: 9h",
        "expires: never",
        "description: no end",
        "expires: 4h\nself_destruct: off",
    ];
    let all = heads.map(|head| {
        let folder = folder(&[guards, ("lab.yaml", &stack(head))]);
        let said = refused(folder.path(), "lab.yaml");
        format!("$ {}\n{said}", head.replace('\n', "; "))
    });
    insta::assert_snapshot!(all.join("\n"));
}

/// Of every folder up to the repository's; a nearer one cannot allow more.
#[test]
fn the_guards_above_count_too() {
    let lab = &stack("expires: 3h");
    let strict = "require_expiry: 2h";
    let said = |files: &[(&str, &str)], file: &str| {
        let folder = folder(files);
        refused(folder.path(), file)
    };
    let is_refused =
        |files: &[(&str, &str)], file: &str| said(files, file).contains("3h is longer");
    let deep = ("a/b/c/lab.yaml", lab.as_str());
    // Without a repository: beside it, and above.
    assert!(is_refused(&[deep, ("a/b/c/treino.yaml", strict)], deep.0));
    assert!(is_refused(&[deep, ("a/b/c/treino.yml", strict)], deep.0));
    assert!(is_refused(&[deep, ("a/b/treino.yaml", strict)], deep.0));
    assert!(!is_refused(&[deep, ("a/treino.yaml", strict)], deep.0));
    // In a repository: up to its root.
    let git = ("a/.git/HEAD", "");
    assert!(is_refused(&[git, deep, ("a/treino.yaml", strict)], deep.0));
    assert!(!is_refused(&[git, deep, ("treino.yaml", strict)], deep.0));
    let loose = ("a/b/c/treino.yaml", "require_expiry: 9h");
    let both = [git, deep, loose, ("a/treino.yaml", strict)];
    assert!(said(&both, deep.0).contains("the longest time that a/treino.yaml:1 allows"));
    // What is wrong above is said, and a stack file of this name is none.
    let broken = said(&[git, deep, ("a/treino.yaml", "regions: 1")], deep.0);
    assert!(broken.contains("a/treino.yaml:1:10"), "{broken}");
    let named_so = [deep, ("a/b/c/treino.yaml", lab.as_str())];
    assert_eq!(said(&named_so, deep.0), "");
    assert_eq!(said(&named_so, "a/b/c/treino.yaml"), "");
}

/// Before anything is asked of AWS: nothing answers at that address.
#[test]
fn regions_are_refused_before_anything_is_asked() {
    let world = World::new("guards_regions");
    world.file("treino.yaml", b"regions: [eu-west-1]\n");
    let file = world.file("lab.yaml", stack("expires: 4h").as_bytes());
    let file = file.to_str().unwrap();
    let nowhere = "http://127.0.0.1:9";
    let refused = "the region us-east-1 is not allowed here";
    for arguments in [&["plan", file][..], &["deploy", file, "--yes"]] {
        let ran = world.treino_at(nowhere, arguments).ends(2).says(refused);
        drop(ran.says("treino.yaml:1:10"));
    }
    let allowed = ["plan", file, "--region", "eu-west-1"];
    let ran = world.treino_at(nowhere, &allowed).ends(1);
    drop(ran.says("nothing answers"));
}

/// An account's id is only known once AWS has been asked. A destroy is never refused.
#[tokio::test]
async fn accounts_are_refused_and_a_destroy_never() {
    let world = World::new("guards_accounts");
    let file = world.file("lab.yaml", stack("expires: 4h").as_bytes());
    let file = file.to_str().unwrap();
    world.treino(&["deploy", file, "--yes"]).ends(0);
    let guards = "require_expiry: 2h\naccounts: [111122223333]\nregions: [eu-west-1]\n";
    world.file("treino.yaml", guards.as_bytes());
    world
        .treino(&["check", file])
        .ends(2)
        .says("4h is longer than 2h");
    world
        .treino(&["plan", file])
        .ends(2)
        .says("4h is longer than 2h");
    world.file("treino.yaml", b"accounts: [111122223333]\n");
    let refused = format!("the account {} is not allowed here", world.account);
    world.treino(&["plan", file]).ends(2).says(&refused);
    world
        .treino(&["deploy", file, "--yes"])
        .ends(2)
        .says(&refused);
    world.file("treino.yaml", guards.as_bytes());
    let more = world.treino(&["extend", file, "10m"]).ends(2);
    drop(more.says("2h from now is allowed at most"));
    let never = world.treino(&["extend", file, "--never"]).ends(2);
    drop(never.says("the stack has to end"));
    world.treino(&["status", file]).ends(0);
    world.treino(&["destroy", file, "--yes"]).ends(0);
}

#[test]
fn it_is_checked_and_is_no_stack() {
    let world = World::new("guards_checked");
    let guards = world.file("class/treino.yaml", b"require_expiry: 8\n");
    let folder = guards.parent().unwrap().to_str().unwrap().to_owned();
    let guards = guards.to_str().unwrap();
    world.file("class/lab.yaml", stack("expires: 4h").as_bytes());
    let checked = world.as_written(&["check", "--json", &folder]).ends(2);
    let summary = checked.event("checked");
    assert_eq!(
        (&summary["files"], &summary["errors"]),
        (&2.into(), &1.into())
    );
    world.file("class/treino.yaml", b"require_expiry: 8h\n");
    world.as_written(&["check", &folder]).ends(0);
    for verb in ["plan", "deploy", "cost"] {
        let ran = world.as_written(&[verb, guards]).ends(2);
        drop(ran.says("says what stacks have to keep to, and is no stack file"));
    }
    let schema = world.as_written(&["schema", "--guards"]).ends(0);
    let schema: serde_json::Value = serde_json::from_str(&schema.out).unwrap();
    let keys: Vec<&String> = schema["properties"].as_object().unwrap().keys().collect();
    assert_eq!(keys, ["require_expiry", "accounts", "regions"]);
}

/// A function's folder may have it: what guards say changes no function.
#[test]
fn it_is_no_part_of_a_package() {
    let text =
        "stack: lab\nfunctions: { f: { code: ., handler: app.handler, runtime: python3.13 } }\n";
    let app = ("app.py", "def handler(event, context):\n    return event\n");
    let code = |more: &[(&str, &str)]| {
        let folder = folder(&[&[("lab.yaml", text), app][..], more].concat());
        let (loaded, _) = stack::load(&folder.path().join("lab.yaml"), Given::default()).unwrap();
        let (desired, _) = loaded.expand(&loaded.example_target(None)).unwrap();
        desired.artifacts.into_keys().collect::<Vec<_>>()
    };
    let without = code(&[]);
    assert_eq!(without.len(), 1);
    assert_eq!(code(&[("treino.yaml", "require_expiry: 8h\n")]), without);
    assert_ne!(code(&[("other.yaml", "require_expiry: 8h\n")]), without);
}
