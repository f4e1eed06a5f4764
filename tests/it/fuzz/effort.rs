//! How much is tried.

use std::time::{Duration, Instant, SystemTime};

use proptest::strategy::Strategy;
use proptest::test_runner::{Config, RngSeed, TestError, TestRunner};

/// What an input may take at most, in the long form. The quickest of them take microseconds. It is
/// this thread's own time where the system says it, so that a busy machine is no finding.
const LONGEST: Duration = Duration::from_secs(5);

/// Between two looks at the clock.
const ROUND: u32 = 100;

fn round<S: Strategy>(
    cases: u32,
    seed: u64,
    inputs: &S,
    check: impl Fn(S::Value),
) -> Result<(), TestError<S::Value>> {
    let config = Config {
        cases,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(seed),
        max_shrink_time: 60_000,
        max_shrink_iters: 100_000,
        ..Config::default()
    };
    TestRunner::new(config).run(inputs, |input| {
        check(input);
        Ok(())
    })
}

/// So many inputs, the same on every machine and day.
#[track_caller]
pub fn short<S: Strategy>(cases: u32, inputs: &S, check: impl Fn(S::Value)) {
    if let Err(found) = round(cases, 8_128, inputs, check) {
        panic!("{found}");
    }
}

fn from_environment<T: std::str::FromStr>(name: &str) -> Option<T> {
    std::env::var(name).ok()?.parse().ok()
}

/// How long this thread has been at work.
fn worked() -> Option<Duration> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    let nanoseconds = text.split_whitespace().next()?.parse().ok()?;
    Some(Duration::from_nanos(nanoseconds))
}

/// Inputs that were not tried before, for the time that `TREINO_FUZZ_MINUTES` says.
#[track_caller]
pub fn long<S: Strategy>(name: &str, inputs: &S, check: impl Fn(S::Value)) {
    let began = Instant::now();
    let minutes: f64 = from_environment("TREINO_FUZZ_MINUTES").unwrap_or(1.0);
    let runs: Option<u64> = from_environment("TREINO_FUZZ_RUNS");
    let now = SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default();
    let mut seed = from_environment("TREINO_FUZZ_SEED").unwrap_or(now.as_secs());
    let mut tried = 0;
    let timed = |input| {
        let clock = Instant::now();
        let before = worked();
        check(input);
        let took = match (before, worked()) {
            (Some(before), Some(after)) => after.saturating_sub(before),
            _ => clock.elapsed(),
        };
        assert!(took < LONGEST, "it took {took:?}");
    };
    while match runs {
        Some(runs) => tried < runs,
        None => began.elapsed().as_secs_f64() < minutes * 60.0,
    } {
        if let Err(found) = round(ROUND, seed, inputs, timed) {
            panic!("TREINO_FUZZ_SEED={seed}: {found}");
        }
        seed += 1;
        tried += u64::from(ROUND);
    }
    println!(
        "{name}: {tried} inputs in {:?}, none wrong",
        began.elapsed()
    );
}
