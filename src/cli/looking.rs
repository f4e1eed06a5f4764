//! A look at what stands, which says so where it takes its time.

use std::time::{Duration, Instant};

use crate::report::{self, Out, StatusLine};

/// What takes no longer needs no word.
const SILENT: Duration = Duration::from_secs(2);
/// How often a line in a terminal is drawn anew.
const DRAWN: Duration = Duration::from_secs(1);

/// Waits for a look, and says what is looked at if it takes long.
pub(super) async fn looking<T>(out: Out, what: &str, look: impl Future<Output = T>) -> T {
    let began = Instant::now();
    let mut look = std::pin::pin!(look);
    tokio::select! {
        seen = &mut look => return seen,
        () = tokio::time::sleep(SILENT) => {}
    }
    let live = StatusLine::new(out);
    if !live.is_drawn() {
        out.aside(report::dim(&format!("looking at {what}")));
        return look.await;
    }
    loop {
        live.show(format!("looking at {what} {} s", began.elapsed().as_secs()));
        tokio::select! {
            seen = &mut look => return seen,
            () = tokio::time::sleep(DRAWN) => {}
        }
    }
}
