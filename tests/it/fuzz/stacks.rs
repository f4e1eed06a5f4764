//! Random stacks that are right, with something of everything.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use proptest::prelude::*;
use treino::source::Source;
use treino::stack::{self, DesiredState, Given, Target};

/// What resources are called: some names in common, so that two stacks have a past together.
const KEYS: &[&str] = &[
    "a",
    "photos",
    "B_2",
    "x-1",
    "a-key-that-is-longer-than-most-keys-are",
];

type Keys = BTreeSet<usize>;
type Of<T> = BTreeMap<usize, T>;

/// A stack as its author would write it.
#[derive(Debug, Clone)]
pub struct Lab {
    /// With versions or not, and under a name of their own or not.
    buckets: Of<(bool, bool)>,
    /// With a sort key or not; under one of three names.
    tables: Of<(bool, usize)>,
    /// Memory; what they have to do with the others; reserved executions.
    functions: Of<(u32, usize, Option<u8>)>,
    /// Express or not, logging or not.
    machines: Of<(bool, bool)>,
    /// By a key, a password or a token.
    connections: Of<usize>,
    trails: Keys,
    rules: Of<(bool, bool)>,
    groups: Of<u8>,
    roles: Keys,
    /// In one zone or the other, with a policy or not.
    directories: Of<(bool, bool)>,
    vaults: Of<bool>,
    tag: Option<String>,
    /// A parameter's value, and a secret one's.
    given: (u8, u8),
}

fn key(section: &str, number: usize) -> String {
    format!("{section}{}", KEYS[number])
}

/// One of the keys, by chance.
fn some<T>(of: &Of<T>, number: usize) -> Option<usize> {
    of.keys().nth(number % of.len().max(1)).copied()
}

impl Lab {
    pub fn text(&self) -> String {
        let mut text = String::from("stack: lab\n");
        text += "params: { size: { default: \"1\" }, word: { secret: true } }\n";
        if let Some(tag) = &self.tag {
            text.extend([format!(
                "tags: {{ course: {tag:?}, size: \"${{param.size}}\" }}\n"
            )]);
        }
        let mut section = |name: &str, entries: Vec<(String, String)>| {
            if entries.is_empty() {
                return;
            }
            let lines = entries
                .into_iter()
                .map(|(key, inner)| format!("  {key}: {{ {inner} }}\n"));
            text.extend([format!("{name}:\n{}", lines.collect::<String>())]);
        };
        let each =
            |of: &str, keys: &mut dyn Iterator<Item = (usize, String)>| -> Vec<(String, String)> {
                keys.map(|(number, inner)| (key(of, number), inner))
                    .collect()
            };
        section(
            "buckets",
            each(
                "b",
                &mut self.buckets.iter().map(|(n, (versions, named))| {
                    let name = if *named {
                        format!(", name: \"named-{n}-${{account}}-${{param.size}}\"")
                    } else {
                        String::new()
                    };
                    (*n, format!("versioning: {versions}{name}"))
                }),
            ),
        );
        section(
            "tables",
            each(
                "t",
                &mut self.tables.iter().map(|(n, (sorted, named))| {
                    let sort = if *sorted { ", sort_key: at" } else { "" };
                    let name = match named {
                        0 => String::new(),
                        other => format!(", name: given-{n}-{other}"),
                    };
                    (*n, format!("partition_key: id{sort}{name}"))
                }),
            ),
        );
        section(
            "log_groups",
            each(
                "l",
                &mut self.groups.iter().map(|(n, days)| {
                    (
                        *n,
                        format!("retention_days: {}", [1, 3, 5, 7][usize::from(days % 4)]),
                    )
                }),
            ),
        );
        section(
            "roles",
            each(
                "p",
                &mut self
                    .roles
                    .iter()
                    .map(|n| (*n, "assumed_by: [lambda.amazonaws.com]".to_owned())),
            ),
        );
        section("connections", each("c", &mut self.connections.iter().map(|(n, how)| {
            let how = match how % 3 {
                0 => "basic: { username: u, password: \"${param.word}\" }",
                1 => "api_key: { header: x-api-key, value: \"${param.word}\" }, query: { size: \"${param.size}\" }",
                _ => "oauth: { client_id: c, client_secret: \"${param.word}\", endpoint: \"https://a.example\" }, \
                      headers: { X-Word: \"w ${param.word}\" }",
            };
            (*n, how.to_owned())
        })));
        section("functions", each("f", &mut self.functions.iter().map(|(n, (memory, on, reserved))| {
            let mut environment = vec!["SIZE: \"${param.size}\"".to_owned()];
            if on % 2 == 0 {
                environment.push("WORD: \"${param.word}\"".to_owned());
            }
            let api = some(&self.connections, *on);
            environment.extend(api.map(|n| format!("API: \"${{{}.arn}}\"", key("c", n))));
            let table = some(&self.tables, *on);
            environment.extend(table.map(|n| format!("TABLE: \"${{{}.name}}\"", key("t", n))));
            let bucket = some(&self.buckets, *on);
            let allow = bucket.map(|n| format!(", allow: [{{ actions: [s3:GetObject], resources: [\"${{{}.arn}}/*\"] }}]", key("b", n)));
            let role = self.roles.iter().nth(*on).map(|n| format!(", role: \"${{{}.arn}}\"", key("p", *n)));
            let reserved = reserved.map(|n| format!(", reserved_concurrency: {n}"));
            (*n, format!(
                "code: code, handler: app.handler, runtime: python3.13, memory: {memory}, environment: {{ {} }}{}{}",
                environment.join(", "), role.or(allow).unwrap_or_default(), reserved.unwrap_or_default()
            ))
        })));
        section(
            "state_machines",
            each(
                "m",
                &mut self.machines.iter().map(|(n, (express, logging))| {
                    let kind = if *express { "express" } else { "standard" };
                    let level = if *logging { "error" } else { "off" };
                    (
                        *n,
                        format!("definition: asl/fine.asl.json, type: {kind}, logging: {level}"),
                    )
                }),
            ),
        );
        section(
            "trails",
            each(
                "u",
                &mut self.trails.iter().filter_map(|n| {
                    Some((
                        *n,
                        format!("objects_of: [{}]", key("b", some(&self.buckets, *n)?)),
                    ))
                }),
            ),
        );
        section(
            "rules",
            each(
                "r",
                &mut self.rules.iter().filter_map(|(n, (enabled, put))| {
                    let machine = key("m", some(&self.machines, *n)?);
                    let bucket = some(&self.buckets, *n).filter(|_| *put);
                    let event = match bucket {
                        Some(bucket) => format!("put_object_in: {}, via: s3", key("b", bucket)),
                        None => "schedule: rate(1 day)".to_owned(),
                    };
                    Some((*n, format!("{event}, start: {machine}, enabled: {enabled}")))
                }),
            ),
        );
        section(
            "directory_buckets",
            each(
                "d",
                &mut self.directories.iter().map(|(n, (first, policy))| {
                    // Of no region treino knows the zones of, so that any will do.
                    let zone = if *first { "xyz1-az1" } else { "xyz1-az2" };
                    (
                        *n,
                        format!(
                            "zone: {zone}{}",
                            if *policy {
                                policy_of("d", *n, "s3express:CreateSession")
                            } else {
                                String::new()
                            }
                        ),
                    )
                }),
            ),
        );
        section(
            "vaults",
            each(
                "v",
                &mut self.vaults.iter().map(|(n, policy)| {
                    (
                        *n,
                        if *policy {
                            policy_of("v", *n, "glacier:DeleteArchive")[2..].to_owned()
                        } else {
                            String::new()
                        },
                    )
                }),
            ),
        );
        text
    }

    /// Every resource it comes to.
    pub fn expand(&self, target: &Target) -> DesiredState {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/cases/bad");
        let given = Given {
            owner: target.owner.clone(),
            set: BTreeMap::from([
                ("size".to_owned(), self.given.0.to_string()),
                ("word".to_owned(), format!("word-{}", self.given.1)),
            ]),
            ..Given::default()
        };
        let source = Source::new("stack.yaml", self.text());
        let wrong = |diagnostics| -> ! {
            panic!(
                "{}\n{}",
                self.text(),
                treino::report::diagnostics(&diagnostics)
            )
        };
        let (loaded, _) =
            stack::read(source, &folder, given).unwrap_or_else(|diagnostics| wrong(diagnostics));
        loaded
            .expand(target)
            .unwrap_or_else(|diagnostics| wrong(diagnostics))
            .0
    }
}

fn policy_of(section: &str, number: usize, action: &str) -> String {
    format!(
        ", policy: {{ Statement: [{{ Effect: Deny, Principal: \"*\", Action: \"{action}\", Resource: \"${{{}.arn}}\" }}] }}",
        key(section, number)
    )
}

/// Right stacks.
pub fn labs() -> impl Strategy<Value = Lab> {
    fn of<T: std::fmt::Debug>(what: impl Strategy<Value = T>) -> impl Strategy<Value = Of<T>> {
        prop::collection::btree_map(0..KEYS.len(), what, 0..3)
    }
    let keys = || prop::collection::btree_set(0..KEYS.len(), 0..2);
    let first = (
        // One bucket at least: a stack without resources is refused.
        prop::collection::btree_map(0..KEYS.len(), any::<(bool, bool)>(), 1..3),
        of((any::<bool>(), 0..3_usize)),
        of((128..1_024_u32, 0..6_usize, prop::option::of(0..4_u8))),
        of(any::<(bool, bool)>()),
        of(0..3_usize),
        keys(),
    );
    let second = (
        of(any::<(bool, bool)>()),
        of(any::<u8>()),
        keys(),
        of(any::<(bool, bool)>()),
        of(any::<bool>()),
        prop::option::of("[a-z ]{1,5}[a-z]"),
        (0..3_u8, 0..3_u8),
    );
    (first, second).prop_map(|(first, second)| {
        let (buckets, tables, functions, machines, connections, trails) = first;
        let (rules, log_groups, own_roles, directories, vaults, tag, given) = second;
        Lab {
            buckets,
            tables,
            functions,
            machines,
            connections,
            trails,
            rules,
            groups: log_groups,
            roles: own_roles,
            directories,
            vaults,
            tag,
            given,
        }
    })
}
