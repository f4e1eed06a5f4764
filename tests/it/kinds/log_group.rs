//! Log groups.

use aws_sdk_cloudwatchlogs::types::InputLogEvent;
use serde_json::{Value, json};
use treino::stack::Kind;

use super::{Drifts, List, Mark, Requests, Rivals, Sample, Tags, Task, TestKind, map};
use crate::support::{Asking, Clients};

pub struct LogGroup;

impl TestKind for LogGroup {
    fn kind(&self) -> Kind {
        Kind::LogGroup
    }

    fn sample(&self) -> Sample {
        Sample {
            address: "log_group.g",
            section: "log_groups:\n  g: {}\n",
            needs: &[],
            comes_to: &[(Kind::LogGroup, "lab-g")],
        }
    }

    fn requests(&self) -> Requests {
        Requests {
            create: "logs:CreateLogGroup",
            delete: "logs:DeleteLogGroup",
            list: List {
                request: "logs:DescribeLogGroups",
                entries: "logGroups",
                token: "nextToken",
            },
            mark: "logs:ListTagsForResource",
            last_look: ("logs:CreateLogGroup", 1),
            slow_to_delete: false,
        }
    }

    fn action(&self) -> &'static str {
        "logs:CreateLogGroup"
    }

    fn permitted_section(&self) -> &'static str {
        "log_groups:\n  g:\n    name: /treino/g\n"
    }

    fn rivals(&self) -> Option<Rivals> {
        Some(Rivals {
            sections: "log_groups:\n  x: { retention_days: 1 }\n  x-b: { retention_days: 30 }\n",
            at: (self.requests().create, 1),
        })
    }

    fn second_call(&self) -> Option<(&'static str, Value)> {
        Some(("retention_days", Value::Null))
    }

    fn spec(&self, _: &Clients, _: &str) -> Value {
        json!({ "retention_days": 7 })
    }

    fn variants(&self, _: &Clients, _: &str) -> Vec<(&'static str, Value)> {
        vec![
            ("retention_days", json!({ "retention_days": 3653 })),
            ("retention_days to none", json!({ "retention_days": null })),
        ]
    }

    fn drifts(&self) -> Drifts {
        &[
            ("retention", &["retention_days"]),
            ("retention, removed", &["retention_days"]),
            ("tags", &["tags.course", "tags.by-hand"]),
        ]
    }

    fn drift<'a>(&'a self, clients: &'a Clients, name: &'a str, what: &'static str) -> Task<'a> {
        let logs = &clients.logs;
        let arn = clients.arn("logs", &format!("log-group:{name}"));
        Box::pin(async move {
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
        })
    }

    fn make<'a>(&'a self, clients: &'a Clients, name: &'a str, mark: Mark) -> Task<'a> {
        Box::pin(async move {
            let logs = &clients.logs;
            let call = logs.create_log_group().log_group_name(name);
            call.set_tags(Some(map(mark))).send().await.unwrap();
            let call = logs.create_log_stream().log_group_name(name);
            call.log_stream_name("theirs").send().await.unwrap();
            let now = std::time::UNIX_EPOCH.elapsed().unwrap().as_millis();
            let event = InputLogEvent::builder().message("kept");
            let event = event.timestamp(i64::try_from(now).unwrap()).build();
            let call = logs.put_log_events().log_group_name(name);
            let call = call.log_stream_name("theirs").log_events(event.unwrap());
            call.send().await.unwrap();
        })
    }

    fn made_otherwise(&self) -> &'static str {
        "retention_days"
    }

    fn names<'a>(&'a self, clients: &'a Clients) -> Task<'a, Vec<String>> {
        Box::pin(async {
            let seen = clients.logs.describe_log_groups().send().await.unwrap();
            let groups = seen.log_groups.unwrap_or_default().into_iter();
            groups.map(|group| group.log_group_name.unwrap()).collect()
        })
    }

    fn answers(&self, asking: &Asking, name: &str) -> Vec<String> {
        let arn = asking.clients.arn("logs", &format!("log-group:{name}"));
        let asked = [
            ("DescribeLogGroups", &json!({ "logGroupNamePrefix": name })),
            ("ListTagsForResource", &json!({ "resourceArn": arn })),
        ];
        let mut seen = asking.targets("logs", "Logs_20140328", "1.1", &asked);
        // The answer has every group whose name begins so.
        if let Some((head, body)) = seen[0].split_once(" 200 ") {
            let mut body: Value = serde_json::from_str(body).unwrap();
            let groups = body["logGroups"].as_array_mut().unwrap();
            groups.retain(|group| group["logGroupName"] == name);
            seen[0] = format!("{head} 200 {body}");
        }
        seen
    }

    fn tags<'a>(&'a self, clients: &'a Clients, name: &'a str) -> Task<'a, Tags> {
        Box::pin(async move {
            let call = clients.logs.list_tags_for_resource();
            let call = call.resource_arn(clients.arn("logs", &format!("log-group:{name}")));
            let seen = call.send().await.unwrap().tags.unwrap_or_default();
            seen.into_iter().collect()
        })
    }

    fn contents<'a>(&'a self, clients: &'a Clients, name: &'a str) -> Task<'a, String> {
        Box::pin(async move {
            let call = clients.logs.filter_log_events().log_group_name(name);
            let seen = call.send().await.unwrap().events.unwrap_or_default();
            let messages = seen.iter().map(|event| event.message());
            format!("{:?}", messages.collect::<Vec<_>>())
        })
    }
}
