//! The word that was probably meant.

/// The known word that was probably meant.
#[must_use]
pub fn nearest<'a>(word: &str, known: &[&'a str]) -> Option<&'a str> {
    let plain = |text: &str| text.to_lowercase().replace(['-', '_'], "");
    let (word, most) = (plain(word), 2 * word.chars().count() + 8);
    known
        .iter()
        // A distance to something far longer or shorter is long to find and never small.
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

/// "did you mean" the nearest known word, else all of them, or as many as a person reads.
#[must_use]
pub fn did_you_mean(word: &str, known: &[&str]) -> String {
    const MOST: usize = 16;
    match nearest(word, known) {
        Some(candidate) => format!("did you mean `{candidate}`?"),
        None if known.is_empty() => "there is none to choose from".into(),
        None if known.len() > MOST => {
            let some = known[..MOST].join(", ");
            format!("known here: {some}, and {} more", known.len() - MOST)
        }
        None => format!("known here: {}", known.join(", ")),
    }
}
