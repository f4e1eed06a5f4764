//! Directory buckets.

use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{
    BucketInfo, BucketType, CreateBucketConfiguration, DataRedundancy, LocationInfo, LocationType,
};
use serde_json::{Value, json};
use treino::stack::kinds::directory_bucket_name;
use treino::stack::{Address, Kind, Target, policy};

use super::{Drifts, List, Mark, Moto, Requests, Rivals, Sample, Tags, Task, TestKind, variant};
use crate::support::{Asking, Clients};

pub struct DirectoryBucket;

pub const SECTION: &str = "directory_buckets:\n  d: { zone: use1-az4 }\n";

/// The zone of the samples.
pub const ZONE: &str = "use1-az4";

fn document(account: &str, name: &str, action: &str) -> Value {
    policy::document(&[json!({
        "Sid": "Sessions", "Effect": "Allow", "Action": action,
        "Principal": { "AWS": "arn:aws:iam::210987654321:root" },
        "Resource": format!("arn:aws:s3express:us-east-1:{account}:bucket/{name}"),
        "Condition": { "StringEquals": { "s3express:SessionMode": "ReadOnly" } },
    })])
}

impl TestKind for DirectoryBucket {
    fn kind(&self) -> Kind {
        Kind::DirectoryBucket
    }

    fn sample(&self) -> Sample {
        Sample {
            address: "directory_bucket.d",
            section: SECTION,
            needs: &[],
            comes_to: &[(Kind::DirectoryBucket, "lab-d-")],
        }
    }

    fn requests(&self) -> Requests {
        Requests {
            create: "s3:CreateBucket",
            delete: "s3:DeleteBucket",
            list: List {
                request: "s3:ListDirectoryBuckets",
                entries: "Buckets",
                token: "ContinuationToken",
            },
            mark: "s3control:ListTagsForResource",
            last_look: ("s3:CreateBucket", 1),
            slow_to_delete: false,
        }
    }

    fn action(&self) -> &'static str {
        "s3express:CreateBucket"
    }

    fn rivals(&self) -> Option<Rivals> {
        Some(Rivals {
            sections: "directory_buckets:\n  x: { zone: use1-az4 }\n  x-b: { zone: use1-az4 }\n",
            at: (self.requests().create, 1),
        })
    }

    fn second_call(&self) -> Option<(&'static str, Value)> {
        Some(("policy", Value::Null))
    }

    fn name(&self, target: &Target) -> String {
        directory_bucket_name(target, &Address::new(self.kind(), "subject"), ZONE)
    }

    fn spec(&self, _: &Clients, _: &str) -> Value {
        json!({ "policy": null })
    }

    fn variants(&self, clients: &Clients, name: &str) -> Vec<(&'static str, Value)> {
        let base = self.spec(clients, name);
        let policy = |action| document(&clients.account, name, action);
        vec![
            variant(&base, "policy", policy("s3express:CreateSession")),
            variant(
                &base,
                "policy of another action",
                policy("s3express:GetBucketPolicy"),
            ),
        ]
    }

    fn drifts(&self) -> Drifts {
        &[
            ("policy", &["policy"]),
            ("tags", &["tags.course", "tags.by-hand"]),
        ]
    }

    fn drift<'a>(&'a self, clients: &'a Clients, name: &'a str, what: &'static str) -> Task<'a> {
        Box::pin(async move {
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
        })
    }

    fn moto(&self) -> Moto {
        Moto::Lacks("moto has no directory buckets")
    }

    fn make<'a>(&'a self, clients: &'a Clients, name: &'a str, mark: Mark) -> Task<'a> {
        Box::pin(async move {
            let zone = name.rsplit("--").nth(1).unwrap();
            let place = LocationInfo::builder().r#type(LocationType::AvailabilityZone);
            let kind = BucketInfo::builder().r#type(BucketType::Directory);
            let kind = kind.data_redundancy(DataRedundancy::SingleAvailabilityZone);
            let tags: Result<Vec<_>, _> = super::tags!(aws_sdk_s3, mark).collect();
            let configuration = CreateBucketConfiguration::builder()
                .location(place.name(zone).build())
                .bucket(kind.build())
                .set_tags(Some(tags.unwrap()));
            let call = clients.s3_sessionless().create_bucket().bucket(name);
            let call = call.create_bucket_configuration(configuration.build());
            call.send().await.unwrap();
            let call = clients.s3.put_object().bucket(name).key("kept.txt");
            let call = call.body(ByteStream::from_static(b"kept"));
            call.send().await.unwrap();
        })
    }

    fn made_otherwise(&self) -> &'static str {
        "tags"
    }

    fn names<'a>(&'a self, clients: &'a Clients) -> Task<'a, Vec<String>> {
        Box::pin(async {
            let call = clients.s3_sessionless().list_directory_buckets();
            let buckets = call.send().await.unwrap().buckets.unwrap_or_default();
            let names = buckets.into_iter().map(|bucket| bucket.name.unwrap());
            names.collect()
        })
    }

    fn answers(&self, asking: &Asking, name: &str) -> Vec<String> {
        let arn = asking.clients.arn("s3express", &format!("bucket/{name}"));
        let arn = arn.replace(':', "%3A").replace('/', "%2F");
        let account = [("x-amz-account-id", asking.clients.account.as_str())];
        vec![
            asking.ask(
                "s3express",
                "GET",
                &format!("/v20180820/tags/{arn}"),
                &account,
                "",
            ),
            asking.path("s3express", &format!("/{name}?policy=")),
        ]
    }

    fn tags<'a>(&'a self, clients: &'a Clients, name: &'a str) -> Task<'a, Tags> {
        Box::pin(async move { clients.control_tags(name).into_iter().collect() })
    }

    fn contents<'a>(&'a self, clients: &'a Clients, name: &'a str) -> Task<'a, String> {
        Box::pin(async move {
            let call = clients.s3.list_objects_v2().bucket(name);
            let mut seen = Vec::new();
            for object in call.send().await.unwrap().contents() {
                let call = clients.s3.get_object().bucket(name);
                let object = call.key(object.key().unwrap()).send().await.unwrap();
                let body = object.body.collect().await.unwrap().into_bytes();
                seen.push((object.last_modified, body));
            }
            format!("{seen:?}")
        })
    }
}
