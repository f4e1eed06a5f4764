//! One look at whether a destroyed stack is gone.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::{join_all, try_join_all};

use super::DeletedResource;
use crate::engine::listing::owned_by;
use crate::engine::{Provider, ProviderError, Scope, destroy_journal};
use crate::plan::{Owned, Ownership, Unseen};
use crate::stack::{Kind, PossibleKinds, Target};

/// Concurrent reads by name, per kind.
const MAX_CONCURRENT_READS: usize = 8;

/// How it was observed that a resource still exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trace {
    /// It is listed, and found by its name.
    Listed,
    /// It is found by its name, and not listed.
    Named,
    /// It is listed, and not found by its name: the list may be late.
    LateList,
}

impl Trace {
    pub(super) fn in_words(self) -> &'static str {
        match self {
            Self::Listed => "is still listed",
            Self::Named => "is not listed, but it exists",
            Self::LateList => "is still listed, and by its name said not to be there",
        }
    }
}

/// What is looked for.
pub(super) struct Search<'a> {
    pub(super) provider: &'a dyn Provider,
    pub(super) target: &'a Target,
    /// The kinds that the stack may have.
    pub(super) possible: &'a PossibleKinds,
    /// What is known to be of others, whose marks are not read.
    pub(super) of_others: &'a [(Kind, String)],
    /// The kinds that the stack cannot have, and that could not be listed: they are not listed again.
    pub(super) given_up: BTreeMap<Kind, Unseen>,
}

/// The result of one look.
#[derive(Default)]
pub(super) struct Observation {
    /// Resources that still exist, and how that was observed.
    pub(super) remaining: BTreeMap<(Kind, String), Trace>,
    /// Resources of other owners with the name of a deleted one.
    pub(super) foreign: BTreeMap<(Kind, String), Ownership>,
    /// Resources of the stack that were not in the list of deleted ones.
    pub(super) unexpected: Vec<DeletedResource>,
    /// Errors of kinds that could not be listed.
    pub(super) errors: BTreeMap<Kind, ProviderError>,
    /// Kinds whose deleted resources could not be checked.
    pub(super) unlistable: BTreeSet<Kind>,
}

impl Observation {
    /// Whether a list leaves out what is found by its name.
    pub(super) fn is_listing_stale(&self) -> bool {
        self.remaining.values().any(|trace| *trace == Trace::Named)
    }

    /// Whether another look may succeed where this one failed: a denied call stays denied.
    pub(super) fn is_inconclusive(&self) -> bool {
        self.errors.values().any(|error| !error.is_denied())
    }

    /// The resources that are listed and not found by name; the kind alone where a list says no more.
    /// Empty if anything else is left too.
    pub(super) fn late(&self) -> Vec<(Kind, Option<&str>)> {
        let is_late = |error: &ProviderError| error.is_denied() || error.is_late_list();
        let only = self
            .remaining
            .values()
            .all(|trace| *trace == Trace::LateList)
            && self.errors.values().all(is_late);
        if !only {
            return Vec::new();
        }
        let named = self.remaining.keys();
        let named = named.map(|(kind, name)| (*kind, Some(name.as_str())));
        let kinds = self.errors.iter().filter(|(_, error)| error.is_late_list());
        named.chain(kinds.map(|(kind, _)| (*kind, None))).collect()
    }

    /// What remains and is to be deleted again. What only a late list shows was deleted.
    pub(super) fn to_delete(&self) -> Vec<&(Kind, String)> {
        let left = self.remaining.iter();
        left.filter(|(_, trace)| **trace != Trace::LateList)
            .map(|(of, _)| of)
            .collect()
    }
}

impl Search<'_> {
    /// Looks for what was deleted, by list calls, and for whatever else carries the stack's mark. The `last` look asks for
    /// each by its name, too, and lists the kinds of which nothing was found; these were listed before anything was deleted.
    pub(super) async fn look(&mut self, known: &[DeletedResource], last: bool) -> Observation {
        let provider = self.provider;
        let mut names: BTreeMap<Kind, Vec<String>> = BTreeMap::new();
        for (_, kind, name) in known {
            names.entry(*kind).or_default().push(name.clone());
        }
        let scope = &Scope {
            known: [
                destroy_journal::kept_to_the_end(self.target),
                self.of_others.to_vec(),
            ]
            .concat(),
            ..Scope::of(Some(&self.target.stack))
        };
        let unlikely = &Scope {
            unlikely: true,
            ..scope.clone()
        };
        let kinds = Kind::ALL.into_iter();
        let kinds = kinds.filter(|kind| !self.given_up.contains_key(kind));
        let kinds = kinds.filter(|kind| last || names.contains_key(kind));
        // A kind that was deleted is listed once, for its names and for marks.
        let listings = kinds.map(|kind| {
            let names = names.get(&kind);
            let is_possible = self.possible.has(kind);
            async move {
                let Some(names) = names else {
                    let scope = if is_possible { scope } else { unlikely };
                    return (kind, None, provider.owned(kind, scope).await);
                };
                let (left, owned) = look_at(provider, kind, names, last, scope).await;
                (kind, Some(left), owned)
            }
        });
        let mut observed = Observation::default();
        let (mut owned, mut errors) = (Vec::new(), Vec::new());
        for (kind, left, marked) in join_all(listings).await {
            match left {
                Some(Ok(left)) => observed
                    .remaining
                    .extend(left.into_iter().map(|(name, how)| ((kind, name), how))),
                Some(Err(error)) => {
                    observed.unlistable.insert(kind);
                    observed.errors.insert(kind, error);
                }
                None => {}
            }
            match marked {
                Ok(marked) => owned.extend(marked),
                Err(error) => errors.push((kind, error)),
            }
        }
        let owned = owned_by(self.target, scope, owned);
        self.separate_foreign(known, &owned, &mut observed).await;
        for owned in owned
            .into_iter()
            .filter(|owned| !destroy_journal::is_kept_to_the_end(owned))
        {
            let of = (owned.kind, owned.name);
            let is_known = |(_, kind, name): &DeletedResource| (*kind, name) == (of.0, &of.1);
            if !known.iter().any(is_known) {
                observed
                    .unexpected
                    .push((owned.address, of.0, of.1.clone()));
            }
            observed.remaining.insert(of, Trace::Listed);
        }
        for (kind, error) in errors {
            if self.possible.has(kind) || names.contains_key(&kind) {
                observed.errors.entry(kind).or_insert(error);
            } else {
                self.given_up.insert(kind, error.unseen(kind));
            }
        }
        observed
    }

    /// Moves resources that somebody else created to `foreign`. A resource that cannot be read counts as
    /// remaining.
    async fn separate_foreign(
        &self,
        known: &[DeletedResource],
        owned: &[Owned],
        observed: &mut Observation,
    ) {
        let left = std::mem::take(&mut observed.remaining);
        for (of, how) in left {
            let (kind, name) = &of;
            let is_marked = owned
                .iter()
                .any(|owned| owned.kind == *kind && owned.name == *name);
            let address = known.iter().find(|(_, k, n)| k == kind && n == name);
            let mut whose = None;
            if let (false, Some((address, ..)), true) = (is_marked, address, how != Trace::LateList)
            {
                match self.provider.read(*kind, name).await {
                    Ok(live) => {
                        whose = live.and_then(|live| {
                            Ownership::of(self.target, *kind, address, name, &live.tags)
                        });
                    }
                    Err(error) => drop(observed.errors.insert(*kind, error)),
                }
            }
            match whose {
                Some(whose) => drop(observed.foreign.insert(of, whose)),
                None => drop(observed.remaining.insert(of, how)),
            }
        }
    }
}

/// Which of these names a service still lists or still finds by name, and what carries the mark. What is listed is
/// always asked for by name too.
async fn look_at(
    provider: &dyn Provider,
    kind: Kind,
    names: &[String],
    by_name: bool,
    scope: &Scope,
) -> (
    Result<Vec<(String, Trace)>, ProviderError>,
    Result<Vec<Owned>, ProviderError>,
) {
    let by_name = async {
        let mut stand = Vec::new();
        let asked: &[String] = if by_name { names } else { &[] };
        for some in asked.chunks(MAX_CONCURRENT_READS) {
            let answers = some.iter().map(|name| provider.exists(kind, name));
            let answers = try_join_all(answers).await?;
            let asked = some.iter().zip(answers);
            stand.extend(asked.filter(|(_, stands)| *stands).map(|(name, _)| name));
        }
        Ok(stand)
    };
    let lists = provider.listed_and_owned(kind, names, scope);
    let ((listed, owned), stand) = tokio::join!(lists, by_name);
    let left = match (listed, stand) {
        (Ok(listed), Ok(stand)) => Ok(traces(provider, kind, listed, stand).await),
        (Err(error), _) | (_, Err(error)) => Err(error),
    };
    (left, owned)
}

/// How each of these was found.
async fn traces(
    provider: &dyn Provider,
    kind: Kind,
    listed: Vec<String>,
    stand: Vec<&String>,
) -> Vec<(String, Trace)> {
    let unlisted = stand.into_iter().filter(|name| !listed.contains(name));
    let mut left: Vec<_> = unlisted.map(|name| (name.clone(), Trace::Named)).collect();
    for some in listed.chunks(MAX_CONCURRENT_READS) {
        let answers = join_all(some.iter().map(|name| provider.exists(kind, name))).await;
        for (name, stands) in some.iter().zip(answers) {
            // Where the name cannot be asked for, the list is believed.
            let trace = if stands.unwrap_or(true) {
                Trace::Listed
            } else {
                Trace::LateList
            };
            left.push((name.clone(), trace));
        }
    }
    left
}
