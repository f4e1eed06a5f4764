//! The policy simulator of the local AWS, and that it is right.

use aws_sdk_iam::types::{ContextEntry, ContextKeyTypeEnum, EvaluationResult};
use serde_json::{Value, json};

use crate::support::{Clients, World};

/// Condition keys of a request, each with one value.
pub type Context = Vec<(String, String)>;

/// What is asked of the simulator: each of these actions on each of these resources.
pub struct Question {
    pub actions: Vec<String>,
    pub resources: Vec<String>,
    pub context: Context,
}

/// Each action on each resource, and whether it is allowed.
pub type Answer = Vec<(String, String, bool)>;

/// What a role of the account is allowed, as IAM has it.
pub async fn role(clients: &Clients, arn: &str, question: &Question) -> Answer {
    let call = clients.iam.simulate_principal_policy();
    let call = call
        .policy_source_arn(arn)
        .set_action_names(Some(question.actions.clone()))
        .set_resource_arns(Some(question.resources.clone()))
        .set_context_entries(Some(entries(&question.context)));
    let answer = call.send().await.unwrap();
    assert!(!answer.is_truncated);
    checked(answer.evaluation_results(), question)
}

/// What these documents allow.
pub async fn documents(clients: &Clients, documents: &[Value], question: &Question) -> Answer {
    let documents = documents.iter().map(ToString::to_string).collect();
    let call = clients.iam.simulate_custom_policy();
    let call = call
        .set_policy_input_list(Some(documents))
        .set_action_names(Some(question.actions.clone()))
        .set_resource_arns(Some(question.resources.clone()))
        .set_context_entries(Some(entries(&question.context)));
    let answer = call.send().await.unwrap();
    assert!(!answer.is_truncated);
    checked(answer.evaluation_results(), question)
}

fn entries(context: &Context) -> Vec<ContextEntry> {
    let entry = |(key, value): &(String, String)| {
        ContextEntry::builder()
            .context_key_name(key)
            .context_key_type(ContextKeyTypeEnum::String)
            .context_key_values(value)
            .build()
    };
    context.iter().map(entry).collect()
}

/// The answer, which has to hold every combination that was asked for.
fn checked(results: &[EvaluationResult], question: &Question) -> Answer {
    let one = |result: &EvaluationResult| {
        let resource = result.eval_resource_name().unwrap().to_owned();
        let allowed = result.eval_decision.as_str() == "allowed";
        (result.eval_action_name.clone(), resource, allowed)
    };
    let answer: Answer = results.iter().map(one).collect();
    let asked = question.actions.len() * question.resources.len();
    assert_eq!(answer.len(), asked, "{answer:?}");
    answer
}

async fn allows(clients: &Clients, statement: &Value, request: (&str, &str, &Context)) -> bool {
    let document = json!({ "Version": "2012-10-17", "Statement": statement });
    let (action, resource, context) = request;
    let question = Question {
        actions: vec![action.to_owned()],
        resources: vec![resource.to_owned()],
        context: context.clone(),
    };
    documents(clients, &[document], &question).await[0].2
}

/// Known answers, from the rules of IAM's policy language.
#[tokio::test]
async fn the_simulator_answers_what_is_known() {
    let clients = World::new("the_simulator_answers_what_is_known")
        .clients()
        .await;
    let none = Context::new();
    let object = "arn:aws:s3:::b/in/a.txt";
    let allow = |action: Value, resource: Value| json!([{ "Effect": "Allow", "Action": action, "Resource": resource }]);
    for (statement, action, resource, expected) in [
        (
            allow(json!("s3:GetObject"), json!(object)),
            "s3:GetObject",
            object,
            true,
        ),
        // Actions are the same in capitals, resources are not.
        (
            allow(json!("S3:getobject"), json!(object)),
            "s3:GetObject",
            object,
            true,
        ),
        (
            allow(json!("s3:GetObject"), json!("arn:aws:s3:::B/in/a.txt")),
            "s3:GetObject",
            object,
            false,
        ),
        (
            allow(json!("s3:Get*"), json!("arn:aws:s3:::b/*")),
            "s3:GetObject",
            object,
            true,
        ),
        (
            allow(json!("s3:Get*"), json!("arn:aws:s3:::b/*")),
            "s3:PutObject",
            object,
            false,
        ),
        (
            allow(json!("s3:GetObject"), json!("arn:aws:s3:::b/*")),
            "s3:GetObject",
            "arn:aws:s3:::b",
            false,
        ),
        (
            allow(json!("s3:GetObject"), json!("arn:aws:s3:::b/in/?.txt")),
            "s3:GetObject",
            object,
            true,
        ),
        (
            allow(json!("s3:GetObject"), json!("arn:aws:s3:::b/?.txt")),
            "s3:GetObject",
            object,
            false,
        ),
        (
            allow(json!("s3:GetObject"), json!("*")),
            "s3:GetObject",
            object,
            true,
        ),
        (
            allow(json!("s3:GetObjectVersion"), json!("*")),
            "s3:GetObject",
            object,
            false,
        ),
        (json!([]), "s3:GetObject", object, false),
        (
            json!([{ "Effect": "Allow", "NotAction": "s3:GetObject", "Resource": "*" }]),
            "s3:GetObject",
            object,
            false,
        ),
        (
            json!([{ "Effect": "Allow", "NotAction": "s3:GetObject", "Resource": "*" }]),
            "s3:PutObject",
            object,
            true,
        ),
        (
            json!([{ "Effect": "Allow", "Action": "s3:*", "NotResource": "arn:aws:s3:::b/*" }]),
            "s3:GetObject",
            object,
            false,
        ),
        (
            json!([{ "Effect": "Allow", "Action": "*", "Resource": "*" }, { "Effect": "Deny", "Action": "s3:Get*", "Resource": object }]),
            "s3:GetObject",
            object,
            false,
        ),
    ] {
        let found = allows(&clients, &statement, (action, resource, &none)).await;
        assert_eq!(found, expected, "{action} on {resource} by {statement}");
    }

    let asked = |pairs: &[(&str, &str)]| -> Context {
        let pair = |(key, value): &(&str, &str)| ((*key).to_owned(), (*value).to_owned());
        pairs.iter().map(pair).collect()
    };
    let only_if = |condition: Value| json!([{ "Effect": "Allow", "Action": "states:InvokeHTTPEndpoint", "Resource": "*", "Condition": condition }]);
    let (method, endpoint) = ("states:HTTPMethod", "states:HTTPEndpoint");
    for (condition, context, expected) in [
        (
            json!({ "StringEquals": { method: "GET" } }),
            asked(&[(method, "GET")]),
            true,
        ),
        (
            json!({ "StringEquals": { method: "GET" } }),
            asked(&[("STATES:httpmethod", "GET")]),
            true,
        ),
        (
            json!({ "StringEquals": { method: "GET" } }),
            asked(&[(method, "get")]),
            false,
        ),
        (
            json!({ "StringEquals": { method: "GET" } }),
            none.clone(),
            false,
        ),
        (
            json!({ "StringEquals": { method: ["GET", "PUT"] } }),
            asked(&[(method, "PUT")]),
            true,
        ),
        (
            json!({ "StringEquals": { endpoint: "https://a/*" } }),
            asked(&[(endpoint, "https://a/b")]),
            false,
        ),
        (
            json!({ "StringLike": { endpoint: "https://a/*" } }),
            asked(&[(endpoint, "https://a/b")]),
            true,
        ),
        (
            json!({ "StringLike": { endpoint: "https://a/*" } }),
            asked(&[(endpoint, "https://b/b")]),
            false,
        ),
        (
            json!({ "StringEquals": { method: "GET" }, "StringLike": { endpoint: "https://a/*" } }),
            asked(&[(method, "PUT"), (endpoint, "https://a/b")]),
            false,
        ),
        (
            json!({ "ForAllValues:StringEquals": { method: ["GET"] } }),
            none.clone(),
            true,
        ),
        (
            json!({ "ForAllValues:StringEquals": { method: ["GET"] } }),
            asked(&[(method, "PUT")]),
            false,
        ),
        (json!({ "Null": { method: "true" } }), none.clone(), true),
        (
            json!({ "Null": { method: "true" } }),
            asked(&[(method, "PUT")]),
            false,
        ),
    ] {
        let statement = only_if(condition);
        let request = (
            "states:InvokeHTTPEndpoint",
            "arn:aws:states:us-east-1:111122223333:stateMachine:m",
            &context,
        );
        let found = allows(&clients, &statement, request).await;
        assert_eq!(found, expected, "{context:?} by {statement}");
    }
}

/// A role's own policies count, under a path too, and no others.
#[tokio::test]
async fn the_simulator_finds_the_policies_of_a_role() {
    let clients = World::new("the_simulator_finds_the_policies_of_a_role")
        .clients()
        .await;
    let trust = json!({ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow",
        "Principal": { "Service": "lambda.amazonaws.com" }, "Action": "sts:AssumeRole" }] });
    let mut arns = Vec::new();
    for (name, path) in [("plain", "/"), ("deep", "/a/b/")] {
        let call = clients.iam.create_role().role_name(name).path(path);
        let call = call.assume_role_policy_document(trust.to_string());
        let made = call.send().await.unwrap();
        arns.push(made.role.unwrap().arn);
        let document = json!({ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow",
            "Action": "s3:GetObject", "Resource": format!("arn:aws:s3:::{name}/*") }] });
        let call = clients.iam.put_role_policy().role_name(name);
        let call = call.policy_name("p").policy_document(document.to_string());
        call.send().await.unwrap();
    }
    assert!(arns[1].ends_with(":role/a/b/deep"), "{arns:?}");
    let question = Question {
        actions: vec!["s3:GetObject".to_owned(), "s3:PutObject".to_owned()],
        resources: vec![
            "arn:aws:s3:::plain/x".to_owned(),
            "arn:aws:s3:::deep/x".to_owned(),
        ],
        context: Context::new(),
    };
    for (arn, expected) in arns.iter().zip([[true, false], [false, true]]) {
        let answer = role(&clients, arn, &question).await;
        let got: Vec<bool> = answer.iter().map(|(_, _, allowed)| *allowed).collect();
        assert_eq!(got, [expected[0], expected[1], false, false], "{answer:?}");
    }
    let missing = arns[0].replace("plain", "nobody");
    let call = clients
        .iam
        .simulate_principal_policy()
        .policy_source_arn(missing);
    let refused = call.action_names("s3:GetObject").send().await.unwrap_err();
    assert!(
        format!("{refused:?}").contains("NoSuchEntity"),
        "{refused:?}"
    );
}
