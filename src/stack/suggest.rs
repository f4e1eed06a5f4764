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

/// The known word that is most similar, or that a longer name contains as its words: `memory` of `MemorySize`, as the
/// keys of `CloudFormation` are named.
#[must_use]
pub fn meant<'a>(word: &str, known: &[&'a str]) -> Option<&'a str> {
    suggestion(word, known).or_else(|| {
        let words = words(word);
        let is_within = |known: &str| {
            let wanted = self::words(known);
            words
                .windows(wanted.len().max(1))
                .any(|some| some == wanted)
        };
        let within = known.iter().filter(|known| is_within(known));
        within.max_by_key(|known| known.len()).copied()
    })
}

/// The words of a name in any style: `MemorySize`, `memory_size`, `memory-size`.
pub(super) fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut before = '_';
    for c in name.chars() {
        let begins = c.is_uppercase() && !before.is_uppercase();
        if (begins || matches!(c, '-' | '_')) && words.last().is_some_and(|word| !word.is_empty()) {
            words.push(String::new());
        }
        if let (true, Some(word)) = (c.is_alphanumeric(), words.last_mut()) {
            word.extend(c.to_lowercase());
        }
        before = c;
    }
    words
}

/// "did you mean" with the most similar word, or a list of all known words, shortened.
#[must_use]
pub fn did_you_mean(word: &str, known: &[&str]) -> String {
    match meant(word, known) {
        Some(candidate) => format!("did you mean `{candidate}`?"),
        None if known.is_empty() => some_of(known),
        None => format!("use one of: {}", some_of(known)),
    }
}

/// A list of words, shortened.
#[must_use]
pub(super) fn some_of(known: &[&str]) -> String {
    const MOST: usize = 16;
    match known.len() {
        0 => "there is none to choose from".into(),
        length if length > MOST => {
            format!("{}, and {} more", known[..MOST].join(", "), length - MOST)
        }
        _ => known.join(", "),
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

#[cfg(test)]
mod tests {
    use super::meant;

    #[test]
    fn names_of_other_tools_mean_the_word_they_contain() {
        let known = [
            "name",
            "definition",
            "substitutions",
            "memory",
            "code",
            "log_retention_days",
        ];
        for (word, expected) in [
            ("DefinitionSubstitutions", Some("substitutions")),
            ("definition_substitutions", Some("substitutions")),
            ("DefinitionString", Some("definition")),
            ("MemorySize", Some("memory")),
            ("CodeUri", Some("code")),
            ("FunctionName", Some("name")),
            ("LogRetentionDays", Some("log_retention_days")),
            ("rename", None),
            ("Layers", None),
        ] {
            assert_eq!(meant(word, &known), expected, "{word}");
        }
    }
}
