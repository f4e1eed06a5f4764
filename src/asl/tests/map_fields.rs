//! The numbers of a Map, their paths, and its label.

use super::{expect, findings, of_jsonata, of_state};

/// The three objects of a distributed Map with numbers: the state, `ReaderConfig` and `ItemBatcher`.
fn with_numbers(state: &str, reader: &str, batcher: &str) -> String {
    format!(
        r#"{{"Type": "Map", {state}"ItemReader": {{"Resource": "arn:aws:states:::s3:getObject", "ReaderConfig": {{"InputType": "JSON"{reader}}}, "ARGUMENTS": {{"Bucket": "b", "Key": "k"}}}}, "ItemBatcher": {{{batcher}}},
"ItemProcessor": {{"ProcessorConfig": {{"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"}}, "StartAt": "B", "States": {{"B": {{"Type": "Succeed"}}}}}}, "End": true}}"#
    )
}

/// "Minimum value is 0" is AWS's answer for every number of a Map, and the literal 0 is taken.
#[test]
fn numbers_of_a_map_from_zero() {
    let all = |number: &str| {
        with_numbers(
            &format!(
                r#""MaxConcurrency": {number}, "ToleratedFailureCount": {number}, "ToleratedFailurePercentage": {number}, "#
            ),
            &format!(r#", "MaxItems": {number}"#),
            &format!(r#""MaxItemsPerBatch": {number}, "MaxInputBytesPerBatch": {number}"#),
        )
    };
    expect(&of_state(&all("0").replace("ARGUMENTS", "Parameters")), &[]);
    expect(
        &of_jsonata(&all("0").replace("ARGUMENTS", "Arguments")),
        &[],
    );
    let found = of_state(&all("-1").replace("ARGUMENTS", "Parameters"));
    let least = "is -1, less than 0 | write 0 or more";
    assert_eq!(found.matches(least).count(), 6, "{found}");
}

/// The fields that end in `Path`: of the context object, `ItemsPath` alone.
#[test]
fn numbers_of_a_map_by_path() {
    let all = |path: &str| {
        with_numbers(
            &format!(
                r#""MaxConcurrencyPath": "{path}", "ToleratedFailureCountPath": "{path}", "ToleratedFailurePercentagePath": "{path}", "#
            ),
            &format!(r#", "MaxItemsPath": "{path}""#),
            &format!(r#""MaxItemsPerBatchPath": "{path}", "MaxInputBytesPerBatchPath": "{path}""#),
        )
    };
    expect(
        &of_state(&all("$.n").replace("ARGUMENTS", "Parameters")),
        &[],
    );
    let found = of_state(&all("$$.Execution.Input.n").replace("ARGUMENTS", "Parameters"));
    let line = "this number cannot come from the context object: of a Map, only `ItemsPath` reads it | put it into the state's input or a variable before, and write `$.name` or `$name`";
    assert_eq!(found.matches(line).count(), 6, "{found}");
    assert_eq!(found.lines().count(), 6, "{found}");
    expect(
        &of_state(
            r#"{"Type": "Map", "ItemsPath": "$$.Execution.Input.l", "ItemProcessor": {"StartAt": "B", "States": {"B": {"Type": "Succeed"}}}, "End": true}"#,
        ),
        &[],
    );
    // JSONata has none of them, whatever the path is.
    for path in ["$.n", "$$.Execution.Input.n"] {
        let found = of_jsonata(&all(path).replace("ARGUMENTS", "Arguments"));
        for field in [
            "MaxConcurrency",
            "ToleratedFailureCount",
            "ToleratedFailurePercentage",
            "MaxItems",
            "MaxItemsPerBatch",
            "MaxInputBytesPerBatch",
        ] {
            let line = format!(
                "`{field}Path` is a JSONPath field, but the query language here is JSONata | write `{field}` with a `{{% ... %}}` expression"
            );
            assert_eq!(found.matches(&line).count(), 1, "{found}");
        }
        assert_eq!(found.lines().count(), 6, "{found}");
    }
}

#[test]
fn labels() {
    let map = |name: &str, label: &str, mode: &str, next: &str| {
        format!(
            r#""{name}": {{"Type": "Map", "Label": "{label}", "ItemProcessor": {{"ProcessorConfig": {mode}, "StartAt": "I{name}", "States": {{"I{name}": {{"Type": "Succeed"}}}}}}, {next}}}"#
        )
    };
    let distributed = r#"{"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}"#;
    let one = |label: &str| {
        let state = map("A", label, distributed, r#""End": true"#);
        of_state(state.strip_prefix(r#""A": "#).unwrap())
    };
    for label in [
        "x",
        "Größe_1-2.3!",
        "${param.label}",
        "${param.a_long_name_of_a_parameter}-${stage}-map",
    ] {
        assert_eq!(one(label), "", "{label}");
    }
    let forty = "m".repeat(40);
    assert_eq!(one(&forty), "");
    expect(
        &one(&format!("{forty}m")),
        &["error 2:31 the label is 41 characters long | labels have at most 40"],
    );
    expect(
        &one(""),
        &[
            "error 2:31 the label is empty | write 1 to 40 characters, or leave it out: Step Functions then makes one",
        ],
    );
    for letter in [
        " ", r"\t", "?", "*", "<", ">", "{", "}", "[", "]", ":", ";", ",", "|", "^", "~", "$", "#",
        "%", "&", "`", r"\u007f",
    ] {
        let found = one(&format!("a{letter}b"));
        assert!(
            found.starts_with("error 2:31 a label cannot have `"),
            "{letter}: {found}"
        );
    }
    // Twice in one definition, whatever machine they are in; an inline Map's has no effect.
    let two = |mode: &str| {
        let inner = map("M", "same", mode, r#""End": true"#);
        findings(&format!(
            r#"{{"StartAt": "A", "States": {{
{},
"P": {{"Type": "Parallel", "Branches": [{{"StartAt": "M", "States": {{
{inner}}}}}], "End": true}}}}}}"#,
            map("A", "same", distributed, r#""Next": "P""#)
        ))
    };
    expect(
        &two(distributed),
        &[
            "error 4:31 two Maps have the label `same` | the other is on line 2; labels are unique in a definition: change one, or leave it out",
        ],
    );
    let inline = two(r#"{"Mode": "INLINE"}"#);
    assert!(
        inline.starts_with("warning 4:22 `Label` has no effect") && !inline.contains("two Maps"),
        "{inline}"
    );
}
