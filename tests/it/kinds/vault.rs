//! Vaults.

use aws_sdk_glacier::types::VaultAccessPolicy;
use serde_json::{Value, json};
use treino::stack::kinds::vault_name;
use treino::stack::{Address, Kind, Target, policy};

use super::{
    Drifts, List, Mark, Moto, Requests, Rivals, Sample, Tags, Task, TestKind, map, variant,
};
use crate::support::{Asking, Clients};

pub struct Vault;

pub const SECTION: &str = "vaults:\n  v: {}\n";

fn document(clients: &Clients, name: &str, action: &str) -> Value {
    policy::document(&[json!({
        "Sid": "Reading", "Effect": "Allow", "Action": action,
        "Principal": { "AWS": "arn:aws:iam::210987654321:root" },
        "Resource": clients.arn("glacier", &format!("vaults/{name}")),
        "Condition": { "Bool": { "aws:SecureTransport": true } },
    })])
}

async fn allow(clients: &Clients, name: &str, policy: &Value) {
    let policy = VaultAccessPolicy::builder().policy(policy.to_string());
    let call = clients.glacier.set_vault_access_policy().account_id("-");
    let call = call.vault_name(name).policy(policy.build());
    call.send().await.unwrap();
}

impl TestKind for Vault {
    fn kind(&self) -> Kind {
        Kind::Vault
    }

    fn sample(&self) -> Sample {
        Sample {
            address: "vault.v",
            section: SECTION,
            needs: &[],
            comes_to: &[(Kind::Vault, "lab-v")],
        }
    }

    fn requests(&self) -> Requests {
        Requests {
            create: "glacier:CreateVault",
            delete: "glacier:DeleteVault",
            list: List {
                request: "glacier:ListVaults",
                entries: "VaultList",
                token: "Marker",
            },
            mark: "glacier:ListTagsForVault",
            last_look: ("glacier:CreateVault", 1),
            slow_to_delete: false,
        }
    }

    fn action(&self) -> &'static str {
        "glacier:CreateVault"
    }

    fn rivals(&self) -> Option<Rivals> {
        None
    }

    fn second_call(&self) -> Option<(&'static str, Value)> {
        Some(("policy", Value::Null))
    }

    fn name(&self, target: &Target) -> String {
        vault_name(target, &Address::new(self.kind(), "subject"))
    }

    fn spec(&self, _: &Clients, _: &str) -> Value {
        json!({ "policy": null })
    }

    fn variants(&self, clients: &Clients, name: &str) -> Vec<(&'static str, Value)> {
        let base = self.spec(clients, name);
        let policy = |action| document(clients, name, action);
        vec![
            variant(&base, "policy", policy("glacier:ListJobs")),
            variant(
                &base,
                "policy of another action",
                policy("glacier:GetJobOutput"),
            ),
        ]
    }

    fn drifts(&self) -> Drifts {
        &[
            ("policy", &["policy"]),
            ("tags", &["tags.course", "tags.by-hand"]),
            ("its mark", &["tags.treino:address", "tags.treino:stack"]),
        ]
    }

    fn drift<'a>(&'a self, clients: &'a Clients, name: &'a str, what: &'static str) -> Task<'a> {
        let glacier = &clients.glacier;
        Box::pin(async move {
            match what {
                "policy" => allow(clients, name, &document(clients, name, "glacier:*")).await,
                "tags" => {
                    let call = glacier.remove_tags_from_vault().account_id("-");
                    let call = call.vault_name(name).tag_keys("course");
                    call.send().await.unwrap();
                    let call = glacier.add_tags_to_vault().account_id("-");
                    let call = call.vault_name(name).tags("by-hand", "1");
                    call.send().await.unwrap();
                }
                "its mark" => {
                    let call = glacier.remove_tags_from_vault().account_id("-");
                    let call = call.vault_name(name).tag_keys("treino:stack");
                    call.tag_keys("treino:address").send().await.unwrap();
                }
                other => panic!("{other}"),
            }
        })
    }

    fn moto(&self) -> Moto {
        Moto::Lacks("moto has no access policies, which belong to every vault that is read")
    }

    fn make<'a>(&'a self, clients: &'a Clients, name: &'a str, mark: Mark) -> Task<'a> {
        Box::pin(async move {
            let glacier = &clients.glacier;
            let call = glacier.create_vault().account_id("-").vault_name(name);
            call.send().await.unwrap();
            let call = glacier.add_tags_to_vault().account_id("-");
            let call = call.vault_name(name).set_tags(Some(map(mark)));
            call.send().await.unwrap();
            allow(clients, name, &document(clients, name, "glacier:ListJobs")).await;
        })
    }

    fn made_otherwise(&self) -> &'static str {
        "policy"
    }

    fn name_is_mark(&self) -> bool {
        true
    }

    fn names<'a>(&'a self, clients: &'a Clients) -> Task<'a, Vec<String>> {
        Box::pin(async {
            let call = clients.glacier.list_vaults().account_id("-");
            let vaults = call.send().await.unwrap().vault_list.unwrap_or_default();
            let names = vaults.into_iter().map(|vault| vault.vault_name.unwrap());
            names.collect()
        })
    }

    fn answers(&self, asking: &Asking, name: &str) -> Vec<String> {
        let at = format!("/-/vaults/{name}");
        let asked = ["", "/tags", "/access-policy", "/lock-policy"];
        let ask = |asked: &&str| asking.path("glacier", &format!("{at}{asked}"));
        asked.iter().map(ask).collect()
    }

    fn tags<'a>(&'a self, clients: &'a Clients, name: &'a str) -> Task<'a, Tags> {
        Box::pin(async move {
            let call = clients.glacier.list_tags_for_vault().account_id("-");
            let seen = call.vault_name(name).send().await.unwrap().tags;
            seen.unwrap_or_default().into_iter().collect()
        })
    }

    fn contents<'a>(&'a self, clients: &'a Clients, name: &'a str) -> Task<'a, String> {
        Box::pin(async move {
            let call = clients.glacier.describe_vault().account_id("-");
            let seen = call.vault_name(name).send().await.unwrap();
            format!("{} archives", seen.number_of_archives)
        })
    }
}
