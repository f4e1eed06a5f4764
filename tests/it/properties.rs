//! Properties of every stack, every text and every two values; a fixed number of cases each.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed};
use serde_json::{Value, json};

use super::model_world::world::{Resources, World};
use super::model_world::{deploy, destroy, planned, target};
use crate::kinds;
use treino::plan::{changes, deploy as plan_of};
use treino::source::{Diagnostics, Source, Span};
use treino::stack::{self, DesiredState, Target};

/// The same cases on every machine and day.
fn fixed(cases: u32) -> Config {
    Config {
        cases,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(8_128),
        ..Config::default()
    }
}

fn folder() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/cases/bad")
}

/// The keys of random stacks: some in common, so that two stacks overlap.
const KEYS: &[&str] = &[
    "a",
    "images",
    "Photos",
    "x-1",
    "under_score",
    "a-very-long-key-that-takes-all-forty-let",
];

/// A random stack as its author would write it.
#[derive(Debug, Clone)]
struct Written {
    buckets: BTreeSet<usize>,
    tables: BTreeMap<usize, (bool, bool)>,
    functions: BTreeMap<usize, (u32, usize)>,
    machines: BTreeMap<usize, (bool, bool)>,
    trails: BTreeSet<usize>,
    rules: BTreeMap<usize, bool>,
    groups: BTreeSet<usize>,
    connections: BTreeMap<usize, bool>,
    tag: Option<String>,
}

impl Written {
    fn text(&self) -> String {
        let key = |section: &str, n: &usize| format!("{}-{section}", KEYS[*n]).replace("let-", "-");
        let mut text = String::from("stack: lab\n");
        if let Some(tag) = &self.tag {
            text.extend([format!("tags: {{ course: {tag:?} }}\n")]);
        }
        let mut section = |name: &str, lines: Vec<String>| {
            if !lines.is_empty() {
                text.extend([format!("{name}:\n{}", lines.concat())]);
            }
        };
        let buckets = self.buckets.iter();
        section(
            "buckets",
            buckets
                .map(|n| format!("  {}: {{}}\n", key("b", n)))
                .collect(),
        );
        let tables = self.tables.iter().map(|(n, (sorted, named))| {
            let sort = if *sorted { ", sort_key: at" } else { "" };
            let name = if *named {
                format!(", name: given-{n}")
            } else {
                String::new()
            };
            format!("  {}: {{ partition_key: id{sort}{name} }}\n", key("t", n))
        });
        section("tables", tables.collect());
        let groups = self.groups.iter();
        section(
            "log_groups",
            groups
                .map(|n| format!("  {}: {{}}\n", key("l", n)))
                .collect(),
        );
        let connections = self.connections.iter().map(|(n, basic)| {
            let way = match basic {
                true => "basic: { username: u, password: p }",
                false => "api_key: { header: x-api-key, value: k }",
            };
            format!("  {}: {{ {way} }}\n", key("c", n))
        });
        section("connections", connections.collect());
        let functions = self.functions.iter().map(|(n, (memory, on))| {
            let api = self
                .connections
                .keys()
                .nth(on % self.connections.len().max(1));
            let api = api.map_or(String::new(), |n| {
                format!(", environment: {{ API: \"${{{}.arn}}\" }}", key("c", n))
            });
            let on = self.buckets.iter().nth(on % self.buckets.len().max(1));
            let allow = on.map_or(String::new(), |n| {
                let arn = format!("\"${{{}.arn}}/*\"", key("b", n));
                format!(", allow: [{{ actions: [s3:GetObject], resources: [{arn}] }}]")
            });
            let fixed = "code: code, handler: app.handler, runtime: python3.13";
            format!(
                "  {}: {{ {fixed}, memory: {memory}{allow}{api} }}\n",
                key("f", n)
            )
        });
        section("functions", functions.collect());
        let machines = self.machines.iter().map(|(n, (express, logging))| {
            let kind = if *express { "express" } else { "standard" };
            let level = if *logging { "error" } else { "off" };
            let definition = "definition: asl/fine.asl.json";
            // `off` is no boolean in this YAML.
            format!(
                "  {}: {{ {definition}, type: {kind}, logging: {level} }}\n",
                key("m", n)
            )
        });
        section("state_machines", machines.collect());
        let first = |n: &usize| self.buckets.iter().nth(n % self.buckets.len().max(1));
        let trails = self.trails.iter().filter_map(|n| {
            Some(format!(
                "  {}: {{ objects_of: [{}] }}\n",
                key("u", n),
                key("b", first(n)?)
            ))
        });
        section("trails", trails.collect());
        let rules = self.rules.iter().filter_map(|(n, enabled)| {
            let machine = self.machines.keys().nth(n % self.machines.len().max(1))?;
            let fixed = format!("start: {}, enabled: {enabled}", key("m", machine));
            Some(format!(
                "  {}: {{ schedule: rate(1 day), {fixed} }}\n",
                key("r", n)
            ))
        });
        section("rules", rules.collect());
        text
    }

    fn expand(&self, target: &Target) -> DesiredState {
        let source = Source::new("stack.yaml", self.text());
        let (loaded, _) = stack::read(source, &folder(), target.owner.as_deref())
            .unwrap_or_else(|diagnostics| panic!("{}", treino::report::diagnostics(&diagnostics)));
        loaded.expand(target).expect("it was right a moment ago").0
    }
}

fn written() -> impl Strategy<Value = Written> {
    let n = || 0..KEYS.len();
    let some = || prop::collection::btree_set(n(), 0..3);
    (
        // At least one bucket: a stack without resources is refused.
        prop::collection::btree_set(n(), 1..4),
        prop::collection::btree_map(n(), any::<(bool, bool)>(), 0..3),
        prop::collection::btree_map(n(), (128..1024_u32, n()), 0..3),
        prop::collection::btree_map(n(), any::<(bool, bool)>(), 0..3),
        some(),
        prop::collection::btree_map(n(), any::<bool>(), 0..3),
        some(),
        prop::collection::btree_map(n(), any::<bool>(), 0..2),
        prop::option::of("[a-z ]{1,5}[a-z]"),
    )
        .prop_map(
            |(buckets, tables, functions, machines, trails, rules, groups, connections, tag)| {
                Written {
                    buckets,
                    tables,
                    functions,
                    machines,
                    trails,
                    rules,
                    groups,
                    connections,
                    tag,
                }
            },
        )
}

fn anyone() -> impl Strategy<Value = Target> {
    let owners = prop::option::of("[a-z][a-z0-9]{0,18}[a-z]");
    let regions = prop::sample::select(vec!["us-east-1", "ap-southeast-2", "us-gov-west-1"]);
    (owners, regions).prop_map(|(owner, region)| Target {
        owner,
        region: region.into(),
        partition: Target::partition_of(region).into(),
        ..target()
    })
}

/// Runs a future to its end with a paused clock.
pub fn finish<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build();
    runtime.expect("a runtime").block_on(work)
}

proptest! {
    #![proptest_config(fixed(96))]

    /// Whatever existed before, a deploy gives the same result as in an empty account, in an order that AWS
    /// accepts, and then there is nothing to do; a destroy leaves nothing.
    #[test]
    fn a_deploy_gives_the_desired_state(old in written(), new in written(), target in anyone()) {
        finish(async {
            let (old, new) = (old.expand(&target), new.expand(&target));
            let fresh = World::new(&target);
            assert!(deploy(&fresh, &new).await.is_complete());
            let world = World::new(&target);
            assert!(deploy(&world, &old).await.is_complete());
            let plan = planned(&world, &new).await;
            assert_eq!(plan, planned(&world, &new).await, "planning twice is the same");
            assert_eq!(plan.foreign, []);
            let summary = deploy(&world, &new).await;
            assert!(summary.is_complete(), "{summary:?}");
            assert!(planned(&world, &new).await.is_empty());
            assert_eq!(world.resources(), fresh.resources());
            assert!(destroy(&world, &target).await.is_complete());
            assert_eq!(world.resources(), Resources::new());
            assert_eq!(world.wrong(), Vec::<String>::new());
        });
    }

    /// One error anywhere in a change from one stack to another, then the same change again.
    #[test]
    fn an_error_anywhere_is_recovered(old in written(), new in written(), number in 0..40_usize, after: bool) {
        use super::model_world::world::When;
        finish(async {
            let (old, new) = (old.expand(&target()), new.expand(&target()));
            let fresh = World::new(&target());
            deploy(&fresh, &new).await;
            let world = World::new(&target());
            deploy(&world, &old).await;
            world.fail(number, if after { When::After } else { When::Before });
            deploy(&world, &new).await;
            deploy(&world, &new).await;
            assert!(planned(&world, &new).await.is_empty());
            assert_eq!(world.resources(), fresh.resources());
            assert_eq!(world.wrong(), Vec::<String>::new());
        });
    }

    /// Two addresses never share a name, and AWS accepts every name: the loader, which refuses invalid ones,
    /// refuses none that treino computed.
    #[test]
    fn aws_accepts_every_name(stack in "[a-z][a-z0-9-]{0,30}[a-z0-9]", keys in prop::collection::btree_set("[A-Za-z][A-Za-z0-9_-]{0,39}", 1..6), target in anyone()) {
        let reserved = ["account", "region", "partition", "stack", "env", "param"];
        // Bucket names lose capitals and `_`: keys that differ only in these are reported.
        let plain = |key: &String| key.to_lowercase().replace('_', "-");
        let mut seen = BTreeSet::new();
        // Those of the samples that a kind needs.
        let theirs: Vec<&str> = kinds::ALL.iter().map(|kind| kind.sample().key()).collect();
        let keys: Vec<&String> = keys
            .iter()
            .filter(|key| !reserved.contains(&key.as_str()) && !theirs.contains(&plain(key).as_str()) && seen.insert(plain(key)))
            .collect();
        prop_assume!(!keys.is_empty() && !["xn--", "sthree-"].iter().any(|p| stack.starts_with(p)));
        for kind in stack::Kind::ALL {
            let sample = kinds::of(kind).sample();
            let needs = sample.needs.iter().map(|kind| kinds::of(*kind).sample().section);
            let needs: String = needs.collect();
            let mut text = format!("stack: {stack}\n{needs}{}:\n", kind.section());
            for key in &keys {
                text.extend([format!("  \"{key}\":{}", sample.entry())]);
            }
            let text = text
                .replace("machine.asl.json", "asl/fine.asl.json\n    logging: all")
                .replace("${env:LAB_KEY}", "k")
                // A region whose zones treino does not know, so that any zone is accepted.
                .replace("use1-az4", "xyz1-az1");
            let source = Source::new("stack.yaml", text.clone());
            let read = stack::read(source, &folder(), target.owner.as_deref());
            let (loaded, _) = read.unwrap_or_else(|diagnostics| panic!("{text}\n{}", treino::report::diagnostics(&diagnostics)));
            let (desired, _) = loaded.expand(&Target { stack: stack.clone(), ..target.clone() })
                .unwrap_or_else(|diagnostics| panic!("{text}\n{}", treino::report::diagnostics(&diagnostics)));
            let names: BTreeSet<_> = desired.resources.values().map(|r| (r.kind, &r.name)).collect();
            prop_assert_eq!(names.len(), desired.resources.len());
        }
    }
}

/// Any small JSON value.
pub fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (0..4_i64).prop_map(Value::from),
        "[ab. \\[]{0,2}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("[ab.]{0,2}", inner, 0..4)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

/// A policy document, more or less.
fn policy() -> impl Strategy<Value = Value> {
    let words = prop_oneof![
        "[ab]".prop_map(Value::from),
        prop::collection::vec(
            prop_oneof![
                "[ab]".prop_map(Value::from),
                any::<bool>().prop_map(Value::from)
            ],
            0..3
        )
        .prop_map(Value::from),
    ]
    .boxed();
    let statement = (words.clone(), words.clone(), words.clone(), value()).prop_map(
        |(action, resource, condition, other)| {
            json!({
                "Effect": "Allow", "Action": action, "Resource": resource, "Principal": { "AWS": condition.clone() },
                "Condition": { "StringEquals": { "k": condition } }, "Other": other,
            })
        },
    )
    .boxed();
    prop_oneof![
        value(),
        prop_oneof![
            statement.clone(),
            prop::collection::vec(statement, 0..3).prop_map(Value::from),
        ]
        .prop_map(|statements| json!({ "Version": "2012-10-17", "Statement": statements })),
    ]
}

proptest! {
    #![proptest_config(fixed(2_000))]

    #[test]
    fn a_value_equals_itself(a in value()) {
        prop_assert_eq!(changes(&a, &a), []);
    }

    /// A change in one direction is the opposite change in the other direction, at the same path.
    #[test]
    fn differences_are_symmetric(a in value(), b in value()) {
        let sorted = |mut list: Vec<(String, Option<Value>, Option<Value>)>| {
            list.sort_by_key(|(path, from, to)| format!("{path} {from:?} {to:?}"));
            list
        };
        let there = changes(&a, &b).into_iter().map(|c| (c.path, c.from, c.to)).collect();
        let back = changes(&b, &a).into_iter().map(|c| (c.path, c.to, c.from)).collect();
        prop_assert_eq!(sorted(there), sorted(back));
    }

    #[test]
    fn normalising_a_policy_is_idempotent(document in policy()) {
        let once = stack::policy::normal(&document);
        prop_assert_eq!(stack::policy::normal(&once), once);
    }
}

/// Draws every diagnostic of a text, and checks that every place is in its file.
fn look(text: &str) {
    look_in(&folder(), text);
}

/// The same for a file in another folder.
pub fn look_in(folder: &Path, text: &str) {
    let source = Source::new("stack.yaml", text);
    let diagnostics = match stack::read(source, folder, Some("ana")) {
        Ok((loaded, warnings)) => {
            let plan = |target: &Target| {
                let (desired, _) = loaded.expand(target)?;
                let plan = plan_of(
                    &desired,
                    &treino::plan::ActualState::default(),
                    &BTreeSet::new(),
                );
                let drawn = treino::report::plan(&plan, true);
                assert!(!drawn.is_empty());
                Ok::<_, Diagnostics>(())
            };
            // A name that fits in one region may be too long in another.
            let _ = plan(&target());
            warnings
        }
        Err(diagnostics) => {
            assert!(diagnostics.has_errors());
            diagnostics
        }
    };
    drawn(&diagnostics);
}

/// Diagnostics are drawn, each at a place in its file and with help.
pub fn drawn(diagnostics: &Diagnostics) {
    let drawn = treino::report::diagnostics(diagnostics);
    assert_eq!(drawn.is_empty(), diagnostics.0.is_empty());
    for diagnostic in &diagnostics.0 {
        let place = diagnostic
            .place
            .as_ref()
            .unwrap_or_else(|| panic!("no place: {}", diagnostic.message));
        let Span { start, end } = place.span;
        let text = &place.source.text;
        assert!(start <= end && end <= text.len(), "{diagnostic:?}");
        assert!(
            text.is_char_boundary(start) && text.is_char_boundary(end),
            "{diagnostic:?}"
        );
        assert!(
            !diagnostic.message.is_empty() && diagnostic.help.is_some(),
            "{diagnostic:?}"
        );
    }
}

/// A file with every section.
pub const WHOLE: &str = r#"stack: lab # ünï
description: "日本 ${stack}"
expires: 4h
tags: { course: é, "k 2": "${region}" }
defaults: { log_retention_days: 14 }
buckets:
  images: &x { versioning: true }
  more: *x
  third: { <<: *x, policy: { Statement: [{ Effect: Deny, Principal: "*", Action: "*", Resource: "${third.arn}/*" }] } }
tables:
  metadata: { partition_key: "id:N", sort_key: at, time_to_live: gone }
roles:
  mine: { assumed_by: [lambda.amazonaws.com], managed_policies: [arn:aws:iam::aws:policy/ReadOnlyAccess] }
log_groups: { own: { retention_days: 30 } }
functions:
  f:
    code: code
    handler: app.handler
    runtime: python3.13
    role: ${mine.arn}
    environment: { TABLE: "${metadata.name}", LITERAL: "$${x}" }
    allow:
      - { actions: [s3:GetObject], resources: ["${images.arn}/*"], when: { Bool: { k: true } } }
state_machines:
  m: { definition: asl/fine.asl.json, logging: all, type: express }
trails: { t: { objects_of: [images], record: all } }
rules:
  r: { put_object_in: images, via: s3, start: m }
  s: { pattern: { source: [aws.s3], detail: { a: [{ prefix: x }] } }, start: m, input: { a: [1, null] } }
outputs: { bucket: "${images.name}", f: "${f.role.name}" }
"#;

#[test]
fn a_file_with_every_section_is_valid() {
    // With a role of `mine` there is no `f.role`.
    let text = WHOLE.replace("${f.role.name}", "${f.logs.name}");
    let read = stack::read(Source::new("stack.yaml", text), &folder(), None);
    assert!(
        read.is_ok(),
        "{}",
        treino::report::diagnostics(&read.expect_err("wrong"))
    );
    look(WHOLE);
}

/// Text pieces with a meaning in YAML or treino.
pub const PIECES: &[&str] = &[
    "",
    " ",
    "\n",
    "\t",
    "\r\n",
    ":",
    ": ",
    "- ",
    "[",
    "]",
    "{",
    "}",
    ",",
    "\"",
    "'",
    "|\n",
    ">\n",
    "&x ",
    "*x",
    "<<: ",
    "!!int ",
    "? ",
    "#",
    "%",
    "@",
    "`",
    "\\",
    "~",
    "null",
    "true",
    "-1",
    "1e99",
    ".nan",
    "99999999999999999999",
    "${",
    "}",
    "${images.arn}",
    "${f.name}",
    "${}",
    "${env:}",
    "$${",
    "name: ",
    "${m.role.arn}",
    "é",
    "日",
    "👩‍🚀",
    "\u{feff}",
    "\u{0}",
    "---\n",
    "...\n",
    "stack: ",
    "buckets:\n",
    "images",
    "\n  a: {}\n",
    "\u{85}",
    "\u{2028}",
];

proptest! {
    #![proptest_config(fixed(400))]

    #[test]
    fn any_text_is_accepted_or_refused(text in any::<String>()) {
        look(&text);
    }

    #[test]
    fn any_yaml_is_accepted_or_refused(value in value()) {
        look(&value.to_string());
        look(&json!({ "stack": "lab", "buckets": value, "tables": { "t": value }, "functions": { "f": value },
            "rules": { "r": value }, "tags": value, "outputs": value }).to_string());
    }

    /// A valid file with a few random deletions and insertions.
    #[test]
    fn a_mutated_file_is_accepted_or_refused(
        cuts in prop::collection::vec((any::<prop::sample::Index>(), 0..12_usize, prop::sample::select(PIECES)), 1..4)
    ) {
        let mut text = WHOLE.to_owned();
        for (at, length, piece) in cuts {
            let places: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
            let first = at.index(places.len());
            let end = places.get(first + length).copied().unwrap_or(text.len());
            text.replace_range(places[first]..end, piece);
        }
        look(&text);
    }

    /// The same with whole lines: indented, doubled, removed, exchanged.
    #[test]
    fn shuffled_lines_are_accepted_or_refused(
        moves in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), 0..5_u8), 1..5)
    ) {
        let mut lines: Vec<String> = WHOLE.lines().map(String::from).collect();
        for (one, other, how) in moves {
            let (one, other) = (one.index(lines.len()), other.index(lines.len()));
            match how {
                0 => lines[one].insert_str(0, "  "),
                1 => lines.swap(one, other),
                2 => { let line = lines[one].clone(); lines.insert(other, line); }
                3 => lines[one] = lines[one].trim_start().to_owned(),
                _ => if lines.len() > 2 { lines.remove(one); },
            }
        }
        look(&lines.join("\n"));
    }
}
