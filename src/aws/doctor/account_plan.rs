//! The plan of the account and its credits.

use std::time::{Duration, SystemTime};

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_types::error::ErrorMetadata;
use serde::Deserialize;
use serde_json::Value;

use crate::aws::Aws;
use crate::aws::transport::error::ForCall;
use crate::aws::transport::signed_request::{self, Request, ResponseParser, Service};
use crate::engine::ProviderError;

/// The Free Tier service has one endpoint for all regions, `freetier.us-east-1.api.aws`.
///
/// <https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_freetier_GetAccountPlanState.html>
const SERVICE: Service = Service {
    id: "FreeTier",
    host: "freetier",
    signing: "freetier",
    by_account: false,
};
const REGION: &str = "us-east-1";

/// What `freetier:GetAccountPlanState` says.
#[derive(Debug, Clone, PartialEq)]
pub struct AccountPlan {
    /// Whether it is the free plan: AWS closes such an account when the plan ends, or its credits are used.
    pub is_free: bool,
    /// Whether the plan has ended.
    pub is_expired: bool,
    /// The credits that are left, with their unit: `137.5 USD`.
    pub credits: Option<(f64, String)>,
    /// When the free plan ends.
    pub expires: Option<SystemTime>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct PlanState {
    account_plan_type: String,
    account_plan_status: String,
    account_plan_remaining_credits: Option<Credits>,
    /// Seconds since 1970, or an RFC 3339 text.
    account_plan_expiration_date: Option<Value>,
}

#[derive(Debug, Deserialize)]
struct Credits {
    amount: f64,
    unit: String,
}

/// The plan of the account and its credits.
///
/// # Errors
/// It may not be asked for, or the service does not answer.
pub async fn account_plan(aws: &Aws) -> Result<AccountPlan, ProviderError> {
    let there = aws.in_region(REGION);
    // The only host of it is a dual-stack one.
    let config = there.config.to_builder().use_dual_stack(true).build();
    let request = Request {
        method: "POST",
        path: "/".to_owned(),
        headers: vec![
            ("content-type", "application/x-amz-json-1.0".to_owned()),
            (
                "x-amz-target",
                "AWSFreeTierService.GetAccountPlanState".to_owned(),
            ),
        ],
        body: "{}".to_owned(),
    };
    let parser = ResponseParser {
        success: |body| Ok(plan(serde_json::from_str(body)?)),
        refusal,
    };
    let operation = "GetAccountPlanState";
    let answer = signed_request::call(&config, &there.target, SERVICE, operation, request, parser);
    answer.await.for_call("Free Tier", operation)
}

fn plan(state: PlanState) -> AccountPlan {
    let credits = state.account_plan_remaining_credits;
    AccountPlan {
        is_free: state.account_plan_type == "FREE",
        is_expired: state.account_plan_status == "EXPIRED",
        credits: credits.map(|credits| (credits.amount, credits.unit)),
        expires: state.account_plan_expiration_date.and_then(|at| time(&at)),
    }
}

fn time(at: &Value) -> Option<SystemTime> {
    if let Some(text) = at.as_str() {
        return humantime::parse_rfc3339_weak(text).ok();
    }
    let seconds = at
        .as_f64()
        .filter(|seconds| (0.0..1e11).contains(seconds))?;
    Some(SystemTime::UNIX_EPOCH + Duration::from_secs_f64(seconds))
}

/// `{"__type": "com.amazonaws.freetier#AccessDeniedException", "message": "..."}`
fn refusal(response: &HttpResponse) -> ErrorMetadata {
    let body = response.body().bytes().unwrap_or_default();
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let mut meta = ErrorMetadata::builder();
    if let Some(code) = body["__type"].as_str() {
        meta = meta.code(code.rsplit('#').next().unwrap_or_default());
    }
    let message = ["message", "Message"].map(|name| body[name].as_str());
    if let Some(message) = message.into_iter().flatten().next() {
        meta = meta.message(message);
    }
    meta.build()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_answer_of_the_service_is_read() {
        let read = |text: &str| plan(serde_json::from_str(text).unwrap());
        let free = read(
            r#"{"accountId": "111122223333", "accountPlanType": "FREE", "accountPlanStatus": "ACTIVE",
                "accountPlanRemainingCredits": {"amount": 137.5, "unit": "USD"},
                "accountPlanExpirationDate": "2026-12-28T10:00:00Z"}"#,
        );
        assert!(free.is_free && !free.is_expired);
        assert_eq!(free.credits, Some((137.5, "USD".to_owned())));
        let at = humantime::parse_rfc3339("2026-12-28T10:00:00Z").unwrap();
        assert_eq!(free.expires, Some(at));
        let paid = read(r#"{"accountPlanType": "PAID", "accountPlanStatus": "NOT_STARTED"}"#);
        assert!(!paid.is_free && paid.credits.is_none() && paid.expires.is_none());
        let ended = read(
            r#"{"accountPlanType": "FREE", "accountPlanStatus": "EXPIRED", "accountPlanExpirationDate": 1798452000.5}"#,
        );
        assert!(ended.is_expired && ended.expires.is_some());
    }
}
