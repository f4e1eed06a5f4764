//! Paginates lists with one entry per page: the proxy cuts every JSON list that treino reads, and IAM's XML;
//! S3 is asked for short pages.

use serde_json::{Value, json};

use super::Proxy;
use super::naming::Call;

/// `(call, the list, the token in the request, the token in the answer)`
const LISTS: &[(&str, &str, &str, &str)] = &[
    ("cloudtrail:ListTrails", "Trails", "NextToken", "NextToken"),
    (
        "dynamodb:ListTables",
        "TableNames",
        "ExclusiveStartTableName",
        "LastEvaluatedTableName",
    ),
    (
        "dynamodb:ListTagsOfResource",
        "Tags",
        "NextToken",
        "NextToken",
    ),
    (
        "events:ListConnections",
        "Connections",
        "NextToken",
        "NextToken",
    ),
    ("events:ListRules", "Rules", "NextToken", "NextToken"),
    (
        "events:ListTargetsByRule",
        "Targets",
        "NextToken",
        "NextToken",
    ),
    ("glacier:ListVaults", "VaultList", "marker", "Marker"),
    ("lambda:ListFunctions", "Functions", "Marker", "NextMarker"),
    (
        "logs:DescribeLogGroups",
        "logGroups",
        "nextToken",
        "nextToken",
    ),
    (
        "secretsmanager:ListSecrets",
        "SecretList",
        "NextToken",
        "NextToken",
    ),
    ("sqs:ListQueues", "QueueUrls", "NextToken", "NextToken"),
    (
        "states:ListExecutions",
        "executions",
        "nextToken",
        "nextToken",
    ),
    (
        "states:ListStateMachines",
        "stateMachines",
        "nextToken",
        "nextToken",
    ),
];

/// Those that answer `<member>`s, with the name of their token.
const MEMBERS: &[(&str, &str)] = &[
    ("iam:ListAttachedRolePolicies", "Marker"),
    ("iam:ListInstanceProfilesForRole", "Marker"),
    ("iam:ListRolePolicies", "Marker"),
    ("iam:ListRoleTags", "Marker"),
    ("iam:ListRoles", "Marker"),
    ("sns:ListSubscriptionsByTopic", "NextToken"),
    ("sns:ListTopics", "NextToken"),
];

/// S3's lists, by the parameter that limits them.
const LIMITS: &[(&str, &str)] = &[
    ("s3:ListBuckets", "max-buckets"),
    ("s3:ListDirectoryBuckets", "max-directory-buckets"),
    ("s3:ListMultipartUploads", "max-uploads"),
    ("s3:ListObjectVersions", "max-keys"),
    ("s3:ListObjectsV2", "max-keys"),
];

const TOKEN: &str = "after-";

pub(super) fn of_one(proxy: &Proxy) {
    for (name, list, asks, tells) in LISTS {
        // The whole list is requested each time: the token is the proxy's own.
        proxy.on(name).ask(|request| {
            let body: Result<Value, _> = serde_json::from_slice(&request.body);
            if let Ok(Value::Object(mut body)) = body {
                body.remove(*asks);
                request.body = json!(body).to_string().into_bytes();
            }
            request.path = without(&request.path, asks);
        });
        proxy.on(name).rewrite(|call, body| {
            let mut body: Value = serde_json::from_str(body).unwrap();
            let all = body[*list].as_array().cloned().unwrap_or_default();
            let from = begin(call, asks);
            body[*list] = all.iter().skip(from).take(1).cloned().collect();
            if from + 1 < all.len() {
                body[*tells] = json!(format!("{TOKEN}{}", from + 1));
            }
            body.to_string()
        });
    }
    for (name, token) in MEMBERS {
        proxy.on(name).ask(move |request| {
            let body = request.text();
            let asks = format!("{token}=");
            let fields: Vec<&str> = body.split('&').filter(|f| !f.starts_with(&asks)).collect();
            request.body = fields.join("&").into_bytes();
        });
        proxy
            .on(name)
            .rewrite(move |call, body| one_member(body, begin(call, token), token));
    }
    for (name, limit) in LIMITS {
        proxy.on(name).ask(move |request| {
            let path = without(&request.path, limit);
            let joint = if path.contains('?') { '&' } else { '?' };
            request.path = format!("{path}{joint}{limit}=1");
        });
    }
}

/// The offset of the requested page.
fn begin(call: &Call, asks: &str) -> usize {
    let text = format!("{}&{}", call.path, call.body);
    let token = text.split(['?', '&', ',', '{']).find_map(|field| {
        let field = field.replace(['"', ' '], "").replace([':'], "=");
        let field = field.trim_end_matches('}').to_owned();
        field
            .strip_prefix(&format!("{asks}={TOKEN}"))
            .map(String::from)
    });
    token.map_or(0, |number| number.parse().unwrap())
}

fn without(path: &str, key: &str) -> String {
    let Some((path, query)) = path.split_once('?') else {
        return path.to_owned();
    };
    let kept: Vec<&str> = query
        .split('&')
        .filter(|field| field.split('=').next() != Some(key))
        .collect();
    format!("{path}?{}", kept.join("&"))
}

/// Keeps one of the outermost members.
fn one_member(body: &str, from: usize, token: &str) -> String {
    let (open, close) = ("<member>", "</member>");
    let Some(start) = body.find(open) else {
        return body.to_owned();
    };
    let (mut members, mut depth, mut at, mut began) = (Vec::new(), 0, start, start);
    loop {
        let rest = &body[at..];
        let Some(end) = rest.find(close) else { break };
        match rest.find(open) {
            Some(next) if next < end => {
                if depth == 0 {
                    began = at + next;
                }
                depth += 1;
                at += next + open.len();
            }
            _ => {
                depth -= 1;
                at += end + close.len();
                if depth == 0 {
                    members.push(&body[began..at]);
                }
            }
        }
    }
    let member = members.get(from).copied().unwrap_or_default();
    let tail = body[at..].replace("<IsTruncated>true</IsTruncated>", "");
    let tail = tail.replace("<IsTruncated>false</IsTruncated>", "");
    let head = body[..start].replace("<IsTruncated>false</IsTruncated>", "");
    let is_more = from + 1 < members.len();
    let next = if is_more {
        format!("<{token}>{TOKEN}{}</{token}>", from + 1)
    } else {
        String::new()
    };
    let page = match token {
        "Marker" => format!("<IsTruncated>{is_more}</IsTruncated>{next}"),
        _ => next,
    };
    let Some(result) = tail.find("Result>").and_then(|at| tail[..at].rfind("</")) else {
        return body.to_owned();
    };
    format!("{head}{member}{}{page}{}", &tail[..result], &tail[result..])
}
