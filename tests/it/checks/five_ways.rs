//! Five students are wrong in five ways, and each is told which.

use aws_sdk_lambda::types::Environment;
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};

use super::{causes, result};
use crate::support::{Clients, CommandResult, Lab, World};

const CHECK: &str = "a-photo-becomes-an-item";
const FUNCTION: &str = "extract-metadata-function";
const RULE: &str = "image-metadata-photo-uploaded";

/// The lab with a queue that hears of photos, too.
fn with_queue(lab: &Lab) {
    let stack = "stacks/image-metadata.yaml";
    lab.edit(stack, "\nrules:\n", "\nqueues:\n  photos: {}\n\nrules:\n  photo-queued:\n    put_object_in: images\n    start: photos\n");
    lab.edit(
        stack,
        "      visits: [ReadEvent, ExtractMetadata, DetectLabelsAndFaces]\n",
        "      visits: [ReadEvent, ExtractMetadata, DetectLabelsAndFaces]\n      message:\n        queue: photos\n        where: { detail: { requestParameters: { key: astronaut.jpg } } }\n",
    );
}

struct Student {
    world: World,
    clients: Clients,
    stack: String,
}

impl Student {
    fn deploy(&self) {
        self.world.treino(&["deploy", &self.stack, "--yes"]).ends(0);
    }

    /// What the check comes to, as text and as an event.
    fn tested(&self, code: i32) -> (CommandResult, Value) {
        let tested = self
            .world
            .treino_json(&["test", &self.stack, CHECK])
            .ends(code);
        let result = result(&tested, CHECK);
        (tested, result)
    }

    async fn handler(&self, handler: &str) {
        let call = self.clients.lambda.update_function_configuration();
        call.function_name(FUNCTION)
            .handler(handler)
            .send()
            .await
            .unwrap();
        self.clients.quiet(FUNCTION).await;
    }

    async fn table(&self, name: &str) {
        let variables = Environment::builder().variables("TABLE_NAME", name).build();
        let call = self.clients.lambda.update_function_configuration();
        call.function_name(FUNCTION)
            .environment(variables)
            .send()
            .await
            .unwrap();
        self.clients.quiet(FUNCTION).await;
    }

    /// Takes an action out of the function's policy.
    async fn without(&self, action: &str) {
        let (iam, role) = (
            &self.clients.iam,
            "image-metadata-extract-metadata-role-us-east-1",
        );
        let policies = iam
            .list_role_policies()
            .role_name(role)
            .send()
            .await
            .unwrap();
        let name = policies.policy_names.first().unwrap();
        let read = iam
            .get_role_policy()
            .role_name(role)
            .policy_name(name)
            .send()
            .await
            .unwrap();
        let text = percent_decode_str(&read.policy_document)
            .decode_utf8()
            .unwrap();
        let mut document: Value = serde_json::from_str(&text).unwrap();
        let statements = document["Statement"].as_array_mut().unwrap();
        let before = statements.len();
        statements.retain(|one| !one["Action"].to_string().contains(action));
        assert_eq!(statements.len(), before - 1);
        let put = iam.put_role_policy().role_name(role).policy_name(name);
        put.policy_document(document.to_string())
            .send()
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn each_way_is_named_for_what_it_is() {
    let world = World::enforced("each_way_is_named_for_what_it_is");
    let lab = Lab::copy(&world);
    with_queue(&lab);
    let (clients, stack) = (world.clients().await, lab.stack());
    let student = Student {
        world,
        clients,
        stack,
    };
    student.deploy();
    let (_, right) = student.tested(0);
    assert_eq!(right["outcome"], "passed");

    // A wrong handler.
    student.handler("app.handle").await;
    let (_, handler) = student.tested(1);
    assert_eq!(handler["failed_at"]["state"], "ExtractMetadata");
    assert_eq!(handler["failed_at"]["error"], "Runtime.HandlerNotFound");
    let wrong = "the handler `app.handle` of the function `extract-metadata` is not in its code";
    assert_eq!(
        causes(&handler),
        [("wrong_handler".to_owned(), wrong.to_owned())]
    );
    assert!(
        handler["log"]
            .to_string()
            .contains("Handler 'handle' missing on module 'app'"),
        "{handler}"
    );
    student.deploy();

    // A missing permission.
    student.without("dynamodb:PutItem").await;
    let (_, permission) = student.tested(1);
    let [(kind, message)] = &causes(&permission)[..] else {
        panic!("one cause: {permission}");
    };
    assert_eq!(kind, "missing_permission");
    let role = "the role image-metadata-extract-metadata-role-us-east-1 of `extract-metadata` lacks the permission dynamodb:PutItem";
    assert!(message.starts_with(role), "{message}");
    student.deploy();

    // Another table.
    student.table("no-such-table").await;
    let (_, table) = student.tested(1);
    let [(kind, message)] = &causes(&table)[..] else {
        panic!("one cause: {table}");
    };
    assert_eq!(kind, "wrong_resource");
    let variable = "the function `extract-metadata` uses another table: its variable TABLE_NAME is no-such-table";
    assert!(message.starts_with(variable), "{message}");
    student.deploy();

    // The rule is off: nothing starts, and the item of the run before is no proof.
    student
        .clients
        .events
        .disable_rule()
        .name(RULE)
        .send()
        .await
        .unwrap();
    let (_, rule) = student.tested(1);
    assert_eq!(rule["mismatches"][0]["of"], "start");
    let off = "the rule `photo-uploaded` is off (DISABLED)";
    assert_eq!(causes(&rule), [("broken_chain".to_owned(), off.to_owned())]);
    let holds = |link: &str| {
        let links = rule["chain"].as_array().unwrap().iter();
        links
            .filter(|one| one["link"] == link)
            .map(|one| one["holds"].clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        (holds("object"), holds("trail"), holds("rule")),
        (vec![json!(true)], vec![json!(true)], vec![json!(false)])
    );
    student.deploy();

    // The queue of events is deleted.
    let sqs = &student.clients.sqs;
    let url = sqs
        .get_queue_url()
        .queue_name("image-metadata-photos")
        .send()
        .await
        .unwrap();
    sqs.delete_queue()
        .queue_url(url.queue_url.unwrap())
        .send()
        .await
        .unwrap();
    let (_, queue) = student.tested(1);
    assert_eq!(queue["mismatches"][0]["of"], "message");
    let gone = "the queue `photos` (image-metadata-photos) is not there: it was deleted, or is not deployed yet";
    assert_eq!(
        causes(&queue),
        [("missing_resource".to_owned(), gone.to_owned())]
    );
    student.deploy();

    let (_, right) = student.tested(0);
    assert_eq!(right["outcome"], "passed");
    let destroyed = student
        .world
        .treino_json(&["test", &student.stack, "--destroy", "--yes"])
        .ends(0);
    assert_eq!(result(&destroyed, "nothing-is-left")["outcome"], "passed");
    assert_eq!(destroyed.event("tests_ended")["passed"], 3);
    assert_eq!(student.clients.everything().await, Vec::<String>::new());
}
