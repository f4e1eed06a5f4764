//! From the stack file to every resource it comes to, those it only implies included.

mod checks;
mod creation;
mod finish;
mod packages;
mod regions;
mod reported;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use serde::Serialize;
use serde_json::Value;

use super::files::Files;
use super::params;
use super::reference::{self, ReferenceValues};
use super::secrets::Secrets;
use super::suggest::{did_you_mean, one_of};
use super::validate_names::resources;
use super::{
    Address, Artifact, DefinitionUse, DesiredState, Given, Grant, Kind, MachineDefinition,
    PackagedDependencies, Resource, StackFile, Tags, Target, name, resolve,
};
use crate::asl;
use crate::source::{Diagnostic, Diagnostics, Entry, Node, Source, Span};

/// The work of expanding one file for one target; kinds add their resources to it.
pub struct Expansion<'a> {
    /// The file.
    pub file: &'a StackFile,
    /// For whom and where.
    pub target: &'a Target,
    files: &'a Files,
    source: &'a Arc<Source>,
    root: &'a Node,
    /// What stands under each resource's key, whether or not it can be used.
    written: HashMap<&'a str, (Kind, &'a Entry)>,
    diagnostics: Diagnostics,
    resources: BTreeMap<Address, Resource>,
    /// Whose each physical name is.
    names: HashMap<(Kind, String), Address>,
    told: HashSet<String>,
    artifacts: BTreeMap<String, Artifact>,
    built: BTreeMap<Address, PackagedDependencies>,
    /// What can be referred to before any resource is known.
    resolved: ReferenceValues,
    secrets: Secrets,
    grants: BTreeMap<Address, Vec<Grant>>,
    given: &'a Given,
    /// Where errors were found before.
    faults: &'a [Span],
    not_creatable: BTreeMap<Address, Diagnostic>,
    /// Whether it has no trails of its own, as another stack's records its objects.
    pub shares_trail: bool,
}

/// Expands a file whose keys and types are right, except at `faults`.
///
/// # Errors
/// All diagnostics, if one is an error.
pub fn expand(
    source: &Arc<Source>,
    root: &Node,
    file: &StackFile,
    files: &Files,
    target: &Target,
    given: &Given,
    (faults, shares_trail): (&[Span], bool),
) -> Result<(DesiredState, Diagnostics), Diagnostics> {
    let resolved = params::resolve(target, file, &given.set);
    let mut out = Expansion {
        file,
        target,
        files,
        source,
        root,
        written: resources(root)
            .filter_map(|(section, entry)| {
                Some((entry.key.as_str(), (Kind::of_section(section)?, entry)))
            })
            .collect(),
        diagnostics: Diagnostics::default(),
        resources: BTreeMap::new(),
        names: HashMap::new(),
        told: HashSet::new(),
        artifacts: BTreeMap::new(),
        built: BTreeMap::new(),
        secrets: Secrets::of(file, &resolved),
        resolved,
        grants: BTreeMap::new(),
        given,
        faults,
        not_creatable: BTreeMap::new(),
        shares_trail,
    };
    for kind in Kind::ALL {
        kind.resource_type().expand(&mut out);
    }
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
        let compared = kind.resource_type().compared_name(name);
        if let Some(twin) = self.names.get(&(kind, compared.clone())) {
            let same = self
                .resources
                .get(twin)
                .is_none_or(|twin| twin.name == name);
            let alike = if same {
                ""
            } else {
                ", which IAM takes for the other's: it ignores letter case"
            };
            self.diagnostics.push(
                Diagnostic::error(format!(
                    "{twin} and {address} would both be named `{name}` in AWS{alike}"
                ))
                .at(self.source, place)
                .help("give one of them another `name:`"),
            );
        }
        let refused = name::refused_name(kind, name).filter(|_| !self.follows_refused(&address));
        if let Some(wrong) = refused {
            let whole = match &self.target.owner {
                Some(owner) if name.ends_with(owner.as_str()) => {
                    format!(" (with the owner `{owner}`)")
                }
                _ => String::new(),
            };
            self.diagnostics.push(
                Diagnostic::error(format!(
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
        self.names.insert((kind, compared), address.clone());
        let resource = Resource {
            kind,
            name: name.to_owned(),
            arn: name::arn(self.target, kind, name),
            // Specs are plain data: serializing one cannot fail.
            spec: serde_json::to_value(spec).unwrap_or(Value::Null),
            tags: self.tags(kind, &address),
            after: BTreeSet::new(),
            address: address.clone(),
        };
        self.resources.insert(address, resource);
    }

    /// Whether a part of a resource has its name from that resource's, which is refused itself.
    fn follows_refused(&self, address: &Address) -> bool {
        let Some((kind, entry)) = self.written.get(address.key()) else {
            return false;
        };
        let given = entry.value.get("name").and_then(Node::as_str);
        let own = Address::new(*kind, address.key());
        *address != own && name::refused_name(*kind, &self.name_of(*kind, &own, given)).is_some()
    }

    /// The mark, and the stack's own tags where AWS has tags at all.
    fn tags(&self, kind: Kind, address: &Address) -> Tags {
        let own = self.file.tags.iter().filter(|_| kind.facts().taggable);
        own.map(|(key, value)| (key.clone(), value.clone()))
            .chain(self.target.mark(address))
            .collect()
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
        match given.filter(|given| resolve::is_resolved(given, &self.resolved)) {
            Some(given) => name::given(self.target, &self.resolved.replace(given)),
            // A name that refers to what it may not is a diagnostic of its own.
            None => name::generated(self.target, kind, address),
        }
    }

    /// Whether `key` is a resource of `kind`; a diagnostic at `place` if not.
    pub fn key_of(&mut self, kind: Kind, key: &str, place: &[&str]) -> bool {
        self.key_of_any(&[kind], key, place).is_some()
    }

    /// Which of these kinds the resource of a key is; a diagnostic at `place` if none.
    pub fn key_of_any(&mut self, kinds: &[Kind], key: &str, place: &[&str]) -> Option<Kind> {
        let found = self.written.get(key).map(|(kind, _)| *kind);
        if let Some(found) = found.filter(|found| kinds.contains(found)) {
            return Some(found);
        }
        let mut keys: Vec<&str> = self
            .written
            .iter()
            .filter(|(_, (of, _))| kinds.contains(of))
            .map(|(key, _)| *key)
            .collect();
        keys.sort_unstable();
        let wanted = one_of(kinds.iter().map(ToString::to_string));
        let message = match found {
            Some(other) => format!("`{key}` is a {other}, and a {wanted} is meant here"),
            None => format!("there is no {wanted} `{key}` in this stack"),
        };
        let help = if keys.is_empty() {
            let sections = kinds.iter().map(|kind| format!("`{}:`", kind.section()));
            format!("add it under {}", one_of(sections))
        } else {
            did_you_mean(key, &keys)
        };
        self.problem_at(place, message, &help);
        None
    }

    /// A definition. What is wrong with it is said once, however many machines use it.
    pub fn definition(&mut self, of: DefinitionUse, place: &[&str]) -> Option<&'a asl::Definition> {
        let files = self.files;
        let read = files.definition(of)?;
        let found = match read {
            Ok((_, warnings)) => warnings,
            Err(diagnostics) => diagnostics,
        };
        let here = self.span(place);
        let id = match of.definition {
            MachineDefinition::File(path) => path.clone(),
            MachineDefinition::Inline(_) => format!("state_machine.{}", of.key),
        };
        if self.told.insert(id) {
            for diagnostic in found.0.clone() {
                self.diagnostics.push(match diagnostic.place {
                    Some(_) => diagnostic,
                    None => diagnostic.at(self.source, here),
                });
            }
        }
        Some(&read.as_ref().ok()?.0)
    }

    /// The definition of each resource that has one, if it could be read.
    fn definition_uses(&self) -> Vec<(DefinitionUse<'a>, &'a asl::Definition)> {
        let (file, files) = (self.file, self.files);
        let uses = Kind::ALL.into_iter();
        let uses = uses.flat_map(|kind| kind.resource_type().definitions(file));
        uses.filter_map(|of| Some((of, &files.definition(of)?.as_ref().ok()?.0)))
            .collect()
    }

    /// Reports what was found in another file, at its places there.
    pub fn diagnostics(&mut self, found: Diagnostics) {
        self.diagnostics.extend(found);
    }

    /// Takes back why a role allows what it allows, to add to it.
    pub fn take_grants(&mut self, role: &Address) -> Vec<Grant> {
        self.grants.remove(role).unwrap_or_default()
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

    /// A text with its references replaced by values that are known before any resource exists. `None`, and
    /// a diagnostic at `path`, if it refers to a resource.
    pub fn resolved(&mut self, text: &str, path: &[&str]) -> Option<String> {
        if resolve::is_resolved(text, &self.resolved) {
            return Some(self.resolved.replace(text));
        }
        let unknown = |found: &reference::Reference| self.resolved.get(&found.path).is_none();
        let resource = reference::find(text)
            .into_iter()
            .filter(unknown)
            .find(|found| {
                let key = found.path.split('.').next().unwrap_or_default();
                self.written.contains_key(key)
            });
        // What refers to nothing at all is said where all references are looked at.
        if let Some(found) = resource {
            self.problem_at(
                path,
                format!(
                    "`${{{}}}` cannot be used here: this is settled before any resource",
                    found.path
                ),
                "use ${env:VARIABLE} or ${param.NAME}",
            );
        }
        None
    }

    /// The secrets, which are kept apart from the specs: those are shown.
    pub fn secrets(&mut self) -> &mut Secrets {
        &mut self.secrets
    }

    /// Remembers why a role allows what it allows.
    pub fn granted(&mut self, role: &Address, grants: Vec<Grant>) {
        self.grants.insert(role.clone(), grants);
    }

    /// Reports an error at a path of the stack file.
    pub fn problem_at(&mut self, path: &[&str], message: String, help: &str) {
        let span = self.span(path);
        self.problem_in(span, message, help);
    }

    /// Reports what was found, at a path of the stack file.
    pub fn diagnostic_at(&mut self, path: &[&str], found: Diagnostic) {
        let span = self.span(path);
        self.diagnostics.push(found.at(self.source, span));
    }

    /// Reports an error at a place of the stack file.
    pub fn problem_in(&mut self, span: Span, message: String, help: &str) {
        self.diagnostics
            .push(Diagnostic::error(message).at(self.source, span).help(help));
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
        self.diagnostics.push(
            Diagnostic::warning(message)
                .at(self.source, span)
                .help(help),
        );
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
}
