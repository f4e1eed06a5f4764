//! Patterns of resource ARNs in IAM policies.

/// Whether a text exists that both patterns match. `*` is any text, `?` any one character.
///
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html>
#[must_use]
pub fn intersect(one: &str, other: &str) -> bool {
    // Most pairs differ before the first wildcard.
    let is_plain = |char: &char| !matches!(char, '*' | '?');
    let (mut one, mut other) = (one.chars().peekable(), other.chars().peekable());
    while let (Some(a), Some(b)) = (one.peek(), other.peek())
        && is_plain(a)
        && is_plain(b)
    {
        if one.next() != other.next() {
            return false;
        }
    }
    let (one, other): (Vec<char>, Vec<char>) = (one.collect(), other.collect());
    // reached[j]: whether the rest of `one` and the rest of `other` from j have a text in common.
    let mut after: Vec<bool> = vec![false; other.len() + 1];
    for i in (0..=one.len()).rev() {
        let mut reached = vec![false; other.len() + 1];
        for j in (0..=other.len()).rev() {
            let (a, b) = (one.get(i), other.get(j));
            reached[j] = match (a, b) {
                (None, None) => true,
                (Some('*'), _) if after[j] => true,
                (_, Some('*')) if reached[j + 1] => true,
                (Some('*'), Some(_)) => reached[j + 1],
                (Some(_), Some('*')) => after[j],
                (Some(a), Some(b)) => (a == b || *a == '?' || *b == '?') && after[j + 1],
                _ => false,
            };
        }
        after = reached;
    }
    after[0]
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Whether a pattern matches a text, by definition.
    fn matches(pattern: &str, text: &str) -> bool {
        match pattern.chars().next() {
            None => text.is_empty(),
            Some('*') => {
                let rest = &pattern[1..];
                (0..=text.len()).any(|at| text.is_char_boundary(at) && matches(rest, &text[at..]))
            }
            Some(first) => {
                let mut chars = text.chars();
                let fits = chars.next().is_some_and(|c| c == first || first == '?');
                fits && matches(&pattern[first.len_utf8()..], chars.as_str())
            }
        }
    }

    #[test]
    fn patterns_that_meet() {
        for (one, other, meet) in [
            ("a", "a", true),
            ("a", "ab", false),
            ("a*", "ab", true),
            ("a*", "*b", true),
            ("a*c", "*b", false),
            ("a?", "?b", true),
            ("?", "", false),
            ("*", "", true),
            ("*-ana", "lab-ana-b", false),
            ("lab-ana*", "lab-ana-b", true),
            ("lab-ana/*", "lab-ana-b/*", false),
        ] {
            assert_eq!(intersect(one, other), meet, "{one} {other}");
            assert_eq!(intersect(other, one), meet, "{other} {one}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, rng_seed: proptest::test_runner::RngSeed::Fixed(77), ..ProptestConfig::default() })]

        #[test]
        fn with_a_text_it_is_a_match(pattern in "[ab*?-]{0,7}", text in "[ab-]{0,7}") {
            prop_assert_eq!(intersect(&pattern, &text), matches(&pattern, &text));
        }

        #[test]
        fn two_patterns_that_match_one_text_meet(one in "[ab*?]{0,6}", other in "[ab*?]{0,6}", text in "[ab]{0,6}") {
            if matches(&one, &text) && matches(&other, &text) {
                prop_assert!(intersect(&one, &other));
            }
            prop_assert_eq!(intersect(&one, &other), intersect(&other, &one));
        }
    }
}
