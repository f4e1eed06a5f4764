//! The tree an execution's events form: states, their branches and iterations, the states in those.

use super::{Path, Within};

/// A node of the tree; 0 is the execution itself.
pub(super) type Place = usize;

/// What an attempt failed with.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Failure {
    pub error: String,
    pub cause: String,
}

/// A state that was entered.
#[derive(Debug, Clone, Default)]
pub(super) struct Visit {
    pub state: String,
    pub kind: String,
    /// How often it was handed to its service, or its branches began.
    pub attempts: u32,
    /// Whether its branches or iterations are under way.
    pub group_open: bool,
    pub branches: u64,
}

impl Visit {
    /// How many attempts were retried.
    pub fn retries(&self) -> u32 {
        self.attempts.saturating_sub(1)
    }
}

#[derive(Debug, Clone)]
enum Part {
    Whole,
    Visit(Visit),
    /// A branch or an iteration, by its number.
    Number(u64),
}

#[derive(Debug, Clone)]
struct Node {
    parent: Place,
    began: f64,
    open: bool,
    /// Of everything inside.
    retries: u32,
    failure: Option<Failure>,
    part: Part,
}

#[derive(Debug)]
pub(super) struct Tree(Vec<Node>);

impl Default for Tree {
    fn default() -> Self {
        Self(vec![Node {
            parent: 0,
            began: 0.0,
            open: true,
            retries: 0,
            failure: None,
            part: Part::Whole,
        }])
    }
}

impl Tree {
    fn add(&mut self, parent: Place, began: f64, part: Part) -> Place {
        self.0.push(Node {
            parent,
            began,
            open: true,
            retries: 0,
            failure: None,
            part,
        });
        self.0.len() - 1
    }

    /// A state begins in a container.
    pub fn enter(&mut self, container: Place, visit: Visit, at: f64) -> Place {
        self.add(container, at, Part::Visit(visit))
    }

    /// A branch of a Parallel state begins; without a known number it gets the next.
    pub fn branch(&mut self, visit: Place, index: Option<usize>, at: f64) -> Place {
        let mut next = 0;
        if let Some(visit) = self.visit_mut(visit) {
            next = visit.branches;
            visit.branches += 1;
        }
        let number = index.and_then(|index| u64::try_from(index).ok());
        self.add(visit, at, Part::Number(number.unwrap_or(next)))
    }

    /// An iteration of a Map state begins.
    pub fn iteration(&mut self, visit: Place, index: u64, at: f64) -> Place {
        self.add(visit, at, Part::Number(index))
    }

    pub fn visit(&self, place: Place) -> Option<&Visit> {
        match &self.0.get(place)?.part {
            Part::Visit(visit) => Some(visit),
            _ => None,
        }
    }

    pub fn visit_mut(&mut self, place: Place) -> Option<&mut Visit> {
        match &mut self.0.get_mut(place)?.part {
            Part::Visit(visit) => Some(visit),
            _ => None,
        }
    }

    pub fn parent(&self, place: Place) -> Place {
        self.0.get(place).map_or(0, |node| node.parent)
    }

    pub fn began(&self, place: Place) -> f64 {
        self.0.get(place).map_or(0.0, |node| node.began)
    }

    pub fn retries(&self, place: Place) -> u32 {
        self.0.get(place).map_or(0, |node| node.retries)
    }

    /// Whatever it is has ended; its retries count for what it is part of.
    pub fn close(&mut self, place: Place, retries: u32) {
        let mut at = place;
        while at != 0 {
            let Some(node) = self.0.get_mut(at) else {
                return;
            };
            node.open &= at != place;
            node.retries += retries;
            at = node.parent;
        }
    }

    pub fn fail(&mut self, place: Place, failure: Option<Failure>) {
        if let Some(node) = self.0.get_mut(place) {
            node.failure = failure;
        }
    }

    pub fn failure(&self, place: Place) -> Option<&Failure> {
        self.0.get(place)?.failure.as_ref()
    }

    /// The first failure from a place up to another.
    pub fn failure_up_to(&self, place: Place, top: Place) -> Option<Failure> {
        let mut way = self.up(place).take_while(|at| *at != top);
        way.find_map(|at| self.failure(at).cloned())
    }

    /// The place and all it is inside of, the innermost first.
    fn up(&self, place: Place) -> impl Iterator<Item = Place> {
        let above = |at: &Place| (*at != 0).then(|| self.parent(*at));
        std::iter::successors(Some(place), above)
    }

    fn find(&self, place: Place, fits: impl Fn(&Visit) -> bool) -> Option<Place> {
        let fits = |at: &Place| self.visit(*at).is_some_and(&fits);
        self.up(place).find(fits)
    }

    /// The state an event belongs to.
    pub fn state_at(&self, place: Place) -> Option<Place> {
        self.find(place, |_| true)
    }

    /// The state of this kind around the place that has not ended.
    pub fn open_at(&self, place: Place, kind: &str) -> Option<Place> {
        let fits = |at: &Place| {
            self.0[*at].open && self.visit(*at).is_some_and(|visit| visit.kind == kind)
        };
        self.up(place).find(fits)
    }

    /// The state of this name: around the place, or the latest under way.
    pub fn state_named(&self, place: Place, state: &str) -> Option<Place> {
        let open = |at: &Place| {
            self.0[*at].open && self.visit(*at).is_some_and(|visit| visit.state == state)
        };
        let around = self.find(place, |visit| visit.state == state);
        around.or_else(|| (0..self.0.len()).rev().find(open))
    }

    /// The state of this kind around the place whose branches or iterations are under way.
    pub fn group_at(&self, place: Place, kind: &str) -> Option<Place> {
        self.find(place, |visit| visit.kind == kind && visit.group_open)
    }

    /// An iteration of a Map state: around the place, or the latest under way.
    pub fn iteration_at(&self, place: Place, map: &str, index: u64) -> Option<Place> {
        let fits = |at: &Place| {
            let node = &self.0[*at];
            let of = self.visit(node.parent);
            matches!(node.part, Part::Number(number) if number == index)
                && of.is_some_and(|visit| visit.state == map)
        };
        let around = self.up(place).find(fits);
        around.or_else(|| {
            let open = |at: &Place| self.0[*at].open && fits(at);
            (0..self.0.len()).rev().find(open)
        })
    }

    /// What a state, or an iteration's state, is inside of.
    pub fn path(&self, place: Place) -> Path {
        let mut path: Path = self
            .up(place)
            .skip(1)
            .filter_map(|at| match &self.0[at].part {
                Part::Whole => None,
                Part::Visit(visit) => Some(Within::State(visit.state.clone())),
                Part::Number(number) => Some(Within::Number(*number)),
            })
            .collect();
        path.reverse();
        path
    }
}
