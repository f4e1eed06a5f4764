//! `docs/aws-behaviours.md` and the tests agree.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// The rows of both tables.
const ROWS: std::ops::RangeInclusive<u32> = 1..=59;

fn page() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/aws-behaviours.md");
    std::fs::read_to_string(path).unwrap()
}

/// The numbers of all rows, in the order of the page.
fn numbers() -> Vec<u32> {
    let page = page();
    let numbers = page.lines().filter_map(|line| {
        let (number, _) = line.strip_prefix("| ")?.split_once(" | ")?;
        number.parse().ok()
    });
    numbers.collect()
}

/// The test function that each row of the first table names.
fn rows() -> BTreeMap<u32, String> {
    let page = page();
    let rows = page.lines().filter_map(|line| {
        let cells: Vec<&str> = line.split(" | ").collect();
        let [number, _, _, _, test] = cells.as_slice() else {
            return None;
        };
        let number = number.strip_prefix("| ")?.parse().ok()?;
        let test = test.strip_suffix(" |")?.trim_matches('`');
        Some((number, test.to_owned()))
    });
    rows.collect()
}

/// The names of all test functions in a folder.
fn tests(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            tests(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            let text = std::fs::read_to_string(&path).unwrap();
            let mut is_test = false;
            for line in text.lines().map(str::trim) {
                if line.starts_with("#[test]") || line.starts_with("#[tokio::test") {
                    is_test = true;
                } else if let Some((_, rest)) = line.split_once("fn ") {
                    let name = rest.split('(').next().unwrap_or_default();
                    found.extend(is_test.then(|| name.to_owned()));
                    is_test = false;
                }
            }
        }
    }
}

#[test]
fn each_row_names_a_test_and_each_test_has_a_row() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut tests_found = BTreeSet::new();
    tests(&root.join("tests/it"), &mut tests_found);
    tests(&root.join("src"), &mut tests_found);
    let rows = rows();
    let mut numbers = numbers();
    numbers.sort_unstable();
    assert_eq!(numbers, ROWS.collect::<Vec<u32>>());
    let missing: Vec<_> = rows
        .iter()
        .filter(|(_, test)| !tests_found.contains(*test))
        .collect();
    assert!(missing.is_empty(), "no such tests: {missing:?}");
    let without_row: Vec<_> = tests_found
        .iter()
        .filter_map(|test| Some((test, test.strip_prefix("row_")?.get(..2)?.parse().ok()?)))
        .filter(|(_, number): &(_, u32)| !rows.contains_key(number))
        .collect();
    assert!(
        without_row.is_empty(),
        "tests without a row: {without_row:?}"
    );
}
