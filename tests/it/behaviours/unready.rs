//! Resources that an earlier run left before they were ready: they need no change, but are not done.

use super::{CONNECTION, FUNCTION, Scene, TABLE};

/// A plan shows the status and changes nothing; a deploy waits and changes nothing.
async fn is_waited_for(scene: &Scene, name: &str, text: [&str; 2], says: &str) {
    scene.deployed();
    let rule = |requests| {
        let looks = scene.proxy.on(name).first(requests);
        looks.replace(text[0], text[1]);
    };

    rule(1);
    let planned = scene.plan().ends(2);
    let changes = planned.changes();
    let only = changes.values().next().unwrap();
    assert_eq!(changes.len(), 1, "{changes:?}");
    assert_eq!(*only, ("update".to_owned(), vec!["state".to_owned()]));

    scene.proxy.forget();
    // More reads than there are before the wait.
    rule(5);
    let looks = scene.proxy.count(name);
    scene.deploy().ends(0).says(says);
    assert!(scene.proxy.count(name) > looks + 5);
    assert_eq!(scene.proxy.changes(), Vec::<String>::new());
    scene.is_whole().await;
}

#[tokio::test]
async fn row_05_a_function_left_pending_is_waited_for() {
    let test = "row_05_a_function_left_pending_is_waited_for";
    let scene = Scene::of(test, &[FUNCTION]).await;
    let state = ["\"State\": \"Active\"", "\"State\": \"Pending\""];
    let looks = scene.proxy.on("lambda:GetFunctionConfiguration").first(2);
    looks.replace(state[0], state[1]);
    scene.deployed();
    let looks = scene.proxy.on("lambda:GetFunction").first(1);
    looks.replace(state[0], state[1]);

    let deployed = scene.deploy().ends(0);

    let state = ("update".to_owned(), vec!["state".to_owned()]);
    assert_eq!(deployed.changes()["function.f"], state);
    super::noted(&deployed, "the function is not ready yet");
    assert_eq!(scene.proxy.changes(), Vec::<String>::new());
    scene.is_whole().await;
}

#[tokio::test]
async fn row_05_a_function_that_failed_is_made_again() {
    let test = "row_05_a_function_that_failed_is_made_again";
    let scene = Scene::of(test, &[FUNCTION]).await;
    scene.deployed();
    for name in ["lambda:GetFunction", "lambda:GetFunctionConfiguration"] {
        let looks = scene.proxy.on(name).first(1);
        looks.replace(
            "\"LastUpdateStatus\": \"Successful\"",
            "\"LastUpdateStatus\": \"Failed\"",
        );
    }

    let deployed = scene.deploy().ends(0);

    assert_eq!(deployed.why("function.f"), "AWS has not made it ready yet");
    assert_eq!(scene.proxy.changes(), ["lambda:UpdateFunctionCode"]);
    scene.is_whole().await;
}

#[tokio::test]
async fn row_09_a_table_left_in_creation_is_waited_for() {
    let test = "row_09_a_table_left_in_creation_is_waited_for";
    let scene = Scene::of(test, &[TABLE]).await;
    let states = ["\"ACTIVE\"", "\"CREATING\""];
    is_waited_for(
        &scene,
        "dynamodb:DescribeTable",
        states,
        "the table is not active yet",
    )
    .await;
}

#[tokio::test]
async fn row_22_a_connection_left_unauthorised_is_waited_for() {
    let test = "row_22_a_connection_left_unauthorised_is_waited_for";
    let scene = Scene::of(test, &[CONNECTION]).await;
    let states = ["\"AUTHORIZED\"", "\"AUTHORIZING\""];
    is_waited_for(
        &scene,
        "events:DescribeConnection",
        states,
        "not authorised",
    )
    .await;
}
