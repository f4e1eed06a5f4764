//! The first lab the whole way in one go, as its user takes it.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::AttributeValue;

use super::{MACHINE, STACK, TABLE, whole_lab};
use crate::support::{World, sample};

#[tokio::test]
async fn from_a_photo_to_an_empty_account() {
    let world = World::new("from_a_photo_to_an_empty_account");
    let clients = world.clients().await;
    assert_eq!(clients.everything().await, Vec::<String>::new());
    world.treino(&["deploy", STACK, "--yes"]).ends(0);
    assert_eq!(clients.everything().await, whole_lab(&world));

    let photo = sample("astronaut.jpg");
    let run = ["run", "image-metadata", photo.to_str().unwrap()];
    world.treino(&run).ends(0).says("stand-in");
    let item = clients.item(TABLE, "astronaut.jpg").await.unwrap();
    assert_eq!(item["filesize"], AttributeValue::N("53962".into()));
    assert_eq!(item["faceData"].as_l().unwrap().len(), 1);
    assert!(!item["labelData"].as_l().unwrap().is_empty());
    assert_eq!(clients.started_for(MACHINE).await, ["astronaut.jpg"]);

    let again = world.treino_json(&["deploy", STACK, "--yes"]).ends(0);
    assert_eq!(again.changes(), BTreeMap::new());
    assert_eq!(clients.everything().await, whole_lab(&world));

    let destroy = ["destroy", "image-metadata", "--yes"];
    world.treino(&destroy).ends(0).says("verified:");
    assert_eq!(clients.everything().await, Vec::<String>::new());
}
