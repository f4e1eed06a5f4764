//! What can be tried: the commands of a page.

use maud::{Markup, html};

use super::texts::HandoutTexts;
use super::{filled, name};
use crate::ops::{Handout, HandoutAct, HandoutCommand, HandoutPlace};

pub(super) fn tries(of: &Handout, texts: &HandoutTexts) -> Markup {
    let (cli, treino): (Vec<_>, Vec<_>) =
        of.commands.iter().partition(|one| one.act.is_of_aws_cli());
    html! {
        section {
            h2 { (texts.try_it) }
            p {
                (texts.needs_treino) " "
                @match (of.place, &of.profile) {
                    (HandoutPlace::Local, _) => (texts.needs_local),
                    (_, Some(profile)) => (filled(texts.needs_profile, &[name(profile)])),
                    (_, None) => (filled(texts.needs_credentials, &[name(&of.account)])),
                }
            }
            (list(&treino, of, texts))
            @if !cli.is_empty() {
                h3 { (texts.try_cli) }
                (list(&cli, of, texts))
            }
        }
    }
}

fn list(commands: &[&HandoutCommand], of: &Handout, texts: &HandoutTexts) -> Markup {
    html! {
        ul.tries {
            @for one in commands {
                li {
                    p {
                        @let does = (texts.act)(one.act);
                        @if let Some(which) = &one.of { (does.trim_end_matches('.')) ": " (name(which)) }
                        @else { (does) }
                    }
                    @if one.act == HandoutAct::Test && !of.variables.is_empty() {
                        p {
                            (texts.needs_variables)
                            @for (number, variable) in of.variables.iter().enumerate() {
                                @if number > 0 { "," }
                                " " (name(variable))
                            }
                        }
                    }
                    pre { code { (words(&one.command)) } }
                }
            }
        }
    }
}

/// The most characters of a word that stays on one line: so many fit on a phone.
const KEPT_WHOLE: usize = 32;

/// A command whose options are not broken at their hyphens. It is pasted as it was.
fn words(command: &str) -> Markup {
    html! {
        @for (number, word) in command.split(' ').enumerate() {
            @if number > 0 { " " }
            @if word.contains('-') && word.chars().count() <= KEPT_WHOLE { span.word { (word) } }
            @else { (word) }
        }
    }
}
