//! Names requests by service and operation, as in AWS's documentation.

use super::transport::Request;

/// A named request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// Its number among the requests of the proxy, from 1.
    pub number: usize,
    /// Its round, of a proxy that answers in rounds, from 1; else 0.
    pub round: usize,
    /// Its signing name, such as `states`; S3 Control, which signs as S3, is `s3control`.
    pub service: String,
    /// Account, or the key of a user, and region.
    pub place: String,
    /// The operation, such as `CreateStateMachine`; method and path if treino does not use the operation.
    pub operation: String,
    /// Whether it changes anything.
    pub mutating: bool,
    /// The path with its query.
    pub path: String,
    /// The body as text.
    pub body: String,
}

/// `(method, what the path or query holds, operation)`, the first that fits.
type Table = &'static [(&'static str, &'static str, &'static str)];

const S3_QUERY: Table = &[
    ("GET", "versioning", "GetBucketVersioning"),
    ("PUT", "versioning", "PutBucketVersioning"),
    ("GET", "publicAccessBlock", "GetPublicAccessBlock"),
    ("PUT", "publicAccessBlock", "PutPublicAccessBlock"),
    ("DELETE", "publicAccessBlock", "DeletePublicAccessBlock"),
    ("GET", "policy", "GetBucketPolicy"),
    ("PUT", "policy", "PutBucketPolicy"),
    ("DELETE", "policy", "DeleteBucketPolicy"),
    ("GET", "tagging", "GetBucketTagging"),
    ("PUT", "tagging", "PutBucketTagging"),
    ("DELETE", "tagging", "DeleteBucketTagging"),
    ("GET", "notification", "GetBucketNotificationConfiguration"),
    ("PUT", "notification", "PutBucketNotificationConfiguration"),
    ("GET", "versions", "ListObjectVersions"),
    ("GET", "uploads", "ListMultipartUploads"),
    ("POST", "uploads", "CreateMultipartUpload"),
    ("POST", "delete", "DeleteObjects"),
    ("GET", "session", "CreateSession"),
    ("GET", "list-type", "ListObjectsV2"),
    ("GET", "retention", "GetObjectRetention"),
    ("GET", "legal-hold", "GetObjectLegalHold"),
    ("DELETE", "uploadId", "AbortMultipartUpload"),
];

const S3_OBJECT: Table = &[
    ("PUT", "", "PutObject"),
    ("GET", "", "GetObject"),
    ("HEAD", "", "HeadObject"),
    ("DELETE", "", "DeleteObject"),
];

const S3_BUCKET: Table = &[
    ("PUT", "", "CreateBucket"),
    ("DELETE", "", "DeleteBucket"),
    ("HEAD", "", "HeadBucket"),
    ("GET", "", "ListObjects"),
];

const S3_CONTROL: Table = &[
    ("GET", "/tags/", "ListTagsForResource"),
    ("POST", "/tags/", "TagResource"),
    ("DELETE", "/tags/", "UntagResource"),
];

const LAMBDA: Table = &[
    ("GET", "/event-source-mappings", "ListEventSourceMappings"),
    (
        "DELETE",
        "/event-source-mappings/",
        "DeleteEventSourceMapping",
    ),
    ("GET", "/policy", "GetPolicy"),
    ("POST", "/policy", "AddPermission"),
    ("DELETE", "/policy/", "RemovePermission"),
    ("GET", "/configuration", "GetFunctionConfiguration"),
    ("PUT", "/configuration", "UpdateFunctionConfiguration"),
    ("PUT", "/code", "UpdateFunctionCode"),
    ("GET", "/concurrency", "GetFunctionConcurrency"),
    ("PUT", "/concurrency", "PutFunctionConcurrency"),
    ("DELETE", "/concurrency", "DeleteFunctionConcurrency"),
    ("GET", "/account-settings", "GetAccountSettings"),
    ("POST", "/invocations", "Invoke"),
    ("GET", "/tags/", "ListTags"),
    ("POST", "/tags/", "TagResource"),
    ("DELETE", "/tags/", "UntagResource"),
    ("POST", "/functions", "CreateFunction"),
    ("DELETE", "/functions/", "DeleteFunction"),
];

const GLACIER: Table = &[
    ("GET", "/access-policy", "GetVaultAccessPolicy"),
    ("PUT", "/access-policy", "SetVaultAccessPolicy"),
    ("DELETE", "/access-policy", "DeleteVaultAccessPolicy"),
    ("GET", "/tags", "ListTagsForVault"),
    ("POST", "operation=add", "AddTagsToVault"),
    ("POST", "operation=remove", "RemoveTagsFromVault"),
    ("GET", "/vaults/", "DescribeVault"),
    ("PUT", "/vaults/", "CreateVault"),
    ("DELETE", "/vaults/", "DeleteVault"),
    ("GET", "/vaults", "ListVaults"),
];

/// Services without a prefix for what only reads.
const READING: [&str; 6] = ["Describe", "Get", "List", "Head", "Lookup", "Scan"];

impl Call {
    /// Names the request of this number and round.
    pub fn of((number, round): (usize, usize), request: &Request) -> Self {
        let service = service(request);
        let body = request.text();
        let operation = by_target(request)
            .or_else(|| by_action(&body))
            .or_else(|| by_path(&service, &request.method, &request.path))
            .unwrap_or_else(|| format!("{} {}", request.method, request.path));
        // A session for the objects of a directory bucket changes nothing.
        let reads =
            READING.iter().any(|word| operation.starts_with(word)) || operation == "CreateSession";
        Self {
            number,
            round,
            service,
            place: place(request),
            operation,
            mutating: !reads,
            path: request.path.clone(),
            body,
        }
    }

    /// `service:Operation`, as IAM writes actions.
    pub fn name(&self) -> String {
        format!("{}:{}", self.service, self.operation)
    }
}

/// `AWS4-HMAC-SHA256 Credential=KEY/DATE/REGION/SERVICE/aws4_request, ...`
fn service(request: &Request) -> String {
    let scope = request.header("authorization").unwrap_or("");
    let signed = scope.split('/').nth(3).unwrap_or("");
    match signed {
        "s3" | "s3express" if request.path.starts_with("/v20180820/") => "s3control".to_owned(),
        "s3express" => "s3".to_owned(),
        other => other.to_owned(),
    }
}

/// Who signed the request, and for which region.
fn place(request: &Request) -> String {
    let scope = request.header("authorization").unwrap_or("");
    let mut parts = scope.split('/');
    let key = parts.next().and_then(|first| first.split('=').nth(1));
    format!("{}/{}", key.unwrap_or(""), parts.nth(1).unwrap_or(""))
}

fn by_target(request: &Request) -> Option<String> {
    let target = request.header("x-amz-target")?;
    target.rsplit('.').next().map(String::from)
}

fn by_action(body: &str) -> Option<String> {
    let mut fields = body.split('&');
    fields.find_map(|field| field.strip_prefix("Action=").map(String::from))
}

fn by_path(service: &str, method: &str, path: &str) -> Option<String> {
    let (plain, query) = path.split_once('?').unwrap_or((path, ""));
    let mut fields = query.split('&');
    if let Some(operation) = fields.find_map(|field| field.strip_prefix("x-id=")) {
        return Some(operation.to_owned());
    }
    match service {
        "s3" => s3(method, plain, query),
        "s3control" => within(S3_CONTROL, method, path),
        "lambda" => within(LAMBDA, method, path).or_else(|| {
            let listed = plain.trim_end_matches('/').ends_with("/functions");
            let operation = if listed {
                "ListFunctions"
            } else {
                "GetFunction"
            };
            (method == "GET").then(|| operation.to_owned())
        }),
        "glacier" => within(GLACIER, method, path),
        _ => None,
    }
}

fn s3(method: &str, plain: &str, query: &str) -> Option<String> {
    let keys: Vec<&str> = query
        .split('&')
        .map(|field| field.split('=').next().unwrap_or(field))
        .collect();
    let by_query = S3_QUERY
        .iter()
        .find(|(asked, key, _)| *asked == method && keys.contains(key));
    if let Some((.., operation)) = by_query {
        return Some((*operation).to_owned());
    }
    let parts = plain.trim_matches('/').split('/');
    match parts.filter(|part| !part.is_empty()).count() {
        0 => Some("ListBuckets".to_owned()),
        1 => within(S3_BUCKET, method, plain),
        _ => within(S3_OBJECT, method, plain),
    }
}

fn within(table: Table, method: &str, path: &str) -> Option<String> {
    let found = table
        .iter()
        .find(|(asked, part, _)| *asked == method && path.contains(part));
    found.map(|(.., operation)| (*operation).to_owned())
}
