//! Whatever can be wrong with a file or a call, as a user meets it: the real program, no AWS.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use treino::plan::{ActualState, deploy};
use treino::source::Source;
use treino::stack::{self, Target};

/// The folder of the bad files; messages name them relative to it.
fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/cases/bad")
}

/// Runs treino as someone without AWS would; answers what it printed and how it ended.
fn treino(within: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> String {
    let home = tempfile::tempdir().expect("a folder");
    let output = Command::new(env!("CARGO_BIN_EXE_treino"))
        .current_dir(within)
        .args(arguments)
        .env_clear()
        .env("HOME", home.path())
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .envs(variables.iter().copied())
        .output()
        .expect("treino runs");
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("UTF-8");
    let mut lines = vec![
        format!("$ treino {}", arguments.join(" ")),
        text(&output.stderr).trim_end().to_owned(),
        format!("[exit {}]", output.status.code().unwrap_or(-1)),
    ];
    if !output.stdout.is_empty() {
        lines.insert(1, text(&output.stdout).trim_end().to_owned());
    }
    lines.join("\n")
}

/// Compares with what stands beside the case.
fn kept(name: &str, printed: &str) {
    let mut settings = insta::Settings::new();
    settings.set_snapshot_path(folder());
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.add_filter(r"/[^ `]*/\.tmp[A-Za-z0-9]+", "[folder]");
    settings.bind(|| insta::assert_snapshot!(name, printed));
}

fn file(name: &str) {
    let printed = treino(&folder(), &["plan", &format!("{name}.yaml")], &[]);
    assert!(printed.ends_with("[exit 2]"), "{printed}");
    assert!(printed.contains("help:"), "no way out: {printed}");
    kept(name, &printed);
}

macro_rules! files {
    ($($name:ident)*) => {
        $(#[test] fn $name() { file(stringify!($name)); })*

        #[test]
        fn every_file_is_tried() {
            let tried = [$(stringify!($name)),*];
            for entry in std::fs::read_dir(folder()).expect("the folder") {
                let path = entry.expect("an entry").path();
                if path.extension().is_some_and(|e| e == "yaml") {
                    let name = path.file_stem().and_then(|n| n.to_str()).expect("a name");
                    assert!(tried.contains(&name) || name == "owner_appended", "{name} is not tried");
                }
            }
        }
    };
}

files! {
    connections parameters secrets_readable secrets_unread secrets_written
    a_list a_text allow anchors_bad archive_names bad_keys cycle dangling dangling_keys definitions duplicate_keys
    empty_stack environment expiry integer_edges key_in_two_sections messages missing_code missing_keys names
    no_sections null_sections odd_yaml only_comment out_of_range patterns policies rules runtimes same_names
    several_kinds_of_fault syntax_alias_in_itself syntax_at_sign syntax_indentation syntax_infinite
    syntax_list_as_key syntax_merge_of_text syntax_missing_colon syntax_reference_unquoted
    syntax_two_documents syntax_unclosed_bracket syntax_unclosed_quote syntax_unknown_anchor
    syntax_unknown_tag table_keys tags unclosed_reference unicode_columns unknown_keys wrong_types zones
}

/// Plans a file of these bytes.
fn bytes(name: &str, bytes: &[u8]) {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("stack.yaml"), bytes).expect("written");
    let printed = treino(folder.path(), &["plan", "stack.yaml"], &[]);
    assert!(printed.ends_with("[exit 2]"), "{printed}");
    kept(name, &printed);
}

#[test]
fn bytes_no_editor_shows() {
    bytes("bytes_empty", b"");
    bytes("bytes_tab", b"stack: lab\nbuckets:\n\timages: {}\n");
    bytes(
        "bytes_windows",
        b"stack: lab\r\nbuckets:\r\n  images: {}\r\ntables:\r\n  t: { partition_ky: id }\r\n",
    );
    bytes(
        "bytes_mark",
        b"\xef\xbb\xbfstak: lab\nbuckets:\n  images: { color: blue }\n",
    );
    bytes(
        "bytes_latin1",
        b"stack: lab\ndescription: caff\xe8\nbuckets: { images: {} }\n",
    );
    bytes("bytes_utf16", b"\xff\xfes\0t\0a\0c\0k\0");
    bytes("bytes_binary", b"\x7fELF\x02\x01\0\0\xff\xfe");
    bytes("bytes_nul", b"stack: lab\0\nbuckets: { images: {} }\n");
}

#[test]
fn a_huge_file_is_not_read() {
    bytes("bytes_huge", &vec![b'#'; 5 * 1024 * 1024]);
}

/// Each is refused in no time, without running out of stack or memory.
#[test]
fn nesting_and_aliases_that_explode() {
    let began = Instant::now();
    let deep = |open: &str, close: &str| open.repeat(20_000) + &close.repeat(20_000);
    let blocks: String = (1..1500).map(|depth| " ".repeat(depth) + "a:\n").collect();
    let laughs: Vec<String> = ('b'..='i')
        .map(|name| {
            let before = char::from_u32(name as u32 - 1).expect("a letter");
            let nine = vec![format!("*{before}"); 9].join(",");
            format!("{name}: &{name} [{nine}]\n")
        })
        .collect();
    let laughs = laughs.concat();
    for text in [
        "stack: ".to_owned() + &deep("[", ""),
        "stack: lab\nbuckets: ".to_owned() + &deep("{a: ", "}"),
        format!("stack: lab\nbuckets:\n{blocks}"),
        format!("stack: lab\na: &a [x,x,x,x,x,x,x,x,x]\n{laughs}"),
    ] {
        let diagnostics =
            stack::read(Source::new("deep.yaml", text), Path::new(""), None).expect_err("too deep");
        let text = treino::report::diagnostics(&diagnostics);
        assert!(
            text.contains("too deep") || text.contains("multipl"),
            "{text}"
        );
    }
    assert!(began.elapsed() < Duration::from_secs(20));
}

#[test]
fn ten_thousand_lines_are_fast() {
    // As many resources as a stack may have, ten lines each.
    let lines = |key: &str| -> String {
        let keys = (0..1_000).map(|n| {
            let tens: String = (0..9).map(|m| key.replace('N', &m.to_string())).collect();
            format!("  b{n}:\n    versioning: true\n{tens}")
        });
        "stack: lab\nbuckets:\n".to_owned() + &keys.collect::<String>()
    };
    let began = Instant::now();
    let read = |text| stack::read(Source::new("long.yaml", text), Path::new(""), None);
    assert!(read(lines("    # line N\n")).is_ok());
    let diagnostics = read(lines("    colorN: red\n")).expect_err("no such key");
    assert_eq!(diagnostics.0.len(), 9_000);
    let text = treino::report::diagnostics(&diagnostics);
    assert!(text.contains("and 8950 more errors"), "{text}");
    assert!(
        began.elapsed() < Duration::from_secs(20),
        "{:?}",
        began.elapsed()
    );
}

#[test]
fn files_that_are_not_there() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::create_dir_all(folder.path().join("stacks")).expect("a folder");
    std::fs::write(folder.path().join("stacks/lab.yaml"), "stack: lab\n").expect("written");
    for (name, argument) in [
        ("call_file_not_found", "nowhere.yaml"),
        ("call_folder", "stacks"),
        ("call_name_with_a_file", "lab"),
        ("call_name_without_a_file", "image-metadata"),
    ] {
        let printed = treino(folder.path(), &["plan", argument], &[]);
        assert!(printed.ends_with("[exit 2]"), "{printed}");
        kept(name, &printed);
    }
}

/// A stack that is right, in a folder of its own.
fn right() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let text = "stack: lab\nbuckets: { images: {} }\n";
    std::fs::write(folder.path().join("lab.yaml"), text).expect("written");
    folder
}

#[test]
fn calls_that_cannot_be_meant() {
    let folder = right();
    let mut printed = Vec::new();
    for arguments in [
        &["plan"][..],
        &["plan", "lab.yaml", "--owner", "Ana María"],
        &["plan", "lab.yaml", "--owner", ""],
        &["plan", "lab.yaml", "--region", "eu-west"],
        &["plan", "lab.yaml", "--endpoint-url", "localhost:4566"],
        &[
            "plan",
            "lab.yaml",
            "--local",
            "--endpoint-url",
            "http://127.0.0.1:4566",
        ],
        &["plan", "lab.yaml", "--color", "sometimes"],
        &["pln", "lab.yaml"],
    ] {
        let one = treino(folder.path(), arguments, &[]);
        assert!(one.ends_with("[exit 2]"), "{one}");
        printed.push(one);
    }
    kept("call_usage", &printed.join("\n\n"));
}

const KEYS: [(&str, &str); 2] = [("AWS_ACCESS_KEY_ID", "x"), ("AWS_SECRET_ACCESS_KEY", "y")];

#[test]
fn an_aws_that_cannot_be_reached() {
    let folder = right();
    let west = ["plan", "lab.yaml", "--region", "eu-west-1"];
    let with = |more: &[&'static str]| [&west, more].concat();
    let printed = [
        treino(folder.path(), &["plan", "lab.yaml"], &KEYS),
        treino(folder.path(), &west, &[]),
        treino(folder.path(), &with(&["--profile", "nobody"]), &[]),
        treino(
            folder.path(),
            &["plan", "lab.yaml"],
            &[("AWS_REGION", "europe"), KEYS[0], KEYS[1]],
        ),
    ];
    for one in &printed {
        assert!(one.ends_with("[exit 1]"), "{one}");
    }
    kept("call_no_credentials", &printed.join("\n\n"));
    let began = Instant::now();
    let silent = treino(
        folder.path(),
        &with(&["--endpoint-url", "http://127.0.0.1:9"]),
        &KEYS,
    );
    assert!(
        began.elapsed() < Duration::from_secs(5),
        "{:?}",
        began.elapsed()
    );
    assert!(silent.ends_with("[exit 1]"), "{silent}");
    kept("call_no_answer", &silent);
}

#[test]
fn a_name_too_long_with_its_owner() {
    let arguments = ["plan", "owner_appended.yaml", "--owner", "ana"];
    let printed = treino(&folder(), &arguments, &[]);
    assert!(printed.ends_with("[exit 2]"), "{printed}");
    kept("owner_appended", &printed);
}

fn target() -> Target {
    Target {
        partition: "aws".into(),
        region: "eu-west-1".into(),
        account: "123456789012".into(),
        stack: "lab".into(),
        owner: None,
    }
}

#[test]
fn anchors_merges_and_nothing_written_are_fine() {
    let text = "
stack: lab
description:
tags:
buckets:
  images:
functions:
  a: &base
    code: code
    handler: app.handler
    runtime: python3.13
    memory: 512
  b:
    <<: *base
    memory: 1024
  c:
    <<: [*base]
    environment:
outputs:
";
    let source = Source::new("stack.yaml", text);
    let (loaded, _) = stack::read(source, &folder(), None).expect("it is right");
    let (desired, _) = loaded.expand(&target()).expect("it is right");
    let memory: Vec<_> = ["a", "b", "c"]
        .map(|key| {
            desired.resources[&stack::Address::new(stack::Kind::Function, key)].spec["memory"]
                .clone()
        })
        .into();
    assert_eq!(memory, [512, 1024, 512]);
}

/// ARNs are known in advance, so two functions may name each other.
#[test]
fn functions_that_name_each_other_are_fine() {
    let text = "
stack: lab
functions:
  a: { code: code, handler: app.handler, runtime: python3.13, environment: { OTHER: \"${b.arn}\" } }
  b: { code: code, handler: app.handler, runtime: python3.13, environment: { OTHER: \"${a.arn}\" } }
";
    let source = Source::new("stack.yaml", text);
    let (loaded, _) = stack::read(source, &folder(), None).expect("it is right");
    let (desired, _) = loaded.expand(&target()).expect("it is right");
    let a = &desired.resources[&stack::Address::new(stack::Kind::Function, "a")];
    assert_eq!(
        a.spec["environment"]["OTHER"],
        "arn:aws:lambda:eu-west-1:123456789012:function:lab-b"
    );
    let plan = deploy(
        &desired,
        &ActualState::default(),
        &std::collections::BTreeSet::new(),
    );
    let mut schedule =
        treino::engine::Schedule::new(plan.steps.iter().map(|s| s.after.clone()).collect());
    let mut done = 0;
    loop {
        let ready = schedule.ready();
        if ready.is_empty() {
            break;
        }
        done += ready.len();
        for step in ready {
            schedule.done(step);
        }
    }
    assert_eq!(done, plan.steps.len(), "nothing waits for itself");
}
