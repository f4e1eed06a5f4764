//! `treino deploy`

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Instant;

use clap::Args;
use serde_json::{Value, json};
use tokio::sync::mpsc;

use super::adopt::{Adoption, question};
use super::parameters::Parameters;
use super::plan::{Asked, planned, show};
use super::session::aside;
use super::{Common, End, Error, ask};
use crate::engine::{Events, Outcome, Provider, Summary, apply};
use crate::local::{Folders, node_modules};
use crate::plan;
use crate::report::{self, Out, Progress};
use crate::stack::{Address, DesiredState, Kind, LateBoundArns, substitute_arns};

/// Make the live state what the stack file says
#[derive(Debug, Args)]
pub struct Deploy {
    /// The stack file
    #[arg(value_name = "STACK.yaml")]
    stack: PathBuf,
    /// Do not ask
    #[arg(short, long)]
    yes: bool,
    #[command(flatten)]
    adoption: Adoption,
    /// Delete all that stands of the stack of this name without asking, where it was deployed from
    /// another file and nothing of it is in this one
    #[arg(long, value_name = "STACK")]
    replace_stack: Option<String>,
    /// Count `expires` from now again
    #[arg(long)]
    renew: bool,
    #[command(flatten)]
    parameters: Parameters,
}

impl Deploy {
    pub(super) async fn run(self, common: &Common, out: Out) -> Result<End, Error> {
        let asked = Asked {
            file: &self.stack,
            adoption: &self.adoption,
            renew: self.renew,
            parameters: &self.parameters,
        };
        let planned = planned(common, out, &asked).await?;
        let plan = &planned.plan;
        show(plan, &planned.desired.reads, out);
        self.is_replacement_meant(plan, out)?;
        if !plan.foreign.is_empty() {
            return Ok(End::Failed);
        }
        if plan.is_empty() {
            outputs(&planned.desired.outputs, &plan.made, out);
            return Ok(End::Done);
        }
        if self.yes || !out.can_ask() {
            self.adoption.unasked(plan)?;
            self.unasked(plan)?;
        }
        if !ask::confirm(out, &question(plan, &planned.desired.reads), self.yes)? {
            return Ok(End::Failed);
        }
        // A question may stand for hours.
        if !self.yes {
            let again = super::plan::planned(common, out, &asked).await?;
            if shown(&again.plan) != shown(plan) || again.desired.reads != planned.desired.reads {
                return Err(ask::outdated());
            }
        }
        if common.local && has_node(&planned.desired) {
            node_modules(&Folders::of_user()?, &aside(out))?;
        }
        let mut cloud = planned.session.cloud(plan.target.clone());
        cloud.0.artifacts.clone_from(&planned.desired.artifacts);
        cloud.0.secrets.clone_from(&planned.desired.secrets);
        let summary = carry_out(&cloud, plan, out).await;
        let end = ended(&summary);
        if end == End::Done {
            outputs(&planned.desired.outputs, &summary.made, out);
            hint(plan, planned.example.as_ref(), common, out);
        }
        Ok(end)
    }
}

impl Deploy {
    /// `--replace-stack` names the stack of the file, or another file was meant.
    fn is_replacement_meant(&self, plan: &plan::Plan, out: Out) -> Result<(), Error> {
        let stack = &plan.target.stack;
        match &self.replace_stack {
            Some(named) if named != stack => Err(Error::Usage(format!(
                "--replace-stack {}: the stack of this file is {stack}",
                report::word(named)
            ))),
            Some(named) if !plan.another_file => {
                let text = format!("--replace-stack {named} is not needed: nothing is replaced");
                out.aside(format!("{} {text}", report::warning("warning:")));
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// Whether all that another file deployed may be deleted without asking.
    fn unasked(&self, plan: &plan::Plan) -> Result<(), Error> {
        if !plan.another_file || self.replace_stack.is_some() {
            return Ok(());
        }
        let stack = &plan.target.stack;
        Err(Error::Usage(format!(
            "{}, which is not done without asking, whatever `--yes` says. To have both, give the stack another name \
             by `stack:`; if you mean it, add --replace-stack {stack}",
            report::another_file(plan)
        )))
    }
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

/// What a plan does, but for times, which pass.
fn shown(plan: &plan::Plan) -> Vec<(&Address, &str, &str)> {
    let steps = plan.steps.iter();
    let steps = steps.map(|step| (&step.address, step.action.verb(), step.name.as_str()));
    steps.collect()
}

/// What to do next, said once: after the deploy that made the stack.
fn hint(plan: &plan::Plan, example: Option<&Value>, common: &Common, out: Out) {
    if plan.count("create") < plan.steps.len() {
        return;
    }
    let local = if common.local { " --local" } else { "" };
    let owner = plan.target.owner.as_ref();
    let owner = owner
        .map(|owner| format!(" --owner {owner}"))
        .unwrap_or_default();
    let machine = plan
        .steps
        .iter()
        .any(|step| step.kind == Kind::StateMachine);
    let listens = plan.steps.iter().any(|step| step.kind == Kind::Rule);
    let stack = &plan.target.stack;
    let mut lines = Vec::new();
    if machine {
        let what = match example {
            _ if listens => "FILE".to_owned(),
            Some(input) => format!("--input '{}'", input.to_string().replace('\'', r"'\''")),
            None => "--input '{}'".to_owned(),
        };
        let several = plan
            .steps
            .iter()
            .filter(|step| step.kind == Kind::StateMachine);
        let which = if several.count() > 1 {
            " --machine KEY"
        } else {
            ""
        };
        lines.push(format!(
            "see it work:   treino run {stack} {what}{which}{owner}{local}"
        ));
    }
    lines.push(format!(
        "take it down:  treino destroy {stack}{owner}{local}"
    ));
    out.aside(format!("\n{}", report::dim(&lines.join("\n"))));
}

/// Applies a plan with live progress, and says how it ended.
pub(super) async fn carry_out(provider: &dyn Provider, plan: &plan::Plan, out: Out) -> Summary {
    let began = Instant::now();
    let (sender, receiver) = mpsc::unbounded_channel();
    let changes = plan.steps.iter().filter(|step| step.is_change()).count();
    let progress = tokio::spawn(Progress::new(out, changes).show(receiver));
    let events = Events::to(sender);
    let summary = apply(provider, plan, &events, ask::stop_signals(out)).await;
    drop(events);
    // The reporter ends with the last event; its own failure would be a missing line.
    let _ = progress.await;
    out.say(report::summary(&summary, began.elapsed().as_secs_f64()));
    let outcomes: Vec<_> = summary
        .outcomes
        .iter()
        .map(|(address, outcome)| json!({ "address": address, "outcome": outcome }))
        .collect();
    out.event(&json!({
        "event": "summary",
        "complete": summary.is_complete(),
        "stopped": summary.stopped,
        "seconds": began.elapsed().as_secs_f64(),
        "outcomes": outcomes,
    }));
    summary
}

/// The exit of an apply.
pub(super) fn ended(summary: &Summary) -> End {
    let only_unverified = summary.outcomes.iter().all(|(_, outcome)| {
        matches!(
            outcome,
            Outcome::Kept | Outcome::Done | Outcome::Unverified { .. }
        )
    });
    match (summary.is_complete(), summary.stopped) {
        (true, _) => End::Done,
        (false, true) => End::Stopped,
        (false, false) if only_unverified => End::Unverified,
        (false, false) => End::Failed,
    }
}

fn outputs(outputs: &BTreeMap<String, String>, made: &LateBoundArns, out: Out) {
    let outputs: BTreeMap<&str, String> = outputs
        .iter()
        .map(|(name, value)| (name.as_str(), substitute_arns(value, made)))
        .collect();
    let width = outputs.keys().map(|name| name.len()).max().unwrap_or(0);
    if !outputs.is_empty() {
        out.say(format!("\n{}", report::bold("outputs")));
    }
    for (name, value) in &outputs {
        out.say(format!("  {name:width$} = {value}"));
    }
    out.event(&json!({ "event": "outputs", "outputs": outputs }));
}
