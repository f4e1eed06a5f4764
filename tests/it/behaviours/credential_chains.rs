//! Row 27, further: whose credentials are taken, keys that can be none, and which step of a chain of roles failed.

use std::process::Command;

use super::profiles::{ASSUMED, Scene, UNKNOWN_KEY};
use crate::support::{Api, CommandResult};

const CONFIG: &str = "\
[profile base]
aws_access_key_id = AKIABASE
aws_secret_access_key = secret-of-base
region = us-east-1
[profile role]
role_arn = arn:aws:iam::111122223333:role/Dev
source_profile = base
duration_seconds = 900
external_id = EXTERNAL
role_session_name = ana
region = us-east-1
[profile chain]
role_arn = arn:aws:iam::444455556666:role/Far
source_profile = role
region = us-east-1
[profile odd]
role_arn = arn:aws:iam::111122223333:role/Dev
source_profile = base
duration_seconds = 1h
region = us-east-1
[profile sso]
sso_start_url = https://class.awsapps.com/start
sso_region = us-east-1
sso_account_id = 111122223333
sso_role_name = Student
[profile of-sso]
role_arn = arn:aws:iam::111122223333:role/Dev
source_profile = sso
region = us-east-1
[profile fails]
credential_process = echo not-to-be-shown >&2; exit 3
[profile of-process]
role_arn = arn:aws:iam::111122223333:role/Dev
source_profile = fails
region = us-east-1
[profile self]
role_arn = arn:aws:iam::111122223333:role/Dev
source_profile = self
region = us-east-1
[profile self-keys]
role_arn = arn:aws:iam::111122223333:role/Dev
source_profile = self-keys
aws_access_key_id = AKIASELF
aws_secret_access_key = s
region = us-east-1
[profile round]
role_arn = arn:aws:iam::111122223333:role/Dev
source_profile = about
region = us-east-1
[profile about]
role_arn = arn:aws:iam::111122223333:role/Dev
source_profile = round
[profile of-environment]
role_arn = arn:aws:iam::111122223333:role/Dev
credential_source = Environment
region = us-east-1
[profile of-instance]
role_arn = arn:aws:iam::111122223333:role/Dev
credential_source = Ec2InstanceMetadata
region = us-east-1
[profile of-container]
role_arn = arn:aws:iam::111122223333:role/Dev
credential_source = EcsContainer
region = us-east-1
[profile of-nothing]
role_arn = arn:aws:iam::111122223333:role/Dev
region = us-east-1
[profile of-nonsense]
role_arn = arn:aws:iam::111122223333:role/Dev
credential_source = Nonsense
region = us-east-1
[profile half]
aws_access_key_id = AKIAHALF
region = us-east-1
[profile \"my class\"]
aws_access_key_id = AKIASPACED
aws_secret_access_key = s
region = us-east-1
[profile of-class]
role_arn = arn:aws:iam::111122223333:role/Dev
source_profile = my class
region = us-east-1
[profile broken-key]
aws_access_key_id = AKIA BROKEN
aws_secret_access_key = s
region = us-east-1
[profile broken-process]
credential_process = printf '{\"Version\":1,\"AccessKeyId\":\"AKIA\",\"SecretAccessKey\":\"s\",\"SessionToken\":\"HID\\\\nDEN\"}'
region = us-east-1
[profile old-process]
credential_process = echo '{\"Version\":1,\"AccessKeyId\":\"AKIA\",\"SecretAccessKey\":\"s\",\"Expiration\":\"2020-01-01T00:00:00Z\"}'
region = us-east-1
";

fn scene(test: &str, first: (u16, &str)) -> Scene {
    Scene::with(test, CONFIG, first)
}

/// The service that is asked first answers otherwise from now on.
fn answers(scene: &mut Scene, status: u16, body: &str) {
    let body = body.to_owned();
    scene.first = Api::answering(move |_| (status, body.clone()));
}

/// An error of STS.
fn sts(code: &str, message: &str) -> String {
    format!(
        "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error></ErrorResponse>"
    )
}

/// Runs it: one error, and one way out, which `says` all of it.
fn says(command: &mut Command, texts: &[&str]) -> String {
    let ran = CommandResult::of(command).ends(1);
    for text in texts {
        assert!(ran.err.contains(text), "no `{text}`:\n{}", ran.err);
    }
    assert_eq!(ran.err.matches("error:").count(), 1, "{}", ran.err);
    assert_eq!(ran.err.matches("help:").count(), 1, "{}", ran.err);
    ran.err
}

#[tokio::test]
async fn row_27_the_step_of_a_chain_that_failed_is_named() {
    let test = "row_27_the_step_of_a_chain_that_failed_is_named";
    let scene = scene(test, (403, UNKNOWN_KEY));
    for (profile, texts) in [
        (
            "of-sso",
            &["aws sso login --profile sso\n", "source of `of-sso`"][..],
        ),
        (
            "of-process",
            &[
                "`credential_process` of the profile `fails`",
                "exit status: 3",
            ],
        ),
        ("self", &["`self` -> `self`"]),
        ("round", &["`round` -> `about` -> `round`", "FOLDER/config"]),
        (
            "of-environment",
            &["AWS_ACCESS_KEY_ID is not set", "`of-environment`"],
        ),
        ("of-instance", &["Ec2InstanceMetadata", "`of-instance`"]),
        ("of-container", &["EcsContainer", "`of-container`"]),
        (
            "of-nothing",
            &["no `source_profile` or `credential_source`"],
        ),
        ("of-nonsense", &["`Nonsense`", "Ec2InstanceMetadata"]),
        ("odd", &["`duration_seconds`", "`1h`"]),
        ("half", &["no `aws_secret_access_key`"]),
    ] {
        let folder = scene.world.folder.path().to_string_lossy().into_owned();
        let texts: Vec<String> = texts
            .iter()
            .map(|text| text.replace("FOLDER", &folder))
            .collect();
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let said = says(scene.command().args(["--profile", profile]), &texts);
        assert!(!said.contains("trust policy"), "{said}");
        assert!(!said.contains("not-to-be-shown"), "{said}");
    }
    assert_eq!(scene.first.take().len() + scene.aws.take().len(), 0);
}

#[tokio::test]
async fn row_27_each_answer_of_assume_role_has_its_own_help() {
    let test = "row_27_each_answer_of_assume_role_has_its_own_help";
    let mut scene = scene(test, (400, ""));
    for (code, message, profile, help) in [
        (
            "ExpiredToken",
            "x",
            "role",
            "of the profile `base` have expired",
        ),
        (
            "InvalidClientTokenId",
            "x",
            "role",
            "not know the credentials of the profile `base`",
        ),
        (
            "SignatureDoesNotMatch",
            "x",
            "role",
            "secret access key of the profile `base`",
        ),
        (
            "RegionDisabledException",
            "x",
            "role",
            "STS is not active in us-east-1",
        ),
        (
            "ValidationError",
            "DurationSeconds exceeds",
            "role",
            "`duration_seconds` of the profile `role`",
        ),
        ("ValidationError", "x is invalid", "role", "`role_arn`"),
        (
            "AccessDenied",
            "x",
            "role",
            "trust policy must name the user or role of the profile `base`",
        ),
        (
            "AccessDenied",
            "x",
            "chain",
            "trust policy must name the user or role of the profile `base`",
        ),
        (
            "PackedPolicyTooLarge",
            "x",
            "role",
            "aws sts get-caller-identity --profile role",
        ),
    ] {
        answers(&mut scene, 400, &sts(code, message));
        let said = says(scene.command().args(["--profile", profile]), &[help, code]);
        assert_eq!(
            said.contains("trust policy"),
            code == "AccessDenied",
            "{said}"
        );
        assert_eq!(scene.aws.take().len(), 0);
    }
}

#[tokio::test]
async fn row_27_a_role_is_assumed_as_the_profile_says() {
    let test = "row_27_a_role_is_assumed_as_the_profile_says";
    let scene = scene(test, (200, ASSUMED));
    scene.plan("role").ends(1);
    let asked = scene.first.take();
    for part in [
        "DurationSeconds=900",
        "ExternalId=EXTERNAL",
        "RoleSessionName=ana",
    ] {
        assert!(asked[0].body.contains(part), "{}", asked[0].body);
    }
    for profile in ["self-keys", "of-class"] {
        scene.plan(profile).ends(1);
        assert_eq!(scene.first.take().len(), 1, "{profile}");
    }
}

#[tokio::test]
async fn row_27_a_name_with_a_space_is_a_profile() {
    let scene = scene("row_27_a_name_with_a_space_is_a_profile", (200, ""));
    scene.plan("my class").ends(1).says("AWS does not know");
    assert_eq!(scene.key(), "AKIASPACED");
    scene
        .plan("my clas")
        .ends(1)
        .says("did you mean `my class`?");
}

#[tokio::test]
async fn row_27_the_credentials_are_those_the_aws_cli_takes() {
    let test = "row_27_the_credentials_are_those_the_aws_cli_takes";
    let mut scene = scene(test, (200, ASSUMED));
    let with = |variables: &[(&str, &str)]| {
        let mut command = scene.command();
        command.envs(variables.iter().copied());
        command
    };
    let key = |variables: &[(&str, &str)]| {
        CommandResult::of(&mut with(variables)).ends(1);
        scene.key()
    };
    let other = ("AWS_PROFILE", "base");
    assert_eq!(key(&[("AWS_DEFAULT_PROFILE", "my class")]), "AKIASPACED");
    assert_eq!(
        key(&[("AWS_DEFAULT_PROFILE", "my class"), other]),
        "AKIABASE"
    );
    assert_eq!(key(&[("AWS_DEFAULT_PROFILE", ""), other]), "AKIABASE");
    says(
        &mut with(&[("AWS_DEFAULT_PROFILE", "lost")]),
        &["no profile `lost` (AWS_DEFAULT_PROFILE)"],
    );
    let (id, secret) = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY");
    for (set, missing) in [(id, secret), (secret, id)] {
        let half = format!("{missing} is missing");
        says(&mut with(&[(set, "AKIAHALF"), other]), &[&half]);
    }
    assert_eq!(scene.aws.take().len(), 0);
    // `--profile` goes before keys, also half ones.
    let mut named = with(&[(id, "AKIAHALF")]);
    CommandResult::of(named.args(["--profile", "base"])).ends(1);
    assert_eq!(scene.key(), "AKIABASE");
    // A web identity of the environment goes before the keys of a profile.
    let token = scene.world.folder.path().join("token");
    let body = ASSUMED.replace("AssumeRole", "AssumeRoleWithWebIdentity");
    answers(&mut scene, 200, &body);
    let mut command = scene.command();
    command
        .env("AWS_PROFILE", "base")
        .env("AWS_ROLE_ARN", "arn:aws:iam::111122223333:role/Web")
        .env("AWS_WEB_IDENTITY_TOKEN_FILE", token);
    CommandResult::of(&mut command).ends(1);
    assert_eq!(scene.key(), "ASIAROLE");
}

#[tokio::test]
async fn row_27_keys_that_no_header_takes_are_named_and_not_shown() {
    let test = "row_27_keys_that_no_header_takes_are_named_and_not_shown";
    let mut scene = scene(test, (200, ASSUMED));
    let good = [
        ("AWS_ACCESS_KEY_ID", "AKIA"),
        ("AWS_SECRET_ACCESS_KEY", "s"),
        ("AWS_SESSION_TOKEN", "t"),
    ];
    for (number, (name, _)) in good.into_iter().enumerate() {
        let mut keys = good;
        keys[number].1 = "HID\nDEN";
        let said = says(
            scene.command().envs(keys).env("AWS_REGION", "us-east-1"),
            &[name, "a line break"],
        );
        assert!(!said.contains("HID"), "{said}");
    }
    for (profile, part) in [
        (
            "broken-key",
            "`aws_access_key_id` of the profile `broken-key` contains a space",
        ),
        (
            "broken-process",
            "SessionToken that `credential_process` of the profile `broken-process`",
        ),
    ] {
        let said = says(scene.command().args(["--profile", profile]), &[part]);
        assert!(!said.contains("HID") && !said.contains("AKIA"), "{said}");
    }
    says(
        scene.command().args(["--profile", "old-process"]),
        &[
            "they ended at 2020-01-01T00:00:00Z",
            "get credential_process --profile old-process",
        ],
    );
    let sso = r#"{"roleCredentials":{"accessKeyId":"A\nB","secretAccessKey":"s","sessionToken":"t","expiration":4102444800000}}"#;
    answers(&mut scene, 200, sso);
    let scene = scene.signed_in("2100-01-01T00:00:00Z");
    says(
        scene.command().args(["--profile", "of-sso"]),
        &["`sso`", "a line break"],
    );
    assert_eq!(scene.aws.take().len(), 0);
}

#[tokio::test]
async fn a_bundle_that_is_no_certificate_is_an_error() {
    let test = "a_bundle_that_is_no_certificate_is_an_error";
    let scene = scene(test, (200, ""));
    let bad = scene.world.file(
        "bad.pem",
        b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
    );
    for setting in ["AWS_CA_BUNDLE", "ca_bundle"] {
        let mut command = scene.world.command();
        let path = bad.to_string_lossy();
        let config = format!("[default]\nregion = us-east-1\nca_bundle = {path}\n");
        scene.world.file("bundled", config.as_bytes());
        command
            .env("AWS_CONFIG_FILE", scene.world.folder.path().join("bundled"))
            .env("AWS_ACCESS_KEY_ID", "AKIA")
            .env("AWS_SECRET_ACCESS_KEY", "s")
            .args(["plan", "stacks/order-processing.yaml"]);
        if setting == "AWS_CA_BUNDLE" {
            command.env(setting, &bad);
        }
        says(
            &mut command,
            &[setting, "certificate 1 contains no X.509 certificate"],
        );
    }
}

#[tokio::test]
async fn what_leads_to_where_nothing_answers_is_named() {
    let scene = scene("what_leads_to_where_nothing_answers_is_named", (200, ""));
    let nowhere = "http://127.0.0.1:1";
    let plan = |variable: &str, value: &str| {
        let mut command = scene.world.command();
        command
            .env("AWS_ACCESS_KEY_ID", "AKIA")
            .env("AWS_SECRET_ACCESS_KEY", "s")
            .env("AWS_REGION", "us-east-1")
            .env("AWS_MAX_ATTEMPTS", "1")
            .env("NO_PROXY", "")
            .env("AWS_CONFIG_FILE", scene.world.folder.path().join("config"))
            .env(variable, value)
            .args(["plan", "stacks/order-processing.yaml"]);
        command
    };
    let refused = scene.first.address.clone();
    for variable in ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"] {
        for proxy in [nowhere, &refused] {
            let through = format!("through the proxy of {variable}");
            let check = format!("check {variable}");
            let said = says(&mut plan(variable, proxy), &[&through, &check]);
            assert!(!said.contains("--endpoint-url"), "{said}");
        }
    }
    for variable in ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_STS"] {
        let said = says(
            &mut plan(variable, nowhere),
            &[&format!("nothing answers at the endpoint of {variable}")],
        );
        assert!(!said.contains("--endpoint-url"), "{said}");
    }
    let config = format!("[profile far]\nendpoint_url = {nowhere}\n");
    scene.world.file("config", config.as_bytes());
    says(
        &mut plan("AWS_PROFILE", "far"),
        &["`endpoint_url` (the profile `far` in ", "/config"],
    );
    for (name, bytes, why) in [
        ("folder/x", &b""[..], "it is a folder"),
        (
            "latin",
            b"[default]\nregion = \xe9\n",
            "line 2 is not UTF-8 text",
        ),
        (
            "wrong",
            b"[default]\nregion\n",
            "wrong, line 2 cannot be read",
        ),
    ] {
        let path = scene.world.file(name, bytes);
        let path = if why.contains("folder") {
            path.parent().unwrap().to_owned()
        } else {
            path
        };
        let path = path.to_string_lossy();
        says(&mut plan("AWS_CONFIG_FILE", &path), &[why, &path]);
    }
    let marked = b"\xef\xbb\xbf[profile far]\r\nendpoint_url = http://127.0.0.1:1\r\n";
    scene.world.file("config", marked);
    says(&mut plan("AWS_PROFILE", "far"), &["the profile `far`"]);
}
