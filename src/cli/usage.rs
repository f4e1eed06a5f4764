//! Arguments that are wrong, as an event.

use std::ffi::OsString;

use clap::error::ErrorKind;

use crate::ops::Event;

/// Whether events are wanted, by arguments that could not be parsed.
pub(super) fn wants_json(arguments: impl Iterator<Item = OsString>) -> bool {
    let mut options = arguments.take_while(|argument| argument != "--");
    options.any(|argument| argument == "--json")
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
    fn json_is_wanted_before_a_double_dash_only() {
        let wants = |arguments: &[&str]| wants_json(arguments.iter().map(OsString::from));
        assert!(wants(&["deploy", "--json"]));
        assert!(!wants(&["deploy", "--", "--json"]));
    }
}
