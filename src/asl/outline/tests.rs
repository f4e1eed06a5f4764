use serde_json::json;

use super::*;

fn of(definition: &Json) -> MachineOutline {
    let arn = StateMachineArn {
        partition: "aws".to_owned(),
        region: "us-east-1".to_owned(),
        account: "111122223333".to_owned(),
        name: "m".to_owned(),
    };
    outline(definition, &arn)
}

/// Each state with its type and where it leads, those inside it in brackets.
fn drawn(outline: &MachineOutline) -> String {
    let states = outline.states.iter().map(|state| {
        let ways = state.ways.iter().map(|way| {
            let when = match &way.when {
                WayTaken::Next => String::new(),
                WayTaken::If(condition) => {
                    format!("if {} ", condition.in_words(["AND", "OR", "NOT"]))
                }
                WayTaken::Otherwise => "else ".to_owned(),
                WayTaken::Caught(errors) => format!("on {} ", errors.join("/")),
            };
            let place = way.place.map_or("?".to_owned(), |place| place.to_string());
            format!(" {when}>{place}")
        });
        let inside = state.inside.iter().map(|child| {
            let kind = if child.is_branch { "|" } else { "*" };
            format!(" [{kind} {}]", drawn(&child.outline))
        });
        let end = if state.ends { "." } else { "" };
        let lost = if state.is_unreached { "!" } else { "" };
        let more: String = ways.chain(inside).collect();
        format!("{lost}{}{more}{end}", state.name)
    });
    states.collect::<Vec<_>>().join(", ")
}

#[test]
fn states_stand_in_the_order_in_which_they_follow_one_another() {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/definitions/order-processing.asl.json"
    );
    let definition: Json = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    assert_eq!(
        drawn(&of(&definition)),
        "ValidateOrder >1 on OrderInvalid >5, ProcessPayment >2, IsPaymentApproved if $states.input.payment.status = \
         'APPROVED' >3 else >4, ConfirmOrder., PaymentDeclined., OrderInvalid."
    );
    // Written in another order, with a state in which two ways meet.
    let join = json!({ "StartAt": "A", "States": {
        "D": { "Type": "Succeed" },
        "C": { "Type": "Pass", "Next": "D" },
        "Lost": { "Type": "Pass", "Next": "Nowhere" },
        "B": { "Type": "Pass", "Next": "D" },
        "A": { "Type": "Choice", "Default": "C", "Choices": [
            { "And": [{ "Variable": "$.n", "NumericGreaterThan": 1 }, { "Not": { "Variable": "$.x", "IsPresent": true } }], "Next": "B" },
        ] },
    } });
    assert_eq!(
        drawn(&of(&join)),
        "A if ($.n NumericGreaterThan 1) AND (NOT ($.x IsPresent true)) >1 else >2, B >3, C >3, D., !Lost >?"
    );
}

#[test]
fn machines_inside_states_stand_in_them_and_loops_end() {
    let leaf = |name: &str| json!({ "StartAt": name, "States": { name: { "Type": "Wait", "Seconds": 3, "End": true } } });
    let nested = json!({ "StartAt": "Both", "States": {
        "Both": { "Type": "Parallel", "Next": "Again", "Branches": [
            leaf("L"),
            { "StartAt": "Each", "States": { "Each": { "Type": "Map", "Items": "{% $states.input.all %}", "End": true,
                "ItemProcessor": { "StartAt": "P", "States": {
                    "P": { "Type": "Parallel", "Branches": [leaf("Deep")], "End": true } } } } } },
        ] },
        "Again": { "Type": "Choice", "Choices": [{ "Condition": "{% $more %}", "Next": "Both" }], "Default": "Self" },
        "Self": { "Type": "Task", "Resource": "arn:aws:states:us-east-1:111122223333:activity:a", "Next": "Self",
            "Retry": [{ "ErrorEquals": ["A"] }, { "ErrorEquals": ["B", "C"], "MaxAttempts": 2 }, { "ErrorEquals": ["D"], "MaxAttempts": 0 }],
            "Catch": [{ "ErrorEquals": ["A", "B"], "Next": "Both" }] },
    } });
    let outline = of(&nested);
    assert_eq!(
        drawn(&outline),
        "Both >1 [| L.] [| Each [* P [| Deep.].].], Again if $more >0 else >2, Self >2 on A/B >0"
    );
    let [both, _, own] = outline.states.as_slice() else {
        panic!("{outline:?}")
    };
    let retry = |times, errors: &[&str]| OutlinedRetry {
        times,
        errors: errors.iter().map(ToString::to_string).collect(),
    };
    assert_eq!(own.retries, [retry(3, &["A"]), retry(2, &["B", "C"])]);
    assert_eq!(
        own.calls.as_deref(),
        Some("arn:aws:states:us-east-1:111122223333:activity:a")
    );
    assert_eq!(
        both.inside[0].outline.states[0].detail.as_deref(),
        Some("3 s")
    );
    assert_eq!(
        both.inside[1].outline.states[0].detail.as_deref(),
        Some("$states.input.all")
    );
}

#[test]
fn what_is_wrong_or_very_long_has_an_outline_too() {
    assert_eq!(drawn(&of(&json!(null))), "");
    assert_eq!(
        drawn(&of(&json!({ "StartAt": "No", "States": { "A": {} } }))),
        "!A"
    );
    let states = (0..20_000).map(|n| {
        let next = json!({ "Type": "Pass", "Next": format!("s{}", (n + 1) % 20_000) });
        (format!("s{n}"), next)
    });
    let ring = json!({ "StartAt": "s7", "States": states.collect::<serde_json::Map<_, _>>() });
    let outline = of(&ring);
    assert_eq!(
        (outline.states.len(), outline.states[1].name.as_str()),
        (20_000, "s8")
    );
    let long = json!({ "StartAt": "A", "States": { "A": { "Type": "Choice",
        "Choices": [{ "Condition": format!("{{% '{}' %}}", "é".repeat(900)), "Next": "A" }] } } });
    let WayTaken::If(condition) = &of(&long).states[0].ways[0].when else {
        panic!()
    };
    let words = ["AND", "OR", "NOT"];
    assert_eq!(condition.in_words(words).chars().count(), LONGEST + 1);
    let texts = vec![OutlinedCondition::Text("é".repeat(200)); 2];
    let both = OutlinedCondition::And(texts).in_words(words);
    assert_eq!(both.chars().count(), LONGEST + 1);
}

#[test]
fn fail_states_have_their_cause_and_conditions_their_words() {
    let fails = json!({ "StartAt": "F", "States": { "F": { "Type": "Fail", "Error": "E", "Cause": "it is {0}" } } });
    let state = &of(&fails).states[0];
    assert_eq!(
        (state.detail.as_deref(), state.cause.as_deref()),
        (Some("E"), Some("it is {0}"))
    );
    let rule = json!({ "Or": [{ "Not": { "Variable": "$.a", "IsNull": true } }, { "Variable": "$.b", "IsNull": true }] });
    assert_eq!(
        compared(&rule).in_words(["E", "OU", "NÃO"]),
        "(NÃO ($.a IsNull true)) OU ($.b IsNull true)"
    );
}
