//! The concurrent executions kept for a function.

use super::settled;
use crate::aws::Aws;
use crate::aws::resources::CallContext;
use crate::aws::transport::error::ForCall;
use crate::aws::transport::error_codes;
use crate::engine::ProviderError;
use crate::stack::kinds::FunctionSpec;

pub async fn reserve(
    aws: &Aws,
    cx: CallContext<'_>,
    want: &FunctionSpec,
) -> Result<(), ProviderError> {
    if let Some(executions) = want.reserved_concurrency {
        let answer = settled(cx, || async {
            let call = aws.lambda.put_function_concurrency().function_name(cx.name);
            let call = call.reserved_concurrent_executions(executions);
            let answer = call.send().await;
            answer.for_call("Lambda", "PutFunctionConcurrency")
        });
        match answer.await {
            Err(error) if error_codes::is_reserved_concurrency_too_high(&error) => {
                Err(error.help(concurrency(aws).await))
            }
            other => other.map(drop),
        }
    } else {
        settled(cx, || async {
            let call = aws.lambda.delete_function_concurrency();
            let answer = call.function_name(cx.name).send().await;
            answer.for_call("Lambda", "DeleteFunctionConcurrency")
        })
        .await
        .map(drop)
    }
}

/// Why so many executions cannot be kept, and the way out.
async fn concurrency(aws: &Aws) -> String {
    let asked = aws.lambda.get_account_settings().send().await;
    let asked = asked.for_call("Lambda", "GetAccountSettings").ok();
    let has = match asked.and_then(|answer| answer.account_limit) {
        Some(limit) => format!(
            "the account has {} concurrent executions, {} of them not reserved yet",
            limit.concurrent_executions,
            limit.unreserved_concurrent_executions.unwrap_or_default()
        ),
        // One that may not be asked for its settings has its limit all the same.
        None => "the account has too few concurrent executions to keep these".to_owned(),
    };
    format!("{has}: ask for a lower `reserved_concurrency`, or AWS for a higher quota")
}
