//! The result of a run of the binary.

use std::collections::BTreeMap;
use std::process::{Command, Output};

use serde_json::Value;

use super::hints;

/// Exit code and output.
#[derive(Debug)]
pub struct CommandResult {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl CommandResult {
    pub fn of(command: &mut Command) -> Self {
        Self::from(command.output().unwrap())
    }

    /// The result of a program; the code is -1 if a signal ended it.
    pub fn from(output: Output) -> Self {
        let ran = Self {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        };
        // Whatever any test makes treino print: its commands are right as they are printed.
        for text in [&ran.out, &ran.err] {
            assert_eq!(hints::wrong(text), Vec::<String>::new(), "\n{text}");
        }
        ran
    }

    /// Asserts the exit code.
    #[track_caller]
    pub fn ends(self, code: i32) -> Self {
        let Self { out, err, .. } = &self;
        assert_eq!(self.code, code, "\n--- out\n{out}\n--- err\n{err}");
        self
    }

    /// Asserts that either stream contains this.
    #[track_caller]
    pub fn says(self, text: &str) -> Self {
        let Self { out, err, .. } = &self;
        assert!(
            out.contains(text) || err.contains(text),
            "`{text}` is not in\n--- out\n{out}\n--- err\n{err}"
        );
        self
    }

    /// Every event of this name, of a run with `--json`.
    #[track_caller]
    pub fn events(&self, name: &str) -> Vec<Value> {
        let parsed = self.out.lines().map(|line| {
            serde_json::from_str::<Value>(line)
                .unwrap_or_else(|error| panic!("{error} in the line: {line}"))
        });
        parsed.filter(|event| event["event"] == name).collect()
    }

    /// The one event of this name.
    #[track_caller]
    pub fn event(&self, name: &str) -> Value {
        let mut events = self.events(name);
        assert_eq!(events.len(), 1, "{name}: {events:?}\n{}", self.err);
        events.remove(0)
    }

    /// The changes of the plan by address: the action, and for an update or replacement the paths that
    /// differ.
    #[track_caller]
    pub fn changes(&self) -> BTreeMap<String, (String, Vec<String>)> {
        let plan = self.event("plan");
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let steps = plan["steps"].as_array().unwrap().iter();
        steps
            .filter(|step| step["action"] != "keep")
            .map(|step| {
                let changes = step["changes"].as_array().cloned().unwrap_or_default();
                let paths = changes.iter().map(|change| text(&change["path"])).collect();
                (text(&step["address"]), (text(&step["action"]), paths))
            })
            .collect()
    }

    /// The plan's reason for the step of an address.
    #[track_caller]
    pub fn why(&self, address: &str) -> String {
        let plan = self.event("plan");
        let steps = plan["steps"].as_array().unwrap();
        let step = steps.iter().find(|step| step["address"] == address);
        step.unwrap()["why"].as_str().unwrap().to_owned()
    }
}
