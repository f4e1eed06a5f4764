//! Step Functions state machines.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::{log_group, role};
use crate::asl;
use crate::stack::expand::Expansion;
use crate::stack::policy::{self, Allow};
use crate::stack::usage::{Act, Activity, Assumed, Metered};
use crate::stack::validate_names::{is_key, key_help};
use crate::stack::{
    Address, DefinitionUse, Doomed, Facts, Grant, Kind, MachineDefinition, NameRule, ReaperCall,
    Resource, ResourceType, StackFile, Substitutions, TagRule, Target, Teardown, definitions,
};

/// A state machine, its role (from what its definition calls) and, with `logging`, its log group.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StateMachine {
    /// Its name in Step Functions; by default stack and key.
    #[serde(default)]
    pub name: Option<String>,
    /// Its definition (ASL): the path of a file, JSON or (`.yaml`) YAML, relative to the stack file; or the
    /// definition itself.
    pub definition: MachineDefinition,
    /// Texts that replace `${NAME}` in the definition, as SAM's `DefinitionSubstitutions` do.
    #[serde(default)]
    pub substitutions: Substitutions,
    /// `standard` or `express`.
    #[serde(default, rename = "type")]
    pub machine_type: MachineType,
    /// Which execution events go to its log group.
    #[serde(default)]
    pub logging: LogLevel,
    /// Days that its logs are kept.
    #[serde(default)]
    pub log_retention_days: Option<u32>,
    /// Whether X-Ray traces its executions.
    #[serde(default)]
    pub tracing: bool,
    /// What its role allows beside what the definition calls.
    #[serde(default)]
    pub allow: Vec<Allow>,
    /// The ARN of an existing role to use instead of one of its own.
    #[serde(default)]
    pub role: Option<String>,
    /// An input to try it with, shown after the deploy that makes the stack.
    #[serde(default)]
    #[schemars(with = "Option<Map<String, Value>>")]
    pub example: Option<Value>,
}

/// A workflow type.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MachineType {
    /// Durable, exactly once, with a history.
    #[default]
    Standard,
    /// Short, at least once, cheaper in bulk.
    Express,
}

/// How much a state machine logs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LogLevel {
    /// Nothing.
    #[default]
    Off,
    /// What ended an execution.
    Fatal,
    /// Every error.
    Error,
    /// Every event.
    All,
}

/// What a state machine is in Step Functions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StateMachineSpec {
    /// The workflow type.
    #[serde(rename = "type")]
    pub machine_type: MachineType,
    /// The definition, references replaced.
    pub definition: Value,
    /// The role's ARN.
    pub role: String,
    /// Where events are logged.
    pub logging: LoggingSpec,
    /// X-Ray tracing.
    pub tracing: bool,
}

/// A state machine's logging.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LoggingSpec {
    /// Which events.
    pub level: LogLevel,
    /// Whether input and output of the states are part of them.
    pub include_data: bool,
    /// The log group's ARN with `:*`, if the level is not off.
    pub log_group: Option<String>,
}

/// What is known of state machines without a call.
pub struct StateMachineType;

static FACTS: Facts = Facts {
    noun: "state_machine",
    services: &["states"],
    replace_on: &["type"],
    deleted_after: &[Kind::Rule],
    recognised_by: &["type", "tracing"],
    tags: TagRule::common("Step Functions"),
    name: NameRule {
        min: 1,
        max: 80,
        punctuation: "-_",
        lower_case: false,
        page: "step-functions/latest/apireference/API_CreateStateMachine.html",
    },
    ..Facts::DEFAULT
};

impl ResourceType for StateMachineType {
    fn facts(&self) -> &'static Facts {
        &FACTS
    }

    fn expand(&self, out: &mut Expansion<'_>) {
        let file = out.file;
        file.state_machines
            .iter()
            .for_each(|(key, one)| one.expand(key, out));
    }

    /// What a machine's own role allows follows from its definition with the references replaced.
    fn complete(&self, out: &mut Expansion<'_>) {
        for (key, machine) in &out.file.state_machines {
            machine.complete_role(key, out);
        }
    }

    fn arn(&self, target: &Target, name: &str) -> String {
        target.arn("states", &format!("stateMachine:{name}"))
    }

    fn teardown(&self, of: &Doomed<'_>) -> Teardown {
        let delete = json!({ "StateMachineArn": of.arn });
        let mut calls = self.stopping(of);
        calls.push(ReaperCall::new("sfn:deleteStateMachine", delete));
        Teardown::new(
            ReaperCall::new("sfn:listTagsForResource", json!({ "ResourceArn": of.arn })),
            calls,
            ReaperCall::new("sfn:listStateMachines", json!({ "MaxResults": 400 })),
        )
    }

    fn stopping(&self, of: &Doomed<'_>) -> Vec<ReaperCall> {
        let running =
            json!({ "StateMachineArn": of.arn, "StatusFilter": "RUNNING", "MaxResults": 200 });
        vec![ReaperCall::new("sfn:listExecutions", running)]
    }

    /// <https://aws.amazon.com/step-functions/pricing/>: transitions of a standard workflow; requests, and time in steps
    /// of 100 ms with 64 MB, of an Express one.
    fn usage(&self, resource: &Resource, happened: &Activity, _: &Assumed) -> Vec<Metered> {
        let children = happened.count(&Act::ExpressChild);
        let milliseconds = happened
            .count(&Act::Millisecond)
            .div_ceil(100)
            .saturating_mul(100);
        let (transitions, requests) = if resource.spec["type"] == "express" {
            (0, happened.count(&Act::Start).saturating_add(children))
        } else {
            (happened.count(&Act::Transition), children)
        };
        // An execution without a task takes a step of time, too.
        let milliseconds = milliseconds.max(requests.saturating_mul(100));
        vec![
            Metered::count("states.transitions", transitions),
            Metered::count("states.express.requests", requests),
            Metered::memory("states.express.gb_seconds", 1, 64, milliseconds),
        ]
    }

    fn waits_for(&self, kind: Kind, rest: &str) -> bool {
        match kind {
            // Step Functions can assume only an existing role.
            Kind::Role => true,
            Kind::LogGroup => rest.starts_with(":*"),
            _ => kind.facts().arn_is_made,
        }
    }

    fn definitions<'f>(&self, file: &'f StackFile) -> Vec<DefinitionUse<'f>> {
        let machines = file.state_machines.iter();
        machines.map(|(key, one)| one.definition_use(key)).collect()
    }
}

impl StateMachine {
    fn definition_use<'f>(&'f self, key: &'f str) -> DefinitionUse<'f> {
        DefinitionUse {
            key,
            definition: &self.definition,
            substitutions: &self.substitutions,
        }
    }

    /// Reports substitutions that replace nothing, and names that no reference can have.
    fn check_substitutions(&self, key: &str, definition: &Value, out: &mut Expansion) {
        for name in self.substitutions.keys() {
            let at = ["state_machines", key, "substitutions", name];
            if !is_key(name) {
                out.problem_at_key(
                    &at,
                    format!("`{name}` cannot be the name of a substitution"),
                    &key_help(name),
                );
            } else if !definitions::refers_to(definition, name)
                && !definitions::may_refer_to(definition, name)
            {
                out.warning_at(
                    &at,
                    format!("the definition of `{key}` has no `${{{name}}}`"),
                    "correct the name, or remove the substitution",
                );
            }
        }
    }

    pub(in crate::stack) fn expand(&self, key: &str, out: &mut Expansion) {
        let address = Address::new(Kind::StateMachine, key);
        let place = ["state_machines", key, "definition"];
        let Some(definition) = out.definition(self.definition_use(key), &place) else {
            return;
        };
        self.check_substitutions(key, &definition.json, out);
        if self.machine_type == MachineType::Express {
            out.diagnostics(asl::check_express(definition));
        }
        role::check_allow(out, &["state_machines", key, "allow"], &self.allow);
        let mut log_group = None;
        if self.logging != LogLevel::Off {
            let place = ["state_machines", key, "log_retention_days"];
            let group = log_group::spec(out, self.log_retention_days, &place);
            let name = out.name_of(Kind::StateMachine, &address, self.name.as_deref());
            // Names under this prefix keep the log resource policy below its size limit.
            // https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html
            let name = format!("/aws/vendedlogs/states/{name}");
            out.add_named(Kind::LogGroup, address.part("logs"), &name, &group);
            log_group = Some(format!("${{{key}.logs.arn}}:*"));
        }
        let role = if let Some(arn) = self.role.as_ref().or(out.file.defaults.role.as_ref()) {
            arn.clone()
        } else {
            // The policy follows from the definition once its references are resolved.
            let trust = policy::trust(&["states.amazonaws.com"], Some(&out.target.account));
            let grants = Grant::from_allow(&self.allow).collect();
            role::add_generated_role(out, &address, trust, grants)
        };
        let spec = StateMachineSpec {
            machine_type: self.machine_type,
            definition: definitions::substituted(&definition.json, &self.substitutions),
            role,
            logging: LoggingSpec {
                level: self.logging,
                include_data: self.logging != LogLevel::Off,
                log_group,
            },
            tracing: self.tracing,
        };
        out.add(Kind::StateMachine, address, self.name.as_deref(), &spec);
    }

    fn complete_role(&self, key: &str, out: &mut Expansion<'_>) {
        let address = Address::new(Kind::StateMachine, key);
        let Some(machine) = out.resource(&address) else {
            return;
        };
        let definition = machine.spec["definition"].clone();
        let at = ["state_machines", key, "definition"];
        let arn = asl::StateMachineArn {
            partition: out.target.partition.clone(),
            region: out.target.region.clone(),
            account: out.target.account.clone(),
            name: machine.name.clone(),
        };
        let bytes = definition.to_string().len();
        if bytes > asl::MAX_BYTES {
            out.problem_at(
                &at,
                format!("the definition is {bytes} bytes long with its references replaced"),
                &format!(
                    "Step Functions takes {}: move a part to a machine of its own",
                    asl::MAX_BYTES
                ),
            );
        }
        let role = address.part("role");
        let (mut grants, warnings) = self.grants(&definition, &arn);
        // Those of its `allow`, whose references are replaced by now.
        grants.extend(out.take_grants(&role));
        for warning in warnings {
            // What the role allows for a state follows from what is wrong with it.
            if out.is_reported(self.definition_use(key), &warning.state) {
                continue;
            }
            let help = if warning.text.contains("`allow`") {
                "give the machine `allow: [{ actions: [...], resources: [...] }]`"
            } else if warning.text.contains("only known at run time") {
                "narrow it with a literal or referenced target, if it is known"
            } else if warning.text.contains("access entry") {
                "`aws eks create-access-entry --principal-arn` takes the ARN of the role"
            } else if ["does not say", "not given", "names no"]
                .iter()
                .any(|missing| warning.text.contains(missing))
            {
                "name it in the parameters of the call"
            } else {
                "to narrow it, give the machine a role of your own with `role: ${KEY.arn}`"
            };
            out.warning_at(&at, warning.to_string(), help);
        }
        let trust = policy::trust(&["states.amazonaws.com"], Some(&out.target.account));
        let spec = role::generated(out, trust, &grants);
        if out.set_spec(&role, &spec) {
            out.granted(&role, grants);
        }
    }

    /// What the machine's own role allows beside its `allow`: what the resolved definition calls, logging and
    /// tracing. The second value is what to warn of.
    fn grants(
        &self,
        definition: &Value,
        machine: &asl::StateMachineArn,
    ) -> (Vec<Grant>, Vec<asl::PermissionWarning>) {
        let grant = |permission: &asl::RequiredPermission, why: String| {
            let condition = permission.condition.as_ref();
            Grant::new(
                policy::statement(&permission.actions, &permission.resources, condition),
                why,
            )
        };
        let required = asl::permissions(definition, machine);
        let mut grants: Vec<Grant> = required
            .permissions
            .iter()
            .map(|permission| grant(permission, of_states(&permission.states)))
            .collect();
        if self.logging != LogLevel::Off {
            grants.push(grant(&asl::logging(), "its `logging`".to_owned()));
        }
        if self.tracing {
            grants.push(grant(&asl::tracing(), "its `tracing`".to_owned()));
        }
        (grants, required.warnings)
    }
}

/// The states that need something, in words.
fn of_states(states: &[String]) -> String {
    let named: Vec<String> = states.iter().map(|state| format!("`{state}`")).collect();
    match named.as_slice() {
        [] => "the machine itself".to_owned(),
        [only] => format!("the state {only}"),
        many => format!("the states {}", many.join(", ")),
    }
}
