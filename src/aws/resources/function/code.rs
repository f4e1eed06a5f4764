//! How a package gets to Lambda: in the request, or through a bucket if it is too large for that.

use aws_sdk_lambda::operation::update_function_code::builders::UpdateFunctionCodeFluentBuilder;
use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::FunctionCode;
use aws_sdk_s3::primitives::ByteStream;

use super::super::CallContext;
use crate::aws::Aws;
use crate::aws::transport::error::ForCall;
use crate::engine::{Leftover, ProviderError};
use crate::stack::kinds::FunctionSpec;

/// The beginning of the keys of packages. The policy of the deploying user (`docs/deployer-policy.json`) names it:
/// Lambda reads the object with the permissions of its caller.
///
/// <https://docs.aws.amazon.com/lambda/latest/dg/configuration-function-zip.html>
const FOLDER: &str = "treino-package/";

/// A package where Lambda takes it from.
#[derive(Clone)]
pub enum PackageLocation {
    /// The request itself.
    Direct(Blob),
    /// An object in a bucket of the stack.
    Object { bucket: String, key: String },
}

impl PackageLocation {
    /// Uploads the package if Lambda does not take it directly.
    pub async fn prepare(
        aws: &Aws,
        cx: CallContext<'_>,
        want: &FunctionSpec,
    ) -> Result<Self, ProviderError> {
        let Some(artifact) = aws.artifacts.get(&want.code) else {
            return Err(ProviderError::new("the function's package is not at hand")
                .with_leftover(Leftover::Nothing));
        };
        let Some(bucket) = artifact.buckets.get(cx.name) else {
            return Ok(Self::Direct(Blob::new(artifact.zip.to_vec())));
        };
        let key = format!("{FOLDER}{}.zip", cx.name);
        let put = aws.s3.put_object().bucket(bucket).key(&key);
        let put = put
            .content_type("application/zip")
            .body(ByteStream::from(artifact.zip.to_vec()));
        let uploaded = put.send().await.for_call("S3", "PutObject");
        uploaded.map_err(|error| error.with_leftover(Leftover::Nothing))?;
        let bucket = bucket.clone();
        Ok(Self::Object { bucket, key })
    }

    /// For `CreateFunction`.
    pub fn of_new(&self) -> FunctionCode {
        let code = FunctionCode::builder();
        match self.clone() {
            Self::Direct(zip) => code.zip_file(zip).build(),
            Self::Object { bucket, key } => code.s3_bucket(bucket).s3_key(key).build(),
        }
    }

    /// For `UpdateFunctionCode`.
    pub fn of_update(
        &self,
        call: UpdateFunctionCodeFluentBuilder,
    ) -> UpdateFunctionCodeFluentBuilder {
        match self.clone() {
            Self::Direct(zip) => call.zip_file(zip),
            Self::Object { bucket, key } => call.s3_bucket(bucket).s3_key(key),
        }
    }

    /// Deletes the object: Lambda has a copy. If that fails, the next upload replaces it, and a destroy empties the
    /// bucket.
    pub async fn clean_up(&self, aws: &Aws) {
        if let Self::Object { bucket, key } = self {
            let deleted = aws.s3.delete_object().bucket(bucket).key(key).send();
            let _ = deleted.await;
        }
    }
}
