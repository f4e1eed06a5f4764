//! Amazon Glacier's vaults.
//!
//! A vault cannot be tagged by the call that creates it, so a run killed in between would leave one
//! without tags. Its name is the mark instead: it ends in a hash of its stack, owner and address.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::source::hexadecimal;
use crate::stack::expand::Expansion;
use crate::stack::policy::{self, DocumentRules, PolicyDocument};
use crate::stack::usage::{Act, Activity, Assumed, Metered};
use crate::stack::{
    Address, Doomed, Facts, Kind, NameRule, ReaperCall, Resource, ResourceType, TagRule, Tags,
    Target, Teardown, name,
};

/// How many tags of the stack leave room for treino's own four: AWS says of vaults that they carry
/// ten, and in another place fifty.
const TAGS: usize = 6;

/// How many hexadecimal digits a vault's name ends in.
const DIGITS: usize = 8;

/// A vault of Amazon Glacier, the archive service of its own (not the storage classes of S3). AWS
/// takes no new customers for it.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Vault {
    /// An access policy document.
    #[serde(default)]
    #[schemars(with = "Option<serde_json::Map<String, Value>>")]
    pub policy: Option<Value>,
}

/// What a vault is in Glacier.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VaultSpec {
    /// The access policy document, in normal form.
    pub policy: Option<PolicyDocument>,
}

/// What is known of vaults without a call.
pub struct VaultType;

static FACTS: Facts = Facts {
    noun: "vault",
    services: &["glacier"],
    deleted_after: &[Kind::Function, Kind::StateMachine],
    is_dated: true,
    holds: Some("its archives"),
    policies: &["policy"],
    document: Some(&DocumentRules::GLACIER),
    tags: TagRule::common("Glacier"),
    name: NameRule {
        min: 1,
        max: 255,
        punctuation: "-._",
        lower_case: false,
        page: "amazonglacier/latest/dev/api-vault-put.html",
    },
    ..Facts::DEFAULT
};

impl ResourceType for VaultType {
    fn facts(&self) -> &'static Facts {
        &FACTS
    }

    fn expand(&self, out: &mut Expansion<'_>) {
        let file = out.file;
        file.vaults
            .iter()
            .for_each(|(key, one)| one.expand(key, out));
    }

    fn keeps_role_ids(&self, _: &Value) -> &'static [&'static str] {
        &["policy"]
    }

    fn arn(&self, target: &Target, name: &str) -> String {
        target.arn("glacier", &format!("vaults/{name}"))
    }

    fn teardown(&self, of: &Doomed<'_>) -> Teardown {
        let vault = json!({ "VaultName": of.name, "AccountId": "-" });
        Teardown::new(
            ReaperCall::new("glacier:listTagsForVault", vault.clone()),
            vec![ReaperCall::new("glacier:deleteVault", vault)],
            ReaperCall::new("glacier:listVaults", json!({ "AccountId": "-" })),
        )
    }

    /// What is uploaded and retrieved is billed; nothing is asked of its archives else.
    fn usage(&self, _: &Resource, happened: &Activity, _: &Assumed) -> Vec<Metered> {
        vec![Metered::count(
            "glacier.requests",
            happened.count(&Act::Write),
        )]
    }

    /// The policy may name a role.
    fn waits_for(&self, kind: Kind, _: &str) -> bool {
        kind == Kind::Role || kind.facts().arn_is_made
    }

    /// Its name is the mark.
    fn is_ours_unmarked(&self, _: &Address, _: &str) -> bool {
        true
    }
}

impl Vault {
    pub(in crate::stack) fn expand(&self, key: &str, out: &mut Expansion) {
        let address = Address::new(Kind::Vault, key);
        let spec = VaultSpec {
            policy: self.policy.as_ref().map(policy::normal).map(PolicyDocument),
        };
        let (tags, first) = (out.file.tags.len(), out.file.vaults.keys().next());
        if tags > TAGS && first.is_some_and(|first| first == key) {
            out.warning_at(
                &["tags"],
                format!("the stack has {tags} tags, and a vault may be refused more than {TAGS}"),
                "AWS allows ten a vault, treino's own included",
            );
        }
        let name = vault_name(out.target, &address);
        out.add_named(Kind::Vault, address, &name, &spec);
    }
}

/// A vault's name: `<stack>-<key>[-<owner>]-<digits>`.
#[must_use]
pub fn vault_name(target: &Target, address: &Address) -> String {
    let head = name::generated(target, Kind::Vault, address);
    let digits = digits(target, &target.stack, target.owner.as_deref(), &head);
    format!("{head}-{digits}")
}

/// The mark read from a vault's name: stack, owner and address. The name is valid only in its account and
/// region.
///
/// `None` for a name that treino did not generate: its last digits are not the hash of the rest.
#[must_use]
pub fn mark_in_name(target: &Target, name: &str) -> Option<Tags> {
    let (head, seal) = name.rsplit_once('-')?;
    if seal.len() != DIGITS {
        return None;
    }
    let marks: Vec<usize> = head.match_indices('-').map(|(at, _)| at).collect();
    // Stack, key and owner may contain hyphens, so every way to split the name is tried.
    for &stack_ends in &marks {
        let ends = marks.iter().copied().filter(|&end| end > stack_ends + 1);
        for key_ends in ends.chain([head.len()]) {
            let stack = &head[..stack_ends];
            let key = &head[stack_ends + 1..key_ends];
            let owner = head.get(key_ends + 1..);
            if !key.is_empty() && digits(target, stack, owner, head) == seal {
                let of = Target {
                    stack: stack.to_owned(),
                    owner: owner.map(String::from),
                    ..target.clone()
                };
                return Some(of.mark(&Address::new(Kind::Vault, key)));
            }
        }
    }
    None
}

fn digits(target: &Target, stack: &str, owner: Option<&str>, head: &str) -> String {
    let owner = owner.unwrap_or_default();
    let of = [&target.account, &target.region, stack, owner, head].join("\n");
    hexadecimal(&Sha256::digest(of.as_bytes())[..DIGITS / 2])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stack::{TAG_ADDRESS, TAG_OWNER, TAG_STACK};

    fn target(stack: &str, owner: Option<&str>) -> Target {
        Target {
            partition: "aws".into(),
            region: "eu-west-1".into(),
            account: "123456789012".into(),
            stack: stack.into(),
            owner: owner.map(String::from),
        }
    }

    #[test]
    fn a_name_says_whose_it_is() {
        for (stack, key, owner) in [
            ("lab", "archive", None),
            ("lab", "archive", Some("sam")),
            ("lab-a", "b-c", Some("d-e")),
            ("lab", "a-b-c", None),
            ("lab", "a-b", Some("c")),
            ("lab-", "-odd-", Some("-")),
        ] {
            let target = target(stack, owner);
            let name = vault_name(&target, &Address::new(Kind::Vault, key));
            // Any stack of the account sees it.
            let mark = mark_in_name(&self::target("another", None), &name).expect(&name);
            assert_eq!(
                mark.get(TAG_STACK).map(String::as_str),
                Some(stack),
                "{name}"
            );
            assert_eq!(mark.get(TAG_OWNER).map(String::as_str), owner, "{name}");
            assert_eq!(mark[TAG_ADDRESS], format!("vault.{key}"), "{name}");
            assert!(target.owns(&mark));
        }
    }

    #[test]
    fn what_treino_did_not_name_carries_no_mark() {
        let target = target("lab", None);
        let name = vault_name(&target, &Address::new(Kind::Vault, "archive"));
        let elsewhere = Target {
            region: "eu-west-2".into(),
            ..target.clone()
        };
        let another = Target {
            account: "210987654321".into(),
            ..target.clone()
        };
        assert_eq!(mark_in_name(&elsewhere, &name), None);
        assert_eq!(mark_in_name(&another, &name), None);
        let other = name.replace("archive", "archives");
        for name in [
            "archive",
            "lab-archive",
            "lab-archive-00000000",
            "-",
            "--",
            "",
            &other,
        ] {
            assert_eq!(mark_in_name(&target, name), None, "{name}");
        }
    }

    #[test]
    fn names_do_not_change() {
        let name = vault_name(&target("lab", None), &Address::new(Kind::Vault, "archive"));
        assert_eq!(name, "lab-archive-97a2d833");
    }
}
