//! What will fail before anything is made, and the way out. No request creates, changes or deletes anything.

mod account;
mod credentials;
mod findings;
mod permissions;
mod policy_questions;
mod programs;
mod region;
mod roles;
mod room;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::time::Duration;

pub use findings::{Diagnosis, DoctorFinding, DoctorTopic, FindingLevel};
use findings::{Findings, said};
use futures_util::future::join_all;

use super::frontend::{Frontend, FrontendFuture, Reporter};
use super::plan::check_is_file;
use super::progress::slow;
use super::session::Session;
use super::stack_ref::StackRef;
use super::{Error, Event};
use crate::aws::{AwsConnection, AwsProvider};
use crate::source::{Diagnostics, Severity};
use crate::stack::{
    self, DesiredState, Given, Guards, Kind, Loaded, Missing, Resource, SelfDestruct, Target,
};

/// What is examined.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DoctorOptions {
    /// The stack file; without one, only what holds for any stack.
    pub file: Option<PathBuf>,
    /// Values of the stack's parameters, by name.
    pub set: BTreeMap<String, String>,
}

/// How long a topic may take: a service that does not answer delays no other.
const TOPIC_TIMEOUT: Duration = Duration::from_secs(45);

/// A stack that is examined, in the account and region where it would be deployed.
struct Patient<'a> {
    connection: &'a AwsConnection,
    provider: AwsProvider,
    /// Nothing without a stack file.
    stack: Option<&'a ExaminedStack>,
}

impl Patient<'_> {
    /// The kinds of resources that the stack has.
    fn kinds(&self) -> BTreeSet<Kind> {
        let resources = self.stack.map(|stack| stack.desired.resources.values());
        resources
            .into_iter()
            .flatten()
            .map(|one| one.kind)
            .collect()
    }

    /// Its resources of a kind.
    fn of(&self, kind: Kind) -> Vec<&Resource> {
        let resources = self.stack.map(|stack| stack.desired.resources.values());
        let resources = resources.into_iter().flatten();
        resources.filter(|one| one.kind == kind).collect()
    }
}

/// A stack file, and everything it comes to.
struct ExaminedStack {
    loaded: Loaded,
    desired: DesiredState,
    /// Whether AWS is to delete the stack when it expires, or when it reaches a limit.
    has_end: bool,
    /// What the file names as the role of everything.
    default_role: Option<String>,
}

impl ExaminedStack {
    fn new(loaded: Loaded, target: &Target) -> Result<(Self, Vec<DoctorFinding>), Error> {
        let (desired, warnings) = loaded.expand(target)?;
        let keeps = loaded.file.self_destruct == SelfDestruct::Off;
        let (limits, _) = loaded.limits(&desired)?;
        let stack = Self {
            has_end: loaded.expires.is_some() && !keeps || limits.is_some(),
            default_role: loaded.default_role(target),
            desired,
            loaded,
        };
        Ok((stack, region::of_warnings(&warnings, &target.region)))
    }
}

/// Says what will fail in a deploy, a run or a destroy, and how to mend it. Nothing is changed, and no local AWS is
/// started.
///
/// # Errors
/// Something is wrong with the file. What is wrong with the account or this machine is a finding.
pub async fn doctor(
    session: &Session,
    options: &DoctorOptions,
    frontend: &dyn Frontend,
) -> Result<Diagnosis, Error> {
    let mut out = session.reporter(frontend);
    if let Some(file) = &options.file {
        out = out.about(&StackRef::File(file.clone()));
        out = out.with_set(options.set.keys());
    }
    let diagnosed = examined(session, options, &out).await;
    if let Ok(diagnosis) = &diagnosed {
        out.send(Event::Doctor(Box::new(diagnosis.clone())));
    }
    out.answer(diagnosed)
}

async fn examined(
    session: &Session,
    options: &DoctorOptions,
    out: &Reporter<'_>,
) -> Result<Diagnosis, Error> {
    let mut findings = Findings::default();
    let loaded = match &options.file {
        Some(_) => Some(load(session, options, &mut findings)?),
        None => None,
    };
    let name = loaded.as_ref().map(|loaded| loaded.file.stack.clone());
    let connection = connect(session, out, &mut findings).await?;
    if let (Some(loaded), Some(file)) = (&loaded, &options.file) {
        let guards = Guards::of_folder(file.parent().unwrap_or_else(|| "".as_ref()))?;
        findings.extend(of_guards(&guards.check_stack(loaded, None)));
        if let Some(connection) = connection {
            findings.extend(of_guards(&guards.check_region(&connection.region)));
            findings.extend(of_guards(&guards.check_account(&connection.account)));
        }
    }
    let target = connection
        .map(|connection| session.target(connection, name.as_deref().unwrap_or_default()));
    let stack = match loaded {
        None => None,
        Some(loaded) => {
            let target = target.clone();
            let target = target.unwrap_or_else(|| loaded.example_target(session.region()));
            let (stack, warnings) = ExaminedStack::new(loaded, &target)?;
            findings.extend(warnings);
            Some(stack)
        }
    };
    let programs = programs::examine(session, stack.as_ref(), out);
    if let (Some(connection), Some(target)) = (connection, &target) {
        let provider = match &stack {
            Some(stack) => session.provider_of(connection, &stack.desired),
            None => AwsProvider::for_name(connection, target),
        };
        let patient = Patient {
            provider: AwsProvider(provider.0.hurried()),
            connection,
            stack: stack.as_ref(),
        };
        let examined = async { tokio::join!(programs, examine(&patient)) };
        let (programs, of_aws) = slow(out, "the account", examined).await;
        findings.extend(of_aws);
        findings.extend(programs);
    } else {
        findings.extend(programs.await);
    }
    let mut all = findings.sorted();
    for finding in &mut all {
        finding.message = out.commands().complete(&finding.message);
        finding.help = finding
            .help
            .take()
            .map(|help| out.commands().complete(&help));
    }
    Ok(Diagnosis {
        stack: name,
        account: connection.map(|connection| connection.account.clone()),
        region: connection.map(|connection| connection.region.clone()),
        fails: all.iter().any(|one| one.level == FindingLevel::Fails),
        findings: all,
    })
}

/// Everything that is asked of AWS, at the same time.
async fn examine(patient: &Patient<'_>) -> Vec<DoctorFinding> {
    let topics: [(DoctorTopic, FrontendFuture<'_, Vec<DoctorFinding>>); 7] = [
        (
            DoctorTopic::Credentials,
            Box::pin(async { credentials::examine(patient) }),
        ),
        (DoctorTopic::Clock, Box::pin(credentials::clock(patient))),
        (
            DoctorTopic::Region,
            Box::pin(async { region::examine(patient) }),
        ),
        (
            DoctorTopic::Permissions,
            Box::pin(permissions::examine(patient)),
        ),
        (DoctorTopic::Roles, Box::pin(roles::examine(patient))),
        (DoctorTopic::Quotas, Box::pin(room::examine(patient))),
        (DoctorTopic::Account, Box::pin(account::examine(patient))),
    ];
    let topics = topics.into_iter().map(|(topic, examined)| async move {
        let examined = tokio::time::timeout(TOPIC_TIMEOUT, examined).await;
        examined.unwrap_or_else(|_| {
            let what = format!("no answer in {} seconds", TOPIC_TIMEOUT.as_secs());
            vec![topic.unknown(what)]
        })
    });
    join_all(topics).await.into_iter().flatten().collect()
}

/// The stack file. What it takes from outside need not be given.
fn load(
    session: &Session,
    options: &DoctorOptions,
    findings: &mut Findings,
) -> Result<Loaded, Error> {
    let file = options.file.as_deref().unwrap_or_else(|| "".as_ref());
    check_is_file(file)?;
    let given = |missing| Given {
        owner: session.owner().map(String::from),
        set: options.set.clone(),
        missing,
        today: Some(session.today()),
        may_exist: true,
        any_expiry: session.takes_any_expiry(),
    };
    let complete = match stack::load(file, given(Missing::Error)) {
        Ok((loaded, _)) => return Ok(loaded),
        Err(diagnostics) => diagnostics,
    };
    let (loaded, _) = stack::load(file, given(Missing::Later))?;
    let missing = Error::Diagnostics(complete);
    let help = "a deploy needs them; what follows is of the file without them";
    let finding = DoctorTopic::Stack.warning(format!("values are missing: {}", said(&missing)));
    findings.extend([finding.with(missing.help().unwrap_or(help))]);
    Ok(loaded)
}

/// What the guards beside the stack file refuse, and so does a deploy.
fn of_guards(found: &Diagnostics) -> Vec<DoctorFinding> {
    let found = found.0.iter().map(|one| {
        let finding = match one.severity {
            Severity::Error => DoctorTopic::Stack.fails(&one.message),
            Severity::Warning => DoctorTopic::Stack.warning(&one.message),
        };
        match &one.help {
            Some(help) => finding.with(help),
            None => finding,
        }
    });
    found.collect()
}

/// The account. Where none is reached, the finding says why.
async fn connect<'s>(
    session: &'s Session,
    out: &Reporter<'_>,
    findings: &mut Findings,
) -> Result<Option<&'s AwsConnection>, Error> {
    if session.is_local() {
        let connected = session.connected_if_running(out).await;
        return Ok(connected.unwrap_or_else(|error| {
            findings.extend([DoctorTopic::Local.of(FindingLevel::Ok, &error)]);
            None
        }));
    }
    match session.connected(out).await {
        Ok(connection) => Ok(Some(connection)),
        Err(Error::Provider(error)) => {
            findings.extend([credentials::unreachable(&error)]);
            Ok(None)
        }
        Err(other) => Err(other),
    }
}
