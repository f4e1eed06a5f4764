//! The warnings about secrets in a package.

use std::path::Path;

use super::{Package, PackageSource, path_in_package};
use crate::stack::boundary;

impl Package {
    /// The warnings about secrets, each with help.
    #[must_use]
    pub fn secrets_warnings(&self, source: &PackageSource) -> Vec<(String, String)> {
        let by_name = self.named_secrets(source);
        by_name
            .into_iter()
            .chain(self.revealed_secrets(source))
            .collect()
    }

    /// The warning about files whose names say that they have secrets.
    fn named_secrets(&self, source: &PackageSource) -> Option<(String, String)> {
        let listed = |names: &[String]| {
            let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
            names.join(", ")
        };
        if let Some(first) = self.left_out.first() {
            let named = boundary::include_help(&source.path_of(first));
            return Some((
                format!(
                    "left out of the package, as it usually contains secrets: {}",
                    listed(&self.left_out)
                ),
                format!(
                    "to silence this, add to the function {}; if the function needs such a file, name it: {named}",
                    exclude_help(self.left_out.iter())
                ),
            ));
        }
        (self.is_not_included && !self.secrets.is_empty()).then(|| {
            let named = boundary::include_help(&source.code);
            (
                format!(
                    "the package has what usually contains secrets: {}",
                    listed(&self.secrets)
                ),
                format!("make it without; if the function needs it, name the package: {named}"),
            )
        })
    }

    /// The warning about files whose content has secrets.
    fn revealed_secrets(&self, source: &PackageSource) -> Option<(String, String)> {
        let first = self.revealed.first()?;
        let found = self.revealed.iter();
        let found: Vec<String> = found
            .map(|one| format!("`{}` has {}", one.file, one.what))
            .collect();
        let message = format!(
            "the package has what looks like a secret: {}",
            found.join(", ")
        );
        if self.is_not_included {
            let named = boundary::include_help(&source.code);
            return Some((
                message,
                format!("make it without; if the function needs it, name the package: {named}"),
            ));
        }
        let named = boundary::include_help(&source.path_of(&first.file));
        let excluded = exclude_help(self.revealed.iter().map(|one| &one.file));
        Some((
            message,
            format!(
                "take it out of the file, or leave the file out: add to the function {excluded}; if the function needs \
                 it there, name the file: {named}"
            ),
        ))
    }
}

impl PackageSource {
    /// The path of a file of the package, relative to the stack file.
    fn path_of(&self, name: &str) -> String {
        let top = name.split('/').next().unwrap_or_default();
        let beside = self.include.iter().find(|path| {
            let last = Path::new(path.as_str()).file_name();
            last.is_some_and(|last| last == top)
        });
        match beside {
            Some(path) => {
                let path = path.trim_end_matches('/');
                format!("{path}{}", name.get(top.len()..).unwrap_or_default())
            }
            None => path_in_package(&self.code, name),
        }
    }
}

/// The `exclude:` of files.
fn exclude_help<'n>(names: impl Iterator<Item = &'n String>) -> String {
    let names: Vec<String> = names.map(|name| boundary::in_yaml(name)).collect();
    format!("`exclude: [{}]`", names.join(", "))
}
