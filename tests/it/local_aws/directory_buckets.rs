//! Directory buckets: their names, sessions, objects and tags, and what they refuse.

use aws_sdk_s3::error::ProvideErrorMetadata;
use aws_sdk_s3::operation::create_bucket::builders::CreateBucketFluentBuilder;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{
    BucketInfo, BucketType, BucketVersioningStatus, CompletedMultipartUpload, CompletedPart,
    CreateBucketConfiguration, DataRedundancy, Delete, LocationInfo, LocationType,
    ObjectIdentifier, SessionMode, StorageClass, Tag, Tagging, VersioningConfiguration,
};
use serde_json::json;

use super::ended::{jsonata_task, task};
use super::{refusal, refused};
use crate::support::{Clients, World};

const ZONE: &str = "use1-az4";
const CREATE_SESSION: &str = "arn:aws:states:::aws-sdk:s3:createSession";

/// A name that no other test has.
fn name(clients: &Clients, base: &str) -> String {
    format!("{base}-{}--{ZONE}--x-s3", clients.account)
}

fn configuration(zone: &str) -> CreateBucketConfiguration {
    let tag = Tag::builder().key("treino:stack").value("lab");
    CreateBucketConfiguration::builder()
        .location(
            LocationInfo::builder()
                .r#type(LocationType::AvailabilityZone)
                .name(zone)
                .build(),
        )
        .bucket(
            BucketInfo::builder()
                .r#type(BucketType::Directory)
                .data_redundancy(DataRedundancy::SingleAvailabilityZone)
                .build(),
        )
        .tags(tag.build().unwrap())
        .build()
}

fn create(clients: &Clients, bucket: &str, zone: &str) -> CreateBucketFluentBuilder {
    let call = clients.s3.create_bucket().bucket(bucket);
    call.create_bucket_configuration(configuration(zone))
}

#[tokio::test]
async fn a_directory_bucket_is_made_found_and_deleted() {
    let world = World::new("a_directory_bucket_is_made_found_and_deleted");
    let clients = world.clients().await;
    let bucket = name(&clients, "found");
    create(&clients, &bucket, ZONE).send().await.unwrap();
    let head = clients.s3.head_bucket().bucket(&bucket);
    let seen = head.clone().send().await.unwrap();
    assert_eq!(seen.bucket_location_name(), Some(ZONE));
    let kind = seen.bucket_location_type();
    assert_eq!(kind, Some(&LocationType::AvailabilityZone));
    let arn = clients.arn("s3express", &format!("bucket/{bucket}"));
    assert_eq!(seen.bucket_arn(), Some(arn.as_str()));

    let sessionless = without_sessions(&clients);
    let listed = sessionless.list_directory_buckets();
    let listed = listed.send().await.unwrap();
    assert_eq!(listed.buckets().len(), 1);
    assert_eq!(listed.buckets()[0].name(), Some(bucket.as_str()));
    assert!(listed.buckets()[0].creation_date().is_some());
    let general = clients.s3.list_buckets().send().await.unwrap();
    assert_eq!(general.buckets(), []);

    let again = create(&clients, &bucket, ZONE);
    let taken = refusal("BucketAlreadyOwnedByYou", 409);
    assert_eq!(refused!(again), taken);
    let delete = clients.s3.delete_bucket().bucket(&bucket);
    delete.clone().send().await.unwrap();
    assert_eq!(refused!(delete), refusal("NoSuchBucket", 404));
    let gone = head.send().await.unwrap_err();
    assert!(gone.as_service_error().unwrap().is_not_found());
    let listed = sessionless.list_directory_buckets();
    assert_eq!(listed.send().await.unwrap().buckets(), []);
}

/// A client that signs every call with its own credentials.
fn without_sessions(clients: &Clients) -> aws_sdk_s3::Client {
    let config = clients.s3.config().to_builder();
    let config = config.disable_s3_express_session_auth(true);
    aws_sdk_s3::Client::from_conf(config.build())
}

#[tokio::test]
async fn the_name_says_the_zone() {
    let world = World::new("the_name_says_the_zone");
    let clients = world.clients().await;
    let account = &clients.account;
    let invalid = refusal("InvalidBucketName", 400);
    let other_zone = create(&clients, &name(&clients, "zone"), "use1-az5");
    assert_eq!(refused!(other_zone), invalid);
    let elsewhere = format!("zone-{account}--usw2-az1--x-s3");
    let elsewhere = create(&clients, &elsewhere, "usw2-az1");
    assert_eq!(refused!(elsewhere), refusal("InvalidRequest", 400));
    let general = format!("zone-{account}");
    assert_eq!(refused!(create(&clients, &general, ZONE)), invalid);
    let unconfigured = clients.s3.create_bucket();
    let unconfigured = unconfigured.bucket(name(&clients, "zone"));
    assert_eq!(refused!(unconfigured), invalid);
}

#[tokio::test]
async fn objects_come_and_go_with_a_session() {
    let world = World::new("objects_come_and_go_with_a_session");
    let clients = world.clients().await;
    let bucket = name(&clients, "objects");
    create(&clients, &bucket, ZONE).send().await.unwrap();
    clients.put(&bucket, "d/a b.txt", b"hello").await;
    let get = clients.s3.get_object().bucket(&bucket).key("d/a b.txt");
    let seen = get.send().await.unwrap();
    assert_eq!(seen.storage_class(), Some(&StorageClass::ExpressOnezone));
    assert_eq!(seen.body.collect().await.unwrap().to_vec(), b"hello");

    let call = clients.s3.create_multipart_upload().bucket(&bucket);
    let upload = call.key("parts").send().await.unwrap();
    let id = upload.upload_id().unwrap();
    let call = clients.s3.upload_part().bucket(&bucket).key("parts");
    let call = call.upload_id(id).part_number(1);
    let part = call.body(ByteStream::from_static(b"one part"));
    let part = part.send().await.unwrap();
    let delete = clients.s3.delete_bucket().bucket(&bucket);
    let not_empty = refusal("BucketNotEmpty", 409);
    assert_eq!(refused!(delete.clone()), not_empty);
    let part = CompletedPart::builder()
        .part_number(1)
        .e_tag(part.e_tag().unwrap());
    let parts = CompletedMultipartUpload::builder().parts(part.build());
    let call = clients.s3.complete_multipart_upload();
    let call = call.bucket(&bucket).key("parts").upload_id(id);
    call.multipart_upload(parts.build()).send().await.unwrap();

    let list = clients.s3.list_objects_v2().bucket(&bucket);
    let seen = list.clone().prefix("d/").send().await.unwrap();
    assert_eq!(seen.contents().len(), 1);
    assert_eq!(list.send().await.unwrap().contents().len(), 2);
    assert_eq!(refused!(delete.clone()), not_empty);
    let key = |key: &str| ObjectIdentifier::builder().key(key).build().unwrap();
    let all = Delete::builder()
        .objects(key("d/a b.txt"))
        .objects(key("parts"));
    let call = clients.s3.delete_objects().bucket(&bucket);
    let gone = call.delete(all.build().unwrap()).send().await.unwrap();
    assert_eq!((gone.deleted().len(), gone.errors().len()), (2, 0));
    delete.send().await.unwrap();
}

#[tokio::test]
async fn a_session_is_for_one_bucket_and_one_mode() {
    let world = World::new("a_session_is_for_one_bucket_and_one_mode");
    let clients = world.clients().await;
    let bucket = name(&clients, "session");
    create(&clients, &bucket, ZONE).send().await.unwrap();
    clients.put(&bucket, "k", b"read me").await;
    let call = clients.s3.create_session().bucket(&bucket);
    let read_only = call.session_mode(SessionMode::ReadOnly);
    let session = read_only.send().await.unwrap().credentials.unwrap();
    assert!(session.access_key_id().starts_with("ASIA"));

    let key = session.access_key_id();
    let http = async |method: &str, bucket: &str, token: &str| {
        request(&world, method, bucket, key, token).await
    };
    let token = session.session_token();
    assert_eq!(http("GET", &bucket, token).await, (200, "read me".into()));
    let (status, body) = http("PUT", &bucket, token).await;
    assert_eq!(status, 403);
    assert!(body.contains("<Code>AccessDenied</Code>"), "{body}");
    let (status, body) = http("GET", &bucket, "made up").await;
    assert_eq!(status, 400);
    assert!(body.contains("<Code>InvalidToken</Code>"), "{body}");
    let other = name(&clients, "other");
    create(&clients, &other, ZONE).send().await.unwrap();
    assert_eq!(http("GET", &other, token).await.0, 403);

    let missing = clients.s3.create_session();
    let missing = missing.bucket(name(&clients, "missing"));
    let missing = missing.session_mode(SessionMode::ReadWrite);
    assert_eq!(refused!(missing), refusal("NoSuchBucket", 404));
    let general = format!("general-{}", clients.account);
    let call = clients.s3.create_bucket().bucket(&general);
    call.send().await.unwrap();
    let call = clients.s3.create_session().bucket(&general);
    assert_eq!(refused!(call), refusal("MethodNotAllowed", 405));
}

/// A request for the object `k` with a session's token, and the answer's status and body.
async fn request(
    world: &World,
    method: &str,
    bucket: &str,
    key: &str,
    token: &str,
) -> (u16, String) {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let place = world.endpoint.strip_prefix("http://").unwrap();
    let mut stream = tokio::net::TcpStream::connect(place).await.unwrap();
    let scope = format!("{key}/20260101/us-east-1/s3express/aws4_request");
    let request = format!(
        "{method} /{bucket}/k HTTP/1.1\r\nHost: {place}\r\nConnection: close\r\n\
         Content-Length: 0\r\nx-amz-s3session-token: {token}\r\n\
         Authorization: AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    (status, body.to_owned())
}

#[tokio::test]
async fn what_directory_buckets_lack_is_refused() {
    let world = World::new("what_directory_buckets_lack_is_refused");
    let clients = world.clients().await;
    let s3 = &clients.s3;
    let bucket = name(&clients, "lacking");
    create(&clients, &bucket, ZONE).send().await.unwrap();
    clients.put(&bucket, "k", b"").await;
    let not_allowed = refusal("MethodNotAllowed", 405);

    let enabled = VersioningConfiguration::builder();
    let enabled = enabled.status(BucketVersioningStatus::Enabled).build();
    let call = s3.put_bucket_versioning().bucket(&bucket);
    let call = call.versioning_configuration(enabled);
    assert_eq!(refused!(call), not_allowed);
    let tag = Tag::builder().key("a").value("b").build().unwrap();
    let tags = Tagging::builder().tag_set(tag).build().unwrap();
    let call = s3.put_bucket_tagging().bucket(&bucket).tagging(tags);
    assert_eq!(refused!(call), not_allowed);
    let call = s3.get_bucket_tagging().bucket(&bucket);
    assert_eq!(refused!(call), not_allowed);
    let call = s3.get_bucket_notification_configuration();
    assert_eq!(refused!(call.bucket(&bucket)), not_allowed);
    let call = s3.list_object_versions().bucket(&bucket);
    assert_eq!(refused!(call), not_allowed);
    let call = s3.list_objects().bucket(&bucket);
    assert_eq!(refused!(call), not_allowed);
    let call = s3.get_object_tagging().bucket(&bucket).key("k");
    assert_eq!(refused!(call), not_allowed);

    let put = || s3.put_object().bucket(&bucket).key("k");
    let call = put().tagging("a=b");
    assert_eq!(refused!(call), refusal("NotImplemented", 501));
    let call = put().storage_class(StorageClass::Standard);
    assert_eq!(refused!(call), refusal("InvalidStorageClass", 400));
    let list = s3.list_objects_v2().bucket(&bucket);
    let invalid = refusal("InvalidRequest", 400);
    assert_eq!(refused!(list.clone().prefix("no-slash")), invalid);
    assert_eq!(refused!(list.clone().delimiter("-")), invalid);
    assert_eq!(refused!(list.start_after("k")), invalid);
}

#[tokio::test]
async fn a_policy_is_of_s3express() {
    let world = World::new("a_policy_is_of_s3express");
    let clients = world.clients().await;
    let bucket = name(&clients, "policy");
    create(&clients, &bucket, ZONE).send().await.unwrap();
    let policy = |action: &str| {
        json!({ "Version": "2012-10-17", "Statement": [{
            "Effect": "Allow",
            "Principal": { "AWS": format!("arn:aws:iam::{}:root", clients.account) },
            "Action": action,
            "Resource": clients.arn("s3express", &format!("bucket/{bucket}")),
        }]})
        .to_string()
    };
    let get = clients.s3.get_bucket_policy().bucket(&bucket);
    let missing = refusal("NoSuchBucketPolicy", 404);
    assert_eq!(refused!(get.clone()), missing);
    let put = clients.s3.put_bucket_policy().bucket(&bucket);
    let good = policy("s3express:CreateSession");
    put.clone().policy(&good).send().await.unwrap();
    let seen = get.clone().send().await.unwrap();
    assert_eq!(seen.policy(), Some(good.as_str()));
    let bad = put.policy(policy("s3:GetObject"));
    assert_eq!(refused!(bad), refusal("MalformedPolicy", 400));
    let call = clients.s3.delete_bucket_policy().bucket(&bucket);
    call.send().await.unwrap();
    assert_eq!(refused!(get), missing);
}

#[tokio::test]
async fn tags_are_those_of_s3_control() {
    let world = World::new("tags_are_those_of_s3_control");
    let clients = world.clients().await;
    let bucket = name(&clients, "tags");
    create(&clients, &bucket, ZONE).send().await.unwrap();
    let tag = |key: &str, value: &str| (key.to_owned(), value.to_owned());
    assert_eq!(clients.control_tags(&bucket), [tag("treino:stack", "lab")]);

    let set = [("treino:stack", "b &amp; c"), ("empty", "")];
    assert_eq!(clients.set_control_tags(&bucket, &set).status, 204);
    let query = "?tagKeys=empty&tagKeys=never%20there";
    let removed = clients.control("DELETE", &bucket, query, "");
    assert_eq!(removed.status, 204);
    assert_eq!(
        clients.control_tags(&bucket),
        [tag("treino:stack", "b & c")]
    );

    let refused = |answer: crate::support::proxy::Answer| {
        let text = answer.text();
        let code = text.split_once("<Code>").unwrap().1;
        (code.split('<').next().unwrap().to_owned(), answer.status)
    };
    let reserved = clients.set_control_tags(&bucket, &[("aws:mine", "")]);
    assert_eq!(refused(reserved), refusal("InvalidTag", 400));
    let nowhere = clients.control("GET", &format!("{bucket}-not"), "", "");
    assert_eq!(refused(nowhere), refusal("NoSuchBucket", 404));
    let arn = clients.arn("s3express", &format!("bucket/{bucket}"));
    let theirs = clients.control_of("999999999999", "GET", &arn, "", "");
    assert_eq!(refused(theirs), refusal("AccessDenied", 403));
}

#[tokio::test]
async fn a_definition_begins_a_session() {
    let world = World::new("a_definition_begins_a_session");
    let clients = world.clients().await;
    let bucket = name(&clients, "machine");
    create(&clients, &bucket, ZONE).send().await.unwrap();
    let which = json!({ "Bucket": bucket });
    for answer in [
        task(&clients, CREATE_SESSION, which.clone()).await.well(),
        jsonata_task(&clients, CREATE_SESSION, which).await.well(),
    ] {
        let credentials = answer["Credentials"].as_object().unwrap();
        let names: Vec<_> = credentials.keys().map(String::as_str).collect();
        let expected = [
            "AccessKeyId",
            "SecretAccessKey",
            "SessionToken",
            "Expiration",
        ];
        assert_eq!(names, expected);
        assert!(credentials.values().all(|value| !value.is_null()));
    }
    let missing = json!({ "Bucket": name(&clients, "missing") });
    let (error, _) = task(&clients, CREATE_SESSION, missing).await.badly();
    assert_eq!(error, "S3.NoSuchBucketException");
    let put = json!({ "Bucket": bucket, "Key": "k", "Body": 7 });
    let resource = "arn:aws:states:::aws-sdk:s3:putObject";
    task(&clients, resource, put).await.well();
    let call = clients.s3.get_object().bucket(&bucket).key("k");
    let body = call.send().await.unwrap().body.collect().await.unwrap();
    assert_eq!(body.to_vec(), b"7");
    let resource = "arn:aws:states:::aws-sdk:s3:listDirectoryBuckets";
    let answer = task(&clients, resource, json!({})).await.well();
    assert_eq!(answer["Buckets"][0]["Name"], bucket);
}
