//! The client-side rate of calls to each service.
//!
//! AWS takes a burst and then so many calls a second, and refuses what comes faster. A small stack
//! never gets so far; a large one waits here rather than for refusals. What is refused all the same
//! is sent again, and slows down all that count with it: others use the account, too.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, SharedHttpClient, SharedHttpConnector,
    http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use tokio::sync::Semaphore;
use tokio::time::Instant;

use super::http_limits::MAX_CONCURRENT_CALLS;
use super::rates::{self, PublishedRate};

/// The errors of refused calls are shorter.
const LONGEST_REFUSAL: usize = 4096;

/// How much of a published rate is used: calls that are sent apart may arrive together.
const USED: f64 = 0.95;
/// What is left of a rate after AWS has refused calls that kept to it, as others use the account, too.
const AFTER_REFUSAL: f64 = 0.7;
/// How much of the rate comes back in a second.
const RECOVERY: f64 = 0.1;
/// At most so much of a rate is given up.
const LEAST_SHARE: f64 = 0.05;
/// The calls of so much time are refused by one decision of AWS.
const ONE_REFUSAL: Duration = Duration::from_secs(1);

/// How often a refused call is sent again before the SDK, or who hurries, gives up an attempt.
const SENT_AGAIN: u32 = 2;
/// The least pause before that; it doubles.
const PAUSE: Duration = Duration::from_millis(250);

/// What is left of a burst, and when that was so.
#[derive(Debug)]
struct TokenBucket {
    left: f64,
    at: Instant,
    /// How much of the rate is used, from 0 to 1.
    share: f64,
    refused_at: Option<Instant>,
}

impl TokenBucket {
    fn full(rate: &PublishedRate, now: Instant) -> Self {
        Self {
            left: rate.burst,
            at: now,
            share: 1.0,
            refused_at: None,
        }
    }

    fn refill(&mut self, rate: &PublishedRate, now: Instant) -> f64 {
        let since = now.saturating_duration_since(self.at).as_secs_f64();
        self.share = (self.share + since * RECOVERY).min(1.0);
        let a_second = rate.a_second * self.share * USED;
        self.left = (self.left + since * a_second).min(rate.burst);
        self.at = now;
        a_second
    }

    /// Takes one; answers how long to wait for it.
    fn take(&mut self, rate: &PublishedRate, now: Instant) -> Duration {
        let a_second = self.refill(rate, now);
        self.left -= 1.0;
        Duration::from_secs_f64((-self.left / a_second).max(0.0))
    }

    /// AWS has refused one as too many: nothing is left of the burst; if nothing was, the rate is lower than published.
    fn refused(&mut self, rate: &PublishedRate, now: Instant) {
        self.refill(rate, now);
        let is_new = self
            .refused_at
            .is_none_or(|at| now.saturating_duration_since(at) >= ONE_REFUSAL);
        if !is_new {
            return;
        }
        self.refused_at = Some(now);
        if self.left > 0.0 {
            self.left = 0.0;
        } else {
            self.share = (self.share * AFTER_REFUSAL).max(LEAST_SHARE);
        }
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

type SharedBuckets = Arc<Mutex<BTreeMap<String, TokenBucket>>>;

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

    /// How long these calls take at least, by service and operation as [`rates::of`] takes them.
    #[must_use]
    pub fn least_time(calls: &[(&str, &str, usize)]) -> Duration {
        let mut together: BTreeMap<String, (&PublishedRate, usize)> = BTreeMap::new();
        for (service, operation, count) in calls {
            if let Some((rate, name)) = rates::of(service, operation) {
                together.entry(name).or_insert((rate, 0)).1 += count;
            }
        }
        #[expect(
            clippy::cast_precision_loss,
            reason = "counts of calls are far smaller"
        )]
        let seconds = together
            .values()
            .map(|(rate, count)| (*count as f64 - rate.burst) / (rate.a_second * USED));
        Duration::from_secs_f64(seconds.fold(0.0, f64::max))
    }

    fn shared(&self) -> SharedBuckets {
        Arc::clone(&self.buckets.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Counts a request; answers how long it has to wait.
    fn wait(&self, (rate, name): &(&'static PublishedRate, String)) -> Duration {
        let now = Instant::now();
        let shared = self.shared();
        let mut buckets = shared.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(bucket) = buckets.get_mut(name) {
            return bucket.take(rate, now);
        }
        let full = TokenBucket::full(rate, now);
        buckets.entry(name.clone()).or_insert(full).take(rate, now)
    }

    /// AWS has refused this request as too many.
    fn refused(&self, (rate, name): &(&'static PublishedRate, String)) {
        let shared = self.shared();
        let mut buckets = shared.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(bucket) = buckets.get_mut(name) {
            bucket.refused(rate, Instant::now());
        }
    }
}

/// Whether AWS answers that calls come too fast, in the form of any service.
fn is_refusal(answer: &HttpResponse) -> bool {
    if ![400, 429, 503].contains(&answer.status().as_u16()) {
        return false;
    }
    let header = answer.headers().get("x-amzn-errortype").unwrap_or_default();
    let body = answer.body().bytes().unwrap_or_default();
    let body = String::from_utf8_lossy(&body[..body.len().min(LONGEST_REFUSAL)]);
    let codes = [
        "Throttling",
        "TooManyRequestsException",
        "RequestLimitExceeded",
    ];
    codes
        .iter()
        .any(|code| header.contains(code) || body.contains(code))
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
        let Some(counted) = rates::of_request(&request) else {
            return self.connector.call(request);
        };
        let wait = self.rate_limiter.wait(&counted);
        let (connector, rate_limiter) = (self.connector.clone(), self.rate_limiter.clone());
        HttpConnectorFuture::new(async move {
            if !wait.is_zero() {
                tokio::time::sleep(wait).await;
            }
            for number in 0..SENT_AGAIN {
                let Some(again) = request.try_clone() else {
                    break;
                };
                let answer = connector.call(again).await?;
                if !is_refusal(&answer) {
                    return Ok(answer);
                }
                rate_limiter.refused(&counted);
                let wait = rate_limiter.wait(&counted);
                tokio::time::sleep(wait.max(PAUSE * 2_u32.pow(number))).await;
            }
            let answer = connector.call(request).await?;
            if is_refusal(&answer) {
                rate_limiter.refused(&counted);
            }
            Ok(answer)
        })
    }
}

#[cfg(test)]
mod tests {
    use aws_smithy_types::body::SdkBody;

    use super::*;

    /// How long the next call of an operation waits.
    fn next(limiter: &RateLimiter, (service, operation): (&str, &str)) -> f64 {
        rates::of(service, operation).map_or(0.0, |of| limiter.wait(&of).as_secs_f64())
    }

    /// How long the last of so many calls waits.
    fn seconds(of: (&str, &str), calls: usize) -> f64 {
        let limiter = RateLimiter::default();
        (0..calls).fold(0.0, |_, _| next(&limiter, of))
    }

    const LAMBDA: (&str, &str) = ("lambda", "CreateFunction");

    fn close(one: f64, other: f64) {
        assert!((one - other).abs() < 1e-6, "{one} {other}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_burst_passes_and_the_rest_is_spread() {
        close(seconds(LAMBDA, 30), 0.0);
        close(seconds(LAMBDA, 45), 1.0 / USED);
        close(seconds(("logs", "PutRetentionPolicy"), 20), 2.0 / USED);
        close(seconds(("states", "CreateStateMachine"), 110), 10.0 / USED);
        close(seconds(("states", "DescribeStateMachine"), 110), 0.0);
        close(seconds(("s3", ""), 100_000), 0.0);
    }

    #[tokio::test(start_paused = true)]
    async fn what_counts_together_waits_together() {
        let limiter = RateLimiter::default();
        for _ in 0..30 {
            next(&limiter, LAMBDA);
        }
        assert!(next(&limiter, ("lambda", "TagResource")) > 0.0);
        close(next(&limiter, ("lambda", "GetFunction")), 0.0);
        close(next(&limiter, ("lambda", "GetPolicy")), 0.0);
    }

    #[tokio::test(start_paused = true)]
    async fn clones_and_those_that_have_joined_share_a_rate() {
        let (one, other, third) = (
            RateLimiter::default(),
            RateLimiter::default(),
            RateLimiter::default(),
        );
        let (clone, joined) = (one.clone(), other.clone());
        other.join(&one);
        other.join(&one);
        for _ in 0..30 {
            next(&one, LAMBDA);
        }
        assert!(next(&clone, LAMBDA) > 0.0 && next(&joined, LAMBDA) > 0.0);
        close(next(&third, LAMBDA), 0.0);
    }

    #[test]
    fn the_slowest_rate_says_how_long_it_takes() {
        let seconds = |calls: &[(&str, &str, usize)]| RateLimiter::least_time(calls).as_secs_f64();
        close(
            seconds(&[("lambda", "GetFunction", 90), ("s3", "", 9000)]),
            0.0,
        );
        close(
            seconds(&[
                ("lambda", "TagResource", 100),
                ("lambda", "CreateFunction", 120),
            ]),
            190.0 / 15.0 / USED,
        );
        close(
            seconds(&[("states", "CreateStateMachine", 130)]),
            30.0 / USED,
        );
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_not_taken_comes_back() {
        let limiter = RateLimiter::default();
        for _ in 0..30 {
            next(&limiter, LAMBDA);
        }
        assert!(next(&limiter, LAMBDA) > 0.0);
        tokio::time::sleep(Duration::from_secs(1)).await;
        close(next(&limiter, LAMBDA), 0.0);
    }

    #[tokio::test(start_paused = true)]
    async fn what_aws_refuses_slows_all_down_until_it_takes_them_again() {
        let limiter = RateLimiter::default();
        let lambda = rates::of("lambda", "").unwrap();
        next(&limiter, LAMBDA);
        // The burst of AWS is smaller.
        limiter.refused(&lambda);
        close(next(&limiter, LAMBDA), 1.0 / 15.0 / USED);
        // Those of the same second were on their way.
        limiter.refused(&lambda);
        close(next(&limiter, LAMBDA), 2.0 / 15.0 / USED);
        for _ in 0..60 {
            next(&limiter, LAMBDA);
        }
        tokio::time::sleep(Duration::from_secs(2)).await;
        let before = next(&limiter, LAMBDA);
        limiter.refused(&lambda);
        let after = next(&limiter, LAMBDA);
        assert!(after > before / AFTER_REFUSAL, "{before} {after}");
        for _ in 0..100 {
            tokio::time::sleep(Duration::from_secs(2)).await;
            limiter.refused(&lambda);
        }
        tokio::time::sleep(Duration::from_mins(1)).await;
        for _ in 0..30 {
            close(next(&limiter, LAMBDA), 0.0);
        }
    }

    #[test]
    fn refusals_are_known_in_the_form_of_each_service() {
        let answer = |status: u16, body: &'static str| {
            HttpResponse::new(status.try_into().unwrap(), SdkBody::from(body))
        };
        assert!(is_refusal(&answer(
            400,
            r#"{"__type":"com.amazonaws.logs#ThrottlingException"}"#
        )));
        assert!(is_refusal(&answer(
            400,
            "<Error><Code>Throttling</Code></Error>"
        )));
        assert!(!is_refusal(&answer(200, "ThrottlingException")));
        assert!(!is_refusal(&answer(
            400,
            r#"{"__type":"ValidationException"}"#
        )));
        let mut lambda = answer(429, r#"{"Reason":"CallerRateLimitExceeded"}"#);
        lambda
            .headers_mut()
            .insert("x-amzn-errortype", "TooManyRequestsException");
        assert!(is_refusal(&lambda));
    }
}
