//! What is wrong with a stack file is the same events for every verb.

use std::path::PathBuf;

use treino::ops::{
    DeployOptions, DestroyOptions, Error, PlanOptions, Session, SessionOptions, StackRef, check,
    deploy, destroy, plan, status,
};

use super::recorder::Recorder;
use crate::support::repository;

/// The files with one fault, each of which `check` finds.
fn files() -> Vec<PathBuf> {
    let folder = repository("tests/it/cases/one_fault");
    let found = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let mut found: Vec<PathBuf> = found
        .filter(|path| path.extension().is_some_and(|end| end == "yaml"))
        .collect();
    found.sort();
    found
}

/// No credentials are needed: a file is read before anything is called.
fn session() -> Session {
    Session::new(SessionOptions::default())
}

#[tokio::test]
async fn plan_and_deploy_tell_the_problems_of_a_check() {
    let mut compared = 0;
    for file in files() {
        let checked = Recorder::answering(false);
        let found = check(&session(), std::slice::from_ref(&file), &checked).unwrap();
        let wanted = checked.named("problem");
        assert_eq!(wanted.len(), found.errors + found.warnings);
        if found.errors == 0 {
            continue;
        }
        let planned = Recorder::answering(false);
        let options = PlanOptions {
            file: file.clone(),
            ..PlanOptions::default()
        };
        let error = plan(&session(), &options, &planned).await.unwrap_err();
        assert!(matches!(error, Error::Diagnostics(_)), "{file:?}: {error}");
        assert_eq!(planned.named("problem"), wanted, "plan {file:?}");
        let deployed = Recorder::answering(false);
        let options = DeployOptions {
            file: file.clone(),
            ..DeployOptions::default()
        };
        deploy(&session(), &options, &deployed).await.unwrap_err();
        assert_eq!(deployed.named("problem"), wanted, "deploy {file:?}");
        compared += 1;
    }
    assert!(compared > 25, "{compared}");
}

/// Of other verbs, where the file cannot be read at all.
#[tokio::test]
async fn other_verbs_tell_a_file_that_is_no_yaml() {
    let file = repository("tests/it/cases/one_fault/quote_not_closed.yaml");
    let checked = Recorder::answering(false);
    check(&session(), std::slice::from_ref(&file), &checked).unwrap();
    let wanted = checked.named("problem");
    let stack = StackRef::File(file);
    let asked = Recorder::answering(false);
    status(&session(), Some(&stack), &asked).await.unwrap_err();
    assert_eq!(asked.named("problem"), wanted);
    let options = DestroyOptions {
        stack,
        yes: true,
        bypass_governance: false,
    };
    let gone = Recorder::answering(false);
    destroy(&session(), &options, &gone).await.unwrap_err();
    assert_eq!(gone.named("problem"), wanted);
}
