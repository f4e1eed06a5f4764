//! What comes to stand there between the plan and the deed.

use super::made::make;
use super::{OTHER_STACK, Scene};
use crate::support::proxy::When;
use crate::support::{Clients, REGION};

/// Each kind with the sections it needs, and the request at which somebody makes theirs: by its
/// number, of those that name it. Where AWS makes and changes alike, that is treino's own last look.
const MADE: [(&str, &str, &str, usize); 11] = [
    (
        "trail.l",
        "buckets: { b: {} }\ntrails: { l: { objects_of: [b] } }\n",
        "cloudtrail:CreateTrail",
        1,
    ),
    (
        "rule.e",
        "state_machines: { m: { definition: machine.asl.json } }\nrules: { e: { schedule: rate(1 hour), start: m } }\n",
        "events:DescribeRule",
        2,
    ),
    (
        "state_machine.m",
        "state_machines: { m: { definition: machine.asl.json } }\n",
        "states:CreateStateMachine",
        1,
    ),
    ("bucket.b", "buckets: { b: {} }\n", "s3:GetBucketTagging", 2),
    (
        "connection.c",
        "connections: { c: { api_key: { header: x-key, value: '${env:LAB_KEY}' } } }\n",
        "events:CreateConnection",
        1,
    ),
    (
        "directory_bucket.d",
        "directory_buckets: { d: { zone: use1-az4 } }\n",
        "s3:CreateBucket",
        1,
    ),
    (
        "function.f",
        "functions:\n  f: { code: code, handler: app.handler, runtime: python3.13 }\n",
        "lambda:CreateFunction",
        1,
    ),
    (
        "log_group.g",
        "log_groups: { g: {} }\n",
        "logs:CreateLogGroup",
        1,
    ),
    (
        "role.r",
        "roles: { r: { assumed_by: [lambda.amazonaws.com] } }\n",
        "iam:CreateRole",
        1,
    ),
    (
        "table.t",
        "tables: { t: { partition_key: id } }\n",
        "dynamodb:CreateTable",
        1,
    ),
    ("vault.v", "vaults: { v: {} }\n", "glacier:CreateVault", 1),
];

/// What makes one of another stack's, in a thread of the proxy.
fn somebody(scene: &Scene, address: &'static str) -> impl Fn() + Send + Sync + 'static {
    let endpoint = scene.world.endpoint.clone();
    let account = scene.world.account.clone();
    let name = scene.names[address].clone();
    move || {
        let made = async {
            let clients = Clients::new(&endpoint, &account, REGION).await;
            make(&clients, address, &name, OTHER_STACK).await;
        };
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        runtime.unwrap().block_on(made);
    }
}

/// The user thinks about the plan for a while, and somebody else is quicker.
#[tokio::test]
async fn what_took_the_name_since_the_plan_is_left_alone() {
    let scene = Scene::new("what_took_the_name_since_the_plan_is_left_alone").await;
    for (address, sections, call, number) in MADE {
        scene.has(sections);
        let name = scene.names[address].clone();
        let rule = scene.proxy.on(call).with(&name).nth(number);
        rule.then(When::Before, somebody(&scene, address));

        let ran = scene.deploy(&[]).ends(1);

        let failed = ran.events("failed");
        let failed: Vec<_> = failed.iter().map(|event| &event["address"]).collect();
        assert_eq!(failed, [address], "{}", ran.err);
        ran.says("since the plan was made")
            .says("nothing of it is left behind");
        scene.proxy.forget();
        let kind = address.split_once('.').unwrap().0;
        let tags = super::seen::tags(&scene.clients, kind, &name).await;
        assert_eq!(tags["treino:stack"], "other", "{address}");
        let now = scene.seen(&[address]).await;
        scene
            .plan(&[])
            .ends(1)
            .says("it belongs to the stack other");
        scene.destroy().ends(0);
        Scene::same(&now, &scene.seen(&[address]).await);
    }
}

/// The proof of a destroy deletes again what came back, and not what somebody else made.
#[tokio::test]
async fn what_took_a_name_that_became_free_is_left_alone() {
    let test = "what_took_a_name_that_became_free_is_left_alone";
    let scene = Scene::of(test, "buckets: { b: {} }\n").await;
    scene.deploy(&[]).ends(0);
    let rule = scene.proxy.on("s3:DeleteBucket").first(1);
    rule.then(When::After, somebody(&scene, "bucket.b"));

    let ran = scene.destroy().ends(0);

    ran.says("another one has this name now: it belongs to the stack other");
    assert_eq!(scene.proxy.count("s3:DeleteBucket"), 1);
    let held = super::seen::contents(&scene.clients, "bucket", &scene.names["bucket.b"]).await;
    assert!(held.contains("kept.txt"), "{held}");
}
