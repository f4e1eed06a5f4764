//! The end of waits and their messages, with paused time and without a network. AWS is a function that always
//! returns the same error.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use aws_config::{BehaviorVersion, Region};
use aws_credential_types::Credentials;
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_types::body::SdkBody;
use serde_json::{Value, json};
use tokio::time::Instant;
use treino::aws::{Artifacts, Aws, AwsProvider};
use treino::engine::{Events, Provider, ProviderError};
use treino::stack::{Address, Artifact, Kind, Resource, Secrets, Target, arn};

/// An HTTP status and body for a request.
type Answering = Arc<dyn Fn(&HttpRequest) -> (u16, String) + Send + Sync>;

/// Answers every request, and counts them.
#[derive(Clone)]
struct Refusing {
    answer: Answering,
    code: &'static str,
    asked: Arc<AtomicUsize>,
}

impl std::fmt::Debug for Refusing {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.write_str("Refusing")
    }
}

impl HttpConnector for Refusing {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        self.asked.fetch_add(1, Ordering::Relaxed);
        let (status, body) = (self.answer)(&request);
        let status = status.try_into().unwrap();
        let mut answer = HttpResponse::new(status, SdkBody::from(body));
        if !self.code.is_empty() {
            answer.headers_mut().insert("x-amzn-errortype", self.code);
        }
        HttpConnectorFuture::ready(Ok(answer))
    }
}

/// The result of creating a resource, the time it took, and the number of requests.
async fn made(
    kind: Kind,
    spec: Value,
    (status, code, message): (u16, &'static str, &str),
) -> (ProviderError, Duration, usize) {
    let error = format!("<Error><Code>{code}</Code><Message>{message}</Message></Error>");
    let body = match kind {
        Kind::Bucket => error,
        Kind::Role => format!("<ErrorResponse>{error}</ErrorResponse>"),
        _ => json!({ "__type": code, "message": message }).to_string(),
    };
    let answer: Answering = Arc::new(move |_| (status, body.clone()));
    creation(kind, spec, answer, code).await
}

/// The same with an answer for each request, as XML.
async fn made_by(kind: Kind, spec: Value, answer: Answering) -> (ProviderError, Duration, usize) {
    creation(kind, spec, answer, "").await
}

async fn creation(
    kind: Kind,
    spec: Value,
    answer: Answering,
    code: &'static str,
) -> (ProviderError, Duration, usize) {
    let asked = Arc::new(AtomicUsize::new(0));
    let refusing = Refusing {
        answer,
        code,
        asked: Arc::clone(&asked),
    };
    let client = http_client_fn(move |_, _| SharedHttpConnector::new(refusing.clone()));
    let config = aws_config::defaults(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::new("key", "secret", None, None, "tests"))
        .http_client(client)
        .load()
        .await;
    let target = Target {
        partition: "aws".into(),
        region: "us-east-1".into(),
        account: "123456789012".into(),
        stack: "lab".into(),
        owner: None,
    };
    let package = Artifact {
        zip: Arc::from(&b"zip"[..]),
        buckets: BTreeMap::new(),
    };
    let artifacts = Artifacts::from([("hash".to_owned(), package)]);
    let aws = Aws::new(&config, true, target.clone(), artifacts, Secrets::default());
    let want = Resource {
        address: Address::from_tag("one.of.them"),
        kind,
        name: "lab-one".into(),
        arn: arn(&target, kind, "lab-one"),
        spec,
        tags: [("treino:stack".to_owned(), "lab".to_owned())].into(),
        after: BTreeSet::default(),
    };
    let began = Instant::now();
    let made = AwsProvider(aws).create(&want, &Events::none()).await;
    let took = began.elapsed();
    (made.unwrap_err(), took, asked.load(Ordering::Relaxed))
}

const ROLE: &str = "arn:aws:iam::123456789012:role/lab-role";

fn function() -> Value {
    json!({
        "code": "hash", "handler": "app.handler", "runtime": "python3.13", "description": "",
        "architecture": "x86_64", "memory": 128, "timeout": 3, "environment": {},
        "secret_environment": {}, "role": ROLE,
        "log_group": "/aws/lambda/lab-one", "reserved_concurrency": null,
    })
}

fn about(took: Duration, minutes: u64) {
    let most = Duration::from_mins(minutes);
    assert!(
        took < most && took + Duration::from_secs(3) > most,
        "{took:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn row_01_a_role_lambda_never_learns_of_is_named() {
    let message = "The role defined for the function cannot be assumed by Lambda.";
    let refusal = (400, "InvalidParameterValueException", message);
    let (error, took, asked) = made(Kind::Function, function(), refusal).await;
    about(took, 2);
    // From 200 ms to 2 s.
    assert!((60..70).contains(&asked), "{asked}");
    assert!(error.is("InvalidParameterValueException"));
    assert!(error.help.unwrap().contains(ROLE));
}

#[tokio::test(start_paused = true)]
async fn row_02_a_role_step_functions_never_learns_of_is_named() {
    let spec = json!({
        "type": "standard", "definition": {}, "role": ROLE, "tracing": false,
        "logging": { "level": "off", "include_data": false, "log_group": null },
    });
    let message = "Neither the global service principal states.amazonaws.com, nor the regional one is \
        authorized to assume the provided role.";
    let refusal = (400, "AccessDeniedException", message);
    let (error, took, _) = made(Kind::StateMachine, spec, refusal).await;
    about(took, 2);
    assert!(error.help.unwrap().contains(ROLE));
}

#[tokio::test(start_paused = true)]
async fn row_40_a_role_kms_never_learns_of_is_named() {
    let message = "Lambda was unable to configure access to your environment variables because the KMS key is \
        invalid for CreateGrant. Please check your KMS key settings. KMS Exception: InvalidArnException KMS Message: \
        ARN does not refer to a valid principal: arn:aws:sts::123456789012:assumed-role/lab-role/lab-one";
    let refusal = (400, "InvalidParameterValueException", message);
    let (error, took, _) = made(Kind::Function, function(), refusal).await;
    about(took, 2);
    assert!(error.message.contains("valid principal"));
    let help = error.help.unwrap();
    assert!(help.contains(ROLE) && help.contains("KMS"), "{help}");
}

#[tokio::test(start_paused = true)]
async fn row_41_a_role_that_never_may_make_managed_rules_is_told_what_it_lacks() {
    let spec = json!({
        "type": "standard", "definition": {}, "role": ROLE, "tracing": false,
        "logging": { "level": "off", "include_data": false, "log_group": null },
    });
    let message = format!("'{ROLE}' is not authorized to create managed-rule.");
    let refusal = (400, "AccessDeniedException", message.as_str());
    let (error, took, _) = made(Kind::StateMachine, spec, refusal).await;
    about(took, 2);
    assert!(error.message.contains("managed-rule"));
    let help = error.help.unwrap();
    assert!(
        help.contains(ROLE) && help.contains("events:PutRule"),
        "{help}"
    );
}

#[tokio::test(start_paused = true)]
async fn row_42_a_trust_that_names_nobody_is_given_up() {
    let spec = json!({ "path": "/", "trust": {}, "policies": {}, "managed_policies": [] });
    let message = "Invalid principal in policy: \"AWS\":\"arn:aws:iam::123456789012:role/nobody\"";
    let refusal = (400, "MalformedPolicyDocument", message);
    let (error, took, _) = made(Kind::Role, spec, refusal).await;
    about(took, 2);
    assert!(error.message.contains("role/nobody"));
    assert!(error.help.unwrap().contains("mend its `Principal`"));
}

/// The result of a bucket's creation whose policy is refused, while the bucket's own setting is as given.
async fn policy_refused(settings: Option<&'static str>) -> (ProviderError, Duration) {
    let answer = move |request: &HttpRequest| {
        let (method, uri) = (request.method().to_owned(), request.uri().to_owned());
        let is = |what: &str| uri.contains(what);
        if method == "GET" && is("tagging") {
            let tag = "<Tag><Key>treino:stack</Key><Value>lab</Value></Tag>\
                <Tag><Key>treino:address</Key><Value>one.of.them</Value></Tag>";
            return (200, format!("<Tagging><TagSet>{tag}</TagSet></Tagging>"));
        }
        if method == "GET" && is("publicAccessBlock") {
            let none = "<Error><Code>NoSuchPublicAccessBlockConfiguration</Code></Error>";
            return match settings {
                Some(settings) => (200, settings.to_owned()),
                None => (404, none.to_owned()),
            };
        }
        if method == "PUT" && is("policy") {
            let message = "public policies are prevented by the BlockPublicPolicy setting in S3 Block Public Access.";
            let error = format!("<Code>AccessDenied</Code><Message>{message}</Message>");
            return (403, format!("<Error>{error}</Error>"));
        }
        (200, String::new())
    };
    let policy = json!({ "Version": "2012-10-17", "Statement": [] });
    let spec = json!({ "versioning": false, "block_public_access": false, "events": false, "policy": policy });
    let (error, took, _) = made_by(Kind::Bucket, spec, Arc::new(answer)).await;
    (error, took)
}

#[tokio::test(start_paused = true)]
async fn row_45_who_blocks_public_policies_for_good_is_named() {
    let (error, took) = policy_refused(None).await;
    about(took, 1);
    assert!(error.message.contains("BlockPublicPolicy"));
    let help = error.help.unwrap();
    assert!(help.contains("so the account does"), "{help}");

    let set = "<PublicAccessBlockConfiguration><BlockPublicPolicy>true</BlockPublicPolicy>\
        </PublicAccessBlockConfiguration>";
    let (error, took) = policy_refused(Some(set)).await;
    about(took, 1);
    let help = error.help.unwrap();
    assert!(help.contains("for the bucket again"), "{help}");
}

#[tokio::test(start_paused = true)]
async fn row_13_a_bucket_name_that_stays_taken_is_given_up() {
    let spec = json!({ "versioning": false, "block_public_access": true, "events": false, "policy": null });
    let refusal = (
        409,
        "OperationAborted",
        "A conflicting conditional operation is in progress",
    );
    let (error, took, _) = made(Kind::Bucket, spec, refusal).await;
    about(took, 5);
    assert!(error.is("OperationAborted"));
    let help = error.help.unwrap();
    assert!(help.contains("it can take an hour") && help.contains("run the same command again"));
}

#[tokio::test(start_paused = true)]
async fn row_17_a_policy_cloudtrail_never_sees_is_given_up() {
    let spec =
        json!({ "bucket": "lab-logs", "logging": true, "multi_region": false, "selectors": [] });
    let refusal = (
        400,
        "InsufficientS3BucketPolicyException",
        "Incorrect S3 bucket policy",
    );
    let (error, took, _) = made(Kind::Trail, spec, refusal).await;
    about(took, 1);
    assert!(error.is("InsufficientS3BucketPolicyException"));
    assert!(error.help.unwrap().contains("run the same command again"));
}

#[tokio::test(start_paused = true)]
async fn a_refusal_that_does_not_pass_is_not_waited_for() {
    let refusal = (
        400,
        "InvalidParameterValueException",
        "Uploaded file must be a non-empty zip",
    );
    let (error, took, asked) = made(Kind::Function, function(), refusal).await;
    assert_eq!((asked, took), (1, Duration::ZERO));
    assert!(error.message.contains("non-empty zip"));
}
