//! Successful answers with empty or invalid bodies: no kind takes them for an empty account.

use std::collections::BTreeSet;

use serde_json::json;
use treino::engine::{Events, Leftover, Provider, ProviderError, Scope};
use treino::stack::{Address, Kind, Resource, arn};

use super::answering::{answering, target};

/// Invalid answers for reads, and the expected message.
fn bodies() -> Vec<(&'static str, String)> {
    let deep =
        |open: &str, close: &str| format!("{}{}", open.repeat(100_000), close.repeat(100_000));
    let bomb = "<!DOCTYPE a [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;\">\
        <!ENTITY c \"&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;\">]>";
    let mut bodies: Vec<(&'static str, String)> = vec![
        ("empty", String::new()),
        ("blank", "  \n ".into()),
        ("null", "null".into()),
        ("list", "[]".into()),
        ("object", "{}".into()),
        ("text", "\"fine\"".into()),
        ("number", "7".into()),
        ("twice", "{}{}".into()),
        ("cut", "{\"TableNames\": [\"lab-t\"".into()),
        ("page", "<html><body>Sign in</body></html>".into()),
        ("other page", "<!DOCTYPE html>\n<html lang=en><title>x</title>".into()),
        ("deep lists", deep("[", "]")),
        ("deep objects", deep("{\"x\":", "}").replace("}}", "1}}")),
        ("deep and unknown", format!("{{\"x\": {}}}", deep("[", "]"))),
        ("deep elements", deep("<a>", "</a>")),
        ("bomb", format!("{bomb}<ListRolesResponse>&c;</ListRolesResponse>")),
        ("outside", "<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><ListRolesResponse>&x;</ListRolesResponse>".into()),
    ];
    // A valid start and nothing else.
    for root in [
        "ListAllMyBucketsResult",
        "ListRolesResponse",
        "ListRoleTagsResponse",
        "GetRoleResponse",
        "Tagging",
    ] {
        bodies.push((root, format!("<{root}/>")));
        let result = root.replace("Response", "Result");
        bodies.push((root, format!("<{root}><{result}></{result}></{root}>")));
    }
    // Every list of every service, with another type.
    for value in ["null", "7", "\"x\"", "{\"x\": 1}", "[7]", "[[]]", "true"] {
        let lists = [
            "TableNames",
            "logGroups",
            "stateMachines",
            "Trails",
            "Rules",
            "Connections",
            "Functions",
            "VaultList",
            "SecretList",
            "QueueUrl",
            "Table",
            "Trail",
            "Configuration",
            "definition",
            "Name",
            "Tags",
            "tags",
        ];
        let members: Vec<String> = lists
            .iter()
            .map(|list| format!("\"{list}\": {value}"))
            .collect();
        bodies.push((value, format!("{{{}}}", members.join(", "))));
    }
    bodies
}

/// The kinds whose listing a body leaves empty, or whose resource it hides.
fn is_seen_through(kind: Kind, what: &str, result: &Result<impl std::fmt::Debug, ProviderError>) {
    let error = result.as_ref().expect_err(&format!("{kind:?}, {what}"));
    let text = error.to_string();
    let told = format!("{kind:?}, {what}: {text}");
    assert!(
        !error.operation.is_empty() && !error.service.is_empty(),
        "{told}"
    );
    assert!(error.code.starts_with("HTTP 200"), "{told}");
    assert!(
        error
            .help
            .as_ref()
            .is_some_and(|help| help.contains("in AWS's place")),
        "{told}"
    );
    assert!(text.chars().count() < 300 && !text.contains('\n'), "{told}");
}

#[tokio::test(start_paused = true)]
async fn an_empty_answer_is_never_an_empty_account() {
    for (what, body) in bodies() {
        let (cloud, _) = answering(move |_, _| (200, body.clone())).await;
        for kind in Kind::ALL {
            let scope = Scope::of(Some("lab"));
            // It is not known whether AWS omits an empty list of directory buckets.
            if kind == Kind::DirectoryBucket && what == "ListAllMyBucketsResult" {
                continue;
            }
            let owned = cloud.owned(kind, &scope).await;
            is_seen_through(kind, &format!("{what}, listed"), &owned);
            let names = ["lab-one".to_owned()];
            let listed = cloud.listed(kind, &names).await;
            is_seen_through(kind, &format!("{what}, looked for"), &listed);
            let read = cloud.read(kind, "lab-one").await;
            is_seen_through(kind, &format!("{what}, read"), &read);
        }
    }
}

/// AWS may have executed such a call: the message says so.
#[tokio::test(start_paused = true)]
async fn a_change_answered_by_html_may_have_been_made() {
    let (cloud, _) = answering(|_, _| (200, "<html>Sign in</html>".to_owned())).await;
    let tables = json!({
        "partition_key": "id:S", "sort_key": null, "billing": "PAY_PER_REQUEST",
        "time_to_live": null, "point_in_time_recovery": false,
    });
    // The SDK does not read the answer of the second.
    for (kind, spec) in [
        (Kind::Table, tables),
        (Kind::LogGroup, json!({ "retention_days": 7 })),
    ] {
        let want = Resource {
            address: Address::from_tag("one.of.them"),
            kind,
            name: "lab-one".into(),
            arn: arn(&target(), kind, "lab-one"),
            spec,
            tags: [("treino:stack".to_owned(), "lab".to_owned())].into(),
            after: BTreeSet::default(),
        };
        let made = cloud.create(&want, &Events::none()).await;
        let error = made.expect_err(&format!("{kind:?}"));
        assert_eq!(error.leftover, Leftover::Unknown, "{error}");
        assert!(error.message.contains("a web page"), "{error}");
        let deleted = cloud.delete(kind, "lab-one", &Events::none()).await;
        assert_eq!(deleted.unwrap_err().leftover, Leftover::Unknown);
    }
}
