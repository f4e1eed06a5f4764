//! Masks secrets written into a stack file, which diagnostics would show with their lines; and finds secret
//! parameters used where others can read them.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::secrets::MIN_LENGTH;
use super::{Kind, StackFile, reference, secrets};
use crate::asl;
use crate::source::{Diagnostic, Node, Source, Span, Value};

/// Fields that hold a secret, by the last two keys of their path.
fn secret_fields() -> impl Iterator<Item = &'static [&'static str; 2]> {
    Kind::ALL
        .into_iter()
        .flat_map(|kind| kind.facts().secret_fields)
}

/// The source with the secrets written into it replaced by stars, and these secrets. All offsets stay the
/// same.
pub fn mask(source: Arc<Source>, root: &Node) -> (Arc<Source>, BTreeSet<String>) {
    let mut spans = Vec::new();
    literals(root, ["", ""], &mut spans);
    let written: BTreeSet<String> = spans
        .iter()
        .filter_map(|span| source.text.get(span.start..span.end))
        .map(|text| text.trim_matches(['"', '\'', ' ', '\n']).to_owned())
        .filter(|text| text.chars().count() >= MIN_LENGTH)
        .collect();
    // The same text may occur elsewhere, for example at an anchor.
    let again: Vec<Span> = written
        .iter()
        .flat_map(|text| source.text.match_indices(text.as_str()))
        .map(|(start, text)| Span {
            start,
            end: start + text.len(),
        })
        .collect();
    spans.extend(again);
    (replace_with_stars(source, &spans), written)
}

/// The same for a text that cannot be parsed: everything after the keys of secrets is masked.
pub fn mask_unparsed(source: Arc<Source>) -> Arc<Source> {
    let text = &source.text;
    let default = text.contains("secret:").then_some("default");
    let keys = secret_fields().map(|[_, key]| *key).chain(default);
    let mut spans = Vec::new();
    for key in keys {
        for (at, _) in text.match_indices(key) {
            let after = text[at + key.len()..].trim_start_matches(['"', '\'', ' ']);
            let Some(value) = after.strip_prefix(':') else {
                continue;
            };
            let value = value.lines().next().unwrap_or_default();
            let start = text.len() - after.len() + 1;
            if reference::find(value).is_empty() {
                spans.push(Span {
                    start,
                    end: start + value.len(),
                });
            }
        }
    }
    replace_with_stars(source, &spans)
}

/// Collects the ranges of literal secrets (not references). Sections and keys may be misspelt, so only the
/// last two keys of a path count.
fn literals(node: &Node, path: [&str; 2], spans: &mut Vec<Span>) {
    if secret_fields().any(|field| *field == path) {
        scalar(node, spans);
    }
    let marked = node.get("secret");
    if marked.is_some_and(|marked| !matches!(marked.value, Value::Null | Value::Bool(false)))
        && let Some(default) = node.get("default")
    {
        scalar(default, spans);
    }
    for entry in node.entries() {
        literals(&entry.value, [path[1], &entry.key], spans);
    }
    for item in node.items() {
        literals(item, path, spans);
    }
}

fn scalar(node: &Node, spans: &mut Vec<Span>) {
    let is_literal = match &node.value {
        Value::String(text) => reference::find(text).is_empty(),
        Value::Number(_) => true,
        _ => false,
    };
    spans.extend(is_literal.then_some(node.span));
}

/// Masks these ranges. Each character is replaced by one with as many bytes, so that lines, columns and
/// offsets stay the same.
fn replace_with_stars(source: Arc<Source>, spans: &[Span]) -> Arc<Source> {
    let mut hidden = vec![false; source.text.len()];
    for span in spans {
        let end = span.end.min(hidden.len());
        hidden[span.start.min(end)..end].fill(true);
    }
    if !hidden.contains(&true) {
        return source;
    }
    let letters = source.text.char_indices().map(|(at, letter)| {
        if !hidden[at] || letter.is_whitespace() {
            return letter;
        }
        match letter.len_utf8() {
            1 => '*',
            2 => '·',
            3 => '•',
            _ => '🞄',
        }
    });
    Source::new(source.name.clone(), letters.collect::<String>())
}

/// Every use of a secret parameter where others can read its value in AWS.
pub fn misplaced_secrets<'d>(
    file: &StackFile,
    source: &Arc<Source>,
    root: &Node,
    definitions: impl Iterator<Item = &'d asl::Definition>,
) -> Vec<Diagnostic> {
    let mut finder = MisplacedSecretFinder {
        file,
        found: Vec::new(),
    };
    if !file.params.values().any(|param| param.secret) {
        return finder.found;
    }
    for section in root.entries().iter().filter(|one| one.key != "params") {
        let Some(kind) = Kind::of_section(&section.key) else {
            finder.visit(source, &section.value, &mut Vec::new(), None);
            continue;
        };
        for resource in section.value.entries() {
            finder.visit(source, &resource.value, &mut Vec::new(), Some(kind));
        }
    }
    for definition in definitions {
        finder.visit(&definition.source, &definition.root, &mut Vec::new(), None);
    }
    finder.found
}

struct MisplacedSecretFinder<'f> {
    file: &'f StackFile,
    found: Vec<Diagnostic>,
}

impl MisplacedSecretFinder<'_> {
    fn visit<'n>(
        &mut self,
        source: &Arc<Source>,
        node: &'n Node,
        path: &mut Vec<&'n str>,
        kind: Option<Kind>,
    ) {
        let references = reference::find(node.as_str().unwrap_or_default());
        let kept = kind.is_some_and(|kind| kind.resource_type().is_kept_secret(path));
        for found in references.iter().filter(|_| !kept) {
            if let Some(name) = secrets::secret_param(&found.path, self.file) {
                let diagnostic = Diagnostic::error(format!(
                    "the secret parameter `{name}` could be read here by whoever may look at the resource"
                ));
                let help = "it is kept in a connection and in a function's `environment`: use it there, or take \
                     `secret: true` from the parameter";
                self.found.push(diagnostic.at(source, node.span).help(help));
            }
        }
        for item in node.items() {
            path.push("");
            self.visit(source, item, path, kind);
            path.pop();
        }
        for entry in node.entries() {
            path.push(&entry.key);
            self.visit(source, &entry.value, path, kind);
            path.pop();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::parse;

    fn drawn(text: &str) -> String {
        let source = Source::new("stack.yaml", text);
        let root = parse(&source).unwrap();
        let (shown, _) = mask(source, &root);
        assert_eq!(shown.text.len(), text.len());
        shown.text.clone()
    }

    #[test]
    fn literal_secrets_are_masked() {
        assert_eq!(
            drawn("params: { a: { secret: true, default: sésame }, b: { default: plain } }"),
            "params: { a: { secret: true, default: *·**** }, b: { default: plain } }"
        );
        assert_eq!(
            drawn(
                "c:\n  x: { api_key: { header: h, value: \"k 1\" } }\n  y: { basic: { password: '${env:X}' } }"
            ),
            "c:\n  x: { api_key: { header: h, value: ** ** } }\n  y: { basic: { password: '${env:X}' } }"
        );
        assert_eq!(
            drawn("a: &a hunter2\nb: { oauth: { client_secret: *a } }"),
            "a: &a *******\nb: { oauth: { client_secret: *a } }"
        );
    }

    #[test]
    fn secrets_in_unparsable_files_are_masked() {
        let unread = |text: &str| mask_unparsed(Source::new("a", text)).text.clone();
        assert_eq!(
            unread("password: @x y\n\"value\" : ${env:A}\nvalue: 1"),
            "password: ** *\n\"value\" : ${env:A}\nvalue: *"
        );
        assert_eq!(unread("a: { default: x }"), "a: { default: x }");
    }
}
