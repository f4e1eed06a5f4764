//! What is deployed of a class: one listing for each account and region.

use super::frontends::Unheard;
use super::members::{ClassPlace, Members};
use crate::ops::{self, Error, StackRef, StackStatus};

/// The stack of each member, in their order, and the other stacks of that name, which other owners have.
pub async fn deployed(
    members: &Members,
    stack: &StackRef,
) -> Result<Vec<Option<StackStatus>>, Error> {
    let mut stacks: Vec<Option<StackStatus>> = members.list.iter().map(|_| None).collect();
    for (place, session) in &members.places {
        let here = members.of_place(place);
        for one in ops::status(session, Some(stack), &Unheard).await?.stacks {
            let is_its =
                |index: &&usize| Some(&members.list[**index].student.owner) == one.owner.as_ref();
            if let Some(index) = here.iter().find(is_its) {
                stacks[*index] = Some(one);
            }
        }
    }
    Ok(stacks)
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
    found.stacks.into_iter().find(|one| one.owner.is_none())
}
