//! EventBridge connections: their ARN and secret, what they show, and what is refused.

use aws_sdk_eventbridge::error::ProvideErrorMetadata;
use aws_sdk_eventbridge::operation::create_connection::builders::CreateConnectionFluentBuilder;
use aws_sdk_eventbridge::types::{
    ConnectionAuthorizationType, ConnectionHeaderParameter, ConnectionHttpParameters,
    ConnectionState, CreateConnectionApiKeyAuthRequestParameters as ApiKey,
    CreateConnectionAuthRequestParameters as Parameters,
    CreateConnectionBasicAuthRequestParameters as Basic, Target,
    UpdateConnectionApiKeyAuthRequestParameters as NewApiKey,
    UpdateConnectionAuthRequestParameters as NewParameters,
};
use serde_json::{Value, json};

use super::api::Api;
use super::ended::task;
use super::{refusal, refused};
use crate::support::{Clients, World, eventually};

/// A connection by an API key, with a header that is secret and one that is not.
pub fn by_key(clients: &Clients, name: &str) -> CreateConnectionFluentBuilder {
    let header = |key: &str, value: &str, secret: bool| {
        let header = ConnectionHeaderParameter::builder().key(key).value(value);
        header.is_value_secret(secret).build()
    };
    let added = ConnectionHttpParameters::builder()
        .header_parameters(header("X-Open", "of the connection", false))
        .header_parameters(header("X-Hidden", "whisper", true));
    let key = ApiKey::builder()
        .api_key_name("X-Key")
        .api_key_value("s3cret");
    let parameters = Parameters::builder()
        .api_key_auth_parameters(key.build().unwrap())
        .invocation_http_parameters(added.build());
    clients
        .events
        .create_connection()
        .name(name)
        .authorization_type(ConnectionAuthorizationType::ApiKey)
        .auth_parameters(parameters.build())
}

/// A secret's call from a definition, as there is no client for it here.
async fn secret(clients: &Clients, action: &str, id: &str) -> super::ended::ExecutionResult {
    let resource = format!("arn:aws:states:::aws-sdk:secretsmanager:{action}");
    task(clients, &resource, json!({ "SecretId": id })).await
}

#[tokio::test]
async fn a_connection_lives_and_dies_with_its_secret() {
    let world = World::new("a_connection_lives_and_dies_with_its_secret");
    let clients = world.clients().await;
    let events = &clients.events;
    let made = by_key(&clients, "api").description("treino:stack=lab");
    let made = made.send().await.unwrap();
    assert_eq!(made.connection_state(), Some(&ConnectionState::Authorized));
    let arn = made.connection_arn().unwrap();
    let begin = clients.arn("events", "connection/api/");
    let uuid = arn.strip_prefix(&begin).expect("the name, then a UUID");
    assert_eq!(uuid.len(), 36);

    let describe = events.describe_connection().name("api");
    let seen = describe.clone().send().await.unwrap();
    assert_eq!(seen.connection_arn(), Some(arn));
    assert_eq!(seen.description(), Some("treino:stack=lab"));
    let secret_arn = seen.secret_arn().unwrap();
    let begin = format!("secret:events!connection/api/{uuid}-");
    let begin = clients.arn("secretsmanager", &begin);
    assert!(secret_arn.starts_with(&begin), "{secret_arn}");
    let parameters = seen.auth_parameters().unwrap();
    let key = parameters.api_key_auth_parameters().unwrap();
    assert_eq!(key.api_key_name(), Some("X-Key"));
    let added = parameters.invocation_http_parameters().unwrap();
    let headers = added.header_parameters();
    assert_eq!(headers[0].value(), Some("of the connection"));
    // The key's value has no place in the answer's type; a secret header's has, and is not there.
    assert_eq!(
        (headers[1].key(), headers[1].value()),
        (Some("X-Hidden"), None)
    );

    let value = secret(&clients, "getSecretValue", secret_arn).await.well();
    let value: Value = serde_json::from_str(value["SecretString"].as_str().unwrap()).unwrap();
    assert_eq!(value["api_key_name"], "X-Key");
    assert_eq!(value["api_key_value"], "s3cret");
    let (error, _) = secret(&clients, "deleteSecret", secret_arn).await.badly();
    assert_eq!(error, "SecretsManager.InvalidRequestException");

    let gone = events.delete_connection().name("api");
    let answer = gone.clone().send().await.unwrap();
    assert_eq!(answer.connection_state(), Some(&ConnectionState::Deleting));
    let missing = refusal("ResourceNotFoundException", 400);
    assert_eq!(refused!(describe), missing);
    assert_eq!(refused!(gone), missing);
    let left = task(
        &clients,
        "arn:aws:states:::aws-sdk:secretsmanager:listSecrets",
        json!({}),
    );
    assert_eq!(left.await.well()["SecretList"], json!([]));
}

#[tokio::test]
async fn an_update_changes_what_it_names() {
    let world = World::new("an_update_changes_what_it_names");
    let clients = world.clients().await;
    let events = &clients.events;
    let made = by_key(&clients, "api").description("before");
    let arn = made.send().await.unwrap().connection_arn.unwrap();
    let key = NewApiKey::builder().api_key_value("n3w").build();
    let parameters = NewParameters::builder().api_key_auth_parameters(key);
    let call = events.update_connection().name("api");
    let call = call.auth_parameters(parameters.build());
    let answer = call.description("after").send().await.unwrap();
    assert_eq!(answer.connection_arn(), Some(arn.as_str()));
    assert_eq!(
        answer.connection_state(),
        Some(&ConnectionState::Authorized)
    );

    let seen = events.describe_connection().name("api").send().await;
    let seen = seen.unwrap();
    assert_eq!(seen.description(), Some("after"));
    let parameters = seen.auth_parameters().unwrap();
    let key = parameters.api_key_auth_parameters().unwrap();
    assert_eq!(key.api_key_name(), Some("X-Key"));
    assert!(parameters.invocation_http_parameters().is_some());
    let value = secret(&clients, "getSecretValue", seen.secret_arn().unwrap()).await;
    let value = value.well()["SecretString"].as_str().unwrap().to_owned();
    let value: Value = serde_json::from_str(&value).unwrap();
    assert_eq!(value["api_key_value"], "n3w");
    let missing = events.update_connection().name("missing");
    let not_found = refusal("ResourceNotFoundException", 400);
    assert_eq!(refused!(missing), not_found);
}

#[tokio::test]
async fn what_is_no_connection_is_refused() {
    let world = World::new("what_is_no_connection_is_refused");
    let clients = world.clients().await;
    by_key(&clients, "taken").send().await.unwrap();
    let taken = refusal("ResourceAlreadyExistsException", 400);
    assert_eq!(refused!(by_key(&clients, "taken")), taken);
    let invalid = refusal("ValidationException", 400);
    let call = by_key(&clients, "long").description("d".repeat(513));
    assert_eq!(refused!(call), invalid);
    let call = by_key(&clients, "long").description("d".repeat(512));
    call.send().await.unwrap();
    assert_eq!(refused!(by_key(&clients, "a b")), invalid);
    let call = by_key(&clients, "other");
    let call = call.authorization_type(ConnectionAuthorizationType::Basic);
    assert_eq!(refused!(call), invalid);
    let basic = Basic::builder().username("u").password("").build().unwrap();
    let parameters = Parameters::builder().basic_auth_parameters(basic);
    let call = by_key(&clients, "other").auth_parameters(parameters.build());
    let call = call.authorization_type(ConnectionAuthorizationType::Basic);
    assert_eq!(refused!(call), invalid);
    let listed = clients.events.list_connections().send().await.unwrap();
    assert_eq!(listed.connections().len(), 2);
}

#[tokio::test]
async fn an_api_destination_uses_its_connection() {
    let world = World::new("an_api_destination_uses_its_connection");
    let clients = world.clients().await;
    let events = &clients.events;
    let api = Api::start().await;
    let made = by_key(&clients, "api").send().await.unwrap();
    let call = events.create_api_destination().name("out");
    let call = call.connection_arn(made.connection_arn().unwrap());
    let call = call.http_method("POST".into());
    let call = call.invocation_endpoint(format!("{}/events", api.url));
    let destination = call.send().await.unwrap().api_destination_arn.unwrap();
    let call = events.put_rule().name("all");
    let call = call.event_pattern(json!({ "source": ["lab"] }).to_string());
    call.send().await.unwrap();
    let target = Target::builder().id("out").arn(destination);
    let target = target.role_arn(format!("arn:aws:iam::{}:role/any", clients.account));
    let call = events.put_targets().rule("all");
    let call = call.targets(target.build().unwrap());
    call.send().await.unwrap();
    let entry = aws_sdk_eventbridge::types::PutEventsRequestEntry::builder()
        .source("lab")
        .detail_type("t")
        .detail(json!({ "n": 1 }).to_string());
    let call = events.put_events().entries(entry.build());
    assert_eq!(call.send().await.unwrap().failed_entry_count(), 0);
    let seen = eventually("the event at the API", async || api.seen().pop()).await;
    assert_eq!(seen.headers["x-key"], "s3cret");
    assert_eq!(seen.headers["x-hidden"], "whisper");
    assert_eq!(seen.json()["detail"], json!({ "n": 1 }));
}
