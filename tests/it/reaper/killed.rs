//! A deploy is killed at one of its requests: what exists then ends by itself.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{is_over, lab, text, waiting};
use crate::support::proxy::{Proxy, Signal, When};
use crate::support::{Clients, Lab, World};

/// An account in which deploys are killed.
struct Scene {
    world: World,
    proxy: Proxy,
    clients: Clients,
}

impl Scene {
    async fn new(test: &str) -> Self {
        let world = World::new(test);
        world.set("API_KEY", "k-1");
        let proxy = Proxy::before(&world.endpoint);
        let clients = world.clients().await;
        Self {
            world,
            proxy,
            clients,
        }
    }

    fn deploy(&self, file: &str) -> i32 {
        let mut words = vec!["deploy", file, "--yes"];
        if file.contains("api-externa") {
            words.extend(["--set", "api_url=http://127.0.0.1:9/"]);
        }
        let mut command = self.world.command_at(&self.proxy.endpoint, &words);
        let ran = self.proxy.runs(&mut command);
        self.proxy.settled();
        ran.code
    }

    /// Deploys, and is killed at the n-th request that changes something.
    fn killed(&self, file: &str, nth: usize, when: When) {
        let here = || self.proxy.on("*:*").when(|call| call.mutating).nth(nth);
        here().signal(when, Signal::Kill);
        here().drop(when);
        let code = self.deploy(file);
        self.proxy.forget();
        assert_eq!(code, -1, "it was not killed at {nth}");
    }

    /// How many requests of a deploy change something. It is not killed.
    fn requests(&self, file: &str) -> usize {
        self.proxy.take();
        assert_eq!(self.deploy(file), 0);
        let changes = self.proxy.changes().len();
        self.proxy.take();
        changes
    }

    /// Everything but the reaper.
    async fn exists(&self) -> BTreeSet<String> {
        let all = self.clients.everything().await.into_iter();
        all.filter(|name| !name.ends_with(" treino-reaper"))
            .collect()
    }

    /// Nothing that costs exists, or an execution waits that deletes all that exists. Returns how many wait.
    async fn is_safe(&self, what: &str) -> usize {
        let waiting = waiting(&self.clients).await.unwrap_or_default();
        let exists = self.exists().await;
        let deletes = |input: &Value| -> BTreeSet<String> {
            let steps = input["steps"].as_array().unwrap().iter();
            let name = |step: &Value| {
                format!(
                    "{} {}",
                    text(&step["kind"]).replace('_', " "),
                    text(&step["name"])
                )
            };
            steps.map(name).collect()
        };
        let paid = exists.iter().any(|name| !name.starts_with("role "));
        assert!(
            !paid
                || waiting
                    .iter()
                    .any(|input| deletes(input).is_superset(&exists)),
            "{what}: {exists:?} exist, and nothing deletes them: {waiting:?}"
        );
        waiting.len()
    }
}

/// So many of the points of a deploy: at which request, before or after it.
fn spread(points: usize, requests: usize) -> Vec<(usize, When)> {
    let point = |number: usize| {
        let nth = 1 + number * (requests - 1) / (points - 1).max(1);
        (
            nth,
            if number.is_multiple_of(2) {
                When::Before
            } else {
                When::After
            },
        )
    };
    (0..points).map(point).collect()
}

/// Kills deploys of a lab at these points, each in an account of its own, and waits until nothing is left of them.
async fn ends_wherever_it_is_killed(lab_name: &str, points: usize) {
    let scene = Scene::new(&format!("{lab_name}_not_killed")).await;
    let file = |scene: &Scene| {
        let lab = Lab::copy(&scene.world);
        let path = format!("stacks/{lab_name}.yaml");
        lab.edit(&path, "expires: 4h", "expires: 20s");
        lab.path(&path)
    };
    let requests = scene.requests(&file(&scene));
    let mut scenes = vec![scene];
    let (mut with_something, mut with_execution) = (0, 0);
    for (nth, when) in spread(points, requests) {
        let scene = Scene::new(&format!("{lab_name}_killed_{when:?}_{nth}")).await;
        scene.killed(&file(&scene), nth, when);
        let waiting = scene
            .is_safe(&format!("{lab_name} killed {when:?} {nth}"))
            .await;
        assert!(waiting <= 1);
        with_execution += waiting;
        with_something += usize::from(!scene.exists().await.is_empty());
        scenes.push(scene);
    }
    // Most points are after the first resource.
    assert!(with_something >= points / 2 && with_execution >= with_something);
    for scene in &scenes {
        is_over(&scene.clients).await;
        assert_eq!(scene.exists().await, BTreeSet::new());
    }
    println!(
        "{lab_name}: {points} kills among {requests} requests, {with_something} left something"
    );
}

#[tokio::test]
async fn a_lab_ends_wherever_its_deploy_is_killed() {
    ends_wherever_it_is_killed("image-metadata", 10).await;
}

#[tokio::test]
#[ignore = "minutes: every lab, at twice as many points"]
async fn every_lab_ends_wherever_its_deploy_is_killed() {
    for lab in [
        "api-externa",
        "conta-banco",
        "microservices",
        "order-processing",
    ] {
        ends_wherever_it_is_killed(lab, 10).await;
    }
}

/// What a changed stack has more: a table takes another name, two topics are new, one table goes.
async fn changed(test: &str, points: Option<usize>) {
    let scene = Scene::new(test).await;
    let before = lab(&scene.world, "2h", "");
    let first = std::fs::read_to_string(&before).unwrap();
    let second = first.replace("items:", "others:") + "topics: { jobs: {}, news: {} }\n";
    let after = scene.world.file("after/lab.yaml", second.as_bytes());
    std::fs::create_dir_all(scene.world.folder.path().join("after/code")).unwrap();
    for file in ["code/app.py", "machine.asl.json"] {
        let from = scene.world.folder.path().join(file);
        std::fs::copy(from, scene.world.folder.path().join("after").join(file)).unwrap();
    }
    let after = after.to_str().unwrap();
    assert_eq!(scene.deploy(&before), 0);
    let requests = scene.requests(after);
    let all = (1..=requests).flat_map(|nth| [(nth, When::Before), (nth, When::After)]);
    let all: Vec<_> = all.collect();
    let points = points.map_or_else(|| all.clone(), |points| spread(points, requests));
    for (nth, when) in &points {
        // What waits for a deploy from before would do for this one, too.
        scene.world.treino(&["destroy", after, "--yes"]).ends(0);
        assert_eq!(scene.deploy(&before), 0);
        assert_eq!(waiting(&scene.clients).await.unwrap().len(), 1);
        scene.killed(after, *nth, *when);
        let count = scene.is_safe(&format!("killed {when:?} {nth}")).await;
        assert!(
            count == 1 || count == 2,
            "{count} wait after {when:?} {nth}"
        );
        // The next deploy leaves one, whose plan has all there is, and the plan after that has nothing to do.
        assert_eq!(scene.deploy(after), 0);
        assert_eq!(scene.is_safe("the next deploy").await, 1);
        let plan = scene.world.treino(&["plan", after, "--exit-code"]);
        plan.ends(0).says("nothing to change");
    }
    println!("{} kills of a change of {requests} requests", points.len());
    scene.world.treino(&["destroy", after, "--yes"]).ends(0);
    assert_eq!(scene.clients.everything().await, Vec::<String>::new());
}

#[tokio::test]
async fn a_change_that_is_killed_has_the_new_plan_first() {
    changed("a_change_that_is_killed", Some(4)).await;
}

#[tokio::test]
#[ignore = "minutes: every point"]
async fn a_change_that_is_killed_anywhere_has_the_new_plan_first() {
    changed("a_change_that_is_killed_anywhere", None).await;
}
