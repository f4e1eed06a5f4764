//! `exclude:` of a function: files of its folder that are not packaged.

use std::cell::Cell;

use globset::{GlobBuilder, GlobMatcher};

/// The patterns of `exclude:`, which mean what they mean in `.gitignore`; the last that matches decides.
#[derive(Debug, Default)]
pub(super) struct ExcludePatterns(Vec<ExcludePattern>);

#[derive(Debug)]
struct ExcludePattern {
    written: String,
    matcher: GlobMatcher,
    /// Whether it begins with `!`: what it matches is packaged.
    is_negated: bool,
    /// Whether it ends with `/`.
    is_for_folders: bool,
    has_matched: Cell<bool>,
}

impl ExcludePatterns {
    /// Reads patterns; those that are wrong are left out.
    pub(super) fn of(patterns: &[String]) -> Self {
        Self(
            patterns
                .iter()
                .filter_map(|one| ExcludePattern::of(one).ok())
                .collect(),
        )
    }

    /// Whether a file or folder of the code is excluded; `name` is its path in the package.
    pub(super) fn excludes(&self, name: &str, is_folder: bool) -> bool {
        let mut is_excluded = false;
        for pattern in &self.0 {
            let folders = name.match_indices('/').filter_map(|(at, _)| name.get(..at));
            let is_match = pattern.matches(name, is_folder)
                || folders
                    .into_iter()
                    .any(|folder| pattern.matches(folder, true));
            if is_match {
                pattern.has_matched.set(true);
                is_excluded = !pattern.is_negated;
            }
        }
        is_excluded
    }

    /// Whether something in an excluded folder may be packaged after all. If not, the folder is not read, and what
    /// patterns would match in it is not known: those that name something in it count as matching.
    pub(super) fn is_open(&self, folder: &str) -> bool {
        if self.0.iter().any(|pattern| pattern.is_negated) {
            return true;
        }
        let within = format!("{folder}/");
        for pattern in &self.0 {
            if pattern
                .written
                .trim_start_matches(['.', '/'])
                .starts_with(&within)
            {
                pattern.has_matched.set(true);
            }
        }
        false
    }

    /// The patterns that matched nothing.
    pub(super) fn without_match(&self) -> Vec<String> {
        let unused = self.0.iter().filter(|pattern| !pattern.has_matched.get());
        unused.map(|pattern| pattern.written.clone()).collect()
    }
}

impl ExcludePattern {
    fn of(written: &str) -> Result<Self, String> {
        let (is_negated, pattern) = match written.strip_prefix('!') {
            Some(rest) => (true, rest),
            None => (false, written),
        };
        let is_for_folders = pattern.ends_with('/');
        let pattern = pattern.trim_end_matches('/');
        let pattern = pattern
            .strip_prefix("./")
            .map_or(pattern.to_owned(), |rest| format!("/{rest}"));
        // Without a slash it is a name, in whichever folder.
        let pattern = match pattern.strip_prefix('/') {
            Some(rest) => rest.to_owned(),
            None if pattern.contains('/') => pattern,
            None => format!("**/{pattern}"),
        };
        let mut builder = GlobBuilder::new(&pattern);
        let glob = builder
            .literal_separator(true)
            .empty_alternates(true)
            .build();
        Ok(Self {
            written: written.to_owned(),
            matcher: glob
                .map_err(|error| error.kind().to_string())?
                .compile_matcher(),
            is_negated,
            is_for_folders,
            has_matched: Cell::new(false),
        })
    }

    fn matches(&self, name: &str, is_folder: bool) -> bool {
        (is_folder || !self.is_for_folders) && self.matcher.is_match(name)
    }
}

/// Why a pattern cannot be used, with help; `None` if it can.
#[must_use]
pub fn wrong_pattern(pattern: &str) -> Option<(String, String)> {
    let plain = pattern.trim_start_matches('!');
    let said = |message: String, help: &str| Some((message, help.to_owned()));
    if plain.trim().is_empty() {
        return said(
            "the pattern is empty".to_owned(),
            "name files or folders of `code`: `\"*.md\"`, `tests/`",
        );
    }
    if plain.contains('\\') {
        return said(
            format!("`{pattern}` has a backslash"),
            "write `/` between folders, on Windows too",
        );
    }
    if plain.split('/').any(|part| part == "..") {
        return said(
            format!("`{pattern}` leads out of the folder of the code"),
            "patterns are relative to `code`",
        );
    }
    let error = ExcludePattern::of(pattern).err()?;
    said(
        format!("`{pattern}` is not a valid pattern: {error}"),
        "`*` is any text in a name, `**` any folders, `?` one character",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn excludes(patterns: &[&str], name: &str) -> bool {
        let patterns: Vec<String> = patterns.iter().map(|&one| one.to_owned()).collect();
        ExcludePatterns::of(&patterns).excludes(name, false)
    }

    #[test]
    fn patterns_mean_what_users_expect() {
        for (pattern, yes, no) in [
            (".env", ".env a/.env", ".env.local a.env"),
            ("*.md", "a.md docs/b.md .md", "a.md.txt"),
            (
                "tests",
                "tests tests/a.py x/tests/a.py",
                "tests.py mytests/a.py",
            ),
            ("tests/", "tests/a.py x/tests/a.py", "tests tests.py"),
            ("/tests", "tests/a.py", "x/tests/a.py"),
            ("./tests", "tests/a.py", "x/tests/a.py"),
            ("a/b", "a/b a/b/c", "x/a/b a/bc"),
            ("data/*.csv", "data/a.csv", "data/x/a.csv a.csv"),
            ("data/**/*.csv", "data/a.csv data/x/y/a.csv", "a.csv"),
            ("**/fixtures", "fixtures/a x/fixtures/a", "fixture"),
            ("docs/**", "docs/a docs/a/b", "docs.md"),
            ("*.{png,jpg}", "a.png x/a.jpg", "a.gif"),
            ("[ab].py", "a.py b.py", "c.py"),
            ("?.py", "a.py", "ab.py"),
            ("*", "a b/c", ""),
        ] {
            for name in yes.split_whitespace() {
                assert!(excludes(&[pattern], name), "{pattern} {name}");
            }
            for name in no.split_whitespace() {
                assert!(!excludes(&[pattern], name), "{pattern} {name}");
            }
        }
    }

    #[test]
    fn the_last_match_decides() {
        assert!(!excludes(&["**", "!app.py"], "app.py"));
        assert!(excludes(&["**", "!app.py"], "other.py"));
        assert!(!excludes(&["data", "!data/keep.csv"], "data/keep.csv"));
        assert!(excludes(&["!app.py", "*.py"], "app.py"));
    }

    #[test]
    fn a_pattern_without_a_match_is_known() {
        let patterns = ["*.md", "nothing", "tests", "tests/deep.txt"].map(str::to_owned);
        let patterns = ExcludePatterns::of(&patterns);
        assert!(patterns.excludes("a.md", false) && patterns.excludes("tests", true));
        assert!(!patterns.is_open("tests"));
        assert_eq!(patterns.without_match(), ["nothing"]);
    }

    #[test]
    fn patterns_that_cannot_be_used_are_named() {
        for pattern in ["", " ", "!", "a[", "tests\\*", "../x", "a/../b", "{a"] {
            assert!(wrong_pattern(pattern).is_some(), "{pattern}");
        }
        for pattern in ["*.md", "!a", "a/**", "[!a].py", "..a"] {
            assert_eq!(wrong_pattern(pattern), None, "{pattern}");
        }
    }
}
