//! What is deployed of a class: one listing for each account and region.

use super::frontends::Unheard;
use super::members::{ClassPlace, Members};
use crate::engine::is_of_shared_trail;
use crate::ops::{self, Error, StackRef, StackStatus};

/// What a class has.
#[derive(Default)]
pub struct StacksOfClass {
    /// The stack of each member, in their order.
    pub stacks: Vec<Option<StackStatus>>,
    /// The copies of others, with their places.
    pub others: Vec<(ClassPlace, StackStatus)>,
    /// The stacks of the trails that they share.
    pub trails: Vec<(ClassPlace, StackStatus)>,
}

/// The stack of each member, and the trails that they share. That a place cannot be listed is the error of its members.
///
/// # Errors
/// No place can be listed.
pub async fn deployed(members: &mut Members, stack: &StackRef) -> Result<StacksOfClass, Error> {
    let mut trails = Vec::new();
    let mut others = Vec::new();
    let mut stacks: Vec<Option<StackStatus>> = members.list.iter().map(|_| None).collect();
    let mut first = None;
    let mut is_any_listed = members.places.is_empty();
    let mut failed = Vec::new();
    for (place, session) in &members.places {
        let here = members.of_place(place);
        let (listed, trail) = match ops::status_of_class(session, stack, &Unheard).await {
            Ok(listed) => listed,
            Err(error) => {
                failed.push((here, error.clone()));
                first.get_or_insert(error);
                continue;
            }
        };
        is_any_listed = true;
        trails.extend(trail.map(|one| (place.clone(), one)));
        for one in listed.stacks {
            let is_its =
                |index: &&usize| Some(&members.list[**index].student.owner) == one.owner.as_ref();
            if let Some(index) = here.iter().find(is_its) {
                stacks[*index] = Some(one);
            } else {
                others.push((place.clone(), one));
            }
        }
    }
    for (here, error) in failed {
        for index in here {
            members.list[index].error = Some(error.clone());
        }
    }
    match first {
        Some(error) if !is_any_listed => Err(error),
        _ => Ok(StacksOfClass {
            stacks,
            others,
            trails,
        }),
    }
}

/// The stack of the trail that the class shares in a place.
pub async fn shared_trail(
    members: &Members,
    place: &ClassPlace,
    stack: &str,
) -> Option<StackStatus> {
    let session = members.places.get(place)?;
    let trail = StackRef::Name(format!("{stack}-class"));
    let found = ops::status(session, Some(&trail), &Unheard).await.ok()?;
    // Another stack may have that name.
    let is_trail = |one: &StackStatus| one.resources.iter().all(is_of_shared_trail);
    let mut stacks = found.stacks.into_iter();
    stacks.find(|one| one.owner.is_none() && is_trail(one))
}
