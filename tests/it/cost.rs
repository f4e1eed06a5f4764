//! What stacks cost: by hand, of every kind, and where a price is not known.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use serde_json::Value;
use treino::stack::usage::{Assumed, CostEstimate, estimate};
use treino::stack::{self, Given, Kind, Missing, Target};

use crate::one_fault::folder_with;
use crate::support::{CommandResult, World, repository};

const CODE: (&str, &str) = (
    "code/app.py",
    "def handler(event, context):\n    return event\n",
);

/// Runs `treino cost` with nothing of this machine's: no home, no credentials, no variables but these.
fn cost(within: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> CommandResult {
    let home = tempfile::tempdir().expect("a folder");
    CommandResult::of(
        Command::new(env!("CARGO_BIN_EXE_treino"))
            .arg("cost")
            .args(arguments)
            .current_dir(within)
            .env_clear()
            .envs(variables.iter().copied())
            .env("HOME", home.path()),
    )
}

/// The estimate of a stack file, without a process.
fn of_file(path: &Path, region: &str, assumed: Assumed) -> CostEstimate {
    let given = Given {
        missing: Missing::Later,
        may_exist: true,
        ..Given::default()
    };
    let (loaded, _) = stack::load(path, given)
        .unwrap_or_else(|wrong| panic!("{}", treino::report::diagnostics(&wrong)));
    let target = Target {
        partition: "aws".to_owned(),
        region: region.to_owned(),
        account: "111122223333".to_owned(),
        stack: loaded.file.stack.clone(),
        owner: None,
    };
    let (desired, _) = loaded
        .expand(&target)
        .unwrap_or_else(|wrong| panic!("{}", treino::report::diagnostics(&wrong)));
    estimate(&desired, &assumed)
}

fn of_text(text: &str, region: &str, assumed: Assumed) -> CostEstimate {
    let folder = folder_with(&[CODE, ("stack.yaml", text)]);
    of_file(&folder.path().join("stack.yaml"), region, assumed)
}

/// `address item quantity cost` of each line.
fn lines(of: &CostEstimate) -> Vec<String> {
    let lines = of.resources.iter().flat_map(|one| {
        one.lines.iter().map(|line| {
            let cost = line
                .cost
                .map_or("not known".to_owned(), |cost| cost.to_string());
            format!("{} {} {} {cost}", one.address, line.item, line.quantity)
        })
    });
    lines.collect()
}

/// The rows of the table in `docs/cost.md`, as resource, item, quantity, price and cost; and the sums below it.
fn by_hand() -> (Vec<[String; 5]>, Vec<(String, String)>) {
    let text = std::fs::read_to_string(repository("docs/cost.md")).expect("docs/cost.md");
    let rows = text.lines().filter(|line| line.starts_with('|'));
    let rows: Vec<Vec<String>> = rows
        .map(|row| {
            row.trim_matches('|')
                .split('|')
                .map(|cell| cell.trim().trim_matches('`').to_owned())
                .collect()
        })
        .collect();
    let of_width = |width| {
        rows.iter()
            .filter(move |row| row.len() == width && !row[0].starts_with("--"))
    };
    let lines = of_width(6).skip(1).map(|row| {
        let [resource, item, _, quantity, price, cost] = &row[..] else {
            unreachable!()
        };
        [resource, item, quantity, price, cost].map(String::clone)
    });
    let names = ["idle_a_day", "in_use", "without_free", "worst"];
    let sums = of_width(3).filter(|row| names.contains(&row[0].as_str()));
    let sums = sums.map(|row| (row[0].clone(), row[2].clone()));
    (lines.collect(), sums.collect())
}

#[test]
fn a_thousand_photos_cost_what_the_calculation_by_hand_says() {
    let said = cost(
        &repository("."),
        &["stacks/image-metadata.yaml", "--runs", "1000", "--json"],
        &[],
    );
    let event = said.ends(0).event("cost");
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut ours: Vec<[String; 5]> = Vec::new();
    for resource in event["resources"].as_array().expect("a list") {
        for line in resource["lines"].as_array().expect("a list") {
            let cells = [
                &resource["address"],
                &line["item"],
                &line["quantity"],
                &line["price"],
                &line["cost"],
            ];
            ours.push(cells.map(text));
        }
    }
    let (mut rows, sums) = by_hand();
    assert!(
        rows.len() > 15 && sums.len() == 4,
        "the tables are found: {rows:?} {sums:?}"
    );
    rows.sort();
    ours.sort();
    assert_eq!(ours, rows);
    for (name, sum) in sums {
        assert_eq!(text(&event[&name]), sum, "{name}");
    }
}

/// Every kind, wired so that what happens to one leads to others.
const EVERY_KIND: &str = "stack: all
buckets: { photos: {}, own: { versioning: true } }
tables: { items: { partition_key: id, point_in_time_recovery: true } }
roles:
  shared: { assumed_by: [lambda.amazonaws.com], allow: [{ actions: ['s3:*'], resources: ['${own.arn}', '${own.arn}/*'] }] }
log_groups: { notes: {} }
functions:
  resize:
    code: code
    handler: app.handler
    runtime: python3.13
    architecture: arm64
    memory: 1024
    timeout: 3
    allow:
      - { actions: [dynamodb:PutItem, dynamodb:GetItem], resources: ['${items.arn}'] }
      - { actions: [rekognition:CompareFaces, bedrock:InvokeModel, sts:GetCallerIdentity], resources: ['*'] }
      - { actions: [sns:Publish], resources: ['${news.arn}'] }
  by-role: { code: code, handler: app.handler, runtime: python3.13, role: '${shared.arn}' }
  foreign: { code: code, handler: app.handler, runtime: python3.13, role: 'arn:aws:iam::111122223333:role/LabRole' }
state_machines:
  fast:
    type: express
    logging: all
    tracing: true
    definition:
      StartAt: Each
      States:
        Each:
          Type: Map
          ItemProcessor: { StartAt: Do, States: { Do: { Type: Task, Resource: '${resize.arn}', End: true } } }
          End: true
connections: { api: { api_key: { header: x, value: '${env:KEY}' } } }
trails: { log: { objects_of: [photos], record: all } }
rules:
  put: { put_object_in: photos, start: fast }
  hourly: { schedule: rate(1 hour), start: by-role }
directory_buckets: { quick: { zone: use1-az4 } }
vaults: { archive: {} }
queues: { jobs: {}, ordered: { fifo: true } }
topics: { news: { subscriptions: [{ to: jobs }] }, series: { fifo: true, subscriptions: [{ to: ordered }] } }
";

#[test]
fn every_kind_says_what_it_uses() {
    let assumed = Assumed {
        runs: 10,
        days: 2,
        items: 4,
        milliseconds: 5_000,
    };
    let of = of_text(EVERY_KIND, "us-east-1", assumed);
    let kinds: BTreeSet<Kind> = of.resources.iter().map(|one| one.kind).collect();
    assert_eq!(
        kinds,
        Kind::ALL.into_iter().collect(),
        "every kind is there"
    );
    let expected = [
        // 10 objects of 1 MB, for two days of 30.
        "bucket.photos s3.requests.put 10 0.00005",
        "bucket.photos s3.storage 0.000651 0.000014973",
        // 24 a day: `s3:*` reads and writes once.
        "bucket.own s3.requests.put 48 0.00024",
        "bucket.own s3.requests.get 48 0.0000192",
        "trail.log cloudtrail.data_events 10 0.00001",
        "rule.put events.custom 10 0.00001",
        // 40 items: 1 GB for the 3 seconds that the timeout leaves.
        "function.resize lambda.requests 40 0.000008",
        "function.resize lambda.gb_seconds.arm64 120 0.001600008",
        "function.resize rekognition.image.group1 40 not known",
        "function.resize bedrock:InvokeModel 40 not known",
        "function.by-role lambda.requests 48 0.0000096",
        // 40 tasks of 5 s with 64 MB, in 10 requests.
        "state_machine.fast states.express.requests 10 0.00001",
        "state_machine.fast states.express.gb_seconds 12.5 0.000208375",
        "state_machine.fast xray.traces 10 not known",
        // A Map and four items log 1 KB each, 10 times.
        "state_machine.fast.logs logs.ingestion 0.000048 0.000024",
        "table.items dynamodb.write_units 40 0.000025",
        "table.items dynamodb.read_units 40 0.000005",
        "table.items dynamodb.pitr 0.000003 0.0000006",
        "topic.news sns.requests 40 0.00002",
        "topic.news sns.deliveries.sqs 40 0",
        // Sent, received and deleted.
        "queue.jobs sqs.requests.standard 120 0.000048",
        // Nothing of the stack publishes there: a run does.
        "topic.series sns.fifo.requests 10 not known",
        "queue.ordered sqs.requests.fifo 30 0.000015",
        "function.foreign lambda.requests 10 0.000002",
    ];
    let ours = lines(&of);
    let missing: Vec<&str> = expected
        .into_iter()
        .filter(|line| !ours.iter().any(|one| one == line))
        .collect();
    assert!(
        missing.is_empty(),
        "missing:\n{}\nof:\n{}",
        missing.join("\n"),
        ours.join("\n")
    );
    let nothing = [
        "connection.api",
        "role.shared",
        "vault.archive",
        "directory_bucket.quick",
        "log_group.notes",
    ];
    assert!(
        !ours
            .iter()
            .any(|line| nothing.iter().any(|one| line.starts_with(one))),
        "{ours:#?}"
    );
    let idle = |address: &str| {
        let found = of
            .resources
            .iter()
            .find(|one| one.address.as_str() == address);
        found
            .map(|one| one.idle_a_day.to_string())
            .unwrap_or_default()
    };
    // 24 requests of 256 MB for 5 s, and 24 puts and gets.
    assert_eq!(idle("function.by-role"), "0.000504801");
    assert_eq!(idle("function.resize"), "0");
    assert_eq!(
        of.unknown.join(" "),
        "bedrock:InvokeModel rekognition.image.group1 sns.fifo.deliveries.sqs sns.fifo.requests xray.traces"
    );
    assert!(
        of.notes
            .iter()
            .any(|note| note.contains("function.foreign")),
        "{:?}",
        of.notes
    );
    assert_eq!(
        of.run,
        [
            "an object is put into bucket.photos",
            "function.foreign is called",
            "a message is sent to topic.series",
        ]
    );
}

#[test]
fn an_unknown_price_is_said_and_in_no_sum() {
    let said = cost(
        &repository("."),
        &["stacks/image-metadata.yaml", "--region", "sa-east-1"],
        &[],
    );
    said.ends(0)
        .says("rekognition.image.group2: price not known")
        .says("dynamodb.storage: price not known")
        .says("The sums are without dynamodb.storage, rekognition.image.group2:")
        .says("second hand");
}

#[test]
fn a_region_without_prices_is_refused_with_those_that_have() {
    let said = cost(
        &repository("."),
        &["stacks/microservices.yaml"],
        &[("AWS_REGION", "eu-central-1")],
    );
    said.ends(2)
        .says("no prices of eu-central-1 are known")
        .says("us-east-1, us-west-2, eu-west-1, sa-east-1")
        .says("`treino cost stacks/microservices.yaml --region us-east-1`");
    cost(&repository("."), &["microservices"], &[])
        .ends(2)
        .says("did you mean stacks/microservices.yaml?");
    let other = cost(
        &repository("."),
        &["stacks/microservices.yaml"],
        &[("AWS_DEFAULT_REGION", "eu-west-1")],
    );
    other.ends(0).says("microservices in eu-west-1");
}

/// No line is wider than a terminal, and nothing is needed but the file.
#[test]
fn every_lab_is_priced_offline_at_eighty_columns() {
    for lab in [
        "api-externa",
        "conta-banco",
        "image-metadata",
        "microservices",
        "order-processing",
    ] {
        let file = format!("stacks/{lab}.yaml");
        let said = cost(
            &repository("."),
            &[&file, "--runs", "1000000", "--days", "40"],
            &[],
        );
        let said = said
            .ends(0)
            .says(&format!("{lab} in us-east-1: 1,000,000 runs in 40 days"));
        let wide = said.out.lines().find(|line| line.chars().count() > 80);
        assert_eq!(wide, None, "{lab}");
    }
}

#[test]
fn a_loop_is_counted_once_and_said() {
    let text = "stack: loop
buckets: { photos: {} }
functions:
  f:
    code: code
    handler: app.handler
    runtime: python3.13
    allow: [{ actions: [s3:PutObject], resources: ['${photos.arn}/*'] }]
rules: { put: { put_object_in: photos, via: s3, start: f } }
";
    let of = of_text(
        text,
        "us-east-1",
        Assumed {
            runs: 1,
            ..Assumed::default()
        },
    );
    assert!(
        of.notes
            .iter()
            .any(|note| note.contains("leads to itself again")),
        "{:?}",
        of.notes
    );
    assert!(
        lines(&of).contains(&"function.f lambda.requests 1 0.0000002".to_owned()),
        "{:?}",
        lines(&of)
    );
    // What the stack itself writes elsewhere than the rule waits for is no loop.
    let filtered = text.replace("via: s3", "via: s3, prefix: in/");
    let of = of_text(
        &filtered,
        "us-east-1",
        Assumed {
            runs: 1,
            ..Assumed::default()
        },
    );
    assert!(
        !of.notes.iter().any(|note| note.contains("itself again")),
        "{:?}",
        of.notes
    );
    assert!(
        lines(&of).contains(&"bucket.photos s3.requests.put 2 0.00001".to_owned()),
        "{:?}",
        lines(&of)
    );
}

/// An Express workflow is billed for the time that it waits, and an event once for all rules that it matches.
#[test]
fn waits_and_events_of_several_rules_are_counted_as_they_are_billed() {
    let machine = |state: &str| {
        format!(
            "stack: lab\nstate_machines: {{ m: {{ type: express, definition: {{ StartAt: A, States: {{ A: {{ Type: Wait, {state}, End: true }} }} }} }} }}\n"
        )
    };
    let assumed = Assumed {
        runs: 1_000,
        ..Assumed::default()
    };
    let of = of_text(&machine("Seconds: 200"), "us-east-1", assumed);
    let line = "state_machine.m states.express.gb_seconds 12500 0.208375".to_owned();
    assert!(lines(&of).contains(&line), "{:?}", lines(&of));
    let of = of_text(&machine("SecondsPath: $.n"), "us-east-1", assumed);
    assert!(
        of.notes
            .iter()
            .any(|note| note.contains("`A` of state_machine.m waits")),
        "{:?}",
        of.notes
    );
    let rules = "stack: lab\nqueues: { q: {} }\nrules:\n  a: { pattern: { source: [my.app] }, start: q }\n  b: { pattern: { source: [my.app] }, start: q }\n";
    let of = of_text(rules, "us-east-1", assumed);
    let billed = lines(&of)
        .into_iter()
        .filter(|line| line.contains("events.custom"));
    assert_eq!(
        billed.collect::<Vec<_>>(),
        ["rule.a events.custom 1000 0.001"]
    );
    assert!(
        !of.assumed.iter().any(|text| text.contains("CloudTrail")),
        "{:?}",
        of.assumed
    );
}

/// Functions that may all call each other: the ways are more than can be followed.
#[test]
fn what_calls_each_other_in_many_ways_ends() {
    let mut text = "stack: many\nfunctions:\n".to_owned();
    for index in 0..12 {
        let others = (0..12)
            .map(|other| format!("'${{f{other}.arn}}'"))
            .collect::<Vec<_>>()
            .join(", ");
        let function = format!(
            "  f{index}: {{ code: code, handler: app.handler, runtime: python3.13, allow: [{{ actions: [lambda:InvokeFunction], resources: [{others}] }}] }}\n"
        );
        text.push_str(&function);
    }
    let of = of_text(&text, "us-east-1", Assumed::default());
    assert!(
        of.notes.iter().any(|note| note.contains("too many ways")),
        "{:?}",
        of.notes
    );
    assert_eq!(of.run, ["function.f0 is called"]);
}

#[test]
fn wrong_numbers_are_refused() {
    for wrong in [
        ["--runs", "-1"],
        ["--runs", "1e6"],
        ["--seconds", "-1"],
        ["--days", "0"],
        ["--days", "400"],
        ["--seconds", "0"],
        ["--seconds", "1e9"],
        ["--items", "x"],
    ] {
        let arguments = [&["stacks/microservices.yaml"][..], &wrong].concat();
        cost(&repository("."), &arguments, &[])
            .ends(2)
            .says(&format!("'{}'", wrong[1]))
            .says(": use a ");
    }
}

const WITH_LIMIT: &str = "stack: dear
expires: 40h
max_cost: 1 USD
functions:
  f:
    code: code
    handler: app.handler
    runtime: python3.13
    allow: [{ actions: [rekognition:DetectLabels], resources: ['*'] }]
rules: { often: { schedule: rate(1 minute), start: f } }
";

/// 1,440 calls a day for two days and 100 runs are 2,980 images.
#[test]
fn what_is_estimated_above_its_limit_is_refused() {
    let checked = |text: &str| {
        let folder = folder_with(&[CODE, ("stack.yaml", text)]);
        crate::one_fault::check(folder.path(), &["stack.yaml"])
    };
    checked(WITH_LIMIT)
        .ends(2)
        .says("the stack is estimated to cost 2.89 USD in 2 days with 100 runs, and `max_cost` is 1.00 USD")
        .says("stack.yaml:3:11")
        .says("`treino cost --days 2` shows what costs: change it, or raise `max_cost`");
    checked(&WITH_LIMIT.replace("1 USD", "3 USD"))
        .ends(0)
        .says("nothing wrong");
    checked(&WITH_LIMIT.replace("1 USD", "3 EUR"))
        .ends(2)
        .says("`3 EUR` is not an amount of US dollars")
        .says("write it like 5 USD or 0.50 USD");
    let unknown = WITH_LIMIT
        .replace("1 USD", "3 USD")
        .replace("DetectLabels", "CompareFaces");
    checked(&unknown)
        .ends(0)
        .says("the price of rekognition.image.group1 in us-east-1 is not known");
}

/// A plan on AWS ends with a line of what it costs, and is refused above its limit; on the local AWS nothing costs.
#[test]
fn a_plan_says_what_it_costs_and_keeps_to_its_limit() {
    let world = World::new("a_plan_says_what_it_costs");
    world.file(CODE.0, CODE.1.as_bytes());
    world.file("dear.yaml", WITH_LIMIT.as_bytes());
    let file = world.folder.path().join("dear.yaml");
    let file = file.to_str().expect("UTF-8");
    let keys = (world.account.as_str(), &*world.secret());
    for verb in [&["plan", file][..], &["deploy", "--yes", file]] {
        let refused = world.treino_as(keys, verb).ends(2);
        let problem = refused.event("problem");
        assert!(
            problem["message"]
                .as_str()
                .is_some_and(|text| text.contains("`max_cost` is 1.00 USD")),
            "{problem}"
        );
        assert_eq!(
            (&problem["line"], refused.events("plan").len()),
            (&3.into(), 0)
        );
    }
    world.file("dear.yaml", WITH_LIMIT.replace("1 USD", "3 USD").as_bytes());
    let planned = world.treino_as(keys, &["plan", file]).ends(0);
    let cost = planned.event("plan_cost");
    assert_eq!(cost["region"], "us-east-1");
    // 1,440 images, requests, 360 GB-seconds and logs; nothing but the schedule starts the function.
    assert_eq!(
        (&cost["idle_a_day"], &cost["of_1000_runs"]),
        (&"1.446975892".into(), &Value::Null)
    );
    let local = world.treino(&["plan", file, "--json"]).ends(0);
    assert_eq!(
        (local.events("plan").len(), local.events("plan_cost").len()),
        (1, 0)
    );
}

/// An estimate puts no file.
#[test]
fn what_a_check_puts_may_be_missing() {
    let folder = tempfile::tempdir().unwrap();
    let text = "stack: lab\nbuckets: { b: {} }\ntables: { t: { partition_key: id } }\n\
                checks: { c: { put: no.txt, expect: { item: { table: t, where: { id: a } } } } }\n";
    std::fs::write(folder.path().join("stack.yaml"), text).unwrap();
    drop(cost(folder.path(), &["--region", "us-east-1"], &[]).ends(0));
}
