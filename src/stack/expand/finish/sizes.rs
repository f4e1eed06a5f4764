//! What is longer than AWS takes. It is known once all references are replaced, and AWS refuses it only in the
//! middle of a deploy.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::source::{Diagnostic, Span};
use crate::stack::expand::Expansion;
use crate::stack::kinds::variable_kept_as;
use crate::stack::policy::{DocumentRules, bytes, characters};
use crate::stack::{Kind, Resource, reference};

/// All environment variables of a function, in bytes, as the JSON that Lambda measures.
///
/// <https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html>; what is measured is in the error
/// message (github-aws-runners/terraform-aws-github-runner#3594).
const ENVIRONMENT: usize = 4096;
/// The policy of a function, in bytes.
///
/// <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>
const FUNCTION_POLICY: usize = 20 * 1024;
/// A trust policy, in characters without white space.
///
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html>
const TRUST: usize = 2048;
/// All inline policies of a role, likewise.
const INLINE: usize = 10_240;
/// The managed policies of a role, and as many as AWS allows an account that asks.
const MANAGED: (usize, usize) = (10, 20);

/// What is too long, the field that says it, and the way out.
pub(super) struct TooLong {
    field: &'static str,
    message: String,
    help: String,
    is_warning: bool,
}

impl TooLong {
    fn new(field: &'static str, message: String, help: impl Into<String>) -> Self {
        let help = help.into();
        Self {
            field,
            message,
            help,
            is_warning: false,
        }
    }
}

impl Expansion<'_> {
    /// Reports everything that AWS would refuse as too long.
    pub(super) fn check_sizes(&mut self) {
        let mut found: Vec<(Span, TooLong)> = Vec::new();
        for resource in self.resources.values() {
            let problems = match (resource.kind, resource.kind.facts().document) {
                (Kind::Function, _) => {
                    let environment = self.environment(resource);
                    environment.into_iter().chain(callers(resource)).collect()
                }
                (Kind::Role, _) => role(resource),
                (_, Some(rules)) => document(resource, rules),
                (_, None) => Vec::new(),
            };
            let placed = |problem: TooLong| (self.place(resource, problem.field), problem);
            found.extend(problems.into_iter().map(placed));
        }
        for (span, problem) in found {
            let diagnostic = if problem.is_warning {
                Diagnostic::warning(problem.message)
            } else {
                Diagnostic::error(problem.message)
            };
            let diagnostic = diagnostic.at(self.source, span).help(problem.help);
            self.diagnostics.push(diagnostic);
        }
    }

    /// The key of a field, or else that of the resource.
    fn place(&self, resource: &Resource, field: &str) -> Span {
        let Some((_, entry)) = self.written.get(resource.address.key()) else {
            return Span::default();
        };
        let field = entry.value.entry(field);
        field.map_or(entry.key_span, |field| field.key_span)
    }

    /// Secrets count and are not shown.
    fn environment(&self, resource: &Resource) -> Option<TooLong> {
        let plain = resource.spec["environment"]
            .as_object()
            .into_iter()
            .flatten();
        let plain = plain.filter_map(|(name, value)| Some((name.as_str(), value.as_str()?)));
        let secret = self.secrets.fields(resource.kind, &resource.name);
        let secret = secret.filter_map(|(field, value)| Some((variable_kept_as(field)?, value)));
        // How long a value is that is not given yet is unknown.
        let known = plain.filter(|(_, text)| reference::find(text).is_empty());
        let variables: BTreeMap<&str, &str> = known.chain(secret).collect();
        let size = bytes(&json!(variables).to_string());
        (size > ENVIRONMENT).then(|| {
            let message = format!(
                "the environment of `{}` takes {size} bytes as the JSON that Lambda measures, {} more than the {ENVIRONMENT} it takes",
                resource.address.key(),
                size - ENVIRONMENT
            );
            let help = "put large values into the code, a bucket or a table";
            TooLong::new("environment", message, help)
        })
    }
}

/// The policy of a function, in the form that Lambda gives it.
fn callers(resource: &Resource) -> Option<TooLong> {
    let permissions = resource.spec["permissions"]
        .as_object()
        .into_iter()
        .flatten();
    let statements: Vec<Value> = permissions
        .map(|(id, permission)| {
            json!({
                "Sid": id, "Effect": "Allow", "Action": "lambda:InvokeFunction", "Resource": resource.arn,
                "Principal": { "Service": permission["principal"] },
                "Condition": { "ArnLike": { "AWS:SourceArn": permission["source"] } },
            })
        })
        .collect();
    let callers = statements.len();
    let policy = json!({ "Version": "2012-10-17", "Id": "default", "Statement": statements });
    let size = bytes(&policy.to_string());
    (size > FUNCTION_POLICY).then(|| {
        let message = format!(
            "{callers} rules and topics call `{}`: its policy takes {size} bytes, {} more than the {FUNCTION_POLICY} that Lambda takes",
            resource.address.key(),
            size - FUNCTION_POLICY
        );
        let help = "let fewer call it: several events in one rule's pattern, or a topic between the rules and it";
        TooLong::new("", message, help)
    })
}

/// A role of the stack file, or one that treino makes for a function, a machine or a rule.
fn role(resource: &Resource) -> Vec<TooLong> {
    let mut found = Vec::new();
    let key = resource.address.key();
    let is_written = resource.address.of_owner().is_none();
    let whose = if is_written {
        format!("`{key}`")
    } else {
        format!("the role of `{key}`")
    };
    let trust = characters(&resource.spec["trust"]);
    if trust > TRUST {
        let message = format!(
            "the trust policy of {whose} has {trust} characters, {} more than the {TRUST} that IAM takes",
            trust - TRUST
        );
        let help = "name fewer in `assumed_by`, or make several roles";
        found.push(TooLong::new("assumed_by", message, help));
    }
    let policies = resource.spec["policies"].as_object().into_iter().flatten();
    let size: usize = policies.map(|(_, document)| characters(document)).sum();
    if size > INLINE {
        let message = format!(
            "the policy of {whose} has {size} characters, {} more than the {INLINE} that IAM takes",
            size - INLINE
        );
        let help = if is_written {
            "allow less, several resources by one ARN with a `*`, or a part by `managed_policies`"
        } else {
            "let it use fewer resources, split it in two, or give it a role (`role:`) that allows several resources by one ARN with a `*`"
        };
        found.push(TooLong::new("allow", message, help));
    }
    let managed = resource.spec["managed_policies"]
        .as_array()
        .map_or(0, Vec::len);
    let (most, raised) = MANAGED;
    if managed > most {
        let unless = if managed > raised {
            format!("never more than {raised}")
        } else {
            "more only where AWS has raised it".to_owned()
        };
        let message =
            format!("{whose} has {managed} managed policies, and a role takes {most}, {unless}");
        let help = "attach fewer, and write what they allow as `allow`";
        found.push(TooLong {
            is_warning: managed <= raised,
            ..TooLong::new("managed_policies", message, help)
        });
    }
    found
}

/// The policy of a resource, with what lets the stack deliver to it.
fn document(resource: &Resource, rules: &DocumentRules) -> Vec<TooLong> {
    let over = |over: (String, usize, bool)| {
        let (what, most, is_warning) = over;
        let (key, service) = (resource.address.key(), rules.service);
        let message = format!("the policy of `{key}` has {what}, and {service} takes {most}");
        let help = format!(
            "let fewer send to it, name several by one ARN with a `*`, or merge statements (https://docs.aws.amazon.com/{})",
            rules.page
        );
        TooLong {
            is_warning,
            ..TooLong::new("policy", message, help)
        }
    };
    rules
        .exceeded(&resource.spec["policy"])
        .into_iter()
        .map(over)
        .collect()
}
