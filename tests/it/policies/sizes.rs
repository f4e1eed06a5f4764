//! What is longer than AWS takes.

use std::fmt::Write as _;

use super::expanded;

/// The text is refused, for this.
fn refused(text: &str, message: &str) {
    let wrong = expanded(text)
        .err()
        .unwrap_or_else(|| panic!("not refused: {message}"));
    assert!(wrong.contains(message), "{wrong}\nlacks: {message}");
    assert!(wrong.contains("help"), "no way out: {wrong}");
}

fn taken(text: &str) {
    let (_, warnings) = expanded(text).unwrap_or_else(|wrong| panic!("{wrong}"));
    assert!(!warnings.contains("warning"), "{warnings}");
}

fn warned(text: &str, message: &str) {
    let (_, warnings) = expanded(text).unwrap_or_else(|wrong| panic!("{wrong}"));
    assert!(warnings.contains(message), "{warnings}\nlacks: {message}");
}

const FUNCTION: &str = "code: code, handler: app.handler, runtime: python3.13";

fn with_environment(value: &str, more: &str) -> String {
    format!(
        "stack: lab\n{more}functions:\n  f:\n    {{ {FUNCTION}, environment: {{ A_B: \"{value}\" }} }}\n"
    )
}

#[test]
fn an_environment_is_measured_as_json() {
    // `{"A_B":""}` takes ten bytes.
    let longest = 4096 - 10;
    taken(&with_environment(&"x".repeat(longest), ""));
    let said = "the environment of `f` takes 4097 bytes";
    refused(&with_environment(&"x".repeat(longest + 1), ""), said);
    // Each quote is escaped, each é takes two bytes.
    refused(
        &with_environment(&format!("{}\\\"", "x".repeat(longest - 1)), ""),
        said,
    );
    refused(
        &with_environment(&format!("{}é", "x".repeat(longest - 1)), ""),
        said,
    );
}

#[test]
fn an_environment_is_measured_with_its_references_replaced() {
    let params = |secret: &str, length: usize| {
        let value = "s3cr3t-".repeat(length / 7 + 1);
        format!(
            "params: {{ big: {{ default: \"{}\"{secret} }} }}\n",
            &value[..length]
        )
    };
    for secret in ["", ", secret: true"] {
        taken(&with_environment("${param.big}", &params(secret, 4086)));
        let text = with_environment("${param.big}", &params(secret, 4087));
        refused(&text, "the environment of `f` takes 4097 bytes");
        let wrong = expanded(&text).unwrap_err();
        let shows = |part: &&str| part.contains("takes 4097") && part.contains("s3cr3t");
        assert!(!wrong.split("\n\n").any(|part| shows(&part)), "{wrong}");
    }
    // An id that AWS makes is longer than what stands for it until then.
    let connection = "connections:\n  c: { api_key: { header: k, value: v } }\n";
    let arn = "arn:aws:events:us-east-1:123456789012:connection/lab-c/".len() + 36;
    let filler = 4096 - 10 - arn;
    let longest = format!("${{c.arn}}{}", "x".repeat(filler));
    assert!(expanded(&with_environment(&longest, connection)).is_ok());
    let text = with_environment(&format!("${{c.arn}}{}", "x".repeat(filler + 1)), connection);
    refused(&text, "the environment of `f` takes 4097 bytes");
}

#[test]
fn a_trust_policy_has_2048_characters() {
    let role = |count: usize| {
        let services: Vec<String> = (0..count)
            .map(|n| format!("service{n:03}.amazonaws.com"))
            .collect();
        format!(
            "stack: lab\nroles:\n  r: {{ assumed_by: [{}] }}\n",
            services.join(", ")
        )
    };
    taken(&role(71));
    refused(&role(80), "the trust policy of `r` has ");
    refused(&role(80), "more than the 2048 that IAM takes");
}

#[test]
fn the_inline_policies_of_a_role_have_10240_characters() {
    let role = |action: &dyn Fn(usize) -> String, count: usize| {
        let mut text =
            "stack: lab\nroles:\n  r:\n    assumed_by: [lambda.amazonaws.com]\n    allow:\n"
                .to_owned();
        for n in 0..count {
            let table = format!(
                "arn:aws:dynamodb:us-east-1:111122223333:table/some-table-with-a-name-{n:03}"
            );
            let _ = writeln!(
                text,
                "      - {{ actions: [{}], resources: [\"{table}\"] }}",
                action(n)
            );
        }
        text
    };
    // They differ only in their resources, so they are one statement.
    let same = |_| "dynamodb:GetItem".to_owned();
    taken(&role(&same, 120));
    refused(&role(&same, 160), "the policy of `r` has ");
    refused(&role(&same, 160), "more than the 10240 that IAM takes");
    let another = |n| format!("dynamodb:Get{n}");
    refused(&role(&another, 80), "the policy of `r` has ");
}

#[test]
fn a_machine_may_call_120_functions() {
    let folder = tempfile::tempdir().unwrap();
    let check = |count: usize| {
        let states: Vec<String> = (0..count)
            .map(|n| {
                let next = if n + 1 == count { r#""End": true"#.to_owned() } else { format!(r#""Next": "S{}""#, n + 1) };
                let function = format!("arn:aws:lambda:us-east-1:111122223333:function:some-function-with-a-name-{n:03}");
                format!(r#""S{n}": {{ "Type": "Task", "Resource": "{function}", {next} }}"#)
            })
            .collect();
        let definition = format!(
            r#"{{ "StartAt": "S0", "States": {{ {} }} }}"#,
            states.join(", ")
        );
        std::fs::write(folder.path().join("many.asl.json"), definition).unwrap();
        let text = "stack: lab\nstate_machines:\n  m: { definition: many.asl.json }\n";
        let source = treino::source::Source::new("stack.yaml", text);
        treino::stack::read(source, folder.path(), None)
            .map_err(|wrong| treino::report::diagnostics(&wrong))
    };
    assert!(check(120).is_ok());
    let wrong = check(140).unwrap_err();
    assert!(
        wrong.contains("the policy of the role of `m` has "),
        "{wrong}"
    );
    assert!(wrong.contains("give it a role (`role:`)"), "{wrong}");
}

#[test]
fn a_role_has_10_managed_policies_or_20_by_request() {
    let role = |count: usize| {
        let policies: Vec<String> = (0..count)
            .map(|n| format!("arn:aws:iam::aws:policy/P{n}"))
            .collect();
        let policies = policies.join(", ");
        format!(
            "stack: lab\nroles:\n  r: {{ assumed_by: [lambda.amazonaws.com], managed_policies: [{policies}] }}\n"
        )
    };
    taken(&role(10));
    warned(
        &role(20),
        "`r` has 20 managed policies, and a role takes 10, more only where AWS has raised it",
    );
    refused(
        &role(21),
        "`r` has 21 managed policies, and a role takes 10, never more than 20",
    );
}

/// A policy of this many statements with a text of this length in each.
fn statements(service: &str, count: usize, length: usize) -> String {
    let one = |n: usize| {
        format!(
            "{{ Sid: s{n}, Effect: Allow, Principal: \"*\", Action: \"{service}:Get{}\", Resource: \"*\" }}",
            "x".repeat(length)
        )
    };
    let all: Vec<String> = (0..count).map(one).collect();
    format!(
        "policy: {{ Version: \"2012-10-17\", Statement: [{}] }}",
        all.join(", ")
    )
}

#[test]
fn each_service_takes_policies_of_some_length() {
    let stack = |section: &str, policy: &str| {
        let zone = if section == "directory_buckets" {
            "zone: euw1-az1, "
        } else {
            ""
        };
        format!("stack: lab\n{section}: {{ b: {{ {zone}{policy} }} }}\n")
    };
    for (section, service, name, bytes) in [
        ("buckets", "s3", "S3", 20_480),
        ("directory_buckets", "s3express", "S3", 20_480),
        ("queues", "sqs", "SQS", 8_192),
        ("topics", "sns", "SNS", 30_720),
        ("vaults", "glacier", "Glacier", 20_480),
    ] {
        taken(&stack(section, &statements(service, 10, bytes / 10 - 200)));
        let over = stack(section, &statements(service, 10, bytes / 10));
        refused(&over, &format!(" bytes, and {name} takes {bytes}"));
    }
    taken(&stack("queues", &statements("sqs", 20, 0)));
    refused(
        &stack("queues", &statements("sqs", 21, 0)),
        "has 21 statements, and SQS takes 20",
    );
    taken(&stack("topics", &statements("sns", 100, 0)));
    refused(
        &stack("topics", &statements("sns", 101, 0)),
        "has 101 statements, and SNS takes 100",
    );
    let list =
        |count: usize, of: fn(usize) -> String| (0..count).map(of).collect::<Vec<_>>().join(", ");
    let policy = |who: &str, what: &str, condition: &str| {
        format!(
            "policy: {{ Statement: {{ Effect: Allow, Principal: {{ AWS: [{who}] }}, Action: [{what}], Resource: \"*\"{condition} }} }}"
        )
    };
    let account = |n: usize| format!("\"{n:012}\"");
    let action = |n: usize| format!("\"sqs:Get{n}\"");
    let condition = |count: usize| {
        let keys = (0..count)
            .map(|n| format!("k{n}: v"))
            .collect::<Vec<_>>()
            .join(", ");
        format!(", Condition: {{ StringEquals: {{ {keys} }} }}")
    };
    taken(&stack(
        "queues",
        &policy(&list(50, account), &list(7, action), &condition(10)),
    ));
    refused(
        &stack("queues", &policy(&list(51, account), &list(7, action), "")),
        "51 principals in a statement",
    );
    refused(
        &stack("queues", &policy(&list(1, account), &list(8, action), "")),
        "8 actions in a statement",
    );
    warned(
        &stack(
            "queues",
            &policy(&list(1, account), &list(1, action), &condition(11)),
        ),
        "has 11 conditions",
    );
}

#[test]
fn what_the_stack_adds_to_a_policy_counts() {
    let rules = |to: &str, count: usize| {
        let rule = |n: usize| {
            format!(
                "  a-rule-with-a-rather-long-key-number-{n:03}: {{ start: {to}, schedule: rate(1 hour) }}\n"
            )
        };
        (0..count).map(rule).collect::<String>()
    };
    let queue = |count| {
        format!(
            "stack: lab\nqueues: {{ q: {{}} }}\nrules:\n{}",
            rules("q", count)
        )
    };
    taken(&queue(70));
    refused(&queue(100), " bytes, and SQS takes 8192");
    let function = |count| {
        format!(
            "stack: lab\nfunctions: {{ f: {{ {FUNCTION} }} }}\nrules:\n{}",
            rules("f", count)
        )
    };
    taken(&function(40));
    refused(
        &function(60),
        "60 rules and topics call `f`: its policy takes ",
    );
}
