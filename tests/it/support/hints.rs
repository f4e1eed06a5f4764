//! The commands that messages name, parsed as a shell and treino parse them.

use std::sync::LazyLock;

use clap::Parser;
use regex::Regex;
use serde_json::Value;
use treino::cli::Cli;

/// Verbs that do something with a stack, a file or the local AWS.
const VERBS: &str =
    "check|plan|deploy|doctor|run|logs|status|destroy|local|schema|completions|init";

/// A command in backticks, or on a line of its own, alone or behind a label: `delete it:  treino destroy lab`.
static HINT: LazyLock<Regex> = LazyLock::new(|| {
    let hint = format!(
        r"(?m)`treino (?P<quoted>(?:{VERBS})\b[^`]*)`|^ *(?:[a-z][a-z ]*: +)?treino (?P<labelled>(?:{VERBS})\b.*)$"
    );
    Regex::new(&hint).unwrap()
});

/// Anything that looks like a command, and so has to be one of these.
static NAMED: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(&format!(r"\btreino (?:{VERBS}) ")).unwrap());

/// The commands that a text names.
pub fn hints(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for text in texts(text) {
        let text = anstream::adapter::strip_str(&text).to_string();
        for hint in HINT.captures_iter(&text) {
            let hint = hint.name("quoted").or(hint.name("labelled")).unwrap();
            found.push(format!("treino {}", hint.as_str().trim_end()));
        }
    }
    found
}

/// The lines of an output: of an event, the texts in it that treino wrote.
fn texts(output: &str) -> Vec<String> {
    let (events, lines): (Vec<&str>, Vec<&str>) = output
        .lines()
        .filter(|line| line.contains("treino "))
        .partition(|line| line.starts_with("{\"event\""));
    let mut texts: Vec<String> = lines.into_iter().map(String::from).collect();
    for event in events {
        let event: Value = serde_json::from_str(event).unwrap_or_default();
        // Commands by themselves, and sentences that may name some.
        for key in ["run", "destroy", "follow", "stop", "logs"] {
            texts.extend(event[key].as_str().map(|command| format!("`{command}`")));
        }
        for seen in event["seen"].as_array().into_iter().flatten() {
            texts.extend(
                seen["command"]
                    .as_str()
                    .map(|command| format!("`{command}`")),
            );
        }
        for key in ["message", "help"] {
            texts.extend(event[key].as_str().map(String::from));
        }
    }
    texts
}

/// The commands in a text that treino would not take, and what looks like one and is not marked as such.
pub fn wrong(text: &str) -> Vec<String> {
    let mut wrong: Vec<String> = hints(text)
        .into_iter()
        .filter_map(|hint| fault(&hint))
        .collect();
    for text in texts(text) {
        let text = anstream::adapter::strip_str(&text).to_string();
        let rest = HINT.replace_all(&text, "");
        // The usage and help of clap, and the cause that an execution is stopped with.
        let known = [
            "Usage: treino ",
            "stopped with treino run --stop",
            "$(treino local env)",
            "_describe -t commands",
        ];
        let unmarked = rest
            .lines()
            .filter(|line| NAMED.is_match(line) && !known.iter().any(|known| line.contains(known)));
        wrong.extend(unmarked.map(|line| format!("not in backticks: {line}")));
    }
    wrong
}

/// How many commands a text names, marked or not.
pub fn named(text: &str) -> usize {
    NAMED.find_iter(&format!("{text} ")).count()
}

/// What is wrong with a command.
fn fault(hint: &str) -> Option<String> {
    // The usage of clap.
    if hint.contains("[OPTIONS]") {
        return None;
    }
    let Some(words) = words(hint) else {
        return Some(format!("{hint}: a quote is not closed"));
    };
    let first = words.get(2).is_some_and(|word| !word.starts_with('-'));
    let of_stack = ["plan", "deploy", "run", "logs", "destroy"];
    match Cli::try_parse_from(&words) {
        // `init` prints it for the folder of the lab.
        Ok(_) if of_stack.contains(&words[1].as_str()) && !first && !hint.contains(" --yes ") => {
            Some(format!("{hint}: it names no stack"))
        }
        Ok(_) => None,
        Err(error) => Some(format!("{hint}: {error}")),
    }
}

/// The words of a command as a POSIX shell reads them: quotes, and nothing that it would replace or run.
pub fn words(command: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut chars = command.chars();
    while let Some(c) = chars.next() {
        match c {
            ' ' => words.extend(word.take()),
            '\'' => {
                let word = word.get_or_insert_default();
                loop {
                    match chars.next()? {
                        '\'' => break,
                        c => word.push(c),
                    }
                }
            }
            '\\' => word.get_or_insert_default().push(chars.next()?),
            '$' | '`' | '"' | '&' | '|' | ';' | '<' | '>' | '(' | ')' | '#' | '!' => return None,
            c => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    Some(words)
}
