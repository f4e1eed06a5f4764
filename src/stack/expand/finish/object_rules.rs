//! Rules on objects that no object can match.

use crate::source::{Diagnostic, Value};
use crate::stack::expand::Expansion;
use crate::stack::{Kind, resolve};

/// The maximum length of a key in bytes
/// (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html>).
const MAX_KEY_BYTES: usize = 1024;

impl Expansion<'_> {
    /// Reports filters of keys that no key matches, and patterns on buckets that send no events.
    pub(super) fn check_object_rules(&mut self) {
        for (key, rule) in &self.file.rules {
            let mut total = 0;
            for (field, text) in [("prefix", &rule.prefix), ("suffix", &rule.suffix)] {
                let text = text
                    .as_ref()
                    .filter(|text| resolve::is_resolved(text, &self.resolved));
                let Some(text) = text.map(|text| self.resolved.replace(text)) else {
                    continue;
                };
                total += text.len();
                self.check_key_part(&["rules", key, field], field, &text, total);
            }
            self.check_senders(key);
        }
    }

    fn check_key_part(&mut self, at: &[&str], field: &str, text: &str, total: usize) {
        if text.len() > MAX_KEY_BYTES {
            let message = format!("the `{field}` has {} bytes", text.len());
            self.problem_at(at, message, "a key of an object has up to 1,024 bytes");
        } else if total > MAX_KEY_BYTES {
            let message = format!("`prefix` and `suffix` together have {total} bytes");
            self.problem_at(at, message, "a key of an object has up to 1,024 bytes");
        } else if let Some(c) = text.chars().find(|c| ['*', '?'].contains(c)) {
            let message = format!("`{c}` in `{field}` is no wildcard: keys must have it too");
            self.warning_at(at, message, &without_wildcards(field, text));
        } else if field == "prefix" && (text.starts_with('/') || text.contains("://")) {
            let rest = text.split_once("://").map_or(text, |(_, rest)| {
                rest.split_once('/').map_or("", |(_, key)| key)
            });
            let rest = rest.trim_start_matches('/');
            let help = if rest.is_empty() {
                "leave it out: every key matches".to_owned()
            } else {
                format!("write `prefix: {rest}`")
            };
            let why = if text.contains("://") {
                "a URI"
            } else {
                "a slash"
            };
            let message =
                format!("keys of objects do not begin with {why}, so the rule may never match");
            self.warning_at(at, message, &help);
        }
    }

    /// A rule hears of objects by S3 only where the bucket sends its events.
    fn check_senders(&mut self, key: &str) {
        let Some(names) = self.node(&["rules", key, "pattern", "detail", "bucket", "name"]) else {
            return;
        };
        for item in names.items() {
            let Value::String(text) = &item.value else {
                continue;
            };
            let Some(bucket) = text
                .strip_prefix("${")
                .and_then(|text| text.strip_suffix(".name}"))
            else {
                continue;
            };
            let silent = self.resources.values().any(|one| {
                one.kind == Kind::Bucket
                    && one.address.of_owner().is_none()
                    && one.address.key() == bucket
                    && one.spec["events"] == false
            });
            if silent {
                let warning =
                    format!("S3 sends no events of `{bucket}`, so the rule never matches");
                let help = format!("add `events: true` to `{bucket}`");
                let found = Diagnostic::warning(warning);
                self.diagnostics
                    .push(found.at(self.source, item.span).help(help));
            }
        }
    }
}

/// The fields that say what a text with wildcards means.
fn without_wildcards(field: &str, text: &str) -> String {
    let (beginning, end) = match text.split_once('*') {
        Some((beginning, end)) if !end.contains('*') && !text.contains('?') => (beginning, end),
        _ => {
            return format!(
                "write the literal {} of the keys",
                if field == "prefix" {
                    "beginning"
                } else {
                    "end"
                }
            );
        }
    };
    let fields = [("prefix", beginning), ("suffix", end)].into_iter();
    let fields = fields.filter(|(_, text)| !text.is_empty());
    let fields: Vec<String> = fields
        .map(|(name, text)| format!("`{name}: {text}`"))
        .collect();
    if fields.is_empty() {
        return "leave it out: every key matches".to_owned();
    }
    format!("write {} instead", fields.join(" and "))
}
