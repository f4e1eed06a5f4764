use std::collections::BTreeMap;
use std::path::Path;

use super::*;
use crate::asl::OutlinedState;
use crate::ops::SessionOptions;
use crate::source::Source;
use crate::stack::{self, Given, Loaded, Missing, Target};

fn target(stack: &str) -> Target {
    Target {
        partition: "aws".to_owned(),
        region: "sa-east-1".to_owned(),
        account: "111122223333".to_owned(),
        stack: stack.to_owned(),
        owner: Some("ana".to_owned()),
    }
}

fn given(set: &BTreeMap<String, String>) -> Given {
    Given {
        set: set.clone(),
        missing: Missing::Later,
        may_exist: true,
        ..Given::default()
    }
}

const OF: HandoutOf<'static> = HandoutOf {
    name: Some("Ana"),
    profile: None,
    words: HandoutWords {
        photo: "photo.jpg",
        file: "file",
        answer: "answer.json",
        message: "hello",
    },
    sharing: false,
    deployed: DeployedPart::All,
    expires: None,
    reaper_missing: false,
};

fn of_loaded(
    loaded: Loaded,
    set: &BTreeMap<String, String>,
    place: HandoutPlace,
    of: HandoutOf<'_>,
) -> Handout {
    let mut target = target(&loaded.file.stack);
    if let Some(region) = loaded.region() {
        target.region = region.to_owned();
    }
    let stack = LoadedStack::of(loaded, Path::new("stack.yaml"), set);
    let (desired, _) = stack.expand(&target, of.sharing).unwrap();
    let session = Session::new(SessionOptions::default());
    session.masker().hide(desired.secrets.values());
    let handout = made(&session, &stack, (&desired, place), of);
    session.masker().masked(handout)
}

fn of_lab(name: &str, place: HandoutPlace, of: HandoutOf<'_>) -> Handout {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let path = root.join("stacks").join(name).with_extension("yaml");
    let url = ("api_url".to_owned(), "https://example.org/1".to_owned());
    let set: BTreeMap<String, String> = [url]
        .into_iter()
        .filter(|_| name == "api-externa")
        .collect();
    let (loaded, _) = stack::load(&path, given(&set)).unwrap();
    of_loaded(loaded, &set, place, of)
}

fn of_text(text: &str, place: HandoutPlace) -> Handout {
    let source = Source::new("lab.yaml", text.to_owned());
    let (loaded, _) = stack::read(source, Path::new("."), given(&BTreeMap::new())).unwrap();
    of_loaded(loaded, &BTreeMap::new(), place, OF)
}

fn commands(of: &Handout) -> Vec<&str> {
    of.commands.iter().map(|one| one.command.as_str()).collect()
}

#[test]
fn commands_work_as_they_are_pasted() {
    let of = HandoutOf {
        profile: Some("my class"),
        ..OF
    };
    let handout = of_lab("image-metadata", HandoutPlace::Aws, of);
    let bucket = "image-metadata-images-ana-111122223333-sa-east-1";
    let own = "--owner ana --region sa-east-1 --profile 'my class'";
    let cli = "--region sa-east-1 --profile 'my class'";
    let machine = "arn:aws:states:sa-east-1:111122223333:stateMachine:image-metadata-pipeline-ana";
    assert_eq!(
        commands(&handout),
        [
            format!("treino status image-metadata {own}"),
            format!("treino run image-metadata astronaut.jpg {own}"),
            format!("treino run image-metadata --list {own}"),
            format!("treino logs image-metadata {own}"),
            format!("treino test image-metadata {own}"),
            format!("treino destroy image-metadata {own}"),
            format!("aws s3 cp astronaut.jpg s3://{bucket}/astronaut.jpg {cli}"),
            format!(
                "aws stepfunctions list-executions --state-machine-arn {machine} --max-items 5 {cli}"
            ),
            format!(
                "aws dynamodb scan --table-name image-metadata-metadata-ana --max-items 5 {cli}"
            ),
            format!(
                "aws logs filter-log-events --log-group-name /aws/lambda/extract-metadata-function-ana --query \'events[].message\' --output text {cli}"
            ),
            format!(
                "aws logs filter-log-events --log-group-name /aws/lambda/rekognition-api-function-ana --query \'events[].message\' --output text {cli}"
            ),
        ]
    );
    // On the local AWS, profiles are of no use, and another account has to be selected.
    let local = of_lab("order-processing", HandoutPlace::Local, of);
    let own = "--owner ana --region sa-east-1 --local";
    let local = commands(&local);
    assert_eq!(local[0], "export TREINO_LOCAL_ACCOUNT=111122223333");
    assert_eq!(
        local[2],
        format!("treino run order-processing --input '{{\"orderId\":\"12345\"}}' {own}")
    );
    let env = "eval \"$(treino local env --region sa-east-1)\"";
    let at = local.iter().position(|one| *one == env).unwrap();
    assert!(
        local[at + 1].starts_with("aws stepfunctions start-execution ")
            && !local[at + 1].contains("--region")
    );
}

#[test]
fn every_lab_has_a_handout() {
    for name in [
        "api-externa",
        "conta-banco",
        "image-metadata",
        "microservices",
        "order-processing",
    ] {
        for place in [HandoutPlace::Aws, HandoutPlace::Local] {
            let of = of_lab(name, place, OF);
            assert_eq!(
                (of.stack.as_str(), of.owner.as_str(), of.machines.len()),
                (name, "ana", 1)
            );
            assert!(!of.description.is_empty() && of.deployed == HandoutExtent::All);
            assert!(
                of.resources
                    .iter()
                    .all(|one| one.kind != Kind::Role && one.kind != Kind::LogGroup)
            );
            let is_linked = of.resources.iter().any(|one| one.console.is_some());
            assert_eq!(is_linked, place == HandoutPlace::Aws, "{name}");
            let states = &of.machines[0].outline.states;
            assert!(states.iter().all(|state| !state.is_unreached), "{name}");
            let own: Vec<&str> = commands(&of)
                .into_iter()
                .filter(|one| one.starts_with("treino "))
                .collect();
            let is_own = |one: &&str| one.contains("--owner ana --region ");
            assert!(own.len() > 4 && own.iter().all(is_own), "{own:?}");
        }
    }
    let photos = of_lab("image-metadata", HandoutPlace::Aws, OF);
    let function = photos
        .resources
        .iter()
        .find(|one| one.kind == Kind::Function)
        .unwrap();
    let (console, logs) = (
        function.console.as_ref().unwrap(),
        function.logs.as_ref().unwrap(),
    );
    assert!(
        console.starts_with("https://sa-east-1.console.aws.amazon.com/lambda/"),
        "{console}"
    );
    assert!(
        logs.contains("log-group/$252Faws$252Flambda$252Fextract-metadata-function-ana"),
        "{logs}"
    );
    let called = |state: &OutlinedState| (state.calls.clone(), state.on.clone());
    let last = &photos.machines[0].outline.states[3];
    let update = (
        Some("dynamodb:updateItem".to_owned()),
        vec!["image-metadata-metadata-ana".to_owned()],
    );
    assert_eq!(called(last), update);
    let StartCause::File {
        bucket, by_trail, ..
    } = &photos.starts[0].cause
    else {
        panic!("{:?}", photos.starts)
    };
    assert!(*by_trail && bucket.starts_with("image-metadata-images-ana-"));
    // With the trail of the class, there is none of its own.
    let shared = of_lab(
        "image-metadata",
        HandoutPlace::Aws,
        HandoutOf {
            sharing: true,
            ..OF
        },
    );
    assert!(shared.resources.iter().all(|one| one.kind != Kind::Trail));
    let bank = of_lab("conta-banco", HandoutPlace::Aws, OF);
    assert_eq!(bank.machines[0].outline.states[2].inside.len(), 2);
    // What has to be given for its checks is there, and what has to be set is named.
    let api = of_lab("api-externa", HandoutPlace::Aws, OF);
    let test = "treino test api-externa --set api_url=https://example.org/1 --owner ana --region sa-east-1";
    assert!(commands(&api).contains(&test), "{:?}", commands(&api));
    assert_eq!(api.variables, ["API_KEY"]);
    // An HTTP task is permitted on the machine, which it does not call.
    let http = (Some("http:invoke".to_owned()), Vec::new());
    assert_eq!(called(&api.machines[0].outline.states[0]), http);
}

#[test]
fn stacks_without_a_machine_or_with_several_make_sense() {
    let none = of_text(
        "stack: lab\nqueues: { q: {} }\ntopics: { t: {} }\n\
         rules: { r: { pattern: { source: [a.b] }, start: q }, s: { schedule: rate(5 minutes), start: t, enabled: false } }\n",
        HandoutPlace::Aws,
    );
    assert!(none.machines.is_empty());
    let causes: Vec<_> = none
        .starts
        .iter()
        .map(|one| (&one.cause, one.kind, one.enabled))
        .collect();
    let pattern = StartCause::Pattern("{\n  \"source\": [\n    \"a.b\"\n  ]\n}".to_owned());
    let schedule = StartCause::Schedule("rate(5 minutes)".to_owned());
    assert_eq!(
        causes,
        [
            (&pattern, Kind::Queue, true),
            (&schedule, Kind::Topic, false)
        ]
    );
    assert_eq!(
        commands(&none),
        [
            "treino status lab --owner ana --region sa-east-1",
            "treino destroy lab --owner ana --region sa-east-1",
            "aws sns publish --topic-arn arn:aws:sns:sa-east-1:111122223333:lab-t-ana --message hello --region sa-east-1",
            "aws sqs get-queue-url --queue-name lab-q-ana --region sa-east-1",
        ]
    );
    // Version 1 of the AWS CLI reaches queues of the local AWS only so; words are those of the page.
    let of = HandoutOf {
        words: HandoutWords {
            message: "olá",
            answer: "resposta.json",
            ..OF.words
        },
        ..OF
    };
    let text = "stack: lab\nqueues: { q: {} }\ntopics: { t: {} }\n";
    let (loaded, _) = stack::read(
        Source::new("lab.yaml", text.to_owned()),
        Path::new("."),
        given(&BTreeMap::new()),
    )
    .unwrap();
    let local = of_loaded(loaded, &BTreeMap::new(), HandoutPlace::Local, of);
    let local = commands(&local);
    assert_eq!(
        local[local.len() - 2..],
        [
            "aws sns publish --topic-arn arn:aws:sns:sa-east-1:111122223333:lab-t-ana --message 'olá'",
            "aws sqs get-queue-url --queue-name lab-q-ana --endpoint-url \"$AWS_ENDPOINT_URL\"",
        ]
    );
    let machine = "{ definition: { StartAt: A, States: { A: { Type: Pass, End: true } } } }";
    let several = of_text(
        &format!(
            "stack: lab\nbuckets: {{ in: {{}}, out: {{}} }}\nstate_machines: {{ one: {machine}, two: {machine} }}\n\
             rules: {{ r: {{ put_object_in: in, via: s3, start: two, prefix: new/, suffix: .csv }} }}\n"
        ),
        HandoutPlace::Aws,
    );
    let own = "--owner ana --region sa-east-1";
    let all = commands(&several);
    assert_eq!(
        all[1],
        format!("treino run lab --input '{{}}' --machine one {own}")
    );
    assert_eq!(
        all[2],
        format!("treino run lab file.csv --key new/file.csv --bucket in --machine two {own}")
    );
    assert_eq!(several.commands[2].of.as_deref(), Some("lab-two-ana"));
    assert!(all.iter().any(|one| {
        one.starts_with("aws s3 cp file.csv s3://lab-in-ana-111122223333-sa-east-1/new/file.csv")
    }));
}

#[test]
fn secrets_are_not_in_handouts_and_what_is_missing_is_seen() {
    let text = "stack: lab\nparams: { key: { secret: true, default: hidden-word } }\n\
        connections: { api: { api_key: { header: x, value: \"${param.key}\" } } }\n\
        tables: { t: { partition_key: id } }\nchecks: { c: { description: a hidden-word, empty_after_destroy: true } }\n";
    let set: BTreeMap<String, String> = [("key".to_owned(), "s3cret-value".to_owned())].into();
    let loaded = || {
        let source = Source::new("lab.yaml", text.to_owned());
        stack::read(source, Path::new("."), given(&set)).unwrap().0
    };
    let owned = |kind: Kind, key: &str| crate::plan::Owned {
        address: crate::stack::Address::new(kind, key),
        kind,
        name: key.to_owned(),
        tags: BTreeMap::new(),
    };
    let found = [owned(Kind::Table, "t"), owned(Kind::Connection, "api")];
    let with = |part| {
        let of = HandoutOf {
            deployed: DeployedPart::Found(part),
            ..OF
        };
        of_loaded(loaded(), &set, HandoutPlace::Aws, of)
    };
    let all = with(&found);
    assert!(!format!("{all:?}").contains("s3cret-value"));
    let checking = "treino test lab --set key=... --owner ana --region sa-east-1";
    assert!(commands(&all).contains(&checking), "{:?}", commands(&all));
    let extents = [&found[..], &found[..1], &[]].map(|part| with(part).deployed);
    assert_eq!(
        extents,
        [
            HandoutExtent::All,
            HandoutExtent::Part,
            HandoutExtent::Nothing
        ]
    );
}
