//! Deletions that are answered and not done, and resources that only one way of asking still shows.

use treino::stack::Kind;

use super::{
    FUNCTION, MACHINE, RULE, Scene, TABLE, emptied, receipt, resources, says_gone, says_left, taken,
};
use crate::kinds;
use crate::support::proxy::{On, When};

/// Those that are not waited for: of the others it is seen at once that nothing happens.
fn at_once() -> Vec<(Kind, &'static str, &'static str)> {
    let mut at_once = resources();
    at_once.retain(|(kind, ..)| !kinds::of(*kind).requests().slow_to_delete);
    at_once
}

/// The first deletion of each is answered so, and not done.
async fn is_made_again(test: &str, answered: impl Fn(On<'_>)) {
    let scene = Scene::of(test, &kinds::sections()).await;
    for (_, name, delete) in resources() {
        answered(scene.proxy.on(delete).with(name).first(1));
    }

    let destroyed = scene.destroy().ends(0);

    let receipt = receipt(&destroyed);
    for (kind, name, delete) in resources() {
        let calls = scene.proxy.calls(delete);
        let calls = calls
            .iter()
            .filter(|call| call.body.contains(name) || call.path.contains(name));
        assert!(calls.count() >= 2, "{kind} {name}");
        assert!(says_gone(&receipt, kind, name), "{kind} {name}: {receipt}");
    }
    scene.is_empty().await;
}

#[tokio::test]
async fn a_deletion_that_is_taken_and_not_done_is_made_again() {
    let test = "a_deletion_that_is_taken_and_not_done_is_made_again";
    is_made_again(test, |on| on.answer(|call| Some(taken(call)))).await;
}

#[tokio::test]
async fn a_deletion_of_what_is_said_not_to_be_there_is_made_again() {
    let test = "a_deletion_of_what_is_said_not_to_be_there_is_made_again";
    let hidden = |on: On<'_>| {
        on.hide();
    };
    is_made_again(test, hidden).await;
}

/// What is to be deleted at once is said to be, and stands.
fn deletes_nothing(scene: &Scene) {
    for (_, name, delete) in at_once() {
        let rule = scene.proxy.on(delete).with(name);
        rule.answer(|call| Some(taken(call)));
    }
}

#[tokio::test]
async fn what_is_never_deleted_is_never_said_to_be_gone() {
    let test = "what_is_never_deleted_is_never_said_to_be_gone";
    let scene = Scene::of(test, &kinds::sections()).await;
    deletes_nothing(&scene);

    let receipt = receipt(&scene.destroy().ends(3));

    for (kind, name, _) in resources() {
        let stays = !kinds::of(kind).requests().slow_to_delete;
        assert_eq!(
            says_left(&receipt, kind, name),
            stays,
            "{kind} {name}: {receipt}"
        );
        assert_eq!(
            says_gone(&receipt, kind, name),
            !stays,
            "{kind} {name}: {receipt}"
        );
    }
    scene.ends_empty().await;
}

/// Once something is deleted, its list shows none of its kind.
fn unlisted(scene: &Scene) {
    for kind in kinds::ALL {
        let requests = kind.requests();
        let entries = requests.list.entries;
        let rule = scene.proxy.on(requests.list.request);
        let rule = rule.after(requests.delete);
        rule.rewrite(move |_, body| emptied(body, entries));
    }
}

#[tokio::test]
async fn what_no_list_shows_is_seen_by_its_name() {
    let test = "what_no_list_shows_is_seen_by_its_name";
    let scene = Scene::of(test, &kinds::sections()).await;
    for (_, name, delete) in resources() {
        let first = scene.proxy.on(delete).with(name).first(1);
        first.answer(|call| Some(taken(call)));
    }
    unlisted(&scene);

    receipt(&scene.destroy().ends(0));

    scene.is_empty().await;
}

#[tokio::test]
async fn what_only_its_name_shows_is_never_said_to_be_gone() {
    let test = "what_only_its_name_shows_is_never_said_to_be_gone";
    let scene = Scene::of(test, &kinds::sections()).await;
    deletes_nothing(&scene);
    unlisted(&scene);

    let destroyed = scene.destroy().ends(3);

    let receipt = receipt(&destroyed.says("is not listed, but it exists"));
    for (kind, name, _) in at_once() {
        assert!(says_left(&receipt, kind, name), "{kind} {name}: {receipt}");
        assert!(!says_gone(&receipt, kind, name), "{kind} {name}: {receipt}");
    }
    scene.ends_empty().await;
}

#[tokio::test]
async fn what_is_listed_and_said_not_to_be_there_is_not_gone() {
    let test = "what_is_listed_and_said_not_to_be_there_is_not_gone";
    // A connection's mark is what its name is asked for by: nothing contradicts its list then, and it is waited
    // for (`model_world::late`).
    let kinds = kinds::ALL.iter();
    let kinds: Vec<_> = kinds
        .filter(|kind| kind.kind() != Kind::Connection)
        .collect();
    let sections: Vec<&str> = kinds.iter().map(|kind| kind.sample().section).collect();
    let scene = Scene::of(test, &sections).await;
    for kind in &kinds {
        scene.proxy.on(kind.requests().mark).hide();
    }

    let destroyed = scene
        .destroy()
        .ends(3)
        .says("has no resources that these credentials can list");

    let receipt = receipt(&destroyed);
    assert_eq!(scene.proxy.changes(), Vec::<String>::new());
    let remains = receipt["remains"].to_string();
    let hidden = resources();
    for (kind, name, _) in hidden.iter().filter(|(kind, ..)| *kind != Kind::Connection) {
        assert!(remains.contains(name), "{kind} {name}: {remains}");
        assert!(!says_gone(&receipt, *kind, name));
    }
    scene.ends_empty().await;
}

/// Of two tables one is hidden so: the other kinds go, and what is left is named.
#[tokio::test]
async fn one_that_is_doubtful_hinders_no_other_kind() {
    let test = "one_that_is_doubtful_hinders_no_other_kind";
    let scene = Scene::of(test, &[TABLE, "  t2:\n    partition_key: id\n", MACHINE]).await;
    scene
        .proxy
        .on("dynamodb:ListTagsOfResource")
        .with("lab-t2")
        .hide();

    let destroyed = scene.destroy().ends(3);

    let receipt = receipt(&destroyed.says("table lab-t2 is listed, and said not to be there"));
    assert!(
        says_gone(&receipt, Kind::StateMachine, "lab-m"),
        "{receipt}"
    );
    assert!(!says_gone(&receipt, Kind::Table, "lab-t"), "{receipt}");
    scene.ends_empty().await;
}

/// What is not found when it is to be deleted, and found a moment later.
#[tokio::test]
async fn what_is_not_found_for_a_moment_is_deleted_then() {
    let test = "what_is_not_found_for_a_moment_is_deleted_then";
    let scene = Scene::of(test, &kinds::sections()).await;
    let early = |name: &str| scene.proxy.on(name);
    early("events:ListTargetsByRule").first(1).hide();
    early("cloudtrail:StopLogging").first(1).hide();
    // Its description is its mark: it is read before that.
    early("events:DescribeConnection").nth(2).hide();
    for (delete, look) in [
        ("dynamodb:DeleteTable", "dynamodb:DescribeTable"),
        ("states:DeleteStateMachine", "states:DescribeStateMachine"),
    ] {
        early(look).after(delete).first(1).hide();
        early(delete).first(1).answer(|call| Some(taken(call)));
    }

    let destroyed = scene.destroy().ends(0);

    let notes = destroyed.events("note");
    let again = |name: &str| {
        let mut of_it = notes.iter().filter(|note| note["name"] == name);
        of_it.any(|note| note["text"].as_str().unwrap().contains("came back"))
    };
    for name in ["lab-e", "lab-r", "lab-c", "lab-t", "lab-m"] {
        assert!(again(name), "{name}: {notes:?}");
    }
    receipt(&destroyed);
    scene.is_empty().await;
}

/// Neither its list nor its name shows it at first.
#[tokio::test]
async fn what_the_first_look_cannot_see_the_second_does() {
    let test = "what_the_first_look_cannot_see_the_second_does";
    let scene = Scene::of(test, &[FUNCTION, RULE, MACHINE]).await;
    let first = |name: &str| scene.proxy.on(name).first(1);
    first("lambda:DeleteFunction").answer(|call| Some(taken(call)));
    // Listed once for its name, and once for whatever carries the mark.
    let lists = scene
        .proxy
        .on("lambda:ListFunctions")
        .after("lambda:DeleteFunction");
    lists.first(2).rewrite(|_, body| emptied(body, "Functions"));

    let destroyed = scene.destroy().ends(0);

    assert_eq!(scene.proxy.count("lambda:DeleteFunction"), 2);
    assert!(says_gone(&receipt(&destroyed), Kind::Function, "lab-f"));
    scene.is_empty().await;
}

/// Something with the stack's mark that nobody knew of stands up between the looks.
#[tokio::test]
async fn what_comes_between_the_looks_is_deleted_and_said() {
    let test = "what_comes_between_the_looks_is_deleted_and_said";
    let scene = Scene::of(test, &[TABLE]).await;
    let clients = scene.world.clients().await;
    let looks = scene
        .proxy
        .on("dynamodb:ListTables")
        .after("dynamodb:DeleteTable");
    looks.nth(1).then(When::After, move || {
        super::by_hand::blocking(late_table(&clients));
    });

    let destroyed = scene.destroy().ends(0);

    let receipt = receipt(&destroyed);
    for name in ["lab-t", "lab-late"] {
        assert!(says_gone(&receipt, Kind::Table, name), "{receipt}");
    }
    scene.is_empty().await;
}

async fn late_table(clients: &crate::support::Clients) {
    use aws_sdk_dynamodb::types::{
        AttributeDefinition, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType, Tag,
    };
    let tag = |key: &str, value: &str| Tag::builder().key(key).value(value).build().unwrap();
    let key = KeySchemaElement::builder()
        .attribute_name("id")
        .key_type(KeyType::Hash);
    let id = AttributeDefinition::builder().attribute_name("id");
    let id = id.attribute_type(ScalarAttributeType::S).build().unwrap();
    let call = clients.dynamodb.create_table().table_name("lab-late");
    let call = call
        .billing_mode(BillingMode::PayPerRequest)
        .attribute_definitions(id);
    let call = call.key_schema(key.build().unwrap());
    let call = call
        .tags(tag("treino:stack", "lab"))
        .tags(tag("treino:address", "table.late"));
    call.send().await.unwrap();
}
