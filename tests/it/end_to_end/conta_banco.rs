//! A session at a directory bucket, an account registered by a function, an item beside the access
//! policy of a vault.

use aws_sdk_dynamodb::types::AttributeValue;
use aws_sdk_sfn::types::ExecutionStatus;
use serde_json::{Value, json};

use crate::support::LabRun;

const NAME: &str = "conta-banco";

/// What the lab comes to; the vault's name ends in digits that follow from the account.
async fn deployed(test: &str) -> (LabRun, String) {
    let target = treino::stack::Target {
        partition: "aws".into(),
        region: "us-east-1".into(),
        account: crate::support::World::account_of(test),
        stack: NAME.into(),
        owner: None,
    };
    let address = treino::stack::Address::from_tag("vault.cofre");
    let vault = treino::stack::kinds::vault_name(&target, &address);
    let wanted = [
        "directory bucket conta-banco-sessao-{account}--use1-az4--x-s3",
        "function contaBanco",
        "log group /aws/lambda/contaBanco",
        "role conta-banco-conta-banco-role-us-east-1",
        "role conta-banco-conta-role-us-east-1",
        "state machine conta-banco-conta",
        "table conta-banco-contas",
        &format!("vault {vault}"),
    ];
    (LabRun::deployed(test, NAME, &wanted).await, vault)
}

async fn item(
    lab: &LabRun,
    key: &str,
) -> Option<std::collections::HashMap<String, AttributeValue>> {
    let call = lab
        .clients
        .dynamodb
        .get_item()
        .table_name("conta-banco-contas");
    let call = call.key("Column", AttributeValue::S(key.to_owned()));
    call.send().await.unwrap().item
}

#[tokio::test]
async fn an_account_is_registered_and_looked_up() {
    let (lab, vault) = deployed("an_account_is_registered_and_looked_up").await;

    let ran = lab.run(&json!({ "conta": "0001-9", "titular": "Ana", "saldo": 150.25 }));
    let ran = ran.ends(0);

    let execution = lab.execution(&ran).await;
    assert_eq!(execution.status, ExecutionStatus::Succeeded);
    let output: Value = serde_json::from_str(&execution.output.unwrap()).unwrap();
    let registered = json!({
        "conta": "0001-9", "titular": "Ana", "saldo": "150.25", "operacao": "cadastro",
    });
    assert_eq!(output["conta"], registered);
    assert_eq!(output["item"]["MyKey"], json!({ "S": "0001-9" }));
    let policy: Value = serde_json::from_str(output["politicaDoCofre"].as_str().unwrap()).unwrap();
    let arn = lab.clients.arn("glacier", &format!("vaults/{vault}"));
    assert_eq!(policy["Statement"][0]["Resource"], json!([arn]));
    // In the table: the account, and the entry the definition updates.
    let account = item(&lab, "conta#0001-9").await.unwrap();
    assert_eq!(account["titular"], AttributeValue::S("Ana".into()));
    assert_eq!(account["saldo"], AttributeValue::N("150.25".into()));
    let entry = item(&lab, "MyEntry").await.unwrap();
    assert_eq!(entry["MyKey"], AttributeValue::S("0001-9".into()));
    // The session's credentials went to no later state.
    let states = lab.states(&ran).await;
    let names: Vec<&str> = states.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names[..3], ["CreateSession", "Lambda Invoke", "Paralelo"]);
    assert_eq!(names.len(), 5, "{names:?}");
    assert_eq!(states[0].1["conta"], "0001-9");
    assert!(!json!(states[0].1).to_string().contains("SecretAccessKey"));

    let found = lab.run(&json!({ "conta": "0001-9" })).ends(0);
    let output = &found.event("execution_ended")["output"];
    assert_eq!(output["conta"]["operacao"], "consulta");
    assert_eq!(output["conta"]["saldo"], "150.25");

    lab.passes_its_checks();
    lab.deployed_again().await;
    lab.destroyed().await;
}

#[tokio::test]
async fn what_is_no_account_is_refused_by_name() {
    let (lab, _) = deployed("what_is_no_account_is_refused_by_name").await;
    lab.run(&json!({ "conta": "1", "titular": "Ana" })).ends(0);
    // The same holder again is no second account.
    let again = lab
        .run(&json!({ "conta": "1", "titular": "Ana", "saldo": 9 }))
        .ends(0);
    assert_eq!(
        again.event("execution_ended")["output"]["conta"]["saldo"],
        "0"
    );
    for (input, error) in [
        (json!({}), "ContaInvalida"),
        (json!({ "conta": 7 }), "ContaInvalida"),
        (json!({ "conta": "2", "titular": " " }), "ContaInvalida"),
        (
            json!({ "conta": "2", "titular": "Bia", "saldo": -1 }),
            "ContaInvalida",
        ),
        (
            json!({ "conta": "2", "titular": "Bia", "saldo": "muito" }),
            "ContaInvalida",
        ),
        (json!({ "conta": "1", "titular": "Bia" }), "ContaExistente"),
        (json!({ "conta": "2" }), "ContaInexistente"),
    ] {
        let ran = lab.run(&input).ends(1);
        let execution = lab.execution(&ran).await;
        assert_eq!(execution.error.as_deref(), Some(error), "{input}");
    }
    assert_eq!(item(&lab, "conta#2").await, None);
    let entry = item(&lab, "MyEntry").await.unwrap();
    assert_eq!(entry["MyKey"], AttributeValue::S("1".into()));
}
