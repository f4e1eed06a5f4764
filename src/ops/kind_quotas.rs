//! How many resources of a kind an account may have.

use crate::stack::Kind;

/// Quotas that one stack is far from, and a class may not be: the kind, how many AWS allows, and the page. AWS can be
/// asked for more of each.
const OF_CLASSES: [(Kind, usize, &str); 3] = [
    (
        Kind::Role,
        1_000,
        "IAM/latest/UserGuide/reference_iam-quotas.html",
    ),
    (
        Kind::Bucket,
        10_000,
        "AmazonS3/latest/userguide/BucketRestrictions.html",
    ),
    (
        Kind::Table,
        2_500,
        "amazondynamodb/latest/developerguide/ServiceQuotas.html",
    ),
];

/// How many AWS allows of a kind, whether it can be asked for more, and the page.
#[must_use]
pub fn quota_of_kind(kind: Kind) -> Option<(usize, bool, &'static str)> {
    let facts = kind.facts().quota.as_ref();
    let of_facts = facts.map(|quota| (quota.most, quota.adjustable, quota.page));
    let of_classes = || {
        OF_CLASSES
            .iter()
            .find(|(of, ..)| *of == kind)
            .map(|(_, most, page)| (*most, true, *page))
    };
    of_facts.or_else(of_classes)
}
