//! Which resource a name in a definition means that SAM's `DefinitionSubstitutions` would give a value.

use super::Kind;
use super::suggest::{suggestion, words};

/// Kinds by the last words of a name, by the field of a definition that takes them, and the attribute it takes.
#[rustfmt::skip]
const PLACES: &[(Kind, &[&str], &[&str], &str)] = &[
    (Kind::Function, &["fn", "function", "lambda", "func"], &["FunctionName", "Resource"], "arn"),
    (Kind::StateMachine, &["machine", "workflow"], &["StateMachineArn"], "arn"),
    (Kind::Table, &["table"], &["TableName"], "name"),
    (Kind::Bucket, &["bucket"], &["Bucket"], "name"),
    (Kind::Queue, &["queue"], &["QueueUrl"], "url"),
    (Kind::Topic, &["topic"], &["TopicArn"], "arn"),
    (Kind::Connection, &["connection"], &["ConnectionArn"], "arn"),
];

/// A resource, and the attribute of it that fits where the name is.
#[derive(Debug, PartialEq, Eq)]
pub struct SubstitutedResource<'k> {
    /// Its key; `KEY` where none is meant.
    pub key: &'k str,
    attribute: &'static str,
}

impl<'k> SubstitutedResource<'k> {
    /// The resource that a name in a field of a definition means. What the name ends in goes before the field.
    pub fn of(name: &str, field: &str, resources: impl Iterator<Item = (&'k str, Kind)>) -> Self {
        let words = words(name);
        let is_kind = |word: &String| {
            PLACES
                .iter()
                .any(|(_, last, ..)| last.contains(&word.as_str()))
        };
        let by_name = PLACES
            .iter()
            .find(|(_, last, ..)| words.iter().any(|word| last.contains(&word.as_str())));
        let field = field.trim_end_matches(".$");
        let by_field = PLACES
            .iter()
            .find(|(_, _, fields, _)| fields.contains(&field));
        let kind = by_name.or(by_field).map(|(kind, ..)| *kind);
        let fits = |of: Kind| kind.is_none_or(|kind| kind == of);
        let mut keys: Vec<&str> = resources
            .filter(|(_, of)| fits(*of))
            .map(|(key, _)| key)
            .collect();
        keys.sort_unstable();
        let bare: Vec<String> = words
            .iter()
            .filter(|word| !is_kind(word))
            .cloned()
            .collect();
        let plain = |text: &str| text.to_lowercase().replace(['-', '_'], "");
        let whole = plain(name);
        let within = keys.iter().filter(|key| whole.contains(&plain(key)));
        let key = within.max_by_key(|key| key.len()).copied();
        let key = key
            .or_else(|| suggestion(name, &keys))
            .or_else(|| suggestion(&bare.concat(), &keys))
            .or_else(|| kind.and(keys.first().copied()).filter(|_| keys.len() == 1));
        Self {
            key: key.unwrap_or("KEY"),
            attribute: by_field
                .or(by_name)
                .map_or("arn", |(.., attribute)| attribute),
        }
    }

    /// Help for the name; `attributes` are those that the resource has.
    pub fn help(&self, name: &str, machine: &str, attributes: &[&str]) -> String {
        let key = self.key;
        let has = attributes.is_empty() || attributes.contains(&self.attribute);
        let attribute = if has { self.attribute } else { "arn" };
        format!(
            "write the resource itself, `${{{key}.{attribute}}}`; or give the name a value on the machine `{machine}`: \
             substitutions: {{ {name}: \"${{{key}.{attribute}}}\" }}"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_means_the_resource_that_fits_its_place() {
        let resources = [
            ("check", Kind::Function),
            ("notify", Kind::Function),
            ("validated", Kind::Table),
            ("orders", Kind::Table),
            ("work", Kind::Queue),
        ];
        for (name, field, key, attribute) in [
            ("ValidateFn", "Resource", "KEY", "arn"),
            ("CheckFn", "Resource", "check", "arn"),
            ("ChekFunction", "FunctionName", "check", "arn"),
            ("Validated", "TableName", "validated", "name"),
            ("ValidateTable", "TableName", "validated", "name"),
            ("DDBTable", "TableName", "KEY", "name"),
            ("JobQueue", "QueueUrl", "work", "url"),
            ("OrdersTable", "FunctionName", "orders", "arn"),
            ("Notify", "Payload", "notify", "arn"),
        ] {
            let found = SubstitutedResource::of(name, field, resources.into_iter());
            assert_eq!((found.key, found.attribute), (key, attribute), "{name}");
        }
        let only = || [("check", Kind::Function), ("validated", Kind::Table)].into_iter();
        let found = SubstitutedResource::of("ValidateFn", "Resource", only());
        assert_eq!(found.key, "check");
    }
}
