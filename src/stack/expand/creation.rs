//! What AWS takes of what exists already, and no longer of what is new.

use super::Expansion;
use crate::data::runtimes;
use crate::source::Diagnostic;
use crate::stack::Address;

impl Expansion<'_> {
    /// The day that runtimes are compared with.
    #[must_use]
    pub fn today(&self) -> &str {
        let given = self.given.today.as_deref();
        given.unwrap_or_else(|| runtimes::date())
    }

    /// Reports that AWS lets a resource be updated, but not be created: an error, unless it may exist.
    pub fn not_creatable(&mut self, address: &Address, path: &[&str], message: String, help: &str) {
        if !self.given.may_exist {
            return self.problem_at(path, message, help);
        }
        let error = Diagnostic::error(message).at(self.source, self.span(path));
        self.not_creatable.insert(address.clone(), error.help(help));
    }
}
