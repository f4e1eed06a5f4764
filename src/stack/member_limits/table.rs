//! Which values of the stack file AWS limits, and how.
//!
//! Lengths and patterns are those of the API models, by the name of a shape (`data::limits`). What no model
//! says names the page that does.

use super::Part::{self, Count, Json, KeyName, Text};
use crate::data::limits;

/// What AWS takes of a value.
pub(in crate::stack) struct ValueLimit {
    /// The shape of the API model, such as `events.RuleDescription`; the AWS page where no model limits it.
    pub source: &'static str,
    /// The service in messages.
    pub service: &'static str,
    /// The greatest length, where it is not that of the model.
    pub most: Option<usize>,
    /// The greatest length that an account takes unless AWS has raised its quota.
    pub quota: Option<usize>,
    /// What the pattern of the model takes, in words; nothing where the pattern is not checked.
    pub words: Option<&'static str>,
    /// The way out where it is too long.
    pub more: Option<&'static str>,
}

impl ValueLimit {
    /// The length that a shape of a model has.
    pub const fn of(source: &'static str, service: &'static str) -> Self {
        Self {
            source,
            service,
            most: None,
            quota: None,
            words: None,
            more: None,
        }
    }

    /// A greatest length.
    const fn most(mut self, most: usize) -> Self {
        self.most = Some(most);
        self
    }

    /// The pattern of the shape as well, with what it takes in words.
    pub const fn matching(mut self, words: &'static str) -> Self {
        self.words = Some(words);
        self
    }

    const fn so(mut self, more: &'static str) -> Self {
        self.more = Some(more);
        self
    }

    const fn with_quota(mut self, quota: usize) -> Self {
        self.quota = Some(quota);
        self
    }

    /// The least length.
    pub fn min(&self) -> usize {
        let of = limits::of(self.source);
        of.and_then(|limit| limit.min).unwrap_or_default()
    }

    /// The greatest length: characters of a text, entries of a list or mapping.
    pub fn max(&self) -> usize {
        self.most.unwrap_or_else(|| limits::max(self.source))
    }

    /// The pattern that the whole text matches, and what it takes in words.
    pub fn pattern(&self) -> Option<(&'static str, &'static str)> {
        let pattern = limits::of(self.source)?.pattern.as_deref()?;
        Some((pattern, self.words?))
    }
}

const EVENTS: &str = "EventBridge";

/// EventBridge takes 512 characters, and the mark stands there too.
const CONNECTION_DESCRIPTION: ValueLimit = ValueLimit::of("events.ConnectionDescription", "treino")
    .most(256)
    .so("EventBridge takes 512, and treino's mark is there too");

const CREDENTIAL: ValueLimit = ValueLimit::of("events.AuthHeaderParametersSensitive", EVENTS)
    .matching("use no colon, no line break and no other control character");

const ENDPOINT: ValueLimit = ValueLimit::of("events.HttpsEndpoint", EVENTS)
    .matching("write it as a URL holds it: other characters as % and two hexadecimal digits");

const HEADER_NAME: ValueLimit = ValueLimit::of("events.HeaderKey", EVENTS)
    .matching("use letters, digits and ! # $ % & ' * + , - . ^ _ ` | ~");

const HEADER_VALUE: ValueLimit = ValueLimit::of("events.HeaderValueSensitive", EVENTS)
    .matching("use printable ASCII characters, at least one");

const QUERY_NAME: ValueLimit =
    ValueLimit::of("events.QueryStringKey", EVENTS).matching("use no control character");

const QUERY_VALUE: ValueLimit = ValueLimit::of("events.QueryStringValueSensitive", EVENTS)
    .matching("use no control character but line breaks, and at least one character");

const PARAMETERS: ValueLimit = ValueLimit::of("events.ConnectionHeaderParametersList", EVENTS);

const POLICY_TEXT: ValueLimit = ValueLimit::of("iam.policyDocumentType", "IAM")
    .matching("a policy takes the characters up to U+00FF: Latin letters, digits, punctuation");

/// The name of a key's attribute.
pub(in crate::stack) const KEY_ATTRIBUTE: ValueLimit =
    ValueLimit::of("dynamodb.KeySchemaAttributeName", "DynamoDB");

const FILTER_PAGE: &str = "sns/latest/dg/subscription-filter-policy-constraints.html";

/// Where a value stands (`*` is any key or item, `**` any text below), what it is in messages, which
/// part of it counts, and the limit.
pub(super) type Row = (&'static str, &'static str, Part, ValueLimit);

#[rustfmt::skip]
pub(super) const ROWS: &[Row] = &[
    ("functions/*/handler", "handler", Text, ValueLimit::of("lambda.Handler", "Lambda").matching("write it without spaces")),
    ("functions/*/description", "description", Text, ValueLimit::of("lambda.Description", "Lambda")),
    ("rules/*/description", "description", Text, ValueLimit::of("events.RuleDescription", EVENTS)),
    ("rules/*/schedule", "schedule", Text, ValueLimit::of("events.ScheduleExpression", EVENTS)),
    // https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html
    ("rules/*/pattern", "event pattern", Json, ValueLimit::of("events.EventPattern", EVENTS).with_quota(2048)),
    ("rules/*/input", "input", Json, ValueLimit::of("events.TargetInput", EVENTS).so("put it into a bucket, and send its key")),
    ("connections/*/description", "description", Text, CONNECTION_DESCRIPTION),
    ("connections/*/api_key/header", "header of the API key", Text, CREDENTIAL),
    ("connections/*/api_key/value", "API key", Text, CREDENTIAL),
    ("connections/*/basic/username", "user name", Text, CREDENTIAL),
    ("connections/*/basic/password", "password", Text, CREDENTIAL),
    ("connections/*/oauth/client_id", "client's id", Text, CREDENTIAL),
    ("connections/*/oauth/client_secret", "client's secret", Text, CREDENTIAL),
    ("connections/*/oauth/endpoint", "endpoint", Text, ENDPOINT),
    ("connections/*/headers", "headers", Count, PARAMETERS),
    ("connections/*/headers/*", "name of the header", KeyName, HEADER_NAME),
    ("connections/*/headers/*", "value of the header", Text, HEADER_VALUE),
    ("connections/*/query", "query parameters", Count, PARAMETERS),
    ("connections/*/query/*", "name of the query parameter", KeyName, QUERY_NAME),
    ("connections/*/query/*", "value of the query parameter", Text, QUERY_VALUE),
    ("connections/*/body", "fields of the body", Count, PARAMETERS),
    ("connections/*/oauth/headers", "headers", Count, PARAMETERS),
    ("connections/*/oauth/headers/*", "name of the header", KeyName, HEADER_NAME),
    ("connections/*/oauth/headers/*", "value of the header", Text, HEADER_VALUE),
    ("connections/*/oauth/query", "query parameters", Count, PARAMETERS),
    ("connections/*/oauth/query/*", "name of the query parameter", KeyName, QUERY_NAME),
    ("connections/*/oauth/query/*", "value of the query parameter", Text, QUERY_VALUE),
    ("connections/*/oauth/body", "fields of the body", Count, PARAMETERS),
    ("tables/*/time_to_live", "attribute of the expiry time", Text, ValueLimit::of("dynamodb.TimeToLiveAttributeName", "DynamoDB")),
    ("topics/*/display_name", "display name", Text, ValueLimit::of("sns/latest/api/API_CreateTopic.html", "SNS").most(100)),
    ("topics/*/subscriptions/*/filter_policy", "filter policy", Json, ValueLimit::of(FILTER_PAGE, "SNS").most(262_144)),
    ("functions/*/allow/**", "text", Text, POLICY_TEXT),
    ("roles/*/allow/**", "text", Text, POLICY_TEXT),
    ("state_machines/*/allow/**", "text", Text, POLICY_TEXT),
    // https://docs.aws.amazon.com/awscloudtrail/latest/userguide/WhatIsCloudTrail-Limits.html
    ("trails/*/objects_of", "buckets", Count, ValueLimit::of("awscloudtrail/latest/userguide/WhatIsCloudTrail-Limits.html", "CloudTrail").most(250).so("divide them among several trails")),
];
