//! The handout of one copy of a stack: what its student needs to know of it, as data.

mod commands;
mod starts;

use std::time::SystemTime;

use crate::asl::{self, MachineOutline, StateMachineArn};
use crate::stack::{DesiredState, Kind, Resource, SelfDestruct};

use super::console;
use super::copies::answered;
use super::loaded_stack::LoadedStack;
use super::session::{Session, Silent};
use super::{ConsoleLink, Error};

pub use commands::{HandoutAct, HandoutCommand, HandoutWords};
pub use starts::{HandoutStart, StartCause};

/// What a student is told of a stack.
#[derive(Debug, Clone, PartialEq)]
pub struct Handout {
    /// The stack.
    pub stack: String,
    /// What it is for, as its file says.
    pub description: String,
    /// The owner.
    pub owner: String,
    /// What the student is called, where the roster says it.
    pub name: Option<String>,
    /// The account id.
    pub account: String,
    /// The region's code.
    pub region: String,
    /// The profile of the AWS configuration files, where the roster names one.
    pub profile: Option<String>,
    /// Where it is.
    pub place: HandoutPlace,
    /// How much of it is deployed.
    pub deployed: HandoutExtent,
    /// When it expires, as an RFC 3339 time; nothing of one that stays until it is destroyed.
    pub expires: Option<String>,
    /// Whether it is then deleted by itself.
    pub self_destruct: bool,
    /// What the stack file declares: no roles, and nothing that belongs to another resource.
    pub resources: Vec<HandoutResource>,
    /// What starts something by itself.
    pub starts: Vec<HandoutStart>,
    /// Its state machines.
    pub machines: Vec<HandoutMachine>,
    /// What can be tried, in this order.
    pub commands: Vec<HandoutCommand>,
    /// Environment variables that have to be set where the stack file is read.
    pub variables: Vec<String>,
}

/// How much of a stack is deployed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HandoutExtent {
    /// All of it.
    All,
    /// Some of it.
    Part,
    /// Nothing.
    Nothing,
}

/// Where a stack is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HandoutPlace {
    /// In AWS.
    Aws,
    /// On the local AWS.
    Local,
    /// At another endpoint, which has no console.
    Endpoint,
}

/// A resource in a handout.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HandoutResource {
    /// Its kind.
    pub kind: Kind,
    /// Its key in the stack file.
    pub key: String,
    /// Its name in AWS.
    pub name: String,
    /// Its page in the AWS console.
    pub console: Option<String>,
    /// The page of what it logs.
    pub logs: Option<String>,
}

/// A state machine in a handout.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HandoutMachine {
    /// Its key in the stack file.
    pub key: String,
    /// Its name in AWS.
    pub name: String,
    /// Its states. What they call is by name, where it is of this stack.
    pub outline: MachineOutline,
}

/// For whom a handout is, and what is known of the stack that is deployed.
#[derive(Debug, Clone, Copy)]
pub struct HandoutOf<'a> {
    /// What the student is called.
    pub name: Option<&'a str>,
    /// The profile that leads to the student's account.
    pub profile: Option<&'a str>,
    /// Words for what commands are tried with.
    pub words: HandoutWords,
    /// Whether the trail of a class records its objects.
    pub sharing: bool,
    /// What is deployed.
    pub deployed: DeployedPart<'a>,
    /// When it expires.
    pub expires: Option<SystemTime>,
    /// Whether it is seen that nothing waits to delete it then.
    pub reaper_missing: bool,
}

/// What is deployed of a stack.
#[derive(Debug, Clone, Copy)]
pub enum DeployedPart<'a> {
    /// All of it.
    All,
    /// Not all of it.
    NotAll,
    /// Nothing.
    Nothing,
    /// These resources.
    Found(&'a [crate::plan::Owned]),
}

impl DeployedPart<'_> {
    fn extent(self, desired: &DesiredState) -> HandoutExtent {
        match self {
            Self::All => HandoutExtent::All,
            Self::NotAll => HandoutExtent::Part,
            Self::Nothing | Self::Found([]) => HandoutExtent::Nothing,
            Self::Found(found) => {
                let mut all = desired.resources.keys();
                if all.all(|address| found.iter().any(|one| one.address == *address)) {
                    HandoutExtent::All
                } else {
                    HandoutExtent::Part
                }
            }
        }
    }
}

/// The handout of the session's copy of a stack. Connects, and asks AWS nothing else.
///
/// # Errors
/// Something is wrong with the file for this owner, or AWS cannot be reached.
pub async fn handout(
    session: &Session,
    stack: &LoadedStack,
    of: HandoutOf<'_>,
) -> Result<Handout, Error> {
    let out = session.reporter(&Silent);
    let made = async {
        let target = stack.target(session, &out).await?;
        let connection = session.connected(&out).await?;
        let place = match (session.is_local(), connection.is_aws) {
            (true, _) => HandoutPlace::Local,
            (false, true) => HandoutPlace::Aws,
            (false, false) => HandoutPlace::Endpoint,
        };
        let (desired, _) = stack.expand(&target, of.sharing)?;
        session.masker().hide(desired.secrets.values());
        Ok(made(session, stack, (&desired, place), of))
    };
    let handout = answered(&out, made.await)?;
    Ok(session.masker().masked(handout))
}

fn made(
    session: &Session,
    stack: &LoadedStack,
    (desired, place): (&DesiredState, HandoutPlace),
    of: HandoutOf<'_>,
) -> Handout {
    let target = &desired.target;
    let starts = starts::starts(stack, desired);
    let mut variables: Vec<String> = desired
        .reads
        .environment
        .iter()
        .map(|one| one.variable.clone())
        .collect();
    variables.sort();
    variables.dedup();
    let is_kept = stack.self_destruct() == SelfDestruct::Off || of.reaper_missing;
    Handout {
        stack: target.stack.clone(),
        description: desired.description.clone(),
        owner: target.owner.clone().unwrap_or_default(),
        name: of.name.map(String::from),
        account: target.account.clone(),
        region: target.region.clone(),
        profile: of.profile.map(String::from),
        place,
        deployed: of.deployed.extent(desired),
        expires: of
            .expires
            .map(|at| humantime::format_rfc3339_seconds(at).to_string()),
        self_destruct: !is_kept,
        resources: resources(desired, place),
        commands: commands::commands(session, (stack, desired, place), &starts, of),
        starts,
        machines: machines(desired),
        variables,
    }
}

/// What the stack file declares, in the order in which a student meets it.
fn resources(desired: &DesiredState, place: HandoutPlace) -> Vec<HandoutResource> {
    const ORDER: [Kind; 11] = [
        Kind::Bucket,
        Kind::DirectoryBucket,
        Kind::Rule,
        Kind::StateMachine,
        Kind::Function,
        Kind::Table,
        Kind::Queue,
        Kind::Topic,
        Kind::Vault,
        Kind::Connection,
        Kind::Trail,
    ];
    let all = desired.resources.values();
    let named = all.map(|one| (&one.address, one.kind, one.name.as_str()));
    let links = match place {
        HandoutPlace::Aws => console::links(&desired.target, named),
        HandoutPlace::Local | HandoutPlace::Endpoint => Vec::new(),
    };
    let url = |found: &dyn Fn(&ConsoleLink) -> bool| {
        let link = links.iter().find(|link| found(link));
        link.map(|link| link.url.clone())
    };
    let mut found: Vec<(usize, HandoutResource)> = desired
        .resources
        .values()
        .filter(|one| one.address.of_owner().is_none())
        .filter_map(|one| {
            let place = ORDER.iter().position(|kind| *kind == one.kind)?;
            let logs = one.address.part("logs");
            let resource = HandoutResource {
                kind: one.kind,
                key: one.address.key().to_owned(),
                name: one.name.clone(),
                console: url(&|link| link.address == one.address),
                logs: url(&|link| link.address == logs && link.kind == Kind::LogGroup),
            };
            Some((place, resource))
        })
        .collect();
    found.sort_by_key(|(place, _)| *place);
    found.into_iter().map(|(_, one)| one).collect()
}

fn machines(desired: &DesiredState) -> Vec<HandoutMachine> {
    let target = &desired.target;
    let all = desired.resources.values();
    let machines = all.filter(|one| one.kind == Kind::StateMachine);
    let machines = machines.map(|one| {
        let arn = StateMachineArn {
            partition: target.partition.clone(),
            region: target.region.clone(),
            account: target.account.clone(),
            name: one.name.clone(),
        };
        let mut outline = asl::outline(&one.spec["definition"], &arn);
        name_called(&mut outline, desired, &one.arn);
        HandoutMachine {
            key: one.address.key().to_owned(),
            name: one.name.clone(),
            outline,
        }
    });
    machines.collect()
}

/// Puts the names of the stack's resources in place of the ARNs that states call. Others are left out, and so is the machine
/// itself, on which an HTTP task is permitted.
fn name_called(outline: &mut MachineOutline, desired: &DesiredState, machine: &str) {
    for state in &mut outline.states {
        let is_called = |one: &&Resource| {
            state.on.iter().any(|arn| {
                let rest = arn.strip_prefix(one.arn.as_str());
                rest.is_some_and(|rest| rest.is_empty() || rest.starts_with([':', '/']))
            })
        };
        let others = desired.resources.values().filter(|one| one.arn != machine);
        let called = others.filter(is_called);
        let mut names: Vec<String> = called.map(|one| one.name.clone()).collect();
        names.dedup();
        state.on = names;
        for child in &mut state.inside {
            name_called(&mut child.outline, desired, machine);
        }
    }
}

#[cfg(test)]
mod tests;
