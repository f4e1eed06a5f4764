//! What is put under one key, and the executions that its events start, not those of what somebody else puts there at the
//! same time.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use tokio::time::Instant;

use super::RunContext;
use crate::aws::executions;
use crate::ops::Error;

/// The event of another request is taken for one of these puts where theirs has not come after so long: an endpoint that is
/// not AWS may name another id in the event than it gave the request.
const WAITED_AWS: Duration = Duration::from_mins(1);
const WAITED_LOCAL: Duration = Duration::from_secs(2);

/// What was put so far.
#[derive(Debug, Default)]
pub(in crate::ops) struct ObjectPuts {
    /// The ids of the requests.
    requests: Mutex<BTreeSet<String>>,
    /// Since when executions of other requests are seen.
    others: Mutex<Option<Instant>>,
}

impl ObjectPuts {
    /// Puts the file.
    pub(in crate::ops) async fn put(
        &self,
        run: &RunContext<'_>,
        (bucket, key): (&str, &str),
        file: &Path,
    ) -> Result<(), Error> {
        let request = executions::upload(run.aws, bucket, key, file).await?;
        let mut requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
        requests.extend(request);
        Ok(())
    }

    /// The ARNs of the executions that it has started so far, the earliest first.
    pub(in crate::ops) async fn started(
        &self,
        run: &RunContext<'_>,
        (machine, since): (&str, SystemTime),
        object: (&str, &str),
        known: &BTreeSet<String>,
    ) -> Result<Vec<String>, Error> {
        let of = (known, run.is_local);
        let found = executions::started_by_object(run.aws, machine, since, object, of).await?;
        let wait = if run.is_local {
            WAITED_LOCAL
        } else {
            WAITED_AWS
        };
        Ok(self.own(found, wait))
    }

    /// Those of the executions that are of these puts, by the requests that their events name.
    fn own(&self, found: Vec<(String, Option<String>)>, wait: Duration) -> Vec<String> {
        let requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
        let is_own = |request: &Option<String>| {
            let request = request.as_ref();
            requests.is_empty() || request.is_none_or(|id| requests.contains(id))
        };
        if found.is_empty() || found.iter().any(|(_, request)| is_own(request)) {
            let own = found.into_iter().filter(|(_, request)| is_own(request));
            return own.map(|(arn, _)| arn).collect();
        }
        let mut others = self.others.lock().unwrap_or_else(PoisonError::into_inner);
        let since = others.get_or_insert_with(Instant::now);
        if since.elapsed() < wait {
            return Vec::new();
        }
        found.into_iter().map(|(arn, _)| arn).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn an_execution_of_another_put_is_not_taken_for_ones_own() {
        let puts = ObjectPuts::default();
        puts.requests.lock().unwrap().insert("mine".to_owned());
        let execution =
            |arn: &str, request: Option<&str>| (arn.to_owned(), request.map(String::from));
        let other = execution("other", Some("theirs"));
        let mine = execution("mine", Some("mine"));
        let minute = Duration::from_mins(1);
        assert_eq!(puts.own(vec![other.clone()], minute), [""; 0]);
        assert_eq!(puts.own(vec![other.clone(), mine], minute), ["mine"]);
        // An event that names no request may be one's own.
        let unnamed = execution("unnamed", None);
        assert_eq!(puts.own(vec![other.clone(), unnamed], minute), ["unnamed"]);
        // Where ids never agree, the execution is found all the same.
        tokio::time::advance(minute).await;
        assert_eq!(puts.own(vec![other], minute), ["other"]);
        assert_eq!(puts.own(Vec::new(), minute), [""; 0]);
    }
}
