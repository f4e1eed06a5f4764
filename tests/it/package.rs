//! What is handed out: the source package of cargo and pip holds what a build needs, and nothing else that is large.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use regex::Regex;

use crate::support::repository;

/// The files of the package, by their paths.
fn packaged() -> BTreeSet<String> {
    let cargo = Command::new(env!("CARGO"))
        .args(["package", "--list", "--allow-dirty", "--offline", "--quiet"])
        .current_dir(repository(""))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&cargo.stderr);
    assert!(cargo.status.success(), "{said}");
    let listed = String::from_utf8(cargo.stdout).unwrap();
    // On Windows with its own separators.
    listed.lines().map(|path| path.replace('\\', "/")).collect()
}

fn files(folder: &str) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(repository(folder)).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        let path = format!("{folder}/{name}");
        if !entry.path().is_dir() {
            found.push(path);
        } else if name != "__pycache__" && !name.starts_with('.') {
            found.extend(files(&path));
        }
    }
    found
}

#[test]
fn the_package_is_whole_and_small() {
    let packaged = packaged();
    let mut needed: BTreeSet<String> = ["src", "stacks", "definitions", "lambdas"]
        .into_iter()
        .flat_map(files)
        .collect();
    needed.extend(
        [
            "Cargo.lock",
            "Cargo.toml",
            "LICENSE-APACHE",
            "LICENSE-MIT",
            "README.md",
            "pyproject.toml",
        ]
        .map(String::from),
    );
    // What the source embeds, wherever it is.
    let embeds = Regex::new(r#"include_(?:str|bytes)!\("([^"]+)"\)|"(tests/[^"]+\.jpg)""#).unwrap();
    let mut count = 0;
    for path in files("src").iter().filter(|path| path.ends_with(".rs")) {
        let text = std::fs::read_to_string(repository(path)).unwrap();
        for found in embeds.captures_iter(&text) {
            count += 1;
            let target = match (found.get(1), found.get(2)) {
                (Some(relative), _) => repository(path).with_file_name("").join(relative.as_str()),
                (None, from_root) => repository(from_root.unwrap().as_str()),
            };
            let target = target
                .canonicalize()
                .unwrap_or_else(|error| panic!("{path}: {error}"));
            let target = target
                .strip_prefix(repository("").canonicalize().unwrap())
                .unwrap();
            needed.insert(target.to_str().unwrap().replace('\\', "/"));
        }
    }
    assert!(count > 10, "what is embedded is found");
    let missing: Vec<&String> = needed.difference(&packaged).collect();
    assert!(missing.is_empty(), "not in the package: {missing:?}");
    let mut total = 0;
    for path in &packaged {
        // Cargo makes some of them.
        let size = std::fs::metadata(repository(path)).map_or(0, |file| file.len());
        assert!(size < 1_000_000, "{path} has {size} bytes");
        assert!(
            !path.starts_with('.') || path == ".cargo_vcs_info.json",
            "{path}"
        );
        total += size;
    }
    // crates.io takes 10 MB of it compressed, which is a fifth of this.
    assert!(total < 10_000_000, "{total} bytes");
}

/// A value of a table of TOML, which may be a text or a list on one line.
fn value<'t>(text: &'t str, key: &str) -> &'t str {
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix(&format!("{key} = ")));
    line.unwrap_or_else(|| panic!("no {key}"))
}

#[test]
fn the_wheel_says_what_the_crate_says() {
    let read = |path: &str| std::fs::read_to_string(repository(path)).unwrap();
    let (cargo, python) = (read("Cargo.toml"), read("pyproject.toml"));
    for key in ["name", "description", "readme", "license", "keywords"] {
        assert_eq!(value(&python, key), value(&cargo, key), "{key}");
    }
    assert_eq!(value(&python, "dynamic"), r#"["version"]"#);
    assert_eq!(value(&python, "bindings"), r#""bin""#);
    assert!(Path::new(&repository(".ci/wheel")).is_file());
    assert!(
        read(".ci/run")
            .lines()
            .any(|line| line == "part 'wheel' .ci/wheel")
    );
    assert!(read("README.md").contains("\npip install .\n"));
}
