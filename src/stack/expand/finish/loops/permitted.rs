//! What a state machine or function may do: by its definition, by its role, and by the policies of buckets.

use serde_json::{Value, json};

use crate::asl;
use crate::stack::expand::Expansion;
use crate::stack::policy::list;
use crate::stack::text_pattern::TextPattern;
use crate::stack::{Kind, Resource, policy};

/// Managed policies of AWS, and the actions that they allow on everything.
const MANAGED_POLICIES: [(&str, &str); 7] = [
    ("AdministratorAccess", "*"),
    ("PowerUserAccess", "*"),
    ("AmazonS3FullAccess", "s3:*"),
    ("AmazonEventBridgeFullAccess", "events:*"),
    ("AWSLambda_FullAccess", "lambda:*"),
    ("AWSStepFunctionsFullAccess", "states:*"),
    ("AmazonSNSFullAccess", "sns:*"),
];

/// A statement that allows something, and whether the definition of a machine asks for it.
pub(super) struct Permitted {
    statement: Value,
    pub by_definition: bool,
}

impl Permitted {
    /// Whether the statement allows an action, given in lower case.
    pub fn allows(&self, action: &str) -> bool {
        let mut actions = list(&self.statement["Action"]).into_iter();
        actions.any(|one| {
            let one = one.as_str().unwrap_or_default().to_lowercase();
            one == action || TextPattern::of_iam(&one).overlaps(&TextPattern::exactly(action))
        })
    }

    /// The resources of the statement.
    pub fn resources(&self) -> impl Iterator<Item = &str> {
        let resources = list(&self.statement["Resource"]).into_iter();
        resources.filter_map(Value::as_str)
    }

    /// The values that a condition lets a key have, if one does.
    pub fn condition(&self, key: &str) -> Option<Vec<TextPattern>> {
        self.values_of(key, &["StringEquals", "StringLike"])
    }

    /// The values that a condition does not let a key have.
    pub fn excluded(&self, key: &str) -> Vec<TextPattern> {
        let values = self.values_of(key, &["StringNotEquals", "StringNotLike"]);
        values.unwrap_or_default()
    }

    /// The values of a key under the first of these operators that has it. `ForAnyValue:` lets other values be beside
    /// these
    /// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html>).
    fn values_of(&self, key: &str, wanted: &[&str]) -> Option<Vec<TextPattern>> {
        let operators = self.statement["Condition"].as_object()?;
        let is_wanted = |operator: &str| {
            let plain = operator.strip_prefix("ForAllValues:").unwrap_or(operator);
            wanted.contains(&plain.strip_suffix("IfExists").unwrap_or(plain))
        };
        let conditions = operators
            .iter()
            .filter(|(operator, _)| is_wanted(operator))
            .flat_map(|(_, keys)| keys.as_object().into_iter().flatten());
        let mut of_key = conditions.filter(|(name, _)| name.eq_ignore_ascii_case(key));
        let values = list(of_key.next()?.1).into_iter();
        Some(
            values
                .filter_map(Value::as_str)
                .map(TextPattern::of_iam)
                .collect(),
        )
    }
}

impl Expansion<'_> {
    /// What a resource may do, first what its definition does. Nothing is known of roles outside of the stack.
    pub(super) fn permitted(&self, of: &Resource) -> Vec<Permitted> {
        let mut all: Vec<Value> = Vec::new();
        if of.kind == Kind::StateMachine {
            let machine = asl::StateMachineArn {
                partition: self.target.partition.clone(),
                region: self.target.region.clone(),
                account: self.target.account.clone(),
                name: of.name.clone(),
            };
            let required = asl::permissions(&of.spec["definition"], &machine).permissions;
            all.extend(required.iter().map(|one| {
                policy::statement(&one.actions, &one.resources, one.condition.as_ref())
            }));
        }
        let of_definition = all.len();
        let own_role = of.address.part("role");
        let mut roles = self.resources.values().filter(|one| one.kind == Kind::Role);
        let role = of.spec["role"].as_str();
        let role = roles.find(|one| Some(one.arn.as_str()) == role);
        // A machine does what its definition says, and no more of what a role of another allows.
        let role = role.filter(|one| of.kind == Kind::Function || one.address == own_role);
        if let Some(role) = role {
            all.extend(statements_of(role));
            let buckets = self.resources.values();
            let buckets = buckets.filter(|one| one.kind == Kind::Bucket);
            let documents = buckets.flat_map(|one| list(&one.spec["policy"]["Statement"]));
            let names_it = |one: &&Value| {
                let principals = list(&one["Principal"]["AWS"]);
                one["Principal"] == "*"
                    || principals.iter().any(|by| **by == role.arn || **by == "*")
            };
            all.extend(documents.filter(names_it).cloned());
        }
        let all = all.into_iter().enumerate();
        let all = all.filter(|(_, one)| one["Effect"] == "Allow");
        all.map(|(index, statement)| Permitted {
            statement,
            by_definition: index < of_definition,
        })
        .collect()
    }
}

/// The statements of a role's own policies, and of what it has of AWS's.
fn statements_of(role: &Resource) -> Vec<Value> {
    let managed = list(&role.spec["managed_policies"]).into_iter();
    let managed = managed.filter_map(|arn| {
        let name = arn.as_str()?.rsplit('/').next()?;
        let (_, action) = MANAGED_POLICIES.iter().find(|(known, _)| *known == name)?;
        Some(json!({ "Effect": "Allow", "Action": action, "Resource": "*" }))
    });
    let policies = role.spec["policies"].as_object().into_iter().flatten();
    let own = policies.flat_map(|(_, policy)| list(&policy["Statement"]));
    own.cloned().chain(managed).collect()
}
