//! The labs of the repository end by themselves, undisturbed and disturbed.

use std::net::TcpListener;
use std::time::Duration;

use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{BucketVersioningStatus, VersioningConfiguration};
use aws_sdk_sfn::types::ExecutionStatus;
use futures_util::future::join_all;
use serde_json::Value;

use super::{POLLED, REAPER, has_role, is_over, text, waiting};
use crate::support::{Clients, Lab, World, eventually};

const LABS: [&str; 5] = [
    "api-externa",
    "conta-banco",
    "image-metadata",
    "microservices",
    "order-processing",
];

/// The stack files of all labs, with this end.
fn files(world: &World, expires: &str) -> Vec<String> {
    world.set("API_KEY", "k-1");
    let lab = Lab::copy(world);
    let file = |name: &&str| {
        let path = format!("stacks/{name}.yaml");
        lab.edit(&path, "expires: 4h", &format!("expires: {expires}"));
        lab.path(&path)
    };
    LABS.iter().map(file).collect()
}

/// Deploys all of them, beside one another.
fn deploy(world: &World, files: &[String], api: &str) {
    let given = format!("api_url={api}");
    std::thread::scope(|scope| {
        for file in files {
            let mut words = vec!["deploy", file, "--yes"];
            if file.contains("api-externa") {
                words.extend(["--set", &given]);
            }
            scope.spawn(move || world.treino(&words).ends(0));
        }
    });
}

/// What each ended execution of the reaper put out, with its events and transitions.
async fn receipts(clients: &Clients) -> Vec<(Value, usize, usize)> {
    let machine = clients.machine(REAPER);
    let call = clients.states.list_executions().state_machine_arn(machine);
    let ended = call.status_filter(ExecutionStatus::Succeeded).send().await;
    let mut receipts = Vec::new();
    for one in ended.unwrap().executions {
        let call = clients.states.describe_execution();
        let seen = call.execution_arn(&one.execution_arn).send().await.unwrap();
        let (mut events, mut entered) = (0, 0);
        let call = clients.states.get_execution_history();
        let call = call.execution_arn(&one.execution_arn).max_results(1_000);
        let mut pages = call.into_paginator().send();
        while let Some(page) = pages.next().await {
            for event in page.unwrap().events {
                events += 1;
                entered += usize::from(event.r#type.as_str().ends_with("StateEntered"));
            }
        }
        let output = serde_json::from_str(&seen.output.unwrap()).unwrap();
        receipts.push((output, events, entered));
    }
    receipts
}

/// A stack beside the labs, so that the reaper stays, with what it says of them.
fn keeper(world: &World) -> String {
    let text = b"stack: keeper\nexpires: 4h\ntables: { t: { partition_key: id } }\n";
    world.file("keeper.yaml", text).to_str().unwrap().to_owned()
}

async fn left(clients: &Clients) -> Vec<String> {
    let mut names = clients.everything().await;
    names.retain(|name| !name.ends_with(" treino-reaper") && !name.contains("keeper"));
    names
}

/// No treino runs since the deploys.
#[tokio::test]
async fn the_five_labs_end_by_themselves() {
    let world = World::new("the_five_labs_end_by_themselves");
    let clients = world.clients().await;
    let files = files(&world, "20s");
    deploy(&world, &files, "http://127.0.0.1:9/");
    assert_eq!(waiting(&clients).await.map(|all| all.len()), Some(5));
    assert!(clients.everything().await.len() > 40);
    is_over(&clients).await;
    assert_eq!(waiting(&clients).await, None);
    let role = format!("role {REAPER}");
    assert_eq!(clients.everything().await, [role]);
    world.treino(&["destroy", &files[0], "--yes"]).ends(0);
    assert_eq!(clients.everything().await, Vec::<String>::new());
}

#[tokio::test]
async fn disturbed_labs_end_by_themselves() {
    disturbed("disturbed_labs_end", 150).await;
}

#[tokio::test]
#[ignore = "a minute: 2,500 versions"]
async fn labs_with_thousands_of_versions_end_by_themselves() {
    disturbed("labs_with_thousands_of_versions", 2_500).await;
}

async fn disturbed(test: &str, versions: usize) {
    let world = World::new(test);
    let clients = world.clients().await;
    let keeper = keeper(&world);
    world.treino(&["deploy", &keeper, "--yes"]).ends(0);
    // It accepts, and never answers.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let api = format!("http://{}/", silent.local_addr().unwrap());
    let files = files(&world, "4h");
    deploy(&world, &files, &api);

    // An execution runs.
    let machine = clients.machine("api-externa-consulta");
    let run = clients.states.start_execution().state_machine_arn(&machine);
    run.send().await.unwrap();
    // Versions, delete markers and uploads; they start nothing.
    let rule = "image-metadata-photo-uploaded";
    let call = clients.events.disable_rule().name(rule);
    call.send().await.unwrap();
    let bucket = format!("image-metadata-images-{}-{}", world.account, clients.region);
    let on = VersioningConfiguration::builder().status(BucketVersioningStatus::Enabled);
    let call = clients.s3.put_bucket_versioning().bucket(&bucket);
    let call = call.versioning_configuration(on.build());
    call.send().await.unwrap();
    let numbers: Vec<usize> = (0..versions).collect();
    for some in numbers.chunks(50) {
        let puts = some.iter().map(|number| {
            let call = clients.s3.put_object().bucket(&bucket);
            let call = call.key(format!("photo {}.txt", number % 100));
            call.body(ByteStream::from_static(b"one")).send()
        });
        for put in join_all(puts).await {
            put.unwrap();
        }
    }
    for number in 0..3 {
        let key = format!("photo {number}.txt");
        let call = clients.s3.delete_object().bucket(&bucket).key(&key);
        call.send().await.unwrap();
        let call = clients.s3.create_multipart_upload().bucket(&bucket);
        call.key(&key).send().await.unwrap();
    }
    let began = std::time::Instant::now();
    std::thread::scope(|scope| {
        for name in LABS {
            let world = &world;
            scope.spawn(move || {
                let soon = std::time::SystemTime::now() + Duration::from_secs(15);
                let soon = humantime::format_rfc3339_seconds(soon).to_string();
                world.treino(&["extend", name, "--until", &soon]).ends(0);
            });
        }
    });
    // One is deleted by hand.
    let call = clients.lambda.delete_function().function_name("ServiceB");
    call.send().await.unwrap();
    // One has become another owner's.
    let taken = clients.arn("lambda", "function:ProcessPaymentFunction");
    let call = clients.lambda.tag_resource().resource(taken);
    call.tags("treino:owner", "ben").send().await.unwrap();

    let theirs = "function ProcessPaymentFunction";
    eventually("all labs have ended", async || {
        tokio::time::sleep(POLLED).await;
        (waiting(&clients).await?.len() == 1).then_some(())
    })
    .await;
    assert_eq!(left(&clients).await, [theirs]);
    let took = began.elapsed();
    let receipts = receipts(&clients).await;
    let whole = receipts.iter().filter(|(one, ..)| one["complete"] == true);
    assert_eq!(whole.count(), 5, "{receipts:?}");
    println!("gone after {:.1} s", took.as_secs_f64());
    for (receipt, events, entered) in &receipts {
        println!(
            "{}: {} resources, {events} events, {entered} transitions, {}",
            receipt["stack"],
            receipt["resources"].as_array().map_or(0, Vec::len),
            if receipt["continued"].is_null() {
                "ended"
            } else {
                "continued"
            },
        );
    }
    let result = |stack: &str, address: &str| {
        let mut rows = receipts.iter().filter(|(one, ..)| one["stack"] == stack);
        rows.find_map(|(one, ..)| {
            let all = one["resources"].as_array()?;
            all.iter().find(|row| row["address"] == address).cloned()
        })
        .unwrap()
    };
    let payment = result("order-processing", "function.process-payment");
    assert_eq!(text(&payment["result"]), "not_ours");
    assert_eq!(text(&payment["name"]), "ProcessPaymentFunction");
    let by_hand = result("microservices", "function.service-b");
    assert_eq!(text(&by_hand["result"]), "gone");
    let images = result("image-metadata", "bucket.images");
    assert_eq!(text(&images["result"]), "deleted");
    let flow = result("api-externa", "state_machine.consulta");
    assert_eq!(text(&flow["result"]), "deleted");
    // The machine stays for the other stack, and goes with it.
    assert_eq!(waiting(&clients).await.map(|all| all.len()), Some(1));
    world.treino(&["destroy", &keeper, "--yes"]).ends(0);
    assert_eq!(waiting(&clients).await, None);
    assert!(!has_role(&clients).await);
}
