//! What a stack file does not say, and has to be assumed to say what the stack costs.

use crate::data::prices::Quantity;

/// The most runs that can be asked for.
pub const MAX_RUNS: u64 = 1_000_000_000;

/// The most days that can be asked for.
pub const MAX_DAYS: u64 = 366;

/// The most items of a Map that can be asked for.
pub const MAX_ITEMS: u64 = 1_000_000;

/// What is assumed of what happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Assumed {
    /// How often the stack is used.
    pub runs: u64,
    /// In how many days.
    pub days: u64,
    /// How long a call of a function takes, and a task of an Express workflow, in milliseconds.
    pub milliseconds: u64,
    /// How many items a Map has.
    pub items: u64,
}

impl Default for Assumed {
    fn default() -> Self {
        Self {
            runs: 100,
            days: 1,
            milliseconds: 1_000,
            items: 10,
        }
    }
}

impl Assumed {
    /// The bytes of an object.
    pub const OBJECT: u64 = 1 << 20;
    /// The bytes of an item of a table.
    pub const ITEM: u64 = 1 << 10;
    /// The bytes that an invocation logs, and a state where every event is logged.
    pub const LOG: u64 = 1 << 10;
    /// The bytes of an event in a trail's log file.
    pub const RECORD: u64 = 1 << 10;

    /// The sentences that say it, of those kinds of things that happen.
    pub(super) fn sentences(&self, happens: Happening) -> Vec<String> {
        let seconds = Quantity::of(self.milliseconds.into(), 1_000).in_words();
        let items = crate::source::counted(self.items, "item");
        let all = [
            (happens.calls, format!("A call of a function takes {seconds} s, or its timeout where that is less, starts included (--seconds).")),
            (happens.calls, "A function makes each call once that its role allows; `*` is one reading and one writing call. It logs 1 KB.".to_owned()),
            (happens.express, format!("A task of an Express workflow takes {seconds} s (--seconds); the workflow has 64 MB.")),
            (happens.maps, format!("A Map has {items} (--items).")),
            (happens.objects, "An object has 1 MB, and is there from the first day on.".to_owned()),
            (happens.table_items, "An item of a table has 1 KB, and is there from the first day on.".to_owned()),
            (happens.trails, "Each event of a trail is in a log file of its own of 1 KB: that is the most.".to_owned()),
            (happens.queues, "A message is received and deleted once.".to_owned()),
            (happens.billed_events, "An event by way of CloudTrail is billed as a custom event: that is the most.".to_owned()),
        ];
        all.into_iter()
            .filter(|(counts, _)| *counts)
            .map(|(_, text)| text)
            .collect()
    }
}

/// Which kinds of things happen, so that what is assumed of them is said.
#[derive(Debug, Clone, Copy, Default)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "each is a sentence of its own"
)]
pub(super) struct Happening {
    pub calls: bool,
    pub express: bool,
    pub maps: bool,
    pub objects: bool,
    pub table_items: bool,
    pub trails: bool,
    pub queues: bool,
    pub billed_events: bool,
}
