//! Texts made from others by cutting, copying and putting in.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use proptest::prelude::*;
use proptest::sample::Index;

use crate::properties::PIECES;
use crate::support::repository;

/// The largest input that is tried.
const LARGEST: usize = 64 * 1024;

/// A real file.
#[derive(Debug)]
pub struct File {
    pub folder: PathBuf,
    pub text: String,
}

/// Every stack file of the repository, with the faulty ones of the tests.
pub static STACKS: LazyLock<Vec<File>> = LazyLock::new(|| files("yaml"));

/// Every definition.
pub static DEFINITIONS: LazyLock<Vec<File>> = LazyLock::new(|| files("json"));

fn files(ending: &str) -> Vec<File> {
    let mut found = Vec::new();
    for folder in ["stacks", "definitions", "tests/it/cases"] {
        walk(&repository(folder), ending, &mut found);
    }
    found.sort_by(|a, b| (&a.folder, &a.text).cmp(&(&b.folder, &b.text)));
    assert!(found.len() > 20, "{ending}");
    found
}

fn walk(folder: &Path, ending: &str, found: &mut Vec<File>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() {
            walk(&path, ending, found);
        } else if path.extension().is_some_and(|end| end == ending)
            && !["live.json", "case.json"].contains(&name.as_str())
            && let Ok(text) = std::fs::read_to_string(&path)
        {
            let folder = folder.to_path_buf();
            found.push(File { folder, text });
        }
    }
}

/// Pieces that mean something in definitions.
const OF_DEFINITIONS: &[&str] = &[
    "$",
    "$$",
    "$.",
    "$.a[0]",
    "$..a",
    "$[?(@.a == 1)]",
    "$.a[-1:]",
    "$.a[0,1]",
    "$['a b']",
    "$$.Execution.Id",
    "{% ",
    " %}",
    "{% $states.input %}",
    "$states.result",
    "$states.context",
    "States.Format('{}', $.a)",
    "States.Array(",
    "States.JsonToString($)",
    "States.MathAdd($.a, -1)",
    "'",
    "\\'",
    "\\\\",
    "\\u00e9",
    "\\ud83d\\ude80",
    "\\ud800",
    "\"Type\": \"Map\", ",
    "\"Type\": \"Parallel\", ",
    "\"End\": true, ",
    "\"Next\": \"A\", ",
    "\"QueryLanguage\": \"JSONata\", ",
    "\"Resource\": \"arn:aws:states:::lambda:invoke.waitForTaskToken\", ",
    "arn:aws:states:::aws-sdk:s3:putObject",
    "arn:aws:states:::http:invoke",
    ".$",
    "Path",
    "\"Catch\": [",
    "\"Retry\": [{",
    "\"ErrorEquals\": [\"States.ALL\"]",
    "function($x) { $x }",
    "$sum(",
    "~>",
    "^(",
    "?:",
    "[..]",
    "(($a := 1; $a))",
    "/a+/i",
    "1e400",
    "-0",
    "0.1.2",
    "null",
    "true",
    "[]",
    "{}",
    "{\"",
    "\"}",
    ",",
    ":",
];

/// One change of a text.
#[derive(Debug, Clone)]
pub enum Edit {
    Cut(Index, usize),
    Put(Index, &'static str),
    Copy(Index, usize, Index),
    Splice(Index, Index, usize, Index),
    Repeat(Index, usize, usize),
    Swap(Index, Index),
    Indent(Index, usize),
    Letter(Index, char),
}

fn edit(pieces: &'static [&'static [&'static str]]) -> impl Strategy<Value = Edit> {
    let all: Vec<&'static str> = pieces.iter().copied().flatten().copied().collect();
    let at = any::<Index>;
    prop_oneof![
        (at(), 0..60_usize).prop_map(|(at, length)| Edit::Cut(at, length)),
        (at(), prop::sample::select(all)).prop_map(|(at, piece)| Edit::Put(at, piece)),
        (at(), 1..200_usize, at()).prop_map(|(from, length, to)| Edit::Copy(from, length, to)),
        (at(), at(), 1..300_usize, at())
            .prop_map(|(file, from, length, to)| Edit::Splice(file, from, length, to)),
        (at(), 1..40_usize, 2..60_usize)
            .prop_map(|(at, length, times)| Edit::Repeat(at, length, times)),
        (at(), at()).prop_map(|(one, other)| Edit::Swap(one, other)),
        (at(), 0..9_usize).prop_map(|(line, blanks)| Edit::Indent(line, blanks)),
        (at(), any::<char>()).prop_map(|(at, letter)| Edit::Letter(at, letter)),
    ]
}

/// A place between two letters.
fn place(text: &str, at: Index) -> usize {
    floor(text, at.index(text.len() + 1))
}

fn floor(text: &str, mut at: usize) -> usize {
    at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

fn part(text: &str, from: Index, length: usize) -> &str {
    let from = place(text, from);
    &text[from..floor(text, from + length)]
}

fn apply(text: &mut String, edit: &Edit, files: &[File]) {
    match edit {
        Edit::Cut(at, length) => {
            let at = place(text, *at);
            let end = floor(text, at + length);
            text.replace_range(at..end.max(at), "");
        }
        Edit::Put(at, piece) => text.insert_str(place(text, *at), piece),
        Edit::Copy(from, length, to) => {
            let copied = part(text, *from, *length).to_owned();
            text.insert_str(place(text, *to), &copied);
        }
        Edit::Splice(file, from, length, to) => {
            let other = &files[file.index(files.len())];
            text.insert_str(place(text, *to), part(&other.text, *from, *length));
        }
        Edit::Repeat(at, length, times) => {
            let repeated = part(text, *at, *length).repeat(*times);
            text.insert_str(place(text, *at), &repeated);
        }
        Edit::Swap(one, other) => {
            let mut lines: Vec<&str> = text.split('\n').collect();
            let (one, other) = (one.index(lines.len()), other.index(lines.len()));
            lines.swap(one, other);
            *text = lines.join("\n");
        }
        Edit::Indent(line, blanks) => {
            let mut lines: Vec<String> = text.split('\n').map(String::from).collect();
            let line = line.index(lines.len());
            lines[line] = format!("{:blanks$}{}", "", lines[line].trim_start());
            *text = lines.join("\n");
        }
        Edit::Letter(at, letter) => text.insert(place(text, *at), *letter),
    }
    if text.len() > LARGEST {
        text.truncate(floor(text, LARGEST));
    }
}

fn mutated(
    files: &'static LazyLock<Vec<File>>,
    pieces: &'static [&'static [&'static str]],
) -> impl Strategy<Value = (PathBuf, String)> {
    (any::<Index>(), prop::collection::vec(edit(pieces), 1..6)).prop_map(move |(file, edits)| {
        let file = &files[file.index(files.len())];
        let mut text = file.text.clone();
        for edit in &edits {
            apply(&mut text, edit, files);
        }
        (file.folder.clone(), text)
    })
}

/// Stack files, more or less, with the folder what they name is in.
pub fn stacks() -> impl Strategy<Value = (PathBuf, String)> {
    mutated(&STACKS, &[PIECES])
}

/// Definitions, more or less.
pub fn definitions() -> impl Strategy<Value = String> {
    mutated(&DEFINITIONS, &[PIECES, OF_DEFINITIONS]).prop_map(|(_, text)| text)
}

/// A text's pieces that mean something in a definition, one after the other.
pub fn of_pieces() -> impl Strategy<Value = String> {
    let pieces = [PIECES, OF_DEFINITIONS].concat();
    prop::collection::vec(prop::sample::select(pieces), 0..12).prop_map(|pieces| pieces.concat())
}
