//! Choice rules, retriers and catchers.

use super::{expect, of_jsonata, of_state};

#[test]
fn choice_rules_in_jsonpath() {
    expect(
        &of_state(
            r#"{"Type": "Choice", "Choices": [{"Variable": "$.a", "StringEqual": "x", "Next": "A"}], "Default": "A"}"#,
        ),
        &[
            r#"error 1:18 this machine cannot reach an end | give a state "End": true, or lead to a Succeed or Fail state"#,
            "error 2:57 `StringEqual` is not a field of a rule | did you mean `StringEquals`?",
        ],
    );
    expect(
        &of_state(
            r#"{"Type": "Choice", "Choices": [{"Variable": "$.a", "Next": "A"}, {"StringEquals": "x", "Next": "A"}, {"Variable": "$.a", "IsNull": true}], "Default": "A"}"#,
        ),
        &[
            "error 2:37 this rule tests nothing | add an operator such as `StringEquals` or `IsPresent`, or `And`, `Or`, `Not`",
            r#"error 2:71 this rule has no `Variable` | say what is tested: "Variable": "$.field""#,
            r#"error 2:107 this rule has no `Next` | say what comes next when it is true: "Next": "...""#,
        ],
    );
    expect(
        &of_state(
            r#"{"Type": "Choice", "Choices": [{"Variable": "$.a", "NumericEquals": "3", "Next": "A"}, {"Variable": "$.a", "StringEquals": 3, "Next": "A"}, {"Variable": "$.a", "IsPresent": "true", "Next": "A"}, {"Variable": "$.a", "TimestampLessThan": "2026-01-31", "Next": "A"}, {"Variable": "$.a", "StringMatches": 1, "Next": "A"}], "Default": "A"}"#,
        ),
        &[
            r#"error 1:18 this machine cannot reach an end | give a state "End": true, or lead to a Succeed or Fail state"#,
            "error 2:74 `NumericEquals` needs a number, not the text `3` | write it without quotes: 3",
            "error 2:129 `StringEquals` needs a text, not the number 3 | `StringEqualsPath` compares with another field",
            "error 2:179 `IsPresent` needs true or false, not the text `true` | write it without quotes: true",
            r#"error 2:242 `TimestampLessThan` needs a time, not the text `2026-01-31` | write a time such as "2026-01-31T12:00:00Z""#,
            "error 2:307 `StringMatches` needs a text, not the number 1 | look at the operator's name",
        ],
    );
    expect(
        &of_state(
            r#"{"Type": "Choice", "Choices": [{"Variable": "$.a", "NumericGreaterThan": 1, "NumericLessThan": 3, "Next": "A"}], "Default": "A"}"#,
        ),
        &[
            r#"error 1:18 this machine cannot reach an end | give a state "End": true, or lead to a Succeed or Fail state"#,
            "error 2:82 one rule has `NumericGreaterThan` and `NumericLessThan` | a rule makes one test: join several in `And` or `Or`",
        ],
    );
    expect(
        &of_state(
            r#"{"Type": "Choice", "Choices": [{"Variable": "$.a[*]", "StringEqualsPath": "b", "Next": "A"}, {"Variable": "$.a", "StringEquals": "$.b", "Next": "A"}], "Default": "A"}"#,
        ),
        &[
            r#"error 1:18 this machine cannot reach an end | give a state "End": true, or lead to a Succeed or Fail state"#,
            "error 2:54 `[*]` selects every value, and one value is needed here | a reference path names one value, with .name, ['name'] and [0] only",
            "error 2:81 the path `b` does not begin with `$` | write `$.b`",
            "warning 2:135 `$.b` is taken as a text, not looked up | `StringEqualsPath` compares with another field",
        ],
    );
    expect(
        &of_state(
            r#"{"Type": "Choice", "Choices": [{"And": [{"Variable": "$.a", "IsPresent": true, "Next": "A"}, {"Not": {"Variable": "$.b", "BooleanEquals": true}}, {"Or": []}, 3], "Next": "A"}], "Default": "A"}"#,
        ),
        &[
            r#"error 1:18 this machine cannot reach an end | give a state "End": true, or lead to a Succeed or Fail state"#,
            "error 2:85 `Next` is not allowed in a rule within another | move it to the outermost rule",
            "error 2:159 `Or` is an empty list | give it at least one item",
            "error 2:164 a rule must be an object, not the number 3 | write it as {...}",
        ],
    );
    expect(
        &of_state(
            r#"{"Type": "Choice", "Choices": [{"Variable": "$.a", "Not": {"Variable": "$.b", "IsNull": true}, "Next": "A"}, {"Condition": "{% true %}", "Next": "A"}], "Default": "A"}"#,
        ),
        &[
            r#"error 1:18 this machine cannot reach an end | give a state "End": true, or lead to a Succeed or Fail state"#,
            "error 2:38 `Variable` and `Not` exclude each other | move it into the rules inside",
            r#"error 2:116 `Condition` is a JSONata field, but the query language here is JSONPath | write `Variable` and an operator, or give the state "QueryLanguage": "JSONata""#,
        ],
    );
    expect(
        &of_state(
            r#"{"Type": "Choice", "Choices": [{"Variable": "$$.Execution.Name", "StringMatches": "log-*.txt", "Comment": "c", "Assign": {"x.$": "$.y"}, "Next": "A"}, {"Variable": "$x", "TimestampEquals": "2026-01-31T01:02:03.5+01:00", "Next": "A"}], "Default": "A"}"#,
        ),
        &[
            r#"error 1:18 this machine cannot reach an end | give a state "End": true, or lead to a Succeed or Fail state"#,
        ],
    );
    expect(
        &of_state(r#"{"Type": "Choice", "Choices": []}"#),
        &[
            "warning 2:1 the Choice state `A` has no `Default` | the execution fails with States.NoChoiceMatched when no rule holds: add a `Default`",
            "error 2:36 `Choices` is an empty list | give it at least one item",
        ],
    );
    expect(
        &of_state(
            r#"{"Type": "Choice", "Choices": [{"Variable": "$.a", "IsNull": true, "Output": "x", "Next": "A"}], "Default": "A", "End": true}"#,
        ),
        &[
            r#"error 1:18 this machine cannot reach an end | give a state "End": true, or lead to a Succeed or Fail state"#,
            r#"error 2:73 `Output` is a JSONata field, but the query language here is JSONPath | remove it, or give the state "QueryLanguage": "JSONata""#,
            "error 2:119 `End` is not a field of a Choice state | its rules and `Default` say what comes next: remove it",
        ],
    );
}

#[test]
fn choice_rules_in_jsonata() {
    expect(
        &of_jsonata(
            r#"{"Type": "Choice", "Choices": [{"Condition": "{% $states.input.a > 3 %}", "Output": "{% $states.input %}", "Assign": {"x": "{% 1 %}"}, "Comment": "c", "Next": "A"}, {"Condition": true, "Next": "A"}, {"Next": "A"}, {"Condition": "x > 1", "Next": "A"}, {"Condition": "{% a %}", "Next": "A"}], "Default": "A"}"#,
        ),
        &[
            r#"error 1:46 this machine cannot reach an end | give a state "End": true, or lead to a Succeed or Fail state"#,
            r#"error 2:205 this rule has no `Condition` | write "Condition": "{% ... %}""#,
            r#"error 2:234 `Condition` must be an expression, not the text `x > 1` | write true, false, or "{% ... %}" with something that is one of them"#,
            "error 2:275 `a` has no meaning at the top of an expression | write `$states.input.a` for a field of the input, `$a` for a variable",
        ],
    );
    expect(
        &of_jsonata(
            r#"{"Type": "Choice", "Choices": [{"Variable": "$.a", "StringEquals": "x", "Next": "A"}, {"Condition": "{% true %}", "Nxt": "A"}], "Default": "A"}"#,
        ),
        &[
            r#"error 2:38 `Variable` and `StringEquals` are JSONPath fields, but the query language here is JSONata | write the test as "Condition": "{% ... %}", such as {% $states.input.size > 100 %}"#,
            "error 2:120 `Nxt` is not a field of a rule | did you mean `Next`?",
        ],
    );
}

#[test]
fn retry_and_catch() {
    expect(
        &of_state(
            r#"{"Type": "Task", "Resource": "${f.arn}", "Retry": [{"ErrorEquals": ["States.ALL"]}, {"ErrorEquals": ["X"]}], "End": true}"#,
        ),
        &[
            "error 2:74 `States.ALL` must come last, and more follows this retrier | move it to the end: nothing after it could ever apply",
        ],
    );
    expect(
        &of_state(
            r#"{"Type": "Task", "Resource": "${f.arn}", "Retry": [{"ErrorEquals": ["X", "States.ALL"]}], "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "A"}, {"ErrorEquals": ["Y"], "Next": "A"}], "End": true}"#,
        ),
        &[
            "error 2:79 `States.ALL` must be alone in its list | it covers every other name: remove them, or it",
            "error 2:123 `States.ALL` must come last, and more follows this catcher | move it to the end: nothing after it could ever apply",
        ],
    );
    expect(
        &of_state(
            r#"{"Type": "Task", "Resource": "${f.arn}", "Retry": [{"ErrorEquals": []}, {"IntervalSeconds": 1}, {"ErrorEquals": "X"}, {"ErrorEquals": [1]}, 5], "End": true}"#,
        ),
        &[
            "error 2:73 `ErrorEquals` is an empty list | give it at least one item",
            r#"error 2:78 this retrier has no `ErrorEquals` | name the errors: "ErrorEquals": ["States.ALL"]"#,
            "error 2:118 `ErrorEquals` must be a list, not the text `X` | write it as [...]",
            "error 2:141 an error's name must be a text, not the number 1 | put it in double quotes",
            "error 2:146 a retrier must be an object, not the number 5 | write it as {...}",
        ],
    );
    expect(
        &of_state(
            r#"{"Type": "Task", "Resource": "${f.arn}", "Retry": [{"ErrorEquals": ["X"], "BackoffRate": 0.5, "IntervalSeconds": 0, "MaxAttempts": -1, "MaxDelaySeconds": 31622400, "JitterStrategy": "full", "Backoffrate": 2}], "End": true}"#,
        ),
        &[
            "error 2:95 `BackoffRate` is 0.5, less than 1 | write 1 or more",
            "error 2:119 `IntervalSeconds` is 0, less than 1 | write 1 or more",
            "error 2:137 `MaxAttempts` is -1, less than 0 | write 0 or more",
            "error 2:160 `MaxDelaySeconds` is 31622400, more than 31622399 | write 31622399 or less",
            "error 2:188 `JitterStrategy` cannot be `full` | did you mean `FULL`?",
            "error 2:196 `Backoffrate` is not a field of a retrier | did you mean `BackoffRate`?",
        ],
    );
    expect(
        &of_state(
            r#"{"Type": "Task", "Resource": "${f.arn}", "Retry": [{"ErrorEquals": ["X"], "IntervalSeconds": 10, "MaxDelaySeconds": 10}, {"ErrorEquals": ["Y"], "MaxDelaySeconds": 1}, {"ErrorEquals": ["Z"], "IntervalSeconds": 1, "BackoffRate": 1, "MaxAttempts": 0, "MaxDelaySeconds": 2, "JitterStrategy": "FULL", "Comment": "c"}], "End": true}"#,
        ),
        &[
            "error 2:122 `MaxDelaySeconds` is not above `IntervalSeconds`, which is 10 | write more, or leave it out",
            "error 2:169 `MaxDelaySeconds` is not above `IntervalSeconds`, which is 1 | write more, or leave it out",
        ],
    );
    expect(
        &of_state(
            r#"{"Type": "Task", "Resource": "${f.arn}", "Retry": [{"ErrorEquals": ["States.Timout", "States.Http.StatusCode.429", "States.Http.StatusCode.4xx", "States.Runtime", "States.Mine", "Lambda.Unknown"]}], "End": true}"#,
        ),
        &[
            "warning 2:74 Step Functions reports no error `States.Timout` | did you mean `States.Timeout`?",
            "warning 2:121 Step Functions reports no error `States.Http.StatusCode.4xx` | names that begin with `States.` are reserved for Step Functions",
            "warning 2:151 `States.Runtime` can be neither retried nor caught | such an error always ends the execution: remove it",
            "warning 2:169 Step Functions reports no error `States.Mine` | names that begin with `States.` are reserved for Step Functions",
        ],
    );
    expect(
        &of_state(
            r#"{"Type": "Task", "Resource": "${f.arn}", "Catch": [{"ErrorEquals": ["X"]}, {"ErrorEquals": ["Y"], "Next": "A", "Output": 1, "ResultPath": "$.a[*]", "Retry": 1}], "End": true}"#,
        ),
        &[
            r#"error 2:57 this catcher has no `Next` | say what comes next after the error: "Next": "...""#,
            "error 2:117 `Output` is a field of the other query language: it is JSONPath here | write `ResultPath`",
            "error 2:148 `[*]` selects every value, and one value is needed here | a reference path names one value, with .name, ['name'] and [0] only",
            "error 2:154 `Retry` is not a field of a catcher | a catcher has `ErrorEquals`, `Next`, `Assign`, `Comment`, `ResultPath` and `Output`",
        ],
    );
    expect(
        &of_jsonata(
            r#"{"Type": "Task", "Resource": "${f.arn}", "Catch": [{"ErrorEquals": ["Y"], "Next": "A", "ResultPath": "$.e", "Output": "{% phone %}", "Comment": "c"}], "End": true}"#,
        ),
        &[
            "error 2:93 `ResultPath` is a field of the other query language: it is JSONata here | write `Output`",
            "error 2:128 `phone` has no meaning at the top of an expression | write `$states.input.phone` for a field of the input, `$phone` for a variable",
        ],
    );
}
