//! An order is validated, paid and confirmed; one that is not valid or not paid ends as such.

use aws_sdk_sfn::types::ExecutionStatus;
use serde_json::{Value, json};

use crate::support::{Lab, LabRun, World};

const NAME: &str = "order-processing";
const RESOURCES: &[&str] = &[
    "function ConfirmOrderFunction",
    "function ProcessPaymentFunction",
    "function ValidateOrderFunction",
    "log group /aws/lambda/ConfirmOrderFunction",
    "log group /aws/lambda/ProcessPaymentFunction",
    "log group /aws/lambda/ValidateOrderFunction",
    "role order-processing-confirm-order-role-us-east-1",
    "role order-processing-orders-role-us-east-1",
    "role order-processing-process-payment-role-us-east-1",
    "role order-processing-validate-order-role-us-east-1",
    "state machine OrderProcessingStateMachine",
];

fn names(states: &[(String, Value)]) -> Vec<&str> {
    states.iter().map(|(name, _)| name.as_str()).collect()
}

#[tokio::test]
async fn an_order_is_validated_paid_and_confirmed() {
    let test = "an_order_is_validated_paid_and_confirmed";
    let lab = LabRun::deployed(test, NAME, RESOURCES).await;

    let ran = lab.run(&json!({ "orderId": "12345" })).ends(0);

    let execution = lab.execution(&ran).await;
    assert_eq!(execution.status, ExecutionStatus::Succeeded);
    let output: Value = serde_json::from_str(&execution.output.unwrap()).unwrap();
    let transaction = output["transactionId"].as_str().unwrap();
    assert!(transaction.starts_with("pay-"), "{output}");
    let wanted = json!({
        "orderId": "12345",
        "status": "CONFIRMED",
        "amount": 99.9,
        "transactionId": transaction,
        "message": "Order 12345 is confirmed: 99.90 was paid.",
    });
    assert_eq!(output, wanted);
    // What is shown is what stands there.
    assert_eq!(ran.event("execution_ended")["output"], wanted);

    let states = lab.states(&ran).await;
    let ways = [
        "ValidateOrder",
        "ProcessPayment",
        "IsPaymentApproved",
        "ConfirmOrder",
    ];
    assert_eq!(names(&states), ways);
    let order = json!({ "orderId": "12345", "amount": 99.9, "card": "valid" });
    assert_eq!(states[0].1, order);
    assert_eq!(states[1].1["payment"]["status"], "APPROVED");
    // Each function really ran, once.
    for (function, line) in [
        ("ValidateOrderFunction", "order 12345 is valid"),
        (
            "ProcessPaymentFunction",
            "payment for order 12345: APPROVED",
        ),
        ("ConfirmOrderFunction", "Order 12345 is confirmed"),
    ] {
        assert_eq!(lab.logged(function, line).await, 1, "{function}");
    }

    // The same order is the same payment, another order another.
    let paid = |input: Value| {
        let ran = lab.run(&input).ends(0);
        ran.event("execution_ended")["output"]["transactionId"].clone()
    };
    assert_eq!(paid(json!({ "orderId": "12345" })), transaction);
    assert_ne!(paid(json!({ "orderId": "12346" })), transaction);

    lab.passes_its_checks();
    lab.deployed_again().await;
    lab.destroyed().await;
}

#[tokio::test]
async fn an_order_that_is_not_valid_is_refused() {
    let test = "an_order_that_is_not_valid_is_refused";
    let lab = LabRun::deployed(test, NAME, RESOURCES).await;
    let amount = "the amount has to be a number above 0";
    for (order, reason) in [
        (
            json!({}),
            "the order has no orderId; write it as in {\"orderId\": \"12345\"}",
        ),
        (json!({ "amount": 5 }), "the order has no orderId"),
        (json!({ "orderId": null }), "the order has no orderId"),
        (json!({ "orderId": " " }), "the orderId has to be a text"),
        (json!({ "orderId": 12345 }), "the orderId has to be a text"),
        (json!([]), "the order has to be an object"),
        (json!({ "orderId": "1", "amount": 0 }), amount),
        (json!({ "orderId": "1", "amount": "5" }), amount),
        (json!({ "orderId": "1", "amount": true }), amount),
        (json!({ "orderId": "1", "amount": 0.001 }), amount),
        (json!({ "orderId": "1", "amount": null }), amount),
        (
            json!({ "orderId": "1", "card": 4242 }),
            "the card has to be a text",
        ),
    ] {
        let ran = lab.run(&order).ends(1);

        let execution = lab.execution(&ran).await;
        assert_eq!(execution.status, ExecutionStatus::Failed, "{order}");
        assert_eq!(execution.error.as_deref(), Some("OrderInvalid"), "{order}");
        let cause = execution.cause.unwrap();
        assert!(cause.starts_with(reason), "{order}: {cause}");
        let states = lab.states(&ran).await;
        assert_eq!(names(&states), ["ValidateOrder", "OrderInvalid"], "{order}");
        // It is no passing failure: nothing was tried again.
        assert_eq!(ran.events("attempt_failed").len(), 1, "{order}");
    }
    // As a person reads it.
    let run = ["run", NAME, "--input", "{}"];
    let ran = lab.world.treino(&run).ends(1);
    ran.says("OrderInvalid: the order has no orderId");
    assert_eq!(
        lab.log("ProcessPaymentFunction").await,
        Vec::<String>::new()
    );
    lab.destroyed().await;
}

#[tokio::test]
async fn a_payment_that_is_declined_has_a_way_of_its_own() {
    let test = "a_payment_that_is_declined_has_a_way_of_its_own";
    let lab = LabRun::deployed(test, NAME, RESOURCES).await;
    for (order, cause) in [
        (
            json!({ "orderId": "12345", "amount": 1000.01 }),
            "order 12345 is not paid: 1000.01 is above the limit of 1000.00",
        ),
        (
            json!({ "orderId": "12345", "card": "declined" }),
            "order 12345 is not paid: the card was declined",
        ),
    ] {
        let ran = lab.run(&order).ends(1);

        let execution = lab.execution(&ran).await;
        assert_eq!(execution.status, ExecutionStatus::Failed);
        assert_eq!(execution.error.as_deref(), Some("PaymentDeclined"));
        assert_eq!(execution.cause.as_deref(), Some(cause));
        let states = lab.states(&ran).await;
        let ways = [
            "ValidateOrder",
            "ProcessPayment",
            "IsPaymentApproved",
            "PaymentDeclined",
        ];
        assert_eq!(names(&states), ways);
        // Declining is the function's answer, and no failure of it.
        assert_eq!(ran.events("attempt_failed"), Vec::<Value>::new());
    }
    assert_eq!(lab.log("ConfirmOrderFunction").await, Vec::<String>::new());

    // The limit itself is not above the limit.
    lab.run(&json!({ "orderId": "1", "amount": 1000 })).ends(0);
    lab.destroyed().await;
}

#[test]
fn the_limit_of_payments_is_all_that_changes_with_it() {
    let world = World::new("the_limit_of_payments_is_all_that_changes_with_it");
    let lab = Lab::copy(&world);
    let stack = lab.path("stacks/order-processing.yaml");
    let run = ["run", NAME, "--input", r#"{"orderId":"1","amount":5000}"#];
    world.treino(&["deploy", &stack, "--yes"]).ends(0);
    world.treino(&run).ends(1).says("PaymentDeclined");
    lab.edit(
        "stacks/order-processing.yaml",
        r#"PAYMENT_LIMIT: "1000""#,
        r#"PAYMENT_LIMIT: "10000""#,
    );

    let deployed = world.treino_json(&["deploy", &stack, "--yes"]).ends(0);

    let update = (
        "update".to_owned(),
        vec!["environment.PAYMENT_LIMIT".to_owned()],
    );
    let only = [("function.process-payment".to_owned(), update)];
    assert_eq!(deployed.changes(), only.into());
    world.treino(&run).ends(0).says("5000.00 was paid");
}
