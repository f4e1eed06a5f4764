//! Paths, the context object and intrinsic functions.

use super::{expect, of_state};

#[test]
fn paths_that_are_wrong() {
    expect(
        &of_state(r#"{"Type": "Pass", "InputPath": "order.id", "End": true}"#),
        &["error 2:37 the path `order.id` does not begin with `$` | write `$.order.id`"],
    );
    expect(
        &of_state(
            r#"{"Type": "Pass", "InputPath": "$.order..id", "OutputPath": "$.a[*].b", "End": true}"#,
        ),
        &[],
    );
    expect(
        &of_state(r#"{"Type": "Pass", "InputPath": "$.order.", "End": true}"#),
        &[
            "error 2:44 the path goes on with no name after the dot | name the field, or remove the dot",
        ],
    );
    expect(
        &of_state(r#"{"Type": "Pass", "InputPath": "$.items[0", "End": true}"#),
        &["error 2:44 this `[` is never closed | add `]`"],
    );
    expect(
        &of_state(r#"{"Type": "Pass", "InputPath": "$.items[]", "End": true}"#),
        &["error 2:44 the brackets are empty | write ['name'] or [0]"],
    );
    expect(
        &of_state(r#"{"Type": "Pass", "InputPath": "$.items[first]", "End": true}"#),
        &["error 2:44 `[first]` is neither an index nor a quoted name | write ['first'] or [0]"],
    );
    expect(
        &of_state(r#"{"Type": "Pass", "InputPath": "$.two words", "End": true}"#),
        &["error 2:42 a name in a path cannot have a blank | write it in brackets: $['two words']"],
    );
    expect(
        &of_state(r#"{"Type": "Pass", "InputPath": "$.a]", "End": true}"#),
        &[
            "error 2:40 `]` is not allowed here in a path | a path goes on with .name, ['name'] or [0]",
        ],
    );
    expect(
        &of_state(r#"{"Type": "Pass", "InputPath": "$.items[?@.price > 3]", "End": true}"#),
        &["error 2:44 a filter is written in parentheses | write [?(@.field == 'value')]"],
    );
    expect(
        &of_state(
            r#"{"Type": "Pass", "InputPath": "$.items[?(@.price > 3 && @.name == 'a]b')].id", "End": true}"#,
        ),
        &[],
    );
    expect(
        &of_state(
            r#"{"Type": "Pass", "InputPath": null, "OutputPath": "$['two words'][0,1][-1:]", "ResultPath": null, "End": true}"#,
        ),
        &[],
    );
    expect(
        &of_state(r#"{"Type": "Pass", "InputPath": 3, "End": true}"#),
        &[
            r#"error 2:36 `InputPath` must be a path, not the number 3 | write a path such as "$.order", or null"#,
        ],
    );
    expect(
        &of_state(r#"{"Type": "Pass", "InputPath": "States.Format('x')", "End": true}"#),
        &[
            "error 2:36 an intrinsic function is not allowed here | call it under a key that ends in `.$`, in a state before if need be",
        ],
    );
    expect(
        &of_state(
            r#"{"Type": "Pass", "InputPath": "${param.path}", "OutputPath": "$.${param.field}", "End": true}"#,
        ),
        &[],
    );
}

#[test]
fn reference_paths_name_one_value() {
    expect(
        &of_state(r#"{"Type": "Pass", "ResultPath": "$.a[*]", "End": true}"#),
        &[
            "error 2:41 `[*]` selects every value, and one value is needed here | a reference path names one value, with .name, ['name'] and [0] only",
        ],
    );
    expect(
        &of_state(r#"{"Type": "Pass", "ResultPath": "$.a..b", "End": true}"#),
        &[
            "error 2:41 `..` looks everywhere below, and one value is needed here | a reference path names one value, with .name, ['name'] and [0] only",
        ],
    );
    expect(
        &of_state(r#"{"Type": "Pass", "ResultPath": "$$.Execution.Id", "End": true}"#),
        &[
            "error 2:37 a result can only be put into the state's input | write a path that begins with `$.`",
        ],
    );
    for field in ["ResultPath", "InputPath", "OutputPath"] {
        let column = 28 + field.len();
        expect(
            &of_state(&format!(
                r#"{{"Type": "Pass", "{field}": "null", "End": true}}"#
            )),
            &[&format!(
                "error 2:{column} the path `null` does not begin with `$` | write null, without quotes"
            )],
        );
    }
    expect(
        &of_state(r#"{"Type": "Pass", "Parameters": {"a.$": "null"}, "End": true}"#),
        &[
            "error 2:46 the path `null` does not begin with `$` | write null without quotes, and remove `.$` from the key",
        ],
    );
    expect(
        &of_state(r#"{"Type": "Pass", "ResultPath": "$.a['b c'][0].d", "End": true}"#),
        &[],
    );
    expect(
        &of_state(r#"{"Type": "Wait", "SecondsPath": "$.items.length()", "End": true}"#),
        &[
            "error 2:47 `length()` computes a value, and one value is needed here | a reference path names one value, with .name, ['name'] and [0] only",
        ],
    );
    expect(
        &of_state(r#"{"Type": "Wait", "SecondsPath": "{% 3 %}", "End": true}"#),
        &[
            r#"error 2:39 the path `{% 3 %}` does not begin with `$` | expressions need "QueryLanguage": "JSONata"; write a path here"#,
        ],
    );
    expect(
        &of_state(
            r#"{"Type": "Map", "ItemsPath": null, "ItemProcessor": {"StartAt": "B", "States": {"B": {"Type": "Succeed"}}}, "End": true}"#,
        ),
        &[r#"error 2:35 `ItemsPath` must be a path, not null | write a path such as "$.order""#],
    );
    expect(
        &of_state(
            r#"{"Type": "Map", "ItemsPath": "$.items[?(@.on)]", "ItemProcessor": {"StartAt": "B", "States": {"B": {"Type": "Succeed"}}}, "End": true}"#,
        ),
        &[
            "error 2:43 a filter may select any number of values, and one value is needed here | a reference path names one value, with .name, ['name'] and [0] only",
        ],
    );
    expect(
        &of_state(
            r#"{"Type": "Fail", "ErrorPath": "States.UUID()", "CausePath": "States.Array(1)"}"#,
        ),
        &[
            "error 2:66 `States.Array` is not allowed here: it returns no text | use one of States.Format, States.JsonToString, States.ArrayGetItem, States.Base64Encode, States.Base64Decode, States.Hash, States.UUID",
        ],
    );
    expect(
        &of_state(r#"{"Type": "Fail", "ErrorPath": "$.error", "Error": "E"}"#),
        &["error 2:23 `Error` and `ErrorPath` exclude each other | keep one of the two"],
    );
}

#[test]
fn the_context_object() {
    expect(
        &of_state(
            r#"{"Type": "Pass", "Parameters": {"a.$": "$$.Execution.ID", "b.$": "$$.Executions.Id", "c.$": "$$.Map.Item.Value", "d.$": "$$.Task.Token", "e.$": "$$", "f.$": "$$.State.Foo"}, "End": true}"#,
        ),
        &[
            "warning 2:46 the context object has no field `ID` there | did you mean `Id`?",
            "warning 2:72 the context object has no field `Executions` there | did you mean `Execution`?",
            "warning 2:164 the context object has no field `Foo` there | there is `EnteredTime`, `Name` and `RetryCount`",
        ],
    );
}

#[test]
fn intrinsic_functions() {
    expect(
        &of_state(
            r#"{"Type": "Pass", "Parameters": {"a.$": "States.Format('Welcome to {} {}\\'s playlist', $.first, $.last)", "b.$": "States.Array('x', 2.5, null, true, $.a[?(@.b == 'c,d')], States.UUID())", "c.$": "States.Format('\\{\\} {}', $$.Execution.Id)", "d.$": "States.JsonMerge($.a, $.b, false)", "e.$": "States.ArrayGetItem($.Outputs[?(@.Key == Foo)].Value, 0)"}, "End": true}"#,
        ),
        &[],
    );
    expect(
        &of_state(r#"{"Type": "Pass", "Parameters": {"a.$": "States.Fromat('x')"}, "End": true}"#),
        &[
            "error 2:46 there is no intrinsic function `States.Fromat` | did you mean `States.Format`?",
        ],
    );
    expect(
        &of_state(
            r#"{"Type": "Pass", "Parameters": {"a.$": "States.UUID(1)", "b.$": "States.MathAdd(1)", "c.$": "States.MathRandom(1)", "d.$": "States.Format()"}, "End": true}"#,
        ),
        &[
            "error 2:46 `States.UUID` is given one argument | it takes no arguments",
            "error 2:71 `States.MathAdd` is given one argument | it takes 2 arguments",
            "error 2:99 `States.MathRandom` is given one argument | it takes 2 to 3 arguments",
            "error 2:130 `States.Format` is given no argument | it takes 1 or more arguments",
        ],
    );
    let prices = r#"{"a.$": "States.Format('US${}, ${} or $${}', $.a, $.b, $.c)"}"#;
    let pass = format!(r#"{{"Type": "Pass", "Parameters": {prices}, "End": true}}"#);
    expect(&of_state(&pass), &[]);
    expect(
        &of_state(
            r#"{"Type": "Pass", "Parameters": {"a.$": "States.Format('{} {}', $.a)"}, "End": true}"#,
        ),
        &[
            r"error 2:46 the template has 2 `{}` and one argument follow | give each `{}` one argument; write \{ for a brace",
        ],
    );
    expect(
        &of_state(
            r#"{"Type": "Pass", "Parameters": {"a.$": "States.Hash($.a, 'SHA1')", "b.$": "States.JsonMerge($.a, $.b, true)"}, "End": true}"#,
        ),
        &[
            "error 2:46 there is no hash algorithm `SHA1` | write one of MD5, SHA-1, SHA-256, SHA-384, SHA-512",
            "error 2:81 deep merging is not supported | write false as the third argument",
        ],
    );
    expect(
        &of_state(
            r#"{"Type": "Pass", "Parameters": {"a.$": "States.Format('x'", "b.$": "States.Format('x)", "c.$": "States.Format \"x\"", "d.$": "States.Format(\"x\")", "e.$": "States.Format('x') y"}, "End": true}"#,
        ),
        &[
            "error 2:59 this `(` is never closed | add `)`",
            "error 2:88 this text is never closed | close it with a single quote",
            "error 2:102 `States.Format` has no parentheses | write `States.Format(...)`",
            r#"error 2:146 `"x"` is not an argument | texts are written in single quotes: 'text'"#,
            "error 2:182 `y` comes after the end of the function | remove it",
        ],
    );
    expect(
        &of_state(
            r#"{"Type": "Pass", "Parameters": {"a.$": "States.MathAdd($.a, b)", "b.$": "States.MathAdd($.a, )", "c.$": "States.MathAdd($.a[, 1)", "d.$": " States.UUID()", "e.$": "States.MathAdd($.a 1)"}, "End": true}"#,
        ),
        &[
            "error 2:66 `b` is not an argument | write 'b' for a text, or $.b for a field of the input",
            "error 2:99 an argument is missing here | add it, or remove the comma",
            "error 2:129 `[, 1]` is neither an index nor a quoted name | write [', 1'] or [0]",
            "error 2:144 an intrinsic function cannot begin with a blank | remove it",
            "error 2:189 `1` is not allowed between arguments | separate arguments with commas, and put texts in single quotes",
        ],
    );
    expect(
        &of_state(
            r#"{"Type": "Pass", "Parameters": {"a.$": "States.Array(States.Array(States.Array(States.Array(States.Array(States.Array(States.Array(States.Array(States.Array(States.Array(States.Array()))))))))))"}, "End": true}"#,
        ),
        &["error 2:176 more than 10 functions are nested | do a part of it in a Pass state before"],
    );
}
