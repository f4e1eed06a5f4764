//! The labs: one from the repository, deployed; and a copy that a test may edit.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use aws_sdk_sfn::operation::describe_execution::DescribeExecutionOutput;
use serde_json::Value;

use super::{Clients, CommandResult, World, eventually, repository};

/// A lab of the repository in an account of its own, from its deploy to its destroy.
///
/// A test states the expected resources and the result of a run; the rest is common.
pub struct LabRun {
    pub world: World,
    pub clients: Clients,
    name: &'static str,
    stack: String,
    parameters: Vec<String>,
}

impl LabRun {
    /// The lab `stacks/NAME.yaml`, deployed for the test of this name. Exactly the resources in `wanted` must
    /// exist then (`kind name`; `{account}` is replaced by the account).
    pub async fn deployed(test: &str, name: &'static str, wanted: &[&str]) -> Self {
        Self::deployed_in(World::new(test), name, wanted, &[]).await
    }

    /// The same in an existing world, with parameters (`name=value`).
    pub async fn deployed_in(
        world: World,
        name: &'static str,
        wanted: &[&str],
        parameters: &[&str],
    ) -> Self {
        let clients = world.clients().await;
        let stack = format!("stacks/{name}.yaml");
        let parameters = parameters.iter().flat_map(|given| ["--set", given]);
        let parameters: Vec<String> = parameters.map(String::from).collect();
        assert_eq!(clients.everything().await, Vec::<String>::new());

        let deploy = with(&["deploy", &stack, "--yes"], &parameters);
        let deployed = world.treino_json(&deploy).ends(0);

        assert_eq!(deployed.event("summary")["complete"], true);
        let named = |wanted: &&str| wanted.replace("{account}", &world.account);
        let mut wanted: Vec<String> = wanted.iter().map(named).collect();
        wanted.sort();
        assert_eq!(clients.everything().await, wanted);
        Self {
            world,
            clients,
            name,
            stack,
            parameters,
        }
    }

    /// Starts an execution with this input and follows it to its end.
    #[track_caller]
    pub fn run(&self, input: &Value) -> CommandResult {
        let input = input.to_string();
        self.world
            .treino_json(&["run", self.name, "--input", &input])
    }

    /// The execution that a run started, as Step Functions describes it.
    pub async fn execution(&self, ran: &CommandResult) -> DescribeExecutionOutput {
        let arn = ran.event("execution")["arn"].as_str().unwrap().to_owned();
        let call = self.clients.states.describe_execution();
        call.execution_arn(arn).send().await.unwrap()
    }

    /// The states that the execution of a run entered, in order, each with its output or null.
    pub async fn states(&self, ran: &CommandResult) -> Vec<(String, Value)> {
        let arn = ran.event("execution")["arn"].as_str().unwrap().to_owned();
        let call = self.clients.states.get_execution_history();
        let history = call.execution_arn(arn).send().await.unwrap();
        assert_eq!(history.next_token, None);
        let mut states: Vec<(String, Value)> = Vec::new();
        for event in &history.events {
            if let Some(entered) = event.state_entered_event_details() {
                states.push((entered.name.clone(), Value::Null));
            }
            if let Some(exited) = event.state_exited_event_details() {
                // The latest of that name: a loop enters a state several times.
                let mut latest = states.iter_mut().rev();
                let state = latest.find(|(name, _)| *name == exited.name);
                let output = exited.output.as_deref().unwrap_or("null");
                state.unwrap().1 = serde_json::from_str(output).unwrap();
            }
        }
        states
    }

    /// Waits until a function has logged this; returns how often.
    pub async fn logged(&self, function: &str, text: &str) -> usize {
        eventually(&format!("`{text}` in the log of {function}"), async || {
            let lines = self.log(function).await;
            let seen = lines.iter().filter(|line| line.contains(text)).count();
            (seen > 0).then_some(seen)
        })
        .await
    }

    /// The lines of a function's log so far.
    pub async fn log(&self, function: &str) -> Vec<String> {
        let call = self.clients.logs.filter_log_events();
        let call = call.log_group_name(format!("/aws/lambda/{function}"));
        let seen = call.send().await.unwrap();
        let lines = seen.events.unwrap_or_default().into_iter();
        lines.filter_map(|event| event.message).collect()
    }

    /// Runs the checks of the stack file: all pass but those that a destroy is needed for.
    #[track_caller]
    pub fn passes_its_checks(&self) -> CommandResult {
        let test = with(&["test", &self.stack], &self.parameters);
        let tested = self.world.treino_json(&test).ends(0);
        let ended = tested.event("tests_ended");
        let (passed, not_run) = (ended["passed"].as_u64(), ended["not_run"].as_u64());
        assert!(passed > Some(0) && not_run == Some(1), "{ended}");
        assert_eq!(
            (&ended["failed"], &ended["unknown"]),
            (&0.into(), &0.into())
        );
        tested
    }

    /// Deploys again: nothing changes.
    pub async fn deployed_again(&self) {
        let before = self.clients.everything().await;
        let deploy = with(&["deploy", &self.stack, "--yes"], &self.parameters);
        let again = self.world.treino_json(&deploy).ends(0);
        assert_eq!(again.changes(), BTreeMap::new());
        let plan = with(&["plan", &self.stack, "--exit-code"], &self.parameters);
        self.world.treino(&plan).ends(0).says("nothing to change");
        assert_eq!(self.clients.everything().await, before);
    }

    /// Destroys it by its name: no resource is left, and a second destroy has nothing to do.
    pub async fn destroyed(self) {
        let destroy = ["destroy", self.name, "--yes"];
        self.world.treino(&destroy).ends(0).says("verified:");
        assert_eq!(self.clients.everything().await, Vec::<String>::new());
        self.world.treino(&destroy).ends(1).says("has no resources");
    }
}

fn with<'a>(words: &[&'a str], more: &'a [String]) -> Vec<&'a str> {
    let more = more.iter().map(String::as_str);
    words.iter().copied().chain(more).collect()
}

/// A copy of the labs in the world's folder.
pub struct Lab {
    folder: PathBuf,
}

impl Lab {
    pub fn copy(world: &World) -> Self {
        let folder = world.folder.path().join("lab");
        for part in ["stacks", "definitions", "lambdas", "tests/samples"] {
            copy(&repository(part), &folder.join(part));
        }
        Self { folder }
    }

    /// The stack file.
    pub fn stack(&self) -> String {
        self.path("stacks/image-metadata.yaml")
    }

    /// A file of the copy.
    pub fn path(&self, name: &str) -> String {
        self.folder.join(name).to_str().unwrap().to_owned()
    }

    /// Replaces a text that occurs exactly once in the file.
    #[track_caller]
    pub fn edit(&self, name: &str, old: &str, new: &str) {
        let path = self.folder.join(name);
        let text = fs::read_to_string(&path).unwrap();
        assert_eq!(text.matches(old).count(), 1, "{old} in {name}");
        fs::write(&path, text.replace(old, new)).unwrap();
    }

    /// Removes a section of the stack file.
    #[track_caller]
    pub fn cut(&self, section: &str) {
        let path = self.folder.join("stacks/image-metadata.yaml");
        let text = fs::read_to_string(&path).unwrap();
        let mut inside = false;
        let kept: Vec<&str> = text
            .lines()
            .filter(|line| {
                if !line.is_empty() && !line.starts_with([' ', '#']) {
                    inside = *line == format!("{section}:");
                }
                !inside || line.starts_with('#')
            })
            .collect();
        assert!(kept.len() < text.lines().count(), "no section {section}");
        fs::write(&path, kept.join("\n") + "\n").unwrap();
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}
