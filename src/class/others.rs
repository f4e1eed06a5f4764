//! Copies of the stack that an operation on a class is not about: of owners who are not in the roster, and in other regions.

use std::collections::{BTreeMap, BTreeSet};

use super::command::{command, command_of_one};
use super::destroy::given;
use super::members::{ClassPlace, Members};
use super::{ClassOptions, Roster};
use crate::ops::{self, OtherCopy, SeenElsewhere, SessionOptions, StackRef, StackStatus};
use crate::plan::Owned;

/// What an operation is about.
pub struct AskedClass<'a> {
    pub base: &'a SessionOptions,
    pub class: &'a ClassOptions,
    pub roster: &'a Roster,
    pub stack: &'a StackRef,
    /// `status` or `destroy`.
    pub verb: &'static str,
}

/// What was seen in other regions.
#[derive(Default)]
pub struct InOtherRegions {
    pub copies: Vec<OtherCopy>,
    /// In place of the stack, one with a similar name, in words.
    pub similar: Vec<String>,
}

impl AskedClass<'_> {
    fn is_in_roster(&self, owner: Option<&str>) -> bool {
        let mut students = self.roster.students.iter();
        owner.is_some_and(|owner| students.any(|one| one.owner == owner))
    }

    /// Whether a student of the class is elsewhere than here, so that a copy here is not what the operation is about.
    fn is_moved(members: &Members, place: &ClassPlace, owner: Option<&str>) -> bool {
        let mut list = members.list.iter();
        let student = list.find(|one| Some(one.student.owner.as_str()) == owner);
        student.is_some_and(|one| one.place.as_ref() != Some(place))
    }

    /// Copies in the place of some of the class: of owners who are not in the roster, and of students whom it has in another
    /// account or region.
    pub fn not_of_place<'o>(
        &self,
        members: &Members,
        place: &ClassPlace,
        copies: impl Iterator<Item = (Option<&'o str>, &'o [Owned])>,
    ) -> Vec<OtherCopy> {
        let others = copies.filter(|(owner, _)| {
            !self.is_in_roster(*owner) || Self::is_moved(members, place, *owner)
        });
        let others = others.map(|(owner, owned)| OtherCopy {
            in_roster: self.is_in_roster(owner),
            owner: owner.map(String::from),
            account: place.0.clone(),
            region: place.1.clone(),
            resources: owned
                .iter()
                .map(|one| format!("{} {}", one.kind, one.name))
                .collect(),
            certain: true,
            command: self.command_of_one(members, place, owner),
        });
        others.collect()
    }

    /// The command about one copy, where it leads to the account.
    fn command_of_one(
        &self,
        members: &Members,
        place: &ClassPlace,
        owner: Option<&str>,
    ) -> Option<String> {
        let here = members.of_place(place);
        let students = here.iter().map(|index| &members.list[*index].student);
        let mut students = students.filter(|one| one.role_arn.is_none());
        let student = students.next()?;
        let mut given_there = self.base.given.clone();
        given_there.region = student.region.clone().or(given_there.region);
        if !given_there.local {
            given_there.profile = student.profile.clone().or(given_there.profile);
        }
        Some(command_of_one(
            (self.verb, &given(self.stack)),
            owner,
            &given_there,
        ))
    }

    /// All of them; in other regions it is looked only where a student's copy is not found. With stacks of similar names.
    pub async fn others(
        &self,
        members: &Members,
        (found, others): (&[Option<StackStatus>], &[(ClassPlace, StackStatus)]),
    ) -> (Vec<OtherCopy>, Vec<String>) {
        let mut copies = Vec::new();
        for (place, stack) in others {
            let one = (stack.owner.as_deref(), stack.resources.as_slice());
            copies.extend(self.not_of_place(members, place, std::iter::once(one)));
        }
        let mut similar = Vec::new();
        if found.iter().any(Option::is_none) {
            let seen = self.in_other_regions(members).await;
            copies.extend(seen.copies);
            similar = seen.similar;
        }
        (copies, similar)
    }

    /// Copies in other regions of the accounts of these members. What cannot be looked at shows nothing.
    pub async fn in_other_regions(&self, members: &Members) -> InOtherRegions {
        let mut found = InOtherRegions::default();
        let mut looked_at = BTreeSet::new();
        for ((account, region), session) in &members.places {
            if !looked_at.insert(account) {
                continue;
            }
            let seen = ops::seen_elsewhere(session, self.stack, self.verb).await;
            let SeenElsewhere { seen, is_it } = seen.unwrap_or_default();
            if !is_it {
                let words = seen.iter().filter(|one| !one.stack.is_empty());
                found
                    .similar
                    .extend(words.map(|one| ops::in_words(one, "", region)));
                continue;
            }
            let is_meant = |owner: Option<&str>| {
                let mut chosen = members.list.iter();
                !self.is_in_roster(owner)
                    || chosen.any(|one| Some(one.student.owner.as_str()) == owner)
            };
            let is_here = |region: &str| {
                let place = (account.clone(), region.to_owned());
                members.places.contains_key(&place)
            };
            let seen = seen.into_iter().filter(|one| {
                !one.local && !is_here(&one.region) && is_meant(one.owner.as_deref())
            });
            found.copies.extend(seen.map(|one| OtherCopy {
                in_roster: self.is_in_roster(one.owner.as_deref()),
                owner: one.owner,
                account: account.clone(),
                region: one.region,
                resources: one.resources,
                certain: one.certain,
                command: None,
            }));
        }
        self.write_commands(&mut found.copies);
        found
    }

    /// The command of the class for all that are seen in one region of an account.
    fn write_commands(&self, copies: &mut [OtherCopy]) {
        let mut owners: BTreeMap<ClassPlace, Vec<String>> = BTreeMap::new();
        for one in copies.iter().filter(|one| one.in_roster) {
            let place = (one.account.clone(), one.region.clone());
            owners.entry(place).or_default().extend(one.owner.clone());
        }
        for ((account, region), owners) in owners {
            let mut students = self.roster.students.iter();
            // A region in the roster counts more than that of the command.
            let names_region =
                students.any(|one| owners.contains(&one.owner) && one.region.is_some());
            if names_region {
                continue;
            }
            let given_there = ops::GivenOptions {
                region: Some(region.clone()),
                ..self.base.given.clone()
            };
            let words = [given(self.stack)];
            let roster = &self.class.roster;
            let text = command((self.verb, &words), roster, &owners, &given_there);
            let there = copies
                .iter_mut()
                .filter(|one| one.in_roster && one.account == account && one.region == region);
            for one in there {
                one.command = Some(text.clone());
            }
        }
    }
}
