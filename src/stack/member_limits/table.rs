//! Which values of the stack file AWS limits, and how.
//!
//! Lengths and patterns are those of the API models (`min`, `max` and `pattern` of a shape). What a
//! model does not say names the page that does.

use super::Part::{self, Count, Json, KeyName, Text};

/// What AWS takes of a value.
pub(in crate::stack) struct ValueLimit {
    /// The service and shape of the API model: `events:RuleDescription`; or the AWS page.
    #[cfg(test)]
    pub source: &'static str,
    /// The service in messages.
    pub service: &'static str,
    /// The least length.
    pub min: usize,
    /// The greatest length: characters of a text, entries of a list or mapping.
    pub max: usize,
    /// The greatest length that an account takes unless AWS has raised its quota.
    pub quota: Option<usize>,
    /// The whole text matches this; what it takes, in words.
    pub pattern: Option<(&'static str, &'static str)>,
    /// The way out where it is too long.
    pub more: Option<&'static str>,
}

impl ValueLimit {
    /// A limit of a length alone.
    pub const fn new(source: &'static str, service: &'static str, max: usize) -> Self {
        // Only a test reads it.
        let _ = source;
        Self {
            #[cfg(test)]
            source,
            service,
            min: 0,
            max,
            quota: None,
            pattern: None,
            more: None,
        }
    }

    pub const fn matching(mut self, pattern: &'static str, words: &'static str) -> Self {
        self.pattern = Some((pattern, words));
        self
    }

    pub const fn at_least(mut self, min: usize) -> Self {
        self.min = min;
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
}

const EVENTS: &str = "EventBridge";

/// EventBridge takes 512 characters, and the mark stands there too.
const CONNECTION_DESCRIPTION: ValueLimit =
    ValueLimit::new("events:ConnectionDescription", "treino", 256)
        .so("EventBridge takes 512, and treino's mark stands there too");

const CREDENTIAL: ValueLimit = ValueLimit::new("events:AuthHeaderParameters", EVENTS, 512)
    .at_least(1)
    .matching(
        r"[ \t]*[^\x00-\x1F:\x7F]+([ \t]+[^\x00-\x1F:\x7F]+)*[ \t]*",
        "use no colon, no line break and no other control character",
    );

const ENDPOINT: ValueLimit = ValueLimit::new("events:HttpsEndpoint", EVENTS, 2048)
    .at_least(1)
    .matching(
        r"((%[0-9A-Fa-f]{2}|[-()_.!~*';/?:@\x26=+$,A-Za-z0-9])+)([).!';/?:,])?",
        "write it as a URL holds it: other characters as % and two hexadecimal digits",
    );

const HEADER_NAME: ValueLimit = ValueLimit::new("events:HeaderKey", EVENTS, 512).matching(
    r"[!#$%&'*+-.^_`|~0-9a-zA-Z]+",
    "use letters, digits and ! # $ % & ' * + , - . ^ _ ` | ~",
);

const HEADER_VALUE: ValueLimit = ValueLimit::new("events:HeaderValueSensitive", EVENTS, 512)
    .matching(
        r"[ \t]*[\x20-\x7E]+([ \t]+[\x20-\x7E]+)*[ \t]*",
        "use printable ASCII characters, at least one",
    );

const QUERY_NAME: ValueLimit = ValueLimit::new("events:QueryStringKey", EVENTS, 512)
    .matching(r"[^\x00-\x1F\x7F]+", "use no control character");

const QUERY_VALUE: ValueLimit = ValueLimit::new("events:QueryStringValueSensitive", EVENTS, 512)
    .matching(
        r"[^\x00-\x09\x0B\x0C\x0E-\x1F\x7F]+",
        "use no control character but line breaks, and at least one character",
    );

const PARAMETERS: ValueLimit =
    ValueLimit::new("events:ConnectionHeaderParametersList", EVENTS, 100);

const POLICY_TEXT: ValueLimit = ValueLimit::new("iam:policyDocumentType", "IAM", 131_072).matching(
    r"[\u0009\u000A\u000D\u0020-\u00FF]*",
    "a policy takes the characters up to U+00FF: Latin letters, digits, punctuation",
);

/// The name of a key's attribute.
pub(in crate::stack) const KEY_ATTRIBUTE: ValueLimit =
    ValueLimit::new("dynamodb:KeySchemaAttributeName", "DynamoDB", 255).at_least(1);

const FILTER_PAGE: &str = "sns/latest/dg/subscription-filter-policy-constraints.html";

/// Where a value stands (`*` is any key or item, `**` any text below), what it is in messages, which
/// part of it counts, and the limit.
pub(super) type Row = (&'static str, &'static str, Part, ValueLimit);

#[rustfmt::skip]
pub(super) const ROWS: &[Row] = &[
    ("functions/*/handler", "handler", Text, ValueLimit::new("lambda:Handler", "Lambda", 128).matching(r"[^\s]+", "write it without spaces")),
    ("functions/*/description", "description", Text, ValueLimit::new("lambda:Description", "Lambda", 256)),
    ("rules/*/description", "description", Text, ValueLimit::new("events:RuleDescription", EVENTS, 512)),
    ("rules/*/schedule", "schedule", Text, ValueLimit::new("events:ScheduleExpression", EVENTS, 256)),
    // https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html
    ("rules/*/pattern", "event pattern", Json, ValueLimit::new("events:EventPattern", EVENTS, 4096).with_quota(2048)),
    ("rules/*/input", "input", Json, ValueLimit::new("events:TargetInput", EVENTS, 8192).so("put it into a bucket, and send its key")),
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
    ("tables/*/time_to_live", "attribute of the expiry time", Text, ValueLimit::new("dynamodb:TimeToLiveAttributeName", "DynamoDB", 255).at_least(1)),
    ("topics/*/display_name", "display name", Text, ValueLimit::new("sns/latest/api/API_CreateTopic.html", "SNS", 100)),
    ("topics/*/subscriptions/*/filter_policy", "filter policy", Json, ValueLimit::new(FILTER_PAGE, "SNS", 262_144)),
    ("functions/*/allow/**", "text", Text, POLICY_TEXT),
    ("roles/*/allow/**", "text", Text, POLICY_TEXT),
    ("state_machines/*/allow/**", "text", Text, POLICY_TEXT),
    // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
    ("roles/*/managed_policies", "managed policies", Count, ValueLimit::new("IAM/latest/UserGuide/reference_iam-quotas.html", "IAM", 25).with_quota(10)),
    ("roles/*/managed_policies/*", "ARN", Text, ValueLimit::new("iam:arnType", "IAM", 2048)),
    // https://docs.aws.amazon.com/awscloudtrail/latest/userguide/WhatIsCloudTrail-Limits.html
    ("trails/*/objects_of", "buckets", Count, ValueLimit::new("awscloudtrail/latest/userguide/WhatIsCloudTrail-Limits.html", "CloudTrail", 250).so("divide them among several trails")),
];
