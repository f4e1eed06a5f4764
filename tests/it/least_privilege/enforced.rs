//! The labs under enforcement: the functions' roles and the deployer's policy are enough, and what
//! is taken out of them is missed.

use serde_json::{Value, json};

use super::labs;
use crate::kinds::{self, TestKind};
use crate::support::parts::lab_of;
use crate::support::{Clients, CommandResult, Lab, REGION, World, repository, sample};

/// Somebody who may do what the policy in the documentation says.
pub struct Deployer {
    pub key: String,
    pub secret: String,
}

/// The policy of the documentation, for this account.
pub fn documented(account: &str) -> Value {
    let text = std::fs::read_to_string(repository("docs/deployer-policy.json")).unwrap();
    serde_json::from_str(&text.replace("ACCOUNT", account)).unwrap()
}

impl Deployer {
    /// A new user who holds this policy and nothing else.
    pub async fn with(clients: &Clients, name: &str, policy: &Value) -> Self {
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

    pub fn treino(&self, world: &World, words: &[&str]) -> CommandResult {
        world.treino_as((&self.key, &self.secret), words)
    }
}

/// The policy without the statement of this name.
pub fn without(policy: &Value, sid: &str) -> Value {
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
        deployer.treino(&world, &["logs", &lab.name]).ends(0);
        // Nothing to do is found out with the same permissions.
        let again = deployer.treino(&world, &deploy).ends(0);
        assert!(again.changes().is_empty(), "{:?}", again.changes());
        let destroy = ["destroy", &lab.name, "--yes"];
        deployer.treino(&world, &destroy).ends(0);
        assert_eq!(clients.everything().await, Vec::<String>::new(), "{name}");
    }
}

/// Whose the buckets are may not be seen: then nobody says that they are gone.
#[tokio::test]
async fn what_may_not_be_looked_at_is_not_proved_to_be_gone() {
    let world = World::enforced("what_may_not_be_looked_at_is_not_proved_to_be_gone");
    let clients = world.clients().await;
    let whole = documented(&world.account);
    let deploy = ["deploy", "stacks/image-metadata.yaml", "--yes"];
    let deployer = Deployer::with(&clients, "deployer", &whole).await;
    deployer.treino(&world, &deploy).ends(0);

    // The lab has no large package; the denial needs the room.
    let mut blind = without(&whole, "Packages");
    let denied = json!({ "Effect": "Deny", "Action": "s3:GetBucketTagging", "Resource": "*" });
    blind["Statement"].as_array_mut().unwrap().push(denied);
    let blind = Deployer::with(&clients, "blind", &blind).await;
    let destroy = ["destroy", "image-metadata", "--yes"];
    let said = "buckets could not be looked for";
    blind.treino(&world, &destroy).ends(3).says(said);
    let left = clients.everything().await;
    assert!(!left.is_empty());
    assert!(
        left.iter().all(|one| one.starts_with("bucket ")),
        "{left:?}"
    );

    deployer.treino(&world, &destroy).ends(0);
    assert_eq!(clients.everything().await, Vec::<String>::new());
}

/// Only what carries the mark may be changed, so the mark comes first.
#[tokio::test]
async fn the_documented_policy_is_enough_to_take_something_over() {
    let world = World::enforced("the_documented_policy_is_enough_to_take_something_over");
    let clients = world.clients().await;
    let deployer = Deployer::with(&clients, "deployer", &documented(&world.account)).await;
    let table = kinds::at("table.t");
    table.make(&clients, "lab-t", &[("team", "blue")]).await;
    let stack = b"stack: lab\ntables: { t: { partition_key: id } }\n";
    let stack = world.file("lab.yaml", stack);
    let stack = stack.to_str().unwrap();
    let adopt = ["deploy", stack, "--yes", "--adopt", "table.t"];
    deployer.treino(&world, &adopt).ends(0);
    let again = deployer.treino(&world, &["plan", stack, "--exit-code"]);
    again.ends(0);
}

/// An action that is taken out is missed at the call that needs it, and the error says which.
#[tokio::test]
async fn without_an_action_the_deploy_says_what_is_not_allowed() {
    let world = World::enforced("without_an_action_the_deploy_says_what_is_not_allowed");
    let mut wrong = Vec::new();
    for kind in kinds::ALL {
        let address = kind.sample().address;
        let mut policy = documented(&world.account);
        let actions = statement_of(&mut policy, kind.action())["Action"].as_array_mut();
        actions.unwrap().retain(|action| action != kind.action());
        let (user, ran) = refused(&world, *kind, "action", &policy).await;
        let failed = ran.events("failed");
        let failed = failed.iter().find(|event| event["address"] == address);
        let failed = failed.unwrap_or_else(|| panic!("{address} did not fail\n{}", ran.err));
        let error = &failed["error"];
        let (code, message) = (error["code"].as_str(), error["message"].as_str());
        let action = kind.action();
        let said = format!("user/{user} is not authorized to perform: {action} ");
        let is_said = message.is_some_and(|message| message.contains(&said));
        let denials = [
            "AccessDenied",
            "AccessDeniedException",
            "AuthorizationError",
        ];
        if !code.is_some_and(|code| denials.contains(&code))
            || !is_said
            || error["leftover"] != "nothing"
        {
            wrong.push(format!("{address}: {error}"));
        }
        ran.says(&format!("failed  {address}: "));
    }
    assert_eq!(wrong, Vec::<String>::new());
}

/// So is a whole statement, at the first call that needs it.
#[tokio::test]
async fn without_a_statement_the_deploy_says_what_is_not_allowed() {
    let world = World::enforced("without_a_statement_the_deploy_says_what_is_not_allowed");
    for kind in kinds::ALL {
        let mut whole = documented(&world.account);
        let statement = statement_of(&mut whole, kind.action()).clone();
        let policy = without(&whole, statement["Sid"].as_str().unwrap());
        let (user, ran) = refused(&world, *kind, "statement", &policy).await;
        let actions = statement["Action"].as_array().unwrap().iter();
        let said = actions.map(|action| {
            let action = action.as_str().unwrap();
            format!("user/{user} is not authorized to perform: {action} ")
        });
        let said: Vec<String> = said.collect();
        assert!(
            said.iter().any(|said| ran.err.contains(said)),
            "{}",
            ran.err
        );
    }
}

/// The statement with this action.
fn statement_of<'a>(policy: &'a mut Value, action: &str) -> &'a mut Value {
    let statements = policy["Statement"].as_array_mut().unwrap().iter_mut();
    let mut with = statements.filter(|statement| {
        let actions = statement["Action"].as_array().unwrap();
        actions.iter().any(|one| one == action)
    });
    with.next().unwrap()
}

/// Deploys the sample of a kind by a user with this policy, which is not enough; answers who it was and
/// what was said. The account's root tidies up.
async fn refused(
    world: &World,
    kind: &dyn TestKind,
    without: &str,
    policy: &Value,
) -> (String, CommandResult) {
    let clients = world.clients().await;
    let user = format!("no-{without}-for-{}", kind.kind().facts().noun);
    let deployer = Deployer::with(&clients, &user, policy).await;
    let sections = kinds::sections_for(kind);
    let sections = sections.replace(kind.sample().section, kind.permitted_section());
    let file = lab_of(world, &[&sections]);
    let ran = deployer.treino(world, &["deploy", &file, "--yes"]).ends(1);
    let secret = world.secret();
    let root = (world.account.as_str(), secret.as_str());
    let destroyed = world.treino_as(root, &["destroy", &file, "--yes"]);
    destroyed.ends(0);
    (user, ran)
}

/// One of each kind passes.
#[tokio::test]
async fn every_kind_passes_with_the_documented_policy() {
    let world = World::enforced("every_kind_passes_with_the_documented_policy");
    let clients = world.clients().await;
    let deployer = Deployer::with(&clients, "deployer", &documented(&world.account)).await;
    let sections: Vec<&str> = kinds::ALL
        .iter()
        .map(|kind| kind.permitted_section())
        .collect();
    let file = lab_of(&world, &sections);
    let deploy = ["deploy", file.as_str(), "--yes"];
    deployer.treino(&world, &deploy).ends(0);
    let again = deployer.treino(&world, &deploy).ends(0);
    assert!(again.changes().is_empty(), "{:?}", again.changes());
    deployer
        .treino(&world, &["destroy", "lab", "--yes"])
        .ends(0);
    assert_eq!(clients.everything().await, Vec::<String>::new());
}

/// What a deploy does not need is missed by the verb that does.
#[tokio::test]
async fn without_a_statement_run_and_destroy_say_what_is_not_allowed() {
    let world = World::enforced("without_a_statement_run_and_destroy_say_what_is_not_allowed");
    let clients = world.clients().await;
    let whole = documented(&world.account);
    let deployer = Deployer::with(&clients, "deployer", &whole).await;
    let deploy = ["deploy", "stacks/image-metadata.yaml", "--yes"];
    deployer.treino(&world, &deploy).ends(0);

    let nothing_put = Deployer::with(&clients, "reader", &without(&whole, "Objects")).await;
    let photo = sample("coffee.jpg");
    let run = ["run", "image-metadata", photo.to_str().unwrap()];
    let ran = nothing_put.treino(&world, &run).ends(1);
    ran.says("S3 PutObject: AccessDenied")
        .says("user/reader is not authorized to perform: s3:PutObject ");

    let policy = without(&whole, "MarkedFunctionsAndTables");
    let nothing_deleted = Deployer::with(&clients, "keeper", &policy).await;
    let destroy = ["destroy", "image-metadata", "--yes"];
    let ran = nothing_deleted.treino(&world, &destroy).ends(1);
    ran.says("failed  function.extract-metadata: Lambda DeleteFunction: AccessDenied")
        .says("user/keeper is not authorized to perform: lambda:DeleteFunction ");
    deployer.treino(&world, &destroy).ends(0);
    assert_eq!(clients.everything().await, Vec::<String>::new());
}

/// What is not marked as treino's is not changed or deleted with these permissions, whoever tries.
#[tokio::test]
async fn the_documented_policy_does_not_reach_what_is_not_treinos() {
    let world = World::enforced("the_documented_policy_does_not_reach_what_is_not_treinos");
    let clients = world.clients().await;
    let deployer = Deployer::with(&clients, "deployer", &documented(&world.account)).await;
    let policy = |action: &str, resource: String| (action.to_owned(), resource);
    let account = &world.account;
    for (action, resource) in [
        policy(
            "iam:PutRolePolicy",
            format!("arn:aws:iam::{account}:role/admin"),
        ),
        policy("iam:PassRole", format!("arn:aws:iam::{account}:role/admin")),
        policy(
            "iam:PutUserPolicy",
            format!("arn:aws:iam::{account}:user/deployer"),
        ),
        policy(
            "iam:CreatePolicyVersion",
            format!("arn:aws:iam::{account}:policy/deployer"),
        ),
        policy("s3:DeleteBucket", "arn:aws:s3:::somebody-elses".to_owned()),
        policy(
            "s3:GetObject",
            format!("arn:aws:s3:::x-{account}-us-east-1/secret"),
        ),
        policy(
            "dynamodb:DeleteTable",
            clients.arn("dynamodb", "table/payroll"),
        ),
        policy(
            "dynamodb:CreateTable",
            clients.arn("dynamodb", "table/payroll"),
        ),
        policy(
            "lambda:UpdateFunctionCode",
            clients.arn("lambda", "function:payroll"),
        ),
        policy(
            "lambda:InvokeFunction",
            clients.arn("lambda", "function:payroll"),
        ),
        policy(
            "logs:DeleteLogGroup",
            clients.arn("logs", "log-group:payroll"),
        ),
        policy(
            "secretsmanager:GetSecretValue",
            clients.arn("secretsmanager", "secret:payroll-a1b2c3"),
        ),
    ] {
        let call = clients
            .iam
            .simulate_principal_policy()
            .action_names(&action);
        let call = call.policy_source_arn(format!("arn:aws:iam::{account}:user/deployer"));
        let answer = call.resource_arns(&resource).send().await.unwrap();
        let decision = answer.evaluation_results()[0].eval_decision.as_str();
        assert_eq!(decision, "implicitDeny", "{action} on {resource}");
    }
    // And one that is really tried: a table that has no mark.
    let table = clients.dynamodb.create_table().table_name("payroll");
    let key = aws_sdk_dynamodb::types::AttributeDefinition::builder()
        .attribute_name("filename")
        .attribute_type(aws_sdk_dynamodb::types::ScalarAttributeType::S);
    let schema = aws_sdk_dynamodb::types::KeySchemaElement::builder()
        .attribute_name("filename")
        .key_type(aws_sdk_dynamodb::types::KeyType::Hash);
    let table = table
        .attribute_definitions(key.build().unwrap())
        .key_schema(schema.build().unwrap());
    let table = table.billing_mode(aws_sdk_dynamodb::types::BillingMode::PayPerRequest);
    table.send().await.unwrap();
    let keys = (deployer.key.as_str(), deployer.secret.as_str());
    let theirs = Clients::signed(&world.endpoint, account, REGION, keys).await;
    let delete = theirs.dynamodb.delete_table().table_name("payroll");
    let refused = delete.send().await.unwrap_err().into_service_error();
    assert_eq!(refused.meta().code(), Some("AccessDeniedException"));
    let tables = clients.dynamodb.list_tables().send().await.unwrap();
    assert_eq!(tables.table_names(), ["payroll"]);
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
        "      - actions: [dynamodb:PutItem]\n        resources: [\"${metadata.arn}\"]\n",
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
