//! Pictures, as the local AWS's Rekognition sees them.

use futures_util::future::join_all;
use serde_json::json;

use super::ended::execution;
use crate::support::{World, repository};

/// Several at once, as the labs of a class ask for: nobody gets the face of another's picture.
#[tokio::test]
async fn each_picture_has_its_own_faces() {
    let world = World::new("each_picture_has_its_own_faces");
    let clients = world.clients().await;
    let bucket = format!("pictures-{}", clients.account);
    clients
        .s3
        .create_bucket()
        .bucket(&bucket)
        .send()
        .await
        .unwrap();
    let samples = ["astronaut.jpg", "coffee.jpg"];
    for name in samples {
        let body = std::fs::read(repository("tests/samples").join(name)).unwrap();
        let put = clients.s3.put_object().bucket(&bucket).key(name);
        put.body(body.into()).send().await.unwrap();
    }
    let names = samples.repeat(4);
    let definition = json!({ "StartAt": "Pictures", "States": {
        "Pictures": { "Type": "Pass", "Result": { "names": names }, "Next": "Each" },
        "Each": { "Type": "Map", "ItemsPath": "$.names", "End": true, "ItemProcessor": {
            "StartAt": "Look", "States": { "Look": {
                "Type": "Task",
                "Resource": "arn:aws:states:::aws-sdk:rekognition:detectFaces",
                "Parameters": { "Image": { "S3Object": { "Bucket": bucket, "Name.$": "$" } } },
                "ResultSelector": { "faces.$": "States.ArrayLength($.FaceDetails)" },
                "End": true,
            } },
        } },
    } });
    let executions = (0..8).map(|_| execution(&clients, definition.clone()));
    for ended in join_all(executions).await {
        let output = ended.well();
        let faces = output.as_array().unwrap().iter();
        let faces: Vec<i64> = faces.map(|one| one["faces"].as_i64().unwrap()).collect();
        assert_eq!(faces, [1, 0].repeat(4));
    }
}
