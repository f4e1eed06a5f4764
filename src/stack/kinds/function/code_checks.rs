//! Whether a function's code is what the stack file says of it.

use super::Function;
use crate::stack::code::{Package, wrong_pattern};
use crate::stack::expand::Expansion;
use crate::stack::function_code::{self, FunctionCode};

impl Function {
    /// Whether each pattern of `exclude:` can be used, and leaves something out.
    pub(super) fn check_exclude(&self, key: &str, package: Option<&Package>, out: &mut Expansion) {
        for (index, pattern) in self.exclude.iter().enumerate() {
            let at = ["functions", key, "exclude", &index.to_string()];
            if let Some((message, help)) = wrong_pattern(pattern) {
                out.problem_at(&at, message, &help);
            } else if package.is_some_and(|package| package.without_match.contains(pattern)) {
                out.warning_at(
                    &at,
                    format!("`{pattern}` matches no file of the package"),
                    "remove it, or correct it: a pattern is relative to `code`, and one without `/` is a name in any folder",
                );
            }
        }
    }

    /// Whether the package has the handler, and whether its modules can be loaded.
    pub(super) fn check_code(&self, key: &str, package: &Package, out: &mut Expansion) {
        let Some(handler) = out.resolved(&self.handler, &["functions", key, "handler"]) else {
            return;
        };
        let search_paths = ["PYTHONPATH", "NODE_PATH"];
        let found = function_code::check(&FunctionCode {
            runtime: &self.runtime,
            handler: &handler,
            code: &self.code,
            include: &self.include,
            build: self.build,
            folder: &out.folder(),
            package,
            has_search_path: search_paths
                .iter()
                .any(|name| self.environment.contains_key(*name)),
            has_node_options: self.environment.contains_key("NODE_OPTIONS"),
        });
        if let Some((message, help)) = found.handler {
            out.problem_at(&["functions", key, "handler"], message, &help);
        }
        out.diagnostics_once(found.modules);
    }
}
