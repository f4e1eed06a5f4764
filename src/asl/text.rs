//! Helpers for texts: the nearest known name, lists in a sentence, references in a text.

/// The known name nearest to a word, if it is near enough to be a misspelling of it.
pub(super) fn suggestion<'a>(
    word: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let lower = word.to_lowercase();
    known
        .into_iter()
        .map(|name| (strsim::osa_distance(&lower, &name.to_lowercase()), name))
        .filter(|(edits, name)| *edits * 3 <= word.chars().count().max(name.chars().count()))
        .min_by_key(|(edits, _)| *edits)
        .map(|(_, name)| name)
}

/// "`a`, `b` or `c`".
pub(super) fn one_of<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    listed(names, "or")
}

/// "`a`, `b` and `c`".
pub(super) fn all_of<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    listed(names, "and")
}

fn listed<'a>(names: impl IntoIterator<Item = &'a str>, word: &str) -> String {
    let quoted: Vec<String> = names.into_iter().map(|name| format!("`{name}`")).collect();
    match quoted.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} {word} {last}", rest.join(", ")),
        None => String::new(),
    }
}

/// The text with every `${reference}` replaced by as many `x`, and `$${` by ` ${`, so that the rest can
/// be parsed and keeps its positions. An empty `${}` is text: a price in `States.Format('US${}', $.price)`.
pub(super) fn blanked(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("${") {
        let (before, after) = rest.split_at(at);
        if let Some(kept) = before.strip_suffix('$') {
            out.push_str(kept);
            out.push_str(" ${");
            rest = &after[2..];
        } else if let Some(later) = after.strip_prefix("${}") {
            out.push_str(before);
            out.push_str("${}");
            rest = later;
        } else if let Some(end) = after.find('}') {
            out.push_str(before);
            out.push_str(&"x".repeat(end + 1));
            rest = &after[end + 1..];
        } else {
            break;
        }
    }
    out.push_str(rest);
    out
}

/// Whether the text starts with a `${reference}`, so that its start is not known.
pub(super) fn starts_with_reference(text: &str) -> bool {
    text.starts_with("${") && !text.starts_with("${}")
}

/// Whether there is a `${reference}` anywhere in the text.
pub(super) fn has_reference(text: &str) -> bool {
    blanked(text) != text.replace("$${", " ${")
}
