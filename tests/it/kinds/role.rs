//! Roles.

use aws_sdk_iam::types::Tag;
use serde_json::{Value, json};
use treino::stack::{Kind, policy};

use super::{Drifts, List, Mark, Requests, Rivals, Sample, Tags, Task, TestKind, variant};
use crate::support::{Asking, Clients};

pub struct Role;

const READ: &str = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess";
const VIEW: &str = "arn:aws:iam::aws:policy/job-function/ViewOnlyAccess";

fn reading(what: &str) -> Value {
    policy::document(&[
        json!({ "Effect": "Allow", "Action": ["s3:GetObject", "s3:ListBucket"], "Resource": what }),
        // What percent-encoding has to survive.
        json!({ "Effect": "Allow", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::b/a+b c%é/*",
            "Condition": { "StringLike": { "s3:prefix": ["a/*", "b?c"] } } }),
    ])
}

impl TestKind for Role {
    fn kind(&self) -> Kind {
        Kind::Role
    }

    fn sample(&self) -> Sample {
        Sample {
            address: "role.a",
            section: "roles:\n  a:\n    assumed_by: [lambda.amazonaws.com]\n    allow: [{ actions: [s3:ListAllMyBuckets], resources: ['*'] }]\n",
            needs: &[],
            comes_to: &[(Kind::Role, "lab-a-us-east-1")],
        }
    }

    fn requests(&self) -> Requests {
        Requests {
            create: "iam:CreateRole",
            delete: "iam:DeleteRole",
            list: List {
                request: "iam:ListRoles",
                entries: "Roles",
                token: "Marker",
            },
            mark: "iam:ListRoleTags",
            last_look: ("iam:CreateRole", 1),
            slow_to_delete: false,
        }
    }

    fn action(&self) -> &'static str {
        "iam:CreateRole"
    }

    fn rivals(&self) -> Option<Rivals> {
        Some(Rivals {
            sections: "roles:\n  x: { assumed_by: [lambda.amazonaws.com] }\n  x-b:\n    assumed_by: [lambda.amazonaws.com]\n    allow:\n      - { actions: [s3:GetObject], resources: [\"*\"] }\n",
            at: (self.requests().create, 1),
        })
    }

    fn second_call(&self) -> Option<(&'static str, Value)> {
        Some(("policies", json!({})))
    }

    fn spec(&self, _: &Clients, _: &str) -> Value {
        json!({
            "path": "/treino/conform-role/us-east-1/",
            "trust": policy::trust(&["lambda.amazonaws.com"], None),
            "policies": { "treino": reading("arn:aws:s3:::one") },
            "managed_policies": [],
        })
    }

    fn variants(&self, clients: &Clients, name: &str) -> Vec<(&'static str, Value)> {
        let base = self.spec(clients, name);
        let change = |word, value| variant(&base, word, value);
        let trust = policy::trust(&["states.amazonaws.com"], Some(&clients.account));
        let two = json!({ "treino": reading("arn:aws:s3:::two"), "more": reading("*") });
        vec![
            change("path", json!("/treino/conform-role/elsewhere/us-east-1/")),
            change("trust", trust),
            change("policies", two),
            change("policies to none", json!({})),
            change("managed_policies", json!([READ, VIEW])),
        ]
    }

    fn drifts(&self) -> Drifts {
        &[
            ("trust", &["trust.Statement[0].Principal.Service"]),
            (
                "a policy",
                &[
                    "policies.treino.Statement[0].Action",
                    "policies.treino.Statement[0].Resource",
                    "policies.treino.Statement[1]",
                ],
            ),
            ("a policy, added", &["policies.by-hand"]),
            ("a policy, removed", &["policies.treino"]),
            ("a managed policy", &["managed_policies"]),
            ("tags", &["tags.course", "tags.by-hand"]),
        ]
    }

    fn drift<'a>(&'a self, clients: &'a Clients, name: &'a str, what: &'static str) -> Task<'a> {
        let iam = &clients.iam;
        let everything = json!({ "Effect": "Allow", "Action": "*", "Resource": "*" });
        let everything = policy::document(&[everything]).to_string();
        let put = move |policy: &str| {
            let call = iam.put_role_policy().role_name(name).policy_name(policy);
            call.policy_document(everything)
        };
        Box::pin(async move {
            match what {
                "trust" => {
                    let trust = policy::trust(&["ec2.amazonaws.com"], None).to_string();
                    let call = iam.update_assume_role_policy().role_name(name);
                    call.policy_document(trust).send().await.unwrap();
                }
                "a policy" => drop(put("treino").send().await.unwrap()),
                "a policy, added" => drop(put("by-hand").send().await.unwrap()),
                "a policy, removed" => {
                    let call = iam.delete_role_policy().role_name(name);
                    call.policy_name("treino").send().await.unwrap();
                }
                "a managed policy" => {
                    let call = iam.attach_role_policy().role_name(name);
                    call.policy_arn(READ).send().await.unwrap();
                }
                "tags" => {
                    let call = iam.untag_role().role_name(name);
                    call.tag_keys("course").send().await.unwrap();
                    let tag = Tag::builder().key("by-hand").value("1").build().unwrap();
                    let call = iam.tag_role().role_name(name).tags(tag);
                    call.send().await.unwrap();
                }
                other => panic!("{other}"),
            }
        })
    }

    fn make<'a>(&'a self, clients: &'a Clients, name: &'a str, mark: Mark) -> Task<'a> {
        Box::pin(at_path(clients, name, "/treino/lab/us-east-1/", mark))
    }

    fn made_otherwise(&self) -> &'static str {
        "policies"
    }

    fn names<'a>(&'a self, clients: &'a Clients) -> Task<'a, Vec<String>> {
        Box::pin(async {
            let seen = clients.iam.list_roles().send().await.unwrap();
            assert!(!seen.is_truncated);
            seen.roles.into_iter().map(|role| role.role_name).collect()
        })
    }

    fn answers(&self, asking: &Asking, name: &str) -> Vec<String> {
        let ask = |asked: &str| {
            let body = format!("Action={asked}&Version=2010-05-08&RoleName={name}");
            asking.form("iam", &body)
        };
        let mut seen = vec![
            ask("GetRole"),
            ask("ListAttachedRolePolicies"),
            ask("ListInstanceProfilesForRole"),
        ];
        let policies = ask("ListRolePolicies");
        let mut names: Vec<&str> = policies
            .split("<member>")
            .skip(1)
            .filter_map(|rest| rest.split('<').next())
            .collect();
        names.sort_unstable();
        for policy in names {
            seen.push(ask(&format!("GetRolePolicy&PolicyName={policy}")));
        }
        seen
    }

    fn tags<'a>(&'a self, clients: &'a Clients, name: &'a str) -> Task<'a, Tags> {
        Box::pin(async move {
            let call = clients.iam.list_role_tags().role_name(name);
            let seen = call.send().await.unwrap().tags;
            seen.into_iter().map(|tag| (tag.key, tag.value)).collect()
        })
    }
}

/// Makes somebody's role with a path.
pub async fn at_path(clients: &Clients, name: &str, path: &str, mark: Mark) {
    let document = |statement: Value| policy::document(&[statement]).to_string();
    let trust = document(json!({
        "Effect": "Allow", "Action": "sts:AssumeRole",
        "Principal": { "Service": "ec2.amazonaws.com" },
    }));
    let tags: Result<Vec<_>, _> = super::tags!(aws_sdk_iam, mark).collect();
    let call = clients.iam.create_role().role_name(name).path(path);
    let call = call.assume_role_policy_document(trust);
    let call = call.description("Theirs").set_tags(Some(tags.unwrap()));
    call.send().await.unwrap();
    let theirs = json!({ "Effect": "Allow", "Action": "sqs:ListQueues", "Resource": "*" });
    let call = clients.iam.put_role_policy().role_name(name);
    let call = call.policy_name("theirs").policy_document(document(theirs));
    call.send().await.unwrap();
}
