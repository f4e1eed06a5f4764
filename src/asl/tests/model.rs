//! The model of a definition: the same from a file and from JSON without places.

use std::fmt::Write;

use serde_json::json;

use crate::asl::load;
use crate::asl::model::{JsonValue, Machine, TransitionKind};
use crate::source::Source;

/// One line for each state: its depth, name, type, language, transitions and whether it ends.
fn outline<J: JsonValue>(machine: &Machine<J>, depth: usize, lines: &mut String) {
    let start = machine.start_at.map_or("?", |name| name.text);
    writeln!(lines, "{:depth$}from {start}", "").unwrap();
    for state in &machine.states {
        let state_type = state.state_type.map_or("?", |known| known.name());
        let to = state.transitions.iter().map(|transition| {
            let to = transition.to.text;
            match transition.kind {
                TransitionKind::Next => format!(" -> {to}"),
                TransitionKind::Choice(rule) => format!(" -{rule}> {to}"),
                TransitionKind::Default => format!(" -else> {to}"),
                TransitionKind::Catch(catcher) => format!(" -catch {catcher}> {to}"),
            }
        });
        let to: String = to.collect();
        let end = if state.ends { " end" } else { "" };
        let (name, language) = (state.name.text, state.language.name());
        writeln!(
            lines,
            "{:depth$}{name} {state_type} {language}{to}{end}",
            ""
        )
        .unwrap();
        for child in &state.children {
            let (field, depth) = (child.kind.field(), depth + 2);
            writeln!(lines, "{:depth$}{field}", "").unwrap();
            outline(&child.machine, depth, lines);
        }
    }
}

#[test]
fn states_transitions_and_children() {
    let definition = json!({
        "QueryLanguage": "JSONata", "StartAt": "Check", "States": {
            "Check": { "Type": "Choice", "Default": "Both", "Choices": [
                { "Condition": "{% $states.input.a %}", "Next": "Each" }, { "Condition": "{% $states.input.b %}", "Next": "No" } ] },
            "Both": { "Type": "Parallel", "Next": "Each",
                "Catch": [ { "ErrorEquals": ["A"], "Next": "No" }, { "ErrorEquals": ["States.ALL"], "Next": "Each" } ],
                "Branches": [
                    { "StartAt": "Left", "States": { "Left": { "Type": "Pass", "End": true } } },
                    { "StartAt": "Right", "States": { "Right": { "Type": "Succeed" } } } ] },
            "Each": { "Type": "Map", "End": true, "ItemProcessor": {
                "ProcessorConfig": { "Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS" },
                "StartAt": "One", "States": { "One": { "Type": "Pass", "End": true } } } },
            "No": { "Type": "Fail", "Error": "No" } } });
    let expected = "\
from Check
Check Choice JSONata -0> Each -1> No -else> Both
Both Parallel JSONata -> Each -catch 0> No -catch 1> Each
  Branches
  from Left
  Left Pass JSONata end
  Branches
  from Right
  Right Succeed JSONata end
Each Map JSONata end
  ItemProcessor
  from One
  One Pass JSONata end
No Fail JSONata end
";
    let mut lines = String::new();
    let model = Machine::of(&definition);
    outline(&model, 0, &mut lines);
    assert_eq!(lines, expected);
    let names: Vec<_> = model.all_states().iter().map(|s| s.name.text).collect();
    assert_eq!(
        names,
        ["Check", "Both", "Left", "Right", "Each", "One", "No"]
    );
    let processor = &model.states[2].item_processor().unwrap().machine;
    assert_eq!(processor.distributed().unwrap().text, "DISTRIBUTED");
    assert_eq!(processor.execution_type(), Some("EXPRESS"));

    // The file's model says the same, and where each name is written.
    let source = Source::new("machine.asl.json", definition.to_string());
    let (definition, _) = load(&source).unwrap();
    let model = definition.model();
    let mut lines = String::new();
    outline(&model, 0, &mut lines);
    assert_eq!(lines, expected);
    for state in model.all_states() {
        let targets = state.transitions.iter().map(|transition| transition.to);
        for name in targets.chain([state.name]) {
            let written = &source.text[name.span.start..name.span.end];
            assert_eq!(written, format!("\"{}\"", name.text));
        }
    }
}

#[test]
fn a_wrong_definition_has_a_model_without_what_is_wrong() {
    let definition = json!({ "StartAt": 7, "States": {
        "A": { "Type": "Tusk", "Next": 1, "Catch": [ { "Next": "B" }, { "Next": [] }, 3 ] },
        "B": { "Type": "Succeed", "Next": "A", "End": false },
        "C": { "Type": "Pass", "QueryLanguage": "JSONata", "End": "yes", "Branches": {} },
        "D": [] } });
    let mut lines = String::new();
    outline(&Machine::of(&definition), 0, &mut lines);
    assert_eq!(
        lines,
        "from ?\nA ? JSONPath -catch 0> B\nB Succeed JSONPath end\nC Pass JSONata\nD ? JSONPath\n"
    );
    for none in [json!(null), json!([]), json!({ "States": [] })] {
        assert!(Machine::of(&none).all_states().is_empty());
    }
}
