//! YAML tags such as `!Ref`. The YAML parser drops them, so they are searched for in the text.

use super::{Node, Span};

/// Every tag that is not one of YAML's own, with the range of the value it precedes.
#[must_use]
pub fn tags(text: &str, root: &Node) -> Vec<(Span, Span)> {
    let mut found = Vec::new();
    collect(text, root, &mut found);
    // An alias or a merge key repeats the same range.
    found.sort_unstable();
    found.dedup();
    found
}

fn collect(text: &str, node: &Node, found: &mut Vec<(Span, Span)>) {
    found.extend(tag_before(text, node.span.start).map(|tag| (tag, node.span)));
    for entry in node.entries() {
        collect(text, &entry.value, found);
    }
    for item in node.items() {
        collect(text, item, found);
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
            .map(|(tag, _)| &text[tag.start..tag.end])
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
