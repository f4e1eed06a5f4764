//! Trails.

use aws_sdk_cloudtrail::types::{DataResource, EventSelector, ReadWriteType, Tag};
use serde_json::{Value, json};
use treino::stack::{Kind, policy};

use super::{Case, Place, conforms, with};
use crate::support::Clients;

struct Trail;

fn bucket(name: &str) -> String {
    format!("conform-trail-{name}")
}

impl Case for Trail {
    const KIND: Kind = Kind::Trail;

    async fn prepare(clients: &Clients) {
        let cloudtrail = json!({ "Service": "cloudtrail.amazonaws.com" });
        for name in ["one", "two"] {
            let name = format!("{}-{}", bucket(name), clients.account);
            let arn = format!("arn:aws:s3:::{name}");
            let policy = policy::document(&[
                json!({ "Effect": "Allow", "Principal": cloudtrail, "Action": "s3:GetBucketAcl",
                    "Resource": arn }),
                json!({ "Effect": "Allow", "Principal": cloudtrail, "Action": "s3:PutObject",
                    "Resource": format!("{arn}/AWSLogs/*") }),
            ]);
            clients
                .s3
                .create_bucket()
                .bucket(&name)
                .send()
                .await
                .unwrap();
            let call = clients.s3.put_bucket_policy().bucket(&name);
            call.policy(policy.to_string()).send().await.unwrap();
        }
    }

    fn base(place: &Place) -> Value {
        json!({
            "bucket": format!("{}-{}", bucket("one"), place.account),
            "logging": true, "multi_region": false,
            "selectors": [{ "record": "write", "management_events": false,
                "objects": ["arn:aws:s3:::photos/"] }],
        })
    }

    fn variants(place: &Place) -> Vec<(&'static str, Value)> {
        let change = |word: &'static str, value: Value| {
            let field = word.split(' ').next().unwrap();
            (word, with(&Self::base(place), &[(field, value)]))
        };
        let selector = |record: &str, management: bool, objects: &[&str]| json!([{ "record": record, "management_events": management, "objects": objects }]);
        vec![
            change(
                "bucket",
                json!(format!("{}-{}", bucket("two"), place.account)),
            ),
            change("logging", json!(false)),
            change("multi_region", json!(true)),
            change(
                "selectors",
                selector(
                    "all",
                    false,
                    &["arn:aws:s3:::music/", "arn:aws:s3:::photos/"],
                ),
            ),
            change(
                "selectors of reads",
                selector("read", true, &["arn:aws:s3:::photos/"]),
            ),
        ]
    }

    const OUTSIDE: &'static [(&'static str, &'static [&'static str])] = &[
        ("logging", &["logging"]),
        (
            "selectors",
            &["selectors[0].record", "selectors[0].objects"],
        ),
        ("selectors, one added", &["selectors[1]"]),
        ("a function's events", &["selectors[0].other"]),
        ("tags", &["tags.course", "tags.by-hand"]),
    ];

    async fn outside(clients: &Clients, name: &str, what: &str) {
        let cloudtrail = &clients.cloudtrail;
        let resource =
            |kind: &str, value: &str| DataResource::builder().r#type(kind).values(value).build();
        let photos = || resource("AWS::S3::Object", "arn:aws:s3:::photos/");
        let selector = |record: ReadWriteType, resources: Vec<DataResource>| {
            EventSelector::builder()
                .read_write_type(record)
                .include_management_events(false)
                .set_data_resources(Some(resources))
                .build()
        };
        let select = async |selectors: Vec<EventSelector>| {
            let call = cloudtrail.put_event_selectors().trail_name(name);
            call.set_event_selectors(Some(selectors))
                .send()
                .await
                .unwrap();
        };
        match what {
            "logging" => drop(cloudtrail.stop_logging().name(name).send().await.unwrap()),
            "selectors" => {
                let another = resource("AWS::S3::Object", "arn:aws:s3:::another/");
                select(vec![selector(ReadWriteType::All, vec![another])]).await;
            }
            "selectors, one added" => {
                let another = resource("AWS::S3::Object", "arn:aws:s3:::another/");
                let ours = selector(ReadWriteType::WriteOnly, vec![photos()]);
                select(vec![ours, selector(ReadWriteType::All, vec![another])]).await;
            }
            "a function's events" => {
                let function = resource("AWS::Lambda::Function", "arn:aws:lambda");
                let both = vec![photos(), function];
                select(vec![selector(ReadWriteType::WriteOnly, both)]).await;
            }
            "tags" => {
                let arn = clients.arn("cloudtrail", &format!("trail/{name}"));
                let tag = |key: &str| Tag::builder().key(key).value("1").build().unwrap();
                let call = cloudtrail.remove_tags().resource_id(&arn);
                let gone = Tag::builder().key("course").build().unwrap();
                call.tags_list(gone).send().await.unwrap();
                let call = cloudtrail.add_tags().resource_id(&arn);
                call.tags_list(tag("by-hand")).send().await.unwrap();
            }
            other => panic!("{other}"),
        }
    }
}

#[tokio::test]
async fn on_the_local_aws() {
    conforms::<Trail>(&Place::local("trail", &[]).await).await;
}

#[tokio::test]
async fn on_moto() {
    conforms::<Trail>(&Place::moto(&[]).await).await;
}
