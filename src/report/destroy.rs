//! What a destroy came to, as text; its receipt is drawn by itself.

use super::local::not_running;
use super::status::with_seen;
use crate::ops::Event;

/// That there is nothing to destroy.
pub(super) fn nothing_owned(event: &Event) -> String {
    let Event::NothingOwned {
        stack,
        region,
        account,
        complete,
        seen,
        known,
        ..
    } = event
    else {
        return String::new();
    };
    let (Some(region), Some(account)) = (region, account) else {
        return format!("{stack} has no resources: {}", not_running());
    };
    let nothing = if *complete {
        "has no resources"
    } else {
        "has no resources that these credentials can list"
    };
    let head = format!("{stack} {nothing} in {region}, account {account}");
    with_seen(head, stack, region, (*known, seen))
}
