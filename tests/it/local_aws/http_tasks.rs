//! `http:invoke`: what reaches the API, what a state sees of its answer, and how it fails.

use aws_sdk_eventbridge::types::{
    ConnectionAuthorizationType, ConnectionOAuthHttpMethod,
    CreateConnectionAuthRequestParameters as Parameters,
    CreateConnectionBasicAuthRequestParameters as Basic,
    CreateConnectionOAuthClientRequestParameters as Client,
    CreateConnectionOAuthRequestParameters as OAuth,
};
use serde_json::{Value, json};

use super::api::Api;
use super::connections::by_key;
use super::ended::{ExecutionResult, execution, jsonata_task, task};
use crate::support::{Clients, World};

const INVOKE: &str = "arn:aws:states:::http:invoke";

/// A call of the API, with more fields.
fn call(url: &str, connection: &str, more: &Value) -> Value {
    let mut parameters = json!({
        "ApiEndpoint": url, "Method": "POST", "Authentication": { "ConnectionArn": connection },
    });
    for (field, value) in more.as_object().unwrap() {
        parameters[field] = value.clone();
    }
    parameters
}

async fn keyed(clients: &Clients) -> String {
    let made = by_key(clients, "api").send().await.unwrap();
    made.connection_arn.unwrap()
}

#[tokio::test]
async fn an_api_is_asked_with_what_definition_and_connection_say() {
    let world = World::new("an_api_is_asked_with_what_definition_and_connection_say");
    let clients = world.clients().await;
    let api = Api::start().await;
    let connection = keyed(&clients).await;
    let more = json!({
        "Headers": { "X-Open": "of the definition", "X-Own": ["a", 1] },
        "QueryParameters": { "q": "a b", "list": ["x", 2] },
        "RequestBody": { "n": [1, "é"] },
    });
    let parameters = call(&format!("{}/echo?fixed=1", api.url), &connection, &more);
    let answer = task(&clients, INVOKE, parameters.clone()).await.well();
    assert_eq!(answer["StatusCode"], 200);
    assert_eq!(answer["StatusText"], "Some Text");
    let target = "/echo?fixed=1&q=a+b&list=x&list=2";
    assert_eq!(answer["ResponseBody"], json!({ "asked": target }));
    assert_eq!(answer["Headers"]["x-twice"], json!(["1", "2"]));
    assert_eq!(
        answer["Headers"]["content-type"],
        json!(["application/json"])
    );

    let seen = api.last();
    assert_eq!(seen.method, "POST");
    assert_eq!(seen.target, target);
    assert_eq!(seen.json(), json!({ "n": [1, "é"] }));
    // The connection's own value wins over the definition's.
    for (name, value) in [
        ("x-key", "s3cret"),
        ("x-hidden", "whisper"),
        ("x-open", "of the connection"),
        ("x-own", "a,1"),
        ("content-type", "application/json; charset=UTF-8"),
        ("user-agent", "Amazon|StepFunctions|HttpInvoke|us-east-1"),
        ("range", "bytes=0-262144"),
    ] {
        assert_eq!(seen.headers[name], value, "{name}");
    }
    let again = jsonata_task(&clients, INVOKE, parameters).await.well();
    assert_eq!(again, answer);
    assert_eq!(api.seen().len(), 2);
}

#[tokio::test]
async fn a_body_may_be_url_encoded() {
    let world = World::new("a_body_may_be_url_encoded");
    let clients = world.clients().await;
    let api = Api::start().await;
    let connection = keyed(&clients).await;
    for (options, expected) in [
        (
            json!({}),
            "list%5B0%5D=a&list%5B1%5D=b+c&who%5Bname%5D=%C3%A9",
        ),
        (
            json!({ "ArrayFormat": "REPEAT" }),
            "list=a&list=b+c&who%5Bname%5D=%C3%A9",
        ),
        (
            json!({ "ArrayFormat": "COMMAS" }),
            "list=a%2Cb+c&who%5Bname%5D=%C3%A9",
        ),
        (
            json!({ "ArrayFormat": "BRACKETS" }),
            "list%5B%5D=a&list%5B%5D=b+c&who%5Bname%5D=%C3%A9",
        ),
    ] {
        let more = json!({
            "RequestBody": { "list": ["a", "b c"], "who": { "name": "é" } },
            "Transform": { "RequestBodyEncoding": "URL_ENCODED", "RequestEncodingOptions": options },
        });
        let parameters = call(&api.url, &connection, &more);
        task(&clients, INVOKE, parameters).await.well();
        let seen = api.last();
        assert_eq!(seen.body, expected);
        let kind = &seen.headers["content-type"];
        assert!(kind.starts_with("application/x-www-form-urlencoded"));
    }
}

#[tokio::test]
async fn basic_and_oauth_connections_authorize() {
    let world = World::new("basic_and_oauth_connections_authorize");
    let clients = world.clients().await;
    let api = Api::start().await;
    let basic = Basic::builder().username("me").password("pass");
    let parameters = Parameters::builder().basic_auth_parameters(basic.build().unwrap());
    let create = clients.events.create_connection().name("basic");
    let create = create.authorization_type(ConnectionAuthorizationType::Basic);
    let made = create.auth_parameters(parameters.build()).send().await;
    let connection = made.unwrap().connection_arn.unwrap();
    let get = json!({
        "ApiEndpoint": api.url, "Method": "GET", "InvocationConfig": { "ConnectionArn": connection },
    });
    task(&clients, INVOKE, get).await.well();
    assert_eq!(api.last().headers["authorization"], "Basic bWU6cGFzcw==");

    let client = Client::builder().client_id("id").client_secret("hush");
    let oauth = OAuth::builder()
        .client_parameters(client.build().unwrap())
        .authorization_endpoint(format!("{}/token", api.url))
        .http_method(ConnectionOAuthHttpMethod::Post);
    let parameters = Parameters::builder().o_auth_parameters(oauth.build().unwrap());
    let create = clients.events.create_connection().name("oauth");
    let create = create.authorization_type(ConnectionAuthorizationType::OauthClientCredentials);
    let made = create.auth_parameters(parameters.build()).send().await;
    let connection = made.unwrap().connection_arn.unwrap();
    // The API refuses the first token, so that another is fetched.
    let parameters = call(&format!("{}/picky", api.url), &connection, &json!({}));
    task(&clients, INVOKE, parameters).await.well();
    assert_eq!(api.last().headers["authorization"], "Bearer token-2");
    let seen = api.seen();
    let token = seen.iter().find(|seen| seen.target == "/token").unwrap();
    let form = "grant_type=client_credentials&client_id=id&client_secret=hush";
    assert_eq!(token.body, form);

    let call = clients.events.deauthorize_connection().name("oauth");
    call.send().await.unwrap();
    let parameters = self::call(&api.url, &connection, &json!({}));
    let (error, _) = task(&clients, INVOKE, parameters).await.badly();
    let expected = "Events.ConnectionResource.InvalidConnectionState";
    assert_eq!(error, expected);
}

#[tokio::test]
async fn an_apis_failures_have_documented_names() {
    let world = World::new("an_apis_failures_have_documented_names");
    let clients = world.clients().await;
    let api = Api::start().await;
    let connection = keyed(&clients).await;
    let at = async |path: &str| -> ExecutionResult {
        let parameters = call(&format!("{}{path}", api.url), &connection, &json!({}));
        task(&clients, INVOKE, parameters).await
    };
    let (error, cause) = at("/missing").await.badly();
    assert_eq!(error, "States.Http.StatusCode.404");
    let cause: Value = serde_json::from_str(&cause).unwrap();
    assert_eq!(cause["StatusCode"], 404);
    assert_eq!(cause["ResponseBody"], json!({ "no": "such" }));
    // Where it leads nobody is asked: the header of the connection would go along.
    let (error, _) = at("/away").await.badly();
    assert_eq!(error, "States.Http.StatusCode.302");
    let (error, _) = at("/big").await.badly();
    assert_eq!(error, "States.DataLimitExceeded");
    let (error, _) = at("/binary").await.badly();
    assert_eq!(error, "States.Runtime");
    let text = at("/text").await.well();
    assert_eq!(text["ResponseBody"], "{\"not\": \"parsed\"}");
    assert_eq!(at("/empty").await.well()["ResponseBody"], "");

    let nobody = call("http://127.0.0.1:1/", &connection, &json!({}));
    let (error, cause) = task(&clients, INVOKE, nobody).await.badly();
    assert_eq!(error, "States.TaskFailed");
    assert!(cause.contains("127.0.0.1:1"), "{cause}");
    let silent = json!({ "StartAt": "S", "States": { "S": {
        "Type": "Task", "Resource": INVOKE, "TimeoutSeconds": 1, "End": true,
        "Parameters": call(&format!("{}/silent", api.url), &connection, &json!({})),
    } } });
    assert_eq!(
        execution(&clients, silent).await.badly().0,
        "States.Timeout"
    );
}

#[tokio::test]
async fn what_is_no_http_task_is_refused_before_any_call() {
    let world = World::new("what_is_no_http_task_is_refused_before_any_call");
    let clients = world.clients().await;
    let api = Api::start().await;
    let connection = keyed(&clients).await;
    let url = &api.url;
    for (parameters, word) in [
        (
            json!({ "ApiEndpoint": url, "Method": "GET" }),
            "ConnectionArn",
        ),
        (
            call(url, &connection, &json!({ "Method": "FETCH" })),
            "Method",
        ),
        (call("", &connection, &json!({})), "ApiEndpoint"),
        (call("http://192.0.2.1/", &connection, &json!({})), "https"),
        (call("ftp://127.0.0.1/", &connection, &json!({})), "https"),
        (
            call("http://localhost.example.com/", &connection, &json!({})),
            "https",
        ),
        (
            call(
                url,
                &connection,
                &json!({ "Headers": { "X-Amz-Date": "1" } }),
            ),
            "X-Amz-Date",
        ),
        (
            call(
                url,
                &connection,
                &json!({ "Headers": { "Authorization": "1" } }),
            ),
            "Authorization",
        ),
        (call(url, &connection, &json!({ "Body": 1 })), "'Body'"),
        (
            call(
                url,
                &connection,
                &json!({ "Transform": { "RequestBodyEncoding": "XML" } }),
            ),
            "RequestBodyEncoding",
        ),
    ] {
        let (error, cause) = task(&clients, INVOKE, parameters).await.badly();
        assert_eq!(error, "States.Runtime", "{cause}");
        assert!(cause.contains(word), "{cause}");
    }
    let missing = clients.arn("events", "connection/api/0");
    let (error, _) = task(&clients, INVOKE, call(url, &missing, &json!({})))
        .await
        .badly();
    assert_eq!(error, "Events.ConnectionResource.ResourceNotFound");
    assert!(api.seen().is_empty());
}
