//! What a stack costs, before it is deployed. Nothing is called.

use std::collections::BTreeMap;
use std::path::PathBuf;

use schemars::JsonSchema;
use serde::Serialize;

use super::frontend::{Frontend, Reporter};
use super::plan::check_is_file;
use super::session::Session;
use super::stack_ref::StackRef;
use super::{Error, Event};
use crate::source::Diagnostic;
use crate::stack::usage::{Assumed, CostEstimate, Usd, estimate, price_regions};
use crate::stack::{self, DesiredState, Given, Missing};

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

/// What a planned stack costs, before tax and without anything that is free.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct PlanCost {
    /// The region's code.
    pub region: String,
    /// What it costs a day while nobody uses it, in USD; null where no prices of the region are known.
    pub idle_a_day: Option<Usd>,
    /// What 1,000 runs in one day cost, in USD; null where no prices of the region are known, or nothing is run from
    /// outside.
    pub of_1000_runs: Option<Usd>,
    /// What has no known price, and is in no sum.
    pub unknown: Vec<String>,
}

/// A region whose prices are known.
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
        any_expiry: session.takes_any_expiry(),
        without_samples: true,
    };
    check_is_file(&options.file)?;
    let (loaded, _) = stack::load(&options.file, given)?;
    let target = loaded.example_target(session.region());
    if session.region().or_else(|| loaded.region()).is_none() {
        let region = &target.region;
        out.info(format!(
            "no region is given: the prices are those of {region}"
        ));
    }
    if !price_regions().contains(&target.region) {
        return Err(Error::Diagnostics(
            no_prices(session, &target.region, options).into(),
        ));
    }
    if session.is_for_local() {
        out.info("the local AWS costs nothing: this is what AWS charges");
    }
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
        of_1000_runs: (!runs.run.is_empty()).then(|| runs.in_use.minus(of(0).in_use)),
        unknown: runs.unknown,
    }
}
