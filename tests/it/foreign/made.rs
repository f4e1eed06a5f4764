//! One resource of each kind, as somebody else makes it: with something in it, and set otherwise
//! than the stack wants it.

use std::collections::HashMap;

use aws_sdk_cloudwatchlogs::types::InputLogEvent;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, AttributeValue, BillingMode, KeySchemaElement, KeyType,
    ProvisionedThroughput, ScalarAttributeType,
};
use aws_sdk_eventbridge::types::{
    ConnectionAuthorizationType, CreateConnectionAuthRequestParameters,
    CreateConnectionBasicAuthRequestParameters, RuleState, Target,
};
use aws_sdk_glacier::types::VaultAccessPolicy;
use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::{Environment, FunctionCode, LastUpdateStatus, Runtime};
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{
    BucketInfo, BucketType, BucketVersioningStatus, CreateBucketConfiguration, DataRedundancy,
    LocationInfo, LocationType, Tagging, VersioningConfiguration,
};
use serde_json::json;

use super::Mark;
use crate::support::{Clients, eventually, repository};

/// Tags in the type of a service.
macro_rules! tags {
    ($sdk:ident, $mark:expr) => {
        $mark
            .iter()
            .map(|(key, value)| $sdk::types::Tag::builder().key(*key).value(*value).build())
    };
}

/// Makes what stands in the way of an address.
pub async fn make(clients: &Clients, address: &str, name: &str, mark: Mark) {
    match address.split_once('.').unwrap().0 {
        "bucket" => bucket(clients, name, mark).await,
        "connection" => connection(clients, name, mark).await,
        "directory_bucket" => directory_bucket(clients, name, mark).await,
        "function" => function(clients, name, mark).await,
        "log_group" => log_group(clients, name, mark).await,
        "role" => role(clients, name, "/treino/lab/us-east-1/", mark).await,
        "rule" => rule(clients, name, mark).await,
        "state_machine" => state_machine(clients, name, mark).await,
        "table" => table(clients, name, "id", mark).await,
        "trail" => trail(clients, name, mark).await,
        "vault" => vault(clients, name, mark).await,
        other => panic!("{other}"),
    }
}

async fn bucket(clients: &Clients, name: &str, mark: Mark) {
    let s3 = &clients.s3;
    s3.create_bucket().bucket(name).send().await.unwrap();
    let tags: Result<Vec<_>, _> = tags!(aws_sdk_s3, mark).collect();
    let tagging = Tagging::builder().set_tag_set(Some(tags.unwrap()));
    let call = s3.put_bucket_tagging().bucket(name);
    let call = call.tagging(tagging.build().unwrap());
    call.send().await.unwrap();
    let versioning = VersioningConfiguration::builder().status(BucketVersioningStatus::Enabled);
    let call = s3.put_bucket_versioning().bucket(name);
    let call = call.versioning_configuration(versioning.build());
    call.send().await.unwrap();
    clients.put(name, "kept.txt", b"an older version").await;
    clients.put(name, "kept.txt", b"kept").await;
}

async fn connection(clients: &Clients, name: &str, mark: Mark) {
    let basic = CreateConnectionBasicAuthRequestParameters::builder()
        .username("somebody")
        .password("theirs");
    let auth = CreateConnectionAuthRequestParameters::builder();
    let auth = auth.basic_auth_parameters(basic.build().unwrap());
    let words: Vec<String> = mark
        .iter()
        .filter_map(|(key, value)| Some(format!("{}={value}", key.strip_prefix("treino:")?)))
        .collect();
    let description = match words.join(" ") {
        none if none.is_empty() => "Somebody else's".to_owned(),
        words => format!("Somebody else's [treino {words} secret=0123]"),
    };
    let call = clients.events.create_connection().name(name);
    let call = call.authorization_type(ConnectionAuthorizationType::Basic);
    let call = call.auth_parameters(auth.build()).description(description);
    call.send().await.unwrap();
}

async fn directory_bucket(clients: &Clients, name: &str, mark: Mark) {
    let zone = name.rsplit("--").nth(1).unwrap();
    let place = LocationInfo::builder().r#type(LocationType::AvailabilityZone);
    let kind = BucketInfo::builder().r#type(BucketType::Directory);
    let kind = kind.data_redundancy(DataRedundancy::SingleAvailabilityZone);
    let tags: Result<Vec<_>, _> = tags!(aws_sdk_s3, mark).collect();
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
}

/// A function with code of its own.
pub async fn function(clients: &Clients, name: &str, mark: Mark) {
    let code = std::fs::read(repository("tests/samples/other-function.zip")).unwrap();
    let code = FunctionCode::builder().zip_file(Blob::new(code)).build();
    let environment = Environment::builder().variables("THEIRS", "kept");
    let tags: HashMap<String, String> = mark
        .iter()
        .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
        .collect();
    let call = clients.lambda.create_function().function_name(name);
    let call = call.code(code).handler("other.handler").memory_size(512);
    let call = call.runtime(Runtime::Python312).description("Theirs");
    let role = format!("arn:aws:iam::{}:role/theirs", clients.account);
    let call = call.role(role).environment(environment.build());
    call.set_tags(Some(tags)).send().await.unwrap();
    // Until then it changes by itself.
    eventually("the function's being made", async || {
        let call = clients.lambda.get_function_configuration();
        let seen = call.function_name(name).send().await.unwrap();
        (seen.last_update_status == Some(LastUpdateStatus::Successful)).then_some(())
    })
    .await;
}

async fn log_group(clients: &Clients, name: &str, mark: Mark) {
    let tags: HashMap<String, String> = mark
        .iter()
        .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
        .collect();
    let logs = &clients.logs;
    let call = logs.create_log_group().log_group_name(name);
    call.set_tags(Some(tags)).send().await.unwrap();
    let call = logs.create_log_stream().log_group_name(name);
    call.log_stream_name("theirs").send().await.unwrap();
    let now = std::time::UNIX_EPOCH.elapsed().unwrap().as_millis();
    let event = InputLogEvent::builder().message("kept");
    let event = event.timestamp(i64::try_from(now).unwrap()).build();
    let call = logs.put_log_events().log_group_name(name);
    let call = call.log_stream_name("theirs").log_events(event.unwrap());
    call.send().await.unwrap();
}

/// A role with a path.
pub async fn role(clients: &Clients, name: &str, path: &str, mark: Mark) {
    let document = |statement: serde_json::Value| {
        json!({ "Version": "2012-10-17", "Statement": [statement] }).to_string()
    };
    let trust = document(json!({
        "Effect": "Allow", "Action": "sts:AssumeRole",
        "Principal": { "Service": "ec2.amazonaws.com" },
    }));
    let tags: Result<Vec<_>, _> = tags!(aws_sdk_iam, mark).collect();
    let call = clients.iam.create_role().role_name(name).path(path);
    let call = call.assume_role_policy_document(trust);
    let call = call.description("Theirs").set_tags(Some(tags.unwrap()));
    call.send().await.unwrap();
    let theirs = json!({ "Effect": "Allow", "Action": "sqs:ListQueues", "Resource": "*" });
    let call = clients.iam.put_role_policy().role_name(name);
    let call = call.policy_name("theirs").policy_document(document(theirs));
    call.send().await.unwrap();
}

async fn rule(clients: &Clients, name: &str, mark: Mark) {
    let tags: Result<Vec<_>, _> = tags!(aws_sdk_eventbridge, mark).collect();
    let call = clients.events.put_rule().name(name).description("Theirs");
    let call = call.event_pattern(r#"{"source": ["theirs"]}"#);
    let call = call.state(RuleState::Disabled);
    call.set_tags(Some(tags.unwrap())).send().await.unwrap();
    let queue = clients.arn("sqs", "theirs");
    let target = Target::builder().id("theirs").arn(queue).build();
    let call = clients.events.put_targets().rule(name);
    call.targets(target.unwrap()).send().await.unwrap();
}

async fn state_machine(clients: &Clients, name: &str, mark: Mark) {
    let tags = tags!(aws_sdk_sfn, mark).collect();
    let definition =
        r#"{"StartAt": "Theirs", "States": {"Theirs": {"Type": "Pass", "End": true}}}"#;
    let role = format!("arn:aws:iam::{}:role/theirs", clients.account);
    let call = clients.states.create_state_machine().name(name);
    let call = call.definition(definition).role_arn(role);
    call.set_tags(Some(tags)).send().await.unwrap();
}

/// A table of items with this key.
pub async fn table(clients: &Clients, name: &str, key: &str, mark: Mark) {
    let element = KeySchemaElement::builder().attribute_name(key);
    let element = element.key_type(KeyType::Hash).build().unwrap();
    let attribute = AttributeDefinition::builder().attribute_name(key);
    let attribute = attribute.attribute_type(ScalarAttributeType::S);
    let capacity = ProvisionedThroughput::builder().read_capacity_units(1);
    let capacity = capacity.write_capacity_units(1).build().unwrap();
    let tags: Result<Vec<_>, _> = tags!(aws_sdk_dynamodb, mark).collect();
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

async fn trail(clients: &Clients, name: &str, mark: Mark) {
    let bucket = format!("theirs-{}", clients.account);
    let call = clients.s3.create_bucket().bucket(&bucket);
    call.send().await.unwrap();
    let statement = |action: &str, resource: String| {
        json!({
            "Effect": "Allow", "Action": action, "Resource": resource,
            "Principal": { "Service": "cloudtrail.amazonaws.com" },
        })
    };
    let policy = json!({ "Version": "2012-10-17", "Statement": [
        statement("s3:GetBucketAcl", format!("arn:aws:s3:::{bucket}")),
        statement("s3:PutObject", format!("arn:aws:s3:::{bucket}/AWSLogs/{}/*", clients.account)),
    ]});
    let call = clients.s3.put_bucket_policy().bucket(&bucket);
    call.policy(policy.to_string()).send().await.unwrap();
    let tags: Result<Vec<_>, _> = tags!(aws_sdk_cloudtrail, mark).collect();
    let call = clients.cloudtrail.create_trail().name(name);
    let call = call.s3_bucket_name(bucket);
    let call = call.set_tags_list(Some(tags.unwrap()));
    call.send().await.unwrap();
}

async fn vault(clients: &Clients, name: &str, mark: Mark) {
    let glacier = &clients.glacier;
    let call = glacier.create_vault().account_id("-").vault_name(name);
    call.send().await.unwrap();
    let tags: HashMap<String, String> = mark
        .iter()
        .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
        .collect();
    let call = glacier.add_tags_to_vault().account_id("-");
    let call = call.vault_name(name).set_tags(Some(tags));
    call.send().await.unwrap();
    let policy = json!({ "Version": "2012-10-17", "Statement": [{
        "Sid": "theirs", "Effect": "Allow", "Action": "glacier:ListJobs",
        "Principal": { "AWS": format!("arn:aws:iam::{}:root", clients.account) },
        "Resource": clients.arn("glacier", &format!("vaults/{name}")),
    }]});
    let policy = VaultAccessPolicy::builder().policy(policy.to_string());
    let call = glacier.set_vault_access_policy().account_id("-");
    let call = call.vault_name(name).policy(policy.build());
    call.send().await.unwrap();
}
