//! Files with one error each, as people make them: one message, at the error, with a way out.
//!
//! `errors.txt` says what text of each file holds the error.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::support::{CommandResult, World};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/cases/one_fault")
}

/// Runs `treino check` with nothing of this machine's: no home, no credentials, no variables.
pub(crate) fn check(within: &Path, arguments: &[&str]) -> CommandResult {
    let home = tempfile::tempdir().expect("a folder");
    CommandResult::of(
        Command::new(env!("CARGO_BIN_EXE_treino"))
            .arg("check")
            .args(arguments)
            .current_dir(within)
            .env_clear()
            .env("HOME", home.path()),
    )
}

/// The text that holds each file's error.
fn errors() -> BTreeMap<String, String> {
    let text = std::fs::read_to_string(folder().join("errors.txt")).expect("errors.txt");
    text.lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| {
            let (file, error) = line.split_once(": ").expect("file: text");
            let error = serde_json::from_str(error).expect("a JSON text");
            (file.to_owned(), error)
        })
        .collect()
}

/// The byte a line and column, as `treino check` counts them, stand for.
fn offset(text: &str, place: &Value) -> usize {
    let number = |key: &str| {
        let number = place[key].as_u64().expect("a number");
        usize::try_from(number).expect("a place") - 1
    };
    let before = text.split_inclusive('\n').take(number("line"));
    let start: usize = before.map(str::len).sum();
    let mut letters = text[start..].char_indices();
    start + letters.nth(number("column")).map_or(0, |(at, _)| at)
}

/// Compares with what stands beside the cases.
fn kept(name: &str, printed: &str) {
    let mut settings = insta::Settings::new();
    settings.set_snapshot_path(folder());
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, printed));
}

/// One message of this severity, all of it within the error, with a way out, as it was seen before.
#[track_caller]
fn one(file: &str, severity: &str) {
    let strict: &[&str] = match severity {
        "warning" => &["--strict"],
        _ => &[],
    };
    let events = check(&folder(), &[&["--json", file], strict].concat()).ends(2);
    let diagnostics = events.events("problem");
    assert_eq!(diagnostics.len(), 1, "{diagnostics:#?}");
    let diagnostic = &diagnostics[0];
    assert_eq!(diagnostic["file"], file);
    assert_eq!(diagnostic["severity"], severity);
    assert!(!diagnostic["help"].as_str().unwrap_or_default().is_empty());

    let text = std::fs::read_to_string(folder().join(file)).expect("the file");
    let error = &errors()[file];
    let from = text.find(error.as_str()).expect("the fault is in the file");
    let (start, end) = (offset(&text, diagnostic), offset(&text, &diagnostic["end"]));
    assert!(
        from <= start && start <= end && end <= from + error.len(),
        "bytes {start} to {end} are not within `{error}`, {from} to {}",
        from + error.len()
    );

    let printed = check(&folder(), &[&[file], strict].concat()).ends(2);
    assert_eq!(printed.err, "");
    assert!(printed.out.contains("help: "), "{}", printed.out);
    kept(file, &printed.out);
}

macro_rules! files {
    ($(errors $ending:literal: $($error:ident)*;)* doubts $doubtful:literal: $($doubt:ident)*;) => {
        $($(#[test] fn $error() { one(concat!(stringify!($error), $ending), "error"); })*)*
        $(#[test] fn $doubt() { one(concat!(stringify!($doubt), $doubtful), "warning"); })*

        #[test]
        fn every_file_is_tried() {
            let mut tried = vec![
                $($(concat!(stringify!($error), $ending),)*)*
                $(concat!(stringify!($doubt), $doubtful),)*
            ];
            tried.sort_unstable();
            let listed = errors();
            assert_eq!(tried, listed.keys().map(String::as_str).collect::<Vec<_>>());
            let mut there: Vec<String> = std::fs::read_dir(folder())
                .expect("the folder")
                .map(|entry| entry.expect("an entry").file_name().into_string().expect("UTF-8"))
                .filter(|name| name.ends_with(".yaml") || name.ends_with(".json"))
                .collect();
            there.sort_unstable();
            assert_eq!(tried, there);
        }
    };
}

files! {
    errors ".asl.json":
        backoff_below_one branch_that_leads_out branch_with_state_of_same_name
        catch_without_next choice_rule_with_end choice_with_next choice_without_choices
        choice_without_variable choice_wrong_operator choice_wrong_value comment_in_json
        distributed_without_type end_as_text field_in_small_letters function_as_resource
        heartbeat_over_timeout integration_misspelt intrinsic_arguments intrinsic_misspelt jsonata_bracket
        jsonata_choice_with_variable jsonata_input_without_dollar jsonata_not_closed
        jsonata_two_equals jsonata_unsaid jsonata_whole_input jsonata_with_parameters
        jsonata_with_result_path literal_under_dollar_key map_with_iterator_too
        map_without_processor missing_comma neither_next_nor_end next_and_end next_misspelt
        no_end output_in_jsonpath parameter_in_small_letters parameters_in_wrong_place
        path_not_closed path_without_dollar required_parameter service_misspelt start_misspelt
        starts_at state_nothing_leads_to states_all_not_last states_all_with_others
        states_misspelt succeed_with_end timeout_as_text trailing_comma waits_with_wrong_pattern
        wrong_state_type;
    errors ".yaml":
        action_without_service allow_without_resources bucket_name bucket_of_rule_missing
        cloudformation_reference code_missing colon_without_blank definition_missing
        equals_for_colon expires expression_unquoted handler_missing indentation key_misspelt
        key_twice list_for_mapping machine_missing memory_too_small number_as_variable
        pseudo_parameter quote_not_closed reference_to_nothing reference_to_unknown_attribute
        required_key rule_key_misspelt runtime_misspelt runtime_retired schedule schedule_unit section_as_list
        section_misspelt stack_name tab via_unknown wrong_type;
    doubts ".asl.json":
        choice_without_default jsonata_with_dollar_key path_as_text
        region_in_integration variable_misspelt;
}

/// A folder with these files.
pub(crate) fn folder_with(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, text) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        std::fs::write(path, text).expect("written");
    }
    folder
}

const RIGHT: &str = "stack: lab\nbuckets: { images: {} }\n";
const MACHINE: &str = r#"{"StartAt": "A", "States": {"A": {"Type": "Choice", "Choices": [
    {"Variable": "$.a", "IsNull": true, "Next": "B"}]}, "B": {"Type": "Succeed"}}}"#;

#[test]
fn a_file_that_is_right_ends_well() {
    let folder = folder_with(&[("lab.yaml", RIGHT)]);
    let ran = check(folder.path(), &["lab.yaml"]).ends(0);
    assert_eq!(ran.out, "1 file, nothing wrong\n");
    check(folder.path(), &["--strict", "lab.yaml"]).ends(0);
}

#[test]
fn a_json_file_with_a_section_is_meant_as_a_stack() {
    let folder = folder_with(&[("stack.json", r#"{"buckets": {"b": {}}}"#)]);
    check(folder.path(), &["stack.json"])
        .ends(2)
        .says("the stack file lacks `stack`");
}

/// Fields of another form than the text that stands there, and the help that leads to a right file.
#[test]
fn the_help_of_a_wrong_type_is_right_when_followed() {
    for (field, help) in [
        ("timeout: 5m", "write the number of seconds alone: 300"),
        ("timeout: 1:30", "write the number of seconds alone: 90"),
        (
            "timeout: 20m",
            "write a whole number from 1 to 900, in seconds: this is 1200",
        ),
        ("memory: 1GB", "write the number of MiB alone: 1024"),
        (
            "allow: s3:GetObject",
            "write it as a list of mappings: [{ actions: [\"s3:GetObject\"], resources: [\"${key.arn}\"] }]",
        ),
        (
            "allow: [s3:GetObject]",
            "write it as a mapping: { actions: [\"s3:GetObject\"], resources: [\"${key.arn}\"] }",
        ),
        (
            "environment: { Variables: { AA: x } }",
            "remove `Variables:`",
        ),
    ] {
        let stack = format!(
            "stack: lab\nfunctions: {{ f: {{ code: code, handler: app.handler, runtime: python3.13, {field} }} }}\n"
        );
        let folder = folder_with(&[
            ("lab.yaml", &stack),
            ("code/app.py", "def handler(e, c): pass\n"),
        ]);
        let ran = check(folder.path(), &["lab.yaml"]).ends(2);
        assert!(ran.out.contains(help), "{field}: {}", ran.out);
        assert!(
            ran.out.ends_with("1 file, 1 error\n"),
            "{field}: {}",
            ran.out
        );
    }
    let folder = folder_with(&[
        (
            "expires.yaml",
            "stack: lab\nexpires: 8\ntopics: { t: {} }\nrules: { r: { schedule: 5, start: t } }\n",
        ),
        (
            "topic.yaml",
            "stack: lab\ntopics: { t: { subscriptions: q } }\nqueues: { q: {} }\n",
        ),
    ]);
    check(folder.path(), &["expires.yaml"])
        .ends(2)
        .says("write it with its unit, such as 8h for hours or 8d for days")
        .says("write it as a rate: rate(5 minutes)");
    check(folder.path(), &["topic.yaml"])
        .ends(2)
        .says("write it as a list of mappings: [{ to: q }]");
}

#[test]
fn warnings_end_badly_only_if_strict() {
    let folder = folder_with(&[("m.asl.json", MACHINE)]);
    check(folder.path(), &["m.asl.json"])
        .ends(0)
        .says("has no `Default`")
        .says("1 file, 1 warning\n");
    check(folder.path(), &["--strict", "m.asl.json"]).ends(2);
}

#[test]
fn several_files_are_summed_up() {
    let folder = folder_with(&[
        ("a.yaml", RIGHT),
        ("b.yaml", "stak: lab\nbuckets: { images: {} }\n"),
        ("m.asl.json", MACHINE),
    ]);
    let ran = check(folder.path(), &["--json", "a.yaml", "b.yaml", "m.asl.json"]).ends(2);
    let sums = ran.events("checked");
    assert_eq!(sums.len(), 1);
    assert_eq!(
        sums[0],
        serde_json::json!({ "event": "checked", "files": 3, "errors": 1, "warnings": 1 })
    );
    assert_eq!(ran.err, "");
    let files: Vec<String> = ran
        .events("problem")
        .iter()
        .map(|diagnostic| diagnostic["file"].to_string())
        .collect();
    assert_eq!(files, ["\"b.yaml\"", "\"m.asl.json\""]);
}

/// Two stacks share a definition, and it is named itself, too: its warning is said once.
#[test]
fn what_several_files_bring_along_is_said_once() {
    let stack = |name: &str| {
        format!(
            "stack: {name}\nstate_machines:\n  m: {{ definition: ../parts/m.asl.json }}\n  n: {{ definition: ../parts/../parts/m.asl.json }}\n"
        )
    };
    let folder = folder_with(&[
        ("stacks/a.yaml", &stack("one")),
        ("stacks/b.yaml", &stack("two")),
        ("parts/m.asl.json", MACHINE),
    ]);
    let arguments = ["stacks/a.yaml", "stacks/b.yaml", "parts/m.asl.json"];
    check(folder.path(), &arguments)
        .ends(0)
        .says("3 files, 1 warning\n");
}

#[test]
fn a_folder_stands_for_the_files_right_in_it() {
    let folder = folder_with(&[
        ("labs/a.yaml", RIGHT),
        ("labs/b.yml", RIGHT),
        ("labs/m.asl.json", MACHINE),
        ("labs/package.json", "{}"),
        ("labs/deeper/c.yaml", "stack: 3"),
        ("empty/readme.md", ""),
    ]);
    check(folder.path(), &["labs", "labs/a.yaml"])
        .ends(0)
        .says("3 files, 1 warning\n");
    check(folder.path(), &["empty"])
        .ends(2)
        .says("the folder `empty` has no stack file and no definition");
}

#[test]
fn more_problems_than_a_person_mends_at_once_are_all_printed() {
    let keys: Vec<String> = (0..60)
        .map(|n| format!("  b{n}: {{ color: red }}\n"))
        .collect();
    let keys = keys.concat();
    let folder = folder_with(&[("lab.yaml", &format!("stack: lab\nbuckets:\n{keys}"))]);
    let ran = check(folder.path(), &["lab.yaml"]).ends(2);
    assert_eq!(ran.out.matches("has no key `color`").count(), 60);
    assert!(ran.out.ends_with("1 file, 60 errors\n"));
}

/// What cannot be checked, and calls that name nothing.
#[test]
fn calls_that_cannot_be_meant() {
    let folder = folder_with(&[
        ("stacks/lab.yaml", RIGHT),
        ("notes.txt", "stack: lab"),
        ("m.asl.yaml", "StartAt: A"),
    ]);
    let calls: [&[&str]; 6] = [
        &[],
        &["nowhere.yaml"],
        &["nowhere.asl.json"],
        &["notes.txt"],
        &["m.asl.yaml"],
        &["--json", "nowhere.yaml"],
    ];
    let printed: Vec<String> = calls
        .iter()
        .map(|arguments| {
            let ran = check(folder.path(), arguments).ends(2);
            format!(
                "$ treino check {}\n{}{}",
                arguments.join(" "),
                ran.out,
                ran.err
            )
        })
        .collect();
    kept("calls", &printed.join("\n"));
}

/// The project's own files, as CI would check them.
#[test]
fn the_labs_of_this_repository_are_right() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    check(root, &["--strict", "stacks", "definitions"]).ends(0);
}

/// The checks are made twice, for any target and for the real one: that is not to be seen.
#[test]
fn a_plan_says_a_warning_once() {
    let stack = "stack: lab\nstate_machines:\n  m: { definition: m.asl.json }\n";
    let folder = folder_with(&[("lab.yaml", stack), ("m.asl.json", MACHINE)]);
    let file = folder.path().join("lab.yaml");
    let world = World::new("a_plan_says_a_warning_once");
    let ran = world
        .treino(&["plan", file.to_str().expect("UTF-8")])
        .ends(0);
    assert_eq!(
        ran.err.matches("has no `Default`").count(),
        1,
        "{}",
        ran.err
    );
}
