//! One fault of a stack and its definition has one message, wherever its consequences are.

use treino::source::Diagnostics;
use treino::stack::{self, Given, Missing};

use crate::one_fault::folder_with;

/// Every message and help about a stack whose machine has this definition and these fields.
fn found(definition: &str, fields: &str) -> Vec<String> {
    let stack = format!(
        "stack: lab
functions: {{ f: {{ code: code, handler: app.handler, runtime: python3.13 }} }}
tables: {{ t: {{ partition_key: id }} }}
queues: {{ q: {{}} }}
state_machines:
  m:
    definition: {definition}
    {fields}
"
    );
    let code = "def handler(event, context):\n    return event\n";
    let stack = if definition.starts_with('{') {
        stack.replace(definition, "m.asl.json")
    } else {
        stack
    };
    let folder = folder_with(&[
        ("lab.yaml", &stack),
        ("m.asl.json", definition),
        ("code/app.py", code),
    ]);
    let given = Given {
        missing: Missing::Later,
        ..Given::default()
    };
    let Diagnostics(all) = match stack::load(&folder.path().join("lab.yaml"), given) {
        Ok((_, found)) | Err(found) => found,
    };
    let each = all.into_iter();
    each.map(|one| format!("{} | {}", one.message, one.help.unwrap_or_default()))
        .collect()
}

#[track_caller]
fn one(definition: &str, fields: &str, parts: [&str; 2]) {
    let found = found(definition, fields);
    let [message] = &found[..] else {
        panic!("{definition} {fields}: {found:#?}");
    };
    for part in parts {
        assert!(message.contains(part), "{part}: {message}");
    }
}

/// A definition whose first state has these fields and leads to the second.
fn states(fields: &str) -> String {
    format!(
        r#"{{"StartAt": "A", "States": {{"A": {{{fields}, "Next": "B"}}, "B": {{"Type": "Succeed"}}}}}}"#
    )
}

fn task(resource: &str, parameters: &str) -> String {
    states(&format!(
        r#""Type": "Task", "Resource": "{resource}", "Parameters": {parameters}"#
    ))
}

#[test]
fn what_a_role_allows_is_not_doubted_where_the_state_is_wrong() {
    let queue = r#"{"QueueUrl": "${nope.url}", "MessageBody": "x"}"#;
    one(
        &task("arn:aws:states:::sqs:sendMessage", queue),
        "",
        ["`${nope.url}` refers to nothing", "resource"],
    );
    let table = task("${t.arn}", "{}");
    one(
        &table,
        "",
        ["cannot call `dynamodb`", "aws-sdk:dynamodb:action"],
    );
    let object = r#"{"Bucket": "b", "Key": "k"}"#;
    one(
        &task("arn:aws:states:::aws-sdk:s3:putObjct", object),
        "",
        ["`putObjct` of `s3`", "did you mean `putObject`?"],
    );
    let task_definition = r#"{"TaskDefinition": "${nope.arn}"}"#;
    one(
        &task("arn:aws:states:::ecs:runTask", task_definition),
        "",
        ["`${nope.arn}` refers to nothing", "resource"],
    );
    // A variable of the environment has no value when a file is checked.
    let later = r#"{"QueueUrl": "${env:QUEUE_OF_NOBODY}", "MessageBody": "x"}"#;
    let later = task("arn:aws:states:::sqs:sendMessage", later);
    assert_eq!(found(&later, ""), [""; 0]);
    // What is right is still doubted where the target is not known.
    let computed = r#"{"QueueUrl.$": "$.url", "MessageBody": "x"}"#;
    one(
        &task("arn:aws:states:::sqs:sendMessage", computed),
        "",
        ["only known at run time", "narrow it"],
    );
    // A partition that IAM refuses is not refused again when the machine runs.
    one(
        &task("arn:aws-cn:lambda:cn-north-1:123456789012:function:x", "{}"),
        "",
        ["IAM refuses", "arn:${partition}"],
    );
}

#[test]
fn a_wrong_substitution_is_told_once() {
    let lambda = task("${Fn}", "{}");
    for (fields, parts) in [
        (
            "substitutions: { Fn: '' }",
            ["`Resource` is an empty text", "name what"],
        ),
        (
            "substitutions: { Fn: 'text' }",
            ["`text` is not an ARN", "write"],
        ),
        (
            "substitutions: { Fn: !GetAtt f.Arn }",
            ["tags such as `!GetAtt`", "write \"${f.arn}\""],
        ),
        (
            "substitutions: { Fn: { Ref: f } }",
            ["`Fn` is a mapping", "CloudFormation's"],
        ),
        (
            "substitutions: { Fn: 3 }",
            ["`Fn` is the number 3", "quotes"],
        ),
        (
            "substitutions: [{ Fn: x }]",
            ["is a list", "write `key: value`"],
        ),
        ("substitutions: [Fn=x]", ["is a list", "write `key: value`"]),
        (
            "DefinitionSubstitutions: { Fn: x }",
            ["has no key `DefinitionSubstitutions`", "substitutions"],
        ),
        (
            "substitutions: { fN: x }",
            ["`${Fn}` refers to nothing", "did you mean `${fN}`?"],
        ),
    ] {
        one(&lambda, fields, parts);
    }
    let fields = "substitutions: { Fn: '${f.arn}' }";
    one(&task("${Fn", "{}"), fields, ["is not closed", "end it"]);
    one(
        &task("${Fn.arn}", "{}"),
        fields,
        ["`${Fn.arn}` refers to nothing", "write `${Fn}`"],
    );
    one(
        &task("${f.arn}", "{}"),
        fields,
        ["has no `${Fn}`", "remove the substitution"],
    );
    let pseudo = "substitutions: { 'AWS::Region': x }";
    one(
        &task("${AWS::Region}", "{}"),
        pseudo,
        ["cannot be the name of a substitution", "letters"],
    );
}

#[test]
fn a_function_of_cloudformation_has_one_message_wherever_it_is() {
    for (definition, parts) in [
        (
            states(r#""Type": "Pass", "ResultPath": {"Fn::Sub": "$.x"}"#),
            ["`ResultPath` is a path", "write \"$.x\""],
        ),
        (
            states(r#""Type": "Pass", "InputPath": {"Ref": "x"}"#),
            ["`InputPath` is a path", "write a path"],
        ),
        (
            states(r#""Type": "Wait", "Seconds": {"Ref": "x"}"#),
            ["`Seconds` is a number", "write the number itself"],
        ),
        (
            states(r#""Type": "Wait", "Timestamp": {"Ref": "x"}"#),
            ["`Timestamp` is a text", "${param.x}"],
        ),
        (
            r#"{"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": {"Ref": "B"}}, "B": {"Type": "Succeed"}}}"#.to_owned(),
            ["in `Next`", "such as \"B\""],
        ),
        (
            r#"{"StartAt": {"Ref": "A"}, "States": {"A": {"Type": "Succeed"}}}"#.to_owned(),
            ["in `StartAt`", "such as \"A\""],
        ),
        (
            r#"{"StartAt": "A", "States": {"Fn::GetAtt": ["x", "Arn"]}}"#.to_owned(),
            ["in `States`", "write"],
        ),
        (
            r#"{"StartAt": "A", "States": {"A": {"Fn::Transform": {"Name": "x"}}}}"#.to_owned(),
            ["in `A`", "has no macros"],
        ),
        (
            r#"{"StartAt": "A", "States": {"Fn::Transform": {"Name": "x"}, "A": {"Type": "Succeed"}}}"#.to_owned(),
            ["in `States`", "treino reads the definition as it is"],
        ),
        (
            r#"{"StartAt": "A", "Version": {"Ref": "v"}, "States": {"A": {"Type": "Succeed"}}}"#.to_owned(),
            ["`Version` is a text", "${param.v}"],
        ),
        (
            r#"{"StartAt": "A", "States": {"A": {"Type": "Fail", "Error": {"Ref": "e"}}}}"#.to_owned(),
            ["`Error` is a text", "${param.e}"],
        ),
        (
            r#"{"StartAt": "A", "States": {"A": {"Type": "Choice", "Default": "B", "Choices": [{"Variable": "$.a", "StringEquals": {"Ref": "x"}, "Next": "B"}]}, "B": {"Type": "Succeed"}}}"#.to_owned(),
            ["`StringEquals` is a text", "${param.x}"],
        ),
    ] {
        one(&definition, "", parts);
    }
    // Names that people give are no functions.
    for fields in [
        r#""Type": "Pass", "Parameters": {"order": {"Ref": "x"}}"#,
        r#""Type": "Pass", "Result": {"Ref": "x"}"#,
        r#""Type": "Task", "Resource": "${f.arn}", "Parameters": {"Name": {"Ref": "x"}}"#,
    ] {
        assert_eq!(found(&states(fields), ""), [""; 0], "{fields}");
    }
    let named = r#"{"StartAt": "Ref", "States": {"Ref": {"Type": "Succeed"}}}"#;
    assert_eq!(found(named, ""), [""; 0]);
    // Inside the stack file too.
    one(
        "\n      StartAt: A\n      States: { A: { Type: Task, Resource: !GetAtt f.Arn, End: true } }",
        "",
        ["tags such as `!GetAtt`", "write \"${f.arn}\""],
    );
}
