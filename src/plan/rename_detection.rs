//! Finds the orphans that new resources replace under another key or name.

use std::collections::{BTreeMap, HashMap};

use serde_json::Value;

use super::{ActualState, Orphan};
use crate::stack::{Address, Kind, Resource};

/// Indexes of the orphans, so that each is visited once, however many there are.
pub(super) struct OrphanIndex<'s> {
    of_address: HashMap<(&'s Address, Kind), &'s Orphan>,
    /// By the fields that identify a renamed resource; `None` if several are alike.
    alike: HashMap<Likeness<'s>, Option<usize>>,
    orphans: &'s [Orphan],
}

/// What a resource and its replacement have in common.
type Likeness<'v> = (Kind, Option<&'v str>, Vec<Option<&'v Value>>);

impl<'s> OrphanIndex<'s> {
    pub(super) fn of(actual: &'s ActualState) -> Self {
        let mut index = Self {
            of_address: HashMap::new(),
            alike: HashMap::new(),
            orphans: &actual.orphans,
        };
        for (number, orphan) in index.orphans.iter().enumerate() {
            let of_address = index.of_address.entry((&orphan.address, orphan.kind));
            of_address.or_insert(orphan);
            if let Some(spec) = &orphan.spec {
                index
                    .alike
                    .entry(likeness(orphan.kind, &orphan.address, spec))
                    .and_modify(|only| *only = None)
                    .or_insert(Some(number));
            }
        }
        index
    }

    /// The orphan with the address of the resource and another name.
    pub(super) fn of_same_address(&self, want: &Resource) -> Option<&'s Orphan> {
        self.of_address.get(&(&want.address, want.kind)).copied()
    }

    /// The orphan that a new resource seems to replace: the only one of its kind with the same spec.
    pub(super) fn predecessor(&self, want: &Resource) -> Option<&'s Orphan> {
        self.number(want)
            .and_then(|number| self.orphans.get(number))
    }

    fn number(&self, want: &Resource) -> Option<usize> {
        let likeness = likeness(want.kind, &want.address, &want.spec);
        self.alike.get(&likeness).copied().flatten()
    }

    /// The first of these resources that seems to replace each orphan, by the orphan's index.
    pub(super) fn replacements<'w>(
        &self,
        new: impl Iterator<Item = &'w Resource>,
    ) -> BTreeMap<usize, &'w Address> {
        let mut replacements = BTreeMap::new();
        for want in new {
            if let Some(number) = self.number(want) {
                replacements.entry(number).or_insert(&want.address);
            }
        }
        replacements
    }
}

/// Specs of a renamed resource differ at most where they name resources renamed with it.
fn likeness<'v>(kind: Kind, address: &'v Address, spec: &'v Value) -> Likeness<'v> {
    let telling = kind.facts().recognised_by.iter();
    let told = telling.map(|field| spec.get(field)).collect();
    (kind, address.of_owner(), told)
}
