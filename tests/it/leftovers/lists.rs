//! Lists that are refused, are none, leave something out, or do not end.

use regex::Regex;
use serde_json::Value;
use treino::stack::Kind;

use super::{FUNCTION, Scene, TABLE, receipt, resources, says_gone, says_left, taken};
use crate::kinds;
use crate::support::proxy::{Answer, On};

/// Whose lists nobody can read once the deletions have begun is not said to be gone.
async fn proves_nothing(test: &str, answered: impl Fn(On<'_>)) {
    let scene = Scene::of(test, &kinds::sections()).await;
    for kind in kinds::ALL {
        // The rule goes first, and everything has been listed by then.
        let list = kind.requests().list.request;
        answered(scene.proxy.on(list).after("events:DeleteRule"));
    }

    let receipt = receipt(&scene.destroy().ends(3).says("could not be looked for"));

    for (kind, name, _) in resources() {
        assert!(says_left(&receipt, kind, name), "{kind} {name}: {receipt}");
        assert!(!says_gone(&receipt, kind, name), "{kind} {name}: {receipt}");
    }
    // All is gone indeed; what a killed destroy would have to know is still there to be found.
    scene.ends_empty().await;
}

#[tokio::test]
async fn a_list_that_is_denied_proves_nothing() {
    let test = "a_list_that_is_denied_proves_nothing";
    proves_nothing(test, |on| on.refuse(403, "AccessDenied", "not you")).await;
}

#[tokio::test]
async fn a_list_that_is_refused_proves_nothing() {
    let test = "a_list_that_is_refused_proves_nothing";
    proves_nothing(test, |on| on.refuse(400, "ValidationException", "no")).await;
}

#[tokio::test]
async fn a_list_of_html_proves_nothing() {
    let test = "a_list_of_html_proves_nothing";
    proves_nothing(test, |on| on.html(200)).await;
}

#[tokio::test]
async fn an_empty_answer_is_no_empty_list() {
    let test = "an_empty_answer_is_no_empty_list";
    let empty = |on: On<'_>| on.answer(|_| Some(Answer::made(200, "application/json", "")));
    proves_nothing(test, empty).await;
}

/// Nor is one a stack that has no resources.
#[tokio::test]
async fn an_answer_without_a_list_stops_a_destroy() {
    let test = "an_answer_without_a_list_stops_a_destroy";
    let scene = Scene::of(test, &[TABLE, FUNCTION]).await;
    for list in [
        "dynamodb:ListTables",
        "lambda:ListFunctions",
        "logs:DescribeLogGroups",
    ] {
        for body in ["", "{}"] {
            let rule = scene.proxy.on(list);
            rule.answer(move |_| Some(Answer::made(200, "application/json", body)));
            let destroyed = scene.destroy().ends(1);
            let operation = list.split(':').nth(1).unwrap();
            destroyed
                .says(operation)
                .says("the answer is not one AWS gives");
            scene.proxy.forget();
        }
    }
    assert_eq!(scene.proxy.changes(), Vec::<String>::new());
    scene.ends_empty().await;
}

/// Puts into a page where the next one begins.
fn with_token(body: &str, token: &str, to: &str) -> String {
    if let Ok(mut answer) = serde_json::from_str::<Value>(body) {
        answer[token] = to.into();
        return answer.to_string();
    }
    let body = body.replace("<IsTruncated>false</IsTruncated>", "");
    let marker = format!("<IsTruncated>true</IsTruncated><{token}>{to}</{token}>");
    let end = Regex::new(r"</List\w+Result>").unwrap();
    end.replace(&body, format!("{marker}$0")).into_owned()
}

/// A page that leads back to itself, or to another that leads back.
#[tokio::test]
async fn a_list_that_goes_round_in_circles_ends() {
    let test = "a_list_that_goes_round_in_circles_ends";
    let scene = Scene::of(test, &kinds::sections()).await;
    for (number, kind) in kinds::ALL.iter().enumerate() {
        // Their services are not everywhere: whatever is wrong with their lists leaves a destroy by name unproved
        // (`behaviours::services`).
        if matches!(kind.kind(), Kind::DirectoryBucket | Kind::Vault) {
            continue;
        }
        let list = kind.requests().list;
        let (list, token) = (list.request, list.token);
        let turn = std::sync::atomic::AtomicUsize::new(0);
        scene.proxy.on(list).rewrite(move |_, body| {
            let turn = turn.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            let to = if number % 2 == 0 {
                "same"
            } else {
                ["one", "other"][turn % 2]
            };
            with_token(body, token, to)
        });
        // What the token is to the service, it is not asked.
        scene.proxy.on(list).ask(|request| {
            request.path = request.path.replace("&continuation-token=same", "");
            for to in ["same", "one", "other"] {
                request.path = without(&request.path, to);
                request.body = without(&request.text(), to).into_bytes();
            }
        });
        let operation = list.split(':').nth(1).unwrap();
        scene
            .destroy()
            .ends(1)
            .says(operation)
            .says("leads back to a page");
        scene.proxy.forget();
    }
    assert_eq!(scene.proxy.changes(), Vec::<String>::new());
    scene.ends_empty().await;
}

/// A request without the token of a page.
fn without(text: &str, to: &str) -> String {
    if let Ok(Value::Object(mut body)) = serde_json::from_str(text) {
        body.retain(|_, value| value != to);
        return Value::Object(body).to_string();
    }
    let (path, query) = text.split_once('?').unwrap_or(("", text));
    let kept = query
        .split('&')
        .filter(|field| !field.ends_with(&format!("={to}")));
    let kept: Vec<&str> = kept.collect();
    if path.is_empty() {
        return kept.join("&");
    }
    format!("{path}?{}", kept.join("&"))
}

/// Only the first page comes, and nothing says that there are more.
#[tokio::test]
async fn what_stands_on_a_page_that_never_comes_is_seen_by_its_name() {
    let test = "what_stands_on_a_page_that_never_comes_is_seen_by_its_name";
    let scene = Scene::of(test, &[TABLE, "  t2:\n    partition_key: id\n", FUNCTION]).await;
    for (list, token, delete, name) in [
        (
            "dynamodb:ListTables",
            "LastEvaluatedTableName",
            "dynamodb:DeleteTable",
            "lab-t2",
        ),
        (
            "logs:DescribeLogGroups",
            "nextToken",
            "logs:DeleteLogGroup",
            "/aws/lambda/lab-f",
        ),
    ] {
        let rule = scene.proxy.on(list).after(delete);
        rule.rewrite(move |_, body| {
            let mut page: Value = serde_json::from_str(body).unwrap();
            page.as_object_mut().unwrap().remove(token);
            for list in ["TableNames", "logGroups"] {
                if let Some(all) = page[list].as_array_mut() {
                    all.retain(|one| !one.to_string().contains("lab-f") && one != "lab-t2");
                }
            }
            page.to_string()
        });
        let first = scene.proxy.on(delete).with(name).first(1);
        first.answer(|call| Some(taken(call)));
    }

    receipt(&scene.destroy().ends(0));

    scene.is_empty().await;
}
