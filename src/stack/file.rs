//! The stack file: its sections and what can be written in them.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use super::checks::StackCheck;
use super::kinds::{self, with_kinds};
use super::limits::Limits;
use super::params::Param;

macro_rules! define_file {
    ($($kind:ident, $of:ident, $section:ident, $about:literal;)*) => {
        /// A stack: a small serverless lab that treino deploys and destroys as one.
        #[derive(Debug, Clone, Deserialize, JsonSchema)]
        #[serde(deny_unknown_fields)]
        pub struct StackFile {
            /// The stack's name: lowercase letters, digits and hyphens. It begins every generated name.
            pub stack: String,
            /// What the stack is for.
            #[serde(default)]
            pub description: String,
            /// How long it is deployed, such as `4h` or `2d`: AWS then deletes it by itself. `never`: until `treino
            /// destroy`, as without it.
            #[serde(default)]
            pub expires: Option<String>,
            /// `off`: nothing deletes the stack when it has expired. `treino status` shows what is overdue.
            #[serde(default)]
            pub self_destruct: SelfDestruct,

            /// The most that it may be estimated to cost on AWS, such as `5 USD`: 100 runs within the time of `expires`, or
            /// within a day. What is above is not deployed.
            #[serde(default)]
            pub max_cost: Option<String>,
            /// How often it may run, and what that may cost, until AWS stops it and deletes it.
            #[serde(default)]
            pub limits: Option<Limits>,
            /// Files and folders outside of the repository that functions' code and definitions may be read
            /// from, or be links to, relative to the stack file. Without a repository, what lies outside of
            /// the folder above the stack file's. Of what usually contains secrets, such as `.env`, each is named
            /// itself.
            #[serde(default)]
            #[schemars(inner(length(min = 1)))]
            pub include: Vec<String>,
            /// Tags for every resource.
            #[serde(default)]
            pub tags: BTreeMap<String, String>,
            /// Values given from outside with `--set NAME=VALUE`, and used as `${param.NAME}`.
            #[serde(default)]
            pub params: BTreeMap<String, Param>,
            /// What resources use that do not say otherwise.
            #[serde(default)]
            pub defaults: Defaults,
            $(
                #[doc = $about]
                #[serde(default)]
                pub $section: BTreeMap<String, kinds::$kind>,
            )*
            /// What `treino test` does with the deployed stack, and what has to come of it, by name.
            #[serde(default)]
            pub checks: BTreeMap<String, StackCheck>,
            /// Values to print after a deploy.
            #[serde(default)]
            pub outputs: BTreeMap<String, String>,
        }
    };
}

with_kinds!(define_file);

/// What resources use that do not say otherwise.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Defaults {
    /// The ARN of an existing role for every function, state machine and rule, where the account
    /// may not create roles.
    #[serde(default)]
    pub role: Option<String>,
    /// Days that logs are kept.
    #[serde(default)]
    pub log_retention_days: Option<u32>,
}

/// Whether a stack that has expired is deleted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum SelfDestruct {
    /// By the reaper, inside AWS.
    #[default]
    On,
    /// By nobody.
    Off,
}

/// Top-level keys that begin with this are ignored: their values may hold YAML anchors, as in Compose files.
pub const IGNORED_KEYS: &str = "x-";

/// The JSON Schema of the stack file, for editors and other tools.
#[must_use]
pub fn schema() -> Value {
    let mut schema = own_schema();
    let about = "Ignored. Its value may hold YAML anchors.";
    schema["patternProperties"] = json!({ format!("^{IGNORED_KEYS}"): { "description": about } });
    if let Some(allow) = schema["$defs"].get_mut("Allow") {
        allow_former_name(allow);
    }
    schema
}

/// The JSON Schema that a stack file is checked against once the keys that are ignored are left out and former names
/// are replaced.
pub(super) fn own_schema() -> Value {
    let mut schema = schemars::schema_for!(StackFile).to_value();
    if let Some(fields) = schema.as_object_mut() {
        fields.insert("title".into(), "treino stack file".into());
    }
    schema
}

/// `on:` is the former name of `resources:` in `allow`. A YAML 1.1 tool reads `on` as a boolean.
fn allow_former_name(allow: &mut Value) {
    let mut former = allow["properties"]["resources"].clone();
    former["deprecated"] = true.into();
    former["description"] = "The former name of `resources`.".into();
    allow["properties"]["on"] = former;
    allow["required"] = json!(["actions"]);
    allow["oneOf"] = json!([{ "required": ["resources"] }, { "required": ["on"] }]);
}
