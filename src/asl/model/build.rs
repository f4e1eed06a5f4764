//! Building the model: the one descent over the JSON of a definition.

use super::{
    Child, ChildKind, JsonValue, Machine, SpannedStr, State, StateType, Transition, TransitionKind,
};
use crate::asl::QueryLanguage;

impl<'a, J: JsonValue> Machine<'a, J> {
    /// The model of a whole definition.
    pub fn of(definition: &'a J) -> Self {
        let language = language(definition).unwrap_or(QueryLanguage::JsonPath);
        Self::with_language(definition, language)
    }

    fn with_language(json: &'a J, language: QueryLanguage) -> Self {
        let states = json.field("States").map(JsonValue::fields);
        Self {
            json,
            start_at: json.field("StartAt").and_then(JsonValue::text),
            states: states
                .into_iter()
                .flatten()
                .map(|(name, json)| State::of(name, json, language))
                .collect(),
        }
    }
}

impl<'a, J: JsonValue> State<'a, J> {
    fn of(name: SpannedStr<'a>, json: &'a J, top: QueryLanguage) -> Self {
        let state_type = json.field("Type").and_then(JsonValue::text);
        let state_type = state_type.and_then(|name| StateType::named(name.text));
        let own_language = language(json);
        let is_end = json.field("End").is_some_and(JsonValue::is_true);
        Self {
            name,
            json,
            state_type,
            own_language,
            language: own_language.unwrap_or(top),
            transitions: transitions(json, state_type),
            ends: match state_type {
                Some(StateType::Succeed | StateType::Fail) => true,
                Some(StateType::Choice) => false,
                _ => is_end,
            },
            children: children(json, top),
        }
    }
}

fn language(json: &impl JsonValue) -> Option<QueryLanguage> {
    QueryLanguage::named(json.field("QueryLanguage")?.text()?.text)
}

/// A field that the type does not have leads nowhere; of an unknown type, what most types have counts.
fn transitions<'a, J: JsonValue>(
    json: &'a J,
    state_type: Option<StateType>,
) -> Vec<Transition<'a>> {
    let one = |field: &str, kind| {
        let to = json.field(field).and_then(JsonValue::text)?;
        Some(Transition { kind, to })
    };
    let each = |field: &str, kind: fn(usize) -> TransitionKind| {
        let items = json.field(field).map(JsonValue::list).unwrap_or_default();
        let next = |(index, item): (usize, &'a J)| {
            let to = item.field("Next").and_then(JsonValue::text)?;
            Some(Transition {
                kind: kind(index),
                to,
            })
        };
        items
            .iter()
            .enumerate()
            .filter_map(next)
            .collect::<Vec<_>>()
    };
    match state_type {
        Some(StateType::Succeed | StateType::Fail) => Vec::new(),
        Some(StateType::Choice) => {
            let mut found = each("Choices", TransitionKind::Choice);
            found.extend(one("Default", TransitionKind::Default));
            found
        }
        _ => {
            let next = one("Next", TransitionKind::Next).into_iter();
            next.chain(each("Catch", TransitionKind::Catch)).collect()
        }
    }
}

fn children<J: JsonValue>(json: &J, language: QueryLanguage) -> Vec<Child<'_, J>> {
    let branches = json
        .field("Branches")
        .map(JsonValue::list)
        .unwrap_or_default();
    let branches = branches.iter().map(|branch| (ChildKind::Branch, branch));
    let processors = [ChildKind::ItemProcessor, ChildKind::Iterator].into_iter();
    let processors = processors.filter_map(|kind| Some((kind, json.field(kind.field())?)));
    branches
        .chain(processors)
        .map(|(kind, json)| Child {
            kind,
            machine: Machine::with_language(json, language),
        })
        .collect()
}
