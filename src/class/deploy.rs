//! Deploying a class.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use super::command::command;
use super::frontends::Unheard;
use super::handouts::ClassHandouts;
use super::members::{ClassPlace, Members};
use super::progress::ClassProgress;
use super::reasons::{Reason, shared};
use super::{AT_ONCE, ClassOptions};
use crate::aws::SharedLists;
use crate::ops::{
    self, ClassEvent, Completion, Error, Event, Frontend, GivenEnd, HandoutWords, LoadedStack,
    PlannedDeploy, Question, SessionOptions, SharedTrailEnd, StudentState,
};
use crate::source::Diagnostic;
use crate::stack::{DesiredState, Kind};

/// What is deployed for a class.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeployClass {
    /// The stack file.
    pub file: PathBuf,
    /// For whom.
    pub class: ClassOptions,
    /// Values of the stack's parameters, by name.
    pub set: BTreeMap<String, String>,
    /// What the command says of the stacks' end.
    pub end: GivenEnd,
    /// Whether the changes are made without asking.
    pub yes: bool,
    /// Whether what would be done is only shown.
    pub plan: bool,
    /// Words for the handouts of what was deployed, where they are made.
    pub handouts: Option<HandoutWords>,
}

/// What the deploy of a class came to.
#[derive(Debug, Clone, PartialEq)]
pub struct DeployedClass {
    /// How it ended.
    pub completion: Completion,
    /// The handouts, where they were asked for and something was to be deployed.
    pub handouts: Option<ClassHandouts>,
}

impl From<Completion> for DeployedClass {
    fn from(completion: Completion) -> Self {
        Self {
            completion,
            handouts: None,
        }
    }
}

/// Deploys one stack for each student. A local AWS is started if none runs. Repeated, it goes on where it was stopped or
/// killed: it plans from what is deployed.
///
/// # Errors
/// Something is wrong with the roster, the stack file or the options, one student's stack reaches another's, the class does
/// not fit into a quota, or nobody can be reached or asked. One student's failure is no error, but a [`Completion`].
pub async fn deploy(
    base: &SessionOptions,
    options: &DeployClass,
    frontend: &dyn Frontend,
) -> Result<DeployedClass, Error> {
    let (roster, chosen) = options.class.students(frontend)?;
    let members = Members::connect(base, &chosen, true, frontend).await?;
    let Some(first) = members.places.values().next() else {
        return Ok(Completion::Failed.into());
    };
    let stack = LoadedStack::load_for(first, (&options.file, options.end), &options.set, frontend);
    let stack = stack.await?;
    frontend.event(&Event::Class(ClassEvent::Class {
        verb: "deploy",
        stack: stack.name().to_owned(),
        students: members
            .list
            .iter()
            .map(super::members::Member::told)
            .collect(),
    }));
    let began = Instant::now();
    let progress = ClassProgress::new(&members, frontend);
    // Who shares a trail does not depend on who is chosen.
    let everybody = if options.class.only.is_empty() {
        None
    } else {
        Some(Members::connect(base, &roster.students, true, &Unheard).await?)
    };
    let mut deploying = Deploying {
        members: &members,
        everybody: everybody.as_ref().unwrap_or(&members),
        stack: &stack,
        progress: &progress,
        at_once: match options.class.at_once {
            0 => AT_ONCE,
            some => some,
        },
        frontend,
        on_shared_trail: BTreeSet::new(),
    };
    let planning = async {
        deploying.find_shared_trails().await?;
        let copies = deploying.copies().await?;
        let names = names(&copies);
        let lists = || members.list.iter().filter_map(|one| one.session.lists());
        lists().for_each(SharedLists::begin);
        let planned = deploying.planned(&names).await;
        lists().for_each(SharedLists::end);
        let trails = deploying.trails(&planned, &names).await?;
        let plan = deploying.class_plan(&planned, &trails, &copies).await;
        Ok::<_, Error>((planned, trails, plan, names))
    };
    let (planned, trails, plan, names) = tokio::select! {
        planned = planning => planned?,
        () = frontend.stop() => return Err(stopped()),
    };
    frontend.event(&Event::Class(ClassEvent::ClassPlan(Box::new(plan.clone()))));
    super::class_plan::tell_ends(&planned, frontend);
    super::class_plan::refuse(&plan)?;
    let is_empty = trails.values().all(|one| one.plan().is_empty())
        && planned.iter().flatten().all(|one| one.plan().is_empty());
    if options.plan {
        tell_ways_out(&progress, frontend);
        return Ok(progress.completion_of_plan().into());
    }
    if !is_empty && !options.yes {
        let text = format!(
            "make these changes for {}?",
            crate::source::counted(members.list.len(), "student")
        );
        if !frontend.confirm(&Question { text }).await? {
            frontend.event(&Event::Declined {});
            return Ok(Completion::Declined.into());
        }
    }
    progress
        .hearing_stops(deploying.carried_out(&planned, &trails, &names))
        .await;
    let words = options.words();
    let repeat = |owners: &[String]| {
        let roster = &options.class.roster;
        command(("deploy", &words), roster, owners, &base.given)
    };
    summarize(&progress, ("deploy", stack.name()), began, repeat, frontend);
    let handouts = match options.handouts {
        Some(words) => Some(deploying.handouts(&roster.students, &planned, words).await),
        None => None,
    };
    Ok(DeployedClass {
        completion: progress.completion(),
        handouts,
    })
}

impl DeployClass {
    /// What a command says of it, beside the class.
    fn words(&self) -> Vec<String> {
        let words = [self.file.display().to_string()];
        let names = self.set.keys();
        let set = names.map(|name| ["--set".to_owned(), format!("{name}=...")]);
        let GivenEnd { lifetime, renew } = self.end;
        let lifetime = lifetime.map(|time| ["--expires".to_owned(), time.written()]);
        let words = words.into_iter().chain(set.flatten());
        let words = words.chain(lifetime.into_iter().flatten());
        let renew = renew.then(|| "--renew".to_owned());
        words.chain(renew).collect()
    }
}

/// Tells the ways out of what a plan refuses. What is wrong with a file was told with its help.
fn tell_ways_out(progress: &ClassProgress<'_>, frontend: &dyn Frontend) {
    let reasons = progress.rows(|rows| shared(rows, |_| String::new()));
    for one in reasons.iter().filter(|one| one.command.is_some()) {
        if let Some(help) = &one.help {
            let message = format!("{}: {help}", one.owners.join(", "));
            frontend.event(&Event::Info { message });
        }
    }
}

/// Tells how each student's stack ended.
pub fn summarize(
    progress: &ClassProgress<'_>,
    (verb, stack): (&'static str, &str),
    began: Instant,
    repeat: impl Fn(&[String]) -> String,
    frontend: &dyn Frontend,
) {
    let reasons = progress.rows(|rows| shared(rows, repeat));
    frontend.event(&Event::Class(ClassEvent::ClassSummary {
        verb,
        stack: stack.to_owned(),
        students: progress.ends(),
        reasons,
        seconds: began.elapsed().as_secs_f64(),
    }));
}

pub(super) struct Deploying<'a> {
    pub(super) members: &'a Members,
    everybody: &'a Members,
    pub(super) stack: &'a LoadedStack,
    pub(super) progress: &'a ClassProgress<'a>,
    pub(super) at_once: usize,
    pub(super) frontend: &'a dyn Frontend,
    /// The places where one student alone is on a trail that others share.
    on_shared_trail: BTreeSet<ClassPlace>,
}

/// The plan of each student's stack, in the order of the members; none of one that failed.
pub(super) type PlannedStudents<'a> = Vec<Option<PlannedDeploy<'a>>>;
/// The names of everybody's resources, by place.
pub(super) type ClassNames = BTreeMap<ClassPlace, Vec<(Kind, String)>>;
/// The copies of everybody, by place.
pub(super) type ClassCopies = BTreeMap<ClassPlace, Vec<DesiredState>>;

fn names(copies: &ClassCopies) -> ClassNames {
    let of_copy = |copy: &DesiredState| {
        let resources = copy.resources.values();
        resources
            .map(|one| (one.kind, one.name.clone()))
            .collect::<Vec<_>>()
    };
    let places = copies.iter();
    places
        .map(|(place, copies)| (place.clone(), copies.iter().flat_map(of_copy).collect()))
        .collect()
}

fn stopped() -> Error {
    Error::Stopped(Diagnostic::error(
        "stopped while the class was planned: nothing was changed",
    ))
}
pub(super) type SharedTrails<'a> = BTreeMap<ClassPlace, PlannedDeploy<'a>>;

impl<'a> Deploying<'a> {
    /// Whether the students of a place share a trail: one alone has a trail of their own, unless they are on a shared one
    /// already.
    pub(super) fn shares(&self, place: &ClassPlace) -> bool {
        let is_of_several = self.everybody.of_place(place).len() > 1;
        self.stack.has_trails() && (is_of_several || self.on_shared_trail.contains(place))
    }

    /// Looks for the places where one student alone is on a trail that others share.
    async fn find_shared_trails(&mut self) -> Result<(), Error> {
        for place in self.members.places.keys() {
            let alone = self.members.of_place(place);
            if let [index] = alone[..]
                && self.everybody.of_place(place).len() == 1
                && self.stack.has_trails()
                && self
                    .stack
                    .is_on_shared_trail(&self.members.list[index].session)
                    .await?
            {
                self.on_shared_trail.insert(place.clone());
            }
        }
        Ok(())
    }

    /// The copies of everybody in each place, as they are to be; and of others who have roles there.
    async fn copies(&self) -> Result<ClassCopies, Error> {
        let mut copies = ClassCopies::new();
        for (place, session) in &self.members.places {
            let sharing = self.shares(place);
            let owners: Vec<Option<String>> = self
                .owners(place)
                .iter()
                .map(|one| Some((*one).to_owned()))
                .collect();
            let mut here = self.stack.copies(session, &owners, sharing).await?;
            let roles = here.iter().flat_map(|copy| copy.resources.values());
            let roles = roles.filter(|one| one.kind == Kind::Role);
            let roles: BTreeSet<String> = roles.map(|one| one.name.clone()).collect();
            // Who may not list roles sees no others.
            let others = ops::owners_by_roles(session, self.stack.name(), &roles).await;
            let others: Vec<Option<String>> = others.unwrap_or_default().into_iter().collect();
            let others: Vec<_> = others
                .into_iter()
                .filter(|one| !owners.contains(one))
                .collect();
            here.extend(self.stack.copies(session, &others, sharing).await?);
            copies.insert(place.clone(), here);
        }
        Ok(copies)
    }

    /// The owners in the roster whose stacks are in a place.
    fn owners(&self, place: &ClassPlace) -> Vec<&'a str> {
        let everybody = self.everybody;
        let here = everybody.of_place(place).into_iter();
        here.map(|index| everybody.list[index].student.owner.as_str())
            .collect()
    }

    async fn planned(&self, names: &ClassNames) -> PlannedStudents<'a> {
        let all: Mutex<PlannedStudents<'a>> =
            Mutex::new(self.members.list.iter().map(|_| None).collect());
        let everyone = 0..self.members.list.len();
        self.progress
            .each(everyone, self.at_once, |index| {
                let all = &all;
                async move {
                    self.progress.set(index, StudentState::Planning, None, None);
                    match self.planned_one(index, names).await {
                        Ok(planned) => {
                            let steps = planned.plan().steps.iter();
                            let changes = Some(steps.filter(|step| step.is_change()).count());
                            let why = planned.refusal().map(Reason::without_command);
                            let state = match why {
                                Some(_) => StudentState::Failed,
                                None => StudentState::Planned,
                            };
                            self.progress.set(index, state, changes, why);
                            let mut all = all.lock().unwrap_or_else(PoisonError::into_inner);
                            all[index] = Some(planned);
                        }
                        Err(error) => self.progress.end(index, Err(error), None),
                    }
                }
            })
            .await;
        all.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    async fn planned_one(
        &self,
        index: usize,
        names: &ClassNames,
    ) -> Result<PlannedDeploy<'a>, Error> {
        let members = self.members;
        let member = &members.list[index];
        if let Some(error) = &member.error {
            return Err(error.clone());
        }
        let place = member.place.as_ref();
        let sharing = place.is_some_and(|place| self.shares(place));
        let of_class = place.and_then(|place| names.get(place));
        let of_class = of_class.map(Vec::as_slice).unwrap_or_default();
        let frontend = self.progress.frontend_of(index);
        ops::plan_deploy(&member.session, self.stack, (sharing, of_class), &frontend).await
    }

    /// The plan of the shared trail of each place with several students.
    pub(super) async fn trails(
        &self,
        planned: &PlannedStudents<'a>,
        names: &ClassNames,
    ) -> Result<SharedTrails<'a>, Error> {
        let mut trails = SharedTrails::new();
        for (place, session) in &self.members.places {
            let here = self.members.of_place(place);
            let plans: Vec<&PlannedDeploy<'_>> = here
                .iter()
                .filter_map(|index| planned[*index].as_ref())
                .collect();
            if !self.shares(place) || plans.is_empty() {
                continue;
            }
            let owners = self.owners(place);
            let ends = plans.iter().map(|plan| plan.until());
            let end = SharedTrailEnd::after(ends, plans.len() == owners.len());
            let of_class = names.get(place).map(Vec::as_slice).unwrap_or_default();
            let of = (owners.as_slice(), of_class);
            let planned = ops::plan_shared_trail(session, self.stack, of, end, &Unheard).await;
            let planned = planned.and_then(|planned| match planned.refusal() {
                Some(why) => Err(Error::Usage(format!(
                    "the class's trail cannot be made: {why}"
                ))),
                None => Ok(planned),
            });
            let planned = match planned {
                Ok(planned) => planned,
                // The others' stacks can be deployed still.
                Err(error) if self.members.places.len() > 1 => {
                    for index in here {
                        if !self.progress.state(index).is_end() {
                            self.progress.end(index, Err(error.clone()), None);
                        }
                    }
                    continue;
                }
                Err(error) => return Err(error),
            };
            trails.insert(place.clone(), planned);
        }
        Ok(trails)
    }
}
