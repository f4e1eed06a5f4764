//! Services of which a stack has nothing, and tags that may not be read.

use serde_json::{Value, json};
use treino::stack::Kind;

use super::{FUNCTION, Scene, TABLE};
use crate::kinds;
use crate::support::CommandResult;
use crate::support::parts::lab_of;
use crate::support::proxy::When;

const NO_DIRECTORY_BUCKETS: &str =
    "User: sam is not authorized to perform: s3express:ListAllMyDirectoryBuckets on resource: *";

/// Answers of services that an account has not, or has no part in.
fn odd(scene: &Scene) {
    let on = |call: &str| scene.proxy.on(call);
    on("s3:ListDirectoryBuckets").refuse(403, "AccessDenied", NO_DIRECTORY_BUCKETS);
    on("glacier:ListVaults").refuse(400, "BadRequest", "odd");
}

#[track_caller]
fn notes_once(ran: &CommandResult) {
    let infos = ran.events("info");
    let texts = infos.iter().map(|info| info["message"].as_str().unwrap());
    let notes: Vec<&str> = texts
        .filter(|text| text.contains("not looked for"))
        .collect();
    assert_eq!(notes.len(), 1, "{infos:?}");
    assert!(
        notes[0].contains("`s3express:ListAllMyDirectoryBuckets`"),
        "{notes:?}"
    );
    assert_eq!(ran.events("warning"), Vec::<Value>::new());
}

#[tokio::test]
async fn row_55_a_service_of_which_the_stack_has_nothing_is_noted() {
    let test = "row_55_a_service_of_which_the_stack_has_nothing_is_noted";
    let scene = Scene::of(test, &[TABLE, FUNCTION]).await;
    odd(&scene);
    scene
        .proxy
        .on("sns:ListTopics")
        .refuse(500, "InternalFailure", "later");
    scene.proxy.on("sqs:ListQueues").drop(When::Before);
    notes_once(&scene.deploy().ends(0));
    notes_once(&scene.plan().ends(0));

    let file = scene.file();
    let destroyed = scene.treino(&["destroy", &file, "--yes"]).ends(0);

    let receipt = destroyed.event("receipt")["receipt"].clone();
    assert_eq!(receipt["remains"], json!([]));
    assert_eq!(
        receipt["not_looked_for"].as_array().unwrap().len(),
        4,
        "{receipt}"
    );
    let destroyed = destroyed
        .says("verified:")
        .says("not looked for, as the stack file has none");
    assert_eq!(destroyed.events("warning"), Vec::<Value>::new());
    assert_eq!(scene.clients.everything().await, Vec::<String>::new());
    notes_once(
        &scene
            .treino(&["destroy", &file, "--yes"])
            .ends(0)
            .says("has no resources in"),
    );
}

/// By its name alone, nothing says that the stack has none.
#[tokio::test]
async fn row_55_by_its_name_a_stack_may_have_anything() {
    let test = "row_55_by_its_name_a_stack_may_have_anything";
    let scene = Scene::of(test, &[TABLE]).await;
    scene.deployed();
    odd(&scene);

    let destroyed = scene.destroy().ends(3);

    let destroyed = destroyed
        .says("directory buckets could not be looked for")
        .says("vaults could not be looked for")
        .says("name its file");
    let remains = destroyed.event("receipt")["receipt"]["remains"].clone();
    assert_eq!(remains.as_array().unwrap().len(), 2, "{remains}");
    // What stood is gone all the same.
    assert_eq!(scene.clients.everything().await, Vec::<String>::new());
}

/// Lambda leaves them out of a success.
#[tokio::test]
async fn row_51_tags_that_are_left_out_are_not_missing() {
    let test = "row_51_tags_that_are_left_out_are_not_missing";
    let scene = Scene::of(test, &[FUNCTION]).await;
    scene.deployed();
    let denied = "User: sam is not authorized to perform: lambda:ListTags on resource: \
        arn:aws:lambda:us-east-1:123456789012:function:lab-f because no identity-based policy allows it";
    scene
        .proxy
        .on("lambda:GetFunction")
        .rewrite(move |_, body| {
            let mut seen: Value = serde_json::from_str(body).unwrap();
            seen.as_object_mut().unwrap().remove("Tags");
            seen["TagsError"] = json!({ "ErrorCode": "AccessDeniedException", "Message": denied });
            seen.to_string()
        });
    // The call for them is made, in case only this answer lacks them.
    scene.plan().ends(0);

    scene
        .proxy
        .on("lambda:ListTags")
        .refuse(403, "AccessDeniedException", denied);
    let planned = scene.plan().ends(1);
    let planned = planned
        .says("lambda:ListTags")
        .says("allow these credentials");
    assert_eq!(planned.events("plan"), Vec::<Value>::new());
    scene.is_whole().await;
}

/// Whose tags may not be read is no foreign resource, of any kind.
#[tokio::test]
async fn row_51_tags_that_may_not_be_read_are_said_to_be_so() {
    let test = "row_51_tags_that_may_not_be_read_are_said_to_be_so";
    let scene = Scene::new(test).await;
    lab_of(&scene.world, &kinds::sections());
    scene.deployed();
    for kind in kinds::ALL {
        // `GetRole` and `GetFunction` answer them too.
        if matches!(kind.kind(), Kind::Role | Kind::Function) {
            continue;
        }
        let mark = kind.requests().mark;
        let (service, operation) = mark.split_once(':').unwrap();
        let action = format!("{service}:{operation}");
        let denied = format!("User: sam is not authorized to perform: {action} on resource: *");
        scene
            .proxy
            .on(mark)
            .refuse(403, "AccessDeniedException", &denied);
        let planned = scene.plan().ends(1).says(&action);
        assert_eq!(planned.events("plan"), Vec::<Value>::new(), "{action}");
        scene.proxy.forget();
    }
    scene.is_whole().await;
}
