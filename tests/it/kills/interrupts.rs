//! Ctrl-C at every fifth request: what is under way is finished, what is said is true, and nothing is
//! orphaned.

use std::collections::BTreeMap;

use serde_json::Value;

use super::points::Verb;
use super::trial::{Lab, Trial};
use super::{API_EXTERNA, CONTA_BANCO, IMAGE_METADATA, MICROSERVICES, ORDER_PROCESSING};
use crate::support::CommandResult;
use crate::support::proxy::{Signal, When};

/// By address, what became of it.
fn outcomes(summary: &Value) -> BTreeMap<String, String> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let outcomes = summary["outcomes"].as_array().unwrap().iter();
    outcomes
        .map(|one| (text(&one["address"]), text(&one["outcome"])))
        .collect()
}

/// What the plan calls the resources: `kind name` by address.
fn names(ran: &CommandResult) -> BTreeMap<String, String> {
    let plan = ran.event("plan");
    let steps = plan["steps"].as_array().unwrap().iter();
    steps
        .map(|step| {
            let text = |key: &str| step[key].as_str().unwrap();
            let name = format!("{} {}", text("kind").replace('_', " "), text("name"));
            (text("address").to_owned(), name)
        })
        .collect()
}

/// Whether what a stopped run says is what is.
async fn is_true(
    trial: &Trial,
    verb: Verb,
    ran: &CommandResult,
    at_once: bool,
) -> Result<(), String> {
    let summaries = ran.events("summary");
    let Some(summary) = summaries.first() else {
        // It was still looking: the signal itself ended it, and nothing was changed.
        let changes = trial.proxy.changes();
        return match (ran.code, changes.is_empty()) {
            (-1, true) => Ok(()),
            _ => Err(format!("code {} after {changes:?}", ran.code)),
        };
    };
    let outcomes = outcomes(summary);
    let complete = outcomes.values().all(|outcome| outcome == "done");
    let stopped = summary["stopped"] == true;
    let code = match (complete, verb) {
        (false, _) => 130,
        // The signal came when it was all done, in the proof or after it.
        (true, Verb::Destroy) if ran.events("receipt").is_empty() => 3,
        (true, _) => 0,
    };
    if ran.code != code || (code == 130 && !stopped) || summary["complete"] != complete {
        return Err(format!("code {} for {summary}\n{}", ran.code, ran.err));
    }
    let names = names(ran);
    if names.keys().ne(outcomes.keys()) {
        return Err(format!("{summary} is not about all of {names:?}"));
    }
    let stands = trial.clients.everything().await;
    for (address, outcome) in &outcomes {
        let stands = stands.contains(&names[address]);
        let fits = match (outcome.as_str(), verb) {
            ("done", Verb::Deploy) | ("skipped", Verb::Destroy) => stands,
            ("done", Verb::Destroy) | ("skipped", Verb::Deploy) => !stands,
            ("unknown", _) => at_once,
            // Told to stop at once during the last look, which changes nothing.
            ("unverified", Verb::Deploy) => at_once && stands,
            _ => false,
        };
        if !fits {
            return Err(format!(
                "{address} is {outcome}, and it stands: {stands}\n{}",
                ran.err
            ));
        }
    }
    let said: &[&str] = match (complete, at_once) {
        (false, false) => &["finishing running steps", "skipped"],
        (false, true) => &["stopping"],
        (true, _) => &[],
    };
    match said.iter().find(|text| !ran.err.contains(**text)) {
        Some(text) => Err(format!("`{text}` is not said:\n{}", ran.err)),
        None => Ok(()),
    }
}

/// Stops the verb at this request, gently or at once; then everything is put right.
async fn stop(trial: &Trial, verb: Verb, nth: usize, at_once: bool) -> Result<(), String> {
    if verb == Verb::Destroy {
        trial.run(Verb::Deploy).ends(0);
    }
    trial.proxy.take();
    let here = |nth| trial.proxy.on("*:*").nth(nth);
    here(nth).signal(When::Before, Signal::Int);
    if at_once {
        here(nth + 1).signal(When::Before, Signal::Int);
    }
    let ran = trial.run(verb);
    trial.proxy.forget();
    is_true(trial, verb, &ran, at_once).await?;
    if nth.is_multiple_of(2) {
        trial.deploys().await?;
    }
    trial.destroys().await
}

/// At every so-maniest request of the lab's deploy and destroy.
async fn stopped(test: &str, lab: Lab, every: usize) {
    let trial = Trial::of(test, lab).await;
    let mut failed = 0;
    let mut tried = 0;
    for verb in [Verb::Deploy, Verb::Destroy] {
        for nth in (1..=trial.calls(verb)).step_by(every) {
            for at_once in [false, true] {
                tried += 1;
                if let Err(text) = stop(&trial, verb, nth, at_once).await {
                    println!("{}: {verb:?} stopped at {nth}: {text}", lab.0);
                    failed += 1;
                    trial.cleared().await.unwrap();
                }
            }
        }
    }
    println!(
        "{}: stopped at {tried} points (deploy has {} requests, destroy {}), {failed} failed",
        lab.0,
        trial.calls(Verb::Deploy),
        trial.calls(Verb::Destroy),
    );
    assert_eq!(failed, 0);
    trial.proxy.take();
}

#[tokio::test]
async fn a_stopped_run_says_what_is() {
    stopped("a_stopped_run_says_what_is", IMAGE_METADATA, 50).await;
}

#[tokio::test]
#[ignore = "minutes: every fifth request of every lab"]
async fn every_stopped_run_says_what_is() {
    for lab in [
        IMAGE_METADATA,
        CONTA_BANCO,
        API_EXTERNA,
        ORDER_PROCESSING,
        MICROSERVICES,
    ] {
        let test = format!("every_stopped_run_says_what_is {}", lab.0);
        stopped(&test, lab, 5).await;
    }
}

/// The first change of a destroy is its journal.
#[tokio::test]
async fn a_destroy_stopped_at_its_journal_says_what_is() {
    let test = "a_destroy_stopped_at_its_journal_says_what_is";
    let trial = Trial::of(test, MICROSERVICES).await;
    trial.run(Verb::Deploy).ends(0);
    trial.proxy.take();
    let journal = trial.proxy.on("logs:CreateLogGroup").first(1);
    journal.signal(When::Before, Signal::Int);

    let ran = trial.run(Verb::Destroy);

    trial.proxy.forget();
    assert_eq!(ran.code, 130, "{}", ran.err);
    is_true(&trial, Verb::Destroy, &ran, false).await.unwrap();
    trial.destroys().await.unwrap();
}
