//! Which lines belong to an execution.

use std::collections::BTreeMap;

use crate::aws::invocations::Invocations;
use crate::aws::logs::Line;
use crate::ops::LogSource;
use crate::plan::Owned;
use crate::stack::Kind;

/// By so much the clocks of Step Functions and Lambda may differ, in milliseconds.
const CLOCKS_DIFFER: i64 = 1_000;

/// Which lines belong to an execution.
pub(super) struct Chosen {
    invocations: Invocations,
    /// The function that logs to each source, by its name; nothing where no function does.
    functions: Vec<Option<String>>,
    /// What each stream is working on.
    working_on: BTreeMap<(usize, String), RequestAtWork>,
}

/// A request that a function works on.
struct RequestAtWork {
    id: String,
    /// Whether it began in the time of a call whose request is not known.
    in_time: bool,
}

impl Chosen {
    pub(super) fn new(
        invocations: Invocations,
        sources: &[LogSource],
        resources: &[Owned],
    ) -> Self {
        let function = |source: &LogSource| {
            let mut functions = resources.iter().filter(|one| one.kind == Kind::Function);
            let function = functions.find(|one| one.address.key() == source.key);
            let function = function.filter(|_| source.kind == Kind::Function);
            function.map(|one| one.name.clone())
        };
        Self {
            functions: sources.iter().map(function).collect(),
            invocations,
            working_on: BTreeMap::new(),
        }
    }

    /// Whether a line of the source with this number belongs to it.
    pub(super) fn has(&mut self, number: usize, line: &Line) -> bool {
        let in_time = self.in_time(number, line.at);
        // A stream is one copy of a function, which works on one request at a time.
        let stream = (number, line.stream.clone());
        if let Some(rest) = line.message.strip_prefix("START RequestId: ") {
            let id = rest.split_whitespace().next().unwrap_or_default();
            let id = id.to_owned();
            self.working_on
                .insert(stream.clone(), RequestAtWork { id, in_time });
        }
        let ids = &self.invocations.ids;
        let working_on = self.working_on.get(&stream);
        if working_on.is_some_and(|request| ids.contains(&request.id))
            || ids.iter().any(|id| line.message.contains(id.as_str()))
        {
            return true;
        }
        working_on.map_or(in_time, |request| request.in_time)
    }

    /// Whether what a source logs then may be of a call whose request is not known. What is no function logs of them all.
    fn in_time(&self, number: usize, at: i64) -> bool {
        let mut calls = self.invocations.unnamed.iter();
        match self.functions.get(number).and_then(Option::as_ref) {
            Some(function) => calls.any(|call| call.covers(function, at, CLOCKS_DIFFER)),
            None => !self.invocations.unnamed.is_empty(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::invocations::UnnamedCall;
    use crate::stack::{Address, Tags};

    #[test]
    fn lines_of_a_call_without_a_request_id_are_those_of_its_function_in_its_time() {
        let source = |key: &str, kind| LogSource {
            group: format!("/aws/lambda/lab-{key}"),
            kind,
            key: key.to_owned(),
        };
        let function = |key: &str| Owned {
            address: Address::new(Kind::Function, key),
            kind: Kind::Function,
            name: format!("lab-{key}"),
            tags: Tags::new(),
        };
        let invocations = Invocations {
            ids: ["known".to_owned()].into(),
            unnamed: vec![UnnamedCall {
                function: Some("lab-one".to_owned()),
                from: 10_000,
                until: Some(20_000),
            }],
        };
        let sources = [
            source("one", Kind::Function),
            source("two", Kind::Function),
            source("main", Kind::StateMachine),
        ];
        let mut chosen = Chosen::new(invocations, &sources, &[function("one"), function("two")]);
        for (number, stream, at, message, belongs) in [
            (0, "a", 5_000, "START RequestId: earlier Version: 1", false),
            // It works on what began before.
            (0, "a", 12_000, "a line of the earlier call", false),
            (0, "a", 12_500, "START RequestId: x Version: 1", true),
            (0, "a", 12_600, "a line", true),
            (0, "b", 13_000, "a stream whose begin is not seen", true),
            (0, "b", 25_000, "later", false),
            (0, "c", 19_900, "START RequestId: y Version: 1", true),
            (0, "c", 25_000, "what it still logs", true),
            (1, "d", 12_000, "another function", false),
            (1, "d", 12_000, "START RequestId: known Version: 1", true),
            (1, "d", 40_000, "a line of it", true),
            (2, "e", 12_000, "a state machine's", true),
        ] {
            let line = Line {
                at,
                stream: stream.to_owned(),
                message: message.to_owned(),
            };
            assert_eq!(chosen.has(number, &line), belongs, "{message}");
        }
    }
}
