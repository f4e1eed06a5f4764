//! Which tags AWS takes. Services differ; each kind names its [`TagRule`].

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use super::member_limits::ValueLimit;
use super::reference::ReferenceValues;
use super::resolve::is_resolved;
use super::{Address, Kind, Resource, TAG_EXPIRES};
use crate::source::{Diagnostic, Entry, Node, Source, Span};

/// The most tags of a resource.
///
/// <https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html>
const MOST: usize = 50;

/// What a service takes as tags.
pub struct TagRule {
    /// The service in messages.
    service: &'static str,
    key: ValueLimit,
    value: ValueLimit,
    /// Whether keys that differ only in case are one key.
    ignores_case: bool,
    /// Whether a value may not begin with `aws:`.
    reserves_values: bool,
    /// Whether a value may be empty.
    takes_empty: bool,
}

impl TagRule {
    /// What most services take. The models of IAM, Lambda, CloudWatch Logs and S3 Control have these
    /// characters as patterns; the guides of the others name them.
    #[must_use]
    pub const fn common(service: &'static str) -> Self {
        const WORDS: &str = "use letters, digits, spaces and _ . : / = + - @";
        Self {
            service,
            key: ValueLimit::of("iam.tagKeyType", service).matching(WORDS),
            value: ValueLimit::of("iam.tagValueType", service).matching(WORDS),
            ignores_case: false,
            reserves_values: false,
            takes_empty: true,
        }
    }

    /// Tag keys of roles are one if they differ only in case, and `aws:` begins no value
    /// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html>).
    pub const IAM: Self = Self {
        ignores_case: true,
        reserves_values: true,
        ..Self::common("IAM")
    };

    /// A value of a tag has at least one character: `TagValue` of the model.
    pub const CLOUDTRAIL: Self = Self {
        takes_empty: false,
        ..Self::common("CloudTrail")
    };

    /// Tags may hold any character
    /// (<https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-queue-tags.html>).
    pub const SQS: Self = Self {
        key: ValueLimit::of("iam.tagKeyType", "SQS"),
        value: ValueLimit::of("iam.tagValueType", "SQS"),
        ..Self::common("SQS")
    };

    /// What is wrong with a tag: whether it is the key, why, and the way out.
    fn refusal(&self, key: &str, value: Option<&str>) -> Option<(bool, String)> {
        let of_key = self.key.refusal("key", key);
        let of_value = value.and_then(|value| {
            let is_reserved = self.reserves_values && begins_with(value, "aws:");
            if is_reserved {
                return Some(
                    "a value cannot begin with `aws:`, which AWS keeps for itself".to_owned(),
                );
            }
            if value.is_empty() && !self.takes_empty {
                return Some("write a value".to_owned());
            }
            let refused = self.value.refusal("value", value)?;
            refused.help
        });
        of_key
            .and_then(|refused| Some((true, refused.help?)))
            .or_else(|| Some((false, of_value?)))
    }
}

/// Reports the stack's tags that the services of its resources refuse. A value that refers to what is not
/// known yet is left out.
pub(super) fn check(
    source: &Arc<Source>,
    root: &Node,
    resources: &BTreeMap<Address, Resource>,
    known: &ReferenceValues,
    expires: bool,
) -> Vec<Diagnostic> {
    let tags = root.get("tags").map(Node::entries).unwrap_or_default();
    let rules: Vec<&TagRule> = Kind::ALL
        .into_iter()
        .filter(|kind| kind.facts().taggable && resources.values().any(|one| one.kind == *kind))
        .map(|kind| &kind.facts().tags)
        .collect();
    let ignores_case = rules.iter().find(|rule| rule.ignores_case);
    let mut found = Vec::new();
    let mut seen: HashMap<String, &str> = HashMap::new();
    for entry in tags {
        let other = *seen
            .entry(entry.key.to_lowercase())
            .or_insert(entry.key.as_str());
        let is_twin = other != entry.key;
        let twin = ignores_case.filter(|_| is_twin);
        found.extend(
            reserved(entry)
                .or_else(|| Some(same_key(entry, other, twin?.service)))
                .or_else(|| refused(entry, &rules, known))
                .map(|(span, diagnostic)| diagnostic.at(source, span)),
        );
    }
    found.extend(too_many(tags, resources, expires).map(|(span, found)| found.at(source, span)));
    found
}

/// Begins a key with what others write.
fn reserved(entry: &Entry) -> Option<(Span, Diagnostic)> {
    let is_taken = ["aws:", "treino:"]
        .iter()
        .any(|prefix| begins_with(&entry.key, prefix));
    let found = Diagnostic::error(format!("AWS would refuse the tag `{}`", entry.key)).help(
        "the prefixes `aws:` and `treino:` are reserved, also in uppercase letters: choose another",
    );
    is_taken.then_some((entry.key_span, found))
}

fn same_key(entry: &Entry, other: &str, service: &str) -> (Span, Diagnostic) {
    let message = format!(
        "{service} would take the tags `{other}` and `{}` for one: it ignores letter case",
        entry.key
    );
    let help = "leave one of them out, or give it another key";
    (entry.key_span, Diagnostic::error(message).help(help))
}

fn refused(
    entry: &Entry,
    rules: &[&TagRule],
    known: &ReferenceValues,
) -> Option<(Span, Diagnostic)> {
    let value = entry.value.as_str();
    let value = value
        .filter(|text| is_resolved(text, known))
        .map(|text| known.replace(text));
    let refusals = rules
        .iter()
        .filter_map(|rule| Some((rule.service, rule.refusal(&entry.key, value.as_deref())?)));
    let refusals: Vec<_> = refusals.collect();
    let (_, (is_key, help)) = refusals.first()?;
    let services: BTreeSet<&str> = refusals.iter().map(|(service, _)| *service).collect();
    let service = match services.into_iter().collect::<Vec<_>>()[..] {
        [only] => only,
        _ => "AWS",
    };
    let span = if *is_key {
        entry.key_span
    } else {
        entry.value.span
    };
    let message = format!("{service} would refuse the tag `{}`", entry.key);
    Some((span, Diagnostic::error(message).help(help.clone())))
}

/// treino's own tags count too.
fn too_many(
    tags: &[Entry],
    resources: &BTreeMap<Address, Resource>,
    expires: bool,
) -> Option<(Span, Diagnostic)> {
    let tagged = resources.values().filter(|one| one.kind.facts().taggable);
    let keys: HashSet<&str> = tags.iter().map(|entry| entry.key.as_str()).collect();
    let most = tagged
        .map(|one| {
            let is_own = |key: &&String| !keys.contains(key.as_str());
            let own = one.tags.keys().filter(is_own).count();
            MOST - own - usize::from(expires && !one.tags.contains_key(TAG_EXPIRES))
        })
        .min()?;
    let entry = tags.get(most)?;
    let message = format!("the stack has {} tags", tags.len());
    let help = format!("keep at most {most}: AWS allows {MOST} a resource, treino's own included");
    Some((entry.key_span, Diagnostic::error(message).help(help)))
}

fn begins_with(text: &str, prefix: &str) -> bool {
    let begin = text.get(..prefix.len());
    begin.is_some_and(|begin| begin.eq_ignore_ascii_case(prefix))
}
