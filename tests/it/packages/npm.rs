use super::{built_for, hash, installed, planned, stack, told};
use crate::support::World;

const PACKAGE: &[u8] = br#"{"name":"x","dependencies":{"is-odd":"3.0.1"}}"#;
const LOCK: &[u8] = br#"{
  "name": "x", "lockfileVersion": 3, "requires": true,
  "packages": {
    "": { "name": "x", "dependencies": { "is-odd": "3.0.1" } },
    "node_modules/is-number": {
      "version": "6.0.0",
      "integrity": "sha512-Wu1VHeILBK8KAWJUAiSZQX94GmOE45Rg6/538fKwiloUu21KncEkYGPqob2oSZ5mUT73vLGrHQjKw3KMPwfDzg=="
    },
    "node_modules/is-odd": {
      "version": "3.0.1",
      "integrity": "sha512-CQpnWPrDwmP1+SMHXZhtLtJv90yiyVfluGsX5iNCVkrhQtU3TQHsUWPG9wkdk9Lgd5yNpAg9jQEo90CBaXgWMA==",
      "dependencies": { "is-number": "^6.0.0" }
    }
  }
}"#;
const INDEX: &[u8] =
    b"const odd = require('is-odd'); exports.handler = async () => ({ odd: odd(3) })";

#[test]
fn a_function_in_node_has_what_its_lock_names() {
    let world = World::new("a_function_in_node_has_what_its_lock_names");
    world.file("code/index.js", INDEX);
    world.file("code/package.json", PACKAGE);
    world.file("code/package-lock.json", LOCK);
    // Installed by the user, for another machine or for development.
    world.file(
        "code/node_modules/is-odd/index.js",
        b"module.exports = () => 'the user\\'s'",
    );
    let file = stack(
        &world,
        "odd",
        "code: code, handler: index.handler, runtime: nodejs22.x",
    );
    world
        .treino(&["deploy", file.to_str().unwrap(), "--yes"])
        .ends(0)
        .says("function.f: 2 packages by npm, for Node.js of this machine");
    world
        .treino(&["run", "odd", "--input", "{}"])
        .ends(0)
        .says("{\"odd\":true}");
    world.treino(&["destroy", "odd", "--yes"]).ends(0);

    let first = planned(&world, "one", &file).ends(0);
    assert_eq!(installed(&first), ["is-number 6.0.0", "is-odd 3.0.1"]);
    assert_eq!(built_for(&first), "nodejs22.x x86_64");
    let second = planned(&world, "two", &file).ends(0);
    assert!(told(&second).contains("by npm"), "{}", told(&second));
    assert_eq!(hash(&first), hash(&second));

    world.file(
        "code/package.json",
        br#"{"name":"x","dependencies":{"is-odd":"2.0.0"}}"#,
    );
    planned(&world, "one", &file)
        .ends(2)
        .says("package.json and its package-lock.json do not name the same packages");
}
