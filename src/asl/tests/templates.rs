//! Payload templates and variables.

use super::{expect, of_state};

#[test]
fn payload_templates() {
    expect(
        &of_state(
            r#"{"Type": "Pass", "Parameters": {"a.$": 23, "b.$": "23", "c": {"d.$": ["x"], "e.$": "$.ok"}, "f": [{"g.$": {"h": 1}}]}, "End": true}"#,
        ),
        &[
            "error 2:45 `a.$` must be a path or an intrinsic function, not the number 23 | remove the `.$` to give `a` this value as it is",
            "error 2:57 the path `23` does not begin with `$` | write `$.23`, or remove `.$` from the key if this is the value itself",
            "error 2:75 `d.$` must be a path or an intrinsic function, not a list | remove the `.$` to give `d` this value as it is",
            "error 2:112 `g.$` must be a path or an intrinsic function, not an object | remove the `.$` to give `g` this value as it is",
        ],
    );
    expect(
        &of_state(r#"{"Type": "Pass", "Parameters": {"a": 1, "a.$": "$.b"}, "End": true}"#),
        &["error 2:46 `a` and `a.$` exclude each other | keep one of the two"],
    );
    expect(
        &of_state(
            r#"{"Type": "Pass", "Parameters": {"a": "$.b", "b": "$", "c": "$$.Task", "d": "States.UUID()", "e": "$5", "f": "$5.00", "g": ["$.x"], "h": "{% $x %}"}, "End": true}"#,
        ),
        &[
            r#"warning 2:43 `$.b` is taken as a text, not looked up | end the key in `.$`: "a.$""#,
            r#"warning 2:55 `$` is taken as a text, not looked up | end the key in `.$`: "b.$""#,
            r#"warning 2:65 `$$.Task` is taken as a text, not looked up | end the key in `.$`: "c.$""#,
            r#"warning 2:81 `States.UUID()` is taken as a text, not looked up | end the key in `.$`: "d.$""#,
            "warning 2:129 `$.x` is taken as a text, not looked up | a list or a text alone cannot hold a path: make it with States.Array under a key that ends in `.$`",
            r#"warning 2:142 this expression is taken as a text: the query language here is JSONPath | give the state "QueryLanguage": "JSONata", or write a path"#,
        ],
    );
    expect(
        &of_state(r#"{"Type": "Pass", "Result": {"a": "$.b", "b.$": 3}, "End": true}"#),
        &[],
    );
}

#[test]
fn variables() {
    expect(
        &of_state(
            r#"{"Type": "Pass", "Assign": {"count.$": "$.n", "name": "x"}, "Parameters": {"a.$": "$count", "b.$": "$counts.x", "c.$": "States.Format('{}', $nme)"}, "End": true}"#,
        ),
        &[
            "warning 2:106 no state assigns the variable `$counts` | did you mean `$count`?",
            "warning 2:146 no state assigns the variable `$nme` | did you mean `$name`?",
        ],
    );
    expect(
        &of_state(
            r#"{"Type": "Pass", "Assign": {"states": 1, "2nd": 2, "a-b": 3, "ok_1": 4}, "End": true}"#,
        ),
        &[
            "error 2:34 the variable `states` is reserved | take another name",
            "error 2:47 `2nd` is not a name for a variable | a name is a letter, then letters, digits and underscores",
            "error 2:57 `a-b` is not a name for a variable | a name is a letter, then letters, digits and underscores",
        ],
    );
    expect(
        &of_state(r#"{"Type": "Pass", "Assign": "$.a", "End": true}"#),
        &["error 2:33 `Assign` must be an object, not the text `$.a` | write it as {...}"],
    );
    expect(
        &of_state(
            r#"{"Type": "Parallel", "Assign": {"x": 1}, "Branches": [{"StartAt": "B", "States": {"B": {"Type": "Pass", "Assign": {"x": 2, "y": 1}, "Parameters": {"a.$": "$y", "b.$": "$x"}, "End": true}}}], "ResultSelector": {"c.$": "$y"}, "End": true}"#,
        ),
        &[
            r#"warning 2:224 no state assigns the variable `$y` | give it a value before, in "Assign": {"y": ...}"#,
        ],
    );
    expect(
        &of_state(
            r#"{"Type": "Map", "Assign": {"x": 1}, "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, "StartAt": "B", "States": {"B": {"Type": "Pass", "Assign": {"x": 2}, "Parameters": {"b.$": "$x", "c.$": "$z"}, "End": true}}}, "End": true}"#,
        ),
        &[
            r#"warning 2:238 no state assigns the variable `$z` | give it a value before, in "Assign": {"z": ...}"#,
        ],
    );
}
