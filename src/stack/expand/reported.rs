//! What was reported already, so that what follows from it is not reported too.

use super::Expansion;
use crate::source::{Node, Severity, Span};
use crate::stack::{Address, DefinitionUse};

impl Expansion<'_> {
    /// Whether an error was reported of what is written of a resource, so that little is known of what it does.
    pub(super) fn is_faulty(&self, of: &Address) -> bool {
        let Some((_, entry)) = self.written.get(of.key()) else {
            return false;
        };
        let own = self.diagnostics.errors_in(self.source);
        let errors: Vec<Span> = own.chain(self.faults.iter().copied()).collect();
        is_within(&entry.value, &errors)
    }

    /// Whether something is wrong with a state of a definition, or anything was reported of the `Resource` of it.
    #[must_use]
    pub fn is_reported(&self, of: DefinitionUse, state: &str) -> bool {
        let Some(Ok((definition, _))) = self.files.definition(of) else {
            return true;
        };
        let model = definition.model();
        let mut states = model.all_states().into_iter();
        let Some(state) = states.find(|one| one.name.text == state) else {
            return false;
        };
        let whole = state.json.span;
        let resource = state.json.get("Resource").map(|node| node.span);
        let is_within = |span: Span| whole.start <= span.start && span.end <= whole.end;
        self.diagnostics.0.iter().any(|one| {
            one.place.as_ref().is_some_and(|place| {
                place.source.name == definition.source.name
                    && if one.severity == Severity::Error {
                        is_within(place.span)
                    } else {
                        Some(place.span) == resource
                    }
            })
        })
    }
}

/// Whether one of the places is in a value. The span of a mapping of YAML is where it begins.
fn is_within(node: &Node, places: &[Span]) -> bool {
    let is_in = |span: Span| {
        let mut places = places.iter();
        places.any(|place| span.start <= place.start && place.end <= span.end)
    };
    let mut entries = node.entries().iter();
    is_in(node.span)
        || entries.any(|entry| is_in(entry.key_span) || is_within(&entry.value, places))
        || node.items().iter().any(|item| is_within(item, places))
}
