//! The structure of a definition: its states, where each leads, and the state machines inside it.
//!
//! One descent over the JSON builds the model; the checks, the permissions and the history of an
//! execution then go through its states. It is built from a file, with the place of every value
//! ([`Node`]), or from JSON without places: a definition whose references are resolved, or one that
//! Step Functions returned.
//!
//! Wrong definitions have a model too, as the checks report every mistake at once: what is missing or
//! of the wrong type is left out. Nothing is looked up: a transition may name a state that does not
//! exist.

mod build;
mod json;

use super::QueryLanguage;
use crate::source::Node;

pub use json::{JsonValue, SpannedStr};

/// A state machine: the whole definition, a branch of a Parallel state or the item processor of a Map.
#[derive(Debug)]
pub struct Machine<'a, J = Node> {
    /// The object.
    pub json: &'a J,
    /// The state it begins with, as `StartAt` has it.
    pub start_at: Option<SpannedStr<'a>>,
    /// Its own states in the order written, without those of the machines inside it.
    pub states: Vec<State<'a, J>>,
}

/// One state.
#[derive(Debug)]
pub struct State<'a, J = Node> {
    /// Its name, at the place where the state is defined.
    pub name: SpannedStr<'a>,
    /// The value under its name.
    pub json: &'a J,
    /// Its `Type`, if it is one that Step Functions has.
    pub state_type: Option<StateType>,
    /// The query language its own `QueryLanguage` names.
    pub own_language: Option<QueryLanguage>,
    /// The query language it is in: its own, else the definition's, else `JSONPath`.
    pub language: QueryLanguage,
    /// The states it may lead to, in the order written.
    pub transitions: Vec<Transition<'a>>,
    /// Whether its machine ends with it: it says `"End": true`, or is a Succeed or Fail state.
    pub ends: bool,
    /// The machines inside it: the branches first. A correct state has branches or one item processor.
    pub children: Vec<Child<'a, J>>,
}

/// The type of a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StateType {
    /// Calls a service, a function or an activity.
    Task,
    /// Passes its input on, perhaps changed.
    Pass,
    /// Leads to one of several states.
    Choice,
    /// Waits for a time or until one.
    Wait,
    /// Ends its machine well.
    Succeed,
    /// Ends its machine with an error.
    Fail,
    /// Runs several machines at once.
    Parallel,
    /// Runs one machine for each item of a list.
    Map,
}

/// From a state to another of the same machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Transition<'a> {
    /// Which field leads there.
    pub kind: TransitionKind,
    /// The state it leads to.
    pub to: SpannedStr<'a>,
}

/// The field a transition is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TransitionKind {
    /// `Next` of the state.
    Next,
    /// `Next` of this rule of `Choices`, from 0.
    Choice(usize),
    /// `Default` of a Choice state.
    Default,
    /// `Next` of this catcher of `Catch`, from 0.
    Catch(usize),
}

/// A state machine inside a state.
#[derive(Debug)]
pub struct Child<'a, J = Node> {
    /// Which field holds it.
    pub kind: ChildKind,
    /// The machine.
    pub machine: Machine<'a, J>,
}

/// The field a child is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChildKind {
    /// An item of `Branches`.
    Branch,
    /// `ItemProcessor`.
    ItemProcessor,
    /// `Iterator`, the older name of `ItemProcessor`.
    Iterator,
}

impl<'a, J: JsonValue> Machine<'a, J> {
    /// The states at any depth: each before the states of its children.
    pub fn all_states(&self) -> Vec<&State<'a, J>> {
        let mut all = Vec::new();
        self.collect(&mut all);
        all
    }

    fn collect<'m>(&'m self, all: &mut Vec<&'m State<'a, J>>) {
        for state in &self.states {
            all.push(state);
            for child in &state.children {
                child.machine.collect(all);
            }
        }
    }

    /// The text `DISTRIBUTED` of its `ProcessorConfig`, if its states run as executions of their own.
    #[must_use]
    pub fn distributed(&self) -> Option<SpannedStr<'a>> {
        let mode = self.json.field("ProcessorConfig")?.field("Mode")?.text()?;
        (mode.text == "DISTRIBUTED").then_some(mode)
    }

    /// The `ExecutionType` of its `ProcessorConfig`.
    #[must_use]
    pub fn execution_type(&self) -> Option<&'a str> {
        let config = self.json.field("ProcessorConfig")?;
        Some(config.field("ExecutionType")?.text()?.text)
    }
}

impl<'a, J> State<'a, J> {
    /// The branches of a Parallel state.
    pub fn branches(&self) -> impl Iterator<Item = &Machine<'a, J>> {
        let branches = self.children.iter();
        let branches = branches.filter(|child| child.kind == ChildKind::Branch);
        branches.map(|child| &child.machine)
    }

    /// The item processor of a Map state; `ItemProcessor` if it has `Iterator` as well.
    #[must_use]
    pub fn item_processor(&self) -> Option<&Child<'a, J>> {
        let mut children = self.children.iter();
        children.find(|child| child.kind != ChildKind::Branch)
    }
}

impl StateType {
    /// All types.
    pub const ALL: [Self; 8] = [
        Self::Task,
        Self::Pass,
        Self::Choice,
        Self::Wait,
        Self::Succeed,
        Self::Fail,
        Self::Parallel,
        Self::Map,
    ];

    /// The type of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.name() == name)
    }

    /// Its name, as `Type` has it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Task => "Task",
            Self::Pass => "Pass",
            Self::Choice => "Choice",
            Self::Wait => "Wait",
            Self::Succeed => "Succeed",
            Self::Fail => "Fail",
            Self::Parallel => "Parallel",
            Self::Map => "Map",
        }
    }
}

impl ChildKind {
    /// The field's name.
    #[must_use]
    pub fn field(self) -> &'static str {
        match self {
            Self::Branch => "Branches",
            Self::ItemProcessor => "ItemProcessor",
            Self::Iterator => "Iterator",
        }
    }
}
