//! Physical names: pure functions of stack, address, owner, account and region.

use sha2::{Digest, Sha256};

use super::{Address, Kind, Target};
use crate::source::hexadecimal;

/// What the names of the log groups begin with by which a destroy remembers others.
pub const DESTROYING: &str = "/treino/destroying/";

/// What the names of the log groups begin with that are inventories.
pub const INVENTORY: &str = "/treino/inventory/";

/// The name of the state machine, and of its role, that end the stacks of a region by themselves.
pub const REAPER: &str = "treino-reaper";

/// The hexadecimal digits that a name ends in that was cut.
const HASH: usize = 8;

/// The physical name of a resource that was not given one.
///
/// `<stack>-<key>[-<part>][-<owner>]`, and for what lives in a space shared with other accounts or
/// regions (buckets, roles) those too. A name over the kind's limit is cut and ends in a hash of
/// the whole, so that it stays unique; the account of a bucket's is never cut, as policies of users name
/// buckets by it (`*-ACCOUNT-*`). Of a directory bucket and a vault this is what the name
/// begins with: their kinds know how it ends.
#[must_use]
pub fn generated(target: &Target, kind: Kind, address: &Address) -> String {
    let of = kind.resource_type();
    let mut parts = vec![target.stack.as_str(), address.key()];
    parts.extend(address.of_owner());
    parts.extend(target.owner.as_deref());
    parts.extend(of.name_scope(target));
    let mut name = parts.join("-");
    if of.facts().name.lower_case {
        name = name.to_lowercase().replace('_', "-");
    }
    let name = of.tidied_name(name);
    shortened(name, of.longest_generated_name(), of.uncut_part(target))
}

/// The name of the log group that is a stack's inventory: its tags have the names of all resources of the stack.
#[must_use]
pub fn inventory(target: &Target) -> String {
    let owner = target.owner.as_deref().map(|owner| format!("/{owner}"));
    format!("{INVENTORY}{}{}", target.stack, owner.unwrap_or_default())
}

/// Whether a name may be one that [`generated`] gives a resource of the stack, or that of its destroy journal. Of a log
/// group's name, what follows the last slash counts. Some names of others may be such, too.
#[must_use]
pub fn may_be_generated(target: &Target, name: &str) -> bool {
    if let Some(rest) = name.strip_prefix(DESTROYING) {
        return rest.split('/').next() == Some(&target.stack);
    }
    let name = normal(name.rsplit('/').next().unwrap_or(name));
    let Some(rest) = name.strip_prefix(&format!("{}-", normal(&target.stack))) else {
        return false;
    };
    let Some(owner) = &target.owner else {
        return true;
    };
    // A name that was cut ends in a hash in place of the owner.
    let is_hash = |part: &str| part.len() == HASH && part.bytes().all(|c| c.is_ascii_hexdigit());
    format!("-{rest}-").contains(&format!("-{}-", normal(owner))) || rest.split('-').any(is_hash)
}

/// A name as no kind tells it from another: in lower case, with one hyphen for all punctuation between two words.
fn normal(name: &str) -> String {
    let name = name.to_lowercase();
    let words = name.split(['-', '_', '.']).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join("-")
}

/// The physical name of a resource whose name the stack file gives: the owner is appended.
#[must_use]
pub fn given(target: &Target, name: &str) -> String {
    match &target.owner {
        Some(owner) => format!("{name}-{owner}"),
        None => name.to_owned(),
    }
}

/// The name, or what fits of it and a hash. `uncut` is then moved to the end of what is left, if it would
/// be cut.
fn shortened(name: String, max: usize, uncut: Option<&str>) -> String {
    if name.len() <= max {
        return name;
    }
    let digest = Sha256::digest(name.as_bytes());
    let hash = hexadecimal(&digest[..HASH / 2]);
    let cut = |max: usize| {
        let kept: String = name.chars().take(max).collect();
        kept.trim_end_matches(['-', '.', '_']).to_owned()
    };
    let short = format!("{}-{hash}", cut(max - hash.len() - 1));
    match uncut {
        Some(part) if !short.contains(&format!("-{part}-")) => {
            let head = cut(max - hash.len() - part.len() - 2);
            format!("{head}-{part}-{hash}")
        }
        _ => short,
    }
}

/// Why a name cannot be, and what is accepted.
#[derive(Debug, PartialEq, Eq)]
pub struct RefusedName {
    /// What is wrong with it: `it holds ...`.
    pub why: String,
    /// The way out.
    pub help: String,
}

impl RefusedName {
    /// A refusal and the way out.
    pub(super) fn new(why: &str, help: &str) -> Self {
        Self {
            why: why.to_owned(),
            help: help.to_owned(),
        }
    }
}

/// What is wrong with a physical name, if AWS would refuse it, or treino keeps it for itself.
#[must_use]
pub fn refused_name(kind: Kind, name: &str) -> Option<RefusedName> {
    let rule = &kind.facts().name;
    let length = name.chars().count();
    let allowed = |c: char| {
        (c.is_ascii_alphanumeric() && !(rule.lower_case && c.is_ascii_uppercase()))
            || rule.punctuation.contains(c)
    };
    let why = if length < rule.min || length > rule.max {
        Some(match length {
            0 => "it is empty".to_owned(),
            1 => "it has 1 character".to_owned(),
            _ => format!("it has {length} characters"),
        })
    } else {
        name.chars()
            .find(|c| !allowed(*c))
            .map(|bad| format!("it contains {bad:?}"))
    };
    if let Some(why) = why {
        let letters = if rule.lower_case {
            "lowercase letters"
        } else {
            "letters"
        };
        let punctuation: Vec<String> = rule.punctuation.chars().map(String::from).collect();
        return Some(RefusedName {
            why,
            help: format!(
                "use {} to {} {letters}{}, digits and {}",
                rule.min,
                rule.max,
                without_accents(name),
                punctuation.join(" ")
            ),
        });
    }
    if is_treinos_own(kind, name) {
        let why = "treino keeps it for what it makes itself";
        return Some(RefusedName::new(why, "choose another"));
    }
    kind.resource_type().refused_name(name)
}

/// Whether treino makes something of this name beside the stacks: what ends them, and what remembers their names.
fn is_treinos_own(kind: Kind, name: &str) -> bool {
    match kind {
        Kind::StateMachine | Kind::Role => name.eq_ignore_ascii_case(REAPER),
        Kind::LogGroup => [DESTROYING, INVENTORY]
            .iter()
            .any(|prefix| name.starts_with(prefix)),
        _ => false,
    }
}

/// Words for the help of a name that has letters which are not of the English alphabet.
pub fn without_accents(name: &str) -> &'static str {
    if name.chars().any(|c| c.is_alphabetic() && !c.is_ascii()) {
        " (a to z, without accents)"
    } else {
        ""
    }
}

/// Whether a name begins and ends with a letter or digit.
pub(super) fn has_plain_edges(name: &str) -> bool {
    let edge = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    edge(name.chars().next()) && edge(name.chars().last())
}

/// A refusal of names that begin or end with what AWS keeps for itself.
pub(super) fn reserved(name: &str, prefixes: &[&str], suffixes: &[&str]) -> Option<RefusedName> {
    let begins = prefixes.iter().find(|part| name.starts_with(**part));
    let ends = suffixes.iter().find(|part| name.ends_with(**part));
    let why = match (begins, ends) {
        (Some(part), _) => format!("it begins with `{part}`, which AWS keeps for itself"),
        (_, Some(part)) => format!("it ends with `{part}`, which AWS keeps for itself"),
        _ => return None,
    };
    Some(RefusedName {
        why,
        help: "choose another".to_owned(),
    })
}

/// The ARN of a resource, which follows from its name; what AWS makes of it is [`ARN_PLACEHOLDER`](super::ARN_PLACEHOLDER) known.
#[must_use]
pub fn arn(target: &Target, kind: Kind, name: &str) -> String {
    kind.resource_type().arn(target, name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(stack: &str, owner: Option<&str>) -> Target {
        Target {
            partition: "aws".to_owned(),
            region: "us-east-1".to_owned(),
            account: "111122223333".to_owned(),
            stack: stack.to_owned(),
            owner: owner.map(String::from),
        }
    }

    #[test]
    fn every_generated_name_is_known_for_the_stacks_own() {
        let long = "k".repeat(60);
        for stack in ["lab", "my-lab_2"] {
            for owner in [
                None,
                Some("ana"),
                Some("bia_b"),
                Some("a-very-long-owner-name-of-40-characters"),
            ] {
                let target = target(stack, owner);
                for kind in Kind::ALL {
                    for key in ["k", "two_words", long.as_str()] {
                        let address = Address::new(kind, key);
                        for address in [address.clone(), address.part("role")] {
                            let name = generated(&target, kind, &address);
                            assert!(may_be_generated(&target, &name), "{name} of {target:?}");
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn what_treino_makes_beside_the_stacks_keeps_its_name() {
        for (kind, name, refused) in [
            (Kind::StateMachine, "treino-reaper", true),
            (Kind::StateMachine, "treino-reaper-2", false),
            (Kind::Role, "Treino-Reaper", true),
            (Kind::LogGroup, "/treino/inventory/lab", true),
            (Kind::LogGroup, "/treino/destroying/lab/1", true),
            (Kind::LogGroup, "/treino/inventories", false),
            (Kind::Function, "treino-reaper", false),
        ] {
            assert_eq!(refused_name(kind, name).is_some(), refused, "{kind} {name}");
        }
    }

    #[test]
    fn names_of_others_are_not_the_stacks() {
        let ana = target("lab", Some("ana"));
        for (name, may_be) in [
            ("lab-t-ana", true),
            ("lab-b-ana-111122223333-us-east-1", true),
            ("/aws/lambda/lab-f-ana", true),
            ("/treino/destroying/lab/ana/1", true),
            ("lab-t-bia", false),
            ("lab-t", false),
            ("labour-t-ana", false),
            ("their-lab-t-ana", false),
            ("/aws/lambda/foreign-17", false),
            ("/treino/destroying/labour/1", false),
        ] {
            assert_eq!(may_be_generated(&ana, name), may_be, "{name}");
        }
        assert!(may_be_generated(&target("lab", None), "lab-t-bia"));
    }
}
