//! The calls behind `treino logs`: reading log groups as one, and what an execution called.

use std::collections::{BTreeMap, VecDeque};
use std::hash::{DefaultHasher, Hash, Hasher};

use aws_sdk_cloudwatchlogs::types::FilteredLogEvent;
use futures_util::future::try_join_all;

use super::Aws;
use super::resources::absent;
use super::transport::error::ForCall;
use super::transport::pages::Pages;
use crate::engine::ProviderError;

/// Events reach CloudWatch Logs late and out of order: each look begins this much before the latest
/// event known, in milliseconds, and leaves out what was seen already.
const OVERLAP: i64 = 30_000;
/// How many events are remembered before the old ones are forgotten.
const MOST_KNOWN: usize = 20_000;

/// A log event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// When, in milliseconds since 1970.
    pub at: i64,
    /// Its stream: one running copy of a function.
    pub stream: String,
    /// What was written.
    pub message: String,
}

/// A log group that is read.
#[derive(Debug, Default)]
struct LogGroupReader {
    group: String,
    from: i64,
    token: Option<String>,
    /// The pages of this look so far.
    ends: Option<Pages>,
    /// Whether this look has reached the end.
    done: bool,
    exists: bool,
    latest: Option<i64>,
    waiter: VecDeque<Line>,
    /// What was seen and may be read again, with its time.
    seen: BTreeMap<u64, i64>,
    /// How often the same text stood at the same place in this look, with its time.
    same: BTreeMap<u64, (i64, u32)>,
}

/// Several log groups, read as one list in the order of time.
#[derive(Debug)]
pub struct Tail {
    readers: Vec<LogGroupReader>,
    wait_for: Option<i64>,
}

impl Tail {
    /// These groups, from a time and, where one is given, until one; in milliseconds since 1970.
    #[must_use]
    pub fn of(groups: &[String], from: i64, wait_for: Option<i64>) -> Self {
        let reader = |group: &String| LogGroupReader {
            group: group.clone(),
            from,
            ..LogGroupReader::default()
        };
        Self {
            readers: groups.iter().map(reader).collect(),
            wait_for,
        }
    }

    /// The next event of this look with the number of its group; nothing at the end of the look.
    ///
    /// # Errors
    /// What CloudWatch Logs answers; a group that is missing is empty.
    pub async fn next(&mut self, aws: &Aws) -> Result<Option<(usize, Line)>, ProviderError> {
        let wait_for = self.wait_for;
        let empty = self.readers.iter_mut().filter(|reader| reader.waits());
        try_join_all(empty.map(|reader| reader.fetch_page(aws, wait_for))).await?;
        let heads = self.readers.iter().enumerate();
        let first = heads
            .filter_map(|(number, reader)| Some((reader.waiter.front()?.at, number)))
            .min();
        let Some((_, number)) = first else {
            return Ok(None);
        };
        let line = self
            .readers
            .get_mut(number)
            .and_then(|reader| reader.waiter.pop_front());
        Ok(line.map(|line| (number, line)))
    }

    /// Begins another look, for what came since.
    pub fn look_again(&mut self) {
        for reader in &mut self.readers {
            reader.look_again();
        }
    }

    /// The groups that were not there.
    pub fn missing(&self) -> impl Iterator<Item = &str> {
        let missing = self.readers.iter().filter(|reader| !reader.exists);
        missing.map(|reader| reader.group.as_str())
    }
}

impl LogGroupReader {
    fn waits(&self) -> bool {
        self.waiter.is_empty() && !self.done
    }

    async fn fetch_page(&mut self, aws: &Aws, wait_for: Option<i64>) -> Result<(), ProviderError> {
        // A page may be empty and still not be the last.
        while self.waits() {
            let call = aws
                .logs
                .filter_log_events()
                .log_group_name(&self.group)
                .start_time(self.from)
                .set_end_time(wait_for)
                .set_next_token(self.token.clone());
            let answer = call
                .send()
                .await
                .for_call("CloudWatch Logs", "FilterLogEvents");
            let page = absent(answer, &["ResourceNotFoundException"])?;
            self.exists = page.is_some();
            let Some(page) = page else {
                self.done = true;
                return Ok(());
            };
            self.token = page.next_token.filter(|token| !token.is_empty());
            let begun = || Pages::of("CloudWatch Logs", "FilterLogEvents");
            let ends = self.ends.get_or_insert_with(begun);
            ends.next(self.token.as_deref())?;
            self.done = self.token.is_none();
            for event in page.events.unwrap_or_default() {
                self.take(event);
            }
        }
        Ok(())
    }

    fn take(&mut self, event: FilteredLogEvent) {
        let line = Line {
            at: event.timestamp.unwrap_or_default(),
            stream: event.log_stream_name.unwrap_or_default(),
            // A function's line is kept with its end.
            message: event
                .message
                .map(|text| text.trim_end_matches(['\r', '\n']).to_owned())
                .unwrap_or_default(),
        };
        let key = if let Some(id) = event.event_id {
            hash(&id)
        } else {
            // Emulators give none. The same text at the same time and place is told apart by counting.
            let place = hash(&(&line.stream, line.at, &line.message));
            let (_, nth) = self.same.entry(place).or_insert((line.at, 0));
            *nth += 1;
            hash(&(place, *nth))
        };
        if self.seen.insert(key, line.at).is_none() {
            self.latest = self.latest.max(Some(line.at));
            self.waiter.push_back(line);
        }
        if self.seen.len() > MOST_KNOWN {
            self.prune_seen();
        }
    }

    /// Removes the lines older than the start of every later read.
    fn prune_seen(&mut self) {
        let from = self.latest.map_or(self.from, before);
        self.seen.retain(|_, at| *at >= from);
        self.same.retain(|_, (at, _)| *at >= from);
    }

    fn look_again(&mut self) {
        self.prune_seen();
        if let Some(latest) = self.latest {
            self.from = self.from.max(before(latest));
        }
        self.same.clear();
        self.token = None;
        self.ends = None;
        self.done = false;
    }
}

/// Where a look begins after this time.
fn before(latest: i64) -> i64 {
    latest.saturating_sub(OVERLAP)
}

fn hash(value: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(id: Option<&str>, at: i64, message: &str) -> FilteredLogEvent {
        FilteredLogEvent::builder()
            .set_event_id(id.map(String::from))
            .timestamp(at)
            .log_stream_name("s")
            .message(message)
            .build()
    }

    fn read(reader: &mut LogGroupReader) -> Vec<String> {
        let lines = std::mem::take(&mut reader.waiter);
        lines.into_iter().map(|line| line.message).collect()
    }

    #[test]
    fn what_is_read_again_is_shown_once_and_what_came_late_is_not_lost() {
        let mut reader = LogGroupReader::default();
        reader.take(event(Some("1"), 100_000, "a"));
        reader.take(event(Some("2"), 100_000, "a"));
        assert_eq!(read(&mut reader), ["a", "a"]);
        reader.look_again();
        assert_eq!(reader.from, 70_000);
        // It was written earlier and came later.
        reader.take(event(Some("3"), 90_000, "late"));
        reader.take(event(Some("1"), 100_000, "a"));
        reader.take(event(Some("2"), 100_000, "a"));
        reader.take(event(Some("4"), 140_000, "new"));
        assert_eq!(read(&mut reader), ["late", "new"]);
        reader.look_again();
        // What cannot be read again is forgotten.
        assert_eq!((reader.from, reader.seen.len()), (110_000, 1));
    }

    #[test]
    fn without_ids_equal_lines_are_counted() {
        let mut reader = LogGroupReader::default();
        reader.take(event(None, 5, "x"));
        reader.take(event(None, 5, "x"));
        assert_eq!(read(&mut reader), ["x", "x"]);
        reader.look_again();
        reader.take(event(None, 5, "x"));
        reader.take(event(None, 5, "x"));
        reader.take(event(None, 5, "x"));
        assert_eq!(read(&mut reader), ["x"]);
    }
}
