//! What is known of the parameters that expressions of `JSONata` give, before they run.

use serde_json::{Value, json};

use super::permissions::jsonata;

/// Expressions, what `JSONata` 2.0.6 gives for them where `$n` is `N` and `$l` is `["out/N"]` (`None`: no text), and
/// the pattern that is known of it.
#[rustfmt::skip]
const EXPRESSIONS: &[(&str, Option<&str>, &str)] = &[
    ("'in/x'", Some("in/x"), "in/x"),
    ("'' & 'x'", Some("x"), "x"),
    ("'a' & /* and */ 'b'", Some("ab"), "ab"),
    (r#"'in\/' & "\u0061b" & $n"#, Some("in/abN"), "in/ab*"),
    ("'out/' & $n", Some("out/N"), "out/*"),
    ("('out/' & $n)", Some("out/N"), "out/*"),
    ("$n & '.json'", Some("N.json"), "*.json"),
    ("'a' & $n & $n & 'z'", Some("aNNz"), "a*z"),
    ("'a' & $missing", Some("a"), "a*"),
    ("'a' & 2 * 3", Some("a6"), "a*"),
    ("'a' & ('b'; 'c')", Some("ac"), "ac"),
    ("($x := 'q'; 'out/' & $x & '.json')", Some("out/q.json"), "out/*.json"),
    // `~>`, `in`, comparisons, `and`, `or`, `?` and `:=` bind looser than `&`.
    ("'OUT/' & 'X' ~> $lowercase", Some("out/x"), "*"),
    ("'in/' & $n ~> $replace('in/', 'out/')", Some("out/N"), "*"),
    ("'out/' & ($n ~> $uppercase)", Some("out/N"), "out/*"),
    ("'out/' & $n in $l ? 'in/x' : 'y'", Some("in/x"), "*"),
    ("'in/' & $n ? 'out/x' : 'y'", Some("out/x"), "*"),
    ("'a' & 'b' = 'ab'", None, "*"),
    ("'a' & 'b' != 'c' ? 'in/' : 'out/'", Some("in/"), "*/"),
    ("'s' & $n > 'a'", None, "*"),
    ("'a' & 'b' and false", None, "*"),
    ("'a' & 'b' or true", None, "*"),
    ("$v := 'a' & $n", Some("aN"), "*"),
    // Either branch.
    ("$n = 'N' ? 'a/' & $n : 'a/b'", Some("a/N"), "a/*"),
    ("'p/' & (true ? 'a.txt' : 'ab.txt')", Some("p/a.txt"), "p/a*.txt"),
    ("$n = 'q' ? 'aa' : 'a'", Some("a"), "a*"),
    ("$n = 'q' ? 'same' : 'same'", Some("same"), "same"),
    ("'a' & ($n = 'q' ? 'b')", Some("a"), "a*"),
    ("['a' & $n][0]", Some("aN"), "*"),
    ("'in/' & ", None, "*"),
];

#[test]
fn a_key_is_known_as_far_as_its_expression_is() {
    let call = "arn:aws:states:::aws-sdk:s3:getObject";
    for (expression, real, pattern) in EXPRESSIONS {
        let key = format!("{{% {expression} %}}");
        let shown = jsonata(call, &json!({"Bucket": "b", "Key": key}));
        let expected = format!("s3:GetObject on arn:aws:s3:::b/{pattern} for A");
        assert_eq!(shown, expected, "{expression}");
        // The role allows what the expression gives.
        if let Some(real) = real {
            let (start, end) = pattern.split_once('*').unwrap_or((pattern, ""));
            let matches = real.starts_with(start) && real.ends_with(end);
            assert!(matches, "{expression}");
        }
    }
}

#[test]
fn arguments_may_be_one_expression() {
    let put = "arn:aws:states:::aws-sdk:s3:putObject";
    let whole = |arguments: &str| jsonata(put, &Value::from(arguments));
    assert_eq!(
        whole("{% {'Bucket': 'b', 'Key': 'in/' & $uuid(), 'Body': {'n': 1}} %}"),
        "s3:PutObject on arn:aws:s3:::b/in/* for A"
    );
    assert_eq!(
        whole("{% ({'Bucket': 'b', 'Key': 'x', 'Tagging': $t}) %}"),
        "s3:PutObject s3:PutObjectTagging on arn:aws:s3:::b/x for A"
    );
    // A part of them alike.
    assert_eq!(
        jsonata(
            "arn:aws:states:::aws-sdk:rekognition:detectLabels",
            &json!({"Image": "{% {'S3Object': {'Bucket': 'b', 'Name': $k}} %}"})
        ),
        "rekognition:DetectLabels on * for A\ns3:GetObject on arn:aws:s3:::b/* for A"
    );
    // Nothing is said of a parameter that the call does not have.
    assert_eq!(
        whole("{% $states.input %}"),
        "s3:PutObject s3:PutObjectTagging on arn:aws:s3:::*/* for A\n\
         ! state `A`: `Bucket` is only known at run time, so the role allows every bucket"
    );
    let copy = "arn:aws:states:::aws-sdk:s3:copyObject";
    let copied = jsonata(copy, &json!("{% $states.input %}"));
    assert!(copied.contains("`CopySource` is only known"), "{copied}");
}

/// A computed beginning may be that of an ARN.
#[test]
fn a_name_with_a_computed_beginning_may_be_any() {
    let function = jsonata(
        "arn:aws:states:::lambda:invoke",
        &json!({"FunctionName": "{% $states.input.name & '-f' %}"}),
    );
    let every = "lambda:InvokeFunction on arn:aws:lambda:eu-west-1:111122223333:function:* for A";
    assert!(function.starts_with(every), "{function}");
    let url = "{% 'https://sqs.' & $region & '.amazonaws.com/111122223333/q' %}";
    let queue = jsonata(
        "arn:aws:states:::sqs:sendMessage",
        &json!({"QueueUrl": url, "MessageBody": "x"}),
    );
    let any_region = "sqs:SendMessage on arn:aws:sqs:*:111122223333:q for A";
    assert!(queue.starts_with(any_region), "{queue}");
}
