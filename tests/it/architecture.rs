//! The arrows between the modules, kept by reading the source files: see `docs/architecture.md`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// What each module may use of the others. Not listed is not allowed.
const ARROWS: &[(&str, &[&str])] = &[
    ("source", &[]),
    ("data", &[]),
    ("asl", &["source", "data"]),
    ("history", &["asl"]),
    ("stack", &["source", "data", "asl"]),
    ("plan", &["stack"]),
    ("engine", &["plan", "stack"]),
    (
        "aws",
        &[
            "history", "engine", "plan", "stack", "asl", "data", "source",
        ],
    ),
    ("local", &["source", "engine", "stack"]),
    ("build", &["source", "stack", "local"]),
    (
        "ops",
        &[
            "source", "asl", "history", "stack", "plan", "engine", "aws", "local", "build",
        ],
    ),
    (
        "class",
        &["source", "history", "stack", "plan", "engine", "aws", "ops"],
    ),
    (
        "report",
        &["ops", "history", "engine", "plan", "stack", "asl", "source"],
    ),
    (
        "cli",
        &[
            "source", "stack", "plan", "engine", "aws", "local", "ops", "class", "report",
        ],
    ),
];

struct File {
    /// Relative to `src`, with forward slashes.
    path: String,
    text: String,
}

impl File {
    /// The top module a file is part of.
    fn module(&self) -> &str {
        self.path.split(['/', '.']).next().unwrap_or_default()
    }

    fn is_test(&self) -> bool {
        self.path.contains("/tests/") || self.path.ends_with("tests.rs")
    }

    /// The code without comments and without the tests at its end.
    fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        self.text
            .lines()
            .enumerate()
            .take_while(|(_, line)| *line != "#[cfg(test)]")
            .map(|(index, line)| (index + 1, line.trim_start()))
            .filter(|(_, line)| !line.starts_with("//"))
    }
}

fn files() -> Vec<File> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    walk(&root, &root, &mut files);
    assert!(files.len() > 50, "the sources are found");
    files
}

fn walk(root: &Path, folder: &Path, files: &mut Vec<File>) {
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            walk(root, &path, files);
        } else if path.extension().is_some_and(|e| e == "rs") {
            let relative = path.strip_prefix(root).expect("below");
            let parts: Vec<_> = relative.iter().map(|part| part.to_string_lossy()).collect();
            files.push(File {
                path: parts.join("/"),
                text: std::fs::read_to_string(&path).expect("UTF-8"),
            });
        }
    }
}

/// The top modules a line names by `crate::`: also each of `crate::{a, b::c}`.
fn used(line: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for rest in line.split("crate::").skip(1) {
        let names: Vec<&str> = match rest.strip_prefix('{') {
            Some(group) => group
                .split('}')
                .next()
                .unwrap_or(group)
                .split(',')
                .collect(),
            None => vec![rest],
        };
        for name in names {
            let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
            let name: String = name.trim().chars().take_while(|c| word(*c)).collect();
            found.insert(name);
        }
    }
    found
}

/// One line for each use that no arrow allows.
fn wrong_arrows(files: &[File]) -> Vec<String> {
    let modules: Vec<&str> = ARROWS.iter().map(|(module, _)| *module).collect();
    let mut wrong = Vec::new();
    for file in files.iter().filter(|file| !file.is_test()) {
        let module = file.module();
        let Some((_, allowed)) = ARROWS.iter().find(|(name, _)| *name == module) else {
            assert!(
                ["lib", "main"].contains(&module),
                "{} has no arrows",
                file.path
            );
            continue;
        };
        for (number, line) in file.code() {
            for name in used(line) {
                let is_module = modules.contains(&name.as_str());
                if is_module && name != module && !allowed.contains(&name.as_str()) {
                    wrong.push(format!("{}:{number}: {module} uses {name}", file.path));
                }
            }
        }
    }
    wrong
}

#[test]
fn arrows_point_one_way() {
    let wrong = wrong_arrows(&files());
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn arrows_have_no_circle() {
    let mut left: Vec<_> = ARROWS.to_vec();
    while !left.is_empty() {
        let standing: BTreeSet<&str> = left.iter().map(|(module, _)| *module).collect();
        let before = left.len();
        left.retain(|(_, uses)| uses.iter().any(|module| standing.contains(module)));
        assert!(left.len() < before, "these need each other: {left:?}");
    }
}

#[test]
fn the_reader_of_arrows_reads() {
    let uses = |line: &str| used(line).into_iter().collect::<Vec<_>>().join(" ");
    assert_eq!(uses("use crate::plan::{Action, Plan};"), "plan");
    assert_eq!(uses("use crate::{plan, aws::resources};"), "aws plan");
    assert_eq!(
        uses("let x = crate::engine::now(crate::stack::a());"),
        "engine stack"
    );
    let bad = File {
        path: "plan/diff.rs".into(),
        text: "use crate::engine::ProviderError;\n// use crate::aws::Aws;\n".into(),
    };
    assert_eq!(wrong_arrows(&[bad]), ["plan/diff.rs:1: plan uses engine"]);
}

/// Lines outside these folders or files that hold one of these words.
fn outside(words: &[&str], allowed: &[&str]) -> Vec<String> {
    let mut wrong = Vec::new();
    for file in files().iter().filter(|file| !file.is_test()) {
        if allowed.iter().any(|part| file.path.starts_with(part)) {
            continue;
        }
        for (number, line) in file.code() {
            if words.iter().any(|word| line.contains(word)) {
                wrong.push(format!("src/{}:{number}: {line}", file.path));
            }
        }
    }
    wrong
}

#[test]
fn only_aws_names_an_aws_sdk() {
    let words = [
        "aws_sdk_",
        "aws_config",
        "aws_smithy",
        "aws_credential_types",
    ];
    let wrong = outside(&words, &["aws/"]);
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn only_the_edge_prints() {
    let words = [
        "println!",
        "eprintln!",
        "print!(",
        "dbg!",
        "stdout()",
        "stderr()",
    ];
    let wrong = outside(&words, &["report/", "cli/", "main.rs"]);
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// What is written elsewhere is not seen to fail.
#[test]
fn one_place_writes() {
    let words = [
        "println!",
        "eprintln!",
        "print!(",
        "anstream::stdout",
        "anstream::stderr",
        "stdout().lock",
        "stderr().lock",
    ];
    let wrong = outside(&words, &["report/written.rs"]);
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// What verbs tell is one type, and nothing else is written with `--json`.
#[test]
fn events_are_one_type() {
    let all = files();
    let others = all.iter().map(File::module);
    let others: Vec<&str> = others
        .filter(|module| !["cli", "ops", "report"].contains(module))
        .collect();
    let wrong = outside(&["json!("], &others);
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// Operations can be called by anything: what they need is an argument.
#[test]
fn operations_take_nothing_from_the_process() {
    let all = files();
    let others = all
        .iter()
        .map(File::module)
        .filter(|module| *module != "ops");
    let others: Vec<&str> = others.collect();
    let words = [
        "std::env",
        "stdin()",
        "IsTerminal",
        "OnceLock",
        "LazyLock",
        "thread_local!",
    ];
    let wrong = outside(&words, &others);
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn nothing_panics_on_purpose() {
    let words = [
        ".unwrap()",
        ".expect(",
        "panic!(",
        "unreachable!(",
        "todo!(",
        "unimplemented!(",
    ];
    let wrong = outside(&words, &[]);
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// Planning and everything below it asks nothing of the world but files and variables.
#[test]
fn plans_are_pure() {
    let rest = [
        "aws/", "build/", "class/", "cli/", "engine/", "local/", "ops/", "report/", "main.rs",
        "lib.rs",
    ];
    let words = [
        "tokio",
        "async ",
        ".await",
        "SystemTime",
        "Instant",
        "std::net::Tcp",
        "Command::",
    ];
    let wrong = outside(&words, &rest);
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// The checks, the permissions and the history go through the model of a definition.
#[test]
fn only_the_model_descends_definitions() {
    let words = [
        "get(\"States\")",
        "get(\"ItemProcessor\")",
        "get(\"Iterator\")",
    ];
    let wrong = outside(&words, &["asl/model"]);
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn files_stay_short() {
    let mut too_long = Vec::new();
    for file in files() {
        let lines = file.text.lines().count();
        if lines > 400 {
            too_long.push(format!("src/{}: {lines} lines", file.path));
        }
    }
    assert!(too_long.is_empty(), "split these:\n{}", too_long.join("\n"));
}

/// The type that a line at the top level of a file defines.
fn defined_type(line: &str) -> Option<&str> {
    let line = match line.strip_prefix("pub") {
        Some(rest) if rest.starts_with('(') => rest.split_once(") ")?.1,
        Some(rest) => rest.trim_start(),
        None => line,
    };
    let (keyword, rest) = line.split_once(' ')?;
    let is_name = |c: char| c.is_alphanumeric() || c == '_';
    let end = rest.find(|c| !is_name(c)).unwrap_or(rest.len());
    ["struct", "enum", "trait", "type"]
        .contains(&keyword)
        .then(|| &rest[..end])
}

#[test]
fn type_names_are_unique() {
    let mut places: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for file in files().iter().filter(|file| !file.is_test()) {
        let lines = file.text.lines().take_while(|line| *line != "#[cfg(test)]");
        for name in lines.filter_map(defined_type) {
            let of_name = places.entry(name.to_owned()).or_default();
            of_name.push(file.path.clone());
        }
    }
    assert!(places.contains_key("ProviderError"), "types are found");
    places.retain(|_, of_name| of_name.len() > 1);
    assert!(places.is_empty(), "types of one name: {places:#?}");
}
