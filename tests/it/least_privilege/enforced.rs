//! The labs under enforcement: the functions' roles and the deployer's policy are enough, and what
//! is taken out of them is missed.

use serde_json::{Value, json};

use super::labs;
use crate::support::{Clients, Lab, Ran, World, repository, sample};

/// Somebody who may do what the policy in the documentation says.
struct Deployer {
    key: String,
    secret: String,
}

/// The policy of the documentation, for this account.
fn documented(account: &str) -> Value {
    let text = std::fs::read_to_string(repository("docs/deployer-policy.json")).unwrap();
    serde_json::from_str(&text.replace("ACCOUNT", account)).unwrap()
}

impl Deployer {
    /// A new user who holds this policy and nothing else.
    async fn with(clients: &Clients, name: &str, policy: &Value) -> Self {
        let iam = &clients.iam;
        let document = policy.to_string();
        // What AWS accepts of a managed policy.
        assert!(document.len() <= 6144, "{} characters", document.len());
        iam.create_user().user_name(name).send().await.unwrap();
        let made = iam.create_policy().policy_name(name);
        let made = made.policy_document(document).send().await.unwrap();
        let arn = made.policy.unwrap().arn.unwrap();
        let attach = iam.attach_user_policy().user_name(name).policy_arn(arn);
        attach.send().await.unwrap();
        let key = iam.create_access_key().user_name(name);
        let key = key.send().await.unwrap().access_key.unwrap();
        Self {
            key: key.access_key_id,
            secret: key.secret_access_key,
        }
    }

    fn treino(&self, world: &World, words: &[&str]) -> Ran {
        world.treino_as((&self.key, &self.secret), words)
    }
}

/// The policy without the statement of this name.
fn without(policy: &Value, sid: &str) -> Value {
    let mut policy = policy.clone();
    let statements = policy["Statement"].as_array_mut().unwrap();
    let before = statements.len();
    statements.retain(|statement| statement["Sid"] != sid);
    assert_eq!(statements.len(), before - 1, "one statement is {sid}");
    policy
}

#[tokio::test]
async fn the_labs_pass_with_the_documented_policy() {
    for name in labs::names() {
        let world = World::enforced(&format!("{name}_passes_with_the_documented_policy"));
        let clients = world.clients().await;
        let deployer = Deployer::with(&clients, "deployer", &documented(&world.account)).await;
        let lab = labs::prepared(&world, &name);
        if !labs::is_known(&world, &lab) {
            continue;
        }
        let deploy = labs::words("deploy", &lab.deploy);
        deployer.treino(&world, &deploy).ends(0);
        for run in &lab.runs {
            deployer.treino(&world, &labs::words("run", run)).ends(0);
        }
        deployer.treino(&world, &["status", &lab.name]).ends(0);
        // Nothing to do is found out with the same permissions.
        let again = deployer.treino(&world, &deploy).ends(0);
        assert!(again.changes().is_empty(), "{:?}", again.changes());
        let destroy = ["destroy", &lab.name, "--yes"];
        deployer.treino(&world, &destroy).ends(0);
        assert_eq!(clients.everything().await, Vec::<String>::new(), "{name}");
    }
}

/// What is taken out is missed at the first call that needs it, and the error says which.
#[tokio::test]
async fn without_a_statement_the_deploy_says_what_is_not_allowed() {
    let world = World::enforced("without_a_statement_the_deploy_says_what_is_not_allowed");
    let clients = world.clients().await;
    let whole = documented(&world.account);
    for (sid, address, action) in [
        ("Trails", "trail.uploads", "cloudtrail:CreateTrail"),
        (
            "NewFunctionsAndTables",
            "table.metadata",
            "dynamodb:CreateTable",
        ),
        ("Rules", "rule.photo-uploaded", "events:PutRule"),
        ("Roles", "state_machine.pipeline.role", "iam:CreateRole"),
    ] {
        let deployer = Deployer::with(&clients, sid, &without(&whole, sid)).await;
        let deploy = ["deploy", "stacks/image-metadata.yaml", "--yes"];
        let ran = deployer.treino(&world, &deploy).ends(1);
        let failed = ran.events("failed");
        let failed = failed.iter().find(|event| event["address"] == address);
        let failed = failed.unwrap_or_else(|| panic!("{address} did not fail\n{}", ran.err));
        let fault = &failed["fault"];
        assert!(
            fault["code"].as_str().unwrap().starts_with("AccessDenied"),
            "{fault}"
        );
        let message = fault["message"].as_str().unwrap();
        let said = format!("user/{sid} is not authorized to perform: {action} ");
        assert!(message.contains(&said), "{message}");
        assert_eq!(fault["residue"], "nothing");
        ran.says(&format!("failed  {address}: "));
        // The account's root tidies up.
        let root = (world.account.as_str(), "local");
        let destroy = ["destroy", "image-metadata", "--yes"];
        world.treino_as(root, &destroy).ends(0);
    }
}

/// A permission of a function that is taken out is missed from inside the function.
#[tokio::test]
async fn without_an_allow_line_the_function_is_refused() {
    let world = World::enforced("without_an_allow_line_the_function_is_refused");
    let clients = world.clients().await;
    let deployer = Deployer::with(&clients, "deployer", &documented(&world.account)).await;
    let lab = Lab::copy(&world);
    lab.edit(
        "stacks/image-metadata.yaml",
        "      - actions: [dynamodb:PutItem]\n        on: [\"${metadata.arn}\"]\n",
        "",
    );
    deployer
        .treino(&world, &["deploy", &lab.stack(), "--yes"])
        .ends(0);

    let photo = sample("coffee.jpg");
    let run = ["run", "image-metadata", photo.to_str().unwrap()];
    let ran = deployer.treino(&world, &run).ends(1);

    // From inside the function, as the function's role.
    ran.says(
        "An error occurred (AccessDeniedException) when calling the PutItem operation: User: arn:aws:sts::",
    )
    .says("assumed-role/image-metadata-extract-metadata-role-us-east-1/extract-metadata-function")
    .says("is not authorized to perform: dynamodb:PutItem ");
    let item = clients
        .item("image-metadata-metadata", "coffee.jpg")
        .await
        .unwrap();
    assert!(!item.contains_key("filesize"), "nothing was put: {item:?}");
}

/// A key that is not known and a secret that is wrong are refused: enforcement is on.
#[tokio::test]
async fn a_wrong_secret_is_refused() {
    let world = World::enforced("a_wrong_secret_is_refused");
    let clients = world.clients().await;
    let deployer = Deployer::with(
        &clients,
        "deployer",
        &json!({ "Version": "2012-10-17", "Statement": [
        { "Effect": "Allow", "Action": "*", "Resource": "*" }] }),
    )
    .await;
    let status = ["status"];
    deployer.treino(&world, &status).ends(0);
    let wrong = Deployer {
        key: deployer.key.clone(),
        secret: "x".repeat(40),
    };
    wrong
        .treino(&world, &status)
        .ends(1)
        .says("SignatureDoesNotMatch");
    let unknown = Deployer {
        key: "AKIAUNKNOWN000000000".into(),
        secret: "x".repeat(40),
    };
    unknown
        .treino(&world, &status)
        .ends(1)
        .says("InvalidClientTokenId");
}
