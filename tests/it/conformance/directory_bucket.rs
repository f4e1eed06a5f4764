//! Directory buckets.

use aws_sdk_s3::primitives::ByteStream;
use serde_json::{Value, json};
use treino::engine::{Events, Provider};
use treino::stack::kinds::directory_bucket_name;
use treino::stack::{Address, Kind, Resource, Target, arn, policy};

use super::{Case, Place, conforms, with};
use crate::support::Clients;

struct DirectoryBucket;

const ZONE: &str = "use1-az4";

fn document(account: &str, name: &str, action: &str) -> Value {
    policy::document(&[json!({
        "Sid": "Sessions", "Effect": "Allow", "Action": action,
        "Principal": { "AWS": "arn:aws:iam::210987654321:root" },
        "Resource": format!("arn:aws:s3express:us-east-1:{account}:bucket/{name}"),
        "Condition": { "StringEquals": { "s3express:SessionMode": "ReadOnly" } },
    })])
}

impl Case for DirectoryBucket {
    const KIND: Kind = Kind::DirectoryBucket;

    fn name(target: &Target) -> String {
        directory_bucket_name(
            target,
            &Address::new(Kind::DirectoryBucket, "subject"),
            ZONE,
        )
    }

    fn base(_: &Place) -> Value {
        json!({ "policy": null })
    }

    fn variants(place: &Place) -> Vec<(&'static str, Value)> {
        let name = Self::name(&place.target("conform-directory-bucket"));
        let change = |word, action| {
            let policy = document(&place.account, &name, action);
            (word, with(&Self::base(place), &[("policy", policy)]))
        };
        vec![
            change("policy", "s3express:CreateSession"),
            change("policy of another action", "s3express:GetBucketPolicy"),
        ]
    }

    const OUTSIDE: &'static [(&'static str, &'static [&'static str])] = &[
        ("policy", &["policy"]),
        ("tags", &["tags.course", "tags.by-hand"]),
    ];

    async fn outside(clients: &Clients, name: &str, what: &str) {
        match what {
            "policy" => {
                let policy = document(&clients.account, name, "s3express:*");
                let call = clients.s3_sessionless().put_bucket_policy().bucket(name);
                call.policy(policy.to_string()).send().await.unwrap();
            }
            "tags" => {
                let removed = clients.control("DELETE", name, "?tagKeys=course", "");
                assert_eq!(removed.status, 204);
                let set = clients.set_control_tags(name, &[("by-hand", "1")]);
                assert_eq!(set.status, 204);
            }
            other => panic!("{other}"),
        }
    }
}

#[tokio::test]
async fn on_the_local_aws() {
    conforms::<DirectoryBucket>(&Place::local("directory bucket", &[]).await).await;
}

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
    let place = Place::local("full directory bucket", &[]).await;
    let bucket = fast(&place.target("full"));
    let cloud = place.cloud("full", Vec::new());
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
    let place = Place::local("two kinds of buckets", &[]).await;
    let bucket = fast(&place.target("apart"));
    let cloud = place.cloud("apart", Vec::new());
    cloud.create(&bucket, &Events::none()).await.unwrap();
    let general = format!("general-{}", place.account);
    let call = place.clients.s3.create_bucket().bucket(&general);
    call.send().await.unwrap();
    let names = [bucket.name, general];
    let listed = async |kind| cloud.listed(kind, &names).await.unwrap();
    assert_eq!(listed(Kind::DirectoryBucket).await, names[..1]);
    assert_eq!(listed(Kind::Bucket).await, names[1..]);
}
