//! Reporting surveys that take long.

use std::time::Duration;

use super::Event;
use super::frontend::Reporter;
use crate::engine::PendingReads;
use crate::source::counted;

/// The time after which a survey is reported.
const SILENT: Duration = Duration::from_secs(2);
/// Reads that take less are not worth a sentence.
const SHORT: Duration = Duration::from_secs(5);

/// Waits for a survey of AWS, and sends one event if it takes longer than two seconds.
pub(super) async fn slow<T>(out: &Reporter<'_>, what: &str, survey: impl Future<Output = T>) -> T {
    reading(out, (Some(what), 1), PendingReads::default, survey).await
}

/// The same of a survey that reads what it has listed so many `times`: if that takes long, how long is said. Without a
/// name nothing else is.
pub(super) async fn reading<T>(
    out: &Reporter<'_>,
    (what, times): (Option<&str>, u32),
    pending: impl Fn() -> PendingReads,
    survey: impl Future<Output = T>,
) -> T {
    let mut survey = std::pin::pin!(survey);
    let (mut is_named, mut is_told) = (false, false);
    loop {
        tokio::select! {
            seen = &mut survey => return seen,
            () = tokio::time::sleep(SILENT) => {}
        }
        if let (Some(what), false) = (what, is_named) {
            is_named = true;
            out.send(Event::Surveying {
                what: what.to_owned(),
                seconds: SILENT.as_secs(),
            });
        }
        let PendingReads { resources, time } = pending();
        if !is_told && time >= SHORT {
            is_told = true;
            let seconds = u64::from(times) * time.as_secs();
            let often = if times > 1 { ", twice" } else { "" };
            out.info(format!(
                "whose {} are is only seen in their tags: at the rate that AWS allows, reading them{often} takes about \
                 {seconds} s more",
                counted(resources, "resource")
            ));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::*;
    use crate::ops::Error;
    use crate::ops::command::Commands;
    use crate::ops::command::GivenOptions;
    use crate::ops::frontend::{Frontend, FrontendFuture, Question};
    use crate::ops::masking::Masker;

    #[derive(Default)]
    struct Heard(Mutex<Vec<String>>);

    impl Frontend for Heard {
        fn event(&self, event: &Event) {
            let said = serde_json::to_string(event).unwrap();
            self.0.lock().unwrap().push(said);
        }

        fn confirm<'a>(&'a self, _: &'a Question) -> FrontendFuture<'a, Result<bool, Error>> {
            Box::pin(async { Ok(true) })
        }
    }

    /// What is said while so many functions are read, 15 a second.
    async fn said(functions: u64, what: Option<&str>, times: u32) -> Vec<String> {
        let (heard, masker) = (Heard::default(), Masker::default());
        let out = Reporter::new(&heard, &masker, Commands::with(&GivenOptions::default()));
        let left = AtomicU64::new(functions);
        let pending = || {
            let left = left.load(Ordering::SeqCst);
            PendingReads {
                resources: usize::try_from(left).unwrap(),
                time: Duration::from_secs(left / 15),
            }
        };
        let survey = async {
            while left.load(Ordering::SeqCst) > 0 {
                tokio::time::sleep(Duration::from_secs(1)).await;
                let read = left.load(Ordering::SeqCst).min(15);
                left.fetch_sub(read, Ordering::SeqCst);
            }
        };
        reading(&out, (what, times), pending, survey).await;
        heard.0.into_inner().unwrap()
    }

    #[tokio::test(start_paused = true)]
    async fn how_long_a_crowded_account_takes_is_said_once() {
        let heard = said(1_000, Some("all of it"), 1).await;
        assert_eq!(heard.len(), 2, "{heard:?}");
        assert!(heard[0].contains("all of it"), "{heard:?}");
        assert!(
            heard[1].contains("970 resources") || heard[1].contains("985 resources"),
            "{heard:?}"
        );
        assert!(
            heard[1].contains(" 64 s more") || heard[1].contains(" 65 s more"),
            "{heard:?}"
        );
        let proof = said(1_000, None, 2).await;
        assert!(proof.len() == 1 && proof[0].contains("twice"), "{proof:?}");
        assert_eq!(said(60, None, 2).await, [""; 0]);
        assert_eq!(said(15, Some("all of it"), 1).await, [""; 0]);
    }
}
