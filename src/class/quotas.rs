//! What a class needs of the quotas of an account.

use std::collections::BTreeMap;

use super::members::{ClassPlace, Members};
use crate::engine::{Leftover, ProviderError};
use crate::ops::{QuotaUse, concurrent_executions, count_of_kind, quota_of_kind};
use crate::stack::Kind;

/// The quotas that resources of these kinds count for, with what there is already.
pub async fn quotas(
    members: &Members,
    needed: &BTreeMap<ClassPlace, BTreeMap<Kind, usize>>,
) -> Vec<QuotaUse> {
    let mut uses = Vec::new();
    for (place, kinds) in needed {
        if let (Some(needed), Some(session)) =
            (kinds.get(&Kind::Function), members.places.get(place))
            && let Some(most) = concurrent_executions(session).await
        {
            uses.push(QuotaUse {
                account: place.0.clone(),
                region: place.1.clone(),
                kind: Kind::Function,
                there: None,
                needed: *needed,
                most,
                adjustable: true,
                page: "lambda/latest/dg/gettingstarted-limits.html",
            });
        }
        for (kind, needed) in kinds {
            let (Some((most, adjustable, page)), Some(session)) =
                (quota_of_kind(*kind), members.places.get(place))
            else {
                continue;
            };
            let (account, region) = place.clone();
            uses.push(QuotaUse {
                account,
                region,
                kind: *kind,
                // Without it, AWS refuses what does not fit.
                there: count_of_kind(session, *kind).await.ok(),
                needed: *needed,
                most,
                adjustable,
                page,
            });
        }
    }
    uses
}

/// The error if the class does not fit, where AWS gives no more. Other quotas may have been raised.
pub fn refused(uses: &[QuotaUse]) -> Option<ProviderError> {
    let refused: Vec<&QuotaUse> = uses
        .iter()
        .filter(|one| !one.fits() && !one.adjustable)
        .collect();
    let first = refused.first()?;
    let all: Vec<String> = refused.iter().map(|one| text(one)).collect();
    let help = "AWS gives no more: delete what is not needed, or divide the class by `region` or `profile` in the roster";
    let message = format!("the class does not fit: {}", all.join("; "));
    let page = format!("{help} (https://docs.aws.amazon.com/{})", first.page);
    Some(
        ProviderError::new(message)
            .help(page)
            .with_leftover(Leftover::Nothing),
    )
}

fn text(one: &QuotaUse) -> String {
    let QuotaUse {
        account,
        region,
        kind,
        needed,
        most,
        ..
    } = one;
    let there = one.there.unwrap_or(0);
    format!(
        "{region} of account {account} has {there} {kind}s, the class needs {needed} more, and AWS allows {most}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_is_refused_with_numbers() {
        let of = |there: Option<usize>, needed| QuotaUse {
            account: "111122223333".into(),
            region: "us-east-1".into(),
            kind: Kind::Trail,
            there,
            needed,
            most: 5,
            adjustable: false,
            page: "page.html",
        };
        assert_eq!(refused(&[of(Some(4), 1), of(None, 5)]), None);
        let error = refused(&[of(Some(4), 1), of(Some(3), 3)]).unwrap();
        assert_eq!(
            error.message,
            "the class does not fit: us-east-1 of account 111122223333 has 3 trails, the class needs 3 more, and AWS allows 5"
        );
    }
}
