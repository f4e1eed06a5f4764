//! Putting a file until its event starts an execution.
//!
//! What is put before the rule, the bucket's notifications or the trail work is lost for good: AWS keeps no event
//! for a rule that comes later. So the file is put again from time to time.

use std::time::Duration;

use tokio::time::Instant;

use crate::ops::Error;

/// How often is looked, and put again.
#[derive(Debug, Clone, Copy)]
pub(in crate::ops) struct Times {
    /// How long an execution is waited for.
    pub(in crate::ops) wait: Duration,
    /// The pause between two looks.
    pub(in crate::ops) poll: Duration,
}

/// After so long the file is put again.
const AGAIN: Duration = Duration::from_mins(1);
/// After so long it is said what is waited for.
const SILENT: Duration = Duration::from_secs(3);

/// What puts the file and looks for executions.
pub(in crate::ops) trait Put: Sync {
    /// Puts the file, for the first time or again.
    fn put(&self, puts: u32) -> impl Future<Output = Result<(), Error>> + Send;
    /// The executions that the file has started so far, the earliest first.
    fn started(&self) -> impl Future<Output = Result<Vec<String>, Error>> + Send;
    /// Says what is waited for.
    fn say_waiting(&self) -> impl Future<Output = ()> + Send;
}

/// What a file has started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::ops) struct Started {
    /// The executions, the earliest first; none if the time is over.
    pub(in crate::ops) executions: Vec<String>,
    /// How often the file was put.
    pub(in crate::ops) puts: u32,
}

/// Puts a file, and again every minute, until it has started an execution or the time is over.
///
/// # Errors
/// A call fails.
pub(in crate::ops) async fn until_started(file: &impl Put, times: Times) -> Result<Started, Error> {
    let began = Instant::now();
    let (mut puts, mut latest) = (1, Instant::now());
    file.put(puts).await?;
    let mut said = false;
    loop {
        let executions = file.started().await?;
        if !executions.is_empty() || began.elapsed() >= times.wait {
            return Ok(Started { executions, puts });
        }
        if !said && began.elapsed() > SILENT {
            file.say_waiting().await;
            said = true;
        }
        if latest.elapsed() >= AGAIN {
            puts += 1;
            latest = Instant::now();
            file.put(puts).await?;
        }
        let left = times.wait.saturating_sub(began.elapsed());
        tokio::time::sleep(times.poll.min(left.max(Duration::from_millis(1)))).await;
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    /// AWS, where what is put works from some time on, and each event starts an execution some time later.
    struct Model {
        began: Instant,
        works_from: Duration,
        late_by: Duration,
        put_at: Mutex<Vec<Duration>>,
    }

    impl Model {
        fn new(works_from: u64, late_by: u64) -> Self {
            Self {
                began: Instant::now(),
                works_from: Duration::from_secs(works_from),
                late_by: Duration::from_secs(late_by),
                put_at: Mutex::default(),
            }
        }
    }

    impl Put for Model {
        async fn put(&self, puts: u32) -> Result<(), Error> {
            let mut put_at = self.put_at.lock().unwrap();
            put_at.push(self.began.elapsed());
            assert_eq!(put_at.len(), puts as usize);
            Ok(())
        }

        async fn started(&self) -> Result<Vec<String>, Error> {
            let put_at = self.put_at.lock().unwrap();
            let heard = put_at.iter().filter(|at| **at >= self.works_from);
            let started = heard.filter(|at| **at + self.late_by <= self.began.elapsed());
            Ok(started.map(|at| at.as_secs().to_string()).collect())
        }

        async fn say_waiting(&self) {}
    }

    async fn waited(model: &Model, minutes: u64) -> Started {
        let times = Times {
            wait: Duration::from_mins(minutes),
            poll: Duration::from_secs(1),
        };
        until_started(model, times).await.unwrap()
    }

    #[tokio::test(start_paused = true)]
    async fn row_50_a_file_whose_event_is_lost_is_put_again() {
        // A bucket's notifications begin after five minutes.
        let model = Model::new(300, 2);
        let started = waited(&model, 10).await;
        assert_eq!(started.executions.len(), 1, "{started:?}");
        assert_eq!(started.puts, 6);
        let pauses = model.put_at.lock().unwrap();
        assert!(
            pauses
                .windows(2)
                .all(|two| two[1].saturating_sub(two[0]) >= AGAIN),
            "{pauses:?}"
        );
    }

    /// The event was late, not lost: both start the work, and both are answered.
    #[tokio::test(start_paused = true)]
    async fn row_50_an_event_that_was_only_late_is_the_one_that_counts() {
        let model = Model::new(0, 90);
        let started = waited(&model, 10).await;
        assert_eq!(
            (started.executions.as_slice(), started.puts),
            (&["0".to_owned()][..], 2)
        );
        tokio::time::sleep(Duration::from_mins(2)).await;
        assert_eq!(model.started().await.unwrap(), ["0", "60"]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_file_that_works_at_once_is_put_once() {
        let started = waited(&Model::new(0, 5), 10).await;
        assert_eq!((started.executions.len(), started.puts), (1, 1));
    }

    #[tokio::test(start_paused = true)]
    async fn the_wait_ends() {
        let model = Model::new(10_000, 0);
        let started = waited(&model, 3).await;
        assert_eq!(started.executions, Vec::<String>::new());
        assert_eq!(model.began.elapsed(), Duration::from_mins(3));
    }
}
