//! Whether what a check does can start the execution that it waits for.

use std::path::Path;

use serde_json::Value;

use super::validate::CheckValidation;
use crate::stack::event_pattern::PossibleEvent;
use crate::stack::object_keys::{KeyFilter, buckets};
use crate::stack::{Address, Kind, Resource};

impl CheckValidation<'_, '_, '_> {
    /// The rules that start a machine. Where there is none, a function may start it.
    fn rules_of(&self, machine: &str) -> Vec<&Resource> {
        let machine = self
            .out
            .resource(&Address::new(Kind::StateMachine, machine));
        let arn = machine.map_or("", |machine| machine.arn.as_str());
        let starts = |rule: &Resource| {
            let targets = rule.spec["targets"].as_array().into_iter().flatten();
            targets.map(|target| &target["arn"]).any(|one| one == arn)
        };
        let added = self.out.added();
        added
            .filter(|one| one.kind == Kind::Rule && !arn.is_empty() && starts(one))
            .collect()
    }

    pub(super) fn reach(&mut self, machine: Option<&str>) {
        let Some(machine) = machine.filter(|_| self.check.needs().execution) else {
            return;
        };
        if self.check.put.is_some() {
            self.object(machine);
        }
        if self.check.event.is_some() {
            self.event(machine);
        }
    }

    /// The rules for objects of the bucket have to match the key.
    fn object(&mut self, machine: &str) {
        let check = self.check;
        let mut keys = self.out.file.buckets.keys();
        let bucket = check.bucket.as_ref().or_else(|| keys.next());
        let bucket = bucket.and_then(|key| self.out.resource(&Address::new(Kind::Bucket, key)));
        let Some(bucket) = bucket.map(|bucket| bucket.name.as_str()) else {
            return;
        };
        let rules = self.rules_of(machine).into_iter();
        let rules = rules.filter(|rule| buckets(&rule.spec["pattern"]).contains(&bucket));
        let filters: Vec<(String, KeyFilter)> = rules
            .map(|rule| {
                let filter = KeyFilter::of(&rule.spec["pattern"]);
                (rule.address.key().to_owned(), filter)
            })
            .collect();
        let file = check.put.as_deref().map(Path::new);
        let name = file.and_then(Path::file_name).unwrap_or_default();
        let name = name.to_string_lossy();
        let is_matched = filters.iter().any(|(_, filter)| match &check.key {
            Some(key) => filter.matches(key),
            None => filter.key_for(&name).is_some(),
        });
        let Some((rule, filter)) = filters.first().filter(|_| !is_matched) else {
            return;
        };
        let (place, given) = match &check.key {
            Some(key) => ("key", key.as_str()),
            None => ("put", &*name),
        };
        if given.contains("${") {
            return;
        }
        let what = format!(
            "the rule `{rule}` matches keys like {}, not {given}: nothing starts",
            filter.in_words()
        );
        let help = "put another file, give it a `key` that matches, or change the rule";
        self.wrong(&[place], what, help);
    }

    /// A rule has to match the event.
    fn event(&mut self, machine: &str) {
        let Some(event) = &self.check.event else {
            return;
        };
        let mut possible = PossibleEvent::custom();
        for (path, text) in [
            ("source", &event.source),
            ("detail-type", &event.detail_type),
        ] {
            if !text.contains("${") {
                possible = possible.with_text(path, text);
            }
        }
        let detail = Value::Object(event.detail.clone());
        if !detail.to_string().contains("${") {
            possible = possible.with_constants("detail", &detail);
        }
        let rules = self.rules_of(machine);
        let matches = |rule: &&Resource| possible.may_match(&rule.spec["pattern"]);
        if rules.is_empty() || rules.iter().any(matches) {
            return;
        }
        let keys: Vec<String> = rules
            .iter()
            .map(|rule| format!("`{}`", rule.address.key()))
            .collect();
        let what = format!(
            "no rule that starts `{machine}` matches this event: there is {}",
            keys.join(", ")
        );
        let help = "write the event as the rule's `pattern` has it, or change the rule";
        self.wrong_key(&["event"], what, help);
    }
}
