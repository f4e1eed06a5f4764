//! From the stack file to every resource it comes to, those it only implies included.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use serde::Serialize;
use serde_json::Value;

use super::check::did_you_mean;
use super::code::Package;
use super::files::Files;
use super::kinds::RoleSpec;
use super::reference::{self, Known};
use super::well_formed::resources;
use super::{Address, Desired, Kind, Resource, Site, StackFile, name, resolve};
use crate::asl;
use crate::source::{Entry, Node, Problem, Problems, Source, Span};

/// The work of expanding one file for one site; kinds add their resources to it.
pub struct Expansion<'a> {
    /// The file.
    pub file: &'a StackFile,
    /// For whom and where.
    pub site: &'a Site,
    files: &'a Files,
    source: &'a Arc<Source>,
    root: &'a Node,
    /// What stands under each resource's key, whether or not it can be used.
    written: HashMap<&'a str, (Kind, &'a Entry)>,
    problems: Problems,
    resources: BTreeMap<Address, Resource>,
    /// Whose each physical name is.
    names: HashMap<(Kind, String), Address>,
    told: HashSet<String>,
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
    files: &Files,
    site: &Site,
) -> Result<(Desired, Problems), Problems> {
    let mut out = Expansion {
        file,
        site,
        files,
        source,
        root,
        written: resources(root)
            .filter_map(|(section, entry)| {
                Some((entry.key.as_str(), (Kind::of_section(section)?, entry)))
            })
            .collect(),
        problems: Problems::default(),
        resources: BTreeMap::new(),
        names: HashMap::new(),
        told: HashSet::new(),
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
    file.directory_buckets
        .iter()
        .for_each(|(key, one)| one.expand(key, &mut out));
    file.vaults
        .iter()
        .for_each(|(key, one)| one.expand(key, &mut out));
    out.finish()
}

impl<'a> Expansion<'a> {
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
        let place = self.name_place(&address);
        if let Some(twin) = self.names.get(&(kind, name.to_owned())) {
            self.problems.push(
                Problem::error(format!(
                    "{twin} and {address} would both be named `{name}` in AWS"
                ))
                .at(self.source, place)
                .help("give one of them another `name:`"),
            );
        }
        if let Some(wrong) = name::refused(kind, name) {
            let whole = match &self.site.owner {
                Some(owner) if name.ends_with(owner.as_str()) => {
                    format!(" (with the owner `{owner}`)")
                }
                _ => String::new(),
            };
            self.problems.push(
                Problem::error(format!(
                    "`{name}`{whole} cannot be a {kind}'s name: {}",
                    wrong.why
                ))
                .at(self.source, place)
                .help(format!(
                    "{} (https://docs.aws.amazon.com/{})",
                    wrong.help,
                    kind.facts().name.page
                )),
            );
        }
        self.names.insert((kind, name.to_owned()), address.clone());
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

    /// Where a resource's physical name is said, or else the key it follows from.
    fn name_place(&self, address: &Address) -> Span {
        let Some((_, entry)) = self.written.get(address.key()) else {
            return Span::default();
        };
        let given = entry.value.get("name");
        given.map_or(entry.key_span, |name| name.span)
    }

    /// The physical name an address has or would have.
    #[must_use]
    pub fn name_of(&self, kind: Kind, address: &Address, given: Option<&str>) -> String {
        let known = Known::of(self.site);
        match given.filter(|given| resolve::is_settled(given, &known)) {
            Some(given) => name::given(self.site, &known.replace(given)),
            // A name that refers to what it may not is a problem of its own.
            None => name::generated(self.site, kind, address),
        }
    }

    /// Whether `key` is a resource of `kind`; a problem at `place` if not.
    pub fn key_of(&mut self, kind: Kind, key: &str, place: &[&str]) -> bool {
        let found = self.written.get(key).map(|(kind, _)| *kind);
        if found == Some(kind) {
            return true;
        }
        let mut keys: Vec<&str> = self
            .written
            .iter()
            .filter(|(_, (of, _))| *of == kind)
            .map(|(key, _)| *key)
            .collect();
        keys.sort_unstable();
        let message = match found {
            Some(other) => format!("`{key}` is a {other}, and a {kind} is meant here"),
            None => format!("there is no {kind} `{key}` in this stack"),
        };
        let help = if keys.is_empty() {
            format!("add it under `{}:`", kind.facts().section)
        } else {
            did_you_mean(key, &keys)
        };
        self.problem_at(place, message, &help);
        false
    }

    /// A definition. What is wrong with it is said once, however many machines use it.
    pub fn definition(&mut self, path: &str, place: &[&str]) -> Option<&'a asl::Definition> {
        let files = self.files;
        let read = files.definition(path)?;
        let found = match read {
            Ok((_, warnings)) => warnings,
            Err(problems) => problems,
        };
        let here = self.span(place);
        if self.told.insert(path.to_owned()) {
            for problem in found.0.clone() {
                self.problems.push(match problem.place {
                    Some(_) => problem,
                    None => problem.at(self.source, here),
                });
            }
        }
        Some(&read.as_ref().ok()?.0)
    }

    /// Reports what was found in another file, at its places there.
    pub fn problems(&mut self, found: Problems) {
        self.problems.extend(found);
    }

    /// A function's package, if its code can be read; a problem at `place` if not.
    pub fn package(&mut self, path: &str, place: &[&str]) -> Option<&'a Package> {
        let files = self.files;
        match files.package(path)? {
            Ok(package) => Some(package),
            Err(wrong) => {
                self.problem_at(place, wrong.message.clone(), &wrong.help);
                None
            }
        }
    }

    /// What is written at a path, if anything.
    #[must_use]
    pub fn node(&self, path: &[&str]) -> Option<&'a Node> {
        let mut node = self.root;
        for step in path {
            node = match node.get(step) {
                Some(inner) => inner,
                None => node.items().get(step.parse::<usize>().ok()?)?,
            };
        }
        Some(node)
    }

    /// Keeps a package for the upload; answers its hash.
    pub fn artifact(&mut self, package: &Package) -> String {
        self.artifacts
            .insert(package.sha256.clone(), Arc::clone(&package.zip));
        package.sha256.clone()
    }

    /// Reports an error at a path of the stack file.
    pub fn problem_at(&mut self, path: &[&str], message: String, help: &str) {
        let span = self.span(path);
        self.problem_in(span, message, help);
    }

    /// Reports an error at a place of the stack file.
    pub fn problem_in(&mut self, span: Span, message: String, help: &str) {
        self.problems
            .push(Problem::error(message).at(self.source, span).help(help));
    }

    /// Reports an error at the key a path ends in.
    pub fn problem_at_key(&mut self, path: &[&str], message: String, help: &str) {
        let parent = path.split_last().and_then(|(last, path)| {
            let entry = self.node(path)?.entry(last)?;
            Some(entry.key_span)
        });
        let span = parent.unwrap_or_else(|| self.span(path));
        self.problem_in(span, message, help);
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
        let texts = resolve::Texts {
            known: &known,
            settled: &Known::of(self.site),
            written: &self.written,
            resources: &self.resources,
        };
        let wrong = texts.check(self.source, self.root, self.files.definitions());
        self.problems.extend(wrong);
        for resource in self.resources.values_mut() {
            resource.spec = known.replace_all(&resource.spec);
        }
        self.machine_roles();
        self.check_roles();
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
            description: known.replace(&self.file.description),
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

    /// A role is an ARN of a role once its references are resolved.
    fn check_roles(&mut self) {
        let mut wrong: Vec<(Address, String)> = Vec::new();
        for resource in self.resources.values() {
            let targets = resource.spec["targets"].as_array().into_iter().flatten();
            let roles = targets
                .map(|target| &target["role"])
                .chain([&resource.spec["role"]]);
            for role in roles.filter_map(Value::as_str) {
                let is_role = role.starts_with("arn:") && role.contains(":role/");
                // A reference that stayed is a problem already.
                if !is_role && reference::find(role).is_empty() {
                    wrong.push((resource.address.clone(), role.to_owned()));
                }
            }
        }
        for (address, role) in wrong {
            let entry = self.written.get(address.key()).map(|(_, entry)| *entry);
            let default = self.node(&["defaults", "role"]);
            let place = entry.and_then(|entry| entry.value.get("role")).or(default);
            let place = place.map(|node| node.span).unwrap_or_default();
            let help = match self.written.get(role.as_str()) {
                Some((Kind::Role, _)) => format!("write `${{{role}.arn}}`"),
                _ => {
                    "write `${key.arn}` of a role of this stack, or arn:aws:iam::ACCOUNT:role/NAME"
                        .to_owned()
                }
            };
            self.problem_in(place, format!("`{role}` is no role's ARN"), &help);
        }
    }
}
