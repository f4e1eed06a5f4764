//! Tables.

use aws_sdk_dynamodb::types::{
    BillingMode, PointInTimeRecoverySpecification, ProvisionedThroughput, Tag,
    TimeToLiveSpecification,
};
use serde_json::{Value, json};
use treino::stack::Kind;

use super::{Case, Place, conforms, with};
use crate::support::Clients;

struct Table;

impl Case for Table {
    const KIND: Kind = Kind::Table;
    const ONLY_READ: &'static [&'static str] = &["billing"];

    fn base(_: &Place) -> Value {
        json!({
            "partition_key": "id:S", "sort_key": null, "billing": "PAY_PER_REQUEST",
            "time_to_live": null, "point_in_time_recovery": false,
        })
    }

    fn variants(place: &Place) -> Vec<(&'static str, Value)> {
        let change = |field: &'static str, value: Value| {
            (field, with(&Self::base(place), &[(field, value)]))
        };
        vec![
            change("partition_key", json!("number:N")),
            change("sort_key", json!("at:B")),
            change("time_to_live", json!("expires_at")),
            change("point_in_time_recovery", json!(true)),
            // Off and on again, under another name.
            (
                "time_to_live elsewhere",
                with(&Self::base(place), &[("time_to_live", json!("until"))]),
            ),
        ]
    }

    const OUTSIDE: &'static [(&'static str, &'static [&'static str])] = &[
        ("billing", &["billing"]),
        ("time to live", &["time_to_live"]),
        ("backups", &["point_in_time_recovery"]),
        ("tags", &["tags.course", "tags.by-hand"]),
    ];

    async fn outside(clients: &Clients, name: &str, what: &str) {
        let dynamodb = &clients.dynamodb;
        let arn = clients.arn("dynamodb", &format!("table/{name}"));
        match what {
            "billing" => {
                let units = ProvisionedThroughput::builder();
                let units = units.read_capacity_units(1).write_capacity_units(1);
                let call = dynamodb.update_table().table_name(name);
                let call = call.billing_mode(BillingMode::Provisioned);
                let call = call.provisioned_throughput(units.build().unwrap());
                call.send().await.unwrap();
            }
            "time to live" => {
                let on = TimeToLiveSpecification::builder().attribute_name("soon");
                let call = dynamodb.update_time_to_live().table_name(name);
                let call = call.time_to_live_specification(on.enabled(true).build().unwrap());
                call.send().await.unwrap();
            }
            "backups" => {
                let on = PointInTimeRecoverySpecification::builder();
                let on = on.point_in_time_recovery_enabled(true).build().unwrap();
                let call = dynamodb.update_continuous_backups().table_name(name);
                let call = call.point_in_time_recovery_specification(on);
                call.send().await.unwrap();
            }
            "tags" => {
                let call = dynamodb.untag_resource().resource_arn(&arn);
                call.tag_keys("course").send().await.unwrap();
                let tag = Tag::builder().key("by-hand").value("1").build().unwrap();
                let call = dynamodb.tag_resource().resource_arn(&arn);
                call.tags(tag).send().await.unwrap();
            }
            other => panic!("{other}"),
        }
    }
}

#[tokio::test]
async fn on_the_local_aws() {
    conforms::<Table>(&Place::local("table", &[]).await).await;
}

#[tokio::test]
async fn on_moto() {
    conforms::<Table>(&Place::moto(&[]).await).await;
}
