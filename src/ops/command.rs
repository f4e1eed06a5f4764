//! The commands that messages name, complete: each can be pasted as it is printed.

use super::stack_ref::StackRef;
use super::text::shell_word;
use super::{Error, Event, FileDiagnostic};
use crate::engine::{EngineEvent, Outcome};

/// The verbs that take a stack first.
const OF_STACK: &[&str] = &[
    "plan", "deploy", "doctor", "run", "test", "logs", "status", "extend", "destroy",
];
/// Those of them that read its file, and take `--set`.
const OF_FILE: [&str; 4] = ["plan", "deploy", "doctor", "test"];
/// The services of the AWS CLI whose commands in messages are about a resource of the stack.
const OF_RESOURCES: [&str; 5] = ["dynamodb", "glacier", "logs", "s3api", "s3control"];

/// The options that a command in a message repeats: what the caller was given, and a new command would lack. What
/// comes from the environment may be left out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GivenOptions {
    /// `--local`.
    pub local: bool,
    /// `--region`.
    pub region: Option<String>,
    /// `--profile`.
    pub profile: Option<String>,
    /// `--endpoint-url`.
    pub endpoint_url: Option<String>,
    /// `--owner`.
    pub owner: Option<String>,
}

/// Writes commands about one stack.
#[derive(Debug, Clone, Default)]
pub(super) struct Commands {
    given: GivenOptions,
    stack: Option<StackRef>,
    set: Vec<String>,
}

impl Commands {
    pub(super) fn with(given: &GivenOptions) -> Self {
        Self {
            given: given.clone(),
            ..Self::default()
        }
    }

    /// The same about this stack.
    pub(super) fn about(&self, stack: &StackRef) -> Self {
        Self {
            stack: Some(stack.clone()),
            ..self.clone()
        }
    }

    /// The same with these parameters. Their values may be secrets, so only their names are written.
    pub(super) fn with_set<'a>(self, names: impl Iterator<Item = &'a String>) -> Self {
        Self {
            set: names.cloned().collect(),
            ..self
        }
    }

    /// The same for a region, if it is not the one that is used already.
    pub(super) fn in_region(self, region: &str, used: &str) -> Self {
        let given = GivenOptions {
            region: if region == used {
                self.given.region
            } else {
                Some(region.to_owned())
            },
            ..self.given
        };
        Self { given, ..self }
    }

    /// The same for the copy of an owner.
    pub(super) fn of_owner(self, owner: Option<&str>) -> Self {
        let given = GivenOptions {
            owner: owner.map(String::from),
            ..self.given
        };
        Self { given, ..self }
    }

    /// The same on the local AWS, unless the options name AWS.
    pub(super) fn local_unless_aws(mut self) -> Self {
        self.given.local |= self.given.profile.is_none() && self.given.endpoint_url.is_none();
        self
    }

    /// The same on the local AWS, in place of what leads to AWS.
    pub(super) fn on_local(&self) -> Self {
        Self {
            given: GivenOptions {
                local: true,
                profile: None,
                endpoint_url: None,
                ..self.given.clone()
            },
            ..self.clone()
        }
    }

    /// `treino VERB STACK WORDS OPTIONS`, for a shell.
    pub(super) fn write(&self, verb: &str, words: &[&str]) -> String {
        if !OF_STACK.contains(&verb) {
            return self.write_here(verb, words);
        }
        let stack = self.stack_of(verb);
        let text = match &stack {
            Some(StackRef::Name(name)) => name.clone(),
            Some(file @ StackRef::File(_)) => {
                let path = file.as_given();
                if path.starts_with('-') {
                    format!("./{path}")
                } else {
                    path
                }
            }
            None if OF_FILE.contains(&verb) => "STACK.yaml".to_owned(),
            None => "STACK".to_owned(),
        };
        let words = [&[text.as_str()][..], words].concat();
        if OF_FILE.contains(&verb) && self.set.is_empty() {
            let required = stack.map(|stack| stack.required_parameters());
            let required = required.unwrap_or_default();
            return self
                .clone()
                .with_set(required.iter())
                .write_here(verb, &words);
        }
        self.write_here(verb, &words)
    }

    /// The same without a stack: the verb finds its file in the folder of the shell.
    pub(super) fn write_here(&self, verb: &str, words: &[&str]) -> String {
        let mut command = format!("treino {verb}");
        let mut add = |word: &str| {
            command.push(' ');
            command.push_str(&shell_word(word));
        };
        for word in words {
            add(word);
        }
        if OF_FILE.contains(&verb) {
            for name in &self.set {
                add("--set");
                add(&format!("{name}=..."));
            }
        }
        if OF_STACK.contains(&verb) {
            let options = [
                ("--owner", &self.given.owner),
                ("--region", &self.given.region),
                ("--profile", &self.given.profile),
                ("--endpoint-url", &self.given.endpoint_url),
            ];
            for (option, value) in options {
                match value.as_deref() {
                    // clap takes it for an option of its own.
                    Some(value) if value.starts_with('-') => add(&format!("{option}={value}")),
                    Some(value) => {
                        add(option);
                        add(value);
                    }
                    None => {}
                }
            }
            if self.given.local {
                add("--local");
            }
        }
        command
    }

    /// The stack as the verb takes it: where it takes a file only, the one of this name nearby.
    fn stack_of(&self, verb: &str) -> Option<StackRef> {
        match &self.stack {
            Some(StackRef::Name(name)) if OF_FILE.contains(&verb) => {
                StackRef::file_nearby(name).map(StackRef::File)
            }
            stack => stack.clone(),
        }
    }

    /// The text with each command in it completed: a command in backticks that names no stack, as in
    /// `` `treino plan` ``, gets the stack and the options. What lies below operations does not know them.
    pub(super) fn complete(&self, text: &str) -> String {
        let text = each_command(text, "treino ", |command| self.completed(command));
        each_command(&text, "aws ", |command| self.of_aws_cli(command))
    }

    /// A command of the AWS CLI about a resource, so that it reaches the same account and region.
    fn of_aws_cli(&self, command: &str) -> String {
        let mut whole = format!("aws {command}");
        let service = command.split(' ').next().unwrap_or_default();
        let given = [
            ("--region", &self.given.region),
            ("--profile", &self.given.profile),
            ("--endpoint-url", &self.given.endpoint_url),
        ];
        let is_complete = given.iter().any(|(option, _)| command.contains(option));
        if is_complete || !OF_RESOURCES.contains(&service) {
            return whole;
        }
        for (option, value) in given {
            if let Some(value) = value {
                whole = format!("{whole} {option} {}", shell_word(value));
            }
        }
        if self.given.local {
            // It sets the address and the keys, for this command alone.
            let address = self.write_here("local env", &[]);
            whole = format!("(eval \"$({address})\"; {whole})");
        }
        whole
    }

    fn completed(&self, command: &str) -> String {
        let mut words = command.split(' ');
        let verb = words.next().unwrap_or_default();
        let words: Vec<&str> = words.collect();
        let names_no_stack = words.iter().all(|word| word.starts_with("--"));
        // A status needs no stack.
        let is_whole = verb == "status" && self.stack.is_none();
        if OF_STACK.contains(&verb) && names_no_stack && !is_whole {
            return self.write(verb, &words);
        }
        format!("treino {command}")
    }
}

/// The text with each command in backticks that begins so replaced.
fn each_command(text: &str, begins: &str, replaced: impl Fn(&str) -> String) -> String {
    let mut whole = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(&format!("`{begins}")) {
        let Some((command, after)) = after.split_once('`') else {
            break;
        };
        whole.push_str(before);
        whole.push('`');
        whole.push_str(&replaced(command));
        whole.push('`');
        rest = after;
    }
    whole + rest
}

impl Event {
    /// Completes the commands in messages that come from below operations.
    pub(super) fn complete(&mut self, commands: &Commands) {
        let complete = |text: &mut String| *text = commands.complete(text);
        match self {
            Self::Info { message } | Self::Warning { message } => complete(message),
            Self::Problem(problem) => problem.complete(commands),
            Self::Warnings { problems } => {
                for one in problems {
                    one.complete(commands);
                }
            }
            Self::Engine(EngineEvent::Failed { error, .. }) => {
                error.help.iter_mut().for_each(complete);
            }
            Self::Summary { outcomes, .. } => {
                for of in outcomes {
                    if let Outcome::Failed { error } | Outcome::Unverified { error } =
                        &mut of.outcome
                    {
                        error.help.iter_mut().for_each(complete);
                    }
                }
            }
            _ => {}
        }
    }
}

impl FileDiagnostic {
    /// Commands in it are about its file, where no other is known.
    fn complete(&mut self, commands: &Commands) {
        let of_file = commands.about(&StackRef::File(self.file.clone().into()));
        let commands = commands.stack.as_ref().map_or(&of_file, |_| commands);
        for help in [&mut self.help, &mut self.diagnostic.help]
            .into_iter()
            .flatten()
        {
            *help = commands.complete(help);
        }
    }
}

impl Error {
    /// Completes the commands in its help.
    pub(super) fn complete(&mut self, commands: &Commands) {
        let complete = |text: &mut String| *text = commands.complete(text);
        match self {
            Self::Diagnostics(found) => {
                let helps = found.0.iter_mut().filter_map(|one| one.help.as_mut());
                helps.for_each(complete);
            }
            Self::Usage(text) => complete(text),
            Self::Provider(error) => error.help.iter_mut().for_each(complete),
            Self::Local(diagnostic) | Self::Stopped(diagnostic) => {
                diagnostic.help.iter_mut().for_each(complete);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;

    use super::*;

    fn given() -> GivenOptions {
        GivenOptions {
            local: true,
            region: Some("sa-east-1".to_owned()),
            profile: Some("my class".to_owned()),
            endpoint_url: Some("http://127.0.0.1:4566".to_owned()),
            owner: Some("ana".to_owned()),
        }
    }

    fn about(stack: &str) -> Commands {
        Commands::with(&given()).about(&StackRef::parse(OsStr::new(stack)))
    }

    const OPTIONS: &str = "--owner ana --region sa-east-1 --profile 'my class' --endpoint-url \
                           http://127.0.0.1:4566 --local";

    #[test]
    fn every_option_that_was_given_is_repeated() {
        let names = ["key".to_owned(), "url".to_owned()];
        let commands = about("my labs/it's.yaml").with_set(names.iter());
        let stack = r"'my labs/it'\''s.yaml'";
        assert_eq!(
            commands.write("destroy", &["--bypass-governance"]),
            format!("treino destroy {stack} --bypass-governance {OPTIONS}")
        );
        assert_eq!(
            commands.write("plan", &[]),
            format!("treino plan {stack} --set key=... --set url=... {OPTIONS}")
        );
        assert_eq!(
            commands.write("run", &["--input", "{\"a\": 1}"]),
            format!("treino run {stack} --input '{{\"a\": 1}}' {OPTIONS}")
        );
        assert_eq!(commands.write("local up", &[]), "treino local up");
    }

    #[test]
    fn another_owner_or_region_takes_the_place_of_what_was_given() {
        let commands = about("lab").in_region("eu-west-1", "sa-east-1");
        let written = commands.of_owner(Some("bob")).write("destroy", &[]);
        assert!(written.starts_with("treino destroy lab --owner bob --region eu-west-1 "));
        let bare = Commands::default().about(&StackRef::Name("lab".to_owned()));
        assert_eq!(bare.write("destroy", &[]), "treino destroy lab");
        let same = bare.clone().in_region("us-east-1", "us-east-1");
        assert_eq!(same.write("destroy", &[]), "treino destroy lab");
        assert_eq!(bare.write("plan", &[]), "treino plan STACK.yaml");
    }

    #[test]
    fn a_command_of_the_aws_cli_reaches_the_same_place() {
        let commands = Commands::with(&GivenOptions {
            local: false,
            ..given()
        });
        let text = "`aws dynamodb update-table --table-name t` and `aws configure`";
        let wanted = "`aws dynamodb update-table --table-name t --region sa-east-1 --profile 'my class' --endpoint-url \
                      http://127.0.0.1:4566` and `aws configure`";
        assert_eq!(commands.complete(text), wanted);
        assert_eq!(commands.complete(wanted), wanted);
        let local = Commands::with(&GivenOptions {
            local: true,
            ..GivenOptions::default()
        });
        let wanted = "`(eval \"$(treino local env)\"; aws dynamodb update-table --table-name t)` and `aws configure`";
        assert_eq!(local.complete(text), wanted);
        assert_eq!(local.complete(wanted), wanted);
    }

    #[test]
    fn commands_of_texts_from_below_are_completed_once() {
        let commands = about("a.yaml");
        let text = "`treino plan` shows it, `treino destroy --bypass-governance` ends it; `treino local up`, `x`";
        let wanted = format!(
            "`treino plan a.yaml {OPTIONS}` shows it, `treino destroy a.yaml --bypass-governance {OPTIONS}` ends it; \
             `treino local up`, `x`"
        );
        assert_eq!(commands.complete(text), wanted);
        assert_eq!(commands.complete(&wanted), wanted);
        assert_eq!(commands.complete("no `treino plan"), "no `treino plan");
    }
}
