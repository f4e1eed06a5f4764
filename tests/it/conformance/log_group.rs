//! Log groups.

use serde_json::{Value, json};
use treino::stack::Kind;

use super::{Case, Place, conforms};
use crate::support::Clients;

struct LogGroup;

impl Case for LogGroup {
    const KIND: Kind = Kind::LogGroup;

    fn base(_: &Place) -> Value {
        json!({ "retention_days": 7 })
    }

    fn variants(_: &Place) -> Vec<(&'static str, Value)> {
        vec![
            ("retention_days", json!({ "retention_days": 3653 })),
            ("retention_days to none", json!({ "retention_days": null })),
        ]
    }

    const OUTSIDE: &'static [(&'static str, &'static [&'static str])] = &[
        ("retention", &["retention_days"]),
        ("retention, removed", &["retention_days"]),
        ("tags", &["tags.course", "tags.by-hand"]),
    ];

    async fn outside(clients: &Clients, name: &str, what: &str) {
        let logs = &clients.logs;
        let arn = clients.arn("logs", &format!("log-group:{name}"));
        match what {
            "retention" => {
                let call = logs.put_retention_policy().log_group_name(name);
                call.retention_in_days(30).send().await.unwrap();
            }
            "retention, removed" => {
                let call = logs.delete_retention_policy().log_group_name(name);
                call.send().await.unwrap();
            }
            "tags" => {
                let call = logs.untag_resource().resource_arn(&arn);
                call.tag_keys("course").send().await.unwrap();
                let call = logs.tag_resource().resource_arn(&arn);
                call.tags("by-hand", "1").send().await.unwrap();
            }
            other => panic!("{other}"),
        }
    }
}

#[tokio::test]
async fn on_the_local_aws() {
    conforms::<LogGroup>(&Place::local("log group", &[]).await).await;
}

#[tokio::test]
async fn on_moto() {
    conforms::<LogGroup>(&Place::moto(&[]).await).await;
}
