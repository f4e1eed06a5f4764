//! Values that secrets can be masked in.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::{Map, Value};

use crate::stack::{Address, HIDDEN, redact};

/// A value that secrets can be masked in.
pub trait Mask {
    /// Puts `(secret)` in place of each of these texts, the longest of which come first.
    fn mask(&mut self, secrets: &[String]);
}

/// The fields of a struct, all of which have to be named.
macro_rules! mask_fields {
    ($($type:ty { $($field:ident),* $(,)? })*) => { $(
        impl $crate::ops::masking::Mask for $type {
            fn mask(&mut self, secrets: &[String]) {
                let Self { $($field),* } = self;
                $( $field.mask(secrets); )*
            }
        }
    )* };
}

/// The fields of an enum's variants, all of which have to be named.
macro_rules! mask_variants {
    ($type:ty { $($variant:ident $({ $($field:ident),* $(,)? })? $(( $inner:ident ))?),* $(,)? }) => {
        impl $crate::ops::masking::Mask for $type {
            fn mask(&mut self, secrets: &[String]) {
                match self { $(
                    Self::$variant $({ $($field),* })? $(( $inner ))? => {
                        $( $( $field.mask(secrets); )* )?
                        $( $inner.mask(secrets); )?
                    }
                )* }
            }
        }
    };
}

/// Types that hold no text of anybody's.
macro_rules! holds_no_text {
    ($($type:ty),* $(,)?) => { $(
        impl $crate::ops::masking::Mask for $type {
            fn mask(&mut self, _: &[String]) {}
        }
    )* };
}

pub(super) use {holds_no_text, mask_fields, mask_variants};

holds_no_text!((), bool, u8, u32, u64, usize, i64, f64, &'static str);

impl Mask for String {
    fn mask(&mut self, secrets: &[String]) {
        if let Cow::Owned(struck) = redact(self, secrets) {
            *self = struck;
        }
    }
}

impl Mask for PathBuf {
    fn mask(&mut self, secrets: &[String]) {
        if let Cow::Owned(struck) = redact(&self.to_string_lossy(), secrets) {
            *self = struck.into();
        }
    }
}

impl Mask for Address {
    fn mask(&mut self, secrets: &[String]) {
        if let Cow::Owned(struck) = redact(self.as_str(), secrets) {
            *self = Self::from_tag(&struck);
        }
    }
}

/// Plain data: strings, numbers and keys.
impl Mask for Value {
    fn mask(&mut self, secrets: &[String]) {
        match self {
            Self::String(text) => text.mask(secrets),
            Self::Number(number) => {
                if secrets.contains(&number.to_string()) {
                    *self = HIDDEN.into();
                }
            }
            Self::Array(items) => items.mask(secrets),
            Self::Object(fields) => {
                let fields = std::mem::take(fields)
                    .into_iter()
                    .map(|(mut key, mut value)| {
                        key.mask(secrets);
                        value.mask(secrets);
                        (key, value)
                    });
                *self = Self::Object(fields.collect::<Map<_, _>>());
            }
            Self::Null | Self::Bool(_) => {}
        }
    }
}

impl<T: Mask> Mask for Option<T> {
    fn mask(&mut self, secrets: &[String]) {
        if let Some(value) = self {
            value.mask(secrets);
        }
    }
}

impl<T: Mask> Mask for Box<T> {
    fn mask(&mut self, secrets: &[String]) {
        (**self).mask(secrets);
    }
}

impl<T: Mask> Mask for Vec<T> {
    fn mask(&mut self, secrets: &[String]) {
        for item in self {
            item.mask(secrets);
        }
    }
}

impl<A: Mask, B: Mask> Mask for (A, B) {
    fn mask(&mut self, secrets: &[String]) {
        self.0.mask(secrets);
        self.1.mask(secrets);
    }
}

impl<K: Mask + Ord, V: Mask> Mask for BTreeMap<K, V> {
    fn mask(&mut self, secrets: &[String]) {
        let items = std::mem::take(self).into_iter();
        *self = items
            .map(|(mut key, mut value)| {
                key.mask(secrets);
                value.mask(secrets);
                (key, value)
            })
            .collect();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn data_keeps_its_shape_whatever_is_hidden() {
        let secrets = ["true", "plan", "9911", "a\"b!", "word"].map(String::from);
        let mut data =
            json!({ "event": "plan", "steps": [true, 9911, 99110, "x true"], "a word": "a\"b!" });
        data.mask(&secrets);
        assert_eq!(
            data,
            json!({ "event": HIDDEN, "steps": [true, HIDDEN, 99110, format!("x {HIDDEN}")], format!("a {HIDDEN}"): HIDDEN })
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, rng_seed: proptest::test_runner::RngSeed::Fixed(8_128), ..ProptestConfig::default() })]

        /// Whatever is hidden and said, what is said is still JSON and holds nothing hidden.
        #[test]
        fn nothing_hidden_is_in_any_data(
            secrets in prop::collection::vec("[a-zA-Z0-9\"\\\\é{}:,-]{4,9}", 1..5),
            said in prop::collection::vec((0..5_usize, "[a-zA-Z\"\\\\ é]{0,6}", any::<bool>()), 0..8),
        ) {
            prop_assume!(secrets.iter().all(|secret| !HIDDEN.contains(secret.as_str())));
            let mut secrets = secrets;
            secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
            let text = |(which, more, after): (usize, String, bool)| {
                let secret = &secrets[which % secrets.len()];
                let text = if after { format!("{secret}{more}") } else { format!("{more}{secret}") };
                (text.clone(), json!([text, { text.as_str(): [secret] }]))
            };
            let said: Map<String, Value> = said.into_iter().map(text).collect();
            let mut shown = Value::Object(said);
            shown.mask(&secrets);
            let mut left = vec![&shown];
            while let Some(value) = left.pop() {
                match value {
                    Value::Object(fields) => for (key, value) in fields {
                        prop_assert!(secrets.iter().all(|secret| !key.contains(secret.as_str())), "{key}");
                        left.push(value);
                    },
                    Value::Array(items) => left.extend(items),
                    Value::String(text) => {
                        let parts = text.split(HIDDEN);
                        for part in parts {
                            prop_assert!(secrets.iter().all(|secret| !part.contains(secret.as_str())), "{text}");
                        }
                    }
                    _ => {}
                }
            }
        }
    }
}
