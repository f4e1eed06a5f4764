//! How much room the account has for what the stack makes.

use futures_util::future::join_all;

use super::Patient;
use super::findings::{DoctorFinding, DoctorTopic};
use crate::aws::doctor::{ConcurrencyLeft, RolesLeft, concurrency_left, roles_left};
use crate::engine::{Provider, ProviderError};
use crate::ops::kind_quotas::quota_of_kind;
use crate::source::counted;
use crate::stack::Kind;

const TOPIC: DoctorTopic = DoctorTopic::Quotas;

/// How many concurrent executions Lambda keeps for functions that reserve none.
///
/// <https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html>
const UNRESERVED: i64 = 100;

pub(super) async fn examine(patient: &Patient<'_>) -> Vec<DoctorFinding> {
    let kinds = join_all(COUNTED.map(|(kind, what)| counted_kind(patient, kind, what)));
    let (trails, roles, concurrency, kinds) =
        tokio::join!(trails(patient), roles(patient), concurrency(patient), kinds);
    let all = [trails, roles, concurrency]
        .into_iter()
        .chain(kinds)
        .flatten();
    all.map(|(what, examined)| examined.unwrap_or_else(|error| TOPIC.not_answered(what, &error)))
        .collect()
}

/// The kinds that are counted by one list, whose quotas AWS raises.
const COUNTED: [(Kind, &str); 3] = [
    (Kind::Bucket, "how many buckets the account may have"),
    (Kind::Table, "how many tables the region may have"),
    (Kind::Rule, "how many rules the event bus may have"),
];

/// Resources of a kind, whoever's they are, beside the quota that AWS gives by itself.
async fn counted_kind(patient: &Patient<'_>, kind: Kind, what: &'static str) -> Examined {
    let (most, _, page) = quota_of_kind(kind)?;
    if patient.of(kind).is_empty() {
        return None;
    }
    let examined = async {
        let (more, used) = tokio::try_join!(missing(patient, kind), patient.provider.count(kind))?;
        Ok(room_finding(kind, (used, most), more, page))
    };
    Some((what, examined.await))
}

fn room_finding(
    kind: Kind,
    (used, most): (usize, usize),
    more: usize,
    page: &str,
) -> DoctorFinding {
    let text = format!("{kind}s: {used} of {most}");
    if used + more <= most {
        return TOPIC.ok(text);
    }
    let needed = counted(more, &kind.to_string());
    let message = format!(
        "{text}, and the stack makes {needed}: a deploy fails if AWS has not raised the quota"
    );
    let help = format!(
        "delete what nobody uses, or ask AWS for more (https://docs.aws.amazon.com/{page})"
    );
    TOPIC.warning(message).with(help)
}

type Examined = Option<(&'static str, Result<DoctorFinding, ProviderError>)>;

/// How many resources of a kind the stack has that the account does not list yet.
async fn missing(patient: &Patient<'_>, kind: Kind) -> Result<usize, ProviderError> {
    let names: Vec<String> = patient
        .of(kind)
        .iter()
        .map(|one| one.name.clone())
        .collect();
    let listed = patient.provider.listed(kind, &names).await?;
    Ok(names.len() - listed.len().min(names.len()))
}

/// A region has five trails, and no more.
async fn trails(patient: &Patient<'_>) -> Examined {
    if patient.of(Kind::Trail).is_empty() {
        return None;
    }
    let examined = async {
        let more = missing(patient, Kind::Trail).await?;
        if more == 0 {
            return Ok(TOPIC.ok("trails: the stack's are there"));
        }
        let full = patient.provider.over_quota(Kind::Trail, more).await?;
        Ok(match full {
            None => TOPIC.ok(format!("trails: there is room for {more} more")),
            Some(error) => {
                let finding = TOPIC.fails(&error.message);
                match error.help {
                    Some(help) => finding.with(help),
                    None => finding,
                }
            }
        })
    };
    Some(("whether there is room for a trail", examined.await))
}

/// An account has a number of roles, in all regions.
async fn roles(patient: &Patient<'_>) -> Examined {
    if patient.of(Kind::Role).is_empty() {
        return None;
    }
    let examined = async {
        let more = missing(patient, Kind::Role).await?;
        let left = roles_left(&patient.provider.0).await?;
        Ok(roles_finding(left, more))
    };
    Some(("how many roles the account may have", examined.await))
}

fn roles_finding(left: Option<RolesLeft>, more: usize) -> DoctorFinding {
    let Some(RolesLeft { used, most }) = left else {
        return TOPIC.unknown("how many roles the account may have: IAM does not say it");
    };
    let text = format!("roles: {used} of {most}");
    if used + more > most {
        let needed = counted(more, "role");
        return TOPIC
            .fails(format!("{text}, and the stack makes {needed}"))
            .with("delete roles that nobody uses, or ask AWS for a higher quota");
    }
    TOPIC.ok(text)
}

/// What functions reserve is taken from the account's concurrent executions.
async fn concurrency(patient: &Patient<'_>) -> Examined {
    let reserved = |spec: &serde_json::Value| spec["reserved_concurrency"].as_i64();
    let functions = patient.of(Kind::Function);
    let wanted: i64 = functions.iter().filter_map(|one| reserved(&one.spec)).sum();
    if wanted == 0 {
        return None;
    }
    let examined = async {
        // Those of functions that are there are taken already.
        let more = missing(patient, Kind::Function).await?;
        if more < functions.len() {
            return Ok(TOPIC.unknown(
                "concurrency: some of the stack's functions are there, with what they reserve",
            ));
        }
        let left = concurrency_left(&patient.provider.0).await?;
        Ok(concurrency_finding(left, wanted))
    };
    Some(("how many functions may run at once", examined.await))
}

fn concurrency_finding(left: Option<ConcurrencyLeft>, wanted: i64) -> DoctorFinding {
    let Some(ConcurrencyLeft { most, unreserved }) = left else {
        return TOPIC.unknown("how many functions may run at once: Lambda does not say it");
    };
    let text = format!(
        "concurrency: {unreserved} of {most} are not reserved, and the stack reserves {wanted}"
    );
    if i64::from(unreserved) - wanted < UNRESERVED {
        return TOPIC
            .fails(format!(
                "{text}; Lambda keeps {UNRESERVED} for other functions"
            ))
            .with("lower `reserved_concurrency`, or leave it out; or ask AWS for a higher quota");
    }
    TOPIC.ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::FindingLevel;

    #[test]
    fn what_does_not_fit_fails() {
        let roles = |used, most, more| roles_finding(Some(RolesLeft { used, most }), more).level;
        assert_eq!(roles(996, 1000, 4), FindingLevel::Ok);
        assert_eq!(roles(997, 1000, 4), FindingLevel::Fails);
        assert_eq!(roles_finding(None, 1).level, FindingLevel::NotKnown);
        // AWS may have raised it.
        let of_rules = |used, more| room_finding(Kind::Rule, (used, 300), more, "page").level;
        assert_eq!(of_rules(299, 1), FindingLevel::Ok);
        assert_eq!(of_rules(299, 2), FindingLevel::Warning);
        let executions = |most, unreserved, wanted| {
            concurrency_finding(Some(ConcurrencyLeft { most, unreserved }), wanted).level
        };
        assert_eq!(executions(1000, 1000, 900), FindingLevel::Ok);
        assert_eq!(executions(1000, 1000, 901), FindingLevel::Fails);
        // A new account.
        assert_eq!(executions(10, 10, 1), FindingLevel::Fails);
    }
}
