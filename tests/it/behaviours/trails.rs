//! Rows about trails and their events.

use super::{BUCKET, FUNCTION, MACHINE, Scene, TRAIL, blocking, noted};
use crate::support::proxy::{Answer, When};

const HEARS: &str = "rules:\n  e:\n    put_object_in: b\n    via: cloudtrail\n    start: m\n";

#[tokio::test]
async fn row_17_a_trail_waits_for_its_buckets_policy() {
    let test = "row_17_a_trail_waits_for_its_buckets_policy";
    let scene = Scene::of(test, &[BUCKET, TRAIL]).await;
    let refused = "Incorrect S3 bucket policy is detected for bucket: lab-r-bucket";
    let rule = scene.proxy.on("cloudtrail:CreateTrail").first(2);
    rule.refuse(400, "InsufficientS3BucketPolicyException", refused);

    let deployed = scene.deploy().ends(0);

    noted(
        &deployed,
        "CloudTrail does not see the log bucket's policy yet",
    );
    assert_eq!(scene.proxy.count("cloudtrail:CreateTrail"), 3);
    scene.is_whole().await;
}

/// Trails of others, one of them a multi-region trail of another region.
fn crowded(scene: &Scene, others: usize) {
    let account = scene.world.account.clone();
    scene.proxy.on("cloudtrail:ListTrails").rewrite(move |_, _| {
        let trails: Vec<_> = (0..others)
            .map(|number| {
                let region = if number == 0 { "eu-west-1" } else { "us-east-1" };
                let arn = format!("arn:aws:cloudtrail:{region}:{account}:trail/other-{number}");
                serde_json::json!({ "TrailARN": arn, "Name": format!("other-{number}"), "HomeRegion": region })
            })
            .collect();
        serde_json::json!({ "Trails": trails }).to_string()
    });
    // Trails unknown to the emulator have no tags there.
    let tags = scene.proxy.on("cloudtrail:ListTags").with("trail/other-");
    tags.answer(|_| {
        let body = r#"{"ResourceTagList": []}"#;
        Some(Answer::made(200, "application/x-amz-json-1.1", body))
    });
}

#[tokio::test]
async fn row_18_a_sixth_trail_is_seen_coming() {
    let scene = Scene::of("row_18_a_sixth_trail_is_seen_coming", &[BUCKET, TRAIL]).await;
    crowded(&scene, 6);

    for ran in [scene.plan(), scene.deploy()] {
        ran.ends(1)
            .says("has 5 trails")
            .says("via: s3")
            .says("other-5");
    }
    assert_eq!(scene.proxy.changes(), Vec::<String>::new());

    // A fifth is not one too many.
    scene.proxy.forget();
    crowded(&scene, 5);
    scene.plan().ends(2);
}

#[tokio::test]
async fn row_56_trails_count_in_their_home_region() {
    let scene = Scene::of("row_56_trails_count_in_their_home_region", &[BUCKET, TRAIL]).await;
    let account = scene.world.account.clone();
    let listed = move |of: &[(&str, &str)]| {
        let trails = of.iter().enumerate().map(|(number, (region, account))| {
            let name = format!("other-{number}");
            let arn = format!("arn:aws:cloudtrail:{region}:{account}:trail/{name}");
            serde_json::json!({ "TrailARN": arn, "Name": name, "HomeRegion": region })
        });
        serde_json::json!({ "Trails": trails.collect::<Vec<_>>() }).to_string()
    };
    let own = account.as_str();
    // Multi-region trails of other regions, an organization's trails, and four of the account's here.
    let others = [
        ("eu-west-1", own),
        ("sa-east-1", own),
        ("us-east-1", "999988887777"),
        ("us-east-1", "999988887777"),
    ];
    let here = [("us-east-1", own); 5];
    for (trails, code) in [
        ([&others[..], &here[..4]].concat(), 2),
        ([&others[..], &here[..]].concat(), 1),
    ] {
        let body = listed(&trails);
        scene
            .proxy
            .on("cloudtrail:ListTrails")
            .rewrite(move |_, _| body.clone());
        let tags = scene.proxy.on("cloudtrail:ListTags").with("trail/other-");
        tags.answer(|_| {
            Some(Answer::made(
                200,
                "application/x-amz-json-1.1",
                r#"{"ResourceTagList": []}"#,
            ))
        });
        let planned = scene.plan().ends(code);
        if code == 1 {
            planned.says("has 5 trails").says("other-8");
        }
        scene.proxy.forget();
    }
}

#[tokio::test]
async fn row_18_a_trail_refused_after_all_says_the_same() {
    let test = "row_18_a_trail_refused_after_all_says_the_same";
    let scene = Scene::of(test, &[BUCKET, TRAIL]).await;
    let message = "User: 123456789012 already has 5 trails in us-east-1.";
    let rule = scene.proxy.on("cloudtrail:CreateTrail");
    rule.refuse(400, "MaximumNumberOfTrailsExceededException", message);
    scene
        .deploy()
        .ends(1)
        .says("already has 5 trails")
        .says("via: s3");
    assert_eq!(scene.proxy.count("cloudtrail:CreateTrail"), 1);
}

#[tokio::test]
async fn row_19_late_log_files_go_with_their_bucket() {
    let test = "row_19_late_log_files_go_with_their_bucket";
    let scene = Scene::of(test, &[BUCKET, TRAIL]).await;
    scene.deployed();
    let log = scene.bucket("r-bucket");
    scene.clients.put(&log, "AWSLogs/1.json.gz", b"x").await;
    for (number, call) in ["s3:ListObjectVersions", "s3:ListMultipartUploads"]
        .iter()
        .enumerate()
    {
        let (clients, log) = (scene.world.clients().await, log.clone());
        let late = scene.proxy.on(call).with(&log).first(2);
        late.then(When::After, move || {
            let key = format!("AWSLogs/late-{number}.json.gz");
            blocking(clients.put(&log, &key, b"x"));
        });
    }

    scene.is_gone_after_destroy().await;

    let order = scene.proxy.changes();
    let at = |name: &str| order.iter().position(|call| call == name).unwrap();
    assert!(at("cloudtrail:StopLogging") < at("cloudtrail:DeleteTrail"));
    // The log bucket is emptied only when nothing writes to it any more.
    let calls = scene.proxy.take();
    let gone = calls
        .iter()
        .position(|call| call.operation == "DeleteTrail");
    let emptied = calls
        .iter()
        .position(|call| call.path.contains("r-bucket") && call.service == "s3" && call.mutating);
    assert!(gone < emptied);
}

#[tokio::test]
async fn row_36_a_late_event_is_waited_for() {
    let test = "row_36_a_late_event_is_waited_for";
    let scene = Scene::of(test, &[BUCKET, TRAIL, MACHINE, HEARS]).await;
    let quick = br#"{"StartAt": "Done", "States": {"Done": {"Type": "Succeed"}}}"#;
    scene.world.file("machine.asl.json", quick);
    scene.deployed();
    let photo = scene.world.file("photo.jpg", b"no photo");
    let run = ["run", "lab", photo.to_str().unwrap()];
    // The trail's first events arrive late, after the waiting message.
    let looks = scene.proxy.on("states:ListExecutions").first(5);
    looks.rewrite(|_, _| r#"{"executions": []}"#.to_owned());
    scene
        .treino(&run)
        .ends(0)
        .says("on AWS a new trail can take minutes");

    // The wait ends, and the message names a way without it.
    scene.proxy.forget();
    let looks = scene.proxy.on("states:ListExecutions");
    looks.rewrite(|_, _| r#"{"executions": []}"#.to_owned());
    let run = [run[0], run[1], run[2], "--wait", "1s"];
    scene
        .treino(&run)
        .ends(1)
        .says("no execution started within")
        .says("--input starts the machine directly");
    scene.is_whole().await;
}

#[tokio::test]
async fn row_37_the_functions_of_the_lab_may_read_what_rekognition_reads() {
    let test = "row_37_the_functions_of_the_lab_may_read_what_rekognition_reads";
    let scene = Scene::of(test, &[FUNCTION]).await;
    let stack = "stacks/image-metadata.yaml";
    let planned = scene.treino(&["plan", stack, "--explain"]).ends(0);
    let roles = planned.event("roles");
    let granted = roles["grants"]["function.rekognition-api.role"].to_string();
    for action in [
        "s3:GetObject",
        "rekognition:DetectLabels",
        "rekognition:DetectFaces",
    ] {
        assert!(granted.contains(action), "{granted}");
    }
    let photos = format!(
        "arn:aws:s3:::image-metadata-images-{}-us-east-1/*",
        scene.world.account
    );
    assert!(granted.contains(&photos), "{granted}");

    // The definition retries throttling by Rekognition, and no error that a retry cannot fix.
    let lab = crate::support::repository("definitions/image-metadata.asl.json");
    let definition = std::fs::read_to_string(lab).unwrap();
    assert!(definition.contains("ProvisionedThroughputExceededException"));
    for never in [
        "InvalidS3ObjectException",
        "ImageTooLargeException",
        "InvalidImageFormatException",
    ] {
        assert!(!definition.contains(never), "{never}");
    }
}

#[tokio::test]
async fn row_38_a_rule_no_trail_feeds_is_said() {
    let test = "row_38_a_rule_no_trail_feeds_is_said";
    let other = "  other: {}\n";
    let over_the_other = TRAIL.replace("[b]", "[other]");
    let reading = format!("{TRAIL}    record: read\n");
    let scene = Scene::new(test).await;
    let says = "no trail of this stack records writes to `b`";
    for trail in ["", &over_the_other, &reading] {
        scene.has(&[BUCKET, other, trail, MACHINE, HEARS]);
        scene.plan().ends(2).says(says);
    }
    scene.has(&[BUCKET, other, TRAIL, MACHINE, HEARS]);
    let planned = scene.plan().ends(2);
    assert!(!planned.err.contains(says), "{}", planned.err);

    // An existing trail that does not log delivers no events either: the plan enables its logging.
    scene.deployed();
    let call = scene.clients.cloudtrail.stop_logging().name("lab-r");
    call.send().await.unwrap();
    let changes = scene.plan().ends(2).changes();
    assert_eq!(changes["trail.r"].1, ["logging"]);
}
