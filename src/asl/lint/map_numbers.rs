//! The numbers of a Map, each with a field of the same name and `Path`.
//!
//! Their ranges are those AWS names when it refuses a definition: "Minimum value is 0" for every one,
//! "Maximum value is 100.0" and "Maximum value is 100000000" (measured 2026-09-16, floci-io/floci issue
//! 3733); 262,144 bytes by
//! <https://docs.aws.amazon.com/step-functions/latest/dg/input-output-itembatcher.html>.

use super::paths::{self, PathKind};
use super::values::{self, Range};
use super::{Lint, fields, template};
use crate::asl::QueryLanguage;
use crate::asl::jsonata::Visible;
use crate::source::Node;

/// Field, the largest number, and whether it is a whole one.
type NumberRule = (&'static str, f64, bool);

/// The numbers of the state itself.
pub(super) const OF_STATE: &[NumberRule] = &[
    ("MaxConcurrency", f64::MAX, true),
    ("ToleratedFailureCount", f64::MAX, true),
    ("ToleratedFailurePercentage", 100.0, false),
];

/// The numbers of `ReaderConfig`.
pub(super) const OF_READER: &[NumberRule] = &[("MaxItems", 100_000_000.0, true)];

/// The numbers of `ItemBatcher`.
pub(super) const OF_BATCHER: &[NumberRule] = &[
    ("MaxItemsPerBatch", f64::MAX, true),
    ("MaxInputBytesPerBatch", 262_144.0, true),
];

/// Checks the numbers of an object, which is the state itself or a part of it.
pub(super) fn check(lint: &mut Lint, object: &Node, rules: &[NumberRule], language: QueryLanguage) {
    for &(field, most, is_whole) in rules {
        let range = Range { least: 0.0, most };
        if is_whole {
            values::integer(lint, object, field, range, language);
        } else {
            values::number(lint, object, field, range, language);
        }
        let path = format!("{field}Path");
        match language {
            QueryLanguage::JsonPath => {
                values::not_both(lint, object, field, &path);
                paths::path_field(lint, object, &path, PathKind::NoContext, false);
            }
            QueryLanguage::Jsonata => {
                template::field(lint, object, field, language, Visible::default());
                // The fields of the state itself are checked with all its fields.
                if let Some(entry) = object.entry(&path).filter(|_| !fields::is_known(&path)) {
                    fields::only_in_jsonpath(lint, entry);
                }
            }
        }
    }
}
