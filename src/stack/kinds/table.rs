//! DynamoDB tables.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::stack::expand::Expansion;
use crate::stack::member_limits::KEY_ATTRIBUTE;
use crate::stack::usage::{Act, Activity, Assumed, Metered};
use crate::stack::{
    Address, Doomed, Facts, Kind, NameRule, ReaperCall, Recognition, Resource, ResourceType,
    TagRule, Target, Teardown,
};

/// A table, billed on demand.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// Its name in DynamoDB; by default stack and key.
    #[serde(default)]
    pub name: Option<String>,
    /// The partition key's attribute: `id`, or with a type other than string `id:N` or `id:B`.
    #[schemars(length(min = 1))]
    pub partition_key: String,
    /// The sort key's attribute, written like the partition key's.
    #[serde(default)]
    #[schemars(length(min = 1))]
    pub sort_key: Option<String>,
    /// The attribute that holds the time, in epoch seconds, at which an item expires.
    #[serde(default)]
    #[schemars(length(min = 1))]
    pub time_to_live: Option<String>,
    /// Whether continuous backups are kept (they cost).
    #[serde(default)]
    pub point_in_time_recovery: bool,
}

/// What a table is in DynamoDB.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TableSpec {
    /// `attribute:type`.
    pub partition_key: String,
    /// `attribute:type`.
    pub sort_key: Option<String>,
    /// `PAY_PER_REQUEST`, or `PROVISIONED` where someone changed it.
    pub billing: String,
    /// The attribute of the expiry time.
    pub time_to_live: Option<String>,
    /// Continuous backups are on.
    pub point_in_time_recovery: bool,
}

/// What is known of tables without a call.
pub struct TableType;

static FACTS: Facts = Facts {
    noun: "table",
    services: &["dynamodb"],
    replace_on: &["partition_key", "sort_key"],
    deleted_after: &[Kind::Function, Kind::StateMachine],
    is_dated: true,
    holds: Some("its items"),
    recognised_by: &["partition_key", "sort_key", "time_to_live"],
    // Others have the same keys.
    recognition: Recognition::WithAllOthers,
    tags: TagRule::common("DynamoDB"),
    name: NameRule {
        min: 3,
        max: 255,
        punctuation: "-._",
        lower_case: false,
        page: "amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html",
    },
    ..Facts::DEFAULT
};

impl ResourceType for TableType {
    fn facts(&self) -> &'static Facts {
        &FACTS
    }

    fn expand(&self, out: &mut Expansion<'_>) {
        let file = out.file;
        file.tables
            .iter()
            .for_each(|(key, one)| one.expand(key, out));
    }

    fn arn(&self, target: &Target, name: &str) -> String {
        target.arn("dynamodb", &format!("table/{name}"))
    }

    fn teardown(&self, of: &Doomed<'_>) -> Teardown {
        Teardown::new(
            ReaperCall::new(
                "dynamodb:listTagsOfResource",
                json!({ "ResourceArn": of.arn }),
            ),
            vec![ReaperCall::new(
                "dynamodb:deleteTable",
                json!({ "TableName": of.name }),
            )],
            ReaperCall::new("dynamodb:listTables", json!({ "Limit": 100 })),
        )
    }

    /// <https://aws.amazon.com/dynamodb/pricing/on-demand/>: an item of 1 KB is one unit.
    fn usage(&self, resource: &Resource, happened: &Activity, assumed: &Assumed) -> Vec<Metered> {
        let bytes = happened.count(&Act::Write).saturating_mul(Assumed::ITEM);
        let mut used = vec![
            Metered::count(
                "dynamodb.write_units",
                happened.sum(&[Act::Write, Act::Delete]),
            ),
            Metered::count("dynamodb.read_units", happened.count(&Act::Read)),
            Metered::kept("dynamodb.storage", bytes, assumed.days),
        ];
        if resource.spec["point_in_time_recovery"] == true {
            used.push(Metered::kept("dynamodb.pitr", bytes, assumed.days));
        }
        used
    }
}

impl Table {
    pub(in crate::stack) fn expand(&self, key: &str, out: &mut Expansion) {
        let place = ["tables", key];
        let spec = TableSpec {
            partition_key: key_attribute(out, key, "partition_key", &self.partition_key),
            sort_key: self
                .sort_key
                .as_ref()
                .map(|text| key_attribute(out, key, "sort_key", text)),
            billing: "PAY_PER_REQUEST".into(),
            time_to_live: self.time_to_live.clone(),
            point_in_time_recovery: self.point_in_time_recovery,
        };
        let attribute = |text: &str| text.rsplit_once(':').map(|(name, _)| name.to_owned());
        if spec.sort_key.as_deref().map(attribute) == Some(attribute(&spec.partition_key)) {
            out.problem_at(
                &[place[0], place[1], "sort_key"],
                "the sort key is the partition key".into(),
                "name another attribute, or leave the sort key out",
            );
        }
        out.add(
            Kind::Table,
            Address::new(Kind::Table, key),
            self.name.as_deref(),
            &spec,
        );
    }
}

/// A key's attribute as `attribute:type`. What refers to a parameter is checked once that has a value.
fn key_attribute(out: &mut Expansion, key: &str, field: &str, written: &str) -> String {
    let at = ["tables", key, field];
    let Some(text) = out.resolved(written, &at) else {
        return written.to_owned();
    };
    let (name, kind) = text.rsplit_once(':').unwrap_or((&text, "S"));
    if !matches!(kind, "S" | "N" | "B") || name.is_empty() {
        out.problem_at(
            &at,
            format!("`{text}` is not a key attribute"),
            "write `attribute`, or `attribute:N` for a number, `attribute:B` for binary",
        );
    } else if let Some(wrong) = KEY_ATTRIBUTE.wrong_length("name of the attribute", name) {
        out.diagnostic_at(&at, wrong);
    }
    format!("{name}:{kind}")
}
