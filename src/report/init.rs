//! The labs that `treino init` writes, as text.

use super::style::{bold, dim, success};
use crate::ops::LabSummary;

/// The labs, a line each.
pub(super) fn labs(labs: &[LabSummary]) -> String {
    let width = labs.iter().map(|lab| lab.name.len()).max().unwrap_or(0);
    let mut lines: Vec<String> = labs
        .iter()
        .map(|lab| format!("{}  {}", bold(&format!("{:width$}", lab.name)), lab.about))
        .collect();
    lines.push(dim("\nwrite one into a folder: `treino init LAB [DIR]`"));
    lines.join("\n")
}

/// What was written.
pub(super) fn written(lab: &str, folder: &str, files: &[String]) -> String {
    let mut lines = vec![success(&format!("the lab {lab} is in {folder}"))];
    lines.extend(files.iter().map(|file| match about(file) {
        Some(about) => format!("  {file:width$}  {}", dim(about), width = width(files)),
        None => format!("  {file}"),
    }));
    lines.join("\n")
}

/// The commands to go on with, as they can be pasted.
pub(super) fn next(commands: &[String]) -> String {
    let mut lines = vec![dim(
        "\nnext, on an AWS on this machine (no account, no cost):",
    )];
    if !commands.iter().any(|command| command.ends_with("--local")) {
        lines = vec![dim("\nnext:")];
    }
    lines.extend(commands.iter().cloned());
    lines.join("\n")
}

fn width(files: &[String]) -> usize {
    files.iter().map(String::len).max().unwrap_or(0)
}

fn about(file: &str) -> Option<&'static str> {
    if file == "stack.yaml" {
        Some("what is deployed; read this first")
    } else if file.ends_with(".asl.json") {
        Some("the state machine's definition")
    } else if file.starts_with("lambdas/") {
        Some("a function's code")
    } else {
        file.ends_with(".jpg").then_some("a photo to try it with")
    }
}
