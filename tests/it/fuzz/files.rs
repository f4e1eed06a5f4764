//! Stack files and definitions.

use std::sync::atomic::{AtomicU64, Ordering};

use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::Value;
use treino::asl;
use treino::history::DefinitionFacts;
use treino::source::{Diagnostics, Source};

use super::texts::{self, DEFINITIONS};
use super::{trees, tried};
use crate::properties::{drawn, look_in};
use crate::support::CommandResult;

/// Everything that is done with a definition before a call to AWS.
pub fn definition(text: &str) {
    let source = Source::new("a.asl.json", text);
    let diagnostics = match asl::load(&source) {
        Ok((definition, mut diagnostics)) => {
            diagnostics.extend(asl::check_express(&definition));
            let required = asl::permissions(&definition.json, &machine());
            assert!(
                required
                    .permissions
                    .iter()
                    .all(|permission| !permission.actions.is_empty())
            );
            let _ = DefinitionFacts::of(&definition.json);
            diagnostics
        }
        Err(diagnostics) => {
            assert!(diagnostics.has_errors());
            diagnostics
        }
    };
    drawn(&diagnostics);
    anywhere(text);
}

/// The permissions and the shape of what was not checked, as AWS may hold it.
fn anywhere(text: &str) {
    if let Ok(json) = serde_json::from_str::<Value>(text) {
        let _ = asl::permissions(&json, &machine());
        let _ = DefinitionFacts::of(&json);
    }
}

fn machine() -> asl::StateMachineArn {
    asl::StateMachineArn {
        partition: "aws".into(),
        region: "us-east-1".into(),
        account: "123456789012".into(),
        name: "machine".into(),
    }
}

/// Definitions whose tree was changed, and not their letters.
fn trees() -> impl Strategy<Value = String> {
    let real = DEFINITIONS.iter();
    let real: Vec<Value> = real
        .filter_map(|file| serde_json::from_str(&file.text).ok())
        .collect();
    (any::<Index>(), trees::edits()).prop_map(move |(file, edits)| {
        trees::changed(&real[file.index(real.len())], &edits).to_string()
    })
}

/// A definition in which one text stands wherever a text can stand.
fn expressions() -> impl Strategy<Value = String> {
    let text = prop_oneof![texts::of_pieces(), any::<String>()];
    (text, any::<bool>()).prop_map(|(text, jsonata)| {
        let within = if jsonata { format!("{{% {text} %}}") } else { text };
        let language = if jsonata { "JSONata" } else { "JSONPath" };
        let fields = ["InputPath", "ResultPath", "OutputPath", "ItemsPath", "Output", "Items", "Condition"];
        let mut state = serde_json::json!({
            "Type": "Map", "End": true, "Parameters": { "a.$": within }, "Arguments": { "a": [within] },
            "Assign": { "x": within, "y.$": within }, "MaxConcurrency": within, "Comment": within,
            "ItemProcessor": { "StartAt": "B", "States": {
                "B": { "Type": "Choice", "Choices": [{ "Variable": within, "IsPresent": true, "Next": "C", "Condition": within }] },
                "C": { "Type": "Task", "Resource": within, "TimeoutSecondsPath": within, "End": true } } },
        });
        for field in fields {
            state[field] = within.as_str().into();
        }
        serde_json::json!({ "QueryLanguage": language, "StartAt": "A", "States": { "A": state } }).to_string()
    })
}

/// `treino check` on a folder of them: it says what is wrong with each, line by line.
fn checked(files: &[((std::path::PathBuf, String), String)]) {
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    let folder = tempfile::tempdir().unwrap();
    for ((_, stack), definition) in files {
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        std::fs::write(folder.path().join(format!("{number}.yaml")), stack).unwrap();
        let name = folder.path().join(format!("{number}.asl.json"));
        std::fs::write(name, definition).unwrap();
    }
    for words in [&["check", "."][..], &["check", ".", "--json", "--strict"]] {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_treino"));
        let ran = CommandResult::of(command.args(words).current_dir(folder.path()));
        assert!([0, 2].contains(&ran.code), "{ran:?}");
        if words.contains(&"--json") {
            for diagnostic in ran.events("problem") {
                let number = |field: &str| diagnostic[field].as_u64();
                assert!(diagnostic["help"].is_string(), "{diagnostic}");
                assert_eq!(number("line").is_none(), number("column").is_none());
                assert!(number("line").is_none_or(|line| line > 0), "{diagnostic}");
            }
            assert_eq!(ran.events("checked").len(), 1);
        }
    }
}

tried! {
    /// A stack file, its letters changed.
    stack_files, 400 of texts::stacks() => |(folder, text)| look_in(&folder, &text);
    /// A definition, its letters changed.
    definition_files, 1_500 of texts::definitions() => |text| definition(&text);
    /// A definition, its tree changed.
    definition_trees, 800 of trees() => |text| definition(&text);
    /// Any text as a path, an expression, an ARN, a name.
    definition_texts, 250 of expressions() => |text| definition(&text);
    /// Anything at all as a definition.
    definition_anything, 400 of any::<String>() => |text| definition(&text);
    /// The program on both.
    checks, 3 of prop::collection::vec((texts::stacks(), texts::definitions()), 20) => |files| checked(&files);
}

/// Not one of them is more than a diagnostic.
#[test]
fn the_real_files_are_looked_at() {
    for file in texts::STACKS.iter() {
        look_in(&file.folder, &file.text);
    }
    for file in DEFINITIONS.iter() {
        definition(&file.text);
    }
    let _ = Diagnostics::default();
}
