//! What is wrong with checks, all at once.

use std::time::Duration;

use super::{CheckAct, ExpectedStatus, StackCheck};
use crate::source::Node;
use crate::stack::duration::doubtful_units;
use crate::stack::expand::Expansion;
use crate::stack::kinds::MachineType;
use crate::stack::{Kind, reference};

/// The longest time of a check.
const LONGEST: Duration = Duration::from_hours(24);

impl Expansion<'_> {
    /// Reports what is wrong with the checks.
    pub(in crate::stack) fn check_checks(&mut self) {
        let file = self.file;
        for (name, check) in &file.checks {
            let Some(node) = self.node(&["checks", name]) else {
                continue;
            };
            CheckValidation {
                out: self,
                name,
                check,
                node,
            }
            .all();
        }
    }
}

/// A check that is looked at.
pub(super) struct CheckValidation<'e, 'x, 'a> {
    pub(super) out: &'e mut Expansion<'x>,
    pub(super) name: &'a str,
    pub(super) check: &'a StackCheck,
    node: &'a Node,
}

impl CheckValidation<'_, '_, '_> {
    fn all(&mut self) {
        self.name();
        self.time();
        self.acts();
        self.targets();
        let machine = self.machine();
        self.execution(machine.as_deref());
        self.states(machine.as_deref());
        self.reach(machine.as_deref());
        self.item_and_message();
        self.conditions();
        self.log();
    }

    pub(super) fn wrong(&mut self, path: &[&str], message: impl Into<String>, help: &str) {
        let path = [&["checks", self.name], path].concat();
        self.out.problem_at(&path, message.into(), help);
    }

    pub(super) fn wrong_key(&mut self, path: &[&str], message: impl Into<String>, help: &str) {
        let path = [&["checks", self.name], path].concat();
        self.out.problem_at_key(&path, message.into(), help);
    }

    /// It is named on the command line, and in the files that other tools read.
    fn name(&mut self) {
        let name = self.name;
        let is_odd = name.trim() != name || name.is_empty() || name.chars().any(char::is_control);
        if is_odd || name.starts_with('-') || name.len() > 100 {
            let what = format!("`{}` cannot be a check's name", name.escape_debug());
            self.wrong_key(
                &[],
                what,
                "use up to 100 letters, digits, `-` and `_`, such as `a-photo-becomes-an-item`",
            );
        }
    }

    fn time(&mut self) {
        let Some(text) = &self.check.within else {
            return;
        };
        let help = "write it like 30s, 3m or 1h";
        if let Some(wrong) = doubtful_units(text) {
            return self.wrong(&["within"], wrong.message, &wrong.help);
        }
        match humantime::parse_duration(text) {
            Err(_) => self.wrong(&["within"], format!("`{text}` is not a time"), help),
            Ok(time) if time.is_zero() => {
                self.wrong(&["within"], "within no time nothing can be checked", help);
            }
            Ok(time) if time > LONGEST => {
                self.wrong(
                    &["within"],
                    format!("`{text}` is longer than a check may take"),
                    "24h is the most",
                );
            }
            Ok(_) => {}
        }
    }

    fn acts(&mut self) {
        let acts = self.check.acts();
        let named = |acts: &[CheckAct]| {
            let keys: Vec<String> = acts.iter().map(|act| format!("`{}`", act.key())).collect();
            keys.join(" and ")
        };
        // What is written, but could not be read, is reported already.
        let is_written = ["put", "input", "send", "event"]
            .iter()
            .any(|key| self.node.get(key).is_some());
        match acts.as_slice() {
            [] if is_written => {}
            [] if self.check.is_of_destroy() => {
                if let Some(key) = self.written_expectation() {
                    let what = format!("the check does nothing that `{key}` could come of");
                    self.wrong_key(&["expect", key], what, DO_SOMETHING);
                }
            }
            [] => self.wrong_key(&[], "the check does nothing", DO_SOMETHING),
            [_] => {}
            [_, second, ..] => {
                let what = format!("the check has {}: one of them can be done", named(&acts));
                let help = "make a check of each";
                self.wrong_key(&[second.key()], what, help);
            }
        }
        let is_put = self.check.put.is_some() || self.node.get("put").is_some();
        for key in ["key", "bucket"] {
            if self.node.get(key).is_some() && !is_put {
                self.wrong_key(
                    &[key],
                    format!("`{key}` is of a file that is put, and there is no `put`"),
                    "remove it",
                );
            }
        }
        if let Some(put) = &self.check.put {
            if !reference::find(put).is_empty() {
                self.wrong(
                    &["put"],
                    "`put` takes no references",
                    "write the path of the file",
                );
            } else if let Some((message, help)) = self.out.unusable_sample(put) {
                self.wrong(&["put"], message, &help);
            }
        }
    }

    /// An expectation of what the check does.
    fn written_expectation(&self) -> Option<&'static str> {
        let keys = [
            "status",
            "fails",
            "visits",
            "not_visits",
            "item",
            "message",
            "that",
            "log",
        ];
        let expect = self.node.get("expect")?;
        keys.into_iter().find(|key| expect.get(key).is_some())
    }

    /// The resources that what it does is about.
    fn targets(&mut self) {
        let name = self.name;
        if let Some(send) = &self.check.send {
            self.out.key_of_any(
                &[Kind::Queue, Kind::Topic],
                &send.to,
                &["checks", name, "send", "to"],
            );
        }
        if let Some(event) = &self.check.event
            && event.source.starts_with("aws.")
        {
            self.wrong(
                &["event", "source"],
                format!(
                    "`{}` cannot be sent: AWS keeps sources that begin with `aws.` for itself",
                    event.source
                ),
                "use a name of your own, and let the rule match it; `put` makes an event of S3",
            );
        }
        if self.check.put.is_none() {
            return;
        }
        if let Some(bucket) = &self.check.bucket {
            self.out
                .key_of(Kind::Bucket, bucket, &["checks", name, "bucket"]);
            return;
        }
        let keys: Vec<&str> = self.out.file.buckets.keys().map(String::as_str).collect();
        match keys.as_slice() {
            [_] => {}
            [] => self.wrong_key(
                &["put"],
                "the stack has no bucket to put a file into",
                "add one under `buckets:`, or use `input`",
            ),
            keys => {
                let help = format!("add `bucket:` with one of: {}", keys.join(", "));
                self.wrong_key(&["put"], "the stack has several buckets", &help);
            }
        }
    }

    /// The key of the state machine that is meant.
    fn machine(&mut self) -> Option<String> {
        let name = self.name;
        if let Some(key) = &self.check.machine {
            let is_one = self
                .out
                .key_of(Kind::StateMachine, key, &["checks", name, "machine"]);
            return is_one.then(|| key.clone());
        }
        let keys: Vec<&str> = self
            .out
            .file
            .state_machines
            .keys()
            .map(String::as_str)
            .collect();
        match keys.as_slice() {
            [] => None,
            [only] => Some((*only).to_owned()),
            _ if !self.check.needs().execution || self.check.acts().is_empty() => None,
            keys => {
                let help = format!("add `machine:` with one of: {}", keys.join(", "));
                self.wrong_key(&[], "the stack has several state machines", &help);
                None
            }
        }
    }

    /// What can be known of the execution.
    fn execution(&mut self, machine: Option<&str>) {
        let expect = &self.check.expect;
        if let (Some(fails), Some(status @ (ExpectedStatus::Succeeded | ExpectedStatus::Aborted))) =
            (&expect.fails, expect.status)
        {
            let what = format!(
                "an execution that fails with `{fails}` does not end {}",
                status.name()
            );
            self.wrong(&["expect", "status"], what, "remove `status` or `fails`");
        }
        if self.check.acts().is_empty() || !self.check.needs().execution {
            return;
        }
        let written = self.node.get("expect");
        let mut of_execution = ["status", "fails", "visits", "not_visits"].into_iter();
        let of_execution =
            of_execution.find(|key| written.is_some_and(|expect| expect.get(key).is_some()));
        if self.out.file.state_machines.is_empty() {
            match of_execution {
                Some(key) => self.wrong_key(
                    &["expect", key],
                    format!("`{key}` is of an execution, and the stack has no state machine"),
                    "expect an `item`, a `message` or a line of the `log`",
                ),
                None if self.check.input.is_some() => self.wrong_key(
                    &["input"],
                    "the stack has no state machine to start with an input",
                    "use `put`, `send` or `event`",
                ),
                None => self.wrong_key(
                    &[],
                    "the check expects nothing",
                    "add `expect:` with an `item`, a `message` or a line of the `log`",
                ),
            }
            return;
        }
        let express = machine.and_then(|key| self.out.file.state_machines.get(key));
        let is_express = express.is_some_and(|one| one.machine_type == MachineType::Express);
        if !is_express {
            return;
        }
        let help = "expect an `item`, a `message` or a line of the `log`; or make the machine `type: standard`";
        let of_history = of_execution.filter(|key| key.ends_with("visits"));
        if let Some(key) = of_history {
            let what =
                "AWS keeps no history of an express machine, so its states cannot be checked";
            self.wrong_key(&["expect", key], what, help);
        } else if self.check.input.is_none() {
            let what =
                "AWS does not say how executions of an express machine end that an event starts";
            let path: &[&str] = if of_execution.is_some() {
                &["expect"]
            } else {
                &[]
            };
            self.wrong_key(path, what, help);
        }
    }
}

const DO_SOMETHING: &str =
    "add `put:` with a file, `input:` for a state machine, `send:` or `event:`";
