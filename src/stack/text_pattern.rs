//! Patterns of texts: keys of objects, ARNs in policies, values in event patterns.

use std::collections::{BTreeSet, HashSet};
use std::fmt::{self, Write};

/// A part of a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Token {
    Exactly(char),
    /// `?` of IAM
    AnyOne,
    /// `*`
    Any,
}

/// A pattern, which matches some texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextPattern(Vec<Token>);

impl TextPattern {
    /// Every text.
    #[must_use]
    pub fn any() -> Self {
        Self(vec![Token::Any])
    }

    /// This text alone.
    #[must_use]
    pub fn exactly(text: &str) -> Self {
        Self(text.chars().map(Token::Exactly).collect())
    }

    /// The texts that begin so.
    #[must_use]
    pub fn beginning_with(text: &str) -> Self {
        Self([Self::exactly(text).0, vec![Token::Any]].concat())
    }

    /// The texts that end so.
    #[must_use]
    pub fn ending_with(text: &str) -> Self {
        Self([vec![Token::Any], Self::exactly(text).0].concat())
    }

    /// A resource or an action of a policy
    /// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html>).
    #[must_use]
    pub fn of_iam(text: &str) -> Self {
        let tokens = text.chars().map(|c| match c {
            '*' => Token::Any,
            '?' => Token::AnyOne,
            c => Token::Exactly(c),
        });
        Self(tokens.collect())
    }

    /// The `wildcard` of an event pattern
    /// (<https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html>).
    #[must_use]
    pub fn of_wildcard(text: &str) -> Self {
        let mut tokens = Vec::new();
        let mut letters = text.chars();
        while let Some(c) = letters.next() {
            tokens.push(match c {
                '*' => Token::Any,
                '\\' => Token::Exactly(letters.next().unwrap_or('\\')),
                c => Token::Exactly(c),
            });
        }
        Self(tokens)
    }

    /// Whether a text exists that both match.
    #[must_use]
    pub fn overlaps(&self, other: &Self) -> bool {
        let pairs = self.0.iter().zip(&other.0);
        let same =
            pairs.take_while(|(one, other)| one == other && matches!(one, Token::Exactly(_)));
        let same = same.count();
        // Most are told apart, or are alike, without a search.
        match (&self.0[same..], &other.0[same..]) {
            ([], []) | ([Token::Any], _) | (_, [Token::Any]) => return true,
            ([Token::Exactly(_), ..], [Token::Exactly(_), ..]) => return false,
            _ => {}
        }
        let mut seen = HashSet::new();
        let mut next = vec![(same, same)];
        while let Some((i, j)) = next.pop() {
            if !seen.insert((i, j)) {
                continue;
            }
            match (self.0.get(i), other.0.get(j)) {
                (None, None) => return true,
                (Some(Token::Any), right) => {
                    next.push((i + 1, j));
                    next.extend(right.map(|_| (i, j + 1)));
                }
                (left, Some(Token::Any)) => {
                    next.push((i, j + 1));
                    next.extend(left.map(|_| (i + 1, j)));
                }
                (Some(Token::Exactly(left)), Some(Token::Exactly(right))) if left != right => {}
                (Some(_), Some(_)) => next.push((i + 1, j + 1)),
                _ => {}
            }
        }
        false
    }

    /// Whether every text that `other` matches certainly matches too. May be `false` where it does, between two
    /// patterns with a `*` in the middle.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        if other.is_one_text() {
            return self.overlaps(other);
        }
        match &self.0[..] {
            [beginning @ .., Token::Any] if is_literal(beginning) => other.0.starts_with(beginning),
            [Token::Any, end @ ..] if is_literal(end) => other.0.ends_with(end),
            whole => whole == other.0,
        }
    }

    /// What may follow this beginning in the texts that match, the narrowest first; nothing if none begins so.
    #[must_use]
    pub fn after(&self, beginning: &str) -> Vec<Self> {
        let mut states = BTreeSet::from([0]);
        for c in beginning.chars() {
            let mut after = BTreeSet::new();
            for mut at in states {
                while self.0.get(at) == Some(&Token::Any) {
                    after.insert(at);
                    at += 1;
                }
                if matches!(self.0.get(at), Some(Token::AnyOne))
                    || self.0.get(at) == Some(&Token::Exactly(c))
                {
                    after.insert(at + 1);
                }
            }
            states = after;
        }
        let rests = states.into_iter().rev();
        rests.map(|at| Self(self.0[at..].to_vec())).collect()
    }

    /// The text that all matching texts begin with.
    #[must_use]
    pub fn beginning(&self) -> String {
        let literal = self.0.iter().map_while(|token| match token {
            Token::Exactly(c) => Some(*c),
            _ => None,
        });
        literal.collect()
    }

    /// Whether only one text matches.
    #[must_use]
    pub fn is_one_text(&self) -> bool {
        is_literal(&self.0)
    }

    /// The same in lower case.
    #[must_use]
    pub fn lower_case(&self) -> Self {
        let lower = self.0.iter().flat_map(|token| match token {
            Token::Exactly(c) => c.to_lowercase().map(Token::Exactly).collect(),
            other => vec![*other],
        });
        Self(lower.collect())
    }
}

/// The pattern for people: `photos/*.jpg`.
impl fmt::Display for TextPattern {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        self.0.iter().try_for_each(|token| {
            f.write_char(match token {
                Token::Exactly(c) => *c,
                Token::AnyOne => '?',
                Token::Any => '*',
            })
        })
    }
}

fn is_literal(tokens: &[Token]) -> bool {
    let is_exact = |token: &Token| matches!(token, Token::Exactly(_));
    tokens.iter().all(is_exact)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overlaps_are_found() {
        let may = |one: &TextPattern, resource: &str| one.overlaps(&TextPattern::of_iam(resource));
        let all = TextPattern::any();
        assert!(may(&all, "") && may(&all, "*") && may(&all, "a?c"));
        let one = TextPattern::exactly("in/a");
        assert!(may(&one, "in/?") && !may(&one, "in/") && !may(&one, "in/a?"));
        let prefix = TextPattern::beginning_with("in/");
        assert!(may(&prefix, "i?/*") && may(&prefix, "*") && may(&prefix, "in/x/*"));
        assert!(!may(&prefix, "out/*") && !may(&prefix, "in"));
        let suffix = TextPattern::ending_with(".jpg");
        assert!(may(&suffix, "thumb/*") && !may(&suffix, "*.json"));
        let both = TextPattern::of_wildcard(r"in\*/*.jpg");
        assert!(may(&both, "*.jpg") && may(&both, "in?/*") && !may(&both, "in/*.jpg"));
    }

    #[test]
    fn what_follows_a_beginning_is_known() {
        let after = |resource: &str| -> Vec<String> {
            let rests = TextPattern::of_iam(resource).after("b/");
            rests.iter().map(ToString::to_string).collect()
        };
        assert_eq!(after("b/in/*"), ["in/*"]);
        assert_eq!(after("*"), ["*"]);
        assert_eq!(after("?/*.jpg"), ["*.jpg"]);
        assert_eq!(after("b*/x"), ["x", "*/x"]);
        assert_eq!(after("b"), [""; 0]);
        assert_eq!(after("c/*"), [""; 0]);
    }

    #[test]
    fn what_covers_a_pattern_leaves_nothing_of_it() {
        let covers =
            |one: &str, other: &str| TextPattern::of_iam(one).covers(&TextPattern::of_iam(other));
        assert!(covers("out/*", "out/x/*") && covers("*.jpg", "a/*.jpg") && covers("*", "a*"));
        assert!(covers("a*c", "abc") && covers("a*c", "a*c"));
        assert!(!covers("out/*", "*") && !covers("*.jpg", "*.j?g") && !covers("a", "a*"));
    }
}
