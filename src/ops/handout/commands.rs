//! The commands of a handout: each works as it is pasted, for this owner, region and account.

use serde_json::Value;

use super::{HandoutOf, HandoutPlace, HandoutStart, StartCause};
use crate::ops::command::{Commands, GivenOptions};
use crate::ops::{LoadedStack, Session, StackRef, shell_word};
use crate::stack::{DesiredState, HIDDEN, Kind, Resource, StackCheck};

/// The most resources of one kind that have a command of their own.
const MOST: usize = 3;

/// Words for what commands are tried with, in the language of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HandoutWords {
    /// The file that is put where nothing names one.
    pub photo: &'static str,
    /// The stem of a file whose ending is given.
    pub file: &'static str,
    /// The file that an answer is written to.
    pub answer: &'static str,
    /// A message.
    pub message: &'static str,
}

/// What a command does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HandoutAct {
    /// Selects the student's account on the local AWS, in this shell.
    LocalAccount,
    /// Shows what is deployed.
    Status,
    /// Puts a file and follows what it starts.
    Put,
    /// Starts a machine with an input and follows it.
    Start,
    /// Lists executions.
    Runs,
    /// Shows what was logged.
    Logs,
    /// Runs the checks of the stack file.
    Test,
    /// Deletes everything.
    Destroy,
    /// AWS CLI: uses the local AWS, in this shell.
    CliLocal,
    /// AWS CLI: uploads a file.
    CliUpload,
    /// AWS CLI: starts an execution.
    CliStart,
    /// AWS CLI: lists executions.
    CliExecutions,
    /// AWS CLI: shows the items of a table.
    CliScan,
    /// AWS CLI: calls a function.
    CliInvoke,
    /// AWS CLI: shows what a function logs.
    CliLogs,
    /// AWS CLI: sends a message to a topic.
    CliPublish,
    /// AWS CLI: tells the address of a queue.
    CliQueue,
}

impl HandoutAct {
    /// Whether it is one of the AWS CLI.
    #[must_use]
    pub fn is_of_aws_cli(self) -> bool {
        self >= Self::CliLocal
    }
}

impl PartialOrd for HandoutAct {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some((*self as u8).cmp(&(*other as u8)))
    }
}

/// A command in a handout.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HandoutCommand {
    /// What it does.
    pub act: HandoutAct,
    /// The name of the resource that it is about, where there are several of its kind.
    pub of: Option<String>,
    /// The command, for a shell.
    pub command: String,
}

pub(super) fn commands(
    session: &Session,
    (stack, desired, place): (&LoadedStack, &DesiredState, HandoutPlace),
    starts: &[HandoutStart],
    of: HandoutOf<'_>,
) -> Vec<HandoutCommand> {
    let target = &desired.target;
    let is_local = place == HandoutPlace::Local;
    let given = GivenOptions {
        local: is_local,
        region: Some(target.region.clone()),
        // The teacher's own profile leads nowhere on a student's machine.
        profile: of.profile.filter(|_| !is_local).map(String::from),
        endpoint_url: session.endpoint_url().map(String::from),
        owner: target.owner.clone(),
    };
    let mut all = AllCommands {
        commands: Commands::with(&given).about(&StackRef::Name(target.stack.clone())),
        given,
        stack,
        desired,
        starts,
        words: of.words,
        list: Vec::new(),
    };
    if is_local && target.account.bytes().any(|digit| digit != b'0') {
        let account = format!("export TREINO_LOCAL_ACCOUNT={}", target.account);
        all.add(HandoutAct::LocalAccount, None, account);
    }
    all.of_treino();
    all.of_aws_cli();
    all.list
}

struct AllCommands<'a> {
    commands: Commands,
    given: GivenOptions,
    stack: &'a LoadedStack,
    desired: &'a DesiredState,
    starts: &'a [HandoutStart],
    words: HandoutWords,
    list: Vec<HandoutCommand>,
}

impl AllCommands<'_> {
    fn add(&mut self, act: HandoutAct, of: Option<&str>, command: String) {
        self.list.push(HandoutCommand {
            act,
            of: of.map(String::from),
            command,
        });
    }

    /// The resources of a kind that the stack file declares.
    fn declared(&self, kind: Kind) -> Vec<&Resource> {
        let all = self.desired.resources.values();
        let declared = all.filter(|one| one.kind == kind && one.address.of_owner().is_none());
        declared.collect()
    }

    /// The name, where it is one of several.
    fn one_of<'n>(all: &[&Resource], name: &'n str) -> Option<&'n str> {
        (all.len() > 1).then_some(name)
    }

    fn of_treino(&mut self) {
        let status = self.commands.write("status", &[]);
        self.add(HandoutAct::Status, None, status);
        let machines: Vec<Resource> = self
            .declared(Kind::StateMachine)
            .into_iter()
            .cloned()
            .collect();
        let is_one_of = machines.len() > 1;
        for machine in machines.iter().take(MOST) {
            let key = machine.address.key();
            let selected: &[&str] = if is_one_of { &["--machine", key] } else { &[] };
            let of = is_one_of.then_some(machine.name.as_str());
            let put = self.put_words(key);
            if let Some(words) = &put {
                let words = words.iter().map(String::as_str);
                let words: Vec<&str> = words.chain(selected.iter().copied()).collect();
                let command = self.commands.write("run", &words);
                self.add(HandoutAct::Put, of, command);
            }
            let example = self.stack.example_of(key);
            if put.is_none() || example.is_some() {
                let input = example.map_or_else(|| "{}".to_owned(), Value::to_string);
                let words = [&["--input", input.as_str()], selected].concat();
                let command = self.commands.write("run", &words);
                self.add(HandoutAct::Start, of, command);
            }
        }
        if machines.iter().any(is_standard) {
            let runs = self.commands.write("run", &["--list"]);
            self.add(HandoutAct::Runs, None, runs);
        }
        if machines.len() + self.declared(Kind::Function).len() > 0 {
            let logs = self.commands.write("logs", &[]);
            self.add(HandoutAct::Logs, None, logs);
        }
        if !self.desired.checks.is_empty() {
            let mut words = vec![self.desired.target.stack.clone()];
            for (name, value) in self.stack.given_values() {
                let is_hidden = value.is_none_or(|value| value.contains(HIDDEN));
                let value = value.filter(|_| !is_hidden).unwrap_or("...");
                words.extend(["--set".to_owned(), format!("{name}={value}")]);
            }
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            let test = self.commands.write_here("test", &words);
            self.add(HandoutAct::Test, None, test);
        }
        let destroy = self.commands.write("destroy", &[]);
        self.add(HandoutAct::Destroy, None, destroy);
    }

    /// The words that put a file which starts this machine, if a rule hears of one.
    fn put_words(&self, machine: &str) -> Option<Vec<String>> {
        let (bucket, prefix, suffix) = self.starts.iter().find_map(|start| match &start.cause {
            StartCause::File {
                bucket_key,
                prefix,
                suffix,
                ..
            } if start.kind == Kind::StateMachine && start.key == machine && start.enabled => {
                Some((bucket_key, prefix.as_deref(), suffix.as_deref()))
            }
            _ => None,
        })?;
        let sample = self.sample(bucket, suffix);
        let mut words = vec![sample.clone()];
        if let Some(prefix) = prefix {
            words.extend(["--key".to_owned(), format!("{prefix}{sample}")]);
        }
        if self.declared(Kind::Bucket).len() > 1 {
            words.extend(["--bucket".to_owned(), bucket.clone()]);
        }
        Some(words)
    }

    /// The name of a file to put: that of a check, if one fits.
    fn sample(&self, bucket: &str, suffix: Option<&str>) -> String {
        let fits = |name: &str| suffix.is_none_or(|suffix| name.ends_with(suffix));
        let of_check = |check: &StackCheck| {
            let is_its = check.bucket.as_ref().is_none_or(|key| key == bucket);
            let path = check.put.as_ref().filter(|_| is_its)?;
            let name = path.rsplit('/').next()?;
            fits(name).then(|| name.to_owned())
        };
        let mut checks = self.desired.checks.iter();
        let of_checks = checks.find_map(|(_, check)| of_check(check));
        of_checks.unwrap_or_else(|| match suffix {
            Some(suffix) if !fits(self.words.photo) => format!("{}{suffix}", self.words.file),
            _ => self.words.photo.to_owned(),
        })
    }

    fn of_aws_cli(&mut self) {
        let before = self.list.len();
        for start in self.starts {
            if let StartCause::File {
                bucket,
                bucket_key,
                prefix,
                suffix,
                ..
            } = &start.cause
            {
                let sample = self.sample(bucket_key, suffix.as_deref());
                let prefix = prefix.as_deref().unwrap_or_default();
                let to = format!("s3://{bucket}/{prefix}{sample}");
                let of = (self.declared(Kind::Bucket).len() > 1).then_some(bucket.as_str());
                let command = self.aws(&["s3", "cp", &sample, &to]);
                if self.list.iter().all(|one| one.command != command) {
                    self.add(HandoutAct::CliUpload, of, command);
                }
            }
        }
        for kind in [
            Kind::StateMachine,
            Kind::Table,
            Kind::Function,
            Kind::Topic,
            Kind::Queue,
        ] {
            let declared = self.declared(kind);
            let all: Vec<(Resource, Option<String>)> = declared
                .iter()
                .map(|one| {
                    let of = Self::one_of(&declared, &one.name).map(String::from);
                    ((*one).clone(), of)
                })
                .collect();
            for (one, of) in all.iter().take(MOST) {
                self.of_resource(one, of.as_deref());
            }
        }
        if self.given.local && self.list.len() > before {
            let region = &self.desired.target.region;
            let address = self.commands.write_here("local env", &["--region", region]);
            let first = HandoutCommand {
                act: HandoutAct::CliLocal,
                of: None,
                command: format!("eval \"$({address})\""),
            };
            self.list.insert(before, first);
        }
    }

    fn of_resource(&mut self, one: &Resource, of: Option<&str>) {
        let (name, arn) = (one.name.as_str(), one.arn.as_str());
        match one.kind {
            Kind::StateMachine => {
                if self.put_words(one.address.key()).is_none() {
                    let example = self.stack.example_of(one.address.key());
                    let input = example.map_or_else(|| "{}".to_owned(), Value::to_string);
                    let words = ["stepfunctions", "start-execution", "--state-machine-arn"];
                    let command = self.aws(&[&words[..], &[arn, "--input", &input]].concat());
                    self.add(HandoutAct::CliStart, of, command);
                }
                if is_standard(one) {
                    let words = ["stepfunctions", "list-executions", "--state-machine-arn"];
                    let command = self.aws(&[&words[..], &[arn, "--max-items", "5"]].concat());
                    self.add(HandoutAct::CliExecutions, of, command);
                }
            }
            Kind::Table => {
                let words = ["dynamodb", "scan", "--table-name", name, "--max-items", "5"];
                let command = self.aws(&words);
                self.add(HandoutAct::CliScan, of, command);
            }
            Kind::Function => {
                if self.declared(Kind::StateMachine).is_empty() {
                    let words = ["lambda", "invoke", "--function-name", name];
                    let command = self.aws(&[&words[..], &[self.words.answer]].concat());
                    self.add(HandoutAct::CliInvoke, of, command);
                }
                let group = format!("/aws/lambda/{name}");
                let words = ["logs", "filter-log-events", "--log-group-name", &group];
                // `aws logs tail` is only in version 2 of the AWS CLI.
                let shown = ["--query", "events[].message", "--output", "text"];
                let command = self.aws(&[&words[..], &shown].concat());
                self.add(HandoutAct::CliLogs, of, command);
            }
            Kind::Topic => {
                let words = ["sns", "publish", "--topic-arn", arn, "--message"];
                let command = self.aws(&[&words[..], &[self.words.message]].concat());
                self.add(HandoutAct::CliPublish, of, command);
            }
            Kind::Queue => {
                let mut command = self.aws(&["sqs", "get-queue-url", "--queue-name", name]);
                // Version 1 of the AWS CLI has addresses of its own for queues, whatever the variable says.
                if self.given.local {
                    command.push_str(" --endpoint-url \"$AWS_ENDPOINT_URL\"");
                }
                self.add(HandoutAct::CliQueue, of, command);
            }
            _ => {}
        }
    }

    /// A command of the AWS CLI that reaches the same account and region. On the local AWS the shell knows them.
    fn aws(&self, words: &[&str]) -> String {
        let mut command = "aws".to_owned();
        let mut add = |word: &str| {
            command.push(' ');
            command.push_str(&shell_word(word));
        };
        for word in words {
            add(word);
        }
        if !self.given.local {
            for (option, value) in [
                ("--region", &self.given.region),
                ("--profile", &self.given.profile),
                ("--endpoint-url", &self.given.endpoint_url),
            ] {
                if let Some(value) = value {
                    add(option);
                    add(value);
                }
            }
        }
        command
    }
}

/// Whether a machine has executions that can be listed.
fn is_standard(machine: &Resource) -> bool {
    machine.spec["type"] != "express"
}
