//! What comes to stand there between the plan and the deed.

use super::{OTHER_STACK, Scene};
use crate::kinds;
use crate::support::proxy::When;
use crate::support::{Clients, REGION};

/// What makes one of another stack's, in a thread of the proxy.
fn somebody(scene: &Scene, address: &'static str) -> impl Fn() + Send + Sync + 'static {
    let endpoint = scene.world.endpoint.clone();
    let account = scene.world.account.clone();
    let name = scene.names[address].clone();
    move || {
        let made = async {
            let clients = Clients::new(&endpoint, &account, REGION).await;
            let kind = kinds::at(address);
            kind.make(&clients, &name, OTHER_STACK).await;
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
    let mut all: Vec<_> = kinds::ALL
        .iter()
        .map(|kind| (kind, kind.sample()))
        .collect();
    // What others need comes after them, as somebody else's of it stands from then on.
    all.sort_by_key(|(_, sample)| sample.needs.is_empty());
    for (kind, sample) in all {
        let address = sample.address;
        scene.has(&kinds::sections_for(*kind));
        let (call, number) = kind.requests().last_look;
        let rule = scene.proxy.on(call).with(&scene.names[address]).nth(number);
        rule.then(When::Before, somebody(&scene, address));

        let ran = scene.deploy(&[]).ends(1);

        let failed = ran.events("failed");
        let failed: Vec<_> = failed.iter().map(|event| &event["address"]).collect();
        assert_eq!(failed, [address], "{}", ran.err);
        ran.says("since the plan was made")
            .says("nothing of it was created");
        scene.proxy.forget();
        let tags = scene.tags(address).await;
        assert_eq!(tags["treino:stack"], "other", "{address}");
        let now = scene.seen(&[address]).await;
        scene
            .plan(&[])
            .ends(1)
            .says("it belongs to the stack other");
        let destroyed = scene.destroy();
        // By a name that nothing has any longer, a destroy fails.
        let code = i32::from(!destroyed.events("nothing_owned").is_empty());
        destroyed.ends(code);
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
    let held = scene.held(&["bucket.b"]).await;
    assert!(held["bucket.b"].contains("kept.txt"), "{held:?}");
}
