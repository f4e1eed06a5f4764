//! Buckets.

use aws_sdk_s3::types::{
    BucketVersioningStatus, EventBridgeConfiguration, NotificationConfiguration,
    PublicAccessBlockConfiguration, Tag, Tagging, VersioningConfiguration,
};
use serde_json::{Value, json};
use treino::stack::{Kind, policy};

use super::{Drifts, List, Mark, Moto, Requests, Rivals, Sample, Tags, Task, TestKind, variant};
use crate::support::{Asking, Clients};

pub struct Bucket;

pub const SECTION: &str = "buckets:\n  b: {}\n";

/// What is asked of a bucket.
const ASKED: [&str; 8] = [
    "tagging",
    "versioning",
    "encryption",
    "publicAccessBlock",
    "policy",
    "notification",
    "lifecycle",
    "ownershipControls",
];

fn document(name: &str, action: &str) -> Value {
    policy::document(&[json!({
        "Sid": "Reading", "Effect": "Allow", "Action": action,
        "Principal": { "Service": "cloudtrail.amazonaws.com" },
        "Resource": format!("arn:aws:s3:::{name}/*"),
        "Condition": { "Bool": { "aws:SecureTransport": true } },
    })])
}

async fn versioned(clients: &Clients, name: &str) {
    let on = VersioningConfiguration::builder().status(BucketVersioningStatus::Enabled);
    let call = clients.s3.put_bucket_versioning().bucket(name);
    let call = call.versioning_configuration(on.build());
    call.send().await.unwrap();
}

async fn tagged(clients: &Clients, name: &str, tags: Vec<Tag>) {
    let tagging = Tagging::builder().set_tag_set(Some(tags)).build().unwrap();
    let call = clients.s3.put_bucket_tagging().bucket(name);
    call.tagging(tagging).send().await.unwrap();
}

impl TestKind for Bucket {
    fn kind(&self) -> Kind {
        Kind::Bucket
    }

    fn sample(&self) -> Sample {
        Sample {
            address: "bucket.b",
            section: SECTION,
            needs: &[],
            comes_to: &[(Kind::Bucket, "lab-b-")],
        }
    }

    fn requests(&self) -> Requests {
        Requests {
            create: "s3:CreateBucket",
            delete: "s3:DeleteBucket",
            list: List {
                request: "s3:ListBuckets",
                entries: "Buckets",
                token: "ContinuationToken",
            },
            mark: "s3:GetBucketTagging",
            // In us-east-1 a second creation by the same account succeeds.
            last_look: ("s3:GetBucketTagging", 2),
            slow_to_delete: false,
        }
    }

    fn action(&self) -> &'static str {
        "s3:CreateBucket"
    }

    fn rivals(&self) -> Option<Rivals> {
        Some(Rivals {
            sections: "buckets:\n  x: {}\n  x-b: { versioning: true, events: true }\n",
            at: (self.requests().create, 1),
        })
    }

    fn second_call(&self) -> Option<(&'static str, Value)> {
        Some(("policy", Value::Null))
    }

    fn spec(&self, _: &Clients, _: &str) -> Value {
        json!({ "versioning": false, "block_public_access": true, "events": false, "policy": null })
    }

    fn variants(&self, clients: &Clients, name: &str) -> Vec<(&'static str, Value)> {
        let base = self.spec(clients, name);
        vec![
            variant(&base, "versioning", json!(true)),
            variant(&base, "block_public_access", json!(false)),
            variant(&base, "events", json!(true)),
            variant(&base, "policy", document(name, "s3:GetObject")),
        ]
    }

    fn drifts(&self) -> Drifts {
        &[
            ("versioning", &["versioning"]),
            ("all public access blocks", &["block_public_access"]),
            ("one public access block", &["block_public_access"]),
            ("events", &["events"]),
            ("policy", &["policy"]),
            ("tags", &["tags.course", "tags.by-hand"]),
        ]
    }

    fn drift<'a>(&'a self, clients: &'a Clients, name: &'a str, what: &'static str) -> Task<'a> {
        let s3 = &clients.s3;
        Box::pin(async move {
            match what {
                "versioning" => versioned(clients, name).await,
                "all public access blocks" => {
                    let call = s3.delete_public_access_block().bucket(name);
                    call.send().await.unwrap();
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
                    let on = EventBridgeConfiguration::builder().build();
                    let on = NotificationConfiguration::builder().event_bridge_configuration(on);
                    let call = s3.put_bucket_notification_configuration().bucket(name);
                    let call = call.notification_configuration(on.build());
                    call.send().await.unwrap();
                }
                "policy" => {
                    let call = s3.put_bucket_policy().bucket(name);
                    let call = call.policy(document(name, "s3:*").to_string());
                    call.send().await.unwrap();
                }
                "tags" => {
                    let seen = s3.get_bucket_tagging().bucket(name).send().await;
                    let mut tags = seen.map(|seen| seen.tag_set).unwrap_or_default();
                    tags.retain(|tag| tag.key != "course");
                    tags.push(Tag::builder().key("by-hand").value("1").build().unwrap());
                    tagged(clients, name, tags).await;
                }
                other => panic!("{other}"),
            }
        })
    }

    fn moto(&self) -> Moto {
        const TAGS: &str = "CreateBucket drops the tags that come with it";
        const EVENTS: &str = "PutBucketNotificationConfiguration drops EventBridge";
        Moto::Has(&[
            ("create", TAGS),
            ("read", TAGS),
            ("create again", TAGS),
            ("change of events", EVENTS),
            ("drift of events", EVENTS),
            ("create with every field", EVENTS),
        ])
    }

    fn make<'a>(&'a self, clients: &'a Clients, name: &'a str, mark: Mark) -> Task<'a> {
        Box::pin(async move {
            let call = clients.s3.create_bucket().bucket(name);
            call.send().await.unwrap();
            let tags: Result<Vec<_>, _> = super::tags!(aws_sdk_s3, mark).collect();
            tagged(clients, name, tags.unwrap()).await;
            versioned(clients, name).await;
            clients.put(name, "kept.txt", b"an older version").await;
            clients.put(name, "kept.txt", b"kept").await;
        })
    }

    fn made_otherwise(&self) -> &'static str {
        "versioning"
    }

    fn names<'a>(&'a self, clients: &'a Clients) -> Task<'a, Vec<String>> {
        Box::pin(async {
            let seen = clients.s3.list_buckets().send().await.unwrap();
            let buckets = seen.buckets.unwrap_or_default().into_iter();
            buckets.map(|bucket| bucket.name.unwrap()).collect()
        })
    }

    fn answers(&self, asking: &Asking, name: &str) -> Vec<String> {
        let ask = |asked: &&str| asking.path("s3", &format!("/{name}?{asked}="));
        ASKED.iter().map(ask).collect()
    }

    fn tags<'a>(&'a self, clients: &'a Clients, name: &'a str) -> Task<'a, Tags> {
        Box::pin(async move {
            let call = clients.s3.get_bucket_tagging().bucket(name);
            let seen = call.send().await.unwrap().tag_set;
            seen.into_iter().map(|tag| (tag.key, tag.value)).collect()
        })
    }

    fn contents<'a>(&'a self, clients: &'a Clients, name: &'a str) -> Task<'a, String> {
        Box::pin(async move {
            let call = clients.s3.list_object_versions().bucket(name);
            let mut seen = Vec::new();
            for version in call.send().await.unwrap().versions() {
                let (key, id) = (version.key().unwrap(), version.version_id().unwrap());
                let call = clients.s3.get_object().bucket(name).key(key).version_id(id);
                let body = call.send().await.unwrap().body.collect().await.unwrap();
                seen.push((key.to_owned(), id.to_owned(), body.into_bytes()));
            }
            format!("{seen:?}")
        })
    }
}
