//! Making the live state what a stack file says.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::Value;

use super::adopt::{Adoption, question};
use super::apply::{Completion, apply};
use super::contents::send_contents;
use super::ending::extending;
use super::frontend::{Frontend, Reporter};
use super::installing::Installing;
use super::plan::{PlanRequest, Prepared, prepare, send_end, send_plan};
use super::planned_end::ask;
use super::session::Session;
use super::stack_ref::StackRef;
use super::{CreatedStack, Error, Event, console, destroying, inventory, reaper, shell_word};
use crate::engine::{Leftover, Outcome, Summary};
use crate::local::node_modules;
use crate::plan::{Action, Plan, Step};
use crate::stack::{Address, DesiredState, Kind, LateBoundArns, StackLifetime, substitute_arns};

/// What is deployed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeployOptions {
    /// The stack file.
    pub file: PathBuf,
    /// Values of the stack's parameters, by name.
    pub set: BTreeMap<String, String>,
    /// What is taken over.
    pub adoption: Adoption,
    /// Whether the changes are made without asking.
    pub yes: bool,
    /// The stack whose resources are all deleted without asking, where it was deployed from another
    /// file and nothing of it is in this one.
    pub replace_stack: Option<String>,
    /// Whether `expires` counts from now again.
    pub renew: bool,
    /// How long it is deployed, from now; else as the file or the deployed stack says.
    pub lifetime: Option<StackLifetime>,
    /// Whether it is asked when the stack ends, where nothing says it and somebody can be asked.
    pub ask_end: bool,
}

/// What a deploy came to.
#[derive(Debug, Clone, PartialEq)]
pub struct Deployed {
    /// How it ended.
    pub completion: Completion,
    /// How each step ended; nothing where none was begun.
    pub summary: Option<Summary>,
}

impl Deployed {
    pub(super) fn unchanged(completion: Completion) -> Self {
        Self {
            completion,
            summary: None,
        }
    }
}

/// Makes the live state what the stack file says. A local AWS is started if none runs.
///
/// # Errors
/// Something is wrong with the file or the options, AWS cannot be reached, nobody can be asked, or a
/// call fails before the first step. A step that fails is no error, but a [`Completion`].
pub async fn deploy(
    session: &Session,
    options: &DeployOptions,
    frontend: &dyn Frontend,
) -> Result<Deployed, Error> {
    let file = StackRef::File(options.file.clone());
    let out = session.reporter(frontend).about(&file);
    let out = out.with_set(options.set.keys());
    out.answer(deployed(session, options, &out).await)
}

async fn deployed(
    session: &Session,
    options: &DeployOptions,
    out: &Reporter<'_>,
) -> Result<Deployed, Error> {
    let mut request = PlanRequest {
        file: &options.file,
        set: &options.set,
        adoption: &options.adoption,
        renew: options.renew,
        is_deploy: true,
        lifetime: options.lifetime,
    };
    let asks = options.ask_end && !options.yes && out.can_ask();
    let shortest = session.shortest_expiry();
    let mut prepared = prepare(session, &request, out).await?;
    if prepared.term.has_passed {
        check_passed(&prepared, asks, out)?;
        request.lifetime = ask(out, shortest).await;
        if request.lifetime.is_none() {
            return Ok(declined(out));
        }
        prepared = prepare(session, &request, &out.silent()).await?;
    }
    if prepared.is_being_deleted() && prepared.plan.foreign.is_empty() {
        let stack = &prepared.plan.target.stack;
        out.warn(format!("{stack} has expired, and AWS is deleting it"));
        let text = format!("stop that, and deploy {stack} again?");
        if !out.confirm(text, options.yes).await? {
            return Ok(Deployed::unchanged(Completion::Declined));
        }
        reaper::begin(&prepared, &out.silent()).await?;
        // A call that was under way when it was stopped still has its effect.
        tokio::time::sleep(destroying::pause(session.is_local())).await;
        prepared = prepare(session, &request, &out.silent()).await?;
    }
    let plan = &prepared.plan;
    send_plan(plan, Some(&prepared.desired), out);
    let mut term = prepared.term;
    if asks && term.is_open && plan.foreign.is_empty() && !plan.is_empty() {
        let Some(lifetime) = ask(out, shortest).await else {
            return Ok(declined(out));
        };
        request.lifetime = Some(lifetime);
        term = term.with(lifetime);
    }
    send_end(session, &prepared, term, out).await;
    if options.renew
        && let Some(why) = prepared.term.not_renewed()
    {
        let extend = out.commands().write("extend", &["8h"]);
        out.info(format!(
            "--renew: there is no time to count again, as the stack file {why}: say --expires 8h in its place, or `{extend}`"
        ));
    }
    check_replacement(options, plan, out)?;
    if !plan.foreign.is_empty() {
        return Ok(Deployed::unchanged(Completion::Blocked));
    }
    if plan.is_empty() {
        return carried_out(session, &prepared, out).await;
    }
    if options.yes || !out.can_ask() {
        options.adoption.check_unasked(plan)?;
        check_unasked(options, plan)?;
    }
    send_contents(&prepared.provider(), plan, out).await;
    let text = question(plan, &prepared.desired.reads);
    if !out.confirm(text, options.yes).await? {
        return Ok(Deployed::unchanged(Completion::Declined));
    }
    // A question may stand for hours.
    if !options.yes {
        let again = prepare(session, &request, &out.silent()).await?;
        if step_actions(&again.plan) != step_actions(plan)
            || again.desired.reads != prepared.desired.reads
        {
            return Err(Error::outdated());
        }
        // `expires` counts from now.
        prepared = again;
    }
    carried_out(session, &prepared, out).await
}

/// Carries out a plan that was agreed to, or that changes nothing.
pub(super) async fn carried_out(
    session: &Session,
    prepared: &Prepared<'_>,
    out: &Reporter<'_>,
) -> Result<Deployed, Error> {
    let plan = &prepared.plan;
    if plan.is_empty() {
        if prepared.inventory.is_none() {
            // An older treino deployed it, or somebody deleted its inventory: the next plan does not read everything.
            inventory::begin(prepared).await?;
        }
        reaper::begin(prepared, out).await?;
        send_outputs(&prepared.desired.outputs, &plan.late_bound_arns, out);
        send_links(prepared, out);
        return Ok(Deployed::unchanged(Completion::Complete));
    }
    if let Some(local) = session.local()
        && has_node(&prepared.desired)
    {
        let installing = Installing::new(out);
        installing.ended(node_modules(&local.folders, &installing).await)?;
    }
    // Before anything is made: however this run ends, the stack does, and all of it is found.
    let waiting = reaper::begin(prepared, out).await?;
    inventory::begin(prepared).await?;
    let summary = apply(&prepared.provider(), plan, out).await;
    if let Some(waiting) = waiting {
        reaper::verify(prepared, &waiting, out).await?;
    }
    let completion = Completion::of(&summary);
    if completion == Completion::Complete {
        inventory::end(prepared, out).await;
        send_outputs(&prepared.desired.outputs, &summary.late_bound_arns, out);
        send_links(prepared, out);
        send_next_steps(session, prepared, out);
    } else if has_left_something(&summary) {
        let destroy = out.commands().write("destroy", &[]);
        out.info(format!(
            "to delete what is deployed of it instead: `{destroy}`"
        ));
    }
    if is_denied(&summary) {
        let doctor = out.commands().write("doctor", &[]);
        out.info(format!("what else is not allowed: `{doctor}` says it"));
    }
    Ok(Deployed {
        completion,
        summary: Some(summary),
    })
}

/// The question was answered with nothing: the input has ended.
fn declined(out: &Reporter<'_>) -> Deployed {
    out.send(Event::Declined {});
    Deployed::unchanged(Completion::Declined)
}

/// A deploy of a stack that should be gone needs to know when it ends: AWS would delete it at once.
fn check_passed(prepared: &Prepared<'_>, asks: bool, out: &Reporter<'_>) -> Result<(), Error> {
    let expires = prepared.term.told().expires.unwrap_or_default();
    let what = format!(
        "the end of {}, which was said at an earlier deploy, has passed ({expires})",
        prepared.desired.target.stack
    );
    if asks {
        out.info(what);
        return Ok(());
    }
    Err(Error::Usage(format!(
        "{what}: say when it ends by `expires:` in the stack file, or with --expires 8h or --expires never"
    )))
}

/// `replace_stack` names the stack of the file, or another file was meant.
fn check_replacement(
    options: &DeployOptions,
    plan: &Plan,
    out: &Reporter<'_>,
) -> Result<(), Error> {
    let stack = &plan.target.stack;
    match &options.replace_stack {
        Some(named) if named != stack => Err(Error::Usage(format!(
            "--replace-stack {}: the stack of this file is {stack}",
            shell_word(named)
        ))),
        Some(named) if !plan.another_file => {
            out.warn(format!(
                "--replace-stack {named} is not needed: nothing is replaced"
            ));
            Ok(())
        }
        _ => Ok(()),
    }
}

/// Whether all that another file deployed may be deleted without asking.
fn check_unasked(options: &DeployOptions, plan: &Plan) -> Result<(), Error> {
    if !plan.another_file || options.replace_stack.is_some() {
        return Ok(());
    }
    let stack = &plan.target.stack;
    Err(Error::Usage(format!(
        "nothing was changed: `--yes` does not replace a stack by another. To have both, give this one another name by \
         `stack:`; to delete all that is deployed as {stack}, add --replace-stack {stack}"
    )))
}

/// Whether a function is to run in Node.js.
fn has_node(desired: &DesiredState) -> bool {
    let mut runtimes = desired
        .resources
        .values()
        .map(|resource| &resource.spec["runtime"]);
    runtimes.any(|runtime| {
        runtime
            .as_str()
            .is_some_and(|runtime| runtime.starts_with("nodejs"))
    })
}

/// The address, action and name of each step. Expiry times are left out: they differ in every plan.
fn step_actions(plan: &Plan) -> Vec<(&Address, &str, &str)> {
    let steps = plan.steps.iter();
    let steps = steps.map(|step| (&step.address, step.action.verb(), step.name.as_str()));
    steps.collect()
}

fn send_outputs(
    outputs: &BTreeMap<String, String>,
    late_bound_arns: &LateBoundArns,
    out: &Reporter<'_>,
) {
    let outputs = outputs.iter();
    let outputs =
        outputs.map(|(name, value)| (name.clone(), substitute_arns(value, late_bound_arns)));
    out.send(Event::Outputs {
        outputs: outputs.collect(),
    });
}

/// Where the AWS console shows the stack.
fn send_links(prepared: &Prepared<'_>, out: &Reporter<'_>) {
    if !prepared.connection.is_aws {
        return;
    }
    let resources = prepared.desired.resources.values();
    let resources = resources.map(|one| (&one.address, one.kind, one.name.as_str()));
    let links = console::links(&prepared.desired.target, resources);
    if !links.is_empty() {
        out.send(Event::Console { links });
    }
}

/// Whether AWS denied a step.
fn is_denied(summary: &Summary) -> bool {
    let mut outcomes = summary.outcomes.iter();
    outcomes.any(|(_, outcome)| matches!(outcome, Outcome::Failed { error } if error.is_denied()))
}

/// Whether a deploy that did not complete may have left resources.
fn has_left_something(summary: &Summary) -> bool {
    let mut outcomes = summary.outcomes.iter();
    outcomes.any(|(_, outcome)| match outcome {
        Outcome::Kept | Outcome::Done | Outcome::Unknown | Outcome::Unverified { .. } => true,
        Outcome::Failed { error } => error.leftover != Leftover::Nothing,
        Outcome::Skipped { .. } => false,
    })
}

/// What can be done next, said once: after the deploy that made the stack, or what it is run by, as the one does that
/// goes on from a stopped one.
fn send_next_steps(session: &Session, prepared: &Prepared<'_>, out: &Reporter<'_>) {
    let plan = &prepared.plan;
    let is_last_part = |step: &Step| {
        let is_run_by = matches!(step.kind, Kind::StateMachine | Kind::Rule);
        is_run_by && step.action == Action::Create
    };
    let is_first = plan.count("create") == plan.steps.len();
    if !is_first && !plan.steps.iter().any(is_last_part) {
        return;
    }
    let wanted = || plan.steps.iter().filter(|step| step.want.is_some());
    let count = |kind: Kind| wanted().filter(|step| step.kind == kind).count();
    let machines = count(Kind::StateMachine);
    let steps = plan.steps.iter();
    let rules = steps.filter(|step| starts_machine(step)).count();
    let until = prepared.term.ends();
    let end = prepared.end.as_ref();
    out.send(Event::Created(CreatedStack {
        stack: plan.target.stack.clone(),
        owner: plan.target.owner.clone(),
        local: session.is_local(),
        state_machines: machines,
        rules,
        run: (machines > 0).then(|| run_command(prepared, machines, rules, out)),
        destroy: out.commands().write("destroy", &[]),
        example: prepared.example.clone(),
        ends: end.and_then(|end| end.begins.clone()),
        extend: until.and_then(|until| extending(until, out)),
    }));
}

/// The command that shows the stack working: by a file where a rule starts a machine, else by an input.
fn run_command(
    prepared: &Prepared<'_>,
    machines: usize,
    rules: usize,
    out: &Reporter<'_>,
) -> String {
    let example = prepared.example.as_ref();
    let input = example.map_or_else(|| "{}".to_owned(), Value::to_string);
    let mut words = match rules {
        0 => vec!["--input", &input],
        _ => vec!["FILE"],
    };
    if machines > 1 {
        words.extend(["--machine", "KEY"]);
    }
    out.commands().write("run", &words)
}

/// Whether it is a rule that starts a state machine.
fn starts_machine(step: &Step) -> bool {
    let targets = step.want.as_ref().map(|want| &want.spec["targets"]);
    let targets = targets.and_then(Value::as_array).into_iter().flatten();
    let mut arns = targets.filter_map(|target| target["arn"].as_str());
    step.kind == Kind::Rule && arns.any(|arn| arn.contains(":states:"))
}
