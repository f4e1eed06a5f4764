//! The plan of the account and its credits.

use std::time::SystemTime;

use super::Patient;
use super::findings::{DoctorFinding, DoctorTopic};
use crate::aws::doctor::{AccountPlan, account_plan};
use crate::engine::ProviderError;

/// The partition whose accounts have plans.
const WITH_PLANS: &str = "aws";

pub(super) async fn examine(patient: &Patient<'_>) -> Vec<DoctorFinding> {
    let connection = patient.connection;
    if !connection.is_aws || connection.partition != WITH_PLANS {
        return Vec::new();
    }
    let plan = account_plan(&patient.provider.0).await;
    vec![finding(plan, SystemTime::now())]
}

fn finding(plan: Result<AccountPlan, ProviderError>, now: SystemTime) -> DoctorFinding {
    let topic = DoctorTopic::Account;
    let plan = match plan {
        Ok(plan) => plan,
        // An account of before the plans, and one of an organization, has none.
        Err(error) if error.is("ResourceNotFoundException") => {
            return topic.ok("no plan of AWS's free tier");
        }
        Err(error) => return topic.not_answered("plan and credits", &error),
    };
    let name = if plan.is_free {
        "free plan"
    } else {
        "paid plan"
    };
    let credits = plan.credits.as_ref();
    let left = credits.map(|(amount, unit)| format!(", {amount:.2} {unit} of credits left"));
    let ends = plan.expires.filter(|_| plan.is_free);
    let until = ends.map(|at| format!(", until {}", humantime::format_rfc3339_seconds(at)));
    let text = format!(
        "{name}{}{}",
        left.unwrap_or_default(),
        until.unwrap_or_default()
    );
    let help = "choose the paid plan in the Billing console, or use another account";
    if plan.is_free && (plan.is_expired || ends.is_some_and(|at| at <= now)) {
        return topic.fails(format!("{text}: it has ended")).with(help);
    }
    let is_used_up = credits.is_some_and(|(amount, _)| *amount <= 0.0);
    if plan.is_free && is_used_up {
        return topic
            .warning(format!("{text}: AWS closes a free account without credits"))
            .with(help);
    }
    topic.ok(text)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::ops::FindingLevel;

    #[test]
    fn a_plan_that_has_ended_fails() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_860_000);
        let plan = |is_free, amount: f64, after: i64| {
            let by = Duration::from_hours(after.unsigned_abs());
            let at = if after < 0 { now - by } else { now + by };
            Ok(AccountPlan {
                is_free,
                is_expired: false,
                credits: Some((amount, "USD".to_owned())),
                expires: Some(at),
            })
        };
        for (given, level, text) in [
            (
                plan(true, 137.5, 24),
                FindingLevel::Ok,
                "free plan, 137.50 USD of credits left, until 2026-11-29T10:00:00Z",
            ),
            (plan(true, 0.0, 24), FindingLevel::Warning, "AWS closes"),
            (plan(true, 5.0, -1), FindingLevel::Fails, "it has ended"),
            (
                plan(false, 0.0, -1),
                FindingLevel::Ok,
                "paid plan, 0.00 USD of credits left",
            ),
        ] {
            let found = finding(given, now);
            assert_eq!(found.level, level, "{}", found.message);
            assert!(found.message.contains(text), "{}", found.message);
        }
        let denied = ProviderError {
            service: "Free Tier".to_owned(),
            operation: "GetAccountPlanState".to_owned(),
            code: "AccessDeniedException".to_owned(),
            ..ProviderError::new("")
        };
        let found = finding(Err(denied), now);
        assert_eq!(found.level, FindingLevel::NotKnown);
        assert!(found.message.contains("may not look"), "{}", found.message);
    }
}
