use super::*;
use crate::source::{Source, parse};

fn help(text: &str, field: &str) -> Option<String> {
    let root = parse(&Source::new("a.yaml", text)).expect("YAML");
    intrinsic(&root, field).map(|one| one.help)
}

#[test]
fn functions_of_cloudformation_have_their_reference() {
    for (field, text, expected) in [
        ("Resource", "Fn::GetAtt: [f, Arn]", "write \"${f.arn}\""),
        ("Resource", "Fn::GetAtt: f.Arn", "write \"${f.arn}\""),
        (
            "QueueUrl",
            "Fn::GetAtt: [q, QueueUrl]",
            "write \"${q.url}\"",
        ),
        ("QueueUrl", "Ref: q", "write \"${q.url}\""),
        ("TopicArn", "Ref: t", "write \"${t.arn}\""),
        ("TopicArn.$", "Ref: t", "write \"${t.arn}\""),
        ("TableName", "Ref: t", "write \"${t.name}\""),
        ("Bucket", "Ref: b", "write \"${b.name}\""),
        ("StateMachineArn", "Fn::Sub: '${m}'", "write \"${m.arn}\""),
        (
            "Next",
            "Ref: B",
            "write the name of the state, such as \"B\"",
        ),
        ("Seconds", "Ref: Wait", "write the number itself"),
        ("ItemsPath", "Ref: x", "write a path such as \"$.order\""),
        (
            "Cause",
            "Ref: t",
            "write the value itself, or \"${param.t}\" of a parameter",
        ),
        (
            "Owner",
            "Ref: t",
            "write \"${t.name}\" or \"${t.arn}\" of a resource, \"${param.t}\" of a parameter",
        ),
        ("Region", "Ref: AWS::Region", "write \"${region}\""),
        (
            "x",
            "Ref: AWS::NoValue",
            "remove it: treino has nothing like it",
        ),
        (
            "Resource",
            "Fn::Sub: 'arn:${AWS::Partition}:s3:::x-${AWS::AccountId}'",
            "write \"arn:${partition}:s3:::x-${account}\"",
        ),
        (
            "x",
            "Fn::Sub: '${b}-${AWS::Region}'",
            "write \"${b.name}-${region}\"; ${param.NAME} of a parameter",
        ),
        (
            "Resource",
            "Fn::Sub: '${f.Arn}:live'",
            "write \"${f.arn}:live\"",
        ),
        (
            "Resource",
            "Fn::Join: ['', [a, b]]",
            "write one text, with references such as \"${key.arn}\"",
        ),
        (
            "States",
            "Fn::Transform: { Name: x }",
            "write what it stands for: treino has no macros",
        ),
    ] {
        assert_eq!(
            help(text, field).as_deref(),
            Some(expected),
            "{field}: {text}"
        );
    }
    assert_eq!(help("Ref: 1", "Resource"), None);
    assert_eq!(help("Fn::GetAtt: [f, Arn]\nother: 1", "Resource"), None);
}

#[test]
fn functions_in_texts_are_found_and_sentences_are_not() {
    for (text, expected) in [
        ("!GetAtt f.Arn", "write \"${f.arn}\""),
        ("Fn::GetAtt: [f, Arn]", "write \"${f.arn}\""),
        ("Fn::GetAtt f.Arn", "write \"${f.arn}\""),
        ("!Ref f", "write \"${f.arn}\""),
        ("!Sub '${f.Arn}:live'", "write \"${f.arn}:live\""),
        ("AWS::Region", "write \"${region}\""),
        (
            "!Join ['', [a, b]]",
            "write one text, with references such as \"${key.arn}\"",
        ),
        (
            "{\"Fn::GetAtt\": [\"f\", \"Arn\"]}",
            "write one text, with references such as \"${key.arn}\"",
        ),
    ] {
        let found = in_text(text, "FunctionName").map(|one| one.help);
        assert_eq!(found.as_deref(), Some(expected), "{text}");
    }
    assert!(in_text("{{resolve:ssm:/x}}", "x").is_some());
    for text in [
        "!important",
        "!Ref",
        "!Ref your order in every letter",
        "!Join us now",
        "!If you like",
        "!Sub is late",
        "Fn::",
        "AWS::Lambda::Function",
        "{{name}}",
        "$HOME",
        "{\"a\": 1}",
        "Ref: 4711",
    ] {
        assert_eq!(in_text(text, "x"), None, "{text}");
    }
}
