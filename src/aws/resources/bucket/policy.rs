//! Putting a bucket's policy, which S3 refuses for a while after a change of what the policy rests on.

use aws_sdk_s3::types::PublicAccessBlockConfiguration;

use crate::aws::Aws;
use crate::aws::resources::{CallContext, absent, with_principal_help};
use crate::aws::transport::error::ForCall;
use crate::aws::transport::error_codes;
use crate::aws::transport::waiter::{self, retry_while};
use crate::engine::ProviderError;
use crate::stack::policy::PolicyDocument;

const ACCOUNT_BLOCKS: &str = "the bucket does not block public policies, so the account does, or its organization: turn BlockPublicPolicy off in \
     the account's Block Public Access settings (`aws s3control put-public-access-block`), or name in `Principal` who \
     may use the bucket";
const BUCKET_BLOCKS: &str = "the policy is public, and the bucket blocks public policies: write `block_public_access: false` on the bucket, or name \
     in `Principal` who may use it";
const BLOCKED_AGAIN: &str = "something else switched BlockPublicPolicy on for the bucket again: switch it off there, or name in `Principal` who may \
     use the bucket";

const NO_REASON: &str = "S3 gives no reason. Either the account blocks public policies (its Block Public Access settings), or these \
     credentials may not call `s3:PutBucketPolicy`";

/// Puts the policy of a bucket. `is_blocking` is whether the bucket is to block public policies.
pub async fn put(
    aws: &Aws,
    cx: CallContext<'_>,
    policy: &PolicyDocument,
    is_blocking: bool,
) -> Result<(), ProviderError> {
    let say = |text| (cx.events, cx.name, text);
    let principal = say("S3 does not know a principal of the policy yet");
    let bucket = say("the fresh bucket is not seen everywhere yet");
    let block = say("S3 still blocks public policies of this bucket");
    let is_blocked = |error: &ProviderError| !is_blocking && is_perhaps_blocked(error);
    let answer = retry_while(
        waiter::ROLE_PROPAGATION_TIMEOUT,
        principal,
        error_codes::is_invalid_principal,
        || {
            retry_while(waiter::PROPAGATION_TIMEOUT, block, is_blocked, || {
                retry_while(
                    waiter::PROPAGATION_TIMEOUT,
                    bucket,
                    error_codes::is_bucket_not_visible,
                    || async {
                        let call = aws.s3.put_bucket_policy().bucket(cx.name);
                        let answer = call.policy(policy.to_string()).send().await;
                        answer.for_call("S3", "PutBucketPolicy").map(drop)
                    },
                )
            })
        },
    );
    match answer.await {
        Err(error) if is_perhaps_blocked(&error) && is_blocking => Err(error.help(BUCKET_BLOCKS)),
        Err(error) if error_codes::is_public_policy_blocked(&error) => {
            let help = if is_blocked_by_bucket(aws, cx.name).await {
                BLOCKED_AGAIN
            } else {
                ACCOUNT_BLOCKS
            };
            Err(error.help(help))
        }
        Err(error) if is_perhaps_blocked(&error) => Err(error.help(NO_REASON)),
        other => other.map_err(with_principal_help),
    }
}

/// Whether S3 refuses the policy as it is public. Without the reason, S3 answers only "Access Denied"; where the
/// caller lacks a permission, it names the action.
fn is_perhaps_blocked(error: &ProviderError) -> bool {
    let says_nothing = error.is("AccessDenied") && error.message == "Access Denied";
    says_nothing || error_codes::is_public_policy_blocked(error)
}

/// Whether the bucket's own setting blocks public policies. One that cannot be read counts as one that does not.
async fn is_blocked_by_bucket(aws: &Aws, name: &str) -> bool {
    let answer = aws.s3.get_public_access_block().bucket(name).send().await;
    let answer = answer.for_call("S3", "GetPublicAccessBlock");
    let settings = absent(answer, &["NoSuchPublicAccessBlockConfiguration"]).ok();
    let settings = settings.flatten();
    settings
        .and_then(|answer| answer.public_access_block_configuration)
        .is_some_and(|settings: PublicAccessBlockConfiguration| {
            settings.block_public_policy == Some(true)
        })
}
