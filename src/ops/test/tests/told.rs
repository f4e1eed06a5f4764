//! Causes, files of results, and what a destroy leaves.

use serde_json::{Value, json};

use super::check;
use crate::ops::test::diagnose::{causes, merged, texts};
use crate::ops::test::live::{KnownNames, LiveFunction};
use crate::ops::test::{Tested, counts, judge_destroy, junit, marks, not_run};
use crate::ops::{
    CauseKind, ChainLink, CheckCause, CheckLogLine, CheckOutcome, CheckResult, Completion, Mismatch,
};
use crate::stack::Kind;

struct Lab;

impl KnownNames for Lab {
    fn has_arn(&self, arn: &str) -> bool {
        arn.ends_with("table/lab-metadata")
    }

    fn has_name(&self, name: &str) -> bool {
        name == "lab-metadata"
    }

    fn targets(&self, kind: Kind) -> Vec<(String, String)> {
        if kind == Kind::Table {
            vec![("metadata".to_owned(), "lab-metadata".to_owned())]
        } else {
            Vec::new()
        }
    }

    fn key_of_role(&self, role: &str) -> Option<String> {
        (role == "lab-extract-role").then(|| "extract".to_owned())
    }
}

fn function(handler: &str, table: &str) -> Vec<LiveFunction> {
    vec![LiveFunction {
        key: "extract".to_owned(),
        handler: handler.to_owned(),
        variables: vec![("TABLE_NAME".to_owned(), table.to_owned())],
    }]
}

fn found(text: &str, functions: &[LiveFunction]) -> Vec<(CauseKind, String)> {
    let found = causes(&[text.to_owned()], functions, &Lab).into_iter();
    found.map(|cause| (cause.cause, cause.message)).collect()
}

#[test]
fn error_messages_say_what_is_wrong() {
    let right = function("app.handler", "lab-metadata");
    let denied = "AccessDeniedException: An error occurred (AccessDeniedException) when calling the PutItem operation: User: \
                  arn:aws:sts::111122223333:assumed-role/lab-extract-role/lab-extract is not authorized to perform: \
                  dynamodb:PutItem on resource: arn:aws:dynamodb:us-east-1:111122223333:table/lab-metadata because no \
                  identity-based policy allows the dynamodb:PutItem action";
    let permission = "the role lab-extract-role of `extract` lacks the permission dynamodb:PutItem on \
                      arn:aws:dynamodb:us-east-1:111122223333:table/lab-metadata";
    assert_eq!(
        found(denied, &right),
        [(CauseKind::MissingPermission, permission.to_owned())]
    );
    // Denied, as it is not the stack's table: the permission is not what is wrong.
    let other = denied.replace("table/lab-metadata", "table/other");
    let wrong_table = "the function `extract` uses another table: its variable TABLE_NAME is other; the stack's table \
                       `metadata` is lab-metadata";
    let another = function("app.handler", "other");
    assert_eq!(
        found(&other, &another),
        [(CauseKind::WrongResource, wrong_table.to_owned())]
    );
    assert_eq!(found(&other, &right)[0].0, CauseKind::MissingPermission);
    // Some services do not name what is denied.
    let unnamed = denied.split(" on resource").next().unwrap();
    assert_eq!(
        found(unnamed, &another),
        [(CauseKind::WrongResource, wrong_table.to_owned())]
    );
    assert_eq!(found(unnamed, &right)[0].0, CauseKind::MissingPermission);
    let of_s3 = unnamed.replace("dynamodb:PutItem", "s3:GetObject");
    assert_eq!(found(&of_s3, &another)[0].0, CauseKind::MissingPermission);
    let gone = "An error occurred (ResourceNotFoundException) when calling the PutItem operation: Requested resource not found";
    assert_eq!(
        found(gone, &another),
        [(CauseKind::WrongResource, wrong_table.to_owned())]
    );
    assert_eq!(found(gone, &right)[0].0, CauseKind::WrongResource);
    let handler = "Runtime.HandlerNotFound: Handler 'handle' missing on module 'app'";
    let wrong_handler = |handler: &str| {
        vec![(
            CauseKind::WrongHandler,
            format!("the handler `{handler}` of the function `extract` is not in its code"),
        )]
    };
    assert_eq!(
        found(handler, &function("app.handle", "x")),
        wrong_handler("app.handle")
    );
    let module = "Runtime.ImportModuleError: Unable to import module 'aap': No module named 'aap'";
    assert_eq!(
        found(module, &function("aap.handler", "x")),
        wrong_handler("aap.handler")
    );
    let node = "Runtime.HandlerNotFound: index.handle is undefined or not exported";
    assert_eq!(
        found(node, &function("index.handle", "x")),
        wrong_handler("index.handle")
    );
    let import = "Runtime.ImportModuleError: Unable to import module 'app': No module named 'PIL'";
    assert_eq!(found(import, &right)[0].0, CauseKind::BrokenCode);
    let bare = "An error occurred (403) when calling the HeadObject operation: Forbidden";
    assert_eq!(found(bare, &right)[0].0, CauseKind::MissingPermission);
    assert_eq!(
        found("2026-11-28 Task timed out after 3.00 seconds", &right)[0].0,
        CauseKind::FunctionLimit
    );
    assert_eq!(found("everything is well", &right), []);
}

#[test]
fn a_cause_is_told_once_by_what_says_most() {
    let cause = |cause: CauseKind, message: &str| CheckCause {
        cause,
        message: message.to_owned(),
        help: None,
    };
    let said = |all: Vec<CheckCause>| all.into_iter().map(|one| one.message).collect::<Vec<_>>();
    let handler = cause(
        CauseKind::WrongHandler,
        "the handler `app.x` of the function `f` is not in its code",
    );
    let drift = [
        cause(
            CauseKind::WrongHandler,
            "the function `f` is not as the stack file says: handler is x",
        ),
        cause(
            CauseKind::MissingResource,
            "the queue `events` (lab-events) is not there",
        ),
    ];
    assert_eq!(
        said(merged(vec![handler.clone()], (&[], false), &drift)),
        [
            handler.message.as_str(),
            "the queue `events` (lab-events) is not there"
        ]
    );
    let off = ChainLink {
        link: "rule".to_owned(),
        holds: false,
        text: "the rule `r` is off (DISABLED)".to_owned(),
    };
    let changed = [cause(
        CauseKind::BrokenChain,
        "the rule `r` is not as the stack file says: enabled is false",
    )];
    assert_eq!(
        said(merged(Vec::new(), (&[off], false), &changed)),
        ["the rule `r` is off (DISABLED)"]
    );
    let vague = cause(
        CauseKind::WrongResource,
        "a function calls PutItem of what does not exist",
    );
    assert_eq!(
        said(merged(vec![vague], (&[], false), &drift[1..])),
        ["the queue `events` (lab-events) is not there"]
    );
    let line = |message: &str| CheckLogLine {
        key: "f".to_owned(),
        message: message.to_owned(),
    };
    let lines = [
        line("REPORT RequestId: 1 Status: error Error Type: Runtime.HandlerNotFound"),
        line("[ERROR] x"),
    ];
    assert_eq!(texts(&[], None, &lines), ["[ERROR] x"]);
}

fn tested() -> Tested {
    let result = |check: &str, outcome: CheckOutcome| CheckResult {
        check: check.to_owned(),
        outcome,
        seconds: 1.5,
        points: 2,
        ..CheckResult::default()
    };
    let failed = CheckResult {
        message: Some("expected <1> & \"2\"".to_owned()),
        mismatches: vec![Mismatch {
            of: "that".to_owned(),
            expected: json!(true),
            got: json!(false),
            message: "expected <1> & \"2\"\u{1b}".to_owned(),
        }],
        log: vec![CheckLogLine {
            key: "f".to_owned(),
            message: "]]> \u{0} ção".to_owned(),
        }],
        ..result("b", CheckOutcome::Failed)
    };
    let results = vec![
        result("a", CheckOutcome::Passed),
        failed,
        result("c", CheckOutcome::Unknown),
        result("d", CheckOutcome::NotRun),
    ];
    Tested {
        stack: "lab".to_owned(),
        owner: Some("ana".to_owned()),
        counts: counts(&results, 3.0),
        results,
        stopped: false,
    }
}

#[test]
fn results_are_junit_xml() {
    let xml = junit::xml(&tested());
    assert!(xml.starts_with("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites tests=\"4\" failures=\"1\" errors=\"1\" skipped=\"1\""));
    assert!(
        xml.contains("<testcase name=\"a\" classname=\"lab\" time=\"1.500\"/>"),
        "{xml}"
    );
    assert!(
        xml.contains("<failure message=\"expected &lt;1&gt; &amp; &quot;2&quot;\" type=\"that\">"),
        "{xml}"
    );
    assert!(xml.contains("<error message="), "{xml}");
    assert!(
        xml.contains("<skipped message=\"it was not run\"/>"),
        "{xml}"
    );
    assert!(xml.contains("f: ]]&gt; \u{fffd} ção"), "{xml}");
    assert!(!xml.contains('\u{1b}') && !xml.contains('\u{0}'));
}

#[test]
fn results_are_marks() {
    let marks: Value = serde_json::from_str(&marks::json(&tested())).unwrap();
    assert_eq!(
        (&marks["status"], &marks["score"], &marks["max_score"]),
        (&json!("fail"), &json!(2), &json!(6))
    );
    assert_eq!(
        (&marks["version"], &marks["owner"]),
        (&json!(1), &json!("ana"))
    );
    let test = |index: usize| {
        let one = &marks["tests"][index];
        (
            one["id"].clone(),
            one["passed"].clone(),
            one["status"].clone(),
            one["score"].clone(),
        )
    };
    assert_eq!(test(0), (json!("a"), json!(true), json!("pass"), json!(2)));
    assert_eq!(test(1), (json!("b"), json!(false), json!("fail"), json!(0)));
    assert_eq!(test(2).2, "error");
    assert!(
        marks["tests"][1]["message"]
            .as_str()
            .unwrap()
            .contains("expected <1>")
    );
}

#[test]
fn what_a_destroy_leaves_is_judged() {
    use CheckOutcome::{Failed, NotRun, Passed, Unknown};

    let of_destroy = check(&json!({ "empty_after_destroy": true }));
    let both = check(&json!({ "input": {}, "empty_after_destroy": true }));
    let checks = vec![
        ("empty".to_owned(), of_destroy.clone()),
        ("both".to_owned(), both.clone()),
    ];
    let outcomes = |completion: Completion, remains: Option<&[String]>| {
        let mut tested = tested();
        tested.results = vec![
            not_run("empty", &of_destroy, true),
            not_run("both", &both, true),
        ];
        tested.results[1].outcome = CheckOutcome::Passed;
        judge_destroy(&mut tested, &checks, (completion, remains));
        tested
            .results
            .iter()
            .map(|one| one.outcome)
            .collect::<Vec<_>>()
    };
    assert_eq!(outcomes(Completion::Complete, Some(&[])), [Passed, Passed]);
    let left = ["table lab-t".to_owned()];
    assert_eq!(outcomes(Completion::Failed, Some(&left)), [Failed, Failed]);
    assert_eq!(outcomes(Completion::Failed, None), [Failed, Failed]);
    assert_eq!(outcomes(Completion::Unverified, None), [Unknown, Unknown]);
    assert_eq!(outcomes(Completion::Declined, None), [NotRun, Passed]);
    let waits = not_run("empty", &of_destroy, false).message.unwrap();
    assert!(waits.contains("`treino test --destroy`"), "{waits}");
}
