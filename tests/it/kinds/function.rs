//! Functions.

use std::collections::HashMap;
use std::io::Write as _;

use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::{Environment, FunctionCode, LoggingConfig, Runtime};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use treino::stack::Kind;

use super::{
    Drifts, List, Mark, Moto, Requests, Rivals, Sample, Tags, Task, TestKind, assumable, map,
    variant,
};
use crate::support::{Asking, Clients, eventually, repository};

pub struct Function;

pub const SECTION: &str =
    "functions:\n  f:\n    code: code\n    handler: app.handler\n    runtime: python3.13\n";

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

fn environment(variables: &[(&str, &str)]) -> Environment {
    let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    let variables: HashMap<_, _> = variables.iter().map(owned).collect();
    let environment = Environment::builder().set_variables(Some(variables));
    environment.build()
}

impl TestKind for Function {
    fn kind(&self) -> Kind {
        Kind::Function
    }

    fn sample(&self) -> Sample {
        Sample {
            address: "function.f",
            section: SECTION,
            needs: &[],
            comes_to: &[
                (Kind::Function, "lab-f"),
                (Kind::LogGroup, "/aws/lambda/lab-f"),
                (Kind::Role, "lab-f-role-us-east-1"),
            ],
        }
    }

    fn requests(&self) -> Requests {
        Requests {
            create: "lambda:CreateFunction",
            delete: "lambda:DeleteFunction",
            list: List {
                request: "lambda:ListFunctions",
                entries: "Functions",
                token: "NextMarker",
            },
            mark: "lambda:ListTags",
            last_look: ("lambda:CreateFunction", 1),
            slow_to_delete: false,
        }
    }

    fn action(&self) -> &'static str {
        "lambda:CreateFunction"
    }

    fn rivals(&self) -> Option<Rivals> {
        Some(Rivals {
            sections: "log_groups:\n  g: {}\nfunctions:\n  x: { code: code, handler: app.handler, runtime: python3.13, memory: 128 }\n  x-b: { code: code, handler: app.handler, runtime: python3.13, memory: 256 }\n",
            // Its log group comes first, and is contested as well.
            at: ("logs:CreateLogGroup", 1),
        })
    }

    fn second_call(&self) -> Option<(&'static str, Value)> {
        Some(("reserved_concurrency", Value::Null))
    }

    fn prepare<'a>(&'a self, clients: &'a Clients) -> Task<'a> {
        Box::pin(async {
            for name in ["conform-function-one", "conform-function-two"] {
                assumable(clients, name, &["lambda.amazonaws.com"]).await;
            }
        })
    }

    fn spec(&self, clients: &Clients, _: &str) -> Value {
        json!({
            "code": hash(&package("1")), "handler": "app.handler", "runtime": "python3.13",
            "description": "", "architecture": "x86_64", "memory": 256, "timeout": 30,
            "environment": { "TABLE_NAME": "one" }, "secret_environment": { "API_KEY": "as_given" },
            "role": clients.role("conform-function-one"),
            "log_group": "/aws/lambda/conform-function-subject", "reserved_concurrency": null,
        })
    }

    fn variants(&self, clients: &Clients, name: &str) -> Vec<(&'static str, Value)> {
        let base = self.spec(clients, name);
        let change = |word, value| variant(&base, word, value);
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
            change("role", json!(clients.role("conform-function-two"))),
            change("log_group", json!("/aws/lambda/conform-function-elsewhere")),
            change("reserved_concurrency", json!(5)),
            change("reserved_concurrency of zero", json!(0)),
        ]
    }

    fn secrets(&self) -> &'static [(&'static str, &'static str)] {
        &[("environment.API_KEY", "k-1 \" é")]
    }

    fn artifacts(&self) -> Vec<Vec<u8>> {
        vec![package("1"), package("2")]
    }

    fn drifts(&self) -> Drifts {
        &[
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
        ]
    }

    fn drift<'a>(&'a self, clients: &'a Clients, name: &'a str, what: &'static str) -> Task<'a> {
        let lambda = &clients.lambda;
        let arn = clients.arn("lambda", &format!("function:{name}"));
        let configure = move || lambda.update_function_configuration().function_name(name);
        Box::pin(async move {
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
                    let call = configure().environment(environment(&[("DEBUG", "1")]));
                    call.send().await.unwrap();
                }
                "a secret in the environment" => {
                    let variables = [("TABLE_NAME", "one"), ("API_KEY", "by hand")];
                    let call = configure().environment(environment(&variables));
                    call.send().await.unwrap();
                }
                "log group" => {
                    let config = LoggingConfig::builder().log_group("/aws/lambda/by-hand");
                    let call = configure().logging_config(config.build());
                    call.send().await.unwrap();
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
        })
    }

    fn moto(&self) -> Moto {
        const LOGGING: &str = "functions have no logging configuration";
        Moto::Has(&[
            (
                "change of architecture",
                "UpdateFunctionCode drops the architecture",
            ),
            (
                "change of memory",
                "UpdateFunctionCode drops the architecture, so it does not change back",
            ),
            ("change of log_group", LOGGING),
            (
                "change of reserved_concurrency of zero",
                "a reservation of zero is none",
            ),
            ("drift of log group", LOGGING),
            ("create with every field", LOGGING),
        ])
    }

    /// With code of its own.
    fn make<'a>(&'a self, clients: &'a Clients, name: &'a str, mark: Mark) -> Task<'a> {
        Box::pin(async move {
            let code = std::fs::read(repository("tests/samples/other-function.zip")).unwrap();
            let code = FunctionCode::builder().zip_file(Blob::new(code)).build();
            let call = clients.lambda.create_function().function_name(name);
            let call = call.code(code).handler("other.handler").memory_size(512);
            let call = call.runtime(Runtime::Python312).description("Theirs");
            let call = call.role(clients.role("theirs"));
            let call = call.environment(environment(&[("THEIRS", "kept")]));
            call.set_tags(Some(map(mark))).send().await.unwrap();
            // Until then it changes by itself.
            clients.quiet(name).await;
        })
    }

    fn made_otherwise(&self) -> &'static str {
        "code"
    }

    fn names<'a>(&'a self, clients: &'a Clients) -> Task<'a, Vec<String>> {
        Box::pin(async {
            let seen = clients.lambda.list_functions().send().await.unwrap();
            let functions = seen.functions.unwrap_or_default().into_iter();
            functions.map(|one| one.function_name.unwrap()).collect()
        })
    }

    fn answers(&self, asking: &Asking, name: &str) -> Vec<String> {
        let at = format!("/2015-03-31/functions/{name}");
        let asked = ["", "/policy", "/concurrency", "/event-invoke-config"];
        let ask = |asked: &&str| asking.path("lambda", &format!("{at}{asked}"));
        asked.iter().map(ask).collect()
    }

    fn tags<'a>(&'a self, clients: &'a Clients, name: &'a str) -> Task<'a, Tags> {
        Box::pin(async move {
            let call = clients.lambda.list_tags();
            let call = call.resource(clients.arn("lambda", &format!("function:{name}")));
            let seen = call.send().await.unwrap().tags.unwrap_or_default();
            seen.into_iter().collect()
        })
    }
}
