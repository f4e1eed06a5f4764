//! The names that a machine substitutes in its definition, and what to write instead of a name that it does not.

use super::ReferenceChecker;
use crate::source::{Diagnostic, Node};
use crate::stack::suggest::suggestion;
use crate::stack::validate_names::is_key;

impl ReferenceChecker<'_> {
    /// The names that a machine substitutes, also by what is wrong: as a list, under another key, without a text.
    pub(super) fn written_substitutions(&self, machine: &str) -> Vec<&str> {
        let entry = self.written.get(machine).map(|(_, entry)| *entry);
        let fields = entry.into_iter().flat_map(|one| one.value.entries());
        let fields = fields.filter(|field| {
            let key = field.key.to_lowercase().replace(['_', '-'], "");
            key.ends_with("substitutions")
        });
        let all = fields.flat_map(|field| {
            let items = field.value.items();
            let of_items = items.iter().flat_map(Node::entries);
            let entries = field.value.entries().iter().chain(of_items);
            let texts = items.iter().filter_map(Node::as_str);
            let texts = texts.filter_map(|text| text.split(['=', ':']).next());
            entries.map(|one| one.key.as_str()).chain(texts)
        });
        all.collect()
    }

    /// A reference to nothing in a definition that is a part of a text may be meant as text, which has an escape.
    pub(super) fn name_escape(&self, mut one: Diagnostic, text: &str, path: &str) -> Diagnostic {
        let is_name = |c: char| c.is_alphanumeric() || ".:_-".contains(c);
        let is_part = !text.starts_with("${") || !text.ends_with('}');
        let is_arn = text.starts_with("arn:");
        if self.substitutable.is_none() || !one.message.ends_with("refers to nothing in this stack")
        {
            return one;
        }
        if !path.chars().all(is_name) {
            one.help = Some("for the text itself, write two dollars: `$${`".to_owned());
        } else if is_part && !is_arn && is_key(path) {
            let help = one.help.unwrap_or_default();
            one.help = Some(format!("{help}; for the text itself, write `$${{{path}}}`"));
        }
        one
    }

    /// Help for a reference that is meant for one of the names.
    pub(super) fn substituted_help(&self, path: &str) -> Option<String> {
        if let Some((name, _)) = path.split_once('.')
            && self.substituted.contains(&name)
        {
            return Some(format!(
                "write `${{{name}}}`: a substitution has no attributes"
            ));
        }
        let near = suggestion(path, self.substituted).filter(|near| *near != path)?;
        Some(format!("did you mean `${{{near}}}`?"))
    }
}
