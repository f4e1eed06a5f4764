//! Which objects of a bucket a rule hears of, by the filter of their keys in its event pattern.

use std::collections::HashSet;

use serde_json::{Value, json};

/// A part of a pattern of texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Token {
    Exactly(char),
    /// `?` of IAM
    AnyOne,
    /// `*`
    Any,
}

/// A filter of keys in an event pattern; without one, every key matches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyFilter {
    /// The alternatives, each a pattern; any of them may match.
    alternatives: Vec<Vec<Token>>,
}

/// The matcher of an event pattern for keys that begin and end so; `None` without either.
///
/// <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html>: the values of a list
/// are alternatives, so that both together are one `wildcard`.
#[must_use]
pub fn matcher(prefix: Option<&str>, suffix: Option<&str>) -> Option<Value> {
    let escaped = |text: &str| text.replace('\\', "\\\\").replace('*', "\\*");
    Some(match (prefix, suffix) {
        (None, None) => return None,
        (Some(prefix), None) => json!([{ "prefix": prefix }]),
        (None, Some(suffix)) => json!([{ "suffix": suffix }]),
        (Some(prefix), Some(suffix)) => {
            json!([{ "wildcard": format!("{}*{}", escaped(prefix), escaped(suffix)) }])
        }
    })
}

/// The names of the buckets that an event pattern of S3 or CloudTrail names; none if it is about something else.
#[must_use]
pub fn buckets(pattern: &Value) -> Vec<&str> {
    let detail = &pattern["detail"];
    let names = [
        &detail["bucket"]["name"],
        &detail["requestParameters"]["bucketName"],
    ];
    let names = names.into_iter().filter_map(Value::as_array).flatten();
    names.filter_map(Value::as_str).collect()
}

impl KeyFilter {
    /// The filter of an event pattern of S3 or CloudTrail. What cannot be read matches every key.
    #[must_use]
    pub fn of(pattern: &Value) -> Self {
        let detail = &pattern["detail"];
        let keys = [
            &detail["object"]["key"],
            &detail["requestParameters"]["key"],
        ];
        let matchers = keys.into_iter().find_map(Value::as_array);
        let alternatives = matchers.map(|all| all.iter().map(tokens_of).collect());
        Self {
            alternatives: alternatives.unwrap_or_else(|| vec![vec![Token::Any]]),
        }
    }

    /// Whether an object with this key matches.
    #[must_use]
    pub fn matches(&self, key: &str) -> bool {
        let key: Vec<Token> = key.chars().map(Token::Exactly).collect();
        self.alternatives.iter().any(|one| overlap(one, &key))
    }

    /// Whether an object of the bucket can both match and be one of those of an IAM resource, such as
    /// `arn:aws:s3:::photos/thumbs/*`.
    #[must_use]
    pub fn overlaps(&self, bucket_arn: &str, resource: &str) -> bool {
        let resource = iam_tokens(resource);
        let object = format!("{bucket_arn}/");
        self.alternatives.iter().any(|one| {
            let bucket = object.chars().map(Token::Exactly);
            let objects: Vec<Token> = bucket.chain(one.iter().copied()).collect();
            overlap(&objects, &resource)
        })
    }

    /// A key that matches, for a file of this name: the name itself, or with the beginning that the filter asks for.
    #[must_use]
    pub fn key_for(&self, name: &str) -> Option<String> {
        let beginnings = self.alternatives.iter().map(|one| {
            let literal = one.iter().map_while(|token| match token {
                Token::Exactly(c) => Some(*c),
                _ => None,
            });
            literal.collect::<String>()
        });
        let mut keys = std::iter::once(name.to_owned())
            .chain(beginnings.map(|beginning| format!("{beginning}{name}")));
        keys.find(|key| self.matches(key))
    }

    /// The filter for people: `photos/*.jpg`.
    #[must_use]
    pub fn in_words(&self) -> String {
        let each = self.alternatives.iter().map(|one| {
            let text = one.iter().map(|token| match token {
                Token::Exactly(c) => *c,
                Token::AnyOne => '?',
                Token::Any => '*',
            });
            text.collect::<String>()
        });
        each.collect::<Vec<_>>().join(" or ")
    }
}

fn tokens_of(matcher: &Value) -> Vec<Token> {
    let literal = |text: &str| text.chars().map(Token::Exactly).collect::<Vec<_>>();
    if let Some(key) = matcher.as_str() {
        return literal(key);
    }
    let of = |name: &str| matcher[name].as_str();
    if let Some(prefix) = of("prefix") {
        [literal(prefix), vec![Token::Any]].concat()
    } else if let Some(suffix) = of("suffix") {
        [vec![Token::Any], literal(suffix)].concat()
    } else if let Some(wildcard) = of("wildcard") {
        let mut tokens = Vec::new();
        let mut letters = wildcard.chars();
        while let Some(c) = letters.next() {
            tokens.push(match c {
                '*' => Token::Any,
                '\\' => Token::Exactly(letters.next().unwrap_or('\\')),
                c => Token::Exactly(c),
            });
        }
        tokens
    } else {
        vec![Token::Any]
    }
}

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html>
fn iam_tokens(resource: &str) -> Vec<Token> {
    let tokens = resource.chars().map(|c| match c {
        '*' => Token::Any,
        '?' => Token::AnyOne,
        c => Token::Exactly(c),
    });
    tokens.collect()
}

/// Whether a text exists that both patterns match.
fn overlap(one: &[Token], other: &[Token]) -> bool {
    let mut seen = HashSet::new();
    let mut next = vec![(0, 0)];
    while let Some((i, j)) = next.pop() {
        if !seen.insert((i, j)) {
            continue;
        }
        match (one.get(i), other.get(j)) {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn filter(prefix: Option<&str>, suffix: Option<&str>) -> KeyFilter {
        let key = matcher(prefix, suffix).unwrap_or(Value::Null);
        KeyFilter::of(&json!({ "detail": { "object": { "key": key } } }))
    }

    #[test]
    fn filters_match_keys() {
        let all = filter(None, None);
        assert!(all.matches("") && all.matches("a/b.jpg"));
        let prefix = filter(Some("in/"), None);
        assert!(prefix.matches("in/a") && !prefix.matches("a") && !prefix.matches("out/in/a"));
        let suffix = filter(None, Some(".jpg"));
        assert!(suffix.matches("a.jpg") && !suffix.matches("a.jpg.txt"));
        let both = filter(Some("in*/"), Some(".jpg"));
        assert!(both.matches("in*/a.jpg") && !both.matches("into/a.jpg") && !both.matches("in*/a"));
    }

    #[test]
    fn overlaps_are_found_with_iam_resources() {
        let bucket = "arn:aws:s3:::b";
        let may = |filter: &KeyFilter, resource: &str| filter.overlaps(bucket, resource);
        let all = filter(None, None);
        assert!(may(&all, "*") && may(&all, "arn:aws:s3:::b/*") && may(&all, "arn:aws:s3:::b/t/*"));
        assert!(!may(&all, "arn:aws:s3:::b") && !may(&all, "arn:aws:s3:::c/*"));
        let prefix = filter(Some("in/"), None);
        assert!(may(&prefix, "arn:aws:s3:::b/*") && may(&prefix, "arn:aws:s3:::b/in/x/*"));
        assert!(may(&prefix, "arn:aws:s3:::b/i?/*") && may(&prefix, "arn:aws:s3:::*"));
        assert!(!may(&prefix, "arn:aws:s3:::b/out/*"));
        let suffix = filter(None, Some(".jpg"));
        assert!(may(&suffix, "arn:aws:s3:::b/thumb/*"));
        assert!(!may(&suffix, "arn:aws:s3:::b/*.json"));
        let both = filter(Some("in/"), Some(".jpg"));
        assert!(may(&both, "arn:aws:s3:::b/*.jpg") && !may(&both, "arn:aws:s3:::b/*.png"));
    }

    #[test]
    fn a_file_is_given_a_key_that_matches() {
        let key = |prefix, suffix, name: &str| filter(prefix, suffix).key_for(name);
        assert_eq!(key(None, None, "a.jpg"), Some("a.jpg".into()));
        assert_eq!(key(Some("in/"), None, "a.jpg"), Some("in/a.jpg".into()));
        assert_eq!(
            key(Some("in/"), Some(".jpg"), "a.jpg"),
            Some("in/a.jpg".into())
        );
        assert_eq!(key(None, Some(".jpg"), "a.png"), None);
        assert_eq!(filter(Some("in/"), Some(".jpg")).in_words(), "in/*.jpg");
    }
}
