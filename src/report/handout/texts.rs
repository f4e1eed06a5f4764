//! The texts of handouts in each language. A text that a language lacks does not compile.

mod english;
mod portuguese;

use crate::ops::{HandoutAct, HandoutWords};
use crate::stack::Kind;

/// A language of handouts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum HandoutLanguage {
    /// English.
    #[default]
    English,
    /// Portuguese, as in Brazil.
    Portuguese,
}

impl HandoutLanguage {
    /// Words for what commands are tried with.
    #[must_use]
    pub fn words(self) -> HandoutWords {
        self.texts().words
    }

    pub(super) fn texts(self) -> &'static HandoutTexts {
        match self {
            Self::English => &english::TEXTS,
            Self::Portuguese => &portuguese::TEXTS,
        }
    }
}

/// Every text of a page. `{0}` and `{1}` stand for names and times.
pub(super) struct HandoutTexts {
    /// The language's tag, as HTML has it.
    pub(super) tag: &'static str,
    pub(super) lab: &'static str,
    /// For whom the page is.
    pub(super) for_student: &'static str,
    /// That nothing is deployed, and that not all is.
    pub(super) not_deployed: &'static str,
    pub(super) incomplete: &'static str,
    pub(super) local: &'static str,
    pub(super) endpoint: &'static str,
    pub(super) owner: &'static str,
    pub(super) account: &'static str,
    pub(super) region: &'static str,
    pub(super) profile: &'static str,
    pub(super) ends: &'static str,
    pub(super) has_no_end: &'static str,

    pub(super) end: &'static str,
    pub(super) ends_by_itself: &'static str,
    pub(super) expires: &'static str,
    pub(super) stays: &'static str,
    pub(super) has_ended: &'static str,
    pub(super) ends_earlier: &'static str,

    pub(super) parts: &'static str,
    pub(super) part: &'static str,
    pub(super) name: &'static str,
    pub(super) key: &'static str,
    pub(super) console: &'static str,
    pub(super) open: &'static str,
    pub(super) logs: &'static str,
    pub(super) sign_in: &'static str,

    pub(super) starts: &'static str,
    pub(super) file_starts: &'static str,
    pub(super) only_prefix: &'static str,
    pub(super) only_suffix: &'static str,
    pub(super) by_trail: &'static str,
    pub(super) by_bucket: &'static str,
    pub(super) schedule_starts: &'static str,
    pub(super) pattern_starts: &'static str,
    pub(super) switched_off: &'static str,
    pub(super) starts_nothing: &'static str,

    pub(super) states: &'static str,
    pub(super) outline: &'static str,
    pub(super) calls: &'static str,
    pub(super) on: &'static str,
    pub(super) waits: &'static str,
    pub(super) fails: &'static str,
    pub(super) cause: &'static str,
    pub(super) for_each: &'static str,
    pub(super) items: &'static str,
    pub(super) branch: &'static str,
    /// How often something is tried again: once, and several times.
    pub(super) retries: [&'static str; 2],
    pub(super) after_error: &'static str,
    pub(super) after_other_error: &'static str,
    /// Between the last two of a list.
    pub(super) or: &'static str,
    /// For `And`, `Or` and `Not` in conditions.
    pub(super) logic: [&'static str; 3],
    pub(super) next: &'static str,
    pub(super) condition: &'static str,
    pub(super) otherwise: &'static str,
    pub(super) any_error: &'static str,
    pub(super) caught: &'static str,
    pub(super) end_of_execution: &'static str,
    pub(super) end_of_part: &'static str,
    pub(super) unreached: &'static str,

    pub(super) try_it: &'static str,
    pub(super) needs_treino: &'static str,
    pub(super) needs_credentials: &'static str,
    pub(super) needs_profile: &'static str,
    pub(super) needs_local: &'static str,
    pub(super) try_cli: &'static str,
    pub(super) needs_variables: &'static str,
    pub(super) words: HandoutWords,
    pub(super) act: fn(HandoutAct) -> &'static str,

    /// What a rule starts: the words before its name.
    pub(super) started: fn(Kind) -> &'static str,
    pub(super) kind: fn(Kind) -> &'static str,
    pub(super) written: &'static str,

    pub(super) index: &'static str,
    pub(super) index_about: &'static str,
    pub(super) index_some: &'static str,
    pub(super) student: &'static str,
    pub(super) state: &'static str,
    pub(super) is_deployed: &'static str,
    pub(super) is_not_deployed: &'static str,
    pub(super) is_incomplete: &'static str,
    pub(super) no_page: &'static str,
    pub(super) earlier_page: &'static str,

    /// From Monday.
    pub(super) weekdays: [&'static str; 7],
    pub(super) months: [&'static str; 12],
    /// A weekday, a day, a month, a year, a time and a zone.
    pub(super) date: &'static str,
}
