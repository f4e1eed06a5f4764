//! YAML tags such as `!Ref`. The YAML parser drops them, so they are searched for in the text.

use super::{Node, Span};

/// A tag, and the value it precedes.
#[derive(Debug, Clone, Copy)]
pub struct YamlTag<'n> {
    /// The range of the tag.
    pub span: Span,
    pub value: &'n Node,
    /// The key that has the value, or the list that it is in; empty at the top.
    pub key: &'n str,
}

/// Every tag that is not one of YAML's own, in the order of their places.
#[must_use]
pub fn tags<'n>(text: &str, root: &'n Node) -> Vec<YamlTag<'n>> {
    let mut found = Vec::new();
    collect(text, root, "", &mut found);
    // An alias or a merge key repeats the same range.
    found.sort_by_key(|tag| (tag.span, tag.value.span));
    found.dedup_by_key(|tag| (tag.span, tag.value.span));
    found
}

fn collect<'n>(text: &str, value: &'n Node, key: &'n str, found: &mut Vec<YamlTag<'n>>) {
    let tag = tag_before(text, value.span.start);
    found.extend(tag.map(|span| YamlTag { span, value, key }));
    for entry in value.entries() {
        collect(text, &entry.value, &entry.key, found);
    }
    for item in value.items() {
        collect(text, item, key, found);
    }
}

/// The tag directly before a value.
fn tag_before(text: &str, value: usize) -> Option<Span> {
    let head = text.get(..value)?;
    let end = head.trim_end().len();
    if end == head.len() {
        return None;
    }
    let start = head[..end]
        .char_indices()
        .rfind(|(_, c)| c.is_whitespace() || "[{,".contains(*c))
        .map_or(0, |(at, c)| at + c.len_utf8());
    let line = head[..start].rfind('\n').map_or(0, |at| at + 1);
    let name = head[start..end].strip_prefix('!')?;
    let is_name = name.starts_with(char::is_alphabetic)
        && name
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, ':' | '-' | '_' | '.'));
    (is_name && !head[line..start].contains('#')).then_some(Span { start, end })
}

#[cfg(test)]
mod tests {
    use super::super::{Source, parse, tags::tags};

    fn found(text: &str) -> Vec<&str> {
        let root = parse(&Source::new("a.yaml", text)).unwrap_or_else(|wrong| panic!("{wrong:?}"));
        let spans = tags(text, &root);
        spans
            .into_iter()
            .map(|tag| &text[tag.span.start..tag.span.end])
            .collect()
    }

    #[test]
    fn tags_before_values_are_found() {
        assert_eq!(found("a: !Ref b\n"), ["!Ref"]);
        assert_eq!(found("a: [!Ref b, !GetAtt 'c.d']\n"), ["!Ref", "!GetAtt"]);
        assert_eq!(
            found("a:\n  - !Sub \"x\"\nb: !If\n  c: d\n"),
            ["!Sub", "!If"]
        );
        assert_eq!(found("a: &b [!Ref c]\nd: *b\n"), ["!Ref"]);
    }

    #[test]
    fn other_exclamation_marks_are_no_tags() {
        assert_eq!(found("a: [hello !you, b]\n"), [""; 0]);
        assert_eq!(found("a: hello !you\nb: 1\n"), [""; 0]);
        assert_eq!(found("# take care !now\na: 1 # !here\nb: 2\n"), [""; 0]);
        assert_eq!(found("a: [\u{2028}x, b\u{a0} !c]\n"), [""; 0]);
        assert_eq!(found("a: !!str 3\nb: \"!x\"\nc: ' !y z'\n"), [""; 0]);
    }
}
