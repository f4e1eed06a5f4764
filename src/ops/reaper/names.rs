//! Which executions are a stack's, by their names and inputs.

use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::source::hexadecimal;
use crate::stack::Target;

/// How many characters of stack and owner an execution's name begins with.
const READABLE: usize = 40;

/// Whether an execution of this input is a stack's.
pub(in crate::ops) fn is_of(target: &Target, waiting: &Value) -> bool {
    waiting["stack"].as_str() == Some(&target.stack)
        && waiting["owner"].as_str().unwrap_or_default()
            == target.owner.as_deref().unwrap_or_default()
}

/// What the names of a stack's executions begin with: the stack and its owner, cut, and a hash of both.
pub(in crate::ops) fn name_prefix(target: &Target) -> String {
    let owner = target.owner.as_deref().unwrap_or_default();
    let hash = hexadecimal(&Sha256::digest(format!("{}\n{owner}", target.stack)));
    let readable = if owner.is_empty() {
        target.stack.clone()
    } else {
        format!("{}.{owner}", target.stack)
    };
    let plain = |c: char| {
        if c.is_ascii_alphanumeric() || c == '.' {
            c
        } else {
            '-'
        }
    };
    let readable: String = readable.chars().map(plain).take(READABLE).collect();
    format!("{readable}-{}-", &hash[..8])
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn target(owner: Option<&str>) -> Target {
        Target {
            partition: "aws".into(),
            region: "eu-west-1".into(),
            account: "111122223333".into(),
            stack: "photos".into(),
            owner: owner.map(String::from),
        }
    }

    #[test]
    fn one_is_the_stacks_by_its_input() {
        let waiting = json!({"stack": "photos", "owner": ""});
        assert!(is_of(&target(None), &waiting));
        assert!(!is_of(&target(Some("ana")), &waiting));
    }

    #[test]
    fn names_are_the_stacks_own_and_short() {
        let prefix = name_prefix(&target(Some("ana")));
        assert!(prefix.starts_with("photos.ana-"), "{prefix}");
        let mut long = target(Some(&"o".repeat(64)));
        long.stack = "s".repeat(32);
        // A hash of what it does, a random part and the attempt follow; one that goes on keeps 70 characters.
        assert!(name_prefix(&long).len() + 8 + 8 < 70);
        assert_ne!(name_prefix(&target(None)), prefix);
    }
}
