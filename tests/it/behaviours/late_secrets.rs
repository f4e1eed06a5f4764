//! A connection's secret that its list still shows: AWS in the process, with paused time.

use std::time::Duration;

use serde_json::json;
use tokio::time::Instant;
use treino::engine::{self, Events, Receipt};
use treino::plan::Unseen;
use treino::stack::{Address, Kind, PossibleKinds};

use crate::hostile::answering::{answering, target};

/// Proves that a connection is gone whose secret is listed for so long. `stands`: whether it is found by its
/// name.
async fn proof(listed: Duration, stands: bool) -> (Receipt, Duration) {
    let began = Instant::now();
    let secret = json!({ "Name": "events!connection/lab-c/4f3c" });
    let (cloud, _) = answering(move |request, _| {
        let gone = (
            400,
            json!({ "__type": "ResourceNotFoundException" }).to_string(),
        );
        match request.headers().get("x-amz-target").unwrap_or_default() {
            "AWSEvents.ListConnections" => (200, json!({ "Connections": [] }).to_string()),
            "secretsmanager.ListSecrets" if began.elapsed() < listed => {
                (200, json!({ "SecretList": [secret] }).to_string())
            }
            "secretsmanager.ListSecrets" => (200, json!({ "SecretList": [] }).to_string()),
            "secretsmanager.DescribeSecret" if stands => (200, secret.to_string()),
            _ => gone,
        }
    })
    .await;
    let deleted = [(
        Address::from_tag("connection.c"),
        Kind::Connection,
        "lab-c".to_owned(),
    )];
    let others = Kind::ALL
        .into_iter()
        .filter(|kind| *kind != Kind::Connection);
    let others: Vec<Unseen> = others
        .map(|kind| treino::engine::ProviderError::new("not of this test").unseen(kind))
        .collect();
    let kinds = PossibleKinds::of([Kind::Connection]);
    let receipt = engine::verify_destroyed(
        &cloud,
        &target(),
        &deleted,
        (&kinds, &others, &[]),
        engine::now(),
        &Events::none(),
    )
    .await;
    (receipt, began.elapsed())
}

#[tokio::test(start_paused = true)]
async fn row_48_a_secret_that_is_listed_late_is_waited_for() {
    let five = Duration::from_mins(5);
    let (receipt, took) = proof(five, false).await;
    assert!(receipt.is_proved(), "{receipt:?}");
    assert!(
        took >= five && took < five + Duration::from_secs(20),
        "{took:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn row_48_a_secret_that_stands_is_said_to_at_once() {
    let (receipt, took) = proof(Duration::from_hours(1), true).await;
    assert_eq!(receipt.remains, ["connection lab-c is still listed"]);
    assert!(took < Duration::from_secs(30), "{took:?}");
    // Nor is one gone that only stays in the list.
    let (receipt, took) = proof(Duration::from_hours(1), false).await;
    assert_eq!(receipt.resources, []);
    assert!(
        receipt.remains[0].contains("is still listed"),
        "{receipt:?}"
    );
    assert!(took > Duration::from_mins(5), "{took:?}");
}
