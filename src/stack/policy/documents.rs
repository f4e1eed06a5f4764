//! What is wrong with the form of a policy document in a stack file.
//!
//! The form: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html>. AWS refuses the
//! whole document, and mostly does not say where.

use crate::source::{Entry, Node, Span, Value};
use crate::stack::suggest::{did_you_mean, is_misspelt};

use super::rules::DocumentRules;

const DOCUMENT: [&str; 3] = ["Version", "Id", "Statement"];
const VERSIONS: [&str; 2] = ["2012-10-17", "2008-10-17"];
const STATEMENT: [&str; 9] = [
    "Sid",
    "Effect",
    "Principal",
    "NotPrincipal",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
];
/// Of each pair a statement of a resource's policy has one.
const ONE_OF: [(&str, &str, &str); 3] = [
    (
        "Principal",
        "NotPrincipal",
        "write who: `Principal: { AWS: ARN-OR-ACCOUNT }`, `{ Service: NAME.amazonaws.com }`, or \"*\"",
    ),
    ("Action", "NotAction", "write what: `Action: service:Name`"),
    (
        "Resource",
        "NotResource",
        "write on what: `Resource: ${key.arn}`",
    ),
];
const PRINCIPALS: [&str; 4] = ["AWS", "Service", "Federated", "CanonicalUser"];
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html>
const OPERATORS: [&str; 27] = [
    "StringEquals",
    "StringNotEquals",
    "StringEqualsIgnoreCase",
    "StringNotEqualsIgnoreCase",
    "StringLike",
    "StringNotLike",
    "NumericEquals",
    "NumericNotEquals",
    "NumericLessThan",
    "NumericLessThanEquals",
    "NumericGreaterThan",
    "NumericGreaterThanEquals",
    "DateEquals",
    "DateNotEquals",
    "DateLessThan",
    "DateLessThanEquals",
    "DateGreaterThan",
    "DateGreaterThanEquals",
    "Bool",
    "BinaryEquals",
    "IpAddress",
    "NotIpAddress",
    "ArnEquals",
    "ArnLike",
    "ArnNotEquals",
    "ArnNotLike",
    "Null",
];

/// What is wrong with a part of a document.
#[derive(Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where.
    pub span: Span,
    /// What.
    pub message: String,
    /// The way out.
    pub help: String,
}

struct Found<'r> {
    rules: &'r DocumentRules,
    problems: Vec<Problem>,
}

/// What is wrong with the policy of a resource.
#[must_use]
pub fn check_document(document: &Node, rules: &DocumentRules) -> Vec<Problem> {
    let mut found = Found {
        rules,
        problems: Vec::new(),
    };
    found.document(document);
    found.problems
}

/// What is wrong with a condition block.
#[must_use]
pub fn check_condition(condition: &Node) -> Vec<Problem> {
    let mut found = Found {
        rules: &DocumentRules::S3,
        problems: Vec::new(),
    };
    found.condition(condition);
    found.problems
}

impl Found<'_> {
    fn add(&mut self, span: Span, message: impl Into<String>, help: impl Into<String>) {
        self.problems.push(Problem {
            span,
            message: message.into(),
            help: help.into(),
        });
    }

    fn document(&mut self, document: &Node) {
        self.members(document, &DOCUMENT, "a policy");
        if let Some(version) = document.get("Version")
            && !version
                .as_str()
                .is_some_and(|text| VERSIONS.contains(&text) || text.contains("${"))
        {
            let message = format!("the version of a policy cannot be {}", version.describe());
            self.add(version.span, message, "write Version: \"2012-10-17\"");
        }
        match document.get("Statement") {
            None => self.add(
                document.span,
                "the policy has no `Statement`",
                "add `Statement: [...]`, with what it allows",
            ),
            Some(Node {
                value: Value::List(items),
                span,
            }) if items.is_empty() => {
                self.add(
                    *span,
                    "the policy has no statement",
                    "add one, or leave out `policy`",
                );
            }
            Some(Node {
                value: Value::List(items),
                ..
            }) => items.iter().for_each(|one| self.statement(one)),
            Some(one) => self.statement(one),
        }
    }

    /// Members that do not exist.
    fn members(&mut self, of: &Node, known: &[&str], what: &str) {
        for entry in of.entries() {
            if !known.contains(&entry.key.as_str()) {
                let message = format!("`{}` is not a member of {what}", entry.key);
                self.add(entry.key_span, message, did_you_mean(&entry.key, known));
            }
        }
    }

    fn statement(&mut self, statement: &Node) {
        if !matches!(statement.value, Value::Map(_)) {
            let message = format!("a statement is a mapping, not {}", statement.describe());
            let help = "write { Effect: Allow, Principal: ..., Action: ..., Resource: ... }";
            self.add(statement.span, message, help);
            return;
        }
        self.members(statement, &STATEMENT, "a statement");
        let misspelt = |member: &str| is_misspelt(statement, &STATEMENT, member);
        match statement.get("Effect") {
            Some(effect) if matches!(effect.as_str(), Some("Allow" | "Deny")) => {}
            Some(effect) => {
                let message = format!("`Effect` cannot be {}", effect.describe());
                self.add(effect.span, message, "write Allow or Deny");
            }
            None if misspelt("Effect") => {}
            None => self.add(
                statement.span,
                "the statement has no `Effect`",
                "write `Effect: Allow` or `Effect: Deny`",
            ),
        }
        for (one, other, help) in ONE_OF {
            match (statement.get(one), statement.get(other)) {
                (None, None) if misspelt(one) => {}
                (None, None) => {
                    self.add(
                        statement.span,
                        format!("the statement has no `{one}`"),
                        help,
                    );
                }
                (Some(_), Some(both)) => {
                    let message = format!("the statement has `{one}` and `{other}`");
                    self.add(both.span, message, "leave one out");
                }
                _ => {}
            }
        }
        for entry in statement.entries() {
            match entry.key.as_str() {
                "Sid" => self.sid(&entry.value),
                "Principal" | "NotPrincipal" => self.principal(entry),
                "Action" | "NotAction" => self.texts(entry, Self::action),
                "Resource" | "NotResource" => self.texts(entry, Self::resource),
                "Condition" => self.condition(&entry.value),
                _ => {}
            }
        }
    }

    fn sid(&mut self, sid: &Node) {
        if sid.as_str().is_none() {
            let message = format!("`Sid` is a text, not {}", sid.describe());
            self.add(sid.span, message, "write it in quotes");
        }
    }

    /// One text or a list of texts, each of which is looked at.
    fn texts(&mut self, entry: &Entry, check: impl Fn(&mut Self, &Node, &str)) {
        let one = std::slice::from_ref(&entry.value);
        let items = match &entry.value.value {
            Value::List(items) => items,
            _ => one,
        };
        if items.is_empty() {
            let message = format!("`{}` is an empty list", entry.key);
            self.add(entry.value.span, message, "give it at least one item");
        }
        for item in items {
            if let Some(text) = item.as_str() {
                check(self, item, text);
            } else {
                let message = format!("`{}` holds texts, not {}", entry.key, item.describe());
                self.add(item.span, message, "write it in quotes");
            }
        }
    }

    fn action(&mut self, at: &Node, action: &str) {
        if action == "*" || action.contains("${") {
            return;
        }
        let plain = |c: char| c.is_ascii_alphanumeric() || "*?-".contains(c);
        let whole = |text: &str| !text.is_empty() && text.chars().all(plain);
        let Some((service, _)) = action.split_once(':').filter(|(a, b)| whole(a) && whole(b))
        else {
            let prefix = self.rules.prefix.unwrap_or("service");
            let help = format!("write `{prefix}:Name`, or \"*\"");
            self.add(at.span, format!("`{action}` is not an IAM action"), help);
            return;
        };
        let prefix = self.rules.prefix;
        if let Some(prefix) = prefix.filter(|prefix| !service.eq_ignore_ascii_case(prefix)) {
            let message = format!("`{action}` is not an action of {}", self.rules.service);
            self.add(
                at.span,
                message,
                format!("a policy here takes actions that begin with `{prefix}:`"),
            );
        }
    }

    fn resource(&mut self, at: &Node, resource: &str) {
        let is_name = resource.starts_with("${") && resource.ends_with(".name}");
        let is_arn = resource.starts_with("arn:") || resource.starts_with("${");
        if (resource != "*" && !is_arn) || is_name {
            let help = "write `${key.arn}` (in quotes), an ARN, or \"*\"";
            self.add(at.span, format!("`{resource}` is not an ARN"), help);
        }
    }

    fn principal(&mut self, entry: &Entry) {
        let principal = &entry.value;
        match &principal.value {
            Value::Map(fields) if fields.is_empty() => {
                self.add(
                    principal.span,
                    format!("`{}` names nobody", entry.key),
                    ONE_OF[0].2,
                );
            }
            Value::Map(fields) => {
                self.members(principal, &PRINCIPALS, "a principal");
                for field in fields {
                    match field.key.as_str() {
                        "AWS" => self.accounts(field),
                        "Service" => self.texts(field, Self::service),
                        _ => self.texts(field, |_, _, _| {}),
                    }
                }
            }
            Value::String(text) if text == "*" => {}
            _ => {
                let message = format!("`{}` cannot be {}", entry.key, principal.describe());
                self.add(principal.span, message, ONE_OF[0].2);
            }
        }
    }

    /// A number is the usual mistake: YAML takes the digits of an account for one.
    fn accounts(&mut self, field: &Entry) {
        self.texts(field, |found, at, who| {
            let (is_user, is_role) = (who.starts_with("AIDA"), who.starts_with("AROA"));
            let is_known = who == "*"
                || who.starts_with("${")
                || super::is_account(who)
                || (who.starts_with("arn:") && !who.contains('*'))
                || is_user
                || is_role;
            if is_known {
                return;
            }
            if who.starts_with("arn:") {
                found.add(
                    at.span,
                    format!("the principal `{who}` contains a `*`"),
                    "AWS takes whole ARNs: name the account, and narrow it by a `Condition` on aws:PrincipalArn",
                );
            } else {
                let help = "write an ARN, the 12 digits of an account in quotes, or \"*\"";
                found.add(at.span, format!("`{who}` is not a principal"), help);
            }
        });
    }

    fn service(&mut self, at: &Node, service: &str) {
        if !service.contains('.') && !service.contains("${") {
            let help = format!("write its whole name, such as {service}.amazonaws.com");
            self.add(at.span, format!("`{service}` is not a service"), help);
        }
    }

    fn condition(&mut self, condition: &Node) {
        let Value::Map(operators) = &condition.value else {
            let message = format!("a condition is a mapping, not {}", condition.describe());
            self.add(
                condition.span,
                message,
                "write { StringEquals: { KEY: VALUE } }",
            );
            return;
        };
        for operator in operators {
            if !is_operator(&operator.key) {
                let message = format!("`{}` is not a condition operator", operator.key);
                self.add(
                    operator.key_span,
                    message,
                    did_you_mean(&operator.key, &OPERATORS),
                );
            }
            let Value::Map(keys) = &operator.value.value else {
                let message = format!(
                    "`{}` takes keys with values, not {}",
                    operator.key,
                    operator.value.describe()
                );
                self.add(
                    operator.value.span,
                    message,
                    "write { KEY: VALUE }, such as { aws:SourceArn: ARN }",
                );
                continue;
            };
            for key in keys {
                let is_value = |node: &Node| {
                    matches!(
                        node.value,
                        Value::String(_) | Value::Number(_) | Value::Bool(_)
                    )
                };
                let is_list = key.value.items().iter().all(is_value)
                    && matches!(key.value.value, Value::List(_));
                if !is_value(&key.value) && !is_list {
                    let message = format!(
                        "the value of `{}` cannot be {}",
                        key.key,
                        key.value.describe()
                    );
                    self.add(key.value.span, message, "write a text or a list of texts");
                }
            }
        }
    }
}

/// With `IfExists` after it, and quantified for several values, before it.
fn is_operator(text: &str) -> bool {
    let quantified = ["ForAllValues:", "ForAnyValue:"];
    let text = quantified
        .iter()
        .find_map(|head| text.strip_prefix(head))
        .unwrap_or(text);
    OPERATORS.contains(&text.strip_suffix("IfExists").unwrap_or(text))
}
