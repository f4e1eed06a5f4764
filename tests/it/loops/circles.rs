//! Circles over several rules, calls and kinds of events.

use super::{function, warnings};

/// Sections, and what the only warning of a loop has; nothing where there is none.
fn assert_loops(cases: &[(&str, &str)]) {
    for (sections, chain) in cases {
        let (loops, _) = warnings(sections);
        match &loops[..] {
            [] => assert_eq!(*chain, "", "{sections}"),
            [only] => assert!(
                !chain.is_empty() && only.contains(chain),
                "{sections}: {only}"
            ),
            many => panic!("{sections}: {many:?}"),
        }
    }
}

#[test]
fn a_circle_may_lead_over_several_rules_and_calls() {
    let function = |key: &str, action: &str, resource: &str| {
        format!(
            "{key}: {{ code: code, handler: app.handler, runtime: python3.13, allow: [{{ actions: ['{action}'], resources: ['{resource}'] }}] }}"
        )
    };
    let two = |first: &str, second: &str, rules: &str| {
        format!(
            "buckets: {{ b: {{}}, c: {{}} }}\nstate_machines: {{ m: {{ definition: {first} }}, m2: {{ definition: {second} }} }}\nrules: {{ {rules} }}\n"
        )
    };
    let r = "r: { put_object_in: b, via: s3, start: m }";
    let into_f = "buckets: { b: {} }\nrules: { r: { put_object_in: b, via: s3, start: f } }\n";
    let calling = |action: &str, target: &str| {
        let f = function("f", action, target);
        let g = function("g", "s3:PutObject", "${b.arn}/*");
        format!(
            "{into_f}functions: {{ {f}, {g} }}\ntopics: {{ t: {{ subscriptions: [{{ to: g }}] }} }}\nstate_machines: {{ m2: {{ definition: b_in.json }} }}\n"
        )
    };
    let over_two = two(
        "c.json",
        "b.json",
        &format!("{r}, r2: {{ put_object_in: c, via: s3, start: m2 }}"),
    );
    let prefixes = |second: &str| {
        let rules = "r: { put_object_in: b, via: s3, prefix: in/, start: m }, r2: { put_object_in: b, via: s3, prefix: out/, start: m2 }";
        two("b_out.json", second, rules)
    };
    assert_loops(&[
        (
            &over_two,
            "bucket `b` -> rule `r` -> state machine `m` -> bucket `c` -> rule `r2` -> state machine `m2` -> bucket `b`, where",
        ),
        (
            &over_two.replace("via: s3, start: m2", "via: s3, start: m2, enabled: false"),
            "",
        ),
        (
            &prefixes("b_in.json"),
            "state machine `m` -> bucket `b` -> rule `r2` -> state machine `m2` -> bucket `b`, where `m2` writes `in/x`",
        ),
        (&prefixes("b.json"), ""),
        (
            &two("starts.json", "b.json", r),
            "rule `r` -> state machine `m` -> state machine `m2` -> bucket `b`",
        ),
        (&two("starts.json", "c.json", r), ""),
        (
            &calling("states:StartExecution", "${m2.arn}"),
            "function `f` -> state machine `m2` -> bucket `b`",
        ),
        (
            &calling("lambda:InvokeFunction", "${g.arn}:*"),
            "function `f` -> function `g` -> bucket `b`",
        ),
        (
            &calling("lambda:*", "*"),
            "function `f` -> function `g` -> bucket `b`",
        ),
        (
            &calling("sns:Publish", "${t.arn}"),
            "function `f` -> topic `t` -> function `g` -> bucket `b`",
        ),
        (&calling("sns:Subscribe", "${t.arn}"), ""),
    ]);
}

#[test]
fn what_starts_itself_is_a_loop_without_a_rule() {
    let machine =
        |definition: &str| format!("state_machines: {{ m: {{ definition: {definition} }} }}\n");
    let chooses = machine(
        "{ StartAt: C, States: { C: { Type: Choice, Choices: [{ Variable: $.n, NumericEquals: 0, Next: E }], Default: A }, E: { Type: Succeed }, A: { Type: Task, Resource: 'arn:aws:states:::states:startExecution', Parameters: { StateMachineArn: '${m.arn}' }, End: true } } }",
    );
    let start = "Type: Task, Resource: 'arn:aws:states:::states:startExecution', Parameters: { StateMachineArn: '${m.arn}' }";
    let choice = |next: &str| {
        format!(
            "C: {{ Type: Choice, Choices: [{{ Variable: $.n, NumericEquals: 0, Next: {next} }}], Default: S }}, S: {{ Type: Succeed }}"
        )
    };
    let of = |first: &str, states: &str| {
        machine(&format!("{{ StartAt: {first}, States: {{ {states} }} }}"))
    };
    let after = of("A", &format!("A: {{ {start}, Next: C }}, {}", choice("S")));
    let sometimes = of(
        "C",
        &format!("A: {{ {start}, End: true }}, {}", choice("A")),
    );
    let both = format!(
        "A: {{ {start}, End: true }}, B: {{ {start}, End: true }}, {}",
        choice("A").replace("S: { Type: Succeed }", "D: { Type: Pass, Next: B }")
    );
    let both = of("C", &both.replace("Default: S", "Default: D"));
    let states = format!(
        "A: {{ {start}, Next: C }}, B: {{ {start}, End: true }}, {}",
        choice("B")
    );
    let lists = "aws-sdk:sfn:listExecutions'";
    let lists = of("A", &states.replacen("states:startExecution'", lists, 1));
    let for_items = of(
        "M",
        &format!(
            "M: {{ Type: Map, ItemProcessor: {{ StartAt: A, States: {{ A: {{ {start}, End: true }} }} }}, Next: C }}, {}",
            choice("S")
        ),
    );
    let itself = "state machine `m` -> state machine `m`";
    let map = machine(
        "{ StartAt: M, States: { M: { Type: Map, ItemProcessor: { ProcessorConfig: { Mode: DISTRIBUTED, ExecutionType: STANDARD }, StartAt: P, States: { P: { Type: Pass, End: true } } }, End: true } } }",
    );
    let topic = "topics: { t: { subscriptions: [{ to: f }] } }\nfunctions: { f: { code: code, handler: app.handler, runtime: python3.13, allow: [{ actions: ['sns:Publish'], resources: ['${t.arn}'] }] } }\n";
    assert_loops(&[
        (
            &machine("self.json"),
            "a loop is possible: state machine `m` -> state machine `m`",
        ),
        (
            &machine("again.json"),
            "state machine `m` -> state machine `m`",
        ),
        (&machine("lists.json"), ""),
        (&chooses, ""),
        (&after, itself),
        (&both, itself),
        (&sometimes, ""),
        (&lists, ""),
        (&for_items, ""),
        (&map, ""),
        (topic, "function `f` -> topic `t` -> function `f`"),
        (&topic.replace("'${t.arn}'", "'*'"), ""),
    ]);
}

#[test]
fn events_of_other_kinds_start_a_rule_again() {
    let rule = |definition: &str, pattern: &str, more: &str| {
        format!(
            "state_machines: {{ m: {{ definition: {definition} }} }}\nrules: {{ r: {{ pattern: {{ {pattern} }}, start: m }} }}\n{more}"
        )
    };
    let statuses = "source: [aws.states], detail-type: [Step Functions Execution Status Change]";
    let puts = "functions: { f: { code: code, handler: app.handler, runtime: python3.13, allow: [{ actions: ['events:PutEvents'], resources: ['*'], when: { StringEquals: { 'events:source': my.app } } }] } }\nrules: { r: { pattern: { source: [my.app] }, start: f } }\n";
    assert_loops(&[
        (
            &rule("puts.json", "source: [my.app]", ""),
            "event of `my.app` -> rule `r` -> state machine `m` -> event of `my.app`, which `m` puts",
        ),
        (
            &rule("puts.json", "source: [my.app], detail-type: [y]", ""),
            "",
        ),
        (
            &rule("puts.json", "source: [my.app], detail: { a: [c] }", ""),
            "",
        ),
        (
            &rule(
                "puts.json",
                "source: [{ anything-but: my.app }], detail-type: [x]",
                "",
            ),
            "",
        ),
        (&rule("pass.json", "source: [my.app]", ""), ""),
        (
            puts,
            "event -> rule `r` -> function `f` -> event, which `f` may put",
        ),
        (&puts.replace("source: [my.app]", "source: [other]"), ""),
        (
            &puts.replace(
                "StringEquals: { 'events:source': my.app",
                "'ForAllValues:StringEquals': { 'events:source': [a, b]",
            ),
            "",
        ),
        (&puts.replace("StringEquals", "StringNotEquals"), ""),
        (
            &puts.replace(
                "StringEquals: { 'events:source': my.app",
                "'ForAnyValue:StringEquals': { 'events:source': [a, b]",
            ),
            "event -> rule `r`",
        ),
        (
            &puts.replace(
                "StringEquals: { 'events:source': my.app",
                "StringNotEquals: { 'events:source': other",
            ),
            "event -> rule `r`",
        ),
        (
            &rule(
                "numbers.json",
                "source: [my.app], detail: { a: { k: [1] } }",
                "",
            ),
            "",
        ),
        (
            &rule(
                "numbers.json",
                "source: [my.app], detail: { a: { k: [2] } }",
                "",
            ),
            "event of `my.app` -> rule `r`",
        ),
        (
            &rule("pass.json", statuses, ""),
            "status of `m` -> rule `r` -> state machine `m` -> status of `m`",
        ),
        (
            &rule(
                "pass.json",
                &format!(
                    "{statuses}, detail: {{ stateMachineArn: ['arn:aws:states:us-east-1:111122223333:stateMachine:other'] }}"
                ),
                "",
            ),
            "",
        ),
        (
            &rule("pass.json", statuses, "").replace("pass.json", "pass.json, type: express"),
            "",
        ),
    ]);
}

#[test]
fn what_is_done_with_objects_starts_a_rule_again() {
    let function = |action: &str, pattern: &str, bucket: &str, more: &str| {
        let f = function("${b.arn}/*").replace("s3:Put*", action);
        format!(
            "buckets: {{ b: {{ {bucket} }} }}\nrules: {{ r: {{ pattern: {{ {pattern} }}, start: f }} }}\n{f}{more}"
        )
    };
    let s3 = "source: [aws.s3]";
    let named = "source: [aws.s3], detail: { bucket: { name: ['${b.name}'] } }";
    let trail = "trails: { t: { objects_of: [b] } }\n";
    let recorded = "source: [aws.s3], detail-type: [AWS API Call via CloudTrail], detail: { eventName: [PutObject] }";
    let deleted = "source: [aws.s3], detail-type: [Object Deleted]";
    let ours = "events: true";
    assert_loops(&[
        (
            &function("s3:PutObject", s3, ours, ""),
            "function `f` -> bucket `b`, where `f` may write any key",
        ),
        (
            &function("s3:PutObject", named, ours, ""),
            "function `f` -> bucket `b`",
        ),
        (&function("s3:PutObject", s3, "", ""), ""),
        (&function("s3:PutObject", deleted, ours, ""), ""),
        (
            &function("s3:DeleteObject", deleted, ours, ""),
            "function `f` -> bucket `b`, where `f` may delete any key",
        ),
        (&function("s3:DeleteObject", s3, ours, ""), "may delete"),
        (
            &function("s3:PutObject", recorded, "", trail),
            "function `f` -> bucket `b`, where `f` may write",
        ),
        (&function("s3:PutObject", recorded, "", ""), ""),
        (&function("s3:GetObject", recorded, "", trail), ""),
        (
            &function(
                "s3:GetObject",
                &recorded.replace("PutObject", "GetObject"),
                "",
                "trails: { t: { objects_of: [b], record: all } }\n",
            ),
            "may read",
        ),
        (
            &function(
                "s3:GetObject",
                &recorded.replace("PutObject", "GetObject"),
                "",
                trail,
            ),
            "",
        ),
    ]);
}

#[test]
fn roles_and_policies_of_other_places_count() {
    let rule = "rules: { r: { put_object_in: b, via: s3, start: f } }\n";
    let f = |role: &str| {
        format!(
            "functions: {{ f: {{ code: code, handler: app.handler, runtime: python3.13{role} }} }}\n"
        )
    };
    let policy = "buckets: { b: { policy: { Version: '2012-10-17', Statement: [{ Effect: EFFECT, Principal: { AWS: '${f.role.arn}' }, Action: 's3:PutObject', Resource: '${b.arn}/*' }] } } }\n";
    let buckets = "buckets: { b: {} }\n";
    let managed = "roles: { o: { assumed_by: [lambda.amazonaws.com], managed_policies: ['arn:aws:iam::aws:policy/AmazonS3FullAccess'] } }\n";
    let of_another = f(", role: '${o.arn}'");
    let machine =
        "buckets: { b: {}, c: {} }\nrules: { r: { put_object_in: b, via: s3, start: m } }\n";
    let outside = "defaults: { role: 'arn:aws:iam::111122223333:role/LabRole' }\n";
    assert_loops(&[
        (
            &format!("{rule}{}{}", f(""), policy.replace("EFFECT", "Allow")),
            "function `f` -> bucket `b`",
        ),
        (
            &format!("{rule}{}{}", f(""), policy.replace("EFFECT", "Deny")),
            "",
        ),
        (&format!("{rule}{buckets}{}", f("")), ""),
        (
            &format!("{rule}{buckets}{managed}{of_another}"),
            "function `f` -> bucket `b`",
        ),
        (
            &format!(
                "{rule}{buckets}{}{of_another}",
                managed.replace("FullAccess", "ReadOnlyAccess")
            ),
            "",
        ),
        (
            &format!("{outside}{machine}state_machines: {{ m: {{ definition: b.json }} }}\n"),
            "where `m` writes `thumb/*`",
        ),
        (
            &format!("{outside}{machine}state_machines: {{ m: {{ definition: c.json }} }}\n"),
            "",
        ),
        (
            &format!(
                "{machine}state_machines: {{ m: {{ definition: pass.json, allow: [{{ actions: ['s3:PutObject'], resources: ['${{b.arn}}/*'] }}] }} }}\n"
            ),
            "where `m` may write any key",
        ),
    ]);
}
