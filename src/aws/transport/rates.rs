//! The rates at which AWS takes calls, as it publishes them, and which of them a request counts for.
//!
//! AWS counts by account and region. Where it publishes a rate and not how many calls may come at once, this is two
//! seconds' worth, and at least five.

use std::borrow::Cow;

use aws_smithy_runtime_api::client::orchestrator::HttpRequest;

/// How many calls AWS takes of some operations.
#[derive(Debug)]
pub struct PublishedRate {
    /// As signatures name it.
    pub service: &'static str,
    operations: Operations,
    /// How many at once.
    pub burst: f64,
    pub a_second: f64,
}

#[derive(Debug)]
enum Operations {
    /// Each counts by itself.
    Each(&'static [&'static str]),
    /// Those that begin so count together.
    Beginning(&'static [&'static str]),
    /// All that are not named before count together.
    Others,
    /// Of all that are not named before, each counts by itself.
    EachOther,
}

use Operations::{Beginning, Each, EachOther, Others};

/// Two seconds' worth at once.
const fn rate(service: &'static str, operations: Operations, a_second: f64) -> PublishedRate {
    let burst = if a_second > 2.5 { 2.0 * a_second } else { 5.0 };
    at_once(service, operations, burst, a_second)
}

const fn at_once(
    service: &'static str,
    operations: Operations,
    burst: f64,
    a_second: f64,
) -> PublishedRate {
    PublishedRate {
        service,
        operations,
        burst,
        a_second,
    }
}

/// The first row that is of an operation counts. What is not here takes more than a run can ask.
///
/// Lambda: <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>.
/// Step Functions, with the lower one of two regions:
/// <https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html>.
/// CloudWatch Logs: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html>.
/// EventBridge: <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html>.
/// CloudTrail: <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/WhatIsCloudTrail-Limits.html>.
/// IAM publishes none, and counts each operation by itself
/// (<https://aws.amazon.com/blogs/security/how-to-monitor-and-query-iam-resources-at-scale-part-2/>); nor does S3 Glacier.
const RATES: &[PublishedRate] = &[
    at_once("lambda", Each(&["Invoke"]), 1e6, 1e6),
    rate("lambda", Each(&["GetFunction"]), 100.0),
    rate("lambda", Each(&["GetPolicy"]), 15.0),
    rate("lambda", Others, 15.0),
    at_once(
        "states",
        Each(&[
            "CreateStateMachine",
            "UpdateStateMachine",
            "DeleteStateMachine",
        ]),
        100.0,
        1.0,
    ),
    at_once(
        "states",
        Each(&["TagResource", "UntagResource"]),
        200.0,
        1.0,
    ),
    at_once("states", Each(&["ListTagsForResource"]), 100.0, 1.0),
    at_once("states", Each(&["DescribeStateMachine"]), 200.0, 20.0),
    at_once("states", Each(&["DescribeExecution"]), 250.0, 10.0),
    at_once("states", Each(&["GetExecutionHistory"]), 400.0, 20.0),
    at_once("states", Each(&["ListStateMachines"]), 100.0, 5.0),
    at_once("states", Each(&["ListExecutions"]), 100.0, 2.0),
    at_once("states", Each(&["StopExecution"]), 500.0, 25.0),
    at_once("states", Each(&["StartExecution"]), 800.0, 150.0),
    rate(
        "logs",
        Each(&[
            "CreateLogGroup",
            "DeleteLogGroup",
            "DescribeLogGroups",
            "FilterLogEvents",
            "GetLogEvents",
        ]),
        10.0,
    ),
    rate("logs", Each(&["DescribeLogStreams"]), 25.0),
    rate("logs", EachOther, 5.0),
    rate("events", Others, 50.0),
    rate("cloudtrail", Beginning(&["Describe", "Get", "List"]), 10.0),
    rate("cloudtrail", Each(&["LookupEvents"]), 2.0),
    rate("cloudtrail", Others, 1.0),
    rate("iam", EachOther, 20.0),
    rate("glacier", Others, 10.0),
];

/// The rate that a request counts for, and the name of those that count with it: `iam:GetRole`, `lambda:*`.
pub fn of_request(request: &HttpRequest) -> Option<(&'static PublishedRate, String)> {
    // AWS4-HMAC-SHA256 Credential=KEY/DATE/REGION/SERVICE/aws4_request, ...
    let scope = request.headers().get("authorization")?;
    let service = scope.split('/').nth(3)?;
    of(service, &operation(service, request))
}

/// The same for an operation of a service; an operation that is not known is an empty one.
pub fn of(service: &str, operation: &str) -> Option<(&'static PublishedRate, String)> {
    let of_service = RATES.iter().filter(|rate| rate.service == service);
    let mut fitting = of_service.filter_map(|rate| {
        let shared = match rate.operations {
            Each(list) => list.contains(&operation).then_some(operation),
            Beginning(list) => {
                let fits = list
                    .iter()
                    .any(|beginning| operation.starts_with(beginning));
                fits.then_some("Get*")
            }
            Others => Some("*"),
            EachOther => Some(operation),
        };
        Some((rate, format!("{service}:{}", shared?)))
    });
    fitting.next()
}

/// The operation of a request of a service with rates, as far as they differ by it.
fn operation<'a>(service: &str, request: &'a HttpRequest) -> Cow<'a, str> {
    if let Some(target) = request.headers().get("x-amz-target") {
        return target.rsplit('.').next().unwrap_or_default().into();
    }
    match service {
        "iam" => {
            let body = request.body().bytes().unwrap_or_default();
            let mut fields = body.split(|byte| *byte == b'&');
            let action = fields.find_map(|field| field.strip_prefix(b"Action="));
            String::from_utf8_lossy(action.unwrap_or_default())
        }
        "lambda" => of_lambda(request.method(), request.uri()).into(),
        _ => "".into(),
    }
}

/// `https://.../2015-03-31/functions/NAME` and below.
fn of_lambda(method: &str, uri: &str) -> &'static str {
    let path = uri.split('?').next().unwrap_or_default();
    let Some((_, below)) = path.split_once("/functions/") else {
        return "";
    };
    let mut parts = below.split('/');
    let is_named = parts.next().is_some_and(|name| !name.is_empty());
    match (method, parts.next()) {
        ("GET", None) if is_named => "GetFunction",
        ("GET", Some("policy")) => "GetPolicy",
        ("POST", Some("invocations")) => "Invoke",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use aws_smithy_types::body::SdkBody;

    use super::*;

    fn request(service: &str, method: &str, uri: &str, target: &str, body: &str) -> HttpRequest {
        let mut request = HttpRequest::new(SdkBody::from(body));
        request.set_method(method).unwrap();
        request.set_uri(uri).unwrap();
        let scope =
            format!("AWS4-HMAC-SHA256 Credential=K/20260101/us-east-1/{service}/aws4_request");
        request.headers_mut().insert("authorization", scope);
        if !target.is_empty() {
            request
                .headers_mut()
                .insert("x-amz-target", target.to_owned());
        }
        request
    }

    /// `name a_second burst` of a request.
    fn counted(service: &str, method: &str, uri: &str, target: &str, body: &str) -> String {
        of_request(&request(service, method, uri, target, body))
            .map_or_else(String::new, |(rate, name)| {
                format!("{name} {} {}", rate.a_second, rate.burst)
            })
    }

    #[test]
    fn each_request_counts_for_its_rate() {
        for (method, path, expected) in [
            ("GET", "/f", "lambda:GetFunction 100 200"),
            ("GET", "/f/policy", "lambda:GetPolicy 15 30"),
            ("GET", "/f/configuration", "lambda:* 15 30"),
            ("GET", "/?Marker=1", "lambda:* 15 30"),
            ("DELETE", "/f", "lambda:* 15 30"),
            ("POST", "", "lambda:* 15 30"),
        ] {
            let uri = format!("https://lambda.us-east-1.amazonaws.com/2015-03-31/functions{path}");
            assert_eq!(
                counted("lambda", method, &uri, "", ""),
                expected,
                "{method} {path}"
            );
        }
        for (service, target, expected) in [
            (
                "logs",
                "Logs_20140328.PutRetentionPolicy",
                "logs:PutRetentionPolicy 5 10",
            ),
            (
                "logs",
                "Logs_20140328.DescribeLogGroups",
                "logs:DescribeLogGroups 10 20",
            ),
            (
                "states",
                "AWSStepFunctions.CreateStateMachine",
                "states:CreateStateMachine 1 100",
            ),
            ("states", "AWSStepFunctions.Other", ""),
            ("events", "AWSEvents.PutRule", "events:* 50 100"),
            (
                "cloudtrail",
                "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.DescribeTrails",
                "cloudtrail:Get* 10 20",
            ),
            (
                "cloudtrail",
                "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.CreateTrail",
                "cloudtrail:* 1 5",
            ),
        ] {
            assert_eq!(
                counted(service, "POST", "https://x.amazonaws.com/", target, "{}"),
                expected
            );
        }
        let body = "Action=GetRole&RoleName=r&Version=2010-05-08";
        assert_eq!(
            counted("iam", "POST", "https://iam.amazonaws.com/", "", body),
            "iam:GetRole 20 40"
        );
        assert_eq!(
            counted("s3", "PUT", "https://b.s3.amazonaws.com/", "", ""),
            ""
        );
    }
}
