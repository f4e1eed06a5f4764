//! Tables.

use aws_sdk_dynamodb::types::{
    AttributeDefinition, AttributeValue, BillingMode, KeySchemaElement, KeyType,
    PointInTimeRecoverySpecification, ProvisionedThroughput, ScalarAttributeType, Tag,
    TimeToLiveSpecification,
};
use serde_json::{Value, json};
use treino::stack::Kind;

use super::{Drifts, List, Mark, Requests, Rivals, Sample, Tags, Task, TestKind, variant};
use crate::support::{Asking, Clients};

pub struct Table;

pub const SECTION: &str = "tables:\n  t:\n    partition_key: id\n";

impl TestKind for Table {
    fn kind(&self) -> Kind {
        Kind::Table
    }

    fn sample(&self) -> Sample {
        Sample {
            address: "table.t",
            section: SECTION,
            needs: &[],
            comes_to: &[(Kind::Table, "lab-t")],
        }
    }

    fn requests(&self) -> Requests {
        Requests {
            create: "dynamodb:CreateTable",
            delete: "dynamodb:DeleteTable",
            list: List {
                request: "dynamodb:ListTables",
                entries: "TableNames",
                token: "LastEvaluatedTableName",
            },
            mark: "dynamodb:ListTagsOfResource",
            last_look: ("dynamodb:CreateTable", 1),
            slow_to_delete: true,
        }
    }

    fn action(&self) -> &'static str {
        "dynamodb:CreateTable"
    }

    fn rivals(&self) -> Option<Rivals> {
        Some(Rivals {
            sections: "tables:\n  x: { partition_key: id }\n  x-b: { partition_key: id, time_to_live: at }\n",
            at: (self.requests().create, 1),
        })
    }

    fn second_call(&self) -> Option<(&'static str, Value)> {
        Some(("time_to_live", Value::Null))
    }

    fn spec(&self, _: &Clients, _: &str) -> Value {
        json!({
            "partition_key": "id:S", "sort_key": null, "billing": "PAY_PER_REQUEST",
            "time_to_live": null, "point_in_time_recovery": false,
        })
    }

    fn variants(&self, clients: &Clients, name: &str) -> Vec<(&'static str, Value)> {
        let base = self.spec(clients, name);
        vec![
            variant(&base, "partition_key", json!("number:N")),
            variant(&base, "sort_key", json!("at:B")),
            variant(&base, "time_to_live", json!("expires_at")),
            variant(&base, "point_in_time_recovery", json!(true)),
            // Off and on again, under another name.
            variant(&base, "time_to_live elsewhere", json!("until")),
        ]
    }

    fn only_read(&self) -> &'static [&'static str] {
        &["billing"]
    }

    fn drifts(&self) -> Drifts {
        &[
            ("billing", &["billing"]),
            ("time to live", &["time_to_live"]),
            ("backups", &["point_in_time_recovery"]),
            ("tags", &["tags.course", "tags.by-hand"]),
        ]
    }

    fn drift<'a>(&'a self, clients: &'a Clients, name: &'a str, what: &'static str) -> Task<'a> {
        let dynamodb = &clients.dynamodb;
        let arn = clients.arn("dynamodb", &format!("table/{name}"));
        Box::pin(async move {
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
        })
    }

    fn make<'a>(&'a self, clients: &'a Clients, name: &'a str, mark: Mark) -> Task<'a> {
        Box::pin(with_key(clients, name, "id", mark))
    }

    fn made_otherwise(&self) -> &'static str {
        "billing"
    }

    fn names<'a>(&'a self, clients: &'a Clients) -> Task<'a, Vec<String>> {
        Box::pin(async {
            let seen = clients.dynamodb.list_tables().send().await.unwrap();
            seen.table_names.unwrap_or_default()
        })
    }

    fn answers(&self, asking: &Asking, name: &str) -> Vec<String> {
        let arn = asking.clients.arn("dynamodb", &format!("table/{name}"));
        let of = json!({ "TableName": name });
        let asked = [
            ("DescribeTable", &of),
            ("DescribeTimeToLive", &of),
            ("DescribeContinuousBackups", &of),
            ("ListTagsOfResource", &json!({ "ResourceArn": arn })),
        ];
        asking.targets("dynamodb", "DynamoDB_20120810", "1.0", &asked)
    }

    fn tags<'a>(&'a self, clients: &'a Clients, name: &'a str) -> Task<'a, Tags> {
        Box::pin(async move {
            let call = clients.dynamodb.list_tags_of_resource();
            let call = call.resource_arn(clients.arn("dynamodb", &format!("table/{name}")));
            let seen = call.send().await.unwrap().tags.unwrap_or_default();
            seen.into_iter().map(|tag| (tag.key, tag.value)).collect()
        })
    }

    fn contents<'a>(&'a self, clients: &'a Clients, name: &'a str) -> Task<'a, String> {
        Box::pin(async move {
            let call = clients.dynamodb.scan().table_name(name);
            format!("{:?}", call.send().await.unwrap().items)
        })
    }
}

/// Makes somebody's table of items with this key.
pub async fn with_key(clients: &Clients, name: &str, key: &str, mark: Mark) {
    let element = KeySchemaElement::builder().attribute_name(key);
    let element = element.key_type(KeyType::Hash).build().unwrap();
    let attribute = AttributeDefinition::builder().attribute_name(key);
    let attribute = attribute.attribute_type(ScalarAttributeType::S);
    let capacity = ProvisionedThroughput::builder().read_capacity_units(1);
    let capacity = capacity.write_capacity_units(1).build().unwrap();
    let tags: Result<Vec<_>, _> = super::tags!(aws_sdk_dynamodb, mark).collect();
    let call = clients.dynamodb.create_table().table_name(name);
    let call = call.key_schema(element);
    let call = call.attribute_definitions(attribute.build().unwrap());
    let call = call.billing_mode(BillingMode::Provisioned);
    let call = call.provisioned_throughput(capacity);
    call.set_tags(Some(tags.unwrap())).send().await.unwrap();
    let call = clients.dynamodb.put_item().table_name(name);
    let call = call.item(key, AttributeValue::S("kept".to_owned()));
    call.send().await.unwrap();
}
