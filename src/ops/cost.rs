//! What a stack costs, before it is deployed. Nothing is called.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::frontend::{Frontend, Reporter};
use super::session::Session;
use super::stack_ref::StackRef;
use super::{Error, Event, PlanCost};
use crate::source::Diagnostic;
use crate::stack::usage::{Assumed, CostEstimate, estimate, price_regions};
use crate::stack::{self, DesiredState, EXAMPLE_ACCOUNT, Given, Missing, Target};

/// What is estimated.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CostOptions {
    /// The stack file.
    pub file: PathBuf,
    /// Values of the stack's parameters, by name.
    pub set: BTreeMap<String, String>,
    /// How often it is used, and what else the file does not say.
    pub assumed: Assumed,
}

/// The region where none is given.
const REGION: &str = "us-east-1";

/// Says what a stack costs, by resource. Parameters and environment variables need no value.
///
/// # Errors
/// Something is wrong with the file, or no price is known in the region.
pub fn cost(
    session: &Session,
    options: &CostOptions,
    frontend: &dyn Frontend,
) -> Result<CostEstimate, Error> {
    let file = StackRef::File(options.file.clone());
    let out = session.reporter(frontend).about(&file);
    let out = out.with_set(options.set.keys());
    let estimated = estimated(session, options, &out);
    out.answer(estimated)
}

fn estimated(
    session: &Session,
    options: &CostOptions,
    out: &Reporter<'_>,
) -> Result<CostEstimate, Error> {
    let given = Given {
        owner: session.owner().map(String::from),
        set: options.set.clone(),
        missing: Missing::Later,
        today: Some(session.today()),
        may_exist: true,
    };
    let (loaded, _) = stack::load(&options.file, given)?;
    let region = session.region().or_else(|| loaded.region());
    let region = region.unwrap_or_else(|| {
        out.info(format!(
            "no region is given: the prices are those of {REGION}"
        ));
        REGION
    });
    let known = price_regions();
    if !known.iter().any(|one| one == region) {
        return Err(Error::Diagnostics(
            no_prices(session, region, options).into(),
        ));
    }
    if session.is_for_local() {
        out.info("the local AWS costs nothing: this is what AWS charges");
    }
    let target = Target {
        partition: Target::partition_of(region).to_owned(),
        region: region.to_owned(),
        account: EXAMPLE_ACCOUNT.to_owned(),
        stack: loaded.file.stack.clone(),
        owner: session.owner().map(String::from),
    };
    let (desired, _) = loaded.expand(&target)?;
    let estimate = estimate(&desired, &options.assumed);
    out.send(Event::Cost(Box::new(estimate.clone())));
    Ok(estimate)
}

fn no_prices(session: &Session, region: &str, options: &CostOptions) -> Diagnostic {
    let file = options.file.display().to_string();
    let elsewhere = session
        .commands()
        .write_here("cost", &[&file, "--region", REGION]);
    Diagnostic::error_with_help(
        format!("no prices of {region} are known"),
        format!("those of {} are: `{elsewhere}`", price_regions().join(", ")),
    )
}

/// What a planned stack costs, in short.
pub(super) fn plan_cost(desired: &DesiredState) -> PlanCost {
    let region = desired.target.region.clone();
    if !price_regions().contains(&region) {
        return PlanCost {
            region,
            idle_a_day: None,
            of_1000_runs: None,
            unknown: Vec::new(),
        };
    }
    let of = |runs| {
        estimate(
            desired,
            &Assumed {
                runs,
                ..Assumed::default()
            },
        )
    };
    let runs = of(1_000);
    PlanCost {
        region,
        idle_a_day: Some(runs.idle_a_day),
        // A day of what comes by a schedule is no part of the runs.
        of_1000_runs: Some(runs.in_use.minus(of(0).in_use)),
        unknown: runs.unknown,
    }
}
