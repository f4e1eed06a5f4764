//! Credentials: used for signing and never shown, even if an answer quotes them.

use serde_json::json;

use super::seen::Watched;
use crate::support::{Api, REGION, World};

const KEY: &str = "AKIAKEPTBACK00000021";
const SECRET: &str = "secret+access/key+kept+back+00000000022";
const TOKEN: &str = "session/token/kept/back/000000000000023==";

/// A server that quotes the request in every answer, as AWS does for a wrong signature.
fn quoting() -> Api {
    Api::answering(|asked| {
        let quoted = format!("{:?} {SECRET}", asked.headers);
        let message = format!("The canonical string should have been '{quoted}'");
        let body = format!(
            "<ErrorResponse><Error><Type>Sender</Type><Code>SignatureDoesNotMatch</Code><Message>{}</Message></Error></ErrorResponse>",
            message.replace('<', "&lt;").replace('"', "&quot;")
        );
        (403, body)
    })
}

#[tokio::test]
async fn credentials_of_the_caller_are_never_shown() {
    let world = World::new("credentials_of_the_caller_are_never_shown");
    let mut watched = Watched::new(&world, &[KEY, SECRET, TOKEN]);
    let api = quoting();
    let verbs: [&[&str]; 6] = [
        &["plan", "stacks/order-processing.yaml", "-v"],
        &["deploy", "stacks/order-processing.yaml", "--yes"],
        &["run", "order-processing", "--input", "{}"],
        &["logs", "order-processing"],
        &["status"],
        &["destroy", "order-processing", "--yes"],
    ];
    for json in [&[][..], &["--json"]] {
        for verb in verbs {
            let mut command = world.command();
            command
                .env("AWS_ACCESS_KEY_ID", KEY)
                .env("AWS_SECRET_ACCESS_KEY", SECRET)
                .env("AWS_SESSION_TOKEN", TOKEN)
                .env("AWS_REGION", REGION)
                .args(["--endpoint-url", &api.address])
                .args(verb)
                .args(json);
            watched.once(&mut command, 1).says("SignatureDoesNotMatch");
        }
    }
    let asked = api.take();
    assert!(asked.len() >= 12, "it was asked");
    for one in &asked {
        assert!(one.headers["authorization"].contains(KEY));
        assert_eq!(one.headers["x-amz-security-token"], TOKEN);
    }
    assert!(watched.printed().contains("(secret)"));
    watched.nothing_seen(&[]);
}

/// The same for credentials in files, in invalid files, and from a credential process.
#[tokio::test]
async fn credentials_in_the_configuration_are_never_shown() {
    let world = World::new("credentials_in_the_configuration_are_never_shown");
    let mut watched = Watched::new(&world, &[KEY, SECRET, TOKEN]);
    let api = quoting();
    let right = format!(
        "[default]\naws_access_key_id = {KEY}\naws_secret_access_key = {SECRET}\naws_session_token = {TOKEN}\n"
    );
    let given = json!({ "Version": 1, "AccessKeyId": KEY, "SecretAccessKey": SECRET, "SessionToken": TOKEN });
    let elsewhere = tempfile::tempdir().unwrap();
    let script = elsewhere.path().join("give.sh");
    std::fs::write(&script, format!("echo '{given}'\n")).unwrap();
    let broken = elsewhere.path().join("broken.sh");
    std::fs::write(
        &broken,
        format!("echo '{given},{SECRET}'; echo '{SECRET}' >&2; exit 3\n"),
    )
    .unwrap();
    let process =
        |path: &std::path::Path| format!("[default]\ncredential_process = sh {}\n", path.display());
    let cases = [
        (right.clone(), String::new()),
        (right.replace(" = ", " "), String::new()),
        (right.replace("[default]", "[default"), String::new()),
        (
            right.replace("aws_secret_access_key", "aws_secret_acess_key"),
            String::new(),
        ),
        (format!("{SECRET}\n{right}"), String::new()),
        (String::new(), process(&script)),
        (String::new(), process(&broken)),
    ];
    for (credentials, config) in cases {
        let files = [("credentials", &credentials), ("config", &config)];
        for (name, text) in files {
            std::fs::write(elsewhere.path().join(name), text).unwrap();
        }
        for json in [&[][..], &["--json"]] {
            let mut command = world.command();
            command
                .env(
                    "AWS_SHARED_CREDENTIALS_FILE",
                    elsewhere.path().join("credentials"),
                )
                .env("AWS_CONFIG_FILE", elsewhere.path().join("config"))
                .args([
                    "status",
                    "-v",
                    "--region",
                    REGION,
                    "--endpoint-url",
                    &api.address,
                ])
                .args(json);
            watched.once(&mut command, 1);
        }
    }
    assert!(!api.take().is_empty());
    watched.nothing_seen(&[]);
}
