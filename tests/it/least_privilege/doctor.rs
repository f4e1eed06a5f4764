//! `treino doctor` under enforcement: it says what will fail before anything is made, and nothing where nothing will.

use std::process::Command;

use serde_json::{Value, json};

use super::enforced::{Deployer, documented, without};
use crate::support::proxy::{Answer, Proxy};
use crate::support::{Clients, CommandResult, Lab, World};

/// A role that Lambda alone may assume, as in accounts for learning.
async fn lab_role(clients: &Clients) {
    let trust = json!({ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow",
        "Principal": { "Service": "lambda.amazonaws.com" }, "Action": "sts:AssumeRole" }] });
    let role = clients.iam.create_role().role_name("LabRole");
    let role = role.assume_role_policy_document(trust.to_string());
    role.send().await.unwrap();
}

/// The documented policy without what makes roles, and with what is passed in such accounts.
fn restricted(account: &str, simulates: bool) -> Value {
    let mut policy = without(&documented(account), "Roles");
    for statement in policy["Statement"].as_array_mut().unwrap() {
        if statement["Sid"] == "HandRolesToServices" {
            statement["Resource"] = json!(format!("arn:aws:iam::{account}:role/LabRole"));
        }
        if statement["Sid"] == "Look" && simulates {
            let actions = statement["Action"].as_array_mut().unwrap();
            actions.push(json!("iam:SimulatePrincipalPolicy"));
            actions.push(json!("iam:GetAccountSummary"));
        }
    }
    policy
}

/// The findings of a level, each `topic: message -> help`.
fn findings(ran: &CommandResult, level: &str) -> Vec<String> {
    let event = ran.event("doctor");
    let found = event["findings"].as_array().unwrap().iter();
    let found = found.filter(|one| one["level"] == level);
    found
        .map(|one| {
            let text = |key: &str| one[key].as_str().unwrap_or_default().to_owned();
            format!("{}: {} -> {}", text("topic"), text("message"), text("help"))
        })
        .collect()
}

#[track_caller]
fn has(found: &[String], texts: &[&str]) {
    let fits = |one: &&String| texts.iter().all(|text| one.contains(text));
    assert!(
        found.iter().any(|one| fits(&one)),
        "{texts:?} is not in {found:#?}"
    );
}

#[tokio::test]
async fn an_account_without_roles_of_its_own_is_told_before_anything_is_made() {
    let world =
        World::enforced("an_account_without_roles_of_its_own_is_told_before_anything_is_made");
    let clients = world.clients().await;
    let account = world.account.clone();
    lab_role(&clients).await;
    let before = clients.everything().await;

    // The lab as it is makes roles.
    let voclabs = Deployer::with(&clients, "voclabs", &restricted(&account, true)).await;
    let doctor = ["doctor", "stacks/image-metadata.yaml"];
    let ran = voclabs.treino(&world, &doctor).ends(1);
    let fails = findings(&ran, "fails");
    let way_out = format!("defaults: {{ role: \"arn:aws:iam::{account}:role/LabRole\" }}");
    has(
        &fails,
        &[
            "permissions: roles cannot be made",
            "iam:CreateRole",
            "iam:PutRolePolicy",
            &way_out,
        ],
    );
    has(
        &fails,
        &[
            "permissions: AWS cannot be made to delete the stack",
            "self_destruct: off",
        ],
    );
    // Where no role can be made, none is changed or deleted.
    assert_eq!(findings(&ran, "warning"), Vec::<String>::new());
    has(
        &findings(&ran, "ok"),
        &["credentials: user/voclabs, account"],
    );
    assert!(
        !fails
            .iter()
            .any(|one| one.contains("s3:") || one.contains("lambda:")),
        "{fails:#?}"
    );
    ran.says("a deploy of image-metadata would fail");

    // With the role for all: Lambda may assume it, and the others may not.
    let lab = Lab::copy(&world);
    let role =
        format!("defaults: {{ role: \"arn:aws:iam::{account}:role/LabRole\" }}\n\noutputs:\n");
    lab.edit("stacks/image-metadata.yaml", "outputs:\n", &role);
    let ran = voclabs.treino(&world, &["doctor", &lab.stack()]).ends(1);
    let fails = findings(&ran, "fails");
    has(
        &fails,
        &[
            "roles: LabRole does not trust Step Functions",
            "state_machine.pipeline",
            "add states.amazonaws.com",
        ],
    );
    has(
        &fails,
        &[
            "roles: LabRole does not trust EventBridge",
            "rule.photo-uploaded",
        ],
    );
    assert_eq!(fails.len(), 2, "{fails:#?}");
    has(&findings(&ran, "ok"), &["roles: LabRole trusts Lambda"]);
    has(&findings(&ran, "ok"), &["permissions: the ", "are allowed"]);

    // Who may not ask IAM is told what is certain all the same.
    let blind = Deployer::with(&clients, "blind", &restricted(&account, false)).await;
    let ran = blind.treino(&world, &doctor).ends(1);
    has(
        &findings(&ran, "fails"),
        &[
            "roles cannot be made: iam:CreateRole is not allowed",
            &way_out,
        ],
    );
    has(
        &findings(&ran, "not_known"),
        &["permissions: ", "iam:SimulatePrincipalPolicy"],
    );

    assert_eq!(clients.everything().await, before, "nothing was made");
}

#[tokio::test]
async fn an_account_in_which_the_lab_works_is_told_so() {
    let world = World::enforced("an_account_in_which_the_lab_works_is_told_so");
    let clients = world.clients().await;
    let account = world.account.clone();
    let doctor = ["doctor", "stacks/image-metadata.yaml"];
    let all = json!({ "Version": "2012-10-17", "Statement": [
        { "Effect": "Allow", "Action": "*", "Resource": "*" }] });
    let admin = Deployer::with(&clients, "admin", &all).await;
    let ran = admin.treino(&world, &doctor).ends(0);
    for level in ["fails", "warning", "not_known"] {
        assert_eq!(findings(&ran, level), Vec::<String>::new(), "{}", ran.err);
    }
    let event = ran.event("doctor");
    assert_eq!(
        (&event["stack"], &event["fails"]),
        (&json!("image-metadata"), &json!(false))
    );
    has(
        &findings(&ran, "ok"),
        &["quotas: trails: there is room for 1 more"],
    );
    has(&findings(&ran, "ok"), &["quotas: roles: "]);
    has(&findings(&ran, "ok"), &["clock: as AWS's"]);

    // The policy of the documentation is enough; who has it may not ask for quotas.
    let deployer = Deployer::with(&clients, "deployer", &documented(&account)).await;
    let simulate = json!({ "Version": "2012-10-17", "Statement": [
        { "Effect": "Allow", "Action": "iam:SimulatePrincipalPolicy", "Resource": "*" }] });
    let put = clients
        .iam
        .put_user_policy()
        .user_name("deployer")
        .policy_name("simulate");
    put.policy_document(simulate.to_string())
        .send()
        .await
        .unwrap();
    let ran = deployer.treino(&world, &doctor).ends(0);
    has(&findings(&ran, "ok"), &["permissions: the ", "are allowed"]);
    has(
        &findings(&ran, "not_known"),
        &["quotas: how many roles", "iam:GetAccountSummary"],
    );

    // Who may make roles, and not simulate: iam:CreateRole is tried, and makes nothing.
    let before = clients.everything().await;
    let plain = Deployer::with(&clients, "plain", &documented(&account)).await;
    let ran = plain.treino(&world, &doctor).ends(0);
    has(
        &findings(&ran, "ok"),
        &["permissions: iam:CreateRole is allowed"],
    );
    assert_eq!(clients.everything().await, before);

    // An action less: a deploy fails by one of its own, a run by another.
    let mut less = without(&documented(&account), "Objects");
    for statement in less["Statement"].as_array_mut().unwrap() {
        if let Some(actions) = statement["Action"].as_array_mut() {
            actions.retain(|action| action != "states:CreateStateMachine");
        }
    }
    less["Statement"]
        .as_array_mut()
        .unwrap()
        .push(simulate["Statement"][0].clone());
    let lesser = Deployer::with(&clients, "lesser", &less).await;
    let ran = lesser.treino(&world, &doctor).ends(1);
    has(
        &findings(&ran, "fails"),
        &["a deploy needs what is not allowed: states:CreateStateMachine"],
    );
    has(
        &findings(&ran, "warning"),
        &["run and logs need what is not allowed: s3:PutObject"],
    );
    has(
        &findings(&ran, "warning"),
        &["a destroy needs", "s3:DeleteObject"],
    );

    // A deploy that fails by it names doctor.
    let file = world.file(
        "table.yaml",
        b"stack: one\ntables: { t: { partition_key: id } }\n",
    );
    let file = file.to_str().unwrap();
    let no_table = json!({ "Version": "2012-10-17", "Statement": [
        { "Effect": "Allow", "NotAction": "dynamodb:CreateTable", "Resource": "*" }] });
    let no_table = Deployer::with(&clients, "no-table", &no_table).await;
    let ran = no_table.treino(&world, &["deploy", file, "--yes"]).ends(1);
    ran.says("what else is not allowed: `treino doctor ")
        .says("table.yaml");

    // Without a stack file, what holds for any.
    let empty = tempfile::tempdir().unwrap();
    let mut command = world.command_at(&world.endpoint, &["doctor"]);
    let ran = CommandResult::of(command.current_dir(empty.path())).ends(0);
    has(
        &findings(&ran, "warning"),
        &[
            "credentials: the root user of account",
            "keys of a user or role",
        ],
    );
    assert!(ran.event("doctor")["stack"].is_null());
}

/// Credentials, clock and region, as a proxy answers in AWS's place.
#[test]
fn what_keeps_an_account_from_being_reached_is_a_finding() {
    let world = World::new("what_keeps_an_account_from_being_reached_is_a_finding");
    let run = |refusal: Option<(&str, &str)>, region: &str| {
        let proxy = Proxy::before(&world.endpoint);
        if let Some((code, message)) = refusal {
            proxy.on("sts:GetCallerIdentity").refuse(403, code, message);
        }
        let mut command: Command =
            world.command_at(&proxy.endpoint, &["doctor", "stacks/microservices.yaml"]);
        CommandResult::of(command.env("AWS_REGION", region)).ends(1)
    };
    let expired = "The security token included in the request is expired";
    let skewed = "Signature expired: 20261128T090000Z is now earlier than 20261128T095500Z (20261128T100000Z - 5 min.)";
    let unknown = "The security token included in the request is invalid.";
    for (refusal, region, texts) in [
        (
            Some(("ExpiredToken", expired)),
            "us-east-1",
            ["credentials: ", "expired", "sign in again"],
        ),
        (
            Some(("SignatureDoesNotMatch", skewed)),
            "us-east-1",
            ["clock: ", "Signature expired", "clock is wrong"],
        ),
        (
            Some(("InvalidClientTokenId", unknown)),
            "af-south-1",
            ["region: ", "invalid", "enable-region"],
        ),
        (
            None,
            "us-esat",
            [
                "region: ",
                "`us-esat` is not an AWS region",
                "regions look like",
            ],
        ),
    ] {
        let ran = run(refusal, region);
        has(&findings(&ran, "fails"), &texts);
        assert!(ran.event("doctor")["account"].is_null());
    }
}

#[test]
fn a_clock_that_differs_is_seen_before_aws_refuses() {
    let world = World::new("a_clock_that_differs_is_seen_before_aws_refuses");
    let proxy = Proxy::before(&world.endpoint);
    let account = world.account.clone();
    proxy.on("sts:GetCallerIdentity").answer(move |_| {
        let body = format!(
            "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::{account}:user/ana</Arn><UserId>u</UserId>\
             <Account>{account}</Account></GetCallerIdentityResult></GetCallerIdentityResponse>"
        );
        let mut answer = Answer::made(200, "text/xml", body);
        // Years behind this machine.
        let date = ("date".to_owned(), "Fri, 28 Nov 2025 10:00:00 GMT".to_owned());
        answer.headers.push(date);
        Some(answer)
    });
    let ran = CommandResult::of(
        &mut world.command_at(&proxy.endpoint, &["doctor", "stacks/microservices.yaml"]),
    );
    has(
        &findings(&ran.ends(1), "fails"),
        &[
            "clock: this machine's clock is ",
            "ahead of AWS's",
            "set it",
        ],
    );
}

/// A service that does not answer, or answers with an error, stops no other topic.
#[test]
fn a_denied_service_is_not_known_and_the_others_are_examined() {
    let world = World::new("a_denied_service_is_not_known_and_the_others_are_examined");
    let proxy = Proxy::before(&world.endpoint);
    proxy.on("iam:*").refuse(403, "AccessDenied", "no");
    let ran = CommandResult::of(
        &mut world.command_at(&proxy.endpoint, &["doctor", "stacks/image-metadata.yaml"]),
    );
    has(&findings(&ran, "not_known"), &["quotas: how many roles"]);
    has(&findings(&ran, "ok"), &["quotas: trails"]);
    has(&findings(&ran, "ok"), &["clock: "]);
    assert_eq!(proxy.changes(), Vec::<String>::new());
}

/// The local AWS needs programs of this machine, unless it is installed.
#[test]
fn programs_that_are_missing_are_said_with_local() {
    let world = World::new("programs_that_are_missing_are_said_with_local");
    let nothing = tempfile::tempdir().unwrap();
    let run = |words: &[&str]| {
        let mut command = world.command();
        command
            .env("PATH", nothing.path())
            .env("XDG_CACHE_HOME", nothing.path());
        CommandResult::of(command.args(["--local", "--json", "doctor"]).args(words))
    };
    let ran = run(&["stacks/microservices.yaml"]).ends(1);
    has(
        &findings(&ran, "fails"),
        &["local: ", "Python 3.10 to 3.14", "install one"],
    );
    has(
        &findings(&ran, "fails"),
        &["local: there is no node on the PATH", "install Node.js"],
    );
    // Its functions are in Python.
    let ran = run(&["stacks/image-metadata.yaml"]).ends(1);
    let warnings = findings(&ran, "warning");
    assert!(
        warnings.iter().all(|one| !one.contains("node")),
        "{warnings:?}"
    );
    has(
        &findings(&ran, "fails"),
        &["local: ", "Python 3.10 to 3.14", "install one"],
    );
    assert!(
        nothing.path().read_dir().unwrap().next().is_none(),
        "nothing is installed"
    );
    // With them it works.
    let ran = world
        .treino_json(&["doctor", "stacks/microservices.yaml"])
        .ends(0);
    assert_eq!(findings(&ran, "fails"), Vec::<String>::new());
    ran.says("nothing is found by which a deploy of microservices would fail");
}
