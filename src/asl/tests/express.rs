//! What Express workflows do not support.

use super::super::{check_express, load};
use super::{expect, shown};
use crate::source::Source;

#[test]
fn waiting_and_distributed_maps() {
    let text = r#"{"StartAt": "A", "States": {
"A": {"Type": "Task", "Resource": "arn:aws:states:::states:startExecution.sync:2", "Parameters": {"StateMachineArn": "${m.arn}"}, "Next": "B"},
"B": {"Type": "Parallel", "Branches": [{"StartAt": "C", "States": {
  "C": {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:s3:getObject.waitForTaskToken", "TimeoutSeconds": 9, "End": true}}}], "Next": "D"},
"D": {"Type": "Map", "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"},
  "StartAt": "E", "States": {"E": {"Type": "Succeed"}}}, "Next": "F"},
"F": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "End": true}
}}"#;
    let source = Source::new("m", text);
    let (definition, warnings) = load(&source).unwrap();
    expect(&shown(&warnings), &[]);
    expect(
        &shown(&check_express(&definition)),
        &[
            "error 2:35 an Express workflow cannot wait for a job, a token or an activity | let it run as a STANDARD one, or call without waiting",
            "error 4:37 an Express workflow cannot wait for a job, a token or an activity | let it run as a STANDARD one, or call without waiting",
            "error 5:68 an Express workflow cannot have a distributed Map | make the machine a STANDARD one, or the Map INLINE",
        ],
    );
}
