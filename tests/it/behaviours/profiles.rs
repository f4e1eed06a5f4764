//! Row 27: profiles of every sort the AWS CLI takes, and what is wrong with one, in one sentence.

use std::process::Command;

use crate::support::{Api, CommandResult, World};

const CONFIG: &str = "\
[profile sso]
sso_session = class
sso_account_id = 111122223333
sso_role_name = Student
region = us-east-1
[sso-session class]
sso_start_url = https://class.awsapps.com/start
sso_region = us-east-1
sso_registration_scopes = sso:account:access
[profile sso-old]
sso_start_url = https://class.awsapps.com/start
sso_region = us-east-1
sso_account_id = 111122223333
sso_role_name = Student
region = us-east-1
[profile sso-lost]
sso_session = nowhere
sso_account_id = 111122223333
sso_role_name = Student
region = us-east-1
[profile login]
login_session = arn:aws:iam::111122223333:user/eu
region = us-east-1
[profile process]
credential_process = sh FOLDER/keys.sh
region = us-east-1
[profile process-fails]
credential_process = sh FOLDER/no-such-program
region = us-east-1
[profile process-talks]
credential_process = echo no JSON
region = us-east-1
[profile role]
role_arn = arn:aws:iam::111122223333:role/Dev
source_profile = keys
region = us-east-1
[profile chain]
role_arn = arn:aws:iam::444455556666:role/Far
source_profile = role
region = us-east-1
[profile mfa]
role_arn = arn:aws:iam::111122223333:role/Dev
source_profile = keys
mfa_serial = arn:aws:iam::111122223333:mfa/eu
region = us-east-1
[profile sourceless]
role_arn = arn:aws:iam::111122223333:role/Dev
source_profile = gone
region = us-east-1
[profile web]
role_arn = arn:aws:iam::111122223333:role/Web
web_identity_token_file = FOLDER/token
region = us-east-1
[profile web-lost]
role_arn = arn:aws:iam::111122223333:role/Web
web_identity_token_file = FOLDER/no-such-token
region = us-east-1
[profile keys]
aws_access_key_id = AKIAKEYS
aws_secret_access_key = secret-of-keys
region = us-east-1
[profile regionless]
aws_access_key_id = AKIAKEYS
aws_secret_access_key = secret-of-keys
[profile empty]
region = us-east-1
";

pub(super) const ASSUMED: &str = "<AssumeRoleResponse><AssumeRoleResult><AssumedRoleUser><AssumedRoleId>A:s</AssumedRoleId>\
    <Arn>arn:aws:sts::111122223333:assumed-role/Dev/s</Arn></AssumedRoleUser><Credentials><AccessKeyId>ASIAROLE\
    </AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken>\
    <Expiration>2100-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>";

/// What is asked first, and AWS itself.
pub(super) struct Scene {
    pub(super) world: World,
    pub(super) first: Api,
    pub(super) aws: Api,
}

impl Scene {
    fn new(test: &str, first: (u16, &str)) -> Self {
        Self::with(test, CONFIG, first)
    }

    pub(super) fn with(test: &str, config: &str, first: (u16, &str)) -> Self {
        let world = World::new(test);
        let folder = world.folder.path().to_owned();
        let config = config.replace("FOLDER", &folder.to_string_lossy());
        world.file("config", config.as_bytes());
        let keys = br#"echo '{"Version":1,"AccessKeyId":"AKIAPROCESS","SecretAccessKey":"s"}'"#;
        world.file("keys.sh", keys);
        world.file("token", b"token-of-another-provider");
        let (status, body) = (first.0, first.1.to_owned());
        Self {
            world,
            first: Api::answering(move |_| (status, body.clone())),
            aws: Api::answering(|_| (403, UNKNOWN_KEY.to_owned())),
        }
    }

    /// A token as `aws sso login` writes it: for a session, or the start URL of an older profile.
    pub(super) fn signed_in(self, until: &str) -> Self {
        let token = format!(
            r#"{{"accessToken":"t","expiresAt":"{until}","region":"us-east-1","startUrl":"https://class.awsapps.com/start"}}"#
        );
        for of in [
            "8d767bf5b72373d12f0efd4406677e9ed076f592",
            "4be129704394549ef77cffed41a8ffc1f55815ec",
        ] {
            let file = format!(".aws/sso/cache/{of}.json");
            self.world.file(&file, token.as_bytes());
        }
        self
    }

    pub(super) fn command(&self) -> Command {
        let mut command = self.world.command();
        command
            .env("HOME", self.world.folder.path())
            .env("AWS_CONFIG_FILE", self.world.folder.path().join("config"))
            .env("AWS_ENDPOINT_URL_SSO", &self.first.address)
            .env("AWS_ENDPOINT_URL_STS", &self.first.address)
            .env("AWS_MAX_ATTEMPTS", "1")
            .args(["plan", "stacks/order-processing.yaml"])
            .args(["--endpoint-url", &self.aws.address]);
        command
    }

    pub(super) fn plan(&self, profile: &str) -> CommandResult {
        CommandResult::of(self.command().args(["--profile", profile]))
    }

    /// The key with which AWS was asked.
    pub(super) fn key(&self) -> String {
        let asked = self.aws.take();
        let header = &asked.first().expect("AWS is asked").headers["authorization"];
        let rest = header.split_once("Credential=").expect("it is signed").1;
        rest.split('/').next().unwrap().to_owned()
    }
}

pub(super) const UNKNOWN_KEY: &str = "<ErrorResponse><Error><Type>Sender</Type><Code>InvalidClientTokenId</Code>\
    <Message>The security token included in the request is invalid.</Message></Error></ErrorResponse>";

#[tokio::test]
async fn row_27_an_sso_session_gives_keys() {
    let keys = r#"{"roleCredentials":{"accessKeyId":"ASIASSO","secretAccessKey":"s","sessionToken":"t","expiration":4102444800000}}"#;
    let scene = Scene::new("row_27_an_sso_session_gives_keys", (200, keys));
    let scene = scene.signed_in("2100-01-01T00:00:00Z");
    for profile in ["sso", "sso-old"] {
        scene.plan(profile).ends(1).says("AWS does not know");
        assert_eq!(scene.key(), "ASIASSO", "{profile}");
    }
}

#[tokio::test]
async fn row_27_an_sso_session_that_ended_says_how_to_sign_in() {
    let test = "row_27_an_sso_session_that_ended_says_how_to_sign_in";
    let signed_out =
        r#"{"__type":"UnauthorizedException","message":"Session token not found or invalid"}"#;
    let never = Scene::new(test, (401, signed_out));
    let says = |scene: &Scene| {
        for profile in ["sso", "sso-old"] {
            scene
                .plan(profile)
                .ends(1)
                .says(&format!("the profile `{profile}` is not signed in"))
                .says(&format!("aws sso login --profile {profile}"));
        }
        assert_eq!(scene.aws.take().len(), 0);
    };
    says(&never);
    let expired = never.signed_in("2020-01-01T00:00:00Z");
    says(&expired);
    says(&expired.signed_in("2100-01-01T00:00:00Z"));
}

#[tokio::test]
async fn row_27_a_role_is_assumed_also_through_another() {
    let scene = Scene::new(
        "row_27_a_role_is_assumed_also_through_another",
        (200, ASSUMED),
    );
    for (profile, asked) in [("role", 1), ("chain", 2)] {
        scene.plan(profile).ends(1).says("AWS does not know");
        assert_eq!(scene.key(), "ASIAROLE", "{profile}");
        assert_eq!(scene.first.take().len(), asked, "{profile}");
    }
}

#[tokio::test]
async fn row_27_a_web_identity_is_exchanged() {
    let body = ASSUMED.replace("AssumeRole", "AssumeRoleWithWebIdentity");
    let scene = Scene::new("row_27_a_web_identity_is_exchanged", (200, &body));
    scene.plan("web").ends(1).says("AWS does not know");
    assert_eq!(scene.key(), "ASIAROLE");
}

#[tokio::test]
async fn row_27_what_is_wrong_with_a_profile_is_one_sentence() {
    let denied = "<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>User: \
        arn:aws:iam::111122223333:user/eu is not authorized to perform: sts:AssumeRole on resource: \
        arn:aws:iam::111122223333:role/Dev</Message></Error></ErrorResponse>";
    let test = "row_27_what_is_wrong_with_a_profile_is_one_sentence";
    let scene = Scene::new(test, (403, denied));
    for profile in [
        "nowhere-to-be-found",
        "rol",
        "empty",
        "sso-lost",
        "login",
        "process-fails",
        "process-talks",
        "role",
        "mfa",
        "sourceless",
        "web",
        "web-lost",
        "regionless",
    ] {
        let ran = scene.plan(profile).ends(1);
        let shown = ran
            .err
            .replace(&*scene.world.folder.path().to_string_lossy(), "FOLDER");
        insta::assert_snapshot!(format!("profile_{profile}"), shown);
        assert_eq!(ran.err.matches("error:").count(), 1, "{}", ran.err);
        assert_eq!(ran.err.matches("help:").count(), 1, "{}", ran.err);
    }
    assert_eq!(scene.aws.take().len(), 0, "AWS was asked");
}

#[tokio::test]
async fn row_27_a_named_profile_goes_before_keys_of_the_environment() {
    let test = "row_27_a_named_profile_goes_before_keys_of_the_environment";
    let scene = Scene::new(test, (403, ""));
    let with_keys = || {
        let mut command = scene.command();
        command
            .env("AWS_ACCESS_KEY_ID", "AKIAENVIRONMENT")
            .env("AWS_SECRET_ACCESS_KEY", "s");
        command
    };
    CommandResult::of(with_keys().args(["--profile", "keys"])).ends(1);
    assert_eq!(scene.key(), "AKIAKEYS");
    CommandResult::of(with_keys().env("AWS_PROFILE", "keys")).ends(1);
    assert_eq!(scene.key(), "AKIAENVIRONMENT");
    CommandResult::of(with_keys().env("AWS_PROFILE", "lost"))
        .ends(1)
        .says("no profile `lost`");
    CommandResult::of(scene.command().env("AWS_PROFILE", "process")).ends(1);
    assert_eq!(scene.key(), "AKIAPROCESS");
}

#[tokio::test]
async fn a_proxy_of_the_environment_is_used_but_not_to_this_machine() {
    let test = "a_proxy_of_the_environment_is_used_but_not_to_this_machine";
    let scene = Scene::new(test, (403, UNKNOWN_KEY));
    let through = |endpoint: &str, variable: &str, exempt: &str| {
        let mut command = scene.world.command();
        command
            .env("AWS_ACCESS_KEY_ID", "AKIAKEYS")
            .env("AWS_SECRET_ACCESS_KEY", "s")
            .env("AWS_REGION", "us-east-1")
            .env("AWS_MAX_ATTEMPTS", "1")
            .env(variable, &scene.first.address)
            .env("NO_PROXY", exempt)
            .args(["plan", "stacks/order-processing.yaml"])
            .args(["--endpoint-url", endpoint]);
        CommandResult::of(&mut command).ends(1);
        scene
            .first
            .take()
            .into_iter()
            .map(|one| one.what)
            .collect::<Vec<_>>()
    };
    let plain = through("http://aws.invalid", "HTTP_PROXY", "");
    assert_eq!(
        plain.first().map(String::as_str),
        Some("POST http://aws.invalid/")
    );
    let secure = through("https://aws.invalid", "https_proxy", "");
    assert_eq!(
        secure.first().map(String::as_str),
        Some("CONNECT aws.invalid:443")
    );
    assert_eq!(
        through("http://aws.invalid", "HTTP_PROXY", "aws.invalid"),
        Vec::<String>::new()
    );
    assert_eq!(
        through(&scene.aws.address, "HTTP_PROXY", ""),
        Vec::<String>::new()
    );
    assert_eq!(scene.aws.take().len(), 1);
}
