//! How a kind is deleted by calls that are data: the reaper (`docs/reaper.md`) makes them inside AWS, where no code of
//! treino runs.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Kind, Target};

/// A call of the reaper's definition: `service:operation`, and its parameters as Step Functions names them.
///
/// <https://docs.aws.amazon.com/step-functions/latest/dg/supported-services-awssdk.html>
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ReaperCall {
    /// Such as `dynamodb:deleteTable`.
    pub call: String,
    /// Its parameters.
    pub input: Value,
}

impl ReaperCall {
    pub(super) fn new(call: &str, input: Value) -> Self {
        Self {
            call: call.to_owned(),
            input,
        }
    }
}

/// How one resource is deleted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Teardown {
    /// How its mark is read.
    pub mark: ReaperCall,
    /// What deletes it, in order. What a call lists is deleted before the next call.
    pub calls: Vec<ReaperCall>,
    /// What lists those that are there, to see that it is deleted.
    pub look: ReaperCall,
    /// Whether one without any mark is the stack's.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unmarked: bool,
}

impl Teardown {
    pub(super) fn new(mark: ReaperCall, calls: Vec<ReaperCall>, look: ReaperCall) -> Self {
        Self {
            mark,
            calls,
            look,
            unmarked: false,
        }
    }
}

/// A resource that the reaper deletes.
#[derive(Debug, Clone, Copy)]
pub struct Doomed<'a> {
    /// Account and region.
    pub target: &'a Target,
    /// Its kind.
    pub kind: Kind,
    /// Its name.
    pub name: &'a str,
    /// Its ARN.
    pub arn: &'a str,
}

impl Doomed<'_> {
    /// A bucket's teardown, by the call that lists its objects. Pages are small: a state's output is at most 256 KiB.
    pub(super) fn bucket(&self, objects: &str, mark: ReaperCall, look: ReaperCall) -> Teardown {
        let bucket = self.name;
        let calls = vec![
            ReaperCall::new(
                objects,
                json!({ "Bucket": bucket, "MaxKeys": 100, "EncodingType": "url" }),
            ),
            ReaperCall::new(
                "s3:listMultipartUploads",
                json!({ "Bucket": bucket, "MaxUploads": 100 }),
            ),
            ReaperCall::new("s3:deleteBucket", json!({ "Bucket": bucket })),
        ];
        Teardown::new(mark, calls, look)
    }
}
