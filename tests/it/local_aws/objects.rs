//! `aws-sdk:s3` in definitions: what goes in as JSON is an object, and comes out as text.

use serde_json::json;

use super::ended::{jsonata_task, task};
use crate::support::World;

fn s3(action: &str) -> String {
    format!("arn:aws:states:::aws-sdk:s3:{action}")
}

#[tokio::test]
async fn definitions_write_read_list_and_delete_objects() {
    let world = World::new("definitions_write_read_list_and_delete_objects");
    let clients = world.clients().await;
    let bucket = format!("objects-{}", clients.account);
    let call = clients.s3.create_bucket().bucket(&bucket);
    call.send().await.unwrap();
    let key = "a b/ü+1.json";
    let which = json!({ "Bucket": bucket, "Key": key });

    let mut put = which.clone();
    put["Body"] = json!({ "n": [1, "é"] });
    put["ContentType"] = json!("application/json");
    put["Metadata"] = json!({ "who": "me" });
    let answer = task(&clients, &s3("putObject"), put).await.well();
    let call = clients.s3.get_object().bucket(&bucket).key(key);
    let seen = call.send().await.unwrap();
    assert_eq!(answer["ETag"], seen.e_tag().unwrap());
    assert_eq!(seen.content_type(), Some("application/json"));
    let body = seen.body.collect().await.unwrap().to_vec();
    assert_eq!(body, r#"{"n":[1,"é"]}"#.as_bytes());

    let answer = task(&clients, &s3("getObject"), which.clone()).await.well();
    assert_eq!(answer["Body"], r#"{"n":[1,"é"]}"#);
    assert_eq!(answer["ContentLength"], 14);
    assert_eq!(answer["Metadata"], json!({ "who": "me" }));
    let answer = jsonata_task(&clients, &s3("headObject"), which.clone()).await;
    assert_eq!(answer.well()["ContentType"], "application/json");

    let copy = json!({
        "Bucket": bucket, "Key": "copy", "CopySource": format!("{bucket}/a%20b/%C3%BC%2B1.json"),
    });
    task(&clients, &s3("copyObject"), copy).await.well();
    let list = json!({ "Bucket": bucket, "Prefix": "c" });
    let answer = task(&clients, &s3("listObjectsV2"), list).await.well();
    assert_eq!(answer["KeyCount"], 1);
    assert_eq!(answer["Contents"][0]["Key"], "copy");
    assert_eq!(answer["Contents"][0]["Size"], 14);

    let both = json!({
        "Bucket": bucket, "Delete": { "Objects": [{ "Key": key }, { "Key": "copy" }] },
    });
    let answer = task(&clients, &s3("deleteObjects"), both).await.well();
    assert_eq!(answer["Deleted"].as_array().unwrap().len(), 2);
    let call = clients.s3.list_objects_v2().bucket(&bucket);
    assert_eq!(call.send().await.unwrap().contents(), []);
}

#[tokio::test]
async fn a_string_is_stored_as_json_too() {
    let world = World::new("a_string_is_stored_as_json_too");
    let clients = world.clients().await;
    let bucket = format!("strings-{}", clients.account);
    let call = clients.s3.create_bucket().bucket(&bucket);
    call.send().await.unwrap();
    let put = json!({ "Bucket": bucket, "Key": "k", "Body": "two\nlines" });
    task(&clients, &s3("putObject"), put).await.well();
    let call = clients.s3.get_object().bucket(&bucket).key("k");
    let body = call.send().await.unwrap().body.collect().await.unwrap();
    assert_eq!(body.to_vec(), br#""two\nlines""#);
}

#[tokio::test]
async fn refusals_of_s3_have_the_names_of_the_sdks_exceptions() {
    let world = World::new("refusals_of_s3_have_the_names_of_the_sdks_exceptions");
    let clients = world.clients().await;
    let bucket = format!("refusals-{}", clients.account);
    let call = clients.s3.create_bucket().bucket(&bucket);
    call.send().await.unwrap();
    let big = vec![b'x'; 300 * 1024];
    clients.put(&bucket, "big", &big).await;

    let missing = json!({ "Bucket": bucket, "Key": "missing" });
    let nowhere = json!({ "Bucket": format!("{bucket}-not") });
    let unknown = json!({ "Bucket": bucket, "bucket": "lower case" });
    for (action, parameters, name) in [
        ("getObject", missing.clone(), "S3.NoSuchKeyException"),
        ("headObject", missing, "S3.NoSuchKeyException"),
        ("listObjectsV2", nowhere.clone(), "S3.NoSuchBucketException"),
        ("headBucket", nowhere, "S3.NoSuchBucketException"),
        (
            "deleteBucket",
            json!({ "Bucket": bucket }),
            "S3.S3Exception",
        ),
        (
            "getObject",
            json!({ "Bucket": bucket, "Key": "big" }),
            "States.DataLimitExceeded",
        ),
        ("listObjectsV2", unknown, "States.Runtime"),
        ("getObject", json!({ "Bucket": bucket }), "States.Runtime"),
        ("meltBucket", json!({}), "States.Runtime"),
    ] {
        let (error, cause) = task(&clients, &s3(action), parameters).await.badly();
        assert_eq!(error, name, "{action}: {cause}");
    }
}
