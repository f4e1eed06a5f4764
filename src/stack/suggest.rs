//! Suggestions for misspelt words.

use crate::source::Node;

/// The known word that is most similar, if one is similar enough.
#[must_use]
pub fn suggestion<'a>(word: &str, known: &[&'a str]) -> Option<&'a str> {
    let plain = |text: &str| text.to_lowercase().replace(['-', '_'], "");
    let (word, most) = (plain(word), 2 * word.chars().count() + 8);
    known
        .iter()
        // The distance to a much longer or shorter word is slow to compute and never small.
        .filter(|candidate| candidate.len() <= most)
        .map(|candidate| {
            (
                strsim::damerau_levenshtein(&word, &plain(candidate)),
                *candidate,
            )
        })
        .filter(|(distance, candidate)| {
            let length = candidate.len().min(word.len());
            *distance < length && *distance <= length.div_ceil(4).max(1)
        })
        .min()
        .map(|(_, candidate)| candidate)
}

/// Whether a mapping has a key that is none of those known and probably means this one: it is reported as misspelt, and
/// the key it means is then not missing.
#[must_use]
pub fn is_misspelt(mapping: &Node, known: &[&str], meant: &str) -> bool {
    let mut keys = mapping.entries().iter().map(|entry| entry.key.as_str());
    keys.any(|key| !known.contains(&key) && suggestion(key, known) == Some(meant))
}

/// "did you mean" with the most similar word, or a list of all known words, shortened.
#[must_use]
pub fn did_you_mean(word: &str, known: &[&str]) -> String {
    const MOST: usize = 16;
    match suggestion(word, known) {
        Some(candidate) => format!("did you mean `{candidate}`?"),
        None if known.is_empty() => "there is none to choose from".into(),
        None if known.len() > MOST => {
            let some = known[..MOST].join(", ");
            format!("known here: {some}, and {} more", known.len() - MOST)
        }
        None => format!("known here: {}", known.join(", ")),
    }
}

/// `a`, `a or b`, `a, b or c`.
#[must_use]
pub fn one_of(words: impl Iterator<Item = String>) -> String {
    let words: Vec<String> = words.collect();
    match words.as_slice() {
        [some @ .., last] if !some.is_empty() => format!("{} or {last}", some.join(", ")),
        _ => words.concat(),
    }
}
