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
            "write \"${f.arn}\"",
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
        (
            "\"arn:aws:states:::sqs:sendMessage\"",
            r#"{"QueueUrl": {"Ref": "q"}, "MessageBody": "x"}"#,
            "write \"${q.url}\"",
        ),
        (
            INVOKE,
            r#"{"FunctionName.$": {"Fn::GetAtt": ["f", "Arn"]}}"#,
            "write \"${f.arn}\"",
        ),
        (
            INVOKE,
            r#"{"FunctionName": "!GetAtt f.Arn"}"#,
            "write \"${f.arn}\"",
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
    assert!(message.contains("passes this as it is"), "{message}");
}

/// What is told of a stack with this under `functions: { f: ... }` and these other sections: severity, line, help.
fn of_stack(function: &str, sections: &str) -> Vec<(Severity, usize, String)> {
    let stack = format!(
        "stack: lab\nfunctions:\n  f:\n    code: code\n    handler: app.handler\n    runtime: python3.13\n    {function}\n{sections}\n"
    );
    let code = "def handler(event, context):\n    return event\n";
    let folder = folder_with(&[("lab.yaml", &stack), ("code/app.py", code)]);
    let all = match stack::load(&folder.path().join("lab.yaml"), Given::default()) {
        Ok((_, found)) | Err(found) => found,
    };
    let each = all.0.into_iter().map(|one| {
        let place = one.place.expect("a place");
        let (line, _) = place.span.line_column(&place.source);
        (one.severity, line, one.help.unwrap_or_default())
    });
    each.collect()
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn a_stack_file_is_told_what_was_copied_into_it() {
    use Severity::{Error, Warning};
    let queue = "queues: { q: {} }";
    for (function, sections, severity, way_out) in [
        (
            "role: arn:aws:iam::ACCOUNT_ID:role/LabRole",
            "",
            Error,
            "write \"arn:aws:iam::${account}:role/LabRole\"",
        ),
        (
            "role: LabRole",
            "",
            Error,
            "\"arn:aws:iam::${account}:role/LabRole\"",
        ),
        ("role: !GetAtt r.Arn", "", Error, "write \"${r.arn}\""),
        (
            "environment: { QUEUE_URL: !Ref q }",
            queue,
            Error,
            "write \"${q.url}\"",
        ),
        (
            "environment: { QUEUE_URL: { Ref: q } }",
            queue,
            Error,
            "write \"${q.url}\"",
        ),
        (
            "environment: { QUEUE_URL: '!Ref q' }",
            queue,
            Warning,
            "write \"${q.url}\"",
        ),
        (
            "environment: { PLACE: 'AWS::Region' }",
            "",
            Warning,
            "write \"${region}\"",
        ),
        (
            "environment: { SET: '{{resolve:ssm:/x}}' }",
            "",
            Warning,
            "${env:VARIABLE}",
        ),
        (
            "environment: { QUEUE: 'https://sqs.REGION.amazonaws.com/ACCOUNT_ID/q' }",
            queue,
            Warning,
            "write \"${q.url}\"",
        ),
        (
            "environment: { TOPIC: 'arn:aws:sns:<region>:<account>:t' }",
            "",
            Warning,
            "write \"arn:aws:sns:${region}:${account}:t\"",
        ),
        (
            "allow: [{ actions: ['sqs:SendMessage'], resources: ['arn:aws:sqs:us-east-1:{{account}}:q'] }]",
            queue,
            Error,
            "write \"${q.arn}\"",
        ),
        (
            "allow: [{ actions: ['sqs:SendMessage'], resources: ['!GetAtt q.Arn'] }]",
            queue,
            Error,
            "write \"${q.arn}\"",
        ),
        (
            "allow: [{ actions: ['sqs:SendMessage'], resources: [!GetAtt q.Arn] }]",
            queue,
            Error,
            "write \"${q.arn}\"",
        ),
        (
            "allow: [{ actions: ['sqs:SendMessage'], resources: [{ 'Fn::GetAtt': [q, Arn] }] }]",
            queue,
            Error,
            "write \"${q.arn}\"",
        ),
        (
            "",
            "outputs: { x: 'arn:aws:lambda:$REGION:YOUR_ACCOUNT:function:f' }",
            Warning,
            "write \"${f.arn}\"",
        ),
        (
            "",
            "queues: { q: { policy: { Version: '2012-10-17', Statement: [{ Effect: Allow, Principal: { AWS: 'arn:aws:iam::111122223333:root' }, Action: 'sqs:SendMessage', Resource: { 'Fn::GetAtt': [q, Arn] } }] } } }",
            Error,
            "write \"${q.arn}\"",
        ),
        (
            "",
            "queues: { q: { policy: { Version: '2012-10-17', Statement: [{ Effect: Allow, Principal: { AWS: 'arn:aws:iam::ACCOUNT_ID:root' }, Action: 'sqs:SendMessage', Resource: '*' }] } } }",
            Error,
            "write \"arn:aws:iam::${account}:root\"",
        ),
    ] {
        let found = of_stack(function, sections);
        let [(found_severity, line, help)] = &found[..] else {
            panic!("{function} {sections}: {found:?}");
        };
        assert_eq!(*found_severity, severity, "{function} {sections}: {help}");
        assert_eq!(*line, if function.is_empty() { 8 } else { 7 }, "{function}");
        assert!(help.contains(way_out), "{function} {sections}: {help}");
    }
    // What a program fills in, what AWS itself has there, and texts for people.
    for (function, sections) in [
        (
            "environment: { PATH_OF: '$HOME/bin', NAME: 'Hello {{name}}', TITLE: '<title>' }",
            "",
        ),
        (
            "environment: { TOPIC: 'arn:aws:sns:{region}:{account}:t', OTHER: 'arn:aws:sns:$REGION:$ACCOUNT:t' }",
            "",
        ),
        (
            "environment: { GREETING: '!Join us now', KIND: 'AWS::Lambda::Function', PLACE: REGION }",
            "",
        ),
        ("description: 'arn:aws:sns:REGION:ACCOUNT:t'", ""),
        (
            "allow: [{ actions: ['s3:GetObject'], resources: ['arn:aws:s3:::REGION/ACCOUNT_ID', 'arn:aws:sns:*:*:t'] }]",
            "",
        ),
        (
            "",
            "rules: { r: { schedule: rate(1 hour), start: f, input: { a: 'arn:aws:sns:REGION:ACCOUNT:t' } } }",
        ),
    ] {
        assert_eq!(of_stack(function, sections), [], "{function} {sections}");
    }
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
        ("{{region}}", "$ACCOUNT"),
    ] {
        for (name, way_out) in [
            ("x", "write \"arn:aws:lambda:"),
            ("f", "write \"${f.arn}\""),
        ] {
            let (severity, message, help) =
                one(&arn(region, account, name), Missing::Later).expect("a placeholder");
            assert_eq!(severity, Severity::Error);
            assert!(message.contains("is a placeholder"), "{message}");
            assert!(help.contains(way_out), "{help}");
        }
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
