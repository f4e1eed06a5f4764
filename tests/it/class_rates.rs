//! Classes at the rates of AWS, which the proxy enforces: no student's stack fails by them, a killed run is repeated, one
//! student's failure is nobody else's, and there is one trail throughout. The class of thirty says how long it takes:
//!
//! ```sh
//! cargo test --test it class_of_thirty -- --ignored --nocapture
//! ```

use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::json;

use crate::hostile::measured::measured;
use crate::support::proxy::{Enforced, PUBLISHED, Proxy, Share, Signal, When};
use crate::support::{Clients, CommandResult, World, repository, sample};

/// What a student's deploy waits for whatever the rates: calls one after another, functions that become ready, roles that
/// become known.
const CHAIN: Duration = Duration::from_secs(10);

/// The megabytes that treino may take for a class.
const MEMORY: u64 = 200;

/// A class on image-metadata, before a proxy that enforces the rates.
struct Class {
    world: World,
    clients: Clients,
    proxy: Proxy,
    rates: Enforced,
    trails: Arc<Trails>,
    roster: String,
    owners: Vec<String>,
}

/// The trails that were made and not deleted since: how many there are, and how many there were at most.
#[derive(Default)]
struct Trails {
    are: AtomicUsize,
    most: AtomicUsize,
}

/// What a command of a class took.
struct Took {
    ran: CommandResult,
    seconds: f64,
    /// How long the rates alone make it last.
    least: f64,
    megabytes: u64,
    shares: Vec<Share>,
}

/// How long the rates alone make a first look last, and then the changes: nothing is changed before everything is looked at.
fn in_two_steps(look: &Took, whole: &Took) -> f64 {
    let looked = |name: &str| {
        let share = look.shares.iter().find(|one| one.name == name);
        share.map_or(0, |share| share.taken)
    };
    let rest = whole.shares.iter();
    let rest = rest.map(|one| one.lasts(one.taken.saturating_sub(looked(&one.name))));
    look.least + rest.fold(0.0, f64::max)
}

impl Class {
    async fn of(test: &str, students: usize, slower: f64) -> Self {
        let world = World::new(test);
        let clients = world.clients().await;
        let owners: Vec<String> = (0..students)
            .map(|number| format!("student-{number:02}"))
            .collect();
        let roster = format!("owner\n{}\n", owners.join("\n"));
        let roster = world.file("roster.csv", roster.as_bytes());
        let proxy = Proxy::before(&world.endpoint);
        let rates = proxy.enforce(PUBLISHED, slower);
        let trails = Arc::new(Trails::default());
        let made = Arc::clone(&trails);
        proxy.on("cloudtrail:CreateTrail").rewrite(move |_, body| {
            made.are.fetch_add(1, Ordering::SeqCst);
            made.most
                .fetch_max(made.are.load(Ordering::SeqCst), Ordering::SeqCst);
            body.to_owned()
        });
        let deleted = Arc::clone(&trails);
        proxy.on("cloudtrail:DeleteTrail").rewrite(move |_, body| {
            deleted.are.fetch_sub(1, Ordering::SeqCst);
            body.to_owned()
        });
        Self {
            roster: roster.to_str().unwrap().to_owned(),
            world,
            clients,
            proxy,
            rates,
            trails,
            owners,
        }
    }

    fn command(&self, verb: &str, words: &[&str]) -> Command {
        let stack = repository("stacks/image-metadata.yaml");
        let all = [
            "class",
            verb,
            stack.to_str().unwrap(),
            "--roster",
            &self.roster,
        ];
        self.world
            .command_at(&self.proxy.endpoint, &[&all[..], words].concat())
    }

    /// How long a command takes without rates, at the local AWS.
    fn takes_at_least(&self, verb: &str, words: &[&str]) -> f64 {
        let stack = repository("stacks/image-metadata.yaml");
        let all = [
            "class",
            verb,
            stack.to_str().unwrap(),
            "--roster",
            &self.roster,
        ];
        let mut command = self.world.command();
        command.arg("--local").args(all).args(words);
        let began = Instant::now();
        measured(&mut command).ran.ends(0);
        began.elapsed().as_secs_f64()
    }

    /// Runs a command and prints what it took, and the calls that the rates bind most.
    fn takes(&self, verb: &str, words: &[&str]) -> Took {
        self.rates.fill();
        self.rates.shares();
        let began = Instant::now();
        let measured = measured(&mut self.command(verb, words));
        let seconds = began.elapsed().as_secs_f64();
        let shares = self.rates.shares();
        let least = shares.first().map_or(0.0, |share| share.seconds);
        let refused: usize = shares.iter().map(|share| share.refused).sum();
        let calls: usize = shares.iter().map(|share| share.taken + share.refused).sum();
        let megabytes = measured.kilobytes / 1024;
        println!(
            "class {verb} of {}: {seconds:.1} s, {least:.1} s by the rates alone, {calls} calls, {refused} throttled, {megabytes} MB",
            self.owners.len()
        );
        for share in shares.iter().filter(|share| share.taken > 0) {
            println!(
                "    {}: {} calls, {} throttled, {:.1} s, the last at {:.1} s",
                share.name,
                share.taken,
                share.refused,
                share.seconds,
                share.last.duration_since(began).as_secs_f64()
            );
        }
        Took {
            ran: measured.ran,
            seconds,
            least,
            megabytes,
            shares,
        }
    }

    /// There is one trail, and never were two.
    async fn has_one_trail(&self) {
        let everything = self.clients.everything().await;
        let trails = everything.iter().filter(|one| one.starts_with("trail "));
        assert_eq!(trails.count(), 1, "{everything:?}");
        assert_eq!(self.trails.are.load(Ordering::SeqCst), 1);
        assert_eq!(self.trails.most.load(Ordering::SeqCst), 1);
    }

    fn ends_are(&self, ran: &CommandResult, of: impl Fn(&str) -> &'static str) {
        let expected: Vec<String> = self
            .owners
            .iter()
            .map(|owner| format!("{owner} {}", of(owner)))
            .collect();
        assert_eq!(crate::class::ends(ran), expected, "{}", ran.err);
    }

    /// A whole class: killed half-way, repeated with one student's stack that cannot be made, repeated with all, run if
    /// wanted, destroyed.
    async fn lives(&self, runs: bool) {
        let broken = "student-03";
        let is_broken = Arc::new(AtomicBool::new(true));
        let breaks = Arc::clone(&is_broken);
        self.proxy
            .on("states:CreateStateMachine")
            .when(move |call| breaks.load(Ordering::SeqCst) && call.body.contains(broken))
            .refuse(400, "AccessDeniedException", "broken on purpose");
        self.proxy
            .on("lambda:CreateFunction")
            .nth(self.owners.len())
            .signal(When::Before, Signal::Kill);
        let killed = self.proxy.runs(&mut self.command("deploy", &["--yes"]));
        assert_eq!(killed.code, -1, "{}", killed.err);
        self.proxy.settled();
        self.has_one_trail().await;

        let deployed = self.takes("deploy", &["--yes"]);
        let deployed = deployed.ran.ends(1);
        let ends = crate::class::ends(&deployed);
        // Some were whole before the kill.
        let as_expected = |end: &&String| match end.split_once(' ') {
            Some((owner, state)) if owner == broken => state == "failed",
            Some((_, state)) => ["done", "unchanged"].contains(&state),
            None => false,
        };
        assert_eq!(
            ends.iter().filter(as_expected).count(),
            self.owners.len(),
            "{ends:?}"
        );
        let reasons = deployed.event("class_summary")["reasons"].clone();
        assert_eq!(reasons.as_array().unwrap().len(), 1, "{reasons}");
        assert_eq!(reasons[0]["owners"], json!([broken]));
        self.has_one_trail().await;

        is_broken.store(false, Ordering::SeqCst);
        // All at once, so that many calls wait for their turn: that is no stalled connection.
        let at_once = self.owners.len().to_string();
        let words = ["--yes", "--at-once", at_once.as_str()];
        let deployed = self.takes("deploy", &words).ran.ends(0);
        self.ends_are(&deployed, |owner| {
            if owner == broken { "done" } else { "unchanged" }
        });
        self.has_one_trail().await;

        let status = self.takes("status", &[]).ran.ends(0);
        let students = status.event("class_status")["students"].clone();
        for one in students.as_array().unwrap() {
            assert_eq!(one["resources"], 12, "{one}");
        }
        if runs {
            let photo = sample("astronaut.jpg");
            let run = self.takes("run", &[photo.to_str().unwrap()]).ran.ends(0);
            self.ends_are(&run, |_| "done");
            self.has_one_trail().await;
        }

        let destroyed = self.takes("destroy", &["--yes"]).ran.ends(0);
        self.ends_are(&destroyed, |_| "done");
        assert_eq!(destroyed.event("class_receipt")["proved"], true);
        assert_eq!(self.trails.are.load(Ordering::SeqCst), 0);
        assert_eq!(self.trails.most.load(Ordering::SeqCst), 1);
        assert_eq!(self.clients.everything().await, [""; 0]);
    }
}

/// At half of the published rates: others use the account, too.
#[tokio::test]
async fn a_class_at_half_of_the_rates_loses_nobody() {
    let class = Class::of("a_class_at_half_of_the_rates", 4, 2.0).await;
    class.lives(false).await;
}

#[tokio::test]
#[ignore = "it takes minutes: docs/testing.md has its command"]
async fn a_class_of_thirty_takes_as_long_as_the_rates() {
    let class = Class::of("a_class_of_thirty_takes_as_long_as_the_rates", 30, 1.0).await;
    let commands: [(&str, &[&str]); 4] = [
        ("deploy", &["--yes"]),
        ("deploy", &["--yes"]),
        ("status", &[]),
        ("destroy", &["--yes"]),
    ];
    // The local AWS takes its own time for the same calls.
    let unlimited = commands.map(|(verb, words)| class.takes_at_least(verb, words));
    // A plan looks at what a deploy looks at, a status at what a destroy does.
    let mut look = Some(class.takes("plan", &[]));
    for ((verb, words), unlimited) in commands.into_iter().zip(unlimited) {
        let took = class.takes(verb, words);
        let first = look.take();
        let least = first.map_or(took.least, |first| in_two_steps(&first, &took));
        let most = least.max(unlimited) * 1.2 + CHAIN.as_secs_f64();
        println!(
            "    {least:.1} s by the rates of its steps, {unlimited:.1} s without rates; {:.1} s of at most {most:.1} s",
            took.seconds
        );
        assert!(took.megabytes < MEMORY, "{} MB", took.megabytes);
        assert!(took.seconds < most);
        assert_eq!(took.ran.code, 0, "{}", took.ran.err);
        look = (verb == "status").then_some(took);
    }
    assert_eq!(class.clients.everything().await, [""; 0]);
}

#[tokio::test]
#[ignore = "it takes minutes: docs/testing.md has its command"]
async fn a_class_of_thirty_is_killed_repeated_run_and_destroyed() {
    let class = Class::of(
        "a_class_of_thirty_is_killed_repeated_run_and_destroyed",
        30,
        1.0,
    )
    .await;
    class.lives(true).await;
}
