//! The causes that error messages come to.

use serde_json::Value;

use crate::ops::test::diagnose::{SaidText, causes, texts};
use crate::ops::test::live::{KnownNames, LiveFunction};
use crate::ops::test::merge::merged;
use crate::ops::test::other_resource::other_resource;
use crate::ops::{CauseKind, ChainLink, CheckCause, CheckLogLine, Mismatch};
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

    fn allowed(&self, role: &str, action: &str) -> Vec<String> {
        assert_eq!(role, "lab-extract-role");
        match action {
            "s3:GetObject" => vec!["arn:aws:s3:::lab-photos".to_owned()],
            "sqs:SendMessage" => vec!["arn:aws:sqs:us-east-1:111122223333:lab-*".to_owned()],
            _ => Vec::new(),
        }
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
    let found = causes(&[text.to_owned().into()], functions, &Lab).into_iter();
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

fn way_out(text: &str) -> CheckCause {
    let functions = function("app.handler", "lab-metadata");
    causes(&[text.to_owned().into()], &functions, &Lab).remove(0)
}

#[test]
fn a_denial_says_whether_the_file_allows_it() {
    let denied = |action: &str, rest: &str| {
        way_out(&format!(
            "User: arn:aws:sts::111122223333:assumed-role/lab-extract-role/x is not authorized to perform: {action} {rest}"
        ))
    };
    let help = |cause: &CheckCause| cause.help.clone().unwrap_or_default();
    let object =
        "on resource: \"arn:aws:s3:::lab-photos/a.jpg\" because no identity-based policy allows it";
    let other = denied("s3:GetObject", object);
    assert_eq!(
        other.message,
        "the role lab-extract-role of `extract` lacks the permission s3:GetObject on arn:aws:s3:::lab-photos/a.jpg: \
         the stack file allows it on arn:aws:s3:::lab-photos"
    );
    assert!(help(&other).contains("${KEY.arn}/*"));
    let unnamed = denied("s3:GetObject", "because no identity-based policy allows it");
    assert!(
        help(&unnamed).contains("correct `resources`"),
        "{unnamed:?}"
    );
    let changed = denied(
        "sqs:SendMessage",
        "on resource: arn:aws:sqs:us-east-1:111122223333:lab-done because",
    );
    assert!(
        help(&changed).contains("`treino deploy` makes the role"),
        "{changed:?}"
    );
    let missing = denied(
        "sns:Publish",
        "on resource: * because no identity-based policy allows it",
    );
    assert!(
        help(&missing).contains("add the action to `allow`"),
        "{missing:?}"
    );
    for (policy, way) in [
        ("a resource-based policy", "policy of the resource"),
        ("an identity-based policy", "policies of the role"),
        ("a service control policy", "organization"),
    ] {
        let explicit = denied(
            "s3:GetObject",
            &format!(
                "on resource: \"arn:aws:s3:::lab-photos/a.jpg\" with an explicit deny in {policy}"
            ),
        );
        assert!(
            explicit.message.contains("by a Deny in the"),
            "{explicit:?}"
        );
        assert!(help(&explicit).contains(way), "{explicit:?}");
    }
    let foreign = way_out(
        "arn:aws:sts::111122223333:assumed-role/LabRole/x is not authorized to perform: s3:GetObject",
    );
    assert!(
        help(&foreign).contains("no role that the stack file makes"),
        "{foreign:?}"
    );
}

#[test]
fn a_role_that_was_changed_lacks_permissions_for_that_reason() {
    let lacks = way_out(
        "arn:aws:sts::111122223333:assumed-role/lab-extract-role/x is not authorized to perform: sns:Publish",
    );
    let role = |cause: CauseKind, message: &str| CheckCause {
        cause,
        message: message.to_owned(),
        help: Some("deploy".to_owned()),
    };
    let gone = role(
        CauseKind::MissingResource,
        "the role of `extract` is not there",
    );
    assert_eq!(
        merged(
            vec![lacks.clone()],
            (&[], false),
            std::slice::from_ref(&gone)
        ),
        [gone]
    );
    let changed = role(
        CauseKind::MissingPermission,
        "the role of `extract` is not as the stack file says",
    );
    let told = merged(vec![lacks.clone()], (&[], false), &[changed]);
    assert_eq!(told[0].message, lacks.message);
    assert_eq!(told[0].help.as_deref(), Some("deploy"));
}

#[test]
fn variables_and_functions_that_are_not_there_are_named() {
    let right = function("app.handler", "lab-metadata");
    let of = |text: &str| found(text, &right);
    assert_eq!(
        of("KeyError: 'TABLE'"),
        [(
            CauseKind::MissingVariable,
            "the function `extract` reads the variable TABLE, and has only TABLE_NAME".to_owned()
        )]
    );
    assert_eq!(of("KeyError: 'TABLE_NAME'"), []);
    assert_eq!(of("KeyError: 'Records'"), []);
    let function = "Lambda.ResourceNotFoundException: Function not found: arn:aws:lambda:us-east-1:111122223333:function:lab-wrok:$LATEST";
    assert!(
        of(function)[0]
            .1
            .contains("calls the function lab-wrok, which does not exist")
    );
    assert_eq!(of(&function.replace("lab-wrok", "lab-metadata")), []);
    // What was written elsewhere is missed here.
    let missed = |of: &str| {
        vec![Mismatch {
            of: of.to_owned(),
            expected: Value::Null,
            got: Value::Null,
            message: String::new(),
        }]
    };
    let with = |variable: &str| {
        let mut functions = right.clone();
        functions[0].variables = vec![(variable.to_owned(), "mine".to_owned())];
        functions
    };
    let other =
        |of: &str, variable: &str| other_resource(&missed(of), &with(variable), &Lab).is_some();
    assert!(other("item", "TABLE") && other("item", "orders_table") && other("item", "TABLE_NAME"));
    assert!(!other("message", "TABLE") && !other("item", "TABLE_CLASS") && !other("log", "TABLE"));
    assert!(other("message", "QUEUE_URL"));
}

#[test]
fn a_cause_is_told_once_although_it_is_logged_too() {
    let right = function("app.handler", "lab-metadata");
    let told = |texts: [&str; 2]| {
        let texts = texts.map(|text| SaidText::from(text.to_owned()));
        causes(&texts, &right, &Lab).len()
    };
    let import =
        "Runtime.ImportModuleError: Unable to import module 'app': No module named 'pandas'";
    assert_eq!(
        told([
            import,
            &format!("[ERROR] {import}\nTraceback (most recent call last):")
        ]),
        1
    );
    assert_eq!(
        told([
            "Sandbox.Timedout: RequestId: 1 Error: Task timed out after 5.00 seconds",
            "2026-11-29T01:20:35.154Z 1 Task timed out after 5.00 seconds",
        ]),
        1
    );
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
        help: None,
    };
    let changed = [cause(
        CauseKind::BrokenChain,
        "the rule `r` is not as the stack file says: enabled is false",
    )];
    assert_eq!(
        said(merged(Vec::new(), (&[off], false), &changed)),
        ["the rule `r` is off (DISABLED)"]
    );
    // What was changed by hand is right in the file.
    let by_hand = CheckCause {
        help: Some("`treino deploy`".to_owned()),
        ..drift[0].clone()
    };
    let told = merged(vec![handler.clone()], (&[], false), &[by_hand]);
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].message, handler.message);
    assert_eq!(told[0].help.as_deref(), Some("`treino deploy`"));
    let denied = cause(
        CauseKind::MissingPermission,
        "AWS denied HeadObject to a function's role, which needs `s3:GetObject`",
    );
    let role = cause(
        CauseKind::MissingPermission,
        "the role of `f` is not as the stack file says: policies.treino is missing",
    );
    assert_eq!(
        said(merged(
            vec![denied.clone()],
            (&[], false),
            std::slice::from_ref(&role)
        )),
        [role.message]
    );
    assert_eq!(
        said(merged(vec![denied.clone()], (&[], false), &drift[1..])),
        [denied.message.as_str(), drift[1].message.as_str()]
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
    let said = texts(&[], None, &lines);
    assert_eq!(said.len(), 1, "{said:?}");
    // Who logged it is named.
    let broken = line("[ERROR] Runtime.UserCodeSyntaxError: Syntax error in module 'app'");
    let broken = CheckLogLine {
        key: "extract".to_owned(),
        ..broken
    };
    let functions = function("app.handler", "lab-metadata");
    let found = causes(&texts(&[], None, &[broken]), &functions, &Lab);
    assert_eq!(found[0].cause, CauseKind::BrokenCode);
    assert!(
        found[0]
            .message
            .starts_with("the function `extract` has code")
    );
}
