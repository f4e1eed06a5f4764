//! Environment variables in a stack file: which are used, where their values go, and which are refused.
//!
//! Every name with the prefix `AWS_` is refused, as AWS adds credentials under new names, except a few
//! harmless ones: the author of a stack file may be anybody. In tags and outputs every variable is refused,
//! like secret parameters.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Serialize;

use super::files::Files;
use super::resolve::TextValue;
use super::{Address, Kind, StackFile, reference};
use crate::source::{Diagnostic, Node, Source};

/// Variables of AWS without credentials.
const NON_SECRET: [&str; 5] = [
    "AWS_ACCOUNT_ID",
    "AWS_DEFAULT_PROFILE",
    "AWS_DEFAULT_REGION",
    "AWS_PROFILE",
    "AWS_REGION",
];

/// An environment variable and one use of it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, schemars::JsonSchema)]
pub struct Variable {
    pub variable: String,
    /// The resource that uses it, or the section of the stack file.
    pub address: String,
    /// The field that uses it.
    pub field: String,
    /// The parameter that takes its default from it, if the use is through a parameter.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parameter: Option<String>,
}

/// Whether a variable may hold AWS credentials.
pub fn is_credential(name: &str) -> bool {
    let name = name.trim().to_uppercase();
    name.starts_with("AWS_") && !NON_SECRET.contains(&name.as_str())
}

/// The variables that a text refers to.
fn variable_names(text: &str) -> impl Iterator<Item = String> {
    let found = reference::find(text).into_iter();
    found.filter_map(|found| Some(found.path.strip_prefix("env:")?.trim().to_owned()))
}

/// Every use of a variable that is refused.
pub fn refused_uses(
    file: &StackFile,
    source: &Arc<Source>,
    root: &Node,
    files: &Files,
) -> Vec<Diagnostic> {
    let mut wrong = Vec::new();
    credential_uses(source, root, &mut wrong);
    for definition in files.definitions() {
        credential_uses(&definition.source, &definition.root, &mut wrong);
    }
    for (section, who) in [
        ("tags", "whoever may look at the resource"),
        ("outputs", "whoever sees what a deploy prints"),
    ] {
        let Some(section) = root.get(section) else {
            continue;
        };
        visit_texts(section, "", &mut |_, node, text| {
            wrong.extend(readable_uses(file, source, node, text, who));
        });
    }
    wrong
}

fn credential_uses(source: &Arc<Source>, root: &Node, wrong: &mut Vec<Diagnostic>) {
    visit_texts(root, "", &mut |_, node, text| {
        let place = TextValue::new(source, node);
        for found in reference::find(text) {
            let name = found.path.strip_prefix("env:");
            if let Some(name) = name.filter(|name| is_credential(name)) {
                let diagnostic = Diagnostic::error(format!(
                    "`{}` is refused: variables of AWS may hold your credentials",
                    name.trim()
                ));
                let help = format!(
                    "a function and a state machine have credentials of their own: say by `allow:` what they may do; \
                     of AWS's variables a stack file may have {}",
                    NON_SECRET.join(", ")
                );
                wrong.push(place.mark(diagnostic.help(help), text, &found));
            }
        }
    });
}

/// Uses of variables in a text that others can read in AWS.
fn readable_uses(
    file: &StackFile,
    source: &Arc<Source>,
    node: &Node,
    text: &str,
    who: &str,
) -> Vec<Diagnostic> {
    let place = TextValue::new(source, node);
    let mut wrong = Vec::new();
    for found in reference::find(text) {
        let what = match found.path.split_once([':', '.']) {
            Some(("env", name)) if !name.is_empty() && !is_credential(name) => {
                format!("the environment variable `{name}`")
            }
            Some(("param", name)) => {
                // A secret parameter is reported elsewhere.
                let param = file.params.get(name).filter(|param| !param.secret);
                let default = param.and_then(|param| param.default.as_deref());
                let mut variables = variable_names(default.unwrap_or_default());
                let Some(variable) = variables.find(|name| !is_credential(name)) else {
                    continue;
                };
                format!("the environment variable `{variable}` (of the parameter `{name}`)")
            }
            _ => continue,
        };
        let diagnostic = Diagnostic::error(format!("{what} could be read here by {who}"));
        let help = "write the value; or use a parameter without `${env:...}`, and give it: --set NAME=VALUE";
        wrong.push(place.mark(diagnostic.help(help), text, &found));
    }
    wrong
}

/// Every variable the stack uses and where, sorted. Parameters given by `--set` are not counted.
pub fn used_variables(
    file: &StackFile,
    root: &Node,
    files: &Files,
    set: &BTreeMap<String, String>,
) -> Vec<Variable> {
    let mut variables = Vec::new();
    for section in root.entries() {
        match Kind::of_section(&section.key) {
            Some(kind) => {
                for resource in section.value.entries() {
                    let address = Address::new(kind, &resource.key);
                    let uses = uses(file, set, &resource.value, "", address.as_str());
                    variables.extend(uses);
                }
            }
            // A parameter's default is reported where the parameter is used.
            None if section.key == "params" => {}
            None => variables.extend(uses(file, set, &section.value, "", &section.key)),
        }
    }
    for kind in Kind::ALL {
        for one in kind.resource_type().definitions(file) {
            if let Some(Ok((definition, _))) = files.definition(one) {
                let address = Address::new(kind, one.key);
                let uses = uses(file, set, &definition.root, "definition", address.as_str());
                variables.extend(uses);
            }
        }
    }
    variables.sort();
    variables.dedup();
    variables
}

fn uses(
    file: &StackFile,
    set: &BTreeMap<String, String>,
    node: &Node,
    within: &str,
    address: &str,
) -> Vec<Variable> {
    let mut uses = Vec::new();
    visit_texts(node, within, &mut |field, _, text| {
        let mut take = |variable: String, parameter: Option<&str>| {
            uses.push(Variable {
                variable,
                address: address.to_owned(),
                field: field.to_owned(),
                parameter: parameter.map(str::to_owned),
            });
        };
        for name in variable_names(text) {
            take(name, None);
        }
        for found in reference::find(text) {
            let Some(name) = found.path.strip_prefix("param.") else {
                continue;
            };
            let param = file.params.get(name).filter(|_| !set.contains_key(name));
            let default = param.and_then(|param| param.default.as_deref());
            for variable in variable_names(default.unwrap_or_default()) {
                take(variable, Some(name));
            }
        }
    });
    uses
}

/// Visits every text of a tree, with its path.
fn visit_texts<'n>(node: &'n Node, path: &str, see: &mut dyn FnMut(&str, &'n Node, &'n str)) {
    if let Some(text) = node.as_str() {
        see(path, node, text);
    }
    for (index, item) in node.items().iter().enumerate() {
        visit_texts(item, &format!("{path}[{index}]"), see);
    }
    for entry in node.entries() {
        let joined = match path {
            "" => entry.key.clone(),
            _ => format!("{path}.{}", entry.key),
        };
        visit_texts(&entry.value, &joined, see);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn aws_credentials_are_recognised_by_prefix() {
        for name in [
            "AWS_ACCESS_KEY_ID",
            "AWS_SECRET_ACCESS_KEY",
            "AWS_SESSION_TOKEN",
            "AWS_SECURITY_TOKEN",
            "AWS_CONTAINER_AUTHORIZATION_TOKEN",
            "AWS_WEB_IDENTITY_TOKEN_FILE",
            "aws_secret_access_key",
            " AWS_BEARER_TOKEN_BEDROCK",
        ] {
            assert!(is_credential(name), "{name}");
        }
        for name in ["AWS_REGION", "aws_profile", "API_KEY", "LAWS_SECRET", ""] {
            assert!(!is_credential(name), "{name}");
        }
    }
}
