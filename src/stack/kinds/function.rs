//! Lambda functions.

mod code_checks;
mod package;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::rule::targets;
use super::{Architecture, log_group, role, topic};
use crate::stack::code::PackageSource;
use crate::stack::dependencies::BuildMode;
use crate::stack::expand::Expansion;
use crate::stack::name::without_accents;
use crate::stack::policy::{self, Allow};
use crate::stack::runtime::RuntimeState;
use crate::stack::secrets::is_secret;
use crate::stack::usage::{Act, Activity, Assumed, Metered};
use crate::stack::{
    Address, Doomed, Facts, Grant, Kind, NameRule, ReaperCall, Recognition, Resource, ResourceType,
    StackFile, TagRule, Target, Teardown, runtime,
};

/// A function, its role (from `allow`) and its log group.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Function {
    /// Its name in Lambda; by default stack and key.
    #[serde(default)]
    pub name: Option<String>,
    /// The folder (or .zip file) of its code, relative to the stack file.
    #[schemars(length(min = 1))]
    pub code: String,
    /// Folders and files that are put beside the code in its package, relative to the stack file: what several
    /// functions share.
    #[serde(default)]
    #[schemars(inner(length(min = 1)))]
    pub include: Vec<String>,
    /// Files and folders that are not packaged, as patterns like those of `.gitignore`, relative to `code`: `"*.md"`,
    /// `tests/`, `data/**/*.csv`.
    #[serde(default)]
    pub exclude: Vec<String>,
    /// `auto` installs the packages that `requirements.txt` (by pip) or `package.json` (by npm) in the code
    /// folder names, for Lambda and never into the folder; `none` packages the folder as it is.
    #[serde(default)]
    pub build: BuildMode,
    /// What Lambda calls: `file.function`.
    #[schemars(length(min = 1))]
    pub handler: String,
    /// The runtime's identifier, such as `python3.13` or `nodejs22.x`.
    #[schemars(length(min = 1))]
    pub runtime: String,
    /// What it is for.
    #[serde(default)]
    pub description: String,
    /// `x86_64` or `arm64`.
    #[serde(default)]
    pub architecture: Architecture,
    /// Memory in MiB.
    #[serde(default = "default_memory")]
    #[schemars(range(min = 128, max = 10240))]
    pub memory: i32,
    /// The longest it may run, in seconds.
    #[serde(default = "default_timeout")]
    #[schemars(range(min = 1, max = 900))]
    pub timeout: i32,
    /// Environment variables. What comes from `${env:VARIABLE}` or a secret parameter goes to AWS alone
    /// and is never shown.
    #[serde(default)]
    pub environment: BTreeMap<String, String>,
    /// What its role allows, beside writing to its own logs.
    #[serde(default)]
    pub allow: Vec<Allow>,
    /// The ARN of an existing role to use instead of one of its own.
    #[serde(default)]
    pub role: Option<String>,
    /// Days that its logs are kept.
    #[serde(default)]
    pub log_retention_days: Option<u32>,
    /// The number of concurrent executions kept for it.
    #[serde(default)]
    #[schemars(range(min = 0))]
    pub reserved_concurrency: Option<i32>,
}

/// What a function is in Lambda.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FunctionSpec {
    /// The package's SHA-256 in base64, as Lambda's `CodeSha256`.
    pub code: String,
    /// What Lambda calls.
    pub handler: String,
    /// The runtime's identifier.
    pub runtime: String,
    /// What it is for.
    pub description: String,
    /// The instruction set.
    pub architecture: Architecture,
    /// Memory in MiB.
    pub memory: i32,
    /// The longest it may run, in seconds.
    pub timeout: i32,
    /// Environment variables that can be shown.
    pub environment: BTreeMap<String, String>,
    /// Those that cannot.
    pub secret_environment: BTreeMap<String, SecretVariable>,
    /// The role's ARN.
    pub role: String,
    /// The log group's name.
    pub log_group: String,
    /// Concurrent executions kept for it.
    pub reserved_concurrency: Option<i32>,
    /// Who may call it, by the ids of the statements of its policy.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub permissions: BTreeMap<String, PermissionSpec>,
}

/// A statement of a function's policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PermissionSpec {
    /// The service that may call it.
    pub principal: String,
    /// The ARN of what it may call it for.
    pub source: String,
    /// The statement, where it says something that treino does not write.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub other: Option<Value>,
}

impl PermissionSpec {
    /// The permission of a service to call a function for what has the ARN `source`.
    #[must_use]
    pub fn of(principal: &str, source: String) -> Self {
        Self {
            principal: principal.to_owned(),
            source,
            other: None,
        }
    }
}

/// An environment variable whose value is not shown, but compared with the one that is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SecretVariable {
    /// It is the one that is given.
    AsGiven,
    /// It is another one.
    Another,
}

/// What is known of functions without a call.
pub struct FunctionType;

static FACTS: Facts = Facts {
    noun: "function",
    services: &["lambda"],
    deleted_after: &[Kind::Rule, Kind::Topic, Kind::StateMachine],
    recognised_by: &["code", "handler", "runtime"],
    recognition: Recognition::Alone,
    tags: TagRule::common("Lambda"),
    name: NameRule {
        min: 1,
        max: 64,
        punctuation: "-_",
        lower_case: false,
        page: "lambda/latest/api/API_CreateFunction.html",
    },
    ..Facts::DEFAULT
};

impl ResourceType for FunctionType {
    fn facts(&self) -> &'static Facts {
        &FACTS
    }

    fn expand(&self, out: &mut Expansion<'_>) {
        let file = out.file;
        file.functions
            .iter()
            .for_each(|(key, one)| one.expand(key, out));
    }

    fn arn(&self, target: &Target, name: &str) -> String {
        target.arn("lambda", &format!("function:{name}"))
    }

    fn teardown(&self, of: &Doomed<'_>) -> Teardown {
        let function = json!({ "FunctionName": of.arn });
        Teardown::new(
            ReaperCall::new("lambda:listTags", json!({ "Resource": of.arn })),
            vec![
                ReaperCall::new("lambda:listEventSourceMappings", function.clone()),
                ReaperCall::new("lambda:deleteFunction", function),
            ],
            ReaperCall::new("lambda:listFunctions", json!({ "MaxItems": 10 })),
        )
    }

    /// <https://aws.amazon.com/lambda/pricing/>
    fn usage(&self, resource: &Resource, happened: &Activity, assumed: &Assumed) -> Vec<Metered> {
        let calls = happened.count(&Act::Invoke);
        let number = |field: &str| resource.spec[field].as_u64().unwrap_or_default();
        let milliseconds = assumed
            .milliseconds
            .min(number("timeout").saturating_mul(1_000));
        let architecture = resource.spec["architecture"].as_str().unwrap_or_default();
        let time = format!("lambda.gb_seconds.{architecture}");
        vec![
            Metered::count("lambda.requests", calls),
            Metered::memory(&time, calls, number("memory"), milliseconds),
        ]
    }

    fn waits_for(&self, kind: Kind, _: &str) -> bool {
        // A role is assumed only when IAM knows it.
        kind == Kind::Role || kind.facts().arn_is_made
    }

    /// KMS lets its role read the environment variables. Without any, Lambda asks KMS for nothing.
    fn keeps_role_ids(&self, spec: &Value) -> &'static [&'static str] {
        let has = |field: &str| spec[field].as_object().is_some_and(|all| !all.is_empty());
        if has("environment") || has("secret_environment") {
            &["role"]
        } else {
            &[]
        }
    }

    /// Lambda creates the log group itself, without tags and retention, if it does not exist yet.
    fn waits_for_named(&self, spec: &Value) -> Vec<(Kind, String)> {
        let group = spec["log_group"].as_str().unwrap_or_default();
        vec![(Kind::LogGroup, group.to_owned())]
    }

    fn packages(&self, file: &StackFile) -> Vec<PackageSource> {
        let functions = file.functions.values();
        functions.map(Function::package_source).collect()
    }

    fn is_kept_secret(&self, field: &[&str]) -> bool {
        matches!(field, ["environment", _])
    }

    fn may_hold_secrets(&self, field: &str) -> bool {
        field == "environment"
    }
}

/// The field under which the value of a secret variable is kept, outside of the spec.
#[must_use]
pub fn secret_variable(name: &str) -> String {
    format!("{SECRETS}{name}")
}

/// The variable of such a field.
#[must_use]
pub fn variable_kept_as(field: &str) -> Option<&str> {
    field.strip_prefix(SECRETS)
}

/// The prefix of these fields.
const SECRETS: &str = "environment.";

fn default_memory() -> i32 {
    256
}

fn default_timeout() -> i32 {
    30
}

impl Function {
    pub(in crate::stack) fn expand(&self, key: &str, out: &mut Expansion) {
        let address = Address::new(Kind::Function, key);
        let at = |field: &'static str| ["functions", key, field];
        match runtime::state(&self.runtime, out.today()) {
            RuntimeState::Supported => {}
            RuntimeState::Deprecated(message, help) => {
                out.warning_at(&at("runtime"), message, &help);
            }
            RuntimeState::NotForNew(message, help) => {
                out.not_creatable(&address, &at("runtime"), message, &help);
            }
            RuntimeState::Refused(message, help) => {
                out.problem_at(&at("runtime"), message, &help);
            }
        }
        let package = out.package(&self.package_source(), &at("code"));
        self.check_exclude(key, package, out);
        if let Some(package) = package {
            self.check_code(key, package, out);
        }
        self.check_environment(key, out);
        role::check_allow(out, &["functions", key, "allow"], &self.allow);
        let log_group = log_group::spec(out, self.log_retention_days, &at("log_retention_days"));
        let group = address.part("logs");
        let group_name = format!(
            "/aws/lambda/{}",
            out.name_of(Kind::Function, &address, self.name.as_deref())
        );
        out.add_named(Kind::LogGroup, group, &group_name, &log_group);
        let role = match self.role.as_ref().or(out.file.defaults.role.as_ref()) {
            Some(arn) => arn.clone(),
            None => self.own_role(key, &address, out),
        };
        let (environment, secret_environment) = self.variables(key, &address, out);
        let code = self.artifact(&address, package, out);
        let by_rules = targets::may_invoke(key, out.file).into_iter();
        let callers = by_rules.chain(topic::may_invoke(key, out.file));
        let spec = FunctionSpec {
            code,
            handler: self.handler.clone(),
            runtime: self.runtime.clone(),
            description: self.description.clone(),
            architecture: self.architecture,
            memory: self.memory,
            timeout: self.timeout,
            environment,
            secret_environment,
            role,
            log_group: group_name,
            reserved_concurrency: self.reserved_concurrency,
            permissions: callers.collect(),
        };
        out.add(Kind::Function, address.clone(), self.name.as_deref(), &spec);
        package::wait_for_bucket(&address, package, out);
    }

    fn own_role(&self, key: &str, address: &Address, out: &mut Expansion) -> String {
        let logs = json!({
            "Effect": "Allow",
            "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
            "Resource": format!("${{{key}.logs.arn}}:*"),
        });
        let mut grants = vec![Grant::new(logs, "writing its own logs")];
        grants.extend(Grant::from_allow(&self.allow));
        let trust = policy::trust(&["lambda.amazonaws.com"], None);
        role::add_generated_role(out, address, trust, grants)
    }

    /// The environment variables: plain ones, and secret ones, whose values are kept outside of the spec.
    fn variables(
        &self,
        key: &str,
        address: &Address,
        out: &mut Expansion,
    ) -> (BTreeMap<String, String>, BTreeMap<String, SecretVariable>) {
        let function = out.name_of(Kind::Function, address, self.name.as_deref());
        let (mut plain, mut secret) = (BTreeMap::new(), BTreeMap::new());
        for (name, text) in &self.environment {
            if !is_secret(text, out.file) {
                plain.insert(name.clone(), text.clone());
                continue;
            }
            secret.insert(name.clone(), SecretVariable::AsGiven);
            let value = out.resolved(text, &["functions", key, "environment", name]);
            if let Some(value) = value {
                let target = out.target;
                let secrets = out.secrets();
                secrets.hide_environment(text, target);
                secrets.keep(Kind::Function, &function, &secret_variable(name), value);
            }
        }
        (plain, secret)
    }

    /// <https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html>
    fn check_environment(&self, key: &str, out: &mut Expansion) {
        for name in self.environment.keys() {
            let at = ["functions", key, "environment", name];
            let mut letters = name.chars();
            let starts = letters.next().is_some_and(|c| c.is_ascii_alphabetic());
            if name.len() < 2 || !starts || !letters.all(|c| c.is_ascii_alphanumeric() || c == '_')
            {
                out.problem_at_key(
                    &at,
                    format!("`{name}` is not a name for an environment variable in Lambda"),
                    &format!(
                        "use two or more letters{}, digits and `_`, a letter first",
                        without_accents(name)
                    ),
                );
            } else if runtime::RESERVED_VARIABLES.contains(&name.as_str()) {
                out.problem_at_key(
                    &at,
                    format!("Lambda sets `{name}` itself"),
                    "choose another name",
                );
            }
        }
    }
}
