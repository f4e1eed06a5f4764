//! The tree of an execution: the states that were entered, their branches and iterations, and the states
//! inside those.

use super::{PathSegment, StatePath};

/// The index of a node of the tree; 0 is the execution itself.
pub(super) type NodeId = usize;

/// What an attempt failed with.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct StateError {
    pub error: String,
    pub cause: String,
}

/// A state that was entered. A state of a loop is entered several times, each time as a node of its own.
#[derive(Debug, Clone, Default)]
pub(super) struct EnteredState {
    pub name: String,
    pub state_type: String,
    /// How often it was handed to its service, or its branches or iterations began.
    pub attempts: u32,
    /// Whether its branches or iterations are running.
    pub children_running: bool,
    /// How many branches have begun.
    pub branches: u64,
}

impl EnteredState {
    /// How many attempts were retried.
    pub fn retries(&self) -> u32 {
        self.attempts.saturating_sub(1)
    }
}

#[derive(Debug, Clone)]
enum NodeKind {
    Execution,
    State(EnteredState),
    /// A branch or an iteration, by its number.
    Child(u64),
}

#[derive(Debug, Clone)]
struct TreeNode {
    parent: NodeId,
    started: f64,
    running: bool,
    /// Of everything inside.
    retries: u32,
    error: Option<StateError>,
    kind: NodeKind,
}

#[derive(Debug)]
pub(super) struct Tree(Vec<TreeNode>);

impl Default for Tree {
    fn default() -> Self {
        Self(vec![TreeNode {
            parent: 0,
            started: 0.0,
            running: true,
            retries: 0,
            error: None,
            kind: NodeKind::Execution,
        }])
    }
}

impl Tree {
    fn add(&mut self, parent: NodeId, started: f64, kind: NodeKind) -> NodeId {
        self.0.push(TreeNode {
            parent,
            started,
            running: true,
            retries: 0,
            error: None,
            kind,
        });
        self.0.len() - 1
    }

    /// A state begins inside the execution, a branch or an iteration.
    pub fn add_state(&mut self, parent: NodeId, state: EnteredState, at: f64) -> NodeId {
        self.add(parent, at, NodeKind::State(state))
    }

    /// A branch of a Parallel state begins; without a known number it gets the next.
    pub fn add_branch(&mut self, parallel: NodeId, number: Option<usize>, at: f64) -> NodeId {
        let mut next = 0;
        if let Some(state) = self.state_mut(parallel) {
            next = state.branches;
            state.branches += 1;
        }
        let number = number.and_then(|number| u64::try_from(number).ok());
        self.add(parallel, at, NodeKind::Child(number.unwrap_or(next)))
    }

    /// An iteration of a Map state begins.
    pub fn add_iteration(&mut self, map: NodeId, index: u64, at: f64) -> NodeId {
        self.add(map, at, NodeKind::Child(index))
    }

    pub fn state(&self, id: NodeId) -> Option<&EnteredState> {
        match &self.0.get(id)?.kind {
            NodeKind::State(state) => Some(state),
            _ => None,
        }
    }

    pub fn state_mut(&mut self, id: NodeId) -> Option<&mut EnteredState> {
        match &mut self.0.get_mut(id)?.kind {
            NodeKind::State(state) => Some(state),
            _ => None,
        }
    }

    pub fn parent(&self, id: NodeId) -> NodeId {
        self.0.get(id).map_or(0, |node| node.parent)
    }

    /// When it began, in seconds since 1970.
    pub fn started(&self, id: NodeId) -> f64 {
        self.0.get(id).map_or(0.0, |node| node.started)
    }

    pub fn retries(&self, id: NodeId) -> u32 {
        self.0.get(id).map_or(0, |node| node.retries)
    }

    /// A node has ended; its retries count for all nodes around it as well.
    pub fn end(&mut self, id: NodeId, retries: u32) {
        let mut at = id;
        while at != 0 {
            let Some(node) = self.0.get_mut(at) else {
                return;
            };
            node.running &= at != id;
            node.retries += retries;
            at = node.parent;
        }
    }

    /// Sets the error of the latest attempt, or clears it as a new attempt begins.
    pub fn set_error(&mut self, id: NodeId, error: Option<StateError>) {
        if let Some(node) = self.0.get_mut(id) {
            node.error = error;
        }
    }

    pub fn error(&self, id: NodeId) -> Option<&StateError> {
        self.0.get(id)?.error.as_ref()
    }

    /// The innermost error between a node and one around it, which is left out.
    pub fn error_below(&self, id: NodeId, top: NodeId) -> Option<StateError> {
        let mut below = self.ancestors(id).take_while(|at| *at != top);
        below.find_map(|at| self.error(at).cloned())
    }

    /// The node and all nodes around it, the innermost first.
    fn ancestors(&self, id: NodeId) -> impl Iterator<Item = NodeId> {
        let parent = |at: &NodeId| (*at != 0).then(|| self.parent(*at));
        std::iter::successors(Some(id), parent)
    }

    fn find_ancestor(&self, id: NodeId, matches: impl Fn(&EnteredState) -> bool) -> Option<NodeId> {
        let matches = |at: &NodeId| self.state(*at).is_some_and(&matches);
        self.ancestors(id).find(matches)
    }

    /// The state that a node is or is inside of.
    pub fn state_around(&self, id: NodeId) -> Option<NodeId> {
        self.find_ancestor(id, |_| true)
    }

    /// The running state of this type around a node.
    pub fn running_state(&self, id: NodeId, state_type: &str) -> Option<NodeId> {
        let matches = |at: &NodeId| {
            let state = self.state(*at);
            self.0[*at].running && state.is_some_and(|state| state.state_type == state_type)
        };
        self.ancestors(id).find(matches)
    }

    /// The state of this name: around a node, else the latest that is running.
    pub fn state_named(&self, id: NodeId, name: &str) -> Option<NodeId> {
        let running = |at: &NodeId| {
            self.0[*at].running && self.state(*at).is_some_and(|state| state.name == name)
        };
        let around = self.find_ancestor(id, |state| state.name == name);
        around.or_else(|| (0..self.0.len()).rev().find(running))
    }

    /// The state of this type around a node whose branches or iterations are running.
    pub fn parent_of_children(&self, id: NodeId, state_type: &str) -> Option<NodeId> {
        self.find_ancestor(id, |state| {
            state.state_type == state_type && state.children_running
        })
    }

    /// An iteration of a Map state: around a node, else the latest that is running.
    pub fn iteration(&self, id: NodeId, map: &str, index: u64) -> Option<NodeId> {
        let matches = |at: &NodeId| {
            let node = &self.0[*at];
            let parent = self.state(node.parent);
            matches!(node.kind, NodeKind::Child(number) if number == index)
                && parent.is_some_and(|state| state.name == map)
        };
        let around = self.ancestors(id).find(matches);
        around.or_else(|| {
            let running = |at: &NodeId| self.0[*at].running && matches(at);
            (0..self.0.len()).rev().find(running)
        })
    }

    /// The states, branches and iterations around a node.
    pub fn path(&self, id: NodeId) -> StatePath {
        let mut path: StatePath = self
            .ancestors(id)
            .skip(1)
            .filter_map(|at| match &self.0[at].kind {
                NodeKind::Execution => None,
                NodeKind::State(state) => Some(PathSegment::State(state.name.clone())),
                NodeKind::Child(number) => Some(PathSegment::Number(*number)),
            })
            .collect();
        path.reverse();
        path
    }
}
