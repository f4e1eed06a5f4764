//! Object versions that Object Lock keeps.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

use aws_sdk_s3::primitives::DateTime;
use aws_sdk_s3::types::{
    BucketVersioningStatus, ObjectLockConfiguration, ObjectLockEnabled, ObjectLockRetention,
    ObjectLockRetentionMode,
};

use super::objects::versioning;
use super::{BUCKET, Scene, receipt};

/// A bucket with a version in governance mode, and others that nothing keeps.
async fn locked(test: &str) -> Scene {
    let scene = Scene::of(test, &[BUCKET]).await;
    let (s3, bucket) = (&scene.clients.s3, scene.bucket("b"));
    versioning(&scene.clients, &bucket, BucketVersioningStatus::Enabled).await;
    for key in ["kept.txt", "kept too.txt", "other.txt"] {
        scene.clients.put(&bucket, key, b"x").await;
    }
    let lock = ObjectLockConfiguration::builder().object_lock_enabled(ObjectLockEnabled::Enabled);
    let call = s3.put_object_lock_configuration().bucket(&bucket);
    call.object_lock_configuration(lock.build())
        .send()
        .await
        .unwrap();
    let until = SystemTime::now() + Duration::from_hours(24);
    let retention = ObjectLockRetention::builder().mode(ObjectLockRetentionMode::Governance);
    let retention = retention.retain_until_date(DateTime::from(until)).build();
    for key in ["kept.txt", "kept too.txt"] {
        let call = s3.put_object_retention().bucket(&bucket).key(key);
        call.retention(retention.clone()).send().await.unwrap();
    }
    scene
}

/// How many deletions ask for what is locked in governance mode.
fn bypassed(scene: &Scene) -> Arc<AtomicUsize> {
    let count = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&count);
    scene.proxy.on("s3:DeleteObjects").ask(move |request| {
        let bypasses = request
            .header("x-amz-bypass-governance-retention")
            .is_some();
        counted.fetch_add(usize::from(bypasses), Ordering::Relaxed);
    });
    count
}

#[tokio::test]
async fn a_version_in_governance_mode_is_deleted_where_that_is_said() {
    let test = "a_version_in_governance_mode_is_deleted_where_that_is_said";
    let scene = locked(test).await;
    let bypassed = bypassed(&scene);

    let destroyed = scene.destroy().ends(1);

    destroyed
        .says("(and 1 more)")
        .says("in governance mode until 2")
        .says("`treino destroy lab --bypass-governance --endpoint-url http://127.0.0.1:");
    assert_eq!(bypassed.load(Ordering::Relaxed), 0);

    // Who lacks the permission is told so.
    let denied = "User: sam is not authorized to perform: s3:BypassGovernanceRetention";
    let words = ["destroy", "lab", "--yes", "--bypass-governance"];
    let bypassing = || scene.world.treino_at(&scene.proxy.endpoint, &words);
    scene.proxy.forget();
    let second = scene.proxy.on("s3:DeleteObjects").nth(2);
    second.fail_inside("AccessDenied", denied);
    bypassing()
        .ends(1)
        .says("allow these credentials `s3:BypassGovernanceRetention`");
    scene.proxy.forget();

    receipt(&bypassing().ends(0));
    scene.is_empty().await;
}

#[tokio::test]
async fn a_version_in_compliance_mode_is_left_and_said() {
    let test = "a_version_in_compliance_mode_is_left_and_said";
    let scene = locked(test).await;
    let answers = scene.proxy.on("s3:GetObjectRetention");
    answers.replace("GOVERNANCE", "COMPLIANCE");

    let destroyed = scene.destroy().ends(1);

    destroyed
        .says("in compliance mode until 2")
        .says("nobody can delete it before")
        .says("part of it was deleted, the rest still exists");
    assert_eq!(scene.clients.everything().await.len(), 1);
    // Of what is left, the second destroy deletes nothing.
    let second = scene.destroy().ends(1).says("(it still exists)");
    assert_eq!(second.event("failed")["error"]["leftover"], "whole");
    scene.proxy.forget();
    let words = ["destroy", "lab", "--yes", "--bypass-governance"];
    scene.world.treino(&words).ends(0);
    scene.is_empty().await;
}

/// Without a lock, the flag changes nothing: AWS refuses the header for such a bucket.
#[tokio::test]
async fn the_flag_is_not_sent_where_nothing_is_locked() {
    let test = "the_flag_is_not_sent_where_nothing_is_locked";
    let scene = Scene::of(test, &[BUCKET]).await;
    scene
        .clients
        .put(&scene.bucket("b"), "other.txt", b"x")
        .await;
    let words = ["destroy", "lab", "--yes", "--bypass-governance"];
    let bypassed = bypassed(&scene);

    receipt(&scene.world.treino_at(&scene.proxy.endpoint, &words).ends(0));

    assert_eq!(scene.proxy.count("s3:DeleteObjects"), 1);
    assert_eq!(bypassed.load(Ordering::Relaxed), 0);
    scene.is_empty().await;
}
