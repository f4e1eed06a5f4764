//! The documents name only what exists: links and their anchors, files, modules and items, tests of the extension.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use regex::Regex;

use crate::support::repository;

/// The files below a folder whose name ends so, relative to the repository.
fn files(folder: &str, ending: &str) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(repository(folder)).unwrap() {
        let entry = entry.unwrap();
        let path = format!("{folder}/{}", entry.file_name().to_str().unwrap());
        if entry.path().is_dir() {
            found.extend(files(&path, ending));
        } else if path.ends_with(ending) {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn text(path: &str) -> String {
    std::fs::read_to_string(repository(path)).unwrap()
}

/// Each document with its text, without code blocks and without the table of former names.
fn documents() -> Vec<(String, String)> {
    let code = Regex::new("(?s)```.*?```").unwrap();
    let mut paths = files("docs", ".md");
    paths.extend(["README.md", "README.pt-BR.md", "CHANGELOG.md"].map(String::from));
    paths
        .into_iter()
        .map(|path| {
            let all = text(&path);
            let current = all.split("\n## Former names\n").next().unwrap();
            let prose = code.replace_all(current, "").into_owned();
            (path, prose)
        })
        .collect()
}

/// The texts in backticks.
fn quoted(prose: &str) -> impl Iterator<Item = &str> {
    prose.split('`').skip(1).step_by(2)
}

/// GitHub's anchors of a document's headings.
fn anchors(path: &Path) -> BTreeSet<String> {
    let text = std::fs::read_to_string(path).unwrap();
    let headings = text.lines().filter(|line| line.starts_with('#'));
    headings
        .map(|line| {
            let heading = line.trim_start_matches('#').trim().to_lowercase();
            let kept = |c: &char| c.is_alphanumeric() || "-_ ".contains(*c);
            heading.chars().filter(kept).collect::<String>()
        })
        .map(|heading| heading.replace(' ', "-"))
        .collect()
}

#[test]
fn links_lead_somewhere() {
    let link = Regex::new(r"\]\(([^)#]*)#?([^)]*)\)").unwrap();
    let mut wrong = Vec::new();
    let mut count = 0;
    for (document, prose) in documents() {
        for found in link.captures_iter(&prose) {
            if found[1].starts_with("https:") {
                continue;
            }
            count += 1;
            let file = match &found[1] {
                "" => repository(&document),
                relative => repository(&document).with_file_name(relative),
            };
            let anchor = &found[2];
            if !file.exists() || !(anchor.is_empty() || anchors(&file).contains(anchor)) {
                wrong.push(format!("{document}: {}", &found[0]));
            }
        }
    }
    assert!(count > 10, "the links are found");
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn files_named_in_documents_exist() {
    let path = Regex::new(r"^(src|tests|docs|stacks)/[\w./-]+$").unwrap();
    let mut wrong = Vec::new();
    let mut count = 0;
    for (document, prose) in documents() {
        for name in quoted(&prose).filter(|name| path.is_match(name)) {
            count += 1;
            if !repository(name).exists() {
                wrong.push(format!("{document}: {name}"));
            }
        }
    }
    assert!(count > 20, "the paths are found");
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// Whether the source has the item of a path such as `plan::Ownership` or `engine::survey`.
fn is_item(path: &str, sources: &[(String, String)]) -> bool {
    let (modules, item) = path.rsplit_once("::").unwrap();
    let mut folder = PathBuf::from("src");
    for module in modules.split("::") {
        // What follows a type is one of its fields, functions or variants.
        if module.starts_with(char::is_uppercase) {
            break;
        }
        folder.push(module);
    }
    let folder = folder.to_str().unwrap();
    let keyword = r"\b(fn|struct|enum|trait|type|mod|const|static)\s+";
    let definition = format!(r"(?m){keyword}{item}\b|^\s*(pub )?{item}(:|,|\(|\s*\{{|$)");
    let definition = Regex::new(&definition).unwrap();
    sources
        .iter()
        .filter(|(file, _)| {
            let below = file.strip_prefix(folder);
            below.is_some_and(|rest| rest.starts_with('/') || rest == ".rs")
        })
        .any(|(_, text)| definition.is_match(text))
}

#[test]
fn items_named_in_documents_exist() {
    let item = Regex::new(r"^[a-z_]+(::\w+)+$").unwrap();
    let sources: Vec<_> = files("src", ".rs")
        .into_iter()
        .map(|path| (path.clone(), text(&path)))
        .collect();
    let is_module = |name: &str| {
        let folder = format!("src/{}/", name.split("::").next().unwrap());
        sources.iter().any(|(file, _)| file.starts_with(&folder))
    };
    let mut wrong = Vec::new();
    let mut count = 0;
    for (document, prose) in documents() {
        let names = quoted(&prose).filter(|name| item.is_match(name) && is_module(name));
        for name in names {
            count += 1;
            if !is_item(name, &sources) {
                wrong.push(format!("{document}: {name}"));
            }
        }
    }
    assert!(count > 20, "the items are found");
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    assert!(!is_item("aws::resources::pages", &sources));
    assert!(is_item("aws::transport::pages", &sources));
}

#[test]
fn tests_of_the_extension_named_in_documents_exist() {
    let name = Regex::new(r"\btest_\w+").unwrap();
    let tests = files("tests/extension", ".py");
    let code: String = tests.iter().map(|path| text(path)).collect();
    let mut wrong = Vec::new();
    let mut count = 0;
    for (document, prose) in documents() {
        for found in quoted(&prose).flat_map(|quoted| name.find_iter(quoted)) {
            count += 1;
            let found = found.as_str();
            let is_function = code.contains(&format!("def {found}("));
            let is_file = tests
                .iter()
                .any(|path| path.ends_with(&format!("/{found}.py")));
            if !is_function && !is_file {
                wrong.push(format!("{document}: {found}"));
            }
        }
    }
    assert!(count > 50, "the tests are found");
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}
