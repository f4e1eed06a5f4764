//! Collects permissions and warnings, state by state.

use std::collections::BTreeSet;

use serde_json::Value as Json;

use super::{PermissionWarning, RequiredPermission, RequiredPermissions, StateMachineArn, merge};

/// What has been collected so far, and the current state.
pub(super) struct Collector<'a> {
    pub machine: &'a StateMachineArn,
    state: String,
    permissions: Vec<RequiredPermission>,
    warnings: Vec<PermissionWarning>,
}

impl<'a> Collector<'a> {
    pub fn new(machine: &'a StateMachineArn) -> Self {
        Self {
            machine,
            state: String::new(),
            permissions: Vec::new(),
            warnings: Vec::new(),
        }
    }

    /// Sets the current state: what is collected next is for it.
    pub fn state(&mut self, name: &str) {
        name.clone_into(&mut self.state);
    }

    /// The current state needs permission for these actions on these resources.
    pub fn allow(&mut self, actions: &[&str], resources: impl IntoIterator<Item = String>) {
        self.allow_if(actions, resources, None);
    }

    /// The same under a condition.
    pub fn allow_if(
        &mut self,
        actions: &[&str],
        resources: impl IntoIterator<Item = String>,
        condition: Option<Json>,
    ) {
        let mut resources: BTreeSet<String> = resources.into_iter().collect();
        if resources.is_empty() {
            // A statement must have a resource, and the definition names none.
            self.warn(format!(
                "what `{}` acts on is not given, so the role allows it on everything",
                actions.join("`, `")
            ));
            resources.insert("*".to_owned());
        }
        self.permissions.push(RequiredPermission {
            actions: actions.iter().map(|action| (*action).to_owned()).collect(),
            resources: resources.into_iter().collect(),
            condition,
            states: vec![self.state.clone()],
        });
    }

    /// The ARNs that the current state needs permissions for so far.
    pub fn named(&self) -> Vec<String> {
        let of_state = self.permissions.iter();
        let of_state = of_state.filter(|one| one.states.contains(&self.state));
        of_state.flat_map(|one| one.resources.clone()).collect()
    }

    /// Warns of the current state; the same warning only once.
    pub fn warn(&mut self, text: impl AsRef<str>) {
        let warning = PermissionWarning {
            state: self.state.clone(),
            text: text.as_ref().to_owned(),
        };
        if !self.warnings.contains(&warning) {
            self.warnings.push(warning);
        }
    }

    /// Warns that a parameter is only known at run time, and what is allowed instead.
    pub fn computed(&mut self, parameter: &str, instead: &str) {
        self.warn(format!(
            "`{parameter}` is only known at run time, so the role allows {instead}"
        ));
    }

    pub fn finish(self) -> RequiredPermissions {
        RequiredPermissions {
            permissions: merge(self.permissions),
            warnings: self.warnings,
        }
    }
}
