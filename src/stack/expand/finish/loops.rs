//! Loops: what a rule starts may lead to an event that the rule matches again, or a machine to its own start.

mod advice;
mod avoidable;
mod emitted;
mod graph;
mod listening;
mod permitted;

use std::collections::BTreeSet;

use serde_json::Value;

use crate::stack::expand::Expansion;
use crate::stack::{Address, Kind};
use emitted::EventCause;
use graph::{Link, LinkKind, circle, members};

impl Expansion<'_> {
    /// Warns of each circle of rules, and of what calls itself without an end. What is wrong in one of them is told
    /// first: its filter may be what keeps the events out.
    pub(super) fn check_loops(&mut self) {
        let links = self.links();
        let mut told: BTreeSet<BTreeSet<Address>> = BTreeSet::new();
        let rules = links.keys().filter(|one| is_of(one, Kind::Rule));
        let found: Vec<Vec<&Link>> = rules
            .filter_map(|rule| circle(&links, rule, |_| true))
            .filter(|found| !found.iter().any(|link| self.is_faulty(&link.to)))
            .filter(|found| told.insert(members(found)))
            .collect();
        let calling: Vec<Vec<&Link>> = links
            .keys()
            .filter_map(|one| circle(&links, one, |link| link.kind == LinkKind::Named))
            .filter(|found| !found.iter().any(|link| self.is_faulty(&link.to)))
            .filter(|found| !self.may_end(found) && told.insert(members(found)))
            .collect();
        for circle in found {
            self.warn_of_rules(&circle);
        }
        for circle in calling {
            self.warn_of_calls(&circle);
        }
    }

    /// Whether a machine of a circle may choose not to go on.
    fn may_end(&self, circle: &[&Link]) -> bool {
        let nexts = circle.iter().cycle().skip(1);
        let steps = circle.iter().zip(nexts).filter_map(|(link, next)| {
            let machine = self.resources.get(&link.to)?;
            Some((machine, self.resources.get(&next.to)?))
        });
        let mut steps = steps.filter(|(machine, _)| machine.kind == Kind::StateMachine);
        steps.any(|(machine, called)| avoidable::may_avoid(machine, called))
    }

    /// The last link of the circle leads back to the rule.
    fn warn_of_rules(&mut self, circle: &[&Link]) {
        let Some((last, earlier)) = circle.split_last() else {
            return;
        };
        let LinkKind::Event(cause) = &last.kind else {
            return;
        };
        let rule = &last.to;
        let by = earlier.last().map_or("", |link| link.to.key());
        let mut chain = vec![event(cause, by), named(rule)];
        for (index, link) in earlier.iter().enumerate() {
            if let LinkKind::Event(cause) = &link.kind {
                let by = index.checked_sub(1).map_or("", |at| earlier[at].to.key());
                chain.push(event(cause, by));
            }
            chain.push(named(&link.to));
        }
        chain.push(event(cause, by));
        let given = self.file.rules.get(rule.key());
        let message = format!(
            "a loop is possible: {}{}",
            chain.join(" -> "),
            advice::why(cause, by, given)
        );
        let pattern = self.resources.get(rule).map(|one| &one.spec["pattern"]);
        let pattern = pattern.unwrap_or(&Value::Null);
        let by_function = earlier
            .last()
            .is_some_and(|link| is_of(&link.to, Kind::Function));
        let mut help = advice::help(cause, (by, by_function), given, pattern);
        // Whatever the loop does then, executions of standard machines are counted.
        let is_counted = |link: &&Link| {
            let machine = self.resources.get(&link.to);
            machine
                .is_some_and(|one| one.kind == Kind::StateMachine && one.spec["type"] == "standard")
        };
        if self.file.limits.is_none() && circle.iter().any(is_counted) {
            help += "; where it is meant, let `limits: { runs: 100 }` end it";
        }
        let fields = ["put_object_in", "pattern"].into_iter();
        let mut fields = fields.filter(|field| self.node(&["rules", rule.key(), field]).is_some());
        let field = fields.next().unwrap_or("start");
        self.warning_at(&["rules", rule.key(), field], message, &help);
    }

    fn warn_of_calls(&mut self, circle: &[&Link]) {
        let Some(last) = circle.last() else {
            return;
        };
        let steps = circle.iter().map(|link| named(&link.to));
        let chain: Vec<String> = std::iter::once(named(&last.to)).chain(steps).collect();
        let (section, key) = match self.written.get(last.to.key()) {
            Some((kind, entry)) => (kind.section(), entry.key.as_str()),
            None => return,
        };
        let field = ["definition", "allow", "subscriptions"].into_iter();
        let mut field = field.filter(|field| self.node(&[section, key, field]).is_some());
        let field = field.next().unwrap_or("name");
        let help = if is_of(&last.to, Kind::StateMachine) {
            "let a Choice state decide whether it is started again"
        } else {
            "see that the code ends it, or send to another one"
        };
        self.warning_at(
            &[section, key, field],
            format!("a loop is possible: {}", chain.join(" -> ")),
            help,
        );
    }
}

fn is_of(address: &Address, kind: Kind) -> bool {
    address.as_str().split('.').next() == Some(kind.facts().noun)
}

/// A resource in words: "state machine `m`".
fn named(address: &Address) -> String {
    let noun = address.as_str().split('.').next().unwrap_or_default();
    format!("{} `{}`", noun.replace('_', " "), address.key())
}

/// What an event is about, in words.
fn event(cause: &EventCause, by: &str) -> String {
    match cause {
        EventCause::Object { bucket, .. } => named(bucket),
        EventCause::Put {
            source: Some(source),
            ..
        } => format!("event of `{source}`"),
        EventCause::Put { .. } => "event".to_owned(),
        EventCause::Status => format!("status of `{by}`"),
    }
}
