//! What is wrong with what a check expects.

use regex::Regex;
use serde_json::Value;

use super::ExpectedStatus;
use super::validate::CheckValidation;
use crate::asl;
use crate::stack::Kind;
use crate::stack::suggest::did_you_mean;

/// What a condition may read.
const VARIABLES: [&str; 4] = ["output", "item", "message", "history"];

impl CheckValidation<'_, '_, '_> {
    pub(super) fn states(&mut self, machine: Option<&str>) {
        let expect = &self.check.expect;
        for (index, state) in expect.not_visits.iter().enumerate() {
            if expect.visits.contains(state) {
                let index = index.to_string();
                self.wrong(
                    &["expect", "not_visits", &index],
                    format!("`{state}` is in `visits`, too"),
                    "remove one of them",
                );
            }
        }
        let Some(known) = machine.and_then(|key| self.out.states_of(key)) else {
            return;
        };
        let known: Vec<&str> = known.iter().map(String::as_str).collect();
        let key = machine.unwrap_or_default();
        self.certain_states(key);
        for (field, states) in [
            ("visits", &expect.visits),
            ("not_visits", &expect.not_visits),
        ] {
            for (index, state) in states.iter().enumerate() {
                if !known.contains(&state.as_str()) {
                    let index = index.to_string();
                    let what = format!("the state machine `{key}` has no state `{state}`");
                    self.wrong(
                        &["expect", field, &index],
                        what,
                        &did_you_mean(state, &known),
                    );
                }
            }
        }
    }

    /// What no execution can do: leave out the first state, or succeed with a Fail state.
    fn certain_states(&mut self, machine: &str) {
        let expect = &self.check.expect;
        let Some(certain) = self.out.certain_states(machine) else {
            return;
        };
        let first = expect.not_visits.iter().position(|state| {
            Some(state) == certain.first.as_ref() && !expect.visits.contains(state)
        });
        if let Some(index) = first {
            let what = format!(
                "every execution enters `{}`: it starts there",
                expect.not_visits[index]
            );
            self.wrong(
                &["expect", "not_visits", &index.to_string()],
                what,
                "remove it",
            );
        }
        let succeeds = expect.fails.is_none()
            && expect
                .status
                .is_none_or(|status| status == ExpectedStatus::Succeeded);
        let fails = expect
            .visits
            .iter()
            .position(|state| certain.failing.contains(state));
        if let Some(index) = fails.filter(|_| succeeds) {
            let what = format!(
                "an execution that enters the Fail state `{}` does not succeed",
                expect.visits[index]
            );
            let help = "write `status: FAILED`, or `fails:` with the name of the error";
            self.wrong(&["expect", "visits", &index.to_string()], what, help);
        }
    }

    pub(super) fn item_and_message(&mut self) {
        let (name, expect) = (self.name, &self.check.expect);
        if let Some(item) = &expect.item {
            let place = ["checks", name, "expect", "item", "table"];
            self.out.key_of(Kind::Table, &item.table, &place);
            if item.fields.is_empty() {
                let help =
                    "write fields that the item has, such as `where: { contentType: image/jpeg }`";
                self.wrong_key(&["expect", "item", "where"], "any item would do", help);
            }
            for (field, value) in &item.fields {
                self.field(&["expect", "item", "where", field], value);
            }
        }
        if let Some(message) = &expect.message {
            let place = ["checks", name, "expect", "message", "queue"];
            self.out.key_of(Kind::Queue, &message.queue, &place);
            for (field, value) in &message.fields {
                self.field(&["expect", "message", "where", field], value);
            }
        }
    }

    /// The value of a field may be `JSONata` of what the execution gave.
    pub(super) fn field(&mut self, path: &[&str], value: &Value) {
        let Some(text) = value.as_str() else {
            return;
        };
        if !asl::is_expression(text) {
            let trimmed = text.trim();
            if trimmed.starts_with("{%") || trimmed.ends_with("%}") {
                let what = "JSONata begins with `{%` and ends with `%}`";
                self.wrong(path, what, "write both, like \"{% $output.id %}\"");
            }
            return;
        }
        for fault in asl::condition_faults(text, &["output", "history"]) {
            self.wrong(path, fault.message, &fault.help);
        }
    }

    pub(super) fn conditions(&mut self) {
        let expect = &self.check.expect;
        let Some(that) = &expect.that else {
            return;
        };
        for (index, text) in that.iter() {
            let index = index.map(|index| index.to_string());
            let mut path = vec!["expect", "that"];
            path.extend(index.as_deref());
            let faults = asl::condition_faults(text, &VARIABLES);
            if !faults.is_empty() {
                for fault in faults {
                    self.wrong(&path, fault.message, &fault.help);
                }
                continue;
            }
            if asl::is_constant(text) {
                let what = "the condition reads nothing: it is always the same";
                let help = "compare what came, like \"{% $output.status = 'DONE' %}\"";
                self.wrong(&path, what, help);
                continue;
            }
            for (variable, is_known, key) in [
                ("$item", expect.item.is_some(), "item"),
                ("$message", expect.message.is_some(), "message"),
            ] {
                if !is_known && text.contains(variable) {
                    let what = format!("`{variable}` has no value: the check expects no `{key}`");
                    self.wrong(&path, what, &format!("add `{key}:` beside `that`"));
                }
            }
        }
    }

    pub(super) fn log(&mut self) {
        let Some(pattern) = &self.check.expect.log else {
            return;
        };
        if self.out.file.functions.is_empty() {
            let what = "the stack has no function that logs";
            self.wrong_key(
                &["expect", "log"],
                what,
                "remove `log`, or add the function",
            );
            return;
        }
        if let Err(error) = Regex::new(pattern) {
            let why = error.to_string();
            let why = why
                .lines()
                .last()
                .unwrap_or_default()
                .trim_start_matches("error: ")
                .to_owned();
            let what = format!("`{pattern}` is not a regular expression: {why}");
            self.wrong(
                &["expect", "log"],
                what,
                "`\\` before a sign takes it as it is: write `\\(` for a parenthesis, in single quotes",
            );
        }
    }
}
