//! The checker finds each kind of wrong request in each protocol, and nothing in right ones.

use super::Witness;
use crate::support::Api;
use crate::support::proxy::{Proxy, Request};

/// What the checker says of one request; a method and path, `name: value` headers, a body.
fn findings(service: &str, line: &str, headers: &[&str], body: &str) -> Vec<String> {
    let (method, path) = line.split_once(' ').unwrap();
    let mut request = Request::new(method, path, "127.0.0.1:4566");
    let scope =
        format!("AWS4-HMAC-SHA256 Credential=K/20260101/us-east-1/{service}/aws4_request, ");
    request.set("authorization", &scope);
    for (name, value) in headers
        .iter()
        .map(|header| header.split_once(": ").unwrap())
    {
        request.set(name, value);
    }
    request.body = body.into();
    let witness = Witness::new();
    witness.sees(&request);
    witness.verdict()
}

/// Right requests have no findings; each other has just this one.
fn expect(service: &str, operation: &str, line: &str, headers: &[&str], cases: &[(&str, &str)]) {
    for (body, finding) in cases {
        let found = findings(service, line, headers, body);
        let expected = match *finding {
            "" => Vec::new(),
            finding => vec![format!("{operation}: {finding}")],
        };
        assert_eq!(found, expected, "{line} {body}");
    }
}

#[test]
fn json() {
    let name = "x".repeat(81);
    let headers = |operation: &str| {
        [
            format!("x-amz-target: AWSStepFunctions.{operation}"),
            "content-type: application/x-amz-json-1.0".to_owned(),
        ]
    };
    let create = headers("CreateStateMachine");
    let create = create.each_ref().map(String::as_str);
    let role = r#""roleArn": "arn:aws:iam::111122223333:role/r""#;
    let body = |more: &str| format!(r#"{{"definition": "{{}}", {role}{more}}}"#);
    expect(
        "states",
        "stepfunctions CreateStateMachine",
        "POST /",
        &create,
        &[
            (
                &body(r#", "name": "m", "type": "EXPRESS", "tags": [{"key": "a", "value": "é"}]"#),
                "",
            ),
            (&body(""), "name: missing"),
            (
                &body(&format!(r#", "name": "{name}""#)),
                "name: 81 characters, at most 80",
            ),
            (&body(r#", "name": """#), "name: 0 characters, at least 1"),
            (
                &body(r#", "name": "m", "type": "FAST""#),
                "type: 'FAST' is none of the values of the enum",
            ),
            (
                &body(r#", "name": "m", "color": "red""#),
                "color: unknown member",
            ),
            (
                &body(r#", "name": "m", "tags": [{"key": "a", "Value": "b"}]"#),
                "tags[0].Value: unknown member",
            ),
            (&body(r#", "name": 7"#), "name: int where string is meant"),
            (
                &body(r#", "name": "m", "publish": "true""#),
                "publish: str where boolean is meant",
            ),
            (
                &body(r#", "name": "m", "tags": null"#),
                "tags: NoneType where list is meant",
            ),
        ],
    );
    let list = headers("ListExecutions");
    let list = list.each_ref().map(String::as_str);
    expect(
        "states",
        "stepfunctions ListExecutions",
        "POST /",
        &list,
        &[
            (r#"{"maxResults": 1000}"#, ""),
            (r#"{"maxResults": 1001}"#, "maxResults: 1001, at most 1000"),
            (r#"{"maxResults": -1}"#, "maxResults: -1, at least 0"),
            (
                r#"{"maxResults": true}"#,
                "maxResults: bool where integer is meant",
            ),
        ],
    );
    let put_rule = [
        "x-amz-target: AWSEvents.PutRule",
        "content-type: application/x-amz-json-1.1",
    ];
    expect(
        "events",
        "events PutRule",
        "POST /",
        &put_rule,
        &[
            (r#"{"Name": "a.b-c_d"}"#, ""),
            (
                r#"{"Name": "a b"}"#,
                r"Name: 'a b' does not match [\.\-_A-Za-z0-9]+",
            ),
            (
                r#"{"Name": "a\n"}"#,
                r"Name: 'a\n' does not match [\.\-_A-Za-z0-9]+",
            ),
            (
                r#"{"Name": "é"}"#,
                r"Name: 'é' does not match [\.\-_A-Za-z0-9]+",
            ),
        ],
    );
}

/// The operation is what the header says, in the JSON version of the service.
#[test]
fn json_headers() {
    let queue = r#"{"QueueName": "q", "Attributes": {"DelaySeconds": "1"}}"#;
    let target = "x-amz-target: AmazonSQS.CreateQueue";
    let found = findings(
        "sqs",
        "POST /",
        &[target, "content-type: application/x-amz-json-1.0"],
        queue,
    );
    assert_eq!(found, Vec::<String>::new());
    let found = findings(
        "sqs",
        "POST /",
        &[target, "content-type: application/x-amz-json-1.1"],
        queue,
    );
    assert_eq!(
        found,
        ["sqs CreateQueue: Content-Type application/x-amz-json-1.1, not of JSON 1.0"]
    );
    let found = findings(
        "sqs",
        "POST /",
        &["x-amz-target: AmazonSQS.MakeQueue"],
        queue,
    );
    assert_eq!(found, ["sqs: no operation AmazonSQS.MakeQueue"]);
    let found = findings("nobody", "POST /", &[], queue);
    assert_eq!(found, ["POST /: no service 'nobody'"]);
}

#[test]
fn rest_json() {
    let code = r#""Code": {"ZipFile": "AAAA"}"#;
    let role = r#""Role": "arn:aws:iam::111122223333:role/r""#;
    let body = |more: &str| format!("{{{code}, {more}}}");
    let whole = |more: &str| body(&format!(r#"{role}, "FunctionName": "f"{more}"#));
    let long = "x".repeat(257);
    expect(
        "lambda",
        "lambda CreateFunction",
        "POST /2015-03-31/functions",
        &[],
        &[
            (
                &whole(r#", "Runtime": "python3.13", "Tags": {"a": "b"}"#),
                "",
            ),
            (&body(role), "FunctionName: missing"),
            (
                &whole(r#", "Runtime": "ruby3.5""#),
                "Runtime: 'ruby3.5' is none of the values of the enum",
            ),
            (
                &whole(&format!(r#", "Description": "{long}""#)),
                "Description: 257 characters, at most 256",
            ),
            (
                &whole(r#", "Handler": "a b""#),
                r"Handler: 'a b' does not match [^\s]+",
            ),
            (
                &whole(r#", "MemorySize": "128""#),
                "MemorySize: str where integer is meant",
            ),
            (
                &whole(r#", "MemorySize": 64"#),
                "MemorySize: 64, at least 128",
            ),
            (&whole(r#", "Colour": 1"#), "Colour: unknown member"),
            (
                &body(r#""Role": "r", "FunctionName": "f""#),
                r"Role: 'r' does not match arn:(aws[a-zA-Z-]*)?:iam::\d{12}:role/?[a-zA-Z_0-9+=,.@\-_/]+",
            ),
        ],
    );
    let listed = |query: &str| {
        findings(
            "lambda",
            &format!("GET /2015-03-31/functions/?{query}"),
            &[],
            "",
        )
    };
    assert_eq!(listed("MaxItems=50"), Vec::<String>::new());
    assert_eq!(
        listed("MaxItems=x"),
        ["lambda ListFunctions: MaxItems: str where integer is meant"]
    );
    assert_eq!(
        listed("MaxItems=10001"),
        ["lambda ListFunctions: MaxItems: 10001, at most 10000"]
    );
    assert_eq!(
        listed("Limit=5"),
        ["lambda ListFunctions: Limit: unknown member (in the query)"]
    );
    let untagged = |query: &str| {
        let arn = "arn%3Aaws%3Alambda%3Aus-east-1%3A111122223333%3Afunction%3Af";
        findings(
            "lambda",
            &format!("DELETE /2017-03-31/tags/{arn}{query}"),
            &[],
            "",
        )
    };
    assert_eq!(untagged("?tagKeys=a&tagKeys=b"), Vec::<String>::new());
    assert_eq!(untagged(""), ["lambda UntagResource: TagKeys: missing"]);
}

#[test]
fn glacier() {
    let version = "x-amz-glacier-version: 2012-06-01";
    let made = |headers: &[&str], body| {
        findings("glacier", "PUT /-/vaults/v/access-policy", headers, body)
    };
    assert_eq!(
        made(&[version], r#"{"Policy": "{}"}"#),
        Vec::<String>::new()
    );
    let found = made(&[], r#"{"Policy": "{}"}"#);
    assert_eq!(
        found,
        ["glacier SetVaultAccessPolicy: x-amz-glacier-version: missing"]
    );
    let found = made(&[version], r#"{"policy": "{}"}"#);
    assert_eq!(
        found,
        ["glacier SetVaultAccessPolicy: policy.policy: unknown member"]
    );
}

#[test]
fn rest_xml() {
    let md5 = ["content-md5: x"];
    let uri = "http://s3.amazonaws.com/doc/2006-03-01/";
    let body = |inside: &str| {
        format!("<VersioningConfiguration xmlns=\"{uri}\">{inside}</VersioningConfiguration>")
    };
    expect(
        "s3",
        "s3 PutBucketVersioning",
        "PUT /b?versioning",
        &md5,
        &[
            (&body("<Status>Enabled</Status>"), ""),
            (
                &body("<Status>On</Status>"),
                "VersioningConfiguration.Status: 'On' is none of the values of the enum",
            ),
            (
                &body("<Estado>On</Estado>"),
                "VersioningConfiguration.Estado: unknown member",
            ),
            (
                "<VersioningConfiguration/>",
                &format!("the namespace is '', not {uri}"),
            ),
            (
                &format!("<Versioning xmlns=\"{uri}\"/>"),
                "the root element is Versioning, not VersioningConfiguration",
            ),
            ("", "VersioningConfiguration: missing"),
        ],
    );
    let body = |inside: &str| format!("<Delete xmlns=\"{uri}\">{inside}</Delete>");
    expect(
        "s3",
        "s3 DeleteObjects",
        "POST /b/?delete",
        &md5,
        &[
            (
                &body(
                    "<Object><Key>a</Key></Object><Object><Key>b</Key></Object><Quiet>true</Quiet>",
                ),
                "",
            ),
            (&body(""), "Delete.Objects: missing"),
            (
                &body("<Object><VersionId>v</VersionId></Object>"),
                "Delete.Objects[0].Key: missing",
            ),
            (
                &body("<Object><Key>a</Key></Object><Quiet>yes</Quiet>"),
                "Delete.Quiet: str where boolean is meant",
            ),
            (
                &body("<Object><Key>a</Key><Key>b</Key></Object>"),
                "Delete.Objects[0].Key: given twice",
            ),
        ],
    );
    let found = findings(
        "s3",
        "POST /b/?delete",
        &[],
        &body("<Object><Key>a</Key></Object>"),
    );
    assert_eq!(found, ["s3 DeleteObjects: the body has no checksum"]);
}

#[test]
fn bodies_that_cannot_be_read() {
    let found = findings("s3", "PUT /b?versioning", &["content-md5: x"], "<a");
    assert!(found[1].ends_with("the body cannot be read: unclosed token: line 1, column 0"));
    let found = findings("lambda", "POST /2015-03-31/functions", &[], "{");
    assert!(
        found
            .iter()
            .any(|one| one.contains("the body cannot be read: "))
    );
    let found = findings(
        "states",
        "POST /",
        &["x-amz-target: AWSStepFunctions.ListStateMachines"],
        "{",
    );
    assert!(found[0].contains("ListStateMachines: the body is not valid JSON: "));
}

/// S3 by path, by host, and the parts of a request outside its body.
#[test]
fn rest_xml_outside_the_body() {
    let listed = |query: &str| findings("s3", &format!("GET /b?list-type=2&{query}"), &[], "");
    assert_eq!(listed("prefix=a%20b+c&max-keys=10"), Vec::<String>::new());
    assert_eq!(
        listed("max-keys=all"),
        ["s3 ListObjectsV2: MaxKeys: str where integer is meant"]
    );
    assert_eq!(
        listed("colour=red"),
        ["s3 ListObjectsV2: colour: unknown member (in the query)"]
    );
    let by_host =
        |host: &str, service, line| findings(service, line, &[&format!("host: {host}")], "");
    let host = "b.s3.eu-central-1.amazonaws.com";
    assert_eq!(by_host(host, "s3", "PUT /"), Vec::<String>::new());
    assert_eq!(
        by_host(host, "s3", "PUT /?color=1"),
        ["s3 CreateBucket: color: unknown member (in the query)"]
    );
    let host = "b--use1-az4--x-s3.s3express-use1-az4.us-east-1.amazonaws.com";
    assert_eq!(
        by_host(host, "s3express", "GET /?session"),
        Vec::<String>::new()
    );
    let put = |header| findings("s3", "PUT /b/a/key", &[header], "");
    assert_eq!(put("x-amz-storage-class: GLACIER"), Vec::<String>::new());
    let found = put("x-amz-storage-class: COLD");
    assert_eq!(
        found,
        ["s3 PutObject: StorageClass: 'COLD' is none of the values of the enum"]
    );
    let found = put("x-amz-colour: red");
    assert_eq!(
        found,
        ["s3 PutObject: x-amz-colour: unknown member (a header)"]
    );
    assert_eq!(put("x-amz-meta-colour: red"), Vec::<String>::new());
}

#[test]
fn s3_control() {
    let uri = "http://awss3control.amazonaws.com/doc/2018-08-20/";
    let account = ["x-amz-account-id: 111122223333"];
    let line = "POST /v20180820/tags/arn%3Aaws%3As3express%3Aus-east-1%3A111122223333%3Abucket%2Fb--use1-az4--x-s3";
    let body = |tags: &str| {
        format!("<TagResourceRequest xmlns=\"{uri}\"><Tags>{tags}</Tags></TagResourceRequest>")
    };
    let right = body("<Tag><Key>a</Key><Value>b</Value></Tag>");
    let long = format!("<Tag><Key>{}</Key><Value>b</Value></Tag>", "a".repeat(129));
    expect(
        "s3express",
        "s3control TagResource",
        line,
        &account,
        &[
            (&right, ""),
            (&body("<Tag><Key>a</Key></Tag>"), "Tags[0].Value: missing"),
            (&body(&long), "Tags[0].Key: 129 characters, at most 128"),
            (
                &body("<Tag><Key>a</Key><Value>b</Value><C>c</C></Tag>"),
                "Tags[0].C: unknown member",
            ),
        ],
    );
    assert_eq!(
        findings("s3", line, &[], &right),
        ["s3control TagResource: AccountId: missing"]
    );
    let found = findings("s3", line, &["x-amz-account-id: me"], &right);
    assert_eq!(
        found,
        [r"s3control TagResource: AccountId: 'me' does not match ^\d{12}$"]
    );
}

#[test]
fn query() {
    let body = |more: &str| {
        format!("Action=CreateRole&Version=2010-05-08&AssumeRolePolicyDocument=%7B%7D{more}")
    };
    expect(
        "iam",
        "iam CreateRole",
        "POST /",
        &[],
        &[
            (
                &body(
                    "&RoleName=r&Tags.member.1.Key=a&Tags.member.1.Value=%C3%A9&MaxSessionDuration=3600",
                ),
                "",
            ),
            (&body("&RoleName=r&Tags="), ""),
            (&body(""), "RoleName: missing"),
            (
                &body(&format!("&RoleName={}", "r".repeat(65))),
                "RoleName: 65 characters, at most 64",
            ),
            (
                &body("&RoleName=a%20b"),
                r"RoleName: 'a b' does not match [\w+=,.@-]+",
            ),
            (&body("&RoleName=r&Colour=red"), "Colour: unknown member"),
            (&body("&RoleName=r&Tags.1.Key=a"), "Tags.1: unknown member"),
            (
                &body("&RoleName=r&Tags.member.1.Key=a"),
                "Tags[0].Value: missing",
            ),
            (
                &body("&RoleName=r&MaxSessionDuration=long"),
                "MaxSessionDuration: str where integer is meant",
            ),
            (
                &body("&RoleName=r&MaxSessionDuration=1"),
                "MaxSessionDuration: 1, at least 3600",
            ),
            (&body("&RoleName=r&RoleName=s"), "RoleName: given twice"),
        ],
    );
    let topic = "Action=CreateTopic&Version=2010-03-31&Name=t&Attributes.entry.1.";
    let attributes = |entry: &str| findings("sns", "POST /", &[], &format!("{topic}{entry}"));
    assert_eq!(
        attributes("key=DisplayName&Attributes.entry.1.value=a"),
        Vec::<String>::new()
    );
    assert_eq!(
        attributes("Key=DisplayName").first().unwrap(),
        "sns CreateTopic: Attributes.entry.Key: unknown member"
    );
    let found = findings("iam", "POST /", &[], "Action=MakeRole&Version=2010-05-08");
    assert_eq!(found, ["iam: no operation 'MakeRole'"]);
    let found = findings(
        "iam",
        "POST /",
        &[],
        "Action=ListRoles&Version=2010-05-07&PathPrefix=%2F",
    );
    assert_eq!(
        found,
        ["iam ListRoles: Version '2010-05-07', not 2010-05-08"]
    );
    let found = findings(
        "iam",
        "POST /",
        &[],
        "Action=ListUsers&Version=2010-05-08&PathPrefix=x",
    );
    assert_eq!(found.len(), 1, "{found:?}");
    let found = findings(
        "iam",
        "POST /",
        &[],
        "Action=SimulateCustomPolicy&Version=2010-05-08&PolicyInputList.member.1=a&ActionNames.member.1=s3:x&ContextEntries.member.1.ContextKeyType=text",
    );
    assert_eq!(
        found,
        [
            "iam SimulateCustomPolicy: ContextEntries[0].ContextKeyType: 'text' is none of the values of the enum"
        ]
    );
}

/// What a test breaks on purpose is told apart, and has to be found.
#[test]
fn what_is_meant_is_no_finding() {
    let mut request = Request::new("GET", "/2015-03-31/functions?Limit=1", "127.0.0.1:4566");
    request.set(
        "authorization",
        "AWS4-HMAC-SHA256 Credential=K/20260101/us-east-1/lambda/aws4_request, ",
    );
    let witness = Witness::new();
    witness.sees(&request);
    witness.means("lambda ListFunctions: Limit: ");
    assert_eq!(witness.verdict(), Vec::<String>::new());
    witness.sees(&request);
    witness.means("lambda ListFunctions: Colour: ");
    assert_eq!(
        witness.verdict(),
        [
            "lambda ListFunctions: Limit: unknown member (in the query)",
            "lambda ListFunctions: Colour: ...: expected, but not found",
        ]
    );
}

/// Sends a wrong request through a proxy, which is dropped then.
fn sends_a_wrong_request(proxy: &Proxy) {
    let mut request = Request::new("GET", "/2015-03-31/functions?Limit=1", "127.0.0.1");
    let scope = "AWS4-HMAC-SHA256 Credential=K/20260101/us-east-1/lambda/aws4_request, ";
    request.set("authorization", scope);
    let to = proxy.endpoint.strip_prefix("http://").unwrap();
    assert_eq!(request.forward(to).unwrap().status, 200);
}

#[test]
#[should_panic(expected = "lambda ListFunctions: Limit: unknown member (in the query)")]
fn a_proxy_fails_the_test_that_sent_a_wrong_request() {
    let upstream = Api::answering(|_| (200, "{}".to_owned()));
    let proxy = Proxy::before(&upstream.address);
    sends_a_wrong_request(&proxy);
}

#[test]
fn a_proxy_takes_what_the_test_means() {
    let upstream = Api::answering(|_| (200, "{}".to_owned()));
    let proxy = Proxy::before(&upstream.address);
    sends_a_wrong_request(&proxy);
    proxy.means("lambda ListFunctions: Limit: ");
}

/// A request that nobody could check is no right request.
#[test]
fn a_checker_that_ends_is_a_failure() {
    let mut checker = super::Checker::start();
    checker.send(&serde_json::json!("no frame"), b"").unwrap();
    let refused = checker
        .verdict(&serde_json::json!({ "sender": 0 }))
        .unwrap_err();
    assert!(
        refused.contains("the checker of requests has ended"),
        "{refused}"
    );
    assert!(refused.contains("TypeError"), "{refused}");
}
