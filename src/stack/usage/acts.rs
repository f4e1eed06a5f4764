//! What happens to resources, and what they use for it.

use std::collections::BTreeMap;

/// Something that happens to a resource.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Act {
    /// An object or item is read, or something is asked of it.
    Read,
    /// An object or item is written, and kept.
    Write,
    /// It is changed, and nothing more is kept: tags of an object.
    Change,
    /// What it contains is listed.
    List,
    /// An object or item is deleted.
    Delete,
    /// A function is called.
    Invoke,
    /// An execution of a machine is started.
    Start,
    /// A state of an execution is entered.
    Transition,
    /// A child workflow of the type Express is started.
    ExpressChild,
    /// A millisecond of an execution.
    Millisecond,
    /// A message is sent or published to it.
    Send,
    /// A message is received or deleted.
    Receive,
    /// A message of a topic goes to a queue.
    DeliverToQueue,
    /// A message of a topic goes to a function.
    DeliverToFunction,
    /// A trail records an event.
    Record,
    /// A log file of a trail is put.
    LogFile,
    /// A rule matches an event that is not billed.
    Match,
    /// A rule matches an event that is billed.
    MatchBilled,
    /// A byte of log.
    LogByte,
    /// Something that is billed by itself: an item of the price list, or of what has no known price a name.
    Item(String),
}

/// What happens to a resource in a time: how often each.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Activity(BTreeMap<Act, u64>);

impl Activity {
    /// How often something happens.
    #[must_use]
    pub fn count(&self, act: &Act) -> u64 {
        self.0.get(act).copied().unwrap_or_default()
    }

    /// How often any of these happens.
    #[must_use]
    pub fn sum(&self, acts: &[Act]) -> u64 {
        acts.iter()
            .fold(0, |sum, act| sum.saturating_add(self.count(act)))
    }

    /// What is billed by itself, with how often.
    pub fn items(&self) -> impl Iterator<Item = (&str, u64)> {
        self.0.iter().filter_map(|(act, count)| match act {
            Act::Item(name) => Some((name.as_str(), *count)),
            _ => None,
        })
    }

    /// Something happens so often more.
    pub fn add(&mut self, act: Act, times: u64) {
        let count = self.0.entry(act).or_default();
        *count = count.saturating_add(times);
    }

    /// All of another, so many times.
    pub fn add_all(&mut self, other: &Self, times: u64) {
        for (act, count) in &other.0 {
            self.add(act.clone(), count.saturating_mul(times));
        }
    }
}

/// What a resource uses of an item of the price list: `amount / per` of its unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Metered {
    /// The item, by its name in the price list.
    pub item: String,
    /// How much, in parts of the unit.
    pub amount: u128,
    /// How many of these parts are one unit.
    pub per: u128,
}

/// Bytes of a GB, as AWS bills it (<https://aws.amazon.com/s3/faqs/>).
const GB: u128 = 1 << 30;

/// Days of a month.
const DAYS: u128 = 30;

impl Metered {
    /// So many of an item.
    #[must_use]
    pub fn count(item: &str, count: u64) -> Self {
        Self {
            item: item.to_owned(),
            amount: count.into(),
            per: 1,
        }
    }

    /// So many bytes, in GB.
    #[must_use]
    pub fn bytes(item: &str, bytes: u64) -> Self {
        Self {
            item: item.to_owned(),
            amount: bytes.into(),
            per: GB,
        }
    }

    /// So many bytes kept so many days, in GB-months of 30 days.
    #[must_use]
    pub fn kept(item: &str, bytes: u64, days: u64) -> Self {
        Self {
            item: item.to_owned(),
            amount: u128::from(bytes).saturating_mul(days.into()),
            per: GB * DAYS,
        }
    }

    /// So many times a number of MB for so many milliseconds, in GB-seconds.
    #[must_use]
    pub fn memory(item: &str, times: u64, megabytes: u64, milliseconds: u64) -> Self {
        let amount = u128::from(times)
            .saturating_mul(megabytes.into())
            .saturating_mul(milliseconds.into());
        Self {
            item: item.to_owned(),
            amount,
            per: 1024 * 1000,
        }
    }
}
