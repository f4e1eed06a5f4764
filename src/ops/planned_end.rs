//! When a stack ends: what its file, the command and the deployed stack say of it.

use std::time::{Duration, SystemTime};

use schemars::JsonSchema;
use serde::Serialize;

use super::ResourceContents;
use super::frontend::Reporter;
use crate::plan::ActualState;
use crate::stack::{DesiredState, Loaded, SelfDestruct, StackLifetime, TAG_EXPIRES};

/// What is taken where the question is answered with nothing.
const OFFERED: &str = "8h";

/// When a planned stack ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct PlanEnd {
    /// When it expires, as an RFC 3339 time; null where it stays until it is destroyed.
    pub expires: Option<String>,
    /// Whether AWS then deletes it, with what it contains: not with `self_destruct: off`.
    pub self_destruct: bool,
    /// What says so.
    pub said_by: EndSaidBy,
    /// The lifetime as it is written in a stack file, such as `8h` or `never`, where the file or the command says it.
    pub lifetime: Option<String>,
    /// What users put in, the objects of its buckets and the items of its tables, where it ends within the hour.
    pub contents: Vec<ResourceContents>,
}

/// What says when a stack ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum EndSaidBy {
    /// The stack file.
    File,
    /// `--expires`, or the answer to the question.
    Command,
    /// The deployed stack: it was said at an earlier deploy.
    Stack,
    /// Nothing: the stack stays until it is destroyed.
    Nothing,
}

/// The end of a stack, before its plan is carried out.
#[derive(Debug, Clone, Copy)]
pub(super) struct StackTerm {
    /// When it expires.
    pub(super) until: Option<SystemTime>,
    said_by: EndSaidBy,
    lifetime: Option<StackLifetime>,
    self_destruct: SelfDestruct,
    /// Whether it is deployed for the first time, and nothing is said of its end.
    pub(super) is_open: bool,
    /// Whether the end that was said at an earlier deploy has passed.
    pub(super) has_passed: bool,
}

impl StackTerm {
    /// What an earlier deploy said counts while it is still to come (else every deploy would change every tag), but never
    /// later than the file allows. `command` is what the command says.
    pub(super) fn of(
        loaded: &Loaded,
        desired: &DesiredState,
        actual: &ActualState,
        (command, renew): (Option<StackLifetime>, bool),
    ) -> Self {
        let now = SystemTime::now();
        let owned = actual.live.values();
        let owned: Vec<_> = owned
            .filter(|live| desired.target.owns(&live.tags))
            .collect();
        let said = owned.iter().filter_map(|live| live.tags.get(TAG_EXPIRES));
        let earlier = said
            .filter_map(|at| humantime::parse_rfc3339(at).ok())
            .min();
        let self_destruct = loaded.file.self_destruct;
        let lifetime = command.or_else(|| loaded.lifetime());
        let Some(lifetime) = lifetime else {
            return Self {
                until: earlier,
                said_by: earlier.map_or(EndSaidBy::Nothing, |_| EndSaidBy::Stack),
                lifetime: None,
                self_destruct,
                is_open: owned.is_empty() && !loaded.says_end(),
                has_passed: earlier.is_some_and(|at| at <= now),
            };
        };
        let latest = lifetime.time().map(|time| now + time);
        let counts =
            |at: &SystemTime| command.is_none() && !renew && *at > now && Some(*at) <= latest;
        Self {
            until: latest.map(|latest| earlier.filter(counts).unwrap_or(latest)),
            said_by: command.map_or(EndSaidBy::File, |_| EndSaidBy::Command),
            lifetime: Some(lifetime),
            self_destruct,
            is_open: false,
            has_passed: false,
        }
    }

    /// The end of a trail that a class shares: that of its last stack, and no earlier than was said before.
    pub(super) fn not_before(
        time: Option<SystemTime>,
        self_destruct: SelfDestruct,
        desired: &DesiredState,
        actual: &ActualState,
    ) -> Self {
        let owned = actual.live.values();
        let owned = owned.filter(|live| desired.target.owns(&live.tags));
        let said = owned.filter_map(|live| live.tags.get(TAG_EXPIRES));
        let earlier = said
            .filter_map(|at| humantime::parse_rfc3339(at).ok())
            .min();
        Self {
            until: time.map(|time| earlier.map_or(time, |earlier| earlier.max(time))),
            said_by: EndSaidBy::File,
            lifetime: None,
            self_destruct,
            is_open: false,
            has_passed: false,
        }
    }

    /// The same with this lifetime, from now.
    pub(super) fn with(self, lifetime: StackLifetime) -> Self {
        Self {
            until: lifetime.time().map(|time| SystemTime::now() + time),
            said_by: EndSaidBy::Command,
            lifetime: Some(lifetime),
            is_open: false,
            has_passed: false,
            ..self
        }
    }

    /// Marks every resource with the time.
    pub(super) fn mark(self, desired: &mut DesiredState) {
        let Some(until) = self.until else { return };
        let text = humantime::format_rfc3339_seconds(until).to_string();
        for resource in desired.resources.values_mut() {
            resource.tags.insert(TAG_EXPIRES.to_owned(), text.clone());
        }
    }

    /// When AWS deletes it.
    pub(super) fn ends(self) -> Option<SystemTime> {
        self.until
            .filter(|_| self.self_destruct == SelfDestruct::On)
    }

    /// What is told of it.
    pub(super) fn told(self) -> PlanEnd {
        let text = |at| humantime::format_rfc3339_seconds(at).to_string();
        PlanEnd {
            expires: self.until.map(text),
            self_destruct: self.self_destruct == SelfDestruct::On,
            said_by: self.said_by,
            lifetime: self.lifetime.map(StackLifetime::written),
            contents: Vec::new(),
        }
    }
}

/// Asks when a stack ends, until the answer can be understood. Nothing where the input ends.
pub(super) async fn ask(out: &Reporter<'_>, shortest: Duration) -> Option<StackLifetime> {
    loop {
        let answer = out.ask(format!("ends when? [{OFFERED}] / never")).await?;
        let answer = answer.trim();
        let answer = if answer.is_empty() { OFFERED } else { answer };
        match StackLifetime::parse(answer, shortest) {
            Ok(lifetime) => return Some(lifetime),
            Err(wrong) => out.warn(format!("{}: {}", wrong.message, wrong.help)),
        }
    }
}
