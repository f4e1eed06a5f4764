//! Functions.

use std::collections::HashMap;
use std::io::Write as _;

use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::{Environment, LoggingConfig};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use treino::stack::{Kind, policy};

use super::{Case, Place, conforms, with};
use crate::support::{Clients, eventually};

struct Function;

fn package(body: &str) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    zip.start_file("app.py", options).unwrap();
    let text = format!("def handler(event, context):\n    return {body}\n\n\nother = handler\n");
    zip.write_all(text.as_bytes()).unwrap();
    zip.finish().unwrap().into_inner()
}

fn hash(package: &[u8]) -> String {
    STANDARD.encode(Sha256::digest(package))
}

impl Case for Function {
    const KIND: Kind = Kind::Function;

    async fn prepare(clients: &Clients) {
        for name in ["conform-function-one", "conform-function-two"] {
            let trust = policy::trust(&["lambda.amazonaws.com"], None);
            let call = clients.iam.create_role().role_name(name);
            let call = call.assume_role_policy_document(trust.to_string());
            call.send().await.unwrap();
        }
    }

    fn base(place: &Place) -> Value {
        json!({
            "code": hash(&package("1")), "handler": "app.handler", "runtime": "python3.13",
            "description": "", "architecture": "x86_64", "memory": 256, "timeout": 30,
            "environment": { "TABLE_NAME": "one" }, "secret_environment": { "API_KEY": "as_given" }, "role": place.role("conform-function-one"),
            "log_group": "/aws/lambda/conform-function-subject", "reserved_concurrency": null,
        })
    }

    fn variants(place: &Place) -> Vec<(&'static str, Value)> {
        let change = |word: &'static str, value: Value| {
            let field = word.split(' ').next().unwrap();
            (word, with(&Self::base(place), &[(field, value)]))
        };
        vec![
            change("code", json!(hash(&package("2")))),
            change("handler", json!("app.other")),
            change("runtime", json!("python3.12")),
            change("description", json!("says + does / é")),
            change("architecture", json!("arm64")),
            change("memory", json!(1024)),
            change("timeout", json!(900)),
            change(
                "environment",
                json!({ "TABLE_NAME": "two words", "EMPTY": "" }),
            ),
            change("environment to none", json!({})),
            change("secret_environment to none", json!({})),
            change("role", json!(place.role("conform-function-two"))),
            change("log_group", json!("/aws/lambda/conform-function-elsewhere")),
            change("reserved_concurrency", json!(5)),
            change("reserved_concurrency of zero", json!(0)),
        ]
    }

    const SECRETS: &'static [(&'static str, &'static str)] = &[("environment.API_KEY", "k-1 \" é")];

    const OUTSIDE: &'static [(&'static str, &'static [&'static str])] = &[
        ("code", &["code"]),
        ("memory", &["memory"]),
        ("timeout and handler", &["handler", "timeout"]),
        (
            "environment",
            &[
                "environment.TABLE_NAME",
                "environment.DEBUG",
                "secret_environment.API_KEY",
            ],
        ),
        (
            "a secret in the environment",
            &["secret_environment.API_KEY"],
        ),
        ("log group", &["log_group"]),
        ("concurrency", &["reserved_concurrency"]),
        ("tags", &["tags.course", "tags.by-hand"]),
    ];

    async fn outside(clients: &Clients, name: &str, what: &str) {
        let lambda = &clients.lambda;
        let arn = clients.arn("lambda", &format!("function:{name}"));
        let configure = || lambda.update_function_configuration().function_name(name);
        match what {
            "code" => {
                let call = lambda.update_function_code().function_name(name);
                let call = call.zip_file(Blob::new(package("'by hand'")));
                call.send().await.unwrap();
            }
            "memory" => drop(configure().memory_size(128).send().await.unwrap()),
            "timeout and handler" => {
                let call = configure().timeout(3).handler("app.other");
                call.send().await.unwrap();
            }
            "environment" => {
                let variables = HashMap::from([("DEBUG".to_owned(), "1".to_owned())]);
                let environment = Environment::builder().set_variables(Some(variables));
                let call = configure().environment(environment.build());
                call.send().await.unwrap();
            }
            "a secret in the environment" => {
                let variables = [("TABLE_NAME", "one"), ("API_KEY", "by hand")];
                let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned()));
                let environment = Environment::builder().set_variables(Some(variables.into()));
                let call = configure().environment(environment.build());
                call.send().await.unwrap();
            }
            "log group" => {
                let config = LoggingConfig::builder().log_group("/aws/lambda/by-hand");
                configure()
                    .logging_config(config.build())
                    .send()
                    .await
                    .unwrap();
            }
            "concurrency" => {
                let call = lambda.put_function_concurrency().function_name(name);
                call.reserved_concurrent_executions(2).send().await.unwrap();
            }
            "tags" => {
                let call = lambda.untag_resource().resource(&arn);
                call.tag_keys("course").send().await.unwrap();
                let call = lambda.tag_resource().resource(&arn);
                call.tags("by-hand", "1").send().await.unwrap();
            }
            other => panic!("{other}"),
        }
        eventually("the end of the change", async || {
            let call = lambda.get_function_configuration().function_name(name);
            let seen = call.send().await.unwrap().last_update_status;
            let under_way = seen.is_some_and(|status| status.as_str() == "InProgress");
            (!under_way).then_some(())
        })
        .await;
    }

    fn artifacts() -> Vec<Vec<u8>> {
        vec![package("1"), package("2")]
    }
}

#[tokio::test]
async fn on_the_local_aws() {
    conforms::<Function>(&Place::local("function", &[]).await).await;
}

#[tokio::test]
async fn on_moto() {
    let skips = &[
        (
            "change of architecture",
            "UpdateFunctionCode drops the architecture",
        ),
        (
            "change of memory",
            "UpdateFunctionCode drops the architecture, so it does not change back",
        ),
        (
            "change of log_group",
            "functions have no logging configuration",
        ),
        (
            "change of reserved_concurrency of zero",
            "a reservation of zero is none",
        ),
        (
            "drift of log group",
            "functions have no logging configuration",
        ),
        (
            "create with every field",
            "functions have no logging configuration",
        ),
    ];
    conforms::<Function>(&Place::moto(skips).await).await;
}
