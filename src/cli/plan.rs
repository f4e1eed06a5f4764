//! `treino plan`

use std::path::PathBuf;
use std::time::SystemTime;

use clap::Args;
use serde_json::{Value, json};

use super::adopt::Adoption;
use super::looking::looking;
use super::parameters::Parameters;
use super::session::{Session, warn};
use super::{Common, End, Error};
use crate::engine;
use crate::plan::{self, ActualState};
use crate::report::{self, Out};
use crate::source::Diagnostic;
use crate::stack::{self, DesiredState, ExternalInputs, Loaded, Missing, TAG_EXPIRES};

/// Show what a deploy would do, and why; change nothing
#[derive(Debug, Args)]
pub struct Plan {
    /// The stack file
    #[arg(value_name = "STACK.yaml")]
    stack: PathBuf,
    /// End with 2 if changes are waiting
    #[arg(long)]
    exit_code: bool,
    #[command(flatten)]
    adoption: Adoption,
    /// Say why the roles treino makes allow what they allow
    #[arg(long)]
    explain: bool,
    #[command(flatten)]
    parameters: Parameters,
}

/// What a plan is made with.
pub(super) struct Asked<'a> {
    pub(super) file: &'a std::path::Path,
    pub(super) adoption: &'a Adoption,
    pub(super) renew: bool,
    pub(super) parameters: &'a Parameters,
}

/// A stack file brought together with what is live.
pub(super) struct Planned {
    pub(super) session: Session,
    pub(super) desired: DesiredState,
    pub(super) plan: plan::Plan,
    /// An input to try the stack's first machine with.
    pub(super) example: Option<Value>,
}

impl Plan {
    pub(super) async fn run(self, common: &Common, out: Out) -> Result<End, Error> {
        let asked = Asked {
            file: &self.stack,
            adoption: &self.adoption,
            renew: false,
            parameters: &self.parameters,
        };
        let planned = planned(common, out, &asked).await?;
        let plan = &planned.plan;
        show(plan, &planned.desired.reads, out);
        if self.explain {
            out.say(format!("\n{}", report::explain(&planned.desired)));
            out.event(&json!({ "event": "roles", "grants": planned.desired.grants }));
        }
        if !plan.foreign.is_empty() {
            return Ok(End::Failed);
        }
        Ok(if self.exit_code && !plan.is_empty() {
            End::Waiting
        } else {
            End::Done
        })
    }
}

/// Loads, checks, surveys and plans.
pub(super) async fn planned(
    common: &Common,
    out: Out,
    asked: &Asked<'_>,
) -> Result<Planned, Error> {
    is_file_meant(asked.file)?;
    let given = asked.parameters.given(common, Missing::Error)?;
    let (loaded, _) = stack::load(asked.file, given)?;
    let session = Session::starting(common, out).await?;
    let target = session.target(&loaded.file.stack);
    let (mut desired, warnings) = loaded.expand(&target)?;
    report::hide(desired.secrets.values());
    if !warnings.0.is_empty() {
        out.aside(report::diagnostics(&warnings));
        out.aside("");
    }
    let adopt = asked.adoption.addresses(&desired)?;
    let mut cloud = session.cloud(target);
    // What stands is compared with them where it is read.
    cloud.0.secrets.clone_from(&desired.secrets);
    let count = desired.resources.len();
    let what = format!(
        "{count} {}",
        if count == 1 { "resource" } else { "resources" }
    );
    let snapshot = looking(out, &what, engine::survey(&cloud, &desired)).await?;
    for unseen in &snapshot.unseen {
        warn(unseen, out);
    }
    asked.adoption.stands(&desired, &snapshot)?;
    expire(&loaded, &mut desired, &snapshot, asked.renew);
    let plan = plan::deploy(&desired, &snapshot, &adopt);
    asked.adoption.needless(&plan, out);
    engine::check_quotas(&cloud, &plan).await?;
    Ok(Planned {
        session,
        desired,
        plan,
        example: loaded
            .file
            .state_machines
            .values()
            .find_map(|machine| machine.example.clone()),
    })
}

/// A stack's name where its file is meant: other verbs take both.
fn is_file_meant(path: &std::path::Path) -> Result<(), Error> {
    if path.exists() || path.extension().is_some() {
        return Ok(());
    }
    let folders = ["", "stacks"].map(std::path::Path::new);
    let found = folders
        .iter()
        .flat_map(|folder| ["yaml", "yml"].map(|end| folder.join(path).with_extension(end)))
        .find(|candidate| candidate.is_file());
    let help = match found {
        Some(found) => format!("did you mean {}?", found.display()),
        None => "this verb reads the stack's file: name it with its path and ending".to_owned(),
    };
    let diagnostic = Diagnostic::error(format!("there is no file `{}`", path.display()));
    Err(Error::Diagnostics(diagnostic.help(help).into()))
}

/// Marks every resource with the time the stack is meant to be gone: what an earlier deploy said
/// while that is still to come (else every deploy would change every tag), never later than the
/// file allows.
fn expire(loaded: &Loaded, desired: &mut DesiredState, snapshot: &ActualState, renew: bool) {
    let Some(after) = loaded.expires else { return };
    let now = SystemTime::now();
    let latest = now + after;
    let said = snapshot
        .live
        .values()
        .filter(|live| desired.target.owns(&live.tags))
        .filter_map(|live| live.tags.get(TAG_EXPIRES))
        .filter_map(|at| humantime::parse_rfc3339(at).ok())
        .min();
    let until = said
        .filter(|said| !renew && *said > now && *said <= latest)
        .unwrap_or(latest);
    let until = humantime::format_rfc3339_seconds(until).to_string();
    for resource in desired.resources.values_mut() {
        resource.tags.insert(TAG_EXPIRES.to_owned(), until.clone());
    }
}

/// Prints a plan and what it takes from the user, for a person and for a program.
pub(super) fn show(plan: &plan::Plan, reads: &ExternalInputs, out: Out) {
    if !plan.foreign.is_empty() {
        out.aside(report::foreign(&plan.foreign));
    }
    out.say(report::plan(plan, out.verbose));
    let taken = report::reads(reads);
    if !taken.is_empty() {
        out.say(taken);
    }
    let steps: Vec<_> = plan
        .steps
        .iter()
        .map(|step| {
            let mut value = json!(step.action);
            if let Some(fields) = value.as_object_mut() {
                fields.insert("address".into(), json!(step.address));
                fields.insert("kind".into(), json!(step.kind));
                fields.insert("name".into(), json!(step.name));
                fields.insert("why".into(), json!(step.why));
                if let Some(whose) = &step.taken {
                    fields.insert("taken".into(), json!(whose));
                }
            }
            value
        })
        .collect();
    out.event(&json!({
        "event": "plan",
        "site": plan.target,
        "steps": steps,
        "foreign": plan.foreign,
        "another_file": plan.another_file,
        "reads": reads,
    }));
}
