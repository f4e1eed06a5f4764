//! Where a stack file says what a role is allowed.

use super::{Address, Kind, Loaded};

impl Loaded {
    /// The place of the `allow` of a role, or of what the role is made for: file, line and column.
    pub(crate) fn place_of_allow(&self, role: &Address) -> Option<String> {
        let noun = role.as_str().split('.').next()?;
        let kind = Kind::ALL
            .into_iter()
            .find(|kind| kind.facts().noun == noun)?;
        let section = self.root.get(kind.section())?;
        let allow = section.get(role.key())?.entry("allow")?;
        let (line, column) = allow.key_span.line_column(&self.source);
        Some(format!("{}:{line}:{column}", self.source.name))
    }
}
