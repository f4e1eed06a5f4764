//! What can be done only once every resource has its name: references, the roles of machines, and
//! what has to stand before what.

use serde_json::Value;

use super::Expansion;
use crate::asl;
use crate::source::Problems;
use crate::stack::kinds::{RoleSpec, generated_role};
use crate::stack::reference;
use crate::stack::{Address, Desired, Kind, Tags, policy, resolve, unshown};

impl Expansion<'_> {
    pub(super) fn finish(mut self) -> Result<(Desired, Problems), Problems> {
        let mut known = self.settled.clone();
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
            settled: &self.settled,
            params: &self.file.params,
            missing: self.missing,
            written: &self.written,
            resources: &self.resources,
        };
        let wrong = texts.check(self.source, self.root, self.files.definitions());
        self.problems.extend(wrong);
        let definitions = self.files.definitions();
        let misplaced = unshown::misplaced(self.file, self.source, self.root, definitions);
        self.problems.extend(misplaced);
        for resource in self.resources.values_mut() {
            resource.spec = known.replace_all(&resource.spec);
        }
        for grant in self.grants.values_mut().flatten() {
            grant.statement = known.replace_all(&grant.statement);
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
        let tags = |tags: &Tags| {
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
            secrets: self.secrets,
            grants: self.grants,
        };
        desired.secrets.struck(self.problems).or(desired)
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
            let (grants, warnings) = machine.grants(&definition, &site);
            for warning in warnings {
                self.warning_at(
                    &["state_machines", key, "definition"],
                    warning,
                    "narrow it with a literal or referenced target, if it is known",
                );
            }
            let trust = policy::trust(&["states.amazonaws.com"], Some(&self.site.account));
            let spec: RoleSpec = generated_role(self, trust, &grants);
            let role = address.part("role");
            if let Some(resource) = self.resources.get_mut(&role) {
                resource.spec = serde_json::to_value(spec).unwrap_or(Value::Null);
                self.grants.insert(role, grants);
            }
        }
    }

    /// Only what AWS enforces is an edge: a role before who assumes it, and before a policy that
    /// names it; a bucket with its policy before the trail that writes to it; a log group before the
    /// machine that names it. And, kept on purpose, a rule after everything else, so that no event
    /// meets half a pipeline.
    fn edges(&mut self) {
        let all: Vec<(Address, Kind, String, String)> = self
            .resources
            .values()
            .map(|r| (r.address.clone(), r.kind, r.name.clone(), r.arn.clone()))
            .collect();
        for resource in self.resources.values_mut() {
            let spec = resource.spec.to_string();
            for (address, kind, name, arn) in &all {
                if *address == resource.address {
                    continue;
                }
                let needed = match (resource.kind, kind) {
                    // A connection's ARN is known only when it exists; a role is assumed, or named in a
                    // policy, only when IAM knows it.
                    (_, Kind::Connection)
                    | (
                        Kind::Function | Kind::StateMachine | Kind::Vault | Kind::DirectoryBucket,
                        Kind::Role,
                    ) => spec.contains(arn.as_str()),
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
