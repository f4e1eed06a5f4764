//! What `--adopt` names becomes the stack's: its mark, its settings, and what it holds is kept.

use std::collections::BTreeMap;

use aws_sdk_glacier::primitives::ByteStream;
use aws_sdk_s3::types::{Event, LambdaFunctionConfiguration, NotificationConfiguration};
use treino::stack::Kind;

use super::in_the_way::unmarked;
use super::{Mark, NOBODYS, OTHER_OWNER, OTHER_STACK, Scene, adopt, in_the_way};
use crate::kinds;

/// All of it is taken over, with `from`, and goes with the stack; `theirs` destroys nothing of it.
async fn is_taken_over(test: &str, addresses: &[&str], mark: Mark, from: &[&str], theirs: &[&str]) {
    let scene = Scene::new(test).await;
    scene.holds(addresses, mark).await;
    let archive = if addresses.contains(&"vault.v") {
        let call = scene.clients.glacier.upload_archive().account_id("-");
        let call = call.vault_name(&scene.names["vault.v"]);
        let call = call.body(ByteStream::from_static(b"kept"));
        call.send().await.unwrap().archive_id
    } else {
        None
    };
    let held = scene.held(addresses).await;
    let flags: Vec<&str> = adopt(addresses)
        .into_iter()
        .chain(from.iter().copied())
        .collect();

    let planned = scene.plan(&flags).ends(0);
    assert_eq!(in_the_way(&planned), BTreeMap::new());
    let changes = planned.changes();
    for address in addresses {
        let setting = kinds::at(address).made_otherwise();
        let (action, paths) = &changes[*address];
        assert_eq!(action, "update", "{address}");
        let field = |path: &String| path.split(['.', '[']).next() == Some(setting);
        assert!(paths.iter().any(field), "{setting} of {address}: {paths:?}");
        assert!(
            paths.contains(&"tags.treino:address".to_owned()),
            "{address}: {paths:?}"
        );
        assert!(
            planned.why(address).starts_with("taken over from "),
            "{}",
            planned.why(address)
        );
    }
    let said = format!("{} are taken over", addresses.len());
    assert!(planned.err.contains(&said), "{}", planned.err);
    scene.changed_nothing();

    scene.deploy(&flags).ends(0);
    for address in addresses {
        let tags = scene.tags(address).await;
        let mark = [("treino:address", *address), ("treino:stack", "lab")];
        let mark = mark.map(|(key, value)| (key.to_owned(), value.to_owned()));
        assert_eq!(tags, mark.into(), "{address}");
    }
    assert_eq!(scene.held(addresses).await, held);
    scene.plan(&["--exit-code"]).ends(0);

    // Whose it was has it no longer.
    scene.proxy.take();
    let owned = scene.treino(theirs).says("has no resources");
    // The name is known where another owner's copy has it.
    assert_eq!(
        owned.code,
        i32::from(!owned.event("nothing_owned")["known"].as_bool().unwrap())
    );
    scene.changed_nothing();
    scene.plan(&["--exit-code"]).ends(0);

    if let Some(archive) = archive {
        let call = scene.clients.glacier.delete_archive().account_id("-");
        let call = call.vault_name(&scene.names["vault.v"]);
        call.archive_id(archive).send().await.unwrap();
    }
    scene.destroy().ends(0).says("verified:");
    let left = format!("bucket theirs-{}", scene.world.account);
    assert_eq!(scene.clients.everything().await, [left]);
}

#[tokio::test]
async fn what_is_nobodys_is_taken_over() {
    let test = "what_is_nobodys_is_taken_over";
    let theirs = ["destroy", "other", "--yes"];
    is_taken_over(test, &unmarked(), NOBODYS, &[], &theirs).await;
}

#[tokio::test]
async fn what_is_another_stacks_is_taken_over() {
    let test = "what_is_another_stacks_is_taken_over";
    let theirs = ["destroy", "other", "--yes"];
    is_taken_over(
        test,
        &kinds::addresses(),
        OTHER_STACK,
        &["--take-from", "other"],
        &theirs,
    )
    .await;
}

#[tokio::test]
async fn what_is_another_owners_is_taken_over() {
    let test = "what_is_another_owners_is_taken_over";
    let theirs = ["destroy", "lab", "--owner", "bob", "--yes"];
    is_taken_over(
        test,
        &kinds::addresses(),
        OTHER_OWNER,
        &["--take-from", "lab:bob"],
        &theirs,
    )
    .await;
}

/// One is taken over, and the others stay in the way.
#[tokio::test]
async fn only_what_is_named_is_taken_over() {
    let scene = Scene::new("only_what_is_named_is_taken_over").await;
    let all = kinds::addresses();
    scene.holds(&all, OTHER_STACK).await;
    let before = scene.seen(&all).await;
    for address in ["bucket.b", "connection.c", "vault.v"] {
        let flags = ["--adopt", address, "--take-from", "other"];
        let planned = scene.plan(&flags).ends(1);
        let left: Vec<String> = in_the_way(&planned).into_keys().collect();
        let others: Vec<&str> = all.iter().copied().filter(|of| *of != address).collect();
        assert_eq!(left, others);
    }
    scene
        .deploy(&["--adopt", "table.t", "--take-from", "other"])
        .ends(1);
    scene.changed_nothing();
    Scene::same(&before, &scene.seen(&all).await);
}

/// What treino does not write of a bucket's notifications stays when it writes its own.
#[tokio::test]
async fn the_notifications_of_a_bucket_are_kept() {
    let test = "the_notifications_of_a_bucket_are_kept";
    let scene = Scene::of(test, "buckets: { b: { events: true } }\n").await;
    scene.holds(&["bucket.b"], NOBODYS).await;
    let name = &scene.names["bucket.b"];
    let function = kinds::of(Kind::Function);
    function.make(&scene.clients, "theirs", NOBODYS).await;
    let function = LambdaFunctionConfiguration::builder()
        .id("theirs")
        .lambda_function_arn(scene.clients.arn("lambda", "function:theirs"))
        .events(Event::S3ObjectCreated);
    let all = NotificationConfiguration::builder();
    let all = all.lambda_function_configurations(function.build().unwrap());
    let call = scene.clients.s3.put_bucket_notification_configuration();
    let call = call.bucket(name).notification_configuration(all.build());
    call.send().await.unwrap();

    scene.deploy(&["--adopt", "bucket.b"]).ends(0);

    let call = scene.clients.s3.get_bucket_notification_configuration();
    let seen = call.bucket(name).send().await.unwrap();
    assert!(seen.event_bridge_configuration().is_some());
    let functions = seen.lambda_function_configurations().iter();
    let functions: Vec<_> = functions.map(|function| function.id()).collect();
    assert_eq!(functions, [Some("theirs")]);
    scene.plan(&["--exit-code"]).ends(0);
}
