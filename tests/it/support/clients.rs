//! SDK clients of one account, used directly, so that what a test observes does not depend on treino.

use std::collections::HashMap;

use aws_config::{BehaviorVersion, Region};
use aws_credential_types::Credentials;
use aws_sdk_dynamodb::types::AttributeValue;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_sfn::types::ExecutionListItem;

use super::emulator::secret_at;
use super::eventually;
use crate::kinds;

/// Clients for one account of an endpoint.
pub struct Clients {
    pub s3: aws_sdk_s3::Client,
    pub dynamodb: aws_sdk_dynamodb::Client,
    pub iam: aws_sdk_iam::Client,
    pub logs: aws_sdk_cloudwatchlogs::Client,
    pub lambda: aws_sdk_lambda::Client,
    pub states: aws_sdk_sfn::Client,
    pub cloudtrail: aws_sdk_cloudtrail::Client,
    pub events: aws_sdk_eventbridge::Client,
    pub glacier: aws_sdk_glacier::Client,
    pub sns: aws_sdk_sns::Client,
    pub sqs: aws_sdk_sqs::Client,
    pub endpoint: String,
    /// Access key id and secret.
    pub keys: (String, String),
    pub account: String,
    pub region: String,
}

impl Clients {
    pub async fn new(endpoint: &str, account: &str, region: &str) -> Self {
        let secret = secret_at(endpoint);
        Self::signed(endpoint, account, region, (account, &secret)).await
    }

    /// The same with other keys.
    pub async fn signed(endpoint: &str, account: &str, region: &str, keys: (&str, &str)) -> Self {
        let config = aws_config::defaults(BehaviorVersion::latest())
            .region(Region::new(region.to_owned()))
            .endpoint_url(endpoint)
            .credentials_provider(Credentials::new(keys.0, keys.1, None, None, "tests"))
            .http_client(aws_smithy_http_client::Builder::new().build_http())
            .load()
            .await;
        let s3 = aws_sdk_s3::config::Builder::from(&config).force_path_style(true);
        Self {
            s3: aws_sdk_s3::Client::from_conf(s3.build()),
            dynamodb: aws_sdk_dynamodb::Client::new(&config),
            iam: aws_sdk_iam::Client::new(&config),
            logs: aws_sdk_cloudwatchlogs::Client::new(&config),
            lambda: aws_sdk_lambda::Client::new(&config),
            states: aws_sdk_sfn::Client::new(&config),
            cloudtrail: aws_sdk_cloudtrail::Client::new(&config),
            events: aws_sdk_eventbridge::Client::new(&config),
            glacier: aws_sdk_glacier::Client::new(&config),
            sns: aws_sdk_sns::Client::new(&config),
            sqs: aws_sdk_sqs::Client::new(&config),
            endpoint: endpoint.to_owned(),
            keys: (keys.0.to_owned(), keys.1.to_owned()),
            account: account.to_owned(),
            region: region.to_owned(),
        }
    }

    /// For directory buckets: at a custom endpoint the SDK would otherwise create a session for every call.
    pub fn s3_sessionless(&self) -> aws_sdk_s3::Client {
        let config = self.s3.config().to_builder();
        aws_sdk_s3::Client::from_conf(config.disable_s3_express_session_auth(true).build())
    }

    /// An ARN of the account and region.
    pub fn arn(&self, service: &str, rest: &str) -> String {
        format!("arn:aws:{service}:{}:{}:{rest}", self.region, self.account)
    }

    /// The ARN of a state machine.
    pub fn machine(&self, name: &str) -> String {
        self.arn("states", &format!("stateMachine:{name}"))
    }

    /// The ARN of a role, which has no region.
    pub fn role(&self, name: &str) -> String {
        format!("arn:aws:iam::{}:role/{name}", self.account)
    }

    /// Every resource in the account of a kind that treino knows, as `kind name`.
    pub async fn everything(&self) -> Vec<String> {
        let mut all = Vec::new();
        for kind in kinds::ALL {
            let names = kind.names(self).await.into_iter();
            all.extend(names.map(|name| format!("{} {name}", kind.kind())));
        }
        all.sort();
        // The reaper belongs to no stack, and goes with the last one; an inventory with all of its own.
        let is_beside = |name: &String| {
            name.ends_with(" treino-reaper") || name.starts_with("log group /treino/inventory/")
        };
        if !all.iter().all(is_beside) {
            all.retain(|name| !is_beside(name));
        }
        all
    }

    /// The item of this key in a table keyed by `filename`.
    pub async fn item(&self, table: &str, key: &str) -> Option<HashMap<String, AttributeValue>> {
        let call = self.dynamodb.get_item().table_name(table);
        let call = call.key("filename", AttributeValue::S(key.to_owned()));
        call.send().await.unwrap().item
    }

    /// Sets one environment variable of a function, and removes the others.
    pub async fn set_variable(&self, function: &str, name: &str, value: &str) {
        let variables = aws_sdk_lambda::types::Environment::builder().variables(name, value);
        let call = self.lambda.update_function_configuration();
        let call = call.function_name(function).environment(variables.build());
        call.send().await.unwrap();
        self.quiet(function).await;
    }

    /// Waits until no update of a function is in progress.
    pub async fn quiet(&self, function: &str) {
        eventually(&format!("{function} is ready"), async || {
            let call = self.lambda.get_function_configuration();
            let seen = call.function_name(function).send().await.unwrap();
            let done = aws_sdk_lambda::types::LastUpdateStatus::Successful;
            (seen.last_update_status == Some(done)).then_some(())
        })
        .await;
    }

    /// Puts an object.
    pub async fn put(&self, bucket: &str, key: &str, body: &[u8]) {
        let call = self.s3.put_object().bucket(bucket).key(key);
        let body = ByteStream::from(body.to_vec());
        call.body(body).send().await.unwrap();
    }

    /// The executions of a machine, the latest first.
    pub async fn executions(&self, machine: &str) -> Vec<ExecutionListItem> {
        let call = self.states.list_executions();
        let call = call.state_machine_arn(self.machine(machine));
        call.send().await.unwrap().executions
    }

    /// The keys of the objects whose events started the machine's executions.
    pub async fn started_for(&self, machine: &str) -> Vec<String> {
        let mut keys = Vec::new();
        for execution in self.executions(machine).await {
            let call = self.states.describe_execution();
            let seen = call.execution_arn(execution.execution_arn).send().await;
            let input = seen.unwrap().input.unwrap();
            let input: serde_json::Value = serde_json::from_str(&input).unwrap();
            let key = input["detail"]["requestParameters"]["key"].as_str();
            keys.push(key.unwrap_or_default().to_owned());
        }
        keys.sort();
        keys
    }

    /// Waits until the event of an object has started an execution.
    pub async fn wait_for_start(&self, machine: &str, key: &str) {
        let what = format!("an execution of {machine} for {key}");
        eventually(&what, async || {
            let keys = self.started_for(machine).await;
            keys.iter().any(|seen| seen == key).then_some(())
        })
        .await;
    }
}
