//! Row 22: connections and their secrets.

use super::{CONNECTION, KEY, Scene, noted};
use crate::support::proxy::Answer;

fn state(from: &str, to: &str) -> impl Fn(&crate::support::proxy::Call, &str) -> String + use<> {
    let (from, to) = (format!("\"{from}\""), format!("\"{to}\""));
    move |_, body| body.replace(&from, &to)
}

#[tokio::test]
async fn row_22_a_connection_takes_its_time_and_its_secret_goes_with_it() {
    let test = "row_22_a_connection_takes_its_time_and_its_secret_goes_with_it";
    let scene = Scene::of(test, &[CONNECTION]).await;
    let looks = || {
        scene
            .proxy
            .on("events:DescribeConnection")
            .after("events:CreateConnection")
    };
    looks().first(1).rewrite(state("AUTHORIZED", "CREATING"));
    looks().nth(2).rewrite(state("AUTHORIZED", "AUTHORIZING"));

    let deployed = scene.deploy().ends(0);

    noted(&deployed, "the connection is not authorised yet");
    scene.proxy.forget();
    scene.plan().ends(0);
    let body = scene
        .clients
        .events
        .describe_connection()
        .name("lab-c")
        .send()
        .await
        .unwrap();
    let secret = body.secret_arn.unwrap();
    assert!(secret.contains("events!connection/lab-c/"), "{secret}");

    // The deletion of both takes time.
    let looks = scene
        .proxy
        .on("events:DescribeConnection")
        .after("events:DeleteConnection");
    let (arn, of) = (body.connection_arn.unwrap(), secret.clone());
    looks.first(2).answer(move |_| {
        let body = serde_json::json!({
            "ConnectionArn": arn, "Name": "lab-c", "ConnectionState": "DELETING",
            "AuthorizationType": "API_KEY", "SecretArn": of,
        });
        Some(Answer::made(
            200,
            "application/x-amz-json-1.1",
            body.to_string(),
        ))
    });
    let looks = scene.proxy.on("secretsmanager:DescribeSecret").first(2);
    looks.answer(move |_| {
        let body = serde_json::json!({ "ARN": secret, "Name": "events!connection/lab-c/1" });
        Some(Answer::made(
            200,
            "application/x-amz-json-1.1",
            body.to_string(),
        ))
    });
    let destroyed = scene.destroy().ends(0).says("verified:");

    noted(&destroyed, "the connection is being deleted");
    assert!(scene.proxy.count("secretsmanager:DescribeSecret") >= 3);
    assert!(scene.proxy.count("secretsmanager:ListSecrets") >= 2);
    assert_eq!(scene.proxy.count("secretsmanager:GetSecretValue"), 0);
    for ran in [deployed, destroyed] {
        let said = format!("{}{}", ran.out, ran.err);
        assert!(!said.contains(KEY), "{said}");
    }
    // It was sent to AWS once, in the request that needs it.
    let calls = scene.proxy.take();
    let telling: Vec<_> = calls
        .iter()
        .filter(|call| call.body.contains(KEY))
        .collect();
    assert_eq!(telling.len(), 1, "{telling:?}");
    assert_eq!(telling[0].operation, "CreateConnection");
}

#[tokio::test]
async fn row_22_a_secret_that_stays_is_no_proof() {
    let test = "row_22_a_secret_that_stays_is_no_proof";
    let scene = Scene::of(test, &[CONNECTION]).await;
    scene.deployed();
    scene
        .proxy
        .on("secretsmanager:ListSecrets")
        .rewrite(|_, _| {
            let name = "events!connection/lab-c/0d4e0a6c";
            serde_json::json!({ "SecretList": [{ "Name": name }] }).to_string()
        });

    scene.destroy().ends(3).says("lab-c is still listed");
}

#[tokio::test]
async fn row_22_a_connection_that_cannot_be_authorised_says_why() {
    let test = "row_22_a_connection_that_cannot_be_authorised_says_why";
    let scene = Scene::of(test, &[CONNECTION]).await;
    let looks = scene
        .proxy
        .on("events:DescribeConnection")
        .after("events:CreateConnection");
    let why = "The token endpoint answered 401.";
    looks.rewrite(move |_, body| {
        let mut seen: serde_json::Value = serde_json::from_str(body).unwrap();
        seen["ConnectionState"] = "DEAUTHORIZED".into();
        seen["StateReason"] = why.into();
        seen.to_string()
    });
    scene.deploy().ends(1).says(why);
    scene.proxy.forget();
    scene.is_gone_after_destroy().await;
}
