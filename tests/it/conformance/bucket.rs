//! Buckets.

use aws_sdk_s3::types::{
    BucketVersioningStatus, EventBridgeConfiguration, NotificationConfiguration,
    PublicAccessBlockConfiguration, Tag, Tagging, VersioningConfiguration,
};
use serde_json::{Value, json};
use treino::stack::{Kind, policy};

use super::{Case, Place, conforms, with};
use crate::support::Clients;

struct Bucket;

fn document(action: &str) -> Value {
    policy::document(&[json!({
        "Sid": "Reading", "Effect": "Allow", "Action": action,
        "Principal": { "Service": "cloudtrail.amazonaws.com" },
        "Resource": "arn:aws:s3:::conform-bucket-subject/*",
        "Condition": { "Bool": { "aws:SecureTransport": true } },
    })])
}

impl Case for Bucket {
    const KIND: Kind = Kind::Bucket;

    fn base(_: &Place) -> Value {
        json!({ "versioning": false, "block_public_access": true, "events": false, "policy": null })
    }

    fn variants(place: &Place) -> Vec<(&'static str, Value)> {
        let change = |field: &'static str, value: Value| {
            (field, with(&Self::base(place), &[(field, value)]))
        };
        vec![
            change("versioning", json!(true)),
            change("block_public_access", json!(false)),
            change("events", json!(true)),
            change("policy", document("s3:GetObject")),
        ]
    }

    const OUTSIDE: &'static [(&'static str, &'static [&'static str])] = &[
        ("versioning", &["versioning"]),
        ("all public access blocks", &["block_public_access"]),
        ("one public access block", &["block_public_access"]),
        ("events", &["events"]),
        ("policy", &["policy"]),
        ("tags", &["tags.course", "tags.by-hand"]),
    ];

    async fn outside(clients: &Clients, name: &str, what: &str) {
        let s3 = &clients.s3;
        match what {
            "versioning" => {
                let on = VersioningConfiguration::builder().status(BucketVersioningStatus::Enabled);
                let call = s3.put_bucket_versioning().bucket(name);
                call.versioning_configuration(on.build())
                    .send()
                    .await
                    .unwrap();
            }
            "all public access blocks" => {
                s3.delete_public_access_block()
                    .bucket(name)
                    .send()
                    .await
                    .unwrap();
            }
            "one public access block" => {
                let most = PublicAccessBlockConfiguration::builder()
                    .block_public_acls(true)
                    .ignore_public_acls(true)
                    .block_public_policy(true)
                    .restrict_public_buckets(false);
                let call = s3.put_public_access_block().bucket(name);
                let call = call.public_access_block_configuration(most.build());
                call.send().await.unwrap();
            }
            "events" => {
                let on = NotificationConfiguration::builder()
                    .event_bridge_configuration(EventBridgeConfiguration::builder().build());
                let call = s3.put_bucket_notification_configuration().bucket(name);
                call.notification_configuration(on.build())
                    .send()
                    .await
                    .unwrap();
            }
            "policy" => {
                let call = s3.put_bucket_policy().bucket(name);
                let call = call.policy(document("s3:*").to_string());
                call.send().await.unwrap();
            }
            "tags" => {
                let call = s3.get_bucket_tagging().bucket(name);
                let mut tags = call
                    .send()
                    .await
                    .map(|seen| seen.tag_set)
                    .unwrap_or_default();
                tags.retain(|tag| tag.key != "course");
                tags.push(Tag::builder().key("by-hand").value("1").build().unwrap());
                let tagging = Tagging::builder().set_tag_set(Some(tags)).build().unwrap();
                let call = s3.put_bucket_tagging().bucket(name).tagging(tagging);
                call.send().await.unwrap();
            }
            other => panic!("{other}"),
        }
    }
}

#[tokio::test]
async fn on_the_local_aws() {
    conforms::<Bucket>(&Place::local("bucket", &[]).await).await;
}

#[tokio::test]
async fn on_moto() {
    let skips = &[
        ("create", "CreateBucket drops the tags that come with it"),
        ("read", "CreateBucket drops the tags that come with it"),
        (
            "create again",
            "CreateBucket drops the tags that come with it",
        ),
        (
            "change of events",
            "PutBucketNotificationConfiguration drops EventBridge",
        ),
        (
            "drift of events",
            "PutBucketNotificationConfiguration drops EventBridge",
        ),
        (
            "create with every field",
            "PutBucketNotificationConfiguration drops EventBridge",
        ),
    ];
    conforms::<Bucket>(&Place::moto(skips).await).await;
}
