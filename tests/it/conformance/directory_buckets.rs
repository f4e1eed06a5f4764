//! What only directory buckets do.

use aws_sdk_s3::primitives::ByteStream;
use serde_json::json;
use treino::engine::{Events, Provider};
use treino::stack::kinds::directory_bucket_name;
use treino::stack::{Address, Kind, Resource, Target, arn};

use super::Place;
use crate::kinds::directory_bucket::ZONE;

/// The resource of a stack of one directory bucket.
fn fast(target: &Target) -> Resource {
    let address = Address::new(Kind::DirectoryBucket, "fast");
    let name = directory_bucket_name(target, &address, ZONE);
    Resource {
        kind: Kind::DirectoryBucket,
        arn: arn(target, Kind::DirectoryBucket, &name),
        spec: json!({ "policy": null }),
        tags: target.mark(&address),
        after: [].into(),
        address,
        name,
    }
}

/// Objects and unfinished uploads go with their bucket, in the sessions they need.
#[tokio::test]
async fn it_is_emptied() {
    let place = Place::local("full directory bucket").await;
    let bucket = fast(&place.target("full"));
    let cloud = place.cloud("full");
    cloud.create(&bucket, &Events::none()).await.unwrap();
    let s3 = &place.clients.s3;
    for number in 0..3 {
        let call = s3.put_object().bucket(&bucket.name);
        let call = call.key(format!("in/a folder/{number}"));
        let call = call.body(ByteStream::from_static(b"fast"));
        call.send().await.unwrap();
    }
    let call = s3.create_multipart_upload().bucket(&bucket.name);
    call.key("unfinished").send().await.unwrap();
    let listed = s3.list_objects_v2().bucket(&bucket.name).send().await;
    assert_eq!(listed.unwrap().key_count, Some(3));

    let names = [bucket.name.clone()];
    let listed = cloud.listed(Kind::DirectoryBucket, &names).await.unwrap();
    assert_eq!(listed, names);
    let events = Events::none();
    let deleted = cloud.delete(bucket.kind, &bucket.name, &events).await;
    deleted.unwrap();
    let listed = place.clients.s3_sessionless().list_directory_buckets();
    let listed = listed.send().await.unwrap();
    assert_eq!(listed.buckets().len(), 0);
}

/// The two kinds of buckets are listed apart.
#[tokio::test]
async fn it_is_no_general_purpose_bucket() {
    let place = Place::local("two kinds of buckets").await;
    let bucket = fast(&place.target("apart"));
    let cloud = place.cloud("apart");
    cloud.create(&bucket, &Events::none()).await.unwrap();
    let general = format!("general-{}", place.account);
    let call = place.clients.s3.create_bucket().bucket(&general);
    call.send().await.unwrap();
    let names = [bucket.name, general];
    let listed = async |kind| cloud.listed(kind, &names).await.unwrap();
    assert_eq!(listed(Kind::DirectoryBucket).await, names[..1]);
    assert_eq!(listed(Kind::Bucket).await, names[1..]);
}
