//! The names that a machine substitutes in its definition, and what to write instead of a name that it does not.

use super::ReferenceChecker;
use crate::source::Node;
use crate::stack::suggest::suggestion;

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
