//! The structure of definitions: fields, types, transitions.

use super::{expect, findings, of_jsonata, of_state};

#[test]
fn a_good_definition_has_no_findings() {
    let text = r#"{
  "Comment": "${stack}",
  "StartAt": "A",
  "TimeoutSeconds": 60,
  "Version": "1.0",
  "States": {
    "A": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke",
      "Parameters": {"FunctionName": "${extract.arn}", "Payload.$": "$"},
      "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "F"}], "Next": "C"},
    "C": {"Type": "Choice", "Choices": [{"Variable": "$.x", "IsPresent": true, "Next": "W"}], "Default": "S"},
    "W": {"Type": "Wait", "Seconds": 1, "Next": "P"},
    "P": {"Type": "Parallel", "Branches": [
        {"StartAt": "P1", "States": {"P1": {"Type": "Pass", "End": true}}},
        {"StartAt": "P2", "States": {"P2": {"Type": "Pass", "End": true}}}], "Next": "M"},
    "M": {"Type": "Map", "ItemProcessor": {"StartAt": "M1", "States": {"M1": {"Type": "Succeed"}}}, "End": true},
    "S": {"Type": "Succeed"},
    "F": {"Type": "Fail", "Error": "No", "Cause": "why"}
  }
}"#;
    expect(&findings(text), &[]);
}

#[test]
fn the_top_of_a_definition() {
    expect(
        &findings("[1]"),
        &[
            "error 1:1 a definition must be an object, not a list | write a state machine: {\"StartAt\": ..., \"States\": {...}}",
        ],
    );
    expect(
        &findings("{}"),
        &[
            "error 1:1 this is no Step Functions definition: it has neither `StartAt` nor `States` | a definition has `StartAt` and `States`; a stack file has `stack` and a section such as `functions`",
        ],
    );
    expect(
        &findings("{\"Comment\": \"c\"}"),
        &[
            "error 1:1 the definition has no `StartAt` | name the state to begin with: \"StartAt\": \"...\"",
            "error 1:1 the definition has no `States` | add \"States\": {...} with at least one state",
        ],
    );
    expect(
        &findings("{\"StartAt\": \"A\",\n \"States\": {}}"),
        &["error 2:12 `States` is empty | add at least one state"],
    );
    expect(
        &findings("{\"StartAt\": 1,\n \"States\": []}"),
        &[
            "error 1:13 `StartAt` must be a text, not the number 1 | put it in double quotes",
            "error 2:12 `States` must be an object, not a list | write it as {...}",
        ],
    );
    expect(
        &findings("{\"StartsAt\": \"A\", \"States\": {\"A\": {\"Type\": \"Succeed\"}}}"),
        &["error 1:2 `StartsAt` is not a field of a state machine | did you mean `StartAt`?"],
    );
    expect(
        &findings(
            "{\"StartAt\": \"A\", \"TimeoutSeconds\": 0, \"Version\": \"2\", \"QueryLanguage\": \"JsonPath\", \"States\": {\"A\": {\"Type\": \"Succeed\"}}}",
        ),
        &[
            "error 1:36 `TimeoutSeconds` is 0, less than 1 | write 1 or more",
            "error 1:50 there is no version `2` of the language | write \"1.0\", or leave it out",
            "error 1:72 there is no query language `JsonPath` | did you mean `JSONPath`?",
        ],
    );
}

#[test]
fn targets_that_are_missing() {
    let text = r#"{"StartAt": "Fist", "States": {
"First": {"Type": "Task", "Resource": "${f.arn}", "Catch": [{"ErrorEquals": ["X"], "Next": "Oops"}], "Next": "Secnod"},
"Second": {"Type": "Choice", "Choices": [{"Variable": "$.a", "IsNull": true, "Next": "Thrid"}], "Default": "Elsewhere"},
"Third": {"Type": "Succeed"}
}}"#;
    expect(
        &findings(text),
        &[
            "error 1:13 `StartAt` leads to `Fist`, and there is no such state beside it | did you mean `First`?",
            "error 2:92 state `First` leads to `Oops`, and there is no such state beside it | the states here are `First`, `Second` and `Third`",
            "error 2:110 state `First` leads to `Secnod`, and there is no such state beside it | did you mean `Second`?",
            "error 3:86 state `Second` leads to `Thrid`, and there is no such state beside it | did you mean `Third`?",
            "error 3:108 state `Second` leads to `Elsewhere`, and there is no such state beside it | the states here are `First`, `Second` and `Third`",
        ],
    );
}

#[test]
fn states_that_nothing_leads_to() {
    let text = r#"{"StartAt": "A", "States": {
"A": {"Type": "Pass", "Next": "B"},
"B": {"Type": "Succeed"},
"C": {"Type": "Pass", "Next": "D"},
"D": {"Type": "Pass", "Next": "C"}
}}"#;
    expect(
        &findings(text),
        &[
            "error 4:1 nothing leads to the state `C` from `A` | name it in a `Next`, `Default` or `Catch`, or remove it",
            "error 5:1 nothing leads to the state `D` from `A` | name it in a `Next`, `Default` or `Catch`, or remove it",
        ],
    );
}

#[test]
fn ends_that_cannot_be_reached() {
    let circle = r#"{"StartAt": "A", "States": {
"A": {"Type": "Pass", "Next": "B"},
"B": {"Type": "Pass", "Next": "A"}
}}"#;
    expect(
        &findings(circle),
        &[
            "error 1:18 this machine cannot reach an end | give a state \"End\": true, or lead to a Succeed or Fail state",
        ],
    );
    let trap = r#"{"StartAt": "A", "States": {
"A": {"Type": "Choice", "Choices": [{"Variable": "$.a", "IsNull": true, "Next": "B"}], "Default": "E"},
"B": {"Type": "Pass", "Next": "C"},
"C": {"Type": "Wait", "Seconds": 1, "Next": "B"},
"E": {"Type": "Succeed"}
}}"#;
    expect(
        &findings(trap),
        &[
            "warning 3:1 from `B` and `C` no end can be reached | unless this is meant to run until it is stopped, lead out of the loop",
        ],
    );
}

#[test]
fn names_of_states() {
    let long = "n".repeat(81);
    let text = format!(
        r#"{{"StartAt": "A", "States": {{
"A": {{"Type": "Parallel", "Branches": [
  {{"StartAt": "B", "States": {{"B": {{"Type": "Succeed"}}}}}},
  {{"StartAt": "B", "States": {{"B": {{"Type": "Succeed"}}}}}}], "Next": "{long}"}},
"{long}": {{"Type": "Succeed"}}
}}}}"#
    );
    expect(
        &findings(&text),
        &[
            "error 4:31 two states are named `B` | the other is on line 3; names are unique across all branches: rename one",
            "error 5:1 the state's name is 81 characters long | names have at most 80; say more in its `Comment`",
        ],
    );
}

#[test]
fn types_and_fields() {
    expect(
        &of_state(r#"{"Type": "Taks", "End": true}"#),
        &["error 2:15 there is no state type `Taks` | did you mean `Task`?"],
    );
    expect(
        &of_state(r#"{"End": true}"#),
        &[
            "error 2:1 the state `A` has no `Type` | write one of `Task`, `Pass`, `Choice`, `Wait`, `Succeed`, `Fail`, `Parallel` or `Map`",
        ],
    );
    expect(
        &of_state("3"),
        &["error 2:6 the state `A` must be an object, not the number 3 | write it as {...}"],
    );
    expect(
        &of_state(r#"{"Type": "Pass", "Results": 1, "end": true, "End": true}"#),
        &[
            "error 2:23 `Results` is not a field of a Pass state | did you mean `Result`?",
            "error 2:37 `end` is not a field of a Pass state | did you mean `End`?",
        ],
    );
    expect(
        &of_state(r#"{"Type": "Pass", "Retry": [], "Parameters.$": "$", "End": true}"#),
        &[
            "error 2:23 `Retry` is not a field of a Pass state | only Task, Parallel, Map states have it: remove it",
            "error 2:36 `Parameters.$` is not a field of a Pass state | `.$` belongs on keys inside `Parameters` and the like; write `Parameters` or `ParametersPath` here",
        ],
    );
    expect(
        &of_state(r#"{"Type": "Succeed", "End": true}"#),
        &[
            "error 2:26 `End` is not a field of a Succeed state | a Succeed state ends the machine: remove it",
        ],
    );
}

#[test]
fn fields_of_the_other_language() {
    expect(
        &of_jsonata(
            r#"{"Type": "Task", "Resource": "${f.arn}", "Parameters": {}, "ResultPath": "$.x", "End": true}"#,
        ),
        &[
            "error 2:47 `Parameters` is a JSONPath field, but the query language here is JSONata | write `Arguments`, and `{% $states.input %}` in place of paths",
            "error 2:65 `ResultPath` is a JSONPath field, but the query language here is JSONata | write `Output`, for example `{% $merge([$states.input, {'got': $states.result}]) %}`",
        ],
    );
    expect(
        &of_jsonata(r#"{"Type": "Wait", "SecondsPath": "$.x", "End": true}"#),
        &[
            "error 2:1 the Wait state `A` does not say how long | give it `Seconds` or `Timestamp`",
            "error 2:23 `SecondsPath` is a JSONPath field, but the query language here is JSONata | write `Seconds` with a `{% ... %}` expression",
        ],
    );
    expect(
        &of_state(r#"{"Type": "Task", "Resource": "${f.arn}", "Arguments": {}, "End": true}"#),
        &[
            "error 2:47 `Arguments` is a JSONata field, but the query language here is JSONPath | write `Parameters`, with `.$` at the end of keys that take a path, or give the state \"QueryLanguage\": \"JSONata\"",
        ],
    );
    expect(
        &of_jsonata(r#"{"Type": "Pass", "QueryLanguage": "JSONPath", "End": true}"#),
        &[
            "error 2:40 a JSONPath state is not allowed in a JSONata definition | write the state in JSONata, or let each state name its language and the definition none",
        ],
    );
    expect(
        &of_state(r#"{"Type": "Pass", "QueryLanguage": "JSONata", "Output": 1, "End": true}"#),
        &[],
    );
}

#[test]
fn next_and_end() {
    expect(
        &of_state(r#"{"Type": "Pass"}"#),
        &[
            "error 2:1 the state `A` has neither `Next` nor `End` | write \"Next\": \"...\", or \"End\": true",
        ],
    );
    expect(
        &of_state(r#"{"Type": "Pass", "Next": "A", "End": true}"#),
        &["error 2:36 the state `A` has both `Next` and `End` | keep one of the two"],
    );
    expect(
        &of_state(r#"{"Type": "Pass", "End": false}"#),
        &["error 2:30 `End` can only be true | write \"Next\": \"...\" instead, or \"End\": true"],
    );
    expect(
        &of_state(r#"{"Type": "Pass", "End": "true"}"#),
        &["error 2:30 `End` must be true, not the text `true` | write \"End\": true"],
    );
}

#[test]
fn what_each_type_must_have() {
    expect(
        &of_state(r#"{"Type": "Task", "End": true}"#),
        &[
            "error 2:1 the Task state `A` has no `Resource` | name what it calls, for example \"arn:aws:states:::lambda:invoke\"",
        ],
    );
    expect(
        &of_state(r#"{"Type": "Parallel", "End": true}"#),
        &[
            "error 2:1 the Parallel state `A` has no `Branches` | add \"Branches\": [{\"StartAt\": ..., \"States\": {...}}]",
        ],
    );
    expect(
        &of_state(r#"{"Type": "Parallel", "Branches": [], "End": true}"#),
        &["error 2:39 `Branches` is an empty list | give it at least one item"],
    );
    expect(
        &of_state(r#"{"Type": "Map", "End": true}"#),
        &[
            "error 2:1 the Map state `A` has no `ItemProcessor` | add \"ItemProcessor\": {\"StartAt\": ..., \"States\": {...}} with the states each item goes through",
        ],
    );
    expect(
        &of_state(r#"{"Type": "Wait", "End": true}"#),
        &[
            "error 2:1 the Wait state `A` does not say how long | give it `Seconds`, `SecondsPath`, `Timestamp` or `TimestampPath`",
        ],
    );
    expect(
        &of_state(r#"{"Type": "Wait", "Seconds": 1, "SecondsPath": "$.s", "End": true}"#),
        &["error 2:37 `Seconds` and `SecondsPath` exclude each other | keep one of the two"],
    );
    expect(
        &of_state(r#"{"Type": "Choice"}"#),
        &[
            "error 2:1 the Choice state `A` has no `Choices` | add \"Choices\": [...] with at least one rule",
            "warning 2:1 the Choice state `A` has no `Default` | the execution fails with States.NoChoiceMatched when no rule holds: add a `Default`",
        ],
    );
}

#[test]
fn numbers() {
    expect(
        &of_state(
            r#"{"Type": "Task", "Resource": "${f.arn}", "TimeoutSeconds": "${param.t}", "HeartbeatSeconds": 0.5, "End": true}"#,
        ),
        &[
            "error 2:65 `TimeoutSeconds` must be a whole number, not the text `${param.t}` | a reference becomes a text, and a text is not a number: write the number itself",
            "error 2:99 `HeartbeatSeconds` must be a whole number, not 0.5 | leave out the fraction",
        ],
    );
    expect(
        &of_state(
            r#"{"Type": "Task", "Resource": "${f.arn}", "TimeoutSeconds": 100000000, "HeartbeatSeconds": 5, "HeartbeatSecondsPath": "$.x", "End": true}"#,
        ),
        &[
            "error 2:65 `TimeoutSeconds` is 100000000, more than 99999999 | write 99999999 or less",
            "error 2:99 `HeartbeatSeconds` and `HeartbeatSecondsPath` exclude each other | keep one of the two",
        ],
    );
    expect(
        &of_jsonata(
            r#"{"Type": "Task", "Resource": "${f.arn}", "TimeoutSeconds": "{% $states.input.t %}", "End": true}"#,
        ),
        &[],
    );
}

#[test]
fn a_definition_too_large() {
    let filler = "x".repeat(1_048_576);
    let found = findings(&format!(
        "{{\"Comment\": \"{filler}\", \"StartAt\": \"A\", \"States\": {{\"A\": {{\"Type\": \"Succeed\"}}}}}}"
    ));
    expect(
        &found,
        &[
            "error 1:1 the definition is 1048638 bytes long without its blanks | Step Functions takes 1048576: move a part to a machine of its own and start it from here",
        ],
    );
}
