//! The binary against the local AWS, the whole way: photos in, items out, changes, and an empty
//! account at the end; and each further lab in a file of its own.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on says where by itself"
)]

mod again;
mod api_externa;
mod conta_banco;
mod gone;
mod keys;
mod messages;
mod microservices;
mod order_processing;
mod photos;
mod reshaped;
mod silence;
mod up_guarded;
mod whole;

use crate::support::World;

/// The names the resources of the image-metadata lab have.
const STACK: &str = "stacks/image-metadata.yaml";
const TABLE: &str = "image-metadata-metadata";
const MACHINE: &str = "image-metadata-pipeline";
const TRAIL: &str = "image-metadata-uploads";
const RULE: &str = "image-metadata-photo-uploaded";

fn images(world: &World) -> String {
    format!("image-metadata-images-{}-us-east-1", world.account)
}

fn logs(world: &World) -> String {
    format!("image-metadata-uploads-bucket-{}-us-east-1", world.account)
}

/// Everything the lab comes to, as a listing shows it.
fn whole_lab(world: &World) -> Vec<String> {
    let mut all = vec![
        format!("bucket {}", images(world)),
        format!("bucket {}", logs(world)),
        format!("rule {RULE}"),
        format!("state machine {MACHINE}"),
        format!("table {TABLE}"),
        format!("trail {TRAIL}"),
    ];
    for function in ["extract-metadata", "rekognition-api"] {
        all.push(format!("function {function}-function"));
        all.push(format!("log group /aws/lambda/{function}-function"));
    }
    for role in [
        "extract-metadata",
        "rekognition-api",
        "pipeline",
        "photo-uploaded",
    ] {
        all.push(format!("role image-metadata-{role}-role-us-east-1"));
    }
    all.sort();
    all
}
