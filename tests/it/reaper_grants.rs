//! Buckets with names of their own: their policies allow the reaper's role to delete them.

use serde_json::{Value, json};

use crate::support::proxy::Proxy;
use crate::support::{Clients, World};

/// What the reaper's role may do is these statements.
const GRANTED: [&str; 2] = ["TreinoDeletesBucket", "TreinoDeletesObjects"];

struct Scene {
    world: World,
    clients: Clients,
}

impl Scene {
    async fn of(test: &str) -> Self {
        let world = World::new(test);
        let clients = world.clients().await;
        Self { world, clients }
    }

    /// Ends in the account, without a hyphen behind: the pattern of the role does not match it.
    fn name(&self, key: &str) -> String {
        format!("own-{key}-{}", self.world.account)
    }

    /// A stack with a bucket of its own name, another that has a policy, and one with a generated name.
    fn stack(&self, head: &str) -> String {
        let text = format!(
            "stack: lab\n{head}\nbuckets:\n  b: {{ name: {} }}\n  c:\n    name: {}\n    policy: {}\n  d: {{}}\n",
            self.name("b"),
            self.name("c"),
            self.written()
        );
        let path = self.world.file("lab.yaml", text.as_bytes());
        path.to_str().unwrap().to_owned()
    }

    fn written(&self) -> Value {
        let root = format!("arn:aws:iam::{}:root", self.world.account);
        let objects = format!("arn:aws:s3:::{}/*", self.name("c"));
        json!({ "Version": "2012-10-17", "Statement": [{ "Sid": "Readers", "Effect": "Allow",
            "Principal": { "AWS": root }, "Action": "s3:GetObject", "Resource": objects }] })
    }

    fn deploy(&self, head: &str) {
        let file = self.stack(head);
        self.world.treino(&["deploy", &file, "--yes"]).ends(0);
    }

    async fn statements(&self, bucket: &str) -> Vec<Value> {
        let call = self.clients.s3.get_bucket_policy().bucket(bucket);
        let Ok(seen) = call.send().await else {
            return Vec::new();
        };
        let policy: Value = serde_json::from_str(&seen.policy.unwrap()).unwrap();
        policy["Statement"].as_array().unwrap().clone()
    }

    /// The names of the statements of each bucket.
    async fn sids(&self) -> [Vec<String>; 3] {
        let generated = format!("lab-d-{}-{}", self.world.account, self.clients.region);
        let names = [self.name("b"), self.name("c"), generated];
        let mut found = [const { Vec::new() }; 3];
        for (found, name) in found.iter_mut().zip(names) {
            let all = self.statements(&name).await;
            let sids = all
                .iter()
                .map(|one| one["Sid"].as_str().unwrap().to_owned());
            found.extend(sids);
        }
        found
    }

    async fn is_granted(&self) {
        let [own, written, generated] = self.sids().await;
        assert_eq!(own, GRANTED);
        assert_eq!(written, ["Readers", GRANTED[0], GRANTED[1]]);
        assert_eq!(generated, Vec::<String>::new());
    }

    async fn is_not_granted(&self) {
        let [own, written, generated] = self.sids().await;
        assert_eq!((own.len(), generated.len()), (0, 0), "{own:?}");
        assert_eq!(written, ["Readers"]);
    }
}

#[tokio::test]
async fn a_bucket_with_a_name_of_its_own_lets_the_reaper_in() {
    let scene = Scene::of("a_bucket_with_a_name_of_its_own").await;
    let world = &scene.world;
    let says = "its policy allows AWS to delete it when the stack ends";
    let file = scene.stack("expires: 2h");
    let planned = world.treino(&["plan", &file]).ends(0);
    assert_eq!(planned.out.matches(says).count(), 2, "{}", planned.out);
    scene.deploy("expires: 2h");
    scene.is_granted().await;
    let role = scene.clients.iam.get_role().role_name("treino-reaper");
    let role = role.send().await.unwrap().role.unwrap();
    for one in scene.statements(&scene.name("b")).await {
        assert_eq!(
            one["Principal"]["AWS"]
                .to_string()
                .matches(&role.arn)
                .count(),
            1
        );
    }
    let again = world.treino(&["deploy", &file, "--yes"]).ends(0);
    drop(again.says("nothing to change"));

    // AWS shows the id of a role that was deleted: the policy lets nobody in, and is written again.
    let proxy = Proxy::before(&world.endpoint);
    let shown = proxy.on("s3:GetBucketPolicy");
    shown.replace(&role.arn, "AROAAAAAAAAAAAAAAAAAA");
    let planned = world.treino_at(&proxy.endpoint, &["plan", &file]).ends(0);
    assert_eq!(planned.changes().len(), 2, "{}", planned.out);
    // The id of the role that is there is no difference.
    proxy.forget();
    let shown = proxy.on("s3:GetBucketPolicy");
    shown.replace(&role.arn, &role.role_id);
    let planned = world.treino_at(&proxy.endpoint, &["plan", &file]).ends(0);
    assert!(planned.changes().is_empty(), "{}", planned.out);

    // Nothing is granted where nothing ends the stack.
    scene.deploy("expires: 2h\nself_destruct: off");
    scene.is_not_granted().await;
    scene.deploy("expires: never");
    scene.is_not_granted().await;
    world.treino(&["extend", "lab", "2h"]).ends(0);
    scene.is_granted().await;
    world.treino(&["extend", "lab", "--never"]).ends(0);
    scene.is_not_granted().await;
    world.treino(&["destroy", "lab", "--yes"]).ends(0);
}

/// What is not in the file is a difference, as of any bucket; what is there already, and in the file, stays.
#[tokio::test]
async fn a_bucket_that_is_taken_over_keeps_what_the_file_says() {
    let scene = Scene::of("a_bucket_that_is_taken_over_keeps").await;
    let (b, c) = (scene.name("b"), scene.name("c"));
    for name in [&b, &c] {
        let call = scene.clients.s3.create_bucket().bucket(name);
        call.send().await.unwrap();
    }
    let call = scene.clients.s3.put_bucket_policy().bucket(&c);
    let call = call.policy(scene.written().to_string());
    call.send().await.unwrap();
    let file = scene.stack("expires: 2h");
    let adopt = ["--adopt", "bucket.b", "--adopt", "bucket.c", "--yes"];
    let deploy = [&["deploy", &file][..], &adopt].concat();
    scene.world.treino(&deploy).ends(0);
    scene.is_granted().await;
    let again = scene.world.treino(&["deploy", &file, "--yes"]).ends(0);
    drop(again.says("nothing to change"));
    scene.world.treino(&["destroy", "lab", "--yes"]).ends(0);
}

/// The machine has the role of `defaults`, and the policies name it.
#[tokio::test]
async fn the_role_of_the_defaults_is_the_one_that_is_let_in() {
    let scene = Scene::of("the_role_of_the_defaults_is_let_in").await;
    let trust = json!({ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow",
        "Principal": { "Service": ["states.amazonaws.com", "lambda.amazonaws.com"] }, "Action": "sts:AssumeRole" }] });
    let call = scene.clients.iam.create_role().role_name("LabRole");
    let call = call.assume_role_policy_document(trust.to_string());
    let role = call.send().await.unwrap().role.unwrap().arn;
    scene.deploy(&format!("expires: 2h\ndefaults: {{ role: {role} }}"));
    scene.is_granted().await;
    for one in scene.statements(&scene.name("b")).await {
        assert!(one["Principal"]["AWS"].to_string().contains(&role), "{one}");
    }
    let machine = scene.clients.arn("states", "stateMachine:treino-reaper");
    let seen = scene.clients.states.describe_state_machine();
    let seen = seen.state_machine_arn(machine).send().await.unwrap();
    assert_eq!(seen.role_arn, role);
    scene.world.treino(&["destroy", "lab", "--yes"]).ends(0);
}
