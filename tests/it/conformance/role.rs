//! Roles.

use aws_sdk_iam::types::Tag;
use serde_json::{Value, json};
use treino::stack::{Kind, policy};

use super::{Case, Place, conforms, with};
use crate::support::Clients;

struct Role;

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

impl Case for Role {
    const KIND: Kind = Kind::Role;

    fn base(_: &Place) -> Value {
        json!({
            "path": "/treino/conform-role/us-east-1/",
            "trust": policy::trust(&["lambda.amazonaws.com"], None),
            "policies": { "treino": reading("arn:aws:s3:::one") },
            "managed_policies": [],
        })
    }

    fn variants(place: &Place) -> Vec<(&'static str, Value)> {
        let change = |word: &'static str, value: Value| {
            let field = word.split(' ').next().unwrap();
            (word, with(&Self::base(place), &[(field, value)]))
        };
        let two = json!({ "treino": reading("arn:aws:s3:::two"), "more": reading("*") });
        vec![
            change("path", json!("/treino/conform-role/elsewhere/us-east-1/")),
            change(
                "trust",
                policy::trust(&["states.amazonaws.com"], Some(&place.account)),
            ),
            change("policies", two),
            change("policies to none", json!({})),
            change("managed_policies", json!([READ, VIEW])),
        ]
    }

    const OUTSIDE: &'static [(&'static str, &'static [&'static str])] = &[
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
    ];

    async fn outside(clients: &Clients, name: &str, what: &str) {
        let iam = &clients.iam;
        let everything =
            policy::document(&[json!({ "Effect": "Allow", "Action": "*", "Resource": "*" })]);
        let everything = everything.to_string();
        match what {
            "trust" => {
                let trust = policy::trust(&["ec2.amazonaws.com"], None).to_string();
                let call = iam.update_assume_role_policy().role_name(name);
                call.policy_document(trust).send().await.unwrap();
            }
            "a policy" | "a policy, added" => {
                let policy = if what == "a policy" {
                    "treino"
                } else {
                    "by-hand"
                };
                let call = iam.put_role_policy().role_name(name).policy_name(policy);
                call.policy_document(everything).send().await.unwrap();
            }
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
                iam.tag_role()
                    .role_name(name)
                    .tags(tag)
                    .send()
                    .await
                    .unwrap();
            }
            other => panic!("{other}"),
        }
    }
}

#[tokio::test]
async fn on_the_local_aws() {
    conforms::<Role>(&Place::local("role", &[]).await).await;
}

#[tokio::test]
async fn on_moto() {
    conforms::<Role>(&Place::moto(&[]).await).await;
}
