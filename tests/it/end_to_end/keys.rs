//! A rule that hears of a part of a bucket's keys: the machine it starts writes to the same bucket, and is not started
//! again. Its definition is inside the stack file, with a substitution.

use crate::support::World;

const STACK: &[u8] = b"stack: keys
buckets: { photos: {} }
functions: { f: { code: code, handler: app.handler, runtime: python3.13 } }
state_machines:
  m:
    substitutions: { ProcessLambda: \"${f.arn}\" }
    definition:
      StartAt: Process
      States:
        Process: { Type: Task, Resource: \"${ProcessLambda}\", ResultPath: $.done, Next: Write }
        Write:
          Type: Task
          Resource: arn:aws:states:::aws-sdk:s3:putObject
          Parameters:
            Bucket: ${photos.name}
            Key.$: States.Format('thumb/{}', $.detail.object.key)
            Body: x
          End: true
rules:
  r: { put_object_in: photos, via: s3, prefix: incoming/, suffix: .txt, start: m }
";

#[test]
fn a_file_is_put_under_a_key_that_the_rule_hears_of() {
    let world = World::new("a_file_is_put_under_a_key_that_the_rule_hears_of");
    world.file(
        "code/app.py",
        b"def handler(event, context):\n    return 'ok'\n",
    );
    let stack = world.file("keys.yaml", STACK);
    let stack = stack.to_str().expect("UTF-8");
    let deployed = world.treino(&["deploy", stack, "--yes"]).ends(0);
    assert!(!deployed.err.contains("loop"), "{}", deployed.err);
    let path = |name: &str| {
        let path = world.file(name, b"text");
        path.to_str().expect("UTF-8").to_owned()
    };
    let ran = world
        .treino(&["run", "keys", &path("a.txt"), "--json"])
        .ends(0);
    assert_eq!(ran.events("put")[0]["key"], "incoming/a.txt");
    let other = world.treino(&["run", "keys", &path("a.png")]).ends(2);
    assert!(
        other
            .err
            .contains("keys like incoming/*.txt, and not for a.png"),
        "{}",
        other.err
    );
    world.treino(&["destroy", "keys", "--yes"]).ends(0);
}
