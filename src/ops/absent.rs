//! What is said of a stack that has no resources where it was looked for.

use std::collections::{BTreeMap, BTreeSet};

use super::command::Commands;
use super::frontend::Reporter;
use super::session::Session;
use super::stack_ref::StackRef;
use super::{Error, Event, OtherOwners, SeenStack, forgotten_local};
use crate::engine::{Provider, Sighting};
use crate::plan::Owned;
use crate::stack::{TAG_OWNER, TAG_STACK, Target, suggestion};

/// A stack's name of fewer letters is like too many others to tell what was meant.
const SHORT: usize = 3;

/// What was seen in place of a stack.
#[derive(Debug, Default)]
pub(super) struct Absence {
    /// Copies of other owners and in other regions; of a stack with a similar name, where there is none.
    pub(super) seen: Vec<SeenStack>,
    /// Whether the name is known: a file has it, or something of it was seen.
    pub(super) known: bool,
    /// The stacks of others, where all of one owner were asked for.
    pub(super) other_owners: Option<OtherOwners>,
}

/// Looks for a stack that has no resources at the target. `others` are marked resources of other stacks and owners
/// there. Nothing is listed that was listed before: roles and buckets of all regions come in one list each.
pub(super) async fn look_elsewhere(
    provider: &dyn Provider,
    target: &Target,
    (session, stack): (&Session, &StackRef),
    verb: &str,
    others: &[Owned],
    out: &Reporter<'_>,
) -> Absence {
    let mut sightings: Vec<Sighting> = others.iter().map(|one| sighting(target, one)).collect();
    sightings.extend(provider.sightings(&target.stack).await);
    let of_folder = match stack {
        StackRef::Name(name) => StackRef::stack_of_folder(name),
        StackRef::File(_) => None,
    };
    let wanted = (target, of_folder.as_deref());
    let mut seen = seen(wanted, &sightings, verb, out.commands());
    seen.extend(forgotten_local::seen(session, &target.stack, verb, out).await);
    let is_seen = seen.iter().any(|one| one.stack == target.stack);
    Absence {
        seen,
        known: is_seen || matches!(stack, StackRef::File(_)),
        other_owners: None,
    }
}

fn sighting(target: &Target, owned: &Owned) -> Sighting {
    Sighting {
        stack: owned.tags.get(TAG_STACK).cloned().unwrap_or_default(),
        owner: owned.tags.get(TAG_OWNER).cloned(),
        region: target.region.clone(),
        kind: owned.kind,
        name: owned.name.clone(),
        certain: true,
    }
}

/// `of_folder` is the stack of the file in a folder that has the name of the target's.
fn seen(
    (target, of_folder): (&Target, Option<&str>),
    sightings: &[Sighting],
    verb: &str,
    commands: &Commands,
) -> Vec<SeenStack> {
    let names: BTreeSet<&str> = sightings.iter().map(|one| one.stack.as_str()).collect();
    let name = if names.contains(target.stack.as_str()) {
        target.stack.as_str()
    } else {
        let of_folder = of_folder.filter(|name| names.contains(name));
        let names: Vec<&str> = names.into_iter().collect();
        let similar = || suggestion(&target.stack, &names).filter(|_| target.stack.len() >= SHORT);
        match of_folder.or_else(similar) {
            Some(meant) => meant,
            None => return Vec::new(),
        }
    };
    let mut copies: BTreeMap<_, BTreeSet<String>> = BTreeMap::new();
    for one in sightings.iter().filter(|one| one.stack == name) {
        let copy = (!one.certain, &one.region, &one.owner);
        let resource = format!("{} {}", one.kind, one.name);
        copies.entry(copy).or_default().insert(resource);
    }
    // A bucket that is only named like the stack's says nothing where its role is seen.
    let certain: BTreeSet<&String> = copies
        .keys()
        .filter(|(doubtful, ..)| !doubtful)
        .map(|(_, region, _)| *region)
        .collect();
    copies.retain(|(doubtful, region, _), _| !doubtful || !certain.contains(region));
    let command = |region: &str, owner: &Option<String>, certain: bool| {
        let mut commands = commands.clone().in_region(region, &target.region);
        if name != target.stack {
            commands = commands.about(&StackRef::Name(name.to_owned()));
        }
        if certain {
            commands = commands.of_owner(owner.as_deref());
        }
        // Another stack is not offered to be destroyed: the one that was meant may have ended by itself.
        let is_other = name != target.stack && verb == "destroy";
        commands.write(if is_other { "status" } else { verb }, &[])
    };
    copies
        .iter()
        .map(|((doubtful, region, owner), resources)| SeenStack {
            stack: name.to_owned(),
            owner: (*owner).clone(),
            region: (*region).clone(),
            resources: resources.iter().cloned().collect(),
            certain: !doubtful,
            local: false,
            command: command(region, owner, !doubtful),
        })
        .collect()
}

impl Absence {
    /// Where nothing of a name is seen, a folder may have been meant.
    ///
    /// # Errors
    /// It is a folder that has no stack file.
    pub(super) fn check_folder(&self, stack: &StackRef) -> Result<(), Error> {
        if self.known || !self.seen.is_empty() {
            return Ok(());
        }
        stack.folder_without_file().map_or(Ok(()), Err)
    }

    /// The help of an error: which commands are about what was seen; how it is deployed, where nothing was.
    pub(super) fn help(&self, target: &Target, commands: &Commands) -> String {
        if self.seen.is_empty() {
            let deploy = commands.write("deploy", &[]);
            return format!("deploy it first: `{deploy}`");
        }
        let seen = self.seen.iter();
        let seen = seen.map(|one| in_words(one, &target.stack, &target.region));
        seen.collect::<Vec<_>>().join("; ")
    }

    /// That there is nothing to destroy.
    pub(super) fn nothing_owned(&self, target: &Target, complete: bool) -> Event {
        Event::NothingOwned {
            stack: target.stack.clone(),
            region: Some(target.region.clone()),
            account: Some(target.account.clone()),
            complete,
            running: None,
            known: self.known,
            seen: self.seen.clone(),
        }
    }

    /// That there is nothing to show.
    pub(super) fn no_stack(&self, target: &Target, named: bool, complete: bool) -> Event {
        Event::NoStack {
            stack: named.then(|| target.stack.clone()),
            region: Some(target.region.clone()),
            account: Some(target.account.clone()),
            complete,
            running: None,
            known: self.known,
            seen: self.seen.clone(),
            other_owners: self.other_owners.clone(),
        }
    }
}

/// A stack that was seen in place of another, with the command about it.
#[must_use]
pub fn in_words(seen: &SeenStack, wanted: &str, region: &str) -> String {
    let resources = match seen.resources.as_slice() {
        [only] => only.clone(),
        several => format!("{} resources", several.len()),
    };
    let owner = seen.owner.as_ref();
    let whose = match owner {
        Some(owner) => format!("the copy of {owner}"),
        None => "a copy without an owner".to_owned(),
    };
    let place = if seen.region == region {
        String::new()
    } else {
        format!(" in {}", seen.region)
    };
    let command = &seen.command;
    if seen.stack != wanted {
        let of = owner.map_or_else(String::new, |owner| format!(" of {owner}"));
        // Of other stacks only some kinds are listed: a count would be too small.
        let resources = match seen.resources.as_slice() {
            [only] => format!(" ({only})"),
            _ => String::new(),
        };
        return format!(
            "did you mean {}{of}{place}{resources}? `{command}`",
            seen.stack
        );
    }
    if !seen.certain {
        return format!(
            "perhaps it is deployed{place}, where {resources} is named like it: `{command}`"
        );
    }
    if seen.local {
        return format!("it is deployed on the local AWS ({resources}): `{command}`");
    }
    if place.is_empty() {
        return format!("{whose} is deployed here ({resources}): `{command}`");
    }
    let of = owner.map_or_else(String::new, |owner| format!(" of {owner}"));
    format!("it is deployed{place}{of} ({resources} seen): `{command}`")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::GivenOptions;
    use crate::stack::Kind;

    fn target(stack: &str) -> Target {
        Target {
            partition: "aws".to_owned(),
            region: "us-east-1".to_owned(),
            account: "111122223333".to_owned(),
            stack: stack.to_owned(),
            owner: None,
        }
    }

    fn sighted(stack: &str, owner: Option<&str>, region: &str, certain: bool) -> Sighting {
        Sighting {
            stack: stack.to_owned(),
            owner: owner.map(String::from),
            region: region.to_owned(),
            kind: Kind::Bucket,
            name: format!("{stack}-b-{region}"),
            certain,
        }
    }

    fn said(stack: &str, sightings: &[Sighting]) -> Vec<String> {
        said_beside(None, stack, sightings)
    }

    /// The same where a folder of the name has the file of another stack.
    fn said_beside(folder: Option<&str>, stack: &str, sightings: &[Sighting]) -> Vec<String> {
        let given = GivenOptions {
            local: true,
            ..GivenOptions::default()
        };
        let commands = Commands::with(&given).about(&StackRef::Name(stack.to_owned()));
        let target = target(stack);
        let seen = seen((&target, folder), sightings, "destroy", &commands);
        let words = seen.iter().map(|one| in_words(one, stack, &target.region));
        words.collect()
    }

    #[test]
    fn copies_of_other_owners_and_regions_are_said_with_their_commands() {
        let sightings = [
            sighted("lab", Some("ana"), "us-east-1", true),
            sighted("lab", None, "sa-east-1", true),
            sighted("lab", None, "sa-east-1", false),
            sighted("lab", None, "eu-west-1", false),
            sighted("labs", None, "us-east-1", true),
        ];
        assert_eq!(
            said("lab", &sightings),
            [
                "it is deployed in sa-east-1 (bucket lab-b-sa-east-1 seen): \
                 `treino destroy lab --region sa-east-1 --local`",
                "the copy of ana is deployed here (bucket lab-b-us-east-1): \
                 `treino destroy lab --owner ana --local`",
                "perhaps it is deployed in eu-west-1, where bucket lab-b-eu-west-1 is named like it: \
                 `treino destroy lab --region eu-west-1 --local`",
            ]
        );
    }

    #[test]
    fn a_similar_name_is_suggested_only_where_the_name_is_unknown() {
        let sightings = [sighted("image-metadata", None, "us-east-1", true)];
        assert_eq!(
            said("image-metdata", &sightings),
            [
                "did you mean image-metadata (bucket image-metadata-b-us-east-1)? \
              `treino status image-metadata --local`"
            ]
        );
        let table = Sighting {
            kind: Kind::Table,
            ..sightings[0].clone()
        };
        assert_eq!(
            said("image-metdata", &[sightings[0].clone(), table]),
            ["did you mean image-metadata? `treino status image-metadata --local`"]
        );
        assert_eq!(said("quite-another", &sightings), Vec::<String>::new());
        let short = [sighted("a1", None, "us-east-1", true)];
        assert_eq!(said("a2", &short), Vec::<String>::new());
    }

    #[test]
    fn the_stack_in_a_folder_of_that_name_is_suggested() {
        let labs = ["lab1", "image-metadata"];
        let sightings = labs.map(|lab| sighted(lab, None, "us-east-1", true));
        let folder = Some("image-metadata");
        assert_eq!(
            said_beside(folder, "lab2", &sightings),
            [
                "did you mean image-metadata (bucket image-metadata-b-us-east-1)? \
              `treino status image-metadata --local`"
            ]
        );
        assert!(said_beside(folder, "lab2", &sightings[..1])[0].contains("lab1"));
        let own = [sighted("lab2", Some("ana"), "us-east-1", true)];
        assert!(said_beside(folder, "lab2", &own)[0].contains("destroy lab2 --owner ana"));
    }
}
