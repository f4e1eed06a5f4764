//! Error answers in the format of each service.

use serde_json::json;

use super::naming::Call;
use super::transport::Answer;

/// An error answer to this call.
pub fn refusal(call: &Call, status: u16, code: &str, message: &str) -> Answer {
    match call.service.as_str() {
        "s3" => xml(status, &format!("<Error>{}</Error>", fields(code, message))),
        "s3control" => xml(
            status,
            &format!(
                "<ErrorResponse><Error>{}</Error></ErrorResponse>",
                fields(code, message)
            ),
        ),
        "iam" | "sns" | "sts" => xml(
            status,
            &format!(
                "<ErrorResponse><Error><Type>Sender</Type>{}</Error><RequestId>{ID}</RequestId></ErrorResponse>",
                fields(code, message)
            ),
        ),
        "lambda" => {
            let body = json!({ "Type": "User", "message": message }).to_string();
            rest(status, code, body)
        }
        "glacier" => {
            let body = json!({ "code": code, "message": message, "type": "Client" }).to_string();
            rest(status, code, body)
        }
        service => {
            let old = ["dynamodb", "sqs", "states"].contains(&service);
            let version = if old { "1.0" } else { "1.1" };
            let body =
                json!({ "__type": format!("com.amazonaws.{service}#{code}"), "message": message });
            let content_type = format!("application/x-amz-json-{version}");
            with_id(Answer::made(status, &content_type, body.to_string()))
        }
    }
}

/// The service's error for a missing resource.
pub fn not_found(call: &Call) -> Answer {
    let (status, code) = match (call.service.as_str(), call.operation.as_str()) {
        ("s3", _) => (404, "NoSuchBucket"),
        ("s3control", _) => (404, "NoSuchResource"),
        ("iam", _) => (404, "NoSuchEntity"),
        ("lambda" | "glacier", _) => (404, "ResourceNotFoundException"),
        ("states", "ListTagsForResource") => (400, "ResourceNotFound"),
        ("states", "DescribeExecution") => (400, "ExecutionDoesNotExist"),
        ("states", _) => (400, "StateMachineDoesNotExist"),
        ("cloudtrail", _) => (400, "TrailNotFoundException"),
        ("sns", "ListTagsForResource") => (404, "ResourceNotFound"),
        ("sns", _) => (404, "NotFound"),
        ("sqs", _) => (400, "QueueDoesNotExist"),
        _ => (400, "ResourceNotFoundException"),
    };
    refusal(call, status, code, "it is not there")
}

/// The service's throttling error.
pub fn throttled(call: &Call) -> Answer {
    let (status, code) = match call.service.as_str() {
        "s3" | "s3control" => (503, "SlowDown"),
        "iam" | "sns" | "sts" => (400, "Throttling"),
        "lambda" => (429, "TooManyRequestsException"),
        _ => (400, "ThrottlingException"),
    };
    refusal(call, status, code, "Rate exceeded")
}

/// A 200 in which every entry of the request failed.
pub fn failed_entries(call: &Call, code: &str, message: &str) -> Answer {
    if call.operation == "DeleteObjects" {
        let keys = call.body.split("<Key>").skip(1);
        let keys = keys.filter_map(|rest| rest.split("</Key>").next());
        let errors =
            keys.map(|key| format!("<Error><Key>{key}</Key>{}</Error>", fields(code, message)));
        let errors: String = errors.collect();
        return xml(200, &format!("<DeleteResult>{errors}</DeleteResult>"));
    }
    let asked: serde_json::Value = serde_json::from_str(&call.body).unwrap_or_default();
    let targets = asked["Targets"].as_array().into_iter().flatten();
    let ids = targets.map(|target| &target["Id"]);
    let ids = ids.chain(asked["Ids"].as_array().into_iter().flatten());
    let entries: Vec<_> = ids
        .map(|id| json!({ "TargetId": id, "ErrorCode": code, "ErrorMessage": message }))
        .collect();
    let body = json!({ "FailedEntryCount": entries.len(), "FailedEntries": entries });
    Answer::made(200, "application/x-amz-json-1.1", body.to_string())
}

const ID: &str = "00000000-0000-0000-0000-000000000000";

fn fields(code: &str, message: &str) -> String {
    let message = message.replace('&', "&amp;").replace('<', "&lt;");
    format!("<Code>{code}</Code><Message>{message}</Message>")
}

fn xml(status: u16, body: &str) -> Answer {
    let body = format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{body}");
    with_id(Answer::made(status, "application/xml", body))
}

fn rest(status: u16, code: &str, body: String) -> Answer {
    let mut answer = with_id(Answer::made(status, "application/json", body));
    let kind = ("x-amzn-errortype".to_owned(), code.to_owned());
    answer.headers.push(kind);
    answer
}

fn with_id(mut answer: Answer) -> Answer {
    let id = ("x-amzn-requestid".to_owned(), ID.to_owned());
    answer.headers.push(id);
    answer
}
