//! Parts of a stack `lab`, each with what it needs to be valid.

use super::World;
pub use crate::kinds::bucket::SECTION as BUCKET;
pub use crate::kinds::connection::SECTION as CONNECTION;
pub use crate::kinds::directory_bucket::SECTION as DIRECTORY_BUCKET;
pub use crate::kinds::function::SECTION as FUNCTION;
pub use crate::kinds::rule::SECTION as RULE;
pub use crate::kinds::state_machine::SECTION as MACHINE;
pub use crate::kinds::table::SECTION as TABLE;
pub use crate::kinds::trail::SECTION as TRAIL;
pub use crate::kinds::vault::SECTION as VAULT;

/// The secret of the connection; it must never be shown.
pub const KEY: &str = "k3y-that-nobody-may-see";

/// Writes the stack `lab` with these parts; returns its file.
pub fn lab_of(world: &World, parts: &[&str]) -> String {
    world.set("LAB_KEY", KEY);
    let stack = format!("stack: lab\n{}", parts.concat());
    let code = b"def handler(event, context):\n    return event\n";
    world.file("code/app.py", code);
    let definition = br#"{"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "Seconds": 600, "End": true}}}"#;
    world.file("machine.asl.json", definition);
    let file = world.file("lab.yaml", stack.as_bytes());
    file.to_str().unwrap().to_owned()
}
