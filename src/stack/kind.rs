//! The kinds of AWS resource treino knows, and what is fixed about each.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A type of AWS resource.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// An S3 general purpose bucket.
    Bucket,
    /// A DynamoDB table.
    Table,
    /// An IAM role with its inline and attached policies.
    Role,
    /// A CloudWatch Logs log group.
    LogGroup,
    /// A Lambda function.
    Function,
    /// A Step Functions state machine.
    StateMachine,
    /// An EventBridge connection: how HTTP tasks authorise themselves.
    Connection,
    /// A CloudTrail trail with its event selectors.
    Trail,
    /// An EventBridge rule with its targets.
    Rule,
    /// An S3 directory bucket (S3 Express One Zone).
    DirectoryBucket,
    /// An Amazon Glacier vault with its access policy.
    Vault,
}

/// The facts about a [`Kind`] that need no call to AWS.
pub struct Facts {
    /// The word in an address: `table` in `table.metadata`.
    pub noun: &'static str,
    /// The key of its section in the stack file.
    pub section: &'static str,
    /// Paths of its spec that AWS cannot change in place.
    pub replace_on: &'static [&'static str],
    /// On destroy, the kinds that have to be gone before this one goes.
    pub deleted_after: &'static [Kind],
    /// Whether it lets events in: switched on last and off first.
    pub event_source: bool,
    /// Whether it has tags; else the mark stands in its description, and the stack's own tags nowhere.
    pub taggable: bool,
    /// Whether AWS makes a part of its ARN. The spec's `arn` then holds it.
    pub arn_is_made: bool,
    /// What can be referred to: `${key.attribute}`.
    pub attributes: &'static [&'static str],
    /// What AWS accepts as its name.
    pub name: NameRule,
}

/// What AWS accepts as a name.
pub struct NameRule {
    /// The shortest name, in characters.
    pub min: usize,
    /// The longest name, in characters.
    pub max: usize,
    /// The punctuation allowed beside letters and digits.
    pub punctuation: &'static str,
    /// Whether capital letters are refused.
    pub lower_case: bool,
    /// The AWS page that says so.
    pub page: &'static str,
}

const NAME_AND_ARN: &[&str] = &["name", "arn"];

impl Kind {
    /// Every kind.
    pub const ALL: [Kind; 11] = [
        Kind::Bucket,
        Kind::Table,
        Kind::Role,
        Kind::LogGroup,
        Kind::Function,
        Kind::StateMachine,
        Kind::Connection,
        Kind::Trail,
        Kind::Rule,
        Kind::DirectoryBucket,
        Kind::Vault,
    ];

    /// The kind of a noun, as it stands in addresses.
    #[must_use]
    pub fn of_noun(noun: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|k| k.facts().noun == noun)
    }

    /// The kind of a section of the stack file.
    #[must_use]
    pub fn of_section(section: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|k| k.facts().section == section)
    }

    /// What is fixed about this kind.
    #[must_use]
    pub fn facts(self) -> &'static Facts {
        match self {
            Kind::Bucket => &BUCKET,
            Kind::Table => &TABLE,
            Kind::Role => &ROLE,
            Kind::LogGroup => &LOG_GROUP,
            Kind::Function => &FUNCTION,
            Kind::StateMachine => &STATE_MACHINE,
            Kind::Connection => &CONNECTION,
            Kind::Trail => &TRAIL,
            Kind::Rule => &RULE,
            Kind::DirectoryBucket => &DIRECTORY_BUCKET,
            Kind::Vault => &VAULT,
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(&self.facts().noun.replace('_', " "))
    }
}

static BUCKET: Facts = Facts {
    noun: "bucket",
    section: "buckets",
    replace_on: &[],
    deleted_after: &[Kind::Trail, Kind::Function, Kind::StateMachine],
    event_source: false,
    taggable: true,
    arn_is_made: false,
    attributes: NAME_AND_ARN,
    name: NameRule {
        min: 3,
        max: 63,
        punctuation: "-.",
        lower_case: true,
        page: "AmazonS3/latest/userguide/bucketnamingrules.html",
    },
};

static TABLE: Facts = Facts {
    noun: "table",
    section: "tables",
    replace_on: &["partition_key", "sort_key"],
    deleted_after: &[Kind::Function, Kind::StateMachine],
    event_source: false,
    taggable: true,
    arn_is_made: false,
    attributes: NAME_AND_ARN,
    name: NameRule {
        min: 3,
        max: 255,
        punctuation: "-._",
        lower_case: false,
        page: "amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html",
    },
};

static ROLE: Facts = Facts {
    noun: "role",
    section: "roles",
    replace_on: &["path"],
    deleted_after: &[Kind::Function, Kind::StateMachine, Kind::Rule],
    event_source: false,
    taggable: true,
    arn_is_made: false,
    attributes: NAME_AND_ARN,
    name: NameRule {
        min: 1,
        max: 64,
        punctuation: "-._+=,@",
        lower_case: false,
        page: "IAM/latest/APIReference/API_CreateRole.html",
    },
};

static LOG_GROUP: Facts = Facts {
    noun: "log_group",
    section: "log_groups",
    replace_on: &[],
    // A group deleted before its writer comes back.
    deleted_after: &[Kind::Function, Kind::StateMachine],
    event_source: false,
    taggable: true,
    arn_is_made: false,
    attributes: NAME_AND_ARN,
    name: NameRule {
        min: 1,
        max: 512,
        punctuation: "-._/#",
        lower_case: false,
        page: "AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html",
    },
};

static FUNCTION: Facts = Facts {
    noun: "function",
    section: "functions",
    replace_on: &[],
    deleted_after: &[Kind::Rule, Kind::StateMachine],
    event_source: false,
    taggable: true,
    arn_is_made: false,
    attributes: NAME_AND_ARN,
    name: NameRule {
        min: 1,
        max: 64,
        punctuation: "-_",
        lower_case: false,
        page: "lambda/latest/api/API_CreateFunction.html",
    },
};

static STATE_MACHINE: Facts = Facts {
    noun: "state_machine",
    section: "state_machines",
    replace_on: &["type"],
    deleted_after: &[Kind::Rule],
    event_source: false,
    taggable: true,
    arn_is_made: false,
    attributes: NAME_AND_ARN,
    name: NameRule {
        min: 1,
        max: 80,
        punctuation: "-_",
        lower_case: false,
        page: "step-functions/latest/apireference/API_CreateStateMachine.html",
    },
};

static CONNECTION: Facts = Facts {
    noun: "connection",
    section: "connections",
    replace_on: &[],
    deleted_after: &[Kind::StateMachine],
    event_source: false,
    // https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_CreateConnection.html
    taggable: false,
    arn_is_made: true,
    attributes: NAME_AND_ARN,
    name: NameRule {
        min: 1,
        max: 64,
        punctuation: "-._",
        lower_case: false,
        page: "eventbridge/latest/APIReference/API_CreateConnection.html",
    },
};

static TRAIL: Facts = Facts {
    noun: "trail",
    section: "trails",
    replace_on: &[],
    deleted_after: &[],
    event_source: false,
    taggable: true,
    arn_is_made: false,
    attributes: NAME_AND_ARN,
    name: NameRule {
        min: 3,
        max: 128,
        punctuation: "-._",
        lower_case: false,
        page: "awscloudtrail/latest/APIReference/API_CreateTrail.html",
    },
};

static RULE: Facts = Facts {
    noun: "rule",
    section: "rules",
    replace_on: &[],
    deleted_after: &[],
    event_source: true,
    taggable: true,
    arn_is_made: false,
    attributes: NAME_AND_ARN,
    name: NameRule {
        min: 1,
        max: 64,
        punctuation: "-._",
        lower_case: false,
        page: "eventbridge/latest/APIReference/API_PutRule.html",
    },
};

static DIRECTORY_BUCKET: Facts = Facts {
    noun: "directory_bucket",
    section: "directory_buckets",
    replace_on: &[],
    deleted_after: &[Kind::Function, Kind::StateMachine],
    event_source: false,
    taggable: true,
    arn_is_made: false,
    attributes: NAME_AND_ARN,
    name: NameRule {
        min: 3,
        max: 63,
        punctuation: "-",
        lower_case: true,
        page: "AmazonS3/latest/userguide/directory-bucket-naming-rules.html",
    },
};

static VAULT: Facts = Facts {
    noun: "vault",
    section: "vaults",
    replace_on: &[],
    deleted_after: &[Kind::Function, Kind::StateMachine],
    event_source: false,
    taggable: true,
    arn_is_made: false,
    attributes: NAME_AND_ARN,
    name: NameRule {
        min: 1,
        max: 255,
        punctuation: "-._",
        lower_case: false,
        page: "amazonglacier/latest/dev/api-vault-put.html",
    },
};
