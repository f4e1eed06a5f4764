//! Rows about tables.

use super::{Scene, TABLE, noted};

#[tokio::test]
async fn row_09_a_table_takes_its_time() {
    let test = "row_09_a_table_takes_its_time";
    let parts = [
        TABLE,
        "    time_to_live: until\n    point_in_time_recovery: true\n",
    ];
    let scene = Scene::of(test, &parts).await;
    let creating = scene
        .proxy
        .on("dynamodb:DescribeTable")
        .after("dynamodb:CreateTable");
    creating.first(2).replace("\"ACTIVE\"", "\"CREATING\"");
    // AWS's error for an update before the table is active.
    let early = scene.proxy.on("dynamodb:UpdateTimeToLive").first(1);
    early.refuse(
        400,
        "ResourceInUseException",
        "Table is being created: lab-t",
    );

    let early = scene.proxy.on("dynamodb:UpdateContinuousBackups").first(2);
    let enabling = "Backups are being enabled for the table: lab-t. Please retry later";
    early.refuse(400, "ContinuousBackupsUnavailableException", enabling);

    let deployed = scene.deploy().ends(0);

    noted(&deployed, "the table is not active yet");
    let backups = scene.proxy.count("dynamodb:UpdateContinuousBackups");
    assert_eq!(backups, 3);
    let calls = scene.proxy.take();
    let at = |name: &str| calls.iter().position(|call| call.name() == name).unwrap();
    let between = &calls[at("dynamodb:CreateTable")..at("dynamodb:UpdateTimeToLive")];
    let looks = between
        .iter()
        .filter(|call| call.operation == "DescribeTable");
    assert_eq!(looks.count(), 3);
    scene.is_whole().await;
}

#[tokio::test]
async fn row_09_too_many_tables_at_once_are_waited_for() {
    let test = "row_09_too_many_tables_at_once_are_waited_for";
    let scene = Scene::of(test, &[TABLE]).await;
    let limit = "Subscriber limit exceeded: There is a limit of 500 simultaneous table operations";
    let rule = scene.proxy.on("dynamodb:CreateTable").first(2);
    rule.refuse(400, "LimitExceededException", limit);

    scene.deploy().ends(0);

    assert_eq!(scene.proxy.count("dynamodb:CreateTable"), 3);
    scene.is_whole().await;
}

#[tokio::test]
async fn row_09_a_name_is_free_when_the_old_table_is_gone() {
    let test = "row_09_a_name_is_free_when_the_old_table_is_gone";
    let scene = Scene::of(test, &[TABLE]).await;
    // The old one is still being deleted.
    let rule = scene.proxy.on("dynamodb:CreateTable").first(2);
    rule.refuse(
        400,
        "ResourceInUseException",
        "Table is being deleted: lab-t",
    );

    let deployed = scene.deploy().ends(0);

    noted(&deployed, "DynamoDB is busy with this or other tables");
    assert_eq!(scene.proxy.count("dynamodb:CreateTable"), 3);
    scene.is_whole().await;
}

#[tokio::test]
async fn row_09_a_deleted_table_is_waited_for() {
    let test = "row_09_a_deleted_table_is_waited_for";
    let scene = Scene::of(test, &[TABLE]).await;
    scene.deployed();
    let busy = scene.proxy.on("dynamodb:DeleteTable").first(1);
    busy.refuse(
        400,
        "ResourceInUseException",
        "Table is being updated: lab-t",
    );
    let looks = scene
        .proxy
        .on("dynamodb:DescribeTable")
        .after("dynamodb:DeleteTable");
    looks.first(2).answer(|call| {
        let name = &call.body;
        assert!(name.contains("lab-t"), "{name}");
        let body = r#"{"Table": {"TableName": "lab-t", "TableStatus": "DELETING"}}"#;
        Some(crate::support::proxy::Answer::made(
            200,
            "application/x-amz-json-1.0",
            body,
        ))
    });

    let destroyed = scene.destroy().ends(0).says("verified:");

    noted(&destroyed, "the table is being deleted");
    assert_eq!(scene.proxy.count("dynamodb:DeleteTable"), 2);
    assert_eq!(scene.clients.everything().await, Vec::<String>::new());
}

#[tokio::test]
async fn row_09_a_table_made_while_it_is_looked_at_is_a_table() {
    let test = "row_09_a_table_made_while_it_is_looked_at_is_a_table";
    let scene = Scene::of(test, &[TABLE]).await;
    scene.deployed();
    // What was asked a moment too early; of the tags of a table that is not there AWS says no more.
    for name in [
        "dynamodb:DescribeTimeToLive",
        "dynamodb:DescribeContinuousBackups",
    ] {
        let early = scene.proxy.on(name).first(1);
        let message = "Requested resource not found: Table: lab-t not found";
        early.refuse(400, "ResourceNotFoundException", message);
    }
    let early = scene.proxy.on("dynamodb:ListTagsOfResource").first(1);
    early.refuse(400, "AccessDeniedException", "User is not authorized");

    scene.plan().ends(0).says("nothing to change");

    assert_eq!(scene.proxy.count("dynamodb:DescribeTimeToLive"), 2);
    scene.is_whole().await;
}
