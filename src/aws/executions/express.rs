//! Running an express machine: one call starts it and waits for its end, as Step Functions keeps no history.

use std::time::Duration;

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::BeforeTransmitInterceptorContextMut;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;

use super::Execution;
use crate::aws::Aws;
use crate::aws::resources::json;
use crate::aws::transport::error::ForCall;
use crate::data::partitions;
use crate::engine::ProviderError;
use crate::history::ExecutionResult;
use crate::stack::Kind;

/// An express execution ends after five minutes at the latest.
const LONGEST: Duration = Duration::from_secs(5 * 60 + 30);

/// What AWS bills for an express execution.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
pub struct BilledUsage {
    /// Its duration, rounded up.
    pub milliseconds: i64,
    /// Its memory.
    pub megabytes: i64,
}

/// Runs an express machine to its end.
///
/// # Errors
/// What Step Functions answers. A failed execution is no error.
pub async fn run_express(
    aws: &Aws,
    machine: &str,
    name: Option<&str>,
    input: &str,
) -> Result<(Execution, Option<BilledUsage>), ProviderError> {
    // It takes longer than other calls, and is not retried: without an answer, it may have run.
    let config = aws_sdk_sfn::config::Builder::new()
        .retry_config(RetryConfig::disabled())
        .timeout_config(
            TimeoutConfig::builder()
                .operation_attempt_timeout(LONGEST)
                .read_timeout(LONGEST)
                .build(),
        );
    let call = aws
        .states
        .start_sync_execution()
        .state_machine_arn(aws.arn(Kind::StateMachine, machine))
        .set_name(name.map(String::from))
        .input(input)
        .customize()
        .config_override(config)
        .interceptor(WithoutHostPrefix);
    let seen = call
        .send()
        .await
        .for_call("Step Functions", "StartSyncExecution")?;
    let status = seen.status.as_str().to_owned();
    let succeeded = status == "SUCCEEDED";
    let billed = seen.billing_details().map(|billing| BilledUsage {
        milliseconds: billing.billed_duration_in_milliseconds,
        megabytes: billing.billed_memory_used_in_mb,
    });
    let execution = Execution {
        name: seen.name.clone().unwrap_or_default(),
        started: seen.start_date.as_secs_f64(),
        ended: Some(seen.stop_date.as_secs_f64()),
        result: ExecutionResult {
            status,
            output: seen.output.as_deref().filter(|_| succeeded).map(json),
            error: seen.error.clone(),
            cause: seen.cause.clone(),
        },
        arn: seen.execution_arn,
    };
    Ok((execution, billed))
}

/// AWS serves this call at a host of its own, `sync-states...`. The SDK puts `sync-` before the host of
/// every endpoint; `sync-127.0.0.1` does not exist.
#[derive(Debug)]
struct WithoutHostPrefix;

impl Intercept for WithoutHostPrefix {
    fn name(&self) -> &'static str {
        "WithoutHostPrefix"
    }

    fn modify_before_signing(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let request = context.request_mut();
        if let Some(uri) = without_prefix(request.uri()) {
            request.set_uri(uri)?;
        }
        Ok(())
    }
}

/// The URI without the prefix, unless the host is of AWS.
fn without_prefix(uri: &str) -> Option<String> {
    let (scheme, rest) = uri.split_once("://sync-")?;
    let authority = rest.split(['/', '?']).next().unwrap_or(rest);
    let host = authority.split(':').next().unwrap_or(authority);
    let mut partitions = partitions::all().values();
    let of_aws =
        partitions.any(|of| host.ends_with(&of.suffix) || host.ends_with(&of.dual_stack_suffix));
    (!of_aws).then(|| format!("{scheme}://{rest}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_aws_keeps_the_prefix() {
        let local = without_prefix("http://sync-127.0.0.1:4566/");
        assert_eq!(local.as_deref(), Some("http://127.0.0.1:4566/"));
        for uri in [
            "https://sync-states.eu-west-1.amazonaws.com/",
            "https://sync-states.cn-north-1.amazonaws.com.cn:443/x",
            "https://sync-states.eusc-de-east-1.amazonaws.eu/",
            "https://sync-states.us-isob-east-1.sc2s.sgov.gov/",
            "https://sync-states.eu-west-1.api.aws/",
            "http://127.0.0.1/sync-",
        ] {
            assert_eq!(without_prefix(uri), None, "{uri}");
        }
    }
}
