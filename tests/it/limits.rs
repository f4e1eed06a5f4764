//! What AWS takes and refuses of a stack file, at the edge of each limit: found before anything is made.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use treino::source::{Diagnostic, Diagnostics, Severity, Source};
use treino::stack::{self, Given, Missing};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/cases/bad")
}

/// Everything found in a stack file with these parameters.
fn found(text: &str, set: &[(&str, &str)]) -> Vec<Diagnostic> {
    let given = Given {
        set: set
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect::<BTreeMap<_, _>>(),
        missing: Missing::Later,
        ..Given::default()
    };
    let source = Source::new("stack.yaml", format!("stack: lab\n{text}"));
    let (Ok((_, Diagnostics(found))) | Err(Diagnostics(found))) =
        stack::read(source, &folder(), given);
    found
}

/// `error 3:5 message | help`, one line for each.
fn lines(found: &[Diagnostic]) -> Vec<String> {
    let line = |one: &Diagnostic| {
        let severity = match one.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        let place = one.place.as_ref().expect("a place");
        let (line, column) = place.span.line_column(&place.source);
        let help = one.help.as_deref().expect("a way out");
        format!("{severity} {line}:{column} {} | {help}", one.message)
    };
    found.iter().map(line).collect()
}

/// Lengths: a stack file with `<N>` for a text of that many characters, the longest that AWS takes, and what
/// is said of one more.
#[rustfmt::skip]
const LENGTHS: &[(&str, usize, &str)] = &[
    ("functions: { f: { code: code, runtime: python3.13, handler: app.handler, description: <N> } }", 256,
     "the description has 257 characters | Lambda takes up to 256"),
    ("state_machines: { m: { definition: asl/fine.asl.json } }\nrules: { r: { start: m, schedule: rate(1 day), description: <N> } }", 512,
     "the description has 513 characters | EventBridge takes up to 512"),
    ("params: { p: { default: <N> } }\nstate_machines: { m: { definition: asl/fine.asl.json } }\nrules: { r: { start: m, schedule: rate(1 day), description: '${param.p}' } }", 512,
     "the description has 513 characters | EventBridge takes up to 512"),
    ("params: { p: { default: <N> } }\nstate_machines: { m: { definition: asl/fine.asl.json } }\nrules: { r: { start: m, schedule: rate(1 day), input: { a: '${param.p}' } } }", 8184,
     "the input has 8193 characters | EventBridge takes up to 8192: put it into a bucket, and send its key"),
    ("state_machines: { m: { definition: asl/fine.asl.json } }\nrules: { r: { start: m, pattern: { source: [<N>] } } }", 4081,
     "the event pattern has 4097 characters | EventBridge takes up to 4096"),
    ("connections: { c: { description: <N>, api_key: { header: x, value: '${env:TREINO_UNSET}' } } }", 256,
     "the description has 257 characters | treino takes up to 256: EventBridge takes 512, and treino's mark is there too"),
    ("connections: { c: { api_key: { header: <N>, value: '${env:TREINO_UNSET}' } } }", 512,
     "the header of the API key has 513 characters | EventBridge takes up to 512"),
    ("params: { p: { secret: true, default: <N> } }\nconnections: { c: { api_key: { header: x, value: '${param.p}' } } }", 512,
     "the API key has 513 characters | EventBridge takes up to 512"),
    ("connections: { c: { basic: { username: <N>, password: '${env:TREINO_UNSET}' } } }", 512,
     "the user name has 513 characters | EventBridge takes up to 512"),
    ("params: { p: { secret: true, default: <N> } }\nconnections: { c: { basic: { username: u, password: '${param.p}' } } }", 512,
     "the password has 513 characters | EventBridge takes up to 512"),
    ("connections: { c: { oauth: { client_id: <N>, client_secret: '${env:TREINO_UNSET}', endpoint: 'https://a.example' } } }", 512,
     "the client's id has 513 characters | EventBridge takes up to 512"),
    ("params: { p: { secret: true, default: <N> } }\nconnections: { c: { oauth: { client_id: i, client_secret: '${param.p}', endpoint: 'https://a.example' } } }", 512,
     "the client's secret has 513 characters | EventBridge takes up to 512"),
    ("connections: { c: { oauth: { client_id: i, client_secret: '${env:TREINO_UNSET}', endpoint: https://a.example/<N> } } }", 2030,
     "the endpoint has 2049 characters | EventBridge takes up to 2048"),
    ("connections: { c: { basic: { username: u, password: '${env:TREINO_UNSET}' }, headers: { <N>: v } } }", 512,
     "the name of the header has 513 characters | EventBridge takes up to 512"),
    ("connections: { c: { basic: { username: u, password: '${env:TREINO_UNSET}' }, headers: { h: <N> } } }", 512,
     "the value of the header has 513 characters | EventBridge takes up to 512"),
    ("connections: { c: { basic: { username: u, password: '${env:TREINO_UNSET}' }, query: { <N>: v } } }", 512,
     "the name of the query parameter has 513 characters | EventBridge takes up to 512"),
    ("connections: { c: { basic: { username: u, password: '${env:TREINO_UNSET}' }, query: { q: <N> } } }", 512,
     "the value of the query parameter has 513 characters | EventBridge takes up to 512"),
    ("connections: { c: { oauth: { client_id: i, client_secret: '${env:TREINO_UNSET}', endpoint: 'https://a.example', headers: { h: <N> } } } }", 512,
     "the value of the header has 513 characters | EventBridge takes up to 512"),
    ("connections: { c: { oauth: { client_id: i, client_secret: '${env:TREINO_UNSET}', endpoint: 'https://a.example', query: { <N>: v } } } }", 512,
     "the name of the query parameter has 513 characters | EventBridge takes up to 512"),
    ("tables: { t: { partition_key: '<N>:N' } }", 255,
     "the name of the attribute has 256 characters | DynamoDB takes up to 255"),
    ("params: { p: { default: <N> } }\ntables: { t: { partition_key: id, sort_key: '${param.p}' } }", 255,
     "the name of the attribute has 256 characters | DynamoDB takes up to 255"),
    ("tables: { t: { partition_key: id, time_to_live: <N> } }", 255,
     "the attribute of the expiry time has 256 characters | DynamoDB takes up to 255"),
    ("topics: { t: { display_name: <N> } }", 100,
     "the display name has 101 characters | SNS takes up to 100"),
    ("tags: { <N>: v }\nbuckets: { b: {} }", 128,
     "S3 would refuse the tag | S3 takes up to 128"),
    ("params: { p: { default: <N> } }\ntags: { k: '${param.p}' }\nqueues: { q: {} }", 256,
     "SQS would refuse the tag `k` | SQS takes up to 256"),
];

#[test]
fn lengths_are_those_of_the_models() {
    for (text, most, said) in LENGTHS {
        let with = |length: usize| found(&text.replace("<N>", &"x".repeat(length)), &[]);
        let errors = |found: Vec<Diagnostic>| -> Vec<String> {
            let errors = found.into_iter();
            let errors = errors.filter(|one| one.severity == Severity::Error);
            let errors = errors.map(|one| {
                let message = match one.message.split_once(&"x".repeat(100)) {
                    Some((begin, _)) => begin.trim_end_matches(" `").to_owned(),
                    None => one.message,
                };
                format!("{message} | {}", one.help.expect("a way out"))
            });
            errors.collect()
        };
        assert_eq!(errors(with(*most)), Vec::<String>::new(), "{text}");
        assert_eq!(errors(with(most + 1)), [*said], "{text}");
    }
    // A handler has to be in the code, except of a runtime that runs any.
    let function = |handler: &str| {
        found(
            &format!(
                "functions: {{ f: {{ code: code, runtime: provided.al2023, handler: '{handler}' }} }}"
            ),
            &[],
        )
    };
    assert_eq!(lines(&function(&"h".repeat(128))), Vec::<String>::new());
    assert_eq!(
        lines(&function(&"h".repeat(129))),
        ["error 2:66 the handler has 129 characters | Lambda takes up to 128"]
    );
}

/// Half of a quota that AWS raises is a warning.
#[test]
fn what_an_account_may_have_raised_is_a_warning() {
    let pattern = format!(
        "state_machines: {{ m: {{ definition: asl/fine.asl.json }} }}\nrules: {{ r: {{ start: m, pattern: {{ source: [{}] }} }} }}",
        "x".repeat(2034)
    );
    assert_eq!(
        lines(&found(&pattern, &[])),
        [
            "warning 3:25 the event pattern has 2049 characters | EventBridge takes up to 2048 unless AWS has raised the quota of the account"
        ]
    );
}

#[test]
fn a_trail_records_250_buckets() {
    let trail = |count: usize| {
        let keys: Vec<String> = (0..count).map(|n| format!("b{n}")).collect();
        let buckets: Vec<String> = keys.iter().map(|key| format!("{key}: {{}}")).collect();
        let text = format!(
            "trails: {{ t: {{ objects_of: [{}] }} }}\nbuckets: {{ {} }}",
            keys.join(", "),
            buckets.join(", ")
        );
        lines(&found(&text, &[]))
    };
    let said = "error 2:16 there are 251 buckets | CloudTrail takes up to 250: divide them among several trails";
    assert_eq!(trail(250), Vec::<String>::new());
    assert_eq!(trail(251), [said]);
}

/// Characters, tags and ARNs: each text, the parameters given, and everything that is said of it.
#[rustfmt::skip]
const CASES: &[(&str, &[(&str, &str)])] = &[
    // Characters of connections.
    ("connections: { c: { basic: { username: 'a:b', password: '${env:TREINO_UNSET}' } } }", &[]),
    ("params: { p: { secret: true } }\nconnections: { c: { basic: { username: a, password: '${param.p}' } } }", &[("p", "open:sesame")]),
    ("params: { p: { secret: true } }\nconnections: { c: { basic: { username: a, password: '${param.p}' } } }", &[("p", "")]),
    ("params: { p: { secret: true } }\nconnections: { c: { basic: { username: a, password: '${param.p}' } } }", &[("p", "a\nb")]),
    ("connections: { c: { basic: { username: 'João Ávila', password: '${env:TREINO_UNSET}' } } }", &[]),
    ("connections: { c: { basic: { username: a, password: '${env:TREINO_UNSET}' }, headers: { 'a b': v, h: é, e: '' }, query: { q: é, n: '' } } }", &[]),
    ("connections: { c: { oauth: { client_id: i, client_secret: '${env:TREINO_UNSET}', endpoint: 'https://a.example/a b' } } }", &[]),
    ("connections: { c: { oauth: { client_id: i, client_secret: '${env:TREINO_UNSET}', endpoint: 'http://a.example' } } }", &[]),
    // Handlers.
    ("functions: { f: { code: code, handler: 'app.han dler', runtime: provided.al2023 } }", &[]),
    ("params: { h: {} }\nfunctions: { f: { code: code, handler: '${param.h}', runtime: provided.al2023 } }", &[("h", "a b")]),
    // Policies.
    ("roles: { r: { assumed_by: [lambda.amazonaws.com], allow: [ { actions: ['s3:GetObject'], resources: ['arn:aws:s3:::b/日本/*'] } ] } }", &[]),
    ("roles: { r: { assumed_by: [lambda.amazonaws.com], allow: [ { actions: ['s3:GetObject'], resources: ['arn:aws:s3:::b/São/*'] } ] } }", &[]),
    // Keys of tables.
    ("params: { k: {} }\ntables: { t: { partition_key: '${param.k}' } }", &[("k", "id:N")]),
    ("params: { k: {} }\ntables: { t: { partition_key: '${param.k}' } }", &[("k", "id:X")]),
    ("params: { k: {} }\ntables: { t: { partition_key: '${param.k}' } }", &[]),
    // Schedules.
    ("params: { when: {} }\nqueues: { q: {} }\nrules: { r: { start: q, schedule: '${param.when}' } }", &[("when", "rate(5 minutes)")]),
    ("params: { when: {} }\nqueues: { q: {} }\nrules: { r: { start: q, schedule: '${param.when}' } }", &[("when", "rate(5 minute)")]),
    ("params: { h: {} }\nqueues: { q: {} }\nrules: { r: { start: q, schedule: 'cron(0 ${param.h} * * ? *)' } }", &[("h", "24")]),
    ("queues: { q: {} }\nrules: { r: { start: q, schedule: 'cron(0 0 1,L * ? *)' } }", &[]),
    // Tags that differ in case: of roles alone.
    ("tags: { Turma: B, turma: b }\nroles: { r: { assumed_by: [lambda.amazonaws.com] } }", &[]),
    ("tags: { Turma: B, turma: b, TURMA: c }\nfunctions: { f: { code: code, handler: app.handler, runtime: python3.13 } }", &[]),
    ("tags: { Turma: B, turma: b }\nbuckets: { b: {} }", &[]),
    ("tags: { 'Aws:x': y, 'AWS:': y, aws: fine, awsome: fine }\nbuckets: { b: {} }", &[]),
    ("tags: { 'Treino:stack': y }\nbuckets: { b: {} }", &[]),
    // Values of tags.
    ("params: { who: { default: 'Ana, Bia (2)' } }\ntags: { who: '${param.who}' }\nbuckets: { b: {} }", &[]),
    ("params: { who: {} }\ntags: { who: 'x-${param.who}' }\nroles: { r: { assumed_by: [lambda.amazonaws.com] } }", &[("who", "Ana; Bia")]),
    ("params: { who: {} }\ntags: { who: '${param.who}' }\nroles: { r: { assumed_by: [lambda.amazonaws.com] } }", &[]),
    ("tags: { who: 'Ana, Bia (2)' }\nqueues: { q: {} }", &[]),
    ("tags: { who: 'Ana, Bia (2)', 'a,b': c }\nqueues: { q: {} }\ntopics: { t: {} }", &[]),
    ("tags: { de: 'aws:x', para: 'arn:aws:x' }\nroles: { r: { assumed_by: [lambda.amazonaws.com] } }", &[]),
    ("tags: { de: 'aws:x' }\nbuckets: { b: {} }", &[]),
    ("tags: { empty: '' }\nbuckets: { b: {} }", &[]),
    ("tags: { empty: '' }\nbuckets: { b: {} }\ntrails: { t: { objects_of: [b] } }", &[]),
    ("tags: { lugar: São Paulo, 城市: 东京, a: 1٢ }\nroles: { r: { assumed_by: [lambda.amazonaws.com] } }", &[]),
    ("tags: { a: \"tab\\there\", b: \"no\u{a0}break\", c: 😀, d: हिन्दी }\nroles: { r: { assumed_by: [lambda.amazonaws.com] } }", &[]),
    // ARNs of another kind.
    ("functions: { f: { code: code, handler: app.handler, runtime: python3.13, role: '${q.arn}' } }\nqueues: { q: {} }", &[]),
    ("functions: { f: { code: code, handler: app.handler, runtime: python3.13, role: 'arn:aws:iam::123:role/x' } }", &[]),
    ("roles: { r: { assumed_by: [lambda.amazonaws.com], managed_policies: ['arn:aws:s3:::bucket-of-mine', ReadOnlyAccess, 'arn:aws:iam::123456789012:policy/mine'] } }", &[]),
    ("state_machines: { m: { definition: asl/arns.asl.json } }\nqueues: { q: {}, fifo: { fifo: true } }\ntopics: { t: {} }\nfunctions: { f: { code: code, handler: app.handler, runtime: python3.13 } }", &[]),
    // Event patterns: what Event Ruler takes.
    ("functions: { f: { code: code, handler: app.handler, runtime: python3.13 } }\nrules: { r: { start: f, pattern: { source: [aws.s3, 1, null, true], detail: { a: [{ prefix: x }, { suffix: y }, { prefix: { equals-ignore-case: X } }], b: [{ suffix: { equals-ignore-case: .PNG } }] } } } }", &[]),
    ("functions: { f: { code: code, handler: app.handler, runtime: python3.13 } }\nrules: { r: { start: f, pattern: { detail: { n: [{ numeric: ['=', 3.018e2] }, { numeric: ['>', 0, '<=', 5] }, { numeric: ['>=', -5e9] }, { numeric: ['<', 10] }], e: [{ exists: true }, { exists: false }], i: [{ equals-ignore-case: ALICE }] } } } }", &[]),
    ("functions: { f: { code: code, handler: app.handler, runtime: python3.13 } }\nrules: { r: { start: f, pattern: { detail: { ip: [{ cidr: 10.0.0.0/24 }, { cidr: '2001:db8::/32' }, 10.0.0.1], w: [{ wildcard: 'dir/*.png' }, { wildcard: 'a\\\\*b*' }] } } } }", &[]),
    ("functions: { f: { code: code, handler: app.handler, runtime: python3.13 } }\nrules: { r: { start: f, pattern: { detail: { a: [{ anything-but: x }, { anything-but: [x, y] }, { anything-but: [1, 2] }, { anything-but: { prefix: init } }, { anything-but: { suffix: [a, b] } }, { anything-but: { wildcard: '*/lib/*' } }, { anything-but: { equals-ignore-case: [a, b] } }] } } } }", &[]),
    ("functions: { f: { code: code, handler: app.handler, runtime: python3.13 } }\nrules: { r: { start: f, pattern: { detail: { $or: [{ c: [{ numeric: ['>', 0] }] }, { d: { e: [1] } }] } } } }", &[]),
    ("functions: { f: { code: code, handler: app.handler, runtime: python3.13 } }\nrules: { r: { start: f, pattern: { detail: { $or: [a, b] } } } }", &[]),
    // What it refuses.
    ("functions: { f: { code: code, handler: app.handler, runtime: python3.13 } }\nrules: { r: { start: f, pattern: { source: [{ foo: a }, [a], { prefix: a, suffix: b }, { prefix: 5 }, { suffix: [a] }, { equals-ignore-case: 5 }] } } }", &[]),
    ("functions: { f: { code: code, handler: app.handler, runtime: python3.13 } }\nrules: { r: { start: f, pattern: { source: [{ wildcard: 'a**b' }, { wildcard: 'a\\\\b' }, { anything-but: { wildcard: '**' } }, { prefix: { wildcard: a } }] } } }", &[]),
    ("functions: { f: { code: code, handler: app.handler, runtime: python3.13 } }\nrules: { r: { start: f, pattern: { detail: { n: [{ numeric: ['>', '5'] }, { numeric: ['=', 1e10] }, { numeric: ['<', 5, '>', 1] }, { numeric: ['>', 5, '<', 1] }, { numeric: 5 }, { numeric: ['!=', 5] }, { numeric: [] }, { numeric: ['=', 1, '<', 2] }] } } } }", &[]),
    ("functions: { f: { code: code, handler: app.handler, runtime: python3.13 } }\nrules: { r: { start: f, pattern: { detail: { ip: [{ cidr: 10.0.0.0/33 }, { cidr: 10.0.0.0/32 }, { cidr: 10.0.0.1 }, { cidr: '2001:db8::/128' }, { cidr: host/8 }, { cidr: 10.0.0/8 }], e: [{ exists: 'true' }] } } } }", &[]),
    ("functions: { f: { code: code, handler: app.handler, runtime: python3.13 } }\nrules: { r: { start: f, pattern: { detail: { a: [{ anything-but: [1, x] }, { anything-but: true }, { anything-but: [] }, { anything-but: { prefix: '' } }, { anything-but: { numeric: ['=', 1] } }, { anything-but: { prefix: [1] } }, { anything-but: [null] }] } } } }", &[]),
    ("functions: { f: { code: code, handler: app.handler, runtime: python3.13 } }\nrules: { r: { start: f, pattern: { detail: { $or: [{ c: [1] }] }, source: { $or: [{ prefix: [1] }, { d: [] }] } } } }", &[]),
    ("queues: { q: {} }\ntopics: { t: { subscriptions: [ { to: q, filter_policy: { a: [{ numeric: ['=', 1e9] }, { numeric: ['=', 2e9] }, { anything-but: [] }, { exists: 1 }] } } ] } }", &[]),
    // Filter policies.
    ("queues: { q: {} }\ntopics: { t: { subscriptions: [ { to: q, filter_policy: { a: x, b: [], c: { d: [1] }, e: [[1]], f: [{ prefix: x, suffix: y }], g: [{ starts: x }] } } ] } }", &[]),
    ("queues: { q: {} }\ntopics: { t: { subscriptions: [ { to: q, filter_policy: { a: [1], b: [1], c: [1], d: [1], e: [1] } } ] } }", &[]),
    ("queues: { q: {} }\ntopics: { t: { subscriptions: [ { to: q, filter_policy_scope: message_body, filter_policy: { a: { b: { c: [1, 2, 3, 4] } }, d: { e: [1, 2, 3] }, f: [1, 2, 3] } } ] } }", &[]),
    ("queues: { q: {} }\ntopics: { t: { subscriptions: [ { to: q, filter_policy_scope: message_body, filter_policy: { a: { b: [null, true, { exists: false }] }, $or: [ { c: [1] }, { d: [2] } ] } } ] } }", &[]),
];

#[test]
fn characters_tags_and_arns() {
    let one = |(text, set): &(&str, &[(&str, &str)])| {
        let given = set
            .iter()
            .map(|(name, value)| format!("--set {name}={value:?}\n"));
        let mut found = lines(&found(text, set));
        if found.is_empty() {
            found.push("nothing".to_owned());
        }
        let given: String = given.collect();
        format!("{text}\n{given}  {}", found.join("\n  "))
    };
    let shown: Vec<String> = CASES.iter().map(one).collect();
    let mut settings = insta::Settings::new();
    settings.set_snapshot_path(folder());
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!("limits", shown.join("\n\n")));
}

/// The number of tags: AWS takes 50, treino's own among them.
#[test]
fn tags_are_counted_with_those_of_treino() {
    let stack = |count: usize, more: &str| {
        let tags: Vec<String> = (0..count).map(|n| format!("t{n}: v")).collect();
        lines(&found(
            &format!(
                "tags: {{ {} }}\nbuckets: {{ b: {{}} }}{more}",
                tags.join(", ")
            ),
            &[],
        ))
    };
    let said = |line: &str, most: usize| {
        format!(
            "error 2:{line} the stack has {} tags | keep at most {most}: AWS allows 50 a resource, treino's own included",
            most + 1
        )
    };
    assert_eq!(stack(48, ""), Vec::<String>::new());
    assert_eq!(stack(49, ""), [said("383", 48)]);
    assert_eq!(stack(47, "\nexpires: 4h"), Vec::<String>::new());
    assert_eq!(stack(48, "\nexpires: 4h"), [said("375", 47)]);
}

/// A definition is measured with its references replaced.
#[test]
fn a_definition_of_a_megabyte() {
    let folder = tempfile::tempdir().expect("a folder");
    let check = |length: usize| {
        let comment = "x".repeat(1_048_576 - 100);
        let definition = format!(
            "{{\"Comment\":\"{comment}${{param.p}}\",\"StartAt\":\"P\",\"States\":{{\"P\":{{\"Type\":\"Pass\",\"End\":true}}}}}}"
        );
        std::fs::write(folder.path().join("m.asl.json"), &definition).expect("written");
        let rest = 1_048_576 - (definition.len() - "${param.p}".len());
        let text =
            "stack: lab\nparams: { p: {} }\nstate_machines: { m: { definition: m.asl.json } }";
        let given = Given {
            set: BTreeMap::from([("p".to_owned(), "y".repeat(rest + length - 1))]),
            ..Given::default()
        };
        match stack::read(Source::new("stack.yaml", text), folder.path(), given) {
            Ok((_, Diagnostics(found))) | Err(Diagnostics(found)) => lines(&found),
        }
    };
    assert_eq!(check(1), Vec::<String>::new());
    assert_eq!(
        check(2),
        [
            "error 3:36 the definition is 1048577 bytes long with its references replaced | Step Functions takes 1048576: move a part to a machine of its own"
        ]
    );
}
