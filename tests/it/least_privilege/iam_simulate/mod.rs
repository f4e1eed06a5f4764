//! A simulator of IAM's policies that shares no code with treino or the local AWS: iam-simulate, from npm. It refuses
//! actions that do not exist and resources that an action does not take, by the service authorization reference.

use std::collections::BTreeMap;
use std::io::Write;
use std::process::{Command, Stdio};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use treino::local::{Folders, NodePackages, node_packages};

use crate::support::repository;

/// One action of a principal on a resource.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Question {
    /// An ARN, or a service such as `events.amazonaws.com`.
    pub principal: String,
    pub account: String,
    pub action: String,
    pub resource: String,
    /// The condition keys of the request.
    pub context: BTreeMap<String, String>,
    /// The policy of the resource as JSON, if that is asked.
    #[serde(serialize_with = "document", skip_serializing_if = "Option::is_none")]
    pub resource_policy: Option<String>,
}

#[allow(clippy::ref_option, reason = "serde gives the field itself")]
fn document<S: serde::Serializer>(text: &Option<String>, to: S) -> Result<S::Ok, S::Error> {
    let value: Option<Value> = text
        .as_ref()
        .map(|text| serde_json::from_str(text).unwrap());
    value.serialize(to)
}

/// Whether it is allowed; or why it cannot be asked.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Answer {
    pub allowed: bool,
    pub error: Option<String>,
}

#[derive(Deserialize)]
struct Answers {
    answers: Vec<Answer>,
    actions: BTreeMap<String, String>,
}

/// What these policies of the principal allow.
pub fn simulated(identity: &[Value], questions: &[Question]) -> Vec<Answer> {
    asked(identity, &json!(questions), &[]).answers
}

/// What each of several policies allows: each question is of one, by its place.
pub fn simulated_each(policies: &[Value], questions: &[(usize, Question)]) -> Vec<Answer> {
    let of_one = |(document, question): &(usize, Question)| {
        let mut question = json!(question);
        question["document"] = json!(document);
        question
    };
    let questions: Vec<Value> = questions.iter().map(of_one).collect();
    asked(policies, &json!(questions), &[]).answers
}

/// The actions of IAM that patterns such as `sqs:List*` match, each with its access level (`List`, `Read`, `Tagging`,
/// `Write`, `Permissions management`).
pub fn actions(patterns: &[String]) -> BTreeMap<String, String> {
    asked(&[], &json!([]), patterns).actions
}

fn asked(identity: &[Value], questions: &Value, patterns: &[String]) -> Answers {
    let cache = Folders::of_user().expect("a home directory").cache;
    let packages = NodePackages {
        what: "iam-simulate",
        megabytes: 20,
        who: "tests of policies",
        package: include_str!("package.json"),
        lock: include_str!("package-lock.json"),
    };
    let folder = node_packages(&cache, &packages, &|text: &str| eprintln!("{text}"));
    let folder = folder.unwrap_or_else(|failure| panic!("{failure}"));
    let mut child = Command::new("node")
        .arg(repository(
            "tests/it/least_privilege/iam_simulate/simulate.cjs",
        ))
        .arg(folder)
        .env_remove("NODE_OPTIONS")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("node starts");
    let text = json!({ "identity": identity, "questions": questions, "patterns": patterns });
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(text.to_string().as_bytes()).unwrap();
    drop(stdin);
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", output.status);
    let answers: Answers = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        Some(answers.answers.len()),
        questions.as_array().map(Vec::len)
    );
    answers
}
