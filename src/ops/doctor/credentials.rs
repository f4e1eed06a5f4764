//! Whose the credentials are, until when, and this machine's clock.

use std::time::{Duration, SystemTime};

use super::Patient;
use super::findings::{DoctorFinding, DoctorTopic};
use crate::aws::doctor::clock_offset;
use crate::aws::transport::error_codes;
use crate::aws::{AwsConnection, Caller};
use crate::engine::ProviderError;
use crate::source::counted;

/// Within which time credentials that end are warned of: a deploy takes minutes, and so does a destroy.
const SOON: Duration = Duration::from_mins(15);

/// By how many seconds a clock may differ: AWS refuses signatures that are more than five minutes old.
///
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/create-signed-request.html>
const REFUSED: u64 = 5 * 60;
/// From how many seconds on that is said.
const SAID: u64 = 60;

pub(super) fn examine(patient: &Patient<'_>) -> Vec<DoctorFinding> {
    let topic = DoctorTopic::Credentials;
    let AwsConnection {
        account, caller, ..
    } = patient.connection;
    let Some(arn) = &caller.arn else {
        return vec![topic.ok(format!("the root of account {account} of the local AWS"))];
    };
    let who = arn.rsplit_once("::").map_or(arn.as_str(), |(_, rest)| rest);
    let who = who.split_once(':').map_or(who, |(_, name)| name);
    if patient.connection.is_root {
        let message = format!("the root user of account {account}: nothing limits what it does");
        let help = "use the keys of a user or role instead, and delete those of the root user; \
                    docs/deployer-policy.json is all that treino needs";
        return vec![topic.warning(message).with(help)];
    }
    vec![ends(
        topic,
        &format!("{who}, account {account}"),
        caller,
        SystemTime::now(),
    )]
}

fn ends(topic: DoctorTopic, who: &str, caller: &Caller, now: SystemTime) -> DoctorFinding {
    let Some(end) = caller.expires else {
        let until = if caller.is_temporary {
            "; they expire, and do not say when"
        } else {
            ""
        };
        return topic.ok(format!("{who}{until}"));
    };
    let at = humantime::format_rfc3339_seconds(end);
    match end.duration_since(now) {
        Ok(left) if left >= SOON => topic.ok(format!("{who}; they expire at {at}")),
        Ok(left) => {
            let minutes = counted(left.as_secs() / 60, "minute");
            topic
                .warning(format!("{who}; they expire in {minutes}, at {at}"))
                .with("sign in again first: a deploy that they interrupt has to be repeated")
        }
        Err(_) => topic
            .fails(format!("{who}; they expired at {at}"))
            .with("sign in again (`aws sso login`, or new keys)"),
    }
}

/// Why no account was reached: the clock, or else the credentials, the region or the network, as the error says it.
pub(super) fn unreachable(error: &ProviderError) -> DoctorFinding {
    let is_region = error.message.contains("region")
        || error
            .help
            .as_ref()
            .is_some_and(|help| help.contains("is an opt-in region"));
    let topic = match () {
        () if error_codes::is_clock_skewed(error) => DoctorTopic::Clock,
        () if is_region => DoctorTopic::Region,
        () => DoctorTopic::Credentials,
    };
    let finding = topic.fails(error.to_string());
    match &error.help {
        Some(help) => finding.with(help),
        None => finding,
    }
}

pub(super) async fn clock(patient: &Patient<'_>) -> Vec<DoctorFinding> {
    if patient.connection.caller.arn.is_none() {
        // The local AWS has the clock of this machine.
        return Vec::new();
    }
    vec![clock_finding(clock_offset(patient.connection).await)]
}

fn clock_finding(offset: Option<i64>) -> DoctorFinding {
    let topic = DoctorTopic::Clock;
    let Some(offset) = offset else {
        return topic.unknown("AWS's answer has no date to compare this clock with");
    };
    let seconds = offset.unsigned_abs();
    let side = if offset < 0 { "behind" } else { "ahead of" };
    if seconds < SAID {
        return topic.ok("as AWS's");
    }
    let minutes = counted(seconds / 60, "minute");
    let message = format!("this machine's clock is {minutes} {side} AWS's");
    let help = "set it (Linux: timedatectl set-ntp true)";
    if seconds < REFUSED {
        topic
            .warning(format!("{message}; from 5 on AWS refuses"))
            .with(help)
    } else {
        topic
            .fails(format!("{message}, which refuses that"))
            .with(help)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::FindingLevel;

    #[test]
    fn credentials_that_end_soon_are_warned_of() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_860_000);
        let level = |expires: Option<SystemTime>| {
            let caller = Caller {
                arn: None,
                is_temporary: true,
                expires,
            };
            let finding = ends(DoctorTopic::Credentials, "role r", &caller, now);
            (finding.level, finding.message)
        };
        let ok = level(Some(now + Duration::from_hours(1)));
        assert_eq!(ok.0, FindingLevel::Ok);
        assert_eq!(ok.1, "role r; they expire at 2026-11-28T11:00:00Z");
        let soon = level(Some(now + Duration::from_secs(61)));
        assert_eq!(soon.0, FindingLevel::Warning);
        assert!(soon.1.contains("in 1 minute,"), "{}", soon.1);
        assert_eq!(
            level(Some(now - Duration::from_secs(1))).0,
            FindingLevel::Fails
        );
        let unsaid = level(None);
        assert_eq!(unsaid.0, FindingLevel::Ok);
        assert!(unsaid.1.contains("do not say when"), "{}", unsaid.1);
    }

    #[test]
    fn a_clock_is_wrong_from_five_minutes_on() {
        for (offset, level, text) in [
            (Some(0), FindingLevel::Ok, "as AWS's"),
            (Some(-59), FindingLevel::Ok, "as AWS's"),
            (Some(125), FindingLevel::Warning, "2 minutes ahead of"),
            (Some(-301), FindingLevel::Fails, "5 minutes behind"),
            (Some(3600), FindingLevel::Fails, "60 minutes ahead of"),
            (None, FindingLevel::NotKnown, "no date"),
        ] {
            let finding = clock_finding(offset);
            assert_eq!(finding.level, level, "{offset:?}");
            assert!(finding.message.contains(text), "{}", finding.message);
        }
    }

    #[test]
    fn what_stands_in_the_way_of_an_account_has_its_topic() {
        let error = |code: &str, message: &str| ProviderError {
            code: code.to_owned(),
            ..ProviderError::new(message)
        };
        for (error, topic) in [
            (
                error(
                    "SignatureDoesNotMatch",
                    "Signature expired: 1 is now earlier than 2",
                ),
                DoctorTopic::Clock,
            ),
            (error("", "no AWS region is set"), DoctorTopic::Region),
            (
                error("", "`us-esat` is not an AWS region"),
                DoctorTopic::Region,
            ),
            (
                error(
                    "ExpiredToken",
                    "The security token included in the request is expired",
                ),
                DoctorTopic::Credentials,
            ),
        ] {
            assert_eq!(unreachable(&error).topic, topic, "{error}");
        }
    }
}
