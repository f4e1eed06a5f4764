//! From a call of an API to what IAM asks for: its actions, each with a resource and condition keys. By the service
//! authorization reference; where an action's name is not the operation's, the table says so.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::iam_simulate::Question;
use crate::support::REGION;

/// Operations whose action has another name. None: no permission is needed.
const NAMES: &[(&str, &str, &[&str])] = &[
    ("lambda", "Invoke", &["lambda:InvokeFunction"]),
    ("s3", "DeleteBucketTagging", &["s3:PutBucketTagging"]),
    (
        "s3",
        "DeletePublicAccessBlock",
        &["s3:PutBucketPublicAccessBlock"],
    ),
    (
        "s3",
        "GetBucketNotificationConfiguration",
        &["s3:GetBucketNotification"],
    ),
    (
        "s3",
        "GetPublicAccessBlock",
        &["s3:GetBucketPublicAccessBlock"],
    ),
    ("s3", "HeadBucket", &["s3:ListBucket"]),
    ("s3", "ListBuckets", &["s3:ListAllMyBuckets"]),
    (
        "s3",
        "ListDirectoryBuckets",
        &["s3express:ListAllMyDirectoryBuckets"],
    ),
    (
        "s3",
        "ListMultipartUploads",
        &["s3:ListBucketMultipartUploads"],
    ),
    ("s3", "ListObjectVersions", &["s3:ListBucketVersions"]),
    ("s3", "ListObjectsV2", &["s3:ListBucket"]),
    (
        "s3",
        "PutBucketNotificationConfiguration",
        &["s3:PutBucketNotification"],
    ),
    (
        "s3",
        "PutPublicAccessBlock",
        &["s3:PutBucketPublicAccessBlock"],
    ),
    ("sts", "GetCallerIdentity", &[]),
];

/// The action that a call with tags needs too.
const TAGGING: &[(&str, &str)] = &[
    ("cloudtrail", "cloudtrail:AddTags"),
    ("dynamodb", "dynamodb:TagResource"),
    ("events", "events:TagResource"),
    ("iam", "iam:TagRole"),
    ("lambda", "lambda:TagResource"),
    ("logs", "logs:TagResource"),
    ("s3", "s3:TagResource"),
    ("sns", "sns:TagResource"),
    ("sqs", "sqs:TagQueue"),
    ("states", "states:TagResource"),
];

/// The member of a call's parameters that names its resource, and the ARN that follows from it.
const RESOURCES: &[(&str, &str, &str)] = &[
    ("cloudtrail", "Name", "trail/"),
    ("cloudtrail", "TrailName", "trail/"),
    ("cloudtrail", "ResourceId", ""),
    ("dynamodb", "TableName", "table/"),
    ("dynamodb", "ResourceArn", ""),
    ("events", "ResourceARN", ""),
    ("events", "Rule", "rule/"),
    ("glacier", "vaultName", "vaults/"),
    ("lambda", "FunctionName", "function:"),
    ("lambda", "Resource", ""),
    ("lambda", "Uuid", "event-source-mapping:"),
    ("logs", "logGroupName", "log-group:"),
    ("logs", "logGroupIdentifier", "log-group:"),
    ("logs", "resourceArn", ""),
    ("s3express", "resourceArn", ""),
    ("secretsmanager", "SecretId", "secret:"),
    ("sns", "TopicArn", ""),
    ("sns", "ResourceArn", ""),
    ("sns", "Name", ""),
    ("sqs", "QueueName", ""),
    ("sqs", "QueueUrl", ""),
    ("states", "stateMachineArn", ""),
    ("states", "executionArn", ""),
    ("states", "resourceArn", ""),
    ("states", "name", "stateMachine:"),
];

/// The services that a role is passed to, by operation and member.
const PASSED: &[(&str, &str, &str)] = &[
    ("CreateFunction", "Role", "lambda.amazonaws.com"),
    (
        "UpdateFunctionConfiguration",
        "Role",
        "lambda.amazonaws.com",
    ),
    ("CreateStateMachine", "roleArn", "states.amazonaws.com"),
    ("UpdateStateMachine", "roleArn", "states.amazonaws.com"),
];

/// What earlier calls have made: the paths of roles, and the resources with treino's mark.
pub struct Account {
    id: String,
    principal: String,
    paths: BTreeMap<String, String>,
    marked: BTreeSet<String>,
}

impl Account {
    pub fn new(id: &str, principal: &str) -> Self {
        Self {
            id: id.to_owned(),
            principal: principal.to_owned(),
            paths: BTreeMap::new(),
            marked: BTreeSet::new(),
        }
    }

    /// What a recorded call, `[service, operation, parameters]`, needs.
    pub fn needs(&mut self, call: &Value) -> Vec<Question> {
        let (model, operation) = (call[0].as_str().unwrap(), call[1].as_str().unwrap());
        let parameters = &call[2];
        let bucket = parameters["Bucket"].as_str().unwrap_or_default();
        let service = match model {
            "stepfunctions" => "states",
            "s3control" => "s3express",
            "s3" if bucket.ends_with("--x-s3") => "s3express",
            other => other,
        };
        let resource = self.resource(service, operation, parameters);
        let mark = mark_in(parameters);
        let mut context = BTreeMap::new();
        if let Some(mark) = &mark {
            context.insert("aws:RequestTag/treino:stack".to_owned(), mark.clone());
        }
        if self.marked.contains(&resource) {
            let mark = "aws:ResourceTag/treino:stack".to_owned();
            context.insert(mark, "lab".to_owned());
        }
        let question = |action: &str, resource: &str| Question {
            principal: self.principal.clone(),
            account: self.id.clone(),
            action: action.to_owned(),
            resource: resource.to_owned(),
            context: context.clone(),
            resource_policy: None,
        };
        let mut needs: Vec<Question> = actions(service, model, operation, parameters)
            .iter()
            .map(|action| question(action, &resource))
            .collect();
        let creates = ["Create", "PutRule"]
            .iter()
            .any(|word| operation.starts_with(word));
        if mark.is_some() && creates {
            let tagging = TAGGING.iter().find(|(of, _)| *of == service);
            // Of a directory bucket and a vault, tags are given by a call of their own.
            needs.extend(tagging.map(|(_, action)| question(action, &resource)));
        }
        for (role, to) in passed(operation, parameters) {
            let mut pass = question("iam:PassRole", &role);
            pass.context = BTreeMap::from([("iam:PassedToService".to_owned(), to)]);
            needs.push(pass);
        }
        if model == "events" && operation.ends_with("Connection") {
            needs.extend(self.of_secrets(operation, parameters));
        }
        if mark.is_some() {
            self.marked.insert(resource);
        }
        needs
    }

    /// What EventBridge does with the caller's permissions:
    /// <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-target-connection-auth.html>.
    fn of_secrets(&self, operation: &str, parameters: &Value) -> Vec<Question> {
        let name = parameters["Name"].as_str().unwrap();
        let secret = self.arn(
            "secretsmanager",
            &format!("secret:events!connection/{name}/a1b2-c3d4"),
        );
        let linked = "role/aws-service-role/apidestinations.events.amazonaws.com/AWSServiceRoleForAmazonEventBridgeApiDestinations";
        let linked = format!("arn:aws:iam::{}:{linked}", self.id);
        let needed: &[(&str, &str)] = match operation {
            "CreateConnection" => &[
                ("secretsmanager:CreateSecret", &secret),
                ("iam:CreateServiceLinkedRole", &linked),
            ],
            "UpdateConnection" => &[("secretsmanager:UpdateSecret", &secret)],
            "DeleteConnection" => &[("secretsmanager:DeleteSecret", &secret)],
            _ => &[],
        };
        let question = |(action, resource): &(&str, &str)| Question {
            principal: self.principal.clone(),
            account: self.id.clone(),
            action: (*action).to_owned(),
            resource: (*resource).to_owned(),
            context: BTreeMap::new(),
            resource_policy: None,
        };
        needed.iter().map(question).collect()
    }

    fn arn(&self, service: &str, rest: &str) -> String {
        format!("arn:aws:{service}:{REGION}:{}:{rest}", self.id)
    }

    /// The resource of a call; `*` if it names none.
    fn resource(&mut self, service: &str, operation: &str, parameters: &Value) -> String {
        let text = |member: &str| {
            let value = &parameters[member];
            value.as_str().or_else(|| value[0].as_str())
        };
        match service {
            "s3" | "s3express" if text("Bucket").is_some() => {
                let bucket = text("Bucket").unwrap();
                if service == "s3express" {
                    return self.arn(service, &format!("bucket/{bucket}"));
                }
                let object = match operation {
                    "DeleteObjects" => "/key".to_owned(),
                    _ => text("Key").map(|key| format!("/{key}")).unwrap_or_default(),
                };
                return format!("arn:aws:s3:::{bucket}{object}");
            }
            "iam" => {
                let Some(role) = text("RoleName") else {
                    return "*".to_owned();
                };
                if let Some(path) = text("Path") {
                    self.paths.insert(role.to_owned(), path.to_owned());
                }
                let path = self.paths.get(role).map_or("/", String::as_str);
                return format!("arn:aws:iam::{}:role{path}{role}", self.id);
            }
            "events" if text("Name").is_some() => {
                let kind = if operation.ends_with("Connection") {
                    "connection"
                } else {
                    "rule"
                };
                return self.arn(service, &format!("{kind}/{}", text("Name").unwrap()));
            }
            "sns" if text("SubscriptionArn").is_some() => {
                // A subscription is named by its topic and an id.
                let subscription = text("SubscriptionArn").unwrap();
                return subscription.rsplit_once(':').unwrap().0.to_owned();
            }
            "cloudtrail" if operation == "ListTags" => {
                return parameters["ResourceIdList"][0].as_str().unwrap().to_owned();
            }
            _ => {}
        }
        let named = RESOURCES.iter().filter(|(of, ..)| *of == service);
        let named = named.filter_map(|(_, member, kind)| Some((text(member)?, kind)));
        let found = named.map(|(name, kind)| {
            if name.starts_with("arn:") {
                // A log group's ARN may end in `:*`.
                return name.trim_end_matches(":*").to_owned();
            }
            let last = name.rsplit('/').next().unwrap();
            let name = if service == "sqs" { last } else { name };
            self.arn(service, &format!("{kind}{name}"))
        });
        let found = found.into_iter().next();
        found.unwrap_or_else(|| "*".to_owned())
    }
}

/// The actions of an operation, without those for its tags and roles.
fn actions(service: &str, model: &str, operation: &str, parameters: &Value) -> Vec<String> {
    let objects = [
        "PutObject",
        "DeleteObject",
        "DeleteObjects",
        "ListObjectsV2",
        "GetObject",
        "HeadObject",
        "ListMultipartUploads",
        "AbortMultipartUpload",
    ];
    if service == "s3express" && objects.contains(&operation) {
        // By a session.
        return vec!["s3express:CreateSession".to_owned()];
    }
    if operation == "DeleteObjects" || operation == "DeleteObject" {
        let listed = parameters["Delete"]["Objects"].as_array();
        let all = listed.cloned().unwrap_or_else(|| vec![parameters.clone()]);
        let version = |one: &Value| match one["VersionId"] {
            Value::Null => "s3:DeleteObject".to_owned(),
            _ => "s3:DeleteObjectVersion".to_owned(),
        };
        let found: BTreeSet<String> = all.iter().map(version).collect();
        return found.into_iter().collect();
    }
    let known = NAMES
        .iter()
        .find(|(of, name, _)| *of == model && *name == operation);
    match known {
        Some((.., actions)) => actions.iter().map(|action| (*action).to_owned()).collect(),
        None => vec![format!("{service}:{operation}")],
    }
}

/// The roles that a call hands to services.
fn passed(operation: &str, parameters: &Value) -> Vec<(String, String)> {
    let one = PASSED.iter().filter(|(of, ..)| *of == operation);
    let one = one.filter_map(|(_, member, to)| Some((parameters[member].as_str()?, *to)));
    let targets = parameters["Targets"].as_array().into_iter().flatten();
    let targets =
        targets.filter_map(|target| Some((target["RoleArn"].as_str()?, "events.amazonaws.com")));
    one.chain(targets)
        .map(|(role, to)| (role.to_owned(), to.to_owned()))
        .collect()
}

/// The stack in the tags of a call, in whichever form the service has for them.
fn mark_in(parameters: &Value) -> Option<String> {
    const MARK: &str = "treino:stack";
    let bucket = &parameters["CreateBucketConfiguration"]["Tags"];
    let members = ["Tags", "tags", "TagList", "TagsList"].map(|name| &parameters[name]);
    members.into_iter().chain([bucket]).find_map(|tags| {
        let listed = tags.as_array().into_iter().flatten().find_map(|tag| {
            let text = |one: &str, other: &str| tag[one].as_str().or(tag[other].as_str());
            (text("Key", "key") == Some(MARK)).then(|| text("Value", "value"))?
        });
        listed.or(tags[MARK].as_str()).map(String::from)
    })
}
