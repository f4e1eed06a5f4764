//! What AWS takes of a runtime changes from day to day: the session says which day it is.

use serde_json::json;
use treino::local::Folders;
use treino::ops::{
    DeployOptions, DestroyOptions, Error, LocalAccount, PlanOptions, Session, SessionOptions,
    StackRef, deploy, destroy, plan,
};

use super::recorder::Recorder;
use crate::support::World;
use crate::support::emulator::emulator;

fn session(world: &World, today: &str) -> Session {
    let folders = Folders {
        cache: Folders::of_user().unwrap().cache,
        state: emulator().state.clone(),
    };
    Session::new(SessionOptions {
        local: Some(LocalAccount {
            folders,
            account: world.account.clone(),
        }),
        today: Some(today.to_owned()),
        ..SessionOptions::default()
    })
}

#[tokio::test]
async fn row_28_a_runtime_is_refused_for_new_functions_before_it_is_for_others() {
    let test = "row_28_a_runtime_is_refused_for_new_functions_before_it_is_for_others";
    let world = World::new(test);
    world.file("code/app.py", b"def handler(event, context): pass\n");
    let file = |stack: &str| {
        let function = json!({ "code": "code", "handler": "app.handler", "runtime": "python3.9" });
        let whole = json!({ "stack": stack, "functions": { "teller": function } });
        world.file(&format!("{stack}.yaml"), whole.to_string().as_bytes())
    };
    let (old, new) = (file("old"), file("new"));
    let plan_of = |file: &std::path::Path| PlanOptions {
        file: file.to_owned(),
        ..PlanOptions::default()
    };

    let told = Recorder::answering(true);
    let options = DeployOptions {
        file: old.clone(),
        yes: true,
        ..DeployOptions::default()
    };
    let november = session(&world, "2026-11-28");
    deploy(&november, &options, &told).await.unwrap();
    assert!(told.everything().contains("from 2027-02-01"));

    // Functions are updated for a month longer than they are created.
    let february = session(&world, "2027-02-10");
    let told = Recorder::answering(true);
    plan(&february, &plan_of(&old), &told).await.unwrap();
    assert!(told.everything().contains("from 2027-03-03"));
    let refused = plan(&february, &plan_of(&new), &told).await.unwrap_err();
    let Error::Diagnostics(diagnostics) = refused else {
        panic!("{refused}");
    };
    let message = &diagnostics.0[0].message;
    assert!(
        message.contains("creates no function with it (since 2027-02-01)"),
        "{message}"
    );
    assert!(diagnostics.0[0].place.is_some());

    let march = session(&world, "2027-03-03");
    let refused = plan(&march, &plan_of(&old), &told).await.unwrap_err();
    assert!(refused.to_string().contains("python3.9"), "{refused}");

    let options = DestroyOptions {
        bypass_governance: false,
        stack: StackRef::Name("old".to_owned()),
        yes: true,
    };
    destroy(&november, &options, &told).await.unwrap();
}
