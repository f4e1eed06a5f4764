//! Map states, inline and distributed; and the query language and ends of branches and item processors.

use super::{expect, of_jsonata, of_state};

#[test]
fn inline_and_distributed() {
    expect(
        &of_state(
            r#"{"Type": "Map", "ItemProcessor": {"StartAt": "B", "States": {"B": {"Type": "Succeed"}}}, "Iterator": {}, "MaxConcurrency": 100, "ToleratedFailureCount": 1, "Label": "a", "End": true}"#,
        ),
        &[
            "error 2:95 `ItemProcessor` and `Iterator` exclude each other | keep one of the two",
            "warning 2:129 an inline Map runs at most 40 items at once, not 100 | a distributed Map runs up to 10,000",
            r#"warning 2:134 `ToleratedFailureCount` and `Label` have no effect in an inline Map | give `ItemProcessor` "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}"#,
        ],
    );
    expect(
        &of_state(
            r#"{"Type": "Map", "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED"}, "StartAt": "B", "States": {"B": {"Type": "Succeed"}}}, "End": true}"#,
        ),
        &[
            r#"error 2:59 a distributed Map must say how its children run | add "ExecutionType": "STANDARD" or "EXPRESS""#,
        ],
    );
    expect(
        &of_state(
            r#"{"Type": "Map", "ItemProcessor": {"ProcessorConfig": {"Mode": "INLINE", "ExecutionType": "EXPRESS"}, "StartAt": "B", "States": {"B": {"Type": "Succeed"}}}, "End": true}"#,
        ),
        &[
            r#"warning 2:78 `ExecutionType` has no effect in an inline Map | remove it, or write "Mode": "DISTRIBUTED""#,
        ],
    );
    expect(
        &of_state(
            r#"{"Type": "Map", "ItemProcessor": {"ProcessorConfig": {"Mode": "Distributed", "Type": 1}, "StartAt": "B", "States": {"B": {"Type": "Succeed"}}}, "End": true}"#,
        ),
        &[
            "error 2:68 `Mode` cannot be `Distributed` | did you mean `DISTRIBUTED`?",
            "error 2:83 `Type` is not a field of `ProcessorConfig` | `ProcessorConfig` has `Mode` and `ExecutionType`",
        ],
    );
    expect(
        &of_state(
            r#"{"Type": "Map", "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, "StartAt": "B", "States": {"B": {"Type": "Succeed"}}}, "ToleratedFailurePercentage": 101, "ToleratedFailureCount": -1, "MaxConcurrency": 1.5, "MaxConcurrencyPath": "$.m[*]", "Label": "a b", "End": true}"#,
        ),
        &[
            "error 2:198 `ToleratedFailurePercentage` is 101, more than 100 | write 100 or less",
            "error 2:228 `ToleratedFailureCount` is -1, less than 0 | write 0 or more",
            "error 2:250 `MaxConcurrency` must be a whole number, not 1.5 | leave out the fraction",
            "error 2:255 `MaxConcurrency` and `MaxConcurrencyPath` exclude each other | keep one of the two",
            "error 2:281 `[*]` selects every value, and one value is needed here | a reference path names one value, with .name, ['name'] and [0] only",
            "error 2:296 a label cannot have ` ` | write letters, digits, hyphens and underscores",
        ],
    );
    expect(
        &of_state(
            r#"{"Type": "Map", "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, "QueryLanguage": "JSONata", "StartAt": "B", "States": {"B": {"Type": "Succeed"}}}, "Label": "aaaaaaaaaabbbbbbbbbbccccccccccdddddddddde", "ItemSelector": {"a.$": "b"}, "Parameters": {}, "End": true}"#,
        ),
        &[
            "error 2:113 `QueryLanguage` belongs at the top of the definition, not in `ItemProcessor` | move it there, or remove it",
            "error 2:205 the label is 41 characters long | labels have at most 40",
            "error 2:275 the path `b` does not begin with `$` | write `$.b`, or remove `.$` from the key if this is the value itself",
            "error 2:280 `ItemSelector` and `Parameters` exclude each other | keep one of the two",
        ],
    );
    expect(
        &of_state(
            r#"{"Type": "Map", "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"}, "StartAt": "B", "States": {"B": {"Type": "Task", "Resource": "arn:aws:states:::ecs:runTask.sync", "End": true}}}, "End": true}"#,
        ),
        &[
            "error 2:173 an Express workflow cannot wait for a job, a token or an activity | let it run as a STANDARD one, or call without waiting",
        ],
    );
    expect(
        &of_jsonata(
            r#"{"Type": "Map", "Items": "{% items %}", "ItemSelector": {"Next": "{% phone %}"}, "MaxConcurrency": "{% $states.input.m %}", "ItemProcessor": {"StartAt": "B", "States": {"B": {"Type": "Succeed"}}}, "End": true}"#,
        ),
        &[
            "error 2:35 `items` has no meaning at the top of an expression | write `$states.input.items` for a field of the input, `$items` for a variable",
            "error 2:75 `phone` has no meaning at the top of an expression | write `$states.input.phone` for a field of the input, `$phone` for a variable",
        ],
    );
    expect(
        &of_jsonata(
            r#"{"Type": "Map", "Items": "items", "ItemProcessor": {"StartAt": "B", "States": {"B": {"Type": "Pass", "Next": "B"}}}, "End": true}"#,
        ),
        &[
            r#"error 2:31 `Items` must be a list, an object or an expression, not the text `items` | write "{% $states.input.items %}""#,
            r#"warning 2:74 this part cannot reach an end | give a state "End": true, or lead to a Succeed or Fail state"#,
        ],
    );
}

#[test]
fn readers_and_writers() {
    expect(
        &of_state(
            r#"{"Type": "Map", "ItemReader": {"Resource": "arn:aws:states:::s3:getObject", "ReaderConfig": {"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW", "MaxItems": 10}, "Parameters": {"Bucket": "b", "Key.$": "$.k"}}, "ItemBatcher": {"MaxItemsPerBatch": 10, "BatchInput": {"a.$": "$.b"}}, "ResultWriter": {"Resource": "arn:aws:states:::s3:putObject", "Parameters": {"Bucket": "b", "Prefix": "p"}, "WriterConfig": {"Transformation": "FLATTEN", "OutputType": "JSONL"}}, "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"}, "StartAt": "B", "States": {"B": {"Type": "Succeed"}}}, "Label": "Map", "End": true}"#,
        ),
        &[],
    );
    expect(
        &of_state(
            r#"{"Type": "Map", "ItemReader": {"Resource": "arn:aws:states:::s3:getObjects", "ReaderConfig": {"InputType": "XML", "CSVDelimiter": ",", "MaxItems": -1, "Foo": 1}, "Arguments": {"Bucket": "b"}}, "ItemsPath": "$.i", "ItemBatcher": {}, "ResultWriter": {}, "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"}, "StartAt": "B", "States": {"B": {"Type": "Succeed"}}}, "End": true}"#,
        ),
        &[
            r#"error 2:36 `ItemReader` has no `Parameters` | add "Parameters": {"Bucket": ...}"#,
            "error 2:49 `arn:aws:states:::s3:getObjects` is not allowed here | write `arn:aws:states:::s3:getObject` or `arn:aws:states:::s3:listObjectsV2`",
            "error 2:113 `InputType` cannot be `XML` | write `CSV`, `JSON`, `JSONL`, `MANIFEST` or `PARQUET`",
            "error 2:136 `CSVDelimiter` cannot be `,` | write `COMMA`, `PIPE`, `SEMICOLON`, `SPACE` or `TAB`",
            "error 2:153 `MaxItems` is -1, less than 0 | write 0 or more",
            "error 2:157 `Foo` is not a field of `ReaderConfig` | `ReaderConfig` has `InputType`, `CSVDelimiter`, `CSVHeaderLocation`, `CSVHeaders`, `ItemsPointer`, `ManifestType`, `MaxItems`, `MaxItemsPath` and `Transformation`",
            "error 2:168 `Arguments` is a field of the other query language: it is JSONPath here | write `Parameters`",
            "warning 2:199 `ItemsPath` has no effect beside `ItemReader` | keep one of the two",
            r#"error 2:234 `ItemBatcher` does not say how large a batch is | add "MaxItemsPerBatch" or "MaxInputBytesPerBatch""#,
            r#"error 2:254 `ResultWriter` says neither where nor how to write | add "Resource": "arn:aws:states:::s3:putObject" and "Parameters": {"Bucket": ...}"#,
        ],
    );
    expect(
        &of_state(
            r#"{"Type": "Map", "ItemReader": {"Resource": "arn:aws:states:::s3:getObject", "ReaderConfig": {"InputType": "CSV"}, "Parameters": {"Bucket": "b"}}, "ItemBatcher": {"MaxInputBytesPerBatch": 300000}, "ResultWriter": {"Resource": "arn:aws:states:::s3:putObject", "WriterConfig": {"Transformation": "COMPACT"}}, "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"}, "StartAt": "B", "States": {"B": {"Type": "Succeed"}}}, "End": true}"#,
        ),
        &[
            r#"error 2:98 the reader of a CSV file must say where its headers are | add "CSVHeaderLocation": "FIRST_ROW", or "GIVEN" with `CSVHeaders`"#,
            "error 2:193 `MaxInputBytesPerBatch` is 300000, more than 262144 | write 262144 or less",
            r#"error 2:218 `ResultWriter` has a `Resource` and no `Parameters` | add "Parameters": {"Bucket": ...}"#,
            "error 2:280 `WriterConfig` has no `OutputType` | `Transformation` and `OutputType` go together",
        ],
    );
    expect(
        &of_jsonata(
            r#"{"Type": "Map", "ItemReader": {"Resource": "arn:aws:states:::s3:getObject", "ReaderConfig": {"InputType": "CSV", "CSVHeaderLocation": "GIVEN", "CSVHeaders": ["{% phone %}"]}, "Arguments": {"Bucket": "{% b %}", "Key": "k"}}, "ResultWriter": {"Resource": "arn:aws:states:::s3:putObject", "Arguments": "{% $states.input.destination %}"}, "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"}, "StartAt": "B", "States": {"B": {"Type": "Succeed"}}}, "End": true}"#,
        ),
        &[
            "error 2:209 `b` has no meaning at the top of an expression | write `$states.input.b` for a field of the input, `$b` for a variable",
        ],
    );
}

#[test]
fn languages_inside() {
    expect(
        &of_state(
            r#"{"Type": "Map", "QueryLanguage": "JSONata", "ItemProcessor": {"StartAt": "B", "States": {"B": {"Type": "Pass", "Output": 1, "End": true}}}, "End": true}"#,
        ),
        &[
            r#"error 2:117 `Output` is a JSONata field, but the query language here is JSONPath | write `ResultSelector`, `ResultPath` or `OutputPath`, or give the state "QueryLanguage": "JSONata""#,
        ],
    );
    expect(
        &of_state(
            r#"{"Type": "Parallel", "Branches": [{"QueryLanguage": "JSONata", "TimeoutSeconds": 3, "StartAt": "B", "States": {"B": {"Type": "Succeed"}}}], "End": true}"#,
        ),
        &[
            "error 2:41 `QueryLanguage` belongs at the top of the definition, not in this branch | move it there, or remove it",
            "error 2:69 `TimeoutSeconds` belongs at the top of the definition, not in this branch | move it there, or remove it",
        ],
    );
    expect(
        &of_jsonata(
            r#"{"Type": "Pass", "QueryLanguage": "JSONPath", "Output": {"v": "{% 1 %}"}, "End": true}"#,
        ),
        &[
            "error 2:40 a JSONPath state is not allowed in a JSONata definition | write the state in JSONata, or let each state name its language and the definition none",
        ],
    );
    expect(
        &of_state(
            r#"{"Type": "Pass", "QueryLanguage": "jsonata", "InputPath": "$.a", "End": true}"#,
        ),
        &[
            "error 2:40 there is no query language `jsonata` | did you mean `JSONata`?",
            "error 2:51 `InputPath` is a JSONPath field, but the query language here is JSONata | select from `$states.input` in `Arguments` or `Output`",
        ],
    );
    expect(
        &of_state(
            r#"{"Type": "Parallel", "Branches": [{"StartAt": "B", "States": {"B": {"Type": "Pass", "Next": "C"}, "C": {"Type": "Pass", "Next": "B"}}}, {"StartAt": "D", "States": {"D": {"Type": "Pass", "Next": "A"}}}], "End": true}"#,
        ),
        &[
            r#"warning 2:57 this part cannot reach an end | give a state "End": true, or lead to a Succeed or Fail state"#,
            "error 2:200 state `D` leads to `A`, and there is no such state beside it | it is in another part of the definition: a state leads only to states beside it",
        ],
    );
    expect(
        &of_state(
            r#"{"Type": "Map", "ItemProcessor": {"ProcessorConfig": {"ExecutionType": "EXPRESS"}, "StartAt": "B", "States": {"B": {"Type": "Succeed"}}}, "End": true}"#,
        ),
        &[
            r#"warning 2:60 `ExecutionType` has no effect in an inline Map | remove it, or write "Mode": "DISTRIBUTED""#,
        ],
    );
    expect(
        &of_state(r#"{"Type": "Pass", "Parameters": null, "End": true}"#),
        &[
            r#"warning 2:37 `Parameters` is null, and should be an object | write {"name": ...}, or leave it out to pass the input on"#,
        ],
    );
    expect(
        &of_state(r#"{"Type": "Pass", "InputPath": "$.a ", "End": true}"#),
        &[],
    );
    expect(
        &of_jsonata(r#"{"Type": "Pass", "Output": null, "End": true}"#),
        &[],
    );
}
