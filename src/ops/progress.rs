//! Reporting surveys that take long.

use std::time::Duration;

use super::Event;
use super::frontend::Reporter;

/// The time after which a survey is reported.
const SILENT: Duration = Duration::from_secs(2);

/// Waits for a survey of AWS, and sends one event if it takes longer than two seconds.
pub(super) async fn slow<T>(out: &Reporter<'_>, what: &str, survey: impl Future<Output = T>) -> T {
    let mut survey = std::pin::pin!(survey);
    tokio::select! {
        seen = &mut survey => return seen,
        () = tokio::time::sleep(SILENT) => {}
    }
    out.send(Event::Surveying {
        what: what.to_owned(),
        seconds: SILENT.as_secs(),
    });
    survey.await
}
