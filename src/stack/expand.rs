//! From the stack file to every resource it comes to, those it only implies included.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use serde::Serialize;
use serde_json::Value;

use super::check::did_you_mean;
use super::code::Package;
use super::kinds::RoleSpec;
use super::reference::{self, Known};
use super::{Address, Desired, Kind, Resource, Site, StackFile, name};
use crate::asl;
use crate::source::{Node, Problem, Problems, Source, Span};

/// The largest definition file that is read. AWS takes 1 MB.
const LARGEST_DEFINITION: u64 = 2 * 1024 * 1024;

/// The work of expanding one file for one site; kinds add their resources to it.
pub struct Expansion<'a> {
    /// The file.
    pub file: &'a StackFile,
    /// For whom and where.
    pub site: &'a Site,
    /// The folder paths in the file are relative to.
    pub folder: PathBuf,
    source: &'a Arc<Source>,
    root: &'a Node,
    problems: Problems,
    resources: BTreeMap<Address, Resource>,
    definitions: BTreeMap<String, Option<asl::Definition>>,
    artifacts: BTreeMap<String, Arc<[u8]>>,
}

/// Expands a file whose keys and types are right.
///
/// # Errors
/// All problems, if one is an error.
pub fn expand(
    source: &Arc<Source>,
    root: &Node,
    file: &StackFile,
    folder: PathBuf,
    site: &Site,
) -> Result<(Desired, Problems), Problems> {
    let mut out = Expansion {
        file,
        site,
        folder,
        source,
        root,
        problems: Problems::default(),
        resources: BTreeMap::new(),
        definitions: BTreeMap::new(),
        artifacts: BTreeMap::new(),
    };
    file.buckets
        .iter()
        .for_each(|(key, one)| one.expand(key, &mut out));
    file.tables
        .iter()
        .for_each(|(key, one)| one.expand(key, &mut out));
    file.roles
        .iter()
        .for_each(|(key, one)| one.expand(key, &mut out));
    file.log_groups
        .iter()
        .for_each(|(key, one)| one.expand(key, &mut out));
    file.functions
        .iter()
        .for_each(|(key, one)| one.expand(key, &mut out));
    file.state_machines
        .iter()
        .for_each(|(key, one)| one.expand(key, &mut out));
    file.trails
        .iter()
        .for_each(|(key, one)| one.expand(key, &mut out));
    file.rules
        .iter()
        .for_each(|(key, one)| one.expand(key, &mut out));
    out.finish()
}

impl Expansion<'_> {
    /// Adds a resource under its given or generated name.
    pub fn add<S: Serialize>(
        &mut self,
        kind: Kind,
        address: Address,
        given: Option<&str>,
        spec: &S,
    ) {
        let name = self.name_of(kind, &address, given);
        self.add_named(kind, address, &name, spec);
    }

    /// Adds a resource whose physical name is settled.
    pub fn add_named<S: Serialize>(&mut self, kind: Kind, address: Address, name: &str, spec: &S) {
        let place = self.span(&[kind.facts().section, address.key(), "name"]);
        let twin = self
            .resources
            .values()
            .find(|r| r.kind == kind && r.name == name);
        if let Some(twin) = twin {
            let message = format!(
                "{} and {address} would both be named `{name}` in AWS",
                twin.address
            );
            self.problems.push(
                Problem::error(message)
                    .at(self.source, place)
                    .help("give one of them another name"),
            );
        }
        if let Some(why) = name::refused(kind, name) {
            let page = kind.facts().name.page;
            self.problems.push(
                Problem::error(format!("AWS would refuse this name: {why}"))
                    .at(self.source, place)
                    .help(format!("see https://docs.aws.amazon.com/{page}")),
            );
        }
        let resource = Resource {
            kind,
            name: name.to_owned(),
            arn: name::arn(self.site, kind, name),
            // Specs are plain data: serializing one cannot fail.
            spec: serde_json::to_value(spec).unwrap_or(Value::Null),
            tags: self
                .file
                .tags
                .clone()
                .into_iter()
                .chain(self.site.mark(&address))
                .collect(),
            after: BTreeSet::new(),
            address: address.clone(),
        };
        self.resources.insert(address, resource);
    }

    /// The physical name an address has or would have.
    #[must_use]
    pub fn name_of(&self, kind: Kind, address: &Address, given: Option<&str>) -> String {
        match given {
            Some(given) => name::given(self.site, &Known::of(self.site).replace(given)),
            None => name::generated(self.site, kind, address),
        }
    }

    /// Whether `key` is a resource of `kind`; a problem at `place` if not.
    pub fn key_of(&mut self, kind: Kind, key: &str, place: &[&str]) -> bool {
        let section = self.root.get(kind.facts().section);
        let keys: Vec<&str> = section
            .map(Node::entries)
            .unwrap_or_default()
            .iter()
            .map(|e| e.key.as_str())
            .collect();
        if keys.contains(&key) {
            return true;
        }
        let help = if keys.is_empty() {
            format!("add it under `{}:`", kind.facts().section)
        } else {
            did_you_mean(key, &keys)
        };
        self.problem_at(
            place,
            format!("there is no {kind} `{key}` in this stack"),
            &help,
        );
        false
    }

    /// A definition, read and checked once however many machines use it.
    pub fn definition(&mut self, path: &str, place: &[&str]) -> Option<asl::Definition> {
        if let Some(known) = self.definitions.get(path) {
            return known.clone();
        }
        let loaded = match Source::read(&self.folder.join(path), LARGEST_DEFINITION) {
            Err(problem) => {
                self.problem_at(
                    place,
                    problem.message,
                    problem.help.as_deref().unwrap_or_default(),
                );
                None
            }
            Ok(source) => match asl::load(&source) {
                Err(problems) => {
                    self.problems.extend(problems);
                    None
                }
                Ok((definition, warnings)) => {
                    self.problems.extend(warnings);
                    Some(definition)
                }
            },
        };
        self.definitions.insert(path.to_owned(), loaded.clone());
        loaded
    }

    /// Keeps a package for the upload; answers its hash.
    pub fn artifact(&mut self, package: Package) -> String {
        self.artifacts.insert(package.sha256.clone(), package.zip);
        package.sha256
    }

    /// Reports an error at a path of the stack file.
    pub fn problem_at(&mut self, path: &[&str], message: String, help: &str) {
        let span = self.span(path);
        self.problems
            .push(Problem::error(message).at(self.source, span).help(help));
    }

    /// Reports a warning at a path of the stack file.
    pub fn warning_at(&mut self, path: &[&str], message: String, help: &str) {
        let span = self.span(path);
        self.problems
            .push(Problem::warning(message).at(self.source, span).help(help));
    }

    /// The place of a path, or of as much of it as is written: the value at its end, or the key of
    /// the last part that stands.
    fn span(&self, path: &[&str]) -> Span {
        let mut node = self.root;
        let mut span = Span::default();
        for (index, step) in path.iter().enumerate() {
            if let Some(entry) = node.entry(step) {
                node = &entry.value;
                span = if index + 1 == path.len() && node.entries().is_empty() {
                    node.span
                } else {
                    entry.key_span
                };
            } else if let Some(item) = step.parse::<usize>().ok().and_then(|i| node.items().get(i))
            {
                node = item;
                span = item.span;
            } else {
                break;
            }
        }
        span
    }

    fn finish(mut self) -> Result<(Desired, Problems), Problems> {
        let mut known = Known::of(self.site);
        for resource in self.resources.values() {
            let path = match resource.address.of_owner() {
                Some(part) => format!("{}.{part}", resource.address.key()),
                None => resource.address.key().to_owned(),
            };
            known.set(format!("{path}.name"), &resource.name);
            known.set(format!("{path}.arn"), &resource.arn);
        }
        self.check_references(&known);
        for resource in self.resources.values_mut() {
            resource.spec = known.replace_all(&resource.spec);
        }
        self.machine_roles();
        self.edges();
        let outputs = self
            .file
            .outputs
            .iter()
            .map(|(k, v)| (k.clone(), known.replace(v)))
            .collect();
        let tags = |tags: &super::Tags| {
            tags.iter()
                .map(|(k, v)| (k.clone(), known.replace(v)))
                .collect()
        };
        for resource in self.resources.values_mut() {
            resource.tags = tags(&resource.tags);
        }
        let desired = Desired {
            site: self.site.clone(),
            description: self.file.description.clone(),
            resources: self.resources,
            outputs,
            artifacts: self.artifacts,
        };
        self.problems.or(desired)
    }

    /// What a machine's own role allows follows from its definition with the references resolved.
    fn machine_roles(&mut self) {
        for (key, machine) in &self.file.state_machines {
            let address = Address::new(Kind::StateMachine, key);
            let Some(resource) = self.resources.get(&address) else {
                continue;
            };
            let definition = resource.spec["definition"].clone();
            let site = asl::Site {
                partition: self.site.partition.clone(),
                region: self.site.region.clone(),
                account: self.site.account.clone(),
                machine: resource.name.clone(),
            };
            let (statements, warnings) = machine.statements(&definition, &site);
            for warning in warnings {
                self.warning_at(
                    &["state_machines", key, "definition"],
                    warning,
                    "narrow it with a literal or referenced target, if it is known",
                );
            }
            let trust = super::policy::trust(&["states.amazonaws.com"], Some(&self.site.account));
            let spec: RoleSpec = super::kinds::generated_role(self, trust, &statements);
            if let Some(role) = self.resources.get_mut(&address.part("role")) {
                role.spec = serde_json::to_value(spec).unwrap_or(Value::Null);
            }
        }
    }

    /// Only what AWS enforces is an edge: a role before who assumes it, a bucket with its policy
    /// before the trail that writes to it, a log group before the machine that names it. And, kept
    /// on purpose, a rule after everything else, so that no event meets half a pipeline.
    fn edges(&mut self) {
        let all: Vec<(Address, Kind, String, String)> = self
            .resources
            .values()
            .map(|r| (r.address.clone(), r.kind, r.name.clone(), r.arn.clone()))
            .collect();
        for resource in self.resources.values_mut() {
            let spec = resource.spec.to_string();
            for (address, kind, name, arn) in &all {
                let needed = match (resource.kind, kind) {
                    (Kind::Function | Kind::StateMachine, Kind::Role) => {
                        spec.contains(arn.as_str())
                    }
                    (Kind::StateMachine, Kind::LogGroup) => spec.contains(&format!("{arn}:*")),
                    // Lambda makes the group itself, unmarked and without retention, if it is late.
                    (Kind::Function, Kind::LogGroup) => resource.spec["log_group"] == name.as_str(),
                    (Kind::Trail, Kind::Bucket) => resource.spec["bucket"] == name.as_str(),
                    (Kind::Rule, _) => *kind != Kind::Rule,
                    _ => false,
                };
                if needed {
                    resource.after.insert(address.clone());
                }
            }
        }
    }

    /// Every `${...}` in the stack file and in its definitions means something.
    fn check_references(&mut self, known: &Known) {
        let mut wrong = Vec::new();
        let definitions: Vec<asl::Definition> =
            self.definitions.values().flatten().cloned().collect();
        walk(self.source, self.root, known, &mut wrong);
        for definition in &definitions {
            walk(&definition.source, &definition.root, known, &mut wrong);
        }
        self.problems.extend(wrong);
    }
}

fn walk(source: &Arc<Source>, node: &Node, known: &Known, wrong: &mut Vec<Problem>) {
    if let Some(text) = node.as_str() {
        for found in reference::find(text) {
            if known.get(&found.path).is_some() {
                continue;
            }
            let whole = format!("${{{}}}", found.path);
            // The place of the reference itself where the text stands as written, else of the text.
            let written = source
                .text
                .get(node.span.start..node.span.end)
                .unwrap_or_default();
            let raw = &text[found.start..found.end];
            let span = written.find(raw).map_or(node.span, |at| Span {
                start: node.span.start + at,
                end: node.span.start + at + raw.len(),
            });
            wrong.push(dangling(&found.path, &whole, known).at(source, span));
        }
    }
    node.items()
        .iter()
        .for_each(|item| walk(source, item, known, wrong));
    node.entries()
        .iter()
        .for_each(|entry| walk(source, &entry.value, known, wrong));
}

fn dangling(path: &str, whole: &str, known: &Known) -> Problem {
    if let Some(name) = path.strip_prefix("env:") {
        return Problem::error(format!("the environment variable `{name}` is not set"))
            .label("needed here")
            .help(format!("set it: export {name}=..."));
    }
    let owner = path.rsplit_once('.').map_or(path, |(owner, _)| owner);
    let attributes: Vec<&str> = known
        .paths()
        .filter_map(|p| p.strip_prefix(owner)?.strip_prefix('.'))
        .collect();
    if !attributes.is_empty() {
        return Problem::error(format!("`{whole}`: `{owner}` has no such attribute"))
            .label("refers to nothing")
            .help(format!("it has {}", attributes.join(", ")));
    }
    let paths: Vec<&str> = known.paths().collect();
    Problem::error(format!("`{whole}` refers to nothing in this stack"))
        .label("refers to nothing")
        .help(did_you_mean(path, &paths))
}
