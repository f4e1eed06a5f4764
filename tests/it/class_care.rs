//! What a class is told before data is lost, and of what is deployed beside it.

use serde_json::{Value, json};

use crate::class::class;
use crate::support::{CommandResult, World};

const LAB: &str =
    "stack: lab\nexpires: 4h\nbuckets: { photos: {} }\ntables: { t: { partition_key: id } }\n";

struct Class<'w> {
    world: &'w World,
    stack: String,
}

impl<'w> Class<'w> {
    fn new(world: &'w World, stack: &str) -> Self {
        let path = world.file("lab.yaml", stack.as_bytes());
        Self {
            world,
            stack: path.to_str().unwrap().to_owned(),
        }
    }

    fn arguments(&self, verb: &str, roster: &str, words: &[&str]) -> Vec<String> {
        let path = self.world.file("roster.csv", roster.as_bytes());
        let roster = path.to_str().unwrap();
        let all = [&["class", verb, &self.stack, "--roster", roster], words].concat();
        all.into_iter().map(String::from).collect()
    }

    fn json(&self, verb: &str, roster: &str, words: &[&str]) -> CommandResult {
        let all = self.arguments(verb, roster, words);
        let all: Vec<&str> = all.iter().map(String::as_str).collect();
        self.world.treino_json(&all)
    }

    fn text(&self, verb: &str, roster: &str, words: &[&str]) -> CommandResult {
        let all = self.arguments(verb, roster, words);
        let all: Vec<&str> = all.iter().map(String::as_str).collect();
        self.world.treino(&all)
    }
}

/// The owners of the copies beside the class, with regions.
fn others(ran: &CommandResult) -> Vec<String> {
    let copies = ran.event("class_others")["copies"].clone();
    let one = |one: &Value| format!("{} {}", one["owner"], one["region"]).replace('"', "");
    copies.as_array().unwrap().iter().map(one).collect()
}

#[tokio::test]
async fn data_that_goes_is_told_before_the_question() {
    let world = World::new("class_data_that_goes");
    let class = Class::new(&world, LAB);
    class
        .json("deploy", "owner\nana\nbia\n", &["--yes"])
        .ends(0);
    let clients = world.clients().await;
    let put = clients.dynamodb.put_item().table_name("lab-t-bia");
    let id = aws_sdk_dynamodb::types::AttributeValue::S("1".into());
    put.item("id", id).send().await.unwrap();
    let changed = LAB.replace("partition_key: id", "partition_key: key");
    let changed = Class::new(&world, &changed);
    let plan = changed.json("plan", "owner\nana\nbia\n", &[]).ends(0);
    let [ana, bia] = [0, 1].map(|index| plan.event("class_plan")["stacks"][index].clone());
    for one in [&ana, &bia] {
        assert_eq!(one["changed"][0]["address"], "table.t", "{one}");
        assert_eq!(one["changed"][0]["action"], "replace", "{one}");
    }
    assert_eq!(
        (&ana["contents"], &bia["contents"][0]["count"]),
        (&Value::Null, &json!(1))
    );
    let plan = changed.text("plan", "owner\nana\nbia\n", &[]).ends(0);
    let plan = plan
        .says("± table.t")
        .says("this data is deleted, too:\n  bia  table.t 1 item");
    assert!(!plan.out.contains("lab-t-bia"), "{}", plan.out);
    let each = changed
        .text("plan", "owner\nana\nbia\n", &["--verbose"])
        .ends(0);
    drop(each.says("lab of ana in us-east-1").says("lab-t-bia"));
    let destroy = class
        .text("destroy", "owner\nana\nbia\n", &["--yes"])
        .ends(0);
    drop(destroy.says("this data is deleted, too:\n  bia  table.t 1 item"));
    assert_eq!(clients.everything().await, [""; 0]);
}

#[tokio::test]
async fn what_is_deployed_beside_a_class_is_told() {
    let world = World::new("class_beside");
    let class = Class::new(&world, LAB);
    let moved = "owner,region\nana,eu-west-1\nbia,\ndan,\n";
    class.json("deploy", moved, &["--yes"]).ends(0);
    // Both have left the roster: dan, and the region of ana.
    let shorter = "owner\nana\nbia\n";
    let status = class.json("status", shorter, &[]).ends(0);
    assert_eq!(others(&status), ["dan us-east-1", "ana eu-west-1"]);
    let left = class.json("destroy", shorter, &["--yes"]).ends(1);
    assert_eq!(others(&left), ["dan us-east-1", "ana eu-west-1"]);
    let commands = left.event("class_others")["copies"].clone();
    let command = |index: usize| commands[index]["command"].as_str().unwrap().to_owned();
    assert!(
        command(0).ends_with("lab.yaml --owner dan --local"),
        "{commands}"
    );
    assert!(
        command(1).contains("--only ana --region=eu-west-1"),
        "{commands}"
    );
    drop(
        class
            .text("destroy", shorter, &["--yes"])
            .ends(1)
            .says("nothing is deployed here of these"),
    );
    class
        .json("destroy", "owner,region\nana,eu-west-1\n", &["--yes"])
        .ends(0);
    let both = "owner,region\ndan,\neva,eu-west-1\n";
    let deployed = class
        .json("deploy", both, &["--yes", "--only", "eva"])
        .ends(0);
    assert_eq!(
        deployed.event("class_plan")["stacks"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
    let all = class.json("destroy", both, &["--yes"]).ends(0);
    assert_eq!(all.events("class_others").len(), 0);
    let receipt = class.text("status", both, &[]).ends(0);
    drop(
        receipt
            .says("us-east-1, account")
            .says("eu-west-1, account"),
    );
    // The account of bia has changed; that of ana leads to the old stack.
    class
        .json("deploy", "owner\nana\nbia\n", &["--yes"])
        .ends(0);
    let moved = "owner,role_arn\nana,\nbia,arn:aws:iam::222233334444:role/student\n";
    let left = class.json("destroy", moved, &["--yes"]).ends(1);
    assert_eq!(others(&left), ["bia us-east-1"]);
    let copy = left.event("class_others")["copies"][0].clone();
    assert_eq!(copy["in_roster"], true, "{copy}");
    let command = copy["command"].as_str().unwrap();
    assert!(command.ends_with("lab.yaml --owner bia --local"), "{copy}");
    drop(
        class
            .text("status", moved, &[])
            .ends(0)
            .says("where the roster does not have them: bia"),
    );
    // Who is not meant is not moved.
    let only = class
        .json("destroy", moved, &["--yes", "--only", "ana"])
        .ends(0);
    assert_eq!(only.events("class_others").len(), 0);
    class.json("destroy", "owner\nbia\n", &["--yes"]).ends(0);
    let unknown = ["class", "destroy", "nosuch", "--yes", "--roster"];
    let roster = world.file("r.csv", b"owner\nana\n");
    let unknown = [&unknown[..], &[roster.to_str().unwrap()]].concat();
    drop(
        world
            .treino(&unknown)
            .ends(1)
            .says("no stack `nosuch` is seen"),
    );
    for region in ["us-east-1", "eu-west-1"] {
        assert_eq!(world.clients_in(region).await.everything().await, [""; 0]);
    }
}

#[tokio::test]
async fn students_are_compared_with_the_whole_roster() {
    let world = World::new("class_whole_roster");
    let open = format!(
        "{LAB}roles: {{ r: {{ assumed_by: [lambda.amazonaws.com], allow: [{{ actions: [dynamodb:PutItem], resources: [\"arn:aws:dynamodb:*:*:table/lab-*\"] }}] }} }}\n"
    );
    let class = Class::new(&world, &open);
    let roster = "owner\nana\nbia\n";
    let refused = class
        .json("deploy", roster, &["--yes", "--only", "ana"])
        .ends(2);
    let violation = refused.event("class_plan")["violations"][0].clone();
    assert_eq!(
        (&violation["owner"], &violation["victim"]),
        (&json!("ana"), &json!("bia"))
    );
    assert!(
        violation["place"]
            .as_str()
            .unwrap()
            .ends_with("lab.yaml:5:51"),
        "{violation}"
    );
    // One who is in another roster, and has a role.
    class.json("deploy", "owner\nana\n", &["--yes"]).ends(0);
    let refused = class.json("deploy", "owner\nbia\n", &["--yes"]).ends(2);
    assert_eq!(
        refused.event("class_plan")["violations"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
    class.json("destroy", "owner\nana\n", &["--yes"]).ends(0);
    let role = "stack: lab\ndefaults: { role: \"arn:aws:iam::111122223333:role/LabRole\" }\n\
        state_machines: { m: { definition: { StartAt: A, States: { A: { Type: Pass, End: true } } } } }\n";
    let plan = Class::new(&world, role).json("plan", roster, &[]).ends(0);
    let not_looked_at = &plan.event("class_plan")["not_looked_at"];
    assert_eq!(
        *not_looked_at,
        json!(["arn:aws:iam::111122223333:role/LabRole"])
    );
}

#[tokio::test]
async fn what_is_wrong_with_a_run_is_told_once() {
    let world = World::new("class_wrong_run");
    let machines = "state_machines: { m: { definition: { StartAt: A, States: { A: { Type: Pass, End: true } } } } }\n";
    let class = Class::new(&world, &format!("{LAB}{machines}"));
    let roster = "owner\nana\nbia\n";
    let absent = class.json("run", roster, &["--input", "{}"]).ends(1);
    let command = absent.event("class_summary")["reasons"][0]["command"].clone();
    assert!(
        command.as_str().unwrap().contains("class deploy"),
        "{command}"
    );
    class.json("deploy", roster, &["--yes"]).ends(0);
    let file = world.file("photo.jpg", b"x");
    for words in [
        &["--input", "{"][..],
        &["/no/such/file"],
        &["--input", "{}", "--machine", "zz"],
        // No rule starts the machine.
        &[file.to_str().unwrap()],
    ] {
        let refused = class.json("run", roster, words).ends(2);
        assert_eq!(refused.events("error").len(), 1, "{words:?}");
        assert_eq!(refused.events("class").len(), 0, "{words:?}");
    }
    class.json("run", roster, &["--input", "{}"]).ends(0);
    // A copy that is not whole.
    world
        .clients()
        .await
        .dynamodb
        .delete_table()
        .table_name("lab-t-bia")
        .send()
        .await
        .unwrap();
    let status = class.json("status", roster, &[]).ends(0);
    let [ana, bia] = [0, 1].map(|index| status.event("class_status")["students"][index].clone());
    assert_eq!(
        (&ana["missing"], &bia["missing"]),
        (&Value::Null, &json!(["table.t"]))
    );
    class.json("destroy", roster, &["--yes"]).ends(0);
}

#[tokio::test]
async fn one_student_stays_on_the_trail_that_others_share() {
    let world = World::new("class_one_on_shared_trail");
    let lab =
        "stack: lab\nbuckets: { photos: {} }\ntrails: { uploads: { objects_of: [photos] } }\n";
    let class = Class::new(&world, lab);
    class
        .json("deploy", "owner\nana\nbia\n", &["--yes"])
        .ends(0);
    let again = class.json("deploy", "owner\nana\n", &["--yes"]).ends(0);
    assert_eq!(
        again.event("class_summary")["students"][0]["state"],
        "unchanged"
    );
    let trail = "lab-class-objects";
    let clients = world.clients().await;
    clients
        .cloudtrail
        .stop_logging()
        .name(trail)
        .send()
        .await
        .unwrap();
    let status = class.json("status", "owner\nana\nbia\n", &[]).ends(0);
    let fault = status.event("class_status")["shared_trails"][0]["fault"].clone();
    assert!(fault.as_str().unwrap().contains("stopped"), "{fault}");
    let delete = clients.cloudtrail.delete_trail().name(trail);
    delete.send().await.unwrap();
    let status = class.json("status", "owner\nana\nbia\n", &[]).ends(0);
    let fault = status.event("class_status")["shared_trails"][0]["fault"].clone();
    assert!(
        fault
            .as_str()
            .unwrap()
            .starts_with("without trail.objects: "),
        "{fault}"
    );
    // Two rosters at the same time: each sees the other's stack first, and the last one deletes the trail, too.
    let rosters = ["ana", "bia"].map(|owner| {
        let roster = world.file(
            &format!("{owner}.csv"),
            format!("owner\n{owner}\n").as_bytes(),
        );
        roster.to_str().unwrap().to_owned()
    });
    std::thread::scope(|scope| {
        for roster in &rosters {
            let words = [
                "class",
                "destroy",
                &class.stack,
                "--yes",
                "--roster",
                roster,
            ];
            scope.spawn({
                let world = &world;
                move || world.treino_json(&words).ends(0)
            });
        }
    });
    assert_eq!(clients.everything().await, [""; 0]);
}

/// A stack of somebody that is called as the stack of a class's trail would be.
#[tokio::test]
async fn a_stack_that_is_named_like_the_trail_of_a_class_is_left_alone() {
    let world = World::new("a_stack_named_like_the_trail_of_a_class");
    let thesis = "stack: lab-class\nexpires: 4h\nbuckets: { thesis: {} }\ntables: { grades: { partition_key: id } }\n";
    let thesis = world.file("thesis.yaml", thesis.as_bytes());
    let words = ["deploy", thesis.to_str().unwrap(), "--yes"];
    world.treino(&words).ends(0);
    let clients = world.clients().await;
    let before = clients.everything().await;
    let lab = "stack: lab\nexpires: 4h\ntables: { t: { partition_key: id } }\n";
    let files = [lab, "owner\nana\nbia\n"];
    let path = |name: &str, text: &str| {
        let path = world.file(name, text.as_bytes());
        path.to_str().unwrap().to_owned()
    };
    let files = [path("lab.yaml", files[0]), path("roster.csv", files[1])];
    class(&world, "destroy", &files, &["--yes"]).ends(0);
    assert_eq!(clients.everything().await, before);
    class(&world, "deploy", &files, &["--yes"]).ends(0);
    let status = class(&world, "status", &files, &[]).ends(0);
    let status = status.event("class_status");
    assert_eq!(status["shared_trails"], json!([]), "{status}");
    class(&world, "extend", &files, &["6h"]).ends(0);
    class(&world, "destroy", &files, &["--yes"]).ends(0);
    let ends = clients.everything().await;
    let of_thesis = |all: &[String]| {
        let of = all.iter().filter(|one| one.contains("lab-class"));
        of.cloned().collect::<Vec<_>>()
    };
    assert_eq!(of_thesis(&ends), of_thesis(&before));
    world.treino(&["destroy", "lab-class", "--yes"]).ends(0);
}
