//! What can be done only once every resource has its name: references, the roles of machines, and
//! what has to stand before what.

mod copied;
mod documents;
mod literals;
mod loops;
mod object_rules;
mod roles;
mod sizes;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::Serialize;
use serde_json::Value;

use super::Expansion;
use crate::asl;
use crate::source::{Diagnostic, Diagnostics};
use crate::stack::reference::ReferenceValues;
use crate::stack::{
    Address, DesiredState, ExternalInputs, Kind, Resource, Tags, environment, member_limits,
    reference, resolve, resource_quotas, secret_masking, shared_trail, tag_rules,
};

/// The ARNs of a stack, to be found in texts without looking for each of them in each.
struct Arns {
    known: BTreeMap<usize, HashMap<String, (Address, Kind)>>,
}

impl Arns {
    fn of<'r>(resources: impl Iterator<Item = &'r Resource>) -> Self {
        let mut known: BTreeMap<usize, HashMap<String, (Address, Kind)>> = BTreeMap::new();
        for resource in resources {
            let of = (resource.address.clone(), resource.kind);
            let of_length = known.entry(resource.arn.len()).or_default();
            of_length.insert(resource.arn.clone(), of);
        }
        Self { known }
    }

    /// The resources whose ARNs a text contains, each with the text that follows the ARN.
    fn find_arns<'t>(
        &'t self,
        text: &'t str,
    ) -> impl Iterator<Item = (&'t Address, Kind, &'t str)> {
        text.match_indices("arn:").flat_map(move |(at, _)| {
            self.known.iter().filter_map(move |(length, arns)| {
                let arn = text.get(at..at + length)?;
                let (address, kind) = arns.get(arn)?;
                Some((address, *kind, &text[at + length..]))
            })
        })
    }
}

impl Expansion<'_> {
    pub(super) fn finish(mut self) -> Result<(DesiredState, Diagnostics), Diagnostics> {
        let known = self.known();
        let texts = resolve::ReferenceChecker {
            known: &known,
            resolved: &self.resolved,
            params: &self.file.params,
            missing: self.given.missing,
            written: &self.written,
            resources: &self.resources,
            substitutable: None,
            substituted: &[],
        };
        let definitions = self.definition_uses();
        let wrong = texts.check(self.source, self.root, &definitions);
        self.diagnostics.extend(wrong);
        let definitions = self.files.definitions();
        let misplaced =
            secret_masking::misplaced_secrets(self.file, self.source, self.root, definitions);
        self.diagnostics.extend(misplaced);
        let refused = environment::refused_uses(self.file, self.source, self.root, self.files);
        self.diagnostics.extend(refused);
        let refused = member_limits::check(self.source, self.root, &known);
        self.diagnostics.extend(refused);
        let expires = self.file.expires.is_some();
        let refused = tag_rules::check(self.source, self.root, &self.resources, &known, expires);
        self.diagnostics.extend(refused);
        let value = |text: &str| resolve::is_resolved(text, &known).then(|| known.replace(text));
        let mut of_definitions: Vec<Diagnostic> = Vec::new();
        for (of, definition) in self.definition_uses() {
            let value = |text: &str| value(&reference::substitute(text, of.substitutions));
            for found in asl::check_resolved(definition, &value) {
                if !of_definitions.contains(&found) {
                    of_definitions.push(found);
                }
            }
        }
        self.diagnostics.extend(of_definitions);
        for resource in self.resources.values_mut() {
            resource.spec = known.replace_all(&resource.spec);
        }
        for grant in self.grants.values_mut().flatten() {
            grant.statement = known.replace_all(&grant.statement);
        }
        let over_quota = resource_quotas::check_expanded(self.source, self.root, &self.resources);
        self.diagnostics.extend(over_quota);
        self.check_completed();
        self.add_dependencies();
        let outputs = self
            .file
            .outputs
            .iter()
            .map(|(k, v)| (k.clone(), known.replace(v)))
            .collect();
        let tags = |tags: &Tags| {
            tags.iter()
                .map(|(k, v)| (k.clone(), known.replace(v)))
                .collect()
        };
        for resource in self.resources.values_mut() {
            resource.tags = tags(&resource.tags);
        }
        let checks = self.file_checks(&known);
        let desired = DesiredState {
            target: self.target.clone(),
            description: known.replace(&self.file.description),
            resources: self.resources,
            outputs,
            artifacts: self.artifacts,
            built: self.built,
            secrets: self.secrets,
            grants: self.grants,
            reads: ExternalInputs {
                environment: environment::used_variables(
                    self.file,
                    self.root,
                    self.files,
                    &self.given.set,
                ),
                outside: self.files.boundary().outside().cloned().collect(),
                secrets: self.files.packaged_secrets(),
            },
            checks,
            not_creatable: self.not_creatable,
            of_others: Vec::new(),
        };
        desired
            .secrets
            .redact_diagnostics(self.diagnostics)
            .into_result(desired)
    }

    /// The values of all references.
    fn known(&self) -> ReferenceValues {
        let mut known = self.resolved.clone();
        for resource in self.resources.values() {
            let path = match resource.address.of_owner() {
                Some(part) => format!("{}.{part}", resource.address.key()),
                None => resource.address.key().to_owned(),
            };
            let of = resource.kind.resource_type();
            for (attribute, value) in of.attributes(self.target, resource) {
                known.set(format!("{path}.{attribute}"), &value);
            }
        }
        let trails = self.file.trails.keys().filter(|_| self.shares_trail);
        for key in trails {
            for (attribute, value) in shared_trail::references(self.target) {
                known.set(format!("{key}.{attribute}"), &value);
            }
        }
        known
    }

    /// What can only be checked once every resource is known.
    fn check_completed(&mut self) {
        for kind in Kind::ALL {
            kind.resource_type().complete(self);
        }
        self.check_roles();
        self.check_trust();
        self.check_documents();
        self.check_sizes();
        self.check_region();
        self.check_object_rules();
        self.check_loops();
        self.check_literals();
        self.check_copied();
        self.check_checks();
    }

    /// The resources that were added.
    pub fn added(&self) -> impl Iterator<Item = &Resource> {
        self.resources.values()
    }

    /// A resource that was added.
    #[must_use]
    pub fn resource(&self, address: &Address) -> Option<&Resource> {
        self.resources.get(address)
    }

    /// Replaces the spec of a resource; answers whether it was added.
    pub fn set_spec<S: Serialize>(&mut self, address: &Address, spec: &S) -> bool {
        let resource = self.resources.get_mut(address);
        // Specs are plain data: serializing one cannot fail.
        let spec = serde_json::to_value(spec).unwrap_or(Value::Null);
        resource.map(|resource| resource.spec = spec).is_some()
    }

    /// Only what AWS enforces is an edge: a role before who assumes it, and before a policy that
    /// names it; a bucket with its policy before the trail that writes to it; a log group before the
    /// machine that names it. And, kept on purpose, a rule after everything that may have to do with its events, so
    /// that none meets half a pipeline. What records the events may come later.
    fn add_dependencies(&mut self) {
        let all: Vec<(Address, Kind)> = self
            .resources
            .values()
            .map(|resource| (resource.address.clone(), resource.kind))
            .collect();
        let named: HashMap<(Kind, String), Address> = self
            .resources
            .values()
            .map(|resource| {
                (
                    (resource.kind, resource.name.clone()),
                    resource.address.clone(),
                )
            })
            .collect();
        let arns = Arns::of(self.resources.values());
        let mut trusted = self.trusted_roles();
        for resource in self.resources.values_mut() {
            let own = &resource.address;
            let of = resource.kind.resource_type();
            let spec = resource.spec.to_string();
            let mentioned = arns
                .find_arns(&spec)
                .filter(|(address, kind, rest)| *address != own && of.waits_for(*kind, rest));
            let mut after: BTreeSet<Address> =
                mentioned.map(|(address, ..)| address.clone()).collect();
            let by_name = of.waits_for_named(&resource.spec).into_iter();
            after.extend(by_name.filter_map(|of| named.get(&of).cloned()));
            if of.facts().event_source {
                let others = all.iter().filter(|(_, kind)| {
                    let facts = kind.facts();
                    !facts.event_source && !facts.event_recorder
                });
                after.extend(others.map(|(address, _)| address.clone()));
            }
            after.extend(trusted.remove(own).unwrap_or_default());
            resource.after.extend(after);
        }
    }
}
