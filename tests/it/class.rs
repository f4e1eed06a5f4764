//! Classes: one stack for each student of a roster.

use std::collections::BTreeSet;
use std::sync::Arc;

use aws_sdk_cloudtrail::types::{AdvancedEventSelector, AdvancedFieldSelector};
use serde_json::Value;

use crate::support::proxy::{Proxy, When};
use crate::support::{Clients, CommandResult, World, sample};

/// A lab whose objects a trail records: a photo starts a machine.
const LAB: &str = "stack: lab\nexpires: 4h\n\
    buckets: { photos: {} }\n\
    trails: { uploads: { objects_of: [photos] } }\n\
    tables: { t: { partition_key: id } }\n\
    state_machines: { m: { definition: { StartAt: A, States: { A: { Type: Pass, End: true } } } } }\n\
    rules: { r: { put_object_in: photos, via: cloudtrail, start: m } }\n";

const SMALL: &str = "stack: lab\ntables: { t: { partition_key: id } }\n";

const ROSTER: &str = "owner;name\r\nana;Ana Souza\r\nana-b;\r\n\r\nbia;\"Bia; B\"\r\n";

/// The arguments for a class with these files.
fn files(world: &World, stack: &str, roster: &str) -> [String; 2] {
    let path = |name: &str, text: &str| {
        let path = world.file(name, text.as_bytes());
        path.to_str().unwrap().to_owned()
    };
    [path("lab.yaml", stack), path("roster.csv", roster)]
}

pub fn class(
    world: &World,
    verb: &str,
    [stack, roster]: &[String; 2],
    words: &[&str],
) -> CommandResult {
    let arguments = ["class", verb, stack, "--roster", roster];
    world.treino_json(&[&arguments[..], words].concat())
}

/// How each student ended, as `owner state`.
pub fn ends(ran: &CommandResult) -> Vec<String> {
    let students = ran.event("class_summary")["students"]
        .as_array()
        .unwrap()
        .clone();
    let text = |one: &Value, field: &str| one[field].as_str().unwrap().to_owned();
    students
        .iter()
        .map(|one| format!("{} {}", text(one, "owner"), text(one, "state")))
        .collect()
}

/// The plan of each stack, as `stack owner create/update/delete/keep`.
fn plans(ran: &CommandResult) -> Vec<String> {
    let stacks = ran.event("class_plan")["stacks"]
        .as_array()
        .unwrap()
        .clone();
    let one = |one: &Value| {
        let counts = ["create", "update", "delete", "keep"].map(|field| one[field].to_string());
        let owner = one["owner"].as_str().unwrap_or("-");
        format!(
            "{} {owner} {}",
            one["stack"].as_str().unwrap(),
            counts.join("/")
        )
    };
    stacks.iter().map(one).collect()
}

#[tokio::test]
async fn a_class_shares_one_trail_from_its_first_deploy_to_its_last_destroy() {
    let world = World::new("a_class_shares_one_trail");
    let files = files(&world, LAB, ROSTER);
    let clients = world.clients().await;
    let deployed = class(&world, "deploy", &files, &["--yes"]).ends(0);
    let expected = [
        "lab-class - 2/0/0/0",
        "lab ana 6/0/0/0",
        "lab ana-b 6/0/0/0",
        "lab bia 6/0/0/0",
    ];
    assert_eq!(plans(&deployed), expected);
    assert_eq!(ends(&deployed), ["ana done", "ana-b done", "bia done"]);
    // The names of students are in the output, and nowhere else.
    assert_eq!(deployed.event("class")["students"][0]["name"], "Ana Souza");
    let everything = clients.everything().await;
    assert_eq!(
        everything
            .iter()
            .filter(|one| one.starts_with("trail "))
            .count(),
        1,
        "{everything:?}"
    );
    assert!(everything.iter().all(|one| !one.contains("Souza")));
    // One advanced event selector, which covers each student's bucket and no other.
    let selectors = clients
        .cloudtrail
        .get_event_selectors()
        .trail_name("lab-class-objects");
    let selectors = selectors.send().await.unwrap();
    assert!(selectors.event_selectors().is_empty());
    let [selector] = selectors.advanced_event_selectors() else {
        panic!("{selectors:?}")
    };
    let mut fields = selector.field_selectors().iter();
    let arns = fields
        .find(|field| field.field() == "resources.ARN")
        .unwrap()
        .starts_with();
    let buckets = everything
        .iter()
        .filter_map(|one| one.strip_prefix("bucket "));
    let buckets = buckets.filter(|name| name.starts_with("lab-photos-"));
    let expected: Vec<String> = buckets
        .map(|name| format!("arn:aws:s3:::{name}/"))
        .collect();
    assert_eq!((arns, arns.len()), (expected.as_slice(), 3));

    // A photo of each student starts the student's machine.
    let photo = sample("coffee.jpg");
    let run = class(&world, "run", &files, &[photo.to_str().unwrap()]).ends(0);
    assert_eq!(ends(&run), ["ana done", "ana-b done", "bia done"]);
    let status = class(&world, "status", &files, &[]).ends(0);
    let status = status.event("class_status").clone();
    for one in status["students"].as_array().unwrap() {
        assert_eq!(
            (&one["resources"], &one["runs"]["succeeded"]),
            (&6.into(), &1.into()),
            "{one}"
        );
    }
    assert_eq!(status["shared_trails"][0]["stack"], "lab-class");
    // The trail ends last.
    let last = |one: &Value| one["expires"].as_str().unwrap().to_owned();
    let of_students: BTreeSet<String> = status["students"]
        .as_array()
        .unwrap()
        .iter()
        .map(last)
        .collect();
    assert!(of_students.last().unwrap() < &last(&status["shared_trails"][0]));

    // By themselves, students' stacks get no trail of their own.
    let plan = ["plan", &files[0], "--owner", "ana", "--exit-code"];
    world.treino(&plan).ends(0);
    let again = class(&world, "deploy", &files, &["--yes"]).ends(0);
    assert_eq!(
        ends(&again),
        ["ana unchanged", "ana-b unchanged", "bia unchanged"]
    );
    // One of whom nobody knows the roster needs the trail, too.
    let kept = class(&world, "destroy", &files, &["--yes", "--only", "ana,bia"]).ends(0);
    assert_eq!(plans(&kept), ["lab ana 0/0/6/0", "lab bia 0/0/6/0"]);
    assert_eq!(
        kept.event("class_receipt")["receipts"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
    world
        .treino(&["plan", &files[0], "--owner", "ana-b", "--exit-code"])
        .ends(0);
    let last = class(&world, "destroy", &files, &["--yes"]).ends(0);
    assert_eq!(
        ends(&last),
        ["ana unchanged", "ana-b done", "bia unchanged"]
    );
    assert_eq!(last.event("class_receipt")["proved"], true);
    assert_eq!(clients.everything().await, [""; 0]);
}

#[tokio::test]
async fn one_students_failure_stops_nobody_elses_and_a_repeated_deploy_goes_on() {
    let world = World::new("one_students_failure");
    let files = files(&world, SMALL, ROSTER);
    let clients = world.clients().await;
    // A table that belongs to nobody has bia's name.
    world
        .treino(&["deploy", &world_file(&world), "--yes"])
        .ends(0);
    let refused = class(&world, "deploy", &files, &["--yes"]).ends(1);
    assert_eq!(ends(&refused), ["ana done", "ana-b done", "bia failed"]);
    let reason = &refused.event("class_summary")["reasons"][0];
    assert_eq!(reason["owners"], serde_json::json!(["bia"]));
    assert!(
        reason["reason"].as_str().unwrap().contains("lab-t-bia"),
        "{reason}"
    );
    // The same command again would find the same.
    assert_eq!(reason["command"], Value::Null);
    world.treino(&["destroy", "other", "--yes"]).ends(0);
    let again = class(&world, "deploy", &files, &["--yes"]).ends(0);
    assert_eq!(
        ends(&again),
        ["ana unchanged", "ana-b unchanged", "bia done"]
    );
    class(&world, "destroy", &files, &["--yes"]).ends(0);
    assert_eq!(clients.everything().await, [""; 0]);
}

/// A stack whose table has the name of bia's.
fn world_file(world: &World) -> String {
    let text = "stack: other\ntables: { t: { partition_key: id, name: lab-t-bia } }\n";
    world
        .file("other.yaml", text.as_bytes())
        .to_str()
        .unwrap()
        .to_owned()
}

#[tokio::test]
async fn students_of_other_accounts_and_regions_have_trails_of_their_own() {
    let world = World::new("students_of_other_accounts");
    let roster = "owner,role_arn,region\nana,,\nbia,,eu-west-1\n";
    let files = files(&world, LAB, roster);
    let deployed = class(&world, "deploy", &files, &["--yes"]).ends(0);
    assert_eq!(plans(&deployed), ["lab ana 8/0/0/0", "lab bia 8/0/0/0"]);
    class(&world, "destroy", &files, &["--yes"]).ends(0);
    assert_eq!(world.clients().await.everything().await, [""; 0]);
    assert_eq!(
        world.clients_in("eu-west-1").await.everything().await,
        [""; 0]
    );
}

#[tokio::test]
async fn what_cannot_be_a_class_is_refused_before_anything_is_made() {
    let world = World::new("what_cannot_be_a_class");
    // Every fault of the roster at once.
    let wrong = files(&world, SMALL, "owner,nmae\nAna,\nana,\nana,\n");
    let refused = class(&world, "deploy", &wrong, &["--yes"]).ends(2);
    let places: Vec<String> = refused
        .events("problem")
        .iter()
        .map(|one| format!("{}:{}", one["line"], one["column"]))
        .collect();
    assert_eq!(places, ["1:7", "2:1", "3:1", "4:1"]);
    // A policy that reaches another student's table.
    let open = format!(
        "{SMALL}roles: {{ r: {{ assumed_by: [lambda.amazonaws.com], allow: [{{ actions: [dynamodb:PutItem], resources: [\"${{t.arn}}*\"] }}] }} }}\n"
    );
    let open = files(&world, &open, ROSTER);
    let refused = class(&world, "deploy", &open, &["--yes"]).ends(2);
    let message = refused.event("error")["message"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(
        message.contains("role.r of ana ") && message.contains("lab-t-ana-b of ana-b"),
        "{message}"
    );
    let unknown = class(&world, "deploy", &open, &["--yes", "--only", "bai"]).ends(2);
    assert!(
        unknown.event("error")["message"]
            .as_str()
            .unwrap()
            .contains("did you mean `bia`?")
    );
    // Five trails in the region already.
    for number in 0..5 {
        let text = format!(
            "stack: full-{number}\nbuckets: {{ b: {{}} }}\ntrails: {{ x: {{ objects_of: [b] }} }}\n"
        );
        let path = world.file("full.yaml", text.as_bytes());
        world
            .treino(&["deploy", path.to_str().unwrap(), "--yes"])
            .ends(0);
    }
    let full = files(&world, LAB, ROSTER);
    let refused = class(&world, "deploy", &full, &["--yes"]).ends(1);
    let message = refused.event("error")["message"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(message.contains("5 trails"), "{message}");
    let everything = world.clients().await.everything().await;
    assert!(
        everything.iter().all(|one| !one.contains("lab-")),
        "{everything:?}"
    );
    world.treino(&["sweep", "--all", "--yes"]).ends(0);
}

/// The lists of the account, and the log groups that are not there, cost a class no more than a few students.
#[tokio::test]
async fn the_plans_of_a_class_share_what_they_list() {
    let world = World::new("the_plans_of_a_class_share");
    let lab = "stack: lab\nfunctions: { f: { runtime: python3.13, handler: f.main, code: code } }\nlog_groups: { g: {} }\n";
    world.file("code/f.py", b"def main(event, context): return event");
    let proxy = Proxy::before(&world.endpoint);
    let listed = |owners: &[&str]| {
        let roster = format!("owner\n{}\n", owners.join("\n"));
        let [stack, roster] = files(&world, lab, &roster);
        let words = ["class", "plan", &stack, "--roster", &roster];
        let names = [
            "lambda:ListFunctions",
            "logs:DescribeLogGroups",
            "logs:ListTagsForResource",
        ];
        let before = names.map(|name| proxy.count(name));
        let ran = proxy.runs(&mut world.command_at(&proxy.endpoint, &words));
        let plans = plans(&ran.ends(0));
        assert_eq!(plans.len(), owners.len());
        assert!(
            plans.iter().all(|one| one.ends_with(" 4/0/0/0")),
            "{plans:?}"
        );
        let mut before = before.into_iter();
        names.map(|name| proxy.count(name) - before.next().unwrap())
    };
    let of_one = listed(&["ana"]);
    let of_five = listed(&["ana", "bia", "caio", "davi", "eva"]);
    assert_eq!(of_one, of_five);
    assert_eq!(of_five[2], 0, "no tags of log groups that are not listed");

    // A list that fails is that of who began it.
    proxy.on("lambda:ListFunctions").first(1).refuse(
        400,
        "InvalidParameterValueException",
        "on purpose",
    );
    let [stack, roster] = files(&world, lab, "owner\nana\nbia\n");
    let words = ["class", "deploy", &stack, "--roster", &roster, "--yes"];
    let ran = proxy.runs(&mut world.command_at(&proxy.endpoint, &words));
    let ends = ends(&ran);
    let failed = ends.iter().filter(|one| one.ends_with(" failed")).count();
    assert_eq!((ran.code, ends.len(), failed), (1, 2, 1), "{ends:?}");
}

/// Another class may have written what the trail records while the students' stacks are made.
#[tokio::test]
async fn a_shared_trail_is_looked_at_once_more() {
    let world = World::new("a_shared_trail_is_looked_at_once_more");
    let [stack, roster] = files(&world, LAB, "owner\nana\nbia\n");
    let proxy = Proxy::before(&world.endpoint);
    let clients = Arc::new(world.clients().await);
    let writes = Arc::clone(&clients);
    let other = move || {
        let writes = Arc::clone(&writes);
        let written = std::thread::spawn(move || {
            let mut runtime = tokio::runtime::Builder::new_current_thread();
            let runtime = runtime.enable_all().build().unwrap();
            runtime.block_on(records(&writes, "arn:aws:s3:::lab-photos-caio-/"));
        });
        written.join().unwrap();
    };
    proxy
        .on("states:CreateStateMachine")
        .with("lab-m-")
        .first(1)
        .then(When::Before, other);
    let words = ["class", "deploy", &stack, "--roster", &roster, "--yes"];
    proxy
        .runs(&mut world.command_at(&proxy.endpoint, &words))
        .ends(0);
    let trail = clients.cloudtrail.get_event_selectors();
    let trail = trail.trail_name("lab-class-objects").send().await.unwrap();
    let recorded = format!("{:?}", trail.advanced_event_selectors());
    for owner in ["ana", "bia", "caio"] {
        let bucket = format!("lab-photos-{owner}-");
        assert!(recorded.contains(&bucket), "{owner}: {recorded}");
    }
}

/// Lets the trail of the class record these objects alone.
async fn records(clients: &Clients, objects: &str) {
    let field = |name: &str, begins: bool, value: &str| {
        let field = AdvancedFieldSelector::builder().field(name);
        let field = if begins {
            field.starts_with(value)
        } else {
            field.equals(value)
        };
        field.build().unwrap()
    };
    let selector = AdvancedEventSelector::builder()
        .field_selectors(field("eventCategory", false, "Data"))
        .field_selectors(field("resources.type", false, "AWS::S3::Object"))
        .field_selectors(field("readOnly", false, "false"))
        .field_selectors(field("resources.ARN", true, objects));
    let put = clients.cloudtrail.put_event_selectors();
    let put = put.trail_name("lab-class-objects");
    let put = put.advanced_event_selectors(selector.build().unwrap());
    put.send().await.unwrap();
}
