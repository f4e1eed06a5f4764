//! Trails.

use aws_sdk_cloudtrail::types::{DataResource, EventSelector, ReadWriteType, Tag};
use serde_json::{Value, json};
use treino::stack::{Kind, policy};

use super::{Drifts, List, Mark, Requests, Rivals, Sample, Tags, Task, TestKind, variant};
use crate::support::{Asking, Clients};

pub struct Trail;

pub const SECTION: &str = "trails:\n  r:\n    objects_of: [b]\n";

/// A bucket that a trail of the conformance suite writes to.
fn bucket(clients: &Clients, name: &str) -> String {
    format!("conform-trail-{name}-{}", clients.account)
}

/// Makes a bucket that CloudTrail may write to.
async fn writable(clients: &Clients, bucket: &str) {
    let call = clients.s3.create_bucket().bucket(bucket);
    call.send().await.unwrap();
    let statement = |action: &str, resource: String| {
        json!({
            "Effect": "Allow", "Action": action, "Resource": resource,
            "Principal": { "Service": "cloudtrail.amazonaws.com" },
        })
    };
    let arn = format!("arn:aws:s3:::{bucket}");
    let policy = policy::document(&[
        statement("s3:GetBucketAcl", arn.clone()),
        statement("s3:PutObject", format!("{arn}/AWSLogs/*")),
    ]);
    let call = clients.s3.put_bucket_policy().bucket(bucket);
    call.policy(policy.to_string()).send().await.unwrap();
}

fn resource(kind: &str, value: &str) -> DataResource {
    DataResource::builder().r#type(kind).values(value).build()
}

fn selector(record: ReadWriteType, resources: Vec<DataResource>) -> EventSelector {
    EventSelector::builder()
        .read_write_type(record)
        .include_management_events(false)
        .set_data_resources(Some(resources))
        .build()
}

impl TestKind for Trail {
    fn kind(&self) -> Kind {
        Kind::Trail
    }

    fn sample(&self) -> Sample {
        Sample {
            address: "trail.r",
            section: SECTION,
            needs: &[Kind::Bucket],
            comes_to: &[(Kind::Trail, "lab-r"), (Kind::Bucket, "lab-r-bucket-")],
        }
    }

    fn requests(&self) -> Requests {
        Requests {
            create: "cloudtrail:CreateTrail",
            delete: "cloudtrail:DeleteTrail",
            list: List {
                request: "cloudtrail:ListTrails",
                entries: "Trails",
                token: "NextToken",
            },
            mark: "cloudtrail:ListTags",
            last_look: ("cloudtrail:CreateTrail", 1),
            slow_to_delete: false,
        }
    }

    fn action(&self) -> &'static str {
        "cloudtrail:CreateTrail"
    }

    fn rivals(&self) -> Option<Rivals> {
        Some(Rivals {
            sections: "buckets:\n  k: {}\ntrails:\n  x: { objects_of: [k] }\n  x-b: { objects_of: [k], record: all }\n",
            at: (self.requests().create, 1),
        })
    }

    fn second_call(&self) -> Option<(&'static str, Value)> {
        Some(("logging", json!(false)))
    }

    fn prepare<'a>(&'a self, clients: &'a Clients) -> Task<'a> {
        Box::pin(async {
            for name in ["one", "two"] {
                writable(clients, &bucket(clients, name)).await;
            }
        })
    }

    fn spec(&self, clients: &Clients, _: &str) -> Value {
        json!({
            "bucket": bucket(clients, "one"), "logging": true, "multi_region": false,
            "selectors": [{ "record": "write", "management_events": false,
                "objects": ["arn:aws:s3:::photos/"] }],
        })
    }

    fn variants(&self, clients: &Clients, name: &str) -> Vec<(&'static str, Value)> {
        let base = self.spec(clients, name);
        let change = |word, value| variant(&base, word, value);
        let selector = |record: &str, management: bool, objects: &[&str]| json!([{ "record": record, "management_events": management, "objects": objects }]);
        let both = ["arn:aws:s3:::music/", "arn:aws:s3:::photos/"];
        vec![
            change("bucket", json!(bucket(clients, "two"))),
            change("logging", json!(false)),
            change("multi_region", json!(true)),
            change("selectors", selector("all", false, &both)),
            change("selectors of reads", selector("read", true, &both[1..])),
        ]
    }

    fn drifts(&self) -> Drifts {
        &[
            ("logging", &["logging"]),
            (
                "selectors",
                &["selectors[0].record", "selectors[0].objects"],
            ),
            ("selectors, one added", &["selectors[1]"]),
            ("a function's events", &["selectors[0].other"]),
            ("tags", &["tags.course", "tags.by-hand"]),
        ]
    }

    fn drift<'a>(&'a self, clients: &'a Clients, name: &'a str, what: &'static str) -> Task<'a> {
        let cloudtrail = &clients.cloudtrail;
        let photos = || resource("AWS::S3::Object", "arn:aws:s3:::photos/");
        let another = || resource("AWS::S3::Object", "arn:aws:s3:::another/");
        let select = async move |selectors: Vec<EventSelector>| {
            let call = cloudtrail.put_event_selectors().trail_name(name);
            let call = call.set_event_selectors(Some(selectors));
            call.send().await.unwrap();
        };
        Box::pin(async move {
            match what {
                "logging" => drop(cloudtrail.stop_logging().name(name).send().await.unwrap()),
                "selectors" => {
                    select(vec![selector(ReadWriteType::All, vec![another()])]).await;
                }
                "selectors, one added" => {
                    let ours = selector(ReadWriteType::WriteOnly, vec![photos()]);
                    select(vec![ours, selector(ReadWriteType::All, vec![another()])]).await;
                }
                "a function's events" => {
                    let function = resource("AWS::Lambda::Function", "arn:aws:lambda");
                    let both = vec![photos(), function];
                    select(vec![selector(ReadWriteType::WriteOnly, both)]).await;
                }
                "tags" => {
                    let arn = clients.arn("cloudtrail", &format!("trail/{name}"));
                    let tag = Tag::builder().key("by-hand").value("1").build().unwrap();
                    let call = cloudtrail.remove_tags().resource_id(&arn);
                    let gone = Tag::builder().key("course").build().unwrap();
                    call.tags_list(gone).send().await.unwrap();
                    let call = cloudtrail.add_tags().resource_id(&arn);
                    call.tags_list(tag).send().await.unwrap();
                }
                other => panic!("{other}"),
            }
        })
    }

    /// With a bucket `theirs-ACCOUNT`.
    fn make<'a>(&'a self, clients: &'a Clients, name: &'a str, mark: Mark) -> Task<'a> {
        Box::pin(async move {
            let bucket = format!("theirs-{}", clients.account);
            writable(clients, &bucket).await;
            let tags: Result<Vec<_>, _> = super::tags!(aws_sdk_cloudtrail, mark).collect();
            let call = clients.cloudtrail.create_trail().name(name);
            let call = call.s3_bucket_name(bucket);
            let call = call.set_tags_list(Some(tags.unwrap()));
            call.send().await.unwrap();
        })
    }

    fn made_otherwise(&self) -> &'static str {
        "bucket"
    }

    fn names<'a>(&'a self, clients: &'a Clients) -> Task<'a, Vec<String>> {
        Box::pin(async {
            let seen = clients.cloudtrail.list_trails().send().await.unwrap();
            let trails = seen.trails.unwrap_or_default().into_iter();
            trails.map(|trail| trail.name.unwrap()).collect()
        })
    }

    fn answers(&self, asking: &Asking, name: &str) -> Vec<String> {
        let target = "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101";
        let arn = asking.clients.arn("cloudtrail", &format!("trail/{name}"));
        let of = json!({ "Name": name });
        let asked = [
            ("GetTrail", &of),
            ("GetTrailStatus", &of),
            ("GetEventSelectors", &json!({ "TrailName": name })),
            ("ListTags", &json!({ "ResourceIdList": [arn] })),
        ];
        asking.targets("cloudtrail", target, "1.1", &asked)
    }

    fn tags<'a>(&'a self, clients: &'a Clients, name: &'a str) -> Task<'a, Tags> {
        Box::pin(async move {
            let call = clients.cloudtrail.list_tags();
            let call = call.resource_id_list(clients.arn("cloudtrail", &format!("trail/{name}")));
            let lists = call.send().await.unwrap().resource_tag_list;
            let lists = lists.unwrap_or_default().into_iter();
            let tags = lists.flat_map(|list| list.tags_list.unwrap_or_default());
            tags.map(|tag| (tag.key, tag.value.unwrap_or_default()))
                .collect()
        })
    }
}
