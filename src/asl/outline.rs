//! A definition as an outline: what a person reads of its states, in the order in which they follow one another.

use std::collections::HashMap;

use serde_json::Value as Json;

use super::model::{ChildKind, Machine, State, StateType, Transition, TransitionKind};
use super::permissions::{StateMachineArn, called};

/// The most characters of a condition that are shown.
const LONGEST: usize = 240;

/// A machine as an outline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MachineOutline {
    /// Its states: the first is the one it begins with, and each comes before those that it leads to, save where one leads
    /// back. Those that nothing leads to are last.
    pub states: Vec<OutlinedState>,
}

/// A state in an outline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutlinedState {
    /// Its name.
    pub name: String,
    /// Its `Type`; empty where it has none.
    pub type_name: String,
    /// Its `Comment`.
    pub comment: Option<String>,
    /// Whether no state leads to it.
    pub is_unreached: bool,
    /// What a task calls, such as `dynamodb:putItem`; else its `Resource`.
    pub calls: Option<String>,
    /// The ARNs of what is called, where the definition says them.
    pub on: Vec<String>,
    /// What it waits for, fails with, or repeats over, as the definition has it: `10 s`, `OrderInvalid`.
    pub detail: Option<String>,
    /// How often a failed attempt is repeated at most, by all of its retriers.
    pub retries: u64,
    /// Where it leads.
    pub ways: Vec<OutlinedWay>,
    /// Whether its machine ends with it.
    pub ends: bool,
    /// The machines inside it.
    pub inside: Vec<OutlinedChild>,
}

/// Where a state leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutlinedWay {
    /// When.
    pub when: WayTaken,
    /// The state that it leads to.
    pub to: String,
    /// The place of that state in the outline of its machine; nothing where there is none of this name.
    pub place: Option<usize>,
}

/// When a way is taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WayTaken {
    /// Always.
    Next,
    /// If this holds, as the definition has it.
    If(String),
    /// If nothing else of a Choice state holds.
    Otherwise,
    /// After these errors.
    Caught(Vec<String>),
}

/// A machine inside a state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutlinedChild {
    /// Whether it is a branch, which runs beside others; else it runs for each item of a list.
    pub is_branch: bool,
    /// Its outline.
    pub outline: MachineOutline,
}

/// The outline of a definition whose references are resolved.
#[must_use]
pub fn outline(definition: &Json, arn: &StateMachineArn) -> MachineOutline {
    of_machine(&Machine::of(definition), arn)
}

fn of_machine(machine: &Machine<'_, Json>, arn: &StateMachineArn) -> MachineOutline {
    let (order, reached) = reading_order(machine);
    let names = order.iter().map(|index| machine.states[*index].name.text);
    let places: HashMap<&str, usize> = names.zip(0..).collect();
    let states = order.iter().enumerate().map(|(place, index)| {
        let state = &machine.states[*index];
        OutlinedState {
            is_unreached: place >= reached,
            ..of_state(state, &places, arn)
        }
    });
    MachineOutline {
        states: states.collect(),
    }
}

/// The numbers of the states in the order of an outline, and how many of them are reached. Without recursion: a definition
/// may have thousands of states in a row, and states that lead back.
fn reading_order(machine: &Machine<'_, Json>) -> (Vec<usize>, usize) {
    let names = machine.states.iter().map(|state| state.name.text);
    let numbers: HashMap<&str, usize> = names.zip(0..).collect();
    let mut seen = vec![false; machine.states.len()];
    let mut left = Vec::new();
    let start = machine.start_at.and_then(|start| numbers.get(start.text));
    let mut path: Vec<(usize, usize)> = start.iter().map(|start| (**start, 0)).collect();
    for (start, _) in &path {
        seen[*start] = true;
    }
    while let Some((index, tried)) = path.last_mut() {
        // What is written first is left last, and so comes first.
        let mut ways = machine.states[*index].transitions.iter().rev();
        let Some(way) = ways.nth(*tried) else {
            left.push(*index);
            path.pop();
            continue;
        };
        *tried += 1;
        if let Some(&to) = numbers.get(way.to.text)
            && !seen[to]
        {
            seen[to] = true;
            path.push((to, 0));
        }
    }
    left.reverse();
    let reached = left.len();
    left.extend((0..seen.len()).filter(|index| !seen[*index]));
    (left, reached)
}

fn of_state(
    state: &State<'_, Json>,
    places: &HashMap<&str, usize>,
    arn: &StateMachineArn,
) -> OutlinedState {
    let call = called(state, arn);
    let text = |field: &str| state.json.get(field)?.as_str().map(String::from);
    let calls = call
        .as_ref()
        .map(|call| format!("{}:{}", call.service, call.action));
    let is_task = state.state_type == Some(StateType::Task);
    let way = |one: &Transition<'_>| OutlinedWay {
        when: when(state.json, one.kind),
        to: one.to.text.to_owned(),
        place: places.get(one.to.text).copied(),
    };
    let inside = state.children.iter().map(|child| OutlinedChild {
        is_branch: child.kind == ChildKind::Branch,
        outline: of_machine(&child.machine, arn),
    });
    OutlinedState {
        name: state.name.text.to_owned(),
        type_name: text("Type").unwrap_or_default(),
        comment: text("Comment").filter(|text| !text.trim().is_empty()),
        is_unreached: false,
        calls: calls.or_else(|| text("Resource").filter(|_| is_task)),
        on: call.map(|call| call.resources).unwrap_or_default(),
        detail: detail(state),
        retries: retries(state.json),
        ways: state.transitions.iter().map(way).collect(),
        ends: state.ends,
        inside: inside.collect(),
    }
}

/// What a Wait waits for, a Fail fails with, and a Map repeats over.
fn detail(state: &State<'_, Json>) -> Option<String> {
    let field = |name: &str| state.json.get(name).map(|value| (name.to_owned(), value));
    let fields: &[&str] = match state.state_type? {
        StateType::Wait => &["Seconds", "SecondsPath", "Timestamp", "TimestampPath"],
        StateType::Fail => &["Error", "ErrorPath"],
        StateType::Map => &["Items", "ItemsPath"],
        _ => return None,
    };
    let (name, value) = fields.iter().find_map(|name| field(name))?;
    let text = plain(value);
    Some(match (name.as_str(), value) {
        ("Seconds", Json::Number(_)) => format!("{text} s"),
        _ => text,
    })
}

fn retries(json: &Json) -> u64 {
    let retriers = json.get("Retry").and_then(Json::as_array);
    // Each retrier counts its own attempts; 3 are the default.
    let most = |one: &Json| {
        one.get("MaxAttempts")
            .map_or(3, |most| most.as_u64().unwrap_or(0))
    };
    let all = retriers.into_iter().flatten();
    all.fold(0, |sum, one| sum.saturating_add(most(one)))
}

fn when(state: &Json, kind: TransitionKind) -> WayTaken {
    match kind {
        TransitionKind::Next => WayTaken::Next,
        TransitionKind::Default => WayTaken::Otherwise,
        TransitionKind::Choice(number) => {
            let rule = &state["Choices"][number];
            let condition = match rule.get("Condition") {
                Some(condition) => plain(condition),
                None => compared(rule),
            };
            WayTaken::If(shortened(condition))
        }
        TransitionKind::Catch(number) => {
            let errors = state["Catch"][number]["ErrorEquals"].as_array();
            let errors = errors.into_iter().flatten().filter_map(Json::as_str);
            WayTaken::Caught(errors.map(String::from).collect())
        }
    }
}

/// A rule in `JSONPath` as one line: `$.paid BooleanEquals true`.
fn compared(rule: &Json) -> String {
    let list = |all: &Json, word: &str| {
        let all = all.as_array().into_iter().flatten();
        let all: Vec<String> = all.map(|one| format!("({})", compared(one))).collect();
        all.join(word)
    };
    let Some(fields) = rule.as_object() else {
        return String::new();
    };
    if let Some(all) = fields.get("And") {
        return list(all, " AND ");
    }
    if let Some(all) = fields.get("Or") {
        return list(all, " OR ");
    }
    if let Some(not) = fields.get("Not") {
        return format!("NOT ({})", compared(not));
    }
    let variable = fields.get("Variable").map(plain).unwrap_or_default();
    let mut others = fields.iter();
    let other = others.find(|(key, _)| !["Variable", "Next", "Comment"].contains(&key.as_str()));
    other.map_or(variable.clone(), |(operator, value)| {
        format!("{variable} {operator} {value}")
    })
}

/// A value as text: of `JSONata` the expression alone.
fn plain(value: &Json) -> String {
    let Some(text) = value.as_str() else {
        return shortened(value.to_string());
    };
    let inner = text
        .strip_prefix("{%")
        .and_then(|text| text.strip_suffix("%}"));
    shortened(inner.unwrap_or(text).trim().to_owned())
}

fn shortened(text: String) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

#[cfg(test)]
mod tests {
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
                    WayTaken::If(condition) => format!("if {condition} "),
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
        let definition: Json =
            serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
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
                "Retry": [{ "ErrorEquals": ["A"] }, { "ErrorEquals": ["B"], "MaxAttempts": 2 }],
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
        assert_eq!(own.retries, 5);
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
        assert_eq!(condition.chars().count(), LONGEST + 1);
    }
}
