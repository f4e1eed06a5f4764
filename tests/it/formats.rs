//! What is given as a stack or a definition: treino's own formats, in JSON and in YAML, and those of other tools.

use std::path::Path;

use serde_json::{Value, json};
use treino::source::{Diagnostics, Severity};
use treino::stack::{self, Address, DesiredState, Given, Kind, Missing, Target};

use crate::one_fault::{check, folder_with};

const CODE: (&str, &str) = (
    "code/app.py",
    "def handler(event, context):\n    return event\n",
);

/// The desired state of a stack file in a folder, and what is found in it.
fn desired(folder: &Path, name: &str) -> (Option<DesiredState>, Diagnostics) {
    let given = Given {
        missing: Missing::Later,
        ..Given::default()
    };
    let target = Target {
        partition: "aws".into(),
        region: "sa-east-1".into(),
        account: "111122223333".into(),
        stack: "lab".into(),
        owner: None,
    };
    match stack::load(&folder.join(name), given) {
        Ok((loaded, found)) => match loaded.expand(&target) {
            Ok((desired, _)) => (Some(desired), found),
            Err(wrong) => (None, wrong),
        },
        Err(wrong) => (None, wrong),
    }
}

/// Each finding: its message, the line and column it is at, and its help.
fn found(diagnostics: &Diagnostics) -> Vec<(String, (usize, usize), String)> {
    let each = diagnostics.0.iter();
    each.map(|one| {
        let place = one.place.as_ref().expect("a place");
        let at = place.span.line_column(&place.source);
        (
            one.message.clone(),
            at,
            one.help.clone().unwrap_or_default(),
        )
    })
    .collect()
}

fn machine<'d>(desired: &'d DesiredState, key: &str) -> &'d Value {
    &desired.resources[&Address::new(Kind::StateMachine, key)].spec
}

const IN_YAML: &str = "# as SAM has it
StartAt: Validate
States:
  Validate:
    Type: Task
    Resource: arn:aws:states:::lambda:invoke
    Parameters:
      FunctionName: ${validate.arn}
      Payload.$: $
    Retry: &retry
      - { ErrorEquals: [States.TaskFailed], MaxAttempts: 2 }
    Next: Wait
  Wait:
    Type: Wait
    Timestamp: 2030-01-01T00:00:00Z
    Next: Again
  Again:
    Type: Task
    Resource: ${validate.arn}
    Retry: *retry
    End: true
";

fn indented(text: &str, by: usize) -> String {
    let indent = " ".repeat(by);
    let lines: Vec<String> = text.lines().map(|line| format!("{indent}{line}")).collect();
    lines.join("\n") + "\n"
}

#[test]
fn definitions_in_yaml_and_inside_the_stack_mean_what_they_mean_in_json() {
    let parsed: Value = json!({
        "StartAt": "Validate",
        "States": {
            "Validate": {
                "Type": "Task",
                "Resource": "arn:aws:states:::lambda:invoke",
                "Parameters": { "FunctionName": "${validate.arn}", "Payload.$": "$" },
                "Retry": [{ "ErrorEquals": ["States.TaskFailed"], "MaxAttempts": 2 }],
                "Next": "Wait",
            },
            "Wait": { "Type": "Wait", "Timestamp": "2030-01-01T00:00:00Z", "Next": "Again" },
            "Again": {
                "Type": "Task",
                "Resource": "${validate.arn}",
                "Retry": [{ "ErrorEquals": ["States.TaskFailed"], "MaxAttempts": 2 }],
                "End": true,
            },
        },
    });
    let stack = format!(
        "stack: lab
functions:
  validate: {{ code: code, handler: app.handler, runtime: python3.13 }}
state_machines:
  json: {{ definition: m.asl.json }}
  yaml: {{ definition: m.asl.yaml }}
  yml: {{ definition: m.yml }}
  inline:
    definition:
{}",
        indented(IN_YAML, 6)
    );
    let folder = folder_with(&[
        CODE,
        ("m.asl.json", &parsed.to_string()),
        ("m.asl.yaml", IN_YAML),
        ("m.yml", &IN_YAML.replace('\n', "\r\n")),
        ("lab.yaml", &stack),
    ]);
    let (desired, found) = desired(folder.path(), "lab.yaml");
    assert_eq!(found, Diagnostics::default());
    let desired = desired.expect("it is right");
    let json = &machine(&desired, "json")["definition"];
    let arn = "arn:aws:lambda:sa-east-1:111122223333:function:lab-validate";
    assert_eq!(json["States"]["Again"]["Resource"], arn);
    let role = |key: &str| {
        let role = Address::new(Kind::StateMachine, key).part("role");
        desired.grants[&role].clone()
    };
    for key in ["yaml", "yml", "inline"] {
        assert_eq!(&machine(&desired, key)["definition"], json, "{key}");
        assert_eq!(role(key), role("json"), "{key}");
    }
    // A definition in YAML is also checked alone, by its content.
    check(folder.path(), &["m.yml", "m.asl.yaml", "m.asl.json"])
        .ends(0)
        .says("3 files, nothing wrong");
}

#[test]
fn mistakes_in_yaml_definitions_have_their_place() {
    let broken = "StartAt: A
States:
  A:
    Type: Pass
    Result: { On: on, \"no\": yes }
    Parameters:
      one.$: $.a[
      two.$: 'States.Format(''{}'', $.b'
    Next: B
    Next: C
  B:
    Type: Wait
    QueryLanguage: JSONata
    Seconds: \"{% $sum([1,2) %}\"
    End: yes
  C: { Type: Task, Resource: !GetAtt f.Arn, End: true }
";
    let without = |parts: &[&str]| {
        let lines = broken
            .lines()
            .filter(|line| !parts.iter().any(|part| line.contains(part)));
        lines.collect::<Vec<_>>().join("\n") + "\n"
    };
    let rest = without(&["Next: C", "C: {"]);
    let stack = format!(
        "stack: lab\nstate_machines:\n  i:\n    definition:\n{}",
        indented(&rest, 6)
    );
    let folder = folder_with(&[
        ("m.asl.yaml", broken),
        ("n.asl.yaml", &rest),
        ("two.asl.yaml", "StartAt: A\n---\nStates: {}\n"),
        ("nothing.asl.yaml", "# later\n"),
        (
            "lab.yaml",
            "stack: lab\nstate_machines: { m: { definition: m.asl.yaml } }\n",
        ),
        (
            "other.yaml",
            "stack: lab\nstate_machines: { m: { definition: n.asl.yaml } }\n",
        ),
        ("inline.yaml", &stack),
        (
            "two.yaml",
            "stack: lab\nstate_machines: { m: { definition: two.asl.yaml } }\n",
        ),
        (
            "nothing.yaml",
            "stack: lab\nstate_machines: { m: { definition: nothing.asl.yaml } }\n",
        ),
    ]);
    let of = |name: &str| found(&desired(folder.path(), name).1);
    let places = |name: &str| -> Vec<(String, (usize, usize))> {
        let all = of(name).into_iter();
        all.map(|(message, at, _)| (message, at)).collect()
    };
    assert_eq!(
        places("lab.yaml"),
        [
            ("the key `Next` is written twice".to_owned(), (10, 5)),
            (
                "a definition has no tags such as `!GetAtt`".to_owned(),
                (16, 30)
            ),
        ]
    );
    let rest = [
        ("this `[` is never closed".to_owned(), (7, 17)),
        ("this `(` is never closed".to_owned(), (8, 28)),
        (
            "this is not valid JSONata: `]` is expected, not `)`".to_owned(),
            (13, 27),
        ),
        (
            "`End` must be true, not the text `yes`".to_owned(),
            (14, 10),
        ),
    ];
    assert_eq!(places("other.yaml"), rest);
    let inline = rest.map(|(message, (line, column))| (message, (line + 4, column + 6)));
    assert_eq!(places("inline.yaml"), inline);
    assert_eq!(places("two.yaml")[0].0, "a second document begins here");
    assert_eq!(places("nothing.yaml")[0].0, "the definition is empty");
}

#[test]
fn names_of_sam_are_substituted() {
    let definition = r#"{"StartAt": "A", "States": {
        "A": {"Type": "Task", "Resource": "${ValidateInputLambda}", "Next": "B"},
        "B": {"Type": "Pass", "Result": "$${Kept} ${Table}/${region}", "End": true}}}"#;
    let stack = "stack: lab
functions:
  validate: { code: code, handler: app.handler, runtime: python3.13 }
tables: { orders: { partition_key: id } }
state_machines:
  m:
    definition: m.asl.json
    substitutions: { ValidateInputLambda: \"${validate.arn}\", Table: \"${orders.name}\" }
";
    let lacking = stack.replace(", Table: \"${orders.name}\"", "");
    let unused = stack.replace("Table:", "Orders: x, Table:");
    let two = format!("{stack}  n: {{ definition: m.asl.json, substitutions: {{ Table: x }} }}\n");
    let folder = folder_with(&[
        CODE,
        ("m.asl.json", definition),
        ("lab.yaml", stack),
        ("lacking.yaml", &lacking),
        ("unused.yaml", &unused),
        ("two.yaml", &two),
    ]);
    let (right, wrong) = desired(folder.path(), "lab.yaml");
    assert_eq!(wrong, Diagnostics::default());
    let right = right.expect("it is right");
    let states = &machine(&right, "m")["definition"]["States"];
    let arn = "arn:aws:lambda:sa-east-1:111122223333:function:lab-validate";
    assert_eq!(states["A"]["Resource"], arn);
    assert_eq!(states["B"]["Result"], "${Kept} lab-orders/sa-east-1");
    let role = Address::new(Kind::StateMachine, "m").part("role");
    assert!(
        right.grants[&role]
            .iter()
            .any(|one| one.statement.to_string().contains(arn))
    );

    let of = |name: &str| found(&desired(folder.path(), name).1);
    let [(message, at, help)] = &of("lacking.yaml")[..] else {
        panic!("{:?}", of("lacking.yaml"));
    };
    assert_eq!(message, "`${Table}` refers to nothing in this stack");
    assert_eq!(*at, (3, 51));
    assert!(
        help.contains("machine `m`: substitutions: { Table: \"${"),
        "{help}"
    );
    let unused = &of("unused.yaml")[..];
    assert_eq!(unused[0].0, "the definition of `m` has no `${Orders}`");
    // A name has a value only if every machine of the definition gives it one.
    let [(message, _, help)] = &of("two.yaml")[..] else {
        panic!("{:?}", of("two.yaml"));
    };
    assert_eq!(
        message,
        "`${ValidateInputLambda}` refers to nothing in this stack"
    );
    assert!(
        help.contains("${validate.arn}") && help.contains("machine `n`"),
        "{help}"
    );
}

/// A file, and the one message that says what it is, as a stack (`None` if it is one) and as a definition.
#[rustfmt::skip]
const FILES: &[(&str, &str, Option<&str>, Option<&str>)] = &[
    ("template.yaml", "Transform: AWS::Serverless-2016-10-31\nResources:\n  F:\n    Type: AWS::Serverless::Function\n    Properties: { Role: !GetAtt R.Arn }\n",
        Some("is a SAM template"), Some("is a SAM template")),
    ("template.json", r#"{"AWSTemplateFormatVersion": "2010-09-09", "Resources": {}}"#,
        Some("is a CloudFormation template"), Some("is a CloudFormation template")),
    ("serverless.yml", "service: x\nprovider: { name: aws }\nfunctions: { f: { handler: a.b } }\n",
        Some("is a Serverless Framework file"), Some("is a Serverless Framework file")),
    ("docker-compose.yml", "services:\n  web: { image: nginx }\n",
        Some("is a docker-compose file"), Some("is a docker-compose file")),
    ("cdk.json", r#"{"app": "python3 app.py", "context": {}}"#,
        Some("is a CDK configuration"), Some("is a CDK configuration")),
    ("main.tf", "resource \"aws_s3_bucket\" \"b\" {\n  bucket = \"x\"\n}\n",
        Some("is a Terraform file"), Some("is a Terraform file")),
    ("app.py", "def handler(event, context): return 1\n",
        Some("is a Python file"), Some("is a Python file")),
    ("pod.yaml", "apiVersion: v1\nkind: Pod\n",
        Some("is a Kubernetes manifest"), Some("is a Kubernetes manifest")),
    ("pods.yaml", "apiVersion: v1\nkind: Pod\n---\napiVersion: v1\nkind: Pod\n",
        Some("is a Kubernetes manifest"), Some("is a Kubernetes manifest")),
    ("site.yml", "site_name: x\nnav: []\n",
        Some("has no `stack` and no section"), Some("neither `StartAt` nor `States`")),
    ("one.yml", "pipes: {}\n",
        Some("has no `stack` and no section"), Some("neither `StartAt` nor `States`")),
    ("app.tf.json", r#"{"resource": {}}"#,
        Some("is a Terraform file"), Some("is a Terraform file")),
    ("ci.yml", "name: CI\non: push\njobs: {}\n",
        Some("is a GitHub Actions workflow"), Some("is a GitHub Actions workflow")),
    ("m.json", r#"{"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true}}}"#,
        Some("is a Step Functions definition"), None),
    ("m.yaml", "StartAt: A\nStates: { A: { Type: Pass, End: true } }\n",
        Some("is a Step Functions definition"), None),
    ("lab.json", r#"{"stack": "lab", "buckets": {"b": {}}}"#,
        None, Some("is a stack file")),
    ("empty.yaml", "", Some("is empty"), Some("is empty")),
    ("package.zip", "PK\u{3}\u{4}\u{0}", Some("is a zip archive"), Some("is a zip archive")),
];

#[test]
fn files_of_other_formats_are_told_by_one_message() {
    for (name, text, as_stack, as_definition) in FILES {
        let by = format!("stack: lab\nstate_machines: {{ m: {{ definition: {name} }} }}\n");
        let folder = folder_with(&[(name, text), ("by.yaml", &by)]);
        for (file, expected) in [(*name, as_stack), ("by.yaml", as_definition)] {
            let (_, found) = desired(folder.path(), file);
            let errors = found.0.iter().filter(|one| one.severity == Severity::Error);
            let errors: Vec<&str> = errors.map(|one| one.message.as_str()).collect();
            match expected {
                Some(words) => assert!(
                    errors.len() == 1 && errors[0].contains(words),
                    "{name} by {file}: {errors:?}"
                ),
                None => assert_eq!(errors, [""; 0], "{name} by {file}"),
            }
        }
    }
}

#[test]
fn check_tells_stacks_from_definitions_by_what_is_in_them() {
    let files: Vec<(&str, &str)> = FILES
        .iter()
        .map(|(name, text, ..)| (*name, *text))
        .collect();
    let folder = folder_with(&files);
    check(folder.path(), &["lab.json", "m.json", "m.yaml"])
        .ends(0)
        .says("3 files, nothing wrong");
    for name in ["UP.YAML", "none", "lab.yaml.txt", "UP.JSON"] {
        let text = "{\"stack\": \"lab\", \"buckets\": {\"b\": {}}}";
        std::fs::write(folder.path().join(name), text).expect("written");
    }
    std::fs::write(folder.path().join("wrong"), "stack: lab\nbuckets: [\n").expect("written");
    std::fs::write(folder.path().join("prose"), "What to do\n").expect("written");
    check(
        folder.path(),
        &["UP.YAML", "none", "lab.yaml.txt", "UP.JSON"],
    )
    .ends(0)
    .says("4 files, nothing wrong");
    check(folder.path(), &["wrong", "prose", "template.json"])
        .ends(2)
        .says("wrong:2:")
        .says("`prose` is not a file that treino can check")
        .says("is a CloudFormation template, not a stack file")
        .says("3 files, 3 errors");
    std::fs::remove_file(folder.path().join("UP.YAML")).expect("removed");
    check(folder.path(), &["package.zip", "app.py"])
        .ends(2)
        .says("`package.zip` is a zip archive")
        .says("`app.py` is a Python file");
    // In a folder, what is of other tools is not meant.
    std::fs::remove_file(folder.path().join("empty.yaml")).expect("removed");
    check(folder.path(), &["."])
        .ends(0)
        .says("1 file, nothing wrong");
}

#[cfg(unix)]
#[test]
fn paths_that_lead_nowhere_say_why() {
    let stack = "stack: lab
include: [..\\shared]
functions:
  f: { code: lambdas\\f, handler: app.handler, runtime: python3.13 }
  g: { code: gone, handler: app.handler, runtime: python3.13 }
state_machines:
  m: { definition: ..\\definitions\\m.asl.json }
  n: { definition: gone.asl.json }
";
    let folder = folder_with(&[("lab.yaml", stack)]);
    for name in ["gone", "gone.asl.json", "gone.yaml"] {
        std::os::unix::fs::symlink("nowhere", folder.path().join(name)).expect("a link");
    }
    let found = found(&desired(folder.path(), "lab.yaml").1);
    let lines: Vec<String> = found
        .iter()
        .map(|(message, (line, _), help)| {
            let message = message.replace(&format!("{}/", folder.path().display()), "");
            format!(
                "{line}: {message}: {}",
                help.replace(&format!("{}/", folder.path().display()), "")
            )
        })
        .collect();
    assert_eq!(
        lines,
        [
            "2: there is no file or folder `..\\shared`: write the path with `/`: ../shared",
            "4: there is no folder `lambdas\\f`: write the path with `/`: lambdas/f",
            "5: `gone` is a link to `nowhere`, which does not exist: remove the link, or make it again to what exists",
            "7: there is no file `..\\definitions\\m.asl.json`: write the path with `/`: ../definitions/m.asl.json",
            "8: `gone.asl.json` is a link to `nowhere`, which does not exist: remove the link, or make it again to what exists",
        ]
    );
    check(folder.path(), &["gone.yaml"])
        .ends(2)
        .says("`gone.yaml` is a link to `nowhere`, which does not exist");
}

/// What is written after a stack's name and a function, and the one error: its message, place and help.
#[rustfmt::skip]
const MISTAKES: &[(&str, &str, (usize, usize), &str)] = &[
    ("    timeout: 010\n", "`timeout` is 010, which is 10 or, as an octal number, 8", (7, 14), "write 10,"),
    ("    timeout: 08\n", "`timeout` is 08, a number with a 0 in front", (7, 14), "write 8,"),
    ("    timeout: 1e1\n", "`timeout` is the number 10.0, not a whole number", (7, 14), "digits alone: 10"),
    ("    environment: { AA: 010 }\n", "`AA` is the number 010, not text", (7, 24), "\"010\""),
    ("    environment: { AA: !Sub \"${AWS::Region}-x\" }\n", "a stack file has no tags such as `!Sub`", (7, 24),
        "write \"${region}-x\""),
    ("    environment: { AA: { \"Fn::Sub\": \"${AWS::Region}-x\" } }\n", "`AA` is a mapping, not text", (7, 24), "write \"${region}-x\""),
    ("    memory: \"${param.m}\"\n", "`memory` takes no references", (7, 13), "write the value itself"),
    ("    memory: !Ref Size\n", "a stack file has no tags such as `!Ref`", (7, 13), "write the value itself"),
    ("rules:\n  r:\n    schedule: rate(1 hour)\n    start: !GetAtt f.Arn\n", "a stack file has no tags such as `!GetAtt`", (10, 12), "resource: f"),
    ("rules:\n  r:\n    schedule: rate(1 hour)\n    start: { \"Fn::GetAtt\": [f, Arn] }\n", "`start` takes no references", (10, 12), "resource: f"),
    ("queues: { q: { dead_letter: \"${q.arn}\" } }\n", "`dead_letter` takes no references", (7, 29), "resource: q"),
    ("topics: { t: { subscriptions: [{ to: \"x-${AWS::AccountId}\" }] } }\n", "`to` takes no references", (7, 38), "a resource of this stack"),
    ("state_machines: { m: { definition: { StartAt: A, States: { A: { Type: Pass, Result: { a: \"US${} for ${user}\" }, End: true } } } } }\n",
        "`${user}` refers to nothing in this stack", (7, 101), "`$${user}`"),
    ("    exclude:\n      - !*.md\n", "`!*.md` is a tag in YAML, not text", (8, 14), "\"!*.md\""),
    ("    MemorySize: 256\n", "the function `f` has no key `MemorySize`", (7, 5), "did you mean `memory`?"),
    ("buckets:\n  b:\n    name:foo\n", "the bucket `b` is the text `name:foo`, not a mapping", (9, 5), "`name: foo`"),
    ("state_machines:\n  m:\n    definition: |\n      {\"StartAt\": \"A\"}\n", "this is the text of a definition, not the path of its file",
        (10, 7), "remove the `|`"),
    ("state_machines:\n  m:\n    DefinitionString: {}\n", "the state machine `m` has no key `DefinitionString`", (9, 5), "`definition`"),
    ("state_machines:\n  m:\n    definition: \"defs\\next.json\"\n", "there is no file `defs\\next.json`", (9, 17), "defs/next.json"),
    ("  g:\n    code: \"code\\new\"\n    handler: app.handler\n    runtime: python3.13\n", "there is no folder `code\\new`", (8, 11),
        "code/new"),
];

#[test]
fn a_mistake_in_writing_is_one_error_at_its_place() {
    let function = "stack: lab\nfunctions:\n  f:\n    code: code\n    handler: app.handler\n    runtime: python3.13\n";
    for (text, message, place, help) in MISTAKES {
        let folder = folder_with(&[("lab.yaml", &format!("{function}{text}")), CODE]);
        let found = found(&desired(folder.path(), "lab.yaml").1);
        let here = format!("{}/", folder.path().display());
        let [(said, at, way_out)] = &found[..] else {
            panic!("{text}: {found:#?}");
        };
        assert_eq!((said.replace(&here, "").as_str(), at), (*message, place));
        assert!(way_out.contains(help), "{text}: {way_out}");
    }
}

/// Portuguese and German words are what people have, and AWS takes the letters a to z.
#[test]
fn a_name_with_accents_is_told_once() {
    for (text, name) in [
        ("stack: função\nbuckets: { b: {} }\n", "função"),
        ("stack: lab\nbuckets: { ação: {} }\n", "ação"),
        ("stack: lab\nbuckets: { b: { name: straße } }\n", "straße"),
        (
            "stack: lab\nfunctions: { f: { name: função, code: code, handler: app.handler, runtime: python3.13 } }\n",
            "função",
        ),
        (
            "stack: lab\nstate_machines: { m: { name: máquina, logging: all, definition: { StartAt: A, States: { A: { Type: Succeed } } } } }\n",
            "máquina",
        ),
        (
            "stack: lab\nparams: { opção: { default: x } }\nbuckets: { b: {} }\n",
            "opção",
        ),
    ] {
        let folder = folder_with(&[CODE, ("lab.yaml", text)]);
        let found = found(&desired(folder.path(), "lab.yaml").1);
        let [(message, _, help)] = &found[..] else {
            panic!("{text}: {found:?}");
        };
        assert!(message.contains(name), "{message}");
        assert!(help.contains("letters (a to z, without accents)"), "{help}");
    }
}
