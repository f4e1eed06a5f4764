//! `treino local up --chaos`: each error in the form of each service, from now on and no longer; and a
//! lab's whole life under it.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use aws_config::retry::RetryConfig;
use aws_sdk_lambda::error::ProvideErrorMetadata;
use serde_json::Value;
use tokio::sync::{Mutex, MutexGuard};

use super::{refusal, refused};
use crate::support::{Clients, World, eventually, sample};

/// One test at a time has the local AWS that fails: what is set is set for all its accounts.
static TURN: Mutex<()> = Mutex::const_new(());

struct Failing {
    world: World,
    clients: Clients,
    _turn: MutexGuard<'static, ()>,
}

impl Failing {
    async fn new(test: &str) -> Self {
        let turn = TURN.lock().await;
        let world = World::failing(test);
        let local = Self {
            clients: once(world.clients().await),
            world,
            _turn: turn,
        };
        local.off();
        local
    }

    /// Sets it; answers what the local AWS says of itself.
    #[track_caller]
    fn set(&self, chaos: &str) -> Value {
        let arguments = ["local", "up", "--json", "--chaos", chaos];
        let ran = self.world.as_written(&arguments).ends(0);
        serde_json::from_str(&ran.out).unwrap()
    }

    #[track_caller]
    fn off(&self) {
        self.world.as_written(&["local", "up"]).ends(0);
        assert_eq!(self.status()["chaos"], Value::Null);
    }

    #[track_caller]
    fn status(&self) -> Value {
        let ran = self.world.as_written(&["local", "status", "--json"]);
        serde_json::from_str(&ran.ends(0).out).unwrap()
    }
}

/// The clients, each of whose calls is one request.
fn once(clients: Clients) -> Clients {
    macro_rules! once {
        ($($client:ident: $sdk:ident),*) => {
            Clients {
                $($client: $sdk::Client::from_conf(
                    clients.$client.config().to_builder().retry_config(RetryConfig::disabled()).build()
                ),)*
                ..clients
            }
        };
    }
    once!(
        s3: aws_sdk_s3, dynamodb: aws_sdk_dynamodb, iam: aws_sdk_iam, logs: aws_sdk_cloudwatchlogs,
        lambda: aws_sdk_lambda, states: aws_sdk_sfn, cloudtrail: aws_sdk_cloudtrail,
        events: aws_sdk_eventbridge, glacier: aws_sdk_glacier
    )
}

/// How every service refuses a call now.
async fn refusals(clients: &Clients) -> Vec<(&'static str, (String, u16))> {
    vec![
        ("s3", refused!(clients.s3.list_buckets())),
        ("dynamodb", refused!(clients.dynamodb.list_tables())),
        ("iam", refused!(clients.iam.list_roles())),
        ("logs", refused!(clients.logs.describe_log_groups())),
        ("lambda", refused!(clients.lambda.list_functions())),
        ("states", refused!(clients.states.list_state_machines())),
        ("cloudtrail", refused!(clients.cloudtrail.list_trails())),
        ("events", refused!(clients.events.list_rules())),
        (
            "glacier",
            refused!(clients.glacier.list_vaults().account_id("-")),
        ),
    ]
}

#[tokio::test]
async fn each_service_fails_in_its_own_form_while_it_is_said() {
    let local = Failing::new("each_service_fails_in_its_own_form_while_it_is_said").await;
    let clients = &local.clients;
    let bucket = format!("kept-{}", clients.account);
    clients
        .s3
        .create_bucket()
        .bucket(&bucket)
        .send()
        .await
        .unwrap();
    clients.put(&bucket, "photo", b"bytes").await;
    let before = local.status();

    let set = local.set("throttle=100%,seed=1");
    assert_eq!(set["chaos"]["settings"], "throttle=100%,seed=1");
    for (service, refused) in refusals(clients).await {
        let wanted = match service {
            "s3" => refusal("SlowDown", 503),
            "iam" => refusal("Throttling", 400),
            "lambda" => refusal("TooManyRequestsException", 429),
            _ => refusal("ThrottlingException", 400),
        };
        assert_eq!(refused, wanted, "{service}");
    }
    let seen = local.status();
    assert_eq!(seen["chaos"]["requests"], 9);
    assert_eq!(seen["chaos"]["throttled"], 9);

    local.set("fail=100%,seed=1");
    for (service, refused) in refusals(clients).await {
        let wanted = match service {
            "s3" => refusal("InternalError", 500),
            "lambda" => refusal("ServiceException", 500),
            "dynamodb" => refusal("InternalServerError", 500),
            _ => refusal("InternalFailure", 500),
        };
        assert_eq!(refused, wanted, "{service}");
    }
    // HEAD has no body to say it in; and what is sent with a call that is refused, is read.
    let head = clients.s3.head_bucket().bucket(&bucket);
    assert_eq!(refused!(head).1, 500);
    let put = clients.s3.put_object().bucket(&bucket).key("large");
    let put = put.body(vec![7; 4 * 1024 * 1024].into());
    assert_eq!(refused!(put), refusal("InternalError", 500));

    local.set("drop=100%,seed=1");
    for (service, refused) in refusals(clients).await {
        assert_eq!(refused, refusal("", 0), "{service} was answered");
    }

    // Only these; and what is no call of AWS's is not disturbed.
    local.set("only=lambda,iam,fail=100%,seed=1");
    assert_eq!(
        refused!(clients.iam.list_roles()),
        refusal("InternalFailure", 500)
    );
    clients.s3.list_buckets().send().await.unwrap();
    assert_eq!(local.status()["chaos"]["requests"], 1);

    let ended = local.world.as_written(&["local", "up"]).ends(0);
    ended.says("nothing fails on purpose any longer");
    let after = local.status();
    assert_eq!(after["chaos"], Value::Null);
    for same in ["pid", "endpoint", "since"] {
        assert_eq!(after[same], before[same], "it is still the same one");
    }
    let object = clients.s3.get_object().bucket(&bucket).key("photo");
    let object = object.send().await.unwrap().body.collect().await.unwrap();
    assert_eq!(object.to_vec(), b"bytes");
}

/// Which of forty calls are throttled; in this order or the other.
async fn throttled(clients: &Clients, backwards: bool) -> BTreeSet<usize> {
    let mut throttled = BTreeSet::new();
    for number in 0..40 {
        let number = if backwards { 39 - number } else { number };
        let call = clients.lambda.get_function_configuration();
        let (code, _) = refused!(call.function_name(format!("f{number}")));
        match code.as_str() {
            "TooManyRequestsException" => drop(throttled.insert(number)),
            other => assert_eq!(other, "ResourceNotFoundException"),
        }
    }
    throttled
}

#[tokio::test]
async fn a_seed_has_the_same_faults_in_any_order() {
    let local = Failing::new("a_seed_has_the_same_faults_in_any_order").await;
    let clients = &local.clients;

    local.set("throttle=50%,seed=5");
    let first = throttled(clients, false).await;
    assert!((8..=32).contains(&first.len()), "about half: {first:?}");
    // The same call once more is another draw.
    assert_ne!(throttled(clients, false).await, first);
    local.set("throttle=50%,seed=5");
    assert_eq!(throttled(clients, true).await, first);
    local.set("throttle=50%,seed=6");
    assert_ne!(throttled(clients, false).await, first);

    // Without a seed one is made up, and shown.
    let set = local.set("throttle=50%");
    let settings = set["chaos"]["settings"].as_str().unwrap().to_owned();
    assert!(settings.starts_with("throttle=50%,seed="), "{settings}");
    let first = throttled(clients, false).await;
    local.set(&settings);
    assert_eq!(throttled(clients, false).await, first);
    local.off();
}

#[tokio::test]
async fn what_was_dropped_was_done_or_not() {
    let local = Failing::new("what_was_dropped_was_done_or_not").await;
    let clients = &local.clients;
    local.set("drop=100%,seed=3");
    let call = clients.logs.create_log_group().log_group_name("any");
    assert_eq!(refused!(call), refusal("", 0));
    let buckets = |number: usize| format!("b{number}-{}", clients.account);
    for number in 0..20 {
        let call = clients.s3.create_bucket().bucket(buckets(number));
        assert_eq!(refused!(call), refusal("", 0));
    }
    // A busy backend answers the front late: its counts are then those of a moment ago.
    let counted = async || (local.status()["chaos"]["dropped"] == 21).then_some(());
    eventually("all dropped calls are counted", counted).await;
    local.off();
    let made = clients.s3.list_buckets().send().await.unwrap();
    let made = made.buckets().len();
    assert!((4..=16).contains(&made), "some of 20 were made: {made}");
}

#[tokio::test]
async fn latency_is_waited_for() {
    let local = Failing::new("latency_is_waited_for").await;
    local.set("latency=300ms-400ms,seed=1");
    let began = Instant::now();
    local.clients.s3.list_buckets().send().await.unwrap();
    assert!(began.elapsed() >= Duration::from_millis(300));
    local.off();
}

#[tokio::test]
async fn settings_that_cannot_be_read_are_none() {
    let local = Failing::new("settings_that_cannot_be_read_are_none").await;
    let status = local.set("fail=100%");
    let file = format!("{}/chaos.json", status["data"].as_str().unwrap());
    std::fs::write(&file, "{ \"settings\": 1 ").unwrap();
    local.clients.s3.list_buckets().send().await.unwrap();
    assert_eq!(local.status()["chaos"], Value::Null);
    let log = std::fs::read_to_string(status["log"].as_str().unwrap()).unwrap();
    assert!(log.contains("cannot be read, and nothing fails"), "{log}");
    local.set("fail=100%");
    assert_eq!(refused!(local.clients.iam.list_roles()).1, 500);
    local.off();
}

#[test]
fn what_is_wrong_with_it_is_said_before_anything_starts() {
    let world = World::failing("what_is_wrong_with_it_is_said_before_anything_starts");
    let nowhere = world.folder.path().join("state");
    world.set("TREINO_LOCAL_DIR", nowhere.to_str().unwrap());
    for (chaos, said) in [
        ("latency=50", "`latency=50` has no unit"),
        ("throttle=110%", "100% at most"),
        ("throtle=10%", "did you mean `throttle`?"),
        ("seed=4", "nothing would fail"),
    ] {
        let ran = world.as_written(&["local", "up", "--chaos", chaos]).ends(2);
        ran.says(said).says("--chaos");
    }
    assert!(!nowhere.exists());
}

const MILD: &str = "latency=20ms,throttle=10%,fail=5%,drop=2%,seed=1";

/// Two accounts draw differently from one seed.
#[tokio::test]
async fn a_lab_lives_through_it() {
    let first = "a_lab_lives_through_it";
    let local = Failing::new(first).await;
    let second = World::failing("a_lab_lives_through_it_twice");
    local.set(MILD);
    std::thread::scope(|scope| {
        for world in [&local.world, &second] {
            scope.spawn(move || life(world));
        }
    });
    let seen = local.status();
    for error in ["throttled", "failed", "dropped"] {
        assert!(seen["chaos"][error].as_u64().unwrap() > 0, "{seen}");
    }
    local.off();
    for clients in [&local.clients, &second.clients().await] {
        assert_eq!(clients.everything().await, Vec::<String>::new());
    }
}

fn life(world: &World) {
    let stack = "stacks/image-metadata.yaml";
    let photo = sample("astronaut.jpg");
    let deployed = world.treino_json(&["deploy", stack, "--yes"]).ends(0);
    assert_eq!(deployed.event("summary")["complete"], true);
    assert!(
        deployed.err.contains("fails on purpose"),
        "{}",
        deployed.err
    );
    world.treino(&["plan", stack, "--exit-code"]).ends(0);
    let ran = world.treino(&["run", "image-metadata", photo.to_str().unwrap()]);
    ran.ends(0).says("succeeded").says("53962");
    let destroyed = world.treino(&["destroy", "image-metadata", "--yes"]);
    destroyed.ends(0).says("verified:");
}

/// What a function asks for, it gets.
#[tokio::test]
async fn calls_of_functions_are_left_alone() {
    let local = Failing::new("calls_of_functions_are_left_alone").await;
    let folder = |name: &str, text: &str| local.world.file(name, text.as_bytes());
    folder(
        "python/app.py",
        "import boto3\n\n\ndef handler(event, context):\n    return len(boto3.client('s3').list_buckets()['Buckets'])\n",
    );
    let stack = folder(
        "stack.yaml",
        "stack: asking\nbuckets: { one: {} }\nfunctions:\n  ask: { code: python, handler: app.handler, \
         runtime: python3.13, allow: [{ actions: [s3:ListAllMyBuckets], resources: [\"*\"] }] }\n",
    );
    let deploy = ["deploy", stack.to_str().unwrap(), "--yes"];
    local.world.treino(&deploy).ends(0);
    local.set("fail=100%,only=s3,seed=1");
    assert_eq!(refused!(local.clients.s3.list_buckets()).1, 500);
    let call = local.clients.lambda.invoke().function_name("asking-ask");
    let answer = call.send().await.unwrap();
    assert_eq!(answer.function_error(), None);
    assert_eq!(answer.payload().unwrap().as_ref(), b"1");
    local.off();
}
