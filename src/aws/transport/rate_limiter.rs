//! The client-side rate of calls to each service.
//!
//! AWS takes a burst and then so many calls a second, and refuses what comes faster. A small stack
//! never gets so far; a large one waits here rather than for refusals. What is refused all the same
//! is tried again by the SDK.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, SharedHttpClient, SharedHttpConnector,
    http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use tokio::sync::Semaphore;
use tokio::time::Instant;

use super::http_limits::MAX_CONCURRENT_CALLS;

/// `(service, as signatures name it, calls at once, calls a second)`.
///
/// AWS limits most calls each by itself, and says so of some: Lambda takes 15 calls of its control
/// plane a second, CloudWatch Logs 10 of the same kind, CloudTrail 10 that read, EventBridge 50. Here
/// all calls of a service share one rate. What is not here takes more than a run can ask.
const SERVICES: &[(&str, f64, f64)] = &[
    ("cloudtrail", 40.0, 10.0),
    ("events", 100.0, 50.0),
    ("glacier", 40.0, 10.0),
    ("iam", 100.0, 20.0),
    ("lambda", 60.0, 15.0),
    ("logs", 60.0, 20.0),
    ("states", 100.0, 20.0),
];

/// Step Functions takes a hundred changes of machines at once, and then one a second.
///
/// <https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html>
const MACHINES: (&str, f64, f64) = ("changes of state machines", 100.0, 1.0);
const MACHINE_CHANGES: &[&str] = &[
    "AWSStepFunctions.CreateStateMachine",
    "AWSStepFunctions.UpdateStateMachine",
    "AWSStepFunctions.DeleteStateMachine",
];

/// What is left of a burst, and when that was so.
#[derive(Debug)]
struct TokenBucket {
    left: f64,
    at: Instant,
}

impl TokenBucket {
    /// Takes one; answers how long to wait for it.
    fn take(&mut self, burst: f64, a_second: f64, now: Instant) -> Duration {
        let since = now.saturating_duration_since(self.at).as_secs_f64();
        self.left = (self.left + since * a_second).min(burst) - 1.0;
        self.at = now;
        Duration::from_secs_f64((-self.left / a_second).max(0.0))
    }
}

/// The rates of calls in one account and region, and how many calls are in flight at most. Clones share
/// them: sessions that work in the same account are given clones of one.
#[derive(Debug, Clone)]
pub struct RateLimiter {
    /// Another limiter's, once this one has joined it.
    buckets: Arc<Mutex<SharedBuckets>>,
    in_flight: Arc<Semaphore>,
}

type SharedBuckets = Arc<Mutex<BTreeMap<&'static str, TokenBucket>>>;

impl Default for RateLimiter {
    fn default() -> Self {
        Self {
            buckets: Arc::default(),
            in_flight: Arc::new(Semaphore::new(MAX_CONCURRENT_CALLS)),
        }
    }
}

impl RateLimiter {
    /// A permit for each call in flight.
    pub fn in_flight(&self) -> Arc<Semaphore> {
        Arc::clone(&self.in_flight)
    }

    /// Shares the rates of another limiter from now on: that both are of one account is known only once they have
    /// connected. What was counted before is forgotten.
    pub fn join(&self, other: &Self) {
        if Arc::ptr_eq(&self.buckets, &other.buckets) {
            return;
        }
        let joined = Arc::clone(&other.buckets.lock().unwrap_or_else(PoisonError::into_inner));
        *self.buckets.lock().unwrap_or_else(PoisonError::into_inner) = joined;
    }

    /// How long these calls take at least, by service as signatures name it; `state_machines` of them create, change or
    /// delete one.
    #[must_use]
    pub fn least_time(calls: &BTreeMap<&str, usize>, state_machines: usize) -> Duration {
        #[expect(
            clippy::cast_precision_loss,
            reason = "counts of calls are far smaller"
        )]
        let seconds =
            |count: usize, burst: f64, a_second: f64| ((count as f64 - burst) / a_second).max(0.0);
        let of_services = SERVICES.iter().map(|(name, burst, a_second)| {
            seconds(calls.get(name).copied().unwrap_or(0), *burst, *a_second)
        });
        let (_, burst, a_second) = MACHINES;
        let longest = of_services.fold(seconds(state_machines, burst, a_second), f64::max);
        Duration::from_secs_f64(longest)
    }

    /// How long these calls take, by service as signatures name it, when no burst is left.
    #[must_use]
    pub fn time_after_burst(calls: &BTreeMap<&str, usize>) -> Duration {
        let of_services = SERVICES.iter().map(|(name, _, a_second)| {
            let count = calls.get(name).copied().unwrap_or(0);
            Duration::try_from_secs_f64(count as f64 / a_second).unwrap_or_default()
        });
        of_services.max().unwrap_or_default()
    }

    /// Counts a request; answers how long it has to wait.
    fn wait(&self, request: &HttpRequest) -> Duration {
        let header = |name: &str| request.headers().get(name).unwrap_or_default();
        // AWS4-HMAC-SHA256 Credential=KEY/DATE/REGION/SERVICE/aws4_request, ...
        let service = header("authorization")
            .split('/')
            .nth(3)
            .unwrap_or_default();
        let of_service = SERVICES.iter().find(|(name, ..)| *name == service);
        let is_change = MACHINE_CHANGES.contains(&header("x-amz-target"));
        let of_machines = is_change.then_some(&MACHINES);
        let now = Instant::now();
        let shared = Arc::clone(&self.buckets.lock().unwrap_or_else(PoisonError::into_inner));
        let mut buckets = shared.lock().unwrap_or_else(PoisonError::into_inner);
        let waits = of_service.into_iter().chain(of_machines);
        let waits = waits.map(|&(name, burst, a_second)| {
            let full = || TokenBucket {
                left: burst,
                at: now,
            };
            let bucket = buckets.entry(name).or_insert_with(full);
            bucket.take(burst, a_second, now)
        });
        waits.max().unwrap_or_default()
    }
}

/// The same client, within these rates.
pub fn rate_limited(client: SharedHttpClient, rate_limiter: RateLimiter) -> SharedHttpClient {
    http_client_fn(move |settings, components| {
        SharedHttpConnector::new(RateLimited {
            connector: client.http_connector(settings, components),
            rate_limiter: rate_limiter.clone(),
        })
    })
}

#[derive(Debug)]
struct RateLimited {
    connector: SharedHttpConnector,
    rate_limiter: RateLimiter,
}

impl HttpConnector for RateLimited {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let wait = self.rate_limiter.wait(&request);
        if wait.is_zero() {
            return self.connector.call(request);
        }
        let connector = self.connector.clone();
        HttpConnectorFuture::new(async move {
            tokio::time::sleep(wait).await;
            connector.call(request).await
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(service: &str, target: &str) -> HttpRequest {
        let mut request = HttpRequest::empty();
        let scope =
            format!("AWS4-HMAC-SHA256 Credential=K/20260101/us-east-1/{service}/aws4_request");
        request.headers_mut().insert("authorization", scope);
        request
            .headers_mut()
            .insert("x-amz-target", target.to_owned());
        request
    }

    /// How long the last of so many calls waits.
    fn seconds(service: &str, target: &str, calls: usize) -> f64 {
        let rate_limiter = RateLimiter::default();
        for _ in 1..calls {
            rate_limiter.wait(&request(service, target));
        }
        rate_limiter.wait(&request(service, target)).as_secs_f64()
    }

    #[tokio::test(start_paused = true)]
    async fn a_burst_passes_and_the_rest_is_spread() {
        assert!(seconds("lambda", "", 60).abs() < 1e-9);
        assert!((seconds("lambda", "", 75) - 1.0).abs() < 1e-9);
        assert!(seconds("s3", "", 100_000).abs() < 1e-9);
    }

    #[tokio::test(start_paused = true)]
    async fn state_machines_change_once_a_second_after_a_hundred() {
        for change in MACHINE_CHANGES {
            assert!(seconds("states", change, 100).abs() < 1e-9);
            assert!((seconds("states", change, 110) - 10.0).abs() < 1e-9);
        }
        let look = "AWSStepFunctions.DescribeStateMachine";
        assert!((seconds("states", look, 110) - 0.5).abs() < 1e-9);
    }

    #[tokio::test(start_paused = true)]
    async fn clones_share_a_rate_and_others_do_not() {
        let (one, other) = (RateLimiter::default(), RateLimiter::default());
        let shared = one.clone();
        for _ in 0..60 {
            one.wait(&request("lambda", ""));
        }
        assert!(!shared.wait(&request("lambda", "")).is_zero());
        assert!(other.wait(&request("lambda", "")).is_zero());
    }

    #[tokio::test(start_paused = true)]
    async fn one_that_joins_another_shares_its_rate() {
        let (one, other) = (RateLimiter::default(), RateLimiter::default());
        let clone = other.clone();
        other.join(&one);
        other.join(&one);
        for _ in 0..60 {
            one.wait(&request("lambda", ""));
        }
        assert!(!clone.wait(&request("lambda", "")).is_zero());
    }

    #[test]
    fn the_slowest_service_says_how_long_it_takes() {
        let seconds = |calls: &[(&str, usize)], machines| {
            RateLimiter::least_time(&calls.iter().copied().collect(), machines).as_secs_f64()
        };
        assert!(seconds(&[("lambda", 60), ("s3", 9000)], 100).abs() < 1e-9);
        assert!((seconds(&[("lambda", 360), ("iam", 200)], 110) - 20.0).abs() < 1e-9);
        assert!((seconds(&[], 130) - 30.0).abs() < 1e-9);
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_not_taken_comes_back() {
        let rate_limiter = RateLimiter::default();
        for _ in 0..60 {
            rate_limiter.wait(&request("lambda", ""));
        }
        assert!(!rate_limiter.wait(&request("lambda", "")).is_zero());
        tokio::time::sleep(Duration::from_secs(1)).await;
        assert!(rate_limiter.wait(&request("lambda", "")).is_zero());
    }
}
