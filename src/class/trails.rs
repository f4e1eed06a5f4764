//! The trails that students share, when their stacks are deleted.

use std::collections::BTreeSet;

use super::frontends::Unheard;
use super::members::{ClassPlace, Members};
use super::progress::ClassProgress;
use super::worse;
use crate::engine::Receipt;
use crate::ops::{self, Completion, Error, Event, FoundStack, Frontend, StackRef};
use crate::source::counted;

/// The shared trail of a place.
pub struct PlaceTrail<'s> {
    place: ClassPlace,
    /// The students of the place, by their numbers.
    here: Vec<usize>,
    pub found: FoundStack<'s>,
    /// The owners of the other copies there, in words.
    needed_by: Vec<String>,
}

impl<'s> PlaceTrail<'s> {
    pub fn new<'o>(
        place: &ClassPlace,
        here: Vec<usize>,
        found: FoundStack<'s>,
        others: impl Iterator<Item = &'o Option<String>>,
    ) -> Self {
        Self {
            place: place.clone(),
            here,
            found,
            needed_by: others.map(|owner| in_words(owner.as_deref())).collect(),
        }
    }

    /// Whether no other stack needs it.
    pub fn is_deleted(&self) -> bool {
        self.needed_by.is_empty()
    }

    /// Says whose stacks need it.
    pub fn tell(&self, frontend: &dyn Frontend) {
        if !self.is_deleted() {
            let message = stays(&self.needed_by);
            frontend.event(&Event::Info { message });
        }
    }
}

fn in_words(owner: Option<&str>) -> String {
    owner.unwrap_or("one without an owner").to_owned()
}

fn stays(owners: &[String]) -> String {
    format!(
        "the trail that the class shares stays: {} of other owners {} it ({})",
        counted(owners.len(), "stack"),
        if owners.len() == 1 { "needs" } else { "need" },
        owners.join(", ")
    )
}

/// Deletes the shared trails of places where no stack is left. It is looked once more whose stacks are deployed: others may
/// have been deployed, or deleted by somebody else, meanwhile. Returns the receipts.
pub async fn delete_trails<'s>(
    trails: Vec<PlaceTrail<'s>>,
    (members, stack): (&'s Members, &StackRef),
    progress: &ClassProgress<'_>,
    frontend: &dyn Frontend,
) -> (Completion, Vec<Receipt>) {
    let mut completion = Completion::Complete;
    let mut receipts = Vec::new();
    for trail in trails {
        // A stack that is left still needs it.
        let is_left = trail
            .here
            .iter()
            .any(|index| !progress.state(*index).is_done());
        if is_left || progress.is_stopped() {
            let message =
                "the trail that the class shares stays until the last of its stacks is deleted"
                    .to_owned();
            frontend.event(&Event::Info { message });
            continue;
        }
        match deleted(trail, (members, stack), frontend).await {
            Ok(None) => {}
            Ok(Some((ended, receipt))) => {
                completion = worse(completion, ended);
                receipts.extend(receipt);
            }
            Err(error) => {
                let message = format!("the trail that the class shares is not deleted: {error}");
                frontend.event(&Event::Warning { message });
                completion = worse(completion, Completion::Failed);
            }
        }
    }
    (completion, receipts)
}

/// Deletes one, unless another stack needs it now.
async fn deleted<'s>(
    trail: PlaceTrail<'s>,
    (members, stack): (&'s Members, &StackRef),
    frontend: &dyn Frontend,
) -> Result<Option<(Completion, Option<Receipt>)>, Error> {
    let Some(session) = members.places.get(&trail.place) else {
        return Ok(None);
    };
    let again = ops::find_copies(session, &[], stack, &Unheard).await?;
    // These were proved to be deleted.
    let of_class = trail.here.iter().map(|index| &members.list[*index]);
    let of_class: BTreeSet<&str> = of_class.map(|one| one.student.owner.as_str()).collect();
    let others = again.others.keys();
    let others = others.filter(|owner| !owner.as_deref().is_some_and(|of| of_class.contains(of)));
    let others: Vec<String> = others.map(|owner| in_words(owner.as_deref())).collect();
    if !others.is_empty() {
        if others != trail.needed_by {
            let message = stays(&others);
            frontend.event(&Event::Info { message });
        }
        return Ok(None);
    }
    let Some(found) = again.shared_trail else {
        return Ok(None);
    };
    let ended = found.delete(&Unheard).await?;
    Ok(Some((ended.completion, ended.receipt)))
}
