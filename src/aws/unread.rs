//! How many tags are still to be read, so that a long look can say how long it takes.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::Aws;
use super::transport::rate_limiter::RateLimiter;
use crate::engine::PendingReads;

/// The reads that are ahead, by service as ARNs name it. Clones share them.
#[derive(Debug, Clone, Default)]
pub struct UnreadTags(Arc<Mutex<BTreeMap<String, usize>>>);

/// Some of them. What is left of them when it is dropped is not read any more.
#[derive(Debug)]
pub struct UnreadOf<'a> {
    all: &'a UnreadTags,
    service: String,
    left: Mutex<usize>,
}

impl UnreadTags {
    /// Adds so many of a service.
    pub fn add(&self, service: &str, count: usize) -> UnreadOf<'_> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *all.entry(service.to_owned()).or_default() += count;
        UnreadOf {
            all: self,
            service: service.to_owned(),
            left: Mutex::new(count),
        }
    }

    /// How many there are, and how long they take at the rates that AWS allows.
    #[must_use]
    pub fn pending(&self) -> PendingReads {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let calls = all.iter().map(|(service, count)| {
            let operation = match service.as_str() {
                "lambda" | "cloudtrail" => "ListTags",
                "iam" => "ListRoleTags",
                _ => "ListTagsForResource",
            };
            (service.as_str(), operation, *count)
        });
        PendingReads {
            resources: all.values().sum(),
            time: RateLimiter::least_time(&calls.collect::<Vec<_>>()),
        }
    }
}

impl Aws {
    /// The marks that are still to be read of what was listed.
    #[must_use]
    pub fn pending_reads(&self) -> PendingReads {
        self.unread.pending()
    }
}

impl UnreadOf<'_> {
    /// Counts one that was read.
    pub fn one_read(&self) {
        let mut left = self.left.lock().unwrap_or_else(PoisonError::into_inner);
        if *left > 0 {
            *left -= 1;
            self.take(1);
        }
    }

    fn take(&self, count: usize) {
        let mut all = self.all.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(of_service) = all.get_mut(&self.service) {
            *of_service = of_service.saturating_sub(count);
        }
    }
}

impl Drop for UnreadOf<'_> {
    fn drop(&mut self) {
        let left = *self.left.lock().unwrap_or_else(PoisonError::into_inner);
        self.take(left);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn what_is_read_or_given_up_is_not_pending() {
        let unread = UnreadTags::default();
        let functions = unread.add("lambda", 900);
        let buckets = unread.add("s3", 300);
        let pending = unread.pending();
        assert_eq!(pending.resources, 1200);
        assert!(pending.time >= Duration::from_secs(30), "{pending:?}");
        for _ in 0..450 {
            functions.one_read();
        }
        assert!(unread.pending().time <= pending.time / 2, "{unread:?}");
        drop((functions, buckets));
        assert_eq!(unread.pending(), PendingReads::default());
    }
}
