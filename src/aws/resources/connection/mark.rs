//! Connections have no tags: treino's mark stands at the end of their description.

use crate::stack::{TAG_ADDRESS, TAG_EXPIRES, TAG_OWNER, TAG_STACK, Tags};

/// Words of the mark and the tags they stand for.
const WORDS: [(&str, &str); 4] = [
    ("stack", TAG_STACK),
    ("address", TAG_ADDRESS),
    ("owner", TAG_OWNER),
    ("expires", TAG_EXPIRES),
];
const BEGIN: &str = "[treino ";
const SECRET: &str = "secret";

/// The parts of a description.
#[derive(Debug, PartialEq, Eq, Default)]
pub struct Mark {
    /// What the stack file says.
    pub text: String,
    /// The mark.
    pub tags: Tags,
    /// The fingerprint of the secrets.
    pub secret: String,
}

/// A description with its mark.
pub fn written(text: &str, tags: &Tags, secret: &str) -> String {
    let words = WORDS.iter().filter_map(|(word, tag)| {
        let value = tags.get(*tag)?;
        Some(format!("{word}={value}"))
    });
    let words: Vec<String> = words.chain([format!("{SECRET}={secret}")]).collect();
    let mark = format!("{BEGIN}{}]", words.join(" "));
    if text.is_empty() {
        mark
    } else {
        format!("{text} {mark}")
    }
}

impl Mark {
    /// Splits a description into its parts. Without a mark, all of it is text.
    pub fn read(description: &str) -> Self {
        let marked = description
            .strip_suffix(']')
            .and_then(|text| text.rsplit_once(BEGIN));
        let Some((text, words)) = marked else {
            return Self {
                text: description.to_owned(),
                ..Self::default()
            };
        };
        let mut mark = Self {
            text: text.trim_end().to_owned(),
            ..Self::default()
        };
        for (word, value) in words.split(' ').filter_map(|word| word.split_once('=')) {
            if word == SECRET {
                value.clone_into(&mut mark.secret);
            } else if let Some((_, tag)) = WORDS.iter().find(|(known, _)| *known == word) {
                mark.tags.insert((*tag).to_owned(), value.to_owned());
            }
        }
        mark
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_description_is_put_together_and_taken_apart() {
        let tags = Tags::from([
            (TAG_STACK.to_owned(), "lab".to_owned()),
            (TAG_ADDRESS.to_owned(), "connection.api".to_owned()),
            (TAG_EXPIRES.to_owned(), "2026-01-02T03:04:05Z".to_owned()),
        ]);
        for text in ["", "The weather [of today]", "x"] {
            let whole = written(text, &tags, "1a2b");
            let mark = Mark::read(&whole);
            assert_eq!((mark.text.as_str(), &mark.tags), (text, &tags), "{whole}");
            assert_eq!(mark.secret, "1a2b");
        }
    }

    proptest::proptest! {
        #![proptest_config(proptest::test_runner::Config {
            failure_persistence: None,
            rng_seed: proptest::test_runner::RngSeed::Fixed(8_128),
            ..Default::default()
        })]

        /// The mark is found after any text, and any description can be parsed.
        #[test]
        fn any_description_is_told_from_its_mark(
            text in ".{0,40}|[\\[\\] a-z=]{0,20}(\\[treino [a-z= ]{0,12}\\]?)?",
            owner in proptest::option::of("[a-z0-9-]{1,12}"),
            secret in "[0-9a-f]{4}|deauthorized|",
        ) {
            Mark::read(&text);
            let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
            let mut tags = Tags::from([(TAG_STACK.to_owned(), "lab".to_owned())]);
            tags.extend(owner.map(|owner| (TAG_OWNER.to_owned(), owner)));
            let mark = Mark::read(&written(&text, &tags, &secret));
            proptest::prop_assert_eq!(mark, Mark { text, tags, secret });
        }
    }

    #[test]
    fn what_has_no_mark_is_text() {
        for text in ["", "Somebody else's", "[treino", "treino stack=a]"] {
            let mark = Mark::read(text);
            assert_eq!((mark.text.as_str(), mark.tags.len()), (text, 0));
        }
    }
}
