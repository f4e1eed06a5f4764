//! `JSONata` expressions: whether they parse, and what they read.

use jsonata_core::evaluator::{Context, Evaluator};
use jsonata_core::parser;
use serde_json::json;

use super::{expect, of_jsonata};

#[test]
fn expressions_that_do_not_parse() {
    expect(
        &of_jsonata(r#"{"Type": "Pass", "Output": "{% 1 + %}", "End": true}"#),
        &[
            "error 2:41 this is not valid JSONata: it ends too early | something is missing at the end: a value, a quote or a bracket",
        ],
    );
    expect(
        &of_jsonata(
            r#"{"Type": "Pass", "Output": {"v": ["{% $states.input.phone[1,2) %}"]}, "End": true}"#,
        ),
        &[
            "error 2:65 this is not valid JSONata: `]` is expected, not `,` | look at the brackets, quotes and operators before this",
        ],
    );
    expect(
        &of_jsonata(r#"{"Type": "Pass", "Output": "{% $states.input.a == 1 %}", "End": true}"#),
        &[
            "error 2:54 this is not valid JSONata: `=` is not allowed here | JSONata compares with a single =",
        ],
    );
    expect(
        &of_jsonata(r#"{"Type": "Pass", "Output": "{% $states.input.a && true %}", "End": true}"#),
        &[
            "error 2:54 this is not valid JSONata: `&` is not allowed here | JSONata has the words `and` and `or`",
        ],
    );
    expect(
        &of_jsonata(r#"{"Type": "Pass", "Output": "{% ($x := 1; $x %}", "End": true}"#),
        &[
            "error 2:50 this is not valid JSONata: `)` is expected, not the end | something is missing at the end: a value, a quote or a bracket",
        ],
    );
    expect(
        &of_jsonata(r#"{"Type": "Pass", "Output": "{% 'unterminated %}", "End": true}"#),
        &[
            "error 2:37 this is not valid JSONata: a text is never closed | close it with the same quote",
        ],
    );
    expect(
        &of_jsonata(r#"{"Type": "Pass", "Output": "{%  %}", "End": true}"#),
        &[
            "error 2:38 this is not valid JSONata: it ends too early | write an expression between {% and %}",
        ],
    );
    expect(
        &of_jsonata(r#"{"Type": "Pass", "Output": "{% {'a':} %}", "End": true}"#),
        &[
            "error 2:42 this is not valid JSONata: `}` is not allowed here | look at the brackets, quotes and operators before this",
        ],
    );
    expect(
        &of_jsonata(
            r#"{"Type": "Pass", "Output": "{% $states.input.\u00e9t\u00e9 & 'x' 'y' %}", "End": true}"#,
        ),
        &[
            "error 2:73 this is not valid JSONata: `'` is not allowed here | look at the brackets, quotes and operators before this",
        ],
    );
    expect(
        &of_jsonata(r#"{"Type": "Pass", "Output": "{% $states.input.x ?? 1 %}", "End": true}"#),
        &[
            "error 2:53 the operator `??` is newer than the JSONata of Step Functions, 2.0.6 | write `$exists(a) ? a : b`",
        ],
    );
    expect(
        &of_jsonata(r#"{"Type": "Pass", "Output": "{% $states.input.x ?: 1 %}", "End": true}"#),
        &[
            "error 2:53 the operator `?:` is newer than the JSONata of Step Functions, 2.0.6 | write `a ? a : b`",
        ],
    );
    expect(
        &of_jsonata(r#"{"Type": "Pass", "Output": "{% foo := 1 %}", "End": true}"#),
        &["error 2:41 only a variable can come before `:=` | write `$name := ...`"],
    );
}

#[test]
fn what_expressions_refer_to() {
    expect(
        &of_jsonata(r#"{"Type": "Pass", "Output": "{% phone %}", "End": true}"#),
        &[
            "error 2:37 `phone` has no meaning at the top of an expression | write `$states.input.phone` for a field of the input, `$phone` for a variable",
        ],
    );
    expect(
        &of_jsonata(r#"{"Type": "Pass", "Output": "{% aaa + bbb.c + $.d + $$.e %}", "End": true}"#),
        &[
            "error 2:37 `aaa` has no meaning at the top of an expression | write `$states.input.aaa` for a field of the input, `$aaa` for a variable",
            "error 2:43 `bbb` has no meaning at the top of an expression | write `$states.input.bbb` for a field of the input, `$bbb` for a variable",
            "error 2:51 `$` has no meaning at the top of an expression | the state's input is `$states.input`",
            "error 2:57 `$$` cannot be used in Step Functions | the state's input is `$states.input`",
        ],
    );
    expect(
        &of_jsonata(
            r#"{"Type": "Pass", "Output": "{% $map($states.input.a, function($x){ b + $x.c }) %}", "End": true}"#,
        ),
        &[
            "error 2:73 `b` has no meaning at the top of an expression | write `$states.input.b` for a field of the input, `$b` for a variable",
        ],
    );
    expect(
        &of_jsonata(
            r#"{"Type": "Pass", "Output": "{% $states.input.items[price > 3 and $.on].(name & $) ^(>name) %}", "End": true}"#,
        ),
        &[],
    );
    expect(
        &of_jsonata(
            r#"{"Type": "Pass", "Output": "{% {'a': $states.input.a, key: 1} %}", "End": true}"#,
        ),
        &[
            "error 2:60 `key` has no meaning at the top of an expression | write `$states.input.key` for a field of the input, `$key` for a variable",
        ],
    );
    expect(
        &of_jsonata(
            r#"{"Type": "Pass", "Output": "{% $states.inputs.a & $states.resul %}", "End": true}"#,
        ),
        &[
            "error 2:37 `$states` has no field `inputs` | did you mean `$states.input`?",
            "error 2:56 `$states` has no field `resul` | did you mean `$states.result`?",
        ],
    );
    expect(
        &of_jsonata(
            r#"{"Type": "Pass", "Output": "{% $states.result %}", "Assign": {"e": "{% $states.errorOutput.Error %}"}, "End": true}"#,
        ),
        &[
            "error 2:37 there is no `$states.result` here | only `Output` and `Assign` of a Task, Parallel or Map state see a result; elsewhere use `$states.input`",
            "error 2:77 there is no `$states.errorOutput` here | only `Output` and `Assign` of a catcher see the error: keep it there in a variable",
        ],
    );
    expect(
        &of_jsonata(
            r#"{"Type": "Task", "Resource": "${f.arn}", "Arguments": "{% $states.result %}", "Output": "{% $states.result %}", "Assign": {"r": "{% $states.result.x %}"}, "Catch": [{"ErrorEquals": ["States.ALL"], "Output": "{% $states.errorOutput.Cause %}", "Assign": {"e": "{% $states.result %}"}, "Next": "A"}], "End": true}"#,
        ),
        &[
            "error 2:64 there is no `$states.result` here | only `Output` and `Assign` of a Task, Parallel or Map state see a result; elsewhere use `$states.input`",
            "error 2:268 there is no `$states.result` here | only `Output` and `Assign` of a Task, Parallel or Map state see a result; elsewhere use `$states.input`",
        ],
    );
}

#[test]
fn functions_and_variables() {
    expect(
        &of_jsonata(
            r#"{"Type": "Pass", "Output": "{% $eval('1') & $sunstring('a', 1) & sum([1]) & $uuid() & $foo(1) %}", "End": true}"#,
        ),
        &[
            "error 2:37 Step Functions has no `$eval` | `$parse` reads JSON from a text",
            "warning 2:50 there is no function `$sunstring` | did you mean `$substring`?",
            "error 2:71 `sum(...)` calls no function: names of functions begin with `$` | did you mean `$sum(...)`?",
            "warning 2:92 there is no function `$foo` | a variable of the workflow cannot hold a function: bind one here with `:=`",
        ],
    );
    expect(
        &of_jsonata(
            r#"{"Type": "Pass", "Output": "{% ($f := function($a){ $a * 2 }; $f(2) + $states.input@$v#$i.x[$i > $v] ~> $f) %}", "End": true}"#,
        ),
        &[],
    );
    expect(
        &of_jsonata(
            r#"{"Type": "Pass", "Assign": {"total": 1}, "Output": "{% $totl + $total + $other + $uppercase %}", "End": true}"#,
        ),
        &[
            "warning 2:61 no state assigns the variable `$totl` | did you mean `$total`?",
            r#"warning 2:78 no state assigns the variable `$other` | give it a value before, in "Assign": {"other": ...}"#,
        ],
    );
    expect(
        &of_jsonata(r#"{"Type": "Pass", "Output": "{% $states := 1 %}", "End": true}"#),
        &["error 2:37 `$states` is reserved and cannot be bound | take another name"],
    );
    expect(
        &of_jsonata(
            r#"{"Type": "Pass", "Output": "{% $states.context.Execution.Nam & $states.context.Excution.Id & $states.context.Task.Token %}", "End": true}"#,
        ),
        &[
            "warning 2:37 the context object has no field `Nam` there | did you mean `Name`?",
            "warning 2:69 the context object has no field `Excution` there | did you mean `Execution`?",
        ],
    );
    expect(
        &of_jsonata(
            r#"{"Type": "Pass", "Output": "{% '${param.x}' & ${param.n} %}", "End": true}"#,
        ),
        &[],
    );
}

#[test]
fn expressions_and_texts() {
    expect(
        &of_jsonata(r#"{"Type": "Pass", "Output": "{% 1 %} ", "End": true}"#),
        &["error 2:33 this expression is not closed | end the text in `%}`, with nothing after it"],
    );
    expect(
        &of_jsonata(r#"{"Type": "Pass", "Output": " {% 1 %}", "End": true}"#),
        &[
            "error 2:33 this expression is not opened | begin the text with `{%`, with nothing before it",
        ],
    );
    expect(
        &of_jsonata(
            r#"{"Type": "Pass", "Output": {"a": "Hello {% $states.input.name %}!", "b": "$.x", "c": "$states.input.y", "d": "$$.Execution.Id", "e.$": "$.z", "f": "States.UUID()", "g": "$9.99", "h": "{%1%}"}, "End": true}"#,
        ),
        &[
            "warning 2:39 this expression is taken as a text, for there is more around it | begin the text with {% and end it with %}, and join texts with `&` inside",
            r#"warning 2:79 `$.x` is taken as a text, not looked up | write "{% $states.input.x %}""#,
            r#"warning 2:91 `$states.input.y` is taken as a text, not looked up | write "{% $states.input.y %}""#,
            r#"warning 2:115 `$$.Execution.Id` is taken as a text, not looked up | write "{% $states.context.Execution.Id %}""#,
            r#"warning 2:134 `e.$` is taken as it is: keys that end in `.$` belong to JSONPath | write "e": "{% $states.input.z %}""#,
            "warning 2:153 intrinsic functions belong to JSONPath: this is taken as a text | JSONata has functions for it: $string, $join, $merge, $uuid ...",
        ],
    );
    expect(
        &of_jsonata(r#"{"Type": "Wait", "Seconds": "{% phone %}", "End": true}"#),
        &[
            "error 2:38 `phone` has no meaning at the top of an expression | write `$states.input.phone` for a field of the input, `$phone` for a variable",
        ],
    );
    expect(
        &of_jsonata(r#"{"Type": "Wait", "Timestamp": "{% $now( %}", "End": true}"#),
        &[
            "error 2:46 this is not valid JSONata: it ends too early | something is missing at the end: a value, a quote or a bracket",
        ],
    );
    expect(
        &of_jsonata(
            r#"{"Type": "Fail", "Error": "{% phone %}", "Cause": "{% $states.input.c %}"}"#,
        ),
        &[
            "error 2:36 `phone` has no meaning at the top of an expression | write `$states.input.phone` for a field of the input, `$phone` for a variable",
        ],
    );
    expect(
        &of_jsonata(
            r#"{"Type": "Task", "Resource": "${f.arn}", "TimeoutSeconds": "{% a %}", "Credentials": {"RoleArn": "{% b %}"}, "Comment": "{% c %}", "End": true}"#,
        ),
        &[
            "error 2:69 `a` has no meaning at the top of an expression | write `$states.input.a` for a field of the input, `$a` for a variable",
            "error 2:107 `b` has no meaning at the top of an expression | write `$states.input.b` for a field of the input, `$b` for a variable",
        ],
    );
}

/// Each is evaluated too, with the variable `$states` as the context value has it: none may be warned of.
#[test]
fn what_jsonata_evaluates_has_no_finding() {
    let data = json!({ "items": [{ "p": 3, "q": 4, "k": "x", "a": 2, "l": [1, 5] }, { "p": 1, "q": 2, "k": "y", "a": 1, "l": [7] }],
        "n": [1, 4, 5], "t": ["a", "b"] });
    for expression in [
        "$states.input.n[$ > 3]",
        "$states.input.n.($ * 2)",
        "$states.input.items.($.p * $.q)",
        "$states.input.items^($.a)",
        "$states.input.items^(>$.a, <$.p).k",
        "$states.input.items{$.k: $.a}",
        "$states.input.t.$uppercase($)",
        "$states.input.items[$.p > 1].l[$ > 1]",
        "$states.input.items.{'k': $.k, 'first': l[0]}",
        "$states.input.items.l.($string($) & '!')",
        "$states.input ~> |items|{'p': $.p + 1}|",
        "$states.input.items@$i.l.($ + $i.p)",
        "$states.input.items#$i.($i & $.k)",
        "($f := function($n){ $n < 1 ? 0 : $f($n - 1) }; $f(3))",
        "($odd := function($n){ $n = 0 ? false : $even($n - 1) }; $even := function($n){ $n = 0 ? true : $odd($n - 1) }; $odd(3))",
        "($add := function($a, $b){ $a + $b }; $three := $add(?, 3); $three(1))",
        "$map($states.input.n, function($v, $i){ $v * $i })",
        "$states.input.n ~> $map(function($v){ $v + 1 }) ~> $sum",
        "($o := {'f': function($x){ $x + 1 }}; $o.f(1))",
    ] {
        let tree = parser::parse(expression).unwrap();
        let mut context = Context::new();
        context.bind("states".to_owned(), json!({ "input": data }).into());
        let value =
            Evaluator::with_context(context).evaluate(&tree, &serde_json::Value::Null.into());
        assert!(value.is_ok(), "{expression}: {value:?}");
        let state =
            json!({ "Type": "Pass", "Output": format!("{{% {expression} %}}"), "End": true });
        expect(&of_jsonata(&state.to_string()), &[]);
    }
}

#[test]
fn what_a_lambda_does_not_see_is_a_finding() {
    for (expression, name) in [
        ("($f := function($n){ $g($n) }; $f(3))", "$g"),
        ("($f := $f(3))", "$f"),
        ("($f(1); $f := function($n){ $n })", "$f"),
    ] {
        let state =
            json!({ "Type": "Pass", "Output": format!("{{% {expression} %}}"), "End": true });
        let found = of_jsonata(&state.to_string());
        assert!(
            found.contains(&format!("there is no function `{name}`")),
            "{expression}: {found}"
        );
    }
    // A name without `$` in a step may be a field; the name of a built-in function most likely is none.
    let state = r#"{"Type": "Pass", "Output": "{% $states.input.t.uppercase($) %}", "End": true}"#;
    assert!(
        of_jsonata(state).starts_with("warning"),
        "{}",
        of_jsonata(state)
    );
}
