//! Three services in a chain, each given what the one before returned.

use aws_sdk_sfn::types::ExecutionStatus;
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};

use crate::support::{Lab, LabRun, World};

const NAME: &str = "microservices";
const RESOURCES: &[&str] = &[
    "function ServiceA",
    "function ServiceB",
    "function ServiceC",
    "log group /aws/lambda/ServiceA",
    "log group /aws/lambda/ServiceB",
    "log group /aws/lambda/ServiceC",
    "role microservices-chain-role-us-east-1",
    "role microservices-service-a-role-us-east-1",
    "role microservices-service-b-role-us-east-1",
    "role microservices-service-c-role-us-east-1",
    "state machine microservices-chain",
];

#[tokio::test]
async fn each_service_goes_on_from_the_one_before() {
    let test = "each_service_goes_on_from_the_one_before";
    let lab = LabRun::deployed(test, NAME, RESOURCES).await;

    let ran = lab.run(&json!({ "name": "Ada" })).ends(0);

    let execution = lab.execution(&ran).await;
    assert_eq!(execution.status, ExecutionStatus::Succeeded);
    let a = json!({ "message": "Hello, Ada", "services": ["ServiceA"] });
    let b = json!({ "message": "HELLO, ADA", "services": ["ServiceA", "ServiceB"] });
    let c = json!({
        "message": "HELLO, ADA!",
        "services": ["ServiceA", "ServiceB", "ServiceC"],
        "status": "finished",
    });
    let output: Value = serde_json::from_str(&execution.output.unwrap()).unwrap();
    assert_eq!(output, c);
    assert_eq!(ran.event("execution_ended")["output"], c);
    let all = [("ServiceA", a), ("ServiceB", b), ("ServiceC", c)];
    let wanted = all.map(|(name, output)| (name.to_owned(), output));
    assert_eq!(lab.states(&ran).await, wanted);
    // Each really ran, once.
    for (service, line) in [
        ("ServiceA", "ServiceA made: Hello, Ada"),
        ("ServiceB", "ServiceB made: HELLO, ADA"),
        ("ServiceC", "ServiceC made: HELLO, ADA!"),
    ] {
        assert_eq!(lab.logged(service, line).await, 1, "{service}");
    }

    let ran = lab.run(&json!({})).ends(0);
    let output = &ran.event("execution_ended")["output"];
    assert_eq!(output["message"], "HELLO, WORLD!");

    lab.passes_its_checks();
    may_call_the_three(&lab).await;
    lab.deployed_again().await;
    lab.destroyed().await;
}

/// The machine calls the functions by their own ARNs, and its role may call these and nothing else.
async fn may_call_the_three(lab: &LabRun) {
    let services = ["ServiceA", "ServiceB", "ServiceC"];
    let arns = services.map(|name| lab.clients.arn("lambda", &format!("function:{name}")));
    let call = lab.clients.states.describe_state_machine();
    let machine = lab.clients.machine("microservices-chain");
    let machine = call.state_machine_arn(machine).send().await.unwrap();
    let definition: Value = serde_json::from_str(&machine.definition).unwrap();
    for (name, arn) in services.iter().zip(&arns) {
        assert_eq!(definition["States"][name]["Resource"], **arn);
    }

    let role = "microservices-chain-role-us-east-1";
    assert!(machine.role_arn.ends_with(role), "{}", machine.role_arn);
    let iam = &lab.clients.iam;
    let attached = iam.list_attached_role_policies().role_name(role);
    let attached = attached.send().await.unwrap();
    assert!(attached.attached_policies().is_empty(), "{attached:?}");
    let policies = iam.list_role_policies().role_name(role);
    let policies = policies.send().await.unwrap().policy_names;
    assert_eq!(policies.len(), 1, "{policies:?}");
    let call = iam.get_role_policy().role_name(role);
    let policy = call.policy_name(&policies[0]).send().await.unwrap();
    let document = percent_decode_str(&policy.policy_document).decode_utf8();
    let document: Value = serde_json::from_str(&document.unwrap()).unwrap();
    let statement = json!({
        "Effect": "Allow",
        "Action": ["lambda:InvokeFunction"],
        "Resource": arns,
    });
    assert_eq!(document["Statement"], json!([statement]));
}

#[tokio::test]
async fn a_chain_stops_at_the_service_that_fails() {
    let test = "a_chain_stops_at_the_service_that_fails";
    let lab = LabRun::deployed(test, NAME, RESOURCES).await;
    for (input, message) in [
        (json!({ "name": 7 }), "the name has to be a text"),
        (json!({ "name": " " }), "the name has to be a text"),
        (json!({ "name": null }), "the name has to be a text"),
        (json!([]), "the input has to be an object"),
        (json!("Ada"), "the input has to be an object"),
        (json!(null), "the input has to be an object"),
    ] {
        let ran = lab.run(&input).ends(1);

        let execution = lab.execution(&ran).await;
        assert_eq!(execution.status, ExecutionStatus::Failed, "{input}");
        assert_eq!(execution.error.as_deref(), Some("InputInvalid"), "{input}");
        let cause: Value = serde_json::from_str(&execution.cause.unwrap()).unwrap();
        let said = cause["errorMessage"].as_str().unwrap();
        assert!(said.starts_with(message), "{input}: {said}");
        let states = lab.states(&ran).await;
        assert_eq!(states, [("ServiceA".to_owned(), Value::Null)], "{input}");
    }
    let run = ["run", NAME, "--input", r#"{"name":7}"#];
    let ran = lab.world.treino(&run).ends(1);
    ran.says("InputInvalid: the name has to be a text that is not empty");
    assert_eq!(lab.log("ServiceB").await, Vec::<String>::new());
    lab.destroyed().await;
}

/// What a student breaks first. The names and messages are those of Lambda's own runtime for Node.js.
#[test]
fn a_service_that_cannot_be_loaded_says_why() {
    let world = World::new("a_service_that_cannot_be_loaded_says_why");
    let lab = Lab::copy(&world);
    let stack = lab.path("stacks/microservices.yaml");
    let code = "lambdas/service-b/index.js";
    let right = std::fs::read_to_string(lab.path(code)).unwrap();
    world.treino(&["deploy", &stack, "--yes"]).ends(0);
    for (old, new, error, message) in [
        (
            "exports.handler",
            // What is computed is only known when it runs.
            "const name = () => 'handle';\nexports[name()]",
            "Runtime.HandlerNotFound",
            "index.handler is undefined or not exported",
        ),
        (
            "const transformed",
            "cosnt transformed",
            "Runtime.UserCodeSyntaxError",
            "SyntaxError: Unexpected identifier",
        ),
        (
            "exports.handler",
            "require('./words');\nexports.handler",
            "Runtime.ImportModuleError",
            "Error: Cannot find module './words'\nRequire stack:\n- /var/task/index.js",
        ),
        (
            "exports.handler",
            "throw new RangeError('too early');\nexports.handler",
            "RangeError",
            "too early",
        ),
        (
            "exports.handler",
            "throw 'a text';\nexports.handler",
            "string",
            "a text",
        ),
    ] {
        std::fs::write(lab.path(code), &right).unwrap();
        lab.edit(code, old, new);
        let deployed = world.treino(&["deploy", &stack, "--yes"]).ends(0);
        deployed.says("done: 1 change in");

        let ran = world.treino_json(&["run", NAME, "--input", "{}"]).ends(1);

        let ended = ran.event("execution_ended");
        assert_eq!(ended["error"], error);
        let cause: Value = serde_json::from_str(ended["cause"].as_str().unwrap()).unwrap();
        let said = cause["errorMessage"].as_str().unwrap();
        assert!(said.starts_with(message), "{error}: {said}");
    }
    std::fs::write(lab.path(code), &right).unwrap();
    world.treino(&["deploy", &stack, "--yes"]).ends(0);
    world.treino(&["run", NAME, "--input", "{}"]).ends(0);
}
