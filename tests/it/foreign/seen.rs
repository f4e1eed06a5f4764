//! Everything AWS tells of a resource, as text: equal before and after is untouched.

use std::collections::BTreeMap;

use crate::support::Clients;

/// All of it, the contents last. Fails if there is none.
pub async fn seen(clients: &Clients, address: &str, name: &str) -> String {
    let kind = address.split_once('.').unwrap().0;
    let whole = [
        itself(clients, kind, name).await,
        format!("{:?}", tags(clients, kind, name).await),
        contents(clients, kind, name).await,
    ];
    whole.join("\n")
}

/// What it is.
async fn itself(clients: &Clients, kind: &str, name: &str) -> String {
    match kind {
        "bucket" => {
            let call = clients.s3.get_bucket_versioning().bucket(name);
            let versioning = call.send().await.unwrap().status;
            let call = clients.s3.get_public_access_block().bucket(name);
            let block = call.send().await.unwrap();
            let block = block.public_access_block_configuration;
            let call = clients.s3.get_bucket_notification_configuration();
            let events = call.bucket(name).send().await.unwrap();
            let events = events.event_bridge_configuration;
            let policy = clients.s3.get_bucket_policy().bucket(name).send().await;
            let policy = policy.ok().and_then(|answer| answer.policy);
            format!("{versioning:?} {block:?} {events:?} {policy:?}")
        }
        "directory_bucket" => {
            let s3 = clients.s3_sessionless();
            let policy = s3.get_bucket_policy().bucket(name).send().await;
            let listed = s3.list_directory_buckets().send().await.unwrap();
            let mut listed = listed.buckets.unwrap_or_default().into_iter();
            let bucket = listed.find(|bucket| bucket.name() == Some(name)).unwrap();
            format!(
                "{bucket:?} {:?}",
                policy.ok().and_then(|answer| answer.policy)
            )
        }
        "table" => {
            let call = clients.dynamodb.describe_table().table_name(name);
            format!("{:?}", call.send().await.unwrap().table.unwrap())
        }
        "vault" => {
            let glacier = &clients.glacier;
            let call = glacier.describe_vault().account_id("-").vault_name(name);
            let vault = call.send().await.unwrap();
            let call = glacier.get_vault_access_policy().account_id("-");
            let policy = call.vault_name(name).send().await.ok();
            let policy = policy.and_then(|answer| answer.policy);
            format!("{:?} {:?} {policy:?}", vault.vault_arn, vault.creation_date)
        }
        "log_group" => {
            let call = clients.logs.describe_log_groups();
            let seen = call.log_group_name_prefix(name).send().await.unwrap();
            let groups = seen.log_groups.unwrap_or_default();
            let mut groups = groups.into_iter();
            format!(
                "{:?}",
                groups
                    .find(|group| group.log_group_name() == Some(name))
                    .unwrap()
            )
        }
        "role" => {
            let iam = &clients.iam;
            let role = iam.get_role().role_name(name).send().await.unwrap();
            let inline = iam.list_role_policies().role_name(name).send().await;
            let call = iam.list_attached_role_policies().role_name(name);
            let attached = call.send().await.unwrap().attached_policies;
            format!(
                "{:?} {:?} {attached:?}",
                role.role,
                inline.unwrap().policy_names
            )
        }
        _ => of_services(clients, kind, name).await,
    }
}

/// What it is, of what does something.
async fn of_services(clients: &Clients, kind: &str, name: &str) -> String {
    match kind {
        "connection" => {
            let call = clients.events.describe_connection().name(name);
            let mut all = call.send().await.unwrap();
            let auth = all.auth_parameters.take();
            format!(
                "{:?} {auth:?}",
                (
                    all.connection_arn,
                    all.description,
                    all.connection_state,
                    all.authorization_type,
                    all.secret_arn,
                    all.creation_time,
                    all.last_modified_time,
                    all.last_authorized_time,
                )
            )
        }
        "function" => {
            let call = clients.lambda.get_function().function_name(name);
            let seen = call.send().await.unwrap();
            format!("{:?} {:?}", seen.configuration.unwrap(), seen.concurrency)
        }
        "rule" => {
            let seen = clients
                .events
                .describe_rule()
                .name(name)
                .send()
                .await
                .unwrap();
            let call = clients.events.list_targets_by_rule().rule(name);
            let targets = call.send().await.unwrap().targets;
            format!(
                "{:?} {targets:?}",
                (
                    seen.arn,
                    seen.description,
                    seen.event_pattern,
                    seen.schedule_expression,
                    seen.state,
                )
            )
        }
        "state_machine" => {
            let call = clients.states.describe_state_machine();
            let seen = call
                .state_machine_arn(clients.machine(name))
                .send()
                .await
                .unwrap();
            format!(
                "{:?}",
                (
                    seen.definition,
                    seen.role_arn,
                    seen.r#type,
                    seen.creation_date,
                    seen.revision_id,
                )
            )
        }
        "trail" => {
            let trail = clients
                .cloudtrail
                .get_trail()
                .name(name)
                .send()
                .await
                .unwrap();
            let status = clients
                .cloudtrail
                .get_trail_status()
                .name(name)
                .send()
                .await;
            let call = clients.cloudtrail.get_event_selectors().trail_name(name);
            let selectors = call.send().await.unwrap().event_selectors;
            format!(
                "{:?} {:?} {selectors:?}",
                trail.trail.unwrap(),
                status.unwrap().is_logging
            )
        }
        other => panic!("{other}"),
    }
}

/// Its tags; of a connection, which has none, its description.
pub async fn tags(clients: &Clients, kind: &str, name: &str) -> BTreeMap<String, String> {
    let pairs: Vec<(String, String)> = match kind {
        "bucket" => {
            let call = clients.s3.get_bucket_tagging().bucket(name);
            let seen = call.send().await.unwrap().tag_set;
            seen.into_iter().map(|tag| (tag.key, tag.value)).collect()
        }
        "directory_bucket" => clients.control_tags(name).into_iter().collect(),
        "table" => {
            let call = clients.dynamodb.list_tags_of_resource();
            let call = call.resource_arn(clients.arn("dynamodb", &format!("table/{name}")));
            let seen = call.send().await.unwrap().tags.unwrap_or_default();
            seen.into_iter().map(|tag| (tag.key, tag.value)).collect()
        }
        "vault" => {
            let call = clients.glacier.list_tags_for_vault().account_id("-");
            let seen = call.vault_name(name).send().await.unwrap().tags;
            seen.unwrap_or_default().into_iter().collect()
        }
        "log_group" => {
            let call = clients.logs.list_tags_for_resource();
            let call = call.resource_arn(clients.arn("logs", &format!("log-group:{name}")));
            call.send()
                .await
                .unwrap()
                .tags
                .unwrap_or_default()
                .into_iter()
                .collect()
        }
        "role" => {
            let seen = clients.iam.list_role_tags().role_name(name).send().await;
            seen.unwrap()
                .tags
                .into_iter()
                .map(|tag| (tag.key, tag.value))
                .collect()
        }
        _ => tags_of_services(clients, kind, name).await,
    };
    pairs.into_iter().collect()
}

async fn tags_of_services(clients: &Clients, kind: &str, name: &str) -> Vec<(String, String)> {
    match kind {
        "connection" => {
            let call = clients.events.describe_connection().name(name);
            let seen = call.send().await.unwrap().description;
            let text = seen.unwrap_or_default();
            let words = text.trim_end_matches(']').split(' ');
            let words = words.filter_map(|word| word.split_once('='));
            let words = words.filter(|(word, _)| *word != "secret");
            words
                .map(|(word, value)| (format!("treino:{word}"), value.to_owned()))
                .collect()
        }
        "function" => {
            let call = clients.lambda.list_tags();
            let call = call.resource(clients.arn("lambda", &format!("function:{name}")));
            call.send()
                .await
                .unwrap()
                .tags
                .unwrap_or_default()
                .into_iter()
                .collect()
        }
        "rule" => {
            let call = clients.events.list_tags_for_resource();
            let call = call.resource_arn(clients.arn("events", &format!("rule/{name}")));
            let seen = call.send().await.unwrap().tags.unwrap_or_default();
            seen.into_iter().map(|tag| (tag.key, tag.value)).collect()
        }
        "state_machine" => {
            let call = clients.states.list_tags_for_resource();
            let seen = call
                .resource_arn(clients.machine(name))
                .send()
                .await
                .unwrap()
                .tags;
            let pair = |tag: aws_sdk_sfn::types::Tag| (tag.key.unwrap(), tag.value.unwrap());
            seen.unwrap_or_default().into_iter().map(pair).collect()
        }
        "trail" => {
            let call = clients.cloudtrail.list_tags();
            let call = call.resource_id_list(clients.arn("cloudtrail", &format!("trail/{name}")));
            let lists = call
                .send()
                .await
                .unwrap()
                .resource_tag_list
                .unwrap_or_default();
            let tags = lists
                .into_iter()
                .flat_map(|list| list.tags_list.unwrap_or_default());
            tags.map(|tag| (tag.key, tag.value.unwrap_or_default()))
                .collect()
        }
        other => panic!("{other}"),
    }
}

/// What it holds; nothing of what holds nothing.
pub async fn contents(clients: &Clients, kind: &str, name: &str) -> String {
    match kind {
        "bucket" => {
            let call = clients.s3.list_object_versions().bucket(name);
            let mut seen = Vec::new();
            for version in call.send().await.unwrap().versions() {
                let (key, id) = (version.key().unwrap(), version.version_id().unwrap());
                let call = clients.s3.get_object().bucket(name).key(key).version_id(id);
                let body = call.send().await.unwrap().body.collect().await.unwrap();
                seen.push((key.to_owned(), id.to_owned(), body.into_bytes()));
            }
            format!("{seen:?}")
        }
        "directory_bucket" => {
            let call = clients.s3.list_objects_v2().bucket(name);
            let mut seen = Vec::new();
            for object in call.send().await.unwrap().contents() {
                let call = clients.s3.get_object().bucket(name);
                let object = call.key(object.key().unwrap()).send().await.unwrap();
                seen.push(object.body.collect().await.unwrap().into_bytes());
            }
            format!("{seen:?}")
        }
        "log_group" => {
            let call = clients.logs.filter_log_events().log_group_name(name);
            let events = call.send().await.unwrap().events.unwrap_or_default();
            format!(
                "{:?}",
                events
                    .iter()
                    .map(|event| event.message())
                    .collect::<Vec<_>>()
            )
        }
        "table" => {
            let call = clients.dynamodb.scan().table_name(name);
            format!("{:?}", call.send().await.unwrap().items)
        }
        "vault" => {
            let call = clients.glacier.describe_vault().account_id("-");
            let seen = call.vault_name(name).send().await.unwrap();
            format!("{} archives", seen.number_of_archives)
        }
        _ => String::new(),
    }
}
