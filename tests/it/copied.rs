//! What is copied from `CloudFormation` templates, tutorials and other accounts into a definition.

use treino::source::{Diagnostics, Severity};
use treino::stack::{self, Given, Missing};

use crate::one_fault::folder_with;

/// Severity, message and help of what is found in a stack whose machine has a task with these parameters.
fn found(resource: &str, parameters: &str, missing: Missing) -> Vec<(Severity, String, String)> {
    let definition = format!(
        r#"{{"StartAt": "A", "States": {{"A": {{"Type": "Task", "Resource": {resource}, "Parameters": {parameters}, "End": true}}}}}}"#
    );
    let stack = "stack: lab
functions: { f: { code: code, handler: app.handler, runtime: python3.13 } }
tables: { t: { partition_key: id } }
queues: { q: {} }
state_machines: { m: { definition: m.asl.json } }
";
    let folder = folder_with(&[
        ("lab.yaml", stack),
        ("m.asl.json", &definition),
        (
            "code/app.py",
            "def handler(event, context):\n    return event\n",
        ),
    ]);
    let given = Given {
        missing,
        ..Given::default()
    };
    let read = stack::load(&folder.path().join("lab.yaml"), given);
    let all: Diagnostics = match read {
        Ok((loaded, found)) => {
            let target = stack::Target {
                partition: "aws".into(),
                region: "sa-east-1".into(),
                account: "111122223333".into(),
                stack: "lab".into(),
                owner: None,
            };
            match missing {
                Missing::Later => found,
                Missing::Error => loaded.expand(&target).expect("it is right").1,
            }
        }
        Err(wrong) => wrong,
    };
    let each = all.0.into_iter();
    each.map(|one| (one.severity, one.message, one.help.unwrap_or_default()))
        .collect()
}

const INVOKE: &str = "\"arn:aws:states:::lambda:invoke\"";

#[test]
fn functions_of_cloudformation_are_errors_where_a_text_is_needed() {
    for (resource, parameters, help) in [
        (
            INVOKE,
            r#"{"FunctionName": {"Fn::GetAtt": ["f", "Arn"]}, "Payload.$": "$"}"#,
            "write \"${f.arn}\"",
        ),
        (
            INVOKE,
            r#"{"FunctionName": {"Ref": "f"}}"#,
            "write \"${f.name}\" or \"${f.arn}\"",
        ),
        (
            INVOKE,
            r#"{"FunctionName": {"Fn::Sub": "${f.Arn}:live"}}"#,
            "write \"${f.arn}:live\"",
        ),
        (
            INVOKE,
            r#"{"FunctionName": {"Fn::ImportValue": "other-f"}}"#,
            "${param.NAME}",
        ),
        (
            r#"{"Fn::GetAtt": ["f", "Arn"]}"#,
            "{}",
            "write \"${f.arn}\"",
        ),
        (
            "\"arn:aws:states:::dynamodb:getItem\"",
            r#"{"TableName": {"Ref": "t"}, "Key": {"id": {"S": "1"}}}"#,
            "write \"${t.name}\"",
        ),
        (
            "\"arn:aws:states:::sqs:sendMessage\"",
            r#"{"QueueUrl": {"Fn::GetAtt": "q.QueueUrl"}, "MessageBody": "x"}"#,
            "write \"${q.url}\"",
        ),
    ] {
        let found = found(resource, parameters, Missing::Later);
        let [(severity, message, advice)] = &found[..] else {
            panic!("{parameters}: {found:?}");
        };
        assert_eq!(*severity, Severity::Error, "{message}");
        assert!(message.contains("is CloudFormation's"), "{message}");
        assert!(advice.contains(help), "{advice}");
    }
    // What Step Functions passes on may be any object; one that is called `Ref` is not doubted.
    let data = r#"{"FunctionName": "${f.arn}", "Payload": {"a": {"Fn::Sub": "${f.arn}"}, "b": {"Ref": "4711"}}}"#;
    let found = found(INVOKE, data, Missing::Later);
    let [(Severity::Warning, message, _)] = &found[..] else {
        panic!("{found:?}");
    };
    assert!(message.contains("passes this object as it is"), "{message}");
}

#[test]
fn placeholders_and_other_accounts_are_told() {
    let one = |name: &str, missing| {
        let parameters = format!(r#"{{"FunctionName": "{name}"}}"#);
        let mut found = found(INVOKE, &parameters, missing);
        assert!(found.len() < 2, "{name}: {found:?}");
        found.pop()
    };
    let arn = |region: &str, account: &str, name: &str| {
        format!("arn:aws:lambda:{region}:{account}:function:{name}")
    };
    for (region, account) in [
        ("REGION", "111122223333"),
        ("REGIAO", "CONTA"),
        ("us-east-1", "ACCOUNT_ID"),
        ("us-east-1", "<your-account>"),
    ] {
        let (severity, message, help) =
            one(&arn(region, account, "x"), Missing::Later).expect("a placeholder");
        assert_eq!(severity, Severity::Error);
        assert!(message.contains("is a placeholder"), "{message}");
        assert!(help.contains("write ${"), "{help}");
    }
    // Of the account of AWS's examples, and of what only has the key of the stack's function, both know.
    for missing in [Missing::Later, Missing::Error] {
        let (severity, message, help) =
            one(&arn("sa-east-1", "123456789012", "f"), missing).expect("told");
        assert_eq!(severity, Severity::Warning);
        assert!(message.contains("AWS's examples"), "{message}");
        assert_eq!(help, "write \"${f.arn}\"");
        let (_, message, help) =
            one(&arn("sa-east-1", "444455556666", "f"), missing).expect("told");
        assert!(
            message.contains("not the function `f` of the stack"),
            "{message}"
        );
        assert_eq!(help, "write \"${f.arn}\"");
    }
    // Whether an ARN with its name is the stack's own depends on where that is deployed.
    let own = arn("sa-east-1", "111122223333", "lab-f");
    assert_eq!(one(&own, Missing::Later), None);
    assert_eq!(one(&own, Missing::Error), None);
    for elsewhere in [
        arn("us-east-1", "111122223333", "lab-f"),
        arn("sa-east-1", "444455556666", "lab-f"),
    ] {
        assert_eq!(one(&elsewhere, Missing::Later), None);
        assert!(one(&elsewhere, Missing::Error).is_some(), "{elsewhere}");
    }
    assert_eq!(
        one(&arn("us-east-1", "444455556666", "theirs"), Missing::Error),
        None
    );
    let url = r#"{"QueueUrl": "https://sqs.us-east-1.amazonaws.com/444455556666/lab-q", "MessageBody": "x"}"#;
    let found = found("\"arn:aws:states:::sqs:sendMessage\"", url, Missing::Error);
    assert!(
        matches!(&found[..], [(Severity::Warning, _, help)] if help == "write \"${q.url}\""),
        "{found:?}"
    );
}
