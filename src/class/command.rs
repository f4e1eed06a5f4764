//! The commands that repeat an operation on a class for some of its students.

use std::path::Path;

use crate::ops::{GivenOptions, shell_word};

/// `treino class VERB STACK --roster ROSTER --only OWNERS`, for a shell.
#[must_use]
pub fn command(
    (verb, words): (&str, &[String]),
    roster: &Path,
    only: &[String],
    given: &GivenOptions,
) -> String {
    let mut command = format!("treino class {verb}");
    let mut add = |word: &str| {
        command.push(' ');
        command.push_str(&shell_word(word));
    };
    for word in words {
        add(word);
    }
    add("--roster");
    add(&roster.display().to_string());
    if !only.is_empty() {
        add("--only");
        add(&only.join(","));
    }
    add_options(command, given)
}

/// `treino VERB STACK --owner OWNER`, for a shell.
#[must_use]
pub fn command_of_one(
    (verb, stack): (&str, &str),
    owner: Option<&str>,
    given: &GivenOptions,
) -> String {
    let mut command = format!("treino {verb} {}", shell_word(stack));
    if let Some(owner) = owner {
        command.push_str(" --owner ");
        command.push_str(owner);
    }
    add_options(command, given)
}

/// The command with what was given of AWS.
fn add_options(mut command: String, given: &GivenOptions) -> String {
    let mut add = |word: &str| {
        command.push(' ');
        command.push_str(&shell_word(word));
    };
    let options = [
        ("--region", &given.region),
        ("--profile", &given.profile),
        ("--endpoint-url", &given.endpoint_url),
    ];
    for (option, value) in options {
        if let Some(value) = value {
            add(&format!("{option}={value}"));
        }
    }
    if given.local {
        add("--local");
    }
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_given_is_repeated() {
        let given = GivenOptions {
            local: true,
            region: Some("sa-east-1".into()),
            profile: Some("my class".into()),
            ..GivenOptions::default()
        };
        let words = ["lab.yaml".to_owned()];
        let only = ["ana".to_owned(), "bia".to_owned()];
        assert_eq!(
            command(("deploy", &words), Path::new("a b.csv"), &only, &given),
            "treino class deploy lab.yaml --roster 'a b.csv' --only ana,bia --region=sa-east-1 '--profile=my class' --local"
        );
    }
}
