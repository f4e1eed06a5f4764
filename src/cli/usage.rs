//! Arguments that are wrong, as an event.

use std::collections::BTreeSet;
use std::ffi::OsString;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Command, CommandFactory};

use super::{Cli, Error};
use crate::ops::Event;

/// Whether events are wanted, by arguments that could not be parsed.
pub(super) fn wants_json(arguments: impl Iterator<Item = OsString>) -> bool {
    let mut options = arguments.take_while(|argument| argument != "--");
    options.any(|argument| {
        let text = argument.to_string_lossy();
        text == "--json" || text.starts_with("--json=")
    })
}

/// What begins with a dash that a text processor has made of `--`: it would be taken for the name of a stack or file.
pub(super) fn with_odd_dash(arguments: impl Iterator<Item = OsString>) -> Option<Error> {
    let is_dash = |c: char| matches!(c, '\u{2010}'..='\u{2015}' | '\u{2212}');
    let mut words = arguments.take_while(|argument| argument != "--");
    words.find_map(|word| {
        let text = word.to_str()?;
        let name = text.trim_start_matches(|c| is_dash(c) || c == '-');
        let first = text.trim_start_matches('-').chars().next()?;
        (is_dash(first) && !name.is_empty()).then(|| {
            Error::Usage(format!(
                "`{text}` begins with a dash that is not the hyphen of the keyboard: type `--{name}`"
            ))
        })
    })
}

/// The error with what was probably meant, in place of advice that does not help: clap takes `-json` for `-j -s -o -n`.
pub(super) fn clarified(
    mut error: clap::Error,
    arguments: impl Iterator<Item = OsString>,
) -> clap::Error {
    if error.kind() != ErrorKind::UnknownArgument {
        return error;
    }
    // How to give an option as a value.
    error.remove(ContextKind::Suggested);
    let command = Cli::command();
    if let Some(ContextValue::String(option)) = error.get(ContextKind::InvalidArg) {
        let verbs = command.get_subcommands();
        let verbs = verbs.filter(|verb| long_options(verb).contains(option));
        let verbs: Vec<&str> = verbs.map(Command::get_name).collect();
        if !verbs.is_empty() {
            let tip = format!("'{option}' is an option of {}", verbs.join(", "));
            error.remove(ContextKind::SuggestedArg);
            let tip = ContextValue::StyledStrs(vec![tip.into()]);
            error.insert(ContextKind::Suggested, tip);
            // It names the option that was suggested.
            error.remove(ContextKind::Usage);
            return error;
        }
    }
    let known = long_options(&command);
    let mut words = arguments.take_while(|argument| argument != "--");
    let meant = words.find_map(|word| {
        let text = word.to_str()?.split('=').next()?;
        let name = text.strip_prefix('-')?.trim_start_matches('-');
        let name = name.to_lowercase().replace('_', "-");
        (!known.contains(text) && known.contains(&format!("--{name}")))
            .then_some((text.to_owned(), name))
    });
    if let Some((word, name)) = meant {
        error.insert(ContextKind::InvalidArg, ContextValue::String(word));
        let meant = format!("--{name}");
        error.insert(ContextKind::SuggestedArg, ContextValue::String(meant));
    }
    error
}

/// The long options of a command and all below it, with their hyphens.
fn long_options(command: &Command) -> BTreeSet<String> {
    let own = command.get_arguments().filter_map(|one| one.get_long());
    let own = own.map(|long| format!("--{long}"));
    let below = command.get_subcommands().flat_map(long_options);
    own.chain(below).collect()
}

/// The event of a usage error: what clap prints, without its decoration.
pub(super) fn event(error: &clap::Error) -> Event {
    if error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        // clap prints the whole help.
        return Event::Error {
            message: "no verb is given".to_owned(),
            help: Some("`treino --help` lists them".to_owned()),
        };
    }
    let text = error.render().to_string();
    let mut paragraphs = text.split("\n\n").map(one_line);
    let message = paragraphs.next().unwrap_or_default();
    let message = message.trim_start_matches("error: ").to_owned();
    let help: Vec<String> = paragraphs
        .filter(|text| !text.is_empty() && !text.starts_with("For more information"))
        .collect();
    Event::Error {
        message,
        help: (!help.is_empty()).then(|| help.join("; ")),
    }
}

fn one_line(text: &str) -> String {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::cli::Cli;

    fn of(arguments: &[&str]) -> (String, Option<String>) {
        let error = Cli::try_parse_from(arguments).unwrap_err();
        match event(&error) {
            Event::Error { message, help } => (message, help),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_usage_error_is_one_event_without_decoration() {
        let (message, help) = of(&["treino", "run", "--json"]);
        assert!(
            message.starts_with("the following required arguments were not provided: <FILE|"),
            "{message}"
        );
        assert!(help.unwrap().starts_with("Usage: treino run"));
        let (message, help) = of(&["treino", "deplo", "--json"]);
        assert_eq!(message, "unrecognized subcommand 'deplo'");
        assert!(
            help.unwrap()
                .contains("tip: a similar subcommand exists: 'deploy'")
        );
        let (message, _) = of(&["treino", "--json"]);
        assert!(!message.contains('\n'), "{message}");
    }

    #[test]
    fn an_option_that_is_typed_differently_is_suggested() {
        for (typed, meant) in [
            ("-json", Some("--json")),
            ("--JSON", Some("--json")),
            ("-yes", Some("--yes")),
            ("--take_from=x", Some("--take-from")),
            ("--jsn", Some("--json")),
            ("-q", None),
        ] {
            let arguments = ["treino", "deploy", "a.yaml", typed];
            let error = Cli::try_parse_from(arguments).unwrap_err();
            let said = clarified(error, arguments.iter().map(OsString::from)).to_string();
            assert!(!said.contains("as a value"), "{said}");
            let tip = meant.map(|meant| format!("a similar argument exists: '{meant}'"));
            assert_eq!(said.contains("similar"), tip.is_some(), "{said}");
            assert!(tip.is_none_or(|tip| said.contains(&tip)), "{said}");
        }
        let arguments = ["treino", "destroy", "a.yaml", "--set", "a=b"];
        let error = Cli::try_parse_from(arguments).unwrap_err();
        let said = clarified(error, arguments.iter().map(OsString::from)).to_string();
        assert!(
            said.contains("'--set' is an option of cost, doctor, plan, deploy, test, class"),
            "{said}"
        );
        assert!(!said.contains("--text"), "{said}");
        let odd = |word: &str| with_odd_dash([word].iter().map(OsString::from));
        let said = odd("\u{2014}local").unwrap().to_string();
        assert!(said.ends_with("type `--local`"), "{said}");
        assert!(odd("\u{2013}-local").is_some() && odd("-\u{2013}local").is_some());
        assert!(odd("--local").is_none() && odd("-").is_none() && odd("a\u{2013}b").is_none());
    }

    #[test]
    fn json_is_wanted_before_a_double_dash_only() {
        let wants = |arguments: &[&str]| wants_json(arguments.iter().map(OsString::from));
        assert!(wants(&["deploy", "--json"]));
        assert!(wants(&["deploy", "--json=1"]));
        assert!(!wants(&["deploy", "--", "--json"]));
    }
}
