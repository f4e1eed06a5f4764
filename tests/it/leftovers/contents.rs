//! Before it asks, a destroy says what data goes with the stack.

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Value, json};

use super::{BUCKET, MACHINE, Scene, TABLE};
use crate::support::CommandResult;

/// What is said of each resource that contains something.
fn contents(ran: &CommandResult) -> Vec<Value> {
    let counted = |one: &Value| {
        let fields = ["address", "what", "count", "bytes", "more", "about"];
        let fields = fields.map(|field| one[field].clone());
        Value::Array(fields.to_vec())
    };
    let said = ran.event("contents");
    said["contents"]
        .as_array()
        .unwrap()
        .iter()
        .map(counted)
        .collect()
}

#[tokio::test]
async fn a_destroy_says_what_data_is_deleted() {
    let scene = Scene::of(
        "a_destroy_says_what_data_is_deleted",
        &[BUCKET, MACHINE, TABLE],
    )
    .await;
    // Of what contains nothing, nothing is said.
    let empty = ["destroy", "lab"];
    let ran = scene.world.treino_at(&scene.proxy.endpoint, &empty).ends(2);
    assert_eq!(ran.events("contents"), Vec::<Value>::new());
    assert_eq!(ran.events("console"), Vec::<Value>::new());

    let bucket = scene.bucket("b");
    for key in ["one", "two"] {
        scene.clients.put(&bucket, key, b"12345").await;
    }
    let put = scene.clients.dynamodb.put_item().table_name("lab-t");
    let put = put.item("id", AttributeValue::S("x".to_owned()));
    put.send().await.unwrap();
    let ran = scene.world.treino_at(&scene.proxy.endpoint, &empty).ends(2);
    assert_eq!(
        contents(&ran),
        [
            json!(["bucket.b", "object", 2, 10, false, false]),
            json!(["table.t", "item", 1, null, false, false]),
        ]
    );
    ran.says("this data is deleted, too:")
        .says("2 objects (10 bytes)");

    // What may not be counted is a note; without Scan, what DescribeTable knows is said.
    let denied = "User: u is not authorized to perform: dynamodb:Scan on resource: t";
    let scan = scene.proxy.on("dynamodb:Scan");
    scan.refuse(400, "AccessDeniedException", denied);
    let list = scene.proxy.on("s3:ListObjectVersions").first(1);
    list.refuse(403, "AccessDenied", "Access Denied");
    let known = scene.proxy.on("dynamodb:DescribeTable");
    known.rewrite(|_, body| {
        let mut body: Value = serde_json::from_str(body).unwrap();
        body["Table"]["ItemCount"] = json!(70);
        body.to_string()
    });
    let ran = scene.destroy().ends(0);
    let of_table = json!(["table.t", "item", 70, null, false, true]);
    assert_eq!(contents(&ran), [of_table]);
    ran.says("what bucket.b contains is not counted: S3 ListObjectVersions is not allowed to you");
    scene.is_empty().await;
}
